"""Does a file become the post that its author wrote?"""

from __future__ import annotations

import contextlib
import dataclasses
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.errors import ContentError
from indexer.extract import Options, digest, ending, extract, is_current
from tests.indexer.conftest import came_to, post_of, rules, under, within


def test_a_post_is_read_whole() -> None:
    post = post_of(
        """---

title: Backups that restore
date: 2023-08-14 12:07 UTC
updated: 2023-09-01
tags: Operations, storage,Disks
category: Notes
author: Ann Lee
lang: en_GB
imageUrl: /assets/disk.png
search: {boost: 2}
evergreen: true
superseded_by: new.md
description: A backup counts when it has been *restored*.
---
## Restore drills

Try one restore a **month**.
""",
        "2023-08-14-backups.html.md",
    )
    assert dataclasses.asdict(post) | {"digest": ""} == {
        "id": "2023-08-14-backups.html.md",
        "url": "/backups/",
        "title": "Backups that restore",
        "description": "A backup counts when it has been *restored*.",
        "body": "Restore drills\nTry one restore a month.",
        "date": "2023-08-14T12:07:00Z",
        "updated": "2023-09-01",
        "tags": ("Operations", "storage", "Disks"),
        "categories": ("Notes",),
        "authors": ("Ann Lee",),
        "language": "en-gb",
        "image": "/assets/disk.png",
        "sections": ({"heading": "Restore drills", "anchor": "restore-drills", "level": 2, "start": 0},),
        "boost": 2.0,
        "evergreen": True,
        "superseded_by": "new.md",
        "digest": "",
    }


@pytest.mark.parametrize(
    ("front_matter", "title"),
    [
        ("title: A title", "A title"),
        ("Title: A title", "A title"),
        ("TITLE: A title", "A title"),
        ("name: A title", "A title"),
        ("headline: A title", "A title"),
        ("title: A title\nname: another", "A title"),
        ('title: "A: title"', "A: title"),
        ("title: 2014", "2014"),
        ("title: 1.10", "1.10"),
        ("title: 12:30", "12:30"),
        ("title: no", "no"),
        ('title: "null"', "null"),
        ("title: >\n  A\n  title", "A title"),
        ("title: |\n  A\n  title", "A title"),
        ("title: A\n  title", "A title"),
        ('title: "A\\ttitle\\n"', "A title"),
        ("title: A\u00a0title\u200b", "A title"),
        ('title: "`code` and <em>tags</em>"', "code and tags"),
        ('title: "`Vec<T>` explained"', "Vec<T> explained"),
        ('title: "The <T> of it"', "The <T> of it"),
        ('title: "A &amp; B &lt;c&gt;"', "A & B <c>"),
        ('title: "A &amp;amp; B"', "A &amp; B"),
        ('title: "a < b"', "a < b"),
        ('title: "[A link](/x)"', "A link"),
        ('title: "Café e\\u0301"', "Café e\u0301"),
        ("title: A title\ntitle: Another", "Another"),
    ],
)
def test_a_title_is_plain_text(front_matter: str, title: str) -> None:
    assert post_of(under(front_matter)).title == title


@pytest.mark.parametrize(
    "nothing",
    ["", "title:", 'title: ""', "title: ~", 'title: " \\u200b"', "title: [a]", "title: {a: b}", "title: <b></b>"],
)
@pytest.mark.parametrize(
    ("path", "body", "title"),
    [
        ("my-post.md", "# A `heading` *here*\n\nText", "A heading here"),
        ("my-post.md", "A heading\n===\n\nText", "A heading"),
        ("my-post.md", "Text\n\n# Later", "Later"),
        ("my-post.md", "<h1>A heading</h1>\n\nText", "A heading"),
        ("my-post.md", "```\n# no heading\n```\n\nText", "my post"),
        ("my-post.md", "## Smaller\n\nText", "my post"),
        ("2020-01-02-my_first-post.html.md", "Text", "my first post"),
        ("blog/my-post/index.md", "Text", "my post"),
        ("my-post.de.md", "Text", "my post"),
        ("next.js.md", "Text", "next.js"),
        ("服务.md", "Text", "服务"),
    ],
)
def test_without_a_title_there_is_the_heading_or_the_name(nothing: str, path: str, body: str, title: str) -> None:
    assert post_of(under(f"layout: post\n{nothing}", body), path).title == title


