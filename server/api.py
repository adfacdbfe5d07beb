"""Which addresses answer programs?"""

from flask import Flask, Response, abort, request

from indexer import Curation, QueryError, Searchable
from server import wire
from server.params import Params, one

#: How many posts are told that are like one, unless the request says; and at most.
RELATED, MOST_RELATED = 5, 100


def register(app: Flask, engine: Searchable, *, site_url: str, curation: Curation) -> None:
    """Give *app* the JSON routes over *engine*."""

    @app.get("/api/v1/search", endpoint="api.search")
    def search() -> Response:
        """One page of posts that answer a question."""
        results = Params.read(request.args.to_dict(flat=False)).ask(engine, curation)
        return _json(wire.answer(results, site_url=site_url))

    @app.get("/api/v1/explain", endpoint="api.explain")
    def explain() -> Response:
        """Why a post is where it is in the answer."""
        params = Params.read(request.args.to_dict(flat=False))
        explanation = params.explain(engine, curation, request.args.get("id", ""))
        return _json(wire.explanation(explanation)) if explanation else abort(404)

    @app.get("/api/v1/tags", endpoint="api.tags")
    def tags() -> Response:
        """Every tag, and how many posts have it."""
        return _json(wire.tags(engine.tags()))

    @app.get("/api/v1/related", endpoint="api.related")
    def related() -> Response:
        """The posts most like one."""
        given = request.args.to_dict(flat=False)
        limit = one(given, "limit")
        if limit is not None and not 1 <= limit <= MOST_RELATED:
            raise QueryError(f"the limit is 1 to {MOST_RELATED} posts", param="limit")
        if (id := one(given, "id")) is None:
            raise QueryError("the parameter id says which post is meant; it is missing", param="id")
        if (hits := engine.related(id, limit or RELATED)) is None:
            abort(404)
        return _json(wire.related(hits, site_url=site_url))

    @app.get("/api/v1/suggest", endpoint="api.suggest")
    def suggest() -> Response:
        """What a reader may be looking for who has begun to type."""
        text = one(request.args.to_dict(flat=False), "q") or ""
        return _json(wire.suggestions(engine.suggest(text), site_url=site_url))

    @app.get("/healthz", endpoint="api.health")
    def health() -> Response:
        """Whether questions can be answered, and from what."""
        return _json(wire.health(engine.stats()))


def answers_programs(path: str) -> bool:
    """Whether the client at this address is a program, which wants its errors as data, too."""
    return path.startswith("/api/") or path == "/healthz"


def _json(body: bytes) -> Response:
    return Response(body, content_type=wire.JSON)
