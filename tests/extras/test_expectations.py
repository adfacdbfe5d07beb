"""Do the author's expectations of answers hold back what does not meet them?"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from extras.expectations import failures, read
from indexer.curation import UNCURATED
from indexer.due import due
from indexer.engines import open_engine
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
    "draft.md": under("title: Bread\ndraft: true", "bread"),
}


@pytest.fixture
def site(tmp_path: Path) -> Settings:
    fill(tmp_path / "content", dict(POSTS))
    tests = tmp_path / "search-tests.yml"
    return Settings(content=tmp_path / "content", index=tmp_path / "index", search_tests=tests, jobs=1)


def expect(site: Settings, text: str) -> Settings:
    site.search_tests.write_text(text, "utf-8")
    return site


@pytest.mark.parametrize(
    "text",
    [
        "- {query: bread, first: bread.md}",
        "- {query: bread, first: /bread/}",
        "- {query: bread, top: [bread.md, more.md], never: draft.md}",
        "- {query: bread, tag: baking, first: bread.md, never: [more.md, /other/]}",
        "- {query: '', tag: [baking], never: more.md}",
        "- {query: bread, top: bread.md}\n- {query: 2024-13-45, never: bread.md}\n- {query: no, never: bread.md}",
        "",
        "# nothing yet",
        "[]",
    ],
)
def test_a_build_that_answers_as_expected_is_published(site: Settings, text: str) -> None:
    assert sync(expect(site, text)).search_tests == text.count("query")
    assert "bread.md" in found(site, "bread")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{query: bread, first: last.md}", "`bread`: last.md should be first, but is number 5 (instead: bread.md)"),
        (
            "{query: bread, top: [bread.md, last.md]}",
            "`bread`: last.md should be among the first three, but is number 5 (instead: bread.md, more.md, new.md)",
        ),
        ("{query: butter, never: /other/}", "`butter`: /other/ should not be found, but is number 1"),
        ("{query: cheese, first: bread.md}", "`cheese`: bread.md should be first, but is not found (instead: nothing)"),
        ("{query: bread, top: draft.md}", "draft.md should be among the first three, but is no public post"),
    ],
)
def test_a_build_that_answers_otherwise_is_not(site: Settings, text: str, said: str) -> None:
    sync(site)
    before = {path: path.read_bytes() for path in site.index.rglob("*") if path.is_file() and path.name != "seen"}
    fill(site.content, {"new.md": under("title: New bread", "bread")})
    with pytest.raises(BuildRefusedError, match="nothing was published") as raised:
        sync(expect(site, f"- {text}"))
    assert said in str(raised.value)
    assert found(site, "new") == []
    after = {path: path.read_bytes() for path in site.index.rglob("*") if path.is_file() and path.name != "seen"}
    assert after == before


def test_every_failure_is_named_in_one_line(site: Settings) -> None:
    with pytest.raises(BuildRefusedError) as raised:
        sync(expect(site, "- {query: bread, first: last.md, never: [more.md, other.md]}\n- {query: a, top: bread.md}"))
    said = str(raised.value)
    assert said.count("should") == 4
    assert "\n" not in said


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


def test_an_index_without_posts_is_tried_like_any_other(site: Settings) -> None:
    for name in POSTS.keys() - {"draft.md"}:
        (site.content / name).unlink()
    assert sync(site).posts == 0
    with pytest.raises(BuildRefusedError):
        sync(expect(site, "- {query: bread, first: draft.md}"))


def test_a_build_that_was_refused_leaves_the_moment_as_it_was(site: Settings) -> None:
    sync(site)
    fill(site.content, {"new.md": under("title: New\ndate: 2990-01-01")})
    with pytest.raises(BuildRefusedError):
        sync(expect(site, "- {query: bread, first: last.md}"))
    assert due(site) is None
    sync(expect(site, "- {query: bread, first: bread.md}"))
    assert due(site) is not None


def test_a_post_on_a_later_page_of_the_answer_is_found(site: Settings) -> None:
    fill(site.content, {f"{n:03}.md": under(f"title: Post {n:03}", "oats") for n in range(150)})
    sync(site)
    expected = read(expect(site, "- {query: oats, first: 120.md, never: [/149/, bread.md]}"))
    engine = open_engine(site)
    try:
        assert list(failures(engine, expected, UNCURATED)) == [
            "`oats`: 120.md should be first, but is number 121 (instead: 000.md)",
            "`oats`: /149/ should not be found, but is number 150",
        ]
    finally:
        engine.close()


def test_of_posts_at_one_address_the_better_one_counts(site: Settings) -> None:
    fill(site.content, {"z.md": under("title: Z\npermalink: /bread/", "bread " + "none " * 90)})
    assert sync(expect(site, "- {query: bread, first: /bread/}")).posts == 5


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [", ":1: is not YAML"),
        ("- query: a\n  first: b: c", ":2: is not YAML: mapping values are not allowed here"),
        ("- {query: a, top: bread.md}\n\n- {query: b, frist: c}", ":3: Object contains unknown field `frist`"),
        ("- {first: a}", ":1: Object missing required field `query`"),
        ("query: a", ":1: is not a list of tests"),
        ("just words", ":1: is not a list of tests"),
        ("- {query: [a]}", ":1: query: Expected `str`, got `array`"),
        ("- bread", ":1: is not a list of tests"),
        ("# what readers ask\n- query: a", ":2: expects nothing; say first, top or never"),
        ("- {query: a, top: [], never: [bread.md, '']}", ":1: never[1]: Expected `str` of length >= 1"),
        ("- query: a\n  never: more.md\n  never: last.md", ":1: says a key twice"),
        ("- {query: a, never: nowhere.md}", ":1: there is no post nowhere.md below "),
        (f"- {{query: a, never: {'a' * 5000}}}", ": cannot be read"),
        ("- {query: a, first: [/a/, /b/]}", ":1: first: Expected `array` of length <= 1"),
        ("- {query: a, first: /a/}\n---\n- {query: b, first: /b/}", ":2: is not YAML: but found another document"),
        ("- &a [*a]", ""),
        ("[" * 2000, ": cannot be read"),
        ("\x00", ":1: is not YAML: special characters are not allowed"),
    ],
)
def test_a_broken_file_says_what_is_wrong_and_where(site: Settings, text: str, said: str) -> None:
    with pytest.raises(SettingsError) as raised:
        sync(expect(site, text))
    assert str(raised.value).startswith(f"{site.search_tests}{said}")


pieces = (*"{}[]a\n?'", "- ", "query: ", "first: ", "never: ", ", ", "  ", "&a ", "*a", "!!int ")


@given(text=st.text() | st.lists(st.sampled_from(pieces)).map("".join))
@example(text="- {query: !!timestamp 2024-13-45, first: !!int a}")
def test_any_text_is_a_file_of_tests_or_a_mistake_of_its_author_s(
    text: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("any")
    (folder / "search-tests.yml").write_text(text, "utf-8", errors="surrogatepass")
    try:
        expected = read(Settings(content=folder, search_tests=folder / "search-tests.yml"))
        assert all(one.first or one.top or one.never for one in expected)
    except SettingsError as error:
        assert "search-tests.yml" in str(error)


def test_without_a_file_nothing_is_expected(site: Settings) -> None:
    assert read(site) == ()
    assert sync(site).search_tests == 0


def test_pins_and_synonyms_are_tried_with_the_answers(site: Settings) -> None:
    settings = replace(expect(site, "- {query: bread, first: last.md}"), pins={"bread": ("last.md",)})
    assert sync(settings).search_tests == 1
    with pytest.raises(BuildRefusedError):
        sync(site)


def test_a_file_that_has_a_name_of_its_own_has_to_be_there(site: Settings) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        sync(replace(site, search_tests=site.content / "questions.yml"))
