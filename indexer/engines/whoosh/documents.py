"""What does Whoosh see of a segment's posts: their number, their lengths, and what a hit shows?"""

from typing import Any

from whoosh.codec.base import PerDocumentReader
from whoosh.util.numeric import byte_to_length, length_to_byte

from indexer.engines.whoosh.segment import Segment


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
