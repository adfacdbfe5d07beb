"""Which posts are most like a given one?"""

from itertools import islice

import numpy as np

from indexer import words
from indexer.engines.whoosh.snapshot import Snapshot
from indexer.telling import MOST, rarity, telling

#: What a shared tag counts beside a word.
TAG = 2.0


def alike(snapshot: Snapshot, number: int, count: int) -> list[tuple[int, float]]:
    """The numbers and scores of the *count* posts most like that one, best first; equal ones in the order of ids.

    A post's score is what the words that tell most about the other are worth in it, and its shared tags.
    """
    post = snapshot.post(number)
    scores = np.zeros(snapshot.size)
    told = telling(post, snapshot.having, snapshot.posts).items()
    shared = ((weight, one) for word, weight in told if len((one := snapshot.impacts.word(word)).posts) > 1)
    # One after the other, so that sums are the same however the posts are cut into segments.
    for weight, postings in islice(shared, MOST):
        scores[postings.posts] += weight * postings.worth
    for tag in post.tags:
        posts = snapshot.labelled("tags", words.fold_tag(tag))
        scores[posts] += TAG * rarity(snapshot.posts, len(posts))
    scores[number] = 0.0
    found = scores.nonzero()[0]
    order = np.lexsort([found if snapshot.ranks is None else snapshot.ranks[found], -scores[found]])[:count]
    return list(zip(found[order].tolist(), scores[found[order]].tolist(), strict=True))
