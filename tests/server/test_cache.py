"""Is an answer that is kept the one that would be given, and never one of another generation?"""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from indexer import Facet, Hit, Post, Query, Results, Settings
from server import cache
from server.app import create_app
from server.cache import KEPT
from tests.conftest import make_post
from tests.engines.reference import ReferenceEngine
from tests.server.conftest import POSTS

KINDS = ["/search?q=note", "/api/v1/search?q=note", "/api/v1/facets?prefix=s", "/api/v1/tags"]
KINDS += [f"/api/v1/related?id={quote(POSTS[0].id)}", "/api/v1/suggest?q=no"]
SITE = "https://example.org"


class CountingEngine(ReferenceEngine):
    """Counts what it is asked; something may happen before it answers."""

    def __init__(self, posts: Iterable[Post] = POSTS) -> None:
        super().__init__()
        self.asked = 0
        self.apply(put=posts)

    def search(self, query: Query, **how: Any) -> Results:
        self.asked += 1
        self.meanwhile()
        return super().search(query, **how)

    def related(self, id: str, count: int = 5) -> tuple[Hit, ...] | None:
        self.asked += 1
        return super().related(id, count)

    def tags(self) -> tuple[Facet, ...]:
        self.asked += 1
        return super().tags()

    def meanwhile(self) -> None:
        pass


@pytest.fixture
def engine() -> CountingEngine:
    return CountingEngine()


@pytest.fixture
def client(engine: CountingEngine) -> FlaskClient:
    return create_app(engine, cors_origins=[SITE]).test_client()


def test_the_addresses_that_are_kept_are_there(client: FlaskClient) -> None:
    assert set(KEPT) == {path.partition("?")[0] for path in KINDS}
    assert [client.get(path).status_code for path in KINDS] == [200] * len(KINDS)


@pytest.mark.parametrize("path", KINDS)
def test_what_was_asked_before_is_not_worked_out_again(engine: CountingEngine, client: FlaskClient, path: str) -> None:
    first, asked = client.get(path), engine.asked
    assert asked
    again = client.get(path)
    assert engine.asked == asked
    assert again.data == first.data
    assert (first.headers.pop("X-Cache"), again.headers.pop("X-Cache")) == ("miss", "hit")
    del first.headers["X-Request-Id"], again.headers["X-Request-Id"]
    assert again.headers == first.headers


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/api/v1/search?q=note", "/api/v1/search?utm_source=x&page=1&tag=&q=note&sort=relevance"),
        ("/api/v1/search?q=a%20b&tag=c", "/api/v1/search?tag=c&q=a+b"),
        ("/api/v1/facets?prefix=s&facet=tags", "/api/v1/facets?x=1&prefix=s"),
        ("/api/v1/tags", "/api/v1/tags?x=1&x=2"),
    ],
)
def test_other_spellings_of_a_question_have_the_same_answer(
    engine: CountingEngine, client: FlaskClient, one: str, other: str
) -> None:
    first, asked = client.get(one), engine.asked
    assert client.get(other).data == first.data
    assert engine.asked == asked


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/api/v1/search?q=note", "/api/v1/search?q=Note"),
        ("/api/v1/search?tag=a&tag=b", "/api/v1/search?tag=b&tag=a"),
        ("/api/v1/search?q=note", "/search?q=note"),
        ("/api/v1/search?q=note&facets=tags", "/api/v1/search?q=note&facets=years"),
        ("/api/v1/facets?prefix=s", "/api/v1/facets?prefix=s&limit=1"),
        ("/api/v1/facets?q=note", "/api/v1/facets?q=storage"),
    ],
)
def test_other_questions_are_worked_out(engine: CountingEngine, client: FlaskClient, one: str, other: str) -> None:
    client.get(one)
    asked = engine.asked
    client.get(other)
    assert engine.asked > asked


@pytest.mark.slow
@given(st.lists(st.tuples(st.sampled_from(["q", "tag", "page", "facet", "prefix", "x"]), st.sampled_from("ab12 "))))
def test_an_answer_that_is_kept_is_the_one_that_a_new_server_gives(asked: list[tuple[str, str]]) -> None:
    kept = create_app(CountingEngine()).test_client()
    for path in KEPT:
        for other in (asked[::-1], sorted(asked), asked):
            response = kept.get(path, query_string=other)
        alone = create_app(CountingEngine()).test_client().get(path, query_string=asked)
        assert response.status_code == alone.status_code
        assert response.headers.get("ETag") == alone.headers.get("ETag")


def test_a_new_generation_is_seen_at_once(engine: CountingEngine, client: FlaskClient) -> None:
    assert client.get("/api/v1/search?q=storage").get_json()["total"] == 2
    engine.apply(drop=["storage.md"])
    assert client.get("/api/v1/search?q=storage").get_json()["total"] == 1


