"""How does each word of many texts get its number?

Most words are short, and have been met before. So the first sixteen bytes of each, taken as two numbers, are looked up
in a table, for thousands of words at once. A dict is asked, one by one, for the rest: words that are new, long, or
whose place in the table another one has taken. A hostile text can make that all of them, and costs time, never truth.
"""

from collections import defaultdict
from collections.abc import Sequence
from itertools import count
from typing import TypeVar

import numpy as np

from indexer.engines.whoosh.flatfile import Array

T = TypeVar("T", bytes, str)

_EIGHT = 8
_BITS = 18
_SPREAD = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F))  # odd, their bits without a pattern

#: What is left of eight bytes if but so many of them count.
_MASKS = np.array([(1 << 64) - (1 << 64 - 8 * size) for size in range(9)], np.uint64)


class Numbering:
    """Numbers the words of texts in the order in which they are met."""

    def __init__(self) -> None:
        self.numbers: dict[bytes, int] = defaultdict(count().__next__)
        self._table: tuple[Array, ...] = tuple(np.zeros(1 << _BITS, kind) for kind in (np.uint64, np.uint64, np.int32))

    def of(self, text: bytes) -> Array:
        """The numbers of the words of *text*, between which are zero bytes: before the first one, too."""
        data = np.frombuffer(text, np.uint8)
        filled = data != 0
        edges = np.flatnonzero(filled[1:] != filled[:-1]) + 1
        starts, sizes = edges[::2], edges[1::2] - edges[::2]
        long = np.flatnonzero(sizes > _EIGHT)
        first, second = beginnings(text, starts, sizes), np.zeros(len(starts), np.uint64)
        second[long] = beginnings(text, starts[long] + _EIGHT, sizes[long] - _EIGHT)
        slots = ((first * _SPREAD[0] + second * _SPREAD[1]) >> np.uint64(64 - _BITS)).astype(np.intp)
        firsts, seconds, known = self._table
        found: Array = known[slots]
        missed = np.flatnonzero((firsts[slots] != first) | (seconds[slots] != second) | (sizes > 2 * _EIGHT))
        ends = (starts + sizes)[missed].tolist()
        words = [text[start:end] for start, end in zip(starts[missed].tolist(), ends, strict=True)]
        found[missed] = np.fromiter(map(self.numbers.__getitem__, words), np.int32, len(words))
        fresh = missed[(firsts[slots[missed]] == 0) & (sizes[missed] <= 2 * _EIGHT)]
        for column, values in zip(self._table, (first, second, found), strict=True):
            column[slots[fresh]] = values[fresh]
        return found


def beginnings(text: bytes, starts: Array, sizes: Array) -> Array:
    """The first eight bytes of each of many pieces of *text* as a number, zeros where it has ended: in their order."""
    text += bytes(_EIGHT)
    eights = np.ndarray(len(text) - _EIGHT + 1, ">u8", text, strides=(1,))
    # Not by an operator: it may reuse an operand, and with it the order of its bytes.
    return np.asarray(np.bitwise_and(eights[starts], _MASKS[np.minimum(sizes, _EIGHT)]))


def numbered(entries: Sequence[T]) -> tuple[list[T], Array]:
    """The distinct *entries* in order, and for each of all the place of its like among them."""
    distinct = sorted(dict.fromkeys(entries))
    place = dict(zip(distinct, count(), strict=False))
    return distinct, np.fromiter(map(place.__getitem__, entries), np.int32, len(entries))
