"""What does Whoosh see of a segment's posts: their number, their lengths, and what a hit shows?"""

from collections.abc import Iterator
from typing import Any

from whoosh.codec.base import PerDocumentReader
from whoosh.util.numeric import byte_to_length, length_to_byte

from indexer.engines.whoosh.segment import Segment


class FlatDocuments(PerDocumentReader):  # type: ignore[misc]  # Whoosh has no types
    """The posts of *segment*, of which some are *deleted*. Only the text has a length that counts."""

    def __init__(self, segment: Segment, deleted: frozenset[int]) -> None:
        self._segment = segment
        self._deleted = deleted

    def doc_count(self) -> int:
        """How many posts are not deleted."""
        return len(self._segment) - len(self._deleted)

    def doc_count_all(self) -> int:
        """How many posts the segment holds."""
        return len(self._segment)

    def has_deletions(self) -> bool:
        """Whether any post is deleted."""
        return bool(self._deleted)

    def is_deleted(self, docnum: int) -> bool:
        """Whether that post is deleted."""
        return docnum in self._deleted

    def deleted_docs(self) -> Iterator[int]:
        """The numbers of the deleted posts."""
        return iter(self._deleted)

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
