"""What does a request ask for, and which address asks for it?"""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any
from urllib.parse import parse_qs, urlencode

from indexer import Curation, Facet, QueryError, Results, Searchable, facet_values, search

#: Characters in the longest question that is answered over HTTP, and in any other text; none has more than 4 KiB.
LONGEST, LONGEST_OTHER = 2048, 200

#: How often a parameter may be given that may be repeated.
MOST_VALUES = 32

#: What a parameter may be that is a number.
BOUNDS = {"page": range(1, 10_001), "per_page": range(1, 101), "limit": range(1, 101), "body": range(2)}

#: The parameters of an address, by name.
Given = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """The parameters of a search, named as in an address; what they mean stands at `indexer.search`."""

    q: str = ""
    tag: tuple[str, ...] = ()
    tag_any: tuple[str, ...] = ()
    tag_not: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    year: tuple[str, ...] = ()
    lang: tuple[str, ...] = ()
    after: str = ""
    before: str = ""
    sort: str = "relevance"
    page: int = 1
    per_page: int = 10

    #: The names of those that are counted, with commas between them.
    facets: str = "tags"

    @classmethod
    def read(cls, given: Given) -> Params:
        """Read the parameters of an address. Empty ones count as not given, unknown ones are passed over.

        Raises `QueryError` for one that is given twice but may be given once, is too long or is no number of `BOUNDS`.
        """
        return cls(**read(given, USUAL))

    def ask(self, engine: Searchable, curation: Curation) -> Results:
        """The answer of *engine*; raises what `indexer.search` raises."""
        facets = dict.fromkeys(name.strip() for name in self.facets.split(","))
        return search(engine, facets=facets, curation=curation, **self.question)

    @property
    def question(self) -> dict[str, Any]:
        """What `indexer.search` takes, but for what is to be counted."""
        choices = asdict(self)
        return {"text": choices.pop("q")} | {name: one for name, one in choices.items() if name != "facets"}

    def but(self, **changes: Any) -> Params:
        """The same question with *changes*, from its first page unless they say which."""
        return replace(self, **{"page": 1} | changes)

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Names and values that `read` makes this question of, without those that go without saying."""
        given = [(name, getattr(self, name)) for name, usual in USUAL.items() if getattr(self, name) != usual]
        return tuple((name, str(one)) for name, said in given for one in (said if isinstance(said, tuple) else [said]))

    @property
    def query_string(self) -> str:
        """`pairs` as they stand in an address, after the question mark."""
        return urlencode(self.pairs)


def given(environ: Mapping[str, Any]) -> dict[str, list[str]]:
    """The parameters of a request, as WSGI has it: whatever bytes stand behind the question mark of its address."""
    text = environ.get("QUERY_STRING", "").encode("latin-1", "replace").decode("utf-8", "replace")
    return parse_qs(text, keep_blank_values=True, errors="replace")


def ask_values(engine: Searchable, curation: Curation, given: Given) -> tuple[Facet, ...]:
    """The values of a facet that the parameters of an address ask for: `facet`, `prefix`, `limit`, those of a search.

    Raises what `indexer.facet_values` and `Params.read` raise.
    """
    return facet_values(engine, curation=curation, **read(given, VALUES), **Params.read(given).question)


def values_asked(given: Given) -> Hashable:
    """What is the same for all addresses for which `ask_values` answers the same."""
    return *read(given, VALUES).values(), Params.read(given)


def read(given: Given, usual: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters that have *usual* values, with those of an address that are given, read as `Params.read` does."""
    return {name: _read(name, value, given[name]) if name in given else value for name, value in usual.items()}


#: The parameters of a search, and those of `/api/v1/facets` beside them, `/api/v1/related` and `/api/v1/suggest`,
#: with what they usually are.
USUAL: dict[str, Any] = {field.name: field.default for field in fields(Params)}
VALUES: dict[str, Any] = {"facet": "tags", "prefix": "", "limit": 10}
RELATED: dict[str, Any] = {"id": "", "limit": 5}
SUGGEST: dict[str, Any] = {"q": ""}


def _read(name: str, usual: Any, values: Sequence[str]) -> Any:
    if len(values) > (most := MOST_VALUES if isinstance(usual, tuple) else 1):
        detail = f"the parameter {name} is given {len(values)} times, but may be given {most} times"
        raise QueryError(detail.replace("1 times", "once"), param=name)
    for text in values:
        _check_length(name, text)
    if isinstance(usual, tuple):
        return tuple(value for value in values if value.strip())
    if not (text := values[0]):
        return usual
    if not isinstance(usual, int):
        return text
    bounds = BOUNDS[name]
    if not re.fullmatch("[0-9]{1,9}", text) or int(text) not in bounds:
        raise QueryError(f"the parameter {name} has to be a whole number, {bounds[0]} to {bounds[-1]:,}", param=name)
    return int(text)


def _check_length(name: str, text: str) -> None:
    longest = LONGEST if name == "q" else LONGEST_OTHER
    if len(text) > longest or len(text.encode()) > 2 * LONGEST:
        raise QueryError(f"the parameter {name} has at most {longest:,} characters, {2 * LONGEST:,} bytes", param=name)
