"""How is a task done for many things at once, and how is one stopped that takes too long?

Some inputs take a Markdown parser minutes, or crash it. So each thing is done in a process that can be killed: the
thing is given up, and the rest goes on in a new process. multiprocessing's own pools cannot do that to one task.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from pathlib import Path
from time import monotonic
from typing import Any, Generic, TypeVar

Thing = TypeVar("Thing")
Result = TypeVar("Result")

CHUNK = 32
"""Things handed to a process at once: enough to keep it busy, few enough to share the work evenly."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """Stands for the result of a thing whose process was killed, or died."""

    reason: str


@dataclass(slots=True, eq=False)
class _Worker(Generic[Thing]):
    """A process, and the things it still owes results for, with the time since which it is at the first."""

    process: Any
    pipe: Connection
    owes: deque[tuple[int, Thing]] = field(default_factory=deque)
    since: float = 0.0

    def give(self, chunk: Sequence[tuple[int, Thing]]) -> None:
        self.owes.extend(chunk)
        self.since = monotonic()
        self.pipe.send([thing for _, thing in chunk])


@dataclass(slots=True)
class Workers(Generic[Thing, Result]):
    """Does *task* for things in up to *jobs* processes, each thing within *seconds*."""

    task: Callable[[Thing], Result]
    jobs: int
    seconds: float
    workers: list[_Worker[Thing]] = field(default_factory=list)

    def map(self, things: Sequence[Thing]) -> Iterator[Result | Stopped]:
        """The results in the order of *things*; the processes end with the last, or when the iterator is closed."""
        waiting = deque(enumerate(things))
        done: dict[int, Result | Stopped] = {}
        try:
            for place in range(len(things)):
                while place not in done:
                    self._share_out(waiting)
                    self._gather(waiting, done)
                yield done.pop(place)
        finally:
            self._end()

    def _share_out(self, waiting: deque[tuple[int, Thing]]) -> None:
        idle = [worker for worker in self.workers if not worker.owes]
        chunk = max(1, min(CHUNK, len(waiting) // (2 * self.jobs)))
        while waiting and (idle or len(self.workers) < self.jobs):
            worker = idle.pop() if idle else self._start()
            things = [waiting.popleft() for _ in range(min(chunk, len(waiting)))]
            try:
                worker.give(things)
            except OSError:
                # It died with nothing to do: another one takes its place.
                waiting.extendleft(reversed(things))
                self.workers.remove(worker)
                _kill(worker)

    def _gather(self, waiting: deque[tuple[int, Thing]], done: dict[int, Result | Stopped]) -> None:
        busy = {worker.pipe: worker for worker in self.workers if worker.owes}
        ready = wait(list(busy), timeout=self._patience())
        for pipe in ready:
            worker = busy[pipe]  # type: ignore[index]
            try:
                result = worker.pipe.recv()
            except (EOFError, OSError):
                self._give_up(worker, "stopped the process that read it", waiting, done)
                continue
            place, _ = worker.owes.popleft()
            done[place] = result
            worker.since = monotonic()
        for worker in busy.values():
            if worker.owes and monotonic() - worker.since > self.seconds:
                self._give_up(worker, f"takes longer than {self.seconds:g} seconds to read", waiting, done)

    def _patience(self) -> float:
        since = min(worker.since for worker in self.workers if worker.owes)
        return max(0.0, since + self.seconds - monotonic()) + 0.01

    def _give_up(
        self,
        worker: _Worker[Thing],
        reason: str,
        waiting: deque[tuple[int, Thing]],
        done: dict[int, Result | Stopped],
    ) -> None:
        """Kill *worker*: what it is at gets *reason*, what else it owes goes back to be shared out again."""
        place, _ = worker.owes.popleft()
        done[place] = Stopped(reason)
        waiting.extendleft(reversed(worker.owes))
        worker.owes.clear()
        self.workers.remove(worker)
        _kill(worker)

    def _start(self) -> _Worker[Thing]:
        context = _context()
        ours, theirs = context.Pipe()
        process = context.Process(target=_work, args=(self.task, theirs, ours, 2 * self.seconds), daemon=True)
        process.start()
        theirs.close()
        worker: _Worker[Thing] = _Worker(process, ours)
        self.workers.append(worker)
        return worker

    def _end(self) -> None:
        for worker in self.workers:
            _kill(worker)
        self.workers.clear()


def forking(task: Callable[..., None], *arguments: Any) -> Any:
    """A new process that does *task* with *arguments*, which it has without a copy being sent; None if it is unsafe."""
    context = _context()
    if context.get_start_method() != "fork":
        return None
    process = context.Process(target=_quietly, args=(task, *arguments))
    process.start()
    return process


def _quietly(task: Callable[..., None], *arguments: Any) -> None:
    # Who started it sees that it failed, does it again, and says why; a traceback here would say it twice.
    try:
        task(*arguments)
    except BaseException:
        os._exit(1)


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _context() -> Any:
    # A fork is ready at once, but copies locks that other threads hold: then a fresh process is safer.
    safe = sys.platform == "linux" and threading.active_count() == 1
    return get_context("fork" if safe else "spawn")


MEMORY = 1 << 30
"""Bytes that a process may take beyond what it begins with."""


def _work(task: Callable[[Any], Any], pipe: Connection, parents: Connection, seconds: float) -> None:
    with suppress(EOFError, OSError, KeyboardInterrupt, MemoryError):
        parents.close()
        # A handler of the parent's would keep the alarm from ending this process.
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        _limit_memory()
        while True:
            for thing in pipe.recv():
                # Should the parent be gone, the alarm ends this process, wherever it hangs.
                signal.setitimer(signal.ITIMER_REAL, seconds)
                result = _done(task, thing)
                signal.setitimer(signal.ITIMER_REAL, 0)
                pipe.send(result)


def _done(task: Callable[[Any], Any], thing: Any) -> Any:
    try:
        return task(thing)
    except Exception as error:
        return Stopped(f"cannot be read: {type(error).__name__} {error}".rstrip())


def _limit_memory() -> None:
    with suppress(OSError, ValueError, IndexError):
        data = int(Path("/proc/self/statm").read_text().split()[5]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_DATA, (data + MEMORY, resource.RLIM_INFINITY))


def _kill(worker: _Worker[Any]) -> None:
    worker.process.kill()
    worker.process.join()
    worker.pipe.close()
