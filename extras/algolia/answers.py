"""What is a front end answered?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain
from math import ceil
from typing import Any

from werkzeug.exceptions import NotFound

from extras.algolia.asked import Asked, Narrowed
from extras.algolia.filters import ARROW, FACETS, category, clauses, dates, refused
from extras.algolia.records import INDEXES, Records, seconds
from indexer import Curation, Fragment, QueryError, Results, Searchable, facet_values, fold_tag, search

#: The facets that are counted if all are asked for, in the order in which they may be shown.
SHOWN = ("categories.lvl0", "categories.lvl1", "tags", "author", "year", "lang")

#: What says which posts are found, in the terms of `indexer.search`.
Question = Mapping[str, Any]


def answer(engine: Searchable, site_url: str, curation: Curation, asked: Asked) -> dict[str, Any]:
    """The answer to one question. Raises `QueryError` for what cannot be had, and `NotFound` for another index."""
    if asked.index_name not in INDEXES:
        raise NotFound(f"Index {asked.index_name[:100]} does not exist")
    if asked.length:
        raise QueryError("an answer is cut by `page` and `hitsPerPage`, not by `offset` and `length`", param="length")
    filters, size = asked.narrowed, asked.hits_per_page
    narrowed = Narrowed(owner=curation, labels=clauses(filters), titles_only=asked.titles_only)
    question: Question = {"text": asked.query, "curation": narrowed, **dates(filters)}
    if asked.type == "facet":
        return _values(engine, asked, question)
    counted = _counted(asked.facets, category(filters))
    results = search(
        engine,
        facets={facet for facet, _ in counted.values()},
        snippets=size > 0,
        sort=INDEXES[asked.index_name][1],
        page=asked.page + 1,
        per_page=size or 1,
        **question,
    )
    told = {
        "hits": list(chain.from_iterable(map(Records(engine, site_url, asked), results.hits[:size]))),
        "nbHits": results.total,
        "nbPages": results.pages if size else 0,
        "page": asked.page,
        "hitsPerPage": size,
        "query": asked.query,
        "params": asked.params,
        "index": asked.index_name,
        "processingTimeMS": ceil(results.took_ms),
        "exhaustiveNbHits": True,
        "exhaustiveFacetsCount": True,
    }
    spread = _dates(engine, question) if {"date_ts", "*"} & {*asked.facets} else {}
    return told | _facets(results, counted, spread, asked.max_values_per_facet)


def _counted(names: Iterable[str], chosen: str) -> Mapping[str, tuple[str, str]]:
    """The facets of the index that are to be counted, by their names here, and what stands before their values."""
    names = SHOWN if "*" in names else names
    within = {"categories.lvl1": ("tags", f"{chosen}{ARROW}")} if chosen and "categories.lvl1" in names else {}
    return {name: (FACETS[name], "") for name in names if name in FACETS} | within


def _facets(
    results: Results, counted: Mapping[str, tuple[str, str]], spread: Mapping[str, float], most: int
) -> dict[str, Any]:
    """How many posts have each value, from where to where numbers go, and which facets are worth showing."""
    counts: dict[str, dict[str, int]] = {}
    for name, (facet, before) in counted.items():
        if values := [one for one in results.facets[facet] if one.count][:most]:
            counts[name] = {f"{before}{one.value}": one.count for one in values}
    order = {"facets": {"order": [name for name in SHOWN if name in counts]}}
    stats: dict[str, Mapping[str, float]] = {}
    if years := {int(year): count for year, count in counts.get("year", {}).items()}:
        total = sum(year * count for year, count in years.items())
        stats["year"] = {"min": min(years), "max": max(years), "avg": total / sum(years.values()), "sum": total}
    if spread:
        counts["date_ts"], stats["date_ts"] = {}, spread
    return {"facets": counts, "facets_stats": stats, "renderingContent": {"facetOrdering": order}}


def _dates(engine: Searchable, question: Question) -> dict[str, float]:
    """The dates of the first and the last of the posts found."""
    dated = {"after": "0001", **question, "facets": (), "snippets": False, "per_page": 1}
    hits = {end: search(engine, **dated, sort=sort).hits for end, sort in (("min", "oldest"), ("max", "newest"))}
    return {end: seconds(one.date) for end, found in hits.items() for one in found if one.date}


def _values(engine: Searchable, asked: Asked, question: Question) -> dict[str, Any]:
    """The values of a facet that begin as somebody types."""
    if not (facet := FACETS.get(asked.facet)):
        raise refused(f"no values can be looked for in `{asked.facet[:40]}`; choose one of {', '.join(FACETS)}")

    def begun(value: str) -> str:
        typed = fold_tag(asked.facet_query)
        end = next((end for end in range(len(value)) if fold_tag(value[:end]).startswith(typed)), len(value))
        return asked.marks.marked((*[Fragment(value[:end], True)] * (end > 0), Fragment(value[end:])))

    found = facet_values(engine, facet, asked.facet_query, limit=asked.max_facet_hits, **question)
    told = [{"value": one.value, "highlighted": begun(one.value), "count": one.count} for one in found if one.count]
    return {"facetHits": told, "exhaustiveFacetsCount": True, "processingTimeMS": 1}
