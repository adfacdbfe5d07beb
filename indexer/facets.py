"""Which values of a facet begin as somebody types?"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from indexer.engine import FACETS, Searchable
from indexer.errors import QueryError
from indexer.results import Facet
from indexer.search import search
from indexer.words import fold_tag

MOST_VALUES = 100


def facet_values(
    engine: Searchable, facet: str, prefix: str = "", *, limit: int = 10, text: str = "", **narrowed: Any
) -> tuple[Facet, ...]:
    """The values of *facet*, one of `FACETS`, that begin with *prefix*, counted as `search` counts them for a question.

    *limit*, at most 100, is how many: the most frequent ones, in the order of `Results.facets`. *text* and *narrowed*
    are those of `search`. Raises `QueryError` for what is out of bounds.
    """
    if facet not in FACETS:
        raise QueryError(f"there is no facet {facet!r}; choose {' or '.join(FACETS)}", param="facet")
    if not 1 <= limit <= MOST_VALUES:
        raise QueryError(f"a list of values holds 1 to {MOST_VALUES}", param="limit")
    counted = search(engine, text, facets=(facet,), snippets=False, **narrowed).facets
    return tuple(islice(beginning(counted[facet], prefix), limit))


def beginning(values: Iterable[Facet], prefix: str) -> Iterator[Facet]:
    """Those of *values* that begin so, however they are written: `Service Mesh` begins with `service-m`."""
    begun = fold_tag(prefix)
    return (one for one in values if fold_tag(one.value).startswith(begun))
