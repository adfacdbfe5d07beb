"""What does a reader see of a page: its text, and the sections it is divided into?

The parser's own text of a page runs its blocks together. So marks are set before the tags that end a line, the text
is taken, and the marks say where its lines and headings are: no step visits the elements one by one.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate

from selectolax.lexbor import LexborHTMLParser

from indexer.anchors import Anchors
from indexer.metadata import clean
from indexer.post import Section
from indexer.templates import Cupboard, without_private_entities, without_private_marks

_UNSEEN = ["script", "style", "template", "head", "iframe", "embed", "svg", "select", "datalist", "textarea"]
# What stands in these is a sentence at most; but one that is never closed would take all that follows with it.
_FALLBACKS = ("audio", "canvas", "noscript", "object")
_BLOCK, _LINES, _HEADING = "\ue002", "\ue003", "\ue004"
# The number of a heading follows its mark, as one character of a plane for private use.
_FIRST_HEADING, _MOST_HEADINGS = 0xF0000, 0xFFFE
_MARKED = re.compile(f"([{_BLOCK}{_LINES}{_HEADING}])")
_TAGS = re.compile(
    r"""<(?:
        (?P<heading>h[1-6])(?P<attributes>(?:\s[^<>]*)?)>
      | (?P<img>img)\s(?P<about>(?:[^<>"']|"[^"]*"|'[^']*')*)>
      | (?P<pre>pre\b)
      | (?P<row>tr\b[^<>]*>\s*<t[dh]\b[^<>]*>)
      | (?P<cell>t[dh]\b[^<>]*>)
      | /?(?:address|article|aside|blockquote|br|caption|center|dd|details|dialog|div|dl|dt|fieldset|figcaption|figure
          |footer|form|h[1-6]|header|hr|legend|li|main|nav|ol|option|p|pre|section|summary|table|ul|video)\b
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_ALT = re.compile(r"""(?<![\w-])alt\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_ID = re.compile(r"""(?<![\w-])id\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_DATA = re.compile("\\bdata:(?:[\\w.+-]+/[\\w.+-]+[;,]|;?base64,)[^\\s)\"'\ue000-\ue004]*")


@dataclass(frozen=True, slots=True)
class Page:
    """A page reduced to text, one line for each of its blocks."""

    text: str
    sections: tuple[Section, ...]


def read(page: str, anchors: Anchors, cupboard: Cupboard | None = None) -> Page:
    """The text and sections of *page*, which is HTML.

    *anchors* makes those of headings that have no id; the code that was put away in *cupboard* is put back.
    """
    headings: list[tuple[int, str]] = []
    # The marks in a page whose code was put away are ours; stripping may have joined an entity of one together.
    page = without_private_entities(page) if cupboard else without_private_marks(page)
    tree = LexborHTMLParser(_TAGS.sub(_marker(headings), page))
    closed = [tag for tag in _FALLBACKS if f"<{tag}" in page and page.count(f"<{tag}") == page.count(f"</{tag}")]
    tree.strip_tags(_UNSEEN + closed)
    text = clean(tree.body.text() if tree.body else "")
    if "data:" in text:
        text = _DATA.sub(" ", text)
    lines, places = _lines(text, cupboard or Cupboard())
    starts = list(accumulate((len(line) + 1 for line in lines), initial=0))
    sections = (_section(lines[place], starts[place], *headings[number], anchors) for place, number in places)
    return Page("\n".join(lines), tuple(sections))


def _lines(text: str, cupboard: Cupboard) -> tuple[list[str], list[tuple[int, int]]]:
    """The lines of marked *text*, and for each heading its line and its number."""
    lines: list[str] = []
    places = []
    pieces = _MARKED.split(_BLOCK + text)
    for mark, block in zip(pieces[1::2], pieces[2::2], strict=True):
        before = len(lines)
        if mark == _LINES or "\ue000" in block:
            rows = clean(cupboard.restore(block)).split("\n")
            lines += [folded for row in rows if (folded := " ".join(row.split()))]
        elif folded := " ".join((block[1:] if mark == _HEADING else block).split()):
            lines.append(folded)
        if mark == _HEADING and len(lines) > before:
            places.append((before, ord(block[0]) - _FIRST_HEADING))
    return lines, places


def _section(heading: str, start: int, level: int, id: str, anchors: Anchors) -> Section:
    anchor = anchors.take(id) if id else anchors.make(heading)
    return Section(heading=heading, anchor=anchor, level=level, start=start)


def _marker(headings: list[tuple[int, str]]) -> Callable[[re.Match[str]], str]:
    """What goes before a tag; the levels and ids of the headings met go into *headings*."""

    def mark(found: re.Match[str]) -> str:
        if found["heading"] and len(headings) < _MOST_HEADINGS:
            headings.append((int(found["heading"][1]), html.unescape(_attribute(_ID, found["attributes"]))))
            return f"{_HEADING}{chr(_FIRST_HEADING + len(headings) - 1)}{found[0]}"
        if found["img"]:
            return f" {_attribute(_ALT, found['about']).replace('<', '&lt;')} {found[0]}"
        if found["pre"]:
            return _LINES + found[0]
        # Text between the cells of a table would be moved before it: the parser wants it within them.
        if found["row"] or found["cell"]:
            return found[0] + (_BLOCK if found["row"] else " ")
        return _BLOCK + found[0]

    return mark


def _attribute(pattern: re.Pattern[str], tag: str) -> str:
    found = pattern.search(tag)
    return (found[1] or found[2] or found[3] or "").strip() if found else ""
