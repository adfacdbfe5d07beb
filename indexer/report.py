"""What became of each file of a build?"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Remark:
    """Something about one file that its author should know."""

    #: Below the content folder.
    path: str

    #: From 1; None if it is about the file as a whole.
    line: int | None

    reason: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.reason}" if self.line else f"{self.path}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Hidden:
    """A file that was read, and is not for the public."""

    path: str
    rule: str

    def __str__(self) -> str:
        return f"{self.path}: {self.rule}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a build did."""

    #: How many posts are held now.
    posts: int

    added: int
    updated: int
    removed: int
    unchanged: int

    #: Files that could not be read.
    skipped: tuple[Remark, ...] = ()

    #: Drafts, redirects, and other files that are not for the public.
    hidden: tuple[Hidden, ...] = ()

    #: What is odd about posts that were read.
    warnings: tuple[Remark, ...] = ()

    #: How many tests of the author's the answers passed.
    search_tests: int = 0

    seconds: float = 0.0

    @property
    def named(self) -> frozenset[Remark | Hidden]:
        """All that is said of single files."""
        return frozenset((*self.skipped, *self.hidden, *self.warnings))

    def has_news(self, before: Report | None) -> bool:
        """Whether this tells anything that *before*, the report of the build before, did not."""
        return before is None or bool(self.added or self.updated or self.removed) or not self.named <= before.named
