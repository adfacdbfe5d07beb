"""How near to each other do the words of a question stand in a post?

near = sum over neighbours v, w in the question of  min(idf(v), idf(w)) * s * (k1 + 1) / (s + k1)
where s is the sum, over the places of v in the post, of 1 / d^2, d being how far the nearest w is, at least 1 (Rasolofo
and Savoy 2003, "Term Proximity Scoring for Keyword-Based Retrieval Systems"). Only the best posts are looked at.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from indexer.engines.whoosh.flatfile import Array
from indexer.engines.whoosh.impacts import K1, Impacts
from indexer.query import Word

#: What nearness counts beside the score of the words.
NEAR = 0.5

#: Posts that are looked at, from the top.
BEST = 30

_POST = 40  # bits below the number of a post, more than any place has: so places of two posts are far apart


def nearness(impacts: Impacts, asked: Sequence[Word], posts: Array) -> Array:
    """What is added to the scores of *posts* for words *asked* one after the other."""
    order = posts.argsort()
    ascending = posts[order]
    rows = [impacts.places_within(word, ascending, _POST) for word in asked]
    near = np.zeros(len(posts))
    for place, (one, other) in enumerate(pairwise(asked)):
        if impacts.stems(one) != impacts.stems(other) and len(rows[place]) and len(rows[place + 1]):
            met = _met(rows[place], rows[place + 1], len(posts))
            near[order] += min(impacts.most(one), impacts.most(other)) * met / (met + K1)
    return NEAR * near


def _met(one: Array, other: Array, posts: int) -> Array:
    """The s of each post: how near the places of *one* are to the nearest of *other*."""
    behind = other.searchsorted(one)
    after = other.take(behind, mode="clip") - one
    before = one - other.take(behind - 1, mode="clip")
    near = np.maximum(np.minimum(np.abs(after), np.abs(before)), 1).astype(np.float64)
    return np.bincount(one >> _POST, weights=1 / (near * near), minlength=posts)