@pytest.mark.parametrize(
    ("front_matter", "description"),
    [
        ("description: What it says", "What it says"),
        ("summary: What it says", "What it says"),
        ("excerpt: What it says", "What it says"),
        ("teaser: What it says", "What it says"),
        ("deck: What it says", "What it says"),
        ("lead: What it says", "What it says"),
        ("summary: second\ndescription: first", "first"),
        ('description: ""\nsummary: second', "second"),
        ('description: "<p>What <b>it</b> says</p>"', "What it says"),
        ('description: "[What](/x) `it` &amp; says"', "What it & says"),
        ("description: |\n  What it\n  says", "What it says"),
        ("excerpt: true", "First words."),
        ("summary: false", "First words."),
        ("description: [a]", "First words."),
        ("title: A", "First words."),
    ],
)
def test_a_description_is_the_authors_or_the_first_words(front_matter: str, description: str) -> None:
    assert post_of(under(front_matter, "# Heading\n\nFirst words.")).description == description


def test_the_first_words_are_cut_between_words() -> None:
    description = post_of(under("title: A", "word " * 60)).description
    assert 100 < len(description) <= 165
    assert description.endswith("word …")


@pytest.mark.parametrize("mark", ["READMORE", "<!--more-->", "<!-- more -->", "<!-- truncate -->"])
def test_the_first_words_hold_no_mark(mark: str) -> None:
    post = post_of(under("title: A", f"First.\n\n{mark}\n\nSecond."))
    assert (post.description.split()[0], "more" in post.description.lower(), "READMORE" in post.body) == (
        "First.",
        False,
        False,
    )


@pytest.mark.parametrize(
    ("written", "date"),
    [
        ("2023-08-14", "2023-08-14"),
        ("2023-08-14 12:07 UTC", "2023-08-14T12:07:00Z"),
        ("2023-08-14 12:07:30 UTC", "2023-08-14T12:07:30Z"),
        ("2023-08-14T12:07:00Z", "2023-08-14T12:07:00Z"),
        ("2023-08-14T12:07:00.123Z", "2023-08-14T12:07:00Z"),
        ("2023-08-14 12:07", "2023-08-14T12:07:00Z"),
        ("2016-10-25 15:00:21 -0400", "2016-10-25T19:00:21Z"),
        ("2016-10-25 5:00:21 +05:30", "2016-10-24T23:30:21Z"),
        ("2017-11-8 14:00:00 UTC", "2017-11-08T14:00:00Z"),
        ("2014/3/3", "2014-03-03"),
        ("2016-01-02 09:00 UTC-03:00", "2016-01-02T12:00:00Z"),
        ("2012-03-01 9:00 PM EST", "2012-03-02T02:00:00Z"),
        ("2011-01-01 03:13AM EST", "2011-01-01T08:13:00Z"),
        ("2019-12-01-19:48", "2019-12-01T19:48:00Z"),
        ("'2023-08-14'", "2023-08-14"),
        ("!!timestamp 2023-08-14", "2023-08-14"),
    ],
)
def test_a_date_is_read_in_every_form_that_posts_have(written: str, date: str) -> None:
    assert post_of(under(f"date: {written}")).date == date


@pytest.mark.parametrize(
    ("written", "date"),
    [
        ("2023-08-14", "2023-08-14"),
        ("2023-08-14T12:07:00Z", "2023-08-14T12:07:00Z"),
        ("2023-08-14T12:07:00+02:00", "2023-08-14T10:07:00Z"),
        ("2023-08-14 12:07:00", "2023-08-14T12:07:00Z"),
        ('"2023-08-14 12:07 UTC"', "2023-08-14T12:07:00Z"),
    ],
)
def test_a_date_in_toml_is_read(written: str, date: str) -> None:
    assert post_of(f"+++\ntitle = 'A'\ndate = {written}\n+++\nText.").date == date


