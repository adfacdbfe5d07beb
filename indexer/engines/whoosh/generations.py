"""Which generations of the index are there, and which of them is in use?

    DIR/current    a link to the generation in use; to replace it is one step
    DIR/000042     a generation. It never changes; files that another one has, too, are hard links

The one writer holds a lock on DIR itself: there is no file of it that could be left behind, or taken away. Readers
hold a shared lock on their generation, so that a writer knows when it may go.
"""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import msgspec

from indexer.engines.whoosh import lasting
from indexer.errors import IndexDamagedError, IndexMissingError, IndexOutdatedError, IndexUnwritableError

#: Changes with what the files of an index hold, and with `indexer.words`; other indexes are built anew.
VERSION = 12

#: Beside the files of a generation: what they should be.
MANIFEST = "manifest.json"

_FRESH = "fresh"
_OURS = (MANIFEST, "MAIN_", "_MAIN_", "MAIN.tmp")
_PAUSE = 0.05
_TRIES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What the manifest of this version says; that of any other says which it is."""

    version: int

    #: The generation's public name: the same for the same posts, however they came to be held.
    name: str

    #: The size in bytes, and the SHA-256, of each.
    files: dict[str, tuple[int, str]]

    #: The generation that one may go back to; none if it held posts that are public no more.
    before: str = ""


class Generations:
    """The operator's folder *index*, with the generations in it."""

    def __init__(self, index: Path) -> None:
        self.index = index
        self.current = index / "current"
        self._verified: set[tuple[object, ...]] = set()
        self._is_locked = False

    def state(self) -> tuple[int, ...]:
        """What changes whenever another generation is in use: this takes a microsecond."""
        try:
            status = os.lstat(self.current)
        except FileNotFoundError:
            return ()
        return status.st_ino, status.st_mtime_ns

    def in_use(self) -> Path:
        """The folder of the generation in use. Raises `IndexMissingError`, or `IndexOutdatedError`.

        And `FileNotFoundError` if a writer took it away just now.
        """
        place = self.index / self.current.readlink() if self.current.is_symlink() else self.current
        if place == self.current and not (place.is_dir() and any(place.iterdir())):
            reason = f"{self.index}: nothing is indexed here yet; run `postsearch build`"
            raise IndexMissingError(reason, index=self.index)
        _read(place)
        return place

    def verified(self, place: Path) -> Manifest:
        """The manifest of a generation, every file of which is as it was written.

        Of a file that the last one so verified has, too, only the size and the time are looked at.

        Raises `IndexDamagedError`, which names the file that is not.
        """
        manifest = _read(place)
        seen = {_seen(place / name, known): place / name for name, known in manifest.files.items()}
        for sign in seen.keys() - self._verified:
            if measure(seen[sign]) != sign[-1]:
                raise _damaged(seen[sign])
        self._verified = set(seen)
        return manifest

    @contextmanager
    def lock(self, waiting: Callable[[], None]) -> Iterator[bool]:
        """Keep other writers out; makes the folder. Waits for one at work, and calls *waiting* after a second of it.

        Within another one of the same object it does nothing, and yields False.
        """
        if self._is_locked:
            yield False
            return
        if not self.index.is_dir():
            self.index.mkdir(mode=0o700, parents=True, exist_ok=True)
            lasting.keep(self.index.parent)
        descriptor = os.open(self.index, os.O_RDONLY)
        try:
            _lock(descriptor, waiting)
            self._is_locked = True
            self._sweep()
            yield True
        finally:
            self._is_locked = False
            os.close(descriptor)

    @contextmanager
    def fresh(self, like: Path | None = None) -> Iterator[Path]:
        """A folder for the next generation, empty or with the files of another; it is gone after, unless published."""
        if self.current.exists() and not self.current.is_symlink() and not _is_all_ours(self.current):
            reason = f"{self.current}: holds files that are no index; choose another folder for the index"
            raise IndexUnwritableError(reason, index=self.index)
        place = self.index / _FRESH
        place.mkdir(mode=0o700)
        try:
            for path in like.iterdir() if like else ():
                if path.name != MANIFEST:
                    os.link(path, place / path.name)
            yield place
        finally:
            shutil.rmtree(place, ignore_errors=True)

    def publish(self, fresh: Path, name: str, like: Path | None = None, *, returns: bool = False) -> None:
        """Put the generation in the folder *fresh* in use, once all of it is on the disk.

        If it *returns*, one may go back from it to *like*; to whatever one may from that, if both hold the same.
        """
        old = _read(like) if like else Manifest(version=VERSION, name="", files={})
        files = {path.name: old.files.get(path.name) or measure(path) for path in fresh.iterdir()}
        self._verified.update(_seen(fresh / file, files[file]) for file in files.keys() - old.files)
        before = old.before if name == old.name else like.name if like and returns else ""
        manifest = msgspec.json.encode(Manifest(version=VERSION, name=name, files=files, before=before))
        lasting.write(fresh / MANIFEST, [manifest, b"\n", _sum(manifest)])
        lasting.keep(fresh)
        place = self.index / f"{max(map(_number, self.all()), default=0) + 1:06}"
        fresh.rename(place)
        lasting.keep(self.index)
        self.use(place)

    def use(self, place: Path) -> None:
        """Put a generation in use."""
        link = self.index / "current.new"
        link.symlink_to(place.name)
        if self.current.is_dir() and not self.current.is_symlink():
            shutil.rmtree(self.current)  # of a version that knew no generations
        link.replace(self.current)
        lasting.keep(self.index)

    def all(self) -> list[Path]:
        """The folders of the generations, the oldest first."""
        return sorted((path for path in self.index.iterdir() if _number(path)), key=_number)

    def previous(self) -> Path | None:
        """The generation that one may go back to, if there is one."""
        before = self.before(self.in_use())
        return self.index / before if before and (self.index / before).is_dir() else None

    def before(self, place: Path) -> str:
        """The name of the generation that one might go back to from another; it may be gone."""
        return _read(place).before

    def go_back(self) -> bool:
        """Put the previous generation in use, if there is one, and remove the one that was."""
        newest, place = self.in_use(), self.previous()
        if place:
            self.verified(place)
            self.use(place)
            shutil.rmtree(newest)
        return place is not None

    def old(self) -> list[Path]:
        """The generations that are of no use any more."""
        kept = {self.in_use(), self.previous()}
        return [place for place in self.all() if place not in kept]

    def clean(self, *, patience: float) -> bool:
        """Remove the generations that are of no use any more.

        A reader may hold one: it goes after *patience* seconds nevertheless, and the answer is False; or, if there is
        no patience, another time.
        """
        if not (old := self.old()):
            return True
        until = monotonic() + patience
        while (old := [place for place in old if not _gone(place)]) and monotonic() < until:
            sleep(_PAUSE)
        for place in old if patience else ():
            shutil.rmtree(place)
        lasting.keep(self.index)
        return not (old and patience)

    def _sweep(self) -> None:
        """Remove what a writer left that was stopped before what it wrote was in use."""
        for name in ("current.new", "due.new", "seen.new"):
            (self.index / name).unlink(missing_ok=True)
        used = _number(self.index / self.current.readlink()) if self.current.is_symlink() else 0
        for place in (self.index / _FRESH, *self.all()):
            if (place.name == _FRESH and _is_all_ours(place)) or _number(place) > used:
                shutil.rmtree(place)

    def size(self) -> int:
        """Bytes on disk of the generation in use, as far as no writer takes it away meanwhile."""
        with suppress(FileNotFoundError):
            return sum(path.stat().st_size for path in self.current.iterdir())
        return 0


