"""Which posts does a question find, and in which order?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial, reduce

import numpy as np

from indexer.engine import ENOUGH
from indexer.engines.whoosh import nearness
from indexer.engines.whoosh.flatfile import Array
from indexer.engines.whoosh.impacts import BEST, MEANT, Postings, bound
from indexer.engines.whoosh.moments import NEVER, number_of
from indexer.engines.whoosh.snapshot import Snapshot
from indexer.query import Clause, Label, Phrase, Prefix, Query, Term, Titled, Word


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Posts that stand together in the list of those found, above or below all others."""

    #: Their numbers, in ascending order.
    posts: Array

    #: None if no words were asked for.
    scores: Array | None = None

    #: Ten of them have this score or more; 0 if that is not known.
    least: float = 0.0

    @property
    def count(self) -> int:
        """How many they are."""
        return len(self.posts)

    def within(self, mask: Array | None) -> Part:
        """Those of a mask; all, if there is none."""
        if mask is None:
            return self
        kept = mask[self.posts].nonzero()[0]
        return Part(self.posts[kept], None if self.scores is None else self.scores[kept])

    def best(self, count: int) -> tuple[Array, Array]:
        """The numbers and scores of the best *count*, and of some others; without scores, of all."""
        if self.scores is None:
            return self.posts, np.zeros(self.count)
        least = (count <= BEST and self.least) or (count < self.count and bound(self.scores, count))
        if not least:
            return self.posts, self.scores
        kept = (self.scores >= least).nonzero()[0]
        return self.posts[kept], self.scores[kept]


@dataclass(slots=True)
class Found:
    """The list of posts that a question finds."""

    snapshot: Snapshot
    query: Query

    #: One below the other: those that have all wanted words, then those that have some. On top stand the pinned ones,
    #: then those whose title begins with what was typed, the shortest title first: with each letter some of them go,
    #: and no other comes.
    parts: list[Part]

    missing: tuple[str, ...] = ()

    #: The numbers of posts that come first by relevance, in this order; they stand in the first part.
    pins: Array = field(default_factory=partial(np.empty, 0, np.intp))

    #: How many posts have all of them but for the spelling.
    corrected: int = 0

    #: How many posts have all wanted words.
    with_all: int = field(init=False)

    pinned: Part | None = field(init=False, default=None)
    titled: Part | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        first, *others = self.parts
        self.with_all = first.count
        if self.query.sort == "relevance" and first.count:
            if len(self.pins):
                mask = _mask(self.pins, self.snapshot.size)
                self.pinned, first = first.within(mask), first.within(~mask)
            if (title := self.query.headline) and (titled := self.snapshot.titled(title)).any():
                self.titled, first = first.within(titled), first.within(~titled)
        self.parts = [part for part in (self.pinned, self.titled, first, *others) if part]

    @property
    def total(self) -> int:
        """How many posts are found."""
        return sum([part.count for part in self.parts])

    @property
    def posts(self) -> Array:
        """The numbers of all found posts."""
        return _joined([part.posts for part in self.parts])

    def page(self) -> list[tuple[int, float]]:
        """The numbers of the posts on the page that was asked for, and their scores."""
        start = (self.query.page - 1) * self.query.per_page
        stop = start + self.query.per_page
        hits: list[tuple[int, float]] = []
        for part in self.parts:
            if stop > 0 and start < part.count:
                hits += self._ordered(part, min(stop, part.count))[max(0, start) :]
            start, stop = start - part.count, stop - part.count
        return hits

    def _ordered(self, part: Part, count: int) -> list[tuple[int, float]]:
        """The best *count* posts of *part*, best first; equal ones in the order of their ids."""
        by_score = self._is_by_score(part)
        near = self.query.neighbours if by_score else ()
        most = max(count, nearness.BEST if near else 0)
        posts, scores = self._sorted(part, *part.best(most if by_score else part.count), most)
        if near:
            top = slice(nearness.BEST)
            added = nearness.nearness(self.snapshot.impacts, near, posts[top])
            added = self.snapshot.weighed(added, self.query.recency, posts[top])
            posts[top], scores[top] = self._sorted(part, posts[top], scores[top] + added, most)
        return list(zip(posts[:count].tolist(), scores[:count].tolist(), strict=True))

    def _sorted(self, part: Part, posts: Array, scores: Array, count: int) -> tuple[Array, Array]:
        ranks = self.snapshot.ranks
        order = np.lexsort([posts if ranks is None else ranks[posts], *self._keys(part, posts, scores)])[:count]
        return posts[order], scores[order]

    def _is_by_score(self, part: Part) -> bool:
        return part.scores is not None and self.query.sort == "relevance" and part not in (self.titled, self.pinned)

    def _keys(self, part: Part, posts: Array, scores: Array) -> list[Array]:
        if self.query.sort == "title":
            return [self.snapshot.title_ranks[posts]]
        if self._is_by_score(part):
            return [-scores]
        if part is self.pinned:
            return [self.pins.argsort()]
        dates = self.snapshot.dates[posts]
        by_date = [dates if self.query.sort == "oldest" else -dates, dates == NEVER]
        if part is not self.titled:
            return by_date
        is_longer = ~self.snapshot.titled(self.query.headline, whole=True)
        return [*by_date, self.snapshot.title_lengths[posts], is_longer[posts]]


