"""What is a front end answered?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import ceil
from typing import Any

from werkzeug.exceptions import NotFound

from extras.algolia.asked import Asked, Narrowed
from extras.algolia.filters import ARROW, FACETS, category, clauses, dates, refused
from extras.algolia.records import INDEXES, Known, Records, seconds
from indexer import Curation, Fragment, QueryError, Results, Searchable, facet_values, fold_tag, search

#: The facets that are counted if all are asked for, in the order in which they may be shown.
SHOWN = ("categories.lvl0", "categories.lvl1", "tags", "author", "year", "lang")


def answer(
    engine: Searchable, known: Callable[[], Known], site_url: str, curation: Curation, asked: Asked
) -> dict[str, Any]:
    """The answer to one question. Raises `QueryError` for what cannot be had, and `NotFound` for another index."""
    if asked.index_name not in INDEXES:
        raise NotFound(f"Index {asked.index_name[:100]} does not exist")
    if asked.length:
        raise QueryError("an answer is cut by `page` and `hitsPerPage`, not by `offset` and `length`", param="length")
    answers = _Answers(engine, known, site_url, curation, asked)
    return answers.values() if asked.type == "facet" else answers.posts()


@dataclass(frozen=True)
class _Answers:
    engine: Searchable
    known: Callable[[], Known]
    site_url: str
    curation: Curation
    asked: Asked

    def posts(self) -> dict[str, Any]:
        """A page of posts, and how many there are of each kind."""
        asked, size = self.asked, self.asked.hits_per_page
        results = self._search(
            facets={"tags" if name == "categories.lvl1" else FACETS[name] for name in self._counted},
            snippets=size > 0,
            sort=INDEXES[asked.index_name][1],
            page=asked.page + 1,
            per_page=size or 1,
        )
        record = Records(self.known(), self.site_url, asked)
        return {
            "hits": [record(hit) for hit in results.hits[:size]],
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
        } | self._facets(results)

    def values(self) -> dict[str, Any]:
        """The values of a facet that begin as somebody types."""
        asked, facet = self.asked, FACETS.get(self.asked.facet)
        if not facet:
            raise refused(f"no values can be looked for in `{asked.facet[:40]}`; choose one of {', '.join(FACETS)}")
        found = facet_values(self.engine, facet, asked.facet_query, limit=asked.max_facet_hits, **self._narrowed)
        told = [{"value": one.value, "highlighted": self._begun(one.value), "count": one.count} for one in found]
        return {"facetHits": told, "exhaustiveFacetsCount": True, "processingTimeMS": 1}

    def _begun(self, value: str) -> str:
        begun = fold_tag(self.asked.facet_query)
        end = next((end for end in range(len(value)) if fold_tag(value[:end]).startswith(begun)), len(value))
        return self.asked.marks.marked((*[Fragment(value[:end], True)] * (end > 0), Fragment(value[end:])))

    def _search(self, **more: Any) -> Results:
        return search(self.engine, **self._narrowed | more)

    @cached_property
    def _narrowed(self) -> dict[str, Any]:
        """Which posts are found, in the terms of `indexer.search`."""
        labels = clauses(self._filters)
        narrowed = Narrowed(owner=self.curation, labels=labels, titles_only=self.asked.titles_only)
        return {"text": self.asked.query, "curation": narrowed, **dates(self._filters)}

    @cached_property
    def _filters(self) -> Any:
        return self.asked.narrowed

    @cached_property
    def _counted(self) -> list[str]:
        """The facets to be counted: tags within a category, if one is chosen."""
        names = SHOWN if "*" in self.asked.facets else self.asked.facets
        return [one for one in names if one in FACETS or (one == "categories.lvl1" and category(self._filters))]

    def _facets(self, results: Results) -> dict[str, Any]:
        """How many posts have each value, from where to where numbers go, and which facets are worth showing."""
        counts: dict[str, dict[str, int]] = {}
        for name in self._counted:
            above = f"{category(self._filters)}{ARROW}" if name == "categories.lvl1" else ""
            values = [one for one in results.facets["tags" if above else FACETS[name]] if one.count]
            counts[name] = {f"{above}{one.value}": one.count for one in values[: self.asked.max_values_per_facet]}
        counts = {name: values for name, values in counts.items() if values}
        stats = {"year": _spread(counts["year"])} if "year" in counts else {}
        if {"date_ts", "*"} & {*self.asked.facets} and (spread := self._dates()):
            counts["date_ts"], stats["date_ts"] = {}, spread
        order = {"facets": {"order": [name for name in SHOWN if name in counts]}}
        return {"facets": counts, "facets_stats": stats, "renderingContent": {"facetOrdering": order}}

    def _dates(self) -> dict[str, float]:
        """The dates of the first and the last of the posts found."""
        dated = {"after": "0001", **self._narrowed, "facets": (), "snippets": False, "per_page": 1}
        ends = {"min": "oldest", "max": "newest"}
        hits = {name: search(self.engine, **dated, sort=sort).hits for name, sort in ends.items()}
        return {name: seconds(one.date) for name, found in hits.items() for one in found if one.date}


def _spread(counts: Mapping[str, int]) -> dict[str, float]:
    total = sum(int(value) * count for value, count in counts.items())
    ends = {"min": min(map(int, counts)), "max": max(map(int, counts))}
    return {**ends, "avg": total / sum(counts.values()), "sum": total}
