"""Which words of the posts may a mistyped one have been meant for?

To compare it with every word would take milliseconds. Each edit changes the length by one at most, and adds or takes
away two characters at most: so few words are left once these have been looked at, all of them at once.
"""

from collections.abc import Callable, Iterator
from functools import cached_property

import numpy as np
from rapidfuzz.distance import OSA

from indexer.engines.whoosh.flatfile import Array


class Letters:
    """The words of a dictionary, by their letters: a *word* by its place, their *data*, where each begins and ends."""

    def __init__(self, word: Callable[[int], bytes], data: Array, ends: Array) -> None:
        self._word, self._data, self._ends = word, data, ends

    def near(self, word: str, most: int) -> Iterator[str]:
        """The words that are at most so many edits away from *word*; itself is none."""
        lengths, sets = self._signs
        mask = np.bitwise_or.reduce(_bits(np.frombuffer(word.encode(), np.uint8)))
        alike = np.bitwise_count(sets ^ mask) <= 2 * most
        alike &= np.abs(lengths - len(word)) <= most
        for place in alike.nonzero()[0].tolist():
            other = self._word(place).decode()
            if 0 < OSA.distance(word, other, score_cutoff=most) <= most and other.isalpha():
                yield other

    @cached_property
    def _signs(self) -> tuple[Array, Array]:
        """How many characters each word has, and which of those of ASCII."""
        data, starts = self._data, self._ends[:-1].astype(np.intp)
        if not len(starts):
            return np.empty(0, np.int64), np.empty(0, np.uint64)
        first_bytes = (data & 0xC0) != 0x80
        return np.add.reduceat(first_bytes, starts, dtype=np.int64), np.bitwise_or.reduceat(_bits(data), starts)


def _bits(data: Array) -> Array:
    """One of 64 bits for each byte of ASCII, none for others."""
    return np.where(data < 128, np.uint64(1) << (data & 63).astype(np.uint64), np.uint64(0))