def find(snapshot: Snapshot, query: Query) -> Found:
    """The posts that *query* finds in *snapshot*."""
    if query.is_hollow:
        return Found(snapshot, query, [Part(np.empty(0, np.int32))])
    wanted, required = query.wanted, query.required
    filters = [clause for clause in required if clause.is_filter]
    mask = _mask_of(snapshot, query, filters)
    clauses = [*wanted, *(clause for clause in required if clause not in filters)]
    pins = _pins(snapshot, query, mask)
    if not clauses:
        posts = snapshot.alive if mask is None else mask & snapshot.alive
        return Found(snapshot, query, [Part(posts.nonzero()[0])], pins=pins)
    if len(clauses) == 1 and not (clauses[0].corrected or len(pins)):
        posts, scores, least = _postings(snapshot, clauses[0], query.open_word)
        weighed = snapshot.weighed(scores, query.recency, posts)
        first = Part(posts, weighed, least if weighed is scores else 0.0)
        return Found(snapshot, query, [first.within(mask)])
    return _of_several(snapshot, query, clauses, mask, pins)


def _pins(snapshot: Snapshot, query: Query, mask: Array | None) -> Array:
    """The pinned posts that are held, and within the *mask*."""
    numbers = [snapshot.number(id) for id in dict.fromkeys(query.pinned)]
    return np.array([one for one in numbers if one is not None and (mask is None or mask[one])], np.intp)


def _of_several(snapshot: Snapshot, query: Query, clauses: Sequence[Clause], mask: Array | None, pins: Array) -> Found:
    """The posts that meet all clauses, as the *pins* are taken to do; where there are few, then those that meet some.

    Between them stand those that meet all, if mistyped words are put right. What is required, all but pins meet.
    """
    wanted, required = query.wanted, clauses[len(query.wanted) :]
    having = [_postings(snapshot, clause) for clause in wanted[:-1]]
    having += [_postings(snapshot, clause, query.open_word) for clause in wanted[-1:]]
    needed = [_postings(snapshot, clause) for clause in required]
    meant = [_meant(snapshot, clause, typed) for clause, typed in zip(wanted, having, strict=True)]
    scores = snapshot.weighed(_summed([*meant, *needed], snapshot.size), query.recency)
    masks = [_mask(postings.posts, snapshot.size) for postings in needed] + ([] if mask is None else [mask])
    eligible = reduce(np.logical_and, masks) if masks else None
    if eligible is not None:
        eligible[pins] = True
    if not having:
        assert eligible is not None
        return Found(snapshot, query, [_scored(eligible, None, scores)], pins=pins)
    met = np.bincount(_joined([postings.posts for postings in having]), minlength=snapshot.size)
    met[pins] = len(having)
    first = _scored(met == len(having), eligible, scores)
    if first.count >= ENOUGH:
        return Found(snapshot, query, [first], pins=pins)
    fixed = np.bincount(_joined([postings.posts for postings in meant]), minlength=snapshot.size)
    fixed[pins] = len(having)
    second = _scored((fixed == len(having)) & (met < len(having)), eligible, scores)
    third = _scored((fixed > 0) & (fixed < len(having)), eligible, scores)
    rest = (fixed > 0) & (met < len(having)) if eligible is None else (fixed > 0) & (met < len(having)) & eligible
    lacking = (np.count_nonzero(rest[postings.posts]) < second.count + third.count for postings in having)
    missing = tuple(clause.text for clause, lacks in zip(wanted, lacking, strict=True) if lacks)
    return Found(snapshot, query, [first, second, third], missing, pins, second.count)


