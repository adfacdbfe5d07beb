"""Is a post's boost read from its front matter, and a wrong one named with its line?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.boost import LEAST, MOST, boost
from indexer.metadata import metadata
from tests.indexer.conftest import came_to, post_of, under


@pytest.mark.parametrize(
    ("front_matter", "factor"),
    [
        ("title: A", 1.0),
        ("search: {boost: 2}", 2.0),
        ("search:\n  boost: 0.1", 0.1),
        ("search: {boost: '10'}", 10.0),
        ("extra:\n  search: {boost: 2.5}", 2.5),
        ("search: {boost: }", 1.0),
        ("search: {}", 1.0),
        ("search: true", 1.0),
    ],
)
def test_a_boost_is_read(front_matter: str, factor: float) -> None:
    assert post_of(under(f"title: A\n{front_matter}")).boost == factor


def test_a_boost_is_read_from_toml_and_json() -> None:
    assert post_of("+++\ntitle = 'A'\n[search]\nboost = 2.5\n+++\nText.").boost == 2.5
    assert post_of('{"title": "A", "search": {"boost": 2.5}}\nText.').boost == 2.5


@pytest.mark.parametrize(
    "written", ["0", "0.09", "10.1", "-2", "1e1", "nan", "inf", "much", "1_0", "\u0662", "[2]", "{a: 2}"]
)
def test_a_wrong_boost_is_named_with_its_line_and_counts_as_none(written: str) -> None:
    found = came_to(under(f"title: A\nsearch:\n  boost: {written}"))
    assert found.post
    assert found.post.boost == 1.0
    ((line, reason),) = found.remarks
    assert line == 3
    assert reason.startswith("search.boost: ")
    assert reason.endswith(" is not a number from 0.1 to 10")


@given(st.recursive(st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.just("boost"), inner)))
def test_no_value_gives_a_boost_out_of_bounds(value: object) -> None:
    for entry in (value, {"boost": value}):
        factor, remarks = boost(metadata([("search", entry, 2)]))  # type: ignore[list-item]
        assert LEAST <= factor <= MOST
        assert factor == 1.0 or not remarks


@pytest.mark.parametrize(
    ("written", "is_evergreen"), [("true", True), ("yes", True), ("false", False), ("maybe", False)]
)
def test_a_post_can_be_evergreen(written: str, is_evergreen: bool) -> None:
    assert post_of(under(f"title: A\nevergreen: {written}")).evergreen is is_evergreen


def test_a_post_can_name_the_one_that_has_taken_its_place() -> None:
    assert post_of(under("title: A\nsuperseded_by: 2024/new.md")).superseded_by == "2024/new.md"
    assert post_of(under("title: A\nsupersededBy: [1, 2]")).superseded_by == ""


def test_a_post_that_is_excluded_from_search_is_hidden_by_that_name() -> None:
    assert came_to(under("title: A\nsearch: {exclude: true, boost: 2}")).hidden == "search.exclude: true"
