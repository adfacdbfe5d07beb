"""What does a WSGI server run?"""

from contextlib import suppress

from flask import Flask

from indexer import Curation, Engine, Settings, SettingsError, extras, open_engine
from server.app import create_app
from server.following import follow


def create() -> Flask:
    """The application over the index that postsearch.toml and the environment name.

    `postsearch serve` runs it on granian; another server does as well: `gunicorn 'server.wsgi:create()'`.
    """
    settings = Settings.load()
    engine = opened(settings)
    follow(engine)
    app = create_app(engine, curation=Curation.load(settings), settings=settings)
    for register in extras("routes").values():
        register(app, engine, settings)
    return app


def opened(settings: Settings) -> Engine:
    """The engine that *settings* choose. Raises `SettingsError` if others may write to the folder of its index."""
    for place in (settings.index, settings.index / "current"):
        with suppress(OSError):  # which is named once the index is read
            if place.stat().st_mode & 0o022:
                reason = f"{place}: others can write there, and an index is trusted like code; run `chmod go-w {place}`"
                raise SettingsError(reason, key="index")
    return open_engine(settings)
