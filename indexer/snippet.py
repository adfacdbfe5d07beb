"""Which passage of a post answers a question best?"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING

from indexer import words
from indexer.line import Line, folded, in_one_line
from indexer.query import Phrase, Prefix, Word
from indexer.results import Fragment

if TYPE_CHECKING:
    from indexer.query import Query, Term

LENGTH = 200
"""Characters of text in a passage, more or less: it ends between words."""

ELLIPSIS = "…"
"""Stands where the text goes on."""

NEAR = 20
"""Characters between a cut and the blank that it is moved to."""

Forms = Callable[[str], Iterable[str]]
"""All words that a word is a form of, as far as an engine knows: with them, a text need not be cut into words."""

_Match = tuple[int, int, int]
"""Where a term of the question stands, from one character to another, and which of the terms it is."""


class Snippets:
    """Finds the passages of posts that answer *query*; quick where *forms* are known."""

    def __init__(self, query: Query, forms: Forms | None = None) -> None:
        self._terms = tuple(dict.fromkeys(term for clause in query.wanted + query.required for term in clause.any_of))
        self._ways = [(*way, number) for number, term in enumerate(self._terms) for way in _ways(term, forms)]
        self._is_quick = forms is not None

    def of(self, body: Callable[[], Line], description: str) -> tuple[Fragment, ...]:
        """The passage of a post with most of the terms that are asked for, each of them marked.

        It is taken from the body, or from the description if the body has none of them; blanks and line ends are
        one blank each. Empty if the post has no text but its title.
        """
        for made in (body, lambda: Line(description)) if self._ways else ():
            line = made()
            if matches := self._matches(line):
                return _fragments(line.text, *_passage(line.text, *_densest(matches)), matches)
        text = in_one_line(description) or body().text
        return _fragments(text, *_passage(text, 0, 0), ())

    def _matches(self, line: Line) -> Sequence[_Match]:
        """Where the terms stand, from the first to the last."""
        text = line.folded
        if not self._is_quick or not (self._is_plain or line.is_whole):
            return tuple(self._sought.matches(tuple(words.tokens(line.text))))
        found: list[_Match] = []
        for way in self._ways:
            _find(text, *way, found)
        if len(self._ways) > 1:
            found.sort(key=itemgetter(0))
        return line.unfolded(found)

    @cached_property
    def _sought(self) -> _Sought:
        return _Sought(self._terms)

    @cached_property
    def _is_plain(self) -> bool:
        """Whether the words that are asked for stand in the folded text of every line that has them."""
        return all(folded(word) == word for first, _, others, _ in self._ways for word in (first, *others))


_Way = tuple[str, Collection[str], Sequence[str]]
"""How a term may be written: how it begins, which words may begin so (any, if none are named), and which follow."""


def _ways(term: Term, forms: Forms | None) -> Iterable[_Way]:
    match term:
        case Word(text):
            return _ways_of_forms(frozenset(forms(text) if forms else (text,)))
        case Prefix(text):
            return ((text, (), ()),)
        case Phrase((first, *others)):
            return ((first, (first,), others),)
    return ()


@lru_cache(maxsize=1 << 12)
def _ways_of_forms(forms: frozenset[str]) -> Iterable[_Way]:
    alike: dict[str, list[str]] = defaultdict(list)
    for form in sorted(forms):
        alike[form[:3]].append(form)
    return tuple((_shared(group[0], group[-1]), tuple(group), ()) for group in alike.values())


def _shared(first: str, last: str) -> str:
    """What words in alphabetical order begin with, all of them."""
    while not last.startswith(first):
        first = first[:-1]
    return first


_REST_OF_WORD = re.compile(r"[^\W_]*")
_NEXT_WORD = re.compile(rf"(?:[^\w{words.GAP}]|_)+([^\W_]+)")


def _find(
    text: str, beginning: str, forms: Collection[str], others: Sequence[str], term: int, found: list[_Match]
) -> None:
    """Add to *found* where *term* stands. To look for plain text is fast: only where it is, words are compared."""
    start = text.find(beginning)
    while start >= 0:
        end = start + 1
        if not start or not text[start - 1].isalnum():
            end = _REST_OF_WORD.match(text, start).end()  # type: ignore[union-attr]  # it matches anything
            if text[start:end] in forms or not forms:
                last = _end_of_phrase(text, end, others) if others else end
                if last >= 0:
                    found.append((start, last, term))
        start = text.find(beginning, end)


def _end_of_phrase(text: str, end: int, others: Sequence[str]) -> int:
    """Where the last of the words ends that follow at *end*, or -1 if others do."""
    for other in others:
        word = _NEXT_WORD.match(text, end)
        if not word or word[1] != other:
            return -1
        end = word.end()
    return end


class _Sought:
    """The terms of a question, each under the word that it begins with."""

    def __init__(self, terms: Sequence[Term]) -> None:
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
        self._numbers = {term: number for number, term in enumerate(terms)}

    def matches(self, tokens: Sequence[words.Token]) -> Iterator[_Match]:
        """Where the terms stand, from the first to the last."""
        begun: dict[str, tuple[Term, ...]] = {}
        for place, token in enumerate(tokens):
            if token.word not in begun:
                begun[token.word] = tuple(self._begun_by(token.word))
            for term in begun[token.word]:
                last = _last(term, tokens, place)
                if last is not None:
                    yield token.start, last.end, self._numbers[term]

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
    inside: dict[int, int] = defaultdict(int)
    distinct = first = 0
    for last, (_, end, term) in enumerate(matches):
        distinct += not inside[term]
        inside[term] += 1
        while first < last and end - matches[first][0] > LENGTH:
            gone = matches[first][2]
            inside[gone] -= 1
            distinct -= not inside[gone]
            first += 1
        if (found := (distinct, last - first + 1)) > best:
            best, where = found, (matches[first][0], end)
    return where


def _passage(text: str, first: int, last: int) -> tuple[int, int]:
    """Where to cut *text* between words so that the part from *first* to *last* stands in the middle."""
    room = max(0, LENGTH - (last - first))
    whole = len(text)
    start = max(0, min(first - room // 2, whole - LENGTH))
    end = start + LENGTH
    if start:
        start = _start(text, start, first)
    if end < whole:
        end = _end(text, end, last if last <= end else start)
    return start, min(end, whole)


def _start(text: str, at: int, most: int) -> int:
    """The first border at *at* or after it: a blank if one is near, since not all texts have them."""
    blank = text.find(" ", at - 1, min(at + NEAR, most))
    if blank >= 0:
        return blank + 1
    before = max(0, at - words.LONGEST)
    starts = (before + token.start for token in words.tokens(text[before:most]))
    return next((start for start in starts if start >= at), most)


def _end(text: str, at: int, least: int) -> int:
    """The last border at *at* or before it."""
    blank = text.rfind(" ", max(at - NEAR, least), at + 1)
    if blank >= 0:
        return blank
    ends = (least + token.end for token in words.tokens(text[least : at + words.LONGEST]))
    return max((end for end in ends if end <= at), default=at)


def _fragments(text: str, start: int, end: int, matches: Iterable[_Match]) -> tuple[Fragment, ...]:
    """The text from *start* to *end*, in runs that are marked or not."""
    fragments = []
    here = start
    before = ELLIPSIS if start else ""
    for left, right in _joined(matches, start, end):
        if plain := before + text[here:left]:
            fragments.append(Fragment(plain))
        fragments.append(Fragment(text[left:right], True))
        here, before = right, ""
    if plain := before + text[here:end] + (ELLIPSIS if end < len(text) else ""):
        fragments.append(Fragment(plain))
    return tuple(fragments)


def _joined(matches: Iterable[_Match], start: int, end: int) -> list[tuple[int, int]]:
    """The stretches of text between *start* and *end* that are matched, those that touch made one."""
    joined: list[tuple[int, int]] = []
    for first, last, _ in matches:
        if first >= end or last <= start:
            continue
        left, right = max(first, start), min(last, end)
        if joined and left <= joined[-1][1]:
            left, touching = joined.pop()
            right = max(right, touching)
        joined.append((left, right))
    return joined
