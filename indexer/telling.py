"""Which words tell most about a post?"""

from collections import Counter
from collections.abc import Callable, Mapping
from math import log

from indexer import words

#: So many words stand for a post, at most: those that other posts have, too.
MOST = 12

#: How often a word in the title counts beside one in the text.
IN_TITLE = 4

#: Of so many words it is looked up how rare they are: those that stand in the post most often.
LIKELY = 40


def telling(times: Mapping[str, int], tongue: str, having: Callable[[str], int], posts: int) -> list[str]:
    """Those with the greatest tf-idf first, of the words that a post has so many *times*; of forms, the most frequent.

    *having* tells how many of the *posts* posts have a word (Manning et al. 2008, "Introduction to Information
    Retrieval", 6.2). Of words as frequent, the longer ones are the rarer ones, by and large.
    """
    known = sorted(times.keys() - words.STOP_WORDS, key=lambda word: (-times[word], -len(word), word))
    forms: dict[str, str] = {}
    totals: Counter[str] = Counter()
    for word, stem in zip(known, words.stems(known, tongue), strict=True):
        totals[forms.setdefault(stem, word)] += times[word]
    likely = sorted(totals.items(), key=lambda one: (-one[1], -len(one[0]), one[0]))[:LIKELY]
    worth = {word: (1 + log(total)) * log((posts + 1) / (having(word) + 0.5)) for word, total in likely}
    return sorted(worth, key=lambda word: (-worth[word], word))
