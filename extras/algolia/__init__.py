"""How do Algolia's open-source front ends ask this server?"""

from functools import partial
from typing import Any

import msgspec
from flask import Blueprint, Flask, Response, abort, request
from werkzeug.exceptions import HTTPException

from extras.algolia.answers import answer
from extras.algolia.asked import Asked
from indexer import Curation, QueryError, Searchable, Settings
from server import wire

#: Questions in one request, and bytes of it.
MOST, LARGEST = 50, 64 << 10

_ANY = ("GET", "POST", "PUT", "PATCH", "DELETE")
_TO_A_PREFLIGHT = {
    "Access-Control-Allow-Methods": "POST, OPTIONS",
    "Access-Control-Allow-Headers": "Content-Type, Request-Id, X-Algolia-Agent, X-Algolia-API-Key,"
    " X-Algolia-Application-Id, X-Algolia-Request-Id, X-Algolia-UserToken",
}


def register(app: Flask, engine: Searchable, settings: Settings) -> None:
    """Give *app* the routes that these front ends ask: docs/instantsearch.md lists them."""
    answered = partial(answer, engine, settings.site_url, Curation.load(settings))
    routes = Blueprint("algolia", __name__, url_prefix="/1")

    @routes.post("/indexes/*/queries")
    def queries() -> Response:
        """Several questions, and as many answers in their order."""
        asked = _given().get("requests")
        if not isinstance(asked, list) or len(asked) > MOST:
            raise QueryError(f"`requests` has to be a list of at most {MOST} questions", param="requests")
        return _json({"results": [answered(Asked.read(one)) for one in asked]})

    @routes.post("/indexes/<index>/query")
    @routes.post("/indexes/<index>/facets/<facet>/query")
    def query(index: str, facet: str = "") -> Response:
        """One question, or the values of a facet that begin so."""
        always = {"type": "facet", "facet": facet} if facet else {}
        return _json(answered(Asked.read(_given(), indexName=index, **always)))

    @routes.route("/<path:other>", methods=_ANY)
    def others(other: str) -> Response:
        """What else the protocol has, such as events."""
        abort(404)

    routes.after_request(_told)
    routes.register_error_handler(QueryError, lambda error: _failed(400, str(error)))
    routes.register_error_handler(HTTPException, lambda error: _failed(error.code, error.description))
    app.register_blueprint(routes)


def _given() -> dict[str, Any]:
    """The body, which clients send as JSON by any other name: so a browser need not ask first whether it may."""
    request.max_content_length = LARGEST
    if request.content_encoding:
        abort(415)
    try:
        given = msgspec.json.decode(request.get_data())
    except (msgspec.DecodeError, RecursionError) as error:
        raise QueryError(f"the body is not JSON: {error}", param="requests") from error
    if not isinstance(given, dict):
        raise QueryError("the body has to be an object", param="requests")
    return given


def _json(told: dict[str, Any], status: int = 200) -> Response:
    return wire.response(told, status)


def _failed(status: int, message: str) -> Response:
    """What the clients show of a failure is its *message*."""
    return _json({"message": message, "status": status}, status)


def _told(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    if request.method == "OPTIONS":
        response.headers.update(_TO_A_PREFLIGHT)
    return response
