"""Where does the index lie, and is it whole?"""

from __future__ import annotations

import shutil
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec
from whoosh.filedb.filestore import FileStorage
from whoosh.index import LockError
from whoosh.util.filelock import try_for

from indexer.errors import IndexMissingError, IndexOutdatedError, IndexUnwritableError

VERSION = 5
"""Changes with what the files of an index hold, and with `indexer.words`; other indexes are built anew."""

MANIFEST = "manifest.json"
"""Beside the files of an index: what they should be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What the manifest of every version says."""

    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest(Version):
    """What the manifest of this version says."""

    files: dict[str, tuple[int, int]]
    """The size in bytes, and the checksum, of each."""


_Kind = TypeVar("_Kind", bound=Version)


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

    def state(self) -> tuple[int, ...]:
        """What changes whenever the index does: a look at the folder takes two microseconds."""
        try:
            status = self.current.stat()
        except FileNotFoundError:
            return ()
        return status.st_ino, status.st_mtime_ns

    def seal(self, place: Path) -> None:
        """Note that the index in the folder *place* is whole."""
        files = {path.name: _measure(path) for path in place.iterdir() if _is_index_file(path)}
        fresh = place / f"{MANIFEST}.new"
        fresh.write_bytes(msgspec.json.encode(Manifest(version=VERSION, files=files)))
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
