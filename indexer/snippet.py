"""Which passage of a post answers a question best?"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from copy import copy
from functools import cached_property, lru_cache
from itertools import groupby, pairwise
from operator import itemgetter
from typing import NamedTuple

from indexer import words
from indexer.line import Line, folded
from indexer.metadata import in_one_line
from indexer.query import Phrase, Prefix, Query, Term, Titled, Word
from indexer.results import Fragment

#: Characters of text in a passage, more or less: it ends between words.
LENGTH = 200

#: The same of a section other than that of the best passage; and how many sections are shown.
SHORT, SECTIONS = 100, 3

#: Stands where the text goes on.
ELLIPSIS = "…"

#: Characters between a cut and the blank that it is moved to.
NEAR = 20

#: All words of the posts that a word is a form of.
Forms = Callable[[Word], Iterable[str]]

#: Where a term of the question stands, from one character to another, and which of the terms it is.
_Match = tuple[int, int, int]


#: A passage, or a title.
Shown = tuple[Fragment, ...]


class Passage(NamedTuple):
    """What is shown of a post, and in which of its sections that stands, counted from 0."""

    fragments: Shown = ()
    section: int | None = None

    #: The sections that answer best, and a passage of each.
    sections: Sequence[tuple[int, Shown]] = ()


class Snippets:
    """Finds the passages of posts that answer *query*; the *forms* of its words are those that the posts have."""

    def __init__(self, query: Query, forms: Forms) -> None:
        asked = query.wanted + query.required
        named = dict.fromkeys(term for clause in asked for term in (*clause.terms, *clause.corrected))
        terms: dict[Term, int] = {term: number for number, term in enumerate(named)}
        if word := query.open_word:
            # A longer word that begins so is there for the same reason.
            terms[Prefix(word.text)] = terms.get(word, len(terms))
        self._ways = [(*way, number) for term, number in terms.items() for way in _ways(term, forms)]
        titled = [(*way, -1) for term in named if isinstance(term, Titled) for way in _ways(term.term, forms)]
        self._in_titles = copy(self) if titled else self
        self._in_titles._ways = self._ways + titled

    def of(self, body: Callable[[], Line], description: str) -> Passage:
        """The passage of a post with most of the terms that are asked for, each of them marked.

        It is taken from the body, or from the description if the body has none of them; blanks and line ends are
        one blank each. Empty if the post has no text but its title.
        """
        for made in (body, lambda: Line(description)) if self._ways else ():
            line = made()
            if matches := self.matches(line):
                first, last = _densest(matches)
                fragments = _fragments(line.text, *_passage(line.text, first, last), matches)
                section = line.section(first)
                answer = _sections(line, matches, section, fragments) if matches[-1][0] >= line.borders[0] else ()
                return Passage(fragments, section, answer)
        text = in_one_line(description) or body().text
        return Passage(_fragments(text, *_passage(text, 0, 0), ()))

    def title(self, title: str) -> Shown:
        """A title, in which the terms are marked, also those that are asked for in titles alone."""
        # To see that a title has none of the words takes less than to make a line of it.
        title = in_one_line(title)
        matches = self._in_titles._found(title.lower()) if title.isascii() else self._in_titles.matches(Line(title))
        return _fragments(title, 0, len(title), matches) if matches else (Fragment(title),)

    def matches(self, line: Line) -> Sequence[_Match]:
        """Where the terms stand, from the first to the last."""
        if not (self._is_plain or line.is_whole):
            return list(self._among(tuple(words.tokens(line.text))))
        return line.unfolded(self._found(line.folded))

    def _found(self, text: str) -> list[_Match]:
        """Where they stand in a folded text."""
        found: list[_Match] = []
        for way in self._ways:
            if (start := text.find(way[0])) >= 0:
                _find(text, start, *way, found)
        if len(found) > 1:
            found.sort(key=itemgetter(0))
        return found

    @cached_property
    def _is_plain(self) -> bool:
        """Whether the words that are asked for stand in the folded text of every line that has them."""
        return all(folded(word) == word for first, _, others, _ in self._ways for word in (first, *others))

    def _among(self, tokens: Sequence[words.Token]) -> Iterator[_Match]:
        """Where the terms stand in a text that has to be cut into words."""
        for place, token in enumerate(tokens):
            for beginning, forms, others, term in self._by_letter.get(token.word[0], ()):
                if token.word in forms or (not forms and token.word.startswith(beginning)):
                    run = tokens[place : place + 1 + len(others)]
                    side_by_side = run[-1].position - token.position == len(others)
                    if side_by_side and [other.word for other in run[1:]] == [*others]:
                        yield token.start, run[-1].end, term

    @cached_property
    def _by_letter(self) -> Mapping[str, Sequence[_Numbered]]:
        """The ways to write the terms, by the first character."""
        by_letter = defaultdict(list)
        for way in self._ways:
            by_letter[way[0][0]].append(way)
        return by_letter


#: How a term may be written: how it begins, which words may begin so (any, if none are named), and which follow.
_Way = tuple[str, Collection[str], Sequence[str]]

#: The same, and which of the terms it is.
_Numbered = tuple[str, Collection[str], Sequence[str], int]


def _ways(term: Term, forms: Forms) -> Iterable[_Way]:
    match term:
        case Word():
            return _ways_of_forms(frozenset(forms(term)))
        case Prefix(text):
            return ((text, (), ()),)
        case Phrase((first, *others)):
            return ((first, (first,), others),)
    return ()


@lru_cache(maxsize=1 << 12)
def _ways_of_forms(forms: frozenset[str]) -> Iterable[_Way]:
    alike = [tuple(group) for _, group in groupby(sorted(forms), itemgetter(slice(3)))]
    return tuple((_shared(group[0], group[-1]), group, ()) for group in alike)


def _shared(first: str, last: str) -> str:
    """What words in alphabetical order begin with, all of them."""
    while not last.startswith(first):
        first = first[:-1]
    return first


_REST_OF_WORD = re.compile(r"[^\W\d_]{1,3}(?:\+\+(?![+a-z_])|#(?![\w+#]))|[^\W_]*")
_NEXT_WORD = re.compile(rf"(?:[^\w{words.GAP}]|_)+([^\W_]+)")


def _find(
    text: str, start: int, beginning: str, forms: Collection[str], others: Sequence[str], term: int, found: list[_Match]
) -> None:
    """Add to *found* where *term* stands, from *start* on, where the text has the plain *beginning*.

    To look for plain text is fast: only where it is, words are compared.
    """
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


def _sections(line: Line, matches: Sequence[_Match], best: int | None, shown: Shown) -> Sequence[tuple[int, Shown]]:
    """The sections with most terms, then most matches, then the first; with a passage of each, *shown* of *best*."""
    cuts = [bisect_left(matches, (border,)) for border in line.borders]
    inside = [(number, matches[low:high]) for number, (low, high) in enumerate(pairwise(cuts)) if low < high]
    if len(inside) > 1:
        inside.sort(key=lambda one: (-len({term for _, _, term in one[1]}), -len(one[1])))
    return [(number, shown if number == best else _short(line, number, some)) for number, some in inside[:SECTIONS]]


def _short(line: Line, number: int, matches: Sequence[_Match]) -> Shown:
    """A short passage of a section, with the first of its *matches*."""
    low, high = line.borders[number : number + 2]
    text, (first, last, _) = line.text[low:high].rstrip(), matches[0]
    here = ((start - low, end - low, term) for start, end, term in matches)
    return _fragments(text, *_passage(text, first - low, last - low, SHORT), here)


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


def _passage(text: str, first: int, last: int, length: int = LENGTH) -> tuple[int, int]:
    """Where to cut *text* between words so that the part from *first* to *last* stands in the middle."""
    room = max(0, length - (last - first))
    whole = len(text)
    start = max(0, min(first - room // 2, whole - length))
    end = start + length
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


def _fragments(text: str, start: int, end: int, matches: Iterable[_Match]) -> Shown:
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
    left = right = -1
    for first, last, _ in matches:
        if first >= end:
            break
        if first > right:
            if right > start:
                joined.append((max(left, start), min(right, end)))
            left = first
        right = max(right, last)
    return [*joined, (max(left, start), min(right, end))] if right > start else joined
