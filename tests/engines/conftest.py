"""Which engines are there, and how does a test get one?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from indexer.engine import Engine
from indexer.engines.whoosh import WhooshEngine
from tests.engines.reference import ReferenceEngine

OpenHandle = Callable[[], Engine]

ENGINES: dict[str, Callable[[Path], Engine]] = {
    "reference": lambda _: ReferenceEngine(),
    "whoosh": partial(WhooshEngine, grace=0.1),
}

PERSISTENT = tuple(name for name in ENGINES if name != "reference")
"""The engines whose posts outlive the process."""


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An engine that holds nothing yet."""
    fresh = ENGINES[request.param](tmp_path / "index")
    fresh.apply()
    yield fresh
    fresh.close()


@pytest.fixture(params=PERSISTENT)
def open_handle(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OpenHandle]:
    """Opens, each time it is called, one more handle to the same posts."""
    handles: list[Engine] = []

    def open_one_more() -> Engine:
        handles.append(ENGINES[request.param](tmp_path / "index"))
        return handles[-1]

    yield open_one_more
    for handle in handles:
        handle.close()
