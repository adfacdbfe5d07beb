"""Which passage is shown, and what is marked in it?"""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import words
from indexer.line import Line
from indexer.query import Query
from indexer.results import Fragment
from indexer.snippet import LENGTH, Snippets

WORDS = "go going gone ago Straße STRASSE café cafe\u0301 Élan ёлка x² ½ हिन्दी हि 日本語 ❤\ufe0f foo_bar a".split()
TEXTS = st.lists(st.sampled_from([*WORDS, "–", "…", "  ", "\n", "filler " * 9, "x" * 70]), max_size=40).map(" ".join)
QUESTIONS = st.lists(
    st.sampled_from([*WORDS, "go*", "str*", "д*", "日本*", '"a go"', '"go straße"', '"foo bar"', '"日本語"', "-gone"]),
    max_size=4,
).map(" ".join)


def snippet(text: str, question: str, *, description: str = "", known: bool = False) -> tuple[Fragment, ...]:
    """The passage of a post; with *known*, found the way of an engine that knows the words of its posts."""

    def forms(word: str) -> Iterable[str]:
        held = {token.word for token in words.tokens(f"{text} {description}")}
        return {other for other in held if words.stem(other) == words.stem(word)}

    query = Query.parse(question)
    return Snippets(query, forms if known else None).of(lambda: Line(text), description)


def marked(fragments: Iterable[Fragment]) -> list[str]:
    return [fragment.text for fragment in fragments if fragment.marked]


@given(TEXTS, QUESTIONS, TEXTS)
def test_to_look_for_known_forms_finds_what_cutting_into_words_finds(
    text: str, question: str, description: str
) -> None:
    slowly = snippet(text, question, description=description)
    assert snippet(text, question, description=description, known=True) == slowly


@pytest.mark.parametrize("known", [False, True])
def test_every_form_of_a_word_is_marked_as_it_is_written(known: bool) -> None:
    assert marked(snippet("Baked beans; she Bakes, rebakes.", "bake", known=known)) == ["Baked", "Bakes"]
    assert marked(snippet("Die STRASSE, die Straße.", "straße", known=known)) == ["STRASSE", "Straße"]
    assert marked(snippet("Un café, un cafe\u0301 – “Café”", "cafe", known=known)) == ["café", "cafe\u0301", "Café"]


@pytest.mark.parametrize("known", [False, True])
def test_the_passage_has_as_many_of_the_words_as_can_stand_together(known: bool) -> None:
    text = f"salt {'filler ' * 60} pepper and salt {'filler ' * 60} pepper"
    passage = snippet(text, "salt pepper", known=known)
    assert marked(passage) == ["pepper", "salt"]
    assert "".join(fragment.text for fragment in passage).startswith("…")
    assert sum(len(fragment.text) for fragment in passage) <= LENGTH + 2


@pytest.mark.parametrize("known", [False, True])
def test_the_words_of_a_phrase_stand_side_by_side(known: bool) -> None:
    text = "new bread, old bread; new – bread and 新 new 日本 bread"
    assert marked(snippet(text, '"new bread"', known=known)) == ["new bread", "new – bread"]


def test_without_a_match_the_description_is_shown() -> None:
    assert snippet("The text.", "absent", description="About\nit.") == (Fragment("About it."),)
    assert snippet("The text.", "", known=True) == (Fragment("The text."),)
    assert snippet("", "absent") == ()


def test_a_text_that_is_not_shown_is_not_read() -> None:
    def unread() -> Line:
        raise AssertionError("it was read")

    assert Snippets(Query.parse(""), lambda word: ()).of(unread, "About it.") == (Fragment("About it."),)
