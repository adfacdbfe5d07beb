"""Does Markdown become the HTML that readers get, by either renderer, and the short way the same as the long one?"""

from __future__ import annotations

import contextlib
import copy
import random
import re
from pathlib import Path

import hypothesis
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from markdown import Markdown

from indexer import corpus, frontmatter, markup, plaintext, templates
from indexer.anchors import Anchors
from indexer.errors import ContentError
from indexer.plaintext import Page
from indexer.source import decode, read_bytes
from indexer.templates import Cupboard
from tests.indexer.conftest import within
from tests.indexer.missing import run_without

RENDERERS = ("markdown", "commonmark")
COLLECTION = Path(__file__).parents[3] / "shared" / "corpora"
SEED = 1


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


@pytest.mark.parametrize("deep", ["1. " * 1_000, "a\n: b\n" * 3_000, "> " * 1_000, "* " * 1_000])
@pytest.mark.parametrize("source", ["a\n\nb", "- a\n\n    b\n- c", "1. a\n2. b\n\ntext", "term\n: meaning", "> a\n> b"])
def test_a_post_that_fails_leaves_nothing_to_the_next(deep: str, source: str) -> None:
    with contextlib.suppress(RecursionError, ContentError):
        markup.render(deep)
    assert markup.render(source) == markup.renderer(quick=True).convert(source)


@pytest.mark.parametrize("renderer", RENDERERS)
@pytest.mark.parametrize(
    "source",
    [
        "Two paragraphs of plain words, the first of them\nover two lines.\n\nThe second.",
        "It's 5 o'clock -- \"time\" for 3 < 4 and a_b_c, 100 % of it & more...",
        "1986. A great year.\n\n2 * 3 * 4 = 24",
        "## Steps\n\n1. First\n2. Second, with `code`\n\n   and a paragraph\n\n3. Third",
        'A list:\n\n* one\n* two with [a link](https://example.org/ "unseen")\n* **three**\n',
        "![A diagram](/a.png) and [![A badge](b.svg)](https://example.org)",
        "Press <kbd>Ctrl</kbd> and <kbd>C</kbd>.<br>Then wait.",
        "| Name | Size |\n|:-----|-----:|\n| disk | `10` |\n| *tape* | 20 |\n",
        "Intro.\n\n    $ make install\n    done\n\nOutro.",
        "> A quotation\n> of two lines\n>\n> and two paragraphs",
        "<figure>\n<img src=a.png alt='A picture'>\n<figcaption>What it shows</figcaption>\n</figure>\n\nText.",
        "服务网格 **Istio** 与 `Envoy`。\n\n第二段。",
        "Żółw, Ærø, naïve, Ελλάδα, עברית",
        "One[^1] and two[^note].\n\n[^1]: The first.\n[^note]: The second, *stressed*.",
        "A [reference][r] and a [short] one.\n\n[r]: https://example.org\n[short]: https://example.org 'Unseen'",
    ],
)
def test_a_plain_post_has_the_same_words_by_either_renderer(source: str, renderer: str) -> None:
    assert seen(source, renderer).split() == seen(source, "markdown").split()
    assert "unseen" not in seen(source, renderer).lower()


def test_what_a_renderer_cannot_take_is_reported() -> None:
    with pytest.raises(ContentError, match="cannot be rendered as Markdown: UnicodeEncodeError") as raised:
        markup.render("half of a pair: \ud800", "commonmark")
    assert isinstance(raised.value.__cause__, UnicodeEncodeError)


def test_deep_nesting_is_left_to_the_caller() -> None:
    with pytest.raises(RecursionError):
        markup.render("1. " * 1_000)


def test_a_renderer_that_is_installed_is_all_right() -> None:
    for name in RENDERERS:
        markup.require(name)


def test_the_renderer_that_is_missing_is_asked_for(tmp_path: Path) -> None:
    program = """
from indexer import errors, markup
markup.require("markdown")
print(markup.render("*a*"))
try:
    markup.require("commonmark")
except errors.SettingsError as error:
    print(error.key, error)
"""
    html, asked = run_without("pyromark", program, tmp_path).splitlines()
    assert html == "<p><em>a</em></p>"
    assert asked == "renderer renderer: commonmark needs: pip install 'postsearch[fast]'"


