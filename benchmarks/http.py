"""What does HTTP add to a question, and how many answers a second does one process give?

    python -m benchmarks.http [--posts N] [--rounds R] [--seconds S]

`postsearch serve` with one process, asked by wrk (the package of Debian) from another process on the same machine.
Two tables:

- the median time of an answer that is not kept, over one connection, beside that of `indexer.search` in a process, and
  that of an empty route of Flask on the same web server;
- requests a second over several connections: answers that are not kept, those that are, and those that the client has
  (304), as shares of what the empty route gives.

Beside them stand tantivy and SQLite's FTS5, each behind a route of Flask on the same web server that gives the full
answer of `benchmarks.search` as JSON, and does nothing else: no limits, no headers, nothing kept.

Every figure is a median of rounds in which all take their turn. Machines differ: shares of one run hold.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter, sleep
from typing import Any
from urllib.parse import quote, urlencode
from urllib.request import urlopen

from flask import Flask, Response, request
from granian import Granian

from benchmarks.peers.race import built, chosen
from benchmarks.posts import posts
from benchmarks.questions import questions
from indexer import Engine, Settings, open_engine, search
from server.serve import THREADS

CONNECTIONS = 8
SPELLINGS = 200
"""Of each question: blanks before it make no other question, but an answer that is kept by another name."""

KINDS = ("any-word", "tag + word", "prefix")
RIVALS = ("tantivy", "sqlite")
ADDRESS = re.compile(r"http://[0-9.:]+")

_BARE = ("-m", "benchmarks.http", "--bare")

_SCRIPT = """
local paths, headers, next = {}, %s, %d
for line in io.lines("%s") do paths[#paths + 1] = line end
request = function()
  next = next %% #paths + 1
  return wrk.format("GET", paths[next], headers)
end
"""


class Wrk:
    """Asks for *paths* one after the other, with *headers*; each time it goes on where it was."""

    def __init__(self, folder: Path, name: str, address: str, paths: list[str], headers: str = "{}") -> None:
        self._lines, self._script = folder / f"{name}.txt", folder / f"{name}.lua"
        self._lines.write_text("\n".join(paths), "utf-8")
        self._address, self._headers, self._asked, self._paths = address, headers, 0, len(paths)

    def ask(self, seconds: int, connections: int) -> tuple[float, float]:
        """The median time of an answer in milliseconds, and how many there were in a second."""
        self._script.write_text(_SCRIPT % (self._headers, self._asked % self._paths, self._lines), "utf-8")
        how = ["-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", str(self._script), self._address]
        said = subprocess.run(["wrk", *how], check=True, capture_output=True, text=True).stdout
        refused = re.search(r"Non-2xx or 3xx responses: \d+|Socket errors: .*", said)
        assert not refused, said
        figure, unit = re.findall(r"50%\s+([0-9.]+)(us|ms|s)\b", said)[0]
        (rate,) = re.findall(r"Requests/sec:\s+([0-9.]+)", said)
        self._asked += int(re.findall(r"(\d+) requests in", said)[0])
        return float(figure) * {"us": 0.001, "ms": 1, "s": 1000}[unit], float(rate)


@contextmanager
def served(*command: str) -> Iterator[str]:
    """The address of a server that a Python program starts, and says."""
    with subprocess.Popen([sys.executable, *command], stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            found = ADDRESS.search(server.stdout.readline())
            assert found
            yield found[0]
        finally:
            server.terminate()


def bare(port: int, rival: str, folder: Path) -> None:
    """Serve an empty route as `postsearch serve` serves its own; and one where a *rival* answers, if one is named."""
    app, here = Flask(__name__), threading.local()
    app.add_url_rule("/empty", view_func=lambda: "")

    @app.get("/rival")
    def ask() -> Response:
        if not hasattr(here, "peer"):  # SQLite's connections are of one thread
            (here.peer,) = built(chosen("WHOLE", [rival]), [], folder)
        answer = here.peer.ask(request.args["kind"], request.args["q"])
        return Response(json.dumps(answer, default=str), content_type="application/json")

    how: Any = {"interface": "wsgi", "blocking_threads": Settings().in_flight + THREADS, "log_enabled": False}
    print(f"http://127.0.0.1:{port}", flush=True)
    Granian("bare", port=port, **how).serve(target_loader=lambda: app, wrap_loader=False)


def in_process(engine: Engine, asked: list[str]) -> float:
    """The median time of `search`, in milliseconds."""
    times = []
    for text in asked:
        started = perf_counter()
        search(engine, text)
        times.append((perf_counter() - started) * 1000)
    return median(times)


def run(folder: Path, count: int, rounds: int, seconds: int) -> None:
    """Both tables."""
    made = posts(count)
    index = folder / "index"
    with ExitStack() as stack:
        engine = stack.enter_context(closing(open_engine(Settings(index=index))))
        engine.apply(put=made)
        asked = [question for kind, each in questions(made, 60).items() if kind in KINDS for question in each]
        command = ("-c", "from server.cli import main; main()", "serve", "--index", str(index), "--port", "0")
        ours = stack.enter_context(served(*command))
        rivals = {}
        for peer in built([each for name in RIVALS for each in chosen("WHOLE", [name])], made, folder):
            name = peer.store
            address = stack.enter_context(served(*_BARE, str(_free()), "--rival", name, "--folder", str(folder)))
            paths = [f"/rival?{urlencode({'kind': one.kind, 'q': peer.worded(one)})}" for one in asked]
            rivals[name] = Wrk(folder, name, address, paths)
        empty = stack.enter_context(served(*_BARE, str(_free())))
        figures = measured(folder, engine, [one.text for one in asked], ours, empty, rivals, rounds, seconds)
    print(f"{count} posts, {rounds} rounds, medians")
    print(f"search in a process {figures['search']:.3f} ms, over HTTP {figures['one']:.3f} ms", end=", ")
    print(f"more {figures['one'] - figures['search']:.3f} ms; an empty route {figures['one empty']:.3f} ms")
    print(f"empty {figures['empty']:.0f} a second")
    for name in ("not kept", "kept", "304"):
        print(f"{name:<8} {figures[name]:.0f} a second, {figures[name] / figures['empty']:.0%} of empty")
    for name in rivals:
        share = figures[name] / figures["not kept"]
        print(f"{name:<8} {figures[f'one {name}']:.3f} ms; {figures[name]:.0f} a second, {share:.2f} x ours not kept")


def measured(
    folder: Path,
    engine: Engine,
    asked: list[str],
    ours: str,
    empty: str,
    rivals: Mapping[str, Wrk],
    rounds: int,
    seconds: int,
) -> dict[str, float]:
    """The medians of all that is measured, by name."""
    path = "/api/v1/search?q="
    plain = [f"{path}{quote(text)}" for text in asked]
    other = [f"{path}{'+' * spaces}{quote(text)}" for spaces in range(1, SPELLINGS) for text in asked]
    with urlopen(f"{ours}{plain[0]}") as response:
        etag = json.dumps(response.headers["ETag"])
    not_kept = Wrk(folder, "other", ours, other)
    kept = Wrk(folder, "plain", ours, plain)
    had = Wrk(folder, "had", ours, plain[:1], f'{{["If-None-Match"] = {etag}}}')
    nothing = Wrk(folder, "empty", empty, ["/empty"])
    turns: dict[str, Callable[[], float]] = {
        "search": lambda: in_process(engine, asked * 3),
        "one": lambda: not_kept.ask(seconds, 1)[0],
        "one empty": lambda: nothing.ask(seconds, 1)[0],
        "empty": lambda: nothing.ask(seconds, CONNECTIONS)[1],
        "not kept": lambda: not_kept.ask(seconds, CONNECTIONS)[1],
        "kept": lambda: kept.ask(seconds, CONNECTIONS)[1],
        "304": lambda: had.ask(seconds, CONNECTIONS)[1],
    }
    for name, rival in rivals.items():
        turns[f"one {name}"] = lambda rival=rival: rival.ask(seconds, 1)[0]
        turns[name] = lambda rival=rival: rival.ask(seconds, CONNECTIONS)[1]
    figures = defaultdict(list)
    for _ in range(rounds + 1):  # the first is to warm up
        for name, turn in turns.items():
            figures[name].append(turn())
            sleep(0.1)
    return {name: median(each[1:]) for name, each in figures.items()}


def _free() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def main() -> None:
    """Measure, and print the tables."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--posts", type=int, default=10_000)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--seconds", type=int, default=2)
    arguments.add_argument("--bare", type=int, metavar="PORT", help=argparse.SUPPRESS)
    arguments.add_argument("--rival", default="", help=argparse.SUPPRESS)
    arguments.add_argument("--folder", type=Path, default=Path(), help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.bare:
        bare(given.bare, given.rival, given.folder)
    elif not shutil.which("wrk"):
        sys.exit("This needs wrk: apt-get install wrk")
    else:
        with tempfile.TemporaryDirectory() as folder:
            run(Path(folder), given.posts, given.rounds, given.seconds)


if __name__ == "__main__":
    main()
