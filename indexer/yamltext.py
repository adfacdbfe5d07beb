"""What does a block of YAML say, if every scalar stays the text that its author wrote?

PyYAML's own constructors turn `12:30` into 750 and `no` into False, and lose a post to a date such as 2018-04-31. Here
the events of its parser are enough: they carry the lines, show doubled keys, and bound what a hostile file can cost.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from indexer.errors import ContentError
from indexer.metadata import Value, clean

#: Values in one block, those that aliases repeat included.
MOST_VALUES = 10_000

_Parser = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def load(block: str, *, first_line: int = 1, deepest: int = 20) -> Iterator[tuple[str, Value, int]]:
    """The (key, value, line) triples of *block*, in order, doubled keys and all.

    Raises `ContentError` with its line for a block that does not load, is no mapping, is nested deeper than
    *deepest*, or holds more than `MOST_VALUES` values.
    """
    # Control characters are not YAML, yet are met in posts.
    try:
        events = iter(_Parser(clean(block)).get_event, None)
        yield from _Builder(events, first_line, deepest).pairs()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be parsed"
        raise ContentError(
            f"the front matter is not YAML: {problem}", line=first_line + (mark.line if mark else 0)
        ) from error


@dataclass(slots=True)
class _Builder:
    """Turns parser events into values, counting as it goes."""

    events: Iterator[Any]
    first_line: int
    deepest: int
    values: int = 0
    anchors: dict[str, tuple[Value, int]] = field(default_factory=dict)

    def pairs(self) -> Iterator[tuple[str, Value, int]]:
        for event in self.events:
            if isinstance(event, yaml.MappingStartEvent):
                yield from self.mapping(1)
                return
            if isinstance(event, yaml.ScalarEvent) and not event.value:
                return
            if isinstance(event, yaml.ScalarEvent | yaml.SequenceStartEvent | yaml.AliasEvent):
                raise self.error(event, "is not a list of keys")

    def mapping(self, depth: int) -> Iterator[tuple[str, Value, int]]:
        merged: list[tuple[str, Value, int]] = []
        explicit = set()
        for event in self.events:
            if isinstance(event, yaml.MappingEndEvent):
                # What a mapping says itself holds over what it merges, wherever it says so.
                yield from (pair for pair in merged if pair[0] not in explicit)
                return
            if not isinstance(event, yaml.ScalarEvent):
                raise self.error(event, "has a key that is not text")
            value = self.value(next(self.events), depth)
            if event.value == "<<":
                merged += self.merged(event, value)
            else:
                explicit.add(event.value)
                yield event.value, value, self.line(event)

    def merged(self, event: Any, value: Value) -> Iterator[tuple[str, Value, int]]:
        for mapping in value if isinstance(value, list) else [value]:
            if not isinstance(mapping, dict):
                raise self.error(event, "merges what is no list of keys")
            yield from ((key, inner, self.line(event)) for key, inner in mapping.items())

    def distinct(self, event: Any, depth: int) -> dict[str, Value]:
        """A mapping within another, where no warning of a doubled key would be seen: it has to mean one thing."""
        found: dict[str, Value] = {}
        for key, value, _ in self.mapping(depth):
            if found.setdefault(key, value) != value:
                raise self.error(event, f"has two values for {key!r} within another key")
        return found

    def value(self, event: Any, depth: int) -> Value:
        self.values += 1
        if self.values > MOST_VALUES:
            raise self.error(event, f"has more than {MOST_VALUES:,} values")
        if isinstance(event, yaml.AliasEvent):
            return self.alias(event)
        before = self.values
        value = self.nested(event, depth + 1)
        if event.anchor:
            self.anchors[event.anchor] = (value, self.values - before + 1)
        return value

    def nested(self, event: Any, depth: int) -> Value:
        if depth > self.deepest:
            raise self.error(event, "is nested too deeply")
        if isinstance(event, yaml.SequenceStartEvent):
            return list(self.items(depth))
        if isinstance(event, yaml.MappingStartEvent):
            return self.distinct(event, depth)
        plain = event.style in (None, "")
        return "" if plain and event.value in ("~", "null", "Null", "NULL") else event.value

    def items(self, depth: int) -> Iterator[Value]:
        for event in self.events:
            if isinstance(event, yaml.SequenceEndEvent):
                return
            yield self.value(event, depth)

    def alias(self, event: Any) -> Value:
        if event.anchor not in self.anchors:
            raise self.error(event, f"repeats a value that is not there: *{event.anchor}")
        value, size = self.anchors[event.anchor]
        self.values += size
        return value

    def line(self, event: Any) -> int:
        return int(self.first_line + event.start_mark.line)

    def error(self, event: Any, what: str) -> ContentError:
        return ContentError(f"the front matter {what}", line=self.line(event))
