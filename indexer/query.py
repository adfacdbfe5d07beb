"""What does a reader ask?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import lru_cache

import msgspec

from indexer import dates, words
from indexer.dates import Moment
from indexer.results import Hint

SORTS = ("relevance", "newest", "oldest", "title")

#: With more plain words than that, a question is prose, such as a sentence that was pasted: there, quotation marks, a
#: dash and OR mean what they mean in prose.
PROSE = 12


@dataclass(frozen=True, slots=True)
class Word:
    """Any form of one word: `posts` stands for `post` and `posted`, too."""

    #: Folded, not stemmed.
    text: str

    #: What the word is found by as it was written, if folding took anything away: begins with `words.WRITTEN`.
    written: str = ""

    def stems(self, tongue: str) -> tuple[str, ...]:
        """What it has in common with its other forms, in one of `words.TONGUES`; written with accents, it may be two.

        Readers leave accents out that a stemmer needs: `nación` and `naciones` have one stem, `nacion` another.
        """
        plain = words.stem(self.text, tongue)
        written = words.fold(words.stem(self.written[1:], tongue)) if self.written else plain
        return (plain,) if written == plain else (plain, written)


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
class Label:
    """A label of the post, such as a tag."""

    #: One of `indexer.engine.FACETS`.
    facet: str

    #: As `words.fold_tag` leaves it.
    name: str


@dataclass(frozen=True, slots=True)
class Titled:
    """Words in the post's title alone."""

    term: Word | Prefix | Phrase


Term = Word | Prefix | Phrase | Label | Titled


def spelt(term: Term) -> str:
    """The words of *term*, as they are looked for."""
    match term:
        case Titled(inner):
            return spelt(inner)
        case Phrase(words):
            return " ".join(words)
        case Word(text) | Prefix(text) | Label(_, text):
            return text


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

    #: As the reader wrote it, or would.
    text: str = field(default="", compare=False)

    #: How often the reader wrote it: so often it counts.
    times: int = 1

    #: What the site's owner has meet it as well.
    synonyms: tuple[Term, ...] = ()

    #: Words that may have been meant: posts with one of them instead stand below those that meet the clause.
    corrected: tuple[Word, ...] = ()

    #: Whether it stands beside the text of the question, as a filter.
    is_beside: bool = field(default=False, compare=False)

    #: The facet of which it is the choice of any of some values, as a filter: what that facet counts does not heed it.
    choice_of: str = field(default="", compare=False)

    @property
    def terms(self) -> tuple[Term, ...]:
        """What meets it."""
        return self.any_of + self.synonyms

    @property
    def is_filter(self) -> bool:
        """Whether it asks for nothing but labels."""
        return all(isinstance(term, Label) for term in self.any_of)

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

    #: The days in which the age of a post is halved, which takes from its score; 0 if age counts nothing.
    recency: float = 0.0

    #: The ids of posts that pass for having all that is asked for, within the filters; by relevance they come first.
    pinned: tuple[str, ...] = ()

    #: The id of the one post that may be found; empty if any may.
    only: str = ""

    @classmethod
    def parse(cls, text: str) -> Query:
        """The question in a reader's *text*. Any text is one: what is no sign is words."""
        pieces = _pieces(text)
        after, before = _bounds(pieces) if ":" in text else (None, None)
        return cls(text=text, clauses=_clauses(text, pieces), after=after, before=before)

    @property
    def is_hollow(self) -> bool:
        """Whether there is text in it, but nothing that could be searched for, such as `!?`."""
        return not (self.clauses or self.after or self.before) and bool(self.text.strip())

    @property
    def hints(self) -> tuple[Hint, ...]:
        """What in its text looks like a sign and is none, in the order of the text."""
        return tuple(_hints(self.text)) if ":" in self.text or _OR in self.text else ()

    @property
    def wanted(self) -> tuple[Clause, ...]:
        """The clauses that posts should meet; common words count only if there are no others."""
        wanted = self._with(Presence.WANTED)
        return wanted if len(wanted) < 2 else tuple([one for one in wanted if not one.is_common]) or wanted

    @property
    def open_word(self) -> Word | None:
        """The last of the wanted words, if the text ends with it: then the reader may be typing a longer one still."""
        for clause in self.clauses[::-1]:
            if clause.presence is Presence.WANTED:
                term = clause.any_of[0]
                # `C+` may become `C++`.
                is_last = len(clause.any_of) == 1 and self.text.removesuffix("+").endswith(
                    clause.text.removesuffix("+")
                )
                return term if is_last and isinstance(term, Word) else None
        return None

    @property
    def is_plain(self) -> bool:
        """Whether there are but words in its text, no signs."""
        typed = [clause for clause in self.clauses if not clause.is_beside]
        return all(clause.presence is Presence.WANTED and len(clause.any_of) == 1 for clause in typed)

    @property
    def headline(self) -> str:
        """The title of a post that is asked for by all of it; empty if the text has signs in it."""
        return words.headline(self.text) if self.text and self.is_plain else ""

    @property
    def neighbours(self) -> tuple[Word, ...]:
        """The words that are the better the nearer they stand to each other; none for one word, or for prose."""
        single = [clause.any_of[0] for clause in self.wanted if len(clause.any_of) == 1]
        asked = [term for term in single if isinstance(term, Word)]
        return tuple(asked) if 1 < len(asked) <= PROSE else ()

    @property
    def required(self) -> tuple[Clause, ...]:
        """The clauses that every found post meets."""
        return self._with(Presence.REQUIRED)

    @property
    def forbidden(self) -> tuple[Clause, ...]:
        """The clauses that no found post meets."""
        return self._with(Presence.FORBIDDEN)

    def selected(self, facet: str) -> frozenset[str]:
        """The labels of a facet that are asked for, folded."""
        labels = (term for clause in self.required for term in clause.any_of if isinstance(term, Label))
        return frozenset(label.name for label in labels if label.facet == facet)

    def unchosen(self, facet: str) -> Query:
        """The same without the choice of any of a facet's values: its posts are those that the facet counts."""
        clauses = tuple([clause for clause in self.clauses if clause.choice_of != facet])
        return self if len(clauses) == len(self.clauses) else msgspec.structs.replace(self, clauses=clauses)

    def _with(self, presence: Presence) -> tuple[Clause, ...]:
        return tuple([clause for clause in self.clauses if clause.presence is presence])


