"""What happens to every request before the application sees it, and to every answer after?"""

from collections.abc import Callable, Iterable
from contextlib import closing
from threading import Semaphore
from typing import Any
from uuid import uuid4

from werkzeug.wsgi import ClosingIterator

from indexer import Searchable, Settings
from server.cache import Kept
from server.headers import Policy
from server.limits import Limits
from server.reply import Environ, Reply, refusal
from server.wire import OVERLOADED, Problem

#: What is answered however many others are at work, so that nobody takes a busy server for a dead one.
PROBES = ("/healthz", "/readyz")

App = Callable[..., Iterable[bytes]]


class Front:
    """Limits, kept answers and headers around *app*: no answer gets past it, whoever made it."""

    def __init__(self, app: App, engine: Searchable, settings: Settings, origins: Iterable[str]) -> None:
        self._app, self._cache, self._policy = app, Kept(engine, settings.max_age), Policy(origins)
        self._limits, self._room = Limits(settings), Semaphore(settings.in_flight or 1 << 30)

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        is_head, name = environ["REQUEST_METHOD"] == "HEAD", uuid4().hex
        # From an empty path, Flask would lead to a host that anybody can write into a header.
        asked = environ | {"PATH_INFO": environ.get("PATH_INFO") or "/", "postsearch.request": name}
        asked["REQUEST_METHOD"] = "GET" if is_head else environ["REQUEST_METHOD"]
        wait = self._limits.wait(asked)
        reply = refusal(Problem.of_status(429), wait) if wait else self._cache.reply(asked, self._ask)
        told = self._policy.told(asked, reply) | {"X-Request-Id": name}
        if not reply.status.startswith("304"):
            told["Content-Length"] = str(len(reply.body))
        start_response(reply.status, list(told.items()))
        return () if is_head else (reply.body,)

    def _ask(self, environ: Environ) -> Reply:
        if environ["PATH_INFO"] in PROBES:
            return _asked(self._app, environ)
        if not self._room.acquire(blocking=False):
            return refusal(OVERLOADED, 1)
        try:
            return _asked(self._app, environ)
        finally:
            self._room.release()


def _asked(app: App, environ: Environ) -> Reply:
    told: list[Any] = []
    with closing(ClosingIterator(app(environ, lambda *said: told.extend(said)))) as chunks:
        return Reply(told[0], dict(told[1]), b"".join(chunks))
