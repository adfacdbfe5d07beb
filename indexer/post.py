"""What is a post, once everything but what a reader can search for is taken away?"""

import re
from dataclasses import dataclass

from indexer import words
from indexer.dates import Moment

#: What the score of a superseded post is multiplied by.
SUPERSEDED = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of a post that begins with a heading."""

    #: The heading's plain text.
    heading: str

    #: The id that the generator gives the heading: `post.url#anchor` leads to it.
    anchor: str

    #: 1 to 6, as in `<h1>` to `<h6>`.
    level: int

    #: Where the section begins in `Post.body`, in characters.
    start: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One public post, reduced to what a reader can search for."""

    #: The file's path below the content folder, suffix included, with `/` between folders.
    id: str

    #: Where the post is published: a path such as `/2023/08/post.html`, percent-encoded.
    url: str

    #: Plain text, never empty.
    title: str

    #: The author's summary, or the first words of the text.
    description: str = ""

    #: The text as a reader sees it, headings included, markup removed.
    body: str = ""

    #: When the post was published; None where neither the post nor its path says.
    date: Moment | None = None

    #: When the post was last changed, if its author says so.
    updated: Moment | None = None

    #: In the author's order and spelling, no two that fold to the same.
    tags: tuple[str, ...] = ()

    #: As `tags`, from the keys `category` and `categories`.
    categories: tuple[str, ...] = ()

    #: Names, in the author's order.
    authors: tuple[str, ...] = ()

    #: A language tag such as `en` or `pt-br`, lower case; empty if the post does not say.
    language: str = ""

    #: The address of a picture for the post, as written; empty if there is none.
    image: str = ""

    #: In the order of the text.
    sections: tuple[Section, ...] = ()

    #: What its author multiplies its score by, 0.1 to 10.
    boost: float = 1.0

    #: Whether its age takes nothing from its score.
    evergreen: bool = False

    #: The id or the address of the post that has taken its place, as written; empty if there is none.
    superseded_by: str = ""

    #: Of the file and of how it was read: equal digests mean an equal post. A post that expires has `@` and the
    #: moment behind it.
    digest: str = ""

    @property
    def languages(self) -> tuple[str, ...]:
        """The language, and that of which it is a region's: `pt` and `pt-br`; none if the post does not say."""
        return kinds(self.language)

    @property
    def years(self) -> tuple[str, ...]:
        """The year of its date in UTC, such as `2023`; none if it has no date."""
        return (self.date[:4],) if self.date else ()

    @property
    def tongue(self) -> str:
        """By which of `words.TONGUES` its words are stemmed."""
        return words.tongue(self.language)


def is_address(text: str) -> bool:
    """Whether a link may lead to *text*: an address of http, or a path on the site, and nothing that a browser runs."""
    return bool(re.fullmatch(r"(https?://|/(?!/))[^\s\\]*", text))


def kinds(language: str) -> tuple[str, ...]:
    """What a *language* counts as: `pt-br` is `pt`, too."""
    return tuple(dict.fromkeys((language.partition("-")[0], language))) if language else ()