def filters(
    *,
    tag: Iterable[str] = (),
    tag_any: Iterable[str] = (),
    tag_not: Iterable[str] = (),
    category: Iterable[str] = (),
    year: Iterable[str] = (),
    lang: Iterable[str] = (),
) -> Iterator[Clause]:
    """The clauses of a filter: all of *tag*, none of *tag_not*, any of *tag_any*, of *category*, and so on."""
    for name in tag:
        yield from _filter(Presence.REQUIRED, "tag", [name])
    for sign, names in (("tag", tag_any), ("category", category), ("year", year), ("lang", lang)):
        yield from _filter(Presence.REQUIRED, sign, names, choice_of=_FACETS[sign])
    for name in tag_not:
        yield from _filter(Presence.FORBIDDEN, "tag", [name])


def _filter(presence: Presence, sign: str, names: Iterable[str], choice_of: str = "") -> Iterator[Clause]:
    """The clause of any of these labels, without blank ones, which a form sends for what was not filled in."""
    given = [name.strip() for name in names if name.strip()]
    if given:
        labels = tuple(dict.fromkeys(_label(sign, name) for name in given))
        text = " OR ".join(f"{sign}:{name}" for name in given)
        text = f"-{text}" if presence is Presence.FORBIDDEN else text
        yield Clause(presence, labels, text, is_beside=True, choice_of=choice_of)


