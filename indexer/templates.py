"""Which parts of a post's source are written for its generator, and not for its readers?

Shortcodes, Liquid, ERB, MDX imports and JSX, kramdown's attributes and `:::` blocks are unwrapped or dropped outside
code. Code is put away first, so that neither this nor the Markdown renderer can touch it, and put back as text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

_PRIVATE_ENTITY = re.compile(r"&#(?:[xX]0*[eE]00[0-4]|0*5734[4-8]);?")
_PRIVATE = re.compile("[\ue000-\ue004]")
_TOKEN = re.compile("\ue000(\\d{1,9})\ue001")

# What begins with a line begins with the end of the one before: of all places in a text, those are found fastest.
_FENCE = re.compile(
    r"""\n(?P<indent>[ \t]*(?:>[ \t]*)*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?)(?P<mark>(?P<tick>[`~])(?P=tick){2,})[^`\n]*$
        (?P<code>(?:\n(?![ \t>]*(?P=mark)(?P=tick)*[ \t]*$)[^\n]*)*+)(?P<closed>\n[^\n]*)?""",
    re.VERBOSE | re.MULTILINE,
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
# NAME is what was opened. A span of code does not go beyond its paragraph.
_CLOSINGS = {
    "span": (r"(?<!`)NAME(?!`)|\n[ \t]*\n", 2_000),
    "block": (r"\{%-?\s*endNAME\s*-?%\}", 50_000),
    "hugo": (r"\{\{[<%]\s*/\s*NAME\s*[>%]\}\}", 50_000),
    "kramdown": (r"\{:/(?:comment)?\}", 50_000),
    "shortcode": (r"[>%]\}\}", 2_000),
    "liquid": (r"%\}", 2_000),
    "note": (r"\#\}", 2_000),
    "output": (r"\}\}\}?", 2_000),
    "erb": (r"%>", 2_000),
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
            plain = _FENCE.sub(partial(_without_fence, cupboard), plain)
        if ("\n    " in plain or "\n\t" in plain) and ("`" in plain or _is_marked(plain)):
            plain = _INDENTED.sub(partial(_without_indented, cupboard), plain)
        if "<" in plain and "</" in plain:
            plain = _without_blocks(plain)
    plain = _LINES.sub(_title_of_block, plain)
    if mdx or _is_marked(plain):
        plain = "".join(_unwrapped(plain, cupboard, spans=not html, put_spans_away=mdx, keep_ids=keep_ids))
    return (_without_jsx(plain[2:]) if mdx else plain[2:]), cupboard


def _is_marked(text: str) -> bool:
    # To look for one character is ten times as fast as to look for one of several, or for two in a row.
    return ("{" in text or ("%" in text and "<%" in text) or "[[" in text) and bool(_MARKS.search(text))


def _without_fence(cupboard: Cupboard, found: re.Match[str]) -> str:
    """Fenced code becomes a token in a paragraph of its own; a fence never closed runs to the end."""
    code = found["code"] + "\n" if found["closed"] else found["code"]
    return f"\n\n{found['indent']}{cupboard.put(_unindented(code, found['indent']))}\n"


def _without_indented(cupboard: Cupboard, found: re.Match[str]) -> str:
    """Code by its indentation, unless that continues a list or the like, becomes a token just as far indented."""
    before = found.string[max(0, found.start() - 1000) : found.start()].rpartition("\n")[2]
    if _HOLDS_INDENTED.match(before):
        return found[0]
    blank = found[0].removesuffix(found["code"])
    return f"{blank}    {cupboard.put(_unindented(found['code'], '    '))}\n\n"


def _unindented(code: str, indent: str) -> str:
    return re.sub(rf"(?m)^[ \t>]{{0,{len(indent)}}}", "", code) if indent else code


def _without_blocks(source: str) -> str:
    """*source* without the tags of blocks set off by blank lines; an opening tag goes only with its closing one."""
    opened: list[re.Match[str]] = []
    dropped: set[int] = set()
    for tag in _BLOCK.finditer(source):
        if not tag["end"]:
            opened.append(tag)
        elif opened and opened[-1]["name"] == tag["name"] and _is_set_off(source, begin := opened.pop(), tag):
            dropped |= {begin.start(), tag.start()}
    return _BLOCK.sub(lambda tag: "\n" if tag.start() in dropped else tag[0], source) if dropped else source


def _is_set_off(source: str, begin: re.Match[str], end: re.Match[str]) -> bool:
    return bool(
        _BEGINS_LINE.search(source, max(0, begin.start() - 4), begin.start())
        and _THEN_BLANK.match(source, begin.end())
        and _AFTER_BLANK.search(source, max(0, end.start() - 90), end.start())
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

    def of(self, kind: str, opened: re.Match[str]) -> re.Match[str] | None:
        """Where the mark of that *kind* closes that was *opened*, unless that is nowhere, or far away."""
        pattern, most = _CLOSINGS[kind]
        pattern, at = pattern.replace("NAME", opened[kind]), opened.end()
        known = self.next.get(pattern)
        if pattern not in self.next or (known is not None and known.start() < at):
            known = self.next[pattern] = re.compile(pattern).search(self.source, at)
        return known if known and known.start() - at <= most and not known[0].startswith("\n") else None


def _unwrapped(source: str, cupboard: Cupboard, *, spans: bool, put_spans_away: bool, keep_ids: bool) -> Iterator[str]:
    closings = _Closings(source)
    at = 0
    while lead := _LEADS.search(source, at):
        yield source[at : lead.start()]
        # Most spans of code are simple ones: no more than the mark is looked for where one ends.
        is_span = spans and len(lead[0]) > 2
        opened = None if is_span else _OPENINGS.match(source, lead.start())
        if not opened:
            yield cupboard.put(lead[0][1:-1]) if is_span and put_spans_away else lead[0]
            at = lead.end()
            continue
        kind, at = opened.lastgroup or "", opened.end()
        if kind in ("wiki", "shown"):
            yield opened["shown"] or opened["wiki"]
        elif kind == "attributes":
            yield opened[0] if keep_ids and "#" in opened[0] else ""
        elif (closed := closings.of(kind, opened)) and (spans or kind != "span"):
            inner, at = source[at : closed.start()], closed.end()
            if kind == "span" and not put_spans_away:
                yield opened[0] + inner + closed[0]
            elif kind in ("span", "hugo") or (kind == "block" and opened["block"] != "comment"):
                yield cupboard.put(inner)
            elif kind in ("shortcode", "liquid") and (readable := _readable(inner)):
                yield f" {readable} "
        elif kind not in ("block", "hugo"):
            yield opened[0]
    yield source[at:]


def _readable(inner: str) -> str:
    """What a reader sees of a shortcode or a component itself: its title, alternative text or caption."""
    return " ".join(double or single for double, single in _READABLE.findall(inner))


def _without_jsx(source: str) -> str:
    plain = _MDX_STATEMENT.sub("\n", source)
    plain = _JSX_TAG.sub(lambda found: f" {_readable(found['inner'])} ", plain)
    return _JSX_VALUE.sub(" ", plain)
