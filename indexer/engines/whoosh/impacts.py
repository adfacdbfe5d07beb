"""What is each word of a question worth in each post?

score = sum over the question's words of  idf(w) * tf * (k1 + 1) / (tf + k1 * (1 - b + b * length / mean length))
over all texts of a post, plus `TITLE` times the same over its title alone (Robertson and Zaragoza 2009, "The
Probabilistic Relevance Framework", 3.3; two scores added were measured better than one over weighted fields), plus
`EXACT` or `WRITTEN` times the same of the word as it is written, of all its forms.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from itertools import starmap
from math import log
from typing import NamedTuple

import numpy as np

from indexer import words
from indexer.cache import Cache
from indexer.engine import TITLE
from indexer.engines.whoosh.flatfile import Array
from indexer.engines.whoosh.inversion import spread
from indexer.engines.whoosh.segment import Counts, Run, Segment
from indexer.query import Phrase, Prefix, Word

K1, B = 1.2, 0.75

#: What the word as it is written counts beside that of all its forms.
EXACT = 0.3

#: The same, if it is written with accents or signs, which nobody types for nothing.
WRITTEN = 1.0

#: What `camelCase` counts, in a question for `case`, of what the word itself would.
PART = 0.25

#: What a word counts that may have been meant, of what the mistyped one would.
MEANT = 0.5

#: What a longer word counts of what the word itself would, while the reader may still be typing.
OPEN = 0.5

#: Bytes that the impacts of words may take, kept from one question to the next; their places may take twice that.
CACHED = 32 << 20

#: `Postings.bound` holds for that many posts: a first page.
BEST = 10


#: The ranges of some words of a segment.
Ranges = Callable[[Segment], Iterable[Run]]


class Postings(NamedTuple):
    """The posts that meet a term, in ascending order, and what the term is worth in each."""

    posts: Array
    worth: Array

    #: Ten posts are worth that much or more; 0 where fewer than ten meet the term.
    bound: float


class Impacts:
    """What words are worth in the *alive* posts, a mask, of *segments* that begin at the numbers *starts*."""

    def __init__(self, segments: Sequence[Segment], starts: Sequence[int], alive: Array) -> None:
        self._segments, self._starts, self._alive = segments, starts, alive
        self._size, self._posts = len(alive), int(np.count_nonzero(alive))
        self._all_alive = self._posts == self._size
        self._norms, self._title_norms = self._norm("lengths"), self._norm("title_lengths")
        self._tongues = np.unique(np.concatenate([np.empty(0, np.uint8), *(one.tongues for one in segments)])[alive])
        self._of_words: Cache[Postings] = Cache(CACHED, lambda kept: kept.posts.nbytes + kept.worth.nbytes)
        self._places: Cache[Array] = Cache(2 * CACHED, lambda kept: kept.nbytes)

    def _norm(self, lengths: str) -> Array:
        joined = np.concatenate([np.empty(0, np.uint32), *(getattr(segment, lengths) for segment in self._segments)])
        # Sums of whole numbers: the same however the posts are cut into segments.
        mean = int(joined[self._alive].sum(dtype=np.int64)) / max(1, self._posts) or 1.0
        return np.asarray(K1 * (1 - B + B * joined / mean))

    def word(self, word: Word) -> Postings:
        """Of the posts that have a form of *word*."""
        return self._of_words.get(word, lambda: self._of_word(word))

    def open_word(self, word: Word) -> Postings:
        """Of the posts that have a form of *word*, or else a word that begins so."""
        return self._of_words.get((word,), lambda: self.or_else(self.word(word), self.prefix(word.text), OPEN))

    def titled(self, term: Word | Prefix | Phrase) -> Postings:
        """Of the posts that meet *term* in their titles: what it is worth there alone."""
        if isinstance(term, Phrase):
            return self.phrase(term.words, is_open=term.open, in_title=True)
        counts = self._counts_of_word(term) if isinstance(term, Word) else self._counts_of_prefix(term.text)
        titled = counts.in_title.nonzero()[0]
        posts, _, times = _once(Counts(*(column[titled] for column in counts)), self._size)
        worth = self._worth(posts, times, self._title_norms)
        return Postings(posts, worth, bound(worth))

    def prefix(self, beginning: str) -> Postings:
        """Of the posts that have a word that begins so; all such words are worth what one would be."""
        return self._of_words.get(
            (beginning, "*"), lambda: self._weighed(_once(self._counts_of_prefix(beginning), self._size))
        )

    def _counts_of_prefix(self, beginning: str) -> Counts:
        return self._counts_of(lambda segment: segment.runs_of(Prefix(beginning)))

    def phrase(self, phrase: Sequence[str], *, is_open: bool = False, in_title: bool = False) -> Postings:
        """Of the posts that have these words side by side, anywhere or in the title; worth what one word would be.

        If it is open, the last word is but a beginning.
        """
        *others, last = phrase
        ends = self._places_of_prefix(last, in_title) if is_open else self._places_of(last, in_title)
        rows = [(self._places_of(word, in_title), offset) for offset, word in enumerate(others)] + [(ends, len(others))]
        rows.sort(key=lambda row: len(row[0]))
        begins = rows[0][0] - rows[0][1]
        for places, offset in rows[1:]:
            begins = _both(begins, places, offset)
        posts = (begins >> self._scale[0]).astype(np.int32)
        first = _begins(posts)
        posts, times = posts[first], np.diff(first, append=len(posts))
        worth = self._worth(posts, times, self._title_norms if in_title else self._norms)
        return Postings(posts, worth, bound(worth))

    def having(self, word: str) -> int:
        """How many posts have *word* itself, whatever its other forms."""
        having = 0
        for segment, start in zip(self._segments, self._starts, strict=False):
            posts = segment.counts.within(*segment.terms.exactly(word.encode())).posts
            having += len(posts) if self._all_alive else int(self._alive[start:][posts].sum())
        return having

    def stems(self, word: Word) -> list[tuple[str, ...]]:
        """The stems of *word* in the tongues of the posts."""
        return [word.stems(words.TONGUES[code]) for code in self._tongues.tolist()]

    def most(self, word: Word) -> float:
        """What *word* is worth in a post, at most."""
        return self._idf(len(self.word(word).posts))

    def places_within(self, word: Word, posts: Array, shift: int) -> Array:
        """Where the forms of *word* stand in *posts*, which ascend: place + (2 ** shift) * the post's index there."""
        bits, kind = self._scale
        places = self._places.get((word,), lambda: np.sort(self._joined_places(lambda segment: segment.runs(word))))
        keys, rest = posts.astype(kind) << kind(bits), kind((1 << bits) - 1)
        starts, ends = places.searchsorted(keys), places.searchsorted(keys | rest, side="right")
        found = np.repeat(np.arange(len(posts)) << shift, ends - starts)
        found += places[spread(starts, ends - starts)] & rest
        return found

    def _of_word(self, word: Word) -> Postings:
        posts, worth, _ = self._weighed(self._counts_of_word(word))
        exact = self._counts_of_term(word.written or word.text)
        share = WRITTEN if word.written else EXACT
        worth[posts.searchsorted(exact.posts)] += share * self._worth(exact.posts, exact.times, self._norms)
        whole = Postings(posts, worth, bound(worth))
        part = self._counts_of_term(words.PART + word.text)
        return self.or_else(whole, self._weighed(part), PART) if len(part.posts) else whole

    def or_else(self, whole: Postings, other: Postings, share: float) -> Postings:
        """The posts that meet a term, and those that meet another one instead, which is worth a *share* of itself."""
        worth = np.zeros(self._size)
        worth[other.posts] = share * other.worth
        worth[whole.posts] = whole.worth
        posts = worth.nonzero()[0]
        return Postings(posts, worth[posts], bound(worth))

    def _counts_of_term(self, term: str) -> Counts:
        return self._counts_of(lambda segment: ((*segment.terms.exactly(term.encode()), None),))

    def _counts_of(self, ranges: Ranges) -> Counts:
        found: list[Counts] = []
        starts: list[int] = []
        for segment, start in zip(self._segments, self._starts, strict=False):
            found += starmap(segment.within, ranges(segment))
            starts += [start] * (len(found) - len(starts))
        return self._joined(found, starts)

    def _counts_of_word(self, word: Word) -> Counts:
        counts = self._counts_of(lambda segment: segment.runs(word))
        if (counts.posts[1:] <= counts.posts[:-1]).any():
            counts = _once(counts, self._size)
        return counts

    def _places_of(self, word: str, in_title: bool) -> Array:
        return self._places.get(
            (word, in_title),
            lambda: self._joined_places(lambda segment: ((*segment.terms.exactly(word.encode()), None),), in_title),
        )

    def _places_of_prefix(self, beginning: str, in_title: bool) -> Array:
        return np.sort(self._joined_places(lambda segment: segment.runs_of(Prefix(beginning)), in_title))

    def _joined_places(self, ranges: Ranges, in_title: bool = False) -> Array:
        """Where words stand in all posts, or in their titles: those of one word in ascending order."""
        shift, kind = self._scale
        found: list[Array] = [np.empty(0, kind)]
        for segment, start in zip(self._segments, self._starts, strict=False):
            for run in ranges(segment):
                places = segment.places(*run, start, shift, kind)
                found.append(places[segment.in_titles(*run[:2])] if in_title else places)
        places = np.concatenate(found)
        return places if self._all_alive else places[self._alive[places >> shift]]

    @cached_property
    def _scale(self) -> tuple[int, type]:
        """How far a post's number is shifted to make room for a place, and the kind of number that holds both.

        One place is left free behind the last of each post, so that no phrase reaches into the next. Half the bytes
        are half the time, where they hold it.
        """
        last = max((segment.last_place for segment in self._segments), default=0)
        shift = (last + 1).bit_length()
        return shift, np.uint32 if self._size << shift <= 1 << 32 else np.int64

    def _joined(self, found: Sequence[Counts], starts: Iterable[int]) -> Counts:
        """Counts of several words as one, by the numbers of the whole, without posts that are gone."""
        posts = [np.add(counts.posts, start, dtype=np.int32) for counts, start in zip(found, starts, strict=False)]
        joined = _NONE
        if len(found) == 1:
            joined = Counts(posts[0], found[0].times, found[0].in_title)
        elif found:
            _, times, in_title = zip(*found, strict=True)
            joined = Counts(np.concatenate(posts), np.concatenate(times), np.concatenate(in_title))
        if self._all_alive:
            return joined
        kept = self._alive[joined.posts]
        return Counts(*(column[kept] for column in joined))

    def _weighed(self, counts: Counts) -> Postings:
        posts, times, in_title = counts
        worth = self._worth(posts, times, self._norms)
        titled = in_title.nonzero()[0]
        if len(titled):
            worth[titled] += TITLE * self._worth(posts[titled], in_title[titled], self._title_norms)
        return Postings(posts, worth, bound(worth))

    def _worth(self, posts: Array, times: Array, norms: Array) -> Array:
        worth = norms[posts]
        worth += times
        np.divide(times, worth, out=worth)
        worth *= self._idf(len(posts))
        return worth

    def _idf(self, posts: int) -> float:
        """What a word is worth that *posts* posts have, at most: idf(w) * (k1 + 1)."""
        return log(1 + (self._posts - posts + 0.5) / (posts + 0.5)) * (K1 + 1)


