"""Is any request answered, quickly, and without a failure or more memory, whoever made it up?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import create_environ, run_wsgi_app

from benchmarks.posts import posts
from extras import explain, openapi
from extras.builds import Builds
from extras.reindex import Reindex
from indexer import Settings, open_engine
from server import cache
from server.app import create_app
from server.params import USUAL
from tests.conftest import Counted, is_soak
from tests.server import hostile

pytestmark = pytest.mark.slow

POSTS = 10_000
SECONDS = 0.25
LARGEST = 8 << 10
"""Bytes of a request."""

MORE_BYTES = 16 << 20
"""How much more memory thousands of requests may take, once caches are full."""

App = Any


@dataclass(frozen=True)
class Asked:
    """A request, as WSGI has it: every text is of bytes read as Latin-1."""

    path: str
    query: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def of(self, app: App) -> tuple[int, float]:
        """The status of the answer of *app*, and how long it took."""
        environ = create_environ(input_stream=BytesIO(self.body), content_length=len(self.body)) | {
            "REQUEST_METHOD": self.method,
            "PATH_INFO": self.path,
            "QUERY_STRING": self.query,
            **{f"HTTP_{name}": value for name, value in self.headers.items()},
        }
        began = perf_counter()
        chunks, status, _ = run_wsgi_app(app, environ, buffered=True)
        b"".join(chunks)
        return int(status[:3]), perf_counter() - began


@pytest.fixture(scope="module")
def apps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[App]]:
    """Three over one index of many posts: what one of them has answered, the others have not kept."""
    chosen = Settings(index=tmp_path_factory.mktemp("many") / "index")
    engine = open_engine(chosen)
    engine.apply(put=posts(POSTS))
    made = [create_app(engine, settings=chosen, cors_origins=["https://example.org"]) for _ in range(3)]
    for app in made:
        Reindex(Builds(chosen, engine), ("secret",), "token").register(app)
        explain.register(app, engine, chosen)
        openapi.register(app, engine, chosen)
    yield made
    engine.close()


def wrong(apps: list[App], asked: Asked) -> tuple[int, float] | None:
    """What is wrong with the best of three answers: a status that blames the server, or the time that it took."""
    for app in apps:
        status, seconds = asked.of(app)
        if status >= 500 or seconds <= SECONDS:
            break
    return None if 200 <= status < 500 and seconds <= SECONDS else (status, seconds)


def requests() -> Iterator[Asked]:
    """Every request of `hostile`, and its questions where a post is explained."""
    yield from (
        Asked(path.encode("utf-8", "surrogatepass").decode("latin-1"), query) for path, query in hostile.asked()
    )
    id = quote(posts(1)[0].id)
    yield from (Asked("/api/v1/explain", f"{query}&id={id}") for query in hostile.questions())


def test_every_hostile_request_is_answered_quickly(apps: list[App], counted: Counted) -> None:
    asked = list(requests())
    assert {(one.path, one.query[:200]): told for one in asked if (told := wrong(apps, one))} == {}
    counted("Hostile requests that were answered in time: {requests}.", requests=len(asked))


latin = st.binary(max_size=300).map(lambda raw: raw.decode("latin-1"))
value = st.one_of(
    st.sampled_from(list(hostile.QUESTIONS.values())).flatmap(
        lambda text: st.integers(0, len(text)).map(lambda at: text[at : at + 500])
    ),
    st.text(max_size=200),
    st.integers().map(str),
    st.sampled_from(["2024", "2024-02-30", "tags", "newest", "", " ", "\0"]),
)
name = st.sampled_from([*USUAL, "id", "limit", "prefix", "facet", "body"]) | st.text(max_size=9)
pairs = st.lists(st.tuples(name, value), max_size=12).map(
    lambda pairs: "&".join(f"{quote(n, errors='surrogatepass')}={quote(v, errors='surrogatepass')}" for n, v in pairs)
)
header = st.sampled_from(
    "ACCEPT ACCEPT_ENCODING ACCEPT_LANGUAGE AUTHORIZATION COOKIE HOST IF_MATCH IF_MODIFIED_SINCE IF_NONE_MATCH ORIGIN"
    " RANGE TRANSFER_ENCODING USER_AGENT X_FORWARDED_FOR X_FORWARDED_HOST X_HUB_SIGNATURE_256 X_REQUEST_ID".split()
)
any_request = st.builds(
    lambda path, query, body, **rest: Asked(path, query[: LARGEST - 3000], body=body, **rest),
    path=st.sampled_from(["/search", "/api/v1/search", "/api/v1/facets", "/api/v1/explain", "/api/v1/reindex"])
    | st.sampled_from(hostile.PATHS).map(lambda path: path[:1000])
    | st.tuples(st.sampled_from(["/", "/posts/", "/api/v1/posts/", "/static/", ""]), latin).map("".join),
    query=pairs | latin | st.sampled_from(hostile.QUERIES),
    body=st.binary(max_size=200),
    method=st.sampled_from(["GET", "GET", "GET", "HEAD", "POST", "OPTIONS", "PUT", "TRACE", "get", "X-Y"]),
    headers=st.dictionaries(header, latin | st.sampled_from(["*", "gzip", 'W/"a"', "Bearer x"]), max_size=4),
)


@settings(max_examples=20_000 if is_soak() else 1_000)
@given(asked=any_request)
def test_any_request_is_answered_quickly(apps: list[App], asked: Asked) -> None:
    assert wrong(apps, asked) is None


def resident() -> int:
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * 4096


def test_hostile_questions_take_no_memory(apps: list[App], monkeypatch: pytest.MonkeyPatch, counted: Counted) -> None:
    monkeypatch.setattr(cache, "MOST", 4 << 20)  # so that it is full soon
    dice, sizes = Random(2), []
    texts = list(hostile.QUESTIONS.values())
    for number in range(3_000):
        parts = [text[(at := dice.randrange(len(text) + 1)) : at + 300] for text in dice.sample(texts, 5)]
        path = dice.choice(["/search", "/api/v1/search", "/api/v1/suggest", "/api/v1/facets"])
        assert Asked(path, f"q={quote(' '.join(parts), errors='surrogatepass')}").of(apps[0])[0] == 200
        if number in (999, 2_999):
            sizes.append(resident())
    counted("2000 hostile questions took {kib} more KiB.", kib=(sizes[1] - sizes[0]) >> 10)
    assert sizes[1] < sizes[0] + MORE_BYTES
