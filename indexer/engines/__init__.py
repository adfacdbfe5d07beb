"""Which engine holds the posts? The one place that names every engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.engines.whoosh import WhooshEngine

if TYPE_CHECKING:
    from indexer.engine import Engine
    from indexer.settings import Settings


def open_engine(settings: Settings) -> Engine:
    """The engine that *settings* choose. Nothing is read or written before it is asked."""
    return WhooshEngine(settings.index)
