"""Do readers get their answers while others do their worst?"""

from __future__ import annotations

import re
import socket
import subprocess
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from http.client import HTTPConnection
from random import Random
from statistics import median
from time import perf_counter
from urllib.parse import quote, urlsplit

import pytest

from benchmarks.posts import posts
from indexer import Settings, open_engine
from tests.conftest import Counted, is_soak
from tests.server import hostile
from tests.server.running import get, serving
from tests.server.test_following import private_bytes, workers

pytestmark = [pytest.mark.slow, pytest.mark.timeout(0 if is_soak() else 300)]

POSTS = 10_000
RUNS = 9 if is_soak() else 5
HUNDREDS = 3
"""Of questions of readers in each run, of each kind."""

LATER = 0.03
"""Seconds that one question of a hundred may wait longer because of others."""

SLOW_CLIENTS = 200
MORE_BYTES = 16 << 20
"""Bytes of its own that a process may take for all that hostile clients do."""

Server = tuple[str, subprocess.Popen[str]]


@pytest.fixture(scope="module")
def words() -> list[str]:
    """Words of the posts, as often as they occur."""
    return [word for post in posts(300) for word in re.findall(r"\w{4,}", post.body)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The address of a server of two processes over many posts, and its process."""
    folder = tmp_path_factory.mktemp("neighbours")
    with closing(open_engine(Settings(index=folder / "index"))) as engine:
        engine.apply(put=posts(POSTS))
    with serving(folder, "--workers", "2", "--index", "index") as (_, address, process):
        yield address, process


def waits(address: str, paths: Sequence[str]) -> list[float]:
    """How long each of these was waited for, over one connection after another, as browsers ask."""
    took = []
    for path in paths:
        began = perf_counter()
        with closing(HTTPConnection(urlsplit(address).netloc, timeout=20)) as connection:
            connection.request("GET", path)
            response = connection.getresponse()
            response.read()
        took.append(perf_counter() - began)
        assert response.status < 500, path
    return took


def honest(words: Sequence[str], dice: Random) -> list[str]:
    """A hundred questions of readers, each something else, so that no answer is one that was kept."""
    asked = [" ".join(dice.choices(words, k=dice.randint(1, 4))) for _ in range(100)]
    return [f"/search?q={quote(question)}" for question in asked]


def slowest(took: Sequence[float]) -> float:
    """How long the slowest hundredth of them takes at least."""
    return sorted(took)[int(len(took) * 0.99)]


def test_readers_do_not_notice_one_hostile_question_in_a_hundred(
    server: Server, words: list[str], counted: Counted
) -> None:
    """Hundred by hundred in turn, so that whatever else the machine does hits all alike; and twice without attacks.

    By how much these two differ, the machine alone makes a question slower.
    """
    address, _ = server
    dice = Random(1)
    attacks = [f"/search?{query}" for query in hostile.questions()]
    dice.shuffle(attacks)
    waits(address, honest(words, dice))
    runs: dict[str, list[float]] = {"alone": [], "again": [], "beside": []}
    for _ in range(RUNS):
        took: dict[str, list[float]] = {name: [] for name in runs}
        for _ in range(HUNDREDS):
            for name in dice.sample(list(runs), len(runs)):
                with ThreadPoolExecutor(1) as pool:
                    other = pool.submit(waits, address, [attacks.pop()] if name == "beside" else [])
                    took[name] += waits(address, honest(words, dice))
                    other.result()
        for name, each in took.items():
            runs[name].append(slowest(each))
    alone, again, beside = map(median, runs.values())
    counted(
        "One question of a hundred took {alone} ms or longer, {again} the second time, {beside} beside hostile ones.",
        **{name: round(1000 * median(each)) for name, each in runs.items()},
    )
    assert beside <= (alone + again) / 2 + LATER + abs(alone - again), runs


def connected(address: str, stack: ExitStack) -> socket.socket:
    place = urlsplit(address)
    return stack.enter_context(closing(socket.create_connection((str(place.hostname), place.port or 0), timeout=20)))


def test_slow_clients_keep_nobody_from_an_answer(server: Server, words: list[str], counted: Counted) -> None:
    address, process = server
    paths = honest(words, Random(2))
    waits(address, honest(words, Random(4)))
    before = {pid: private_bytes(pid) for pid in workers(process)}
    with ExitStack() as stack:
        slow = [connected(address, stack) for _ in range(SLOW_CLIENTS)]
        took: list[float] = []
        for letter in b"GET /search?q=slow HTTP/1.1\r\nHost: x\r\nX-Slow: ":
            for one in slow:
                one.sendall(bytes([letter]))
            took += waits(address, paths[len(took) :][:2])
        after = {pid: private_bytes(pid) for pid in workers(process)}
    grown = max(after[pid] - before[pid] for pid in before)
    counted(
        "While {clients} slow clients were served, an answer took {wait} ms, and a process {kib} KiB more.",
        clients=SLOW_CLIENTS,
        wait=round(1000 * median(took)),
        kib=grown >> 10,
    )
    assert max(took) < 1
    assert grown < MORE_BYTES


def test_huge_headers_are_refused_and_leave_no_trace(server: Server, words: list[str]) -> None:
    address, process = server
    paths = honest(words, Random(3))
    waits(address, honest(words, Random(5)))
    before = {pid: private_bytes(pid) for pid in workers(process)}
    answers = set()
    for number in range(100):
        with ExitStack() as stack:
            one = connected(address, stack)
            with suppress(ConnectionError):
                one.sendall(b"GET /search HTTP/1.1\r\nHost: x\r\n")
                for _ in range(64):
                    one.sendall(b"X-Huge: " + b"x" * (16 << 10) + b"\r\n")
                one.sendall(b"\r\n")
            with suppress(ConnectionError):
                answers.add(one.recv(100).split(b"\r\n")[0])
        assert max(waits(address, paths[number : number + 1])) < 1
    grown = max(private_bytes(pid) - before[pid] for pid in before)
    assert answers == {b"HTTP/1.1 431 Request Header Fields Too Large"}
    assert get(f"{address}/healthz")[0] == 200
    assert grown < MORE_BYTES
