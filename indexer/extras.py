"""What has been added to this installation, beyond what every one has?"""

from collections.abc import Mapping
from functools import cache
from importlib.metadata import entry_points
from typing import Any


@cache
def extras(kind: str) -> Mapping[str, Any]:
    """What the entry points in the group `postsearch.kind` stand for, by name."""
    return {point.name: point.load() for point in entry_points(group=f"postsearch.{kind}")}
