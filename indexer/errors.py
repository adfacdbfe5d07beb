"""Everything that can go wrong, and who can put it right.

PostsearchError
├── ContentError            the author: a file cannot be read as a post
├── QueryError              the reader: a question is out of bounds
├── SettingsError           the operator: a setting is unknown or unusable
├── BuildRefusedError       the author: files cannot be read, or answers are not as expected; nothing was published
├── IndexMissingError       the operator: nothing has been indexed here yet
├── IndexOutdatedError      the operator: indexed by another version; build again
├── IndexDamagedError       the operator: the index cannot be read; build again
├── IndexUnwritableError    the operator: the disk or its permissions refuse the index
├── IndexBusyError          time: another process is writing; try again
└── ForeignWriterError      the programmer: Whoosh's own writer was to change an index of ours
"""

from pathlib import Path


class PostsearchError(Exception):
    """Any failure that postsearch foresees; its text is one sentence for a person."""


class ContentError(PostsearchError):
    """A file that cannot be read as a post: `reason`, and the 1-based `line` where known."""

    def __init__(self, reason: str, *, line: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


class QueryError(PostsearchError):
    """A question outside its bounds: `param` names the part of it that has to change."""

    def __init__(self, detail: str, *, param: str) -> None:
        super().__init__(detail)
        self.param = param


class SettingsError(PostsearchError):
    """A setting that is unknown or cannot be used: `key` names it, where one is to blame."""

    def __init__(self, detail: str, *, key: str | None = None) -> None:
        super().__init__(detail)
        self.key = key


class BuildRefusedError(PostsearchError):
    """A build published nothing: a strict one met files that it could not read, or answers were not as expected."""


class _IndexError(PostsearchError):
    """A failure of the index in the folder `index`."""

    def __init__(self, detail: str, *, index: Path) -> None:
        super().__init__(detail)
        self.index = index


class IndexMissingError(_IndexError):
    """Nothing has been indexed in the folder `index` yet."""


class IndexOutdatedError(_IndexError):
    """The folder `index` was written by another version of postsearch."""


class IndexDamagedError(_IndexError):
    """The folder `index` holds something that cannot be read as an index."""


class IndexUnwritableError(_IndexError):
    """The folder `index` cannot be written: a full disk, a missing permission."""


class IndexBusyError(_IndexError):
    """Another process is writing the folder `index`."""


class ForeignWriterError(PostsearchError):
    """Whoosh's own writer was to change an index of ours, and has changed nothing."""
