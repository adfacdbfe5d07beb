"""Does a heading have the anchor that its generator gives it?"""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown import Markdown
from markdown.extensions.toc import slugify as slugify_of_markdown

from indexer import anchors
from tests.indexer.conftest import post_of, under, within


def anchors_of(style: str, *headings: str) -> list[str]:
    """The anchors of *headings* as sections of a post."""
    body = "\n\n".join(f"## {heading}\n\nText." for heading in headings)
    return [section.anchor for section in post_of(under("title: A", body), anchors=style).sections]


@pytest.mark.parametrize(
    ("heading", "github", "kramdown", "markdown", "zola"),
    [
        ("Two words", "two-words", "two-words", "two-words", "two-words"),
        ("1. First step", "1-first-step", "first-step", "1-first-step", "1-first-step"),
        ("It's new!", "its-new", "its-new", "its-new", "it-s-new"),
        ("snake_case", "snake_case", "snakecase", "snake_case", "snake-case"),
        ("A & B", "a--b", "a--b", "a-b", "a-b"),
        ("Café", "café", "caf", "cafe", "cafe"),
        ("服务网格", "服务网格", "section", "_1", ""),
        ("`code` here", "code-here", "code-here", "code-here", "code-here"),
        ("v1.0", "v10", "v10", "v10", "v1-0"),
    ],
)
def test_an_anchor_is_what_the_generator_makes(
    heading: str, github: str, kramdown: str, markdown: str, zola: str
) -> None:
    assert anchors_of("github", heading) == [github]
    assert anchors_of("kramdown", heading) == [kramdown]
    assert anchors_of("markdown", heading) == [markdown]
    assert anchors_of("zola", heading) == [zola]


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        ("github", ["a", "a-1", "a-1-1", "a-2"]),
        ("markdown", ["a", "a_1", "a-1", "a_2"]),
        ("zola", ["a", "a-1", "a-1-1", "a-2"]),
    ],
)
def test_headings_of_one_text_have_anchors_of_their_own(style: str, expected: list[str]) -> None:
    assert anchors_of(style, "A", "A", "A 1", "A") == expected


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        # Hugo's page about `anchorize`.
        ("A B C", "a-b-c"),
        ("< a, b, & c >", "-a-b--c-"),
        ("main.go", "maingo"),
        ("Hugö", "hugö"),
        # The tests of github-slugger, which Astro and Docusaurus use.
        ("heading with a - dash", "heading-with-a---dash"),
        ("heading with an _ underscore", "heading-with-an-_-underscore"),
        ("heading with a period.txt", "heading-with-a-periodtxt"),
        ("I ♥ unicode", "i--unicode"),
        ("Dash-dash", "dash-dash"),
        ("en–dash", "endash"),
        ("😄 unicode emoji", "-unicode-emoji"),
        ("Профили пользователей", "профили-пользователей"),
        ("a b   c", "a-b---c"),
        # kramdown as Jekyll uses it: `\p{Word}` has marks of vowels in it, and no figures such as ².
        ("हिन्दी", "हिन्दी"),
        ("H² and x₂", "h-and-x"),
        ("½ a cup", "-a-cup"),
    ],
)
def test_an_anchor_is_what_github_documents(heading: str, anchor: str) -> None:
    assert anchors.github(heading) == anchor


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        # The page of kramdown about its HTML.
        ("This is a header", "this-is-a-header"),
        ("12. Another one 1 here", "another-one-1-here"),
        ("Do ^& it now", "do--it-now"),
        ("Hallo", "hallo"),
        ("123456789", "section"),
        ("Über", "ber"),
        ("", "section"),
    ],
)
def test_an_anchor_is_what_kramdown_documents(heading: str, anchor: str) -> None:
    assert anchors.kramdown(heading) == anchor


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        # The pages of Zola, and of the library that it asks.
        ("Something exciting!", "something-exciting"),
        ("test (hey)", "test-hey"),
        ("héhé", "hehe"),
        ("My Test String!!!1!1", "my-test-string-1-1"),
        ("test\nit   now!", "test-it-now"),
        ("  --test_-_cool", "test-cool"),
        ("user@example.com", "user-example-com"),
        ("Groß – ½ “so”…", "gross-1-2-so"),
    ],
)
def test_an_anchor_is_what_zola_documents(heading: str, anchor: str) -> None:
    assert anchors.zola(heading) == anchor


@given(
    st.lists(
        st.text("aAbZ019 -.,!äß服", max_size=6) | st.sampled_from(["a", "a_1", "a 1", "a-1", "服", "A"]), max_size=8
    )
)
def test_the_anchors_of_a_page_are_those_of_python_markdown(headings: list[str]) -> None:
    page = Markdown(extensions=["toc"]).convert("\n\n".join(f"## x{heading}x" for heading in headings))
    made = anchors.Anchors("markdown")
    assert [made.make(f"x{heading}x") for heading in headings] == re.findall('<h2 id="([^"]*)"', page)


def test_a_heading_without_latin_letters_has_the_number_that_python_markdown_gives_it() -> None:
    assert anchors_of("markdown", "服务", "网格", "A") == ["_1", "_2", "a"]


@pytest.mark.parametrize("style", anchors.RULES)
@given(headings=st.lists(st.text("aA1-_ 服!", max_size=4), max_size=12))
def test_no_two_headings_of_a_page_have_one_anchor(style: str, headings: list[str]) -> None:
    made = anchors.Anchors(style)
    found = [made.make(heading) for heading in headings]
    assert len(set(found)) == len(found)


def test_an_anchor_that_an_author_chose_is_made_for_no_other_heading() -> None:
    body = "## First {#a}\n\nText.\n\n## A\n\nText.\n\n## A\n\nText."
    assert [section.anchor for section in post_of(under("title: T", body)).sections] == ["a", "a-1", "a-2"]


def test_a_thousand_headings_of_one_text_have_anchors_in_time() -> None:
    made = anchors.Anchors("github")
    with within(1):
        assert [made.make("A") for _ in range(20_000)][-1] == "a-19999"


@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"]) | st.sampled_from("éüñ—·服"), max_size=20))
def test_the_anchors_of_python_markdown_are_those_of_its_extension(heading: str) -> None:
    assert anchors.python_markdown(heading) == slugify_of_markdown(heading, "-")


@pytest.mark.parametrize(
    ("heading", "github", "kramdown", "markdown", "zola"),
    [
        ("Two  blanks", "two--blanks", "two--blanks", "two-blanks", "two-blanks"),
        ("Two  `{{ x }}`", "two---x-", "two---x-", "two-x", "two-x"),
        ("Prêt\u00a0?", "prêt", "prt", "pret", "pret"),
    ],
)
def test_the_blanks_of_a_heading_are_the_rules_to_judge(
    heading: str, github: str, kramdown: str, markdown: str, zola: str
) -> None:
    assert anchors_of("github", heading) == [github]
    assert anchors_of("kramdown", heading) == [kramdown]
    assert anchors_of("markdown", heading) == [markdown]
    assert anchors_of("zola", heading) == [zola]


def test_a_heading_of_two_lines_has_the_anchor_of_one() -> None:
    post = post_of(under("title: A", "<h2>\n  Two\n  words\n</h2>\n"), "a.html")
    assert [section.anchor for section in post.sections] == ["two-words"]
