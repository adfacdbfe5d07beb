"""What does a reader see of a page: its text, and the sections it is divided into?

The parser's own text of a page runs its blocks together. So marks are set before the tags that end a line, the text
is taken, and the marks say where its lines and headings are: no step visits the elements one by one. Most pages need
no parser at all: where every tag is tame, the text is what stands between the tags.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from itertools import accumulate

from selectolax.lexbor import LexborHTMLParser

from indexer.anchors import Anchors
from indexer.metadata import clean, in_one_line
from indexer.post import Section
from indexer.templates import Cupboard, without_private_entities, without_private_marks

_UNSEEN = ["script", "style", "template", "head", "iframe", "embed", "svg", "select", "datalist", "textarea"]
# What stands in these is a sentence at most; but one that is never closed would take all that follows with it.
_FALLBACKS = ("audio", "canvas", "noscript", "object")
# Each mark ends a line. The number of a heading follows its own, as one character of a plane for private use.
_BLOCK = "\ue002"
_LINES, _HEADING = f"{_BLOCK}\ue003", f"{_BLOCK}\ue004"
_FIRST_HEADING, _MOST_HEADINGS = 0xF0000, 0xFFFE
_BLOCKS = (
    "address|article|aside|blockquote|br|center|dd|details|dialog|div|dl|dt|fieldset|figcaption|figure|footer|form"
    "|h[1-6]|header|hr|legend|li|main|nav|ol|p|pre|section|summary|ul|video"
)
_TAGS = re.compile(
    rf"""<(?:
        (?P<heading>h[1-6])(?:\s[^<>]*)?>
      | (?P<img>img)\s(?:[^<>"']|"[^"]*"|'[^']*')*>
      | (?P<pre>pre)\b
      | (?P<row>tr\b[^<>]*>\s*<t[dh]\b[^<>]*>|/table\b[^<>]*>)
      | (?P<cell>t[dh]\b[^<>]*>)
      | /?(?P<block>{_BLOCKS}|caption|option|table)\b
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_ATTRIBUTE = r"""(?<![\w-])%s\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))"""
_ALT, _ID = re.compile(_ATTRIBUTE % "alt", re.IGNORECASE), re.compile(_ATTRIBUTE % "id", re.IGNORECASE)
# Of a plain link nothing is left, so its tag is not looked at again.
_TAG = re.compile('<(?:a href="[^"<>]*"|(iframe\\b[^<>]*>\\s*</iframe|[^<>]*))>')
# Tags that neither move nor hide what stands between them, and comments: an opening mark and a closing one, no more.
# Those of tables are tame if they are in their places.
_ABOUT = r"""(?:\s+[\w:.-]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'=`]+))?)*\s*/?"""
_TAME = re.compile(
    rf"""(?:(?P<heading>h[1-6])(?!/)|(?P<img>img(?=\s))|(?P<pre>pre)|/?(?P<block>{_BLOCKS}|table|tr)
          |(?P<cell>t[dh])|/t[dh]|/?(?:thead|tbody|a|abbr|b|big|cite|code|del|dfn|em|font|i|img|input|ins|kbd|mark|picture|progress|q|s|samp|small|source|span
          |strike|strong|su[bp]|time|tt|u|var))
        {_ABOUT}
      | iframe\b{_ABOUT}>\s*</iframe
      | !--(?:(?!--).)*--""",
    re.VERBOSE | re.DOTALL,
)
_OTHERS = r"(?:[^<]++|<(?!/?(?:table|thead|tbody|t[rdh])\b))*+"
_TABLES = re.compile(
    rf"(?:{_OTHERS}<table\b[^>]*>(?:[ \n]|</?t(?:head|body)\b[^>]*>"
    rf"|<tr\b[^>]*>[ \n]*(?:<(t[dh])\b[^>]*>{_OTHERS}</\1\b[^>]*>[ \n]*)++</tr\b[^>]*>)*+</table\b[^>]*>)*+{_OTHERS}"
)
# A number may be that of no character; an entity without its semicolon would go on behind the tag.
_ODD_ENTITY = re.compile("&(?:#(?!(?:3[2-9]|[4-9]\\d|1[01]\\d|[2-9]\\d{3}|x[2-6][\\da-f]);)|[^\\s;<&]*<)")
_DATA = re.compile("\\bdata:(?:[\\w.+-]+/[\\w.+-]+[;,]|;?base64,)[^\\s)\"'\ue000-\ue004]*")


@dataclass(frozen=True, slots=True)
class Page:
    """A page reduced to text, one line for each of its blocks."""

    text: str
    sections: tuple[Section, ...]


def read(page: str, anchors: Anchors, cupboard: Cupboard | None = None, *, quick: bool = True) -> Page:
    """The text and sections of *page*, which is HTML.

    *anchors* makes those of headings that have no id; the code that was put away in *cupboard* is put back. *quick*
    does without the parser where its answer is certain.
    """
    # The marks in a page whose code was put away are ours; stripping may have joined an entity of one together.
    page = without_private_entities(page) if cupboard else without_private_marks(page)
    headings: list[tuple[int, str]] = []
    text = tame(page, headings) if quick else None
    if text is None:
        headings.clear()
        text = _parsed(page, headings)
    if "data:" in text:
        text = _DATA.sub(" ", clean(text))
    lines, places = _lines(text, cupboard or Cupboard())
    lengths = list(accumulate(map(len, lines), initial=0)) if places else []
    sections = [
        _section(lines[place], lengths[place] + place, *headings[number], shown, anchors)
        for place, number, shown in places
    ]
    return Page("\n".join(lines), tuple(sections))


def _parsed(page: str, headings: list[tuple[int, str]]) -> str:
    """The marked text of any *page*; the levels and ids of its headings go into *headings*."""

    def marked(found: re.Match[str]) -> str:
        mark = _mark(found, headings)
        # Text between the cells of a table would be moved before it: the parser wants it within them, or behind all.
        return found[0] + mark if found.lastgroup in ("row", "cell") else mark + found[0]

    tree = LexborHTMLParser(_TAGS.sub(marked, page))
    closed = [tag for tag in _FALLBACKS if f"<{tag}" in page and page.count(f"<{tag}") == page.count(f"</{tag}")]
    tree.strip_tags(_UNSEEN + closed)
    return tree.body.text() if tree.body else ""


def tame(page: str, headings: list[tuple[int, str]]) -> str | None:
    """As `_parsed`, without a parser and in a fraction of its time; None for a *page* with tags that are not tame."""
    if "\0" in page or ("&" in page and _ODD_ENTITY.search(page)):
        return None
    pieces = _TAG.split(page)
    marks = [_mark_of(tag, headings) if (mark := _KNOWN.get(tag)) is None else mark for tag in pieces[1::2]]
    is_odd = None in marks or len(headings) >= _MOST_HEADINGS
    if is_odd or (("<t" in page or "</t" in page) and not _TABLES.fullmatch(page)):
        return None
    pieces[1::2] = marks
    text = "".join(pieces)
    return None if "<" in text else html.unescape(text)


def _mark_of(tag: str, headings: list[tuple[int, str]]) -> str | None:
    """What stands for a tame *tag* in the text; None for any other."""
    found = _TAME.fullmatch(tag)
    return _mark(found, headings) if found else None


def _mark(found: re.Match[str], headings: list[tuple[int, str]]) -> str:
    """What stands for a tag in the text; the level and id of a heading go into *headings*."""
    kind = found.lastgroup or ""
    if kind == "heading" and len(headings) < _MOST_HEADINGS:
        headings.append((int(found["heading"][1]), html.unescape(_attribute(_ID, found[0]))))
        return f"{_HEADING}{chr(_FIRST_HEADING + len(headings) - 1)}"
    return f" {_attribute(_ALT, found[0]).replace('<', '&lt;')} " if kind == "img" else _MARKS.get(kind, "")


_MARKS = {"pre": _LINES, "block": _BLOCK, "row": _BLOCK, "heading": _BLOCK, "cell": " "}
_FREQUENT = "p li ul ol pre blockquote br div code em strong b i span a dl dt dd".split()
_KNOWN: dict[str | None, str | None] = {tag: _mark_of(tag, []) for tag in _FREQUENT} | {None: ""}
_KNOWN |= {f"/{tag}": _mark_of(f"/{tag}", []) for tag in (*_FREQUENT, "h1", "h2", "h3", "h4")}


def _lines(text: str, cupboard: Cupboard) -> tuple[list[str], list[tuple[int, int, str]]]:
    """The lines of marked *text*, and for each heading its line, its number, and its text with all its blanks."""
    lines: list[str] = []
    places = []
    for block in text.split(_BLOCK):
        line = block.replace("\n", " ").strip()
        # Marks are not printable: most blocks have none, and are a line of visible text already.
        if line.isprintable() and "  " not in line:
            if line:
                lines.append(line)
            continue
        kind, before = block[0], len(lines)
        shown = block[2:] if kind == _HEADING[1] else block
        parts = [shown]
        if kind == _LINES[1] or "\ue000" in block:
            parts = cupboard.restore(shown.removeprefix(_LINES[1])).split("\n")
        lines += filter(None, map(in_one_line, parts))
        if kind == _HEADING[1] and len(lines) > before:
            places.append((before, ord(block[1]) - _FIRST_HEADING, shown))
    return lines, places


_LINE_END = re.compile(r"\s*\n\s*|\t")


def _section(heading: str, start: int, level: int, id: str, shown: str, anchors: Anchors) -> Section:
    # Some rules make a sign of each blank, some drop those that do not break.
    anchor = anchors.take(id) if id else anchors.make(_LINE_END.sub(" ", shown).strip() if shown != heading else shown)
    return Section(heading=heading, anchor=anchor, level=level, start=start)


def _attribute(pattern: re.Pattern[str], tag: str) -> str:
    found = pattern.search(tag)
    return (found[1] or found[2] or found[3] or "").strip() if found else ""
