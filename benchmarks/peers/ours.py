"""How are our own engine's figures taken?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from benchmarks.peers.peer import Answer, Peer
from benchmarks.questions import Question
from indexer.engines.whoosh import WhooshEngine
from indexer.engines.whoosh.generations import Generations
from indexer.engines.whoosh.ranking import find
from indexer.engines.whoosh.reading import Reading
from indexer.engines.whoosh.snapshot import Snapshot
from indexer.post import Post
from indexer.query import Query
from indexer.search import search
from indexer.words import fold_tag


class Whole(Peer):
    """The answer as the server gives it."""

    name = "ours"
    store = "ours"
    ways: ClassVar = {"": "search(text); up to 18 MB of what is shown of posts are kept"}

    def build(self, posts: Sequence[Post], threads: int = 1) -> None:
        engine = WhooshEngine(self.folder)
        engine.apply(put=posts)
        engine.close()

    def open(self) -> None:
        self.engine = WhooshEngine(self.folder)
        _ = self.engine.generation

    def worded(self, question: Question) -> str:
        return f"{question.text} "  # so that the last word is a whole one, as that of the rivals is

    def ask(self, kind: str, text: str) -> Any:
        return search(self.engine, text)

    def said(self, answer: Any) -> Answer:
        counts = {fold_tag(tag.value): tag.count for tag in answer.facets.get("tags", ())}
        return Answer([hit.id for hit in answer.hits], answer.total, counts)

    def close(self) -> None:
        self.engine.close()


class Hits(Whole):
    """The answer without snippets and tags."""

    name = "ours, search()"
    ways: ClassVar = {"": "search(text, facets=(), snippets=False)"}

    def ask(self, kind: str, text: str) -> Any:
        return search(self.engine, text, facets=(), snippets=False)


def best(snapshot: Snapshot, query: Query) -> tuple[list[str], int]:
    """The ids of the first page, and how many posts are found."""
    found = find(snapshot, query)
    return [snapshot.id(number) for number, _ in found.page()], found.total


class Ids(Hits):
    """The ids and the total."""

    name = "ours"
    ways: ClassVar = {"": "find(snapshot, Query.parse(text))"}

    def open(self) -> None:
        super().open()
        self.reading = Reading(Generations(self.folder))

    def ask(self, kind: str, text: str) -> Any:
        return best(self.reading.now(), Query.parse(text))

    def said(self, answer: Any) -> Answer:
        return Answer(list(answer[0]), answer[1])


IDS = (Ids, Hits)
WHOLE = (Whole,)
