"""Can a key be asked for without knowing how its author spelt it, or where it stands?"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.metadata import Metadata, Value, clean, fold_key, metadata, texts


def made(**entries: Any) -> Metadata:
    return metadata((key, value, line) for line, (key, value) in enumerate(entries.items(), 1))


def values(found: Metadata, key: str) -> list[Value]:
    return [entry.value for entry in found.every(key)]


@pytest.mark.parametrize("spelling", ["publishDate", "publish-date", "Publish_Date", "PUBLISHDATE", "publish date"])
def test_the_spellings_of_a_key_are_one(spelling: str) -> None:
    assert fold_key(spelling) == "publishdate"
    assert metadata([(spelling, "x", 1)]).text("publishdate") == "x"


def test_the_last_of_a_doubled_key_holds() -> None:
    found = metadata([("Title", "first", 2), ("title", "last", 5)])
    assert found.text("title") == "last"
    assert [(entry.key, entry.line) for entry in found.doubled()] == [("Title", 2)]


def test_every_value_of_a_doubled_key_can_be_asked_for() -> None:
    found = metadata([("draft", "true", 1), ("Draft", "false", 2)])
    assert values(found, "draft") == ["true", "false"]


def test_a_key_given_once_is_not_doubled() -> None:
    assert list(made(title="a", tags="b").doubled()) == []


def test_the_first_key_with_a_text_is_taken() -> None:
    found = made(description="", summary=" \n ", excerpt=["a"], teaser="yes")
    assert found.text("description", "summary", "excerpt", "teaser") == "yes"
    assert found.text("nothing") == ""


def test_the_first_key_with_a_value_is_found() -> None:
    found = made(tag="", tags=["a"])
    entry = found.find("tag", "tags")
    assert entry is not None
    assert (entry.key, entry.value, entry.line) == ("tags", ["a"], 2)
    assert found.find("nothing") is None


@pytest.mark.parametrize("folder", ["taxonomies", "extra", "params"])
def test_keys_within_a_known_mapping_count_as_its_own(folder: str) -> None:
    found = made(**{folder: {"draft": "true", "Lang": "de"}})
    assert values(found, "draft") == ["true"]
    assert found.text("lang") == "de"


def test_a_key_of_its_own_wins_over_one_within_a_mapping() -> None:
    assert made(extra={"title": "inner"}, title="outer").text("title") == "outer"


@pytest.mark.parametrize("folder", ["taxonomies", "extra", "params"])
def test_a_key_within_a_mapping_is_never_forgotten_for_one_of_its_own(folder: str) -> None:
    found = made(**{folder: {"draft": "true"}, "draft": "false"})
    assert sorted(map(str, values(found, "draft"))) == ["false", "true"]


def test_blanks_and_lines_in_a_text_are_folded() -> None:
    assert made(title=" a\n  b\tc ").text("title") == "a b c"


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("a\x00b\x07c\x1bd\x7fe\x85f", "a b c d e f"),
        ("a\u2028b\u2029c", "a b c"),
        ("soft\u00adhyphen zero\u200bwidth word\u2060joiner \ufeffmark", "softhyphen zerowidth wordjoiner mark"),
        ("half\ud800pair", "half pair"),
        ("line\nand\ttab", "line\nand\ttab"),
        ("é e\u0301 服务 🙂", "é e\u0301 服务 🙂"),
    ],
)
def test_what_no_reader_sees_is_taken_out(text: str, seen: str) -> None:
    assert clean(text) == seen


@given(st.text())
def test_clean_text_can_be_written_and_stays_as_it_is(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode()
    assert clean(cleaned) == cleaned
    assert len(cleaned) <= len(text)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a", ["a"]),
        (["a", "b"], ["a", "b"]),
        ([["a"], "b"], ["a", "b"]),
        ({"name": "Ann"}, ["Ann"]),
        ([{"name": "Ann"}, {"title": "Ben"}], ["Ann", "Ben"]),
        ({"other": "x"}, []),
        ({"name": ["x"]}, []),
        ([], []),
    ],
)
def test_the_texts_in_a_value(value: Value, expected: list[str]) -> None:
    assert list(texts(value)) == expected


@pytest.mark.parametrize(
    "value",
    [
        {"name": "Ann", "title": "Editor"},
        {"name": "Ann", "url": "https://example.org/ann"},
        {"name": "Ann", "src": "ann.png", "path": "/ann"},
    ],
)
def test_a_mapping_is_named_once(value: dict[str, Value]) -> None:
    assert list(texts(value)) == ["Ann"]
