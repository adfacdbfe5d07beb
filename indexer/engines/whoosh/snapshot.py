"""What do all segments together hold at one moment, and what is each word worth in each post?

score = sum over the question's words of  idf(w) * tf * (k1 + 1) / (tf + k1 * (1 - b + b * length / mean length))
over all texts of a post, plus `TITLE` times the same over its title alone (Robertson and Zaragoza 2009, "The
Probabilistic Relevance Framework", 3.3; two scores added were measured better than one over weighted fields).
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property, partial
from math import log
from typing import NamedTuple, TypeVar

import numpy as np

from indexer import words
from indexer.engines.whoosh.cache import Cache
from indexer.engines.whoosh.flatfile import Array
from indexer.engines.whoosh.segment import Counts, Segment
from indexer.engines.whoosh.utf8 import decoded, encoded
from indexer.post import Post

T = TypeVar("T")

K1, B = 1.2, 0.75
TITLE = 0.5
"""What the score of the title alone counts beside that of all texts."""

CACHED = 64 << 20
"""Bytes that the postings of words may take, kept from one question to the next."""

BEST = 10
"""`Postings.bound` is the worth of a word in the post in which it is worth most but nine."""


class Postings(NamedTuple):
    """The posts that meet a term, in ascending order, and what the term is worth in each."""

    posts: Array
    worth: Array
    bound: float
    """The tenth best worth: ten posts have at least that much; 0 where fewer than ten meet the term."""


class Snapshot:
    """The posts of *segments* but for those of *deleted* (numbers in each segment). Safe from any number of threads."""

    def __init__(self, segments: Sequence[Segment], deleted: Sequence[frozenset[int]], generation: str) -> None:
        self.generation = generation
        self.segments = segments
        self._starts = np.cumsum([0, *map(len, segments)]).tolist()
        self.size = self._starts[-1]
        self.alive = np.ones(self.size, bool)
        for start, gone in zip(self._starts, deleted, strict=False):
            self.alive[[start + number for number in gone]] = False
        self.posts = int(np.count_nonzero(self.alive))
        self._dropped = [bool(gone) for gone in deleted]
        self._norms = self._norm("lengths")
        self._title_norms = self._norm("title_lengths")
        self.dates = self._joined([segment.dates for segment in segments], np.int64)
        self._postings: Cache[Postings] = Cache(CACHED, lambda kept: kept.posts.nbytes + kept.worth.nbytes)
        self._forms: Cache[frozenset[str]] = Cache(CACHED // 16, lambda forms: 100 * len(forms))
        self._places: Cache[Array] = Cache(CACHED, lambda kept: kept.nbytes)
        self._spellings: dict[tuple[str, bytes], str] = {}

    def _joined(self, arrays: Sequence[Array], kind: type) -> Array:
        return arrays[0] if len(arrays) == 1 else np.concatenate(arrays) if arrays else np.empty(0, kind)

    def _norm(self, lengths: str) -> Array:
        joined = self._joined([getattr(segment, lengths) for segment in self.segments], np.uint32)
        # Sums of whole numbers: the same however the posts are cut into segments.
        mean = int(joined[self.alive].sum(dtype=np.int64)) / max(1, self.posts) or 1.0
        return (K1 * (1 - B + B * joined / mean)).astype(np.float32)

    def place(self, number: int) -> tuple[Segment, int]:
        """The segment of a post, and its number there."""
        index = bisect_right(self._starts, number) - 1
        return self.segments[index], number - self._starts[index]

    def id(self, number: int) -> str:
        """The id of a post."""
        segment, inner = self.place(number)
        return decoded(segment.ids[inner])

    def number(self, id: str) -> int | None:
        """The number of the post with this id."""
        for segment, start in zip(self.segments, self._starts, strict=False):
            inner = segment.ids.find(encoded(id))
            if inner >= 0 and self.alive[start + inner]:
                return int(start + inner)
        return None

    def post(self, number: int, *, with_body: bool = True) -> Post:
        """A post, whole, or with its body left empty."""
        segment, inner = self.place(number)
        return segment.post(inner, with_body=with_body)

    def digests(self) -> dict[str, str]:
        """The digest of each post, by id."""
        return {id: decoded(digest) for id, digest in self._of_each(lambda segment: segment.digests())}

    def urls(self) -> dict[str, str]:
        """The address of each post, by id."""
        return dict(self._of_each(lambda segment: [segment.card(number).url for number in range(len(segment))]))

    def _of_each(self, values: Callable[[Segment], Sequence[T]]) -> Iterator[tuple[str, T]]:
        for segment, start in zip(self.segments, self._starts, strict=False):
            pairs = zip(segment.ids.all(), values(segment), strict=True)
            for number, (id, value) in enumerate(pairs, start):
                if self.alive[number]:
                    yield decoded(id), value

    def count_words(self) -> int:
        """How many different words the posts have."""
        found: set[bytes] = set()
        for segment, start in zip(self.segments, self._starts, strict=False):
            found.update(segment.words_of(self.alive[start : start + len(segment)]))
        return len(found)

    @cached_property
    def ranks(self) -> Array | None:
        """The place of each post in the order of ids, or None where that is the order of the numbers."""
        if len(self.segments) < 2:
            return None
        ids = [id for segment in self.segments for id in segment.ids.all()]
        ranks = np.empty(self.size, np.int64)
        ranks[sorted(range(self.size), key=ids.__getitem__)] = np.arange(self.size)
        return ranks

    @cached_property
    def title_ranks(self) -> Array:
        """The place of each post in the order of its folded title; equal titles have equal places."""
        titles = [words.fold(segment.card(number).title) for segment in self.segments for number in range(len(segment))]
        place = {title: place for place, title in enumerate(sorted(set(titles)))}
        return np.array([place[title] for title in titles], np.int64)

    def spelling(self, facet: str, name: bytes) -> str:
        """A folded value as the first of its posts, in the order of ids, spells it."""
        if (facet, name) not in self._spellings:
            posts = self._labelled(facet, name)
            first = posts.min() if self.ranks is None else posts[self.ranks[posts].argmin()]
            segment, number = self.place(int(first))
            written = getattr(segment.card(number), facet)
            self._spellings[facet, name] = next(label for label in written if words.fold_tag(label) == decoded(name))
        return self._spellings[facet, name]

    def counts(self, facet: str, found: Array) -> dict[bytes, int]:
        """How many of the *found* posts, a mask, have each folded value; those that none has are left out."""
        counts: dict[bytes, int] = defaultdict(int)
        for segment, start in zip(self.segments, self._starts, strict=False):
            for name, count in segment.labels[facet].counts(found[start : start + len(segment)]):
                counts[name] += count
        return counts

    def word(self, word: str) -> Postings:
        """The posts that have a form of *word*."""
        stem = words.stem(word).encode()
        return self._postings.get(
            ("word", stem), lambda: self._of_counts([self._stem_counts(s, stem) for s in self.segments])
        )

    def forms(self, word: str) -> frozenset[str]:
        """The words of which *word* is a form."""
        stem = words.stem(word).encode()
        return self._forms.get(
            stem, lambda: frozenset(s.terms[form].decode() for s in self.segments for form in s.forms(stem).tolist())
        )

    def prefix(self, beginning: str) -> Postings:
        """The posts that have a word that begins so; all such words are worth what one would be."""
        data = beginning.encode()
        return self._postings.get(
            ("prefix", data), lambda: self._of_counts([(_prefixed(s, data), None) for s in self.segments])
        )

    def phrase(self, phrase: tuple[str, ...]) -> Postings:
        """The posts that have these words side by side; the phrase is worth what one word would be."""
        data = tuple(word.encode() for word in phrase)
        return self._postings.get(
            ("phrase", data), lambda: self._of_counts([(self._side_by_side(s, data), None) for s in self.segments])
        )

    def tag(self, name: str) -> Array:
        """The posts that have a tag."""
        return self._labelled("tags", encoded(name))

    def _labelled(self, facet: str, name: bytes) -> Array:
        posts = self._numbered([segment.labels[facet].posts_of(name) for segment in self.segments])
        return posts[self.alive[posts]] if any(self._dropped) else posts

    def _numbered(self, posts: Sequence[Array]) -> Array:
        """Posts of each segment as one row, by the numbers of the whole."""
        moved = (numbers.astype(np.int32) + start for numbers, start in zip(posts, self._starts, strict=False))
        return self._joined(list(moved), np.int32)

    def _stem_counts(self, segment: Segment, stem: bytes) -> tuple[Counts, Counts]:
        forms = segment.forms(stem).tolist()
        return (
            _merged([segment.counts[form] for form in forms], len(segment)),
            _merged([segment.title_counts[form] for form in forms], len(segment)),
        )

    def _of_counts(self, found: Iterable[tuple[Counts, Counts | None]]) -> Postings:
        whole, titles = zip(*found, strict=True) if self.segments else ((), ())
        posts, times = self._across(whole)
        worth = self._worth(posts, times, self._norms)
        if titles and titles[0] is not None:
            in_title, title_times = self._across(titles)
            worth[np.searchsorted(posts, in_title)] += TITLE * self._worth(in_title, title_times, self._title_norms)
        bound = float(np.partition(worth, -BEST)[-BEST]) if len(worth) >= BEST else 0.0
        return Postings(posts, worth, bound)

    def _across(self, found: Sequence[Counts]) -> Counts:
        """Counts of all segments as one, by the numbers of the whole, without dropped posts."""
        posts = self._numbered([counts.posts for counts in found])
        times = self._joined([counts.times for counts in found], np.uint16)
        if not any(self._dropped):
            return Counts(posts, times)
        alive = self.alive[posts]
        return Counts(posts[alive], times[alive])

    def _worth(self, posts: Array, times: Array, norms: Array) -> Array:
        idf = log(1 + (self.posts - len(posts) + 0.5) / (len(posts) + 0.5))
        many = times.astype(np.float32)
        return (idf * (K1 + 1)) * many / (many + norms[posts]).astype(np.float64)

    def _side_by_side(self, segment: Segment, phrase: Sequence[bytes]) -> Counts:
        terms = [segment.terms.find(word) for word in phrase]
        if -1 in terms:
            return _NONE
        rows = sorted(
            (
                (self._places.get((segment.path, term), partial(segment.places, term)), offset)
                for offset, term in enumerate(terms)
            ),
            key=lambda row: len(row[0]),
        )
        begins = rows[0][0] - rows[0][1]
        for places, offset in rows[1:]:
            begins = _both(begins, places - offset if offset else places)
        posts, times = np.unique(begins >> 32, return_counts=True)
        return Counts(posts.astype(np.int32), times)


def _prefixed(segment: Segment, beginning: bytes) -> Counts:
    low, high = segment.terms.within(beginning)
    counts = segment.counts.within(low, high)
    return _summed(counts, len(segment)) if high - low > 1 else counts


_NONE = Counts(np.empty(0, np.uint16), np.empty(0, np.uint16))


def _merged(found: list[Counts], size: int) -> Counts:
    if len(found) == 1:
        return found[0]
    if not found:
        return _NONE
    return _summed(Counts(*(np.concatenate(column) for column in zip(*found, strict=True))), size)


def _summed(counts: Counts, size: int) -> Counts:
    """Counts in which a post stands but once."""
    times = np.bincount(counts.posts, weights=counts.times, minlength=size)
    posts = np.flatnonzero(times)
    return Counts(posts, times[posts])


def _both(few: Array, many: Array) -> Array:
    """The numbers that stand in both; each is in ascending order."""
    if len(many) > 8 * len(few):
        at = np.searchsorted(many, few)
        at[at == len(many)] = 0
        return few[many[at] == few] if len(many) else few[:0]
    both = np.sort(np.concatenate([few, many]), kind="stable")
    return np.asarray(both[:-1][both[1:] == both[:-1]])