_NONE = Counts(np.empty(0, np.int32), np.empty(0, np.uint8), np.empty(0, np.uint8))
_BLOCKS = 64


def bound(worth: Array, best: int = BEST) -> float:
    """What at least the *best* of *worth* reach, and not many more; 0 if there are fewer."""
    if len(worth) < best:
        return 0.0
    if len(worth) > 4 * _BLOCKS and 2 * best <= _BLOCKS:
        # The best of the best of each of many parts: the maxima of columns take a fifth of the time of a partition.
        worth = worth[: len(worth) // _BLOCKS * _BLOCKS].reshape(-1, _BLOCKS).max(axis=0)
    return float(np.partition(worth, -best)[-best])


def _once(counts: Counts, size: int) -> Counts:
    """*counts* with its posts in ascending order, each once, and their times added up."""
    posts, times, in_title = counts
    if 8 * len(posts) > size:
        totals = np.bincount(posts, weights=times, minlength=size)
        found = totals.nonzero()[0]
        return Counts(found, totals[found], np.bincount(posts, weights=in_title, minlength=size)[found])
    order = posts.argsort(kind="stable")
    posts = posts[order]
    first = _begins(posts)
    totals, of_title = (np.add.reduceat(column[order], first, dtype=np.float64) for column in (times, in_title))
    return Counts(posts[first], totals, of_title)


def _begins(ordered: Array) -> Array:
    """Where runs of equal numbers begin."""
    new = np.empty(len(ordered), bool)
    new[:1] = True
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    return new.nonzero()[0]


def _both(few: Array, many: Array, offset: int) -> Array:
    """Those of *few* that stand *offset* before one of *many*; each is in ascending order."""
    if not len(many):
        return few[:0]
    wanted = few + offset
    return np.asarray(few[many.take(many.searchsorted(wanted), mode="clip") == wanted])
