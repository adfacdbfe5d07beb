"""How does a change get into the index, all of it or nothing?

New posts become segments of their own. Of a replaced or dropped post the old version is masked at once, by its number
in the table of contents, and gone from the disk when its segment is next written anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from indexer.engines.whoosh.codec import FlatSegment, read_toc, segment_path, write_toc
from indexer.engines.whoosh.flatfile import write
from indexer.engines.whoosh.inversion import MOST_POSTS, invert
from indexer.engines.whoosh.segment import Segment
from indexer.engines.whoosh.utf8 import decoded, encoded
from indexer.post import Post
from indexer.workers import cores, forking

#: How many segments may stand side by side before the smaller ones become one.
MOST_SEGMENTS = 8

#: How much of a segment may be masked posts before it is written anew without them.
MOST_MASKED = 0.1

#: How many new posts may wait to become a segment, and characters of their texts: in a large build all cores do so.
MOST_WAITING, MOST_TEXT = MOST_POSTS // 4, 1 << 26

#: Posts that are worth a process of their own.
FEWEST = 500

#: The segment of a post, its number there, and its digest.
_Place = tuple[FlatSegment, int, bytes]


def create(place: Path) -> None:
    """Make an index that holds nothing in the empty folder *place*."""
    write_toc(place, [], 0)


def change(place: Path, put: Iterable[Post], drop: Iterable[str]) -> bool:
    """Put and drop posts in the index in the folder *place*; whether there was anything to change."""
    return _written(place, lambda begun: begun.changed(put, drop))


def fold(place: Path, *, purge: bool = False) -> bool:
    """Write the posts of segments that are worn, or many and small, anew; whether there were any.

    With *purge*, those of any segment that holds a masked post, so that no file has its words.
    """
    return _written(place, lambda begun: begun.folded(purge=purge))


def name(place: Path) -> str:
    """What is told of the posts in the folder *place*: the same for the same posts, however they are cut."""
    alive = sorted((id, digest) for id, (_, _, digest) in _alive(place, read_toc(place)[1]))
    return hashlib.sha256(b"".join(b"%b\0%b\n" % pair for pair in alive)).hexdigest()[:16]


def _alive(place: Path, segments: Iterable[FlatSegment]) -> Iterator[tuple[bytes, _Place]]:
    """The id of each post that is held, and its place."""
    for segment in segments:
        file = Segment(segment_path(place, segment))
        for number, (id, digest) in enumerate(zip(file.ids.all(), file.digests.all(), strict=True)):
            if not segment.is_deleted(number):
                yield id, (segment, number, digest)


def _written(place: Path, to_do: Callable[[_Change], Sequence[FlatSegment] | None]) -> bool:
    """Do something about the segments in *place*; whether there are others now. What a failure leaves is not listed."""
    generation, segments = read_toc(place)
    begun = _Change(place, segments)
    try:
        kept = to_do(begun)
        begun.wait()
    finally:
        begun.stop()
    if kept is not None:
        write_toc(place, kept, generation + 1)
    return kept is not None


@dataclass(slots=True)
class _Change:
    """A change under way."""

    place: Path
    old: Sequence[FlatSegment]

    #: The place of each post that was held before, and is not replaced.
    held: dict[str, _Place] = field(default_factory=dict)

    #: New posts that stand in no segment yet.
    waiting: dict[str, Post] = field(default_factory=dict)

    #: Characters of these, or more.
    text: int = 0

    new: list[FlatSegment] = field(default_factory=list)

    #: The place of each new post.
    placed: dict[str, _Place] = field(default_factory=dict)

    writers: list[tuple[Any, Path, list[Post]]] = field(default_factory=list)

    def changed(self, put: Iterable[Post], drop: Iterable[str]) -> list[FlatSegment] | None:
        """The segments with the posts of *put* and without those of *drop*; None if they stay the same."""
        self.held = {decoded(id): place for id, place in _alive(self.place, self.old)}
        for post in put:
            self.put(post)
        dropped = self.held.keys() & set(drop)
        for segment, number, _ in (self.held[id] for id in dropped):
            segment.delete_document(number)
        if not (self.waiting or self.placed or dropped):
            return None
        self._hold_rest()
        return [segment for segment in (*self.old, *self.new) if segment.doc_count()]

    def put(self, post: Post) -> None:
        """Hold *post* instead of any other of its id; one that is held already stays where it is."""
        for places in (self.held, self.placed):
            if post.id in places:
                segment, number, digest = places[post.id]
                if encoded(post.digest) == digest != b"":
                    return
                del places[post.id]
                segment.delete_document(number)
        self._add(post)

    def _add(self, post: Post) -> None:
        self.waiting[post.id] = post
        self.text += len(post.body)
        if len(self.waiting) >= MOST_WAITING or self.text > MOST_TEXT:
            self._hold(self._taken(), beside=True)

    def folded(self, *, purge: bool) -> list[FlatSegment] | None:
        """The segments, the posts of those that are worn, or many and small, in others; None if they stay the same."""
        most = 0 if purge else MOST_MASKED
        worn = [segment for segment in self.old if segment.deleted_count() > most * segment.posts]
        if len(self.old) > MOST_SEGMENTS:
            small = sorted(self.old, key=FlatSegment.doc_count)[: -MOST_SEGMENTS // 2]
            worn += [segment for segment in small if segment not in worn and segment.doc_count() <= MOST_WAITING // 2]
        if not worn:
            return None
        for segment in worn:
            file = Segment(segment_path(self.place, segment))
            for number in range(len(file)):
                if not segment.is_deleted(number):
                    self._add(file.post(number))
        self._hold_rest()
        return [segment for segment in self.old if segment not in worn] + self.new

    def _taken(self) -> list[Post]:
        """The posts that have waited, in order."""
        posts = sorted(self.waiting.values(), key=lambda post: encoded(post.id))
        self.waiting.clear()
        self.text = 0
        return posts

    def _hold_rest(self) -> None:
        posts = self._taken()
        share = max(FEWEST, -(-len(posts) // cores()))
        for begin in range(0, len(posts), share):
            self._hold(posts[begin : begin + share], beside=begin + share < len(posts))

    def _hold(self, posts: list[Post], *, beside: bool) -> None:
        """Put *posts* into a new segment, which is written in a process *beside* this one, if may be."""
        segment = FlatSegment(len(posts))
        self.new.append(segment)
        self.placed.update((post.id, (segment, at, encoded(post.digest))) for at, post in enumerate(posts))
        path = segment_path(self.place, segment)
        self.wait(cores() - 1)
        process = forking(_write, path, posts) if beside else None
        if process is None:
            _write(path, posts)
        else:
            self.writers.append((process, path, posts))

    def wait(self, left: int = 0) -> None:
        """Wait until not more than so many processes are *left*."""
        while len(self.writers) > left:
            process, path, posts = self.writers[0]
            process.join()
            if process.exitcode:
                # Once more, here, so that what went wrong is raised; or goes well.
                path.unlink(missing_ok=True)
                _write(path, posts)
            del self.writers[0]

    def stop(self) -> None:
        """Have no process at work any more on a change that failed."""
        for process, _, _ in self.writers:
            process.kill()
            process.join()


def _write(path: Path, posts: list[Post]) -> None:
    write(path, invert(posts))