@pytest.mark.parametrize(
    ("front_matter", "path", "date"),
    [
        ("date: 2020-01-02", "2021-05-06-a.md", "2020-01-02"),
        ("pubDate: 2020-01-02", "a.md", "2020-01-02"),
        ("publishDate: 2020-01-02", "a.md", "2020-01-02"),
        ("published: 2020-01-02", "a.md", "2020-01-02"),
        ("published_at: 2020-01-02", "a.md", "2020-01-02"),
        ("created: 2020-01-02", "a.md", "2020-01-02"),
        ("start_date: 2020-01-02", "a.md", "2020-01-02"),
        ("created: 2019-01-01\ndate: 2020-01-02", "a.md", "2020-01-02"),
        ("date: 2018-04-31\npubDate: 2020-01-02", "a.md", "2020-01-02"),
        ("date: 2018-04-31", "2020-01-02-a.md", "2020-01-02"),
        ("date: <%= now %>", "2020-01-02-a.md", "2020-01-02"),
        ("title: A", "_posts/2020-1-2-a.md", "2020-01-02"),
        ("title: A", "2020/01/02/a.md", "2020-01-02"),
        ("title: A\npath: 2020/01/02/a", "a.md", "2020-01-02"),
        ("title: A\npath: /inside/2020/01/02/a.html", "a.md", "2020-01-02"),
        ("title: A\npermalink: /2020/01/02/a/", "a.md", "2020-01-02"),
        ("date:", "a.md", None),
        ("date: today", "a.md", None),
        ("title: A", "a.md", None),
        ("date: 2020-01-01\ndate: 2020-01-02", "a.md", "2020-01-02"),
    ],
)
def test_a_date_is_taken_from_the_first_place_that_has_one(front_matter: str, path: str, date: str | None) -> None:
    assert post_of(under(front_matter), path).date == date


def test_a_date_without_a_zone_is_in_the_zone_of_the_site() -> None:
    berlin = rules(zone=ZoneInfo("Europe/Berlin"))
    assert (
        post_of(under("date: 2023-08-14 12:07\nupdated: 2023-01-14 12:07"), rules=berlin).date == "2023-08-14T10:07:00Z"
    )
    assert post_of(under("date: 2023-08-14 12:07 UTC"), rules=berlin).date == "2023-08-14T12:07:00Z"
    assert post_of(under("updated: 2023-01-14 12:07"), rules=berlin).updated == "2023-01-14T11:07:00Z"


@pytest.mark.parametrize("key", ["updated", "lastmod", "modified", "last_modified_at", "lastUpdated", "updatedDate"])
def test_a_change_has_its_date_too(key: str) -> None:
    post = post_of(under(f"date: 2020-01-02\n{key}: 2021-03-04 10:00"))
    assert (post.date, post.updated) == ("2020-01-02", "2021-03-04T10:00:00Z")


@pytest.mark.parametrize("value", ["soon", "2018-04-31", "", "[2020-01-01]"])
def test_a_change_without_a_date_has_none(value: str) -> None:
    assert post_of(under(f"updated: {value}")).updated is None


@pytest.mark.parametrize(
    ("front_matter", "path", "language"),
    [
        ("lang: en", "a.md", "en"),
        ("language: de", "a.md", "de"),
        ("locale: pt-BR", "a.md", "pt-br"),
        ("lang: zh_TW", "a.md", "zh-tw"),
        ("lang: no", "a.md", "no"),
        ("title: A", "a.de.md", "de"),
        ("title: A", "a.pt-br.html.md", "pt-br"),
        ("lang: en", "a.de.md", "en"),
        ("title: A", "next.js.md", ""),
        ("title: A", "a.html.md", ""),
        ("title: A", "a.md", ""),
        ("lang: [en]", "a.md", ""),
    ],
)
def test_a_language_is_read(front_matter: str, path: str, language: str) -> None:
    assert post_of(under(front_matter), path).language == language


@pytest.mark.parametrize(
    ("front_matter", "image"),
    [
        ("image: /a.png", "/a.png"),
        ("imageUrl: /a.png", "/a.png"),
        ("cover: a.png", "a.png"),
        ("banner: https://example.org/a.png", "https://example.org/a.png"),
        ("image: {src: /a.png, alt: A}", "/a.png"),
        ("image: {path: a.png}", "a.png"),
        ("image: [a.png, b.png]", "a.png"),
        ("images: [a.png]", "a.png"),
        ("cover: {image: a.png, alt: A}", "a.png"),
        ("hero: true\nimage: a.png", "a.png"),
        ("image: true", ""),
        ("image:", ""),
        ("title: A", ""),
    ],
)
def test_an_image_is_read(front_matter: str, image: str) -> None:
    assert post_of(under(f"layout: post\n{front_matter}")).image == image


