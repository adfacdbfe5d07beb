"""Fixtures that the tests of extras share with those of the indexer."""

from tests.indexer.conftest import content
from tests.server.conftest import each_engine

__all__ = ["content", "each_engine"]
