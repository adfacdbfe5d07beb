"""What does one segment hold? Its arrays by their meaning, for posts by their number in it."""

import json
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from itertools import pairwise, repeat
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from indexer import words
from indexer.engine import FACETS
from indexer.engines.whoosh.flatfile import Array, FlatFile
from indexer.engines.whoosh.inversion import HEADLINE, NO_WORDS, stem_key
from indexer.engines.whoosh.spelling import Letters
from indexer.engines.whoosh.utf8 import decoded
from indexer.post import Post
from indexer.query import Prefix, Word
from indexer.telling import IN_TITLE

#: The words from one place of the dictionary to another; in the posts of a tongue, or in all.
Run = tuple[int, int, int | None]


class Dictionary:
    """Entries of bytes."""

    def __init__(self, file: FlatFile, name: str) -> None:
        # A view gives plain numbers, three times as fast as an array does.
        self._ends = file[f"{name}.off"].data
        self._blob = file[f"{name}.blob"].data

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, place: int) -> bytes:
        return bytes(self._blob[self._ends[place] : self._ends[place + 1]])

    def all(self) -> list[bytes]:
        """Every entry, in order."""
        blob, ends = bytes(self._blob), self._ends.tolist()
        return [blob[start:end] for start, end in pairwise(ends)]


class SortedDictionary(Dictionary):
    """Entries of bytes, each once, in ascending order."""

    def __init__(self, file: FlatFile, name: str) -> None:
        super().__init__(file, name)
        self._keys = file[f"{name}.key"].data

    def place(self, entry: bytes) -> int:
        """Where *entry* is, or would be."""
        key = int.from_bytes(entry[:8].ljust(8, b"\0"), "big")
        low = bisect_left(self._keys, key)
        high = bisect_right(self._keys, key, low) if len(entry) > 8 or 0 in entry else low
        return bisect_left(self, entry, low, high)

    def find(self, entry: bytes) -> int:
        """Where *entry* is, or -1."""
        place = self.place(entry)
        return place if place < len(self) and self[place] == entry else -1

    def exactly(self, entry: bytes) -> tuple[int, int]:
        """The range that holds *entry* alone, or nothing."""
        place = self.place(entry)
        return place, place + (place < len(self) and self[place] == entry)

    def within(self, beginning: bytes) -> tuple[int, int]:
        """The range of the entries that begin so. No byte of UTF-8 is 0xff."""
        return self.place(beginning), self.place(beginning + b"\xff")


class Runs:
    """The values of each entry of a dictionary, by its place; none for the place of an entry that is not there."""

    def __init__(self, file: FlatFile, name: str) -> None:
        self.starts, self.values = file[f"{name}.ptr"], file[name]
        self._starts = self.starts.data

    def __getitem__(self, place: int) -> Array:
        return self.within(place, place + 1) if place >= 0 else self.values[:0]

    def within(self, low: int, high: int) -> Array:
        """Those of a range of entries."""
        return self.values[self._starts[low] : self._starts[high]]


class Labels:
    """The folded values of one facet, such as the tags, and the posts that have each."""

    def __init__(self, file: FlatFile, facet: str) -> None:
        self.names = SortedDictionary(file, facet)
        self.posts = Runs(file, facet)

    def posts_of(self, name: bytes) -> Array:
        """The posts that have a value."""
        return self.posts[self.names.find(name)]


class Counts(NamedTuple):
    """Posts in ascending order, and how often each has a word: in all of its texts, and in its title."""

    posts: Array
    times: Array
    in_title: Array


class CountsOfWords:
    """The posts that have each word, and how often."""

    def __init__(self, file: FlatFile) -> None:
        self.starts, self._starts = file["all.ptr"], file["all.ptr"].data
        self.columns = Counts(file["all.doc"], file["all.tf"], file["all.title"])

    def within(self, low: int, high: int) -> Counts:
        """Of a range of words; a post stands there once for each that it has."""
        posts, times, in_title = self.columns
        run = slice(self._starts[low], self._starts[high])
        return Counts(posts[run], times[run], in_title[run])


_CARD = msgspec.msgpack.Decoder(Post)


