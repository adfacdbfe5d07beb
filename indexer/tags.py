"""Which labels does a post carry: its tags, its categories, its authors?"""

import re
from collections.abc import Collection, Iterable

from indexer.metadata import Metadata, Value, in_one_line, texts
from indexer.words import fold_tag

_NOTHING = frozenset({"", "false", "null", "none", "~", "[]"})


def tags(metadata: Metadata, *, separator: str = "auto", path: str = "") -> tuple[str, ...]:
    """The tags of the post at *path*, in the author's order and spelling; see `labels`."""
    return labels(metadata, ("tags", "tag"), separator=separator, path=path)


def categories(metadata: Metadata, *, separator: str = "auto", path: str = "") -> tuple[str, ...]:
    """The categories of the post at *path*, as `tags`."""
    return labels(metadata, ("categories", "category", "topics", "topic"), separator=separator, path=path)


def authors(metadata: Metadata) -> tuple[str, ...]:
    """The names of the authors; a text with commas names several."""
    return labels(metadata, ("authors", "author"), separator="comma")


def labels(metadata: Metadata, keys: Collection[str], *, separator: str = "auto", path: str = "") -> tuple[str, ...]:
    """The labels under the first of *keys* that has some, no two of them folding to the same.

    A list is taken as it is. A text is split at its commas; without any, at its blanks if *separator* is `space`,
    or if it is `auto` and the file lies where Jekyll keeps posts, since Jekyll does so; else it is one label.
    """
    of_jekyll = not {"_posts", "_drafts"}.isdisjoint(path.split("/"))
    blanks_part = separator == "space" or (separator == "auto" and of_jekyll)
    entries = (entry for key in metadata.given(keys) for entry in reversed(metadata.every(key)))
    return next(filter(None, (_distinct(_split(entry.value, blanks_part)) for entry in entries)), ())


def _split(value: Value, blanks_part: bool) -> Iterable[str]:
    if not isinstance(value, str):
        return texts(value)
    has_commas = "," in value or ";" in value
    return re.split("[,;]", value) if has_commas or not blanks_part else value.split()


def _distinct(found: Iterable[str]) -> tuple[str, ...]:
    spellings: dict[str, str] = {}
    for label in found:
        tidy = in_one_line(label)
        if tidy.lower() not in _NOTHING and (folded := fold_tag(tidy)):
            spellings.setdefault(folded, tidy)
    return tuple(spellings.values())
