"""Does Markdown become the HTML that readers get, by either renderer, and the short way the same as the long one?"""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from indexer import markup, plaintext
from indexer.anchors import Anchors
from indexer.plaintext import Page
from tests.indexer.conftest import within

RENDERERS = ("markdown", "commonmark")


def seen(source: str, renderer: str) -> str:
    return plaintext.read(markup.render(source, renderer), Anchors("github")).text


@pytest.mark.parametrize("renderer", RENDERERS)
@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("one\ntwo\n\nthree", "one two\nthree"),
        ("# One\n\n## Two ##\n\nThree\n---", "One\nTwo\nThree"),
        ("*a* **b** `c` [d](x 'unseen') ![e](y)", "a b c d e"),
        ("<https://example.org/>", "https://example.org/"),
        ("[a][r]\n\n[r]: x 'unseen'", "a"),
        ("- a\n- b\n\n1. c\n2. d", "a\nb\nc\nd"),
        ("- a\n    - b\n- c", "a\nb\nc"),
        ("> a\n> b", "a b"),
        ("| a | b |\n|---|---|\n| c | `d` |", "a b\nc d"),
        ("Text[^1].\n\n[^1]: The note.", "Text.\nThe note."),
        ("a[^x] b[^y]\n\n[^x]: first\n[^y]: second", "a b\nfirst\nsecond"),
        ("Term\n:   meaning", "Term\nmeaning"),
        ("a\n\n    code  here\n\nb", "a\ncode here\nb"),
        ("a &amp; b &lt; c &copy;", "a & b < c ©"),
        ("a  \nb", "a\nb"),
        ("a\n\n***\n\nb", "a\nb"),
        ("<div>\n<b>a</b>\n</div>\n\nb", "a\nb"),
        ("a <b>c</b> <!-- unseen --> d", "a c d"),
        ("服务 **网格**", "服务 网格"),
        ("", ""),
    ],
)
def test_the_text_that_readers_get(renderer: str, source: str, text: str) -> None:
    assert seen(source, renderer) == text


@pytest.mark.parametrize("renderer", RENDERERS)
def test_a_heading_may_have_an_id(renderer: str) -> None:
    page = plaintext.read(markup.render("# One {#first}\n\n## Two", renderer), Anchors("github"))
    assert [(section.heading, section.anchor) for section in page.sections] == [("One", "first"), ("Two", "two")]


@pytest.mark.parametrize("renderer", RENDERERS)
def test_one_post_leaves_nothing_to_the_next(renderer: str) -> None:
    markup.render("[a][r] [^1]\n\n[r]: https://example.org\n[^1]: note\n\n*[b]: abbreviation", renderer)
    assert seen("[a][r] [^1] b", renderer) == "[a][r] [^1] b"


def page_of(source: str, *, quick: bool) -> Page:
    return plaintext.read(markup.renderer(quick=quick).convert(source), Anchors("github"))


PIECES = (
    "a¦b ¦ ¦  \n¦\n¦\n\n¦# ¦## ¦- ¦1. ¦    ¦> ¦*¦**¦_¦__¦***¦`¦``¦[¦]¦(¦)¦](x)¦[r]¦[r]: x\n¦![¦<b>¦</b>¦<div>¦</div>¦"
    "<¦>¦&¦&amp;¦&#233;¦<a@b.c>¦<http://x>¦\\¦\\*¦|¦|---|\n¦[^1]¦[^1]: n\n¦: d\n¦!!! note\n¦{: .x}¦{#i}¦===\n¦---\n¦"
    "*[a]: A\n¦é¦服¦<!--¦-->¦\"¦'"
).split("¦")


@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_the_short_way_makes_the_same_text_as_the_long_one(source: str) -> None:
    # Attributes behind a line break are taken for text by the long way, which has indented the HTML by then.
    assume(not re.search(r"  \n *\{:? *[.#]", source))
    try:
        long = page_of(source, quick=False)
    except Exception as error:
        with pytest.raises(type(error)):
            page_of(source, quick=True)
    else:
        assert page_of(source, quick=True) == long


@pytest.mark.parametrize(
    "piece", ['<sup id="fnref">', '<a class="footnote-backref"', '<a class="footnote-backref">x', "[^1]"]
)
def test_marks_of_footnotes_are_taken_away_in_time(piece: str) -> None:
    page = "<div>footnote\n" + piece * (100_000 // len(piece)) + "\n</div>"
    with within(1):
        markup.render(page, "commonmark")
