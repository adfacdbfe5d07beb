"""Is reStructuredText read, and does it read no other file?"""

from __future__ import annotations

from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extras.restructured import front_matter
from indexer.errors import ContentError
from tests.indexer.conftest import came_to, fill, post_of, within
from tests.indexer.missing import run_without

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


@pytest.mark.parametrize(
    "raw",
    [
        ".. raw:: html\n\n   <script>unseen()</script><b>unseen</b>",
        ".. role:: html(raw)\n   :format: html\n\n:html:`<b>unseen</b>`",
        ".. |x| raw:: html\n\n   <b>unseen</b>",
        ".. meta::\n   :description: unseen",
        ".. unseen",
        ".. _unseen: https://example.org/unseen",
    ],
)
def test_what_is_not_for_readers_is_not_passed_on(raw: str) -> None:
    body = post_of(f"{TITLE}before\n\n{raw}\n\nafter", "a.rst").body
    assert "<b>" not in body.replace(":html:`<b>unseen</b>`", "")
    assert {"before", "after"} <= set(body.split("\n"))
    assert "unseen" not in body.replace(":html:`<b>unseen</b>`", "")


@pytest.mark.parametrize("way", ["folder", "environment"])
def test_no_configuration_of_docutils_is_read(way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("unseen", "utf-8")
    config = tmp_path / "docutils.conf"
    config.write_text("[general]\nfile_insertion_enabled: yes\nraw_enabled: yes\n", "utf-8")
    if way == "environment":
        monkeypatch.setenv("DOCUTILSCONFIG", str(config))
    else:
        monkeypatch.chdir(tmp_path)
    post = post_of(f"{TITLE}before\n\n.. include:: {secret}\n\n.. raw:: html\n\n   unseen\n\nafter", "a.rst")
    assert post.body == "before\nafter"


@pytest.mark.parametrize(
    ("source", "title"),
    [
        ("A title\n=======\n\nText", "A title"),
        ("=======\nA title\n=======\n\nText", "A title"),
        ("A *title* of ``code``\n====================\n\nText", "A title of code"),
        ("A title\n=======\n\nA subtitle\n----------\n\nText", "A title"),
        (":title: A title\n\nText", "A title"),
        (".. title: A title\n\nA heading\n=========\n\nText", "A title"),
        ("---\ntitle: A title\n---\nA heading\n=========\n\nText", "A title"),
        ("Text alone", "a file"),
    ],
)
def test_a_title_is_read(source: str, title: str) -> None:
    assert post_of(source, "a-file.rst").title == title


@pytest.mark.parametrize(
    ("fields", "authors"),
    [
        (":author: Ann Lee", ("Ann Lee",)),
        (":authors: Ann Lee, Bob", ("Ann Lee", "Bob")),
        (":authors: Lee, Ann; Bob", ("Lee, Ann", "Bob")),
        (":authors: - Ann Lee\n          - Bob", ("Ann Lee", "Bob")),
        (":Author: Ann Lee", ("Ann Lee",)),
        (":date: 2020-01-02", ()),
    ],
)
def test_authors_are_read(fields: str, authors: tuple[str, ...]) -> None:
    assert post_of(f"{TITLE}{fields}\n\nText", "a.rst").authors == authors


def test_what_is_odd_with_a_field_is_remarked_on() -> None:
    remarks = came_to(f"{TITLE}:tags: a\n:tags: b\n:date: soon\n\nText", "a.rst").remarks
    assert sorted(reason for _, reason in remarks) == [
        "date: 'soon' is not a date",
        "tags is given twice; the last holds",
    ]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("one\ntwo\n\nthree", "one two\nthree"),
        ("*a* **b** ``c`` `d`", "a b c d"),
        ("`link <https://example.org>`_ and `named`_\n\n.. _named: https://example.org", "link and named"),
        ("* a\n\n  * b\n\n#. c", "a\nb\nc"),
        ("term\n  meaning", "term\nmeaning"),
        ("| one\n| two", "one\ntwo"),
        ("Said:\n\n  quoted", "Said:\nquoted"),
        ("Code::\n\n  a  b\n    c", "Code:\na b\nc"),
        (".. code-block:: python\n\n   if {{ x }}:\n       pass", "if {{ x }}:\npass"),
        (">>> 1 + 1\n2", ">>> 1 + 1\n2"),
        (".. image:: x.png\n   :alt: A picture", "A picture"),
        (".. figure:: x.png\n   :alt: A picture\n\n   What it shows", "A picture\nWhat it shows"),
        (".. note:: Mind *this*", "Note\nMind this"),
        ("|x| here\n\n.. |x| replace:: put", "put here"),
        ("+---+---+\n| a | b |\n+---+---+", "a\nb"),
        (".. csv-table::\n\n   a,b\n   c,d", "a\nb\nc\nd"),
        (":math:`a_b`", "a_b"),
        ("----", ""),
    ],
)
def test_the_text_that_readers_get(source: str, text: str) -> None:
    assert post_of(f"{TITLE}:slug: x\n\n{source}\n", "a.rst").body == text


