"""What does a front end ask for?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated, Any
from urllib.parse import parse_qsl

import msgspec
from msgspec import Meta

from extras.algolia import filters
from extras.algolia.filters import Filters, Nested
from extras.algolia.marks import Marks
from indexer import Clause, Curation, Label, Prefix, Presence, Query, QueryError, Titled

#: Characters of the longest question.
LONGEST = 2048

_Names = tuple[str, ...]
_Text = Annotated[str, Meta(max_length=LONGEST)]
_Tag = Annotated[str, Meta(max_length=100)]
_Number = Annotated[int, Meta(ge=0, le=999_999_999)]


class Asked(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """One question, by the names of the protocol. What is not here is passed over."""

    index_name: str = ""
    query: _Text = ""
    page: _Number = 0
    hits_per_page: Annotated[int, Meta(ge=0, le=100)] = 20
    length: _Number = 0
    distinct: bool | _Number = False
    facets: _Names = ()
    max_values_per_facet: _Number = 100
    filters: str = ""
    facet_filters: Nested = ""
    numeric_filters: Nested = ""
    tag_filters: Nested = ""
    attributes_to_retrieve: _Names = ("*",)
    attributes_to_highlight: _Names = ("*",)
    attributes_to_snippet: _Names = ()
    restrict_searchable_attributes: _Names = ()
    highlight_pre_tag: _Tag = "<em>"
    highlight_post_tag: _Tag = "</em>"
    snippet_ellipsis_text: _Tag = "…"

    #: `facet` for the values of a facet that begin so, instead of posts.
    type: str = ""
    facet: str = ""
    facet_query: _Text = ""
    max_facet_hits: Annotated[int, Meta(ge=1, le=100)] = 10

    #: What was given as one text.
    params: str = ""

    @classmethod
    def read(cls, given: object, **always: str) -> Asked:
        """Read a question in any of the ways in which clients write one: flat, or with a text or an object `params`.

        Raises `QueryError` for what has not the right type, or is too much.
        """
        inner = given.get("params") or {} if isinstance(given, dict) else None
        params = inner if isinstance(inner, str) else ""
        inner = dict(parse_qsl(params, keep_blank_values=True)) if params else inner
        if not isinstance(given, dict) or not isinstance(inner, dict):
            raise QueryError("a question is an object, and its `params` are a text or an object", param="params")
        told = {name: _value(name, value) for name, value in (given | inner | always).items() if value is not None}
        try:
            return msgspec.convert(told | {"params": params}, cls, strict=False)
        except msgspec.ValidationError as error:
            raise QueryError(str(error).replace("$.", ""), param="params") from error

    @property
    def marks(self) -> Marks:
        """How it wants what is marked."""
        return Marks(self.highlight_pre_tag, self.highlight_post_tag, self.snippet_ellipsis_text)

    @property
    def narrowed(self) -> Filters:
        """All of its filters. Raises `QueryError` for those that cannot be had."""
        tags = self.tag_filters.split(",") if isinstance(self.tag_filters, str) else self.tag_filters
        return (
            *filters.in_lists(self.facet_filters, filters.of_facet),
            *filters.in_lists(self.numeric_filters, filters.of_number),
            *filters.in_lists(tags, lambda tag: filters.of_facet(f"tags:{tag}")),
            *(filters.parse(self.filters) if self.filters.strip() else ()),
        )

    @property
    def titles_only(self) -> bool:
        """Whether its words are looked for in titles alone."""
        names = {name.replace("hierarchy.lvl1", "title") for name in self.restrict_searchable_attributes}
        if names - {"title"} and not ("title" in names and names & {"body", "content"}):
            raise QueryError("words are looked for in all of a post, or in its `title` alone", param="params")
        return names == {"title"}

    def words_of(self, name: str) -> int:
        """How many words of an attribute are wanted as a snippet; 0 if none is."""
        wanted = dict(one.partition(":")[::2] for one in self.attributes_to_snippet)
        most = wanted.get(name, wanted.get("*"))
        return 0 if most is None else int(most) if most.isascii() and most.isdecimal() else 10


@dataclass(frozen=True, kw_only=True)
class Narrowed(Curation):
    """What the site's *owner* says about answers, for a question that is narrowed besides."""

    owner: Curation
    labels: tuple[Clause, ...]
    titles_only: bool

    def of(self, query: Query) -> Query:
        """*query*, as the owner has it answered, within the labels."""
        curated = self.owner.of(query)
        asked = tuple(_titled(query)) if self.titles_only else curated.clauses
        return msgspec.structs.replace(curated, clauses=asked + self.labels)


def _titled(query: Query) -> Iterator[Clause]:
    word = query.open_word
    for one in query.clauses:
        longer = (Prefix(word.text),) if word and word in one.any_of else ()
        terms = tuple(term if isinstance(term, Label | Titled) else Titled(term) for term in one.any_of + longer)
        is_wanted = one.presence is Presence.WANTED
        yield replace(one, any_of=terms, presence=Presence.REQUIRED if is_wanted else one.presence)


#: Those that may also be written as one text: a list in JSON, or names with commas between them.
_LISTS = {one.encode_name: one.type for one in msgspec.structs.fields(Asked) if one.type in (_Names, Nested)}


def _value(name: str, value: Any) -> Any:
    if name not in _LISTS or not isinstance(value, str):
        return value
    if not value.startswith("["):
        return value if _LISTS[name] is Nested else value.split(",")
    try:
        return msgspec.json.decode(value)
    except (msgspec.DecodeError, RecursionError) as error:
        raise QueryError(f"{name}: {error}", param="params") from error
