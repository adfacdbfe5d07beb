"""Which addresses answer programs?"""

from dataclasses import dataclass

from flask import Flask, Response, request

from indexer import Searchable
from server import wire
from server.params import Params


@dataclass(frozen=True, slots=True)
class Api:
    """The JSON routes over one engine."""

    engine: Searchable
    site_url: str

    def register(self, app: Flask) -> None:
        """Give *app* these routes."""
        app.add_url_rule("/api/v1/search", "api.search", self.search)
        app.add_url_rule("/api/v1/tags", "api.tags", self.tags)
        app.add_url_rule("/healthz", "api.health", self.health)

    def search(self) -> Response:
        """One page of posts that answer a question."""
        results = Params.read(request.args.to_dict(flat=False)).ask(self.engine)
        return _json(wire.answer(results, site_url=self.site_url))

    def tags(self) -> Response:
        """Every tag, and how many posts have it."""
        return _json(wire.tags(self.engine.tags()))

    def health(self) -> Response:
        """Whether questions can be answered, and from what."""
        return _json(wire.health(self.engine.stats()))


def answers_programs(path: str) -> bool:
    """Whether the client at this address is a program, which wants its errors as data, too."""
    return path.startswith("/api/") or path == "/healthz"


def _json(body: bytes) -> Response:
    return Response(body, content_type=wire.JSON)
