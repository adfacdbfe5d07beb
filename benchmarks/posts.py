"""Which posts do the benchmarks search? Made up ones, the same for the same seed.

    python -m benchmarks.posts FOLDER [--posts N] [--seed S]

They resemble the posts of blogs where it counts for a search: the lengths, how often each word occurs and in how many
posts, words in several forms, pairs of words that stand together more often than by chance, tags. Every word of the
vocabulary has the same stem by Porter's first algorithm as by his second, so that each rival, whichever of the two it
uses, finds the same posts.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import Stemmer
from numpy.typing import NDArray

from indexer.post import Post, Section
from indexer.words import STOP_WORDS

WORDS = 60_000
TAGS = 60
MEAN_LENGTH = 600
FOLLOWERS = 4
"""How many words have a liking for standing behind a given one."""

LIKING = 0.35
"""How often one of them does."""

_ONSETS = "b br c ch cl cr d dr f fl fr g gl gr h j k l m n p pl pr qu r s sc sh sl sp st str t th tr v w".split()
_NUCLEI = "a e i o u a e i o ai ea ee oa oo ou".split()
_CODAS = "b ck d ft g l ld lt m mp n nd ng nk nt p r rd rk rm rn rt sk sp st t x".split()
_ENDINGS = ("", "s", "ed", "ing", "er", "ly", "ation", "ness", "ment", "able", "ful", "ers")
_START = datetime(2013, 1, 1, 9)
_DAYS = 12 * 365

Numbers = NDArray[Any]


@dataclass(frozen=True, slots=True)
class _Language:
    """What there is to say: the words, the most frequent first; the tags; and which words follow each."""

    words: list[str]
    tags: list[str]
    shares: Numbers
    """How many of all words are one of the words so far."""

    followers: Numbers


def posts(count: int, seed: int = 1) -> list[Post]:
    """*count* posts, in the order of their dates."""
    language, chance = _language(seed), np.random.default_rng(seed)
    lengths = np.clip(chance.lognormal(np.log(MEAN_LENGTH) - 0.32, 0.8, count), 40, 6000).astype(int)
    row = _row(language, int(lengths.sum()) + 9 * count, chance)
    days = np.sort(chance.integers(0, _DAYS, count)).tolist()
    said, dice, place = language.words, random.Random(seed), 0
    made = []
    for number, (length, day) in enumerate(zip(lengths.tolist(), days, strict=True)):
        text = [said[word] for word in row[place : place + length + 9].tolist()]
        place += length + 9
        made.append(_post(number, day, text, _tags(language, dice), dice))
    return made


@lru_cache(maxsize=2)
def _language(seed: int) -> _Language:
    dice, chance = random.Random(seed), np.random.default_rng(seed + 1)
    stem, first_stem = Stemmer.Stemmer("english").stemWord, Stemmer.Stemmer("porter").stemWord
    roots = _roots(dice)
    tags = [next(roots) for _ in range(TAGS)]
    kept_apart = {stem(tag) for tag in tags} | STOP_WORDS
    words: dict[str, None] = {}
    while len(words) < WORDS:
        root = next(roots)
        for ending in ("", *dice.sample(_ENDINGS[1:], dice.randint(1, 6))):
            word = root + ending
            if (stemmed := stem(word)) == first_stem(word) and stemmed not in kept_apart and word not in kept_apart:
                words[word] = None
    # Frequent words are short ones, by and large.
    ranked = sorted(list(words)[:WORDS], key=lambda word: len(word) + dice.gauss(0, 1.5))
    said = [*sorted(STOP_WORDS, key=lambda word: (len(word), word)), *ranked]
    weights = 1 / (np.arange(len(said)) + 6.0) ** 1.02
    followers = np.searchsorted(np.cumsum(weights) / weights.sum(), chance.random((len(said), FOLLOWERS)))
    return _Language(said, tags, np.cumsum(weights) / weights.sum(), followers)


def _roots(dice: random.Random) -> Iterator[str]:
    """Word-like words, each once."""
    seen = set()
    while True:
        syllables = dice.choices((1, 2, 3), (2, 6, 1))[0]
        root = "".join(dice.choice(_ONSETS) + dice.choice(_NUCLEI) for _ in range(syllables)) + dice.choice(_CODAS)
        if root not in seen:
            seen.add(root)
            yield root


def _row(language: _Language, length: int, chance: np.random.Generator) -> Numbers:
    """Words by their frequency, some of them followed by one that likes to follow."""
    row = np.searchsorted(language.shares, chance.random(length)).astype(np.int32)
    follows = chance.random(length) < LIKING
    follows[0] = False
    places = np.arange(length)
    since = places - np.maximum.accumulate(np.where(follows, 0, places))
    for distance in range(1, int(since.max()) + 1):  # a follower may itself be followed
        here = np.flatnonzero(since == distance)
        row[here] = language.followers[row[here - 1], chance.integers(0, FOLLOWERS, len(here))]
    return row


def _tags(language: _Language, dice: random.Random) -> tuple[str, ...]:
    wanted = dice.randint(1, 5)
    weights = [1 / (rank + 1.5) for rank in range(TAGS)]
    return tuple(dict.fromkeys(dice.choices(language.tags, weights, k=wanted)))


def _post(number: int, day: int, text: list[str], tags: tuple[str, ...], dice: random.Random) -> Post:
    size = dice.randint(3, 9)
    title = " ".join(text[:size]).capitalize()
    body, sections = _body(text[size:], dice)
    date = _START + timedelta(days=day, minutes=number % 600)
    name = f"{date:%Y-%m-%d}-{'-'.join(text[:size])}-{number}"
    return Post(
        id=f"{date:%Y}/{name}.md",
        url=f"/{date:%Y/%m/%d}/{name[11:]}.html",
        title=title,
        description=body[:160].rpartition(" ")[0],
        body=body,
        date=f"{date:%Y-%m-%dT%H:%M:%SZ}",
        tags=tags,
        language="en",
        sections=sections,
        digest=f"{number:032x}",
    )


def _body(text: list[str], dice: random.Random) -> tuple[str, tuple[Section, ...]]:
    """The text as lines: paragraphs of sentences, and now and then a heading."""
    lines: list[str] = []
    sections: list[Section] = []
    size, place = 0, 0
    while place < len(text):
        if lines and dice.random() < 0.2 and len(text) - place > 30:
            words = dice.randint(2, 5)
            heading = " ".join(text[place : place + words]).capitalize()
            anchor = f"{heading.lower().replace(' ', '-')}-{place}"
            sections.append(Section(heading=heading, anchor=anchor, level=2, start=size))
            line, place = heading, place + words
        else:
            end = min(len(text), place + dice.randint(40, 120))
            line, place = _paragraph(text[place:end], dice), end
        lines.append(line)
        size += len(line) + 1
    return "\n".join(lines), tuple(sections)


def _paragraph(words: list[str], dice: random.Random) -> str:
    cuts = [0, *range(dice.randint(6, 18), len(words) - 3, dice.randint(8, 20)), len(words)]
    return " ".join(f"{' '.join(words[start:end]).capitalize()}." for start, end in pairwise(cuts))


def markdown(post: Post) -> str:
    """The file that *post* could have been read from."""
    return f"---\ntitle: {post.title}\ndate: {post.date}\ntags: [{', '.join(post.tags)}]\n---\n\n{_marked(post)}\n"


def _marked(post: Post) -> str:
    starts = {section.start: section.level for section in post.sections}
    lines: list[str] = []
    place = 0
    for line in post.body.split("\n"):
        lines.append(f"{'#' * starts[place]} {line}" if place in starts else line)
        place += len(line) + 1
    return "\n\n".join(lines)


def write(made: list[Post], folder: Path) -> None:
    """Write the Markdown files of *made* below *folder*."""
    for year in {Path(post.id).parent for post in made}:
        (folder / year).mkdir(parents=True, exist_ok=True)
    for post in made:
        (folder / post.id).write_text(markdown(post), "utf-8")


def main() -> None:
    """Write posts, for a look at them."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--posts", type=int, default=10_000)
    arguments.add_argument("--seed", type=int, default=1)
    chosen = arguments.parse_args()
    write(posts(chosen.posts, chosen.seed), chosen.folder)


if __name__ == "__main__":
    main()
