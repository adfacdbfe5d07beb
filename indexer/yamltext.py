"""What does a block of YAML say, if every scalar stays the text that its author wrote?

PyYAML's own constructors turn `12:30` into 750 and `no` into False, and lose a post to a date such as 2018-04-31. Here
the events of its parser are enough: they carry the lines, show doubled keys, and bound what a hostile file can cost.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

import yaml

from indexer.errors import ContentError
from indexer.metadata import DEEPEST, Pairs, Value, clean, mapping

#: Values in one block, those that aliases repeat included.
MOST_VALUES = 10_000

_Parser = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def load(block: str, *, first_line: int = 1) -> Pairs:
    """The (key, value, line) triples of *block*, in order, doubled keys and all.

    Raises `ContentError` with its line for a block that does not load, is no mapping, is nested deeper than
    `DEEPEST`, or holds more than `MOST_VALUES` values.
    """
    # Control characters are not YAML, yet are met in posts.
    try:
        events = iter(_Parser(clean(block)).get_event, None)
        yield from _Builder(events, first_line).block()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be parsed"
        problem = problem.replace("exceeded maximum nesting depth", "nested too deeply")
        line = first_line + (mark.line if mark else 0)
        raise ContentError(f"the front matter is not YAML: {problem}", line=line) from error


@dataclass(slots=True)
class _Builder:
    """Turns parser events into values, counting as it goes."""

    events: Iterator[Any]
    first_line: int
    values: int = 0
    anchors: dict[str, tuple[Value, int]] = field(default_factory=dict)

    def block(self) -> Pairs:
        first = next(event for event in self.events if isinstance(event, yaml.NodeEvent | yaml.StreamEndEvent))
        if isinstance(first, yaml.MappingStartEvent):
            yield from self.pairs(1)
        elif isinstance(first, yaml.NodeEvent) and getattr(first, "value", None) != "":
            raise self.error(first, "is not a list of keys")

    def inner(self) -> Iterator[Any]:
        """The events within a list or mapping; each that begins a value is for `value` to go on with."""
        return takewhile(lambda event: not isinstance(event, yaml.CollectionEndEvent), self.events)

    def pairs(self, depth: int) -> Pairs:
        merged: list[tuple[str, Value, int]] = []
        explicit = set()
        for event in self.inner():
            if not isinstance(event, yaml.ScalarEvent):
                raise self.error(event, "has a key that is not text")
            value = self.value(next(self.events), depth)
            if event.value == "<<":
                merged += self.merged(event, value)
            else:
                explicit.add(event.value)
                yield event.value, value, self.line(event)
        # What a mapping says itself holds over what it merges, wherever it says so.
        yield from (pair for pair in merged if pair[0] not in explicit)

    def merged(self, event: Any, value: Value) -> Pairs:
        for other in value if isinstance(value, list) else [value]:
            if not isinstance(other, dict):
                raise self.error(event, "merges what is no list of keys")
            yield from ((key, inner, self.line(event)) for key, inner in other.items())

    def value(self, event: Any, depth: int) -> Value:
        before = self.values
        self.values += 1
        if self.values > MOST_VALUES:
            raise self.error(event, f"has more than {MOST_VALUES:,} values")
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self.anchors:
                raise self.error(event, f"repeats a value that is not there: *{event.anchor}")
            value, size = self.anchors[event.anchor]
            self.values += size
            return value
        if depth == DEEPEST:
            raise self.error(event, "is nested too deeply")
        value = self.new_value(event, depth + 1)
        if event.anchor:
            self.anchors[event.anchor] = value, self.values - before
        return value

    def new_value(self, event: Any, depth: int) -> Value:
        if isinstance(event, yaml.SequenceStartEvent):
            return [self.value(item, depth) for item in self.inner()]
        if isinstance(event, yaml.MappingStartEvent):
            return mapping(((key, value) for key, value, _ in self.pairs(depth)), self.line(event))
        plain = event.style in (None, "")
        return "" if plain and event.value in ("~", "null", "Null", "NULL") else event.value

    def line(self, event: Any) -> int:
        return int(self.first_line + event.start_mark.line)

    def error(self, event: Any, what: str) -> ContentError:
        return ContentError(f"the front matter {what}", line=self.line(event))
