"""While a title is typed, is its post found all the time, and does it rise?

    python -m benchmarks.titles [FOLDER] [--posts N] [--sample N]

Titles of the posts in FOLDER, or of made-up ones, are typed letter by letter, from the second on. After each letter
the place of the post is looked up among the first hundred, or of the first with that title. It *sinks* if one more
letter moves it down by more than one.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from statistics import quantiles
from time import perf_counter

from benchmarks.posts import posts
from indexer import corpus
from indexer.engines.whoosh import WhooshEngine
from indexer.extract import Extracted
from indexer.post import Post
from indexer.reading import options, read_all
from indexer.search import search
from indexer.settings import Settings

DEPTH = 100


def typed(engine: WhooshEngine, post: Post) -> Iterator[tuple[int, float]]:
    """The place of *post* after each letter of its title, at most one beyond the last; and the seconds that took."""
    for end in range(2, len(post.title) + 1):
        began = perf_counter()
        hits = search(engine, post.title[:end], per_page=DEPTH, facets=(), snippets=False).hits
        seconds = perf_counter() - began
        yield next((place for place, hit in enumerate(hits, 1) if hit.title == post.title), DEPTH + 1), seconds


def report(held: Sequence[Post], sample: int) -> Iterator[str]:
    """The figures, a line each."""
    chosen = held[:: max(1, len(held) // sample)][:sample]
    with tempfile.TemporaryDirectory() as folder, closing(WhooshEngine(Path(folder) / "index")) as engine:
        engine.apply(put=held)
        rows = [list(typed(engine, post)) for post in chosen if len(post.title) > 2]
    places = [[place for place, _ in row] for row in rows]
    steady = sum(all(after <= before + 1 for before, after in pairwise(row)) for row in places)
    took = quantiles([1000 * seconds for row in rows for _, seconds in row], n=100)
    yield f"{len(rows)} titles of {len(held)} posts, typed letter by letter"
    yield f"never sinks by more than one place    {100 * steady / len(rows):.1f} %"
    yield f"first, once the whole title is typed  {100 * sum(row[-1] == 1 for row in places) / len(rows):.1f} %"
    yield f"milliseconds a letter                 {took[49]:.2f} p50, {took[94]:.2f} p95"


def read(folder: Path) -> list[Post]:
    """The public posts below *folder*."""
    chosen = options(Settings(content=folder))
    found = read_all(list(corpus.walk(folder)), chosen)
    return [one.post for one in found if isinstance(one, Extracted) and one.post]


def main() -> None:
    """Type, and print the figures."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", nargs="?", type=Path, help="posts of your own")
    arguments.add_argument("--posts", type=int, default=10_000, help="how many are made up, without a folder")
    arguments.add_argument("--sample", type=int, default=300, help="titles that are typed")
    given = arguments.parse_args()
    print("\n".join(report(read(given.folder) if given.folder else posts(given.posts), given.sample)))


if __name__ == "__main__":
    main()
