"""Who takes part in which race?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib import import_module
from pathlib import Path
from time import perf_counter
from typing import Literal

from benchmarks.peers.peer import Peer
from indexer.post import Post

PEERS = ("ours", "tantivy", "sqlite", "bm25s", "whoosh")
"""The modules of this package that hold peers."""

Race = Literal["IDS", "WHOLE"]
"""For the ids of the best ten and the total, or for the full answer."""


def chosen(race: Race, names: Iterable[str]) -> list[type[Peer]]:
    """Those of *names* who take part in a race and are installed; the others are named on the screen."""
    found: list[type[Peer]] = []
    for name in names:
        if name not in PEERS:
            raise SystemExit(f"there is no peer {name!r}; choose from {', '.join(PEERS)}")
        try:
            found += getattr(import_module(f"benchmarks.peers.{name}"), race)
        except ImportError as error:
            print(f"{name} is left out: {error.name} is not installed (python -m pip install -e '.[bench]')")
    return found


def builder(name: str) -> type[Peer] | None:
    """The peer of that name that keeps most, or None if it is not installed."""
    return next(iter(chosen("WHOLE", [name]) or chosen("IDS", [name])), None)


def built(race: Iterable[type[Peer]], posts: Sequence[Post], folder: Path) -> list[Peer]:
    """The peers of *race*, open, each with an index of *posts* below *folder*; one that is there is used again."""
    peers = [peer(folder) for peer in race]
    for peer in peers:
        if not (mark := folder / f"{peer.store}.built").exists():
            peer.folder.mkdir(parents=True)
            started = perf_counter()
            peer.build(posts)
            print(f"built {peer.store} in {perf_counter() - started:.1f} s", flush=True)
            mark.touch()
        peer.open()
    return peers
