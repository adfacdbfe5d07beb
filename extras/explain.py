"""Which address tells why a post is where it is in an answer?"""

from flask import Flask, Response, abort, request

from extras.explanation import explain
from indexer import Curation, Searchable, Settings
from server import wire
from server.params import Params


def register(app: Flask, engine: Searchable, settings: Settings) -> None:
    """Give *app* this route over *engine*."""
    curation = Curation.load(settings)

    @app.get("/api/v1/explain", endpoint="explain")
    def why() -> Response:
        """Why a post is where it is in the answer."""
        asked, id = Params.read(request.args.to_dict(flat=False)).question, request.args.get("id", "")
        told = explain(engine, id, curation=curation, **asked) or abort(404)
        return Response(wire.body(told), content_type=wire.JSON)
