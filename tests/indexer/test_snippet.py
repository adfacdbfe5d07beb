"""Which passage is shown, and what is marked in it?"""

from collections.abc import Iterable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import words
from indexer.line import Line
from indexer.metadata import in_one_line
from indexer.query import Phrase, Prefix, Query, Word
from indexer.results import Fragment
from indexer.snippet import LENGTH, Snippets

WORDS = "go going gone ago Straße STRASSE café cafe\u0301 Élan ёлка x² ½ हिन्दी हि 日本語 ❤\ufe0f foo_bar a".split()
TEXTS = st.lists(st.sampled_from([*WORDS, "–", "…", "  ", "\n", "filler " * 9, "x" * 70]), max_size=40).map(" ".join)
QUESTIONS = st.lists(
    st.sampled_from([*WORDS, "go*", "str*", "д*", "日本*", '"a go"', '"go straße"', '"foo bar"', '"日本語"', "-gone"]),
    max_size=4,
).map(" ".join)


def snippets(text: str, question: str) -> Snippets:
    """What finds passages in posts whose words are those of *text*."""
    held = {token.word for token in words.tokens(text)}
    return Snippets(Query.parse(question), lambda word: {other for other in held if is_form(other, word.text)})


def is_form(word: str, other: str) -> bool:
    return words.stem(word) == words.stem(other)


def snippet(text: str, question: str, *, description: str = "") -> tuple[Fragment, ...]:
    """The passage of a post."""
    return snippets(f"{text} {description}", question).of(lambda: Line(text), description).fragments


def places(text: str, question: str) -> Iterator[tuple[int, int]]:
    """From where to where the terms of a question stand in a text, which is cut into words for this."""
    tokens = list(words.tokens(text))
    query = Query.parse(question)
    terms = {term for clause in query.wanted + query.required for term in clause.any_of}
    for term in {*terms, Prefix(query.open_word.text)} if query.open_word else terms:
        for place, token in enumerate(tokens):
            match term:
                case Word(asked, _) if is_form(token.word, asked):
                    yield token.start, token.end
                case Prefix(asked) if token.word.startswith(asked):
                    yield token.start, token.end
                case Phrase(asked):
                    run = tokens[place : place + len(asked)]
                    steps = [other.position - token.position for other in run]
                    if tuple(other.word for other in run) == asked and steps == list(range(len(asked))):
                        yield token.start, run[-1].end


def marked(fragments: Iterable[Fragment]) -> list[str]:
    return [fragment.text for fragment in fragments if fragment.marked]


@given(TEXTS, QUESTIONS)
def test_all_terms_are_found_that_stand_among_the_words_of_the_text(text: str, question: str) -> None:
    line = Line(text)
    found = snippets(text, question).matches(line)
    assert sorted((start, end) for start, end, _ in found) == sorted(places(line.text, question))
    assert [start for start, _, _ in found] == sorted(start for start, _, _ in found)


def test_every_form_of_a_word_is_marked_as_it_is_written() -> None:
    assert marked(snippet("Baked beans; she Bakes, rebakes.", "bake")) == ["Baked", "Bakes"]
    assert marked(snippet("Die STRASSE, die Straße.", "straße")) == ["STRASSE", "Straße"]
    assert marked(snippet("Un café, un cafe\u0301 – “Café”", "cafe")) == ["café", "cafe\u0301", "Café"]


def test_the_passage_has_as_many_of_the_words_as_can_stand_together() -> None:
    text = f"salt {'filler ' * 60} pepper and salt {'filler ' * 60} pepper"
    passage = snippet(text, "salt pepper")
    assert marked(passage) == ["pepper", "salt"]
    assert "".join(fragment.text for fragment in passage).startswith("…")
    assert sum(len(fragment.text) for fragment in passage) <= LENGTH + 2


def test_the_words_of_a_phrase_stand_side_by_side() -> None:
    text = "new bread, old bread; new – bread and 新 new 日本 bread"
    assert marked(snippet(text, '"new bread"')) == ["new bread", "new – bread"]


def test_without_a_match_the_description_is_shown() -> None:
    assert snippet("The text.", "absent", description="About\nit.") == (Fragment("About it."),)
    assert snippet("The text.", "") == (Fragment("The text."),)
    assert snippet("", "absent") == ()


def test_a_text_that_is_not_shown_is_not_read() -> None:
    def unread() -> Line:
        raise AssertionError("it was read")

    assert Snippets(Query.parse(""), lambda word: ()).of(unread, "About it.").fragments == (Fragment("About it."),)


@pytest.mark.parametrize(
    ("question", "section"), [("before", None), ("first", 0), ("second", 1), ("second first first", 0), ("about", None)]
)
def test_a_passage_knows_the_section_that_it_begins_in(question: str, section: int | None) -> None:
    parts = ["Before.\n\n", "One\n\nfirst \n first. ", "Empty\n", "Two\n\n" + 300 * "x " + "second "]
    text = "".join(parts)
    begins = [len(parts[0]), len(parts[0] + parts[1] + parts[2])]
    passage = snippets(f"{text} about", question).of(lambda: Line(text, begins), "About.")
    assert passage.section == section


@pytest.mark.parametrize("title", ["A rye  bread", "Ä rye\n bread ", "Rye\u200b rye"])
def test_marks_stand_where_the_words_do_in_a_title_of_any_blanks(title: str) -> None:
    shown = snippets(title, "rye").title(title)
    assert {text.lower() for text in marked(shown)} == {"rye"}
    assert "".join(fragment.text for fragment in shown) == in_one_line(title)
