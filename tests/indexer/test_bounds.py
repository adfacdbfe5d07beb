"""Is of a very long question the telling part looked at, and is the rest named?"""

from __future__ import annotations

import pytest

from indexer import bounds
from indexer.bounds import MOST_IN_PHRASE, MOST_TERMS, bounded
from indexer.query import Phrase, Query, Titled
from indexer.search import search
from tests.conftest import make_post
from tests.engines.reference import ReferenceEngine

NUMBERS = [f"n{number}" for number in range(100)]


@pytest.fixture
def engine() -> ReferenceEngine:
    """Each of the hundred words stands in one post more than the one before; a few begin with `rare`."""
    held = ReferenceEngine()
    bodies = [" ".join(NUMBERS[start:]) for start in range(100)]
    held.apply(put=[make_post(id=f"{n:03}", title="-", body=f"{body} rare{n}") for n, body in enumerate(bodies)])
    return held


def test_of_many_words_the_rarest_are_looked_for(engine: ReferenceEngine) -> None:
    results = search(engine, " ".join(reversed(NUMBERS)))
    assert results.left_out == tuple(reversed(NUMBERS[MOST_TERMS:]))
    assert results.total == MOST_TERMS


def test_words_that_no_post_has_go_first(engine: ReferenceEngine) -> None:
    unheard = [f"unheard{number}" for number in range(MOST_TERMS)]
    assert set(search(engine, " ".join([*unheard, *NUMBERS[:10]])).left_out) == set(unheard[-10:])


def test_as_many_words_as_that_are_all_looked_for(engine: ReferenceEngine) -> None:
    assert search(engine, " ".join(NUMBERS[:MOST_TERMS])).left_out == ()


@pytest.mark.parametrize("sign", ["", "title:"])
def test_of_a_long_phrase_the_beginning_is_looked_for(engine: ReferenceEngine, sign: str) -> None:
    query, left_out = bounded(engine, Query.parse(f'{sign}"{" ".join(NUMBERS[:30])}"'))
    term = query.clauses[0].any_of[0]
    phrase = term.term if isinstance(term, Titled) else term
    assert phrase == Phrase(tuple(NUMBERS[:MOST_IN_PHRASE]))
    assert left_out == (" ".join(NUMBERS[MOST_IN_PHRASE:30]),)


def test_of_beginnings_that_cost_too_much_the_cheapest_are_looked_for(
    engine: ReferenceEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "MOST_COST", 2.0)
    assert search(engine, "n* OR rare*").left_out == ("n",)
    assert search(engine, "title:n* OR rare*").left_out == ("n",)
    assert search(engine, 'rare* -"n9 n"').left_out == ()
    assert search(engine, "rare* n* rare1*").left_out == ("n",)


def test_the_only_beginning_is_looked_for_whatever_it_costs(
    engine: ReferenceEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "MOST_COST", 0.0)
    assert (search(engine, "n*").left_out, search(engine, "n*").total) == ((), 100)


def test_of_one_clause_some_sides_may_be_left_out(engine: ReferenceEngine) -> None:
    results = search(engine, " OR ".join(NUMBERS))
    assert (results.total, len(results.left_out)) == (MOST_TERMS, 100 - MOST_TERMS)


def test_filters_beside_the_text_are_heeded_whatever_else_is_asked(engine: ReferenceEngine) -> None:
    engine.apply(put=[make_post(id="tagged", body=NUMBERS[0], tags=["a"])])
    assert [hit.id for hit in search(engine, " ".join(NUMBERS), tag=["a"]).hits] == ["tagged"]


def test_no_long_question_is_corrected(engine: ReferenceEngine) -> None:
    engine.apply(put=[make_post(id=f"k{n}", body="kubernetes n1") for n in range(20)])
    assert search(engine, "kubernates n1").did_you_mean or search(engine, "kubernates n1").total_corrected
    prose = search(engine, " ".join(["kubernates", *NUMBERS[:12]]))
    assert (prose.did_you_mean, prose.total_corrected) == ("", 0)
