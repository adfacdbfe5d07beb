"""What happens to posts, and what is told, when a cluster of three nodes fails in part or as a whole?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from signal import SIGKILL
from threading import Timer
from time import monotonic, sleep

import pytest

from extras.opensearch.cluster import Cluster
from extras.opensearch.engine import OpenSearchEngine
from indexer.engine import Engine
from indexer.errors import IndexBusyError, IndexUnwritableError
from indexer.post import Post
from indexer.search import search
from server.app import create_app
from tests.cluster import nodes
from tests.cluster.nodes import Node
from tests.conftest import make_post


@pytest.fixture(scope="module")
def three() -> Iterator[list[Node]]:
    nodes.down()
    try:
        yield nodes.up(3, "cluster.info.update.interval=10s")
    finally:
        nodes.down()


@pytest.fixture
def cluster(three: list[Node], request: pytest.FixtureRequest) -> Cluster:
    return Cluster([node.address for node in three], request.node.name.replace("_", "-")[:60])


@pytest.fixture
def engine(cluster: Cluster, tmp_path: Path) -> Iterator[Engine]:
    with closing(OpenSearchEngine(cluster, tmp_path)) as engine:
        yield engine


def posts(count: int, version: int = 0) -> Iterator[Post]:
    for number in range(count):
        body = f"flask version{version} word{number % 97} " + f"text{number % 13} " * 40
        yield make_post(f"Post {number}", id=f"{number:06}.md", body=body)


def built(engine: Engine, count: int, version: int) -> bool:
    """Whether such posts are held in the end: a build that fails is tried again, as by the next webhook."""
    for _ in range(5):
        try:
            engine.apply(put=posts(count, version))
            return True
        except IndexBusyError:
            assert search(engine, f"version{version} ").total == 0
            sleep(2)
    return False


def test_a_node_that_is_killed_during_a_build_loses_nothing(engine: Engine, three: list[Node]) -> None:
    engine.apply(put=posts(3_000))
    for node in three[1:]:
        killed = Timer(1.5, node.stop, (SIGKILL,))
        killed.start()
        version = node.number
        assert built(engine, 6_000, version)
        killed.join()
        assert dict(engine.digests()) == {post.id: post.digest for post in posts(6_000, version)}
        assert search(engine, f"flask version{version}").total_all_words == 6_000
        node.start("cluster.info.update.interval=10s")
        nodes.wait(3)


def test_after_a_restart_of_all_nodes_all_is_as_it_was_and_before_it_the_server_says_when_to_come_back(
    engine: Engine, three: list[Node]
) -> None:
    engine.apply(put=posts(500))
    before = [hit.id for hit in search(engine, "flask word5").hits]
    client = create_app(engine).test_client()
    assert client.get("/api/v1/search?q=flask").status_code == 200
    for node in three:
        node.stop(SIGKILL)
    with pytest.raises(IndexBusyError, match="cannot be reached"):
        search(engine, "flask")
    for address in ("/api/v1/search?q=whoosh", "/search?q=whoosh", "/readyz"):
        answered = client.get(address)
        assert (answered.status_code, answered.headers["Retry-After"]) == (503, "10")
    for node in three:
        node.start("cluster.info.update.interval=10s")
    nodes.wait(3)
    assert [hit.id for hit in search(engine, "flask word5").hits] == before
    assert client.get("/readyz").status_code == 200


def test_full_disks_refuse_a_build_in_words_and_go_on_answering(engine: Engine, cluster: Cluster) -> None:
    engine.apply(put=posts(100))
    marks = [f"cluster.routing.allocation.disk.watermark.{name}" for name in ("low", "high", "flood_stage")]
    free = {**dict.fromkeys(marks, "900tb"), "cluster.routing.allocation.disk.threshold_enabled": True}
    cluster.change("PUT", "_cluster/settings", {"transient": free})
    try:
        end = monotonic() + 60
        while not blocked(cluster) and monotonic() < end:
            sleep(1)
        with pytest.raises(IndexUnwritableError, match="disks are full"):
            engine.apply(put=posts(100, 1))
        assert search(engine, "flask version0").total_all_words == 100
    finally:
        cluster.change("PUT", "_cluster/settings", {"transient": dict.fromkeys(free)})
    end = monotonic() + 60
    while blocked(cluster) and monotonic() < end:
        sleep(1)
    engine.apply(put=posts(100, 1))
    assert search(engine, "flask version1").total_all_words == 100


def blocked(cluster: Cluster) -> bool:
    told = cluster.ask("GET", f"{cluster.prefix}-lock/_settings", flat_settings="true").values()
    return any("index.blocks.read_only_allow_delete" in one["settings"] for one in told)


def test_a_cluster_without_an_answer_in_time_is_told_apart(cluster: Cluster, three: list[Node]) -> None:
    slow = Cluster(cluster.hosts[:1], cluster.prefix, to_answer=0.0001)
    with pytest.raises(IndexBusyError, match="in time"):
        slow.ask("GET", "_cluster/health")
