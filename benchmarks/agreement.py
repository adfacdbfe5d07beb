"""Do our engine and tantivy put the same posts first, if they are told to rank by the same formula?

    python -m benchmarks.agreement [--posts N] [--queries Q] [--seed S]

Twice: by our formula, BM25 of all texts and half of BM25 of the title, which tantivy can be told by fields and weights
(without what the form that was typed counts besides, which it cannot); and by the plain sum of BM25 of the title and
BM25 of the rest, which is what our engine gives for the same posts without titles, and for the titles alone. Printed is
how many of the ten best ids are the same, on average. The words of the posts have the same stems in both. All of them
cannot be: tantivy keeps the length of a text in one byte, which makes long ones up to a tenth shorter than they are.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from heapq import nsmallest
from pathlib import Path
from statistics import mean
from typing import Any

import msgspec
import tantivy

from benchmarks.peers.peer import texts
from benchmarks.posts import posts
from benchmarks.questions import Question, questions
from indexer.engines.whoosh import WhooshEngine, impacts
from indexer.post import Post
from indexer.query import Query

TITLE_ALONE = 1.5
"""What our formula makes of BM25 where the title is all there is: once as text, and half as title."""


class Tantivy:
    """An index in memory of each text of *made* by itself, and of all of them in one field."""

    def __init__(self, made: Sequence[Post]) -> None:
        schema = tantivy.SchemaBuilder().add_unsigned_field("number", fast=True)
        for name in ("title", "body", "all"):
            schema = schema.add_text_field(name, tokenizer_name="en_stem")
        self._index = tantivy.Index(schema.build())
        self._ids = [post.id for post in made]
        writer = self._index.writer(500_000_000, 1)
        for number, post in enumerate(made):
            writer.add_document(_document(number, post))
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        self._searcher = self._index.searcher()

    def best(self, question: Question, weights: Mapping[str, float]) -> list[str]:
        """The ids of the ten best posts by the sum of BM25 of each field, times its weight."""
        query = self._index.parse_query(question.text, list(weights), dict(weights))
        hits = [address for _, address in self._searcher.search(query, 10).hits]
        return [self._ids[int(number or 0)] for number in self._searcher.fast_field_values("number", hits)]


def _document(number: int, post: Post) -> Any:
    document = tantivy.Document(title=post.title)
    document.add_unsigned("number", number)
    document.add_text("all", post.title)
    for text in texts(post):
        document.add_text("body", text)
        document.add_text("all", text)
    return document


class Ours:
    """Our engine, with *made* as they are, without their titles, and with nothing but their titles."""

    def __init__(self, folder: Path, made: Sequence[Post]) -> None:
        self._whole = _engine(folder / "whole", made)
        self._bodies = _engine(folder / "bodies", [replace(post, title="") for post in made])
        self._titles = _engine(folder / "titles", [replace(post, body="", description="", tags=()) for post in made])

    def best(self, question: Question) -> list[str]:
        """The ids of the ten best posts by our formula."""
        hits = self._whole.search(Query.parse(question.text), facets=(), snippets=False).hits
        return [hit.id for hit in hits]

    def best_by_plain_sum(self, question: Question) -> list[str]:
        """The ids of the ten best posts by BM25 of the title and BM25 of the rest, added."""
        scores = defaultdict(float, _scores(self._bodies, question))
        for id, score in _scores(self._titles, question).items():
            scores[id] += score / TITLE_ALONE
        return nsmallest(10, scores, key=lambda id: (-scores[id], id))


def _engine(folder: Path, made: Sequence[Post]) -> WhooshEngine:
    engine = WhooshEngine(folder)
    engine.apply(put=made)
    return engine


def _scores(engine: WhooshEngine, question: Question) -> dict[str, float]:
    query = msgspec.structs.replace(Query.parse(question.text), per_page=engine.stats().posts)
    return {hit.id: hit.score for hit in engine.search(query, facets=(), snippets=False).hits}


def agreement(made: Sequence[Post], asked: Sequence[Question], folder: Path) -> Iterator[tuple[str, float]]:
    """How much of the two best tens is the same, by each formula."""
    ours, theirs = Ours(folder, made), Tantivy(made)
    impacts.EXACT = 0.0
    ranked = [(ours.best(question), theirs.best(question, {"all": 1.0, "title": 0.5})) for question in asked]
    yield "all texts + title / 2", mean(_shared(*both) for both in ranked)
    plain = {"title": 1.0, "body": 1.0}
    ranked = [(ours.best_by_plain_sum(question), theirs.best(question, plain)) for question in asked]
    yield "title + body", mean(_shared(*both) for both in ranked)


def _shared(one: Sequence[str], other: Sequence[str]) -> float:
    return len({*one} & {*other}) / max(len(one), len(other), 1)


def main() -> None:
    """Ask both, and print how far they agree."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--posts", type=int, default=10_000)
    arguments.add_argument("--queries", type=int, default=200)
    arguments.add_argument("--seed", type=int, default=1)
    given = arguments.parse_args()
    made = posts(given.posts, given.seed)
    asked = questions(made, given.queries, given.seed)["any-word"]
    print(f"{given.posts} posts, {len(asked)} questions for any of two to four words; of the ten best are the same:")
    with tempfile.TemporaryDirectory() as folder:
        for formula, share in agreement(made, asked, Path(folder)):
            print(f"{formula:<24} {share:6.1%}")


if __name__ == "__main__":
    main()
