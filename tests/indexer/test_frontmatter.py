"""Is the front matter found in every dialect that posts are written in, and refused where it cannot be read?"""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import frontmatter
from indexer.errors import ContentError
from tests.indexer.conftest import came_to, within

DIALECTS = {
    "yaml": "---\ntitle: A post\ndraft: true\n---\n",
    "yaml, named": "---yaml\ntitle: A post\ndraft: true\n---\n",
    "yaml, closed by dots": "---\ntitle: A post\ndraft: true\n...\n",
    "yaml, blanks behind the marks": "--- \t\ntitle: A post\ndraft: true\n---  \n",
    "yaml, blank lines before": "\n \n---\ntitle: A post\ndraft: true\n---\n",
    "yaml, blank line within": "---\n\ntitle: A post\n\ndraft: true\n\n---\n",
    "yaml, byte order mark": "\ufeff---\ntitle: A post\ndraft: true\n---\n",
    "yaml, byte order mark and blank line": "\ufeff\n---\ntitle: A post\ndraft: true\n---\n",
    "yaml, coding comment": "# -*- coding: utf-8 -*-\n---\ntitle: A post\ndraft: true\n---\n",
    "yaml, comment within": "---\n# about this post\ntitle: A post # here\ndraft: true\n---\n",
    "yaml, indented": "---\n  title: A post\n  draft: true\n---\n",
    "yaml, quoted keys": "---\n\"title\": 'A post'\n'draft': \"true\"\n---\n",
    "yaml, keys in capitals": "---\nTITLE: A post\nDRAFT: true\n---\n",
    "yaml, blank before the colon": "---\ntitle : A post\ndraft : true\n---\n",
    "yaml, flow": "---\n{title: A post, draft: true}\n---\n",
    "yaml, folded": "---\ntitle: A\n  post\ndraft:\n  true\n---\n",
    "toml": '+++\ntitle = "A post"\ndraft = true\n+++\n',
    "toml, named": '---toml\ntitle = "A post"\ndraft = true\n---\n',
    "toml, blank lines before": '\n\n+++\ntitle = "A post"\n\ndraft = true\n+++\n',
    "toml, byte order mark": "\ufeff+++\ntitle = 'A post'\ndraft = true\n+++\n",
    "toml, comment": '+++\n# about\ntitle = "A post"\ndraft = true # yet\n+++\n',
    "toml, table": '+++\ntitle = "A post"\n[extra]\ndraft = true\n+++\n',
    "toml, table first": '+++\n[extra]\ntitle = "A post"\ndraft = true\n+++\n',
    "toml, dotted key": '+++\ntitle = "A post"\nextra.draft = true\n+++\n',
    "json": '{"title": "A post", "draft": true}\n',
    "json, over lines": '{\n  "title": "A post",\n  "draft": true\n}\n\n',
    "json, blank lines before": '\n\n{"title": "A post", "draft": true}\n',
    "json, byte order mark": '\ufeff{"title": "A post", "draft": true}\n',
    "json, fenced": '---json\n{"title": "A post", "draft": true}\n---\n',
    "json, semicolons": ';;;\n{"title": "A post", "draft": true}\n;;;\n',
    "json, semicolons without braces": ';;;\n"title": "A post",\n"draft": true\n;;;\n',
    "key-value": "Title: A post\nDraft: true\n\n",
    "key-value, small letters": "title: A post\ndraft: true\n\n",
    "key-value, blank lines before": "\n\nTitle: A post\nDraft: true\n\n",
    "key-value, byte order mark": "\ufeffTitle: A post\nDraft: true\n\n",
    "key-value, over lines": "Title: A\n    post\nDraft: true\n\n",
    "key-value, tabs": "Title:\tA\n\tpost\nDraft:\ttrue\n\n",
    "nikola": ".. title: A post\n.. draft: true\n\n",
    "nikola, in a comment": "<!--\n.. title: A post\n.. draft: true\n-->\n\n",
    "nikola, blank lines": "\n.. title: A post\n\n.. draft: true\n\n",
}


@pytest.mark.parametrize("name", DIALECTS)
def test_a_dialect_is_read(name: str) -> None:
    found = frontmatter.split(DIALECTS[name] + "The text.\n")
    assert found.dialect == name.partition(",")[0]
    assert " ".join(found.metadata.text("title").split()) == "A post"
    assert found.metadata.text("draft") == "true"
    assert found.body.strip() == "The text."


@pytest.mark.parametrize("name", DIALECTS)
def test_a_draft_is_hidden_in_every_dialect(name: str) -> None:
    assert "draft: true" in str(came_to(DIALECTS[name] + "The text.\n").hidden).lower()


