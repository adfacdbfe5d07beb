"""What does a request ask for, and which address asks for it?"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any
from urllib.parse import urlencode

from indexer import Curation, Facet, QueryError, Results, Searchable, facet_values, search

#: Characters in the longest question that is answered over HTTP.
LONGEST = 2048


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
    def read(cls, given: Mapping[str, Sequence[str]]) -> Params:
        """Read the parameters of an address. Blank ones count as not given, unknown ones are passed over.

        Raises `QueryError` for one that is given twice but may be given once, is too long or is not a number.
        """
        return cls(**read(given, _USUAL))

    def ask(self, engine: Searchable, curation: Curation) -> Results:
        """The answer of *engine*; raises what `indexer.search` raises."""
        facets = [name.strip() for name in self.facets.split(",")]
        return search(engine, facets=facets, curation=curation, **self._question)

    @property
    def _question(self) -> dict[str, Any]:
        """What `indexer.search` takes, but for what is to be counted."""
        choices = asdict(self)
        return {"text": choices.pop("q")} | {name: one for name, one in choices.items() if name != "facets"}

    def but(self, **changes: Any) -> Params:
        """The same question with *changes*, from its first page unless they say which."""
        return replace(self, **{"page": 1} | changes)

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Names and values that `read` makes this question of, without those that go without saying."""
        given = [(name, getattr(self, name)) for name, usual in _USUAL.items() if getattr(self, name) != usual]
        return tuple((name, str(one)) for name, said in given for one in (said if isinstance(said, tuple) else [said]))

    @property
    def query_string(self) -> str:
        """`pairs` as they stand in an address, after the question mark."""
        return urlencode(self.pairs)


def ask_values(engine: Searchable, curation: Curation, given: Mapping[str, Sequence[str]]) -> tuple[Facet, ...]:
    """The values of a facet that the parameters of an address ask for: `facet`, `prefix`, `limit`, those of a search.

    Raises what `indexer.facet_values` and `Params.read` raise.
    """
    return facet_values(engine, curation=curation, **read(given, _VALUES), **Params.read(given)._question)


def read(given: Mapping[str, Sequence[str]], usual: dict[str, Any]) -> dict[str, Any]:
    """The parameters that have *usual* values, with those of an address that are given, read as `Params.read` does."""
    return {name: _read(name, value, given.get(name, ())) for name, value in usual.items()}


_USUAL: dict[str, Any] = {field.name: field.default for field in fields(Params)}
_VALUES: dict[str, Any] = {"facet": "tags", "prefix": "", "limit": 10}


def _read(name: str, usual: Any, values: Sequence[str]) -> Any:
    if isinstance(usual, tuple):
        return tuple(value for value in values if value.strip())
    if len(values) > 1:
        raise QueryError(f"the parameter {name} is given {len(values)} times, but may be given once", param=name)
    if not values or not (text := values[0]).strip():
        return usual
    if isinstance(usual, int):
        if not re.fullmatch(r"[+-]?[0-9]{1,9}", text.strip()):
            raise QueryError(f"the parameter {name} has to be a whole number", param=name)
        return int(text)
    if name == "q" and len(text) > LONGEST:
        detail = f"a question has at most {LONGEST:,} characters, and this one has {len(text):,}"
        raise QueryError(detail, param=name)
    return text
