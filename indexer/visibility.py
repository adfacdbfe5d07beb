"""Is a file a public post, and if not, by which rule?

Whatever cannot be decided is decided against: a post that stays out can be put right, one that got out cannot.
"""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, tzinfo

from indexer import dates
from indexer.dates import Moment
from indexer.metadata import Entry, Metadata, clean, fold_key, in_one_line, texts

#: What people write for true.
YES = frozenset({"true", "yes", "y", "on", "1"})

#: What people write for false.
NO = frozenset({"false", "no", "n", "off", "0", "", "never", "none"})

_HIDDEN_STATUS = frozenset("draft drafts hidden skip private unlisted unpublished trash pending".split())
_HIDING_KEYS = tuple(
    "draft drafts isdraft private unlisted hidden noindex skipindex excludefromsearch headless password"
    " unpublished".split()
)
_SHOWING_KEYS = ("published", "publish", "ispublished", "public", "listed", "search", "searchable", "render")
_REDIRECTS = ("redirectto", "redirect", "redirecturl", "desturl")
_PUBLISHED_FROM = ("publishdate", "publishat", "publishedat")
_DATED = ("date", "pubdate", "publicationdate", "published")
_EXPIRES = ("expirydate", "expires", "expirationdate", "expireson", "unpublishdate", "unpublishat")

_FUTURE = "in the future: "

