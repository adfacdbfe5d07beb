"""Which words tell most about a post?"""

from collections import Counter
from collections.abc import Callable
from math import log

from indexer import words
from indexer.post import Post
from indexer.query import Word

#: So many words stand for a post, at most: those that other posts have, too.
MOST = 25

#: How often a word in the title counts.
IN_TITLE = 4


def rarity(posts: int, having: int) -> float:
    """What it says of one of *posts* posts to have what *having* of them have: the idf of BM25."""
    return log(1 + (posts - having + 0.5) / (having + 0.5))


def telling(post: Post, having: Callable[[str], int], posts: int) -> dict[Word, float]:
    """The words of title and text, those with the greatest tf-idf first, and what each of them counts: 1 + ln(tf).

    Of the forms of a word, the most frequent one stands for all. *having* tells how many of the *posts* posts have it
    (Manning et al. 2008, "Introduction to Information Retrieval", 6.4.1).
    """
    times = Counter(token.word for token in words.tokens(post.body))
    for token in words.tokens(post.title):
        times[token.word] += IN_TITLE
    ordered = sorted(times.keys() - words.STOP_WORDS, key=lambda word: (-times[word], word))
    forms: dict[str, str] = {}
    totals: Counter[str] = Counter()
    for word, stem in zip(ordered, words.stems(ordered, post.tongue), strict=True):
        totals[stem] += times[word]
        forms.setdefault(stem, word)
    weights = {form: 1 + log(totals[stem]) for stem, form in forms.items()}
    worth = {form: weight * rarity(posts, having(form)) for form, weight in weights.items()}
    return {Word(form): weights[form] for form in sorted(worth, key=lambda form: (-worth[form], form))}
