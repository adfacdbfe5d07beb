"""Does the one way to ask keep to its bounds, and hand the question on as it was put?"""

from __future__ import annotations

from typing import Any

import pytest

from indexer.errors import QueryError
from indexer.search import MOST_PER_PAGE, search
from tests.conftest import make_post
from tests.engines.reference import ReferenceEngine


@pytest.fixture
def engine() -> ReferenceEngine:
    held = ReferenceEngine()
    held.apply(put=[make_post("Flask", date="2023-08-14", tags=("python",)), make_post("Mesh", date="2024-01-31")])
    return held


@pytest.mark.parametrize(
    ("param", "value", "advice"),
    [
        ("sort", "best", "choose one of relevance, newest, oldest, title"),
        ("sort", "", "choose one of"),
        ("page", 0, "count from 1"),
        ("page", -1, "count from 1"),
        ("per_page", 0, f"1 to {MOST_PER_PAGE}"),
        ("per_page", MOST_PER_PAGE + 1, f"1 to {MOST_PER_PAGE}"),
        ("after", "yesterday", "'yesterday' is not a date such as 2024"),
        ("before", "2023-02-30", "'2023-02-30' is not a date such as"),
    ],
)
def test_what_is_out_of_bounds_is_named_with_what_to_do(
    engine: ReferenceEngine, param: str, value: object, advice: str
) -> None:
    out_of_bounds: dict[str, Any] = {param: value}
    with pytest.raises(QueryError) as raised:
        search(engine, "flask", **out_of_bounds)
    assert raised.value.param == param
    assert advice in str(raised.value)


@pytest.mark.parametrize("text", ['"', "tag:", "-", "((", "a AND (b", "\udcff", "\x00", "x" * 100_000, "OR OR OR"])
def test_the_text_is_never_out_of_bounds(engine: ReferenceEngine, text: str) -> None:
    assert search(engine, text).query == text


def test_a_question_without_words_lists_every_post_newest_first(engine: ReferenceEngine) -> None:
    results = search(engine)
    assert [hit.title for hit in results.hits] == ["Mesh", "Flask"]
    assert (results.page, results.per_page, results.sort, results.query) == (1, 10, "relevance", "")


def test_the_most_posts_to_a_page_are_allowed(engine: ReferenceEngine) -> None:
    assert search(engine, per_page=MOST_PER_PAGE).total == 2


@pytest.mark.parametrize("empty", [None, ""])
def test_an_empty_bound_is_none(engine: ReferenceEngine, empty: str | None) -> None:
    assert search(engine, after=empty, before=empty).total == 2


@pytest.mark.parametrize(
    ("after", "before", "total"), [("2023", "2024", 1), ("Jan 31, 2024", None, 1), (None, "2023", 0)]
)
def test_dates_narrow_the_list(engine: ReferenceEngine, after: str | None, before: str | None, total: int) -> None:
    assert search(engine, after=after, before=before).total == total


def test_tags_given_apart_narrow_what_the_words_find(engine: ReferenceEngine) -> None:
    assert search(engine, "flask mesh", tag=iter(["Python"])).total == 1
    assert search(engine, "flask mesh", tag_not=["python"]).total == 1
    assert search(engine, tag_any=["python", "unknown"]).total == 1


def test_punctuation_with_a_tag_lists_the_posts_of_the_tag(engine: ReferenceEngine) -> None:
    assert search(engine, "!?", tag=["python"]).total == 1


def test_the_facets_asked_for_may_come_from_an_iterator(engine: ReferenceEngine) -> None:
    assert set(search(engine, facets=iter(["tags"])).facets) == {"tags"}


def test_an_answer_says_how_long_it_took(engine: ReferenceEngine) -> None:
    assert 0 < search(engine, "flask").took_ms < 10_000


@pytest.mark.parametrize(("per_page", "pages"), [(1, 2), (2, 1), (3, 1)])
def test_an_answer_says_how_many_pages_there_are(engine: ReferenceEngine, per_page: int, pages: int) -> None:
    assert search(engine, per_page=per_page).pages == pages
