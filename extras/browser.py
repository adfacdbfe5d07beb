"""How does a browser learn to search the site from its address bar?"""

from flask import Flask, Response, render_template, request

from indexer import Searchable, Settings, suggest
from server import wire
from server.params import SUGGEST, given, read

#: How many titles are suggested below an address bar.
MOST = 8


def register(app: Flask, engine: Searchable, settings: Settings) -> None:
    """Give *app* a description of the search as browsers read it (OpenSearch 1.1), and suggestions for them."""
    app.jinja_env.globals["is_described"] = True

    @app.get("/opensearch.xml", endpoint="browser.describe")
    def describe() -> Response:
        """What the search is called, and where it answers."""
        about = render_template("opensearch.xml")
        return Response(about, content_type="application/opensearchdescription+xml; charset=utf-8")

    @app.get("/api/v1/opensearch", endpoint="browser.suggest")
    def complete() -> Response:
        """The text that was typed, and titles that it may be meant for."""
        (text,) = read(given(request.environ), SUGGEST).values()
        titles = [hit.title for hit in suggest(engine, text, MOST).titles]
        response = wire.response([text, titles])
        response.content_type = "application/x-suggestions+json"
        return response
