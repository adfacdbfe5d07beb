"""What would a question have found, had it been asked a little otherwise?"""

import re
from collections.abc import Iterator
from dataclasses import replace as replaced

from msgspec.structs import replace

from indexer.engine import Searchable
from indexer.query import PROSE, Clause, Presence, Query, Word
from indexer.results import Results, Without

#: Filters that are tried without, at most.
MOST_FILTERS = 8


def mistyped(engine: Searchable, query: Query) -> Query | None:
    """The *query* with the words that its own may have been meant for; None if there are none, or if it is prose."""
    if len(query.wanted) > PROSE:
        return None
    clauses = tuple(_corrected(engine, query, clause) for clause in query.clauses)
    return replace(query, clauses=clauses) if clauses != query.clauses else None


def _corrected(engine: Searchable, query: Query, clause: Clause) -> Clause:
    if clause.presence is not Presence.WANTED or clause.is_common or len(clause.any_of) > 1:
        return clause
    word = clause.any_of[0]
    if not isinstance(word, Word):
        return clause
    meant = engine.corrections(word, is_open=word is query.open_word)
    return replaced(clause, corrected=tuple(map(Word, meant)))


def did_you_mean(engine: Searchable, query: Query) -> str:
    """The text with each mistyped word put right, if that finds posts with all of its words; else empty."""
    text = query.text
    for clause in query.clauses:
        if clause.corrected:
            text = re.sub(rf"\b{re.escape(clause.text)}\b", clause.corrected[0].text, text, count=1)
    beside = tuple(clause for clause in query.clauses if clause.is_beside)
    asked = Query.parse(text)
    other = replace(query, text=text, clauses=asked.clauses + beside)
    return text if text != query.text and _count(engine, other).total_all_words else ""


def without(engine: Searchable, query: Query) -> tuple[Without, ...]:
    """The filters that keep a question from finding anything, and how many posts it would find without each."""
    tried = list(_each_left_out(query))[:MOST_FILTERS]
    counted = (Without(name, _count(engine, other).total) for name, other in tried)
    return tuple(one for one in counted if one.total)


def _each_left_out(query: Query) -> Iterator[tuple[str, Query]]:
    for clause in query.required + query.forbidden:
        others = tuple(one for one in query.clauses if one is not clause)
        yield clause.text, replace(query, clauses=others)
    if query.after:
        yield f"after:{query.after}", replace(query, after=None)
    if query.before:
        yield f"before:{query.before}", replace(query, before=None)


def _count(engine: Searchable, query: Query) -> Results:
    return engine.search(replace(query, page=1, per_page=1), facets=(), snippets=False)
