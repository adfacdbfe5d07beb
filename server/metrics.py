"""What does a process count of its work, and how is that told?"""

import os
import sys
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from threading import Lock

from flask import Flask, Response, request

from indexer import PostsearchError, Searchable
from server import wire
from server.admin import admit
from server.cache import Cache
from server.reply import Reply

#: The times that requests are counted by, in seconds.
BOUNDS = ("0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "1", "+Inf")


class Metrics:
    """The requests of this process to *engine*, of which *cache* keeps answers.

    With *logs*, each leaves a line of JSON on standard error, too.
    """

    def __init__(self, engine: Searchable, cache: Cache, *, logs: bool = False) -> None:
        self._engine, self._cache, self._logs, self._lock = engine, cache, logs, Lock()
        self._counts: Counter[tuple[str, str]] = Counter()

    def note(self, reply: Reply, method: str, name: str, seconds: float) -> None:
        """Count *reply* to the request *name*. Nothing that a reader has written is noted, nor who they are."""
        route, ms = f',route="{reply.route}"', round(seconds * 1000, 3)
        told = [("request_seconds_bucket", f'{route},le="{bound}"') for bound in BOUNDS if seconds <= float(bound)]
        told += [("requests_total", f'{route},status="{reply.status[:3]}"'), ("request_seconds_count", route)]
        told += [("cache_total", f',answer="{reply.cache}"')] * bool(reply.cache)
        told += [("zero_results_total", "")] * reply.is_empty
        with self._lock:
            self._counts.update(told)
            self._counts["request_microseconds_sum", route] += round(seconds * 1e6)
        if self._logs:
            line = {"time": datetime.now(UTC), "request": name, "method": method, "route": reply.route}
            line |= {"status": int(reply.status[:3]), "ms": ms, "bytes": len(reply.body), "cache": reply.cache}
            sys.stderr.write(f"{wire.body(line).decode()}\n")

    def text(self) -> str:
        """All figures, and those of the index, as Prometheus reads them."""
        with self._lock:
            figures: dict[tuple[str, str], float] = {("index_ready", ""): 0, **self._counts}
        with suppress(PostsearchError):
            stats = self._engine.stats()
            told = {"index_ready": 1, "index_posts": stats.posts, "index_bytes": stats.bytes}
            told |= {"index_reload_failed": bool(stats.trouble), "generation_age_seconds": self._cache.age()}
            figures |= {(name, ""): int(value) for name, value in told.items()}
        here = f'worker="{os.getpid()}"'
        return "".join(f"postsearch_{name}{{{here}{of}}} {figures[name, of]}\n" for name, of in sorted(figures))

    def register(self, app: Flask, token: str) -> None:
        """Have *app* say which route it took; and give it the address of the figures, for those who show *token*."""

        @app.before_request
        def note_route() -> None:
            request.environ["postsearch.route"] = getattr(request.url_rule, "rule", "-")

        if token:

            @app.get("/metrics", endpoint="metrics")
            def metrics() -> Response:
                """What this process has counted, for Prometheus."""
                admit(token)
                return Response(self.text(), content_type="text/plain; version=0.0.4; charset=utf-8")
