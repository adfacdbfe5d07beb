"""Does the API answer what the library answers, and refuse what it should?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from indexer import (
    Curation,
    Engine,
    Query,
    Results,
    Settings,
    answer,
    search,
    suggest,
)
from indexer.engines.whoosh import WhooshEngine
from server.app import create_app
from tests.conftest import make_post
from tests.engines.reference import ReferenceEngine
from tests.server.conftest import POSTS, holding, plain

QUESTIONS: tuple[dict[str, Any], ...] = (
    {},
    {"q": "restore"},
    {"q": "storage copy"},
    {"q": '"restore drills" -disk'},
    {"q": "rest* tag:storage"},
    {"q": "搜索"},
    {"q": "note", "sort": "oldest", "page": 2, "per_page": 3},
    {"tag": ["Storage", "operations"]},
    {"tag_any": ["languages", "operations"], "sort": "title"},
    {"category": ["how-to", "news"], "year": ["2022", "2023"], "lang": ["en"]},
    {"tag_not": ["storage"], "after": "2022-03-03", "before": "2022-03-06"},
)


def as_library(asked: dict[str, Any]) -> dict[str, Any]:
    return {"text" if name == "q" else name: value for name, value in asked.items()}


@pytest.mark.parametrize("asked", QUESTIONS, ids=str)
def test_a_question_finds_over_http_what_it_finds_in_the_library(each_engine: Engine, asked: dict[str, Any]) -> None:
    response = create_app(each_engine).test_client().get("/api/v1/search", query_string=asked)
    expected = plain(answer.of(search(each_engine, **as_library(asked))))
    assert response.status_code == 200
    assert response.get_json() | {"took_ms": 0} == expected | {"took_ms": 0}
    assert response.get_json()["results"]


def test_the_answer_is_json(client: FlaskClient) -> None:
    response = client.get("/api/v1/search?q=storage")
    assert response.content_type == "application/json"
    assert response.text.startswith('{"query":"storage","total":2,')


def test_the_owner_has_a_hand_in_the_answers() -> None:
    client = create_app(holding(*POSTS), curation=Curation.load(Settings(pins={"note": ("storage.md",)}))).test_client()
    hits = client.get("/api/v1/search?q=note").get_json()["results"]
    assert [hit["id"] for hit in hits][:2] == ["storage.md", "note-7.md"]


@pytest.mark.parametrize(
    ("site_url", "written", "told"),
    [
        ("", "storage.md", "/posts/storage.md"),
        ("", "/new/", "/new/"),
        ("", "https://else.example/x", "https://else.example/x"),
        ("https://example.org/blog", "storage.md", "https://example.org/blog/storage-for-small-sites/"),
        ("https://example.org/blog", "/new/", "https://example.org/blog/new/"),
        ("https://example.org/blog", "https://else.example/x", "https://else.example/x"),
        ("https://example.org/blog", "javascript:alert(1)", None),
    ],
)
def test_a_superseded_post_tells_where_the_newer_one_is(site_url: str, written: str, told: str | None) -> None:
    old = make_post("Old disks", superseded_by=written)
    client = create_app(holding(*POSTS, old), site_url=site_url).test_client()
    (hit,) = client.get("/api/v1/search?q=title:old").get_json()["results"]
    assert hit["superseded_by"] == told
    page = client.get("/search?q=title:old").text
    assert ("There is a newer post" in page) == (told is not None)
    if told:
        assert f'<a href="{told}">' in page


def test_links_of_the_api_lead_to_the_site() -> None:
    client = create_app(holding(*POSTS), site_url="https://example.org/blog").test_client()
    (hit,) = client.get("/api/v1/search?q=restore").get_json()["results"]
    assert hit["url"] == "https://example.org/blog/2023/08/backups.html"


def test_links_without_a_site_lead_to_pages_that_are_there(client: FlaskClient) -> None:
    results = client.get("/api/v1/search").get_json()["results"]
    assert [client.get(hit["url"]).status_code for hit in results] == [200] * len(POSTS)


def test_those_facets_are_counted_that_are_named(client: FlaskClient) -> None:
    facets = client.get("/api/v1/search?q=restore&facets=years, categories&year=2024").get_json()["facets"]
    assert facets == {
        "years": [{"value": "2023", "count": 1, "selected": False}, {"value": "2024", "count": 0, "selected": True}],
        "categories": [],
    }


def test_the_values_of_a_facet_are_found_by_their_beginning(client: FlaskClient) -> None:
    storage = {"value": "storage", "count": 2, "selected": False}
    mesh = {"value": "Service Mesh", "count": 1, "selected": False}
    answers = {
        "prefix=s": [storage, mesh],
        "prefix=S&limit=1": [storage],
        "prefix=s&q=restore": [storage | {"count": 1}],
        "prefix=s&tag_any=storage&year=2024&page=9": [storage | {"count": 1, "selected": True}],
        "facet=years&prefix=2&lang=en": [{"value": "2023", "count": 1, "selected": False}],
    }
    for asked, values in answers.items():
        assert client.get(f"/api/v1/facets?{asked}").get_json() == {"values": values}


@pytest.mark.parametrize("asked", ["limit=0", "limit=x", "limit=101", "facet=colour", "facet=tags&facet=years"])
def test_what_is_wrong_about_a_search_of_values_is_named(client: FlaskClient, asked: str) -> None:
    response = client.get(f"/api/v1/facets?{asked}")
    assert (response.status_code, response.get_json()["param"]) == (400, asked.partition("=")[0])


def test_tags_are_listed_with_their_counts(client: FlaskClient) -> None:
    first, *_ = client.get("/api/v1/tags").get_json()["tags"]
    assert first == {"value": "storage", "count": 2}


def test_health_tells_how_many_posts_can_be_found(client: FlaskClient) -> None:
    assert client.get("/healthz").get_json() == {"status": "ok", "posts": len(POSTS), "generation": "1"}


@pytest.mark.parametrize(
    ("asked", "param"),
    [
        ("page=0", "page"),
        ("page=x", "page"),
        ("page=1&page=2", "page"),
        ("per_page=0", "per_page"),
        ("per_page=101", "per_page"),
        ("per_page=", None),
        ("sort=best", "sort"),
        ("after=yesterday", "after"),
        ("before=2024-13", "before"),
        ("q=a&q=b", "q"),
        ("q=" + "x" * 2049, "q"),
        ("q=" + "x" * 2048, None),
        ("tag=a&tag=b&tag_any=&tag_not=c&lang=en&lang=de&year=2023&category=x", None),
        ("facets=colour", "facets"),
        ("facets=tags&facets=years", "facets"),
        ("facets= years,tags", None),
    ],
)
def test_a_parameter_out_of_bounds_is_named(client: FlaskClient, asked: str, param: str | None) -> None:
    response = client.get(f"/api/v1/search?{asked}")
    if param is None:
        assert response.status_code == 200
    else:
        assert (response.status_code, response.content_type) == (400, "application/problem+json")
        assert response.get_json()["param"] == param


@pytest.mark.parametrize(
    "path", ["/api/v1/search?q=storage", "/api/v1/tags", "/healthz", "/search", "/posts/storage.md"]
)
def test_head_is_get_without_the_body(client: FlaskClient, path: str) -> None:
    head = client.head(path)
    assert (head.status_code, head.data) == (200, b"")
    assert head.content_type == client.get(path).content_type


def test_an_unknown_address_of_the_api_is_told_as_data(client: FlaskClient) -> None:
    response = client.get("/api/v2/search")
    assert (response.status_code, response.content_type) == (404, "application/problem+json")


def test_what_only_reads_cannot_be_posted_to(client: FlaskClient) -> None:
    response = client.post("/api/v1/search", data="x" * 100_000)
    assert (response.status_code, response.content_type) == (405, "application/problem+json")
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_without_an_index_the_process_says_that_it_lives_and_why_it_is_of_no_use(tmp_path: Path) -> None:
    response = create_app(WhooshEngine(tmp_path / "index")).test_client().get("/healthz")
    assert (response.status_code, response.get_json()["status"]) == (200, "not-ready")
    assert str(tmp_path) not in response.text


def test_it_is_ready_once_questions_can_be_answered(client: FlaskClient) -> None:
    assert client.get("/readyz").get_json() == client.get("/healthz").get_json()


@pytest.mark.parametrize("path", ["/api/v1/search", "/api/v1/tags", "/api/v1/posts/storage.md", "/readyz"])
def test_without_an_index_a_client_is_asked_to_come_back(tmp_path: Path, path: str) -> None:
    response = create_app(WhooshEngine(tmp_path / "index")).test_client().get(path)
    assert (response.status_code, response.content_type) == (503, "application/problem+json")
    assert response.headers["Retry-After"].isdigit()
    assert str(tmp_path) not in response.text


class BrokenEngine(ReferenceEngine):
    """Has a fault that nobody foresaw."""

    def search(self, query: Query, **_: object) -> Results:
        raise RuntimeError("a secret of the operator")


def test_an_unforeseen_failure_is_logged_and_not_told(caplog: pytest.LogCaptureFixture) -> None:
    response = create_app(BrokenEngine()).test_client().get("/api/v1/search?q=x")
    assert (response.status_code, response.content_type) == (500, "application/problem+json")
    assert "secret" not in response.text
    assert "Traceback" not in response.text
    assert "a secret of the operator" in caplog.text


raw = st.binary(max_size=60).map(quote) | st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=60)
NAMES = (
    *("q", "tag", "tag_any", "tag_not", "category", "year", "lang", "after", "before", "sort", "page", "per_page"),
    *("facets", "facet", "prefix", "limit", "other"),
)


@pytest.fixture(scope="module")
def real_client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """Asks an application over the sample posts in the engine that is used."""
    engine = WhooshEngine(tmp_path_factory.mktemp("index"))
    engine.apply(put=POSTS)
    yield create_app(engine).test_client()
    engine.close()


@pytest.mark.parametrize("path", ["/api/v1/search", "/search", "/api/v1/facets"])
@given(asked=st.lists(st.tuples(st.sampled_from(NAMES), raw)))
def test_any_address_is_answered_or_refused(real_client: FlaskClient, path: str, asked: list[tuple[str, str]]) -> None:
    response = real_client.get(f"{path}?{'&'.join('='.join(pair) for pair in asked)}")
    assert response.status_code in (200, 400)


@pytest.mark.parametrize("path", ["/api/v1/search", "/search"])
@given(text=st.text(max_size=300), parts=st.lists(st.sampled_from(['"', "-", "*", " OR ", "tag:", "note", " ", "搜"])))
def test_any_question_is_answered(real_client: FlaskClient, path: str, text: str, parts: list[str]) -> None:
    asked = {"q": "".join(parts) + text.encode(errors="replace").decode()}
    assert real_client.get(path, query_string=asked).status_code == 200


def test_a_page_far_beyond_the_end_is_empty(real_client: FlaskClient) -> None:
    answer = real_client.get("/api/v1/search?q=note&page=1000&per_page=100").get_json()
    assert (answer["total"], answer["results"]) == (7, [])


def test_posts_that_are_like_one_are_told(each_engine: Engine) -> None:
    response = create_app(each_engine).test_client().get("/api/v1/related?id=note-1.md&limit=2")
    assert response.get_json() == plain(answer.related(each_engine.related("note-1.md", 2) or ()))
    assert [hit["id"] for hit in response.get_json()["related"]] == ["note-2.md", "note-3.md"]


def test_no_post_is_like_one_that_is_not_there(client: FlaskClient) -> None:
    response = client.get("/api/v1/related?id=nowhere.md")
    assert (response.status_code, response.content_type) == (404, "application/problem+json")


@pytest.mark.parametrize(
    ("asked", "param"), [("id=a&id=b", "id"), ("id=a&limit=0", "limit"), ("id=a&limit=many", "limit")]
)
def test_what_related_cannot_answer_is_explained(client: FlaskClient, asked: str, param: str) -> None:
    response = client.get(f"/api/v1/related?{asked}")
    assert (response.status_code, response.content_type) == (400, "application/problem+json")
    assert response.get_json()["param"] == param


def test_what_a_reader_may_be_looking_for_is_suggested(each_engine: Engine) -> None:
    told = create_app(each_engine).test_client().get("/api/v1/suggest?q=Sto").get_json()
    assert told == plain(answer.suggested(suggest(each_engine, "Sto")))
    assert [hit["title"] for hit in told["titles"]] == ["Storage for small sites"]
    assert (told["tags"], told["words"]) == ([{"value": "storage", "count": 2}], ["storage"])


def test_nothing_is_suggested_without_a_word(client: FlaskClient) -> None:
    assert client.get("/api/v1/suggest").get_json() == {"titles": [], "tags": [], "words": []}
    assert client.get("/api/v1/suggest", query_string={"q": "x" * 3000}).status_code == 400


@given(text=st.text(max_size=60))
def test_no_beginning_is_too_strange_to_be_answered(text: str) -> None:
    client = create_app(holding(*POSTS)).test_client()
    assert client.get("/api/v1/suggest", query_string={"q": text}).status_code == 200
    assert client.get("/api/v1/related", query_string={"id": text}).status_code in (200, 400, 404)


def test_a_page_too_far_down_is_refused(client: FlaskClient) -> None:
    assert client.get("/api/v1/search?page=10000&per_page=100").status_code == 200
    for page in (10_001, 999_999_999):
        answer = client.get(f"/api/v1/search?page={page}").get_json()
        assert (answer["code"], answer["param"]) == ("bad-parameter", "page")
        assert "1 to 10,000" in answer["detail"]


@pytest.mark.parametrize(
    ("asked", "links"),
    [
        ("q=note&per_page=3", '<?q=note&per_page=3&page=2>; rel="next"'),
        (
            "per_page=3&q=note&page=2",
            '<?q=note&per_page=3&page=1>; rel="prev", <?q=note&per_page=3&page=3>; rel="next"',
        ),
        ("q=note&per_page=3&page=9", '<?q=note&per_page=3&page=3>; rel="prev"'),
        ("q=note&per_page=7", None),
        ("q=nothing-at-all", None),
        ("q=note+-" + "搜" * 300 + "&per_page=1", None),
    ],
)
def test_the_pages_before_and_after_are_named_in_a_header(client: FlaskClient, asked: str, links: str | None) -> None:
    response = client.get(f"/api/v1/search?{asked}")
    assert response.status_code == 200
    assert response.headers.get("Link") == links


def test_a_post_is_told_by_its_id() -> None:
    client = create_app(holding(*POSTS), site_url="https://example.org").test_client()
    address = f"/api/v1/posts/{quote(POSTS[0].id)}"
    told = {
        "id": "2023/backups & <more>.html.md",
        "url": "https://example.org/2023/08/backups.html",
        "title": "Backups that restore",
        "description": "A backup counts when it has been restored.",
        "date": "2023-08-14T12:07:00Z",
        "updated": None,
        "tags": ["Operations", "storage"],
        "categories": ["How to"],
        "authors": ["Ann", "José"],
        "language": "en-gb",
        "sections": [
            {
                "heading": "Restore drills",
                "level": 2,
                "url": "https://example.org/2023/08/backups.html#restore-drills",
            }
        ],
    }
    assert client.get(address).get_json() == told
    assert client.get(f"{address}?body=0").get_json() == told
    assert client.get(f"{address}?body=1").get_json() == told | {"body": POSTS[0].body}
    assert client.get(f"{address}?body=yes").get_json()["param"] == "body"


def test_a_post_that_is_not_there_is_not_told(client: FlaskClient) -> None:
    answer = client.get("/api/v1/posts/draft.md").get_json()
    assert (answer["status"], answer["code"]) == (404, "not-found")
