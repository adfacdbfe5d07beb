"""How many of the posts found have each value of a facet, such as each tag?"""

from collections.abc import Sequence

import numpy as np

from indexer.engines.whoosh.flatfile import Array
from indexer.engines.whoosh.segment import Labels


class Tally:
    """The values of one facet in all segments, whose posts are numbered from *starts* on; the last is their number."""

    def __init__(self, labels: Sequence[Labels], starts: Sequence[int]) -> None:
        self._names = sorted({name for each in labels for name in each.names.all()})
        self._size = starts[-1]
        place = {name: number for number, name in enumerate(self._names)}
        values, posts = [np.empty(0, np.int32)], [np.empty(0, np.int32)]
        for each, start in zip(labels, starts, strict=False):
            values.append(np.repeat([place[name] for name in each.names.all()], np.diff(each.posts.starts)))
            posts.append(each.posts.values + np.int32(start))
        value, post = np.concatenate(values).astype(np.int32), np.concatenate(posts)
        order = value.argsort(kind="stable")
        # In the kind of number that an array is indexed by at once.
        self._posts = post[order].astype(np.intp)
        self._begins = value[order].searchsorted(np.arange(len(self._names)))

    def counts(self, posts: Array) -> tuple[list[bytes], list[int]]:
        """The values that *posts* have, and how many have each: most frequent first, then by value."""
        if not self._names:
            return [], []
        found = np.zeros(self._size, np.uint8)
        found[posts] = 1
        counts = np.add.reduceat(found[self._posts], self._begins, dtype=np.int32)
        order = (-counts).argsort(kind="stable")[: np.count_nonzero(counts)]
        return [self._names[place] for place in order.tolist()], counts[order].tolist()
