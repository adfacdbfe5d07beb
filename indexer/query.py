"""What does a reader ask?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import lru_cache

import msgspec

from indexer import words
from indexer.dates import Moment

SORTS = ("relevance", "newest", "oldest", "title")

#: With more plain words than that, a question is prose, such as a sentence that was pasted: there, quotation marks, a
#: dash and OR mean what they mean in prose.
PROSE = 12


@dataclass(frozen=True, slots=True)
class Word:
    """Any form of one word: `posts` stands for `post` and `posted`, too."""

    #: Folded, not stemmed.
    text: str


@dataclass(frozen=True, slots=True)
class Prefix:
    """Every word that begins so."""

    #: Folded.
    text: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """These very words, side by side, in one of a post's texts."""

    #: Folded, not stemmed; at least one.
    words: tuple[str, ...]

    #: Whether the last of them is but a beginning.
    open: bool = False


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag of the post."""

    #: As `words.fold_tag` leaves it.
    name: str


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

    #: As the reader wrote it.
    text: str = field(default="", compare=False)

    #: How often the reader wrote it: so often it counts.
    times: int = 1

    @property
    def is_filter(self) -> bool:
        """Whether it asks for nothing but tags."""
        return all(isinstance(term, Tag) for term in self.any_of)

    @property
    def is_common(self) -> bool:
        """Whether it asks for nothing but words so common that having them says nothing."""
        return all(isinstance(term, Word) and term.text in words.STOP_WORDS for term in self.any_of)


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """A question: a flat list of clauses, and the part of the answer that is wanted."""

    text: str = ""
    clauses: tuple[Clause, ...] = ()

    #: Posts of this moment or later; posts without a date are left out.
    after: Moment | None = None

    #: Posts earlier than this moment; posts without a date are left out.
    before: Moment | None = None

    sort: str = "relevance"
    page: int = 1
    per_page: int = 10

    @classmethod
    def parse(cls, text: str) -> Query:
        """The question in a reader's *text*. Any text is one: what is no operator is words."""
        return cls(text=text, clauses=_clauses(_pieces(text)))

    @property
    def is_hollow(self) -> bool:
        """Whether there is text in it, but nothing that could be searched for, such as `!?`."""
        return not self.clauses and bool(self.text.strip())

    @property
    def wanted(self) -> tuple[Clause, ...]:
        """The clauses that posts should meet; common words count only if there are no others."""
        wanted = self._with(Presence.WANTED)
        return wanted if len(wanted) < 2 else tuple([one for one in wanted if not one.is_common]) or wanted

    @property
    def neighbours(self) -> tuple[str, ...]:
        """The words that are the better the nearer they stand to each other; none for one word, or for prose."""
        single = [clause.any_of[0] for clause in self.wanted if len(clause.any_of) == 1]
        asked = [term.text for term in single if isinstance(term, Word)]
        return tuple(asked) if 1 < len(asked) <= PROSE else ()

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
        return tuple([clause for clause in self.clauses if clause.presence is presence])


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


# A quote that is never closed runs to the end: the reader is still typing it.
_PIECE = re.compile(
    r"""(?P<minus>-(?=[^\s-]))?(?P<tag>tag:(?=[^\s"]|"[^"]))?(?:"(?P<quoted>[^"]*)(?:"|$)|(?P<bare>[^\s"]+))""",
    re.VERBOSE,
)
_QUOTES = str.maketrans("“”„«»", '"""""')


@dataclass(frozen=True, slots=True)
class _Piece:
    """One piece of a question's text, with the marks around it."""

    raw: str
    presence: Presence

    #: What it means beside an OR; None if there is no word in it.
    term: Term | None

    #: What it means by itself.
    alone: tuple[Clause, ...]


def _pieces(text: str) -> list[_Piece]:
    if not text.isascii():
        text = text.translate(_QUOTES)
    raws = [found[0] for found in _PIECE.finditer(text)] if '"' in text else text.split()
    if len(raws) > PROSE and sum(raw[0] not in '"-' for raw in raws) > PROSE:
        raws = [word for raw in raws for word in _as_prose(raw)]
    return [_kept_piece(raw) if len(raw) <= words.LONGEST else _kept_piece.__wrapped__(raw) for raw in raws]