def hold(place: Path) -> int:
    """A file descriptor that keeps a generation from being removed until it is closed."""
    descriptor = os.open(place, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    return descriptor


def _lock(descriptor: int, waiting: Callable[[], None]) -> None:
    for _ in range(_TRIES):
        with suppress(BlockingIOError):
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        sleep(_PAUSE)
    waiting()
    return fcntl.flock(descriptor, fcntl.LOCK_EX)


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


def _seen(path: Path, measured: tuple[int, str]) -> tuple[object, ...]:
    """A file as it is now, which stays the same when its folder is renamed, and what was measured of it."""
    status = path.stat()
    return status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size, measured


def _number(path: Path) -> int:
    return int(path.name) if path.name.isdecimal() and len(path.name) > 5 and _is_all_ours(path) else 0


def _is_all_ours(place: Path) -> bool:
    """Whether it is a folder of ours: somebody else's may bear the same name."""
    return place.is_dir() and all(path.name.startswith(_OURS) for path in place.iterdir())


def _read(place: Path) -> Manifest:
    data, _, checksum = (place / MANIFEST).read_bytes().partition(b"\n")
    if checksum in (b"", _sum(data)):  # the first versions wrote none
        with suppress(msgspec.DecodeError, KeyError):
            told = msgspec.json.decode(data, type=dict[str, Any])
            if told["version"] != VERSION:
                reason = f"{place.parent}: indexed by another version of postsearch; run `postsearch build`"
                raise IndexOutdatedError(reason, index=place.parent)
            if checksum:
                return msgspec.convert(told, Manifest)
    raise _damaged(place / MANIFEST)


def _damaged(file: Path) -> IndexDamagedError:
    reason = f"{file}: is not as it was written; run `postsearch build`"
    return IndexDamagedError(reason, index=file.parent.parent)


def _sum(data: bytes) -> bytes:
    return hashlib.sha256(data).hexdigest().encode()
