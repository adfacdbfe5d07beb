"""What does each refusal of a cluster mean, and what is sent again?"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from extras.opensearch import cluster as clusters
from extras.opensearch.cluster import Cluster
from indexer.errors import (
    IndexBusyError,
    IndexDamagedError,
    IndexMissingError,
    IndexUnwritableError,
    PostsearchError,
    SettingsError,
)

BLOCK = {"error": {"type": "cluster_block_exception", "reason": "flood-stage watermark"}}
FULL = {"took": 1, "timed_out": False, "_shards": {"total": 3, "failed": 0}, "hits": {}}


@contextmanager
def answering(*answers: tuple[int, Any]) -> Iterator[tuple[Cluster, list[str]]]:
    """A cluster whose node gives these answers, one after the other, and what it was asked."""
    given, asked = iter(answers), list[str]()

    class Node(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            asked.append((gzip.decompress(sent) if self.headers.get("Content-Encoding") == "gzip" else sent).decode())
            status, told = next(given)
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Node)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        with closing(Cluster([f"http://127.0.0.1:{server.server_port}"], "blog")) as cluster:
            yield cluster, asked
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("status", "told", "kind"),
    [
        (401, {}, SettingsError),
        (403, {"error": {"type": "security_exception", "reason": "no permissions"}}, SettingsError),
        (403, BLOCK, IndexUnwritableError),
        (429, BLOCK, IndexUnwritableError),
        (429, {"error": {"type": "circuit_breaking_exception", "reason": "Data too large"}}, IndexBusyError),
        (503, {"error": {"type": "cluster_manager_not_discovered_exception", "reason": "none"}}, IndexBusyError),
        (404, {"error": {"type": "index_not_found_exception", "reason": "no such index"}}, IndexMissingError),
        (400, {"error": {"type": "parsing_exception", "reason": "what?"}}, IndexDamagedError),
    ],
)
def test_refusals_are_told_apart(status: int, told: Any, kind: type[PostsearchError]) -> None:
    with answering((status, told)) as (cluster, _), pytest.raises(kind):
        cluster.ask("POST", "blog/_search", {})


@pytest.mark.parametrize(
    ("told", "kind", "text"),
    [
        (FULL | {"timed_out": True}, IndexBusyError, "gave up"),
        (FULL | {"_shards": {"total": 3, "failed": 1}}, IndexDamagedError, "1 of 3 shards"),
        ({"error": {"type": "x", "reason": "all shards failed"}, "status": 503}, IndexBusyError, "all shards failed"),
    ],
)
def test_half_an_answer_is_none(told: Any, kind: type[PostsearchError], text: str) -> None:
    with answering((200, {"responses": [FULL, told]})) as (cluster, _), pytest.raises(kind, match=text):
        cluster.search("blog", [{}, {}])


def test_what_is_refused_for_a_while_is_sent_again_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "PAUSES", (0, 0, 0))
    done, late = {"index": {"status": 201}}, {"index": {"status": 409, "error": {"type": "version_conflict"}}}
    busy = {"index": {"status": 429, "error": {"type": "rejected_execution_exception", "reason": "queue"}}}
    answers = [[busy, done, busy, late], [done, busy], [done]]
    with answering((503, {}), *((200, {"items": items}) for items in answers)) as (cluster, asked):
        cluster.send("blog", ["a\n", "b\n", "c\n", "d\n"])
    assert asked == ["a\nb\nc\nd\n", "a\nb\nc\nd\n", "a\nc\n", "c\n"]


def test_what_cannot_be_taken_is_an_error_and_so_is_what_is_refused_for_too_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(clusters, "PAUSES", (0,))
    bad = {"index": {"status": 400, "error": {"type": "mapper_parsing_exception", "reason": "no"}}}
    with answering((200, {"items": [bad]})) as (cluster, _), pytest.raises(IndexDamagedError, match="no"):
        cluster.send("blog", ["a\n"])
    with answering((503, {}), (503, {})) as (cluster, asked), pytest.raises(IndexBusyError):
        cluster.send("blog", ["a\n"])
    assert len(asked) == 2


def test_a_certificate_that_nobody_vouches_for_is_refused() -> None:
    with answering() as (cluster, _):
        address = cluster.hosts[0].replace("http:", "https:")
        with closing(Cluster([address], "blog")) as other, pytest.raises(SettingsError, match="certificate"):
            other.ask("GET", "")
