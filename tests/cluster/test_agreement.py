"""Do both engines find the same posts for the same questions, and nearly in the same order?"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import closing
from math import log2
from pathlib import Path
from statistics import mean

import pytest

from indexer import corpus, words
from indexer.engine import FACETS, Engine
from indexer.engines.whoosh import WhooshEngine
from indexer.extract import Extracted
from indexer.post import Post
from indexer.reading import options, read_all
from indexer.search import search
from indexer.settings import Settings
from tests.engines.conftest import on_the_cluster
from tests.test_corpora_table import COLLECTION

CONTENT = Path(__file__).parent.parent.parent / "content"
SITES = [CONTENT, *(sorted(one for one in COLLECTION.iterdir() if one.is_dir()) if COLLECTION.is_dir() else ())]

#: Posts of each site, and questions.
MOST, ASKED = 150, 40


def posts_of(site: Path) -> list[Post]:
    settings = Settings(content=site)
    files = [found for found in corpus.walk(site) if isinstance(found, corpus.File)]
    read = read_all(files[:: max(1, len(files) // MOST)], options(settings))
    return [one.post for one in read if isinstance(one, Extracted) and one.post]


def questions(posts: Sequence[Post]) -> Iterator[str]:
    """What readers may type: titles, some words of a text, a phrase, the beginning of a word, and a slip."""
    random.seed(1)
    for post in random.choices(posts, k=ASKED // 5):
        found = [token.word for token in words.tokens(post.body)] or ["nothing"]
        known = [word for word in found if word not in words.STOP_WORDS] or found
        place = random.randrange(len(found))
        long = max(random.choices(known, k=5), key=len)
        yield post.title
        yield " ".join(random.choices(known, k=3)) + " "
        yield f'"{" ".join(found[place : place + 3])}"'
        yield f"{random.choice(known)} {long[: len(long) // 2 + 1]}"
        yield long[:2] + long[3:] + " "


def agreement(given: Sequence[str], right: Sequence[str]) -> float:
    """The nDCG of the best ten of *given*, if the first of *right* gains ten, the second nine, and so on."""
    gains = {id: 10 - rank for rank, id in enumerate(right[:10])}
    best = sum(gain / log2(rank + 2) for rank, gain in enumerate(gains.values()))
    return sum(gains.get(id, 0) / log2(rank + 2) for rank, id in enumerate(given[:10])) / best if best else 1.0


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.name)
def test_both_engines_find_the_same_posts_nearly_in_the_same_order(site: Path, tmp_path: Path) -> None:
    posts = posts_of(site)
    if not posts:
        return
    with closing(WhooshEngine(tmp_path / "whoosh")) as whoosh, closing(on_the_cluster(tmp_path / "os")) as cluster:
        for engine in (whoosh, cluster):
            engine.apply(put=posts)
        alike = []
        for text in questions(posts):
            (right, figures), (given, others) = (answer(engine, text) for engine in (whoosh, cluster))
            assert others == figures, text
            assert len(right) == 100 or set(given) == set(right), text
            alike.append(agreement(given, right))
        assert mean(alike) >= 0.9


def answer(engine: Engine, text: str) -> tuple[list[str], tuple[object, ...]]:
    results = search(engine, text, per_page=100, snippets=False, facets=FACETS)
    told = results.total, results.total_all_words, results.total_corrected, results.missing, results.did_you_mean
    return [hit.id for hit in results.hits], (*told, dict(results.facets))
