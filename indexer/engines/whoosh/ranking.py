"""Which posts does a question find, and in which order?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from indexer.engine import ENOUGH
from indexer.engines.whoosh import nearness
from indexer.engines.whoosh.flatfile import Array
from indexer.engines.whoosh.impacts import BEST, Postings, bound
from indexer.engines.whoosh.moments import NEVER, number_of
from indexer.engines.whoosh.snapshot import Snapshot
from indexer.query import Clause, Label, Phrase, Prefix, Query, Term, Titled, Word


class Part:
    """Posts that stand together in the list of those found, above or below all others: numbers in ascending order.

    Without *posts*, the *count* posts that have a score, of *scores* by number. Ten have the score *least*, or more.
    """

    def __init__(self, posts: Array | None, scores: Array | None, least: float = 0.0, count: int = 0) -> None:
        self._posts, self._scores, self._least = posts, scores, least
        self.count = count if posts is None else len(posts)

    @property
    def is_scored(self) -> bool:
        """Whether words were asked for."""
        return self._scores is not None

    @property
    def posts(self) -> Array:
        """Their numbers."""
        if self._posts is None:
            assert self._scores is not None
            self._posts = (self._scores > 0).nonzero()[0]  # a mask has its places told four times as fast
            self._scores = self._scores[self._posts]
        return self._posts

    def within(self, mask: Array | None) -> Part:
        """Those of a mask; all, if there is none."""
        if mask is None:
            return self
        kept = mask[self.posts].nonzero()[0]
        return Part(self.posts[kept], None if self._scores is None else self._scores[kept])

    def best(self, count: int) -> tuple[Array, Array]:
        """The numbers and scores of the best *count*, and of some others; without scores, of all."""
        if self._scores is None:
            return self.posts, np.zeros(self.count)
        least = (count <= BEST and self._least) or (count < self.count and bound(self._scores, count))
        if not least:
            return self.posts, self._scores
        kept = (self._scores >= least).nonzero()[0]
        return kept if self._posts is None else self._posts[kept], self._scores[kept]


@dataclass(slots=True)
class Found:
    """The list of posts that a question finds: those that have all wanted words, then those that have some."""

    snapshot: Snapshot
    query: Query
    first: Part
    second: Part | None = None
    missing: tuple[str, ...] = ()

    @property
    def with_all(self) -> int:
        """How many posts have all wanted words."""
        return self.first.count

    @property
    def total(self) -> int:
        """How many posts are found."""
        return self.first.count + (self.second.count if self.second else 0)

    @property
    def posts(self) -> Array:
        """The numbers of all found posts."""
        return _joined([self.first.posts, self.second.posts]) if self.second else self.first.posts

    def page(self) -> list[tuple[int, float]]:
        """The numbers of the posts on the page that was asked for, and their scores."""
        start, upper = (self.query.page - 1) * self.query.per_page, self.first.count
        stop = min(start + self.query.per_page, self.total)
        hits = self._ordered(self.first, min(stop, upper))[start:] if start < upper else []
        if self.second and stop > upper:
            hits += self._ordered(self.second, stop - upper)[max(0, start - upper) :]
        return hits

    def _ordered(self, part: Part, count: int) -> list[tuple[int, float]]:
        """The best *count* posts of *part*, best first; equal ones in the order of their ids."""
        by_score = part.is_scored and self.query.sort == "relevance"
        near = self.query.neighbours if by_score else ()
        most = max(count, nearness.BEST if near else 0)
        posts, scores = self._sorted(*part.best(most if by_score else part.count), most)
        if near:
            top = slice(nearness.BEST)
            added = nearness.nearness(self.snapshot.impacts, near, posts[top])
            posts[top], scores[top] = self._sorted(posts[top], scores[top] + added, most)
        return list(zip(posts[:count].tolist(), scores[:count].tolist(), strict=True))

    def _sorted(self, posts: Array, scores: Array, count: int) -> tuple[Array, Array]:
        ranks = self.snapshot.ranks
        order = np.lexsort([posts if ranks is None else ranks[posts], *self._keys(posts, scores)])[:count]
        return posts[order], scores[order]

    def _keys(self, posts: Array, scores: Array) -> list[Array]:
        if self.query.sort == "title":
            return [self.snapshot.title_ranks[posts]]
        if self.query.sort == "relevance" and self.first.is_scored:
            return [-scores]
        dates = self.snapshot.dates[posts]
        return [dates if self.query.sort == "oldest" else -dates, dates == NEVER]


def find(snapshot: Snapshot, query: Query) -> Found:
    """The posts that *query* finds in *snapshot*."""
    if query.is_hollow:
        return Found(snapshot, query, Part(np.empty(0, np.int32), None))
    wanted, required = query.wanted, query.required
    filters = [clause for clause in required if clause.is_filter]
    mask = _mask_of(snapshot, query, filters)
    clauses = [*wanted, *(clause for clause in required if clause not in filters)]
    if not clauses:
        posts = snapshot.alive if mask is None else mask & snapshot.alive
        return Found(snapshot, query, Part(posts.nonzero()[0], None))
    if len(clauses) == 1:
        return Found(snapshot, query, _of_one(snapshot, clauses[0]).within(mask))
    return _of_several(snapshot, query, wanted, clauses[len(wanted) :], mask)


def _of_one(snapshot: Snapshot, clause: Clause) -> Part:
    """The posts that meet a clause."""
    if len(clause.any_of) == 1 and isinstance(clause.any_of[0], Prefix):
        return Part(None, *snapshot.impacts.prefix_scores(clause.any_of[0].text))
    scored = _of_terms(snapshot, clause)
    if len(scored) == 1:
        return Part(*scored[0])
    scores = _summed(scored, snapshot.size)
    if any(isinstance(term, Label) for term in clause.any_of):
        # A post that has nothing but a label has no score.
        posts = _mask_of_any(scored, snapshot.size).nonzero()[0]
        return Part(posts, scores[posts])
    least = max([postings.bound for postings in scored])
    return Part(None, scores, least, int(np.count_nonzero(scores > 0)))


def _of_several(
    snapshot: Snapshot, query: Query, wanted: Sequence[Clause], required: Sequence[Clause], mask: Array | None
) -> Found:
    """The posts that meet all clauses; where there are few, then those that meet the *required* and some *wanted*."""
    having = [_postings(snapshot, clause) for clause in wanted]
    needed = [_postings(snapshot, clause) for clause in required]
    scores = _summed([*having, *needed], snapshot.size)
    masks = [_mask(postings.posts, snapshot.size) for postings in needed] + ([] if mask is None else [mask])
    eligible = reduce(np.logical_and, masks) if masks else None
    if not having:
        assert eligible is not None
        return Found(snapshot, query, _scored(eligible, None, scores))
    met = np.bincount(_joined([postings.posts for postings in having]), minlength=snapshot.size)
    first = _scored(met == len(having), eligible, scores)
    if first.count >= ENOUGH:
        return Found(snapshot, query, first)
    some = (met > 0) & (met < len(having))
    second = _scored(some, eligible, scores)
    some = some if eligible is None else some & eligible
    lacking = (np.count_nonzero(some[postings.posts]) < second.count for postings in having)
    missing = tuple(clause.text for clause, lacks in zip(wanted, lacking, strict=True) if lacks)
    return Found(snapshot, query, first, second, missing)


def _scored(mask: Array, eligible: Array | None, scores: Array) -> Part:
    posts = (mask if eligible is None else mask & eligible).nonzero()[0]
    return Part(posts, scores[posts])


def _mask_of(snapshot: Snapshot, query: Query, filters: Sequence[Clause]) -> Array | None:
    """The posts that have the labels of *filters*, meet no forbidden clause and are of the time; None if all are."""
    masks = [_mask_of_any(_of_terms(snapshot, clause), snapshot.size) for clause in filters]
    masks += [~_mask_of_any(_of_terms(snapshot, clause), snapshot.size) for clause in query.forbidden]
    if query.after is not None:
        masks.append(snapshot.dates >= number_of(query.after))
    if query.before is not None:
        masks.append((snapshot.dates < number_of(query.before)) & (snapshot.dates != NEVER))
    return reduce(np.logical_and, masks) if masks else None


def _postings(snapshot: Snapshot, clause: Clause) -> Postings:
    """The posts that meet any of a clause's terms."""
    found = _of_terms(snapshot, clause)
    if len(found) == 1:
        return found[0]
    posts = _mask_of_any(found, snapshot.size).nonzero()[0]
    return Postings(posts, _summed(found, snapshot.size)[posts], max(postings.bound for postings in found))


def _of_terms(snapshot: Snapshot, clause: Clause) -> list[Postings]:
    found = [_of_term(snapshot, term) for term in clause.any_of]
    if clause.times == 1:
        return found
    return [Postings(posts, worth * clause.times, least * clause.times) for posts, worth, least in found]


def _of_term(snapshot: Snapshot, term: Term) -> Postings:
    match term:
        case Word(text):
            return snapshot.impacts.word(text)
        case Prefix(text):
            return snapshot.impacts.prefix(text)
        case Phrase(words, is_open):
            return snapshot.impacts.phrase(words, is_open=is_open)
        case Titled(inner):
            return _of_titles(snapshot, inner)
        case Label(facet, name):
            posts = snapshot.labelled(facet, name)
            return Postings(posts, np.zeros(len(posts)), 0.0)


def _of_titles(snapshot: Snapshot, term: Word | Prefix | Phrase) -> Postings:
    match term:
        case Word(text):
            return snapshot.impacts.title_word(text)
        case Prefix(text):
            return snapshot.impacts.title_prefix(text)
        case Phrase(words, is_open):
            return snapshot.impacts.phrase(words, is_open=is_open, in_title=True)


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
