"""Does YAML stay the text that its author wrote, and cost no more than its length?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import yamltext
from indexer.errors import ContentError
from indexer.metadata import Value
from tests.indexer.conftest import within


def loaded(block: str) -> dict[str, Value]:
    return {key: value for key, value, _ in yamltext.load(block)}


@pytest.mark.parametrize(
    "scalar",
    [
        "no",
        "yes",
        "on",
        "off",
        "true",
        "False",
        "12:30",
        "1.10",
        "2014",
        "0123",
        "0x1F",
        "1e3",
        "1_000",
        ".5",
        "-1",
        "2018-04-31",
        "2023-08-14",
        "2023-08-14 12:07:00 +0200",
        "1:59:59",
        ".inf",
        ".nan",
        "=",
        "9" * 5000,
    ],
)
def test_a_scalar_stays_the_text_that_was_written(scalar: str) -> None:
    assert loaded(f"key: {scalar}\nlist: [{scalar}]") == {"key": scalar, "list": [scalar]}


@pytest.mark.parametrize("nothing", ["", "~", "null", "Null", "NULL", '""', "''"])
def test_nothing_is_the_empty_text(nothing: str) -> None:
    assert loaded(f"key: {nothing}\nother: x") == {"key": "", "other": "x"}


@pytest.mark.parametrize("word", ["null", "~"])
def test_a_quoted_null_is_a_word(word: str) -> None:
    assert loaded(f'key: "{word}"') == {"key": word}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("a: b", "b"),
        ("a:   b   ", "b"),
        ("a:\tb", "b"),
        ("a: b # said aside", "b"),
        ('a: "b # c"', "b # c"),
        ("a: 'it''s'", "it's"),
        (r'a: "\x41\tb"', "A\tb"),
        ("a: b\n  c", "b c"),
        ("a: |\n  b\n  c\n", "b\nc\n"),
        ("a: >\n  b\n  c\n", "b c\n"),
        ("a: [b, c]", ["b", "c"]),
        ("a:\n- b\n- c", ["b", "c"]),
        ("a:\n  - b\n  - c", ["b", "c"]),
        ("a: {b: c, d: [e]}", {"b": "c", "d": ["e"]}),
        ("a: !ruby/symbol b", "b"),
        ("a: !!timestamp 2018-04-31", "2018-04-31"),
        ("a: !<tag:yaml.org,2002:js/function> b", "b"),
        ('"a": b', "b"),
        ("? a\n: b", "b"),
        ("a: 服务网格”,”", "服务网格”,”"),
        ("a: b:c", "b:c"),
        ("a: “quoted”", "“quoted”"),
        ("a: x\u00a0y", "x\u00a0y"),
        ("a: x\x08y", "x y"),
        ("a: caf\u00adé", "café"),
    ],
)
def test_a_value_is_read(written: str, value: Value) -> None:
    assert loaded(written) == {"a": value}


def test_every_key_has_its_line() -> None:
    block = "\ntitle: a\n# aside\n\ntags:\n  - b\nDate: c\n"
    assert [(key, line) for key, _, line in yamltext.load(block, first_line=2)] == [
        ("title", 3),
        ("tags", 6),
        ("Date", 8),
    ]


def test_a_doubled_key_is_there_twice() -> None:
    assert [(key, value) for key, value, _ in yamltext.load("a: 1\na: 2")] == [("a", "1"), ("a", "2")]


def test_an_alias_repeats_its_value() -> None:
    assert loaded("a: &x [b]\nc: *x") == {"a": ["b"], "c": ["b"]}


@pytest.mark.parametrize("merge", ["<<: *base", "<<: [*base]", "<<: {tags: [b], lang: de}"])
def test_merged_keys_are_keys_of_its_own(merge: str) -> None:
    assert loaded(f"base: &base {{tags: [b], lang: de}}\n{merge}")["lang"] == "de"


@pytest.mark.parametrize("order", ["title: mine\n<<: *base", "<<: *base\ntitle: mine"])
def test_a_key_that_is_written_wins_over_one_that_is_merged(order: str) -> None:
    pairs = list(yamltext.load(f"base: &base {{title: theirs}}\n{order}"))
    assert {key: value for key, value, _ in pairs}["title"] == "mine"


def test_of_two_merged_mappings_none_is_lost() -> None:
    assert "draft" in loaded("a: &a {draft: true}\nb: &b {lang: de}\n<<: [*a, *b]")


@pytest.mark.parametrize("block", ["", "\n\n", "# only an aside", "---"])
def test_a_block_may_be_empty(block: str) -> None:
    assert loaded(block) == {}


@pytest.mark.parametrize(
    ("block", "line", "reason"),
    [
        ("bad yaml: [", 2, "not YAML"),
        ("a: b\nc: [d", 3, "not YAML"),
        ("a: b\nc: d: e", 3, "not YAML"),
        ("a: b\nc: @d", 3, "not YAML"),
        ('a: "b', 2, "not YAML"),
        ("a: b\n\tc: d", 3, "not YAML"),
        ("- a\n- b", 2, "not a list of keys"),
        ("just words", 2, "not a list of keys"),
        ("title:x", 2, "not a list of keys"),
        ("a: b\n[c]: d", 3, "key that is not text"),
        ("title: {{ title }}", 2, "key that is not text"),
        ("a: *nowhere", 2, "not there"),
        ("a: &a [*a]", 2, "not there"),
        (r'a: "\ud800"', 2, "not YAML"),
    ],
)
def test_a_block_that_does_not_load_is_refused_with_its_line(block: str, line: int, reason: str) -> None:
    with pytest.raises(ContentError, match=reason) as refused:
        list(yamltext.load(block, first_line=2))
    assert refused.value.line is not None
    assert refused.value.line in (line, line + 1), "the parser may notice one line late"


@pytest.mark.parametrize("depth", [25, 500, 20_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ("{a: ", "}")])
def test_deep_nesting_is_refused(depth: int, opening: str, closing: str) -> None:
    with within(2), pytest.raises(ContentError, match="nested too deeply"):
        loaded(f"a: {opening * depth}{closing * depth}")


def test_nesting_as_posts_have_it_is_read() -> None:
    assert loaded("a: {b: {c: {d: [[e]]}}}") == {"a": {"b": {"c": {"d": [["e"]]}}}}


def test_aliases_of_aliases_are_counted() -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9)
    )
    with within(1), pytest.raises(ContentError, match="more than"):
        loaded(bomb)


def test_merges_of_merges_are_counted() -> None:
    bomb = "a0: &a0 {k0: x}\n" + "".join(
        f"a{n}: &a{n} {{{', '.join(f'k{n}x{m}: *a{n - 1}' for m in range(9))}}}\n" for n in range(1, 9)
    )
    with within(1), pytest.raises(ContentError, match="more than"):
        loaded(bomb + "<<: *a8")


def test_a_list_of_many_values_is_refused() -> None:
    with within(2), pytest.raises(ContentError, match="more than"):
        loaded(f"a: [{'x,' * (yamltext.MOST_VALUES + 1)}]")


@given(
    st.text()
    | st.text("ab:-[]{}&*!|>'\"%@`#,? \n\t<\\")
    | st.lists(st.sampled_from(["a: b\n", "- c\n", "  ", "<<: *x\n", "&x "])).map("".join)
)
def test_any_text_loads_or_is_refused(block: str) -> None:
    try:
        pairs = list(yamltext.load(block))
    except ContentError as error:
        assert error.line is None or 1 <= error.line <= block.count("\n") + 2
    else:
        repr(pairs).encode("utf-8", "surrogatepass")
        assert all(1 <= line <= block.count("\n") + 1 for _, _, line in pairs)
