"""Is every request answered, whatever it is, and never with a failure of the server's?"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, cast
from urllib.parse import unquote_to_bytes

import pytest
from flask import Flask
from hypothesis import example, given
from hypothesis import strategies as st

from indexer.engines.whoosh import WhooshEngine
from server.app import create_app
from tests.server.conftest import POSTS

WORDS = (
    *("/", "//", "..", "api", "v1", "search", "posts", "facets", "tags", "healthz", "readyz", "static", "page.css"),
    *(
        "storage.md",
        "2023",
        "%00",
        "%ff",
        "%2e%2e",
        "%C3%A9",
        "%ED%A0%80",
        "?",
        "&",
        "=",
        "q",
        "tag",
        "body=1",
        "1",
        ";",
    ),
)
NAMES = (
    *("HOST", "ORIGIN", "ACCEPT", "ACCEPT_ENCODING", "IF_NONE_MATCH", "IF_MODIFIED_SINCE", "RANGE", "X_FORWARDED_FOR"),
    *("AUTHORIZATION", "COOKIE", "CONTENT_TYPE", "TRANSFER_ENCODING", "X_REQUEST_ID", "X_HUB_SIGNATURE_256", "UPGRADE"),
)
VALUES = (
    "*",
    "gzip",
    '"x"',
    "bytes=0-",
    "1.1.1.1",
    "Bearer x",
    "Basic eDp4",
    "application/json",
    "chunked",
    "a.example",
)
METHODS = ("GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "GE'T")

addresses = st.lists(st.sampled_from(WORDS) | st.text(max_size=20), max_size=20).map("".join) | st.text(max_size=500)
texts = st.sampled_from(VALUES) | st.text(st.characters(max_codepoint=255), max_size=500)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application over the sample posts in the engine that is used."""
    engine = WhooshEngine(tmp_path_factory.mktemp("index"))
    engine.apply(put=POSTS)
    yield create_app(engine, cors_origins=["https://example.org"])
    engine.close()


def raw(text: str) -> str:
    """As WSGI has it: bytes, each a character."""
    return unquote_to_bytes(text.encode("utf-8", "surrogatepass")).decode("latin-1")


@given(
    method=st.sampled_from(METHODS),
    address=addresses,
    query=addresses,
    headers=st.dictionaries(st.sampled_from(NAMES), texts, max_size=6),
    body=st.binary(max_size=4000),
)
@example(method="GET", address="/search", query="q=\udc00\xff", headers={}, body=b"")
@example(method="GET", address="/posts/\x00", query="", headers={}, body=b"")
@example(method="GET", address="/posts/" + "x" * 8000, query="", headers={}, body=b"")
@example(method="GET", address="/", query="", headers={"HOST": "a b\xff:x"}, body=b"")
@example(method="GET", address="/search", query="", headers={"HOST": "[::"}, body=b"")
@example(method="GET", address="/static/../app.py", query="", headers={}, body=b"")
@example(method="GET", address="/static/\x00", query="", headers={"RANGE": "bytes=9-1"}, body=b"")
def test_any_request_is_answered_or_refused(
    app: Flask, method: str, address: str, query: str, headers: dict[str, str], body: bytes
) -> None:
    status, told = "", {}

    def start(given: str, pairs: list[tuple[str, str]], _: Any = None) -> None:
        nonlocal status, told
        status, told = given, dict(pairs)

    environ = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": raw(address),
        "QUERY_STRING": query.encode("utf-8", "surrogatepass").decode("latin-1"),
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        **{name if name == "CONTENT_TYPE" else f"HTTP_{name}": value for name, value in headers.items()},
    }
    b"".join(app.wsgi_app(environ, cast(Any, start)))
    assert 200 <= int(status[:3]) < 500
    assert told["X-Content-Type-Options"] == "nosniff"
    assert told["X-Request-Id"]
    assert "Set-Cookie" not in told
    for name, value in told.items():
        assert f"{name}{value}".isprintable()
        value.encode("latin-1")
