"""What does every file of the collection of real posts come to?"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from indexer import corpus
from indexer.extract import Extracted, Options
from indexer.post import Post
from indexer.reading import Found, read_all
from indexer.report import Remark
from indexer.visibility import Rules

COLLECTION = Path(__file__).parents[2] / "shared" / "corpora"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not COLLECTION.is_dir(), reason="the collection of real posts, ../shared/corpora, is not here"),
]

NOW = "2026-11-24T00:00:00Z"
"""After the last post of the collection: none of it is in the future."""

ABOUT_THE_COLLECTION = {"README.md", "NASTY.md", "generator-fixtures/SOURCE.md"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What the files of one corpus come to."""

    files: int
    posts: int
    titled: int
    """Posts whose title an author wrote, in the front matter or as a heading; the others have their file's name."""

    dated: int
    tagged: int
    wordless: int = 0
    """Posts of a front matter alone."""

    left_out: Mapping[str, int] = field(default_factory=dict)
    """How many files each rule leaves out."""


TABLE = {}


@dataclass(frozen=True, slots=True)
class Reading:
    """What each file of one corpus came to."""

    corpus: str
    came_to: list[tuple[Found, Extracted | Remark]]

    def posts(self) -> list[Post]:
        return [what.post for _, what in self.came_to if isinstance(what, Extracted) and what.post]

    def left_out(self) -> Counter[str]:
        reasons = (what.reason if isinstance(what, Remark) else what.hidden for _, what in self.came_to)
        return Counter(reason[0].lower() + reason[1:] for reason in reasons if reason)

    def row(self) -> Row:
        posts = self.posts()
        untitled = sum(isinstance(what, Extracted) and what.untitled for _, what in self.came_to)
        return Row(
            files=len(self.came_to),
            posts=len(posts),
            titled=len(posts) - untitled,
            dated=sum(post.date is not None for post in posts),
            tagged=sum(bool(post.tags) for post in posts),
            wordless=sum(not post.body for post in posts),
            left_out=self.left_out(),
        )


def files_of(name: str) -> list[Found]:
    return [found for found in corpus.walk(COLLECTION / name) if found.path != "SOURCE.md"]


@pytest.fixture(scope="module")
def readings() -> dict[str, Reading]:
    """The whole collection, read once as a build reads it."""
    options = Options(rules=Rules(now=NOW))
    found = {name: files_of(name) for name in TABLE}
    return {name: Reading(name, list(zip(files, read_all(files, options), strict=True))) for name, files in found.items()}
