"""Why does a post stand where it stands in the answer to a question?"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """What one of the words of a question is worth in a post; 0 if the post lacks it."""

    #: As the reader wrote it.
    text: str

    #: What the analysis made of it, synonyms included: any of these is looked for.
    terms: tuple[str, ...]

    #: In all texts of the post.
    texts: float

    #: In its title, besides.
    title: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """How a post answers a question: score = (all that `words` are worth + nearness) * the product of `factors`."""

    id: str

    #: Where the post stands in the whole list, from 1; None if it is not found.
    rank: int | None

    #: How many posts are found.
    total: int

    #: As that of the hit; of a post that is not found, what it would be.
    score: float

    #: The score of the last post on the first page, if there are others behind it.
    page_ends_at: float | None

    #: Whether it stands on top since it is pinned; or below those, since its title begins with the question.
    pinned: bool
    titled: bool

    words: tuple[Worth, ...]
    nearness: float

    #: `boost`, `superseded` and `recency`.
    factors: Mapping[str, float]

    #: The wanted words that the post lacks, as the reader wrote them.
    lacks: tuple[str, ...]

    #: The signs and filters that would keep the post out, as a reader would type them.
    kept_out_by: tuple[str, ...]
