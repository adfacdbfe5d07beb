"""How does a file begin: in which dialect is its front matter, and where does its text start?

python-frontmatter's handlers are the frame; where they lose what real posts hold (a byte order mark, `...` as the
closing fence, blank lines within, TOML without an optional package, metadata without a fence), ours stand in.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from frontmatter.default_handlers import BaseHandler

from indexer import yamltext
from indexer.errors import ContentError
from indexer.metadata import Metadata, Value, metadata

#: Characters in the longest front matter that is read.
LONGEST = 1 << 16

#: Lists and mappings within one another, at most.
DEEPEST = 20


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
        if found := handler.read(text):
            return found
    return FrontMatter(dialect="none", metadata=Metadata(), body=text, body_line=1)


Pairs = Iterator[tuple[str, Value, int]]


class _Handler(BaseHandler):
    """A dialect: `read` answers None for a file that is not in it."""

    dialect: str
    # Asked for by the frame; our fences differ at the two ends, and some dialects have none.
    FM_BOUNDARY = re.compile("^(?:---|\\+\\+\\+|;;;)$", re.MULTILINE)

    def read(self, text: str) -> FrontMatter | None:
        raise NotImplementedError

    def taken_apart(self, block: str, line: int, body: str, body_line: int) -> FrontMatter:
        if len(block) > LONGEST:
            raise ContentError(f"the front matter is longer than {LONGEST:,} characters", line=line)
        return FrontMatter(
            dialect=self.dialect, metadata=metadata(self.entries(block, line)), body=body, body_line=body_line
        )

    def entries(self, block: str, line: int) -> Pairs:
        """The keys of *block*, whose first line is the file's line *line*."""
        raise NotImplementedError

    def load(self, fm: str) -> dict[str, Any]:
        return {key: value for key, value, _ in self.entries(fm, 1)}


class _Fenced(_Handler):
    """Metadata between two lines of marks."""

    opening: re.Pattern[str]
    closing: re.Pattern[str]

    def read(self, text: str) -> FrontMatter | None:
        start = _OPENING_LINES.match(text)
        opened = self.opening.match(text, start.end() if start else 0)
        if not opened:
            return None
        line = text.count("\n", 0, opened.start()) + 1
        closed = self.closing.search(text, opened.end())
        if not closed:
            self.refuse_unclosed(text, opened, line)
            return None
        block = text[opened.end() : closed.start()]
        body_line = text.count("\n", 0, closed.end()) + 1
        if self.is_text(block):
            return None
        return self.taken_apart(block, line + 1, text[closed.end() :], body_line)

    def refuse_unclosed(self, text: str, opened: re.Match[str], line: int) -> None:
        if self.is_meant(text, opened.end()):
            raise ContentError(f"the front matter opened by {opened[0].strip()} is never closed", line=line)

    def is_meant(self, text: str, at: int) -> bool:
        """Whether an opening mark before *at* is one; only `---` means something else in Markdown: a rule."""
        return True

    def is_text(self, block: str) -> bool:
        """Whether what stands between the marks is prose between two rules."""
        return bool(block.strip()) and not _KEY_LINE.match(block) and not block.lstrip().startswith("{")


# Middleman allows a coding comment first; blank lines and a byte order mark are met before the fence.
_OPENING_LINES = re.compile(r"\ufeff?(?:[^\n]{0,80}coding:[^\n]{0,80}\n)?(?:[ \t]*\n)*")
_KEY_LINE = re.compile(r"""(?:[ \t]*(?:\#[^\n]*)?\n)*[ \t]*(?:\?[ ]|["']?[\w$][^\n:="']*["']?\s*[:=])""")


