"""What do all segments together hold at one moment?"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import TypeVar

import numpy as np
from rapidfuzz.distance import OSA

from indexer import words
from indexer.cache import Cache
from indexer.engine import ENOUGH, KNOWN, MOST_CORRECTIONS
from indexer.engines.whoosh.flatfile import Array
from indexer.engines.whoosh.freshness import freshness
from indexer.engines.whoosh.impacts import Impacts, bound
from indexer.engines.whoosh.inversion import HEADLINE
from indexer.engines.whoosh.numbering import numbered
from indexer.engines.whoosh.segment import Segment
from indexer.engines.whoosh.tally import Tally
from indexer.engines.whoosh.utf8 import decoded, encoded
from indexer.post import Post
from indexer.query import Label, Phrase, Prefix, Term, Titled, Word

T = TypeVar("T")

#: Titles that are compared with a question, at most.
MOST_TITLES = 1000

#: Bytes that the posts of labels may take, kept from one question to the next; and as many for the forms of words.
CACHED = 4 << 20


class Snapshot:
    """The posts of *segments* but for those of *deleted* (numbers in each segment). Safe from any number of threads."""

    def __init__(self, segments: Sequence[Segment], deleted: Sequence[frozenset[int]], generation: str) -> None:
        self.generation = generation
        self.segments = segments
        self._starts = np.cumsum([0, *map(len, segments)]).tolist()
        self.size: int = self._starts[-1]
        self.alive = np.ones(self.size, bool)
        for start, gone in zip(self._starts, deleted, strict=False):
            self.alive[[start + number for number in gone]] = False
        self.posts = int(np.count_nonzero(self.alive))
        self.dates = self._joined([segment.dates for segment in segments], np.int64)
        self.title_lengths = self._joined([segment.title_lengths for segment in segments], np.uint32)
        self._weights = self._joined([segment.weights for segment in segments], np.float64)
        weighs = (self._weights[self.alive] != 1).any()
        self._factors: dict[float, Array | None] = {0: self._weights if weighs else None}
        self.impacts = Impacts(segments, self._starts, self.alive)
        self._ids: dict[int, str] = {}
        self._of_labels: Cache[Array] = Cache(CACHED, lambda posts: posts.nbytes)
        self._forms: Cache[frozenset[str]] = Cache(CACHED, lambda forms: 100 * len(forms))
        self._corrections: Cache[tuple[str, ...]] = Cache(CACHED, lambda meant: 100 * len(meant))
        self._spellings: dict[str, dict[bytes, str]] = defaultdict(dict)
        self._tallies: dict[str, Tally] = {}

    def _joined(self, arrays: Sequence[Array], kind: type) -> Array:
        return arrays[0] if len(arrays) == 1 else np.concatenate(arrays) if arrays else np.empty(0, kind)

    def place(self, number: int) -> tuple[Segment, int]:
        """The segment of a post, and its number there."""
        index = bisect_right(self._starts, number) - 1
        return self.segments[index], number - self._starts[index]

    def id(self, number: int) -> str:
        """The id of a post."""
        id = self._ids.get(number)
        if id is None:
            segment, inner = self.place(number)
            id = self._ids[number] = decoded(segment.ids[inner])
        return id

    def number(self, id: str) -> int | None:
        """The number of the post with this id."""
        for segment, start in zip(self.segments, self._starts, strict=False):
            inner = segment.ids.find(encoded(id))
            if inner >= 0 and self.alive[start + inner]:
                return int(start + inner)
        return None

    def post(self, number: int) -> Post:
        """A post."""
        segment, inner = self.place(number)
        return segment.post(inner)

    def named(self, id: str) -> Post | None:
        """The post with this id."""
        number = self.number(id)
        return None if number is None else self.post(number)

    def digests(self) -> dict[str, str]:
        """The digest of each post, by id."""
        return {id: decoded(digest) for id, digest in self._of_each(lambda segment: segment.digests.all())}

    def urls(self) -> dict[str, str]:
        """The address of each post, by id."""
        return dict(self._of_each(lambda segment: [segment.card(number).url for number in range(len(segment))]))

    def _of_each(self, values: Callable[[Segment], Sequence[T]]) -> Iterator[tuple[str, T]]:
        for segment, start in zip(self.segments, self._starts, strict=False):
            pairs = zip(segment.ids.all(), values(segment), strict=True)
            for number, (id, value) in enumerate(pairs, start):
                if self.alive[number]:
                    yield decoded(id), value

    @cached_property
    def word_count(self) -> int:
        """How many different words the posts have. To count them takes long, and probes ask all the time."""
        found: set[bytes] = set()
        for segment, start in zip(self.segments, self._starts, strict=False):
            found.update(segment.words_of(self.alive[start : start + len(segment)]))
        return len(found)

    def completions(self, beginning: str, count: int) -> tuple[str, ...]:
        """As `Searchable.completions`."""
        runs = [(segment, *segment.terms.within(encoded(beginning))) for segment in self.segments]
        having = [np.diff(segment.counts.starts[low : high + 1]) for segment, low, high in runs]
        # So many posts have the best words of one segment, gone ones apart: the best of all, in some segment, a share.
        least = max([bound(each, count) for each in having], default=0.0) - (self.size - self.posts)
        likely: set[bytes] = set()
        for (segment, low, _), each in zip(runs, having, strict=True):
            likely.update(segment.terms[low + place] for place in (each >= least / len(runs)).nonzero()[0].tolist())
        ordered = sorted((-self.impacts.having(word), word) for word in map(decoded, likely))
        return tuple(word for number, word in ordered if number)[:count]

    @cached_property
    def ranks(self) -> Array | None:
        """The place of each post in the order of ids, or None where that is the order of the numbers."""
        if len(self.segments) < 2:
            return None
        ids = [id for segment in self.segments for id in segment.ids.all()]
        return numbered(ids)[1]

    @cached_property
    def title_ranks(self) -> Array:
        """The place of each post in the order of its folded title; equal titles have equal places."""
        titles = [words.fold(segment.card(number).title) for segment in self.segments for number in range(len(segment))]
        return numbered(titles)[1]

    def factors(self, half_life: float) -> Array | None:
        """What the score of each post is multiplied by; None if by 1 alone. With a *half_life* of 0 age is nothing."""
        if half_life not in self._factors:
            self._factors[half_life] = self._weights * self.freshness(half_life)
        return self._factors[half_life]

    def weighed(self, scores: Array, half_life: float, posts: Array | slice = slice(None)) -> Array:
        """The *scores* of *posts* times their factors."""
        factors = self.factors(half_life)
        return scores if factors is None else scores * factors[posts]

    def freshness(self, half_life: float) -> Array:
        """What their ages leave of the scores of posts, if they are halved in so many days."""
        evergreen = self._joined([segment.evergreen for segment in self.segments], np.bool_)
        return freshness(self.dates, self.alive, evergreen, half_life)

    def tally(self, facet: str) -> Tally:
        """What counts the posts that have each value of a facet."""
        if facet not in self._tallies:
            self._tallies[facet] = Tally([segment.labels[facet] for segment in self.segments], self._starts)
        return self._tallies[facet]

    def spellings(self, facet: str, names: Iterable[bytes]) -> list[str]:
        """Folded values, each as the first of its posts, in the order of ids, spells it."""
        known = self._spellings[facet]
        return [known.get(name) or known.setdefault(name, self._spelling(facet, name)) for name in names]

    def _spelling(self, facet: str, name: bytes) -> str:
        posts = self._labelled(facet, name)
        first = posts.min() if self.ranks is None else posts[self.ranks[posts].argmin()]
        segment, number = self.place(int(first))
        written: tuple[str, ...] = getattr(segment.card(number), facet)
        return next(label for label in written if words.fold_tag(label) == decoded(name))

    def forms(self, code: int, word: Word) -> frozenset[str]:
        """The words of posts in a tongue of which *word* is a form."""
        return self._forms.get((code, word), lambda: frozenset(self._forms_of(code, word)))

    def _forms_of(self, code: int, word: Word) -> Iterator[str]:
        for segment in self.segments:
            for form in segment.forms(word, code):
                yield words.fold(segment.written(form))

    def titled(self, headline: str, *, whole: bool = False) -> Array:
        """A mask of the posts whose title's words begin so, or are just these."""
        mask = np.zeros(self.size, bool)
        for segment, start in zip(self.segments, self._starts, strict=False):
            titles = segment.labels[HEADLINE]
            run = (titles.names.exactly if whole else titles.names.within)(encoded(headline))
            mask[titles.posts.within(*run) + np.int32(start)] = True
        return mask & self.alive

    def begins_title(self, text: str) -> bool:
        """As `Searchable.begins_title`; of titles with the same words, or more, the first thousand are looked at."""
        alike = self.titled(words.headline(text)).nonzero()[0][:MOST_TITLES].tolist()
        titles = (segment.card(inner).title for segment, inner in map(self.place, alike))
        return any(words.fold(title).startswith(words.fold(text)) for title in titles)

    def corrections(self, word: Word, *, is_open: bool) -> tuple[str, ...]:
        """As `Searchable.corrections`."""
        return self._corrections.get((word, is_open), lambda: self._corrected(word, is_open))

    def _corrected(self, word: Word, is_open: bool) -> tuple[str, ...]:
        most = words.tolerance(word.text)
        having = len((self.impacts.open_word if is_open else self.impacts.word)(word).posts)
        least = max(1, KNOWN * having)
        if not most or having >= ENOUGH or least > self.posts:
            return ()
        near = {other for segment in self.segments for other in segment.letters.near(word.text, most)}
        counts = {other: len(self.impacts.word(Word(other)).posts) for other in near}
        ordered = sorted((OSA.distance(word.text, other), -count, other) for other, count in counts.items())
        return tuple(other for _, count, other in ordered if -count >= least)[:MOST_CORRECTIONS]

    def cost(self, term: Term) -> float:
        """As `Searchable.cost`; posts that are gone, but not from the disk, are gone through, too."""
        match term:
            case Titled(inner):
                return self.cost(inner)
            case Label(facet, name):
                found = len(self.labelled(facet, name))
            case Phrase((*whole, last), is_open):
                return sum(self.cost(Word(word)) for word in whole) + self.cost(Prefix(last) if is_open else Word(last))
            case Word() | Prefix():
                runs = [segment.within(*run) for segment in self.segments for run in segment.runs_of(term)]
                found = sum([len(counts.posts) for counts in runs])
        return found / max(1, self.size)

    def labelled(self, facet: str, name: str) -> Array:
        """The posts that have a label."""
        return self._of_labels.get((facet, name), lambda: self._labelled(facet, encoded(name)))

    def _labelled(self, facet: str, name: bytes) -> Array:
        found = [segment.labels[facet].posts_of(name) for segment in self.segments]
        moved = [numbers.astype(np.int32) + start for numbers, start in zip(found, self._starts, strict=False)]
        posts = self._joined(moved, np.int32)
        return posts if self.posts == self.size else posts[self.alive[posts]]
