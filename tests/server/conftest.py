"""Which posts do the server's tests search, and how do they ask for them?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from flask.testing import FlaskClient

from indexer.engine import Engine
from indexer.post import Post, Section
from server.app import create_app
from tests.conftest import make_post
from tests.engines.conftest import ENGINES
from tests.engines.reference import ReferenceEngine

POSTS = (
    make_post(
        "Backups that restore",
        id="2023/backups & <more>.html.md",
        url="/2023/08/backups.html",
        description="A backup counts when it has been restored.",
        body="Before\nRestore drills\nTry one restore a month.\nWrite down how long it took.",
        date="2023-08-14T12:07:00Z",
        tags=("Operations", "storage"),
        categories=("How to",),
        authors=("Ann", "José"),
        language="en-gb",
        sections=(Section(heading="Restore drills", anchor="restore-drills", level=2, start=7),),
    ),
    make_post(
        "Storage for small sites",
        id="storage.md",
        body="Disks fail, so keep a copy elsewhere.",
        date="2024-01-31",
        tags=("storage",),
    ),
    make_post("搜索", id="搜索.md", body="让文章更容易被搜到", tags=("languages", "Service Mesh")),
    *(make_post(f"Note {n}", id=f"note-{n}.md", body=f"kept note {n}", date=f"2022-03-{n:02}") for n in range(1, 8)),
)


def holding(*posts: Post) -> Engine:
    """A reference engine that holds *posts*."""
    engine = ReferenceEngine()
    engine.apply(put=posts)
    return engine


@pytest.fixture
def client() -> FlaskClient:
    """Asks an application over the sample posts."""
    return create_app(holding(*POSTS)).test_client()


@pytest.fixture(params=ENGINES)
def each_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Every engine in turn, holding the sample posts."""
    engine = ENGINES[request.param](tmp_path / "index")
    engine.apply(put=POSTS)
    yield engine
    engine.close()


def plain(value: object) -> Any:
    """*value* as those have it who read its JSON."""
    return msgspec.json.decode(msgspec.json.encode(value))
