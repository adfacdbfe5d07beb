"""How do several segments become one, without the posts that are gone?

No text is read again. The arrays of the segments are woven, those of a range of words after those of another, so that
what is made on the way stays small. The result is what `inversion.invert` makes of the posts that stay, to the byte.
"""

from collections.abc import Iterator, Sequence
from itertools import compress, pairwise
from typing import NamedTuple

import numpy as np

from indexer.engine import FACETS
from indexer.engines.whoosh.flatfile import Array, FlatFile
from indexer.engines.whoosh.inversion import (
    HEADLINE,
    Arrays,
    dictionary,
    grouped,
    pointers,
    small,
    sorted_dictionary,
    spread,
    stems,
)
from indexer.engines.whoosh.numbering import numbered
from indexer.engines.whoosh.segment import Dictionary

#: Postings that are woven at once; or those of one word, if there are more.
AT_ONCE = 1 << 17


def merge(files: Sequence[FlatFile], staying: Sequence[Array]) -> Arrays:
    """The arrays of one segment with the posts of *files* that stay, as the masks have it. No id stands in two."""
    ids, places = numbered(_joined(files, "id", staying))
    posts = _shared_out(places, staying)
    lexicon, terms = _tables(files, posts, "term", "all.ptr", "all.doc")
    arrays = sorted_dictionary("id", ids) | _stored(files, staying, np.argsort(places))
    arrays |= _words(files, lexicon, terms)
    for facet in (*FACETS, HEADLINE):
        arrays |= _pairs(files, posts, facet)
    return arrays | stems(arrays)


class _Table(NamedTuple):
    """What one segment says of the entries of a dictionary: the values of each are a run, which begins at its start."""

    starts: Array

    #: Numbers of posts, or of words.
    values: Array

    #: The number of each post or word in the result; -1 of one that does not stay.
    renumbered: Array

    #: The place of each entry in the result; -1 of one that does not stay.
    entries: Array

    def range(self, low: int, high: int) -> tuple[slice, slice]:
        """Which entries, and which values, stand in the result from *low* to *high*; with some that do not stay."""
        first, last = np.searchsorted(np.maximum.accumulate(self.entries), (low, high)).tolist()
        return slice(first, last), slice(*self.starts[[first, last]].tolist())

    def keys(self, low: int, high: int) -> Array:
        """Of each value in a range the place of its entry, then its own number; negative, if either does not stay."""
        entries, values = self.range(low, high)
        sizes = np.diff(self.starts[entries.start : entries.stop + 1])
        return np.repeat(self.entries[entries] << 32, sizes) | self.renumbered[self.values[values]]


def _tables(
    files: Sequence[FlatFile], renumbered: Sequence[Array], name: str, starts: str, values: str
) -> tuple[list[bytes], list[_Table]]:
    """The entries of the dictionary *name* of which a value stays, and what each segment says of them."""
    masks = [
        np.logical_or.reduceat(numbers[file[values]] >= 0, file[starts][:-1])
        for file, numbers in zip(files, renumbered, strict=True)
    ]
    names, places = numbered(_joined(files, name, masks))
    return names, [
        _Table(file[starts].astype(np.int64), file[values], numbers, entries)
        for file, numbers, entries in zip(files, renumbered, _shared_out(places, masks), strict=True)
    ]


def _joined(files: Sequence[FlatFile], name: str, masks: Sequence[Array]) -> list[bytes]:
    """The entries of a dictionary that stay, one segment after the other."""
    pairs = zip(files, masks, strict=True)
    return [entry for file, mask in pairs for entry in compress(Dictionary(file, name).all(), mask.tolist())]


def _shared_out(values: Array, masks: Sequence[Array]) -> list[Array]:
    """*values*, one after the other, where the *masks* are true; -1 elsewhere."""
    whole = np.concatenate(masks)
    places = np.full(len(whole), -1, np.int64)
    places[whole] = values
    return np.split(places, np.cumsum([len(mask) for mask in masks])[:-1])


def _stored(files: Sequence[FlatFile], staying: Sequence[Array], order: Array) -> Arrays:
    """What is kept of each post by itself: as it is, compressed bodies, too."""
    arrays: Arrays = {}
    for name in ("digest", "card", "body"):
        entries = _joined(files, name, staying)
        arrays |= dictionary(name, [entries[place] for place in order.tolist()])
    for name in ("date", "evergreen", "tongue", "len", "title.len", "weight"):
        arrays[name] = np.concatenate([file[name][mask] for file, mask in zip(files, staying, strict=True)])[order]
    return arrays


def _pairs(files: Sequence[FlatFile], renumbered: Sequence[Array], name: str) -> Arrays:
    """A dictionary with the posts of each entry, each once."""
    names, tables = _tables(files, renumbered, name, f"{name}.ptr", name)
    keys = np.concatenate([table.keys(0, len(names)) for table in tables])
    keys = np.sort(keys[keys >= 0], kind="stable")
    keys = keys[np.diff(keys, prepend=-1) > 0]
    return grouped(name, names, name, keys >> 32, keys.astype(files[0][name].dtype))


def _words(files: Sequence[FlatFile], lexicon: list[bytes], tables: Sequence[_Table]) -> Arrays:
    """The postings of each word, and its places."""
    woven = [_woven(files, tables, low, high) for low, high in _ranges(tables, len(lexicon))]
    sizes, posts, times, in_title, places = map(np.concatenate, zip(*woven, strict=True))
    ptr = pointers(sizes)
    return sorted_dictionary("term", lexicon) | {
        "place.ptr": pointers(np.add.reduceat(times, ptr[:-1], dtype=np.int64)),
        "place": small(places),
        "all.ptr": ptr,
        "all.doc": posts,
        "all.tf": small(times),
        "all.title": small(in_title),
    }


def _ranges(tables: Sequence[_Table], entries: int) -> Iterator[tuple[int, int]]:
    """All entries of the result, cut where the next have too many values to be woven at once."""
    sizes = np.zeros(entries + 1, np.int64)
    for table in tables:
        sizes[table.entries + 1] += np.diff(table.starts)  # those that do not stay are counted nowhere
    ends = np.cumsum(sizes[1:])
    cuts = np.searchsorted(ends, np.arange(AT_ONCE, ends[-1] if entries else 0, AT_ONCE))
    return pairwise([0, *sorted({*cuts.tolist()} - {0}), entries])


def _woven(files: Sequence[FlatFile], tables: Sequence[_Table], low: int, high: int) -> tuple[Array, ...]:
    """Of the words of a range: how many posts have each, and of all these their numbers, times, places."""
    rows = [_row(file, table, low, high) for file, table in zip(files, tables, strict=True)]
    keys, times, in_title, places = map(np.concatenate, zip(*rows, strict=True))
    order = np.argsort(keys, kind="stable")  # which merges runs that are in order already, such as our rows
    starts, times = (np.cumsum(times, dtype=np.int64) - times)[order], times[order]
    sizes = np.bincount((keys >> 32) - low, minlength=high - low)
    return sizes, keys[order].astype(np.uint16), times, in_title[order], places[spread(starts, times)]


def _row(file: FlatFile, table: _Table, low: int, high: int) -> tuple[Array, ...]:
    """The postings of a range that stay, and their places, in the order of one segment."""
    entries, postings = table.range(low, high)
    keys = table.keys(low, high)
    stay, times = keys >= 0, file["all.tf"][postings]
    places = file["place"][slice(*file["place.ptr"][[entries.start, entries.stop]].tolist())]
    return keys[stay], times[stay], file["all.title"][postings][stay], places[np.repeat(stay, times)]
