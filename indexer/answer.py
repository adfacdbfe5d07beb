"""What does an answer look like to programs? These values are what JSON and its description are made of."""

from collections.abc import Iterable
from functools import partial
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec

from indexer.dates import Moment
from indexer.post import Post, Section
from indexer.results import Facet, Fragment, Hint, Hit, Newer, Results, Suggestions, Without


class Link(msgspec.Struct, frozen=True):
    """A section, and where to read it."""

    heading: str
    url: str


class Excerpt(Link, frozen=True):
    """A section that answers, and a short passage of it."""

    snippet: tuple[Fragment, ...]


class Alike(msgspec.Struct, frozen=True, kw_only=True):
    """A post."""

    id: str
    url: str
    title: str
    description: str
    date: Moment | None
    tags: tuple[str, ...]
    score: float


Told = TypeVar("Told", bound=Alike)


class Found(Alike, frozen=True, kw_only=True):
    """A post that answers a question."""

    snippet: tuple[Fragment, ...]
    section: Link | None
    sections: tuple[Excerpt, ...]
    title_marks: tuple[Fragment, ...]
    superseded_by: str | None


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a question."""

    query: str
    total: int
    total_all_words: int
    total_corrected: int
    missing: tuple[str, ...]
    left_out: tuple[str, ...]
    did_you_mean: str
    without: tuple[Without, ...]
    page: int
    per_page: int
    pages: int
    took_ms: float
    sort: str
    hints: tuple[Hint, ...]
    results: tuple[Found, ...]
    facets: dict[str, tuple[Facet, ...]]


class Count(msgspec.Struct, frozen=True):
    """A tag, and how many posts have it."""

    value: str
    count: int


class Tags(msgspec.Struct, frozen=True):
    """Every tag, or those that begin as somebody types."""

    tags: tuple[Count, ...]


class Suggested(msgspec.Struct, frozen=True):
    """What a reader may be looking for."""

    titles: tuple[Alike, ...]
    tags: tuple[Count, ...]
    words: tuple[str, ...]


class Related(msgspec.Struct, frozen=True):
    """The posts that are most like one."""

    related: tuple[Alike, ...]


def of(results: Results, *, site_url: str = "") -> Answer:
    """What `/api/v1/search` and `search --json` tell."""
    told = {name: getattr(results, name) for name in Answer.__struct_fields__ if name != "results"}
    return Answer(**told, results=tuple([_found(hit, site_url) for hit in results.hits]))


def related(hits: Iterable[Hit], *, site_url: str = "") -> Related:
    """What `/api/v1/related` and `related --json` tell."""
    return Related(tuple([_told(Alike, hit, site_url) for hit in hits]))


def suggested(found: Suggestions, *, site_url: str = "") -> Suggested:
    """What `/api/v1/suggest` tells."""
    return Suggested(related(found.titles, site_url=site_url).related, tags(found.tags).tags, found.words)


def tags(values: Iterable[Facet]) -> Tags:
    """What `/api/v1/tags` and `tags --json` tell."""
    return Tags(tuple([Count(one.value, one.count) for one in values]))


def link(post: Hit | Post | Newer, section: Section | None = None, *, site_url: str = "") -> str:
    """Where a reader finds *post*, or a *section* of it: at *site_url*, or as text on the search server."""
    place = f"#{quote(section.anchor)}" if section and section.anchor else ""
    if not post.id and not (site_url and post.url.startswith("/")):
        return post.url
    if site_url:
        return f"{site_url.rstrip('/')}/{post.url.lstrip('/')}{place}"
    # File names that are not UTF-8 keep their very bytes.
    return f"/posts/{quote(post.id, errors='surrogateescape')}{place}"


def _told(kind: type[Told], hit: Hit, site_url: str, **more: Any) -> Told:
    """*hit* as *kind* tells of it: as it stands, but for its address and what *more* says."""
    told = {name: getattr(hit, name) for name in kind.__struct_fields__}
    return kind(**told | {"url": link(hit, site_url=site_url)} | more)


def _found(hit: Hit, site_url: str) -> Found:
    at = partial(link, hit, site_url=site_url)
    section = hit.section and Link(hit.section.heading, at(hit.section))
    sections = tuple([Excerpt(one.section.heading, at(one.section), one.snippet) for one in hit.sections])
    newer = hit.superseded_by and link(hit.superseded_by, site_url=site_url)
    return _told(Found, hit, site_url, section=section, sections=sections, superseded_by=newer)
