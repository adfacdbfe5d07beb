"""Which addresses answer programs?"""

from flask import Flask, Response, request

from indexer import Curation, Searchable, as_dict
from server import wire
from server.params import Params, ask_values


def register(app: Flask, engine: Searchable, *, site_url: str, curation: Curation) -> None:
    """Give *app* the JSON routes over *engine*."""

    @app.get("/api/v1/search", endpoint="api.search")
    def search() -> Response:
        """One page of posts that answer a question."""
        results = Params.read(request.args.to_dict(flat=False)).ask(engine, curation)
        return _json(wire.body(as_dict(results, site_url=site_url)))

    @app.get("/api/v1/tags", endpoint="api.tags")
    def tags() -> Response:
        """Every tag, and how many posts have it."""
        return _json(wire.tags(engine.tags()))

    @app.get("/api/v1/facets", endpoint="api.facets")
    def facets() -> Response:
        """The values of a facet that begin so, and how many of the posts that answer a question have each."""
        return _json(wire.facets(ask_values(engine, curation, request.args.to_dict(flat=False))))

    @app.get("/healthz", endpoint="api.health")
    def health() -> Response:
        """Whether questions can be answered, and from what."""
        return _json(wire.health(engine.stats()))


def answers_programs(path: str) -> bool:
    """Whether the client at this address is a program, which wants its errors as data, too."""
    return path.startswith(("/api/", "/1/")) or path == "/healthz"


def _json(body: bytes) -> Response:
    return Response(body, content_type=wire.JSON)
