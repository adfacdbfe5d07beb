"""Is a post's text laid out as it was written?"""

from __future__ import annotations

from indexer.post import Section
from server.prose import Passage, passages
from tests.conftest import make_post
from tests.server.conftest import POSTS


def test_paragraphs_stand_below_their_headings() -> None:
    assert passages(POSTS[0]) == (
        Passage("", "", 0, ("Before",)),
        Passage(
            "Restore drills",
            "restore-drills",
            2,
            ("Try one restore a month.", "Write down how long it took."),
        ),
    )


def test_a_post_without_headings_is_one_passage() -> None:
    assert passages(make_post(body="One.\n\nTwo.")) == (Passage("", "", 0, ("One.", "Two.")),)


def test_a_post_without_text_is_an_empty_passage() -> None:
    assert passages(make_post()) == (Passage("", "", 0, ()),)


def test_a_heading_that_the_text_does_not_repeat_takes_nothing_away() -> None:
    body = "Other words\nText"
    sections = (Section(heading="Heading", anchor="h", level=1, start=0),)
    assert passages(make_post(body=body, sections=sections))[1].paragraphs == ("Other words", "Text")
