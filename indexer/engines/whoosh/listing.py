"""Which posts answer a question, and in which order?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

from indexer.engine import ENOUGH
from indexer.engines.whoosh.catalog import Catalog
from indexer.engines.whoosh.matching import Scores, meeting
from indexer.engines.whoosh.schema import Card
from indexer.query import Clause, Query, Tag


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The documents that answer a question, all pages of them."""

    documents: tuple[int, ...] = ()
    """In order, those with all wanted words first."""

    with_all: int = 0
    """How many those are."""

    missing: tuple[str, ...] = ()
    scores: Mapping[int, float]


def listing(searcher: Any, catalog: Catalog, query: Query) -> Listing:
    """The documents that answer *query*."""
    if query.is_hollow:
        return Listing(scores={})
    met = {clause: meeting(searcher, catalog.tagged, clause) for clause in query.clauses}
    wanted = [met[clause] for clause in query.wanted]
    eligible = _eligible(catalog, query, met)
    first = reduce(set.intersection, map(set, wanted), eligible)
    second = eligible.intersection(set().union(*wanted)) - first if len(first) < ENOUGH else set()
    scores = _scores(query, met)
    return Listing(
        documents=(
            *_in_order(first, catalog, query.sort, scores),
            *_in_order(second, catalog, query.sort, scores),
        ),
        with_all=len(first),
        missing=tuple(clause.text for clause in query.wanted if second - met[clause].keys()),
        scores=scores,
    )


def _eligible(catalog: Catalog, query: Query, met: Mapping[Clause, Scores]) -> set[int]:
    left = {document for document, card in catalog.cards.items() if _is_in_range(card, query)}
    left = left.intersection(*(met[clause] for clause in query.required))
    return left.difference(*(met[clause] for clause in query.forbidden))


def _is_in_range(card: Card, query: Query) -> bool:
    if query.after is None and query.before is None:
        return True
    return (
        card.date is not None and (query.after or "") <= card.date and not (query.before and card.date >= query.before)
    )


def _scores(query: Query, met: Mapping[Clause, Scores]) -> Scores:
    """The sum over wanted and required clauses, by document; empty if they ask for no word."""
    clauses = query.wanted + query.required
    if all(isinstance(term, Tag) for clause in clauses for term in clause.any_of):
        return {}
    total: Scores = {}
    for clause in clauses:
        for document, score in met[clause].items():
            total[document] = total.get(document, 0.0) + score
    return total


def _in_order(documents: set[int], catalog: Catalog, sort: str, scores: Scores) -> Iterable[int]:
    cards = catalog.cards
    by_id = [document for document in cards if document in documents]
    match sort if scores or sort != "relevance" else "newest":
        case "newest":  # a sort in reverse leaves equals as they stand
            return sorted(by_id, key=lambda document: cards[document].date or "", reverse=True)
        case "oldest":
            return sorted(by_id, key=lambda document: (cards[document].date is None, cards[document].date or ""))
        case "title":
            return sorted(by_id, key=lambda document: cards[document].title)
        case _:
            return sorted(by_id, key=lambda document: -scores[document])
