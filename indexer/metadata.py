"""What does a post say about itself, whatever dialect it says it in?"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from indexer.errors import ContentError

#: Text, or lists and mappings of it. Numbers, dates and booleans stay the text that the author wrote.
Value = str | list["Value"] | dict[str, "Value"]

#: Keys with their values, and the 1-based lines where they stand.
Pairs = Iterator[tuple[str, Value, int]]

#: Lists and mappings within one another, at most.
DEEPEST = 20

_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]")
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")
_ODD = re.compile(f"{_CONTROLS.pattern[:-1]}{_INVISIBLE.pattern[1:]}")


def clean(text: str) -> str:
    """*text* without what no reader sees: control characters become blanks, zero-width ones and soft hyphens go."""
    odd = not text.isprintable() and _ODD.search(text)
    return _INVISIBLE.sub("", _CONTROLS.sub(" ", text)) if odd else text


def in_one_line(text: str) -> str:
    """*text* as its readers see it, with one blank for each run of blanks and line ends."""
    line = text.replace("\n", " ").strip()
    # Most texts have no other blanks, and to see that is five times as fast as to split them.
    return line if line.isprintable() and "  " not in line else " ".join(clean(line).split())


@lru_cache(maxsize=512)
def fold_key(key: str) -> str:
    """What the spellings of a key have in common: `publishDate`, `publish-date` and `Publish_Date` are one."""
    return re.sub(r"[\s_-]+", "", key).lower()


class Entry(NamedTuple):
    """One key with its value, and the 1-based line where it stands (0 if unknown)."""

    key: str
    value: Value
    line: int = 0


@dataclass(frozen=True, slots=True)
class Metadata:
    """The keys of one post, in order; a doubled key is there twice, and the last holds."""

    entries: tuple[Entry, ...] = ()
    _by_key: dict[str, list[Entry]] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        for entry in self.entries:
            self._by_key.setdefault(fold_key(entry.key), []).append(entry)
        for name in ("taxonomies", "extra", "params"):
            for nested in tuple(self._by_key.get(name, ())):
                for key, value in nested.value.items() if isinstance(nested.value, dict) else ():
                    # Before what stands at the top level, which holds: but a draft is one by either.
                    self._by_key.setdefault(fold_key(key), []).insert(0, Entry(key, value, nested.line))

    def given(self, keys: Collection[str]) -> list[str]:
        """Those of *keys* (folded) that the post has, with a value or without."""
        mine = self._by_key
        return [] if mine.keys().isdisjoint(keys) else [key for key in keys if key in mine]

    def holding(self, keys: Collection[str]) -> Iterator[Entry]:
        """Of each of *keys* (folded), in their order, the entry that holds, if it has a value."""
        return (entry for key in self.given(keys) if (entry := self._by_key[key][-1]).value)

    def find(self, *keys: str) -> Entry | None:
        """The entry of the first of *keys* (folded) that has a value."""
        return next(self.holding(keys), None)

    def every(self, key: str) -> Sequence[Entry]:
        """All entries of *key* (folded), doubled ones included."""
        return self._by_key.get(key, ())

    def among(self, keys: Collection[str]) -> list[Entry]:
        """All entries of any of *keys* (folded), doubled ones included."""
        return [entry for key in self.given(keys) for entry in self._by_key[key]]

    def written(self, keys: Collection[str]) -> Iterator[str]:
        """The values of *keys*, in their order, that are text, cleaned and with blanks folded; no empty one."""
        texts = (in_one_line(entry.value) for entry in self.holding(keys) if isinstance(entry.value, str))
        return filter(None, texts)

    def text(self, *keys: str) -> str:
        """The first of *keys* whose value is text, cleaned and with blanks folded; empty if there is none."""
        return next(self.written(keys), "")

    def doubled(self) -> Iterator[Entry]:
        """The entries whose key is given again further down."""
        if len(self._by_key) == len(self.entries):
            return
        last = {fold_key(entry.key): entry for entry in self.entries}
        yield from (entry for entry in self.entries if last[fold_key(entry.key)] is not entry)


def metadata(pairs: Iterable[tuple[str, Value, int]]) -> Metadata:
    """The metadata of (key, value, line) triples."""
    return Metadata(tuple(Entry(key, value, line) for key, value, line in pairs))


def mapping(pairs: Iterable[tuple[str, Value]], line: int) -> dict[str, Value]:
    """A mapping within another, where no warning of a doubled key would be seen: it has to mean one thing."""
    found: dict[str, Value] = {}
    for key, value in pairs:
        if found.setdefault(key, value) != value:
            raise ContentError(f"the front matter has two values for {key!r} within another key", line=line)
    return found


def texts(value: Value) -> Iterator[str]:
    """The texts in *value*: itself, a list's, the names in a list of mappings."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)
    else:
        named = (value.get(key) for key in ("name", "title", "src", "url", "path", "image"))
        yield from [text for text in named if isinstance(text, str)][:1]