def _as_prose(raw: str) -> Iterator[str]:
    if raw.startswith(("tag:", "-tag:")):
        return iter((raw,))
    return (word for word in raw.lstrip("-").replace('"', " ").split() if word != "OR")


@lru_cache(maxsize=1 << 12)
def _kept_piece(raw: str) -> _Piece:
    found = _PIECE.fullmatch(raw)
    assert found
    quoted = found["quoted"] is not None
    body = found["quoted"] if quoted else found["bare"]
    term = Tag(words.fold_tag(body)) if found["tag"] else _whole(body, quoted)
    if found["minus"]:
        presence = Presence.FORBIDDEN
    else:
        presence = Presence.REQUIRED if found["tag"] or quoted or body.endswith("*") else Presence.WANTED
    if presence is Presence.WANTED:
        return _Piece(raw, presence, term, tuple(_wanted(body)))
    return _Piece(raw, presence, term, (Clause(presence, (term,), raw),) if term else ())


def _wanted(body: str) -> Iterator[Clause]:
    return (Clause(Presence.WANTED, (_term(run.words),), run.text) for run in words.runs(body))


def _clauses(pieces: Sequence[_Piece]) -> tuple[Clause, ...]:
    clauses = [clause for group in _groups(pieces) for clause in _of_group(group)]
    return tuple(clauses if len(clauses) < 2 else _counted(clauses))


def _counted(clauses: Sequence[Clause]) -> Iterator[Clause]:
    """Each clause once. In a long text, what is said again is what it is about."""
    for clause, times in Counter(clauses).items():
        yield replace(clause, times=times) if times > 1 and clause.presence is Presence.WANTED else clause


def _groups(pieces: Sequence[_Piece]) -> Iterator[Sequence[_Piece]]:
    """Pieces with OR between them form one group; an OR without a piece on each side is a word."""
    place = 0
    while place < len(pieces):
        group = [pieces[place]]
        while place + 2 < len(pieces) and pieces[place + 1].raw == "OR" and _may_join(group[-1], pieces[place + 2]):
            place += 2
            group.append(pieces[place])
        yield group
        place += 1


def _may_join(one: _Piece, other: _Piece) -> bool:
    return one.presence is not Presence.FORBIDDEN and other.presence is not Presence.FORBIDDEN


def _of_group(group: Sequence[_Piece]) -> tuple[Clause, ...]:
    if len(group) == 1:
        return group[0].alone
    terms = tuple(dict.fromkeys([piece.term for piece in group if piece.term]))
    is_required = Presence.REQUIRED in [piece.presence for piece in group]
    presence = Presence.REQUIRED if is_required else Presence.WANTED
    return (Clause(presence, terms, " OR ".join([piece.raw for piece in group])),) if terms else ()


def _whole(body: str, quoted: bool) -> Term | None:
    """The one term that a piece means as a whole, or None if there is no word in it."""
    runs = [run.words for run in words.runs(body)]
    if not runs:
        return None
    is_beginning = body.endswith("*") and not quoted
    if is_beginning and len(runs) == 1 and len(runs[0]) == 1:
        return Prefix(runs[0][0])
    return _side_by_side(body, is_beginning) if quoted or len(runs) > 1 else _term(runs[0])


def _term(run: tuple[str, ...]) -> Term:
    if len(run) > 1:
        return Phrase(run)
    # A lone character of such a script begins pairs, and stands by itself only at the end of a run.
    return Prefix(run[0]) if words.is_unspaced(run[0]) and len(run[0]) == 1 else Word(run[0])


def _side_by_side(text: str, is_beginning: bool) -> Term:
    """The words of a phrase; the last character of a run ending it is left open, as pairs already hold it."""
    found = list(words.tokens(text))
    last = found[-1]
    if words.is_unspaced(last.word):
        is_beginning = len(found) == 1 or found[-2].end != last.end
        found = found if is_beginning else found[:-1]
    side_by_side = tuple(token.word for token in found)
    return Prefix(side_by_side[0]) if is_beginning and len(found) == 1 else Phrase(side_by_side, is_beginning)
