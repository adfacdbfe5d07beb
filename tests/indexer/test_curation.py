"""Are pins and synonyms what the owner wrote, and mistakes among them named with their place?"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.curation import LONGEST, UNCURATED, Curation
from indexer.errors import SettingsError
from indexer.query import Query, spelt
from indexer.search import search
from indexer.settings import Settings
from tests.conftest import make_post
from tests.engines.reference import ReferenceEngine


def curation(folder: Path, synonyms: str) -> Curation:
    file = folder / "synonyms.txt"
    file.write_text(synonyms, "utf-8")
    return Curation.load(Settings(synonyms=str(file)))


def read_as(curation: Curation, text: str) -> list[tuple[str, ...]]:
    """What may be met for each thing that *text* asks for."""
    return [tuple(map(spelt, clause.terms)) for clause in curation.of(Query.parse(text)).clauses]


def test_without_a_choice_no_question_is_changed() -> None:
    query = Query.parse("flask -mesh tag:x")
    assert Curation.load(Settings()) == UNCURATED
    assert UNCURATED.of(query) == query


@pytest.mark.parametrize(
    ("synonyms", "text", "found"),
    [
        ("k8s, kubernetes", "k8s", [("k8s", "kubernetes")]),
        ("k8s, kubernetes", "a K8S, kubernetes b", [("a",), ("k8s", "kubernetes"), ("kubernetes", "k8s"), ("b",)]),
        ("js => javascript", "js", [("js", "javascript")]),
        ("js => javascript", "javascript", [("javascript",)]),
        ("js => javascript, ecmascript", "js", [("js", "javascript", "ecmascript")]),
        ("ssl, tls => transport security", "tls", [("tls", "transport security")]),
        ("ml => machine learning", "ml", [("ml", "machine learning")]),
        ("machine learning => ml", "machine learning", [("machine", "ml"), ("learning", "ml")]),
        ("machine learning => ml", "learning machine", [("learning",), ("machine",)]),
        ("machine learning => ml", "machine tag:x learning", [("machine",), ("x",), ("learning",)]),
        ("machine learning => ml", '"machine learning"', [("machine learning",)]),
        ("state of art => sota", "state of art", [("state", "sota"), ("of", "sota"), ("art", "sota")]),
        ("it => informatics", "it jobs", [("it", "informatics"), ("jobs",)]),
        ("c#, csharp", "c# C", [("c#", "csharp"), ("c",)]),
        ("naci\u00f3n, pa\u00eds", "nacion", [("nacion", "pais")]),
        ("nacion => pais", "Naci\u00f3n", [("nacion", "pais")]),
        ("a1, b1\na1, c1", "a1", [("a1", "b1", "c1")]),
        ("# k8s, kubernetes\n\n  \njs => es", "k8s js", [("k8s",), ("js", "es")]),
        ("\ufeffk8s, kubernetes\r\n", "k8s", [("k8s", "kubernetes")]),
        ("k8s, kubernetes", "-k8s title:k8s", [("k8s",), ("k8s",)]),
    ],
)
def test_a_word_may_be_met_by_its_synonyms(
    tmp_path: Path, synonyms: str, text: str, found: list[tuple[str, ...]]
) -> None:
    assert read_as(curation(tmp_path, synonyms), text) == found


def test_posts_are_found_by_synonyms(tmp_path: Path) -> None:
    engine = ReferenceEngine()
    engine.apply(
        put=[make_post(id=id, body=id) for id in ("k8s", "Kubernetes", "container orchestration", "container")]
    )
    same = curation(tmp_path, "k8s, kubernetes, container orchestration")
    for text in ("k8s", "kubernetes", "container orchestration"):
        results = search(engine, text, curation=same)
        assert {hit.id for hit in results.hits[: results.total_all_words]} == {
            *("k8s", "Kubernetes", "container orchestration")
        }


@pytest.mark.parametrize(
    "line",
    ["k8s", "k8s,", ", k8s", "=> js", "js =>", "js => ,", "!? => js", "tag:x, y", "-a, b", '"a b" => c', "a => a* "],
)
def test_a_line_that_cannot_be_used_is_named(tmp_path: Path, line: str) -> None:
    with pytest.raises(
        SettingsError, match=r"synonyms\.txt:2: .* is neither `one, other` nor `one => other`"
    ) as raised:
        curation(tmp_path, f"a, b\n{line}")
    assert raised.value.key == "synonyms"


def test_more_words_than_are_looked_at_are_refused(tmp_path: Path) -> None:
    longest = " ".join(f"w{n}" for n in range(LONGEST))
    assert read_as(curation(tmp_path, f"{longest} => x"), longest) == [(word, "x") for word in longest.split()]
    with pytest.raises(SettingsError, match=f"each of 1 to {LONGEST} words"):
        curation(tmp_path, f"{longest} more => x")


@pytest.mark.parametrize("data", [None, b"\xff, a"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, data: bytes | None) -> None:
    file = tmp_path / "words.txt"
    if data:
        file.write_bytes(data)
    with pytest.raises(SettingsError, match=r"synonyms: .*words\.txt: cannot be read"):
        Curation.load(Settings(synonyms=str(file)))


@pytest.mark.parametrize("text", ["", "!?", "tag:x", "after:2024"])
def test_a_pinned_question_has_a_word(text: str) -> None:
    with pytest.raises(SettingsError, match="pins: ") as raised:
        Curation.load(Settings(pins={text: ("a.md",)}))
    assert raised.value.key == "pins"


def test_a_post_is_pinned_once() -> None:
    curation = Curation.load(Settings(pins={"Flask mesh": ("a.md", "b.md", "a.md")}))
    assert curation.of(Query.parse("flask  MESH tag:x")).pinned == ("a.md", "b.md")
    assert curation.of(Query.parse("mesh flask")).pinned == ()


def test_a_pinned_question_is_the_same_without_accents() -> None:
    curation = Curation.load(Settings(pins={"caf\u00e9": ("a.md",)}))
    assert [
        bool(curation.of(Query.parse(text)).pinned) for text in ("Cafe", "CAF\u00c9", "-cafe", '"cafe"', "cafe x")
    ] == [*(True, True, False, False, False)]


@given(st.text(), st.text())
def test_no_file_and_no_question_is_too_strange(
    tmp_path_factory: pytest.TempPathFactory, lines: str, text: str
) -> None:
    folder = tmp_path_factory.mktemp("strange")
    for synonyms in (lines, f"{text.splitlines()[0] if text.splitlines() else text} => other"):
        try:
            found = curation(folder, synonyms.encode("utf-8", "replace").decode())
        except SettingsError:
            continue
        query = Query.parse(text)
        assert [clause.any_of for clause in found.of(query).clauses] == [clause.any_of for clause in query.clauses]
