"""What does a request ask for, and which address asks for it?"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any
from urllib.parse import urlencode

from indexer import Curation, Explanation, QueryError, Results, Searchable, explain, search

#: Characters in the longest question that is answered over HTTP.
LONGEST = 2048

_LISTS = frozenset({"tag", "tag_any", "tag_not"})
_NUMBERS = frozenset({"page", "per_page", "limit"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """The parameters of a search, named as in an address; what they mean stands at `indexer.search`."""

    q: str = ""
    tag: tuple[str, ...] = ()
    tag_any: tuple[str, ...] = ()
    tag_not: tuple[str, ...] = ()
    after: str = ""
    before: str = ""
    sort: str = "relevance"
    page: int = 1
    per_page: int = 10

    @classmethod
    def read(cls, given: Mapping[str, Sequence[str]]) -> Params:
        """Read the parameters of an address. Blank ones count as not given, unknown ones are passed over.

        Raises `QueryError` for one that is given twice but may be given once, is too long or is not a number.
        """
        read = {name: _read(name, given.get(name, ())) for name in _NAMES}
        return cls(**{name: value for name, value in read.items() if value is not None})

    def ask(self, engine: Searchable, curation: Curation) -> Results:
        """The answer of *engine*; raises what `indexer.search` raises."""
        choices = asdict(self)
        return search(engine, choices.pop("q"), curation=curation, **choices)

    def explain(self, engine: Searchable, curation: Curation, id: str) -> Explanation | None:
        """Why that answer has a post where it has it; None if it is not held."""
        choices = asdict(self)
        return explain(engine, id, choices.pop("q"), curation=curation, **choices)

    def but(self, **changes: Any) -> Params:
        """The same question with *changes*, from its first page unless they say which."""
        return replace(self, **{"page": 1} | changes)

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Names and values that `read` makes this question of, without those that go without saying."""
        given = [(name, getattr(self, name)) for name in _NAMES if getattr(self, name) != getattr(_NOTHING, name)]
        return tuple((name, str(one)) for name, value in given for one in (value if name in _LISTS else [value]))

    @property
    def query_string(self) -> str:
        """`pairs` as they stand in an address, after the question mark."""
        return urlencode(self.pairs)


_NAMES = tuple(field.name for field in fields(Params))
_NOTHING = Params()


def one(given: Mapping[str, Sequence[str]], name: str) -> Any:
    """The value of a parameter that may be given once, or None. Raises `QueryError` as `Params.read` does."""
    return _read(name, given.get(name, ()))


def _read(name: str, values: Sequence[str]) -> Any:
    if name in _LISTS:
        return tuple(value for value in values if value.strip())
    if len(values) > 1:
        raise QueryError(f"the parameter {name} is given {len(values)} times, but may be given once", param=name)
    if not values or not (text := values[0]).strip():
        return None
    if name in _NUMBERS:
        if not re.fullmatch(r"[+-]?[0-9]{1,9}", text.strip()):
            raise QueryError(f"the parameter {name} has to be a whole number", param=name)
        return int(text)
    if name == "q" and len(text) > LONGEST:
        detail = f"a question has at most {LONGEST:,} characters, and this one has {len(text):,}"
        raise QueryError(detail, param=name)
    return text
