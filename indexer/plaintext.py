"""What does a reader see of a page: its text, and the sections it is divided into?

The parser's own text of a page runs its blocks together. So marks are set before the tags that end a line, the text
is taken, and the marks say where its lines and headings are: no step visits the elements one by one.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser

from indexer.anchors import Anchors
from indexer.metadata import clean
from indexer.post import Section
from indexer.templates import Cupboard, without_private_marks

_UNSEEN = [
    *("script", "style", "template", "head", "iframe", "object", "embed", "canvas", "svg", "noscript"),
    *("select", "datalist", "audio", "textarea"),
]
_BLOCK, _LINES, _HEADING = "\ue002", "\ue003", "\ue004"
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
    tree = LexborHTMLParser(_TAGS.sub(_marker(headings), page if cupboard else without_private_marks(page)))
    tree.strip_tags(_UNSEEN)
    text = clean(tree.body.text() if tree.body else "")
    if "data:" in text:
        text = _DATA.sub(" ", text)
    writer = _Writer(anchors, cupboard or Cupboard(), headings)
    pieces = _MARKED.split(_BLOCK + text)
    for mark, block in zip(pieces[1::2], pieces[2::2], strict=True):
        if mark == _HEADING or not block.isspace():
            writer.add(mark, block)
    return Page("\n".join(writer.lines), tuple(writer.sections))


def _marker(headings: list[tuple[int, str]]) -> Callable[[re.Match[str]], str]:
    """What goes before a tag; the levels and ids of the headings met go into *headings*."""

    def mark(found: re.Match[str]) -> str:
        if found["heading"]:
            headings.append((int(found["heading"][1]), html.unescape(_attribute(_ID, found["attributes"]))))
            return f"{_HEADING}{len(headings) - 1}{_HEADING}{found[0]}"
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


@dataclass(slots=True)
class _Writer:
    """Lines and sections as they come; `length` is that of the text so far."""

    anchors: Anchors
    cupboard: Cupboard
    headings: list[tuple[int, str]]
    lines: list[str] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    length: int = 0
    heading: int | None = None

    def add(self, mark: str, block: str) -> None:
        # The number of a heading stands between two of its marks.
        if mark == _HEADING and self.heading is None and block.isdecimal() and len(block) < 7:
            self.heading = int(block)
            return
        start, heading = self.length, self.heading
        self.heading = None
        if (line := self.write(mark, block)) and heading is not None and heading < len(self.headings):
            self.section(line, start, *self.headings[heading])

    def write(self, mark: str, block: str) -> str:
        if mark == _BLOCK and "\ue000" not in block:
            return self.line(block)
        return " ".join(filter(None, map(self.line, clean(self.cupboard.restore(block)).split("\n"))))

    def line(self, text: str) -> str:
        if folded := " ".join(text.split()):
            self.lines.append(folded)
            self.length += len(folded) + 1
        return folded

    def section(self, heading: str, start: int, level: int, id: str) -> None:
        anchor = self.anchors.take(id) if id else self.anchors.make(heading)
        self.sections.append(Section(heading=heading, anchor=anchor, level=level, start=start))
