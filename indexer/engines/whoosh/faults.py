"""What does a failure inside Whoosh, or of the disk under it, mean to the operator?"""

import errno
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from indexer.errors import IndexDamagedError, IndexUnwritableError, PostsearchError

Thing = TypeVar("Thing")

# A file that is gone, and a place beyond its end: no fault of the disk.
_DAMAGE = (errno.ENOENT, errno.EINVAL)


class _Passed(Exception):
    """Carries its cause, which the source of the posts raised, past `Faults`, which would take it for the index's."""


def unguarded(source: Iterable[Thing]) -> Iterator[Thing]:
    """*source*, whose exceptions are not the index's: `faults` lets them through."""
    try:
        yield from source
    except Exception as error:
        raise _Passed from error


class Faults:
    """Within it, every foreign exception becomes the error of ours that it means for the folder *index*."""

    def __init__(self, index: Path) -> None:
        self._index = index

    def __enter__(self) -> None:
        """Every question comes through here: a generator's context would take three times as long."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, _Passed) and (cause := error.__cause__):
            raise cause from cause.__cause__
        if isinstance(error, Exception) and not isinstance(error, PostsearchError):
            raise _meant(error, self._index) from error


def _meant(error: Exception, index: Path) -> Exception:
    match error:
        case OSError() if error.errno not in _DAMAGE:
            reason = f"{error.filename or index}: {error.strerror or error}"
            return IndexUnwritableError(f"{reason}; postsearch keeps its index there", index=index)
        case FileNotFoundError(filename=str() | Path() as file):
            return IndexDamagedError(f"{file}: is gone; run `postsearch build`", index=index)
        case _:  # what Whoosh makes of damaged files can be any error at all
            reason = f"{index}: the index cannot be read; build it again with `postsearch build`"
            return IndexDamagedError(reason, index=index)
