"""Does a text keep its words and their places when it is made one line, and folded?"""

import re
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import words
from indexer.line import Line, folded
from indexer.metadata import in_one_line


@pytest.mark.parametrize("text", ["One  line\nof\ttext ", "One line of text", " One\u00a0line\r\n\r\nof text"])
def test_blanks_and_line_ends_become_one_blank_each(text: str) -> None:
    assert in_one_line(text) == "One line of text"


@pytest.mark.parametrize(
    "word", ["Garage", "Crème", "Cre\u0300me", "Straße", "ЁЛКА", "Ὀδυσσεύς", "Ｆｕｌｌ", "naïve", "x²"]
)
def test_a_word_is_folded_in_a_text_as_by_itself(word: str) -> None:
    assert folded(f"“{word}” – {word}…").split() == [words.fold(word)] * 2


@pytest.mark.parametrize("word", ["हिन्दी", "½", "日本", "한글"])
def test_a_word_that_is_folded_only_as_a_whole_is_no_word_of_the_folded_text(word: str) -> None:
    assert words.fold(word) not in folded(f"ok {word} ok")


def test_places_in_a_folded_text_are_found_again_in_the_text() -> None:
    line = Line("Die Straße am Cafe\u0301, große Häuser")
    start = line.folded.index("strasse")
    far = line.folded.index("hauser")
    places = line.unfolded([(start, start + 7, 1), (far, far + 6, 2)])
    assert [line.text[a:z] for a, z, _ in places] == ["Straße", "Häuser"]
    assert [what for _, _, what in places] == [1, 2]


@given(st.lists(st.text(alphabet="ab \n", max_size=6), min_size=1, max_size=6))
def test_a_place_in_a_line_is_in_the_section_that_it_was_in(sections: list[str]) -> None:
    text = "".join(section + "\n" for section in sections)
    begins = list(accumulate(len(section) + 1 for section in sections))[:-1]
    line = Line(text, begins)
    assert line.text == in_one_line(text)
    expected = [number - 1 if number else None for number, section in enumerate(sections) for _ in section.split()]
    assert [line.section(word.start()) for word in re.finditer(r"\S+", line.text)] == expected
