"""What does a WSGI server run?"""

from flask import Flask

from indexer import Curation, Settings, extras, open_engine
from server.app import create_app
from server.following import follow


def create() -> Flask:
    """The application over the index that postsearch.toml and the environment name.

    `postsearch serve` runs it on granian; another server does as well: `gunicorn 'server.wsgi:create()'`.
    """
    settings = Settings.load()
    engine = open_engine(settings)
    follow(engine)
    curation = Curation.load(settings)
    app = create_app(engine, site_url=settings.site_url, cors_origins=settings.cors_origins, curation=curation)
    for register in extras("routes").values():
        register(app, engine, settings)
    return app
