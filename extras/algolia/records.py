"""What does a front end get of a post that was found?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache, lru_cache, partial
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from extras.algolia.asked import Asked
from extras.algolia.filters import ARROW
from extras.algolia.marks import Marker, Shown
from indexer import Hit, Post, Searchable, Section, link
from indexer.words import tongue

#: Attributes by their names, such as `hierarchy.lvl0`: what they are, and what can be shown of them with marks.
Attributes = tuple[dict[str, Any], dict[str, Shown | list[Shown]]]


class Records:
    """Makes records of what is found for one question."""

    def __init__(self, engine: Searchable, site_url: str, asked: Asked) -> None:
        self.known = partial(_known, engine.post, engine.generation)
        self.site_url, self.mark, self._marks = site_url, Marker(asked.query), asked.marks
        self._attributes, self._most = INDEXES[asked.index_name][0], int(asked.distinct) or None
        self._is_kept = cache(lambda name: _has(asked.attributes_to_retrieve, name))
        self._is_shown = cache(lambda name: _has(asked.attributes_to_highlight, name))
        self._words_of = cache(asked.words_of)

    def __call__(self, hit: Hit) -> Iterator[dict[str, Any]]:
        """What was asked for of *hit*, and its texts once more, with marks."""
        return (self._record(*attributes) for attributes in islice(self._attributes(hit, self), self._most))

    def _record(self, plain: Mapping[str, Any], shown: Mapping[str, Shown | list[Shown]]) -> dict[str, Any]:
        marks, words, is_html = self._marks, len(self.mark.words), self._marks.are_html
        told: dict[str, Any] = {"objectID": plain["objectID"]}
        for name, value in plain.items():
            if self._is_kept(name):
                # DocSearch puts these into its page as they are, too.
                if is_html and value and name.startswith(("hierarchy.", "content")):
                    value = marks.text(value)
                _put(told, name, value)
        highlighted: dict[str, Any] = {}
        passages: dict[str, Any] = {}
        for name, texts in shown.items():
            if name != "body" and self._is_shown(name):
                _put(highlighted, name, _each(texts, marks.leaf, words))
            if most := self._words_of(name):
                _put(passages, name, _each(_each(texts, marks.cut, most), marks.leaf, words))
        both = {"_highlightResult": highlighted, "_snippetResult": passages}
        return told | {name: found for name, found in both.items() if found}


def posts(hit: Hit, of: Records) -> Iterator[Attributes]:
    """A record of the index `posts`. What is not known stays out: of a null, a front end may show nothing at all."""
    categories, authors, language = of.known(hit.id)
    lang, mark = tongue(language), of.mark
    plain = {
        "objectID": hit.id,
        "url": link(hit, site_url=of.site_url),
        "title": hit.title,
        "description": hit.description,
        "tags": [*hit.tags],
        "categories.lvl0": [*categories],
        "categories.lvl1": [f"{category}{ARROW}{tag}" for category in categories for tag in hit.tags],
        "author": [*authors],
        "lang": language,
        "section": hit.section.heading if hit.section else "",
    } | ({"date": hit.date, "date_ts": seconds(hit.date), "year": int(hit.date[:4])} if hit.date else {})
    texts = {"title": hit.title_marks, "description": mark(hit.description, lang), "body": hit.snippet}
    known = {name: value for name, value in plain.items() if value not in ("", [])}
    yield known, {**texts, "tags": [mark(tag, lang) for tag in hit.tags]}


def sections(hit: Hit, of: Records) -> Iterator[Attributes]:
    """Records of the index `sections`, as DocSearch has them: of each part of a post that answers, the best first."""
    for one in hit.sections:
        yield _section(hit, one.section, one.snippet, of)
    if not hit.sections:
        yield _section(hit, hit.section, hit.snippet, of)


def _section(hit: Hit, section: Section | None, snippet: Shown, of: Records) -> Attributes:
    categories, _, language = of.known(hit.id)
    group = next(iter(categories + hit.tags), urlsplit(of.site_url).hostname or "Posts")
    heading = section.heading if section and section.heading != hit.title else None
    levels = [group, hit.title, heading, None, None, None, None]
    is_text = any(one.marked for one in snippet)
    anchor = section.anchor if section else None
    plain: dict[str, Any] = {
        "objectID": f"{hit.id}#{anchor or ''}",
        "url": link(hit, section, site_url=of.site_url),
        "url_without_anchor": link(hit, site_url=of.site_url),
        "anchor": anchor,
        "type": "content" if is_text else "lvl2" if heading else "lvl1",
        "content": "".join(one.text for one in snippet) if is_text else None,
        "tags": [*hit.tags],
        "lang": language,
    } | {f"hierarchy.lvl{number}": text for number, text in enumerate(levels)}
    shown: dict[str, Shown | list[Shown]] = {}
    shown |= {f"hierarchy.lvl{n}": of.mark(text, tongue(language)) for n, text in enumerate(levels) if text}
    return plain, shown | {"hierarchy.lvl1": hit.title_marks} | ({"content": snippet} if is_text else {})


#: The records of each index, and how they are sorted.
INDEXES: Mapping[str, tuple[Callable[[Hit, Records], Iterator[Attributes]], str]] = {
    "posts": (posts, "relevance"),
    "posts_date_desc": (posts, "newest"),
    "posts_date_asc": (posts, "oldest"),
    "sections": (sections, "relevance"),
}


@lru_cache(maxsize=1 << 13)
def _known(
    held: Callable[[str], Post | None], generation: str, id: str
) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    """What no hit tells of a post: its categories, authors and language; of one that has just gone, nothing."""
    post = held(id)
    return (post.categories, post.authors, post.language) if post else ((), (), "")


def seconds(date: str) -> int:
    """A date as Unix time; a day begins with its first second."""
    moment = datetime.fromisoformat(date)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def _has(names: tuple[str, ...], path: str) -> bool:
    """Whether an attribute, or what it is in, is among *names*, and not with a minus."""
    paths = {path, path.partition(".")[0], "*"}
    is_wanted = paths & {*names} or (names and all(name.startswith("-") for name in names))
    return bool(is_wanted) and not any(f"-{one}" in names for one in paths)


def _each(value: Any, told: Callable[[Any, int], Any], number: int) -> Any:
    return [told(one, number) for one in value] if isinstance(value, list) else told(value, number)


def _put(into: dict[str, Any], path: str, value: Any) -> None:
    above, dot, last = path.partition(".")
    if dot:
        into, path = into.setdefault(above, {}), last
    into[path] = value
