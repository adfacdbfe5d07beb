"""Are the values of a facet found by their beginning?"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.errors import QueryError
from indexer.facets import facet_values
from indexer.results import Facet
from indexer.search import search
from indexer.words import fold_tag
from tests.conftest import make_post
from tests.engines.reference import ReferenceEngine

ENGINE = ReferenceEngine()
ENGINE.apply(
    put=[
        make_post(id="a", body="flask", tags=("Python", "Pyramid"), categories=("News",), date="2023-01-01"),
        make_post(id="b", body="flask", tags=("python", "Service Mesh"), date="2024-01-01"),
        make_post(id="c", body="whoosh", tags=("Pylons", "Café", "C++"), date="2024-01-01"),
    ]
)


def values(prefix: str, facet: str = "tags", **asked: Any) -> list[tuple[str, int]]:
    return [(one.value, one.count) for one in facet_values(ENGINE, facet, prefix, **asked)]


def test_values_that_begin_so_come_most_frequent_first() -> None:
    assert values("py") == [("Python", 2), ("Pylons", 1), ("Pyramid", 1)]
    assert facet_values(ENGINE, "years") == (Facet("2024", 2), Facet("2023", 1))


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [("PY", 3), (" pyt", 1), ("SERVICE m", 1), ("service_", 1), ("cafe", 1), ("CAFÉ", 1), ("c+", 1), ("ython", 0)],
)
def test_a_beginning_is_compared_as_tags_are(prefix: str, expected: int) -> None:
    assert len(values(prefix)) == expected


def test_they_are_counted_under_the_question() -> None:
    assert values("py", text="flask") == [("Python", 2), ("Pyramid", 1)]
    assert values("py", text="flask", category=["news"], after="2023") == [("Pyramid", 1), ("Python", 1)]
    assert values("p", tag_any=["pylons"]) == values("p")


def test_what_is_chosen_says_so() -> None:
    assert facet_values(ENGINE, "tags", "pyl", tag=["pylons"]) == (Facet("Pylons", 1, True),)


def test_there_are_no_more_than_the_limit() -> None:
    assert values("py", limit=2) == [("Python", 2), ("Pylons", 1)]


@pytest.mark.parametrize(
    ("asked", "param"),
    [({"limit": 0}, "limit"), ({"limit": 101}, "limit"), ({"facet": "colour"}, "facet"), ({"after": "x"}, "after")],
)
def test_what_is_out_of_bounds_is_named(asked: dict[str, Any], param: str) -> None:
    with pytest.raises(QueryError) as raised:
        values("py", **asked)
    assert raised.value.param == param


@given(prefix=st.text() | st.sampled_from(["py", "PYTHON", "service-"]), text=st.text(max_size=9))
def test_any_beginning_is_answered_with_what_the_search_counts(prefix: str, text: str) -> None:
    counted = search(ENGINE, text).facets["tags"]
    assert set(facet_values(ENGINE, "tags", prefix, text=text)) <= set(counted)
    for one in counted:
        assert one in facet_values(ENGINE, "tags", fold_tag(one.value), text=text)
