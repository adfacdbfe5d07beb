"""Which posts does a question find, and in which order?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from indexer.engine import ENOUGH
from indexer.engines.whoosh.flatfile import Array
from indexer.engines.whoosh.moments import NEVER, number_of
from indexer.engines.whoosh.snapshot import BEST, Postings, Snapshot
from indexer.query import Clause, Phrase, Prefix, Query, Tag, Term, Word


@dataclass(slots=True)
class Found:
    """The list of posts that a question finds: those that have all wanted words, and those that have any."""

    snapshot: Snapshot
    query: Query
    first: Array | None
    """A mask over the posts by number, as `second` is; None for those that have a score."""

    second: Array | None = None
    score: Array | None = None
    """Of every post, found or not; None if no word was asked for."""

    missing: tuple[str, ...] = ()
    bound: float = 0.0
    """Of `first`, ten posts score as much at least; 0 if that is not known."""

    with_all: int = 0
    below: int = 0
    """How many are in `first`, and in `second`."""

    @property
    def total(self) -> int:
        """How many posts are found."""
        return self.with_all + self.below

    def mask(self) -> Array:
        """All found posts."""
        first = self._first()
        return first if self.second is None else first | self.second

    def _first(self) -> Array:
        if self.first is None:
            assert self.score is not None
            self.first = self.score > 0
        return self.first

    def page(self) -> list[int]:
        """The numbers of the posts on the page that was asked for."""
        start = (self.query.page - 1) * self.query.per_page
        stop = min(start + self.query.per_page, self.total)
        upper = self._ordered(self.first, min(stop, self.with_all)) if start < self.with_all else []
        lower = []
        if self.second is not None and stop > self.with_all:
            lower = self._ordered(self.second, stop - self.with_all)[max(0, start - self.with_all) :]
        return [*upper[start:], *lower]

    def _ordered(self, part: Array | None, count: int) -> list[int]:
        """The best *count* posts of *part*, best first; of all that have a score, if it is None."""
        if self.query.sort == "relevance" and self.score is not None:
            # The bound holds for ten posts: a later page has to look further down.
            bound = self.bound if count <= BEST else 0.0
            enough = (self.score >= bound if bound else self.score > 0) if part is None else part
            return self._best(np.flatnonzero(enough), count)
        posts = np.flatnonzero(self._first() if part is None else part)
        ranks = self.snapshot.ranks
        keys: list[Array] = [posts if ranks is None else ranks[posts]]
        if self.query.sort == "title":
            keys.append(self.snapshot.title_ranks[posts])
        else:
            dates = self.snapshot.dates[posts]
            keys += [dates if self.query.sort == "oldest" else -dates, dates == NEVER]
        return _plain(posts[np.lexsort(keys)[:count]])

    def _best(self, posts: Array, count: int) -> list[int]:
        assert self.score is not None
        scores = self.score[posts]
        if len(posts) > count:
            kept = scores >= np.partition(scores, -count)[-count]
            posts, scores = posts[kept], scores[kept]
        ranks = self.snapshot.ranks
        order = np.lexsort((posts if ranks is None else ranks[posts], -scores))[:count]
        return _plain(posts[order])


def _plain(numbers: Array) -> list[int]:
    plain: list[int] = numbers.tolist()
    return plain


def find(snapshot: Snapshot, query: Query) -> Found:
    """The posts that *query* finds in *snapshot*."""
    if query.is_hollow:
        return Found(snapshot, query, np.zeros(snapshot.size, bool))
    required = [_postings(snapshot, clause) for clause in query.required if not _is_filter(clause)]
    eligible = _eligible(snapshot, query, required)
    if len(query.wanted) == 1 and not required:
        return _any_word(snapshot, query, eligible)
    wanted = [_postings(snapshot, clause) for clause in query.wanted]
    if not wanted:
        score = _summed(required, snapshot.size) if required else None
        return _counted(Found(snapshot, query, snapshot.alive if eligible is None else eligible, score=score))
    return _two_parts(snapshot, query, wanted, _summed([*wanted, *required], snapshot.size), eligible)


def _any_word(snapshot: Snapshot, query: Query, eligible: Array | None) -> Found:
    """The posts that meet the one clause there is: those with a score, if every post that meets it has one."""
    (clause,) = query.wanted
    scored = [_of_term(snapshot, term) for term in clause.any_of]
    score = _summed(scored, snapshot.size)
    if any(isinstance(term, Tag) for term in clause.any_of):
        first = _mask(_postings(snapshot, clause).posts, snapshot.size)
    elif eligible is not None:
        first = score > 0
    else:
        bound = max(postings.bound for postings in scored)
        return Found(snapshot, query, None, score=score, bound=bound, with_all=int(np.count_nonzero(score)))
    return _counted(Found(snapshot, query, first if eligible is None else first & eligible, score=score))


def _two_parts(
    snapshot: Snapshot, query: Query, wanted: Sequence[Postings], score: Array, eligible: Array | None
) -> Found:
    met = np.bincount(np.concatenate([postings.posts for postings in wanted]), minlength=snapshot.size)
    first = met == len(wanted)
    if eligible is not None:
        first &= eligible
    found = _counted(Found(snapshot, query, first, score=score))
    if found.with_all >= ENOUGH:
        return found
    found.second = (met > 0) & ~first if eligible is None else (met > 0) & ~first & eligible
    found.below = int(np.count_nonzero(found.second))
    having = (int(np.count_nonzero(found.second[postings.posts])) for postings in wanted)
    lacking = zip(query.wanted, having, strict=True)
    found.missing = tuple(clause.text for clause, count in lacking if count < found.below)
    return found


def _counted(found: Found) -> Found:
    assert found.first is not None
    found.with_all = int(np.count_nonzero(found.first))
    return found


def _eligible(snapshot: Snapshot, query: Query, required: Sequence[Postings]) -> Array | None:
    """The mask of the posts that meet every required clause and no forbidden one, in time; None if all do."""
    masks = [_mask(postings.posts, snapshot.size) for postings in required]
    masks += [
        _mask(_postings(snapshot, clause).posts, snapshot.size) for clause in query.required if _is_filter(clause)
    ]
    masks += [~_mask(_postings(snapshot, clause).posts, snapshot.size) for clause in query.forbidden]
    if query.after is not None:
        masks.append(snapshot.dates >= number_of(query.after))
    if query.before is not None:
        masks.append((snapshot.dates < number_of(query.before)) & (snapshot.dates != NEVER))
    if not masks:
        return None
    eligible = np.logical_and.reduce(masks) if len(masks) > 1 else masks[0]
    return eligible & snapshot.alive if snapshot.posts < snapshot.size else eligible


def _is_filter(clause: Clause) -> bool:
    return all(isinstance(term, Tag) for term in clause.any_of)


def _postings(snapshot: Snapshot, clause: Clause) -> Postings:
    """The posts that meet any of a clause's terms."""
    found = [_of_term(snapshot, term) for term in clause.any_of]
    if len(found) == 1:
        return found[0]
    posts = np.unique(np.concatenate([postings.posts for postings in found]))
    worth = _summed(found, snapshot.size)[posts]
    return Postings(posts, worth, max(postings.bound for postings in found))


def _of_term(snapshot: Snapshot, term: Term) -> Postings:
    match term:
        case Word(text):
            return snapshot.word(text)
        case Prefix(text):
            return snapshot.prefix(text)
        case Phrase(words):
            return snapshot.phrase(words)
        case Tag(name):
            posts = snapshot.tag(name)
            return Postings(posts, np.zeros(len(posts), np.float32), 0.0)


def _summed(found: Sequence[Postings], size: int) -> Array:
    posts = np.concatenate([postings.posts for postings in found]) if len(found) > 1 else found[0].posts
    worth = np.concatenate([postings.worth for postings in found]) if len(found) > 1 else found[0].worth
    return np.bincount(posts, weights=worth, minlength=size)  # of all ways to sum, the fastest that was measured


def _mask(posts: Array, size: int) -> Array:
    mask = np.zeros(size, bool)
    mask[posts] = True
    return mask
