"""How does a cluster keep the promise of `indexer.engine`?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

from extras.opensearch.cluster import Cluster
from extras.opensearch.generations import Generations, Writing, refuse
from extras.opensearch.ranking import Found, alike
from extras.opensearch.snapshot import Snapshot, Text
from indexer.engine import Stats, Trial
from indexer.errors import IndexDamagedError, IndexMissingError, IndexOutdatedError
from indexer.line import Line
from indexer.post import Post
from indexer.query import Query, Term, Word
from indexer.results import Facet, Hit, Place, Results, newer
from indexer.snippet import Passage, Snippets
from indexer.telling import LIKELY, MOST, telling
from indexer.words import STOP_WORDS

T = TypeVar("T")

#: How often a question is asked that meets a generation just as it goes.
TRIES = 5


class OpenSearchEngine:
    """The posts on *cluster*; in *folder* is what a build keeps beside them on its own machine."""

    def __init__(self, cluster: Cluster, folder: Path, *, snapshot: Snapshot | None = None) -> None:
        """Of the generation in use; or of one that is not published."""
        self._cluster, self._folder, self._unpublished = cluster, folder, snapshot
        self._generations = Generations(cluster)
        self._snapshot: Snapshot | None = None

    def _now(self) -> Snapshot:
        """What is held now."""
        if self._unpublished:
            return self._unpublished
        name, held = self._generations.in_use()
        snapshot = self._snapshot
        if snapshot is None or snapshot.name != name:
            self._snapshot = snapshot = Snapshot(self._cluster, name, held)
        return snapshot

    def _ask(self, ask: Callable[[Snapshot], T]) -> T:
        """What *ask* gets from what is held now; once more, if that has been taken away meanwhile."""
        for _ in range(TRIES):
            snapshot = self._now()
            try:
                return ask(snapshot)
            except IndexMissingError:
                continue
        return ask(self._now())

    def search(self, query: Query, *, facets: Iterable[str] = ("tags",), snippets: bool = True) -> Results:
        """The page of posts that *query* asks for."""
        asked = tuple(facets)
        return self._ask(lambda snapshot: self._search(snapshot, query, asked, snippets))

    def _search(self, snapshot: Snapshot, query: Query, facets: tuple[str, ...], snippets: bool) -> Results:
        if query.is_hollow:
            return _answer(query, facets=dict.fromkeys(facets, ()))
        found = Found(snapshot, query)
        unchosen = {name: query.unchosen(name) for name in facets}
        others = {name: found if asked is query else Found(snapshot, asked) for name, asked in unchosen.items()}
        snapshot.count(one for each in {found, *others.values()} for one in each.counted())
        passages = partial(Snippets, query) if snippets else None
        return _answer(
            query,
            total=found.total,
            total_all_words=found.with_all,
            total_corrected=found.corrected,
            missing=found.missing,
            hits=tuple(self._hit(snapshot, text, score, passages) for text, score in found.page()),
            facets=_facets(snapshot, query, others),
        )

    def _hit(self, snapshot: Snapshot, text: Text, score: float, passages: Callable[..., Snippets] | None) -> Hit:
        post = text.post
        snippets = passages(text.forms) if passages else None
        line = partial(Line, post.body, [section.start for section in post.sections])
        passage = snippets.of(line, post.description) if snippets else Passage()
        return Hit(
            id=post.id,
            url=post.url,
            title=post.title,
            description=post.description,
            date=post.date,
            tags=post.tags,
            score=score,
            snippet=passage.fragments,
            section=None if passage.section is None else post.sections[passage.section],
            sections=tuple(Place(post.sections[number], shown) for number, shown in passage.sections),
            title_marks=snippets.title(post.title) if snippets else (),
            superseded_by=newer(post.superseded_by, snapshot.post) if post.superseded_by else None,
        )

    def tags(self) -> tuple[Facet, ...]:
        """Every tag with its number of posts, most frequent first, then by value."""

        def told(snapshot: Snapshot) -> tuple[Facet, ...]:
            (counts,) = snapshot.labels([("tags", {"match_all": {}})])
            return _spelt(snapshot, "tags", counts, frozenset())

        return self._ask(told)

    def post(self, id: str) -> Post | None:
        """The post with this id, or None."""
        return self._ask(lambda snapshot: snapshot.post(id))

    def begins_title(self, text: str) -> bool:
        """Whether the title of a post begins with *text* as it stands."""
        return self._ask(lambda snapshot: snapshot.begins_title(text))

    def corrections(self, word: Word, *, is_open: bool = False) -> tuple[str, ...]:
        """The words that a mistyped *word* may have been meant for."""
        return self._ask(lambda snapshot: snapshot.corrections(word, is_open=is_open))

    def completions(self, beginning: str, count: int) -> tuple[str, ...]:
        """The *count* words that begin so."""
        return self._ask(lambda snapshot: snapshot.completions(beginning, count))

    def cost(self, term: Term) -> float:
        """How often all posts are gone through for *term*."""
        return self._ask(lambda snapshot: snapshot.cost(term))

    def related(self, id: str, count: int = 5) -> tuple[Hit, ...] | None:
        """The *count* posts most like the one with this id, or None."""
        return self._ask(lambda snapshot: self._related(snapshot, id, count))

    def _related(self, snapshot: Snapshot, id: str, count: int) -> tuple[Hit, ...] | None:
        if (post := snapshot.post(id)) is None:
            return None

        def having(word: str) -> int:
            return snapshot.count([{"term": {"vocabulary": word}}])[0]

        times = Text(post).times()
        likely = sorted(times.keys() - STOP_WORDS, key=lambda word: -times[word])[: 2 * LIKELY]
        snapshot.count({"term": {"vocabulary": word}} for word in likely)  # all at once
        told = telling(times, post.tongue, having, snapshot.held.posts)
        counts = snapshot.having(map(Word, told))
        shared = tuple(Word(word) for word, posts in zip(told, counts, strict=True) if posts > 1)[:MOST]
        found = alike(snapshot, shared, id, count) if shared and count else ()
        return tuple(self._hit(snapshot, text, score, None) for text, score in found)

    def stats(self) -> Stats:
        """Figures about what is held."""

        def told(snapshot: Snapshot) -> Stats:
            (tags,) = snapshot.labels([("tags", {"match_all": {}})])
            size = self._cluster.ask("GET", f"{snapshot.name}/_stats/store")["_all"]["total"]["store"]["size_in_bytes"]
            return Stats(
                posts=snapshot.held.posts,
                words=snapshot.count_words(),
                tags=len(tags),
                bytes=size,
                generation=snapshot.held.generation,
            )

        return self._ask(told)

    @property
    def generation(self) -> str:
        """A name for what is held now; it changes when that changes."""
        return self._now().held.generation

    def close(self) -> None:
        """Let go of connections; the engine is not used again."""
        self._cluster.close()

    def digests(self) -> Mapping[str, str]:
        """Every held post's digest, by id; none of an index that has to be built anew."""
        return self._ask(lambda snapshot: snapshot.digests()) if self._whole() else {}

    def urls(self) -> Mapping[str, str]:
        """Every held post's address, by id."""
        return self._ask(lambda snapshot: snapshot.urls())

    def check(self) -> None:
        """Have the cluster say that every shard is there with all that was written to it."""
        for name in filter(None, (self._generations.before(), self._generations.named())):
            self._generations.check(name)

    @contextmanager
    def writing(self, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
        """Keep every other writer out, once the one at work is done; *waiting* is called if that takes a second."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._generations.lock(waiting):
            yield

    def apply(
        self, *, put: Iterable[Post] = (), drop: Iterable[str] = (), afresh: bool = False, trial: Trial | None = None
    ) -> bool:
        """Hold the posts of *put*, and no longer those of *drop*, which is read last: all or nothing.

        With *afresh*, and where the index is missing, damaged or of another version, *put* alone is held.
        """
        with self.writing():
            like = None if afresh else self._whole()
            digests = like.digests() if like else {}
            with self._generations.fresh(like.name if like else None) as fresh:
                writing = Writing(self._cluster, fresh, digests, like.held.sequence if like else 0)
                writing.write(put, drop)
                if writing.changed or not like:
                    snapshot = self._generations.settle(fresh, writing, like.held if like else None)
                    if trial:
                        trial(OpenSearchEngine(self._cluster, self._folder, snapshot=snapshot))
                    self._generations.publish(fresh, returns=bool(like) and not writing.gone)
        return True

    def rollback(self) -> bool:
        """Hold again what was held before the last change, if that is kept. Raises `IndexBusyError`."""
        with self.writing(partial(refuse, self._cluster)):
            return self._generations.go_back()

    def _whole(self) -> Snapshot | None:
        """What is held, if it is whole and of this version."""
        try:
            return self._now()
        except (IndexMissingError, IndexOutdatedError, IndexDamagedError):
            return None


def _answer(query: Query, *, total: int = 0, **told: object) -> Results:
    asked = {"query": query.text, "page": query.page, "per_page": query.per_page, "sort": query.sort}
    return Results(**{"total": total, "total_all_words": 0, "missing": (), "hits": ()} | asked | told)  # type: ignore[arg-type]


def _facets(snapshot: Snapshot, query: Query, found: Mapping[str, Found]) -> dict[str, tuple[Facet, ...]]:
    counted = snapshot.labels([(name, one.posts) for name, one in found.items()])
    return {
        name: _spelt(snapshot, name, counts, query.selected(name)) for name, counts in zip(found, counted, strict=True)
    }


def _spelt(snapshot: Snapshot, facet: str, counts: dict[str, int], selected: frozenset[str]) -> tuple[Facet, ...]:
    """The labels of a facet, those that most posts have first; the *selected* ones even if no post found has them."""
    spelt = snapshot.spellings(facet, {**counts, **dict.fromkeys(selected)})
    names = sorted(spelt, key=lambda name: (-counts.get(name, 0), name))
    return tuple(Facet(spelt[name], counts.get(name, 0), name in selected) for name in names)
