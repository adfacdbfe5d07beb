"""Does the operator learn what the server does, and nothing of what readers ask?"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from extras.metrics import register
from indexer import Engine, Settings
from indexer.engines.whoosh import WhooshEngine
from server.app import create_app
from tests.server.conftest import POSTS, holding

TOKEN = "a token of the operator's"
SHOWN = {"Authorization": f"Bearer {TOKEN}"}


def asking(engine: Engine, **chosen: Any) -> FlaskClient:
    settings = Settings(**chosen)
    app = create_app(engine, settings=settings)
    register(app, engine, settings)
    return app.test_client()


def serving(**settings: Any) -> FlaskClient:
    return asking(holding(*POSTS), admin_token=TOKEN, **settings)


def figures(client: FlaskClient) -> dict[str, float]:
    """The figures by their names and labels, but for the process."""
    response = client.get("/metrics", headers=SHOWN)
    assert response.content_type == "text/plain; version=0.0.4; charset=utf-8"
    lines = re.findall(r'^postsearch_(\w+)\{worker="\d+",?(.*)\} ([0-9.]+)$', response.text, re.MULTILINE)
    assert len(lines) == len(response.text.splitlines())
    return {f"{name} {labels}".strip(): float(value) for name, labels, value in lines}


def test_requests_are_counted_by_route_and_status() -> None:
    client = serving()
    for path in ("/api/v1/search?q=a", "/api/v1/search?page=0", "/posts/storage.md", "/posts/x", "/secret", "/"):
        client.get(path)
    told = figures(client)
    for route, status in (
        ("/api/v1/search", 200),
        ("/api/v1/search", 400),
        ("/posts/<path:id>", 200),
        ("/posts/<path:id>", 404),
        ("-", 404),
        ("/", 302),
    ):
        assert told[f'requests_total route="{route}",status="{status}"'] == 1
    assert not any("secret" in name for name in told)


def test_times_are_counted_up_to_each_bound() -> None:
    client = serving()
    for number in range(5):
        client.get(f"/api/v1/search?q=note+{number}")
    told = figures(client)
    route = 'request_seconds_bucket route="/api/v1/search"'
    buckets = [value for name, value in told.items() if name.startswith(route)]
    assert max(buckets) == 5 == told['request_seconds_count route="/api/v1/search"']
    assert told['request_seconds_bucket route="/api/v1/search",le="+Inf"'] == 5
    assert 0 < told['request_microseconds_sum route="/api/v1/search"'] < 5e6


def test_what_is_kept_and_what_is_not_found_counts_each_time_it_is_asked_for() -> None:
    client = serving()
    for _ in range(3):
        client.get("/api/v1/search?q=nothing-at-all")
        client.get("/search?q=nothing-at-all")
    client.get("/search?q=note")
    told = figures(client)
    assert told["zero_results_total"] == 6
    assert (told['cache_total answer="hit"'], told['cache_total answer="miss"']) == (4, 3)


def test_who_is_turned_away_counts() -> None:
    client = serving(rate_limit=1, rate_burst=1)
    for _ in range(3):
        client.get("/search", environ_base={"REMOTE_ADDR": "8.8.8.8"})
    assert figures(client)['requests_total route="-",status="429"'] == 2


def test_the_index_is_told_of(tmp_path: Any) -> None:
    engine = WhooshEngine(tmp_path / "index")
    client = asking(engine, admin_token=TOKEN, index=tmp_path / "index")
    assert figures(client)["index_ready"] == 0
    engine.apply(put=POSTS)
    told = figures(client)
    assert (told["index_ready"], told["index_posts"], told["index_reload_failed"]) == (1, len(POSTS), 0)
    assert told["index_bytes"] > 1000
    assert told["generation_age_seconds"] < 60
    engine.close()


def test_the_figures_are_for_those_who_show_the_token() -> None:
    assert serving().get("/metrics").status_code == 401
    assert serving().get("/metrics", headers={"Authorization": "Bearer x"}).status_code == 401
    assert asking(holding(*POSTS)).get("/metrics", headers=SHOWN).status_code == 404


def test_a_line_of_the_log_says_what_was_done_and_not_what_was_asked(capfd: pytest.CaptureFixture[str]) -> None:
    client = serving(access_log=True)
    asked = client.get("/search?q=secret", headers={"X-Forwarded-For": "secret", "User-Agent": "secret"})
    client.head("/posts/secret")
    client.get("/secret")
    text = capfd.readouterr().err
    first, second, third = map(json.loads, text.splitlines())
    assert "secret" not in text
    assert first["request"] == asked.headers["X-Request-Id"]
    assert first["time"].endswith("Z")
    assert (first["method"], first["route"], first["status"], first["cache"]) == ("GET", "/search", 200, "miss")
    assert first["bytes"] == len(asked.data)
    assert (second["method"], second["route"], second["status"]) == ("HEAD", "/posts/<path:id>", 404)
    assert third["route"] == "-"


def test_no_line_is_left_unless_it_is_wanted(capfd: pytest.CaptureFixture[str]) -> None:
    serving().get("/search?q=secret")
    assert capfd.readouterr().err == ""