class _Yaml(_Fenced):
    dialect = "yaml"
    opening = re.compile(r"---(?:ya?ml)?[ \t]*\n")
    closing = re.compile(r"^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.MULTILINE)

    def is_meant(self, text: str, at: int) -> bool:
        paragraph = text[at : at + 2000].lstrip("\n").partition("\n\n")[0]
        return any(map(_KEY_LINE.match, paragraph.split("\n")))

    def entries(self, block: str, line: int) -> Pairs:
        return yamltext.load(block, first_line=line, deepest=DEEPEST)


class _Toml(_Fenced):
    dialect = "toml"
    opening = re.compile(r"(?:\+\+\+|---toml)[ \t]*\n")
    closing = re.compile(r"^(?:\+\+\+|---)[ \t]*(?:\n|\Z)", re.MULTILINE)

    def is_text(self, block: str) -> bool:
        return bool(block.strip()) and not _TOML_LINE.search(block)

    def entries(self, block: str, line: int) -> Pairs:
        # A key of many parts costs its length squared, and more.
        if deep := _DEEP_KEY.search(block):
            _check_depth(DEEPEST + 1, line + block.count("\n", 0, deep.start()))
        # Quoted, an impossible date costs no more than itself.
        source = _TOML_DATE.sub(r'\1"\2"', block)
        try:
            loaded = tomllib.loads(source, parse_float=str)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            where = re.search(r"at line (\d+)", str(error))
            reason = _reason(error).partition(" (at ")[0]
            at = line + int(where[1]) - 1 if where else line
            raise ContentError(f"the front matter is not TOML: {reason}", line=at) from error
        lines = _lines(block)
        for key, value in loaded.items():
            at = line + lines.get(key, 0)
            yield key, _plain(value, at), at


_TOML_LINE = re.compile(r"""^[ \t]*(?:\[|[\w$"'][^\n=]*=)""", re.MULTILINE)
_DEEP_KEY = re.compile(rf"^[^=\n\"'.]*(?:\.[^=\n\"'.]*){{{DEEPEST}}}", re.MULTILINE)
_TOML_DATE = re.compile(
    r"^([ \t]*[\w\"'.-]+[ \t]*=[ \t]*)"
    r"(\d{4}-\d{2}-\d{2}(?:[Tt ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:[Zz]|[+-]\d{2}:?\d{2})?)?)"
    r"(?=[ \t]*(?:\#[^\n]*)?$)",
    re.MULTILINE,
)


class _Json(_Fenced):
    dialect = "json"
    opening = re.compile(r"(?:;;;|---json)[ \t]*\n")
    closing = re.compile(r"^(?:;;;|---)[ \t]*(?:\n|\Z)", re.MULTILINE)

    def is_text(self, block: str) -> bool:
        return False

    def entries(self, block: str, line: int) -> Pairs:
        # Middleman leaves out the outer braces of its `;;;` block.
        source = block if block.lstrip().startswith("{") else f"{{{block}}}"
        try:
            pairs = json.loads(source, object_pairs_hook=list, parse_int=str, parse_float=str, strict=False)
        except json.JSONDecodeError as error:
            raise ContentError(f"the front matter is not JSON: {error.msg}", line=line + error.lineno - 1) from error
        except RecursionError as error:
            raise ContentError("the front matter is nested too deeply", line=line) from error
        if not isinstance(pairs, list) or not all(isinstance(pair, tuple) for pair in pairs):
            raise ContentError("the front matter is not a list of keys", line=line)
        lines = _lines(block)
        for key, value in pairs:
            at = line + lines.get(key, 0)
            yield key, _json_value(value, at), at


class _BareJson(_Json):
    """A file that begins with a JSON object, without a fence, as Hugo allows."""

    def read(self, text: str) -> FrontMatter | None:
        start = _OPENING_LINES.match(text)
        begin = start.end() if start else 0
        if not re.match(r'\{\s*"', text[begin : begin + 100]):
            return None
        line = text.count("\n", 0, begin) + 1
        try:
            _, end = json.JSONDecoder(strict=False, parse_int=str, parse_float=str).raw_decode(text, begin)
        except json.JSONDecodeError as error:
            raise ContentError(f"the front matter is not JSON: {error.msg}", line=error.lineno) from error
        except RecursionError as error:
            raise ContentError("the front matter is nested too deeply", line=line) from error
        return self.taken_apart(text[begin:end], line, text[end:], text.count("\n", 0, end) + 1)


_START = re.compile(r"\ufeff?(?:[ \t]*\n)*")
_KNOWN = frozenset(
    "title date slug tags category categories author authors status summary modified lang draft published template"
    " layout description save_as url keywords private hidden visibility".split()
)


class _Nikola(_Handler):
    """Lines `.. key: value`, in Markdown often within a comment."""

    dialect = "nikola"
    row = re.compile(r"\.\. (?P<key>[A-Za-z][\w-]*):(?!:)(?P<value>[^\n]*)(?:\n|\Z)|[ \t]*\n")
    comment = re.compile(r"<!--[ \t]*\n?")
    end_of_comment = re.compile(r"[ \t]*-->")

    def read(self, text: str) -> FrontMatter | None:
        at = _end(_START, text, 0)
        at = first = _end(self.comment, text, at)
        keys = set()
        while row := self.row.match(text, at):
            keys.add((row["key"] or "").lower())
            at = row.end()
        if not _KNOWN & keys:
            return None
        line = text.count("\n", 0, first) + 1
        end = _end(self.end_of_comment, text, at)
        return self.taken_apart(text[first:at], line, text[end:], text.count("\n", 0, end) + 1)

    def entries(self, block: str, line: int) -> Pairs:
        for number, text in enumerate(block.split("\n"), line):
            row = self.row.match(text)
            if row and row["key"]:
                yield row["key"], row["value"].strip(), number
                # Nikola's own way to say so.
                if row["key"].lower() == "tags" and (
                    said := {"draft", "private"} & set(re.split(r"[\s,]+", row["value"]))
                ):
                    yield "status", min(said), number


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    """Where a match of *pattern* at *at* ends, or *at* if there is none."""
    found = pattern.match(text, at)
    return found.end() if found else at


class _KeyValue(_Handler):
    """Lines `Key: value` without a fence, to the first blank line: Pelican's and MultiMarkdown's way."""

    dialect = "key-value"
    row = re.compile(r"[ ]{0,3}(?P<key>[A-Za-z][\w -]*):[ \t]*(?P<value>[^\n]*)(?:\n|\Z)")
    more = re.compile(r"(?:[ ]{4,}|\t)(?P<value>[^\n]*)(?:\n|\Z)")

    def read(self, text: str) -> FrontMatter | None:
        at = first = _end(_START, text, 0)
        keys: list[str] = []
        while row := (self.row.match(text, at) or (keys and self.more.match(text, at))):
            keys.append(row.groupdict().get("key", "").strip().lower())
            at = row.end()
        # Prose may begin "Note: ...": only a block with a key that posts have is metadata.
        if not _KNOWN & set(keys):
            return None
        line = text.count("\n", 0, first) + 1
        return self.taken_apart(text[first:at], line, text[at:], text.count("\n", 0, at) + 1)

    def entries(self, block: str, line: int) -> Pairs:
        rows: list[tuple[str, str, int]] = []
        for number, text in enumerate(block.rstrip("\n").split("\n"), line):
            if found := self.row.match(text):
                rows.append((found["key"].strip(), found["value"].strip(), number))
            elif rows:
                key, value, at = rows[-1]
                rows[-1] = (key, f"{value}\n{text.strip()}".strip(), at)
        yield from rows


_HANDLERS: tuple[_Handler, ...] = (_Toml(), _Json(), _Yaml(), _BareJson(), _Nikola(), _KeyValue())


def _plain(value: Any, line: int, depth: int = 1) -> Value:
    """A TOML value as the text that it was, or nearly."""
    _check_depth(depth, line)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return [_plain(item, line, depth + 1) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item, line, depth + 1) for key, item in value.items()}
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _json_value(value: Any, line: int, depth: int = 1) -> Value:
    """A JSON value as text; its objects are lists of pairs, so that doubled keys are seen."""
    _check_depth(depth, line)
    if isinstance(value, list):
        if not value or not all(isinstance(item, tuple) for item in value):
            return [_json_value(item, line, depth + 1) for item in value]
        found: dict[str, Value] = {}
        for key, item in value:
            inner = _json_value(item, line, depth + 1)
            if found.setdefault(key, inner) != inner:
                raise ContentError(f"the front matter has two values for {key!r} within another key", line=line)
        return found
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _check_depth(depth: int, line: int) -> None:
    if depth > DEEPEST:
        raise ContentError("the front matter is nested too deeply", line=line)


def _lines(block: str) -> Mapping[str, int]:
    """How many lines down each key of TOML or JSON stands, where its line begins with it."""
    found: dict[str, int] = {}
    for number, line in enumerate(block.split("\n")):
        if key := _KEY_FIRST.match(line):
            found.setdefault(key[1], number)
    return found


_KEY_FIRST = re.compile(r"""[\s\[{,"']{0,20}([^\s"'\]=:.][^"'\]=:.\n]{0,100}?)["'\]]*\s{0,20}[:=\].]""")


def _reason(error: Exception) -> str:
    return str(error) if not isinstance(error, RecursionError) else "nested too deeply"
