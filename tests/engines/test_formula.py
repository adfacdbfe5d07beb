"""Does the fast engine rank by its formula, to the last place, however the posts are cut into segments?"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from math import prod
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from benchmarks.posts import posts as made_up
from benchmarks.questions import questions
from extras import explanation
from indexer.curation import Curation, Synonyms
from indexer.engines.whoosh import WhooshEngine
from indexer.engines.whoosh.generations import Generations
from indexer.post import Post
from indexer.query import Phrase, Query, Word
from indexer.results import Hit
from tests.engines.reference import ReferenceEngine, factors
from tests.engines.test_codec import publish
from tests.engines.test_versus import IDS, asked_texts, batches, half_lives

ALL = 10_000


@contextmanager
def both(cuts: Sequence[Sequence[Post]], deleted: Collection[str]) -> Iterator[tuple[WhooshEngine, ReferenceEngine]]:
    """Our engine with a segment for each of *cuts*, the posts *deleted* masked, and the reference with the rest."""
    reference = ReferenceEngine()
    with TemporaryDirectory() as folder:
        generations = Generations(Path(folder))
        with generations.fresh() as fresh:
            reference.apply(put=publish(fresh, *cuts, deleted=deleted))
            generations.publish(fresh, "cut")
        with closing(WhooshEngine(Path(folder))) as ours:
            yield ours, reference


def paged(engine: WhooshEngine, query: Query) -> Iterator[Hit]:
    """The hits of one page after the other."""
    page = 1
    while hits := engine.search(replace(query, page=page), facets=(), snippets=False).hits:
        yield from hits
        page += 1


def assert_ranked_alike(ours: WhooshEngine, reference: ReferenceEngine, query: Query, per_page: int) -> None:
    """On every place stands the post that the formula puts there, or one that it gives an equal score."""
    text = query.text
    right = reference.search(replace(query, per_page=ALL), facets=(), snippets=False)
    scores = {hit.id: hit.score for hit in right.hits}
    given = list(paged(ours, replace(query, per_page=per_page)))
    assert {hit.id: hit.score for hit in given} == pytest.approx(scores, rel=1e-6), text
    assert [scores[hit.id] for hit in given] == pytest.approx([hit.score for hit in right.hits], rel=1e-9), text
    pinned = [hit.id for hit in right.hits if hit.id in query.pinned]
    assert [hit.id for hit in given if hit.id in query.pinned] == pinned, text


def assert_explained_alike(ours: WhooshEngine, reference: ReferenceEngine, query: Query, id: str) -> None:
    """The formula gives the reasons, and they make up the score of the hit."""
    if post := reference.post(id):
        told, right = explanation.of(ours, query, post), explanation.of(reference, query, post)
        near = partial(pytest.approx, rel=1e-6, abs=1e-6)
        sums = [(word.texts, word.title) for word in right.words]
        assert [(word.texts, word.title) for word in told.words] == [near(sum) for sum in sums], query.text
        assert (told.nearness, told.score, told.page_ends_at or 0.0) == near(
            (right.nearness, right.score, right.page_ends_at or 0.0)
        ), query.text
        assert told.factors == near(factors(reference.posts, query, post))
        same = ("total", "on_top", "lacks", "kept_out_by")
        assert [getattr(told, name) for name in same] == [getattr(right, name) for name in same], query.text
        hits = list(paged(ours, query))
        assert told.rank == next((n for n, hit in enumerate(hits, 1) if hit.id == id), None), query.text
        assert told.score in [hit.score for hit in hits if hit.id == id] or told.rank is None, query.text
        worth = sum(word.texts + word.title for word in told.words) + told.nearness
        assert told.score == near(worth * prod(told.factors.values())), query.text


@st.composite
def cut_posts(draw: st.DrawFn) -> list[list[Post]]:
    """Posts in up to four segments, some of which may hold none."""
    posts = {post.id: post for post in draw(batches())}
    cuts: list[list[Post]] = [[], [], [], []]
    for post in posts.values():
        draw(st.sampled_from(cuts)).append(post)
    return cuts


pinnings = st.just(()) | st.lists(st.sampled_from(IDS), unique=True, max_size=3).map(tuple)
SYNONYMS: Synonyms = {
    (Word("flask"),): (Word("whoosh"), Phrase(("post", "posted"))),
    (Word("post"), Word("posts")): (Word("cafe"),),
}
synonyms: st.SearchStrategy[Synonyms] = st.sampled_from(({}, SYNONYMS))
queries = st.builds(
    lambda text, half_life, pinned, synonyms: replace(
        Curation(recency=half_life, synonyms=synonyms).of(Query.parse(text)), pinned=pinned
    ),
    asked_texts,
    half_lives,
    pinnings,
    synonyms,
)


@pytest.mark.timeout(400)  # a failure is made small first, which takes minutes
@given(cut_posts(), st.sets(st.sampled_from(IDS), max_size=5), st.lists(queries, min_size=6, max_size=6))
def test_every_place_is_that_of_the_formula(cuts: list[list[Post]], deleted: set[str], asked: list[Query]) -> None:
    with both(cuts, deleted) as (ours, reference):
        for number, query in enumerate(asked):
            assert_ranked_alike(ours, reference, query, per_page=(10, 3, 100)[number % 3])
            assert_explained_alike(ours, reference, query, IDS[number % len(IDS)])


@pytest.mark.parametrize("seed", [1, 2])
def test_so_it_is_for_posts_as_long_as_posts_are(seed: int) -> None:
    dice = random.Random(seed)
    posts = made_up(100, seed)
    cuts: list[list[Post]] = [[] for _ in range(dice.randint(2, 6))]
    for post in posts:
        dice.choice(cuts).append(post)
    deleted = {post.id for post in dice.sample(posts, dice.randint(0, 30))}
    with both(cuts, deleted) as (ours, reference):
        for each in questions(posts, 3, seed).values():
            for question in each:
                for text in (question.text, question.words[0]):
                    assert_ranked_alike(ours, reference, Query.parse(text), per_page=10)