QUICK, LONG, UNTOUCHED = (markup.renderer(quick=quick) for quick in (True, False, False))
# The last step of the long way puts line ends between blocks, which no reader sees: here it can be left out as well.
UNTOUCHED.treeprocessors.deregister("prettify")


def html_by(renderer: Markdown, source: str) -> str:
    return renderer.reset().convert(source)


def page_by(renderer: Markdown, source: str, cupboard: Cupboard | None = None) -> Page:
    return plaintext.read(html_by(renderer, source), Anchors("github"), copy.deepcopy(cupboard))


PIECES = (
    "a¦b ¦ ¦  \n¦\n¦\n\n¦# ¦## ¦- ¦1. ¦    ¦> ¦*¦**¦_¦__¦***¦___¦ *¦* ¦`¦``¦[¦]¦(¦)¦](x)¦[r]¦[r]: x\n¦![¦![r]¦<b>¦</b>¦"
    "<br>¦[a](<x y> 't')¦<div>¦</div>¦<div markdown=1>¦<¦>¦<?¦?>¦<![CDATA[¦<!--¦-->¦&¦&amp;¦&#233;¦<a@b.c>¦<http://x>¦\\¦\\*¦"
    "|¦|---|\n¦[^1]¦[^1]: n\n¦: d\n¦!!! note\n¦{: .x}¦{#i}¦===\n¦---\n¦*[a]: A\n¦é¦服¦\"¦'¦\t¦klzzwxh:0001"
).split("¦")
SIGNS = st.text("*_[]()!<>&\\`\n ab#-|:^{}1.=~'\"é/@;", max_size=120)
markdown_like = st.lists(st.sampled_from(PIECES), max_size=30).map("".join) | SIGNS


@given(markdown_like | st.text(max_size=60))
def test_the_short_way_makes_the_same_html_as_the_long_one(source: str) -> None:
    assert html_by(QUICK, source) == html_by(UNTOUCHED, source)


@given(markdown_like)
def test_the_short_way_makes_the_same_text_as_the_long_one(source: str) -> None:
    # Attributes at the beginning of a line are not seen by the long way, which has put another line end before them.
    assume(not re.search(r"\n[ \t>]*\{", source))
    assert page_by(QUICK, source) == page_by(LONG, source)


@pytest.mark.slow
@pytest.mark.hypothesis  # so that a soak, which tries 2,000 examples, compares them all
@pytest.mark.skipif(not COLLECTION.is_dir(), reason="the collection of real posts, ../shared/corpora, is not here")
def test_real_posts_have_the_same_html_and_text_by_both_ways() -> None:
    files = [found for found in corpus.walk(COLLECTION) if isinstance(found, corpus.File) and is_markdown(found.path)]
    count = min(len(files), 8 * hypothesis.settings().max_examples)
    print(f"{count} of {len(files)} files, chosen with the seed {SEED}")
    for file in random.Random(SEED).sample(files, count):
        try:
            front = frontmatter.split(decode(read_bytes(file.place))[0])
        except ContentError:
            continue
        plain, cupboard = templates.strip(front.body)
        assert html_by(QUICK, plain) == html_by(UNTOUCHED, plain), file.path
        assert page_by(QUICK, plain, cupboard) == page_by(LONG, plain, cupboard), file.path


def is_markdown(path: str) -> bool:
    return not path.endswith((".html", ".rst"))


@pytest.mark.parametrize(
    "piece", ['<sup id="fnref">', '<a class="footnote-backref"', '<a class="footnote-backref">x', "[^1]"]
)
def test_marks_of_footnotes_are_taken_away_in_time(piece: str) -> None:
    page = "<div>footnote\n" + piece * (100_000 // len(piece)) + "\n</div>"
    with within(1):
        markup.render(page, "commonmark")


def test_a_source_that_is_given_up_spoils_none_after_it() -> None:
    with pytest.raises(RecursionError):
        markup.render("1. " * 1_000)
    assert markup.render("a *b*") == "<p>a <em>b</em></p>"
