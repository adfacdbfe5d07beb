"""Which passage of a post answers a question best?"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
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

#: And in one of a section: so many sections of a post are shown.
SHORT, SECTIONS = 100, 3

#: Stands where the text goes on.
ELLIPSIS = "…"

#: Characters between a cut and the blank that it is moved to.
NEAR = 20

#: All words of the posts that a word is a form of.
Forms = Callable[[Word], Iterable[str]]

#: Where a term of the question stands, from one character to another, and which of the terms it is.
_Match = tuple[int, int, int]


class Passage(NamedTuple):
    """What is shown of a post, and in which of its sections that stands, counted from 0."""

    fragments: tuple[Fragment, ...] = ()
    section: int | None = None

    #: The sections that answer best, and a passage of each.
    sections: Sequence[tuple[int, tuple[Fragment, ...]]] = ()


class Snippets:
    """Finds the passages of posts that answer *query*; the *forms* of its words are those that the posts have.

    Those of titles have what is asked for in titles alone, too.
    """

    def __init__(self, query: Query, forms: Forms, *, is_of_titles: bool = False) -> None:
        asked = query.wanted + query.required
        named = [term for clause in asked for term in (*clause.terms, *clause.corrected)]
        if is_of_titles:
            named = [term.term if isinstance(term, Titled) else term for term in named]
        terms: dict[Term, int] = {term: number for number, term in enumerate(dict.fromkeys(named))}
        if word := query.open_word:
            # A longer word that begins so is there for the same reason.
            terms[Prefix(word.text)] = terms.get(word, len(terms))
        self._ways = [(*way, number) for term, number in terms.items() for way in _ways(term, forms)]
        self._in_titles = self
        if not is_of_titles and any(isinstance(term, Titled) for term in terms):
            self._in_titles = Snippets(query, forms, is_of_titles=True)

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
                sections = _of_sections(line, matches, {section: fragments}) if line.borders else ()
                return Passage(fragments, section, sections)
        text = in_one_line(description) or body().text
        return Passage(_fragments(text, *_passage(text, 0, 0), ()))

    def title(self, line: Line) -> tuple[Fragment, ...]:
        """A post's title, with each of the terms marked, and of those that are asked for in titles alone."""
        return _fragments(line.text, 0, len(line.text), self._in_titles.matches(line))

    def matches(self, line: Line) -> Sequence[_Match]:
        """Where the terms stand, from the first to the last."""
        if not (self._is_plain or line.is_whole):
            return list(self._among(tuple(words.tokens(line.text))))
        text = line.folded
        found: list[_Match] = []
        for way in self._ways:
            _find(text, *way, found)
        if len(self._ways) > 1:
            found.sort(key=itemgetter(0))
        return line.unfolded(found)

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


def _of_sections(
    line: Line, matches: Sequence[_Match], known: Mapping[int | None, tuple[Fragment, ...]]
) -> Sequence[tuple[int, tuple[Fragment, ...]]]:
    """The sections with most terms, then with most matches, then the first; a short passage of each not *known*."""
    borders = line.borders
    cuts = [bisect_left(matches, (border,)) for border in borders]
    inside = [(number, matches[low:high]) for number, (low, high) in enumerate(pairwise(cuts)) if low < high]
    if len(inside) > 1:
        inside.sort(key=lambda one: (-len({term for _, _, term in one[1]}), -len({start for start, _, _ in one[1]})))
    return [
        (number, known[number] if number in known else _short(line.text, borders[number], borders[number + 1], some))
        for number, some in inside[:SECTIONS]
    ]


def _short(text: str, low: int, high: int, matches: Sequence[_Match]) -> tuple[Fragment, ...]:
    """A short passage of the section from *low* to *high*."""
    high -= text[high - 1] == " "
    return _fragments(text, *_passage(text, *_densest(matches, SHORT), SHORT, low, high), matches, low, high)


def _densest(matches: Sequence[_Match], length: int = LENGTH) -> tuple[int, int]:
    """From where to where most terms, then most matches, stand within a passage: the first such place."""
    best, where = (0, 0), (0, 0)
    inside: dict[int, int] = defaultdict(int)
    distinct = first = 0
    for last, (_, end, term) in enumerate(matches):
        distinct += not inside[term]
        inside[term] += 1
        while first < last and end - matches[first][0] > length:
            gone = matches[first][2]
            inside[gone] -= 1
            distinct -= not inside[gone]
            first += 1
        if (found := (distinct, last - first + 1)) > best:
            best, where = found, (matches[first][0], end)
    return where


def _passage(
    text: str, first: int, last: int, length: int = LENGTH, low: int = 0, high: int | None = None
) -> tuple[int, int]:
    """Where to cut *text* between words so that the part from *first* to *last* stands in the middle.

    Nothing before *low* is shown, nor from *high* on.
    """
    room = max(0, length - (last - first))
    whole = len(text) if high is None else high
    start = max(low, min(first - room // 2, whole - length))
    end = start + length
    if start > low:
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


def _fragments(
    text: str, start: int, end: int, matches: Iterable[_Match], low: int = 0, high: int | None = None
) -> tuple[Fragment, ...]:
    """The text from *start* to *end* in runs, marked or not; it is all of a text from *low* to *high*, or a part."""
    fragments = []
    here = start
    before = ELLIPSIS if start > low else ""
    for left, right in _joined(matches, start, end):
        if plain := before + text[here:left]:
            fragments.append(Fragment(plain))
        fragments.append(Fragment(text[left:right], True))
        here, before = right, ""
    if plain := before + text[here:end] + (ELLIPSIS if end < (len(text) if high is None else high) else ""):
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
