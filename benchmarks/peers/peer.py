"""What does a race ask of everyone who takes part?"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from benchmarks.questions import KINDS, Question
from indexer.post import Post
from indexer.words import fold_tag

TITLE = 2.0
"""How much more a word in the title says, where a rival can be told."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an answer says, for a comparison."""

    ids: list[str]
    total: int
    tags: Mapping[str, int] = field(default_factory=dict)


class Peer(ABC):
    """One way to search the same posts, whose index lies in *folder*."""

    name: ClassVar[str]
    store: ClassVar[str]
    """The folder of the index below that of the race; peers of one store share an index."""

    ways: ClassVar[Mapping[str, str]]
    """How a question of each kind is asked, and "" for all others; printed beside the figures."""

    kinds: ClassVar[Sequence[str]] = KINDS

    def __init__(self, folder: Path) -> None:
        self.folder = folder / self.store

    @abstractmethod
    def build(self, posts: Sequence[Post], threads: int = 1) -> None:
        """Index *posts*, in a folder that is there and empty, by *threads* if the library leaves that to us.

        Whoever opens the index afterwards finds them.
        """

    @abstractmethod
    def open(self) -> None:
        """Get ready to answer."""

    @abstractmethod
    def worded(self, question: Question) -> str:
        """The question's text as this peer's users write it. Not timed."""

    @abstractmethod
    def ask(self, kind: str, text: str) -> Any:
        """The answer to *text*. Timed."""

    @abstractmethod
    def said(self, answer: Any) -> Answer:
        """What `ask` came back with. Not timed."""

    def close(self) -> None:  # noqa: B027 - most have nothing to let go of
        """Let go of files."""

    def way(self, kind: str) -> str:
        """How a question of *kind* is asked."""
        return self.ways.get(kind, self.ways.get("", ""))

    def keep_ids(self, posts: Sequence[Post]) -> None:
        """Keep the posts' ids by number, for indexes that know numbers only."""
        (self.folder / "ids.json").write_text(json.dumps([post.id for post in posts]))

    def kept_ids(self) -> list[str]:
        """What `keep_ids` kept."""
        return list(json.loads((self.folder / "ids.json").read_text()))


def texts(post: Post) -> tuple[str, ...]:
    """What we search for words beside the title."""
    return (post.body, post.description, *post.tags)


def tags(post: Post) -> list[str]:
    """The tags as we compare them."""
    return [fold_tag(tag) for tag in post.tags]
