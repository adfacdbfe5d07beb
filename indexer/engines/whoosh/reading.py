"""What does the index hold now?"""

import os
from contextlib import ExitStack
from pathlib import Path
from threading import Lock
from time import monotonic, sleep
from weakref import finalize

from indexer.engines.whoosh.codec import mapped, read_toc, segment_path
from indexer.engines.whoosh.generations import Generations, hold
from indexer.engines.whoosh.snapshot import Snapshot

_TRIES, _PAUSE = 20, 0.05

#: Seconds after which a generation that could not be opened is tried again.
_AGAIN = 1.0


class Reading:
    """Opens the generation in use, once for all threads; segments that stay are not opened again.

    A newer one that is damaged is not taken: what is held stays what it was, and `trouble` says why.
    """

    def __init__(self, generations: Generations) -> None:
        self._generations = generations
        self._lock = Lock()
        self._state: tuple[int, ...] = ()
        self._snapshot: Snapshot | None = None
        self._after = 0.0
        self.trouble = ""

    def now(self) -> Snapshot:
        """What is held now. Raises the errors of `Generations`, and `OSError` or `ValueError` for damage."""
        snapshot = self._snapshot
        return self._reopened(snapshot) if snapshot is None or self._generations.state() != self._state else snapshot

    def preview(self, place: Path, name: str) -> None:
        """Hold the generation in the folder *place*, which is not in use, until another one is put in use."""
        self._snapshot, self._state = _snapshot(place, name), self._generations.state()

    def forget(self) -> None:
        """Let go of what is open; what a thread is at work with goes once it is done."""
        with self._lock:
            self._snapshot = None

    def _reopened(self, old: Snapshot | None) -> Snapshot:
        # While one thread opens the new generation, the others go on with the old one.
        if not self._lock.acquire(blocking=old is None) and old is not None:
            return old
        try:
            if self._snapshot is None:
                self._snapshot, self._state = self._newest()
            elif self._generations.state() != self._state and monotonic() > self._after:
                self._replace()
            return self._snapshot
        finally:
            self._lock.release()

    def _replace(self) -> None:
        try:
            self._snapshot, self._state = self._newest()
            self.trouble = ""
        except Exception as error:  # whatever is wrong with the new one, the old one is good
            self.trouble, self._after = f"{error}", monotonic() + _AGAIN

    def _newest(self) -> tuple[Snapshot, tuple[int, ...]]:
        for attempt in range(_TRIES):
            state = self._generations.state()
            try:
                return self._opened(), state
            except FileNotFoundError:
                # A writer may have taken it away meanwhile: then there is another one to open.
                if attempt == _TRIES - 1 or (state == self._generations.state() and attempt > 2):
                    raise
                sleep(_PAUSE)
        raise AssertionError

    def _opened(self) -> Snapshot:
        place = self._generations.in_use()
        with ExitStack() as stack:
            held = hold(place)
            stack.callback(os.close, held)
            manifest = self._generations.verified(place)
            snapshot = _snapshot(place, manifest.name)
            finalize(snapshot, os.close, held)
            stack.pop_all()
            return snapshot


def _snapshot(place: Path, name: str) -> Snapshot:
    """The posts in the folder *place*."""
    _, listed = read_toc(place)
    segments = [mapped(segment_path(place, segment)) for segment in listed]
    return Snapshot(segments, [frozenset(segment.deleted_docs()) for segment in listed], name)
