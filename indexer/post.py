"""What is a post, once everything but what a reader can search for is taken away?"""

from __future__ import annotations

from dataclasses import dataclass

from indexer.dates import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of a post that begins with a heading."""

    heading: str
    """The heading's plain text."""

    anchor: str
    """The id that the generator gives the heading: `post.url#anchor` leads to it."""

    level: int
    """1 to 6, as in `<h1>` to `<h6>`."""

    start: int
    """Where the section begins in `Post.body`, in characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One public post, reduced to what a reader can search for."""

    id: str
    """The file's path below the content folder, suffix included, with `/` between folders."""

    url: str
    """Where the post is published: a path such as `/2023/08/post.html`, percent-encoded."""

    title: str
    """Plain text, never empty."""

    description: str = ""
    """The author's summary, or the first words of the text."""

    body: str = ""
    """The text as a reader sees it, headings included, markup removed."""

    date: Moment | None = None
    """When the post was published; None where neither the post nor its path says."""

    updated: Moment | None = None
    """When the post was last changed, if its author says so."""

    tags: tuple[str, ...] = ()
    """In the author's order and spelling, no two that fold to the same."""

    categories: tuple[str, ...] = ()
    """As `tags`, from the keys `category` and `categories`."""

    authors: tuple[str, ...] = ()
    """Names, in the author's order."""

    language: str = ""
    """A language tag such as `en` or `pt-br`, lower case; empty if the post does not say."""

    image: str = ""
    """The address of a picture for the post, as written; empty if there is none."""

    sections: tuple[Section, ...] = ()
    """In the order of the text."""

    digest: str = ""
    """Of the file and of how it was read: equal digests mean an equal post. A post that expires has `@` and the
    moment behind it."""
