"""Which addresses tell how the server is?"""

from flask import Flask, Response

from indexer import PostsearchError, Searchable
from server import wire


def register(app: Flask, engine: Searchable) -> None:
    """Give *app* the routes that say whether *engine* can be asked."""

    @app.get("/healthz", endpoint="probes.health")
    def health() -> Response:
        """That this process lives, and whether questions can be answered, and from what."""
        try:
            return wire.response(wire.health(engine.stats()))
        except PostsearchError:
            return wire.response(wire.health(None))

    @app.get("/readyz", endpoint="probes.ready")
    def ready() -> Response:
        """Whether questions can be answered."""
        return wire.response(wire.health(engine.stats()))
