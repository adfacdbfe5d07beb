"""Is reStructuredText read, and does it read no other file?"""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.errors import ContentError
from tests.indexer.conftest import came_to, post_of

TITLE = "A title\n#######\n\n"


def test_a_post_is_read_whole() -> None:
    post = post_of(
        f"""{TITLE}:date: 2020-01-02 10:00
:modified: 2020-02-03
:tags: one, two
:category: Notes
:slug: a-slug
:author: Ann
:lang: de
:summary: What *it* says

First ``code`` and **bold**.

Below
-----

.. code:: liquid

   {{{{ kept }}}}

A `link <https://example.org>`_ and a note [1]_.

.. [1] The note.
""",
        "a.rst",
    )
    assert (post.title, post.date, post.updated) == ("A title", "2020-01-02T10:00:00Z", "2020-02-03")
    assert (post.tags, post.categories, post.authors, post.language) == (("one", "two"), ("Notes",), ("Ann",), "de")
    assert post.url == "/a-slug/"
    assert [(section.heading, section.anchor) for section in post.sections] == [("Below", "below")]
    lines = post.body.split("\n")
    assert {"First code and bold.", "Below", "{{ kept }}"} <= set(lines)
    assert "The note." in post.body
    assert "2020" not in post.body


@pytest.mark.parametrize(
    "source",
    [
        f"{TITLE}:status: draft\n\nText",
        f"{TITLE}:Status: Draft\n\nText",
        f"\ufeff{TITLE}:status: draft\n\nText",
        f".. a comment\n\n{TITLE}:status: draft\n\nText",
        ":status: draft\n\nText",
        f"{TITLE}:status: draft\n:status: published\n\nText",
        f"{TITLE}:date: 2030-01-01\n\nText",
        ".. title: A title\n.. status: draft\n\nText",
        "---\ndraft: true\n---\nText",
    ],
)
def test_a_draft_is_hidden(source: str) -> None:
    assert came_to(source, "a.rst").hidden


@pytest.mark.parametrize(
    "directive",
    [
        ".. include:: {}",
        ".. include:: {}\n   :literal:",
        ".. literalinclude:: {}",
        ".. raw:: html\n   :file: {}",
        ".. raw:: html\n   :url: file://{}",
        ".. csv-table:: x\n   :file: {}",
        ".. csv-table:: x\n   :url: file://{}",
        ".. |x| include:: {}",
        ".. figure:: {}",
    ],
)
def test_no_other_file_is_read(directive: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("unseen, unseen", "utf-8")
    post = post_of(f"{TITLE}Text |x|\n\n{directive.format(secret)}\n\nmore", "a.rst")
    assert "unseen" not in post.body.replace(str(secret), "")
    assert "more" in post.body


def test_raw_html_is_not_passed_on() -> None:
    post = post_of(f"{TITLE}.. raw:: html\n\n   <script>unseen()</script><b>unseen</b>\n\nText", "a.rst")
    assert post.body == "Text"


@pytest.mark.parametrize(
    "unknown",
    [".. youtube:: abc", ".. callout:: abc\n   :x: y\n\n   inner", ":unknown:`text`", "unknown_", "|unknown|"],
)
def test_what_docutils_does_not_know_stops_nothing(unknown: str) -> None:
    post = post_of(f"{TITLE}before\n\n{unknown}\n\nafter", "a.rst")
    assert {"before", "after"} <= set(post.body.split("\n"))


@pytest.mark.parametrize(
    "broken", ["*unclosed `x |y", "====", "Head\n==", "  - a\n b", ".. [1]", ":a", "a\n b\n  c", "\x00\x1b"]
)
def test_what_is_broken_stops_nothing(broken: str) -> None:
    assert "after" in post_of(f"{TITLE}before\n\n{broken}\n\nafter", "a.rst").body


def test_deep_nesting_is_refused() -> None:
    nested = "".join(f"{' ' * depth}x\n" for depth in range(1_000))
    with pytest.raises(ContentError):
        came_to(TITLE + nested, "a.rst")
