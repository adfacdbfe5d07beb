"""Is a browser told whom it may let read, and what it may run?"""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from server.app import create_app
from tests.server.conftest import POSTS, holding

SITE = "https://example.org"
PATHS = [
    "/",
    "/search",
    "/search?page=x",
    "/posts/storage.md",
    "/nothing",
    "/static/page.css",
    "/api/v1/search",
    "/api/x",
]


def sharing(*origins: str) -> FlaskClient:
    return create_app(holding(*POSTS), cors_origins=origins).test_client()


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_is_taken_for_what_it_says_it_is(client: FlaskClient, path: str) -> None:
    response = client.get(path, buffered=True)
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.parametrize("path", ["/search", "/search?page=x", "/posts/storage.md", "/nothing"])
def test_nothing_runs_on_a_page(client: FlaskClient, path: str) -> None:
    assert client.get(path).headers["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'self'; img-src 'self' data:;"
        " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


@pytest.mark.parametrize("path", PATHS)
def test_no_cookie_is_ever_set(client: FlaskClient, path: str) -> None:
    assert "Set-Cookie" not in client.get(path, buffered=True).headers


def test_pages_of_other_sites_may_not_read_unless_they_are_listed(client: FlaskClient) -> None:
    response = client.get("/api/v1/search", headers={"Origin": SITE})
    assert not [name for name in response.headers.keys() if name.startswith("Access-Control-")]  # noqa: SIM118
    assert "Origin" not in response.vary


@pytest.mark.parametrize(
    "path", ["/api/v1/search?q=x", "/api/v1/search?page=x", "/api/v1/tags", "/healthz", "/api/x", "/1/x"]
)
def test_a_listed_origin_may_read_answers_and_errors(path: str) -> None:
    response = sharing(SITE, "http://localhost:4000").get(path, headers={"Origin": SITE})
    assert response.headers["Access-Control-Allow-Origin"] == SITE
    assert "Origin" in response.vary


@pytest.mark.parametrize(
    "origin",
    [
        "https://example.org.evil.example",
        "http://example.org",
        "https://example.org:8443",
        "null",
        "https://a.example.org",
    ],
)
def test_an_origin_has_to_match_exactly(origin: str) -> None:
    response = sharing(SITE).get("/api/v1/search", headers={"Origin": origin})
    assert "Access-Control-Allow-Origin" not in response.headers
    assert "Origin" in response.vary


def test_an_origin_may_be_listed_as_people_write_it() -> None:
    response = sharing("https://Example.org/").get("/api/v1/search", headers={"Origin": SITE})
    assert response.headers["Access-Control-Allow-Origin"] == SITE


def test_a_cache_is_told_of_a_list_even_if_no_origin_asks() -> None:
    assert "Origin" in sharing(SITE).get("/api/v1/search").vary


def test_a_star_lets_every_site_read() -> None:
    response = sharing("*").get("/api/v1/search", headers={"Origin": "https://any.example"})
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "Origin" not in response.vary


def test_pages_are_not_shared() -> None:
    assert "Access-Control-Allow-Origin" not in sharing("*").get("/search").headers


def test_a_preflight_is_answered() -> None:
    asked = {
        "Origin": SITE,
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "content-type",
    }
    response = sharing(SITE).options("/api/v1/search", headers=asked)
    assert response.status_code == 200
    assert response.headers["Access-Control-Allow-Origin"] == SITE
    assert "GET" in response.headers["Access-Control-Allow-Methods"]
    assert response.headers["Access-Control-Allow-Headers"] == "Content-Type"


@pytest.mark.parametrize("origin", ["https://example.org\r\nX-Evil: 1", "é" * 300, "<script>"])
def test_an_origin_that_is_none_gets_no_echo(origin: str) -> None:
    environ = {"HTTP_ORIGIN": origin}
    response = sharing(SITE).get("/api/v1/search", environ_overrides=environ)
    assert response.status_code == 200
    assert "Access-Control-Allow-Origin" not in response.headers


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_says_how_long_it_may_be_kept_and_which_it_is(client: FlaskClient, path: str) -> None:
    first, second = client.get(path, buffered=True), client.get(path, buffered=True)
    assert first.headers["X-Request-Id"] != second.headers["X-Request-Id"]
    assert ("no-store" in first.headers["Cache-Control"]) == (first.status_code >= 400)


def test_no_header_says_what_a_client_said() -> None:
    evil = "evil.example"
    client = create_app(holding(*POSTS)).test_client()
    for path in ("", "/", "//search", "//posts//storage.md", "/search/", "/posts"):
        told = {"PATH_INFO": path, "HTTP_HOST": evil, "HTTP_X_REQUEST_ID": evil}
        assert evil not in str(client.get("/", environ_overrides=told).headers)