def test_the_anchors_of_sections_are_those_of_docutils() -> None:
    headings = ["Below", "Below", "Über ``code``", "服务", "A.B c_d", "Last ½"]
    body = "\n\n".join(f"{heading}\n--------------\n\nText." for heading in headings)
    sections = post_of(f"{TITLE}Text.\n\n{body}".replace("Last", ".. _target:\n\nLast"), "a.rst").sections
    assert [section.heading for section in sections] == ["Below", "Below", "Über code", "服务", "A.B c_d", "Last ½"]
    assert [section.anchor for section in sections][2:] == ["uber-code", "section-1", "a-b-c-d", "last-12"]
    assert len({section.anchor for section in sections}) == len(sections)


def test_one_post_leaves_nothing_to_the_next() -> None:
    source = f"{TITLE}:shout:`x` `y` |s| `a`_ [1]_"
    before = came_to(source, "a.rst")
    came_to(
        ".. shout:: a b\n\n"
        ".. role:: shout\n\n.. default-role:: math\n\n.. |s| replace:: z\n\n.. _a: https://example.org\n\n.. [1] Note.",
        "b.rst",
    )
    assert came_to(source, "a.rst") == before


def test_a_missing_docutils_is_asked_for(tmp_path: Path) -> None:
    program = """
from pathlib import Path
from indexer import corpus, extract, reading, visibility
options = extract.Options(rules=visibility.Rules(now="2024-06-01T00:00:00Z"))
print(reading.read(corpus.File("a.rst", Path("CONTENT/a.rst")), options).reason)
print(reading.read(corpus.File("b.md", Path("CONTENT/b.md")), options).post.title)
""".replace("CONTENT", str(fill(tmp_path / "content", {"a.rst": TITLE, "b.md": "# Markdown"})))
    (tmp_path / "packages").mkdir()
    asked, title = run_without("docutils", program, tmp_path / "packages").splitlines()
    assert asked == "is reStructuredText, which needs: pip install '.[rst]' in the clone of postsearch"
    assert title == "Markdown"


@pytest.mark.parametrize(
    ("unknown", "text"),
    [
        (".. youtube:: abc", ""),
        (".. more::", ""),
        (".. versionadded:: 2.1", ""),
        (".. deprecated:: 2.1 use *that*", "2.1 use that"),
        (".. seealso:: This page,\n   and that.", "This page, and that."),
        (".. seealso::\n   This page.", "This page."),
        (".. callout:: abc\n   :x: unseen\n\n   inner *text*\n\n   * one\n   * two", "inner text\none\ntwo"),
        (".. callout:: A title of words\n\n   .. tip-box::\n\n      deep", "A title of words\ndeep"),
        (".. Thumbnail:: a.png\n   :alt: What it shows\n\n   A caption", "What it shows\nA caption"),
        (".. chart:: Bar\n   :title: In numbers", "In numbers"),
        (".. callout::\n\n   .. raw:: html\n\n      unseen", ""),
        (".. py:function:: f(x)\n\n   Adds one.", "Adds one."),
        ("- .. callout::\n\n     inner", "inner"),
        ("Press :kbd:`Ctrl`.", "Press Ctrl."),
        ("See :doc:`that page <../that>` and :py:func:`f`.", "See that page and f."),
        ("See `that page`:unknown: too.", "See that page too."),
        (":unknown:`a *b* \\*c*`", "a *b* *c*"),
    ],
)
def test_the_text_of_what_docutils_does_not_know_is_kept(unknown: str, text: str) -> None:
    assert post_of(f"{TITLE}:slug: x\n\n{unknown}\n", "a.rst").body == text


@pytest.mark.parametrize(
    "source",
    ["|x| here\n\n.. |x| date::", "|x| here\n\n.. |x| date:: %d.%m.%Y at %H:%M", "here\n\n.. date::"],
)
def test_the_day_of_the_build_is_no_part_of_a_post(source: str) -> None:
    assert post_of(f"{TITLE}:slug: x\n\n{source}\n", "a.rst").body == "here"


def test_a_page_holds_no_style_sheet() -> None:
    assert "<style" not in front_matter(f"{TITLE}Text.").body


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
    with pytest.raises((ContentError, RecursionError)):
        came_to(TITLE + nested, "a.rst")


PIECES = (
    "a¦b ¦ ¦\n¦\n\n¦  ¦    ¦====\n¦----\n¦*¦**¦`¦``¦_¦__¦`_¦|¦:¦::\n\n¦:a: b\n¦:status: draft\n¦:date: 2020-01-02\n¦"
    ".. ¦.. a:: b\n¦.. note:: ¦.. include:: /etc/passwd\n¦.. raw:: html\n\n   <b>\n¦.. image:: x\n¦.. [1] x\n¦[1]_¦"
    ".. _a: b\n¦a_¦|a|¦.. |a| replace:: b\n¦- ¦1. ¦#. ¦+---+\n¦| a |\n¦>>> ¦\\¦服¦\x00¦\ue000¦.. code::\n\n   x\n¦"
    ".. csv-table::\n\n   a,'b\n¦.. x:: ¦   y\n\n¦:z:`¦.. |a| x:: ¦.. |a| date::\n"
).split("¦")


@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_any_source_comes_to_a_post_or_its_reason(source: str) -> None:
    stdout, stderr = StringIO(), StringIO()
    with within(5), redirect_stdout(stdout), redirect_stderr(stderr):
        try:
            found = came_to(source, "a.rst")
        except ContentError as error:
            assert error.reason.isprintable()
        else:
            assert found.hidden or found.post
            assert found.post is None or "root:" not in found.post.body
    assert (stdout.getvalue(), stderr.getvalue()) == ("", "")
