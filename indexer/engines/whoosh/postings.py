"""What does Whoosh see of a segment: its words and tags, the posts that have them, and what a hit shows?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property, partial
from typing import Any

import numpy as np
from whoosh.codec.base import FieldCursor, PerDocumentReader, TermsReader
from whoosh.matching import ListMatcher
from whoosh.reading import TermInfo
from whoosh.util.numeric import byte_to_length, length_to_byte

from indexer.engines.whoosh.flatfile import Array
from indexer.engines.whoosh.segment import Counts, Segment, SortedDictionary

Term = tuple[str, bytes]


class FlatTerms(TermsReader):  # type: ignore[misc]  # Whoosh has no types
    """The terms of *segment*: in the order of their fields' names, then of their bytes."""

    def __init__(self, segment: Segment) -> None:
        self._segment = segment
        self._fields = {"id": segment.ids, "tags": segment.labels["tags"].names, "text": segment.terms}

    def __contains__(self, term: Term) -> bool:
        return term[0] in self._fields and self._fields[term[0]].find(term[1]) >= 0

    def indexed_field_names(self) -> list[str]:
        """The fields that can be searched."""
        return list(self._fields)

    def cursor(self, fieldname: str, fieldobj: Any) -> FlatCursor:
        """What goes to terms of a field."""
        return FlatCursor(self._fields[fieldname], fieldobj)

    def terms_from(self, fieldname: str = "", prefix: bytes = b"") -> Iterator[Term]:
        """Every term from *prefix* on, through the fields that follow."""
        for name, entries in self._fields.items():
            if name >= fieldname:
                for place in range(entries.place(prefix) if name == fieldname else 0, len(entries)):
                    yield name, entries[place]

    def items_from(self, fieldname: str = "", prefix: bytes = b"") -> Iterator[tuple[Term, Any]]:
        """Every term from *prefix* on, with what is known of it."""
        return ((term, self.term_info(*term)) for term in self.terms_from(fieldname, prefix))

    terms, items = terms_from, items_from  # all of them

    def term_info(self, fieldname: str, text: bytes) -> Any:
        """What is known of a term, each time anew: Whoosh changes what it gets. Raises `KeyError`."""
        _, (posts, times, _) = self._found(fieldname, text)
        lengths = self._segment.lengths[posts] if fieldname == "text" else np.zeros(1, int)
        shortest, longest = about(int(lengths.min())), about(int(lengths.max()))
        weight = float(times.sum(dtype=np.int64))
        return TermInfo(weight, len(posts), shortest, longest, float(times.max()), int(posts[0]), int(posts[-1]))

    def matcher(self, fieldname: str, text: bytes, format_: Any, scorer: Any = None) -> FlatMatcher:
        """What goes from post to post of those that have a term. Raises `KeyError`."""
        place, (posts, times, _) = self._found(fieldname, text)
        places = partial(self._segment.places, place, place + 1)
        values = Values(places, times, format_) if fieldname == "text" else None
        # Python's own integers: Whoosh subtracts them, and NumPy's wrap.
        return FlatMatcher(posts.tolist(), times.tolist(), values, format_, scorer, term=(fieldname, text))

    def _found(self, fieldname: str, text: bytes) -> tuple[int, Counts]:
        """The place of a term, and the posts that have it."""
        if (fieldname, text) not in self:
            raise KeyError((fieldname, text))
        place = self._fields[fieldname].place(text)
        if fieldname == "text":
            return place, self._segment.counts.within(place, place + 1)
        posts = np.array([place]) if fieldname == "id" else self._segment.labels["tags"].posts[place]
        return place, Counts(posts, np.ones(len(posts), np.uint8), np.zeros(len(posts), np.uint8))


class FlatMatcher(ListMatcher):  # type: ignore[misc]  # Whoosh has no types
    """The posts that have a term, one after the other."""

    def supports_block_quality(self) -> bool:
        """No: Whoosh's search is a witness here, which need not be fast."""
        return False

    def max_quality(self) -> float:
        """The most that the term is worth in any post."""
        return float(self._scorer.max_quality())


class Values:
    """The places of a word in each of its posts, as Whoosh writes them down; found when a phrase needs them."""

    def __init__(self, places: Callable[[], Array], times: Array, format_: Any) -> None:
        self._places, self._times, self._format = places, times, format_

    def __getitem__(self, number: int) -> bytes:
        return bytes(self._format.encode(self._runs[number].tolist()))

    @cached_property
    def _runs(self) -> list[Array]:
        return np.split(self._places() & 0xFFFFFFFF, np.cumsum(self._times, dtype=np.int64)[:-1])


class FlatCursor(FieldCursor):  # type: ignore[misc]  # Whoosh has no types
    """Stands at one of the *entries* of a field, or behind the last; what Whoosh looks for similar words with."""

    def __init__(self, entries: SortedDictionary, fieldobj: Any) -> None:
        self._entries, self._field = entries, fieldobj
        self._place = 0

    def find(self, term: str) -> None:
        """Go to that term, or to the first behind it."""
        self._place = self._entries.place(self._field.to_bytes(term))

    def text(self) -> str | None:
        """The term, or None behind the last."""
        is_valid = self._place < len(self._entries)
        return str(self._field.from_bytes(self._entries[self._place])) if is_valid else None


class FlatDocuments(PerDocumentReader):  # type: ignore[misc]  # Whoosh has no types
    """The posts of *segment*, of which some are deleted, as its entry *listed* has it. Only the text has a length."""

    def __init__(self, segment: Segment, listed: Any) -> None:
        self._segment = segment
        self.doc_count, self.has_deletions = listed.doc_count, listed.has_deletions
        self.is_deleted, self.deleted_docs = listed.is_deleted, listed.deleted_docs

    def doc_count_all(self) -> int:
        """How many posts the segment holds."""
        return len(self._segment)

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        """How many words the field has in that post, about."""
        return about(int(self._segment.lengths[docnum])) if fieldname == "text" else default

    def field_length(self, fieldname: str) -> int:
        """How many words the field has in all posts."""
        return int(self._segment.lengths.sum()) if fieldname == "text" else 0

    def min_field_length(self, fieldname: str) -> int:
        """How many words the field has in the post where it is shortest, about."""
        return about(int(self._segment.lengths.min(initial=0))) if fieldname == "text" else 0

    def max_field_length(self, fieldname: str) -> int:
        """How many words the field has in the post where it is longest, about."""
        return about(int(self._segment.lengths.max(initial=0))) if fieldname == "text" else 0

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        """What a hit shows; no date, where there is none."""
        card, id = self._segment.card(docnum), self._segment.ids[docnum].decode()
        date = {"date": card.date} if card.date else {}
        return {"id": id, "url": card.url, "title": card.title, "tags": card.tags} | date


def about(length: int) -> int:
    """*length* as Whoosh's own segments have it, in one byte: so scores are the same."""
    return int(byte_to_length(length_to_byte(length)))
