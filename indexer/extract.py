"""What post does one file hold?"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from hashlib import blake2b
from typing import NamedTuple

from indexer import dates, frontmatter, markup, permalink, plaintext, source, tags, templates, visibility
from indexer.anchors import Anchors
from indexer.boost import boost
from indexer.dates import Moment
from indexer.errors import ContentError
from indexer.extras import extras
from indexer.frontmatter import FrontMatter
from indexer.htmlmeta import html_front_matter
from indexer.language import language
from indexer.metadata import Metadata, fold_key, in_one_line, texts
from indexer.post import Post
from indexer.visibility import Rules

#: Changes whenever a file may be read otherwise than before: then every post is read again.
RECIPE = "4"

_TITLES = ("title", "name", "headline")
_DESCRIPTIONS = ("description", "summary", "excerpt", "teaser", "deck", "lead", "subtitle")
_DATES = tuple(
    "date pubdate publishdate publicationdate datetime published publishedat created createdat startdate time".split()
)
_UPDATED = tuple(
    "updated lastmod modified lastmodified lastmodifiedat lastupdated updateddate updatedat update".split()
)
_IMAGES = tuple("image cover banner imageurl heroimage thumbnail images featuredimage ogimage hero".split())
_LENGTH_OF_LEAD = 160
_YES_OR_NO = visibility.YES | visibility.NO


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How posts are read: the rules of visibility, and the operator's choices."""

    rules: Rules
    tag_separator: str = "auto"
    permalink: str | Mapping[str, str] = ""
    anchors: str = "github"
    renderer: str = "markdown"
    language: str = ""

    #: A digest of what must be equal for two readings of a file to be equal, the moment apart.
    recipe: bytes = field(init=False, repr=False)

    def __post_init__(self) -> None:
        rules = (self.rules.future, self.rules.expired, str(self.rules.zone))
        recipe = repr((RECIPE, self.tag_separator, self.permalink, self.anchors, self.renderer, self.language, *rules))
        object.__setattr__(self, "recipe", blake2b(recipe.encode(), digest_size=16).digest())


@dataclass(frozen=True, slots=True, kw_only=True)
class Extracted:
    """What one file came to: a public `post`, or the rule it is `hidden` by; and remarks (line, reason)."""

    post: Post | None = None
    hidden: str | None = None
    remarks: tuple[tuple[int | None, str], ...] = ()

    #: Whether the post's title is made of its file's name, for want of another.
    untitled: bool = False


def digest(data: bytes, options: Options) -> str:
    """A digest of a file's bytes and of how it is read."""
    return blake2b(data, digest_size=16, key=options.recipe).hexdigest()


def is_current(held: str, digest: str, options: Options) -> bool:
    """Whether a post with the digest *held* is what `extract` would make now of bytes with the digest *digest*."""
    hash, _, until = held.partition("@")
    expired = bool(until) and until <= options.rules.now and not options.rules.expired
    return hash == digest and not expired


def ending(held: str, options: Options) -> Moment | None:
    """When the public post with the digest *held* ceases to be so by itself; None if it does not."""
    return (held.partition("@")[2] or None) if not options.rules.expired else None


def extract(path: str, data: bytes, options: Options) -> Extracted:
    """The post in the file at *path* (below the content folder) whose bytes are *data*.

    Raises `ContentError`, with the line where there is one, for a file that cannot be read as a post.
    """
    text, oddity = source.decode(data)
    front = _front_matter(path, text)
    if front is None:
        return Extracted(hidden="an HTML fragment")
    if not front.metadata.entries and (line := visibility.hinted(text)):
        raise ContentError("looks like front matter that cannot be read; it may hide the post", line=line)
    date = _date(front.metadata, path, options.rules.zone)
    doubled = [(line or None, f"{key} is given twice; the last holds") for key, _, line in front.metadata.doubled()]
    remarks = (*([(None, oddity)] if oddity else []), *doubled, *date.bad, *boost(front.metadata)[1])
    if rule := visibility.hidden(front.metadata, date.moment, options.rules):
        return Extracted(hidden=rule, remarks=remarks)
    until = visibility.expiry(front.metadata, options.rules)
    post = _post(path, front, date, options, digest(data, options) + (f"@{until}" if until else ""))
    untitled = not front.metadata.find(*_TITLES) and post.title == _title_of_name(path)
    if untitled and not post.body and not post.description:
        return Extracted(hidden="empty")
    return Extracted(post=post, remarks=remarks, untitled=untitled)


def _front_matter(path: str, text: str) -> FrontMatter | None:
    front = frontmatter.split(text)
    if _is_restructured(path):
        reader: Callable[[FrontMatter], FrontMatter] | None = extras("markup").get("rst")
        if reader:
            return reader(front)
        raise ContentError("is reStructuredText, and this installation has nothing that reads it")
    if front.dialect == "none" and _is_html(path):
        return html_front_matter(text)
    return front


def _is_restructured(path: str) -> bool:
    return path.lower().endswith(".rst")


