"""Does the fast engine find what the simple one finds, whatever is held and whatever is asked?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from indexer import words
from indexer.curation import Curation
from indexer.engine import FACETS, Engine, Searchable
from indexer.post import Post
from indexer.query import SORTS, Query
from indexer.results import Hit, Results
from indexer.search import search
from indexer.suggestions import suggest
from tests.conftest import make_post
from tests.engines.conftest import ENGINES, PERSISTENT
from tests.engines.reference import ReferenceEngine

AUTHORS = ("Ann", "ann", "José", "Jose", "Ann B")
LANGUAGES = ("", "", "en", "pt", "pt-br", "pt-pt", "zh-hans-cn")
VOCABULARY = """
    flask whoosh post Posts posted the and to be café cafe CAFE\u0301 Ünïcode 服务网格 网格 服 格子 foo_bar
    h100 foo.bar **bold** don't C++ Straße strasse 2023-08-14 ﬁne OpenSearch search --foo .NET
"""
TYPOS = "flaks wosh whooosh pots posetd strase stras opensaerch sxrch caf".split()
JOINS = (" ", " ", " ", "\n", ", ", "-", "", "\x1e")
TAGS = (
    "Service Mesh",
    "service-mesh",
    "SERVICE_MESH",
    "Café",
    "cafe",
    "c++",
    "C",
    "网格",
    "the",
    "Flask",
    "a,b",
)
DATES = (None, "2022-12-31", "2023-08-14", "2023-08-14T00:00:00Z", "2023-08-14T12:07:00Z", "2024-01-01")
BOUNDS = (None, None, "2023", "2023-08", "2023-08-14", "2023-08-14T12:07", "2023-08-14T12:07:00Z", "2024")
IDS = tuple(f"{folder}{name}.md" for folder in ("", "b/", "a b/") for name in ("a", "B", "c", "ä", "网"))

# A few words come often, so that many posts have several of them.
few_words = st.sampled_from(VOCABULARY.split()[:4])
any_words = st.sampled_from(VOCABULARY.split())


@st.composite
def texts(draw: st.DrawFn, least: int, most: int) -> str:
    listed = st.lists(st.tuples(few_words | any_words, st.sampled_from(JOINS)), min_size=least, max_size=most)
    return "".join(word + join for word, join in draw(listed))


contents: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {
        "title": texts(1, 2),
        "description": texts(0, 2),
        "body": texts(2, 6),
        "date": st.sampled_from(DATES),
        "tags": st.lists(st.sampled_from(TAGS), max_size=3, unique_by=words.fold_tag).map(tuple),
        "categories": st.lists(st.sampled_from(TAGS), max_size=2, unique_by=words.fold_tag).map(tuple),
        "authors": st.lists(st.sampled_from(AUTHORS), max_size=2, unique_by=words.fold_tag).map(tuple),
        "language": st.sampled_from(LANGUAGES),
        "boost": st.sampled_from((1.0, 1.0, 1.0, 0.1, 2.5, 10.0)),
        "evergreen": st.sampled_from((False, False, True)),
        "superseded_by": st.sampled_from(("", "", "", "a.md", "/elsewhere/", "nowhere.md")),
    }
)


@st.composite
def batches(draw: st.DrawFn) -> list[Post]:
    """Posts to put at once; some are the same but for their ids, so that scores are equal and lists long."""
    alike = draw(st.lists(st.tuples(contents, st.lists(st.sampled_from(IDS), min_size=1)), min_size=2, max_size=6))
    return [make_post(id=id, **content) for content, ids in alike for id in ids]


@dataclass(frozen=True)
class Change:
    put: list[Post]
    drop: list[str]

    def apply(self, engine: Engine) -> None:
        put = {post.id for post in self.put}
        engine.apply(put=iter(self.put), drop=[id for id in self.drop if id not in put])


drops = st.lists(st.sampled_from(IDS), max_size=4)
histories = st.builds(
    lambda first, later: [first, *later],
    st.builds(Change, batches(), drops),
    st.lists(st.builds(Change, st.just([]) | batches(), drops), max_size=2),
)

phrases = texts(1, 2).map(lambda text: f'"{text}"')
tags = st.sampled_from(TAGS).map(lambda tag: f'tag:"{tag}"') | st.sampled_from(TAGS).map("tag:{}".format)
beginnings = any_words.flatmap(lambda word: st.integers(1, len(word)).map(lambda length: word[:length] + "*"))
labels = st.one_of(
    st.sampled_from(TAGS).map('category:"{}"'.format),
    st.sampled_from(AUTHORS).map('author:"{}"'.format),
    st.sampled_from(("en", "PT", "pt_br", "zh", "zh-hans")).map("lang:{}".format),
    st.sampled_from(("2022", "2023", "soon")).map("year:{}".format),
)
titled = (any_words | phrases | beginnings).map("title:{}".format)
bounds = st.builds("{}:{}".format, st.sampled_from(("after", "before")), st.sampled_from(BOUNDS[2:]))
mistakes = st.sampled_from(["after:soon", "-before:2024", "tag:", "author: ann", 'lang:" "', "title:!?", "flask OR"])
words_and_tags = any_words | phrases | tags | beginnings
pieces = words_and_tags | labels | titled


def asked_of(pieces: st.SearchStrategy[str], others: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Questions of a few words and, some of them, a few such pieces, forbidden or joined, or others."""
    clauses = st.one_of(
        pieces,
        pieces.map("-{}".format),
        st.lists(pieces, min_size=2, max_size=3).map(" OR ".join),
        st.sampled_from(["!?", "OR", "name:flask", "-", '"', "*"]),
        others,
    )
    return st.builds(
        lambda wanted, others: " ".join(wanted + others),
        st.lists(few_words | any_words | st.sampled_from(TYPOS), max_size=3),
        st.lists(clauses, max_size=1) | st.lists(clauses, max_size=3),
    )


