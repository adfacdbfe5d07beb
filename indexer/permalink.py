"""Where is a post published?"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from urllib.parse import quote, unquote_to_bytes, urlsplit

from indexer.dates import Moment
from indexer.language import in_name
from indexer.metadata import Metadata
from indexer.tags import categories
from indexer.words import fold

_URL_KEYS = ("permalink", "url", "path")
_DATE_PREFIX = re.compile(r"^\d{4}[-_]\d{1,2}[-_]\d{1,2}[-_](?=[^-_.])")
_SUFFIXES = re.compile(r"(\.(html?|md|mdx|markdown|mkdn?|rst))+$", re.IGNORECASE)
_INDEX = re.compile(r"(^|/)_?index$")
_PLAIN = re.compile(r"/?[\w-][\w.~-]*(?:/[\w-][\w.~-]*)*/?", re.ASCII)
_SAFE = "/-._~!$&'()*+,;=:@"


def permalink(metadata: Metadata, path: str, date: Moment | None, title: str, pattern: str = "") -> str:
    """The address of the post at *path*: a percent-encoded path that begins with `/`.

    The first that can be used of: the keys `permalink`, `url`, `path` (their `:tokens` filled in); *pattern* with
    its tokens; the file's path without date and suffix, its name replaced by the key `slug`. An address on another
    host, with another scheme, or with `..` in it is not used.
    """
    for address in [*metadata.written(_URL_KEYS), pattern]:
        if address.lower() in ("true", "false", "yes", "no"):
            continue
        if ":" in address:
            address = _fill(address, _tokens(metadata, path, date, title))
        if found := safe(address):
            return found
    return safe(_from_path(path, metadata.text("slug"))) or safe(_from_path(path)) or "/"


def pattern_of(path: str, patterns: str | Mapping[str, str]) -> str:
    """The pattern for the post at *path*: the one there is, or that of the folder with the longest name."""
    if isinstance(patterns, str):
        return patterns
    fitting = (folder for folder in patterns if path.startswith(f"{folder.strip('/')}/") or not folder.strip("/"))
    return patterns.get(max(fitting, key=len, default=""), "")


def safe(address: str) -> str | None:
    """*address* as a path on this site, percent-encoded once; None if it is none, or leaves the site."""
    if _PLAIN.fullmatch(address):
        return f"/{address.removeprefix('/')}"
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return None
    decoded = unquote_to_bytes(f"/{parts.path}" if not parts.path.startswith("/") else parts.path)
    # What a careless reader of the address might make of it.
    again = unquote_to_bytes(decoded).replace(b"\\", b"/")
    if parts.scheme or parts.netloc or not parts.path or b".." in again.split(b"/") or again.startswith(b"//"):
        return None
    if b"{{" in decoded or b"<%" in decoded:
        return None
    return quote(decoded, safe=_SAFE)


@lru_cache(maxsize=64)
def slug_of(path: str) -> str:
    """The name of the post at *path*: without date, suffixes and language; an index file has its folder's name."""
    return _DATE_PREFIX.sub("", _bare(path).rsplit("/", 1)[-1])


@lru_cache(maxsize=64)
def bare(path: str) -> str:
    """*path* without its suffixes: `about.de` of `about.de.html.md`."""
    return _SUFFIXES.sub("", path)


@lru_cache(maxsize=64)
def _bare(path: str) -> str:
    return _INDEX.sub("", _without_language(path)) or "index"


def _without_language(path: str) -> str:
    name = bare(path)
    return name.removesuffix(f".{in_name(name)}") if in_name(name) else name


def _from_path(path: str, slug: str = "") -> str:
    if _INDEX.search(_without_language(path)):
        return f"/{quote(_bare(path))}/" if _bare(path) != "index" else "/"
    folder = "/".join(part for part in _bare(path).split("/")[:-1] if part != "_posts")
    # A slug may be encoded already; a file's name is as it is.
    name = quote(re.sub("/{2,}", "/", slug.strip("/")), safe="/%") if slug else quote(slug_of(path))
    return f"{quote(folder)}/{name}/" if folder else f"{name}/"


def _fill(pattern: str, tokens: Mapping[str, str]) -> str:
    """*pattern* with Jekyll's and Hugo's `:tokens` filled in; one that is unknown or empty spoils it."""
    try:
        filled = re.sub(r":([a-z_]+(?:\[[^\]]*\])?)", lambda token: quote(tokens[token[1]], safe="/"), pattern)
    except KeyError:
        return ""
    return re.sub("/{2,}", "/", filled)


def _tokens(metadata: Metadata, path: str, date: Moment | None, title: str) -> Mapping[str, str]:
    name, slug = slug_of(path), metadata.text("slug") or slug_of(path)
    folders = [part for part in path.split("/")[:-1] if not part.startswith("_")]
    groups = [slugify(category) for category in categories(metadata, path=path)]
    tokens = _of_date(date) | {
        "title": slug, "slug": slug, "slugified": slugify(slug), "name": slug, "heading": slugify(title),
        "filename": name, "contentbasename": name, "basename": name, "slugorcontentbasename": slug,
        "slugorfilename": slug, "output_ext": ".html", "path": _bare(path),
        "categories": "/".join(groups), "category": groups[0] if groups else "",
        "section": folders[0] if folders else "", "sections": "/".join(folders),
    }  # fmt: skip
    may_be_empty = ("categories", "section", "sections")
    return {name: text for name, text in tokens.items() if text or name in may_be_empty}


def _of_date(date: Moment | None) -> dict[str, str]:
    if date is None:
        return {}
    day = datetime.fromisoformat(date)
    forms = {
        "year": "%Y", "month": "%m", "day": "%d", "hour": "%H", "minute": "%M", "second": "%S", "short_year": "%y",
        "i_month": "%-m", "i_day": "%-d", "y_day": "%j", "yearday": "%-j", "short_month": "%b", "long_month": "%B",
        "weekdayname": "%A",
    }  # fmt: skip
    filled = {name: day.strftime(form) for name, form in forms.items()}
    return filled | {"monthname": filled["long_month"].lower()}


def clashes(urls: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Of posts' addresses by id, those that several share: each such id, and what is odd about it."""
    sharing: dict[str, list[str]] = defaultdict(list)
    for id, url in sorted(urls.items()):
        sharing[url].append(id)
    for url, ids in sharing.items():
        for id in ids if len(ids) > 1 else ():
            others = ", ".join(other for other in ids if other != id)
            yield id, f"is published at {url}, and so is {others}"


def slugify(text: str) -> str:
    """*text* as one part of an address: folded, with `-` between its words."""
    return re.sub(r"[^\w]+", "-", fold(text)).strip("-_")