def _is_html(path: str) -> bool:
    return path.lower().endswith((".html", ".htm"))


def _post(path: str, front: FrontMatter, date: _Date, options: Options, digest: str) -> Post:
    metadata = front.metadata
    page = _page(path, front.body, options)
    updates = (dates.parse(text, zone=options.rules.zone) for text in metadata.written(_UPDATED))
    title = _title(metadata, page, path)
    return Post(
        id=path,
        url=permalink.permalink(metadata, path, date.written, title, permalink.pattern_of(path, options.permalink)),
        title=title,
        description=_description(metadata) or _lead(page),
        body=page.text,
        date=date.moment,
        updated=next(filter(None, updates), None),
        tags=tags.tags(metadata, separator=options.tag_separator, path=path),
        categories=tags.categories(metadata, separator=options.tag_separator, path=path),
        authors=tags.authors(metadata),
        language=language(metadata, permalink.bare(path)) or options.language,
        image=_image(metadata),
        sections=page.sections,
        boost=boost(metadata)[0],
        evergreen=metadata.text("evergreen").lower() in visibility.YES,
        superseded_by=metadata.text("supersededby"),
        digest=digest,
    )


def _page(path: str, body: str, options: Options) -> plaintext.Page:
    anchors = Anchors(options.anchors)
    if _is_restructured(path):
        return plaintext.read(body, anchors)
    keep_ids = options.renderer == "markdown"
    plain, cupboard = templates.strip(body, mdx=path.lower().endswith(".mdx"), html=_is_html(path), keep_ids=keep_ids)
    html = plain if _is_html(path) else markup.render(plain, options.renderer)
    return plaintext.read(html, anchors, cupboard)


def _title(metadata: Metadata, page: plaintext.Page, path: str) -> str:
    heading = next((section.heading for section in page.sections if section.level == 1), "")
    return _plain(metadata.text(*_TITLES)) or heading or _title_of_name(path)


def _title_of_name(path: str) -> str:
    """The title of a post that has none: its file's name in words."""
    return re.sub(r"[\s_-]+", " ", permalink.slug_of(path)).strip() or path


_SPAN = re.compile(r"(?<!`)(`{1,3})(?!`)([^`\n]{1,500})\1(?!`)")
_ELEMENT = re.compile(r"</?[a-z][a-z0-9]*(?:\s[^<>]{0,500})?/?>")
_LINK = re.compile(r"!?\[([^\[\]]{0,500})\]\([^()\s]{0,500}\)")


def _plain(text: str) -> str:
    """A title or description without markup; `<T>` within backticks stays."""
    if not re.search("[`<&\\[]", text):
        return text
    # Text, back-ticks, code in turn: the text between spans alone is freed of its markup.
    pieces = _SPAN.split(text)
    pieces[::3] = [html.unescape(_ELEMENT.sub("", _LINK.sub(r"\1", piece))) for piece in pieces[::3]]
    plain = "".join(piece for place, piece in enumerate(pieces) if place % 3 != 1)
    return in_one_line(templates.without_private_marks(plain))


def _description(metadata: Metadata) -> str:
    # `excerpt: true` asks a generator to make one.
    written = (text for text in metadata.written(_DESCRIPTIONS) if text.lower() not in _YES_OR_NO)
    return next(map(_plain, written), "")


_LINE = re.compile("[^\n]+")


def _lead(page: plaintext.Page) -> str:
    headings = {section.heading for section in page.sections}
    lines = (line for found in _LINE.finditer(page.text) if (line := found[0]) not in headings)
    text = ""
    for line in lines:
        text = f"{text} {line}".strip()
        if len(text) > _LENGTH_OF_LEAD:
            return text[:_LENGTH_OF_LEAD].rsplit(" ", 1)[0].rstrip(" ,;:") + " …"
    return text


class _Date(NamedTuple):
    """When a post was published, by our clock and by its author's; and the keys that should say so and do not."""

    moment: Moment | None
    written: Moment | None
    bad: list[tuple[int | None, str]]


def _date(metadata: Metadata, path: str, zone: tzinfo) -> _Date:
    bad: list[tuple[int | None, str]] = []
    for key, value, line in metadata.holding(_DATES):
        if isinstance(value, str) and (moment := dates.parse(value, zone=zone)):
            return _Date(moment, dates.written_day(value), bad)
        # A time alone is no date, and no fault.
        if fold_key(key) != "time" and str(value).strip().lower() not in _YES_OR_NO:
            bad.append((line or None, f"{key}: {str(value)[:40]!r} is not a date"))
    of_path = dates.in_path(path) or dates.in_path(metadata.text("path", "permalink", "url").rstrip("/"))
    return _Date(of_path, of_path, bad)


def _image(metadata: Metadata) -> str:
    named = (text for entry in metadata.holding(_IMAGES) for text in texts(entry.value))
    return next((text.strip() for text in named if "." in text or "/" in text), "")
