"""When is one machine too small? What the posts cost as they become more.

    python -m benchmarks.scale [--posts 10000,100000] [--cluster http://127.0.0.1:9201]

For each number of posts: the time to build, the time until one edited post is held, the size of the index, and how long
a full answer takes: ten hits with their passages, the total, and how many posts have each tag. Each question is asked
once before, and then five times. With `--cluster`, the engine for a cluster is asked the same.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

from benchmarks import memory
from benchmarks.posts import posts
from benchmarks.questions import questions
from indexer.engine import Engine
from indexer.engines.whoosh import WhooshEngine
from indexer.post import Post
from indexer.search import search

ASKED, ROUNDS = 40, 5


def costs(engine: Engine, made: list[Post]) -> Iterator[tuple[str, float]]:
    """What *made* cost in *engine*, each figure with its unit."""
    yield "s to build", took(lambda: engine.apply(put=made, afresh=True))
    edited = replace(made[0], body=f"{made[0].body} edited", digest="edited")
    yield "s to hold one edited post", took(lambda: engine.apply(put=[edited]))
    yield "MB of index", engine.stats().bytes / 1e6
    for kind, asked in questions(made, ASKED).items():
        texts = [question.text for question in asked]
        for text in texts:
            search(engine, text)
        found = [1000 * took(lambda text=text: search(engine, text)) for text in texts * ROUNDS]  # type: ignore[misc]
        yield f"ms for an answer, {kind}: the median", median(found)
        yield f"ms for an answer, {kind}: one in twenty takes more", quantiles(found, n=20)[-1]
    yield "MB of memory, made-up posts included", memory.resident() / 1e6


def took(do: Callable[[], object]) -> float:
    """The seconds that it takes."""
    started = perf_counter()
    do()
    return perf_counter() - started


def engine_of(cluster: str, folder: Path) -> Engine:
    """The engine to measure, with an index of its own."""
    if not cluster:
        return WhooshEngine(folder, grace=0)
    from extras.opensearch.cluster import Cluster
    from extras.opensearch.engine import OpenSearchEngine

    return OpenSearchEngine(Cluster([cluster], "benchmark"), folder)


def main() -> None:
    """Measure, and print one figure a line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--posts", default="10000,100000", help="how many posts, with commas between")
    parser.add_argument("--cluster", default="", help="the address of a node")
    given = parser.parse_args()
    for count in map(int, given.posts.split(",")):
        made = posts(count)
        print(f"{count:,} posts, {sum(len(post.body) for post in made) / 1e6:.1f} MB of text", flush=True)
        with tempfile.TemporaryDirectory() as folder, closing(engine_of(given.cluster, Path(folder))) as engine:
            for unit, figure in costs(engine, made):
                print(f"{figure:12.2f} {unit}", flush=True)


if __name__ == "__main__":
    main()
