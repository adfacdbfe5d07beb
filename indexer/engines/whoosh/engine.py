"""How does Whoosh keep the promise of `indexer.engine`?"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import lru_cache, partial
from itertools import islice
from pathlib import Path
from typing import NoReturn

from indexer.cache import Cache
from indexer.engine import Stats, Trial
from indexer.engines.whoosh import writing
from indexer.engines.whoosh.codec import FlatSegment, read_toc
from indexer.engines.whoosh.faults import Faults, unguarded
from indexer.engines.whoosh.flatfile import Array
from indexer.engines.whoosh.generations import Generations
from indexer.engines.whoosh.likeness import alike
from indexer.engines.whoosh.ranking import Found, find
from indexer.engines.whoosh.reading import Reading, Unpublished
from indexer.engines.whoosh.snapshot import Snapshot
from indexer.engines.whoosh.utf8 import encoded
from indexer.errors import IndexBusyError, IndexDamagedError, IndexMissingError, IndexOutdatedError
from indexer.line import Line
from indexer.post import Post
from indexer.query import Query, Term, Word
from indexer.results import Facet, Hit, Place, Results, newer
from indexer.snippet import Passage, Snippets

#: Seconds that readers have to let go of a generation with a post that is public no more.
GRACE = 60.0

#: Bytes that the texts of posts may take, kept from one question to the next; half as many, what else is shown of them.
CACHED = 12 << 20


class WhooshEngine:
    """The posts, in a Whoosh index in the folder *index*; readers have *grace* seconds to let go of dropped posts."""

    def __init__(self, index: Path, *, grace: float = GRACE, place: Path | None = None) -> None:
        """Of the generation in use; or of one in the folder *place* that is not published."""
        self._generations = Generations(index)
        self._reading = Unpublished(place) if place else Reading(self._generations)
        self._grace = grace
        self._guard = Faults(index)
        self._lines: Cache[Line] = Cache(CACHED, lambda line: line.size)
        self._cards: Cache[Post] = Cache(CACHED // 2, lambda card: 1000 + 160 * len(card.sections))

    def search(self, query: Query, *, facets: Iterable[str] = ("tags",), snippets: bool = True) -> Results:
        """The page of posts that *query* asks for."""
        with self._guard:
            snapshot = self._reading.now()
            found = find(snapshot, query)
            passages = lru_cache(None)(lambda tongue: Snippets(query, partial(snapshot.forms, tongue)))
            return Results(
                query=query.text,
                total=found.total,
                total_all_words=found.with_all,
                total_corrected=found.corrected,
                missing=found.missing,
                page=query.page,
                per_page=query.per_page,
                sort=query.sort,
                hits=tuple(
                    self._hit(snapshot, number, score, passages if snippets else None) for number, score in found.page()
                ),
                facets={name: _facet(found, name) for name in facets},
            )

    def _hit(self, snapshot: Snapshot, number: int, score: float, passages: Callable[[int], Snippets] | None) -> Hit:
        segment, inner = snapshot.place(number)
        key = segment.path.name, inner
        card = self._cards.get(key, lambda: segment.card(inner))
        body = partial(self._lines.get, key, lambda: Line(segment.body(inner), [one.start for one in card.sections]))
        snippets = passages(int(segment.tongues[inner])) if passages else None
        passage = snippets.of(body, card.description) if snippets else Passage()
        return Hit(
            id=snapshot.id(number),
            url=card.url,
            title=card.title,
            description=card.description,
            date=card.date,
            tags=card.tags,
            score=score,
            snippet=passage.fragments,
            section=None if passage.section is None else card.sections[passage.section],
            sections=tuple([Place(card.sections[number], shown) for number, shown in passage.sections]),
            title_marks=snippets.title(card.title) if snippets else (),
            superseded_by=newer(card.superseded_by, snapshot.named) if card.superseded_by else None,
        )

    def tags(self) -> tuple[Facet, ...]:
        """Every tag with its number of posts, most frequent first, then by value."""
        with self._guard:
            snapshot = self._reading.now()
            return _counted(snapshot, "tags", snapshot.alive.nonzero()[0])

    def post(self, id: str) -> Post | None:
        """The post with this id, or None."""
        with self._guard:
            return self._reading.now().named(id)

    def corrections(self, word: Word, *, is_open: bool = False) -> tuple[str, ...]:
        """The words that a mistyped *word* may have been meant for."""
        with self._guard:
            return self._reading.now().corrections(word, is_open=is_open)

    def begins_title(self, text: str) -> bool:
        """Whether the title of a post begins with *text* as it stands."""
        with self._guard:
            return self._reading.now().begins_title(text)

    def cost(self, term: Term) -> float:
        """How often all posts are gone through for *term*."""
        with self._guard:
            return self._reading.now().cost(term)

    def related(self, id: str, count: int = 5) -> tuple[Hit, ...] | None:
        """The *count* posts most like the one with this id, or None."""
        with self._guard:
            snapshot = self._reading.now()
            if (number := snapshot.number(id)) is None:
                return None
            return tuple(self._hit(snapshot, *found, None) for found in islice(alike(snapshot, number), count))

    def completions(self, beginning: str, count: int) -> tuple[str, ...]:
        """The *count* words that begin so."""
        with self._guard:
            return self._reading.now().completions(beginning, count)

    def stats(self) -> Stats:
        """Figures about what is held."""
        with self._guard:
            snapshot = self._reading.now()
            return Stats(
                posts=snapshot.posts,
                words=snapshot.word_count,
                tags=len(snapshot.tally("tags").counts(snapshot.alive.nonzero()[0])[0]),
                bytes=self._generations.size(),
                generation=snapshot.generation,
                trouble=self._reading.trouble,
            )

    @property
    def generation(self) -> str:
        """A name for what is held now; it changes when that changes."""
        with self._guard:
            return self._reading.now().generation

    def close(self) -> None:
        """Let go of files; the engine is not used again."""
        self._reading.forget()

    def digests(self) -> Mapping[str, str]:
        """Every held post's digest, by id; none of an index that has to be built anew."""
        with self._guard:
            return self._reading.now().digests() if self._whole() else {}

    def urls(self) -> Mapping[str, str]:
        """Every held post's address, by id."""
        with self._guard:
            return self._reading.now().urls()

    def check(self) -> None:
        """Look at every file, also of what `rollback` would hold again. Raises `IndexDamagedError` with the bad one."""
        with self._guard:
            if before := self._generations.previous():
                self._generations.verified(before)
            # At last, so that whoever opens it next need not look at its files again.
            self._generations.verified(self._generations.in_use())

    @contextmanager
    def writing(self, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
        """Keep every other writer out, once the one at work is done; *waiting* is called if that takes a second."""
        with ExitStack() as stack:
            with self._guard:
                if stack.enter_context(self._generations.lock(waiting)) and self._is_unsettled():
                    self._settle()
            yield

    def apply(
        self, *, put: Iterable[Post] = (), drop: Iterable[str] = (), afresh: bool = False, trial: Trial | None = None
    ) -> bool:
        """Hold the posts of *put*, and no longer those of *drop*, which is read last: all or nothing.

        With *afresh*, and where the index is damaged or of another version, *put* alone is held. False if a reader
        still held dropped posts when their files were removed. Raises `IndexUnwritableError` if the disk refuses.
        """
        with self.writing(), self._guard:
            whole = None if afresh else self._whole()
            gone: set[str] = set()
            change = partial(writing.change, put=unguarded(put), drop=_noted(unguarded(drop), gone))
            self._publish(whole, change, gone, trial)
            return self._settle()

    def _settle(self) -> bool:
        """Fold, and remove what is of no use any more; False if a reader still held what is public no more.

        Of what came before a build that dropped posts, or of what is damaged or was built anew, nobody knows whether
        all of it is public still: so there is no way back to it, and no file of it stays.
        """
        place = self._generations.in_use()
        purge = not self._generations.before(place)
        self._publish(place, partial(writing.fold, purge=purge))
        self._reading.forget()  # so that this engine holds no older one
        return self._generations.clean(patience=self._grace if purge else 0)

    def _is_unsettled(self) -> bool:
        """Whether the last build was stopped before it had done all this."""
        place = self._whole()
        return place is not None and bool(
            self._generations.old()
            or (not self._generations.before(place) and any(map(FlatSegment.deleted_count, read_toc(place)[1])))
        )

    def rollback(self) -> bool:
        """Hold again what was held before the last change, if that is kept. Raises `IndexBusyError`."""
        with self.writing(self._refuse), self._guard:
            return self._generations.go_back()

    def _refuse(self) -> NoReturn:
        index = self._generations.index
        raise IndexBusyError(f"{index}: another process is writing this index; try again when it is done", index=index)

    def _whole(self) -> Path | None:
        """The generation in use, if it is whole and of this version."""
        try:
            place = self._generations.in_use()
            self._generations.verified(place)
            return place
        except (FileNotFoundError, IndexMissingError, IndexOutdatedError, IndexDamagedError):
            return None

    def _publish(
        self, like: Path | None, write: Callable[[Path], bool], gone: Collection[str] = (), trial: Trial | None = None
    ) -> bool:
        """Put in use what *write* makes of the generation *like*, if it makes a difference, or if there is none."""
        with self._generations.fresh(like) as fresh:
            if like is None:
                writing.create(fresh)
            if not write(fresh) and like:
                return False
            if trial:
                trial(WhooshEngine(self._generations.index, place=fresh))
            self._generations.publish(fresh, writing.name(fresh), like, returns=not gone)
            return True


def _noted(ids: Iterable[str], noted: set[str]) -> Iterator[str]:
    for id in ids:
        noted.add(id)
        yield id


def _facet(found: Found, facet: str) -> tuple[Facet, ...]:
    snapshot, query = found.snapshot, found.query
    unchosen = query.unchosen(facet)
    posts = (found if unchosen is query else find(snapshot, unchosen)).posts
    return _counted(snapshot, facet, posts, query.selected(facet))


def _counted(
    snapshot: Snapshot, facet: str, posts: Array, names_asked: frozenset[str] = frozenset()
) -> tuple[Facet, ...]:
    selected = frozenset(map(encoded, names_asked))
    names, counts = snapshot.tally(facet).counts(posts)
    if lacking := selected.difference(names):
        known = sorted(encoded(name) for name in names_asked if len(snapshot.labelled(facet, name)))
        names += [name for name in known if name in lacking]
        counts += [0] * (len(names) - len(counts))
    return tuple(map(Facet, snapshot.spellings(facet, names), counts, map(selected.__contains__, names)))
