"""What does an answer look like as plain data, for JSON?"""

from typing import Any
from urllib.parse import quote

from msgspec.structs import asdict

from indexer.post import Post, Section
from indexer.results import Hit, Newer, Results

_FIGURES = (
    *("query", "total", "total_all_words", "total_corrected", "missing", "left_out", "did_you_mean", "without"),
    *("page", "per_page", "pages", "took_ms", "sort"),
)


def as_dict(results: Results, *, site_url: str = "") -> dict[str, Any]:
    """The object that `/api/v1/search` and `search --json` give, its keys in the order of docs/api.md."""
    return {name: getattr(results, name) for name in _FIGURES} | {
        "missing": list(results.missing),
        "left_out": list(results.left_out),
        "without": [asdict(one) for one in results.without],
        "hints": [asdict(hint) for hint in results.hints],
        "results": [_hit(hit, site_url) for hit in results.hits],
        "facets": {name: [asdict(facet) for facet in facets] for name, facets in results.facets.items()},
    }


def link(post: Hit | Post | Newer, section: Section | None = None, *, site_url: str = "") -> str:
    """Where a reader finds *post*, or a *section* of it: at *site_url*, or as text on the search server."""
    place = f"#{quote(section.anchor)}" if section and section.anchor else ""
    if not post.id and not (site_url and post.url.startswith("/")):
        return post.url
    if site_url:
        return f"{site_url.rstrip('/')}/{post.url.lstrip('/')}{place}"
    # File names that are not UTF-8 keep their very bytes.
    return f"/posts/{quote(post.id, errors='surrogateescape')}{place}"


def _hit(hit: Hit, site_url: str) -> dict[str, Any]:
    section = hit.section and {"heading": hit.section.heading, "url": link(hit, hit.section, site_url=site_url)}
    return asdict(hit) | {
        "url": link(hit, site_url=site_url),
        "tags": list(hit.tags),
        "snippet": [asdict(fragment) for fragment in hit.snippet],
        "section": section,
        "superseded_by": hit.superseded_by and link(hit.superseded_by, site_url=site_url),
    }
