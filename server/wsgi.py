"""What does a WSGI server run?"""

from contextlib import suppress
from pathlib import Path
from stat import S_IWGRP, S_IWOTH

from flask import Flask

from indexer import Curation, Settings, SettingsError, open_engine
from server.app import create_app
from server.builds import Builds
from server.following import follow
from server.reindex import Reindex


def create() -> Flask:
    """The application over the index that postsearch.toml and the environment name.

    `postsearch serve` runs it on granian; another server does as well: `gunicorn 'server.wsgi:create()'`.
    """
    settings = Settings.load()
    trusted(settings.index)
    engine = open_engine(settings)
    follow(engine)
    builds = Builds(settings, engine)
    builds.start()
    reindex = Reindex(builds, settings.webhook_secrets, settings.admin_token)
    return create_app(engine, reindex=reindex, curation=Curation.load(settings), settings=settings)


def trusted(index: Path) -> None:
    """Raise `SettingsError` if others may write to the folder *index*."""
    for place in (index, index / "current"):
        with suppress(OSError):  # which is named once the index is opened
            if place.stat().st_mode & (S_IWGRP | S_IWOTH):
                reason = f"{place}: others can write there, and an index is trusted like code; run `chmod go-w {place}`"
                raise SettingsError(reason, key="index")
