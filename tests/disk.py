"""What does a command do on the disk, and what does it do if the disk fails, or if it is killed?

It runs in a process of its own, with the functions of Python's that reach the disk wrapped: every operation below one
folder is counted, and one of them, by its number, is the command's last, or fails.
"""

from __future__ import annotations

import errno
import fcntl
import io
import mmap
import os
import pickle
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, wraps
from multiprocessing import get_context
from multiprocessing.sharedctypes import RawValue
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from server.cli import main

OF_ONE_PATH = "unlink remove rmdir mkdir truncate chmod utime listdir scandir stat lstat readlink access".split()
OF_TWO_PATHS = "rename replace link symlink".split()
OF_A_FILE = "fsync fdatasync ftruncate fchmod".split()
CHANGING = frozenset({"create", "write", *OF_ONE_PATH[:7], *OF_TWO_PATHS, *OF_A_FILE})
"""The operations after which the disk is another one than before, or is sure to be."""

LASTING = {
    "ENOSPC": frozenset({"create", "write", "mkdir", "fsync", *OF_TWO_PATHS}),
    "EROFS": CHANGING - {"fsync"},
    "EACCES": CHANGING - {"fsync", "write"},
}
"""The errors that do not pass, with the operations that a disk refuses then."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing done on the disk."""

    name: str
    path: str
    other: str = ""
    """What a link leads to, or where a file is moved."""

    data: bytes = field(default=b"", repr=False)
    """What is written, always at the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What happens at operation number *at*, counted from 0: of those that change something, or of all."""

    at: int
    kind: str
    """`kill`; or one of `LASTING`, from then on; or `EIO`, this once; or a signal such as `SIGTERM`."""

    def strike(self, number: int, operation: Operation) -> None:
        """Let happen what is to happen before the operation of this *number* is done."""
        lasts = self.kind in LASTING
        if lasts and (number < self.at or operation.name not in LASTING[self.kind]):
            return
        if number == self.at and self.kind != "EIO":
            _tear(operation)
        if lasts or (number == self.at and self.kind == "EIO"):
            code = getattr(errno, self.kind)
            raise OSError(code, os.strerror(code), operation.path)
        if number == self.at:
            os.kill(os.getpid(), signal.Signals["SIGKILL" if self.kind == "kill" else self.kind])

    def counts(self, operation: Operation) -> bool:
        """Whether the operation is one of those that are numbered."""
        return self.kind == "EIO" or operation.name in CHANGING


