"""How does a change get into the index, all of it or nothing?

New posts become segments of their own. Of a replaced or dropped post the old version is masked at once, by its number
in the table of contents, and gone from the disk when its segment is next written anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from indexer.engines.whoosh import flatfile
from indexer.engines.whoosh.codec import FlatSegment, read_toc, segment_path, write_toc
from indexer.engines.whoosh.inversion import MOST_POSTS, invert
from indexer.engines.whoosh.segment import Segment
from indexer.engines.whoosh.utf8 import decoded, encoded
from indexer.post import Post
from indexer.workers import cores, forking

MOST_SEGMENTS = 8
"""How many segments may stand side by side before the smaller ones become one."""

MOST_MASKED = 0.1
"""How much of a segment may be masked posts before it is written anew without them."""

FIRST_CHUNK = 2_500
"""Posts in the first segments of a large build, one for each core; later ones hold more, up to `MOST_CHUNK`."""

MOST_CHUNK = MOST_POSTS // 2


def create(place: Path) -> None:
    """Make an index that holds nothing in the empty folder *place*."""
    write_toc(place, [], 0)


def change(place: Path, put: Iterable[Post], drop: Iterable[str]) -> bool:
    """Put and drop posts in the index in the folder *place*; whether there was anything to change."""
    generation, segments = read_toc(place)
    begun = _Change(place, segments)
    try:
        for post in put:
            begun.put(post)
        begun.drop(drop)
        if not begun.is_change():
            return False
        kept = begun.folded()
    except BaseException:
        begun.undo()
        raise
    write_toc(place, kept, generation + 1)
    names = {segment_path(place, segment) for segment in kept}
    for path in place.glob("MAIN_*.flat"):
        if path not in names:
            path.unlink()
    return True


@dataclass(slots=True)
class _Change:
    """A change under way."""

    place: Path
    old: Sequence[FlatSegment]
    held: dict[str, tuple[FlatSegment, int, bytes]] = field(default_factory=dict)
    """The segment of each held post, its number there, and its digest."""

    masked: set[str] = field(default_factory=set)
    """Held posts that are replaced or dropped."""

    waiting: dict[str, Post] = field(default_factory=dict)
    """New posts that stand in no segment yet."""

    new: list[FlatSegment] = field(default_factory=list)
    placed: dict[str, tuple[FlatSegment, int]] = field(default_factory=dict)
    """The new segment of each new post, and its number there."""

    writers: list[tuple[Any, FlatSegment, list[Post]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for segment in self.old:
            file = Segment(segment_path(self.place, segment))
            for number, (id, digest) in enumerate(zip(file.ids.all(), file.digests(), strict=True)):
                if not segment.is_deleted(number):
                    self.held[decoded(id)] = (segment, number, digest)

    def put(self, post: Post) -> None:
        """Hold *post* instead of any other of its id; one that is held already stays where it is."""
        if post.id in self.placed:
            segment, number = self.placed.pop(post.id)
            segment.delete_document(number)
        self.waiting.pop(post.id, None)
        held = self.held.get(post.id)
        if held and post.digest and encoded(post.digest) == held[2]:
            self.masked.discard(post.id)
            return
        if held:
            self.masked.add(post.id)
        self.waiting[post.id] = post
        if len(self.waiting) >= min(MOST_CHUNK, FIRST_CHUNK << (len(self.new) // cores())):
            self.write(list(self.waiting.values()), beside=True)
            self.waiting.clear()

    def drop(self, ids: Iterable[str]) -> None:
        """Hold the posts of these ids no more."""
        self.masked |= self.held.keys() & set(ids)

    def is_change(self) -> bool:
        """Whether anything has changed."""
        return bool(self.waiting or self.placed or self.masked)

    def write(self, posts: list[Post], *, beside: bool = False) -> None:
        """Make a segment of *posts*, in a process *beside* this one if that can be."""
        posts.sort(key=lambda post: encoded(post.id))
        segment = FlatSegment(len(posts))
        self.new.append(segment)
        self.placed.update((post.id, (segment, number)) for number, post in enumerate(posts))
        path = segment_path(self.place, segment)
        process = forking(_write, path, posts) if beside else None
        if process is None:
            _write(path, posts)
        else:
            self.writers.append((process, segment, posts))

    def folded(self) -> list[FlatSegment]:
        """The segments after the change, those that are worn or many and small written anew as one."""
        if self.waiting:
            self.write(list(self.waiting.values()))
        self._wait()
        for id in self.masked:
            segment, number, _ = self.held[id]
            segment.delete_document(number)
        segments = [segment for segment in (*self.old, *self.new) if segment.doc_count()]
        worn = [segment for segment in segments if segment.deleted_count() > MOST_MASKED * segment.posts]
        if len(segments) - len(worn) > MOST_SEGMENTS:
            largest = max(segments, key=lambda segment: segment.doc_count())
            worn = [segment for segment in segments if segment is not largest]
        kept = [segment for segment in segments if segment not in worn]
        before = len(self.new)
        for posts in _chunks(self._alive(worn)):
            self.write(posts)
        return kept + self.new[before:]

    def _alive(self, segments: Iterable[FlatSegment]) -> Iterator[Post]:
        for segment in segments:
            file = Segment(segment_path(self.place, segment))
            yield from (file.post(number) for number in range(len(file)) if not segment.is_deleted(number))

    def _wait(self) -> None:
        for process, segment, posts in self.writers:
            process.join()
            if process.exitcode:
                # Once more, here, so that what went wrong is raised; or goes well.
                path = segment_path(self.place, segment)
                path.unlink(missing_ok=True)
                _write(path, posts)
        self.writers.clear()

    def undo(self) -> None:
        """Leave nothing behind of a change that failed."""
        for process, _, _ in self.writers:
            process.kill()
            process.join()
        for segment in self.new:
            with suppress(OSError):
                segment_path(self.place, segment).unlink(missing_ok=True)


def _write(path: Path, posts: Sequence[Post]) -> None:
    flatfile.write(path, invert(posts))


def _chunks(posts: Iterable[Post]) -> Iterator[list[Post]]:
    chunk: list[Post] = []
    for post in posts:
        chunk.append(post)
        if len(chunk) == MOST_CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
