"""What does a process count of its work, and how is that told?"""

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from functools import cached_property
from threading import Lock
from time import perf_counter, time
from typing import Any

import msgspec
from flask import Flask, Response

from extras.admin import admit
from indexer import PostsearchError, Searchable, Settings

#: The times that requests are counted by, in seconds.
BOUNDS = ("0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "1", "+Inf")

_NOTHING_FOUND = (b'"total":0,', b"<h1>Nothing found</h1>")


def register(app: Flask, engine: Searchable, settings: Settings) -> None:
    """Have all requests to *app* counted, and logged if the settings say so; the operator gets `/metrics`."""
    metrics = Metrics(app, engine, settings)
    app.wsgi_app = metrics  # type: ignore[method-assign]

    @app.get("/metrics", endpoint="metrics")
    def show() -> Response:
        """What this process has counted, for Prometheus."""
        admit(settings.admin_token)
        return Response(metrics.text(), content_type="text/plain; version=0.0.4; charset=utf-8")


class Metrics:
    """Stands around all of *app*. Nothing that a reader has written is noted, nor who they are."""

    def __init__(self, app: Flask, engine: Searchable, settings: Settings) -> None:
        self._app, self._inner, self._engine, self._settings = app, app.wsgi_app, engine, settings
        self._counts: Counter[tuple[str, str]] = Counter()
        self._lock = Lock()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request, and count it."""
        began = perf_counter()
        said: list[Any] = []

        def start(*told: Any) -> Any:
            said[:] = told
            return start_response(*told)

        body = b"".join(self._inner(environ, start))
        about = dict(said[1])
        self._note(environ, said[0][:3], about, body, perf_counter() - began)
        return (body,)

    def _note(self, environ: dict[str, Any], status: str, about: dict[str, str], body: bytes, seconds: float) -> None:
        route, cache = self._route(environ["PATH_INFO"], status), about.get("X-Cache", "")
        of = f',route="{route}"'
        told = [("request_seconds_bucket", f'{of},le="{bound}"') for bound in BOUNDS if seconds <= float(bound)]
        told += [("requests_total", f'{of},status="{status}"'), ("request_seconds_count", of)]
        told += [("cache_total", f',answer="{cache}"')] * bool(cache)
        told += [("zero_results_total", "")] * any(sign in body for sign in _NOTHING_FOUND)
        with self._lock:
            self._counts.update(told)
            self._counts["request_microseconds_sum", of] += round(seconds * 1e6)
        if self._settings.access_log:
            line = {"time": datetime.now(UTC), "request": about.get("X-Request-Id", "")}
            line |= {"method": environ["REQUEST_METHOD"], "route": route, "status": int(status)}
            line |= {"ms": round(seconds * 1000, 3), "bytes": len(body), "cache": cache}
            sys.stderr.write(f"{msgspec.json.encode(line).decode()}\n")

    @cached_property
    def _rules(self) -> list[str]:
        """The rules of all routes, the longest first: once a request is there, no other comes."""
        return sorted((rule.rule for rule in self._app.url_map.iter_rules()), key=len, reverse=True)

    def _route(self, path: str, status: str) -> str:
        """The rule that *path* is an address of; `-` if none is, or if nobody looked."""
        fitting = (rule for rule in self._rules if _fits(path, rule)) if status not in ("429", "503") else iter(())
        return next(fitting, "-")

    def text(self) -> str:
        """All figures, and those of the index, as Prometheus reads them."""
        with self._lock:
            figures: dict[tuple[str, str], float] = {("index_ready", ""): 0, **self._counts}
        with suppress(PostsearchError):
            stats = self._engine.stats()
            told = {"index_ready": 1, "index_posts": stats.posts, "index_bytes": stats.bytes}
            figures |= {(name, ""): value for name, value in told.items()}
            figures["index_reload_failed", ""] = int(bool(stats.trouble))
        with suppress(OSError):
            since = (self._settings.index / "current").lstat().st_mtime
            figures["generation_age_seconds", ""] = max(0, int(time() - since))
        here = f'worker="{os.getpid()}"'
        return "".join(f"postsearch_{name}{{{here}{of}}} {figures[name, of]}\n" for name, of in sorted(figures))


def _fits(path: str, rule: str) -> bool:
    head, has_part, _ = rule.partition("<")
    return path.startswith(head) if has_part else path == rule
