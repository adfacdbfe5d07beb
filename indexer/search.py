"""The one way to ask an engine."""

from collections.abc import Iterable, Sequence
from time import perf_counter
from typing import Any

from msgspec.structs import replace

from indexer import alternatives, dates, words
from indexer.bounds import bounded
from indexer.curation import UNCURATED, Curation
from indexer.dates import Moment
from indexer.engine import ENOUGH, FACETS, Searchable
from indexer.errors import QueryError
from indexer.query import SORTS, Query, filters
from indexer.results import Results

MOST_PER_PAGE = 100


def search(
    engine: Searchable, text: str = "", *, facets: Iterable[str] = ("tags",), snippets: bool = True, **narrowed: Any
) -> Results:
    """Answer *text*, as docs/query.md explains it, narrowed by labels and dates, and as the site's owner has it.

    *narrowed*: `tag`, all of a list; `tag_not`, none of one; `tag_any`, `category`, `year` and `lang`, any of one,
    which the counts of its own facet do not heed; `after`, `before`; `sort`; `page`, from 1; `per_page`, at most 100;
    and `curation`. A question without words lists every post, newest first.
    Raises `QueryError` for what is out of bounds; the text itself is never an error.
    """
    started = perf_counter()
    query, left_out = question(engine, text, **narrowed)
    if unknown := set(asked := tuple(facets)).difference(FACETS):
        raise QueryError(f"cannot count by {min(unknown)!r}; choose {' or '.join(FACETS)}", param="facets")
    results = _answer(engine, query, asked, snippets=snippets)
    took = round((perf_counter() - started) * 1000, 3)
    return replace(results, query=text, hints=query.hints, left_out=left_out, took_ms=took)


def question(
    engine: Searchable,
    text: str,
    *,
    after: str | None = None,
    before: str | None = None,
    sort: str = "relevance",
    page: int = 1,
    per_page: int = 10,
    curation: Curation = UNCURATED,
    **labels: Iterable[str],
) -> tuple[Query, tuple[str, ...]]:
    """What `search` asks *engine* first, and what of the text is left out; the parameters are those of `search`."""
    _check(sort, page, per_page)
    asked = _asked(engine, text)
    query = replace(
        asked,
        clauses=asked.clauses + tuple(filters(**labels)),
        after=max(filter(None, (asked.after, _bound("after", after))), default=None),
        before=min(filter(None, (asked.before, _bound("before", before))), default=None),
        sort=sort,
        page=page,
        per_page=per_page,
    )
    return bounded(engine, curation.of(query))


def _asked(engine: Searchable, text: str) -> Query:
    """What *text* asks for: where it is how a title begins, no sign in it is meant as one."""
    asked = Query.parse(text)
    return Query.parse(words.headline(text)) if not asked.is_plain and engine.begins_title(text) else asked


def _answer(engine: Searchable, query: Query, facets: Sequence[str], *, snippets: bool) -> Results:
    """What is found; where that is little, also what may have been meant."""
    results = engine.search(query, facets=facets, snippets=snippets)
    if results.total_all_words < ENOUGH and (other := alternatives.mistyped(engine, query)):
        results = engine.search(other, facets=facets, snippets=snippets)
        if not results.total_all_words:
            results = replace(results, did_you_mean=alternatives.did_you_mean(engine, other))
    return results if results.total else replace(results, without=alternatives.without(engine, query))


def _check(sort: str, page: int, per_page: int) -> None:
    if sort not in SORTS:
        raise QueryError(f"cannot sort by {sort!r}; choose one of {', '.join(SORTS)}", param="sort")
    if page < 1:
        raise QueryError("pages count from 1", param="page")
    if not 1 <= per_page <= MOST_PER_PAGE:
        raise QueryError(f"a page holds 1 to {MOST_PER_PAGE} posts", param="per_page")


def _bound(param: str, text: str | None) -> Moment | None:
    if not text:
        return None
    if (moment := dates.bound(text)) is None:
        raise QueryError(f"{text!r} is not {dates.SUCH_AS}", param=param)
    return moment