#: The signs that a value follows, each with an example of one.
_SIGNS = {
    "tag:": "baking", "category:": "news", "author:": "ann", "lang:": "en", "year:": "2024", "title:": "bread",
    "after:": "2024-01", "before:": "2024",
}  # fmt: skip
#: The labels that they ask for.
_FACETS = {"tag": "tags", "category": "categories", "author": "authors", "lang": "languages", "year": "years"}
_OPPOSITE = {"after": "before", "before": "after"}
_OR = "OR"
# A quote that is never closed runs to the end: the reader is still typing it.
_PIECE = re.compile(
    rf"""(?P<minus>-(?=[^\s-]))?(?:(?P<sign>{"|".join(_SIGNS)})(?=[^\s"]|"[^"]))?
    (?:"(?P<quoted>[^"]*)(?:"|$)|(?P<bare>[^\s"]+))""",
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

    #: One end of a range of dates, and which; None if it is none.
    bound: tuple[str, Moment] | None = None

    #: Why it is no sign, though it looks like one.
    mistake: str = ""


def _pieces(text: str) -> list[_Piece]:
    if not text.isascii():
        text = text.translate(_QUOTES)
    raws = [found[0] for found in _PIECE.finditer(text)] if '"' in text else text.split()
    if len(raws) > PROSE and sum(raw[0] not in '"-' for raw in raws) > PROSE:
        raws = [word for raw in raws for word in _as_prose(raw)]
    return [_kept_piece(raw) if len(raw) <= words.LONGEST else _kept_piece.__wrapped__(raw) for raw in raws]


def _as_prose(raw: str) -> Iterator[str]:
    found = _PIECE.fullmatch(raw)
    if found and found["sign"]:
        return iter((raw,))
    return (word for word in raw.lstrip("-").replace('"', " ").split() if word != _OR)


@lru_cache(maxsize=1 << 12)
def _kept_piece(raw: str) -> _Piece:
    found = _PIECE.fullmatch(raw)
    assert found
    quoted, minus = found["quoted"] is not None, bool(found["minus"])
    body = found["quoted"] if quoted else found["bare"]
    if found["sign"]:
        return _signed(raw, minus, found["sign"].removesuffix(":"), body, quoted)
    mistake = _SIDES if raw == _OR else _without_value(body) if found["bare"] in _SIGNS else ""
    return _of_words(raw, minus, body, quoted, mistake)


_SIDES = "`OR` joins what stands on both of its sides, but neither dates nor what has a minus; read as a word"


def _without_value(sign: str) -> str:
    return f"`{sign}` has no value right behind the colon, such as `{sign}{_SIGNS[sign]}`; read as a word"


def _of_words(raw: str, minus: bool, body: str, quoted: bool, mistake: str) -> _Piece:
    term = _whole(body, quoted)
    if not (minus or quoted or body.endswith("*")):
        return _Piece(raw, Presence.WANTED, term, tuple(_wanted(body)), mistake=mistake)
    return _strict(raw, minus, term, mistake)


def _strict(raw: str, minus: bool, term: Term | None, mistake: str = "") -> _Piece:
    presence = Presence.FORBIDDEN if minus else Presence.REQUIRED
    return _Piece(raw, presence, term, (Clause(presence, (term,), raw),) if term else (), mistake=mistake)


def _signed(raw: str, minus: bool, name: str, value: str, quoted: bool) -> _Piece:
    """What a sign with a value means; with one that it cannot have, it is words."""
    if name in _OPPOSITE:
        moment = dates.bound(value)
        if moment and not minus:
            return _Piece(raw, Presence.REQUIRED, None, (), bound=(name, moment))
        mistake = f"`{value}` is not {dates.SUCH_AS}"
        if moment:
            mistake = f"a minus does not go with a date, but `{_OPPOSITE[name]}:{value}` does the same"
    elif term := _meant(name, value, quoted):
        return _strict(raw, minus, term)
    else:
        mistake = "there is nothing to look for behind the colon"
    return _of_words(raw, minus, raw.removeprefix("-"), False, f"`{raw}`: {mistake}; read as words")


def _meant(name: str, value: str, quoted: bool) -> Label | Titled | None:
    if name == "title":
        term = _whole(value, quoted)
        return Titled(term) if term else None
    label = _label(name, value)
    return label if label.name else None


def _label(name: str, value: str) -> Label:
    return Label(_FACETS[name], words.fold_tag(value))


def _bounds(pieces: Iterable[_Piece]) -> tuple[Moment | None, Moment | None]:
    """From when on, and before when: the narrowest of all."""
    ends = [piece.bound for piece in pieces if piece.bound]
    after = [moment for name, moment in ends if name == "after"]
    before = [moment for name, moment in ends if name == "before"]
    return max(after, default=None), min(before, default=None)


def _hints(text: str) -> Iterator[Hint]:
    pieces = _pieces(text)
    if not any(piece.mistake for piece in pieces):
        return
    starts = list(_starts(text.translate(_QUOTES), pieces))
    for group in _groups(pieces):
        for piece, start in zip(pieces[group], starts[group], strict=True):
            if piece.mistake:
                yield Hint(start, piece.mistake)


def _starts(text: str, pieces: Iterable[_Piece]) -> Iterator[int]:
    at = 0
    for piece in pieces:
        at = text.index(piece.raw, at)
        yield at
        at += len(piece.raw)


def _wanted(body: str) -> Iterator[Clause]:
    return (Clause(Presence.WANTED, (_term(run),), run.text) for run in words.runs(body))


def _clauses(text: str, pieces: Sequence[_Piece]) -> tuple[Clause, ...]:
    if _OR in text:
        clauses = [clause for group in _groups(pieces) for clause in _of_group(pieces[group])]
    else:
        clauses = [clause for piece in pieces for clause in piece.alone]
    return tuple(clauses if len(clauses) < 2 else _counted(clauses))


def _counted(clauses: Sequence[Clause]) -> Iterator[Clause]:
    """Each clause once. In a long text, what is said again is what it is about."""
    for clause, times in Counter(clauses).items():
        yield replace(clause, times=times) if times > 1 and clause.presence is Presence.WANTED else clause


def _groups(pieces: Sequence[_Piece]) -> Iterator[slice]:
    """Pieces with OR between them form one group; an OR without a piece on each side is a word."""
    place = 0
    while place < len(pieces):
        first = place
        while place + 2 < len(pieces) and pieces[place + 1].raw == _OR and _may_join(pieces[place : place + 3 : 2]):
            place += 2
        yield slice(first, place + 1, 2)
        place += 1


def _may_join(pieces: Iterable[_Piece]) -> bool:
    return not any(piece.presence is Presence.FORBIDDEN or piece.bound for piece in pieces)


def _of_group(group: Sequence[_Piece]) -> tuple[Clause, ...]:
    if len(group) == 1:
        return group[0].alone
    terms = tuple(dict.fromkeys([piece.term for piece in group if piece.term]))
    is_required = Presence.REQUIRED in [piece.presence for piece in group]
    presence = Presence.REQUIRED if is_required else Presence.WANTED
    return (Clause(presence, terms, " OR ".join([piece.raw for piece in group])),) if terms else ()


def _whole(body: str, quoted: bool) -> Word | Prefix | Phrase | None:
    """The one term that a piece means as a whole, or None if there is no word in it."""
    runs = list(words.runs(body))
    if not runs:
        return None
    is_beginning = body.endswith("*") and not quoted
    if is_beginning and len(runs) == 1 and len(runs[0].words) == 1:
        return Prefix(runs[0].words[0])
    return _side_by_side(body, is_beginning) if quoted or len(runs) > 1 else _term(runs[0])


def _term(run: words.Run) -> Word | Prefix | Phrase:
    if len(run.words) > 1:
        return Phrase(run.words)
    # A lone character of such a script begins pairs, and stands by itself only at the end of a run.
    word = run.words[0]
    return Prefix(word) if words.is_unspaced(word) and len(word) == 1 else Word(word, run.written)


def _side_by_side(text: str, is_beginning: bool) -> Prefix | Phrase:
    """The words of a phrase; the last character of a run ending it is left open, as pairs already hold it."""
    found = list(words.tokens(text))
    last = found[-1]
    if words.is_unspaced(last.word):
        is_beginning = len(found) == 1 or found[-2].end != last.end
        found = found if is_beginning else found[:-1]
    side_by_side = tuple(token.word for token in found)
    return Prefix(side_by_side[0]) if is_beginning and len(found) == 1 else Phrase(side_by_side, is_beginning)
