"""Which addresses answer programs?"""

from flask import Flask, Response, abort, request

import indexer
from indexer import Curation, QueryError, Searchable, as_dict
from server import wire
from server.params import Params, ask_values, read


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
        return _json(wire.body(indexer.tags_as_dict(engine.tags())))

    @app.get("/api/v1/facets", endpoint="api.facets")
    def facets() -> Response:
        """The values of a facet that begin so, and how many of the posts that answer a question have each."""
        return _json(wire.body({"values": ask_values(engine, curation, request.args.to_dict(flat=False))}))

    @app.get("/api/v1/related", endpoint="api.related")
    def related() -> Response:
        """The posts most like one."""
        id, limit = read(request.args.to_dict(flat=False), {"id": "", "limit": 5}).values()
        if not 1 <= limit <= 100:
            raise QueryError("the limit is 1 to 100 posts", param="limit")
        if (hits := engine.related(id, limit)) is None:
            abort(404)
        return _json(wire.body(indexer.related_as_dict(hits, site_url=site_url)))

    @app.get("/api/v1/suggest", endpoint="api.suggest")
    def suggest() -> Response:
        """What a reader may be looking for who has begun to type."""
        found = indexer.suggest(engine, *read(request.args.to_dict(flat=False), {"q": ""}).values())
        return _json(wire.body(indexer.suggestions_as_dict(found, site_url=site_url)))

    @app.get("/healthz", endpoint="api.health")
    def health() -> Response:
        """Whether questions can be answered, and from what."""
        return _json(wire.health(engine.stats()))


def answers_programs(path: str) -> bool:
    """Whether the client at this address is a program, which wants its errors as data, too."""
    return path.startswith("/api/") or path == "/healthz"


def _json(body: bytes) -> Response:
    return Response(body, content_type=wire.JSON)
