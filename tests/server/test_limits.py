"""Is a client who asks too much made to wait, and nobody else?"""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from indexer import Query, Results, Settings
from server import limits
from server.app import create_app
from server.limits import Limits
from tests.engines.reference import ReferenceEngine
from tests.server.conftest import POSTS, holding

CLIENT, OTHER = "8.8.8.8", "9.9.9.9"


class Clock:
    """Stands still unless it is moved."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(limits, "monotonic", clock)
    return clock


def asking(address: str = CLIENT, **headers: str) -> dict[str, Any]:
    return {"REMOTE_ADDR": address, **{f"HTTP_{name}": value for name, value in headers.items()}}


def let_in(limits: Limits, environ: dict[str, Any], times: int = 100) -> int:
    """How many of so many requests at one moment are let in."""
    return sum(not limits.wait(environ) for _ in range(times))


def test_so_many_are_let_in_at_once_and_then_so_many_a_second(clock: Clock) -> None:
    limits = Limits(Settings(rate_limit=2, rate_burst=5))
    assert let_in(limits, asking()) == 5
    assert limits.wait(asking()) == 0.5
    clock.now += 0.5
    assert let_in(limits, asking()) == 1
    clock.now += 1000
    assert let_in(limits, asking()) == 5


def test_other_clients_do_not_wait(clock: Clock) -> None:
    limits = Limits(Settings(rate_limit=1, rate_burst=3))
    let_in(limits, asking())
    assert let_in(limits, asking(OTHER)) == 3


def test_without_a_limit_everybody_is_let_in(clock: Clock) -> None:
    assert let_in(Limits(Settings(rate_limit=0, rate_burst=1)), asking()) == 100


def test_who_waits_is_not_made_to_wait_longer_for_asking(clock: Clock) -> None:
    limits = Limits(Settings(rate_limit=1, rate_burst=1))
    assert let_in(limits, asking()) == 1
    clock.now += 1
    assert let_in(limits, asking()) == 1


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("2001:470:1:2::1", "2001:470:1:2:ffff::9", True),
        ("2001:470:1:2::1", "2001:470:1:3::1", False),
        ("::ffff:8.8.8.8", "8.8.8.8", True),
        ("8.8.8.8", "8.8.8.9", False),
    ],
)
def test_a_network_of_ipv6_is_one_client(clock: Clock, one: str, other: str, is_same: bool) -> None:
    limits = Limits(Settings(rate_limit=1, rate_burst=2))
    let_in(limits, asking(one))
    assert let_in(limits, asking(other)) == (0 if is_same else 2)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "10.1.2.3", "192.168.0.9", "fd00::1", "", "unix:"])
def test_machines_of_the_operators_own_are_not_limited(clock: Clock, address: str) -> None:
    assert let_in(Limits(Settings(rate_limit=1, rate_burst=1)), asking(address)) == 100


@pytest.mark.parametrize(
    ("proxies", "written", "counted"),
    [
        (0, "9.9.9.9", CLIENT),
        (1, "9.9.9.9", "9.9.9.9"),
        (1, "1.1.1.1, 9.9.9.9", "9.9.9.9"),
        (1, "1.1.1.1 ,, 9.9.9.9 ", "9.9.9.9"),
        (2, "1.1.1.1, 9.9.9.9, 10.0.0.1", "9.9.9.9"),
        (2, "9.9.9.9", CLIENT),
        (1, "", CLIENT),
        (1, "1.1.1.1, 10.0.0.7", "10.0.0.7"),
        (1, "1.1.1.1, _hidden", "unknown"),
        (1, "1.1.1.1, " + "9" * 9000, "unknown"),
    ],
)
def test_proxies_are_counted_from_the_right(clock: Clock, proxies: int, written: str, counted: str) -> None:
    limits = Limits(Settings(rate_limit=1, rate_burst=2, trusted_proxies=proxies))
    assert limits._client(asking(X_FORWARDED_FOR=written)) == counted
    assert let_in(limits, asking(X_FORWARDED_FOR=written)) == 2


@pytest.mark.slow
def test_a_million_clients_take_no_more_memory_than_some_thousands() -> None:
    limits, sizes = Limits(Settings()), []
    for number in range(1_000_000):
        limits.wait(asking(f"{number % 200 + 20}.{number >> 16}.{number >> 8 & 255}.{number & 255}"))
        if number in (100_000, 999_999):
            sizes.append(int(Path("/proc/self/statm").read_text("ascii").split()[1]) * 4096)
    assert sizes[1] < sizes[0] + (2 << 20)


def client_of(rate_limit: float = 1, rate_burst: int = 2, **settings: Any) -> FlaskClient:
    given = Settings(rate_limit=rate_limit, rate_burst=rate_burst, **settings)
    return create_app(holding(*POSTS), cors_origins=["https://example.org"], settings=given).test_client()


@pytest.mark.parametrize(
    "path", ["/api/v1/search?q=note", "/search?q=note", "/posts/storage.md", "/healthz", "/nothing"]
)
def test_who_has_to_wait_is_told_so(path: str) -> None:
    client = client_of()
    given: Any = {"environ_base": {"REMOTE_ADDR": CLIENT}, "headers": {"Origin": "https://example.org"}}
    first, _, last = (client.get(path, **given) for _ in range(3))
    assert first.status_code != 429
    assert (last.status_code, last.content_type) == (429, "application/problem+json")
    assert last.get_json()["code"] == "rate-limited"
    assert last.headers["Retry-After"] == "1"
    assert last.headers["Cache-Control"] == "no-store"
    assert last.headers["X-Content-Type-Options"] == "nosniff"
    assert last.headers["X-Request-Id"]
    assert ("Access-Control-Allow-Origin" in last.headers) == ("Access-Control-Allow-Origin" in first.headers)


class SlowEngine(ReferenceEngine):
    """Answers once it may."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.may = threading.Semaphore(0), threading.Event()

    def search(self, query: Query, **how: Any) -> Results:
        self.begun.release()
        assert self.may.wait(20)
        return super().search(query, **how)


def test_a_process_with_its_hands_full_turns_others_away_and_still_says_that_it_lives() -> None:
    engine = SlowEngine()
    app = create_app(engine, settings=Settings(in_flight=2))
    statuses: list[int] = []
    threads = [
        threading.Thread(target=lambda n=n: statuses.append(app.test_client().get(f"/api/v1/search?q={n}").status_code))
        for n in range(2)
    ]
    for thread in threads:
        thread.start()
        assert engine.begun.acquire(timeout=20)
    refused = app.test_client().get("/api/v1/search?q=c")
    assert (refused.status_code, refused.get_json()["code"]) == (503, "overloaded")
    assert refused.headers["Retry-After"] == "1"
    assert refused.headers["X-Request-Id"]
    assert app.test_client().get("/healthz").status_code == 200
    engine.may.set()
    for thread in threads:
        thread.join()
    assert statuses == [200, 200]
    assert app.test_client().get("/api/v1/search?q=c").status_code == 200


def test_a_failure_makes_room_again(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = holding(*POSTS)
    client = create_app(engine, settings=Settings(in_flight=1)).test_client()
    monkeypatch.setattr(type(engine), "search", lambda *_, **__: sys.exit("no"))
    for _ in range(3):
        with pytest.raises(SystemExit):
            client.get("/api/v1/search")
    monkeypatch.undo()
    assert client.get("/api/v1/search").status_code == 200
