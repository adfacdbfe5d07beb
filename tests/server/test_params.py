"""Are the parameters of an address read as they are written?"""

from __future__ import annotations

from dataclasses import fields
from itertools import chain
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import QueryError, facets
from indexer.query import SORTS
from indexer.search import MOST_PER_PAGE
from server.params import BOUNDS, LONGEST, LONGEST_OTHER, MOST_VALUES, Params
from server.params import given as given_in

visible = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=9).filter(str.strip)
tags = st.lists(visible, max_size=3).map(tuple)


@given(
    st.builds(
        Params,
        q=st.just("") | visible,
        tag=tags,
        tag_any=tags,
        tag_not=tags,
        category=tags,
        year=tags,
        lang=tags,
        after=st.just("") | visible,
        sort=st.sampled_from(SORTS),
        page=st.sampled_from(BOUNDS["page"]),
        per_page=st.sampled_from(BOUNDS["per_page"]),
        facets=st.sampled_from(["tags", "years,tags", "x"]),
    )
)
def test_an_address_asks_for_what_it_was_made_of(params: Params) -> None:
    assert Params.read(parse_qs(params.query_string, keep_blank_values=True)) == params


def test_what_goes_without_saying_is_not_in_the_address() -> None:
    assert Params().query_string == ""
    assert Params(q="a b", tag=("x", "y")).query_string == "q=a+b&tag=x&tag=y"


def test_empty_parameters_count_as_not_given() -> None:
    empty = {field.name: [""] for field in fields(Params)}
    assert Params.read(empty) == Params()


def test_unknown_parameters_are_passed_over() -> None:
    assert Params.read({"utm_source": ["a", "b"], "q": ["x"]}) == Params(q="x")


@pytest.mark.parametrize("name", ["q", "after", "before", "sort", "page", "per_page", "facets"])
def test_what_can_be_given_once_is_refused_twice(name: str) -> None:
    with pytest.raises(QueryError, match=name) as refused:
        Params.read({name: ["1", "1"]})
    assert refused.value.param == name


@pytest.mark.parametrize("name", ["page", "per_page"])
@pytest.mark.parametrize("text", ["x", "1.5", "1_0", "１", "0x1", "1e3", "--1", "+1", " 1", " ", "9" * 10, "1\n2"])
def test_a_number_has_to_be_one(name: str, text: str) -> None:
    with pytest.raises(QueryError, match="whole number") as refused:
        Params.read({name: [text]})
    assert refused.value.param == name


def test_a_question_is_read_up_to_its_longest() -> None:
    assert Params.read({"q": ["x" * LONGEST]}).q == "x" * LONGEST
    with pytest.raises(QueryError, match="2,048 characters"):
        Params.read({"q": ["x" * (LONGEST + 1)]})


def test_a_character_counts_once_however_many_bytes_it_takes() -> None:
    assert Params.read({"q": ["é" * LONGEST], "tag": ["搜" * LONGEST_OTHER]}).q == "é" * LONGEST


@pytest.mark.parametrize("name", ["page", "per_page"])
def test_a_number_is_within_its_bounds(name: str) -> None:
    bounds = BOUNDS[name]
    for number in (bounds[0], bounds[-1]):
        assert getattr(Params.read({name: [str(number)]}), name) == number
    for number in (bounds[0] - 1, bounds[-1] + 1):
        with pytest.raises(QueryError, match=f"1 to {bounds[-1]:,}") as refused:
            Params.read({name: [str(number)]})
        assert refused.value.param == name


def test_the_bounds_are_those_of_a_search() -> None:
    assert (BOUNDS["per_page"][-1], BOUNDS["limit"][-1]) == (MOST_PER_PAGE, facets.MOST_VALUES)


def test_a_question_is_bounded_in_bytes_too() -> None:
    assert Params.read({"q": ["搜" * 1365]}).q
    with pytest.raises(QueryError, match="4,096 bytes") as refused:
        Params.read({"q": ["搜" * 1366]})
    assert refused.value.param == "q"


@pytest.mark.parametrize("name", ["tag", "tag_any", "tag_not", "category", "year", "lang", "after", "sort", "facets"])
def test_every_other_text_is_bounded(name: str) -> None:
    assert Params.read({name: ["x" * LONGEST_OTHER]}) != Params()
    with pytest.raises(QueryError, match=f"the parameter {name} has at most 200 characters") as refused:
        Params.read({name: ["x" * (LONGEST_OTHER + 1)]})
    assert refused.value.param == name


@pytest.mark.parametrize("name", ["tag", "tag_any", "tag_not", "category", "year", "lang"])
def test_what_may_be_repeated_may_be_so_a_number_of_times(name: str) -> None:
    assert Params.read({name: ["x"] * MOST_VALUES}) != Params()
    with pytest.raises(QueryError, match="given 33 times, but may be given 32 times") as refused:
        Params.read({name: ["x"] * (MOST_VALUES + 1)})
    assert refused.value.param == name


@given(st.binary(max_size=60))
def test_any_bytes_of_an_address_are_read(raw: bytes) -> None:
    for text in (raw.decode("latin-1"), f"q={raw.decode('latin-1')}"):
        names = given_in({"QUERY_STRING": text})
        "".join(chain(names, *names.values())).encode()


def test_a_changed_question_begins_at_its_first_page() -> None:
    params = Params(q="x", page=3)
    assert params.but(sort="newest") == Params(q="x", sort="newest")
    assert params.but(page=4) == Params(q="x", page=4)
