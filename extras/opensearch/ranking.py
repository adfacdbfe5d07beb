"""Which posts does a question find, and in which order?"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

from extras.opensearch.cluster import Json
from extras.opensearch.document import LONGEST_KEY, key
from extras.opensearch.snapshot import Snapshot, Text, begins
from extras.opensearch.terms import Query, Reading, all_of, any_of, idf
from indexer.engine import ENOUGH
from indexer.query import Clause, Label, Presence, Word
from indexer.query import Query as Question

#: The best posts of a part, which are looked at once more: how near do the words stand?
BEST, NEAR = 30, 0.5

_BY_ID: Json = {"key": "asc"}
_NEWEST: list[Json] = [{"date": {"order": "desc", "missing": "_last"}}, _BY_ID]
_SORTS: dict[str, list[Json]] = {
    "newest": _NEWEST,
    "oldest": [{"date": {"order": "asc", "missing": "_last"}}, _BY_ID],
    "title": [{"title": "asc"}, _BY_ID],
}


class Part(NamedTuple):
    """Posts that stand together in the list of those found, in an order of their own."""

    posts: Query
    sort: list[Any]
    by_score: bool = False


class Found:
    """The list of posts that a question finds in *snapshot*."""

    def __init__(self, snapshot: Snapshot, query: Question) -> None:
        self._snapshot, self._query = snapshot, query
        self._reading = Reading(snapshot.held.tongues, query.open_word)
        scored = query.wanted + query.required
        self._worded = [one for one in scored if any(not isinstance(term, Label) for term in one.terms)]

    @cached_property
    def _never(self) -> list[Query]:
        return [self._reading.meets(clause) for clause in self._query.forbidden]

    def _within(self, required: Iterable[Clause]) -> Query:
        """The posts that meet *required*, and nothing that is forbidden, of the time that is asked for."""
        query, must = self._query, [self._reading.meets(clause) for clause in required]
        bounds = {name: bound for name, bound in (("gte", query.after), ("lt", query.before)) if bound is not None}
        must += [{"range": {"date": bounds}}] if bounds else []
        must += [self._snapshot.of_id(query.only)] if query.only else []
        return all_of(must, self._never)

    @cached_property
    def _eligible(self) -> Query:
        return self._within(self._query.required)

    @cached_property
    def _pins(self) -> list[Query]:
        """The posts that are pinned, each within the filters."""
        within = self._within(clause for clause in self._query.required if clause.is_filter)
        return [all_of([within, self._snapshot.of_id(id)]) for id in dict.fromkeys(self._query.pinned)]

    @cached_property
    def _first(self) -> Query:
        """The posts that meet all that is wanted."""
        first = all_of([self._eligible, *map(self._reading.meets, self._query.wanted)])
        return any_of([first, *self._pins])

    @cached_property
    def _nearly(self) -> Query:
        """Those that do so but for the spelling."""
        wanted = self._query.wanted
        met = [self._reading.meets(clause, nearly=True) for clause in wanted]
        return all_of([self._eligible, *met], [self._first]) if any(one.corrected for one in wanted) else _NONE

    @cached_property
    def _some(self) -> Query:
        """Those that meet some."""
        met = [self._reading.meets(clause, nearly=True) for clause in self._query.wanted]
        return all_of([self._eligible, any_of(met)], [self._first, self._nearly]) if met else _NONE

    def counted(self) -> list[Query]:
        """All that is to be counted first."""
        leaves = (leaf for clause in self._worded for leaf in self._reading.leaves(clause))
        return [self._first, *(leaf.query() for leaf in dict.fromkeys(leaves))]

    @cached_property
    def with_all(self) -> int:
        """How many posts have all wanted words."""
        return self._snapshot.count([self._first])[0]

    @cached_property
    def _below(self) -> tuple[int, int]:
        nearly, some = self._snapshot.count([self._nearly, self._some]) if self.with_all < ENOUGH else (0, 0)
        return nearly, some

    @property
    def corrected(self) -> int:
        """How many posts have all of them but for the spelling."""
        return self._below[0]

    @property
    def total(self) -> int:
        """How many posts are found."""
        return self.with_all + sum(self._below)

    @property
    def posts(self) -> Query:
        """All posts that are found."""
        return any_of([self._first, self._nearly, self._some]) if self.with_all < ENOUGH else self._first

    @property
    def missing(self) -> tuple[str, ...]:
        """The wanted words that one or more of the later posts lack."""
        if not sum(self._below):
            return ()
        lower, wanted = any_of([self._nearly, self._some]), self._query.wanted
        lacking = self._snapshot.count(all_of([lower], [self._reading.meets(clause)]) for clause in wanted)
        return tuple(clause.text for clause, count in zip(wanted, lacking, strict=True) if count)

    @cached_property
    def _parts(self) -> list[Part]:
        query, best = self._query, ["_score", _BY_ID]
        is_best = query.sort == "relevance" and bool(self._worded)
        sort = best if is_best else _SORTS.get(query.sort, _NEWEST)
        above: list[Part] = []
        if query.sort == "relevance":
            above = [Part(pin, [_BY_ID]) for pin in self._pins]
            if query.headline:
                whole = {"term": {"headline": key(query.headline)[:LONGEST_KEY]}}
                order = [{"title_length": "asc"}, *_NEWEST]
                for titled in (whole, begins("headline", query.headline)):
                    above.append(Part(all_of([self._first, titled], [part.posts for part in above]), order))
        first = all_of([self._first], [part.posts for part in above])
        below = [self._nearly, self._some] if self.with_all < ENOUGH else []
        return above + [Part(posts, sort, is_best) for posts in (first, *below)]

    def page(self) -> list[tuple[Text, float]]:
        """The posts on the page that was asked for, and their scores."""
        start = (self._query.page - 1) * self._query.per_page
        stop = start + self._query.per_page
        found: list[tuple[Text, float]] = []
        if start >= self.total:
            return found
        for part, count in zip(self._parts, self._snapshot.count(part.posts for part in self._parts), strict=True):
            if stop > 0 and start < count:
                found += self._of_part(part, max(0, start), min(stop, count))
            start, stop = start - count, stop - count
        return found

    def best(self, never: Sequence[Query], count: int) -> list[tuple[Text, float]]:
        """The best *count* posts, but for those of *never*."""
        return self._of_part(Part(all_of([self._first], never), ["_score", _BY_ID], True), 0, count)

    def _of_part(self, part: Part, start: int, stop: int) -> list[tuple[Text, float]]:
        near = self._query.neighbours if part.by_score and start < BEST else ()
        begin = 0 if near else start
        body = {"from": begin, "size": max(stop, BEST if near else 0) - begin, "sort": part.sort, "track_scores": True}
        answer = self._snapshot.search([body | {"query": self._scoring(part.posts), "track_total_hits": False}])[0]
        found = [(self._snapshot.text(hit["_source"], hit["_id"]), hit["_score"]) for hit in answer["hits"]["hits"]]
        if near:
            top = [(text, score + self._nearness(text, near)) for text, score in found[:BEST]]
            top.sort(key=lambda one: (-one[1], one[0].post.id))
            found[:BEST] = top
        return found[start - begin : stop - begin]

    def _scoring(self, posts: Query) -> Query:
        """*posts* with their scores."""
        worth = [one for clause in self._worded for one in self._reading.worth(clause, self._snapshot.idf)]
        scored = {"bool": {"filter": [posts], "should": worth, "minimum_should_match": 0}}
        return self._snapshot.weighed(scored, self._query.recency)

    def _nearness(self, text: Text, asked: Sequence[Word]) -> float:
        """What is added to a score for words that stand near to each other: as the reference engine has it."""
        near = 0.0
        held = self._snapshot.held
        for one, other in pairwise(asked):
            places, others = text.places(one), text.places(other)
            if places and others and any(one.stems(tongue) != other.stems(tongue) for tongue in held.tongues):
                met = sum(1 / max(1, _nearest(place, others)) ** 2 for place in places)
                rarest = min(idf(having, held.posts) for having in self._snapshot.having([one, other]))
                near += rarest * met * 2.2 / (met + 1.2)
        return NEAR * near * self._snapshot.factors(text.post, self._query.recency)


_NONE: Query = {"match_none": {}}


def _nearest(place: int, others: Sequence[int]) -> int:
    behind = bisect(others, place)
    return min(abs(place - other) for other in others[max(0, behind - 1) : behind + 1])


def alike(snapshot: Snapshot, words: tuple[Word, ...], id: str, count: int) -> list[tuple[Text, float]]:
    """The *count* posts that have any of *words*, but for that with this *id* and for those that are superseded."""
    found = Found(snapshot, Question(clauses=(Clause(Presence.REQUIRED, words),)))
    snapshot.count(found.counted())
    return found.best([snapshot.of_id(id), {"term": {"superseded": True}}], count)
