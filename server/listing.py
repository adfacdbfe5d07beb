"""What does the results page say about an answer?"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from indexer import Facet, Hit, Results, fold_tag
from server.params import Params

#: What the page counts, and the parameters that narrow by a value of each: the first by one more, the last by any.
NARROWING = {"tags": ("tag", "tag_any"), "categories": ("category",), "languages": ("lang",), "years": ("year",)}

#: The parameters that narrow an answer, and how a reader is told of one.
_FILTERS = {
    "tag": "", "tag_any": "any of: ", "category": "in: ", "year": "year: ", "lang": "lang: ", "tag_not": "not: ",
    "after": "from ", "before": "before ",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that the found posts can be narrowed by, such as a tag."""

    facet: Facet

    #: The question with it, or without a selected one; None if the reader typed it into the text.
    to: Params | None


@dataclass(frozen=True, slots=True)
class Listing:
    """One answer, put into a reader's words."""

    params: Params
    results: Results

    @property
    def heading(self) -> str:
        """How many posts were found."""
        if not self.results.total:
            return "Nothing found" if self.is_question else "No posts yet"
        if not self.is_question:
            return "Newest posts" if self.params.sort in ("relevance", "newest") else "All posts"
        return counted(self.results.total)

    @property
    def is_question(self) -> bool:
        """Whether anything was asked, rather than the page just opened."""
        return bool(self.params.q.strip() or self.filters)

    @property
    def first(self) -> int:
        """The number of the first post on this page."""
        return (self.results.page - 1) * self.results.per_page + 1

    @property
    def complete(self) -> tuple[Hit, ...]:
        """The posts of this page that have all the words."""
        return self.results.hits[: max(0, self.results.total_all_words - self.first + 1)]

    @property
    def partial(self) -> tuple[Hit, ...]:
        """The posts of this page that lack some."""
        return self.results.hits[len(self.complete) :]

    @property
    def filters(self) -> tuple[tuple[str, Params], ...]:
        """What narrows the answer besides the question's text, each with the question without it."""
        given = [(name, value) for name, value in dict.fromkeys(self.params.pairs) if name in _FILTERS]
        return tuple((f"{_FILTERS[name]}{value}", self._without(name, value)) for name, value in given)

    @property
    def plain(self) -> Params:
        """The question's text without what narrows it."""
        return self.params.but(**{name: getattr(Params(), name) for name in _FILTERS})

    @property
    def loose(self) -> Params | None:
        """The same words without quotes and stars, if the question has any."""
        words = " ".join(re.sub(r'["“”„«»*]', " ", self.params.q).split())
        return self.params.but(q=words) if words not in ("", self.params.q.strip()) else None

    def choices(self, facet: str) -> tuple[Choice, ...]:
        """The values of a facet that the found posts have."""
        return tuple(self._choice(NARROWING[facet], value) for value in self.results.facets.get(facet, ()))

    @property
    def previous(self) -> Params | None:
        """The page before this one; from beyond the end, the last."""
        return self._page(min(self.results.page - 1, self.results.pages))

    @property
    def next(self) -> Params | None:
        """The page after this one."""
        return self._page(self.results.page + 1)

    def narrowed(self, tag: str) -> Params:
        """The same question, of posts with *tag* only."""
        return self._without("tag", tag, and_add=(tag,))

    def _page(self, number: int) -> Params | None:
        return self.params.but(page=number) if 1 <= number <= self.results.pages else None

    def _choice(self, names: Sequence[str], facet: Facet) -> Choice:
        if not facet.selected:
            name = names[-1] if getattr(self.params, names[-1]) else names[0]
            return Choice(facet, self._without(name, facet.value, and_add=(facet.value,)))
        others = (self._without(name, facet.value) for name in names)
        return Choice(facet, next((one for one in others if one != self.params.but()), None))

    def _without(self, name: str, value: str, *, and_add: tuple[str, ...] = ()) -> Params:
        given = getattr(self.params, name)
        if isinstance(given, str):
            return self.params.but(**{name: ""})
        kept = tuple(kept for kept in given if fold_tag(kept) != fold_tag(value))
        return self.params.but(**{name: kept + and_add})


def counted(posts: int) -> str:
    """How many posts these are, in words."""
    return "1 post" if posts == 1 else f"{posts:,} posts"