def _tear(operation: Operation) -> None:
    """Do a write by half."""
    if operation.name == "write":
        file = _open(operation.path, os.O_WRONLY | os.O_APPEND)
        _write(file, operation.data[: len(operation.data) // 2])
        _close(file)


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended."""

    code: int
    """What it exited with; that of a signal is negative."""

    out: str
    err: str
    operations: tuple[Operation, ...]
    """What it did on the disk itself, if it ended by itself."""

    count: int
    """How many operations of the kind asked for were done, by the processes that it started, too."""


Told = Callable[[Operation], None]

_open, _write, _close, _readlink, _io_open = os.open, os.write, os.close, os.readlink, io.open
"""The functions as they are, for what is not to be told."""


def run(*arguments: str | Path, below: Path, fault: Fault | None = None, **constants: int) -> Done:
    """Run `postsearch` with *arguments*; *constants* of `writing` have other values for it."""
    with TemporaryDirectory() as scratch:
        process = _server().Process(
            target=_command, args=(list(map(str, arguments)), str(below), fault, constants, scratch)
        )
        process.start()
        process.join()
        out, err = (Path(scratch, name).read_text() for name in ("out", "err"))
        with suppress(FileNotFoundError):
            operations, count = pickle.loads(Path(scratch, "done").read_bytes())
            return Done(process.exitcode or 0, out, err, tuple(operations), count)
        return Done(process.exitcode or 0, out, err, (), 0)


@cache
def _server() -> Any:
    # It has everything imported, and not one thread: a command is a fork of it, and there in no time.
    context = get_context("forkserver")
    context.set_forkserver_preload(["__main__", __name__])
    return context


def _command(arguments: list[str], below: str, fault: Fault | None, constants: dict[str, int], scratch: str) -> None:
    from indexer.engines.whoosh import writing

    for stream, name in enumerate(("out", "err"), 1):
        os.dup2(os.open(f"{scratch}/{name}", os.O_CREAT | os.O_WRONLY | os.O_APPEND), stream)
    sys.stdout, sys.stderr = (io.TextIOWrapper(io.FileIO(stream, "w"), write_through=True) for stream in (1, 2))
    for name, value in constants.items():
        setattr(writing, name, value)
    os.environ["POSTSEARCH_JOBS"] = "1"
    done: list[Operation] = []
    count, itself = RawValue("l"), os.getpid()

    def told(operation: Operation) -> None:
        if os.getpid() == itself:
            done.append(operation)
        if fault is None or fault.counts(operation):
            count.value += 1
            if fault:
                fault.strike(count.value - 1, operation)

    watch(below, told)
    try:
        sys.argv = ["postsearch", *arguments]
        main()
    finally:
        Path(scratch, "done").write_bytes(pickle.dumps((done, count.value)))


def _is_below(place: str, folder: str) -> bool:
    return f"{Path(place).absolute()}/".startswith(f"{folder}/")


def watch(below: str, told: Told) -> None:
    """Tell of every operation on *below* and what is in it before it is done; there is no end of it."""

    def tell(name: str, path: Any, other: Any = "", data: bytes = b"", folder: int | None = None) -> None:
        with suppress(TypeError):
            place = _readlink(f"/proc/self/fd/{path}") if isinstance(path, int) else os.fsdecode(path)
            if folder is not None:
                place = f"{_readlink(f'/proc/self/fd/{folder}')}/{place}"
            if _is_below(place, below):
                told(Operation(name, str(Path(place).absolute()), os.fsdecode(other), data))

    def wrapped(module: Any, name: str, how: Callable[..., None]) -> None:
        plain = getattr(module, name)

        @wraps(plain)
        def told_of(*arguments: Any, **named: Any) -> Any:
            how(*arguments, **named)
            return plain(*arguments, **named)

        setattr(module, name, told_of)

    for name in OF_ONE_PATH:
        wrapped(os, name, lambda path=".", *_, n=name, dir_fd=None, **__: tell(n, path, folder=dir_fd))
    for name in OF_TWO_PATHS:
        wrapped(
            os,
            name,
            lambda path, other, *_, n=name, **__: tell(n, *((other, path) if n == "symlink" else (path, other))),
        )
    for name in OF_A_FILE:
        wrapped(os, name, lambda file, *_, n=name: tell(n, file))
    wrapped(fcntl, "flock", lambda file, _: tell("flock", file))
    wrapped(mmap, "mmap", lambda file, *_, **__: tell("mmap", file) if file >= 0 else None)
    wrapped(
        os,
        "open",
        lambda path, flags, *_, dir_fd=None: tell("create" if flags & os.O_CREAT else "open", path, folder=dir_fd),
    )

    class ToldFile(io.FileIO):
        def write(self, data: Any) -> int:
            tell("write", self.name, data=bytes(data))
            return super().write(data)

        def readinto(self, buffer: Any) -> int:
            tell("read", self.name)
            return super().readinto(buffer)

        def readall(self) -> bytes:
            tell("read", self.name)
            return super().readall()

    def told_open(path: Any, mode: str = "r", buffering: int = -1, *arguments: Any, **named: Any) -> Any:
        if isinstance(path, int) or not _is_below(os.fsdecode(path), below):
            return _io_open(path, mode, buffering, *arguments, **named)
        raw = mode.replace("b", "").replace("t", "")
        tell("open" if raw == "r" else "create", path)
        file = (io.BufferedReader if raw == "r" else io.BufferedWriter)(ToldFile(os.fspath(path), raw))
        return file if "b" in mode else io.TextIOWrapper(file, *arguments, **named)

    setattr(io, "open", told_open)  # noqa: B010 - the type of the real one is overloaded
