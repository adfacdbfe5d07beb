"""Is a post's text laid out as it was written?"""

from __future__ import annotations

from indexer.post import Section
from server.prose import passages
from tests.conftest import make_post
from tests.server.conftest import POSTS


def test_text_stands_below_its_heading() -> None:
    (no_section, before), (section, text) = passages(POSTS[0])
    assert (no_section, before.strip()) == (None, "Before")
    assert section == POSTS[0].sections[0]
    assert text.split("\n") == ["", "Try one restore a month.", "Write down how long it took."]


def test_a_post_without_headings_is_one_passage() -> None:
    assert list(passages(make_post(body="One.\n\nTwo."))) == [(None, "One.\n\nTwo.")]


def test_a_post_without_text_is_an_empty_passage() -> None:
    assert list(passages(make_post())) == [(None, "")]


def test_a_heading_that_the_text_does_not_repeat_takes_nothing_away() -> None:
    body = "Other words\nText"
    sections = (Section(heading="Heading", anchor="h", level=1, start=0),)
    assert list(passages(make_post(body=body, sections=sections)))[1][1] == body