_NOT_POSTS = {
    "_includes": "an include", "includes": "an include", "_partials": "an include", "partials": "an include",
    "_layouts": "a layout", "layouts": "a layout", "_templates": "a layout",
    "archetypes": "a scaffold", "scaffolds": "a scaffold", "_data": "data", "_sass": "styles", "_plugins": "a plugin",
    "_site": "output", "_drafts": "below _drafts/", "drafts": "below drafts/",
}  # fmt: skip
_NAMES = re.compile(r"(readme|license|licence|contributing|changelog|code_of_conduct)(\.[\w-]+)*", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What decides besides the post: the moment of the build, and two choices of the operator."""

    now: Moment

    #: Whether posts dated after `now` are public.
    future: bool = False

    #: Whether posts that expired before `now` are public.
    expired: bool = False

    #: Of dates that name none.
    zone: tzinfo = UTC


def hidden_path(path: str) -> str | None:
    """The rule by which a file is no post, told by its path below the content folder alone; None if it may be one."""
    *folders, name = path.split("/")
    if _NAMES.fullmatch(name):
        return f"a {name.split('.')[0]} file"
    if name.startswith("_") and not name.startswith("_index."):
        return "a name that begins with _"
    return next((_NOT_POSTS[folder] for folder in map(str.lower, folders) if folder in _NOT_POSTS), None)


def hidden(metadata: Metadata, date: Moment | None, rules: Rules) -> str | None:
    """The rule by which a post stays out of the index, or None if it is public.

    A key that is given twice hides the post if either does; so does one whose value cannot be understood.
    """
    return next(_reasons(metadata, date, rules), None)


def opening(rule: str) -> Moment | None:
    """When a post that is hidden by *rule* becomes public by itself, as far as that rule goes; None if it does not."""
    return rule.removeprefix(_FUTURE) if rule.startswith(_FUTURE) else None


_LIKE_FRONT_MATTER = re.compile(
    r"""^\W*(?P<key>[a-z][\w -]{2,30})["']?\s*[:=\uff1a]\s*["']?(?P<value>[\w-]*)""", re.IGNORECASE
)
_HEAD = 12


def hinted(text: str) -> int | None:
    """The line near the beginning of *text* that would hide a post, had it been read as front matter; None if none.

    A fence that is nearly one (` ---`, `--- yaml`, one after a comment) makes text of what was meant to hide.
    """
    for number, line in enumerate(text[:4000].split("\n")[:_HEAD], 1):
        if line.lstrip().startswith(("```", "~~~")):
            return None
        found = _LIKE_FRONT_MATTER.match(line)
        if found and _hides(fold_key(found["key"]), found["value"].lower()):
            return number
    return None


def _hides(key: str, value: str) -> bool:
    if key in _HIDING_KEYS:
        return value not in NO
    if key in ("published", "publish"):
        return value in NO - {""}
    return key in _EXPIRES or key in _PUBLISHED_FROM or (key in ("status", "visibility") and value in _HIDDEN_STATUS)


def _reasons(metadata: Metadata, date: Moment | None, rules: Rules) -> Iterator[str]:
    for keys, hides in _RULES:
        yield from (_said(entry) for entry in metadata.among(keys) if hides(entry))
    for key, inner, hiding in (("search", "exclude", YES), ("build", "render", NO), ("build", "list", NO)):
        for entry in metadata.every(key):
            value = entry.value.get(inner) if isinstance(entry.value, dict) else None
            if isinstance(value, str) and value.strip().lower() in hiding:
                yield f"{entry.key}.{inner}: {value}"
    redirect = metadata.find(*_REDIRECTS)
    if (redirect and not _is(redirect, NO)) or metadata.text("layout").lower() in ("redirect", "redirected"):
        yield "a redirect"
    yield from _by_moment(metadata, date, rules)


def _shows(entry: Entry) -> bool:
    # `published: 2023-08-14` is a date, and `search: {boost: 2}` has its own rule.
    if isinstance(entry.value, dict):
        return fold_key(entry.key) in ("search", "render")
    return _is(entry, YES) or (isinstance(entry.value, str) and dates.parse(entry.value) is not None)


def _has_hidden_status(entry: Entry) -> bool:
    said = {text.strip().lower() for text in texts(entry.value)}
    # "Draft - do not publish" is a draft, too.
    begins_hidden = any(re.split(r"\W", text, maxsplit=1)[0] in _HIDDEN_STATUS for text in said)
    return begins_hidden or (entry.key.lower() == "visibility" and not said <= {"public", ""})


#: Keys (folded), and when an entry of one of them hides a post.
_RULES: tuple[tuple[Collection[str], Callable[[Entry], bool]], ...] = (
    (_HIDING_KEYS, lambda entry: not _is(entry, NO)),
    (_SHOWING_KEYS, lambda entry: not _shows(entry)),
    (("status", "state", "visibility"), _has_hidden_status),
    (("robots",), lambda entry: any("noindex" in text.lower() for text in texts(entry.value))),
    # Eleventy and Jekyll write no page then.
    (("permalink",), lambda entry: str(entry.value).lower() == "false"),
)


def _by_moment(metadata: Metadata, date: Moment | None, rules: Rules) -> Iterator[str]:
    for entry in metadata.among(_PUBLISHED_FROM):
        moment = _moment(entry, rules)
        if entry.value and moment is None:
            yield f"{_said(entry)}, which is no date"
        elif moment and moment > rules.now and not rules.future:
            yield _FUTURE + moment
    dated = (_moment(entry, rules) for entry in metadata.among(_DATED))
    if (latest := max(filter(None, (date, *dated)), default="")) > rules.now and not rules.future:
        yield _FUTURE + latest
    for entry in metadata.among(_EXPIRES):
        moment = _moment(entry, rules)
        if entry.value and moment is None and not _is(entry, NO):
            yield f"{_said(entry)}, which is no date"
        elif moment and moment <= rules.now and not rules.expired:
            yield f"expired: {moment}"


def expiry(metadata: Metadata, rules: Rules) -> Moment | None:
    """When the post stops being public, if it says so."""
    return min(filter(None, (_moment(entry, rules) for entry in metadata.among(_EXPIRES))), default=None)


def _moment(entry: Entry, rules: Rules) -> Moment | None:
    text = entry.value if isinstance(entry.value, str) else ""
    # A year alone says enough to tell the future from the past.
    return dates.parse(text, zone=rules.zone) or dates.bound(text)


def _is(entry: Entry, words: frozenset[str]) -> bool:
    return isinstance(entry.value, str) and entry.value.strip().lower() in words


def _said(entry: Entry) -> str:
    value = entry.value if isinstance(entry.value, str) else "..."
    return f"{clean(entry.key)}: {in_one_line(value)[:40]}"
