"""How does a file begin: in which dialect is its front matter, and where does its text start?

python-frontmatter's handlers are the frame; where they lose what real posts hold (a byte order mark, `...` as the
closing fence, blank lines within, TOML without an optional package, metadata without a fence), ours stand in.
"""

import json
import re
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from frontmatter.default_handlers import BaseHandler

from indexer import yamltext
from indexer.errors import ContentError
from indexer.metadata import DEEPEST, Metadata, Pairs, Value, mapping, metadata

#: Characters in the longest front matter that is read.
LONGEST = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontMatter:
    """A file taken apart: its metadata and its text."""

    dialect: str
    metadata: Metadata
    body: str

    #: The 1-based line of the file where the body begins.
    body_line: int


def split(text: str) -> FrontMatter:
    """Take *text*, a file with `\\n` as line ends, apart.

    Raises `ContentError`, with the line, for a front matter that is never closed or does not load: what it hides
    is unknown, so the post has to stay out.
    """
    for handler in _HANDLERS:
        opened = handler.FM_BOUNDARY.match(text)
        if opened and (span := handler.span(text, opened)):
            begin, end, body = span
            line = _line(text, begin)
            if end - begin > LONGEST:
                raise ContentError(f"the front matter is longer than {LONGEST:,} characters", line=line)
            found = metadata(handler.pairs(text[begin:end], line))
            return FrontMatter(dialect=handler.dialect, metadata=found, body=text[body:], body_line=_line(text, body))
    return FrontMatter(dialect="none", metadata=Metadata(), body=text, body_line=1)


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


class _Dialect(BaseHandler):
    """A dialect of front matter."""

    dialect: str

    #: How a file in it begins.
    FM_BOUNDARY: re.Pattern[str]

    def span(self, text: str, opened: re.Match[str]) -> tuple[int, int, int] | None:
        """Where the metadata behind *opened* begin and end, and where the text begins; None if there are none."""
        raise NotImplementedError

    def pairs(self, block: str, line: int) -> Pairs:
        """The keys of *block*, whose first line is the file's line *line*."""
        raise NotImplementedError


# Middleman allows a coding comment first; blank lines and a byte order mark are met before the fence.
_START = r"\ufeff?(?:[^\n]{0,80}coding:[^\n]{0,80}\n)?+(?:[ \t]*\n)*+"


class _Fenced(_Dialect):
    """A block between two lines of marks. One that does not look like metadata is prose between two rules."""

    closing: re.Pattern[str]
    like_metadata: re.Pattern[str]

    def span(self, text: str, opened: re.Match[str]) -> tuple[int, int, int] | None:
        begin = opened.end()
        if closed := self.closing.search(text, begin):
            end = closed.start()
            return (begin, end, closed.end()) if self.like_metadata.search(text[begin:end]) else None
        if self.is_meant(text[begin : begin + 2000]):
            line = _line(text, opened.start(1))
            raise ContentError(f"the front matter opened by {opened[1]} is never closed", line=line)
        return None

    def is_meant(self, following: str) -> bool:
        """Whether an opening mark is one, by the text *following* it; only `---` may be something else: a rule."""
        return True


_KEY_LINE = r"""(?:[ \t]*(?:\#[^\n]*)?\n)*[ \t]*(?:\?[ ]|["']?[\w$][^\n:="']*["']?\s*[:=])"""


