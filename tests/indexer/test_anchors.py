"""Does a heading have the anchor that its generator gives it?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown.extensions.toc import slugify as slugify_of_markdown

from indexer import anchors
from tests.indexer.conftest import post_of, under


def anchors_of(style: str, *headings: str) -> list[str]:
    """The anchors of *headings* as sections of a post."""
    body = "\n\n".join(f"## {heading}\n\nText." for heading in headings)
    return [section.anchor for section in post_of(under("title: A", body), anchors=style).sections]


@pytest.mark.parametrize(
    ("heading", "github", "kramdown", "markdown"),
    [
        ("Two words", "two-words", "two-words", "two-words"),
        ("1. First step", "1-first-step", "first-step", "1-first-step"),
        ("It's new!", "its-new", "its-new", "its-new"),
        ("snake_case", "snake_case", "snakecase", "snake_case"),
        ("A & B", "a--b", "a--b", "a-b"),
        ("Café", "café", "caf", "cafe"),
        ("服务网格", "服务网格", "section", None),
        ("`code` here", "code-here", "code-here", "code-here"),
        ("v1.0", "v10", "v10", "v10"),
    ],
)
def test_an_anchor_is_what_the_generator_makes(heading: str, github: str, kramdown: str, markdown: str | None) -> None:
    assert anchors_of("github", heading) == [github]
    assert anchors_of("kramdown", heading) == [kramdown]
    if markdown is not None:
        assert anchors_of("markdown", heading) == [markdown]


@pytest.mark.parametrize(
    ("style", "expected"),
    [("github", ["a", "a-1", "a-1-1", "a-2"]), ("markdown", ["a", "a_1", "a-1", "a_2"])],
)
def test_headings_of_one_text_have_anchors_of_their_own(style: str, expected: list[str]) -> None:
    assert anchors_of(style, "A", "A", "A 1", "A") == expected


@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"]) | st.sampled_from("éüñ—·服"), max_size=20))
def test_the_anchors_of_python_markdown_are_those_of_its_extension(heading: str) -> None:
    assert anchors.python_markdown(heading) == slugify_of_markdown(heading, "-")
