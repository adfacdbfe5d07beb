"""What does a failure inside Whoosh, or of the disk under it, mean to the operator?"""

from __future__ import annotations

import errno
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from whoosh.index import LockError

from indexer.errors import IndexBusyError, IndexDamagedError, IndexUnwritableError, PostsearchError

Thing = TypeVar("Thing")

# A file that is gone, and a place beyond its end: no fault of the disk.
_DAMAGE = (errno.ENOENT, errno.EINVAL)


class _Passed(Exception):
    """Carries what the source of the posts raised past `faults`, which would take it for a fault of the index."""

    def __init__(self, error: Exception) -> None:
        super().__init__(error)
        self.error = error


def unguarded(source: Iterable[Thing]) -> Iterator[Thing]:
    """*source*, whose exceptions are not the index's: `faults` lets them through."""
    try:
        yield from source
    except Exception as error:
        raise _Passed(error) from error


@contextmanager
def faults(index: Path) -> Iterator[None]:
    """Raise every foreign exception as the error of ours that it means for the folder *index*."""
    try:
        yield
    except _Passed as passed:
        raise passed.error from passed.error.__cause__
    except PostsearchError:
        raise
    except LockError as error:
        raise IndexBusyError(f"{index}: another process is writing this index; try again later", index=index) from error
    except OSError as error:
        if error.errno in _DAMAGE:
            raise _damaged(index) from error
        reason = f"{error.filename or index}: {error.strerror or error}"
        raise IndexUnwritableError(f"{reason}; postsearch keeps its index there", index=index) from error
    except Exception as error:  # what Whoosh makes of damaged files can be any error at all
        raise _damaged(index) from error


def _damaged(index: Path) -> IndexDamagedError:
    return IndexDamagedError(f"{index}: the index cannot be read; build it again with `postsearch build`", index=index)
