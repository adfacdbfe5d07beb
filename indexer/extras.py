"""What has been added to this installation, beyond what every one has?"""

from functools import cache
from importlib.metadata import entry_points
from typing import Any


@cache
def extra(kind: str, name: str) -> Any:
    """What the entry point of that *name* in the group `postsearch.kind` stands for; None if there is none."""
    return next((point.load() for point in entry_points(group=f"postsearch.{kind}", name=name)), None)


def names(kind: str) -> set[str]:
    """The names of the entry points in the group `postsearch.kind`."""
    return entry_points(group=f"postsearch.{kind}").names