@pytest.mark.parametrize("ends", ["\r\n", "\r"])
@pytest.mark.parametrize("name", DIALECTS)
def test_a_draft_is_hidden_whatever_ends_its_lines(name: str, ends: str) -> None:
    assert came_to((DIALECTS[name] + "The text.\n").replace("\n", ends)).hidden


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("name", DIALECTS)
def test_a_draft_is_hidden_whatever_encodes_it(name: str, encoding: str) -> None:
    assert came_to((DIALECTS[name].removeprefix("\ufeff") + "The text.\n").encode(encoding)).hidden


@pytest.mark.parametrize("name", DIALECTS)
def test_a_body_begins_on_its_line(name: str) -> None:
    source = DIALECTS[name] + "The text.\n"
    found = frontmatter.split(source)
    assert source.endswith(found.body)
    assert found.body_line == source.removesuffix(found.body).count("\n") + 1


@pytest.mark.parametrize("name", [name for name in DIALECTS if name not in ("toml, table first", "toml, dotted key")])
def test_a_key_stands_on_its_line(name: str) -> None:
    rows = DIALECTS[name].split("\n")
    for entry in frontmatter.split(DIALECTS[name] + "The text.\n").metadata.entries:
        assert entry.key in rows[entry.line - 1]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "\ufeff",
        "Just text.\n",
        "# A heading\n\nText.\n",
        "Note: this is prose.\n\nText.\n",
        "https://example.org: a link\n",
        "---\n",
        "---\n\nText after a rule.\n",
        "---\n\nProse between two rules.\n\n---\n\nText.\n",
        "+++\n\nProse.\n\n+++\n",
        "[link]: https://example.org\n",
        "{ braces } and text\n",
        "{% include head.html %}\n",
        "{{ content }}\n",
        ".. note:: Take care\n\n   Text.\n",
        ".. _target: https://example.org\n\nText.\n",
        ".. image:: a.png\n   :alt: A picture\n\nText.\n",
        "<!-- a comment -->\n\nText.\n",
        "```\n---\ndraft: true\n---\n```\n",
        "    ---\n    draft: true\n    ---\n",
    ],
)
def test_a_file_without_front_matter_is_all_text(text: str) -> None:
    found = frontmatter.split(text)
    assert (found.dialect, found.metadata.entries) == ("none", ())
    assert (found.body, found.body_line) == (text, 1)


def test_a_rule_in_the_text_ends_nothing() -> None:
    assert frontmatter.split("---\ntitle: A\n---\nOne\n\n---\n\nTwo\n").body == "One\n\n---\n\nTwo\n"


def test_an_empty_block_is_front_matter() -> None:
    for text in ("---\n---\nText.\n", "---\n\n---\nText.\n", "+++\n+++\nText.\n"):
        found = frontmatter.split(text)
        assert (found.dialect != "none", found.body) == (True, "Text.\n")


def test_front_matter_may_be_all_there_is() -> None:
    found = frontmatter.split("---\ntitle: A\n---")
    assert (found.metadata.text("title"), found.body) == ("A", "")


UNCLOSED = {
    "yaml": "---\ndraft: true\n\nText.\n",
    "yaml, blank line first": "---\n\ndraft: true\n\nText.\n",
    "yaml, comment first": "---\n# about\ndraft: true\n\nText.\n",
    "yaml, licence first": "---\n" + "# All rights reserved.\n" * 20 + "draft: true\n\nText.\n",
    "yaml, list first": "---\n- a\ndraft: true\n\nText.\n",
    "yaml, byte order mark": "\ufeff---\ndraft: true\n\nText.\n",
    "yaml, quoted key": '---\n"draft": true\n\nText.\n',
    "yaml, four marks": "---\ndraft: true\n----\nText.\n",
    "yaml, indented marks": "---\ndraft: true\n ---\nText.\n",
    "toml": "+++\ndraft = true\n\nText.\n",
    "toml, table": "+++\n[extra]\ndraft = true\n\nText.\n",
    "json, semicolons": ';;;\n"draft": true\n\nText.\n',
    "json, fenced": '---json\n{"draft": true}\n\nText.\n',
    "json, fenced over lines": '---json\n{\n"draft": true\n}\n\nText.\n',
    "json": '{"draft": true\n\nText.\n',
}


