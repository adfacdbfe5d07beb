"""How does a change get into the index, all of it or nothing?"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Any

from whoosh.index import TOC, clean_files
from whoosh.reading import SegmentReader

from indexer.engines.whoosh.catalog import cards
from indexer.engines.whoosh.folder import Files
from indexer.engines.whoosh.schema import SCHEMA, document
from indexer.post import Post

Guard = Callable[[], AbstractContextManager[None]]
"""Turns Whoosh's exceptions into ours; those of the posts' source are none of its business."""

MOST_SEGMENTS = 8
"""How many segments, one from each change, may stand side by side before the smaller ones become one."""

MOST_DROPPED = 0.1
"""How much of a segment may be dropped posts, which no one finds, before it is written anew without them."""


def create(place: Path) -> None:
    """Make an index that holds nothing in the empty folder *place*."""
    Files(place).create_index(SCHEMA)


def change(place: Path, put: Iterable[Post], drop: Iterable[str], *, patience: float, guard: Guard) -> None:
    """Put and drop posts in the index in the folder *place*. Raises `LockError` after *patience* seconds."""
    with guard():
        writer = Files(place).open_index().writer(timeout=patience, compound=False)
    try:
        if _write(writer, put, drop, guard):
            with guard():
                writer.commit(mergetype=_fold)
        else:
            _give_up(writer, place)
    except BaseException:
        _give_up(writer, place)
        raise


def _write(writer: Any, put: Iterable[Post], drop: Iterable[str], guard: Guard) -> bool:
    """Whether there was anything to change."""
    with guard(), writer.reader() as reader:
        held = {card.id: (number, card.digest) for number, card in cards(reader).items()}
    replaced: set[str] = set()
    written: dict[str, int] = {}
    for post in put:
        with guard():
            if post.id in written:
                # Whoosh can't find what it has not committed yet: of two posts with one id, it would keep both.
                writer.newsegment.delete_document(written.pop(post.id))
            if post.digest and post.digest == held.get(post.id, (0, ""))[1]:
                replaced.discard(post.id)
                continue
            replaced.add(post.id)
            written[post.id] = writer.doc_count()
            writer.add_document(**document(post))
    gone = replaced.union(drop) & held.keys()
    for id in gone:
        writer.delete_document(held[id][0])
    return bool(written or gone)


def _fold(writer: Any, segments: list[Any]) -> list[Any]:
    """Whoosh's merge policy: write anew, without dropped posts, segments that are worn or many and small."""
    largest = max(segments, key=lambda segment: segment.doc_count_all(), default=None)
    many = len(segments) >= MOST_SEGMENTS
    kept = [segment for segment in segments if not (_is_worn(segment) or (many and segment is not largest))]
    for segment in segments:
        if segment not in kept and segment.doc_count():
            with SegmentReader(writer.storage, writer.schema, segment) as reader:
                writer.add_reader(reader)
    return kept


def _is_worn(segment: Any) -> bool:
    return bool(segment.deleted_count() > MOST_DROPPED * segment.doc_count_all())


def _give_up(writer: Any, place: Path) -> None:
    """Leave the index as it was, and nothing beside it, whatever state *writer* is in."""
    with suppress(Exception):
        writer.cancel()
    with suppress(Exception):
        writer.writelock.release()
    writer.storage.shut()
    shutil.rmtree(place / "MAIN.tmp", ignore_errors=True)
    with suppress(Exception):
        contents = TOC.read(writer.storage, writer.indexname)
        clean_files(writer.storage, writer.indexname, contents.generation, contents.segments)
