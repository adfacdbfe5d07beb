"""What does one segment hold? Its arrays by their meaning, for posts by their number in it."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from indexer.engine import FACETS
from indexer.engines.whoosh.flatfile import Array, FlatFile
from indexer.engines.whoosh.utf8 import decoded
from indexer.post import Post, Section


class Dictionary:
    """Entries of bytes; sorted, if they are to be found again."""

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

    def place(self, entry: bytes) -> int:
        """Where *entry* is, or would be."""
        low, high = 0, len(self)
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if self[middle] < entry else (low, middle)
        return low

    def find(self, entry: bytes) -> int:
        """Where *entry* is, or -1."""
        place = self.place(entry)
        return place if place < len(self) and self[place] == entry else -1

    def within(self, beginning: bytes) -> tuple[int, int]:
        """The range of the entries that begin so. No byte of UTF-8 is 0xff."""
        return self.place(beginning), self.place(beginning + b"\xff")


class Runs:
    """The values of each entry of a dictionary, by its place; none for the place of an entry that is not there."""

    def __init__(self, file: FlatFile, name: str) -> None:
        self.starts, self.values = file[f"{name}.ptr"], file[name]

    def __getitem__(self, place: int) -> Array:
        return self.values[self.starts[place] : self.starts[place + 1]] if place >= 0 else self.values[:0]


class Labels:
    """The folded values of one facet, such as the tags, and the posts that have each."""

    def __init__(self, file: FlatFile, facet: str) -> None:
        self.names = Dictionary(file, facet)
        self._posts = Runs(file, facet)

    def posts_of(self, name: bytes) -> Array:
        """The posts that have a value."""
        return self._posts[self.names.find(name)]

    def counts(self, found: Array) -> Iterator[tuple[bytes, int]]:
        """How many of the *found* posts, a mask, have each value; those that none has are left out."""
        if len(self.names):
            hits = found.view(np.uint8)[self._numbers]
            counts = np.add.reduceat(hits, self._posts.starts[:-1], dtype=np.int32).tolist()
            yield from ((name, count) for name, count in zip(self._all, counts, strict=True) if count)

    @cached_property
    def _numbers(self) -> Array:
        # In the kind of number that an array is indexed by at once.
        return self._posts.values.astype(np.intp)

    @cached_property
    def _all(self) -> list[bytes]:
        return self.names.all()


class Counts(NamedTuple):
    """Posts in ascending order, and how often each has a word."""

    posts: Array
    times: Array


class CountsOfWords:
    """The posts that have each word in some of their texts, and how often."""

    def __init__(self, file: FlatFile, name: str) -> None:
        self.starts, self.posts, self._times = file[f"{name}.ptr"], file[f"{name}.doc"], file[f"{name}.tf"]

    def __getitem__(self, term: int) -> Counts:
        return self.within(term, term + 1)

    def within(self, low: int, high: int) -> Counts:
        """Of a range of words; a post stands there once for each that it has."""
        run = slice(self.starts[low], self.starts[high])
        return Counts(self.posts[run], self._times[run])


class Card(msgspec.Struct, frozen=True):
    """What a post says of itself, but for its id, its digest and its body."""

    url: str
    title: str
    description: str = ""
    date: str | None = None
    updated: str | None = None
    tags: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    language: str = ""
    image: str = ""
    sections: tuple[Section, ...] = ()


_CARD = msgspec.msgpack.Decoder(Card)


class Segment:
    """The posts in the file at *path*. Never changes; safe from any number of threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = file = FlatFile(path)
        self.ids, self.terms, self.stems = Dictionary(file, "id"), Dictionary(file, "term"), Dictionary(file, "stem")
        self.labels = {facet: Labels(file, facet) for facet in FACETS}
        self.tags = self.labels["tags"].names
        self._cards, self._bodies, self._digests = (Dictionary(file, name) for name in ("card", "body", "digest"))
        self.dates, self.lengths, self.title_lengths = file["date"], file["len"], file["title.len"]
        self.counts, self.title_counts = CountsOfWords(file, "all"), CountsOfWords(file, "title")
        self._places, self._forms = Runs(file, "place"), Runs(file, "form")

    def __len__(self) -> int:
        return len(self.ids)

    def post(self, number: int, *, with_body: bool = True) -> Post:
        """The post of that number, whole, or with its body left empty."""
        card = self.card(number)
        return Post(
            id=decoded(self.ids[number]),
            digest=decoded(self._digests[number]),
            body=self.body(number) if with_body else "",
            **{name: getattr(card, name) for name in card.__struct_fields__},
        )

    def words_of(self, alive: Array) -> list[bytes]:
        """The words that a post of the mask *alive* has."""
        if alive.all():
            return self.terms.all()
        had = np.concatenate([[0], np.cumsum(alive[self.counts.posts], dtype=np.int64)])[self.counts.starts]
        return [self.terms[term] for term in np.flatnonzero(np.diff(had)).tolist()]

    def card(self, number: int) -> Card:
        """What a post says of itself, its body apart."""
        data = self._cards[number]
        return _CARD.decode(data) if data[:1] != b"{" else msgspec.convert(json.loads(data), Card)

    def body(self, number: int) -> str:
        """The text of a post."""
        return decoded(zlib.decompress(self._bodies[number]))

    def digests(self) -> list[bytes]:
        """The posts' digests, by number."""
        return self._digests.all()

    def forms(self, stem: bytes) -> Array:
        """The words that *stem* stands for."""
        return self._forms[self.stems.find(stem)]

    def places(self, term: int) -> Array:
        """Where a word stands, in ascending order: the post's number times 2^32, plus the place in the post."""
        posts, times = self.counts[term]
        return (np.repeat(posts.astype(np.int64), times) << 32) | self._places[term]

    def tagged(self, name: bytes) -> Array:
        """The posts that have a tag, by its folded name."""
        return self.labels["tags"].posts_of(name)

    @cached_property
    def sizes(self) -> dict[str, int]:
        """Bytes of each array."""
        return dict(self._file.sizes())
