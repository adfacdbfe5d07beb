"""What does an answer look like as plain data, for JSON?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from indexer.post import Post
    from indexer.results import Facet, Hit, Results


def as_dict(results: Results, *, site_url: str = "") -> dict[str, Any]:
    """The object that `/api/v1/search` and `search --json` give, its keys in the order of docs/api.md."""
    return {
        "query": results.query,
        "total": results.total,
        "total_all_words": results.total_all_words,
        "missing": list(results.missing),
        "page": results.page,
        "per_page": results.per_page,
        "pages": results.pages,
        "took_ms": results.took_ms,
        "sort": results.sort,
        "results": [_hit(hit, site_url) for hit in results.hits],
        "facets": {name: [_facet(facet) for facet in facets] for name, facets in results.facets.items()},
    }


def link(post: Hit | Post, *, site_url: str = "") -> str:
    """Where a reader finds *post*: on the site at *site_url*; without one, as text on the search server."""
    if site_url:
        return f"{site_url.rstrip('/')}/{post.url.lstrip('/')}"
    # File names that are not UTF-8 keep their very bytes.
    return f"/posts/{quote(post.id, errors='surrogateescape')}"


def _hit(hit: Hit, site_url: str) -> dict[str, Any]:
    return {
        "id": hit.id,
        "url": link(hit, site_url=site_url),
        "title": hit.title,
        "description": hit.description,
        "date": hit.date,
        "tags": list(hit.tags),
        "score": hit.score,
        "snippet": [{"text": fragment.text, "marked": fragment.marked} for fragment in hit.snippet],
    }


def _facet(facet: Facet) -> dict[str, Any]:
    return {"value": facet.value, "count": facet.count, "selected": facet.selected}
