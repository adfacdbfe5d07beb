"""How do entries become numbers that stand in their order?"""

from collections.abc import Sequence
from itertools import count
from typing import TypeVar

import numpy as np

from indexer.engines.whoosh.flatfile import Array

T = TypeVar("T", bytes, str)

_EIGHT = 8

#: What is left of eight bytes if but so many of them count.
_MASKS = np.array([(1 << 64) - (1 << 64 - 8 * size) for size in range(9)], np.uint64)


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
