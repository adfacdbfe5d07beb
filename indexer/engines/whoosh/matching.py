"""Which documents meet a clause, and how well?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from whoosh import query as whoosh_query

from indexer import words
from indexer.engines.whoosh.schema import WEIGHTS
from indexer.query import Clause, Phrase, Prefix, Tag, Term, Word

Scores = dict[int, float]
"""The documents that meet something, each with its score."""

NEAREST = 20
"""How many of the words that begin with a prefix, the shortest first, count for the score."""


def meeting(searcher: Any, tagged: Mapping[str, Iterable[int]], clause: Clause) -> Scores:
    """The documents that meet any term of *clause*; *tagged* are the documents by tag."""
    return _sum(_having(searcher, tagged, term) for term in clause.any_of)


def _having(searcher: Any, tagged: Mapping[str, Iterable[int]], term: Term) -> Scores:
    match term:
        case Tag(name):
            return dict.fromkeys(tagged.get(name, ()), 0.0)
        case Word(word):
            return _stemmed(searcher, [words.stem(word)])
        case Prefix(text):
            return _beginning(searcher, text)
        case Phrase(phrase):
            found = searcher.docs_for_query(whoosh_query.Phrase("text", list(phrase)).normalize())
            return _scored(searcher, found, [word for word in phrase if word not in words.STOP_WORDS] or phrase)


def _beginning(searcher: Any, prefix: str) -> Scores:
    found: set[int] = set()
    begun: set[str] = set()
    for leaf, offset in searcher.reader().leaf_readers():
        for word in leaf.expand_prefix("text", prefix):
            found.update(offset + document for document in leaf.postings("text", word).all_ids())
            begun.add(word.decode())
    return _scored(searcher, found, sorted(begun, key=lambda word: (len(word), word))[:NEAREST])


def _scored(searcher: Any, documents: Iterable[int], for_words: Iterable[str]) -> Scores:
    scores = _stemmed(searcher, sorted(set(map(words.stem, for_words))))
    return {document: scores.get(document, 0.0) for document in documents}


def _stemmed(searcher: Any, stems: Iterable[str]) -> Scores:
    """BM25F, as Whoosh has it: the sum over fields of a word's BM25 in each."""
    return _sum(_in_field(searcher, name, stem, weight) for stem in stems for name, weight in WEIGHTS.items())


def _in_field(searcher: Any, field: str, stem: str, weight: float) -> Scores:
    scores: Scores = {}
    if (field, stem) in searcher.reader():
        matcher = searcher.postings(field, stem)
        while matcher.is_active():
            scores[matcher.id()] = weight * matcher.score()
            matcher.next()
    return scores


def _sum(parts: Iterable[Scores]) -> Scores:
    total: Scores = {}
    for part in parts:
        for document, score in part.items():
            total[document] = total.get(document, 0.0) + score
    return total
