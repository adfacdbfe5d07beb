"""Which address tells why a post is where it is in an answer?"""

from flask import Flask, Response, abort, request

from extras.explanation import explain
from indexer import Curation, Searchable, Settings
from server import wire
from server.params import Params, given, read


def register(app: Flask, engine: Searchable, settings: Settings) -> None:
    """Give *app* this route over *engine*."""
    curation = Curation.load(settings)

    @app.get("/api/v1/explain", endpoint="explain")
    def why() -> Response:
        """Why a post is where it is in the answer."""
        asked = given(request.environ)
        told = explain(engine, *read(asked, {"id": ""}).values(), curation=curation, **Params.read(asked).question)
        return wire.response(told or abort(404))
