"""Does a server under load change over to each new index, without a failed or a mixed answer, and without growing?"""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from indexer import Engine, Settings, open_engine
from tests.conftest import Counted, is_soak, make_post
from tests.server.running import get, serving

WAIT = 60
"""Seconds that a busy machine may take for what takes one."""

READERS = 4
MORE_FILES = 4
"""File descriptors that a process may have open beyond those of the beginning: those of a look, and of a request."""

MORE_BYTES = 8 << 20
"""Bytes of its own that a process may take beyond those of the beginning, however many indexes it has seen."""

WARM_UP = 400 if is_soak() else 5
"""Changes before anything is measured. A process keeps texts for the next question, 12 MiB of them; then it is full."""


def posts(number: int) -> list[Any]:
    """What the index number *number* holds: each post says the number wherever it can."""
    mark = f"mark{number:06}"
    return [
        make_post(
            f"Post {n} {mark}",
            id=f"{n}.md",
            body=f"shared {mark} " + f"word{n} " * 200,
            tags=(mark,),
            date="2024-01-01",
        )
        for n in range(20 + number % 2 * 10)
    ]


def publish(engine: Engine, number: int) -> str:
    """Put the posts of *number* in place of all others."""
    fresh = posts(number)
    engine.apply(put=fresh, drop=sorted(engine.digests().keys() - {post.id for post in fresh}))
    return engine.generation


@dataclass
class Reader:
    """Asks one question after another, and keeps a list of all that is wrong with the answers."""

    address: str
    done: Event
    answers: int = 0
    seen: set[str] = field(default_factory=set)
    wrong: list[object] = field(default_factory=list)

    def run(self) -> None:
        while not self.done.is_set() and not self.wrong:
            connection = HTTPConnection(self.address, timeout=WAIT)
            try:
                for _ in range(20):  # then another process may get its turn
                    self.look(connection)
            except Exception as error:
                self.wrong.append(error)
            finally:
                connection.close()

    def look(self, connection: HTTPConnection) -> None:
        connection.request("GET", "/api/v1/search?q=shared&per_page=100")
        response = connection.getresponse()
        body = response.read()
        self.answers += 1
        if response.status != 200 or (found := mixed(json.loads(body))):
            self.wrong.append((response.status, body if response.status != 200 else found))
        else:
            self.seen.add(json.loads(body)["facets"]["tags"][0]["value"])


def mixed(answer: dict[str, Any]) -> object:
    """What in an answer is not of one and the same index."""
    marks = {word for hit in answer["results"] for word in marks_of(hit)}
    facets = [(facet["value"], facet["count"]) for facet in answer["facets"]["tags"]]
    expected = len(posts(int(min(marks)[4:]))) if marks else 0
    right = len(marks) == 1 and facets == [(min(marks), expected)]
    return None if right and answer["total"] == expected == len(answer["results"]) else (marks, facets, answer["total"])


def marks_of(hit: dict[str, Any]) -> Iterator[str]:
    texts = (hit["title"], hit["description"], *hit["tags"], *(piece["text"] for piece in hit["snippet"]))
    return (word for text in texts for word in text.split() if word.startswith("mark"))


def workers(server: subprocess.Popen[str]) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()]


def files_open(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def private_bytes(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) << 10 for line in lines if line.startswith(("Private_Dirty:", "Swap:")))


def wait_until_all_serve(address: str, generation: str) -> None:
    """Until a good number of requests in a row are answered from *generation*, whichever process they reach."""
    end, row = time.monotonic() + WAIT, 0
    while row < 30:
        row = row + 1 if get(f"{address}/healthz")[1]["generation"] == generation else 0
        assert time.monotonic() < end


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(index=tmp_path / "index")


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    """Changes the index while a server reads it."""
    engine = open_engine(settings)
    publish(engine, 0)
    yield engine
    engine.close()


@pytest.mark.slow
@pytest.mark.soak
@pytest.mark.timeout(0 if is_soak() else 120)
def test_no_answer_fails_or_mixes_two_indexes_however_often_they_change(
    settings: Settings, engine: Engine, counted: Counted
) -> None:
    swaps = 1_000 if is_soak() else 10
    with serving(settings.index.parent, "--workers", "2", "--index", str(settings.index)) as (_, address, server):
        change_under_load(address, engine, range(1, WARM_UP + 1))
        before = {pid: (files_open(pid), private_bytes(pid)) for pid in workers(server)}
        readers = change_under_load(address, engine, range(WARM_UP + 1, WARM_UP + 1 + swaps))
        after = {pid: (files_open(pid), private_bytes(pid)) for pid in workers(server)}
    assert before.keys() == after.keys()
    grown = [(after[pid][0] - before[pid][0], after[pid][1] - before[pid][1]) for pid in before]
    assert all(files <= MORE_FILES and size <= MORE_BYTES for files, size in grown), grown
    counted(
        "Indexes changed {swaps} times under {answers} requests: 0 failed or mixed;"
        " at most {files} more files and {kib} more KiB per process.",
        swaps=swaps,
        answers=sum(reader.answers for reader in readers),
        files=max(files for files, _ in grown),
        kib=max(size for _, size in grown) >> 10,
    )


def change_under_load(address: str, engine: Engine, numbers: range) -> list[Reader]:
    """Have every process serve one index after another, while readers ask without pause."""
    done = Event()
    readers = [Reader(address.removeprefix("http://"), done) for _ in range(READERS)]
    threads = [Thread(target=reader.run) for reader in readers]
    for thread in threads:
        thread.start()
    try:
        for number in numbers:
            wait_until_all_serve(address, publish(engine, number))
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert [fault for reader in readers for fault in reader.wrong] == []
    assert len(set().union(*(reader.seen for reader in readers))) >= len(numbers) // 2
    return readers


def test_a_damaged_new_index_is_refused_and_told_while_the_old_one_serves(settings: Settings, engine: Engine) -> None:
    with serving(settings.index.parent, "--workers", "2", "--index", str(settings.index)) as (_, address, _):
        health = get(f"{address}/healthz")[1]
        put_damaged_in_use(settings)
        end = time.monotonic() + WAIT
        while (told := get(f"{address}/healthz")[1])["status"] == "ok":
            assert time.monotonic() < end
        assert (told["posts"], told["generation"]) == (health["posts"], health["generation"])
        for _ in range(20):
            status, answer = get(f"{address}/api/v1/search?q=shared&per_page=100")
            assert (status, mixed(answer)) == (200, None)
            assert answer["facets"]["tags"][0]["value"] == "mark000000"
        wait_until_all_serve(address, publish(engine, 2))
        assert get(f"{address}/healthz")[1]["status"] == "ok"


def put_damaged_in_use(settings: Settings) -> None:
    """What a writer on a failing disk would leave."""
    elsewhere = replace(settings, index=settings.index.with_name("elsewhere"))
    shutil.copytree(settings.index, elsewhere.index, symlinks=True)
    engine = open_engine(elsewhere)
    publish(engine, 1)
    engine.close()
    place = (elsewhere.index / "current").resolve()
    largest = max(place.glob("*.flat"), key=lambda path: path.stat().st_size)
    content = bytearray(largest.read_bytes())
    content[len(content) // 2] ^= 1
    largest.write_bytes(content)
    shutil.copytree(place, settings.index / place.name)
    link = settings.index / "current.new"
    link.symlink_to(place.name)
    link.replace(settings.index / "current")
