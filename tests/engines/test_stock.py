"""Does the fast engine find what a stock Whoosh index finds that has the same words in it?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st
from msgspec.structs import replace as replaced
from whoosh import fields
from whoosh import query as theirs
from whoosh.analysis import StemFilter
from whoosh.index import create_in

from indexer import words
from indexer.engine import ENOUGH
from indexer.engines.whoosh.analyzer import WordAnalyzer
from indexer.engines.whoosh.inversion import parts
from indexer.post import Post
from indexer.query import Label, Phrase, Prefix, Query, Term, Word
from tests.engines.test_versus import Change, histories, opened, stock_texts

SCHEMA = fields.Schema(
    id=fields.ID(unique=True, stored=True),
    text=fields.TEXT(analyzer=WordAnalyzer()),
    stems=fields.TEXT(analyzer=WordAnalyzer() | StemFilter(stemfn=words.stem)),
    tags=fields.ID,
)


TEXTS = ("title", "description", "body")


class Stock:
    """An index of Whoosh's own codec, filled by its own writer and asked through its own searcher."""

    def __init__(self, folder: str) -> None:
        self._index = create_in(folder, SCHEMA)

    def apply(self, change: Change) -> None:
        put = {post.id: post for post in change.put}
        with self._index.writer() as writer:
            for post in put.values():
                writer.update_document(**_document(post))
            for id in change.drop:
                if id not in put:
                    writer.delete_by_term("id", id)

    def find(self, query: Query) -> tuple[set[str], set[str]]:
        """The posts that have all that is wanted, and, if they are few, those that have some of it."""
        if query.is_hollow:
            return set(), set()
        with self._index.searcher() as searcher:
            first = _found(searcher, query, [_any_of(searcher, clause.any_of) for clause in query.wanted])
            if not query.wanted or len(first) >= ENOUGH:
                return first, set()
            any_wanted = _any_of(searcher, (term for clause in query.wanted for term in clause.any_of))
            return first, _found(searcher, query, [any_wanted]) - first


def _document(post: Post) -> dict[str, object]:
    text = words.GAP.join(parts(post))
    return {"id": post.id, "text": text, "stems": text, "tags": [words.fold_tag(tag) for tag in post.tags]}


def _found(searcher: Any, query: Query, wanted: list[Any]) -> set[str]:
    required = [_any_of(searcher, clause.any_of) for clause in query.required]
    hits = searcher.search(theirs.And([theirs.Every(), *wanted, *required]), limit=None)
    # Whoosh's own NOT lets the first post pass if an earlier one has the forbidden word, too.
    forbidden = _any_of(searcher, (term for clause in query.forbidden for term in clause.any_of))
    return {hit["id"] for hit in hits} - {hit["id"] for hit in searcher.search(forbidden, limit=None)}


def _any_of(searcher: Any, terms: Iterable[Term]) -> Any:
    return theirs.Or([_term(searcher, term) for term in terms])


def _term(searcher: Any, term: Term) -> Any:
    match term:
        case Word(text):
            return theirs.Term("stems", words.stem(text))
        case Prefix(text):
            return theirs.Prefix("text", text)
        case Phrase((*whole, last), True):
            ends = [word.decode() for word in searcher.reader().expand_prefix("text", last)]
            return theirs.Or([theirs.Phrase("text", [*whole, end]).normalize() for end in ends])
        case Phrase(side_by_side):
            return theirs.Phrase("text", list(side_by_side)).normalize()
        case Label("tags", name):
            return theirs.Term("tags", name)


def _in_english(change: Change) -> Change:
    """The same with nothing that a stock index lacks: other languages, and parts of names."""
    put = [replace(post, language="", **{name: getattr(post, name).lower() for name in TEXTS}) for post in change.put]
    return replace(change, put=put)


@pytest.mark.slow
@pytest.mark.timeout(400)  # a failure is made small first, which takes minutes
@given(histories, st.lists(stock_texts, min_size=8, max_size=8))
def test_our_engine_finds_what_a_stock_index_finds(history: list[Change], asked: list[str]) -> None:
    with TemporaryDirectory() as folder, opened("whoosh") as ours:
        stock = Stock(folder)
        for change in map(_in_english, history):
            change.apply(ours)
            stock.apply(change)
        for text in (f"{text} " for text in asked):  # a blank behind it tells that the last word is whole
            first, second = stock.find(Query.parse(text))
            event("some words" if second else "all words" if first else "nothing")
            given = ours.search(replaced(Query.parse(text), per_page=100), facets=(), snippets=False)
            ids = [hit.id for hit in given.hits]
            assert (given.total, given.total_all_words) == (len(first) + len(second), len(first)), text
            assert (set(ids[: len(first)]), set(ids[len(first) :])) == (first, second), text
