"""Which generations of the index are there, and which of them is in use?

    DIR/lock       what the one writer holds
    DIR/current    a link to the generation in use; to replace it is one step
    DIR/000042     a generation. It never changes; files that another one has, too, are hard links

Readers hold a shared lock on their generation, so that a writer knows when it may go.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import TypeVar

import msgspec
from whoosh.filedb.filestore import FileStorage
from whoosh.index import LockError
from whoosh.util.filelock import try_for

from indexer.engines.whoosh import lasting
from indexer.errors import IndexDamagedError, IndexMissingError, IndexOutdatedError, IndexUnwritableError

VERSION = 7
"""Changes with what the files of an index hold, and with `indexer.words`; other indexes are built anew."""

MANIFEST = "manifest.json"
"""Beside the files of a generation: what they should be."""

_FRESH = "fresh"
_PAUSE = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What the manifest of every version says."""

    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest(Version):
    """What the manifest of this version says."""

    name: str
    """The generation's public name: the same for the same posts, however they came to be held."""

    files: dict[str, tuple[int, str]]
    """The size in bytes, and the SHA-256, of each."""


_Kind = TypeVar("_Kind", bound=Version)


class Generations:
    """The operator's folder *index*, with the generations in it."""

    def __init__(self, index: Path) -> None:
        self.index = index
        self.current = index / "current"
        self._current = str(self.current)
        self._verified: set[tuple[object, ...]] = set()

    def state(self) -> tuple[int, ...]:
        """What changes whenever another generation is in use: this takes a microsecond."""
        try:
            status = os.lstat(self._current)
        except FileNotFoundError:
            return ()
        return status.st_ino, status.st_mtime_ns

    def in_use(self) -> Path:
        """The folder of the generation in use. Raises `IndexMissingError`, or `IndexOutdatedError`.

        And `FileNotFoundError` if a writer took it away just now.
        """
        is_link = self.current.is_symlink()
        place = self.index / self.current.readlink() if is_link else self.current
        if not is_link and not (place.is_dir() and any(place.iterdir())):
            raise IndexMissingError(
                f"{self.index}: nothing is indexed here yet; run `postsearch build`", index=self.index
            )
        if _read(place, Version).version != VERSION:
            raise IndexOutdatedError(
                f"{self.index}: indexed by another version of postsearch; run `postsearch build`", index=self.index
            )
        return place

    def verified(self, place: Path) -> Manifest:
        """The manifest of a generation, every file of which is as it was written. A file is read once in its life.

        Raises `IndexDamagedError`, which names the file that is not.
        """
        manifest = _read(place, Manifest)
        for name, known in manifest.files.items():
            seen = _seen(place / name, known)
            if seen not in self._verified:
                if measure(place / name) != known:
                    raise IndexDamagedError(
                        f"{place / name}: is not as it was written; run `postsearch build`", index=self.index
                    )
                self._verified.add(seen)
        return manifest

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

    @contextmanager
    def fresh(self, like: Path | None = None) -> Iterator[Path]:
        """A folder for the next generation, empty or with the files of another; it is gone after, unless published."""
        self._check_replaceable()
        place = self.index / _FRESH
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(mode=0o700)
        try:
            for path in like.iterdir() if like else ():
                if path.name != MANIFEST:
                    os.link(path, place / path.name)
            yield place
        finally:
            shutil.rmtree(place, ignore_errors=True)

    def publish(self, fresh: Path, name: str, like: Path | None = None) -> None:
        """Put the generation in the folder *fresh* in use, once all of it is on the disk."""
        known = _read(like, Manifest).files if like else {}
        files = {path.name: known.get(path.name) or measure(path) for path in fresh.iterdir()}
        self._verified.update(_seen(fresh / file, measured) for file, measured in files.items() if file not in known)
        manifest = msgspec.json.encode(Manifest(version=VERSION, name=name, files=files))
        lasting.write(fresh / MANIFEST, [manifest, b"\n", _sum(manifest)])
        lasting.keep(fresh)
        place = self.index / f"{max(map(_number, self.all()), default=0) + 1:06}"
        fresh.rename(place)
        lasting.keep(self.index)
        self.use(place)

    def use(self, place: Path) -> None:
        """Put a generation in use."""
        link = self.index / "current.new"
        link.unlink(missing_ok=True)
        link.symlink_to(place.name)
        if self.current.is_dir() and not self.current.is_symlink():
            shutil.rmtree(self.current)  # of a version that knew no generations
        link.replace(self.current)
        lasting.keep(self.index)

    def all(self) -> list[Path]:
        """The folders of the generations, the oldest first."""
        return sorted((path for path in self.index.iterdir() if _number(path)), key=_number)

    def previous(self) -> Path | None:
        """The newest generation before the one in use that holds something else."""
        place = self.in_use()
        name = _name(place)
        older = [path for path in self.all() if path < place and _name(path) not in (name, "")]
        return older[-1] if older else None

    def go_back(self) -> bool:
        """Put the previous generation in use, if there is one, and remove the one that was."""
        newest, place = self.in_use(), self.previous()
        if place:
            self.use(place)
            shutil.rmtree(newest)
        return place is not None

    def clean(self, *, keep_one: bool, patience: float) -> bool:
        """Remove the generations that are not in use, but for the previous one if that is to be kept.

        A reader may hold one: it goes after *patience* seconds nevertheless, and the answer is False; or, if there is
        no patience, another time.
        """
        kept = {self.in_use(), self.previous() if keep_one else None}
        old = [place for place in self.all() if place not in kept]
        until = monotonic() + patience
        while (old := [place for place in old if not _gone(place)]) and monotonic() < until:
            sleep(_PAUSE)
        for place in old if patience else ():
            shutil.rmtree(place)
        return not (old and patience)

    def size(self) -> int:
        """Bytes on disk of the generation in use; a file that a writer takes away meanwhile counts no more."""
        sizes = 0
        for path in self.current.iterdir():
            with suppress(FileNotFoundError):
                sizes += path.stat().st_size
        return sizes

    def _check_replaceable(self) -> None:
        # Somebody else's folder may bear the same name.
        others = self.current.iterdir() if self.current.is_dir() else iter([self.current])
        if self.current.exists() and not self.current.is_symlink() and not all(map(_is_ours, others)):
            raise IndexUnwritableError(
                f"{self.current}: holds files that are no index; choose another folder for the index",
                index=self.index,
            )