asked_texts = asked_of(pieces, bounds | mistakes)
stock_texts = asked_of(words_and_tags, mistakes)
narrowings = st.fixed_dictionaries(
    {},
    optional={
        "tag": st.lists(st.sampled_from(TAGS), max_size=1),
        "tag_any": st.lists(st.sampled_from(TAGS), max_size=2),
        "tag_not": st.lists(st.sampled_from(TAGS), max_size=1),
        "category": st.lists(st.sampled_from(TAGS), max_size=2),
        "year": st.lists(st.sampled_from(("2022", "2023", "2024", "1999", "soon")), max_size=2),
        "lang": st.lists(st.sampled_from(("en", "PT", "pt_br", "de")), max_size=2),
        "after": st.sampled_from(BOUNDS),
        "before": st.sampled_from(BOUNDS),
    },
)
half_lives = st.sampled_from((0.0, 0.0, 1.0, 365.0))
questions = st.builds(
    lambda text, sort, half_life, narrowing: {
        "text": text,
        "sort": sort,
        "curation": Curation(recency=half_life),
        **narrowing,
    },
    asked_texts,
    st.sampled_from(SORTS),
    half_lives,
    st.just({}) | st.just({}) | narrowings,
)


@pytest.mark.parametrize("name", PERSISTENT)
@given(history=histories, asked=st.lists(questions, min_size=8, max_size=8))
def test_an_engine_answers_as_the_reference_does(name: str, history: list[Change], asked: list[dict[str, Any]]) -> None:
    reference = ReferenceEngine()
    with opened(name) as fresh:
        fresh.apply()
        for change in history:
            apply_to_both(change, fresh, reference)
        for question in asked:
            right = search(reference, **question, per_page=100, snippets=False, facets=FACETS)
            given = search(fresh, **question, per_page=100, snippets=False, facets=FACETS)
            event("with all words" if right.total_all_words == right.total else "with some words below")
            assert figures(given) == figures(right), question
            assert list(map(set, ids_of(given))) == list(map(set, ids_of(right))), question
            assert_ordered(given, right, question)


typed = any_words.flatmap(lambda word: st.integers(1, len(word)).map(lambda length: word[:length]))


