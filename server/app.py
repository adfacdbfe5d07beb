"""Which web application answers questions about one index?"""

from collections.abc import Iterable

from flask import Flask
from jinja2 import StrictUndefined

from indexer import UNCURATED, Curation, Searchable
from server import api, failures, headers, pages


def create_app(
    engine: Searchable,
    *,
    site_url: str = "",
    cors_origins: Iterable[str] = (),
    curation: Curation = UNCURATED,
) -> Flask:
    """The application over *engine*, for any WSGI server.

    *site_url*, where the site is published, makes links to posts absolute. Pages of *cors_origins* may ask
    the API from a browser: an exact list of origins, or `*` for any. *curation* is what the site's
    owner has a hand in.
    """
    app = Flask(__name__)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    api.register(app, engine, site_url=site_url, curation=curation)
    pages.register(app, engine, site_url=site_url, curation=curation)
    headers.register(app, cors_origins=cors_origins)
    failures.register(app)
    return app