def hold(place: Path) -> int:
    """A file descriptor that keeps a generation from being removed until it is closed."""
    descriptor = os.open(place, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    return descriptor


def _gone(place: Path) -> bool:
    """Remove a generation, unless a reader holds it."""
    with suppress(FileNotFoundError):
        descriptor = os.open(place, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(place)
        except BlockingIOError:
            return False
        finally:
            os.close(descriptor)
    return True


def measure(path: Path) -> tuple[int, str]:
    """The size and the SHA-256 of a file."""
    with path.open("rb") as file:
        return path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()


def _name(place: Path) -> str:
    try:
        return _read(place, Manifest).name
    except (OSError, ValueError, msgspec.DecodeError):
        return ""  # it was damaged, or is of another version


def _seen(path: Path, measured: tuple[int, str]) -> tuple[object, ...]:
    """A file as it is now, which stays the same when its folder is renamed, and what was measured of it."""
    status = path.stat()
    return status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size, measured


def _number(path: Path) -> int:
    return int(path.name) if path.name.isdecimal() and path.is_dir() else 0


def _is_ours(path: Path) -> bool:
    return path.name.startswith((MANIFEST, "MAIN_", "_MAIN_", "MAIN.tmp"))


def _read(place: Path, kind: type[_Kind]) -> _Kind:
    data, _, checksum = (place / MANIFEST).read_bytes().partition(b"\n")
    manifest = msgspec.json.decode(data, type=kind)
    if kind is Manifest and checksum != _sum(data):
        raise ValueError(f"{place / MANIFEST} is not as it was written")
    return manifest


def _sum(data: bytes) -> bytes:
    return hashlib.sha256(data).hexdigest().encode()
