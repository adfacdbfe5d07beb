"""Do the author's expectations of answers hold back what does not meet them?"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from extras.expectations import Expectation, read
from indexer.errors import BuildRefusedError, IndexMissingError, SettingsError
from indexer.settings import Settings
from indexer.sync import sync
from tests.indexer.conftest import fill, under
from tests.indexer.test_sync import found

POSTS = {
    "bread.md": under("title: Bread\ntags: [baking]", "bread"),
    "more.md": under("title: Of bread", "bread"),
    "other.md": under("title: Other", "bread with butter"),
    "last.md": under("title: Last", "bread or " + "none " * 50),
}


@pytest.fixture
def site(tmp_path: Path) -> Settings:
    fill(tmp_path / "content", dict(POSTS))
    return Settings(content=tmp_path / "content", index=tmp_path / "index", search_tests=tmp_path / "search-tests.yml")


def expect(site: Settings, text: str) -> Settings:
    site.search_tests.write_text(text, "utf-8")
    return site


@pytest.mark.parametrize(
    "text",
    [
        "- {query: bread, first: bread.md}",
        "- {query: bread, first: /bread/}",
        "- {query: bread, top: [bread.md, more.md], never: nowhere.md}",
        "- {query: bread, tag: baking, first: bread.md, never: [more.md, /other/]}",
        "- {query: 2024-13-45, never: nowhere.md}",
        "- {query: !!int foo, never: nowhere.md}",
        "- {query: no}",
        "",
        "# nothing yet",
    ],
)
def test_a_build_that_answers_as_expected_is_published(site: Settings, text: str) -> None:
    assert sync(expect(site, text)).search_tests == text.count("query")
    assert "bread.md" in found(site, "bread")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{query: bread, first: last.md}", "`bread`: last.md should be first, but is number 5; bread.md is"),
        (
            "{query: bread, top: [bread.md, last.md]}",
            "`bread`: last.md should be among the first three, but is number 5",
        ),
        ("{query: butter, never: /other/}", "`butter`: /other/ should not be found, but is number 1"),
        ("{query: cheese, first: bread.md}", "`cheese`: bread.md should be first, but is not found"),
        ("{query: bread, top: draft.md}", "draft.md should be among the first three, but is no public post"),
    ],
)
def test_a_build_that_answers_otherwise_is_not(site: Settings, text: str, said: str) -> None:
    sync(site)
    fill(site.content, {"new.md": under("title: New", "bread")})
    with pytest.raises(BuildRefusedError, match="nothing was published") as raised:
        sync(expect(site, f"- {text}"))
    assert said in str(raised.value)
    assert found(site, "new") == []


def test_a_first_build_that_answers_otherwise_publishes_nothing(site: Settings) -> None:
    with pytest.raises(BuildRefusedError):
        sync(expect(site, "- {query: bread, first: last.md}"))
    with pytest.raises(IndexMissingError):
        found(site, "bread")


def test_a_build_without_news_still_tries_what_is_held(site: Settings) -> None:
    sync(site)
    with pytest.raises(BuildRefusedError):
        sync(expect(site, "- {query: bread, first: last.md}"))
    assert sync(expect(site, "- {query: bread, first: bread.md}")).unchanged == 4


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [", "line 1: is not YAML"),
        ("- {query: a}\n- {query: b, frist: c}", "test 2: Object contains unknown field `frist`"),
        ("- {first: a}", "test 1: Object missing required field `query`"),
        ("query: a", "is not a list of tests"),
        ("- {query: [a]}", "test 1: Expected `str`"),
        ("- &a [*a]", ""),
        ("[" * 2000, ""),
        ("\x00", "is not YAML"),
    ],
)
def test_a_broken_file_says_what_is_wrong_and_where(site: Settings, text: str, said: str) -> None:
    with pytest.raises(SettingsError) as raised:
        sync(expect(site, text))
    assert str(raised.value).startswith(str(site.search_tests))
    assert said in str(raised.value)


def test_without_a_file_nothing_is_expected(site: Settings) -> None:
    assert read(site.search_tests) == ()
    assert sync(site).search_tests == 0


def test_a_question_may_have_tags(site: Settings) -> None:
    assert sync(expect(site, "- {query: '', tag: [baking], never: more.md}")).search_tests == 1
    assert Expectation(query="a", tag="b") == Expectation(query="a", tag="b")


def test_pins_and_synonyms_are_tried_with_the_answers(site: Settings) -> None:
    settings = dataclasses.replace(expect(site, "- {query: bread, first: last.md}"), pins={"bread": ("last.md",)})
    assert sync(settings).search_tests == 1
    with pytest.raises(BuildRefusedError):
        sync(site)
