"""How do moments compare as numbers?"""

import re

import numpy as np

from indexer.dates import Moment
from indexer.engines.whoosh.flatfile import Array

#: Of a post without a date.
NEVER = -1


def number_of(moment: Moment | None) -> int:
    """A number for a moment, or for the beginning of one, in the order of their texts: `2023` before `2023-08`."""
    if moment is None:
        return NEVER
    digits = re.sub(r"\D", "", moment)
    # Of two moments the longer text is the later one, if it begins with the shorter.
    return int(digits.ljust(14, "0")) * 16 + len(digits)


def days(moments: Array) -> Array:
    """The day of each of *moments*, of which none is `NEVER`, as a number of days from 1970; of a year its first."""
    date = moments // (16 * 10**6)
    months = (date // 10_000 - 1970) * 12 + np.maximum(date // 100 % 100, 1) - 1
    return np.asarray(months.astype("M8[M]").astype("M8[D]").astype(np.int64) + np.maximum(date % 100, 1) - 1)
