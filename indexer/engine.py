"""What does an engine promise? `tests/engines/test_contract.py` says it in sentences."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from indexer.post import Post
from indexer.query import Query, Term, Word
from indexer.results import Facet, Hit, Results

#: The labels that posts can be asked for and counted by; each is the name of a field or a property of `Post`.
FACETS = ("tags", "categories", "authors", "languages", "years")

#: What a word in the title alone is worth beside what it is worth in all texts.
TITLE = 0.5

#: How many words a mistyped one is taken for, at most.
MOST_CORRECTIONS = 5

#: How many times as many posts have to have a word that another one is taken for: most rare words are no mistakes.
KNOWN = 10

#: How many posts with all of the wanted words make a list; with fewer, those with any of them follow.
ENOUGH = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """Figures about what an engine holds."""

    posts: int

    #: Distinct words, folded.
    words: int

    tags: int

    #: On disk.
    bytes: int

    #: Changes with every change to what is held.
    generation: str

    #: Why something newer that is there is not held, such as damage to it.
    trouble: str = ""


class Searchable(Protocol):
    """All that a reader of the index needs; the server is given no more. Safe from any number of threads."""

    def search(self, query: Query, *, facets: Iterable[str] = ("tags",), snippets: bool = True) -> Results:
        """The page of posts that *query* asks for; `took_ms` is left at 0. Unasked facets are not computed.

        A facet counts the posts that `query.unchosen` finds. What is selected of it is listed even if none has it, as
        long as any post that is held does.
        """

    def tags(self) -> tuple[Facet, ...]:
        """Every tag with its number of posts, most frequent first, then by value."""

    def post(self, id: str) -> Post | None:
        """The post with this id, or None."""

    def begins_title(self, text: str) -> bool:
        """Whether the title of a post begins with *text* as it stands, case and accents apart."""

    def related(self, id: str, count: int = 5) -> tuple[Hit, ...] | None:
        """The *count* posts most like the one with this id, best first, without snippets; None if it is not held.

        Those that have any of the `telling.MOST` words that tell most about it, and that another post has: ordered as
        an answer to them. Superseded ones are left out.
        """

    def completions(self, beginning: str, count: int) -> tuple[str, ...]:
        """The *count* words, folded, that begin so: those that most posts have first, then by the alphabet."""

    def stats(self) -> Stats:
        """Figures about what is held."""

    def corrections(self, word: Word, *, is_open: bool = False) -> tuple[str, ...]:
        """The words that a mistyped *word* may have been meant for, folded: the most likely first, five at most.

        Those that are `words.tolerance` edits away at most (optimal string alignment), and that `KNOWN` times as many
        posts have as have any of its forms; or, where it is open, as have a word that begins so. None if `ENOUGH` have.
        Fewer edits come first, then more posts, then the alphabet.
        """

    def cost(self, term: Term) -> float:
        """How often all posts are gone through for *term*: for each word that it stands for, those that have it."""

    @property
    def generation(self) -> str:
        """A name for what is held now; it changes when that changes."""

    def close(self) -> None:
        """Let go of files; the engine is not used again."""


#: Raises if what would be held is not to be.
Trial = Callable[[Searchable], None]


class Engine(Searchable, Protocol):
    """What `sync` needs besides: to know what is held, and to change it."""

    def digests(self) -> Mapping[str, str]:
        """Every held post's digest, by id."""

    def urls(self) -> Mapping[str, str]:
        """Every held post's address, by id."""

    def check(self) -> None:
        """Look at every file, also of what `rollback` would hold again. Raises `IndexDamagedError` with the bad one."""

    def writing(self, waiting: Callable[[], None] = ...) -> AbstractContextManager[None]:
        """Within it, no other handle changes what is held, so that what was asked stays true until it is acted upon.

        One that is at work is waited for; *waiting* is called if that takes more than a second.
        """

    def rollback(self) -> bool:
        """Hold again what was held before the last change; False if that is not kept, as after one that drops.

        Raises `IndexBusyError` if another handle is writing: what was the last change might be another one then.
        """

    def apply(
        self, *, put: Iterable[Post] = (), drop: Iterable[str] = (), afresh: bool = False, trial: Trial | None = None
    ) -> bool:
        """Hold the posts of *put*, each in place of the one with its id, and no longer those of *drop*: all or nothing.

        *put* is consumed as it is written, to its end before *drop* is begun; if either raises, nothing has
        changed. Ids of *drop* that are not held are passed over. With *afresh*, or
        where what is held cannot be opened, *put* alone is held, in an engine made anew. Before anybody else sees it,
        *trial* is given what would be held; if it raises, nothing has changed.
        Keeps other handles from writing by itself where `writing` does not yet.

        What was dropped is in no file any more; False if some reader still held it when its files were removed.
        """