def test_what_was_found_while_the_generation_changed_is_not_kept(
    engine: CountingEngine, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["1", "2", "1"]
    secret = make_post("Storage of secrets")

    def meanwhile() -> None:
        # As if a build had been published, and was then taken back.
        engine.apply(put=[secret])
        names.pop(0)

    monkeypatch.setattr(engine, "meanwhile", meanwhile)
    monkeypatch.setattr(type(engine), "generation", property(lambda _: names[0]))
    assert client.get("/api/v1/search?q=storage").get_json()["total"] == 3
    monkeypatch.setattr(engine, "meanwhile", lambda: None)
    engine.apply(drop=[secret.id])
    names.pop(0)
    assert client.get("/api/v1/search?q=storage").get_json()["total"] == 2


@pytest.mark.parametrize(
    "path", ["/api/v1/search?page=0", "/search?page=0", "/api/v1/facets?facet=x", "/api/v1/nothing"]
)
def test_errors_are_not_kept(client: FlaskClient, path: str) -> None:
    for _ in range(2):
        response = client.get(path)
        assert response.status_code >= 400
        assert response.headers["Cache-Control"] == "no-store"
        assert "ETag" not in response.headers


@pytest.mark.parametrize("path", KINDS)
def test_a_client_that_has_the_answer_is_told_so(client: FlaskClient, path: str) -> None:
    etag = client.get(path).headers["ETag"]
    for shown in (etag, f'"other", {etag}', "*"):
        response = client.get(path, headers={"If-None-Match": shown, "Origin": SITE})
        assert (response.status_code, response.data) == (304, b"")
        assert response.headers["ETag"] == etag
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "Content-Type" not in response.headers
        assert ("Access-Control-Allow-Origin" in response.headers) == path.startswith("/api")
    assert client.get(path, headers={"If-None-Match": etag[:-2]}).status_code == 200


def test_another_answer_has_another_tag(engine: CountingEngine, client: FlaskClient) -> None:
    etag = client.get("/api/v1/search?q=storage").headers["ETag"]
    engine.apply(put=[make_post("Storage again")])
    assert client.get("/api/v1/search?q=storage", headers={"If-None-Match": etag}).status_code == 200


def test_processes_agree_on_the_tag_of_an_answer() -> None:
    tags = {create_app(CountingEngine()).test_client().get("/api/v1/search").headers["ETag"] for _ in range(5)}
    assert len(tags) == 1


@pytest.mark.parametrize("path", ["/search?q=note", "/api/v1/search?q=note"])
@pytest.mark.parametrize("accepted", ["gzip", "br, GZIP;q=0.5", "deflate, gzip;q=1.0, *;q=0.5"])
def test_a_large_answer_is_compressed_for_those_who_can_read_that(
    client: FlaskClient, path: str, accepted: str
) -> None:
    plain, packed = client.get(path), client.get(path, headers={"Accept-Encoding": accepted})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.data) == int(packed.headers["Content-Length"]) < len(plain.data)
    assert packed.headers["ETag"] == plain.headers["ETag"]
    assert "Accept-Encoding" in packed.vary
    assert "Accept-Encoding" in plain.vary
    texts = [text.partition(b'"took_ms"')[0] for text in (gzip.decompress(packed.data), plain.data)]
    assert texts[0] == texts[1]


@pytest.mark.parametrize("accepted", ["", "br", "gzip;q=0", "gzip; q=0.0, br", "gzipped"])
def test_others_get_it_as_it_is(client: FlaskClient, accepted: str) -> None:
    assert "Content-Encoding" not in client.get("/api/v1/search", headers={"Accept-Encoding": accepted}).headers


def test_a_small_answer_is_sent_as_it_is(client: FlaskClient) -> None:
    response = client.get("/api/v1/tags", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in response.headers


@pytest.mark.parametrize("path", [*KINDS, "/posts/storage.md", "/healthz", "/static/page.css", "/search?page=0"])
def test_a_head_is_that_of_the_answer(client: FlaskClient, path: str) -> None:
    head, whole = client.head(path), client.get(path, buffered=True)
    assert head.data == b""
    assert head.status_code == whole.status_code
    for response in (head, whole):
        for name in ("X-Request-Id", "X-Cache", "Date"):
            response.headers.pop(name, None)
    assert head.headers == whole.headers


def test_browsers_may_keep_answers_for_as_long_as_the_operator_says() -> None:
    for max_age, told in ((60, "public, max-age=60, stale-while-revalidate=60"), (0, "no-cache")):
        client = create_app(CountingEngine(), settings=Settings(max_age=max_age)).test_client()
        assert client.get("/api/v1/search").headers["Cache-Control"] == told


def test_what_is_kept_has_a_bound(engine: CountingEngine, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "MOST", 40_000)
    for number in range(200):
        client.get(f"/api/v1/search?q=note+{number}")
    front: Any = client.application.wsgi_app
    kept = [*front._cache._replies._young.values(), *front._cache._replies._old.values()]
    assert 0 < sum(len(reply.body) for reply in kept) <= 40_000 + 10_000
    asked = engine.asked
    client.get("/api/v1/search?q=note+199")
    assert engine.asked == asked


def test_a_very_long_question_is_answered_and_not_kept(engine: CountingEngine, client: FlaskClient) -> None:
    path = f"/api/v1/search?q={'x' * 1500}"
    assert client.get(path).status_code == 200
    asked = engine.asked
    client.get(path)
    assert engine.asked > asked
