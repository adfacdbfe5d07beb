"""Which engines are there, and how does a test get one?"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from functools import partial
from hashlib import sha256
from pathlib import Path

import pytest

from indexer.engine import Engine
from indexer.engines.whoosh import WhooshEngine
from tests.engines.reference import ReferenceEngine
from tests.engines.scenes import SCENES, Play

OpenHandle = Callable[[], Engine]

ENGINES: dict[str, Callable[[Path], Engine]] = {
    "reference": lambda _: ReferenceEngine(),
    "whoosh": partial(WhooshEngine, grace=0.1),
}

CLUSTER = os.environ.get("TEST_CLUSTER", "")
"""The address of a node, while `make test-cluster` runs."""


def on_the_cluster(folder: Path) -> Engine:
    """An engine on the cluster, whose indexes are named after *folder*; those of the folder before it go."""
    from extras.opensearch.cluster import Cluster
    from extras.opensearch.engine import OpenSearchEngine

    prefix = f"test-{os.getpid()}-{sha256(str(folder).encode()).hexdigest()[:8]}"
    if prefix not in _SEEN:
        cluster = Cluster([CLUSTER], prefix)
        for gone in _SEEN:
            for name in cluster.ask("GET", f"{gone}*/_alias"):
                cluster.change("DELETE", name)
        cluster.close()
        _SEEN[:] = [prefix]
    return OpenSearchEngine(Cluster([CLUSTER], prefix), folder)


_SEEN: list[str] = []

if CLUSTER:
    ENGINES["opensearch"] = on_the_cluster

PERSISTENT = tuple(name for name in ENGINES if name != "reference")
"""The engines whose posts outlive the process."""


def say_another_version(index: Path, version: int) -> None:
    """Have the generation in use say that another *version* of postsearch wrote it."""
    manifest = index / "current" / "manifest.json"
    said = re.sub(rb'(?<="version":)[0-9]+', b"%d" % version, manifest.read_bytes().partition(b"\n")[0])
    manifest.write_bytes(said + b"\n" + sha256(said).hexdigest().encode())


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An engine that holds nothing yet."""
    fresh = ENGINES[request.param](tmp_path / "index")
    fresh.apply()
    yield fresh
    fresh.close()


@pytest.fixture(params=PERSISTENT)
def open_handle(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OpenHandle]:
    """Opens, each time it is called, one more handle to the same posts."""
    handles: list[Engine] = []

    def open_one_more() -> Engine:
        handles.append(ENGINES[request.param](tmp_path / "index"))
        return handles[-1]

    yield open_one_more
    for handle in handles:
        handle.close()


@pytest.fixture
def play(request: pytest.FixtureRequest, tmp_path: Path) -> Play:
    """One of `SCENES`, on the disk."""
    play = Play(SCENES[request.param], tmp_path)
    play.prepare()
    return play
