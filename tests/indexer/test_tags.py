"""Are tags, categories and authors told apart as their authors meant, and in one spelling each?"""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.post import Post
from indexer.words import fold_tag
from tests.indexer.conftest import post_of, under, within


def tags_of(front_matter: str, path: str = "post.md", **choices: str) -> tuple[str, ...]:
    return post_of(under(front_matter), path, **choices).tags


@pytest.mark.parametrize(
    ("written", "tags"),
    [
        ("tags: Ai, Azure,Cloud", ("Ai", "Azure", "Cloud")),
        ("tags: [Ai, Azure]", ("Ai", "Azure")),
        ("tags:\n- Ai\n- Azure", ("Ai", "Azure")),
        ("tags:\n  - Ai\n  - Azure", ("Ai", "Azure")),
        ("tags: [\"Ai\", 'Azure']", ("Ai", "Azure")),
        ("tags: one", ("one",)),
        ("tags: two words", ("two words",)),
        ("tags: two words, and three more", ("two words", "and three more")),
        ("tags: a,\n  b c,\n  d", ("a", "b c", "d")),
        ("tags: a; b", ("a", "b")),
        ('tags: "a,, b, ,"', ("a", "b")),
        ("tags: [a, '', ' ', b]", ("a", "b")),
        ('tags: [" outer blanks ", "in  ner"]', ("outer blanks", "in ner")),
        ('tags: ["a, b", c]', ("a, b", "c")),
        ('tags: ["line\\nbreak"]', ("line break",)),
        ("tag: one", ("one",)),
        ("Tags: one", ("one",)),
        ("TAGS: [one]", ("one",)),
        ("tag: one\ntags: two", ("two",)),
        ("tag: one\ntags:", ("one",)),
        ("tags: one\ntags: two", ("two",)),
        ("tags: [{name: a}, {name: b, url: /b}]", ("a", "b")),
        ("tags: [[a, b], c]", ("a", "b", "c")),
        ("taxonomies: {tags: [a, b]}", ("a", "b")),
        ("extra: {tags: [a]}", ("a",)),
        ("tags: 服务, 网格", ("服务", "网格")),
    ],
)
def test_tags_are_told_apart(written: str, tags: tuple[str, ...]) -> None:
    assert tags_of(written) == tags


@pytest.mark.parametrize(
    "written",
    ["", "tags:", "tags: ~", "tags: null", 'tags: ""', "tags: false", "tags: []", "tags: [null, '']", "tags: {}"],
)
def test_no_tags_are_none(written: str) -> None:
    assert tags_of(f"title: A\n{written}") == ()


def test_tags_that_look_like_something_else_stay_as_written() -> None:
    written = ("no", "1.10", "2014", "12:30", "0123", "2024-01-01", "true", "0x1F", "1e3", "C++", "C#", ".NET")
    assert tags_of(f"tags: [{', '.join(written)}]") == written


def test_the_first_spelling_of_a_tag_is_kept() -> None:
    assert tags_of("tags: [Service Mesh, service-mesh, 'service  mesh', SERVICE_MESH, mesh]") == (
        "Service Mesh",
        "mesh",
    )


@pytest.mark.parametrize(("one", "other"), [("Ünï", "ünï"), ("ÜNÏ", "uni"), ("Yeah", "yeah"), ("C++", "c++")])
def test_tags_that_fold_to_one_are_one(one: str, other: str) -> None:
    assert tags_of(f"tags: ['{one}', '{other}']") == (one,)


@pytest.mark.parametrize(("one", "other"), [("C++", "C#"), ("C", "C++"), ("go", "going"), ("a", "b")])
def test_other_tags_are_two(one: str, other: str) -> None:
    assert tags_of(f"tags: ['{one}', '{other}']") == (one, other)


@pytest.mark.parametrize(
    ("separator", "path", "tags"),
    [
        ("auto", "post.md", ("two words",)),
        ("auto", "_posts/post.md", ("two", "words")),
        ("auto", "blog/_posts/post.md", ("two", "words")),
        ("comma", "_posts/post.md", ("two words",)),
        ("space", "post.md", ("two", "words")),
    ],
)
def test_blanks_part_tags_where_they_are_meant_to(separator: str, path: str, tags: tuple[str, ...]) -> None:
    assert tags_of("tags: two words", path, tag_separator=separator) == tags


@pytest.mark.parametrize("separator", ["auto", "comma", "space"])
def test_a_comma_always_parts_tags(separator: str) -> None:
    assert tags_of("tags: two words, three", "_posts/post.md", tag_separator=separator) == ("two words", "three")


def test_a_list_is_never_parted() -> None:
    assert tags_of("tags: [two words]", "_posts/post.md", tag_separator="space") == ("two words",)


@pytest.mark.parametrize(
    ("written", "categories"),
    [
        ("category: One", ("One",)),
        ("categories: [One, Two]", ("One", "Two")),
        ("categories: One, Two", ("One", "Two")),
        ("category: 2013", ("2013",)),
        ("topics: [One]", ("One",)),
        ("topic: One", ("One",)),
        ("category: One\ncategories: [Two]", ("Two",)),
        ("taxonomies: {categories: [One]}", ("One",)),
        ("categories: [News, news, NEWS]", ("News",)),
        ("categories:", ()),
    ],
)
def test_categories_are_read_like_tags(written: str, categories: tuple[str, ...]) -> None:
    assert post_of(under(f"title: A\n{written}")).categories == categories


def test_tags_are_no_categories_and_categories_no_tags() -> None:
    post = post_of(under("tags: [a]\ncategories: [b]"))
    assert (post.tags, post.categories) == (("a",), ("b",))


@pytest.mark.parametrize(
    ("written", "authors"),
    [
        ("author: Ann Lee", ("Ann Lee",)),
        ("authors: [Ann Lee, José]", ("Ann Lee", "José")),
        ("authors: Ann Lee, José", ("Ann Lee", "José")),
        ("author: {name: Ann Lee, url: /ann}", ("Ann Lee",)),
        ("authors: [{name: Ann Lee, title: Editor}, {name: José, src: j.png}]", ("Ann Lee", "José")),
        ("author: Ann\nauthors: [Ann, Ben]", ("Ann", "Ben")),
        ("author:", ()),
    ],
)
def test_authors_are_named(written: str, authors: tuple[str, ...]) -> None:
    assert post_of(under(f"title: A\n{written}")).authors == authors


@given(st.lists(st.text(max_size=12), max_size=8))
def test_any_labels_are_tidy_and_distinct(labels: list[str]) -> None:
    post: Post = post_of(json.dumps({"title": "A", "tags": labels}) + "\nText.")
    assert len({fold_tag(tag) for tag in post.tags}) == len(post.tags)
    for tag in post.tags:
        assert tag == " ".join(tag.split())
        assert tag.isprintable() or not tag.isascii()
        tag.encode()


@pytest.mark.parametrize("piece", ["a,", "a ", ",", ";", "[", "- ", "é,"])
def test_many_tags_are_told_apart_in_time(piece: str) -> None:
    with within(2):
        tags_of(f"tags: '{piece * (60_000 // len(piece.encode()))}'", "_posts/post.md")
