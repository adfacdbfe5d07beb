"""Is each thing done or given up in time, in order, whatever a task does to its process?"""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from time import monotonic, process_time, sleep

import pytest

from indexer.workers import CHUNK, Stopped, Workers, cores

ROOT = Path(__file__).parents[2]


# What is done to each number: top-level functions, since a spawned process has to find them.


def doubled(number: int) -> int:
    return 2 * number


def slower_at_first(number: int) -> int:
    sleep(max(0, 5 - number) / 50)
    return number


def naps(number: int) -> int:
    sleep(0.3)
    return number


def toils(number: int) -> int:
    began = process_time()
    while process_time() - began < 0.3:
        pass
    return number


def hangs_at_odd(number: int) -> int:
    if number % 2:
        sleep(600)
    return number


def hangs_at_three(number: int) -> int:
    if number == 3:
        sleep(600)
    return number


def spins_at_three(number: int) -> int:
    while number == 3:
        pass
    return number


def exits_at_three(number: int) -> int:
    if number == 3:
        os._exit(1)
    return number


def is_killed_at_three(number: int) -> int:
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def fails_at_three(number: int) -> int:
    if number == 3:
        raise ValueError("the third")
    return number


def asks_for_too_much_at_three(number: int) -> int:
    return len(bytearray(1 << 62)) if number == 3 else number


def long_text(number: int) -> bytes:
    return b"x" * number


def process(number: int) -> int:
    sleep(0.05)
    return os.getpid()


def dies_after_seven(number: int) -> int:
    """The process that has done 7 dies while it waits for more, and the one that is at 2 hangs."""
    if number == 7:
        threading.Timer(0.2, os._exit, (1,)).start()
    if number == 2:
        sleep(600)
    return number


def dies_with_its_last(number: int) -> int:
    threading.Timer(0.0, os._exit, (1,)).start()
    return number


Task = Callable[[int], object]


def done(task: Task, *things: int, jobs: int = 2, seconds: float = 30.0) -> list[object]:
    """What *task* makes of *things*; None stands for one that was given up."""
    results = Workers(task, jobs, seconds).map(things)
    return [None if isinstance(result, Stopped) else result for result in results]


@pytest.fixture(autouse=True)
def no_process_is_left() -> Iterator[None]:
    """Whatever a test does to it, a map leaves nothing running."""
    yield
    assert multiprocessing.active_children() == []


@pytest.fixture(params=["fork", "spawn"])
def threads(request: pytest.FixtureRequest) -> Iterator[None]:
    """Once alone, and once beside another thread, when processes have to start afresh."""
    if request.param == "fork":
        yield
        return
    end = threading.Event()
    other = threading.Thread(target=end.wait)
    other.start()
    yield
    end.set()
    other.join()


@pytest.mark.parametrize("jobs", [1, 2, 5])
@pytest.mark.parametrize("count", [0, 1, 2, CHUNK, 1_000])
def test_results_come_in_the_order_of_the_things(jobs: int, count: int) -> None:
    assert done(doubled, *range(count), jobs=jobs) == [2 * number for number in range(count)]


def test_a_slow_thing_does_not_lose_its_place() -> None:
    assert done(slower_at_first, *range(20), jobs=5) == list(range(20))


def test_things_are_shared_between_the_processes() -> None:
    pids = set(done(process, *range(20), jobs=4))
    assert len(pids) == 4
    assert os.getpid() not in pids


def test_more_jobs_than_things_start_no_idle_process() -> None:
    assert len(set(done(process, 0, 1, 2, jobs=50))) == 3


def test_large_results_are_handed_over_whole() -> None:
    sizes = [0, 1, 70_000, 5_000_000, 3]
    assert done(long_text, *sizes) == [b"x" * size for size in sizes]


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("task", [hangs_at_three, spins_at_three])
def test_a_thing_that_takes_too_long_is_given_up_and_the_rest_are_done(task: Task, jobs: int) -> None:
    assert done(task, *range(80), jobs=jobs, seconds=1.5) == [*range(3), None, *range(4, 80)]


def test_each_thing_has_its_own_time() -> None:
    assert done(naps, *range(8), jobs=1, seconds=2.0) == list(range(8))


def test_many_things_may_take_too_long() -> None:
    assert done(hangs_at_odd, *range(8), jobs=4, seconds=1.5) == [0, None, 2, None, 4, None, 6, None]


@pytest.mark.parametrize("threads", ["spawn"], indirect=True)
def test_a_thing_that_hangs_beside_other_threads_is_given_up(threads: None) -> None:
    assert done(hangs_at_three, *range(6), seconds=3.0) == [0, 1, 2, None, 4, 5]


@pytest.mark.usefixtures("threads")
@pytest.mark.parametrize("task", [exits_at_three, is_killed_at_three])
@pytest.mark.parametrize("jobs", [1, 3])
def test_a_thing_that_ends_its_process_takes_nothing_with_it(
    task: Task, jobs: int, capfd: pytest.CaptureFixture[str]
) -> None:
    assert done(task, *range(80), jobs=jobs) == [*range(3), None, *range(4, 80)]
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.parametrize("task", [fails_at_three, asks_for_too_much_at_three])
def test_a_task_that_fails_ends_in_a_result_and_shows_no_traceback(
    task: Task, capfd: pytest.CaptureFixture[str]
) -> None:
    assert done(task, *range(6)) == [0, 1, 2, None, 4, 5]
    assert "Traceback" not in capfd.readouterr().err


