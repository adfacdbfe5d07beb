"""Where does the index lie, and is it whole?"""

from __future__ import annotations

import shutil
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import sleep
from typing import Any, TypeVar

import msgspec
from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC, EmptyIndexError, LockError
from whoosh.util.filelock import try_for

from indexer.engines.whoosh.schema import VERSION
from indexer.errors import IndexMissingError, IndexOutdatedError, IndexUnwritableError

MANIFEST = "manifest.json"
"""Beside the files of an index: what they should be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What the manifest of every version says."""

    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest(Version):
    """What the manifest of this version says."""

    generation: str
    files: dict[str, tuple[int, int]]
    """The size in bytes, and the checksum, of each."""


_Kind = TypeVar("_Kind", bound=Version)


class Files(FileStorage):  # type: ignore[misc]  # Whoosh has no types
    """Whoosh's storage; it also closes what Whoosh leaves open when it fails."""

    def __init__(self, place: Path, opened: list[Any] | None = None) -> None:
        super().__init__(str(place))
        self._opened = [] if opened is None else opened

    def open_file(self, name: str, **options: Any) -> Any:
        """Open a file for reading."""
        self._opened.append(super().open_file(name, **options))
        return self._opened[-1]

    def create_file(self, name: str, **options: Any) -> Any:
        """Open a file for writing."""
        self._opened.append(super().create_file(name, **options))
        return self._opened[-1]

    def temp_storage(self, name: str) -> Files:
        """A folder for files that are not kept."""
        files = Files(Path(self.folder, name), self._opened)
        files.create()
        return files

    def shut(self) -> None:
        """Close every file that is still open."""
        while self._opened:
            file = self._opened.pop()
            if not file.is_closed:
                with suppress(OSError):  # on a full disk
                    file.close()


_TRIES, _PAUSE = 5, 0.02


def generation(place: Path) -> str:
    """The name of what the index in the folder *place* holds now."""
    for _ in range(_TRIES):
        # A writer may have taken the table of contents away between listing and opening.
        with suppress(FileNotFoundError, EmptyIndexError):
            return _generation(place)
        sleep(_PAUSE)
    return _generation(place)


def _generation(place: Path) -> str:
    files = Files(place)
    try:
        contents = TOC.read(files, "MAIN")
        return "-".join([str(contents.generation), *(segment.segid for segment in contents.segments[-1:])])
    finally:
        files.shut()


class Folder:
    """The operator's folder: the index that is in use lies in `current`."""

    def __init__(self, index: Path) -> None:
        self.index = index
        self.current = index / "current"

    def check(self) -> None:
        """Raise an error unless an index of this version lies here."""
        if not (self.current.is_dir() and any(self.current.iterdir())):
            raise IndexMissingError(
                f"{self.index}: nothing is indexed here yet; run `postsearch build`", index=self.index
            )
        if self._read(Version).version != VERSION:
            raise IndexOutdatedError(
                f"{self.index}: indexed by another version of postsearch; run `postsearch build`",
                index=self.index,
            )

    def is_whole(self) -> bool:
        """Whether an index of this version lies here, every file as it was written."""
        try:
            self.check()
            files = self._read(Manifest).files
            return bool(files) and all(_measure(self.current / name) == known for name, known in files.items())
        except (IndexMissingError, IndexOutdatedError, FileNotFoundError, msgspec.DecodeError):
            return False

    def check_sizes(self, now: str) -> None:
        """Raise `EOFError` if a file of the generation *now* has lost a part, which Whoosh may not notice."""
        manifest = self._read(Manifest)
        if manifest.generation == now:  # else a writer is just about to note its own
            for name, (size, _) in manifest.files.items():
                if (self.current / name).stat().st_size != size:
                    raise EOFError(name)

    def seal(self, place: Path) -> None:
        """Note that the index in the folder *place* is whole."""
        files = {path.name: _measure(path) for path in place.iterdir() if _is_index_file(path)}
        fresh = place / f"{MANIFEST}.new"
        fresh.write_bytes(msgspec.json.encode(Manifest(version=VERSION, generation=generation(place), files=files)))
        fresh.replace(place / MANIFEST)

    @contextmanager
    def lock(self, patience: float) -> Iterator[None]:
        """Keep other writers out. Makes the folder; raises `LockError` after *patience* seconds."""
        self.index.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = FileStorage(str(self.index)).lock("lock")
        if not try_for(lock.acquire, timeout=patience):
            raise LockError
        try:
            yield
        finally:
            lock.release()

    def prepare(self) -> Path:
        """An empty folder, to build an index in. Ask for the lock first."""
        self._check_replaceable()
        fresh = self.current.with_suffix(".new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        return fresh

    def install(self, fresh: Path) -> None:
        """Make the index in *fresh* the one that is in use."""
        old = self.current.with_suffix(".old")
        shutil.rmtree(old, ignore_errors=True)
        if self.current.exists():
            self.current.rename(old)
        fresh.rename(self.current)
        shutil.rmtree(old, ignore_errors=True)

    def size(self) -> int:
        """Bytes on disk; a file that a writer takes away meanwhile counts no more."""
        sizes = 0
        for path in self.current.iterdir():
            with suppress(FileNotFoundError):
                sizes += path.stat().st_size
        return sizes

    def _check_replaceable(self) -> None:
        # Somebody else's folder may bear the same name.
        if self.current.exists() and any(not _is_ours(path) for path in _entries(self.current)):
            raise IndexUnwritableError(
                f"{self.current}: holds files that are no index; choose another folder for the index",
                index=self.index,
            )

    def _read(self, kind: type[_Kind]) -> _Kind:
        return msgspec.json.decode((self.current / MANIFEST).read_bytes(), type=kind)


def _entries(folder: Path) -> Iterator[Path]:
    return folder.iterdir() if folder.is_dir() else iter([folder])


def _is_ours(path: Path) -> bool:
    return path.name.startswith((MANIFEST, "MAIN_", "_MAIN_", "MAIN.tmp"))


def _is_index_file(path: Path) -> bool:
    return path.name.startswith(("MAIN_", "_MAIN_")) and path.name != "MAIN_WRITELOCK"


def _measure(path: Path) -> tuple[int, int]:
    data = path.read_bytes()
    return len(data), zlib.crc32(data)
