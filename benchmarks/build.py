"""How many posts a second are indexed, and in how much memory?

    python -m benchmarks.build [--posts N] [--rounds R] [--peers ours,tantivy] [--pagefind PROGRAM]

First from posts in memory to an index on the disk that is ready to be asked: tantivy with its stored fields and two
threads, stock Whoosh with a sample. Then from files: ours reads front matter and Markdown, with either renderer;
Pagefind reads the same posts as pages of HTML, which somebody else has made. Each build runs in a process of its own,
one after the other, in rounds; the figures are medians.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from html import escape
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import posts
from benchmarks.apart import Cost, apart
from benchmarks.memory import MIB
from benchmarks.peers.peer import Peer
from benchmarks.peers.race import PEERS, builder
from indexer import markup
from indexer.settings import Settings
from indexer.sync import sync
from indexer.workers import cores

SAMPLE = 1_000
"""Posts given to stock Whoosh, which takes 4 ms for each however many there are."""

RIVALS = ("memory: tantivy", "files: Pagefind")
RENDERERS = ("markdown", "commonmark")


def from_memory(kind: type[Peer], count: int, folder: Path) -> Callable[[], Any]:
    """Make *count* posts; the answer indexes them."""
    made = posts.posts(min(count, SAMPLE) if kind.store == "whoosh" else count)
    peer = kind(folder)
    peer.folder.mkdir(parents=True)
    return partial(_counted, partial(peer.build, made, cores()), len(made))


def _counted(build: Callable[[], Any], count: int) -> int:
    build()
    return count


def from_files(renderer: str, content: Path, folder: Path) -> Callable[[], Any]:
    """The answer indexes the posts below *content*."""
    return lambda: sync(Settings.load(content=content, index=folder / "index", renderer=renderer)).posts


def by_pagefind(program: str, site: Path, folder: Path) -> Callable[[], Any]:
    """The answer indexes the pages below *site*."""
    command = [program, "--site", str(site), "--output-path", str(folder / "pagefind")]

    def run() -> int:
        subprocess.run(command, check=True, capture_output=True)
        return sum(1 for _ in site.rglob("*.html"))

    return run


def render(content: list[posts.Post], site: Path) -> None:
    """Write the pages that a generator would make of *content*."""
    for post in content:
        page = site / post.url.lstrip("/")
        page.parent.mkdir(parents=True, exist_ok=True)
        text = markup.render(posts.markdown(post).split("---\n", 2)[2], "commonmark")
        tags = "".join(f'<span data-pagefind-filter="tag">{tag}</span>' for tag in post.tags)
        body = f"<h1>{escape(post.title)}</h1>{tags}{text}"
        page.write_text(
            f"<!doctype html><html lang=en><title>{escape(post.title)}</title><body><main>{body}</main></body></html>"
        )


def program(named: str | None) -> str | None:
    """Where Pagefind is."""
    beside = Path("node_modules/.bin/pagefind")
    return named or shutil.which("pagefind") or (str(beside.absolute()) if beside.exists() else None)


def builds(given: argparse.Namespace, folder: Path) -> Iterator[tuple[str, Callable[[Path], Cost]]]:
    """Each build by its name, to be given an empty folder."""
    names = given.peers.split(",")
    for kind in filter(None, map(builder, names)):
        threads = f", {cores()} threads" if kind.store == "tantivy" else ""
        yield f"memory: {kind.name}{threads}", partial(apart, from_memory, kind, given.posts)
    made = posts.posts(given.posts)
    posts.write(made, folder / "content")
    for renderer in RENDERERS if "ours" in names else ():
        yield f"files: ours, {renderer}", partial(apart, from_files, renderer, folder / "content")
    if pagefind := program(given.pagefind):
        render(made, folder / "site")
        yield "files: Pagefind, HTML", partial(apart, by_pagefind, pagefind, folder / "site")
    else:
        print("Pagefind is left out: no such program here (npm install pagefind, or --pagefind PROGRAM)")


def main() -> None:
    """Build, and print a table."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--posts", type=int, default=10_000)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--peers", default=",".join(PEERS), help="default: all of %(default)s")
    arguments.add_argument("--pagefind", help="where the program is; default: on the path, or in node_modules here")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        run(given, Path(temporary))


def run(given: argparse.Namespace, folder: Path) -> None:
    """Every build in each of the rounds."""
    found: dict[str, list[Cost]] = {}
    everyone = list(builds(given, folder))
    for _ in range(given.rounds):
        for name, build in everyone:
            (place := folder / "place").mkdir()
            found.setdefault(name, []).append(build(place))
            shutil.rmtree(place)
    print(f"{given.posts} posts, {given.rounds} rounds, {cores()} cores; MiB: at most, above what was there before")
    print("\n".join(table(found)))


def table(found: dict[str, list[Cost]]) -> Iterator[str]:
    """The medians, as lines of text."""
    rivals = {name.partition(":")[0]: _rate(costs) for name, costs in found.items() if name.startswith(RIVALS)}
    yield f"{'':<28} {'posts/s':>8} {'x rival':>8} {'MiB':>7} {'in a child':>10}"
    for name, costs in found.items():
        base = rivals.get(name.partition(":")[0])
        more = max(cost.memory for cost in costs) / MIB
        child = max(cost.child for cost in costs) / MIB
        ratio = f"{_rate(costs) / base:.2f}x" if base else ""
        yield f"{name:<28} {_rate(costs):8.0f} {ratio:>8} {more:7.0f} {child:10.0f}"


def _rate(costs: list[Cost]) -> float:
    return median(cost.result / cost.seconds for cost in costs)


if __name__ == "__main__":
    main()
