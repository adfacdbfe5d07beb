"""Which engine holds the posts? The one place that chooses."""

from indexer.engine import Engine
from indexer.engines.whoosh import WhooshEngine
from indexer.errors import SettingsError
from indexer.extras import extras
from indexer.settings import Settings


def open_engine(settings: Settings) -> Engine:
    """The engine that *settings* choose. Nothing is read or written before it is asked."""
    if settings.engine == "whoosh":
        return WhooshEngine(settings.index)
    if not (opened := extras("engines").get(settings.engine)):
        raise SettingsError(f"engine: {settings.engine!r} is none that is installed here", key="engine")
    engine: Engine = opened(settings)
    return engine
