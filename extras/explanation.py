"""Why does a post stand where it stands in the answer to a question? Each part of the question is asked of it alone."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from math import prod
from typing import Any

import msgspec

from indexer import alternatives, words
from indexer.engine import ENOUGH, TITLE, Searchable
from indexer.post import SUPERSEDED, Post
from indexer.query import Clause, Prefix, Presence, Query, Titled, Word, spelt
from indexer.search import question


class Worth(msgspec.Struct, frozen=True, kw_only=True):
    """What one of the words of a question is worth in a post; 0 if the post lacks it."""

    #: As the reader wrote it.
    text: str

    #: What it was read as, synonyms and corrected spellings included: any of these is looked for.
    terms: tuple[str, ...]

    #: In all texts of the post.
    texts: float

    #: In its title, besides.
    title: float


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """How a post answers a question: score = (all that `words` are worth + nearness) * the product of `factors`."""

    #: Where the post stands in the whole list, from 1; None if it is not found.
    rank: int | None

    #: How many posts are found.
    total: int

    #: As that of the hit; of a post that is not found, what it would be.
    score: float

    #: The score of the last post on the first page, if there are others behind it.
    page_ends_at: float | None

    #: Why it stands above posts of a higher score: it is `pinned`, or `titled`, as its title begins with the question.
    on_top: str

    words: tuple[Worth, ...]
    nearness: float

    #: `boost`, `superseded` and `recency`.
    factors: Mapping[str, float]

    #: The wanted words that the post lacks, each with up to five words of the post that are made of it: `database` is
    #: made of `base`, and no form of it.
    lacks: Mapping[str, tuple[str, ...]]

    #: The signs and filters that keep the post out, as a reader would type them.
    kept_out_by: tuple[str, ...]


def explain(engine: Searchable, id: str, text: str = "", **narrowed: Any) -> Explanation | None:
    """Why `search` has the post with this *id* where it has it; None if it is not held."""
    (query, _), post = question(engine, text, **narrowed), engine.post(id)
    if engine.search(query, facets=(), snippets=False).total_all_words < ENOUGH:
        query = alternatives.mistyped(engine, query) or query
    return of(engine, query, post) if post else None


def of(engine: Searchable, query: Query, post: Post) -> Explanation:
    """How *post*, which is held, answers *query*. To tell the rank, the whole list is made."""
    factors = {"boost": post.boost, "superseded": SUPERSEDED if post.superseded_by else 1.0}
    ask = partial(_ask, engine, query, post.id, prod(factors.values()))
    own = Query.parse(words.headline(post.title)).clauses  # which it has, so that there is a score to compare
    factors["recency"] = (ask(*own, recency=query.recency) or 1.0) / (ask(*own) or 1.0)
    asked = (*query.wanted, *(clause for clause in query.required if not clause.is_filter))
    worths = tuple(_worth(ask, clause) for clause in asked)
    plain, factor = sum(word.texts + word.title for word in worths), prod(factors.values())
    hits = engine.search(msgspec.structs.replace(query, page=1, per_page=1 << 60), facets=(), snippets=False).hits
    rank = next((rank for rank, hit in enumerate(hits, 1) if hit.id == post.id), None)
    score = hits[rank - 1].score if rank else plain * factor
    begins_so = query.headline and words.headline(post.title).startswith(query.headline)
    on_top = "pinned" if post.id in query.pinned else "titled" if begins_so else ""
    lacking = [clause.text for clause in query.wanted if ask(replace(clause, corrected=())) is None]
    return Explanation(
        rank=rank,
        total=len(hits),
        score=score,
        page_ends_at=hits[query.per_page - 1].score if query.per_page < len(hits) else None,
        on_top=on_top if rank and query.sort == "relevance" else "",
        words=worths,
        nearness=max(0.0, round(score / factor - plain, 9)),  # what is left: only the best posts have it added
        factors=factors,
        lacks=dict(_made_of(lacking, post)),
        kept_out_by=() if rank else tuple(_kept_out_by(ask, query)),
    )


def _ask(engine: Searchable, query: Query, id: str, weight: float, *clauses: Clause, **asked: Any) -> float | None:
    """What a post is worth by some of *query* alone, but for its *weight*; None if it is not found by that."""
    text = clauses[0].text if clauses and clauses[0].any_of[0] is query.open_word else ""
    hits = engine.search(Query(text=text, clauses=clauses, only=id, **asked), facets=(), snippets=False).hits
    return hits[0].score / weight if hits else None


def _worth(ask: Callable[..., float | None], clause: Clause) -> Worth:
    titles = [(Titled(term), TITLE) for term in clause.terms if isinstance(term, Word | Prefix)]
    titles += [(term, 1.0) for term in clause.terms if isinstance(term, Titled)]
    title = clause.times * sum(share * (ask(Clause(Presence.WANTED, (term,))) or 0.0) for term, share in titles)
    terms = tuple(map(spelt, (*clause.terms, *clause.corrected)))
    return Worth(text=clause.text, terms=terms, texts=(ask(clause) or 0.0) - title, title=title)


def _made_of(lacking: Iterable[str], post: Post) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The words that *post* lacks, each with the shortest of its own that are made of it."""
    tokens = words.tokens(" ".join((post.title, *post.tags, post.description, post.body)))
    held = sorted({token.word for token in tokens}, key=lambda word: (len(word), word))
    for text in lacking:
        stem = words.stem(words.fold(text), words.tongue(post.language))
        yield text, tuple(word for word in held if len(stem) > 2 and stem in word)[:5]  # two letters are in any word


def _kept_out_by(ask: Callable[..., float | None], query: Query) -> Iterator[str]:
    yield from (clause.text for clause in (*query.required, *query.forbidden) if ask(clause) is None)
    bounds = {"after": query.after, "before": query.before}
    yield from (f"{name}:{moment}" for name, moment in bounds.items() if moment and ask(**{name: moment}) is None)
