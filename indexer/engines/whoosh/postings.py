"""What does Whoosh see of a segment's words and tags, and of the posts that have them?"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from whoosh.codec.base import FieldCursor, TermsReader
from whoosh.matching import LeafMatcher, ReadTooFar
from whoosh.reading import TermInfo

from indexer.engines.whoosh.documents import about
from indexer.engines.whoosh.flatfile import Array
from indexer.engines.whoosh.segment import Counts, Segment, SortedDictionary

Term = tuple[str, bytes]


class FlatTerms(TermsReader):  # type: ignore[misc]  # Whoosh has no types
    """The terms of *segment*: in the order of their fields' names, then of their bytes."""

    def __init__(self, segment: Segment) -> None:
        self._segment = segment
        self._fields = {"id": segment.ids, "tags": segment.tags, "text": segment.terms}

    def __contains__(self, term: Term) -> bool:
        return term[0] in self._fields and self._fields[term[0]].find(term[1]) >= 0

    def indexed_field_names(self) -> list[str]:
        """The fields that can be searched."""
        return list(self._fields)

    def cursor(self, fieldname: str, fieldobj: Any) -> FlatCursor:
        """What goes from term to term of a field."""
        return FlatCursor(self, fieldname, self._fields[fieldname], fieldobj)

    def terms(self) -> Iterator[Term]:
        """Every term."""
        return self.terms_from("", b"")

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[Term]:
        """Every term from *prefix* on, through the fields that follow."""
        for name, entries in self._fields.items():
            if name >= fieldname:
                for place in range(entries.place(prefix) if name == fieldname else 0, len(entries)):
                    yield name, entries[place]

    def items(self) -> Iterator[tuple[Term, Any]]:
        """Every term, with what is known of it."""
        return self.items_from("", b"")

    def items_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[Term, Any]]:
        """Every term from *prefix* on, with what is known of it."""
        return ((term, self.term_info(*term)) for term in self.terms_from(fieldname, prefix))

    def term_info(self, fieldname: str, text: bytes) -> Any:
        """What is known of a term, each time anew: Whoosh changes what it gets. Raises `KeyError`."""
        posts, times, _ = self._counts(fieldname, self._place(fieldname, text))
        shortest, longest = self._lengths(fieldname, posts)
        weight = float(times.sum(dtype=np.int64))
        return TermInfo(weight, len(posts), shortest, longest, float(times.max()), int(posts[0]), int(posts[-1]))

    def matcher(self, fieldname: str, text: bytes, format_: Any, scorer: Any = None) -> FlatMatcher:
        """What goes from post to post of those that have a term. Raises `KeyError`."""
        place = self._place(fieldname, text)
        counts = self._counts(fieldname, place)
        if fieldname != "text":
            return FlatMatcher((fieldname, text), counts, None, format_, scorer)
        places = partial(self._segment.places, place, place + 1)
        return FlatMatcher((fieldname, text), counts, places, format_, scorer)

    def _place(self, fieldname: str, text: bytes) -> int:
        place = self._fields[fieldname].find(text)
        if place < 0:
            raise KeyError((fieldname, text))
        return place

    def _counts(self, fieldname: str, place: int) -> Counts:
        if fieldname == "text":
            return self._segment.counts[place]
        posts = np.array([place]) if fieldname == "id" else self._segment.tagged(self._segment.tags[place])
        return Counts(posts, np.ones(len(posts), np.uint8), np.zeros(len(posts), np.uint8))

    def _lengths(self, fieldname: str, posts: Array) -> tuple[int, int]:
        if fieldname != "text":
            return 0, 0
        lengths = self._segment.lengths[posts]
        return about(int(lengths.min())), about(int(lengths.max()))


class FlatMatcher(LeafMatcher):  # type: ignore[misc]  # Whoosh has no types
    """The posts in *counts*, one after the other.

    What *places* gives is asked for when a phrase needs it: where the term stands in them; None for a field without.
    """

    def __init__(
        self, term: Term, counts: Counts, places: Callable[[], Array] | None, format_: Any, scorer: Any
    ) -> None:
        self._term, self._counts, self._places = term, counts, places
        self.format, self.scorer = format_, scorer
        # Python's own integers: Whoosh subtracts them, and NumPy's wrap.
        self._ids: list[int] = counts.posts.tolist()
        self._times: list[int] = counts.times.tolist()
        self._at = 0
        self._found: tuple[Array, Array] | None = None

    def supports_block_quality(self) -> bool:
        """No: Whoosh's search is a witness here, which need not be fast."""
        return False

    def reset(self) -> None:
        """Begin again."""
        self._at = 0

    def copy(self) -> FlatMatcher:
        """Another that stands at the same post."""
        other = FlatMatcher(self._term, self._counts, self._places, self.format, self.scorer)
        other._at = self._at
        return other

    def is_active(self) -> bool:
        """Whether it stands at a post."""
        return self._at < len(self._ids)

    def id(self) -> int:
        """The post's number."""
        return self._ids[self._at]

    def weight(self) -> float:
        """How often the post has the term."""
        return float(self._times[self._at])

    def next(self) -> None:
        """Go on to the next post."""
        self._at += 1

    def skip_to(self, id: int) -> None:
        """Go on to that post, or to the first behind it."""
        if not self.is_active():
            raise ReadTooFar
        self._at = bisect_left(self._ids, id, self._at)

    def value(self) -> bytes:
        """The places in the post, as Whoosh writes them down."""
        return b"" if self._places is None else bytes(self.format.encode(self._positions()))

    def value_as(self, astype: str) -> Any:
        """The places in the post, or what else Whoosh makes of them."""
        return self._positions() if astype == "positions" else super().value_as(astype)

    def _positions(self) -> list[int]:
        if self._places is None:
            return []
        if self._found is None:
            self._found = self._places(), np.cumsum(self._counts.times, dtype=np.int64)
        places, ends = self._found
        end = int(ends[self._at])
        positions: list[int] = (places[end - self._times[self._at] : end] & 0xFFFFFFFF).tolist()
        return positions


class FlatCursor(FieldCursor):  # type: ignore[misc]  # Whoosh has no types
    """Stands at one of the *entries* of a field, or behind the last."""

    def __init__(self, terms: FlatTerms, fieldname: str, entries: SortedDictionary, fieldobj: Any) -> None:
        self._terms = terms
        self._name = fieldname
        self._entries = entries
        self._field = fieldobj
        self._place = 0

    def first(self) -> str | None:
        """Go to the first term."""
        self._place = 0
        return self.text()

    def find(self, term: str | bytes) -> str | None:
        """Go to that term, or to the first behind it."""
        self._place = self._entries.place(term if isinstance(term, bytes) else self._field.to_bytes(term))
        return self.text()

    def next(self) -> str | None:
        """Go on to the next term."""
        self._place += 1
        return self.text()

    def text(self) -> str | None:
        """The term, or None behind the last."""
        return str(self._field.from_bytes(self._entries[self._place])) if self.is_valid() else None

    def term_info(self) -> Any:
        """What is known of the term."""
        return self._terms.term_info(self._name, self._entries[self._place]) if self.is_valid() else None

    def is_valid(self) -> bool:
        """Whether it stands at a term."""
        return self._place < len(self._entries)
