"""Is the protocol of Algolia's front ends spoken, letter by letter, and can nobody have it do harm?"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from extras.algolia import LARGEST, MOST, register
from extras.algolia.asked import Asked
from extras.algolia.filters import parse
from extras.algolia.marks import Marker, Marks
from indexer import Engine, Fragment, Post, QueryError, Section, Settings, search
from server.app import create_app
from tests.conftest import make_post
from tests.engines.conftest import ENGINES
from tests.server.conftest import holding
from tests.test_docs import PAGES, ROOT, code, section, table

AIS = {"highlightPreTag": "__ais-highlight__", "highlightPostTag": "__/ais-highlight__"}
SITE = "https://example.org"
POSTS = (
    make_post(
        "Sourdough bread",
        body="Every day\nFeed the sourdough twice a day, then bake bread of it.",
        description="Flour, water and patience.",
        date="2023-08-14T12:07:00Z",
        tags=("Baking", "Slow food"),
        categories=("Guides",),
        authors=("Ann", "José"),
        language="en-gb",
        sections=(Section(heading="Every day", anchor="every-day", level=2, start=0),),
    ),
    make_post(
        "Bread: a history",
        body="How bread came about.",
        date="2024-01-01",
        tags=("Baking", "a:b"),
        categories=("News",),
    ),
    make_post("Salt", body="Bread needs salt.", date="2024-01-01T00:00:01Z", tags=("-salt", 'say "hi"'), language="de"),
    make_post("Undated", body="Nobody knows when there was bread.", tags=("Slow food",), categories=("News", "Guides")),
    make_post(
        "<img src=x onerror=alert(1)> & bread",
        id="evil.md",
        body="<b>bread</b> __ais-highlight__x__/ais-highlight__ __ais-__ais-highlight__highlight__ <script>1</script>",
        tags=("<i>tag</i>",),
        date="2022-05-05",
    ),
)


def over(engine: Engine) -> FlaskClient:
    """Asks an application over *engine*."""
    app = create_app(engine, site_url=SITE, cors_origins=["https://blog.example"])
    register(app, engine, Settings(site_url=SITE))
    return app.test_client()


CLIENT = over(holding(*POSTS))


def post(body: Any, path: str = "/1/indexes/*/queries", **more: Any) -> TestResponse:
    return CLIENT.post(path, data=body if isinstance(body, str | bytes) else json.dumps(body), **more)


def ask(**asked: Any) -> Any:
    """The answer to one question."""
    response = post({"requests": [{"indexName": "posts", **asked}]})
    assert response.status_code == 200, response.text
    (result,) = response.get_json()["results"]
    return result


def titles(**asked: Any) -> list[str]:
    return [hit["title"] for hit in ask(**asked)["hits"]]


def refused(status: int = 400, **asked: Any) -> str:
    """Why a question is not answered."""
    return refusal(post({"requests": [{"indexName": "posts", **asked}]}), status)


def refusal(response: TestResponse, status: int = 400) -> str:
    assert (response.status_code, response.content_type) == (status, "application/json")
    told = response.get_json()
    assert told["status"] == status
    return str(told["message"])


# How it is asked


FLAT = {"query": "bread", "hitsPerPage": 2, "facets": ["tags", "year"], "facetFilters": [["tags:Baking"], "year:-2022"]}
AS_TEXT = {name: value if isinstance(value, str | int) else json.dumps(value) for name, value in FLAT.items()}


@pytest.mark.parametrize("given", [FLAT, {"params": FLAT}, {"params": urlencode(AS_TEXT)}, AS_TEXT])
def test_a_question_is_read_however_a_client_writes_it(given: dict[str, Any]) -> None:
    told, usual = ask(**given), ask(**FLAT)
    assert told["hits"] == usual["hits"] != []
    assert (
        told["facets"]
        == usual["facets"]
        == {"tags": {"Baking": 2, "a:b": 1, "Slow food": 1}, "year": {"2023": 1, "2024": 1}}
    )


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/json", "application/x-www-form-urlencoded", "image/png", ""]
)
def test_the_body_is_json_whatever_its_type_says(kind: str) -> None:
    response = post({"requests": [{"indexName": "posts", "query": "salt"}]}, content_type=kind)
    assert response.get_json()["results"][0]["nbHits"] == 1
    assert response.content_type == "application/json"
    assert response.headers["Cache-Control"] == "no-store"


def test_the_star_may_be_written_as_browsers_do() -> None:
    assert post({"requests": []}, "/1/indexes/%2A/queries?x-algolia-api-key=public").get_json() == {"results": []}


def test_answers_stand_in_the_order_of_the_questions() -> None:
    asked = [{"indexName": "posts", "query": f"salt {n}", "hitsPerPage": 0} for n in range(20)]
    results = post({"requests": asked, "strategy": "none"}).get_json()["results"]
    assert [result["query"] for result in results] == [f"salt {n}" for n in range(20)]


def test_one_question_may_come_alone() -> None:
    told = post({"params": "query=salt"}, "/1/indexes/posts_date_asc/query").get_json()
    assert (told["index"], [hit["title"] for hit in told["hits"]]) == ("posts_date_asc", ["Salt"])


def test_parameters_that_mean_nothing_here_are_passed_over() -> None:
    assert ask(query="salt", analytics=False, clickAnalytics=True, userToken="x", ruleContexts=["a"], aroundLatLng=None)


# What is answered


def test_an_answer_has_all_that_front_ends_read() -> None:
    result = ask(query="sourdough", facets=["*"], attributesToSnippet=["body:3"], **AIS)
    (hit,) = result.pop("hits")
    assert result.pop("processingTimeMS") >= 0
    assert result == {
        "nbHits": 1,
        "page": 0,
        "nbPages": 1,
        "hitsPerPage": 20,
        "facets": {
            "categories.lvl0": {"Guides": 1},
            "tags": {"Baking": 1, "Slow food": 1},
            "author": {"Ann": 1, "José": 1},
            "year": {"2023": 1},
            "lang": {"en": 1, "en-gb": 1},
            "date_ts": {},
        },
        "facets_stats": {
            "year": {"min": 2023, "max": 2023, "avg": 2023, "sum": 2023},
            "date_ts": {"min": 1692014820, "max": 1692014820},
        },
        "renderingContent": {
            "facetOrdering": {"facets": {"order": ["categories.lvl0", "tags", "author", "year", "lang"]}}
        },
        "exhaustiveNbHits": True,
        "exhaustiveFacetsCount": True,
        "query": "sourdough",
        "params": "",
        "index": "posts",
    }
    leaf = {"matchLevel": "none", "matchedWords": []}
    assert hit == {
        "objectID": "sourdough-bread.md",
        "url": "https://example.org/sourdough-bread/",
        "title": "Sourdough bread",
        "description": "Flour, water and patience.",
        "date": "2023-08-14T12:07:00Z",
        "date_ts": 1692014820,
        "year": 2023,
        "tags": ["Baking", "Slow food"],
        "categories": {"lvl0": ["Guides"], "lvl1": ["Guides > Baking", "Guides > Slow food"]},
        "author": ["Ann", "José"],
        "lang": "en-gb",
        "section": "Every day",
        "_highlightResult": {
            "title": {
                "value": "__ais-highlight__Sourdough__/ais-highlight__ bread",
                "matchLevel": "full",
                "matchedWords": ["sourdough"],
            },
            "description": {"value": "Flour, water and patience.", **leaf},
            "tags": [{"value": "Baking", **leaf}, {"value": "Slow food", **leaf}],
        },
        "_snippetResult": {
            "body": {
                "value": "…the __ais-highlight__sourdough__/ais-highlight__ twice…",
                "matchLevel": "full",
                "matchedWords": ["sourdough"],
            }
        },
    }


def leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from leaves(inner)
    else:
        yield value


@pytest.mark.parametrize("index", ["posts", "sections"])
def test_no_null_is_where_instantsearch_would_meet_it(index: str) -> None:
    for hit in ask(indexName=index, attributesToSnippet=["*:5"])["hits"]:
        assert None not in leaves([hit["_highlightResult"], hit.get("_snippetResult")])
        assert index == "sections" or None not in leaves(hit)


def test_a_section_has_the_shape_that_docsearch_reads() -> None:
    (hit,) = ask(indexName="sections", query="sourdough", attributesToSnippet=["content:4"], highlightPreTag="<mark>")[
        "hits"
    ]
    assert hit["hierarchy"] == {
        "lvl0": "Guides", "lvl1": "Sourdough bread", "lvl2": "Every day",
        "lvl3": None, "lvl4": None, "lvl5": None, "lvl6": None,
    }  # fmt: skip
    assert (hit["type"], hit["anchor"], hit["objectID"]) == ("content", "every-day", "sourdough-bread.md#every-day")
    assert hit["url"] == "https://example.org/sourdough-bread/#every-day"
    assert hit["url_without_anchor"] == "https://example.org/sourdough-bread/"
    assert hit["_snippetResult"]["content"]["value"] == "…Feed the <mark>sourdough</em> twice…"
    assert hit["_highlightResult"]["hierarchy"]["lvl0"]["value"] == "Guides"


def test_a_post_is_told_by_as_many_sections_as_asked() -> None:
    body = "One\nPlain bread.\nTwo\nSweet bread.\nThree\nDark bread."
    starts = [(name, body.index(name)) for name in ("One", "Two", "Three")]
    parts = tuple(Section(heading=name, anchor=name.lower(), level=2, start=start) for name, start in starts)
    client = over(holding(make_post("Loaves", body=body, sections=parts)))

    def told(distinct: object) -> list[str]:
        asked = {"query": "bread", "distinct": distinct}
        hits = client.post("/1/indexes/sections/query", data=json.dumps(asked)).get_json()["hits"]
        return [hit["hierarchy"]["lvl2"] for hit in hits]

    assert sorted(told(False)) == sorted(told(None)) == sorted(told(0)) == ["One", "Three", "Two"]
    assert told(True) == told(1) == told("true") == told(False)[:1]
    assert told(2) == told("2") == told(False)[:2]
    assert len(titles(query="bread", distinct=1)) == len(titles(query="bread"))


def test_a_section_of_a_post_that_only_its_title_answers_with_is_its_title() -> None:
    (hit,) = [hit for hit in ask(indexName="sections", query="undated")["hits"] if hit["type"] != "content"]
    assert (hit["type"], hit["content"], hit["hierarchy"]["lvl0"]) == ("lvl1", None, "News")


def test_pages_count_from_nought() -> None:
    every = titles(query="bread")
    pages = [ask(query="bread", hitsPerPage=2, page=page) for page in range(4)]
    assert [[hit["title"] for hit in page["hits"]] for page in pages] == [every[:2], every[2:4], every[4:], []]
    assert {(page["nbHits"], page["nbPages"]) for page in pages} == {(len(every), 3)}


def test_a_front_end_may_ask_for_no_posts_at_all() -> None:
    result = ask(query="bread", hitsPerPage=0, facets="tags", maxValuesPerFacet=1)
    assert (result["hits"], result["nbPages"], result["nbHits"]) == ([], 0, 5)
    assert result["facets"] == {"tags": {"Baking": 2}}


@pytest.mark.parametrize("facets", ["year", ["year"], "year,year", '["year"]', ["year", "nothing"]])
def test_facets_are_named_in_any_way(facets: Any) -> None:
    assert ask(facets=facets)["facets"] == {"year": {"2024": 2, "2022": 1, "2023": 1}}


@pytest.mark.parametrize(
    ("index", "sort"), [("posts", "relevance"), ("posts_date_desc", "newest"), ("posts_date_asc", "oldest")]
)
def test_an_index_is_an_order(index: str, sort: str) -> None:
    results = search(holding(*POSTS), "bread", sort=sort)
    assert titles(indexName=index, query="bread") == [hit.title for hit in results.hits]


@pytest.mark.parametrize(
    ("names", "kept"),
    [
        (["title"], {"objectID", "title"}),
        (["categories.lvl0", "url"], {"objectID", "categories", "url"}),
        ([], {"objectID"}),
        (["*", "-tags", "-categories"], {"objectID", "url", "title", "date", "date_ts", "year"}),
        (["-tags"], {"objectID", "url", "title", "date", "date_ts", "year", "categories"}),
    ],
)
def test_attributes_are_retrieved_as_asked(names: list[str], kept: set[str]) -> None:
    (hit,) = ask(query="history", attributesToRetrieve=names, attributesToHighlight=[])["hits"]
    assert set(hit) == kept


def test_only_titles_are_looked_at_if_asked() -> None:
    assert sorted(titles(query="bread")) == sorted(post.title for post in POSTS)
    asked = {"restrictSearchableAttributes": ["title"]}
    in_titles = ["<img src=x onerror=alert(1)> & bread", "Bread: a history", "Sourdough bread"]
    assert sorted(titles(query="bread", **asked)) == sorted(titles(query="brea", **asked)) == in_titles
    assert titles(query="bread -history sourdough", **asked) == ["Sourdough bread"]
    assert titles(query="patience", **asked) == []
    assert titles(query="salt", restrictSearchableAttributes=["title", "body"]) == titles(query="salt")
    assert "`title` alone" in refused(query="bread", restrictSearchableAttributes=["tags"])


def test_values_of_a_facet_are_found_by_their_beginning() -> None:
    asked = {"facetQuery": "slow-f", "query": "bread", **AIS}
    told = [{"value": "Slow food", "highlighted": "__ais-highlight__Slow f__/ais-highlight__ood", "count": 2}]
    assert ask(type="facet", facet="tags", **asked)["facetHits"] == told
    response = post({"params": urlencode(asked)}, "/1/indexes/posts/facets/tags/query")
    assert response.get_json() == {"facetHits": told, "exhaustiveFacetsCount": True, "processingTimeMS": 1}


def test_values_are_counted_among_the_posts_that_filters_leave() -> None:
    found = ask(type="facet", facet="tags", facetQuery="", facetFilters=["categories.lvl0:News"])["facetHits"]
    assert {one["value"]: one["count"] for one in found} == {"Baking": 1, "a:b": 1, "Slow food": 1}
    assert {one["highlighted"] for one in found} == {"Baking", "a:b", "Slow food"}


def test_a_value_that_no_post_found_has_is_not_told() -> None:
    asked = {"query": "sourdough", "facetFilters": ["tags:a:b"]}
    assert ask(**asked, facets=["*"])["facets"] == {}
    assert ask(**asked, type="facet", facet="tags")["facetHits"] == []


def test_what_no_hit_tells_is_that_of_the_posts_held_now() -> None:
    engine = holding(POSTS[0])
    client = over(engine)
    for categories in (("Guides",), ("News", "Bread"), ()):
        engine.apply(put=[replace(POSTS[0], categories=categories, digest=str(categories))])
        (hit,) = client.post("/1/indexes/posts/query", data="{}").get_json()["hits"]
        assert hit.get("categories", {"lvl0": []})["lvl0"] == [*categories]


def test_tags_are_counted_within_the_one_category_that_is_chosen() -> None:
    facets = ["categories.lvl0", "categories.lvl1"]
    assert ask(facets=facets)["facets"] == {"categories.lvl0": {"Guides": 2, "News": 2}}
    chosen = ask(facets=facets, facetFilters=[["categories.lvl0:Guides"]])
    assert chosen["facets"]["categories.lvl1"] == {"Guides > Slow food": 2, "Guides > Baking": 1}
    assert titles(facetFilters=[["categories.lvl1:Guides > Baking"]]) == ["Sourdough bread"]


# Filters


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"facetFilters": "tags:baking"}, "Sourdough bread, Bread: a history"),
        ({"facetFilters": ["tags:Baking", "year:2023"]}, "Sourdough bread"),
        ({"facetFilters": [["tags:Baking", "lang:de"]]}, "Sourdough bread, Bread: a history, Salt"),
        ({"facetFilters": '[["tags:Baking","lang:de"],"year:2024"]'}, "Bread: a history, Salt"),
        ({"facetFilters": ["tags:a:b"]}, "Bread: a history"),
        ({"facetFilters": ["tags:-Baking", "year:2024"]}, "Salt"),
        ({"facetFilters": [r"tags:\-salt"]}, "Salt"),
        ({"facetFilters": [[], ["", " "]], "query": "sourdough"}, "Sourdough bread"),
        ({"facetFilters": ['tags:say "hi"']}, "Salt"),
        ({"facetFilters": ["tags:nothing"]}, ""),
        ({"tagFilters": "baking,slow food"}, "Sourdough bread"),
        ({"tagFilters": ["-baking", "slow food"]}, "Undated"),
        ({"numericFilters": "year>=2024"}, "Bread: a history, Salt"),
        ({"numericFilters": ["year>2022", "year<2024"]}, "Sourdough bread"),
        ({"numericFilters": ["year:2023 TO 2024"]}, "Sourdough bread, Bread: a history, Salt"),
        ({"numericFilters": [["year=2022", "year=2023"]]}, "Sourdough bread, <img src=x onerror=alert(1)> & bread"),
        ({"numericFilters": ["date_ts<=1704067200", "date_ts >= 1704067200"]}, "Bread: a history"),
        ({"numericFilters": ["date_ts>1704067200"]}, "Salt"),
        ({"numericFilters": ["date_ts>=1704067199.5", "date_ts<1704067200.5"]}, "Bread: a history"),
        ({"numericFilters": ["date_ts<=1704067199.5", "year=2024"]}, ""),
        ({"numericFilters": ["date_ts<-62135596801"]}, ""),
        ({"numericFilters": ["year>=-5", "year<123456"], "query": "undated"}, ""),
        ({"filters": "tags:Baking"}, "Sourdough bread, Bread: a history"),
        ({"filters": "'slow food' AND NOT baking"}, "Undated"),
        ({"filters": '"tags":"Slow food" AND (lang:de OR lang:en)'}, "Sourdough bread"),
        ({"filters": r"""_tags:'say \"hi\"' OR tags:"a:b"<score=3>"""}, "Bread: a history, Salt"),
        ({"filters": "tags:a:b<score=3> OR lang:de"}, "Bread: a history, Salt"),
        ({"filters": "NOT (tags:Baking OR lang:de) AND year >= 2000"}, "<img src=x onerror=alert(1)> & bread"),
        ({"filters": "((year:2024 TO 2025))AND(date_ts<=1704067200)"}, "Bread: a history"),
        ({"filters": "year != 2024 AND tags:Baking"}, "Sourdough bread"),
        ({"filters": "NOT NOT lang:en-gb"}, "Sourdough bread"),
        (
            {"filters": "categories.lvl0:News", "facetFilters": "tags:Baking", "numericFilters": "year=2024"},
            "Bread: a history",
        ),
        ({"filters": "  "}, "Sourdough bread, Bread: a history, Salt, Undated, <img src=x onerror=alert(1)> & bread"),
    ],
)
def test_filters_leave_the_posts_that_they_say(filters: dict[str, Any], found: str) -> None:
    assert sorted(titles(**filters)) == sorted(filter(None, found.split(", ")))


@pytest.mark.parametrize(
    ("filters", "why"),
    [
        ("tags:a AND tags:b OR tags:c", "OR joins values"),
        ("tags:a OR year > 2020", "OR joins values"),
        ("tags:a OR NOT tags:b", "OR joins values"),
        ("NOT year > 2020", "NOT stands before"),
        ("NOT (tags:a AND tags:b)", "NOT stands before"),
        ("price > 5", "by `price>`; values have"),
        ("tags > 5", "by `tags>`"),
        ("year > old", "compared to a number"),
        ("year > 2020 TO 2021", "compared to a number"),
        ("date_ts != 5", "compared to a number"),
        ("tags:a tags:b", "`tags:b` does not fit at character 7"),
        ("tags:a AND", "something is missing at character 10"),
        ("(tags:a", "something is missing at character 7"),
        ("tags:a)", "`)` does not fit at character 6"),
        ("", ""),
        ("AND", "`AND` does not fit at character 0"),
        ('"unclosed', "does not fit at character 0"),
        ("(" * 5000, "does not fit at character"),
        (" AND ".join(["tags:a"] * 101), "at most 100 filters"),
    ],
)
def test_what_filters_cannot_be_had_is_said(filters: str, why: str) -> None:
    assert why in refused(filters=filters) if why else ask(filters=filters)


@pytest.mark.parametrize(
    "given",
    [
        {"facetFilters": ["tags"]},
        {"facetFilters": ["colour:red"]},
        {"facetFilters": [["tags:a", "tags:-b"]]},
        {"tagFilters": [["a", "-b"]]},
        {"facetFilters": "[1"},
        {"facetFilters": "[" * 20_000},
        {"facetFilters": {"tags": "a"}},
        {"numericFilters": ["price<5"]},
        {"numericFilters": ["tags:a"]},
        {"numericFilters": [["year<2020", "year>2022"]]},
        {"numericFilters": ["year"]},
    ],
)
def test_lists_of_filters_that_cannot_be_had_are_refused(given: dict[str, Any]) -> None:
    assert refused(**given)


YEARS: dict[str, Callable[[int], bool]] = {
    "year >= 2023": lambda year: year >= 2023, "year < 2024": lambda year: year < 2024,
    "year:2022 TO 2023": lambda year: 2022 <= year <= 2023, "date_ts <= 1703000000": lambda year: year <= 2023,
}  # fmt: skip
LABELS: dict[str, Callable[[Post], bool]] = {
    "tags:Baking": lambda post: "Baking" in post.tags, "tags:'slow food'": lambda post: "Slow food" in post.tags,
    "tags:'a:b'": lambda post: "a:b" in post.tags, "lang:en": lambda post: post.language == "en-gb",
    "year:2024": lambda post: "2024" in post.years, "categories.lvl0:News": lambda post: "News" in post.categories,
}  # fmt: skip
Told = tuple[str, Callable[[Post], bool]]


def any_of(names: list[str], is_not: bool, post: Post) -> bool:
    return any(LABELS[name](post) for name in names) != is_not


def within(name: str, post: Post) -> bool:
    return any(YEARS[name](int(year)) for year in post.years)


@st.composite
def expressions(draw: st.DrawFn) -> Told:
    """A text of filters, and what it means."""
    parts: list[Told] = []
    for _ in range(draw(st.integers(1, 4))):
        names = draw(st.lists(st.sampled_from(sorted(LABELS)), min_size=1, max_size=3))
        text, is_not = " OR ".join(names), draw(st.booleans())
        text = f"NOT ({text})" if is_not else f"({text})" if len(names) > 1 or draw(st.booleans()) else text
        parts.append((text, partial(any_of, names, is_not)))
    if draw(st.booleans()):
        name = draw(st.sampled_from(sorted(YEARS)))
        parts.append((name, partial(within, name)))
    text = draw(st.sampled_from([" AND ", "  AND\t"])).join(text for text, _ in parts)
    return f"({text})" if draw(st.booleans()) else text, lambda post: all(means(post) for _, means in parts)


@given(expressions())
def test_any_filters_leave_what_they_mean(expression: Told) -> None:
    text, means = expression
    assert sorted(titles(filters=text)) == sorted(post.title for post in POSTS if means(post)), text


WORDS = st.lists(st.sampled_from("( ) AND OR NOT tags:a year > 5 TO \" ' \\ : lang:de <score=1> -x".split()))


@given(st.text() | WORDS.map(" ".join) | WORDS.map("".join))
def test_any_text_is_filters_or_is_refused_with_a_reason(text: str) -> None:
    try:
        parse(text or "x")
    except QueryError as error:
        assert len(str(error)) < 200


# What a stranger could do


def rendered(value: str) -> str:
    """What InstantSearch puts into a page: it escapes, and puts its own tags in the place of the others."""
    for character, entity in {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"}.items():
        value = value.replace(character, entity)
    return value.replace("__ais-highlight__", "<mark>").replace("__/ais-highlight__", "</mark>")


TAG = re.compile(r"<(?!/?mark>)")


def texts(hit: Any) -> list[str]:
    """What of a hit is shown with marks."""
    shown = [hit[name] for name in ("_highlightResult", "_snippetResult") if name in hit]
    return [leaf for leaf in leaves(shown) if isinstance(leaf, str)]


@pytest.mark.parametrize("index", ["posts", "sections"])
def test_with_placeholders_a_text_stays_what_it_is_and_has_none_of_its_own(index: str) -> None:
    hit = next(
        hit
        for hit in ask(indexName=index, query="bread", attributesToSnippet=["*:50"], **AIS)["hits"]
        if "evil" in hit["objectID"]
    )
    assert any("<img src=x onerror=alert(1)> & __ais-highlight__bread__/ais-highlight__" in text for text in texts(hit))
    for text in texts(hit):
        marked = rendered(text)
        assert not TAG.search(marked)
        assert marked.count("<mark>") == marked.count("</mark>") == len(re.findall("<mark>bread</mark>", marked))


@pytest.mark.parametrize("index", ["posts", "sections"])
@pytest.mark.parametrize(
    "tags",
    [
        {},
        {"highlightPreTag": "<mark>", "highlightPostTag": "</mark>"},
        {"highlightPreTag": "<mark>"},
        {"highlightPreTag": "**"},
    ],
)
def test_with_tags_of_html_a_text_is_escaped(index: str, tags: dict[str, str]) -> None:
    hits = ask(indexName=index, query="bread", attributesToSnippet=["*:50"], **tags)["hits"]
    hit = next(hit for hit in hits if "evil" in hit["objectID"])
    for text in texts(hit):
        assert not re.search(r"<(?!/?(mark|em)>)", text)
    assert any(
        re.search(r"&lt;img src=x onerror=alert\(1\)&gt; &amp; (<\w+>|\*\*)bread</", text) for text in texts(hit)
    )


def test_with_tags_of_html_what_docsearch_shows_as_it_is_is_escaped_too() -> None:
    hits = ask(indexName="sections", query="bread", highlightPreTag="<mark>", highlightPostTag="</mark>")["hits"]
    hit = next(hit for hit in hits if "evil" in hit["objectID"])
    shown = [hit["content"], *filter(None, hit["hierarchy"].values())]
    assert not any("<" in text for text in shown)
    assert unescape(hit["hierarchy"]["lvl1"]) == "<img src=x onerror=alert(1)> & bread"


def test_values_of_facets_are_told_by_the_same_rule() -> None:
    (plain,) = ask(type="facet", facet="tags", facetQuery="<i", **AIS)["facetHits"]
    (html,) = ask(type="facet", facet="tags", facetQuery="<i")["facetHits"]
    assert (plain["value"], plain["highlighted"]) == ("<i>tag</i>", "__ais-highlight__<i__/ais-highlight__>tag</i>")
    assert html["highlighted"] == "<em>&lt;i</em>&gt;tag&lt;/i&gt;"


PIECES = st.lists(
    st.sampled_from(["__ais-highlight__", "__/ais-highlight__", "_", "ais-", "aa-", "highlight", "a", " ", "/", "<b>"])
)


PLACEHOLDERS = [("__ais-highlight__", "__/ais-highlight__"), ("__aa-highlight__", "__/aa-highlight__"), ("<b>", "</b>")]


@given(st.lists(st.tuples(PIECES.map("".join), st.booleans())), st.sampled_from(PLACEHOLDERS))
def test_there_are_as_many_marks_as_are_meant(pieces: list[tuple[str, bool]], tags: tuple[str, str]) -> None:
    told = Marks(*tags, "…").marked(tuple(Fragment(text, marked) for text, marked in pieces))
    assert [told.count(tag) for tag in tags] == [sum(marked for _, marked in pieces)] * 2


@given(st.text())
def test_a_text_without_placeholders_is_told_as_it_is(text: str) -> None:
    assert Marks("__ais-highlight__", "__/ais-highlight__", "…").marked((Fragment(text),)) == text.replace(
        "ais-highlight", "a\u2060is-highlight"
    )


# Bounds


BODIES = [
    *(b"", b"{", b"[]", b"null", b"1", b"{}", b"\xff", b"[" * 50_000, b'{"requests": {}}', b'{"requests": [1]}'),
    *(b'{"requests": [null]}', b'{"requests": [{"params": 5}]}', b'{"requests": "x"}'),
    json.dumps({"requests": [{}] * (MOST + 1)}).encode(),
]


@pytest.mark.parametrize("body", BODIES)
def test_a_body_that_is_none_is_refused(body: bytes) -> None:
    assert refusal(post(body))


OUT_OF_BOUNDS: list[dict[str, Any]] = [
    *({"page": -1}, {"page": "x"}, {"page": 10**30}, {"hitsPerPage": 101}, {"hitsPerPage": 1.5}, {"facets": 5}),
    *({"query": 5}, {"query": "x" * 2049}, {"highlightPreTag": "x" * 101}, {"attributesToRetrieve": {"a": 1}}),
    *({"offset": 0, "length": 5}, {"maxValuesPerFacet": -1}, {"type": "facet", "facet": "title"}),
    *({"type": "facet", "facet": "tags", "maxFacetHits": number} for number in (0, 101)),
]


@pytest.mark.parametrize("asked", OUT_OF_BOUNDS)
def test_what_is_out_of_bounds_is_refused(asked: dict[str, Any]) -> None:
    assert refused(**asked)


def test_another_index_does_not_exist() -> None:
    assert refused(404, indexName="foo") == "Index foo does not exist"
    assert refusal(post({}, "/1/indexes/foo/query"), 404) == "Index foo does not exist"
    assert len(refused(404, indexName="x" * 5000)) < 200


@pytest.mark.parametrize("path", ["/1/events", "/1/indexes/*/recommendations", "/1/indexes"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_what_else_the_protocol_has_is_not_here(path: str, method: str) -> None:
    assert refusal(CLIENT.open(path, method=method), 404)


def test_a_body_that_is_too_long_is_refused() -> None:
    fits = json.dumps({"requests": []})
    assert post(fits + " " * (LARGEST - len(fits))).status_code == 200
    assert refusal(post(fits + " " * LARGEST), 413)


def test_a_packed_body_is_refused() -> None:
    assert refusal(post({"requests": []}, headers={"Content-Encoding": "gzip"}), 415)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from([field.encode_name for field in msgspec.structs.fields(Asked)])
LIKELY = st.sampled_from(
    [
        "facet",
        "tags",
        "*",
        ["*"],
        "body:3",
        ["title:0", "tags:x"],
        "tags:baking",
        [["year:2024"]],
        "year>5",
        "[[",
        "<b>",
        "bread",
        3,
        0,
        "2",
    ]
)
QUESTIONS = st.dictionaries(NAMES, LIKELY | JSON, max_size=5)
INDEX = st.sampled_from(["posts", "sections", "posts_date_asc"])


@given(st.lists(st.builds(lambda asked, name: {**asked, "indexName": name}, QUESTIONS, INDEX), max_size=3))
def test_no_question_makes_it_fail_or_lets_markup_through(asked: list[dict[str, Any]]) -> None:
    response = post({"requests": asked})
    if response.status_code != 200:
        assert refusal(response)
        return
    results = response.get_json()["results"]
    assert len(results) == len(asked)
    for question, result in zip(asked, results, strict=True):
        for hit in result.get("hits", ()):
            assert None not in leaves([hit[name] for name in ("_highlightResult", "_snippetResult") if name in hit])
            if not {"highlightPreTag", "snippetEllipsisText", "params"} & question.keys():
                assert not any(re.search(r"<(?!/?em>)", text) for text in texts(hit))


@pytest.mark.parametrize("name", ["params", "query", "other", "facetFilters"])
def test_however_deep_a_question_is_it_does_no_harm(name: str) -> None:
    for depth in range(0, 1_000, 7):
        body = f'{{"requests": [{{"indexName": "posts", "{name}": {{"other": {"[" * depth}{"]" * depth}}}}}]}}'
        assert post(body).status_code in (200, 400)


def test_of_a_question_of_many_words_some_are_marked() -> None:
    mark = Marker(" ".join(f"word{n}" for n in range(300)))
    assert len(mark.words) == 32
    assert mark("word1 word290", "english") == (Fragment("word1", True), Fragment(" word290"))


@pytest.mark.parametrize(
    ("question", "text", "marked"),
    [
        ("baking", "Bake bread, baked in BAKERIES", ["Bake", "baked"]),
        ("bak", "Bake bread, abake", ["Bake"]),
        ("cafe", "Café, cafés", ["Café", "cafés"]),
        ("café ", "cafe", ["cafe"]),
        ("C++", "Of C++ and C", ["C++"]),
        ("搜索", "全文搜索", ["搜索"]),
        ('"slow food" -bread', "slow bread is no food", ["slow", "food"]),
        ("tag:bread", "bread", []),
        ("", "bread", []),
        ("straße", "Die STRASSE", ["STRASSE"]),
    ],
)
def test_the_words_of_a_question_are_marked_in_short_texts(question: str, text: str, marked: list[str]) -> None:
    shown = Marker(question)(text, "english")
    assert "".join(one.text for one in shown) == text
    assert [one.text for one in shown if one.marked] == marked


@given(st.text(max_size=20), st.text(max_size=40))
def test_marks_leave_a_text_as_it_is(question: str, text: str) -> None:
    assert "".join(one.text for one in Marker(question)(text, "german")) == text


PLAIN = st.tuples(st.text("ab… \n", max_size=12), st.just(False))
WIDE = st.lists(PLAIN | st.tuples(st.text("ab", min_size=1), st.just(True)), max_size=6)


@given(WIDE, st.integers(1, 8))
def test_a_passage_is_cut_to_as_many_words_as_asked(pieces: list[tuple[str, bool]], most: int) -> None:
    shown = tuple(Fragment(text, marked) for text, marked in pieces)
    cut = Marks("<", ">", "~").cut(shown, most)
    text = "".join(one.text for one in cut)
    assert len(text.strip("~").split(" ")) <= most
    assert text.strip("~") in "".join(one.text for one in shown)
    assert any(one.marked for one in cut) == any(one.marked for one in shown)


@given(JSON)
def test_no_body_makes_it_fail(body: Any) -> None:
    assert post(json.dumps(body)).status_code in (200, 400)
    assert post(json.dumps(body), "/1/indexes/posts/query").status_code in (200, 400)


# The house


def test_a_browser_may_ask_from_a_listed_origin() -> None:
    asked = {
        "Origin": "https://blog.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "x-algolia-api-key",
    }
    for path in ("/1/indexes/*/queries", "/1/indexes/posts/query", "/1/indexes/posts/facets/tags/query", "/1/other"):
        headers = CLIENT.options(path, headers=asked).headers
        assert headers["Access-Control-Allow-Origin"] == "https://blog.example"
        assert "POST" in headers["Access-Control-Allow-Methods"]
        allowed = headers["Access-Control-Allow-Headers"].lower().split(", ")
        assert {"content-type", "x-algolia-api-key", "x-algolia-application-id", "x-algolia-agent"} <= set(allowed)
    for response in (post({"requests": []}, headers=asked), post("{", headers=asked)):
        assert response.headers["Access-Control-Allow-Origin"] == "https://blog.example"


def test_our_own_addresses_are_still_for_reading_alone() -> None:
    headers = CLIENT.options("/api/v1/search", headers={"Origin": "https://blog.example"}).headers
    assert headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize("name", ENGINES)
def test_every_engine_answers_alike(name: str, tmp_path: Path) -> None:
    engine = ENGINES[name](tmp_path / "index")
    engine.apply(put=POSTS)
    for asked in (
        FLAT,
        {"query": "bread", "facets": "*"},
        {"filters": "NOT (tags:Baking OR lang:de)", "facets": ["date_ts"]},
    ):
        response = over(engine).post("/1/indexes/posts/query", data=json.dumps(asked))
        told, usual = response.get_json(), ask(**asked)
        assert sorted(hit["objectID"] for hit in told["hits"]) == sorted(hit["objectID"] for hit in usual["hits"])
        assert [told[key] for key in ("nbHits", "facets", "facets_stats")] == [
            usual[key] for key in ("nbHits", "facets", "facets_stats")
        ]
    engine.close()


def test_without_an_index_it_says_when_to_ask_again(tmp_path: Path) -> None:
    engine = ENGINES["whoosh"](tmp_path / "index")
    response = over(engine).post("/1/indexes/posts/query", data="{}")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "10")


# The page


PAGE = PAGES["docs/instantsearch.md"]


def test_every_widget_with_a_tick_is_tried() -> None:
    tried = (ROOT / "tests" / "clients" / "test_instantsearch.py").read_text("utf-8")
    for widget, tick, _ in table(PAGE, "Widget"):
        assert tick == "✓"
        assert f"{code(widget)[0]}(" in tried


def test_every_parameter_is_listed_and_no_other() -> None:
    listed = [name for names, _ in table(PAGE, "Parameter") for name in code(names)]
    assert sorted(listed) == sorted(field.encode_name for field in msgspec.structs.fields(Asked))


def test_every_address_is_listed_and_no_other() -> None:
    rules = {f"POST {rule.rule}" for rule in CLIENT.application.url_map.iter_rules() if rule.rule.startswith("/1/")}
    assert {code(address)[0] for address, _ in table(PAGE, "Address")} == rules - {"POST /1/<path:other>"}


def test_every_attribute_of_a_post_is_listed() -> None:
    (hit, *_) = ask(query="sourdough", attributesToHighlight=[])["hits"]
    told = {name for name in hit if name != "categories"} | {f"categories.{level}" for level in hit["categories"]}
    (line,) = re.findall(r"^A post has (.*?)\n\n", PAGE, re.MULTILINE | re.DOTALL)
    assert set(code(line)) == told


def test_the_filters_that_the_page_shows_are_some() -> None:
    assert len(parse(code(section(PAGE, "Filters"))[1])) == 4
    assert refused(filters="tags:a OR tags:b AND tags:c")
