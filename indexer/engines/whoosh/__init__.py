"""The embedded engine: the posts in a Whoosh index, in a folder of this machine."""

from indexer.engines.whoosh.engine import WhooshEngine

__all__ = ["WhooshEngine"]
