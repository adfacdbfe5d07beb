"""How does Whoosh keep the promise of `indexer.engine`?"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from indexer.engine import FACETS, Stats
from indexer.engines.whoosh import writing
from indexer.engines.whoosh.faults import faults, unguarded
from indexer.engines.whoosh.flatfile import Array
from indexer.engines.whoosh.folder import Folder
from indexer.engines.whoosh.ranking import Found, find
from indexer.engines.whoosh.reading import Reading
from indexer.engines.whoosh.snapshot import Snapshot
from indexer.engines.whoosh.utf8 import decoded
from indexer.errors import QueryError
from indexer.post import Post
from indexer.query import Query
from indexer.results import Facet, Hit, Results
from indexer.snippet import Snippets

PATIENCE = 30.0
"""Seconds to wait for another writer."""


class WhooshEngine:
    """The posts, in a Whoosh index in the folder *index*; one writer waits *patience* seconds for another."""

    def __init__(self, index: Path, *, patience: float = PATIENCE) -> None:
        self._folder = Folder(index)
        self._reading = Reading(self._folder)
        self._patience = patience
        self._guard = partial(faults, index)

    def search(self, query: Query, *, facets: Iterable[str] = ("tags",), snippets: bool = True) -> Results:
        """The page of posts that *query* asks for."""
        asked = _known(facets)
        with self._guard():
            snapshot = self._reading.now()
            found = find(snapshot, query)
            passages = Snippets(query, snapshot.forms) if snippets else None
            return Results(
                query=query.text,
                total=found.total,
                total_all_words=found.with_all,
                missing=found.missing,
                page=query.page,
                per_page=query.per_page,
                sort=query.sort,
                hits=tuple(_hit(found, number, passages) for number in found.page()),
                facets={name: _counted(snapshot, name, found.mask(), query.selected_tags) for name in asked},
            )

    def ids(self, query: Query) -> tuple[list[str], int]:
        """The ids of the posts on the page that *query* asks for, and how many posts it finds in all."""
        with self._guard():
            snapshot = self._reading.now()
            found = find(snapshot, query)
            return [snapshot.id(number) for number in found.page()], found.total

    def tags(self) -> tuple[Facet, ...]:
        """Every tag with its number of posts, most frequent first, then by value."""
        with self._guard():
            snapshot = self._reading.now()
            return _counted(snapshot, "tags", snapshot.alive)

    def post(self, id: str) -> Post | None:
        """The post with this id, or None."""
        with self._guard():
            snapshot = self._reading.now()
            number = snapshot.number(id)
            return None if number is None else snapshot.post(number)

    def stats(self) -> Stats:
        """Figures about what is held."""
        with self._guard():
            snapshot = self._reading.now()
            return Stats(
                posts=snapshot.posts,
                words=snapshot.count_words(),
                tags=len(snapshot.counts("tags", snapshot.alive)),
                bytes=self._folder.size(),
                generation=snapshot.generation,
            )

    @property
    def generation(self) -> str:
        """A name for what is held now; it changes when that changes."""
        with self._guard():
            return self._reading.now().generation

    def close(self) -> None:
        """Let go of files; the engine is not used again."""
        self._reading.forget()

    def digests(self) -> Mapping[str, str]:
        """Every held post's digest, by id; none of an index that has to be built anew."""
        with self._guard():
            if not self._folder.is_whole() and not self._is_whole_at_rest():
                return {}
            return self._reading.now().digests()

    def urls(self) -> Mapping[str, str]:
        """Every held post's address, by id."""
        with self._guard():
            return self._reading.now().urls()

    def apply(self, *, put: Iterable[Post] = (), drop: Iterable[str] = (), afresh: bool = False) -> None:
        """Hold the posts of *put*, and no longer those of *drop*, which is read last: all or nothing.

        With *afresh*, and where the index is damaged or of another version, *put* alone is held. Raises
        `IndexBusyError` if another process is writing, `IndexUnwritableError` if the disk refuses.
        """
        with self._guard(), ExitStack() as stack:
            stack.enter_context(self._folder.lock(self._patience))
            if self._folder.is_whole() and not afresh:
                self._change(self._folder.current, put, drop)
            else:
                self._begin(put)

    def _is_whole_at_rest(self) -> bool:
        # In the middle of a change it may only seem to be damaged.
        if not self._folder.current.exists():
            return False
        with self._folder.lock(self._patience):
            return self._folder.is_whole()

    def _begin(self, put: Iterable[Post]) -> None:
        fresh = self._folder.prepare()
        try:
            writing.create(fresh)
            self._change(fresh, put, ())
            self._folder.install(fresh)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)

    def _change(self, place: Path, put: Iterable[Post], drop: Iterable[str]) -> None:
        if writing.change(place, unguarded(put), unguarded(drop)) or place != self._folder.current:
            self._folder.seal(place)


def _known(facets: Iterable[str]) -> tuple[str, ...]:
    names = tuple(facets)
    for name in names:
        if name not in FACETS:
            raise QueryError(f"cannot count by {name!r}; choose {' or '.join(FACETS)}", param="facets")
    return names


def _counted(
    snapshot: Snapshot, facet: str, found: Array, selected_tags: frozenset[str] = frozenset()
) -> tuple[Facet, ...]:
    selected = selected_tags if facet == "tags" else frozenset()
    ordered = sorted(snapshot.counts(facet, found).items(), key=lambda item: (-item[1], item[0]))
    return tuple(Facet(snapshot.spelling(facet, name), count, decoded(name) in selected) for name, count in ordered)


def _hit(found: Found, number: int, passages: Snippets | None) -> Hit:
    post = found.snapshot.post(number, with_body=passages is not None)
    return Hit(
        id=post.id,
        url=post.url,
        title=post.title,
        description=post.description,
        date=post.date,
        tags=post.tags,
        score=float(found.score[number]) if found.score is not None else 0.0,
        snippet=passages.of(post) if passages else (),
    )
