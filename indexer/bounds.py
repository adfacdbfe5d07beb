"""How much of a question is looked at?

That is a matter of the question and of the posts, not of the clock: the same question has the same answer on any
machine, at any hour. At 10,000 posts it is work for some 25 milliseconds.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace as replaced

from msgspec.structs import replace

from indexer.engine import Searchable
from indexer.query import Clause, Phrase, Prefix, Query, Term, Titled, spelt

#: Terms of one question: those that the fewest posts meet.
MOST_TERMS = 64

#: Words of one phrase: the first ones.
MOST_IN_PHRASE = 16

#: What the terms of one question may cost in all, see `Searchable.cost`; one that costs more is looked at alone.
MOST_COST = 40.0


def bounded(engine: Searchable, query: Query) -> tuple[Query, tuple[str, ...]]:
    """*query* as far as it is looked at, and what of its text is left out."""
    asked = [term for clause in query.clauses if not clause.is_beside for term in clause.terms]
    if len(asked) <= MOST_TERMS and sum(map(_is_wide, asked)) < 2 and all(_short(term) is term for term in asked):
        return query, ()
    kept = frozenset(_cheapest(engine, map(_short, asked)))
    clauses = tuple(clause if clause.is_beside else _kept(clause, kept) for clause in query.clauses)
    left_out = (spelt(term).removeprefix(spelt(short) if (short := _short(term)) in kept else "") for term in asked)
    told = dict.fromkeys(filter(None, map(str.strip, left_out)))
    return replace(query, clauses=tuple(clause for clause in clauses if clause.terms)), tuple(told)


def _is_wide(term: Term) -> bool:
    """Whether it stands for all words that begin so."""
    inner = term.term if isinstance(term, Titled) else term
    return isinstance(inner, Prefix) or (isinstance(inner, Phrase) and inner.open)


def _short(term: Term) -> Term:
    inner = term.term if isinstance(term, Titled) else term
    if not isinstance(inner, Phrase) or len(inner.words) <= MOST_IN_PHRASE:
        return term
    short = Phrase(inner.words[:MOST_IN_PHRASE])
    return Titled(short) if isinstance(term, Titled) else short


def _cheapest(engine: Searchable, terms: Iterable[Term]) -> Iterator[Term]:
    costs = {term: engine.cost(term) for term in terms}
    left = MOST_COST
    # What no post has costs nothing, and tells nothing: it is the first to go.
    for place, term in enumerate(sorted(costs, key=lambda term: (not costs[term], costs[term]))[:MOST_TERMS]):
        left -= costs[term]
        if left >= 0 or not place:
            yield term


def _kept(clause: Clause, kept: frozenset[Term]) -> Clause:
    any_of, synonyms = (
        [one for term in terms if (one := _short(term)) in kept] for terms in (clause.any_of, clause.synonyms)
    )
    return replaced(clause, any_of=tuple(any_of), synonyms=tuple(synonyms))
