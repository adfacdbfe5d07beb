"""Is the search box small, does it make no markup, and does its page in docs/ say what it can do?"""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest

import server
from tests.test_docs import PAGES, code, fenced, table

SCRIPT = Path(server.__file__).parent / "static" / "post-search.js"
SOURCE = SCRIPT.read_text("utf-8")
PAGE = PAGES["docs/search-box.md"]
MOST_BYTES = 8 * 1024


def test_it_is_small_with_its_styles_inside() -> None:
    assert len(gzip.compress(SCRIPT.read_bytes(), 9)) <= MOST_BYTES


@pytest.mark.parametrize(
    "way", ["innerHTML", "outerHTML", "insertAdjacentHTML", "DOMParser", "document.write", "eval("]
)
def test_it_makes_no_markup_out_of_text(way: str) -> None:
    assert way not in SOURCE


def test_it_is_a_module_and_a_plain_script_alike() -> None:
    assert not re.search(r"^\s*(import|export)\b", SOURCE, re.MULTILINE)
    assert re.match(r"(//.*\n)*\{\n", SOURCE), "its names would be those of the whole page"


def test_it_fetches_nothing_but_answers_and_words() -> None:
    assert SOURCE.count("fetch(") == 2
    assert "url(" not in SOURCE
    assert set(re.findall(r"https?://[^\"]*", SOURCE)) == {"http://www.w3.org/2000/svg"}


def test_its_lines_fit_a_screen() -> None:
    assert max(map(len, SOURCE.splitlines())) <= 120


def words(language: str) -> set[str]:
    block = re.search(rf"^    {language}: \{{\n(.*?)^    \}}", SOURCE, re.MULTILINE | re.DOTALL)
    assert block
    return set(re.findall(r"^      (\w+):", block[1], re.MULTILINE))


def test_every_word_is_there_in_each_language_and_on_the_page() -> None:
    (example,) = fenced(PAGE, "json")
    assert words("en") == words("de") == set(json.loads(example))


def test_every_attribute_is_listed_and_no_other() -> None:
    read = set(re.findall(r'this\.(?:get|has)Attribute\("([\w-]+)"\)', SOURCE))
    assert {code(name)[0] for name, _, _ in table(PAGE, "Attribute")} == read


def test_every_colour_is_listed_with_its_default() -> None:
    declared = dict(re.findall(r"^  (--post-search-\w+): (.+);$", SOURCE, re.MULTILINE))
    assert {code(name)[0]: code(default)[0] for name, default, _ in table(PAGE, "Property")} == declared


def test_every_part_that_is_listed_is_there() -> None:
    listed = {part for names, _ in table(PAGE, "Part") for part in code(names)}
    made = set(re.findall(r'(?:make|#button|#entry)\("(?:\w+\.)?(\w+)"', SOURCE)) | {"post", "again", "option"}
    assert listed <= made


def test_every_event_is_listed_and_no_other() -> None:
    told = {f"post-search:{name}" for name in re.findall(r'#tell\("(\w+)"', SOURCE)}
    assert {code(name)[0] for name, _, _ in table(PAGE, "Event")} == told