def remarks(front_matter: str, body: str = "Text.") -> list[tuple[int | None, str]]:
    return list(came_to(under(front_matter, body)).remarks)


def test_a_tidy_post_causes_no_remark() -> None:
    for front_matter in (
        "title: A\ndate: 2020-01-02\ntags: [a]",
        "published: true",
        "published: on",
        'published: "1"',
        "published: y",
        'published: " yes "',
        "time: 10:00",
        "date:",
        "base: &base {title: theirs}\ntitle: mine\n<<: *base",
        "extra: {title: inner}\ntitle: outer",
    ):
        assert remarks(front_matter) == [], front_matter


def test_a_doubled_key_is_remarked_on_where_it_is_given_first() -> None:
    [(line, reason)] = remarks("layout: post\ntitle: A\nTitle: B")
    assert line == 3
    assert "title" in reason


@pytest.mark.parametrize("value", ["2018-04-31", "soon", "[2020-01-01]", "{a: b}"])
def test_a_date_that_is_none_is_remarked_on(value: str) -> None:
    [(line, reason)] = remarks(f"title: A\ndate: {value}")
    assert line == 3
    assert "date" in reason


@pytest.mark.parametrize(
    "text",
    [
        "+++\ntitle = 'A'\ndate = 2018-04-31\n+++\nText.",
        "+++\ntitle = 'A'\ndate = 2018-04-31T25:00:00Z # x\n+++\nText.",
    ],
)
def test_an_impossible_date_in_toml_costs_the_date_and_not_the_post(text: str) -> None:
    found = came_to(text)
    assert found.post is not None
    assert (found.post.title, found.post.date) == ("A", None)
    assert [line for line, _ in found.remarks] == [3]


def test_a_file_that_is_not_utf_8_is_read_and_remarked_on() -> None:
    found = came_to(b"---\ntitle: caf\xe9\n---\nText.")
    assert found.post is not None
    assert found.post.title == "café"
    assert "Windows-1252" in found.remarks[0][1]


@pytest.mark.parametrize("source", ["", "\n\n", "\ufeff", "<!-- nothing -->", "---\n---\n", "---\n\n---\n\n"])
def test_an_empty_file_is_no_post(source: str) -> None:
    assert came_to(source).hidden == "empty"


def test_a_post_may_be_all_front_matter() -> None:
    post = post_of("---\ntitle: A\n---\n")
    assert (post.title, post.body, post.description) == ("A", "", "")


def test_a_file_without_front_matter_is_a_post() -> None:
    post = post_of("# A heading\n\nText.", "notes/my-note.md")
    assert (post.title, post.body, post.url, post.date) == ("A heading", "A heading\nText.", "/notes/my-note/", None)


def test_a_post_that_does_not_say_its_language_has_that_of_the_site() -> None:
    options = Options(rules=rules(), language="de")
    for source, language in [(under("title: A"), "de"), (under("title: A\nlang: fr"), "fr")]:
        post = extract("a.md", source.encode(), options).post
        assert post and post.language == language


def test_a_key_named_content_is_a_key_like_any_other() -> None:
    assert post_of(under("title: A\ncontent: x\nmetadata: y\nhandler: z")).body == "Text."


CHOICES = [
    Options(rules=rules(), tag_separator="space"),
    Options(rules=rules(), permalink="/:title/"),
    Options(rules=rules(), permalink={"a": "/:title/"}),
    Options(rules=rules(), anchors="kramdown"),
    Options(rules=rules(), renderer="commonmark"),
    Options(rules=rules(), language="de"),
    Options(rules=rules(future=True)),
    Options(rules=rules(expired=True)),
]


def test_a_digest_tells_files_and_ways_of_reading_apart() -> None:
    plain = Options(rules=rules())
    digests = [digest(b"a", plain), digest(b"b", plain), *(digest(b"a", choice) for choice in CHOICES)]
    assert len(set(digests)) == len(digests)
    assert digest(b"a", plain) == digest(b"a", Options(rules=rules(now="2030-01-01T00:00:00Z")))


