"""What does the index hold now?"""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from time import sleep

from indexer.engines.whoosh.codec import read_toc, segment_path
from indexer.engines.whoosh.folder import Folder
from indexer.engines.whoosh.segment import Segment
from indexer.engines.whoosh.snapshot import Snapshot

_TRIES, _PAUSE = 20, 0.05


class Reading:
    """Opens the newest generation in *folder*, once for all threads; segments that stay are not opened again."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._lock = Lock()
        self._state: tuple[int, ...] = ()
        self._snapshot: Snapshot | None = None
        self._open: dict[Path, Segment] = {}

    def now(self) -> Snapshot:
        """What is held now. Raises the errors of `Folder.check`, and `OSError` or `ValueError` for damage."""
        state = self._folder.state()
        if self._snapshot is None or state != self._state:
            with self._lock:
                if self._snapshot is None or self._folder.state() != self._state:
                    self._reopen()
        assert self._snapshot is not None
        return self._snapshot

    def forget(self) -> None:
        """Let go of what is open."""
        self._snapshot, self._open = None, {}

    def _reopen(self) -> None:
        for attempt in range(_TRIES):
            state = self._folder.state()
            try:
                self._snapshot, self._state = self._opened(), state
                return
            except FileNotFoundError:
                # A writer may have taken a file away meanwhile: then there is another generation to open.
                if attempt == _TRIES - 1 or (state == self._folder.state() and attempt > 2):
                    raise
                sleep(_PAUSE)

    def _opened(self) -> Snapshot:
        self._folder.check()
        current = self._folder.current
        generation, listed = read_toc(current)
        paths = [segment_path(current, segment) for segment in listed]
        self._open = {path: self._open.get(path) or Segment(path) for path in paths}
        name = f"{generation}-{listed[-1].segid if listed else 0}-{sum(segment.deleted_count() for segment in listed)}"
        deleted = [frozenset(segment.deleted_docs()) for segment in listed]
        return Snapshot([self._open[path] for path in paths], deleted, name)
