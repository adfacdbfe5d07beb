"""Is a post's place explained to programs, too?"""

from __future__ import annotations

from typing import Any

import msgspec
from flask.testing import FlaskClient

from extras.explain import register
from extras.explanation import explain
from indexer import Curation, Engine, Settings
from server.app import create_app


def asking(engine: Engine, **chosen: Any) -> FlaskClient:
    app = create_app(engine)
    register(app, engine, Settings(**chosen))
    return app.test_client()


def test_a_place_is_explained_over_http(each_engine: Engine) -> None:
    curation = Curation(recency=30)
    client = asking(each_engine, recency=30)
    asked = {"q": "note kept", "after": "2022-03-02", "sort": "relevance"}
    told = client.get("/api/v1/explain", query_string={**asked, "id": "note-3.md"}).get_json()
    expected = explain(each_engine, "note-3.md", "note kept", after="2022-03-02", curation=curation)
    assert expected
    assert told == msgspec.json.decode(msgspec.json.encode(expected))
    assert told["rank"] == 5
    assert told["factors"]["recency"] < 1


def test_what_is_not_held_is_not_explained(each_engine: Engine) -> None:
    client = asking(each_engine)
    for address in ("?q=note", "?q=note&id=", "?q=note&id=gone.md"):
        assert client.get(f"/api/v1/explain{address}").status_code == 404
    assert client.get("/api/v1/explain?id=storage.md&page=0").status_code == 400
