"""Are the words of a text found where they stand, and alike in posts and questions?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import words


def words_of(text: str) -> list[str]:
    return [token.word for token in words.tokens(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("!? -- …", []),
        ("Two words", ["two", "words"]),
        ("**bold** and `code`", ["bold", "and", "code"]),
        ("snake_case kebab-case dot.ted", ["snake", "case", "kebab", "case", "dot", "ted"]),
        ("don't don’t", ["don", "t", "don", "t"]),
        ("H100 3.11 v2", ["h100", "3", "11", "v2"]),
        ("Café CAFE\u0301", ["cafe", "cafe"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("שָׁלוֹם سَلام", ["שלום", "سلام"]),
        ("网", ["网"]),
        ("服务网格", ["服务", "务网", "网格", "格"]),
        ("用Python写", ["用", "python", "写"]),
        ("ภาษา", ["ภา", "าษ", "ษา", "า"]),
        ("x" * 64, ["x" * 64]),
        ("x" * 65, []),
        ("a\x1eb", ["a", "b"]),
        ("\u0301", []),
        ("_", []),
    ],
)
def test_the_words_of_a_text(text: str, expected: list[str]) -> None:
    assert words_of(text) == expected


def test_words_are_numbered_one_by_one() -> None:
    assert [(token.word, token.position) for token in words.tokens("a 服务 b")] == [
        ("a", 0),
        ("服务", 1),
        ("务", 2),
        ("b", 3),
    ]


@pytest.mark.parametrize("between", [words.GAP, f" {words.GAP} ", " " + "0" * (words.LONGEST + 1) + " "])
def test_what_is_no_word_may_keep_two_words_from_being_neighbours(between: str) -> None:
    first, second = words.tokens(f"one{between}two")
    assert second.position == first.position + 2


@pytest.mark.parametrize(
    ("text", "word", "also"),
    [
        ("C++", "c++", ()),
        ("use C#, not F#.", "c#", ()),
        ("C++17", "c++", ()),
        ("用C++写", "c++", ()),
        (".NET", "net", ("=.net",)),
        ("a .gitignore", "gitignore", ("=.gitignore",)),
        ("git --dry-run", "dry", ("=--dry-run",)),
        ("Café", "cafe", ("=café",)),
        ("camelCase", "camelcase", ("<camel", "<case")),
        ("HTMLParser", "htmlparser", ("<html", "<parser")),
        ("getURLOf", "geturlof", ("<get", "<url", "<of")),
    ],
)
def test_a_name_is_found_whole_and_by_its_parts(text: str, word: str, also: tuple[str, ...]) -> None:
    assert (word, also) in [(token.word, token.also) for token in words.tokens(text)]


@pytest.mark.parametrize("text", ["URLs", "example.com", "x.html#top", "a--b", "word -- word", "a+b", "Word", "WORD"])
def test_a_plain_word_is_found_as_itself_alone(text: str) -> None:
    assert not any(token.also for token in words.tokens(text))


@pytest.mark.parametrize("text", ["й", "новый", "ў"])
def test_letters_of_their_own_keep_their_marks(text: str) -> None:
    assert words_of(text) == [text]


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [("de", "Häuser", "Haus"), ("ru", "новый", "новая"), ("fr", "chanté", "chanter"), ("pt-br", "casas", "casa")],
)
def test_each_language_has_stems_of_its_own(language: str, one: str, other: str) -> None:
    tongue = words.tongue(language)
    assert words.stem(words.fold(one), tongue) == words.stem(words.fold(other), tongue)


def test_words_of_an_unknown_language_are_their_own_stems() -> None:
    assert words.stem("posts", words.tongue("ja")) == "posts"


@given(st.text())
def test_a_word_stands_where_its_token_says(text: str) -> None:
    for token in words.tokens(text):
        assert words.fold(text[token.start : token.end]) == token.word != ""


@given(st.text())
def test_positions_go_up_and_so_do_places(text: str) -> None:
    for one, next_one in pairwise(words.tokens(text)):
        assert one.position < next_one.position
        assert one.start < next_one.start
        assert one.end <= next_one.end


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ABC", "abc"),
        ("Ünïcödé", "unicode"),
        ("Straße", "strasse"),
        ("ＡＢＣ１２３", "abc123"),
        ("𝐁𝐨𝐥𝐝", "bold"),
        ("ﬁne", "fine"),
        ("İstanbul", "istanbul"),
        ("ΌΣΟΣ", "οσοσ"),
        ("Ёлка", "елка"),
        ("ガ", "ガ"),
        ("한국", "한국"),
    ],
)
def test_folding_leaves_out_what_readers_do_not_type(text: str, expected: str) -> None:
    assert words.fold(text) == expected


@given(st.text())
def test_folding_again_changes_nothing(text: str) -> None:
    assert words.fold(words.fold(text)) == words.fold(text)


@pytest.mark.parametrize(
    "spelling", ["Service Mesh", "service-mesh", "SERVICE_MESH", " sérvice \t mesh ", "service - mesh"]
)
def test_the_spellings_of_a_tag_are_one(spelling: str) -> None:
    assert words.fold_tag(spelling) == "service-mesh"


@pytest.mark.parametrize("one, other", [("c", "c++"), ("c#", "c"), (".net", "net"), ("a,b", "a-b"), ("ab", "a-b")])
def test_tags_that_differ_in_more_than_spelling_are_two(one: str, other: str) -> None:
    assert words.fold_tag(one) != words.fold_tag(other)


@given(st.text())
def test_folding_a_tag_again_changes_nothing(tag: str) -> None:
    assert words.fold_tag(words.fold_tag(tag)) == words.fold_tag(tag)


@pytest.mark.parametrize("forms", ["post posts posted posting", "run runs running", "h100", "服务", "tag tags tagged"])
def test_the_forms_of_a_word_have_one_stem(forms: str) -> None:
    assert len({words.stem(form) for form in forms.split()}) == 1


def test_stems_come_out_alike_in_every_thread() -> None:
    endings = ("ing", "ed", "ional", "s")
    vocabulary = [stem + ending for stem in ("index", "search", "relat") for ending in endings] * 50
    words.stem.cache_clear()
    with ThreadPoolExecutor(8) as pool:
        at_once = list(pool.map(words.stem.__wrapped__, vocabulary))
    assert at_once == [words.stem(word) for word in vocabulary]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("foo.bar", [("foo", ("foo",)), ("bar", ("bar",))]),
        ("服务网格", [("服务网格", ("服务", "务网", "网格"))]),
        ("网格", [("网格", ("网格",))]),
        ("网", [("网", ("网",))]),
        ("Café网", [("Café", ("cafe",)), ("网", ("网",))]),
        ("x" * 65, []),
        (words.GAP, []),
    ],
)
def test_a_question_is_taken_apart_into_words_and_runs(text: str, expected: list[tuple[str, tuple[str, ...]]]) -> None:
    assert [(run.text, run.words) for run in words.runs(text)] == expected


@given(st.text())
def test_the_words_of_a_run_stand_side_by_side_in_its_text(text: str) -> None:
    for run in words.runs(text):
        assert run.text in text
        assert tuple(words_of(run.text))[: len(run.words)] == run.words


@given(st.text())
def test_every_word_of_a_text_is_in_one_of_its_runs(text: str) -> None:
    in_runs = {word for run in words.runs(text) for word in words_of(run.text)}
    assert set(words_of(text)) == in_runs


@given(st.text(st.sampled_from("服务网格的"), min_size=1), st.data())
def test_any_part_of_a_text_without_blanks_is_found_in_it(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    part = text[start : data.draw(st.integers(start + 1, len(text)))]
    (run,) = words.runs(part)
    asked = " ".join(run.words)
    assert f" {asked}" in " " + " ".join(words_of(text))


@pytest.mark.parametrize("word", sorted(words.STOP_WORDS))
def test_a_common_word_is_one_word_as_it_stands(word: str) -> None:
    assert words_of(word) == [word]


@pytest.mark.parametrize("text", [".größe", "--größe", ".NETﬁne", ".cafe\u0301", "--dry-größe"])
def test_a_name_with_a_sign_goes_to_the_end_of_its_word(text: str) -> None:
    written = {term for token in words.tokens(text) for term in token.also if term.startswith(words.WRITTEN)}
    assert not written & {"=.gr", "=--gr", "=.net", "=.cafe", "=--dry-gr"}


def test_a_name_with_a_sign_ends_before_a_script_without_blanks() -> None:
    assert next(token.also for token in words.tokens(".NET搜索")) == ("=.net",)
