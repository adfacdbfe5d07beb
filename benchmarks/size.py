"""How much room does an index take: on the disk, part by part, and in the memory of whoever has opened it?

    python -m benchmarks.size [--posts N] [--peers ours,tantivy] [--keep DIR]

Each index is opened in a fresh process with no other peer's library in it. The memory is measured before and after
opening, and after a thousand questions of all kinds. Private memory is what each further process costs again; the rest
are pages of files, which all share, and which go when others need room.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.memory import MIB
from benchmarks.peers.peer import Peer
from benchmarks.peers.race import built, chosen
from benchmarks.posts import posts
from benchmarks.questions import Question, questions
from indexer.engines.whoosh.flatfile import FlatFile
from indexer.post import Post

QUESTIONS = 200
"""Of each of the five kinds: what is kept from one question to the next is there after a thousand."""

_HEAD = ("on disk", "x", "open ms", "private: loaded", "opened", "asked", "resident: opened", "asked")


def opened(peer: Peer, asked: Sequence[Question]) -> dict[str, Any]:
    """What opening the index and asking cost in a fresh process."""
    texts = [(question.kind, peer.worded(question)) for question in asked]
    file = peer.folder.parent / "questions.json"
    file.write_text(json.dumps(texts), "utf-8")
    given = [type(peer).__module__, type(peer).__name__, str(peer.folder.parent), str(file)]
    command = [sys.executable, "-m", "benchmarks.opening", *given]
    root = Path(__file__).parents[1]
    return dict(json.loads(subprocess.run(command, cwd=root, check=True, capture_output=True).stdout))


def parts(peer: Peer) -> dict[str, int]:
    """The bytes of each part of an index: the arrays of ours, the kinds of files of others."""
    found: Counter[str] = Counter()
    for file in sorted(path for path in peer.folder.rglob("*") if path.is_file() and path.name != "ids.json"):
        arrays = _arrays(file) if peer.store == "ours" else {}
        found.update(arrays)
        found[file.suffix or file.name] += file.stat().st_size - sum(arrays.values())
    return {name: size for name, size in found.most_common() if size}


def _arrays(file: Path) -> dict[str, int]:
    try:
        return dict(FlatFile(file).sizes())
    except ValueError:  # no segment
        return {}


def table(peers: Sequence[Peer], asked: Sequence[Question]) -> list[str]:
    """What each index takes, as lines of text."""
    sizes = {peer.name: parts(peer) for peer in peers}
    rival = sum(sizes.get("tantivy", {}).values())
    lines = [f"{'':<14}" + "".join(f"{name:>17}" for name in _HEAD)]
    for peer in peers:
        total, cost = sum(sizes[peer.name].values()), opened(peer, asked)
        memory = [cost[key] / MIB for key in ("loaded", "opened", "asked", "opened resident", "asked resident")]
        figures = [f"{total / MIB:.2f}", f"{total / rival:.2f}x" if rival else "", f"{cost['ms']:.1f}"]
        figures += [f"{size:.0f}" for size in memory]
        lines.append(f"{peer.name:<14}" + "".join(f"{figure:>17}" for figure in figures))
    for name, found in sizes.items():
        lines.append(f"\n{name}: " + ", ".join(f"{part} {size / MIB:.2f}" for part, size in found.items()))
    return lines


def main() -> None:
    """Build or find the indexes, and print what they take."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--posts", type=int, default=10_000)
    arguments.add_argument("--peers", default="ours,tantivy,sqlite", help="default: all of %(default)s")
    arguments.add_argument("--keep", type=Path, help="keep the indexes below this folder for the next run")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = (given.keep or Path(temporary)).absolute() / f"made-up-{given.posts}"
        run(given.peers.split(","), posts(given.posts), folder)


def run(names: Sequence[str], made: list[Post], folder: Path) -> None:
    """Measure the index of each of *names*."""
    text = sum(len(post.title.encode()) + len(post.body.encode()) for post in made)
    asked = [question for each in questions(made, QUESTIONS).values() for question in each]
    peers = built(chosen("WHOLE", names), made, folder)
    for peer in peers:
        peer.close()
    print(f"{len(made)} posts, {text / MIB:.1f} MiB of text; sizes in MiB")
    print("\n".join(table(peers, asked)))


if __name__ == "__main__":
    main()
