"""How is a task done for many things at once, and how is one stopped that takes too long?

Some inputs take a Markdown parser minutes, or crash it. So each thing is done in a process that can be killed: the
thing is given up, and the rest goes on in a new process. multiprocessing's own pools cannot do that to one task.
"""

from __future__ import annotations

import gc
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

#: Things handed to a process at once: enough to keep it busy, few enough to share the work evenly.
CHUNK = 32

#: Seconds for which results are kept, to be sent in one message: one each would cost more than many a thing itself.
_TOGETHER = 0.05

#: Seconds after which the processes are looked after at the latest.
_OFTEN = 1.0


@dataclass(frozen=True, slots=True)
class Stopped:
    """Stands for the result of a thing whose process was killed, or died."""

    reason: str


@dataclass(slots=True, eq=False)
class _Worker:
    """A process, and the places of the things that it still owes results for."""

    process: Any
    pipe: Connection

    #: Two numbers in memory that the process shares: the place of the thing it is at, and since when.
    at: Any

    owes: deque[int] = field(default_factory=deque)

    def give(self, places: Sequence[int]) -> None:
        self.at[:] = places[0], monotonic()
        self.owes.extend(places)
        self.pipe.send(places)

    def stuck(self) -> int:
        """The place of the thing it is at; between two, of the next."""
        return int(self.at[0]) if self.at[0] in self.owes else self.owes[0]


@dataclass(slots=True)
class Workers(Generic[Thing, Result]):
    """Does *task* for things in up to *jobs* processes, each thing within *seconds*."""

    task: Callable[[Thing], Result]
    jobs: int
    seconds: float
    workers: list[_Worker] = field(default_factory=list)

    #: When the processes were last looked after: long ago, if this one did not run for a while.
    looked: float = field(default_factory=monotonic)

    def map(self, things: Sequence[Thing]) -> Iterator[Result | Stopped]:
        """The results in the order of *things*; the processes end with the last, or when the iterator is closed."""
        waiting = deque(range(len(things)))
        done: dict[int, Result | Stopped] = {}
        try:
            for place in range(len(things)):
                while place not in done:
                    self._share_out(things, waiting)
                    self._gather(waiting, done)
                yield done.pop(place)
        finally:
            self._end()

    def _share_out(self, things: Sequence[Thing], waiting: deque[int]) -> None:
        idle = [worker for worker in self.workers if not worker.owes]
        chunk = max(1, min(CHUNK, len(waiting) // (2 * self.jobs)))
        while waiting and (idle or len(self.workers) < self.jobs):
            worker = idle.pop() if idle else self._start(things)
            places = [waiting.popleft() for _ in range(min(chunk, len(waiting)))]
            try:
                worker.give(places)
            except OSError:
                # It died with nothing to do: another one takes its place.
                waiting.extendleft(reversed(places))
                self.workers.remove(worker)
                _kill(worker)

    def _gather(self, waiting: deque[int], done: dict[int, Result | Stopped]) -> None:
        busy = {worker.pipe: worker for worker in self.workers if worker.owes}
        ready = wait(list(busy), timeout=self._patience())
        looked, self.looked = self.looked, monotonic()
        if self.looked - looked > 2 * _OFTEN:
            # All of this was stopped, as by Ctrl-Z, or the machine slept: their time begins anew.
            for worker in busy.values():
                worker.at[1] = self.looked
        for pipe in ready:
            worker = busy.pop(pipe)  # type: ignore[call-overload]
            try:
                results = worker.pipe.recv()
            except (EOFError, OSError):
                self._give_up(worker, "stopped the process that read it", waiting, done)
                continue
            done.update((worker.owes.popleft(), result) for result in results)
        for worker in busy.values():
            if worker.at[0] in worker.owes and self.looked - worker.at[1] > self.seconds:
                self._give_up(worker, f"takes longer than {self.seconds:g} seconds to read", waiting, done)

    def _patience(self) -> float:
        since = min(worker.at[1] for worker in self.workers if worker.owes)
        return min(_OFTEN, max(0.0, float(since) + self.seconds - monotonic()) + 0.01)

    def _give_up(self, worker: _Worker, reason: str, waiting: deque[int], done: dict[int, Result | Stopped]) -> None:
        """Kill *worker*: what it is at gets *reason*, what else it owes goes back to be shared out again."""
        place = worker.stuck()
        _kill(worker)
        self.workers.remove(worker)
        done[place] = Stopped(reason)
        waiting.extendleft(owed for owed in reversed(worker.owes) if owed != place)

    def _start(self, things: Sequence[Thing]) -> _Worker:
        context = _context()
        ours, theirs = context.Pipe()
        at = context.RawArray("d", 2)
        arguments = (self.task, things, theirs, ours, at, 2 * self.seconds)
        process = context.Process(target=_work, args=arguments, daemon=True)
        process.start()
        theirs.close()
        worker = _Worker(process, ours, at)
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


#: Bytes that a process may take beyond what it begins with.
MEMORY = 1 << 30


def _work(
    task: Callable[[Any], Any], things: Sequence[Any], pipe: Connection, parents: Connection, at: Any, seconds: float
) -> None:
    with suppress(EOFError, OSError, KeyboardInterrupt, MemoryError):
        parents.close()
        # A handler of the parent's would keep the alarm from ending this process.
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        _limit_memory()
        # What the parent has made is not to be looked through for garbage, again and again, in each process.
        gc.freeze()
        while True:
            places = deque(pipe.recv())
            while places:
                # Should the parent be gone, the alarm ends this process. It counts the time that the process works:
                # one that was stopped for a while is not to blame.
                signal.setitimer(signal.ITIMER_PROF, seconds)
                results = list(_for_a_moment(task, things, places, at))
                signal.setitimer(signal.ITIMER_PROF, 0)
                pipe.send(results)


def _for_a_moment(task: Callable[[Any], Any], things: Sequence[Any], places: deque[int], at: Any) -> Iterator[Any]:
    """The results for the first of *places*, which are dropped: as many as there are in a moment, but one at least."""
    began = now = monotonic()
    while places and now - began <= _TOGETHER:
        place = places.popleft()
        # In this order: seen in between, a thing that has just begun must not look like one that takes too long.
        at[1], at[0] = now, place
        yield _done(task, things[place])
        now = monotonic()


def _done(task: Callable[[Any], Any], thing: Any) -> Any:
    try:
        return task(thing)
    except Exception as error:
        return Stopped(f"cannot be read: {type(error).__name__} {error}".rstrip())


def _limit_memory() -> None:
    with suppress(OSError, ValueError, IndexError):
        data = int(Path("/proc/self/statm").read_text().split()[5]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_DATA, (data + MEMORY, resource.RLIM_INFINITY))


def _kill(worker: _Worker) -> None:
    worker.process.kill()
    worker.process.join()
    worker.pipe.close()
