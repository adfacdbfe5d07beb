"""What do the benchmarks ask? Questions of each kind that the posts at hand have answers to, the same for a seed."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from indexer.post import Post
from indexer.words import STOP_WORDS, fold_tag

KINDS = ("any-word", "phrase", "tag + word", "prefix", "all words")
"""The last is how two or more words are read that say no more: without a goal, beside the others."""

_WORD = re.compile(r"(?<![^\s(])[A-Za-z]{3,20}(?=[\s.,])")
_PAIR = re.compile(r"(?<![^\s(])[A-Za-z]{3,20}(?: [A-Za-z]{3,20}){1,2}(?=[\s.,])")
_SAMPLE = 5_000
_BANDS = (("common", 0.03, 0.3, 4), ("middling", 0.003, 0.03, 4), ("rare", 0.0, 0.003, 2))
"""Which share of the posts has such a word, and how often it is asked for."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question, before it is put in the words of a rival."""

    kind: str
    words: tuple[str, ...]
    tag: str = ""

    @property
    def text(self) -> str:
        """As our own reader writes it."""
        match self.kind:
            case "any-word":
                return " OR ".join(self.words)
            case "phrase":
                return f'"{" ".join(self.words)}"'
            case "tag + word":
                return f'tag:"{self.tag}" {self.words[0]}'
            case "prefix":
                return f"{self.words[0]}*"
            case _:
                return " ".join(self.words)


def questions(posts: Sequence[Post], count: int, seed: int = 1) -> dict[str, list[Question]]:
    """*count* questions of each kind, or as many as *posts* allow."""
    dice = random.Random(seed)
    bands = _bands(posts, dice)
    several = [_words(bands, dice.randint(2, 4), dice) for _ in range(count)]
    beginnings = dict.fromkeys(_words(bands, 1, dice)[0][:3] for _ in range(20 * count))
    # SQLite would stem those that end so: `vis*` finds `vi*`.
    prefixes = [beginning for beginning in beginnings if not beginning.endswith(("s", "y"))]
    return {
        "any-word": [Question("any-word", words) for words in several],
        "phrase": _phrases(posts, count, dice),
        "tag + word": _tagged(posts, count, bands, dice),
        "prefix": [Question("prefix", (prefix,)) for prefix in prefixes[:count]],
        "all words": [Question("all words", words) for words in several],
    }


def _bands(posts: Sequence[Post], dice: random.Random) -> list[tuple[list[str], int]]:
    """The words of each band, with the weight of the band."""
    sample = dice.sample(posts, min(_SAMPLE, len(posts)))
    counts = Counter(word for post in sample for word in {word.lower() for word in _WORD.findall(post.body)})
    known = [(word, count / len(sample)) for word, count in sorted(counts.items()) if word not in STOP_WORDS]
    bands = [([word for word, share in known if low < share <= high], weight) for _, low, high, weight in _BANDS]
    return [(words, weight) for words, weight in bands if words]


def _words(bands: list[tuple[list[str], int]], count: int, dice: random.Random) -> tuple[str, ...]:
    chosen = dice.choices([words for words, _ in bands], [weight for _, weight in bands], k=count)
    return tuple(dice.choice(words) for words in chosen)


def _phrases(posts: Sequence[Post], count: int, dice: random.Random) -> list[Question]:
    found: list[Question] = []
    for _ in range(20 * count):
        pairs = _PAIR.findall(dice.choice(posts).body)
        words = tuple(dice.choice(pairs).lower().split()) if pairs else ()
        if len(found) < count and words and not STOP_WORDS.issuperset(words):
            found.append(Question("phrase", words))
    return found


def _tagged(
    posts: Sequence[Post], count: int, bands: list[tuple[list[str], int]], dice: random.Random
) -> list[Question]:
    """Tags with words that stand in a post that has them."""
    tagged = [post for post in posts if post.tags]
    found: list[Question] = []
    for post in dice.choices(tagged, k=4 * count) if tagged else ():
        held = {word.lower() for word in _WORD.findall(post.body)}
        (band,) = dice.choices([words for words, _ in bands], [weight for _, weight in bands])
        if len(found) < count and (words := [word for word in band if word in held]):
            found.append(Question("tag + word", (dice.choice(words),), fold_tag(dice.choice(post.tags))))
    return found
