"""Which queries of OpenSearch mean a term of a question, and what is it worth?

Each posting list that a term needs is a `Leaf`; how many posts have it is asked first, since that, and not what
OpenSearch knows of it, says how rare it is. So all the forms of a word count as one word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from math import log
from typing import Any, NamedTuple

from extras.opensearch.document import BEGINNING, key, safe, stems_of
from indexer import words
from indexer.engine import TITLE
from indexer.query import Clause, Label, Phrase, Prefix, Term, Titled, Word

#: What counts how much beside the word itself: see `tests/engines/reference.py`.
EXACT, WRITTEN, PART, MEANT, OPEN = 0.3, 1.0, 0.25, 0.5, 0.5

Query = dict[str, Any]


class Leaf(NamedTuple):
    """What stands in a field: words side by side, with a blank between; a bar parts what may stand at one place."""

    field: str
    text: str

    def query(self, boost: float = 1.0) -> Query:
        """The posts that have it."""
        if not self.field.endswith(("words", "stems")):
            return {"term": {self.field: self.text}}
        kind = "match_phrase" if " " in self.text else "match"
        return {kind: {self.field: {"query": self.text, "boost": boost}}}


class Way(NamedTuple):
    """One way to meet a term: to have *leaf*. All *parts* are worth their share, each in the posts that have it."""

    leaf: Leaf
    parts: Sequence[tuple[Leaf, float]] = ()


#: How many posts have a leaf, of how many.
Having = Callable[[Leaf], int]


def ways(term: Term, tongues: Sequence[str], *, is_open: bool = False) -> list[Way]:
    """The ways to meet *term*; one that comes later counts where none of those before is met."""
    match term:
        case Word():
            whole = _both(stems_of(term, tongues), "stems", 1.0)
            exact = Leaf("words", safe(term.written or term.text)), WRITTEN if term.written else EXACT
            found = [Way(whole.leaf, (*whole.parts, exact)), _both(safe(words.PART + term.text), "words", PART)]
            return found + ([_both(safe(BEGINNING + term.text), "words", OPEN)] if is_open else [])
        case Prefix(text):
            return [_both(safe(BEGINNING + text), "words", 1.0)]
        case Phrase():
            return [_alone(Leaf("words", _phrase(term)))]
        case Titled(Word() as word):
            return [_alone(Leaf("title_stems", stems_of(word, tongues)))]
        case Titled(Prefix(text)):
            return [_alone(Leaf("title_words", safe(BEGINNING + text)))]
        case Titled(Phrase() as phrase):
            return [_alone(Leaf("title_words", _phrase(phrase)))]
        case Label(facet, name):
            return [Way(Leaf(facet, key(name)))]
    raise AssertionError(term)


def _both(text: str, field: str, share: float) -> Way:
    leaf = Leaf(field, text)
    return Way(leaf, ((leaf, share), (Leaf(f"title_{field}", text), share * TITLE)))


def _alone(leaf: Leaf) -> Way:
    return Way(leaf, ((leaf, 1.0),))


def _phrase(phrase: Phrase) -> str:
    *whole, last = map(safe, phrase.words)
    return " ".join([*whole, BEGINNING + last if phrase.open else last])


class Reading:
    """How a question is read where posts are in *tongues*, and *open_word* may become a longer one."""

    def __init__(self, tongues: Sequence[str], open_word: Word | None) -> None:
        self.tongues, self.open_word = tongues, open_word

    def ways(self, term: Term) -> list[Way]:
        """The ways to meet *term*."""
        return ways(term, self.tongues, is_open=term is self.open_word)

    def leaves(self, clause: Clause) -> Iterator[Leaf]:
        """All of which has to be known how many posts have it."""
        for term in (*clause.terms, *clause.corrected):
            for way in self.ways(term):
                yield from (leaf for leaf, _ in way.parts)

    def meets(self, clause: Clause, *, nearly: bool = False) -> Query:
        """The posts that meet *clause*; *nearly*, also those with a word that may have been meant."""
        terms = clause.terms + (clause.corrected if nearly else ())
        return any_of(way.leaf.query() for term in terms for way in self.ways(term))

    def worth(self, clause: Clause, idf: Callable[[Leaf], float]) -> Iterator[Query]:
        """The queries whose scores, summed, are what *clause* is worth."""
        for term in clause.terms:
            yield from self._worth(term, idf, clause.times)
        if meant := [any_of(self._worth(word, idf, MEANT)) for word in clause.corrected]:
            yield either({"dis_max": {"queries": meant}}, [self.meets(clause)])

    def _worth(self, term: Term, idf: Callable[[Leaf], float], times: float) -> Iterator[Query]:
        before: list[Query] = []
        for way in self.ways(term):
            scored = [leaf.query(share * times * idf(leaf)) for leaf, share in way.parts if idf(leaf)]
            if scored:
                yield either(any_of(scored), before) if before else any_of(scored)
            before.append(way.leaf.query())


def any_of(queries: Iterable[Query]) -> Query:
    """What meets any of *queries*, with the scores of all that it meets."""
    found = list(queries)
    return found[0] if len(found) == 1 else {"bool": {"should": found, "minimum_should_match": 1}}


def all_of(must: Sequence[Query], never: Sequence[Query] = ()) -> Query:
    """What meets all of *must* and none of *never*, without a score."""
    return {"bool": {"filter": list(must), "must_not": list(never)}}


def either(query: Query, never: Sequence[Query]) -> Query:
    """What meets *query* and none of *never*."""
    return {"bool": {"must": [query], "must_not": list(never)}}


def idf(having: int, posts: int) -> float:
    """How rare it is what *having* of *posts* posts have; 0 if none has it."""
    return log(1 + (posts - having + 0.5) / (having + 0.5)) if having else 0.0
