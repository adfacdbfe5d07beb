"""How does Whoosh keep the promise of `indexer.engine`?"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from indexer.engine import Stats
from indexer.engines.whoosh import writing
from indexer.engines.whoosh.faults import faults
from indexer.engines.whoosh.folder import Folder
from indexer.engines.whoosh.listing import listing
from indexer.engines.whoosh.reading import Reading, ReadingRoom
from indexer.engines.whoosh.schema import post_of
from indexer.errors import QueryError
from indexer.post import Post
from indexer.query import Query
from indexer.results import Facet, Hit, Results
from indexer.snippet import snippet

PATIENCE = 30.0
"""Seconds to wait for another writer."""


class WhooshEngine:
    """The posts, in a Whoosh index in the folder *index*; one writer waits *patience* seconds for another."""

    def __init__(self, index: Path, *, patience: float = PATIENCE) -> None:
        self._folder = Folder(index)
        self._room = ReadingRoom(self._folder)
        self._patience = patience
        self._guard = partial(faults, index)

    def search(self, query: Query, *, facets: Iterable[str] = ("tags",), snippets: bool = True) -> Results:
        """The page of posts that *query* asks for."""
        asked = _known(facets)
        with self._reading() as reading:
            found = listing(reading.searcher, reading.catalog, query)
            start = (query.page - 1) * query.per_page
            page = found.documents[start : start + query.per_page]
            posts = [post_of(reading.searcher.stored_fields(document)) for document in page]
        tags = reading.catalog.facets
        return Results(
            query=query.text,
            total=len(found.documents),
            total_all_words=found.with_all,
            missing=found.missing,
            page=query.page,
            per_page=query.per_page,
            sort=query.sort,
            hits=tuple(
                _hit(post, found.scores.get(document, 0.0), query if snippets else None)
                for document, post in zip(page, posts, strict=True)
            ),
            facets={name: tuple(tags(found.documents, query.selected_tags)) for name in asked},
        )

    def tags(self) -> tuple[Facet, ...]:
        """Every tag with its number of posts, most frequent first, then by value."""
        with self._reading() as reading:
            return tuple(reading.catalog.facets(reading.catalog.cards))

    def post(self, id: str) -> Post | None:
        """The post with this id, or None."""
        with self._reading() as reading:
            document = reading.catalog.documents.get(id)
            return None if document is None else post_of(reading.searcher.stored_fields(document))

    def stats(self) -> Stats:
        """Figures about what is held."""
        with self._reading() as reading:
            return Stats(
                posts=len(reading.catalog.cards),
                words=reading.words(),
                tags=len(reading.catalog.tagged),
                bytes=self._folder.size(),
                generation=reading.generation,
            )

    @property
    def generation(self) -> str:
        """A name for what is held now; it changes when that changes."""
        with self._reading() as reading:
            return reading.generation

    def close(self) -> None:
        """Let go of files; the engine is not used again."""
        self._room.close()

    def digests(self) -> Mapping[str, str]:
        """Every held post's digest, by id; none of an index that has to be built anew."""
        with self._guard():
            is_whole = self._folder.is_whole() or self._is_whole_at_rest()
        if not is_whole:
            return {}
        with self._reading() as reading:
            return {card.id: card.digest for card in reading.catalog.cards.values()}

    def urls(self) -> Mapping[str, str]:
        """Every held post's address, by id."""
        with self._reading() as reading:
            return {card.id: card.url for card in reading.catalog.cards.values()}

    def apply(self, *, put: Iterable[Post] = (), drop: Iterable[str] = (), afresh: bool = False) -> None:
        """Hold the posts of *put*, and no longer those of *drop*, which is read last: all or nothing.

        With *afresh*, and where the index is damaged or of another version, *put* alone is held. Raises
        `IndexBusyError` if another process is writing, `IndexUnwritableError` if the disk refuses.
        """
        with ExitStack() as stack:
            with self._guard():
                stack.enter_context(self._folder.lock(self._patience))
                is_whole = self._folder.is_whole()
            if is_whole and not afresh:
                self._change(self._folder.current, put, drop)
            else:
                self._begin(put, drop)

    def _is_whole_at_rest(self) -> bool:
        # In the middle of a change it may only seem to be damaged.
        if not self._folder.current.exists():
            return False
        with self._folder.lock(self._patience):
            return self._folder.is_whole()

    def _begin(self, put: Iterable[Post], drop: Iterable[str]) -> None:
        with self._guard():
            fresh = self._folder.prepare()
        try:
            with self._guard():
                writing.create(fresh)
            self._change(fresh, put, drop)
            with self._guard():
                self._folder.install(fresh)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)

    def _change(self, place: Path, put: Iterable[Post], drop: Iterable[str]) -> None:
        writing.change(place, put, drop, patience=self._patience, guard=self._guard)
        with self._guard():
            self._folder.seal(place)

    @contextmanager
    def _reading(self) -> Iterator[Reading]:
        with self._guard():
            self._folder.check()
            with self._room.reading() as reading:
                yield reading


def _known(facets: Iterable[str]) -> tuple[str, ...]:
    names = tuple(facets)
    for name in names:
        if name != "tags":
            raise QueryError(f"there is no facet {name!r}, only tags", param="facets")
    return names


def _hit(post: Post, score: float, query: Query | None) -> Hit:
    return Hit(
        id=post.id,
        url=post.url,
        title=post.title,
        description=post.description,
        date=post.date,
        tags=post.tags,
        score=score,
        snippet=snippet(post, query) if query else (),
    )
