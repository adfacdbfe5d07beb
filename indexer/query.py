"""What does a reader ask?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from indexer import words

if TYPE_CHECKING:
    from indexer.dates import Moment

SORTS = ("relevance", "newest", "oldest", "title")


@dataclass(frozen=True, slots=True)
class Word:
    """Any form of one word: `posts` stands for `post` and `posted`, too."""

    text: str
    """Folded, not stemmed."""


@dataclass(frozen=True, slots=True)
class Prefix:
    """Every word that begins so."""

    text: str
    """Folded."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """These very words, side by side, in one of a post's texts."""

    words: tuple[str, ...]
    """Folded, not stemmed; at least one."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag of the post."""

    name: str
    """As `words.fold_tag` leaves it."""


Term = Word | Prefix | Phrase | Tag


class Presence(Enum):
    """How a clause decides whether a post is found."""

    WANTED = "wanted"
    REQUIRED = "required"
    FORBIDDEN = "forbidden"


@dataclass(frozen=True, slots=True)
class Clause:
    """One thing asked for: a post meets it that has any of its terms."""

    presence: Presence
    any_of: tuple[Term, ...]
    text: str = field(default="", compare=False)
    """As the reader wrote it."""

    @property
    def is_common(self) -> bool:
        """Whether it asks for nothing but words so common that having them says nothing."""
        return all(isinstance(term, Word) and term.text in words.STOP_WORDS for term in self.any_of)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A question: a flat list of clauses, and the part of the answer that is wanted."""

    text: str = ""
    clauses: tuple[Clause, ...] = ()
    after: Moment | None = None
    """Posts of this moment or later; posts without a date are left out."""

    before: Moment | None = None
    """Posts earlier than this moment; posts without a date are left out."""

    sort: str = "relevance"
    page: int = 1
    per_page: int = 10

    @classmethod
    def parse(cls, text: str) -> Query:
        """The question in a reader's *text*. Any text is one: what is no operator is words."""
        return cls(text=text, clauses=tuple(dict.fromkeys(_clauses(_join(_lex(text))))))

    @property
    def is_hollow(self) -> bool:
        """Whether there is text in it, but nothing that could be searched for, such as `!?`."""
        return bool(self.text.strip()) and not self.clauses

    @property
    def wanted(self) -> tuple[Clause, ...]:
        """The clauses that posts should meet; common words count only if there are no others."""
        wanted = self._with(Presence.WANTED)
        return tuple(clause for clause in wanted if not clause.is_common) or wanted

    @property
    def required(self) -> tuple[Clause, ...]:
        """The clauses that every found post meets."""
        return self._with(Presence.REQUIRED)

    @property
    def forbidden(self) -> tuple[Clause, ...]:
        """The clauses that no found post meets."""
        return self._with(Presence.FORBIDDEN)

    @property
    def selected_tags(self) -> frozenset[str]:
        """The tags asked for, folded."""
        return frozenset(term.name for clause in self.required for term in clause.any_of if isinstance(term, Tag))

    def _with(self, presence: Presence) -> tuple[Clause, ...]:
        return tuple(clause for clause in self.clauses if clause.presence is presence)


def tag_clauses(
    *, tag: Iterable[str] = (), tag_any: Iterable[str] = (), tag_not: Iterable[str] = ()
) -> Iterator[Clause]:
    """The clauses of a tag filter: all of *tag*, any of *tag_any*, none of *tag_not*."""
    for name in _given(tag):
        yield Clause(Presence.REQUIRED, (Tag(words.fold_tag(name)),))
    if names := tuple(dict.fromkeys(map(words.fold_tag, _given(tag_any)))):
        yield Clause(Presence.REQUIRED, tuple(map(Tag, names)))
    for name in _given(tag_not):
        yield Clause(Presence.FORBIDDEN, (Tag(words.fold_tag(name)),))


def _given(names: Iterable[str]) -> Iterator[str]:
    """*names* without blank ones, which a form sends for what was not filled in."""
    return (name for name in names if name.strip())


@dataclass(frozen=True, slots=True)
class _Piece:
    """One piece of a question's text: what it says, and the marks around it."""

    body: str
    raw: str
    minus: bool = False
    is_tag: bool = False
    quoted: bool = False

    @property
    def is_or(self) -> bool:
        return self.raw == "OR"

    @property
    def is_required(self) -> bool:
        return self.is_tag or self.quoted or self.body.endswith("*")


# A quote that is never closed runs to the end: the reader is still typing it.
_PIECE = re.compile(
    r"""(?P<minus>-(?=[^\s-]))?(?P<tag>tag:(?=[^\s"]|"[^"]))?(?:"(?P<quoted>[^"]*)(?:"|$)|(?P<bare>[^\s"]+))""",
    re.VERBOSE,
)
_QUOTES = str.maketrans("“”„«»", '"""""')


def _lex(text: str) -> Iterator[_Piece]:
    for found in _PIECE.finditer(text.translate(_QUOTES).replace(words.GAP, " ")):
        quoted = found["quoted"] is not None
        body = found["quoted"] if quoted else found["bare"]
        yield _Piece(body, found[0], bool(found["minus"]), bool(found["tag"]), quoted)


def _join(pieces: Iterable[_Piece]) -> list[list[_Piece]]:
    """Pieces with OR between them form one group; an OR without a piece on each side is a word."""
    groups: list[list[_Piece]] = []
    joining = False
    waiting = list(pieces)
    for place, piece in enumerate(waiting):
        inner = 0 < place < len(waiting) - 1
        if piece.is_or and inner and not joining and not groups[-1][-1].minus and not waiting[place + 1].minus:
            joining = True
        elif joining:
            groups[-1].append(piece)
            joining = False
        else:
            groups.append([piece])
    return groups


def _clauses(groups: Iterable[list[_Piece]]) -> Iterator[Clause]:
    for group in groups:
        first = group[0]
        if len(group) == 1 and not first.minus and not first.is_required:
            yield from (Clause(Presence.WANTED, (_term(run.words),), run.text) for run in words.runs(first.body))
        elif terms := tuple(dict.fromkeys(term for piece in group if (term := _whole(piece)))):
            yield Clause(_presence(group), terms, " OR ".join(piece.raw for piece in group))


def _presence(group: list[_Piece]) -> Presence:
    if group[0].minus:
        return Presence.FORBIDDEN
    return Presence.REQUIRED if any(piece.is_required for piece in group) else Presence.WANTED


def _whole(piece: _Piece) -> Term | None:
    """The one term that a piece means as a whole, or None if there is no word in it."""
    if piece.is_tag:
        return Tag(words.fold_tag(piece.body))
    runs = [run.words for run in words.runs(piece.body)]
    if not runs:
        return None
    if piece.body.endswith("*") and not piece.quoted and len(runs) == 1 and len(runs[0]) == 1:
        return Prefix(runs[0][0])
    if piece.quoted or len(runs) > 1:
        return Phrase(_side_by_side(piece.body))
    return _term(runs[0])


def _term(run: tuple[str, ...]) -> Term:
    if len(run) > 1:
        return Phrase(run)
    # A lone character of such a script begins pairs, and stands by itself only at the end of a run.
    return Prefix(run[0]) if words.is_unspaced(run[0]) and len(run[0]) == 1 else Word(run[0])


def _side_by_side(text: str) -> tuple[str, ...]:
    """The words of a phrase; the last character of a run ending it is left open, as pairs already hold it."""
    found = list(words.tokens(text))
    if len(found) > 1 and words.is_unspaced(found[-1].word) and found[-2].end == found[-1].end:
        found.pop()
    return tuple(token.word for token in found)
