"""How is a task done for many things at once, and how is one stopped that takes too long?

Some inputs take a Markdown parser minutes, or crash it. So each thing is done in a process that can be killed: the
thing is given up, and the rest goes on in a new process. multiprocessing's own pools cannot do that to one task.
"""

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

#: Seconds after which this process looks around at the latest.
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

    #: In memory that the process shares: the place of the thing it is at, or was at last; -1 before the first.
    at: Any

    owes: deque[int] = field(default_factory=deque)

    def end(self) -> None:
        self.process.kill()
        self.process.join()
        self.pipe.close()


@dataclass(slots=True)
class Workers(Generic[Thing, Result]):
    """Does *task* for things in up to *jobs* processes, each thing within *seconds*."""

    task: Callable[[Thing], Result]
    jobs: int
    seconds: float
    workers: list[_Worker] = field(default_factory=list)

    #: When this process last looked around, and since when it has done so often.
    looked: float = field(default_factory=monotonic)
    awake: float = field(default_factory=monotonic)

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
            for worker in self.workers:
                worker.end()
            self.workers.clear()

    def _share_out(self, things: Sequence[Thing], waiting: deque[int]) -> None:
        idle = [worker for worker in self.workers if not worker.owes]
        chunk = max(1, min(CHUNK, len(waiting) // (2 * self.jobs)))
        while waiting and (idle or len(self.workers) < self.jobs):
            worker = idle.pop() if idle else self._start(things)
            worker.owes.extend(waiting.popleft() for _ in range(min(chunk, len(waiting))))
            with suppress(OSError):  # it died with nothing to do: that is seen when its results are to be gathered
                worker.pipe.send(list(worker.owes))

    def _start(self, things: Sequence[Thing]) -> _Worker:
        context = _context()
        ours, theirs = context.Pipe()
        at = context.RawValue("q", -1)
        arguments = (self.task, things, theirs, ours, at, self.seconds)
        worker = _Worker(context.Process(target=_work, args=arguments, daemon=True), ours, at)
        worker.process.start()
        theirs.close()
        self.workers.append(worker)
        return worker

    def _gather(self, waiting: deque[int], done: dict[int, Result | Stopped]) -> None:
        ready = wait([worker.pipe for worker in self.workers], timeout=_OFTEN)
        looked, self.looked = self.looked, monotonic()
        if self.looked - looked > 2 * _OFTEN:
            self.awake = self.looked
        for worker in [worker for worker in self.workers if worker.pipe in ready]:
            try:
                done.update((worker.owes.popleft(), result) for result in worker.pipe.recv())
            except (EOFError, OSError):
                self._bury(worker, waiting, done)

    def _bury(self, worker: _Worker, waiting: deque[int], done: dict[int, Result | Stopped]) -> None:
        """What *worker*, which has died, was at is given up; what else it owes goes back to be shared out again."""
        worker.end()
        self.workers.remove(worker)
        late = worker.process.exitcode == -signal.SIGALRM
        # If all of this was stopped, as by Ctrl-Z, or the machine slept, the time of what it was at begins anew.
        blameless = late and self.looked - self.awake < _OFTEN
        place = worker.at.value if worker.at.value >= 0 else worker.owes[0]
        if place in worker.owes and not blameless:
            worker.owes.remove(place)
            too_long = f"takes longer than {self.seconds:g} seconds to read"
            done[place] = Stopped(too_long if late else "stopped the process that read it")
        waiting.extendleft(reversed(worker.owes))


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
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        _limit_memory()
        # What the parent has made is not to be looked through for garbage, again and again, in each process.
        gc.freeze()
        while True:
            places, results, began = pipe.recv(), [], monotonic()
            for place in places:
                at.value = place
                results.append(_done(task, things[place], seconds))
                if monotonic() - began > _TOGETHER:
                    pipe.send(results)
                    results, began = [], monotonic()
            pipe.send(results)


def _done(task: Callable[[Any], Any], thing: Any, seconds: float) -> Any:
    # The alarm ends this process, whatever it is at, and even if the parent is gone.
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        return task(thing)
    except Exception as error:
        return Stopped(f"cannot be read: {type(error).__name__} {error}".rstrip())
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _limit_memory() -> None:
    with suppress(OSError, ValueError, IndexError):
        data = int(Path("/proc/self/statm").read_text().split()[5]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_DATA, (data + MEMORY, resource.RLIM_INFINITY))
