"""What does the index hold now, and who may read it?"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from whoosh.index import LockError

from indexer.engines.whoosh.catalog import Catalog, cards
from indexer.engines.whoosh.folder import Files, Folder, generation
from indexer.engines.whoosh.schema import WEIGHTS

_ATTEMPTS = 10


class Reading:
    """One generation of the index, open."""

    def __init__(self, current: Path, generation: str, catalog: Catalog | None) -> None:
        self.generation = generation
        self._files = Files(current)
        try:
            self.searcher = self._files.open_index().searcher()
            _hold_files(self.searcher.reader())
            self.catalog = catalog or Catalog(cards(self.searcher.reader()))
        except BaseException:
            self.close()
            raise

    def words(self) -> int:
        """How many different words the held posts have."""
        return len({word for leaf, _ in self.searcher.reader().leaf_readers() for word in _live_words(leaf)})

    def close(self) -> None:
        """Let go of the files."""
        self._files.shut()


class ReadingRoom:
    """Lends readings of the index in *folder*, each to one thread at a time.

    They can't be shared: all matchers of one of Whoosh's searchers move one and the same place in a file.
    """

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._idle: deque[Reading] = deque()
        self._known = ("", Catalog({}))

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """A reading of what is held now. Raises `LockError` if that changes too fast to be read."""
        reading = self._lend()
        try:
            yield reading
        except BaseException:
            reading.close()
            raise
        self._idle.append(reading)

    def close(self) -> None:
        """Close the readings that are not lent."""
        while reading := self._take():
            reading.close()

    def _lend(self) -> Reading:
        for _ in range(_ATTEMPTS):
            now = generation(self._folder.current)
            try:
                if reading := self._idle_of(now) or self._opened(now):
                    return reading
            except Exception:  # files that a writer takes away meanwhile look like damage
                if generation(self._folder.current) == now:
                    raise
        raise LockError

    def _idle_of(self, now: str) -> Reading | None:
        while reading := self._take():
            if reading.generation == now:
                return reading
            reading.close()
        return None

    def _opened(self, now: str) -> Reading | None:
        """A new reading, or None if a writer was done meanwhile: it may hold files of two generations."""
        self._folder.check_sizes(now)
        known, catalog = self._known
        reading = Reading(self._folder.current, now, catalog if known == now else None)
        if generation(self._folder.current) != now:
            reading.close()
            return None
        self._known = (now, reading.catalog)
        return reading

    def _take(self) -> Reading | None:
        try:
            return self._idle.pop()
        except IndexError:
            return None


def _hold_files(reader: Any) -> None:
    """Open what Whoosh opens only when it is first needed: by then, a writer may have removed it."""
    for leaf, _ in reader.leaf_readers():
        if leaf.doc_count_all():
            leaf.stored_fields(0)
            for field in WEIGHTS:
                leaf.doc_field_length(0, field)


def _live_words(leaf: Any) -> Iterator[bytes]:
    """The words of a segment, but for those that only dropped posts have."""
    dropped = leaf.doc_count_all() - leaf.doc_count()
    for word in leaf.lexicon("text"):
        if not dropped or leaf.doc_frequency("text", word) > dropped or leaf.postings("text", word).is_active():
            yield word
