"""What does a step cost? It is run in a process of its own, so that no other step's memory counts."""

from __future__ import annotations

import gc
import multiprocessing
import resource
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from benchmarks import memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a step took, and what it came to. Memory is in bytes."""

    seconds: float
    memory: int
    """Resident at most, above what was before."""

    child: int
    """Resident at most in any one of its children."""

    result: Any


def apart(prepare: Callable[..., Callable[[], Any]], *given: Any) -> Cost:
    """The cost of the function that *prepare* returns in a fresh process; *prepare* itself costs nothing."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_measured, prepare, given).result()


def _measured(prepare: Callable[..., Callable[[], Any]], given: tuple[Any, ...]) -> Cost:
    step = prepare(*given)
    gc.collect()
    memory.forget_peak()
    before = memory.resident()
    started = perf_counter()
    result = step()
    seconds = perf_counter() - started
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    return Cost(seconds=seconds, memory=memory.peak() - before, child=child, result=result)
