"""Is what a page of HTML says in its head found, and a part of a page told from a page?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.htmlmeta import html_front_matter
from tests.indexer.conftest import came_to, post_of, under, within

PAGE = """<!DOCTYPE html>
<html lang="de">
<head>
  <meta charset="utf-8">
  <title>A page &amp; more</title>
  <meta name="tags" content="one, two">
  <meta name="keywords" content="three">
  <meta name="date" contents="2012-11-29 10:00">
  <meta name="Author" content="Ann">
  <meta name="description" content="What it &quot;says&quot;.">
  <meta property="og:image" content="/a.png">
  <style>.seen { }</style>
</head>
<body><nav>Menu</nav><h1 id="top">Heading</h1><p>Text <b>bold</b>.</p><script>unseen()</script></body>
</html>
"""


def test_a_page_is_a_post() -> None:
    post = post_of(PAGE, "page.html")
    assert (post.title, post.description, post.date) == ("A page & more", 'What it "says".', "2012-11-29T10:00:00Z")
    assert (post.authors, post.image) == (("Ann",), "/a.png")
    assert set(post.tags) <= {"one", "two", "three"}
    assert {"one", "two"} <= set(post.tags)
    assert post.body.split("\n") == ["Menu", "Heading", "Text bold."]
    assert [(section.heading, section.anchor) for section in post.sections] == [("Heading", "top")]


def test_keywords_are_tags_where_there_are_no_others() -> None:
    assert post_of('<title>A</title><meta name="keywords" content="one, two"><p>x', "a.html").tags == ("one", "two")


def test_a_page_may_have_front_matter_too() -> None:
    post = post_of(under("title: Mine\ntags: [a]", PAGE), "page.html")
    assert (post.title, post.tags) == ("Mine", ("a",))


@pytest.mark.parametrize("fragment", ["<p>Just a part.", "", "Text", "<li>{{ item }}</li>", "<div><h2>Part</h2></div>"])
def test_a_part_of_a_page_is_no_post(fragment: str) -> None:
    assert html_front_matter(fragment) is None
    assert came_to(fragment, "part.html").post is None


def test_a_heading_makes_a_page() -> None:
    assert post_of("<h1>Tea &amp; <em>cake</em></h1><p>x", "a.html").title == "Tea & cake"


def test_the_title_of_a_picture_is_not_that_of_the_page() -> None:
    assert post_of("<h1>Page</h1><svg><title>Picture</title></svg><p>x", "a.html").title == "Page"


def test_empty_meta_says_nothing() -> None:
    assert (
        post_of('<title>A</title><meta name="draft" content=""><meta name="" content="x"><meta><p>x', "a.html").title
        == "A"
    )


@pytest.mark.parametrize("suffix", [".html", ".htm", ".HTML"])
def test_a_page_is_known_by_its_suffix(suffix: str) -> None:
    assert post_of(PAGE, f"page{suffix}").title == "A page & more"


@given(
    st.text()
    | st.lists(
        st.sampled_from(["<title>", "</title>", "<meta name=a content=b>", "<h1>", "<p", ">", '"', "&#0;", "x"])
    ).map("".join)
)
def test_any_page_is_read(page: str) -> None:
    found = html_front_matter(page)
    assert found is None or all(entry.key for entry in found.metadata.entries)


@pytest.mark.parametrize(
    "piece", ["<meta name=a content=b>", "<title>", "<meta ", "<h1>", "<div>", "<!--", "&amp;", "<meta name='"]
)
def test_a_long_page_is_read_in_time(piece: str) -> None:
    with within(2):
        html_front_matter(piece * (100_000 // len(piece)))
