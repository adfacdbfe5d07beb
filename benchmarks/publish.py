"""How long after an edited post is saved is it found?

    python -m benchmarks.publish [--posts 1000,10000,100000] [--rounds R] [--renderer NAME] [--pagefind PROGRAM]

One post among many gets a word that no other has. What is measured begins with its saved file, and ends with the first
answer of a running `postsearch serve` that contains it: with `postsearch watch` beside the server, with a signed
request to it (the webhook), and with `postsearch build` as a command. Pagefind builds everything anew, from pages of
HTML that somebody else has made; its time ends with its build. The figures are medians, and the worst of the rounds.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from time import monotonic, perf_counter, sleep
from urllib.parse import quote

from benchmarks import posts
from benchmarks.build import by_pagefind, program, render
from indexer.workers import cores

SECRET = "the secret of a benchmark"
LOOK = 0.005
"""Seconds between two questions to the server."""

LIMIT = 120
"""Seconds after which something is wrong."""

WAYS = ("watch", "webhook", "build")
_COMMAND = (sys.executable, "-c", "from server.cli import main; main()")

Publish = Callable[[], object]


class Site:
    """Posts in a folder of their own, an index of them, and a server that answers."""

    def __init__(self, folder: Path, count: int, renderer: str) -> None:
        self.folder, self.made = folder, posts.posts(count)
        posts.write(self.made, folder / "content")
        given = {"content": folder / "content", "index": folder / "index", "renderer": renderer}
        given |= {"webhook_secrets": SECRET, "port": 0}
        plain = {name: value for name, value in os.environ.items() if not name.startswith("POSTSEARCH_")}
        self.environment = plain | {f"POSTSEARCH_{name.upper()}": str(value) for name, value in given.items()}
        self.address = ""

    def command(self, name: str) -> None:
        """Run a command of postsearch to its end."""
        subprocess.run([*_COMMAND, name], env=self.environment, check=True, stdout=subprocess.DEVNULL)

    @contextmanager
    def running(self, name: str) -> Iterator[str]:
        """A command of postsearch that goes on, and the first line that it writes."""
        process = subprocess.Popen([*_COMMAND, name], env=self.environment, stdout=subprocess.PIPE, text=True)
        assert process.stdout
        try:
            yield process.stdout.readline()
        finally:
            process.terminate()
            process.communicate()

    def edit(self, word: str) -> None:
        """Add *word* to a post, and save it."""
        place = self.folder / "content" / self.made[len(self.made) // 2].id
        place.write_text(f"{place.read_text('utf-8')}\n{word}\n", "utf-8")

    def finds(self, word: str) -> bool:
        """Whether the server finds *word*."""
        with urllib.request.urlopen(f"{self.address}/api/v1/search?q={quote(word)}", timeout=LIMIT) as answer:
            return bool(json.load(answer)["total"])

    def ask(self) -> None:
        """Have the server build."""
        body = json.dumps({"after": monotonic()}).encode()
        sum = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        headers = {"X-Hub-Signature-256": f"sha256={sum}"}
        urllib.request.urlopen(urllib.request.Request(f"{self.address}/api/v1/reindex", body, headers)).close()

    @contextmanager
    def publishing(self, way: str) -> Iterator[Publish]:
        """What has to be done after a post was saved."""
        if way == "watch":
            with self.running("watch"):
                yield lambda: None
        else:
            yield self.ask if way == "webhook" else lambda: self.command("build")

    def seconds(self, word: str, publish: Publish) -> float:
        """From the saved file to the first answer with *word*."""
        self.edit(word)
        started = perf_counter()
        publish()
        while not self.finds(word):
            if perf_counter() - started > LIMIT:
                raise SystemExit(f"{word} was not found within {LIMIT} seconds")
            sleep(LOOK)
        return perf_counter() - started


def measure(site: Site, rounds: int) -> Iterator[tuple[str, list[float]]]:
    """The seconds of each round, for each way; one round more comes before, and does not count."""
    site.command("build")
    with ExitStack() as stack:
        line = stack.enter_context(site.running("serve"))
        site.address = line.partition(" at ")[2].partition("/search")[0]
        for way in WAYS:
            with site.publishing(way) as publish:
                taken = [site.seconds(f"{way}{number}publishes", publish) for number in range(rounds + 1)]
            yield f"{way}", taken[1:]


def by_peer(pagefind: str, site: Site, rounds: int) -> list[float]:
    """The seconds of each round of Pagefind's."""
    render(site.made, site.folder / "site")
    build = by_pagefind(pagefind, site.folder / "site", site.folder)
    taken = []
    for _ in range(rounds):
        started = perf_counter()
        build()
        taken.append(perf_counter() - started)
    return taken


def main() -> None:
    """Publish, and print a table."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--posts", default="1000,10000,100000", help="default: %(default)s")
    arguments.add_argument("--rounds", type=int, default=7)
    arguments.add_argument("--renderer", default="markdown", help="markdown (the default) or commonmark")
    arguments.add_argument("--pagefind", help="where the program is; default: on the path, or in node_modules here")
    given = arguments.parse_args()
    print(f"seconds from a saved post to the first answer that has it; {given.rounds} rounds, {cores()} cores")
    print(f"{'posts':>7} {'':<10} {'median':>8} {'worst':>8}")
    pagefind = program(given.pagefind)
    for count in map(int, given.posts.split(",")):
        with tempfile.TemporaryDirectory() as folder:
            site = Site(Path(folder), count, given.renderer)
            for way, taken in measure(site, given.rounds):
                show(count, way, taken)
            if pagefind:
                try:
                    show(count, "Pagefind", by_peer(pagefind, site, min(3, given.rounds)))
                except subprocess.CalledProcessError as error:  # as where there is too little memory
                    print(f"{count:>7} Pagefind ended with {error.returncode}")


def show(count: int, way: str, taken: list[float]) -> None:
    """Print a row."""
    print(f"{count:>7} {way:<10} {median(taken):8.3f} {max(taken):8.3f}", flush=True)


if __name__ == "__main__":
    main()
