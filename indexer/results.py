"""What does a reader get back?

These are structs: to make one takes a fifth of the time of a dataclass.
"""

from collections.abc import Callable, Mapping

import msgspec

from indexer.dates import Moment
from indexer.post import Post, Section, is_address


class Fragment(msgspec.Struct, frozen=True):
    """A run of a snippet's text, marked if it is why the post was found. Text, never HTML."""

    text: str
    marked: bool = False


class Newer(msgspec.Struct, frozen=True):
    """What has taken a post's place."""

    #: As that of a post; or the address as the author wrote it, on the site or of http.
    url: str

    #: Of the post, if it is held.
    id: str = ""
    title: str = ""


def newer(written: str, post: Callable[[str], Post | None]) -> Newer | None:
    """What has taken the place of a post that says `superseded_by: written`; *post* finds one by its id."""
    if found := post(written):
        return Newer(found.url, found.id, found.title)
    return Newer(written) if is_address(written) else None


class Place(msgspec.Struct, frozen=True):
    """A section of a post in which words of the question stand."""

    section: Section

    #: The passage of it that answers best: a short one, or that of the hit, where this stands in it.
    snippet: tuple[Fragment, ...]


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """One post that answers a question."""

    id: str
    url: str
    title: str
    description: str
    date: Moment | None
    tags: tuple[str, ...]

    #: How well the post answers: higher is better, comparable within one answer only; 0 if no word was asked for.
    score: float

    #: The passage that answers best, in reading order; empty if snippets were not asked for.
    snippet: tuple[Fragment, ...] = ()

    #: The section in which that stands; None if it has no heading above it in the post.
    section: Section | None = None

    #: Up to three sections that answer: those with most of the question's words first, then with most places of them.
    sections: tuple[Place, ...] = ()

    #: The title, in which words of the question are marked; empty if snippets were not asked for.
    title_marks: tuple[Fragment, ...] = ()

    #: What has taken its place, if its author says so and a reader can follow.
    superseded_by: Newer | None = None

    @property
    def subtitle(self) -> Section | None:
        """The section, unless its heading says no more than the title."""
        return self.section if self.section and self.section.heading != self.title else None


class Facet(msgspec.Struct, frozen=True):
    """One value that the found posts can be narrowed by, such as a tag."""

    value: str

    #: How many of the found posts have it.
    count: int

    #: Whether the question already asks for it.
    selected: bool = False


class Suggestions(msgspec.Struct, frozen=True):
    """What a reader may be looking for who has begun to type; the most likely of each kind first."""

    #: The posts whose titles begin so, then those that have the words in their titles, the last one as a beginning.
    titles: tuple[Hit, ...] = ()

    #: The tags that begin so.
    tags: tuple[Facet, ...] = ()

    #: The words, folded, that begin as the last one typed.
    words: tuple[str, ...] = ()


class Hint(msgspec.Struct, frozen=True):
    """What in a question's text looks like a sign, and is none."""

    #: Where it stands, in characters of the text as it was typed, from 0.
    position: int

    #: What is wrong with it, and what was searched for instead: a sentence for the reader. Text, never HTML.
    text: str


class Without(msgspec.Struct, frozen=True):
    """A filter that keeps a question from finding anything."""

    #: As it is written in a question's text, such as `tag:python`.
    filter: str

    #: How many posts are found without it.
    total: int


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to one question: a page of hits, and figures about all of them."""

    #: The question's words, as the reader wrote them.
    query: str

    #: How many posts the whole list has, over all pages.
    total: int

    #: How many of them have all of the wanted words: these come first.
    total_all_words: int

    #: How many of those that follow have all of them but for the spelling.
    total_corrected: int = 0

    #: The text with its mistyped words put right, if nothing has all of them as they were typed, and this finds some.
    did_you_mean: str = ""

    #: If nothing is found: which filters are to blame.
    without: tuple[Without, ...] = ()

    #: The wanted words that one or more of the later posts lack, in the question's order.
    missing: tuple[str, ...]

    #: From 1.
    page: int

    per_page: int
    sort: str
    hits: tuple[Hit, ...]

    #: By name, as asked for; most frequent first, then by value. Counts are over the whole list.
    facets: Mapping[str, tuple[Facet, ...]] = msgspec.field(default_factory=dict)

    #: In the order of the text.
    hints: tuple[Hint, ...] = ()

    #: What of a very long text was not looked for: see `indexer.bounds`.
    left_out: tuple[str, ...] = ()

    #: Milliseconds from the question's text to this answer.
    took_ms: float = 0.0

    @property
    def pages(self) -> int:
        """How many pages there are; 0 if nothing was found."""
        return -(-self.total // self.per_page)