@pytest.mark.parametrize("name", PERSISTENT)
@given(history=histories, asked=st.lists(st.builds(str.__add__, texts(0, 1), typed), min_size=6, max_size=6))
def test_an_engine_suggests_what_the_reference_does(name: str, history: list[Change], asked: list[str]) -> None:
    reference = ReferenceEngine()
    with opened(name) as fresh:
        fresh.apply()
        for change in history:
            apply_to_both(change, fresh, reference)
        for text in asked:
            right, given = suggest(reference, text, 99), suggest(fresh, text, 99)
            assert (given.tags, given.words) == (right.tags, right.words), text
            assert {hit.id for hit in given.titles} == {hit.id for hit in right.titles}, text
        for id in IDS:
            alike, found = reference.related(id, 99), fresh.related(id, 99)
            assert (alike is None) == (found is None)
            scores = {hit.id: hit.score for hit in alike or ()}
            assert {hit.id: hit.score for hit in found or ()} == pytest.approx(scores)
            assert [(-hit.score, hit.id) for hit in found or ()] == sorted((-hit.score, hit.id) for hit in found or ())


@contextmanager
def opened(name: str) -> Iterator[Engine]:
    """A new engine, on a new folder."""
    with TemporaryDirectory() as folder, closing(ENGINES[name](Path(folder) / "index")) as fresh:
        yield fresh


def apply_to_both(change: Change, engine: Engine, reference: ReferenceEngine) -> None:
    held, generation = dict(engine.digests()), engine.generation
    for each in (engine, reference):
        change.apply(each)
    assert dict(engine.digests()) == reference.digests()
    assert (engine.generation != generation) == (dict(engine.digests()) != held)
    assert engine.tags() == reference.tags()
    assert counts(engine) == counts(reference)
    assert [engine.post(id) for id in IDS] == [reference.post(id) for id in IDS]


def counts(engine: Searchable) -> tuple[int, int, int]:
    stats = engine.stats()
    return stats.posts, stats.words, stats.tags


def figures(results: Results) -> tuple[object, ...]:
    facets: Mapping[str, object] = results.facets
    told = results.missing, results.left_out, results.did_you_mean, results.without, facets
    return results.total, results.total_all_words, results.total_corrected, *told


def parts(results: Results) -> Iterator[list[Hit]]:
    """The hits in groups, each in an order of its own: titles that begin so, all words, all put right, some."""
    title = Query.parse(results.query).headline if results.sort == "relevance" else ""
    first = results.hits[: results.total_all_words]
    titled = sum(title != "" and words.headline(hit.title).startswith(title) for hit in first)
    below = results.total_all_words + results.total_corrected
    for start, end in pairwise((0, titled, results.total_all_words, below, results.total)):
        yield list(results.hits[start:end])


def ids_of(results: Results) -> list[list[str]]:
    return [[hit.id for hit in part] for part in parts(results)]


def assert_ordered(given: Results, right: Results, question: dict[str, Any]) -> None:
    """By the sort asked for; by score then id where it is relevance, as scores are each engine's own."""
    if given.sort != "relevance" or not any(hit.score for hit in right.hits):
        assert ids_of(given) == ids_of(right), question
        return
    titled, *others = parts(given)
    assert [hit.id for hit in titled] == ids_of(right)[0], question
    for part in others:
        ranks = [(-hit.score, hit.id) for hit in part]
        assert ranks == sorted(ranks), question


@pytest.mark.parametrize("name", ENGINES)
@given(texts=st.lists(st.text(max_size=40), min_size=1, max_size=4))
def test_a_post_is_found_by_each_of_its_words_whatever_they_are(name: str, texts: list[str]) -> None:
    with opened(name) as fresh:
        fresh.apply(put=[make_post(id=f"{n}", body=text) for n, text in enumerate(texts)])
        for number, text in enumerate(texts):
            for token in words.tokens(text):
                word = text[token.start : token.end]
                assert str(number) in {hit.id for hit in search(fresh, f'"{word}"', per_page=100).hits}
                assert str(number) in {hit.id for hit in search(fresh, f"{word}", per_page=100).hits}


@pytest.mark.parametrize("name", ENGINES)
@given(text=st.text(), page=st.integers(1, 10**12))
def test_no_question_is_too_strange_to_be_answered(name: str, text: str, page: int) -> None:
    with opened(name) as fresh:
        fresh.apply(put=[make_post(body="flask " + text)])
        results = search(fresh, text, page=page)
        assert results.total <= 1
        assert Query.parse(text).is_hollow <= (results.total == 0)