class _Yaml(_Fenced):
    dialect = "yaml"
    FM_BOUNDARY = re.compile(rf"{_START}(---(?:ya?ml)?)[ \t]*\n")
    closing = re.compile(r"^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.MULTILINE)
    like_metadata = re.compile(rf"\A(?:\s*\Z|\s*\{{|{_KEY_LINE})")

    def is_meant(self, following: str) -> bool:
        paragraph = following.lstrip("\n").partition("\n\n")[0]
        return any(re.match(_KEY_LINE, row) for row in paragraph.split("\n"))

    def pairs(self, block: str, line: int) -> Pairs:
        return yamltext.load(block, first_line=line)


class _Toml(_Fenced):
    dialect = "toml"
    FM_BOUNDARY = re.compile(rf"{_START}(\+\+\+|---toml)[ \t]*\n")
    closing = re.compile(r"^(?:\+\+\+|---)[ \t]*(?:\n|\Z)", re.MULTILINE)
    like_metadata = re.compile(r"""\A\s*\Z|^[ \t]*(?:\[|[\w$"'][^\n=]*=)""", re.MULTILINE)

    def pairs(self, block: str, line: int) -> Pairs:
        # A key of many parts costs its length squared, and more.
        if deep := _DEEP_KEY.search(block):
            raise ContentError(_TOO_DEEP, line=line + block.count("\n", 0, deep.start()))
        with _refusing("TOML", line):
            # Quoted, an impossible date costs no more than itself.
            loaded = tomllib.loads(_TOML_DATE.sub(r'\1"\2"', block), parse_float=str)
        return _found_in(block, loaded.items(), line)


_DEEP_KEY = re.compile(rf"^[^=\n\"'.]*(?:\.[^=\n\"'.]*){{{DEEPEST}}}", re.MULTILINE)
_TOML_DATE = re.compile(
    r"^([ \t]*[\w\"'.-]+[ \t]*=[ \t]*)"
    r"(\d{4}-\d{2}-\d{2}(?:[Tt ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:[Zz]|[+-]\d{2}:?\d{2})?)?)"
    r"(?=[ \t]*(?:\#[^\n]*)?$)",
    re.MULTILINE,
)
_TOO_DEEP = "the front matter is nested too deeply"


class _Json(_Fenced):
    dialect = "json"
    FM_BOUNDARY = re.compile(rf"{_START}(;;;|---json)[ \t]*\n")
    closing = re.compile(r"^(?:;;;|---)[ \t]*(?:\n|\Z)", re.MULTILINE)
    like_metadata = re.compile("")

    def pairs(self, block: str, line: int) -> Pairs:
        with _refusing("JSON", line):
            # Middleman leaves out the outer braces of its `;;;` block.
            loaded = _JSON.decode(block if block.lstrip().startswith("{") else f"{{{block}}}")
        return _found_in(block, loaded, line)


class _BareJson(_Json):
    """A file that begins with a JSON object, without a fence, as Hugo allows."""

    FM_BOUNDARY = re.compile(rf'{_START}(?=\{{\s{{0,98}}")')

    def span(self, text: str, opened: re.Match[str]) -> tuple[int, int, int]:
        begin = opened.end()
        with _refusing("JSON", _line(text, begin)):
            _, length = _JSON.raw_decode(text[begin:])
        return begin, begin + length, begin + length


#: Its objects are lists of pairs, so that doubled keys are seen.
_JSON = json.JSONDecoder(object_pairs_hook=list, parse_int=str, parse_float=str, strict=False)


@contextmanager
def _refusing(language: str, line: int) -> Iterator[None]:
    """Refuse what cannot be loaded as *language*; *line* is where it begins."""
    try:
        yield
    except (json.JSONDecodeError, tomllib.TOMLDecodeError) as error:
        reason = re.split(r": line | \(at ", str(error))[0]
        if where := re.search(r"line (\d+)", str(error)):
            line += int(where[1]) - 1
        raise ContentError(f"the front matter is not {language}: {reason}", line=line) from error
    except RecursionError as error:
        raise ContentError(_TOO_DEEP, line=line) from error


def _found_in(block: str, loaded: Iterable[tuple[str, Any]], line: int) -> Pairs:
    """What was *loaded* of a block of TOML or JSON; a key stands where its line begins with it."""
    lines: dict[str, int] = {}
    for number, row in enumerate(block.split("\n"), line):
        if found := _KEY_FIRST.match(row):
            lines.setdefault(found[1], number)
    for key, value in loaded:
        at = lines.get(key, line)
        yield key, _plain(value, at), at


_KEY_FIRST = re.compile(r"""[\s\[{,"']{0,20}([^\s"'\]=:.][^"'\]=:.\n]{0,100}?)["'\]]*\s{0,20}[:=\].]""")


def _plain(value: Any, line: int, depth: int = 1) -> Value:
    """A value of TOML or JSON as the text that it was, or nearly."""
    if depth > DEEPEST:
        raise ContentError(_TOO_DEEP, line=line)
    if isinstance(value, dict):
        return {key: _plain(item, line, depth + 1) for key, item in value.items()}
    if isinstance(value, list) and value and all(isinstance(item, tuple) for item in value):
        return mapping(((key, _plain(item, line, depth + 1)) for key, item in value), line)
    if isinstance(value, list):
        return [_plain(item, line, depth + 1) for item in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date | time) else str(value)


_KNOWN = frozenset(
    "title date slug tags category categories author authors status summary modified lang draft published template"
    " layout description save_as url keywords private hidden visibility".split()
)


class _Rows(_Dialect):
    """Lines of keys and values, without a fence, up to a line that is none."""

    #: A line; one without a key goes on with the value before it.
    row: re.Pattern[str]

    #: What may stand between the last line and the text.
    closing = re.compile("")

    def span(self, text: str, opened: re.Match[str]) -> tuple[int, int, int] | None:
        begin = end = opened.end()
        keys = set()
        while row := self.row.match(text, end):
            keys.add((row["key"] or "").strip().lower())
            end = row.end()
        # Prose may begin "Note: ...": only a block with a key that posts have is metadata.
        closed = _KNOWN & keys and self.closing.match(text, end)
        return (begin, end, closed.end()) if closed else None

    def pairs(self, block: str, line: int) -> Pairs:
        rows: list[tuple[str, str, int]] = []
        for number, row in enumerate(self.row.finditer(block), line):
            if row["key"]:
                rows.append((row["key"].strip(), row["value"].strip(), number))
            else:
                key, value, at = rows[-1]
                rows[-1] = key, f"{value}\n{row['value'].strip()}".strip(), at
        yield from rows


class _Nikola(_Rows):
    """Lines `.. key: value`, in Markdown often within a comment."""

    dialect = "nikola"
    FM_BOUNDARY = re.compile(r"\ufeff?(?:[ \t]*\n)*(?:<!--[ \t]*+(?:[ \t]*\n)*)?(?=\.\. )")
    row = re.compile(r"(?:\.\. (?P<key>[A-Za-z][\w-]*):(?!:)|(?=[ \t]*\n))(?P<value>[^\n]*)(?:\n|\Z)")
    closing = re.compile(r"(?:[ \t]*-->)?")

    def pairs(self, block: str, line: int) -> Pairs:
        for key, value, number in super().pairs(block, line):
            yield key, value, number
            # Nikola's own way to say so.
            if key.lower() == "tags" and (said := {"draft", "private"} & set(re.split(r"[\s,]+", str(value)))):
                yield "status", min(said), number


class _KeyValue(_Rows):
    """Lines `Key: value`, to the first blank line: Pelican's and MultiMarkdown's way."""

    dialect = "key-value"
    FM_BOUNDARY = re.compile(r"\ufeff?(?:[ \t]*\n)*(?=[ ]{0,3}[A-Za-z])")
    row = re.compile(r"(?:[ ]{0,3}(?P<key>[A-Za-z][\w -]*):|[ ]{4,}|\t)[ \t]*(?P<value>[^\n]*)(?:\n|\Z)")


_HANDLERS: tuple[_Dialect, ...] = (_Toml(), _Json(), _Yaml(), _BareJson(), _Nikola(), _KeyValue())
