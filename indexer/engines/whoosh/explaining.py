"""Why does a question find a post where it does, or not at all?"""

from math import prod

from msgspec.structs import replace

from indexer.engines.whoosh.impacts import TITLE, Postings
from indexer.engines.whoosh.ranking import clause_of, find, of_titles
from indexer.engines.whoosh.snapshot import Snapshot
from indexer.explanation import Explanation, Worth
from indexer.post import SUPERSEDED
from indexer.query import Clause, Prefix, Query, Titled, Word, spelt


def explain(snapshot: Snapshot, query: Query, number: int) -> Explanation:
    """What *query* makes of a post. All posts that it finds are put in order, to tell the rank."""
    found = find(snapshot, replace(query, page=1, per_page=max(1, snapshot.size)))
    listed = found.page()
    rank = next((rank for rank, (other, _) in enumerate(listed, 1) if other == number), None)
    post = snapshot.post(number)
    asked = (*query.wanted, *(clause for clause in query.required if not clause.is_filter))
    words = tuple(_worth(snapshot, query, clause, number) for clause in asked)
    factors = {"boost": post.boost, "superseded": SUPERSEDED if post.superseded_by else 1.0, "recency": 1.0}
    if query.recency:
        factors["recency"] = float(snapshot.freshness(query.recency)[number])
    plain, factor = sum(word.texts + word.title for word in words), prod(factors.values())
    score = listed[rank - 1][1] if rank else plain * factor
    strict = [(clause.text, Query(clauses=(clause,))) for clause in (*query.required, *query.forbidden)]
    bounds = ("after", query.after), ("before", query.before)
    strict += [(f"{name}:{moment}", replace(Query(), **{name: moment})) for name, moment in bounds]
    return Explanation(
        id=post.id,
        rank=rank,
        total=len(listed),
        score=score,
        page_ends_at=listed[query.per_page - 1][1] if query.per_page < len(listed) else None,
        pinned=number in found.pins,
        titled=found.titled is not None and number in found.titled.posts,
        words=words,
        nearness=max(0.0, round(score / factor - plain, 9)),  # what is left: only the best posts have it added
        factors=factors,
        lacks=tuple(one.text for one in query.wanted if number not in clause_of(snapshot, query, one)[0].posts),
        kept_out_by=tuple(text for text, one in strict if number not in find(snapshot, one).posts),
    )


def _worth(snapshot: Snapshot, query: Query, clause: Clause, number: int) -> Worth:
    _, whole = clause_of(snapshot, query, clause)
    title = 0.0
    for term in clause.terms:
        if isinstance(term, Titled):
            title += _at(number, of_titles(snapshot, term.term))
        elif isinstance(term, Word | Prefix):
            title += TITLE * clause.times * _at(number, of_titles(snapshot, term))
    terms = tuple(map(spelt, (*clause.terms, *clause.corrected)))
    return Worth(text=clause.text, terms=terms, texts=_at(number, whole) - title, title=title)


def _at(number: int, postings: Postings) -> float:
    return float(postings.worth[postings.posts == number].sum())
