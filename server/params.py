"""What does a request ask for, and which address asks for it?"""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any
from urllib.parse import parse_qs, urlencode

from indexer import Curation, Facet, QueryError, Results, Searchable, facet_values, search

#: Characters in the longest question that is answered over HTTP, and in any other text; twice as many bytes of UTF-8.
LONGEST, LONGEST_OTHER = 2048, 200

#: How often a parameter may be given that may be repeated.
MOST_VALUES = 32

#: The last post of a list that a page may reach to.
DEEPEST = 100_000

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
        """Read the parameters of an address. Blank ones count as not given, unknown ones are passed over.

        Raises `QueryError` for one that is given twice but may be given once, is too long or is not a number.
        """
        return cls(**_given(given, _USUAL))

    def ask(self, engine: Searchable, curation: Curation) -> Results:
        """The answer of *engine*; raises what `indexer.search` raises, and `QueryError` for a page too far down."""
        if self.page * self.per_page > DEEPEST:
            raise QueryError(f"a list is told up to its post number {DEEPEST:,}; ask for an earlier page", param="page")
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


def given(environ: Mapping[str, Any]) -> dict[str, list[str]]:
    """The parameters of a request, as WSGI has it: whatever bytes stand behind the question mark of its address."""
    text = environ.get("QUERY_STRING", "").encode("latin-1", "replace").decode("utf-8", "replace")
    return parse_qs(text, keep_blank_values=True, errors="replace")


def wants_body(given: Given) -> bool:
    """Whether the text of a post is asked for. Raises what `Params.read` raises."""
    return bool(_given(given, {"body": 0}).get("body"))


def ask_values(engine: Searchable, curation: Curation, given: Given) -> tuple[Facet, ...]:
    """The values of a facet that the parameters of an address ask for: `facet`, `prefix`, `limit`, those of a search.

    Raises what `indexer.facet_values` and `Params.read` raise.
    """
    choices = _VALUES | _given(given, _VALUES)
    return facet_values(engine, curation=curation, **choices, **Params.read(given)._question)


def values_asked(given: Given) -> Hashable:
    """What is the same for all addresses for which `ask_values` answers the same."""
    return *(_VALUES | _given(given, _VALUES)).values(), Params.read(given)


def _given(given: Given, usual: Mapping[str, Any]) -> dict[str, Any]:
    read = {name: _read(name, type(value), given[name]) for name, value in usual.items() if given.get(name)}
    return {name: value for name, value in read.items() if value is not None}


_USUAL: dict[str, Any] = {field.name: field.default for field in fields(Params)}
_VALUES: dict[str, Any] = {"facet": "tags", "prefix": "", "limit": 10}


def _read(name: str, kind: type, values: Sequence[str]) -> Any:
    if len(values) > (most := MOST_VALUES if kind is tuple else 1):
        detail = f"the parameter {name} is given {len(values)} times, but may be given {most} times"
        raise QueryError(detail.replace("1 times", "once"), param=name)
    for text in values:
        _check_length(name, text)
    if kind is tuple:
        return tuple(value for value in values if value.strip())
    if not (text := values[0]).strip():
        return None
    if kind is not int:
        return text
    if not re.fullmatch(r"[+-]?[0-9]{1,9}", text.strip()):
        raise QueryError(f"the parameter {name} has to be a whole number", param=name)
    return int(text)


def _check_length(name: str, text: str) -> None:
    what, longest = ("a question", LONGEST) if name == "q" else (f"the parameter {name}", LONGEST_OTHER)
    size = len(text.encode())
    if len(text) > longest or size > 2 * longest:
        most = f"{longest:,} characters and {2 * longest:,} bytes"
        raise QueryError(f"{what} has at most {most}, and this one has {len(text):,} and {size:,}", param=name)