@pytest.mark.parametrize("name", UNCLOSED)
def test_front_matter_that_is_never_closed_is_refused_with_its_line(name: str) -> None:
    with pytest.raises(ContentError) as refused:
        came_to(UNCLOSED[name])
    assert refused.value.line is not None


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("---\ntitle: a\nbad: [\n---\n", 4, "YAML"),
        ("---\ntitle:x\n---\n", 2, "list of keys"),
        ("\n\n---\ntitle: a\nbad: b: c\n---\n", 5, "YAML"),
        ("---\ntitle: {{ title }}\n---\n", 2, "front matter"),
        ("+++\ntitle = 'a'\nbad = x\n+++\n", 3, "TOML"),
        ("+++\ndraft = true\ndraft = false\n+++\n", 3, "TOML"),
        ("---\ntitle = 'a'\n---\n", 2, "list of keys"),
        ('---json\n{"a": 1,\n"b" 2}\n---\n', 3, "JSON"),
        ("---json\n[1]\n---\n", 2, "front matter"),
        (';;;\n"a": 1,\n"b" 2\n;;;\n', 3, "JSON"),
        ('{"a": 1,\n"b" 2}\n', 2, "JSON"),
        (f"---\na: {'x' * frontmatter.LONGEST}\n---\n", 2, "longer than"),
    ],
)
def test_front_matter_that_does_not_load_is_refused_with_its_line(text: str, line: int, reason: str) -> None:
    with pytest.raises(ContentError, match=reason) as refused:
        frontmatter.split(text)
    assert refused.value.line == line


@pytest.mark.parametrize("text", ["+++\ntitle = 'a'\nbad = x\n+++\n", '{"a": 1,\n"b" 2}\n', '---json\n{"b" 2}\n---\n'])
def test_a_refusal_names_one_line_only(text: str) -> None:
    with pytest.raises(ContentError) as refused:
        frontmatter.split(text)
    assert "line" not in refused.value.reason


@pytest.mark.parametrize("depth", [30, 300, 700, 990, 5_000])
@pytest.mark.parametrize(
    ("before", "opening", "closing", "after"),
    [
        ('{"a": ', "[", "]", "}\n"),
        ('{"a": ', '{"a": ', "", "1" + "}" * 5_000 + "\n"),
        ("+++\na = ", "[", "]", "\n+++\n"),
        ("+++\na", ".a", "", " = 1\n+++\n"),
        ("+++\na = ", "{a = ", "", "1" + "}" * 5_000 + "\n+++\n"),
    ],
)
def test_deep_nesting_is_refused(before: str, opening: str, closing: str, after: str, depth: int) -> None:
    with within(5), pytest.raises(ContentError):
        came_to(before + opening * depth + closing * depth + after.replace("}" * 5_000, "}" * depth) + "Text.\n")


@pytest.mark.parametrize(
    ("toml", "value"),
    [
        ("2023-08-14", "2023-08-14"),
        ("12:07:00", "12:07:00"),
        ("1.10", "1.10"),
        ("2014", "2014"),
        ("true", "true"),
        ("['a', 1.10, false]", ["a", "1.10", "false"]),
        ("{ b = 'c' }", {"b": "c"}),
        ("'''\na\nb'''", "a\nb"),
    ],
)
def test_a_toml_value_is_read_as_text(toml: str, value: object) -> None:
    found = frontmatter.split(f"+++\nkey = {toml}\n+++\n").metadata.find("key")
    assert found is not None
    assert found.value == value


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ("1.10", "1.10"),
        ("2014", "2014"),
        ("9" * 5000, "9" * 5000),
        ("1e999", "1e999"),
        ("true", "true"),
        ("null", ""),
        ('"a\\u00e9"', "aé"),
        ("[1, [true]]", ["1", ["true"]]),
        ('{"b": "c"}', {"b": "c"}),
        ("[]", []),
        ("{}", {}),
    ],
)
@pytest.mark.parametrize("fence", ["{}\n", "---json\n{}\n---\n", ";;;\n{}\n;;;\n"])
def test_a_json_value_is_read_as_text(fence: str, given: str, value: Any) -> None:
    entries = frontmatter.split(fence.format('{"key": ' + given + "}")).metadata.entries
    assert [entry.value or "" for entry in entries] == [value or ""]


def test_doubled_keys_are_seen_in_every_dialect_that_allows_them() -> None:
    for text in (
        "---\na: 1\na: 2\n---\n",
        '{"a": 1, "a": 2}\n',
        "Title: x\nA: 1\nA: 2\n\n",
        ".. title: x\n.. a: 1\n.. a: 2\n\n",
    ):
        assert [entry.value for entry in frontmatter.split(text).metadata.every("a")] == ["1", "2"]


def test_the_value_of_a_key_goes_on_in_indented_lines() -> None:
    found = frontmatter.split("Title: A post\nTags: one,\n    two\nSummary:\n    First\n\n    Code.\n")
    assert found.metadata.text("tags") == "one, two"
    assert found.metadata.text("summary") == "First"
    assert found.body.strip() == "Code."