def test_a_post_is_current_until_it_expires() -> None:
    source = under("title: A\nexpires: 2024-07-01")
    post = post_of(source)
    assert ending(post.digest, Options(rules=rules())) == "2024-07-01"
    for now, current in [
        ("2024-06-30T23:59:59Z", True),
        ("2024-07-01T00:00:01Z", False),
        ("2030-01-01T00:00:00Z", False),
    ]:
        options = Options(rules=rules(now=now))
        assert is_current(post.digest, digest(source.encode(), options), options) is current
    assert not is_current(post.digest, digest(source.encode() + b"x", options), options)


def test_a_post_that_may_expire_stays_current() -> None:
    source = under("title: A\nexpires: 2020-01-01")
    post = post_of(source, rules=rules(expired=True))
    options = Options(rules=rules(now="2030-01-01T00:00:00Z", expired=True))
    assert is_current(post.digest, digest(source.encode(), options), options)
    assert ending(post.digest, options) is None


lines = st.sampled_from(
    (
        "---\n¦+++\n¦title: x\n¦draft: no\n¦date: 2020-01-01\n¦tags: [a, b]\n¦tags: a, b\n¦a: &x [1]\n¦"
        "b: *x\n¦Title: x\n¦# Heading\n¦```\n¦`code`¦{{ x }}¦{% raw %}¦{% endraw %}¦<h1>¦</h1>¦<div>¦- a\n¦"
        "  - b\n¦    ¦> ¦| a | b |\n¦|---|---|\n¦[a](b)¦![a](b)¦[^1]¦[^1]: x\n¦*¦**¦_¦&amp;¦&#xe000;¦"
        "\ue000¦\x00¦\x1b¦\ufeff¦\r¦é¦服务¦\n¦\n\n¦text ¦: def\n¦!!! note\n¦<!--¦-->¦<script>¦</script>¦:::¦"
        "$x$¦\\¦{: .a}\n¦[TOC]\n¦<T>¦data:a/b;c"
    ).split("¦")
)


@settings(deadline=None)
@given(
    st.lists(lines, max_size=30).map("".join) | st.text(max_size=300),
    st.sampled_from(["a.md", "_posts/2020-01-02-a.html.md", "a.mdx", "a.html", "a.de.md"]),
)
def test_any_file_becomes_a_sound_post_or_is_left_out(text: str, path: str) -> None:
    try:
        with within(3):
            found = came_to(text, path)
    except ContentError as error:
        assert error.reason
        assert error.line is None or 1 <= error.line <= text.count("\n") + text.count("\r") + 2
        return
    assert all(line is None or line >= 1 for line, _ in found.remarks)
    if post := found.post:
        texts = [
            post.title,
            post.description,
            post.body,
            post.url,
            post.language,
            post.image,
            *post.tags,
            *post.categories,
            *post.authors,
        ]
        for text in texts:
            text.encode()
            assert not any(c != "\n" and (c < " " or "\x7f" <= c <= "\x9f" or "\ue000" <= c <= "\ue004") for c in text)
        assert post.title
        assert post.title == " ".join(post.title.split())
        assert post.url.startswith("/")
        for section in post.sections:
            assert post.body[section.start : section.start + len(section.heading)].replace("\n", " ") == section.heading


@settings(deadline=None)
@given(st.lists(lines, max_size=20).map("".join))
def test_the_same_file_becomes_the_same_post(text: str) -> None:
    with contextlib.suppress(ContentError):
        assert came_to(text) == came_to(text)


@given(st.binary(max_size=300), st.sampled_from(["a.md", "a.html", "a.mdx"]))
def test_any_bytes_become_a_post_or_are_left_out(data: bytes, path: str) -> None:
    try:
        came_to(data, path)
    except ContentError as error:
        assert error.reason.isprintable()


@pytest.mark.parametrize("piece", ["`", "<", "<b>", "&", "&amp;", "[", "[a](b)", "*", "![", "a ", "`a`", "\\u0000"])
def test_a_long_title_is_read_in_time(piece: str) -> None:
    with within(1.5):
        came_to(under(f'title: "{piece * (60_000 // len(piece))}"\ndescription: x'))
