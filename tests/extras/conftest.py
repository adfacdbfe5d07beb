"""Fixtures that the tests of extras share with those of the indexer."""

from tests.indexer.conftest import content

__all__ = ["content"]