def _meant(snapshot: Snapshot, clause: Clause, typed: Postings) -> Postings:
    """The posts that meet a clause, or else have one of the words that may have been meant."""
    if not clause.corrected:
        return typed
    found = [snapshot.impacts.word(word) for word in clause.corrected]
    posts = _mask_of_any(found, snapshot.size).nonzero()[0]
    best = np.zeros(snapshot.size)
    for one in found:
        best[one.posts] = np.maximum(best[one.posts], one.worth)
    return snapshot.impacts.or_else(typed, Postings(posts, best[posts], 0.0), MEANT)


def _scored(mask: Array, eligible: Array | None, scores: Array) -> Part:
    posts = (mask if eligible is None else mask & eligible).nonzero()[0]
    return Part(posts, scores[posts])


def _mask_of(snapshot: Snapshot, query: Query, filters: Sequence[Clause]) -> Array | None:
    """The posts that have the labels of *filters*, meet no forbidden clause and are of the time; None if all are."""
    masks = [_mask_of_any(_of_terms(snapshot, clause), snapshot.size) for clause in filters]
    masks += [~_mask_of_any(_of_terms(snapshot, clause), snapshot.size) for clause in query.forbidden]
    if query.only:
        masks.append(np.arange(snapshot.size) == snapshot.number(query.only))
    if query.after is not None:
        masks.append(snapshot.dates >= number_of(query.after))
    if query.before is not None:
        masks.append((snapshot.dates < number_of(query.before)) & (snapshot.dates != NEVER))
    return reduce(np.logical_and, masks) if masks else None


def _postings(snapshot: Snapshot, clause: Clause, open_word: Word | None = None) -> Postings:
    """The posts that meet any of a clause's terms."""
    found = _of_terms(snapshot, clause, open_word)
    if len(found) == 1:
        return found[0]
    posts = _mask_of_any(found, snapshot.size).nonzero()[0]
    return Postings(posts, _summed(found, snapshot.size)[posts], max(postings.bound for postings in found))


def _of_terms(snapshot: Snapshot, clause: Clause, open_word: Word | None = None) -> list[Postings]:
    found = [_of_term(snapshot, term, is_open=term is open_word) for term in clause.terms]
    if clause.times == 1:
        return found
    return [Postings(posts, worth * clause.times, least * clause.times) for posts, worth, least in found]


def _of_term(snapshot: Snapshot, term: Term, *, is_open: bool) -> Postings:
    match term:
        case Word():
            return snapshot.impacts.open_word(term) if is_open else snapshot.impacts.word(term)
        case Prefix(text):
            return snapshot.impacts.prefix(text)
        case Phrase(words, is_open):
            return snapshot.impacts.phrase(words, is_open=is_open)
        case Titled(inner):
            return snapshot.impacts.titled(inner)
        case Label(facet, name):
            posts = snapshot.labelled(facet, name)
            return Postings(posts, np.zeros(len(posts)), 0.0)


def _summed(found: Sequence[Postings], size: int) -> Array:
    """What every post is worth to all of *found*: of all ways to sum, the fastest that was measured."""
    posts, worth = _joined([one.posts for one in found]), _joined([one.worth for one in found])
    return np.bincount(posts, weights=worth, minlength=size)


def _joined(arrays: Sequence[Array]) -> Array:
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)


def _mask_of_any(found: Sequence[Postings], size: int) -> Array:
    return _mask(_joined([one.posts for one in found]), size)


def _mask(posts: Array, size: int) -> Array:
    mask = np.zeros(size, bool)
    mask[posts] = True
    return mask