class Segment:
    """The posts in the file at *path*. Never changes; safe from any number of threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        file = FlatFile(path)
        self.ids, self.terms, self.stems = (SortedDictionary(file, name) for name in ("id", "term", "stem"))
        self.labels = {facet: Labels(file, facet) for facet in (*FACETS, HEADLINE)}
        self._cards, self._bodies, self.digests = (Dictionary(file, name) for name in ("card", "body", "digest"))
        self.tongues, self._spoken = file["tongue"], np.unique(file["tongue"]).tolist()
        self.dates, self.lengths, self.title_lengths = file["date"], file["len"], file["title.len"]
        self.weights, self.evergreen = file["weight"], file["evergreen"]
        self.counts = CountsOfWords(file)
        self.letters = Letters(self.terms.__getitem__, file["term.blob"], file["term.off"])
        self._places, self._forms = Runs(file, "place"), Runs(file, "form")

    def __len__(self) -> int:
        return len(self.ids)

    def post(self, number: int) -> Post:
        """The post of that number."""
        id, digest = decoded(self.ids[number]), decoded(self.digests[number])
        return replace(self.card(number), id=id, digest=digest, body=self.body(number))

    def words_of(self, alive: Array) -> list[bytes]:
        """The words that a post of the mask *alive* has."""
        had = np.concatenate([[0], np.cumsum(alive[self.counts.columns.posts], dtype=np.int64)])[self.counts.starts]
        found = (self.terms[term] for term in np.flatnonzero(np.diff(had)).tolist())
        return [term for term in found if term[:1] not in NO_WORDS]

    def times(self, number: int) -> dict[str, int]:
        """How often a post has each of its words; one in its title counts `IN_TITLE` times."""
        posts, times, in_title = self.counts.columns
        found = (posts == number).nonzero()[0]
        terms = self.counts.starts.searchsorted(found, side="right") - 1
        counts = (times[found] + (IN_TITLE - 1) * in_title[found].astype(np.int64)).tolist()
        pairs = zip(map(self.terms.__getitem__, terms.tolist()), counts, strict=True)
        return {decoded(term): count for term, count in pairs if term[:1] not in NO_WORDS}

    def card(self, number: int) -> Post:
        """A post without its id, its digest and its body: most questions need ten of these."""
        data = self._cards[number]
        return _CARD.decode(data) if data[:1] != b"{" else msgspec.convert(json.loads(data), Post)

    def body(self, number: int) -> str:
        """The text of a post."""
        return decoded(zlib.decompress(self._bodies[number]))

    def runs(self, word: Word) -> Iterator[Run]:
        """The ranges of the forms of *word*, in each tongue: side by side, as a rule, so that they are one."""
        for code in self._spoken:
            forms = self.forms(word, code)
            begins = [form for place, form in enumerate(forms) if not place or forms[place - 1] + 1 != form]
            ends = [form + 1 for place, form in enumerate(forms, 1) if place == len(forms) or forms[place] != form + 1]
            yield from zip(begins, ends, repeat(code if len(self._spoken) > 1 else None), strict=False)

    def runs_of(self, term: Word | Prefix) -> Iterable[Run]:
        """The ranges of the words that *term* stands for."""
        return self.runs(term) if isinstance(term, Word) else ((*self.terms.within(term.text.encode()), None),)

    def forms(self, word: Word, code: int) -> list[int]:
        """The forms of *word* that posts in a tongue have, in order."""
        tongue = words.TONGUES[code]
        plain, *others = word.stems(tongue)
        forms: list[int] = self._forms[self.stems.find(stem_key(code, plain))].tolist()
        for stem in others:
            # What is written so may be a form of the plain word, too, and is to count once.
            more = self._forms[self.stems.find(stem_key(code, stem))].tolist()
            forms += [form for form in more if words.stem(words.fold(self.written(form)), tongue) != plain]
        return sorted(forms) if others else forms

    def written(self, form: int) -> str:
        """A word of the dictionary as it is written."""
        return self.terms[form].decode().removeprefix(words.WRITTEN)

    def within(self, low: int, high: int, code: int | None = None) -> Counts:
        """What counts the words of a range, in the posts of a tongue, or in all."""
        counts = self.counts.within(low, high)
        if code is None:
            return counts
        spoken = self.tongues[counts.posts] == code
        return Counts(*(column[spoken] for column in counts))

    def places(
        self, low: int, high: int, code: int | None = None, start: int = 0, shift: int = 32, kind: type = np.int64
    ) -> Array:
        """Where the words of a range stand, for each in ascending order, in the posts of a tongue, or in all.

        A number of *kind* for each: the post's number from *start* on, times 2 to the power of *shift*, plus the place.
        """
        posts, times, _ = self.counts.within(low, high)
        places = np.repeat((posts.astype(kind) + start) << shift, times)
        places |= self._places.within(low, high)
        return places if code is None else places[np.repeat(self.tongues[posts] == code, times)]

    def in_titles(self, low: int, high: int) -> Array:
        """Which of these places are in titles: the first ones that a word has in a post, as the title comes first."""
        _, times, in_title = self.counts.within(low, high)
        starts = np.cumsum(times, dtype=np.int64) - times
        return np.arange(times.sum(dtype=np.int64)) < np.repeat(starts + in_title, times)

    @cached_property
    def last_place(self) -> int:
        """Where the last word of the longest post stands."""
        return int(self._places.values.max(initial=0))
