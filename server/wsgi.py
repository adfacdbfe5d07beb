"""What does a WSGI server run?"""

from flask import Flask

from indexer import Curation, Settings, open_engine
from server.app import create_app
from server.builds import Builds
from server.following import follow
from server.reindex import Reindex


def create() -> Flask:
    """The application over the index that postsearch.toml and the environment name.

    `postsearch serve` runs it on granian; another server does as well: `gunicorn 'server.wsgi:create()'`.
    """
    settings = Settings.load()
    engine = open_engine(settings)
    follow(engine)
    builds = Builds(settings, engine)
    builds.start()
    reindex = Reindex(builds, settings.webhook_secrets, settings.admin_token)
    curation = Curation.load(settings)
    return create_app(
        engine, site_url=settings.site_url, cors_origins=settings.cors_origins, reindex=reindex, curation=curation
    )