def test_every_thing_may_end_its_process() -> None:
    assert done(exits_at_three, *[3] * 40, jobs=3) == [None] * 40


def test_a_process_may_die_while_it_waits() -> None:
    assert done(dies_after_seven, *range(8), seconds=1.0) == [0, 1, None, 3, 4, 5, 6, 7]


def test_processes_may_die_between_one_thing_and_the_next() -> None:
    found = done(dies_with_its_last, *range(40))
    assert len(found) == 40
    assert all(result in (number, None) for number, result in enumerate(found))


def test_what_was_given_up_says_why() -> None:
    [slow] = Workers(hangs_at_odd, 1, 1.5).map([1])
    [dead] = Workers(exits_at_three, 1, 30.0).map([3])
    assert slow == Stopped("takes longer than 1.5 seconds to read")
    assert dead == Stopped("stopped the process that read it")


def test_a_long_wait_between_results_gives_up_nothing() -> None:
    results = Workers(doubled, 2, 1.0).map(range(200))
    first = next(results)
    sleep(1.5)
    assert [first, *results] == [2 * number for number in range(200)]


@pytest.mark.usefixtures("threads")
def test_closing_early_leaves_no_process() -> None:
    results = Workers(hangs_at_odd, 3, 600.0).map([0, 1, 3, 5, 7])
    assert next(results) == 0
    assert multiprocessing.active_children()
    began = monotonic()
    results.close()  # type: ignore[attr-defined]
    assert multiprocessing.active_children() == []
    assert monotonic() - began < 10


def test_what_is_never_asked_for_starts_no_process() -> None:
    Workers(hangs_at_odd, 3, 600.0).map([1])
    assert multiprocessing.active_children() == []


def test_an_error_of_who_asks_leaves_no_process() -> None:
    with pytest.raises(KeyError):
        for _ in Workers(doubled, 2, 30.0).map(range(50)):
            raise KeyError


BUILD = """
import sys
from tests.indexer.test_workers import Workers, spins_at_three

if __name__ == "__main__":
    for number in Workers(spins_at_three, 2, 1.0).map([0, 3, 3]):
        print(number, flush=True)
"""


def alive(group: int) -> bool:
    """Whether any process of *group* still runs; one that only waits to be collected does not."""
    states = (stat.rpartition(")")[2].split() for stat in stats())
    return any(int(state[2]) == group and state[0] != "Z" for state in states)


def stats() -> Iterator[str]:
    """What Linux says of each process: its name in brackets, its state, its parent, its group ..."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            yield path.read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
@pytest.mark.slow
@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT])
def test_no_process_outlives_a_build_that_is_ended(by: signal.Signals, tmp_path: Path) -> None:
    script = tmp_path / "build.py"
    script.write_text(BUILD)
    build = subprocess.Popen(
        [sys.executable, script],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        start_new_session=True,
    )
    try:
        with build:
            assert build.stdout
            assert build.stdout.readline() == b"0\n"
            build.send_signal(by)
        began = monotonic()
        while alive(build.pid) and monotonic() - began < 15:
            sleep(0.1)
        assert not alive(build.pid)
    finally:
        if alive(build.pid):
            os.killpg(build.pid, signal.SIGKILL)


UNHURRIED = """
from time import process_time
from indexer.workers import Workers

def task(thing):
    began = process_time()
    while process_time() - began < 0.3:
        pass
    return thing

for result in Workers(task, 1, 3.5).map(range(8)):
    print(result, flush=True)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="stops a group of processes")
def test_a_build_that_was_stopped_for_a_while_gives_nothing_up() -> None:
    build = subprocess.Popen(
        [sys.executable, "-c", UNHURRIED], stdout=subprocess.PIPE, text=True, cwd=ROOT, start_new_session=True
    )
    with build:
        assert build.stdout
        assert build.stdout.readline() == "0\n"
        os.killpg(build.pid, signal.SIGSTOP)
        sleep(5)
        os.killpg(build.pid, signal.SIGCONT)
        assert build.stdout.read() == "1\n2\n3\n4\n5\n6\n7\n"


@pytest.mark.slow
def test_a_process_that_stood_still_while_nobody_looked_is_not_to_blame() -> None:
    results = Workers(toils, 1, 2.0).map(range(4))
    assert next(results) == 0
    [process] = multiprocessing.active_children()
    assert process.pid
    sleep(0.1)
    os.kill(process.pid, signal.SIGSTOP)
    sleep(3)
    os.kill(process.pid, signal.SIGCONT)
    assert list(results) == [1, 2, 3]


def test_a_computer_has_cores() -> None:
    assert 1 <= cores() <= (os.cpu_count() or 1)
