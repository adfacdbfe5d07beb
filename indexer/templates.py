"""Which parts of a post's source are written for its generator, and not for its readers?

Shortcodes, Liquid, ERB, MDX imports and JSX, kramdown's attributes and `:::` blocks are unwrapped or dropped outside
code. Code is put away first, so that neither this nor the Markdown renderer can touch it, and put back as text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

_PRIVATE_ENTITY = re.compile(r"&#(?:[xX]0*[eE]00[0-4]|0*5734[4-8]);?")
_PRIVATE = re.compile("[\ue000-\ue004]")
_TOKEN = re.compile("\ue000(\\d{1,9})\ue001")
_MOST_SPAN, _MOST_TAG, _MOST_BLOCK = 2_000, 2_000, 50_000

# What begins with a line begins with the end of the one before: of all places in a text, those are found fastest.
_FENCE = re.compile(
    r"\n(?P<indent>[ \t]*(?:>[ \t]*)*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?)(?P<mark>`{3,}|~{3,})(?P<info>[^`\n]*)$",
    re.MULTILINE,
)
_INDENTED = re.compile(r"\n[ \t]*\n(?P<code>(?:(?:[ ]{4}|\t)[^\n]*(?:\n|\Z)(?:[ \t]*\n)*)+)")
_HOLDS_INDENTED = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)]|:|!!!|\[\^)|[ ]{2,}|\t")
_CODE = "raw|highlight|codeblock|code|prettify|verbatim"

# Where an opening may be: this search is twenty times as fast as one for the openings themselves.
_MARKS = re.compile(r"\{[%{#:]|<%|\[\[")
_LEADS = re.compile(rf"`(?:[^`\n]{{1,500}}`(?!`))?|{_MARKS.pattern}")
# What opens something that is not for readers; the closing marks are looked up by `_Closings`, in linear time.
_OPENINGS = re.compile(
    rf"""
    (?P<span>`+)
  | \{{%-?\s*(?P<block>{_CODE}|comment)\b[^%]{{0,200}}%\}}
  | \{{\{{[<%]\s*(?P<hugo>highlight|code)\b[^>%]{{0,200}}[>%]\}}\}}
  | (?P<kramdown>\{{::comment\}})
  | (?P<shortcode>\{{\{{[<%])
  | (?P<liquid>\{{%)
  | (?P<note>\{{\#\s)
  | (?P<output>\{{\{{\{{?)
  | (?P<erb><%)
  | \[\[(?P<wiki>[^\[\]\n|]{{1,200}})(?:\|(?P<shown>[^\[\]\n]{{1,200}}))?\]\]
  | (?P<attributes>\{{::?[^{{}}]{{0,200}}\}})
    """,
    re.VERBOSE,
)
_CLOSINGS = {
    "kramdown": (r"\{:/(?:comment)?\}", _MOST_BLOCK),
    "shortcode": (r"[>%]\}\}", _MOST_TAG),
    "liquid": (r"%\}", _MOST_TAG),
    "note": (r"\#\}", _MOST_TAG),
    "output": (r"\}\}\}?", _MOST_TAG),
    "erb": (r"%>", _MOST_TAG),
}
_LINES = re.compile(
    r"""\n[ \t]*(?:
        :{3,}[ \t]*(?:[\w-]+)?(?:\[(?P<label>[^\]\n]*)\])?(?P<attributes>\{[^}\n]*\})?(?P<title>[^\n]*)
      | READMORE | \[\[?_?(?:TOC|toc)_?\]\]? | \\newpage | [*-][ ]TOC(?=\n\{:toc)
    )[ \t]*$""",
    re.VERBOSE | re.MULTILINE,
)
# HTML set off by blank lines around Markdown: most renderers read what is in between, Python-Markdown does not.
_BLOCK = re.compile(r"<(?P<end>/?)(?P<name>div|details|section|center|figure|aside|article)\b[^<>\n]{0,500}>")
_BEGINS_LINE = re.compile(r"\n[ ]{0,3}\Z")
_THEN_BLANK = re.compile(r"[ \t]*(?:\n?[ \t]*<summary\b[^\n]{0,500}</summary>[ \t]*)?\n[ \t]*\n")
_AFTER_BLANK = re.compile(r"\n[ \t]{0,80}\n[ ]{0,3}\Z")
_ENDS_LINE = re.compile(r"[ \t]*(?:\n|\Z)")
_READABLE = re.compile(r"""\b(?:title|alt|caption|summary|label)\s*=\s*(?:"([^"\n]*)"|'([^'\n]*)')""")
_MDX_STATEMENT = re.compile(r"^(?:import|export)[ \t{*][^\n]*\n(?:[^\n]+\n)*", re.MULTILINE)
_JSX_TAG = re.compile(r"""</?[A-Z][\w.]*(?P<inner>(?:[^<>{}"']|"[^"]*"|'[^']*'|\{(?:[^{}]|\{[^{}]*\})*\}){0,400})/?>""")
_JSX_VALUE = re.compile(r"\{(?:[^{}\n]|\{[^{}\n]*\}){0,400}\}")


@dataclass(slots=True)
class Cupboard:
    """Code that was put away, and the texts to put back in its place."""

    kept: dict[int, str] = field(default_factory=dict)
    put_so_far: int = 0

    def put(self, code: str) -> str:
        """Keep *code*, itself with nothing put away in it; the token answered stands for it."""
        self.kept[self.put_so_far] = self.restore(code)
        self.put_so_far += 1
        return f"\ue000{self.put_so_far - 1}\ue001"

    def restore(self, text: str) -> str:
        """*text* with the code in place of each token; a piece of code is given back once."""
        return _TOKEN.sub(lambda found: self.kept.pop(int(found[1]), ""), text) if "\ue000" in text else text


def without_private_marks(text: str) -> str:
    """*text* with blanks for the five characters, however written, that stand for what was put away or marked."""
    private = not text.isascii() and any(map(text.__contains__, "\ue000\ue001\ue002\ue003\ue004"))
    return without_private_entities(_PRIVATE.sub(" ", text) if private else text)


def without_private_entities(text: str) -> str:
    """*text*, with marks of ours in it, with blanks for those that are written as entities: these are not ours."""
    return _PRIVATE_ENTITY.sub(" ", text) if "&" in text and "&#" in text else text


def strip(source: str, *, mdx: bool = False, html: bool = False, keep_ids: bool = True) -> tuple[str, Cupboard]:
    """*source* without what is meant for the generator, and its code put away; HTML has no Markdown's code in it.

    Attributes such as `{: #id}` are left to a renderer that knows them, unless *keep_ids* says that it does not.
    """
    cupboard = Cupboard()
    plain = f"\n\n{without_private_marks(source)}"
    if not html:
        if ("`" in plain and "```" in plain) or ("~" in plain and "~~~" in plain):
            plain = _put_fences_away(plain, cupboard)
        if ("\n    " in plain or "\n\t" in plain) and ("`" in plain or _is_marked(plain)):
            plain = _INDENTED.sub(_indented(cupboard), plain)
        if "<" in plain and "</" in plain:
            plain = _without_blocks(plain)
    plain = _LINES.sub(_title_of_block, plain)
    if mdx or _is_marked(plain):
        plain = "".join(_unwrapped(plain, cupboard, spans=not html, put_spans_away=mdx, keep_ids=keep_ids))
    return (_without_jsx(plain[2:]) if mdx else plain[2:]), cupboard


def _is_marked(text: str) -> bool:
    # To look for one character is ten times as fast as to look for one of several, or for two in a row.
    return ("{" in text or ("%" in text and "<%" in text) or "[[" in text) and bool(_MARKS.search(text))


def _put_fences_away(source: str, cupboard: Cupboard) -> str:
    """Fenced code becomes a token in a paragraph of its own; a fence never closed runs to the end."""
    out, at = [], 0
    while opened := _FENCE.search(source, at):
        mark, indent = opened["mark"], opened["indent"]
        closing = re.compile(rf"\n[ \t>]*{re.escape(mark[0])}{{{len(mark)},}}[ \t]*$", re.MULTILINE)
        closed = closing.search(source, opened.end())
        code = source[opened.end() : closed.start() + 1 if closed else len(source)]
        out += [source[at : opened.start()], "\n\n", indent, cupboard.put(_unindented(code, indent)), "\n"]
        at = closed.end() if closed else len(source)
    return "".join([*out, source[at:]]) if out else source


def _unindented(code: str, indent: str) -> str:
    return re.sub(rf"(?m)^[ \t>]{{0,{len(indent)}}}", "", code) if indent else code


def _indented(cupboard: Cupboard) -> Callable[[re.Match[str]], str]:
    """Code by its indentation, unless that continues a list or the like, becomes a token just as far indented."""

    def put_away(found: re.Match[str]) -> str:
        before = found.string[max(0, found.start() - 1000) : found.start()].rpartition("\n")[2]
        if _HOLDS_INDENTED.match(before):
            return found[0]
        start = found.start("code") - found.start()
        return f"{found[0][:start]}    {cupboard.put(_unindented(found['code'], '    '))}\n\n"

    return put_away


def _without_blocks(source: str) -> str:
    """*source* without the tags of blocks set off by blank lines; an opening tag goes only with its closing one."""
    opened: list[re.Match[str]] = []
    dropped: list[re.Match[str]] = []
    for tag in _BLOCK.finditer(source):
        if not tag["end"]:
            opened.append(tag)
        elif opened and opened[-1]["name"] == tag["name"] and _is_set_off(source, begin := opened.pop(), tag):
            dropped += (begin, tag)
    out, at = [], 0
    for tag in sorted(dropped, key=re.Match.start):
        out += [source[at : tag.start()], "\n"]
        at = tag.end()
    return "".join([*out, source[at:]])


def _is_set_off(source: str, begin: re.Match[str], end: re.Match[str]) -> bool:
    before = source[max(0, begin.start() - 4) : begin.start()]
    gap = source[max(0, end.start() - 90) : end.start()]
    return bool(
        _BEGINS_LINE.search(before)
        and _THEN_BLANK.match(source, begin.end())
        and _AFTER_BLANK.search(gap)
        and _ENDS_LINE.match(source, end.end())
    )


def _title_of_block(found: re.Match[str]) -> str:
    readable = _readable(found["attributes"]) if found["attributes"] else ""
    return "\n" + " ".join(filter(None, (found["label"], readable, found["title"])))


class _Closings:
    """Where marks close. Each place is looked up once, so that a file of nothing but openings costs its length."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.next: dict[str, re.Match[str] | None] = {}

    def after(self, at: int, pattern: str, most: int) -> re.Match[str] | None:
        """The first match of *pattern* from *at* on, if it is within *most* characters."""
        known = self.next.get(pattern)
        if pattern not in self.next or (known is not None and known.start() < at):
            known = self.next[pattern] = re.compile(pattern).search(self.source, at)
        return known if known and known.start() - at <= most else None


def _unwrapped(source: str, cupboard: Cupboard, *, spans: bool, put_spans_away: bool, keep_ids: bool) -> Iterator[str]:
    closings = _Closings(source)
    at = 0
    while lead := _LEADS.search(source, at):
        yield source[at : lead.start()]
        # Most spans of code are simple ones: no more than the mark is looked for where one ends.
        if spans and len(lead[0]) > 2:
            yield cupboard.put(lead[0][1:-1]) if put_spans_away else lead[0]
            at = lead.end()
            continue
        opened = _OPENINGS.match(source, lead.start())
        if not opened:
            yield lead[0]
            at = lead.end()
            continue
        kind, at = opened.lastgroup or "", opened.end()
        if kind == "span":
            closed = _span_end(closings, opened) if spans else None
            end = closed.end() if closed else at
            yield (
                cupboard.put(source[at : closed.start()]) if closed and put_spans_away else source[opened.start() : end]
            )
            at = end
        elif kind in ("wiki", "shown"):
            yield opened["shown"] or opened["wiki"]
        elif kind == "attributes":
            yield opened[0] if keep_ids and "#" in opened[0] else ""
        elif closed := closings.after(at, *_closing(kind, opened)):
            yield from _reading(kind, opened, source[at : closed.start()], cupboard)
            at = closed.end()
        else:
            yield opened[0] if kind in _CLOSINGS else ""
    yield source[at:]


def _closing(kind: str, opened: re.Match[str]) -> tuple[str, int]:
    if kind == "block":
        return rf"\{{%-?\s*end{opened['block']}\s*-?%\}}", _MOST_BLOCK
    if kind == "hugo":
        return rf"\{{\{{[<%]\s*/\s*{opened['hugo']}\s*[>%]\}}\}}", _MOST_BLOCK
    return _CLOSINGS[kind]


def _span_end(closings: _Closings, opened: re.Match[str]) -> re.Match[str] | None:
    """The end of a code span: as many back-ticks, in the same paragraph."""
    closed = closings.after(opened.end(), rf"(?<!`){opened[0]}(?!`)", _MOST_SPAN)
    paragraph = closings.after(opened.end(), r"\n[ \t]*\n", _MOST_SPAN)
    return None if closed and paragraph and paragraph.start() < closed.start() else closed


def _reading(kind: str, opened: re.Match[str], inner: str, cupboard: Cupboard) -> Iterator[str]:
    """What a reader sees of something that was opened and closed."""
    if kind == "hugo" or (kind == "block" and opened["block"] != "comment"):
        yield cupboard.put(inner)
    elif kind in ("shortcode", "liquid") and (readable := _readable(inner)):
        yield f" {readable} "


def _readable(inner: str) -> str:
    """What a reader sees of a shortcode or a component itself: its title, alternative text or caption."""
    return " ".join(double or single for double, single in _READABLE.findall(inner))


def _without_jsx(source: str) -> str:
    plain = _MDX_STATEMENT.sub("\n", source)
    plain = _JSX_TAG.sub(lambda found: f" {_readable(found['inner'])} ", plain)
    return _JSX_VALUE.sub(" ", plain)
