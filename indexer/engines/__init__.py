"""Which engine holds the posts? The one place that names every engine."""

from indexer.engine import Engine
from indexer.engines.whoosh import WhooshEngine
from indexer.settings import Settings


def open_engine(settings: Settings) -> Engine:
    """The engine that *settings* choose. Nothing is read or written before it is asked."""
    return WhooshEngine(settings.index)
