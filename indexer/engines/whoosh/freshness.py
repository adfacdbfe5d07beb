"""What does the age of a post leave of its score?

freshness = (1 + 2 ** (-age / half-life)) / 2, from 1 down to 1/2: an exponential decay (as in Li and Croft 2003,
"Time-Based Language Models") that halves no more than half of the score, so that a good old answer stays one.
"""

import numpy as np

from indexer.engines.whoosh.flatfile import Array
from indexer.engines.whoosh.moments import NEVER, days


def freshness(dates: Array, alive: Array, evergreen: Array, half_life: float) -> Array:
    """By number of post, if the age is halved in *half_life* days.

    Ages count from the day of the newest of the *alive*, a mask; so does that of a post without a date, which is as
    old as the oldest. Those that are *evergreen*, a mask, have none.
    """
    dated = alive & (dates != NEVER)
    if not dated.any():
        return np.ones(len(dates))
    day = days(np.where(dated, dates, dates[dated].min()))
    ages = np.where(evergreen, 0, day.max() - day)
    return np.asarray((1 + np.exp2(-ages / half_life)) / 2)