@pytest.mark.parametrize("text", list(DIALECTS.values()))
def test_front_matter_without_the_text_is_the_same(text: str) -> None:
    whole = frontmatter.split(text + "The text.\n").metadata
    assert frontmatter.split(text).metadata == whole


lines = st.sampled_from(
    (
        '---¦+++¦;;;¦...¦---json¦title: x¦draft: true¦a = 1¦"a": 1¦{¦}¦- b¦¦ ¦# c¦.. title: x¦Title: x¦'
        "    more¦[t]¦\ufeff¦<!--¦-->¦Text.¦é服¦a: &x [*x]¦{% x %}"
    ).split("¦")
)


@given(st.lists(lines, max_size=12).map("\n".join) | st.text() | st.text("-+;.:=\n {}[]\"'ax#"))
def test_any_text_is_taken_apart_or_refused(text: str) -> None:
    try:
        found = frontmatter.split(text)
    except ContentError as error:
        assert error.line is None or 1 <= error.line <= text.count("\n") + 2
        return
    assert text.endswith(found.body)
    assert 1 <= found.body_line <= text.count("\n") + 1
    assert all(0 <= entry.line <= text.count("\n") + 1 for entry in found.metadata.entries)


keys = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=10)
values = st.recursive(st.text(max_size=20) | st.booleans() | st.integers(), lambda inner: st.lists(inner, max_size=3))


@given(st.dictionaries(keys, values, max_size=5), st.sampled_from(["{}\n", "---json\n{}\n---\n", ";;;\n{}\n;;;\n"]))
def test_json_says_what_json_says(wanted: dict[str, Any], fence: str) -> None:
    written = json.dumps(wanted)
    if written == "{}" and fence == "{}\n":
        return
    entries = frontmatter.split(fence.replace("{}", written)).metadata.entries
    assert [entry.key for entry in entries] == list(wanted)


REPEATED = [
    "---\n",
    "+++\n",
    ";;;\n",
    "\n",
    " ",
    "  \n",
    "\t\n",
    " \t",
    "\ufeff",
    "a: b\n",
    "title: x\n",
    "Title: x\n    y\n",
    "    x\n",
    "a = 1\n",
    "# c\n",
    "\n# c",
    "coding:",
    "coding: x\n",
    ".. a: b\n",
    "<!--\n",
    "..",
    "a:",
    '{"a":',
    '{"',
    "{",
    '"a": 1\n',
    "[",
    "- ",
    "? ",
    "! ",
    "&x ",
    "*x ",
    "key: [\n",
    "'",
    '"',
    "a" * 50 + ": ",
    "A ",
    "A: b\n\n",
    "{% x %}",
]


@pytest.mark.parametrize(
    "before", ["", "---\n", "+++\n", ";;;\n", "---\ntitle: x\n", "Title: x\n", '{"a": 1,'], ids=repr
)
@pytest.mark.parametrize("piece", REPEATED, ids=repr)
def test_a_long_file_is_taken_apart_in_time(before: str, piece: str) -> None:
    text = before + piece * (100_000 // len(piece))
    with within(1), contextlib.suppress(ContentError):
        frontmatter.split(text)


@pytest.mark.parametrize("piece", REPEATED, ids=repr)
@pytest.mark.parametrize("fence", ["---", "+++", ";;;", "---json"])
def test_the_longest_front_matter_is_loaded_in_time(fence: str, piece: str) -> None:
    closing = "---" if fence == "---json" else fence
    first = {"---": "title: x\n", "+++": "title = 'x'\n"}.get(fence, "")
    block = first + piece * ((frontmatter.LONGEST - 20) // len(piece))
    with within(1.5), contextlib.suppress(ContentError):
        frontmatter.split(f"{fence}\n{block}\n{closing}\nText.\n")


@pytest.mark.parametrize(
    "text",
    [
        "+++\n" + "".join(f"k{n} = 1\n" for n in range(6_000)) + "+++\n",
        "{" + ",\n".join(f'"k{n}": 1' for n in range(5_000)) + "}\n",
        "{" + ",".join(f'"k{n}": 1' for n in range(5_000)) + "}\n",
        "---\n" + "".join(f"k{n}: 1\n" for n in range(7_000)) + "---\n",
        "Title: x\n" + "".join(f"k{n}: 1\n" for n in range(7_000)) + "\n",
        ".. title: x\n" + "".join(f".. k{n}: 1\n" for n in range(5_000)) + "\n",
    ],
    ids=["toml", "json", "json in one line", "yaml", "key-value", "nikola"],
)
def test_many_keys_are_read_in_time(text: str) -> None:
    with within(1.5):
        assert len(frontmatter.split(text + "Text.\n").metadata.entries) >= 5_000
