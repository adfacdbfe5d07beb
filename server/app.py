"""Which web application answers questions about one index?"""

from collections.abc import Iterable

from flask import Flask
from jinja2 import StrictUndefined

from indexer import UNCURATED, Curation, Searchable, Settings
from server import api, failures, pages, probes
from server.front import Front

_USUAL = Settings()


def create_app(
    engine: Searchable,
    *,
    site_url: str = "",
    cors_origins: Iterable[str] = (),
    curation: Curation = UNCURATED,
    settings: Settings = _USUAL,
) -> Flask:
    """The application over *engine*, for any WSGI server.

    *site_url*, where the site is published, makes links to posts absolute. Pages of *cors_origins* may ask
    the API from a browser: an exact list of origins, or `*` for any. *curation* is what the site's owner has a hand
    in. *settings* say the rest.
    """
    app = Flask(__name__)
    # Else `//search` would lead to an address made of a header that anybody can write.
    app.url_map.merge_slashes = False
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    api.register(app, engine, site_url=site_url or settings.site_url, curation=curation)
    pages.register(app, engine, site_url=site_url or settings.site_url, curation=curation)
    probes.register(app, engine)
    failures.register(app)
    app.wsgi_app = Front(app.wsgi_app, engine, settings, cors_origins or settings.cors_origins)  # type: ignore[method-assign]
    return app
