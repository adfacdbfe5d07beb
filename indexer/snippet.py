"""Which passage of a post answers a question best?"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from indexer import words
from indexer.query import Phrase, Prefix, Word
from indexer.results import Fragment

if TYPE_CHECKING:
    from indexer.post import Post
    from indexer.query import Query, Term

LENGTH = 200
"""Characters of text in a passage, more or less: it ends between words."""

ELLIPSIS = "…"
"""Stands where the text goes on."""

NEAR = 20
"""Characters between a cut and the blank that it is moved to."""


class _Match(NamedTuple):
    """A term of the question, and the characters of the text that are it."""

    start: int
    end: int
    term: Term


Forms = Callable[[str], Iterable[str]]
"""All words that a word is a form of, as far as an engine knows: with them, a text need not be cut into words."""


class Snippets:
    """Finds the passages of posts that answer *query*; quick where *forms* are known and a text is ASCII."""

    def __init__(self, query: Query, forms: Forms | None = None) -> None:
        terms = tuple(dict.fromkeys(term for clause in query.wanted + query.required for term in clause.any_of))
        self._sought = _Sought(terms)
        self._pattern = _Pattern(terms, forms) if forms else None

    def of(self, post: Post) -> tuple[Fragment, ...]:
        """The passage of *post* with most of the terms that are asked for, each of them marked.

        It is taken from the body, or from the description if the body has none of them; blanks and line ends are
        one blank each. Empty if the post has no text but its title.
        """
        body, description = _Line(post.body), _Line(post.description)
        for line in (body, description) if self._sought else ():
            if matches := self._matches(line):
                return tuple(_fragments(line.text, *_passage(line, _densest(matches)), matches))
        line = description if description.text else body
        return tuple(_fragments(line.text, *_passage(line, (0, 0)), ()))

    def _matches(self, line: _Line) -> list[_Match]:
        if self._pattern and line.text.isascii():
            return list(self._pattern.matches(line.text))
        return list(self._sought.matches(line.tokens))


class _Line:
    """A text in one line, and its words, which most questions do not need."""

    def __init__(self, text: str) -> None:
        self.text = _in_one_line(text)

    @cached_property
    def tokens(self) -> Sequence[words.Token]:
        return list(words.tokens(self.text))


def _in_one_line(text: str) -> str:
    """*text* with one blank for each run of blanks and line ends."""
    line = text.replace("\n", " ").strip()
    # Most texts have no other blanks, and to see that is five times as fast as to split them.
    return line if line.isprintable() and "  " not in line else " ".join(text.split())


class _Pattern:
    """Finds terms in ASCII texts, where a word is a run of letters and digits, and is compared without its case."""

    def __init__(self, terms: Iterable[Term], forms: Forms) -> None:
        # What a term begins with is looked for as plain text, which is fast; only there, the rest is compared.
        self._sought = [(beginning, rest, term) for term in terms for beginning, rest in _written(term, forms)]

    def matches(self, text: str) -> Iterator[_Match]:
        """Where the terms stand, from the first to the last."""
        lowered = text.lower()
        found = [match for sought in self._sought for match in _found(lowered, *sought)]
        found.sort(key=attrgetter("start"))
        yield from found


def _found(text: str, beginning: str, rest: re.Pattern[str], term: Term) -> Iterator[_Match]:
    start = text.find(beginning)
    while start >= 0:
        match = rest.match(text, start + len(beginning))
        if match and not (start and text[start - 1].isalnum()):
            yield _Match(start, match.end(), term)
        start = text.find(beginning, start + len(beginning))


_END = re.compile("(?![a-z0-9])")
_ANY = re.compile("[a-z0-9]*")


def _written(term: Term, forms: Forms) -> Iterator[tuple[str, re.Pattern[str]]]:
    """The ways in which a term may begin in a text, each with what has to follow."""
    match term:
        case Word(text):
            yield from ((form, _END) for form in {text, *forms(text)})
        case Prefix(text):
            yield text, _ANY
        case Phrase((first, *others)):
            following = "".join(f"[^a-z0-9]+{re.escape(other)}" for other in others)
            yield first, re.compile(f"{following}(?![a-z0-9])")


class _Sought:
    """The terms of a question, each under the word that it begins with."""

    def __init__(self, terms: Iterable[Term]) -> None:
        self._stems: dict[str, Term] = {}
        self._prefixes: dict[str, Term] = {}
        self._phrases: dict[str, dict[Phrase, None]] = {}
        for term in terms:
            match term:
                case Word(text):
                    self._stems.setdefault(words.stem(text), term)
                case Prefix(text):
                    self._prefixes.setdefault(text, term)
                case Phrase((first, *_)):
                    self._phrases.setdefault(first, {})[term] = None
        self._lengths = sorted({len(prefix) for prefix in self._prefixes})

    def __bool__(self) -> bool:
        return bool(self._stems or self._prefixes or self._phrases)

    def matches(self, tokens: Sequence[words.Token]) -> Iterator[_Match]:
        """Where the terms stand, from the first to the last."""
        begun: dict[str, tuple[Term, ...]] = {}
        for place, token in enumerate(tokens):
            if token.word not in begun:
                begun[token.word] = tuple(self._begun_by(token.word))
            for term in begun[token.word]:
                last = _last(term, tokens, place)
                if last is not None:
                    yield _Match(token.start, last.end, term)

    def _begun_by(self, word: str) -> Iterator[Term]:
        if (term := self._stems.get(words.stem(word))) is not None:
            yield term
        yield from self._phrases.get(word, ())
        for length in self._lengths:
            if (term := self._prefixes.get(word[:length])) is not None and len(word) >= length:
                yield term


def _last(term: Term, tokens: Sequence[words.Token], place: int) -> words.Token | None:
    """The last token of *term* where it begins at *place*, or None if it only seems to."""
    if not isinstance(term, Phrase):
        return tokens[place]
    run = tokens[place : place + len(term.words)]
    side_by_side = run[-1].position - run[0].position == len(term.words) - 1
    return run[-1] if side_by_side and tuple(token.word for token in run) == term.words else None


def _densest(matches: Sequence[_Match]) -> tuple[int, int]:
    """From where to where most terms, then most matches, stand within a passage: the first such place."""
    best, where = (0, 0), (0, 0)
    inside: Counter[Term] = Counter()
    first = 0
    for last, match in enumerate(matches):
        inside[match.term] += 1
        while first < last and match.end - matches[first].start > LENGTH:
            _take_one(inside, matches[first].term)
            first += 1
        found = (len(inside), last - first + 1)
        if found > best:
            best, where = found, (matches[first].start, match.end)
    return where


def _take_one(counts: Counter[Term], term: Term) -> None:
    counts[term] -= 1
    if not counts[term]:
        del counts[term]


def _passage(line: _Line, around: tuple[int, int]) -> tuple[int, int]:
    """Where to cut *line* between words so that *around* stands in the middle."""
    first, last = around
    room = max(0, LENGTH - (last - first))
    whole = len(line.text)
    start = max(0, min(first - room // 2, whole - LENGTH))
    end = start + LENGTH
    if start:
        start = _start(line, start, first)
    if end < whole:
        end = _end(line, end, last if last <= end else start)
    return start, min(end, whole)


def _start(line: _Line, at: int, most: int) -> int:
    """The first border at *at* or after it: a blank if one is near, since not all texts have them."""
    blank = line.text.find(" ", at - 1, min(at + NEAR, most))
    if blank >= 0:
        return blank + 1
    tokens = line.tokens
    place = bisect_left(tokens, at, key=attrgetter("start"))
    return min(most, tokens[place].start if place < len(tokens) else at)


def _end(line: _Line, at: int, least: int) -> int:
    """The last border at *at* or before it."""
    blank = line.text.rfind(" ", max(at - NEAR, least), at + 1)
    if blank >= 0:
        return blank
    tokens = line.tokens
    place = bisect_right(tokens, at, key=attrgetter("end")) - 1
    return max(least, tokens[place].end) if place >= 0 and tokens[place].end > least else at


def _fragments(text: str, start: int, end: int, matches: Iterable[_Match]) -> Iterator[Fragment]:
    """The text from *start* to *end*, in runs that are marked or not."""
    here = start
    before = ELLIPSIS if start else ""
    for left, right in _joined(matches, start, end):
        if plain := before + text[here:left]:
            yield Fragment(plain)
        yield Fragment(text[left:right], marked=True)
        here, before = right, ""
    if plain := before + text[here:end] + (ELLIPSIS if end < len(text) else ""):
        yield Fragment(plain)


def _joined(matches: Iterable[_Match], start: int, end: int) -> list[tuple[int, int]]:
    """The stretches of text between *start* and *end* that are matched, those that touch made one."""
    joined: list[tuple[int, int]] = []
    for match in matches:
        left, right = max(match.start, start), min(match.end, end)
        if left >= right:
            continue
        if joined and left <= joined[-1][1]:
            left, touching = joined.pop()
            right = max(right, touching)
        joined.append((left, right))
    return joined
