"""Does `postsearch watch`, really started, keep the index up to date, whatever happens to it?"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from time import monotonic, sleep
from typing import IO, Any

import pytest

from extras import watching
from indexer.due import due, leave_due
from indexer.engines import open_engine
from indexer.report import Report
from indexer.search import search
from indexer.settings import Settings
from indexer.sync import sync
from tests.indexer.conftest import fill, under
from tests.indexer.missing import run_without

LIMIT = 60
"""Seconds after which what has not happened will not happen; on a quiet machine all of it takes a tenth of one."""

PROGRAM = """
import sys
from extras import watching
watching.AGAIN = 0.2
from indexer.cli import main
main(sys.argv[1:])
"""


class Watch:
    """A running `postsearch watch`, and the lines that it writes."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("POSTSEARCH_")}
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, "watch", *arguments],
            cwd=folder,
            env=clean,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.said, self.complained = self._lines(self.process.stdout), self._lines(self.process.stderr)

    def _lines(self, stream: IO[str] | None) -> Queue[str]:
        assert stream
        lines: Queue[str] = Queue()
        Thread(target=lambda: deque(map(lines.put, stream), 0), daemon=True).start()
        return lines

    def report(self) -> dict[str, Any]:
        """The next report, of those told as JSON."""
        try:
            report: dict[str, Any] = json.loads(self.said.get(timeout=LIMIT))
        except Empty:
            raise AssertionError(f"no report; exit code {self.process.poll()}, {list(self.complained.queue)}") from None
        return report

    def report_of(self, posts: int) -> dict[str, Any]:
        """The first of the next reports that counts so many posts: a change may be met half-way."""
        while (report := self.report())["posts"] != posts:
            pass
        return report

    def stop(self, with_signal: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(with_signal)
        return self.process.wait(LIMIT)


Start = Callable[..., Watch]


@pytest.fixture
def site(tmp_path: Path) -> Settings:
    """A site with one post."""
    fill(tmp_path / "content", {"a.md": under("title: A", "apple")})
    return Settings(content=tmp_path / "content", index=tmp_path / ".postsearch")


@pytest.fixture
def start(site: Settings) -> Iterator[Start]:
    """Starts watching the site."""
    started: list[Watch] = []

    def start_one(*arguments: str) -> Watch:
        started.append(Watch(site.index.parent, *arguments))
        return started[-1]

    yield start_one
    for watch in started:
        watch.process.kill()
        watch.process.communicate()


def found(site: Settings, question: str) -> list[str]:
    with closing(open_engine(site)) as engine:
        return sorted(hit.id for hit in search(engine, question).hits)


def test_it_builds_at_once_and_after_each_change(site: Settings, start: Start) -> None:
    watch = start("--json")
    assert watch.report()["added"] == 1
    fill(site.content, {"b.md": under("title: B", "banana")})
    assert watch.report_of(2)["added"] == 1
    assert found(site, "banana") == ["b.md"]
    fill(site.content, {"new/folder/c.md": under("title: C", "cherry")})
    watch.report_of(3)
    (site.content / "b.md").unlink()
    assert watch.report_of(2)["removed"] == 1
    assert (found(site, "banana"), found(site, "cherry")) == ([], ["new/folder/c.md"])
    assert watch.stop() == 0
    assert watch.complained.empty()


def test_what_makes_no_difference_makes_no_line(site: Settings, start: Start) -> None:
    watch = start()
    assert watch.said.get(timeout=LIMIT).startswith("1 post: 1 added")
    for name in (".a.md.swp", "a.md~", "4913", "picture.png"):
        fill(site.content, {name: "x"})
        sleep(0.2)
    (site.content / "a.md").touch()
    sleep(0.2)
    fill(site.content, {"b.md": under("title: B")})
    assert watch.said.get(timeout=LIMIT).startswith("2 posts: 1 added")


def test_what_is_odd_about_a_file_is_said_once(site: Settings, start: Start) -> None:
    watch = start()
    watch.said.get(timeout=LIMIT)
    fill(site.content, {"bad.md": under("title: [")})
    assert watch.said.get(timeout=LIMIT).startswith("skipped: bad.md:")
    assert watch.said.get(timeout=LIMIT).startswith("1 post: 0 added")
    fill(site.content, {"b.md": under("title: B")})
    assert watch.said.get(timeout=LIMIT).startswith("2 posts: 1 added, 0 updated, 0 removed, 1 unchanged; 1 skipped")


@pytest.mark.slow
def test_a_post_appears_and_another_goes_when_its_moment_comes(site: Settings, start: Start) -> None:
    moment = (datetime.now(UTC) + timedelta(seconds=4)).replace(microsecond=0)
    fill(
        site.content,
        {
            "a.md": under(f"title: A\nexpires: {moment.isoformat()}", "apple"),
            "b.md": under(f"title: B\ndate: {moment.isoformat()}", "banana"),
            "c.md": under("title: C"),
        },
    )
    watch = start("--json")
    watch.report_of(2)
    report = watch.report()
    while not report["added"]:
        report = watch.report()
    assert datetime.now(UTC) >= moment
    assert (found(site, "apple"), found(site, "banana")) == ([], ["b.md"])
    assert due(site) is None


@pytest.mark.slow
def test_it_goes_on_when_the_content_folder_vanishes_for_a_moment(site: Settings, start: Start) -> None:
    watch = start("--json")
    watch.report()
    away = site.content.with_name("away")
    site.content.rename(away)
    assert "there is no folder of posts" in watch.complained.get(timeout=LIMIT)
    assert found(site, "apple") == ["a.md"]
    fill(away, {"b.md": under("title: B", "banana")})
    away.rename(site.content)
    watch.report_of(2)
    fill(site.content, {"c.md": under("title: C")})
    watch.report_of(3)


def test_it_follows_a_folder_that_takes_the_place_of_another(site: Settings, start: Start) -> None:
    watch = start("--json")
    watch.report()
    fill(site.content.with_name("next"), {"b.md": under("title: B"), "c.md": under("title: C")})
    site.content.rename(site.content.with_name("before"))
    site.content.with_name("next").rename(site.content)
    watch.report_of(2)
    fill(site.content, {"d.md": under("title: D")})
    watch.report_of(3)


def test_it_tells_of_trouble_once_and_tries_again_by_itself(site: Settings, start: Start) -> None:
    fill(site.index / "current", {"thesis.txt": "the only copy"})
    watch = start("--json")
    assert "choose another folder" in watch.complained.get(timeout=LIMIT)
    sleep(1)
    (site.index / "current" / "thesis.txt").unlink()
    assert watch.report()["posts"] == 1
    assert watch.complained.empty()


def test_it_publishes_nothing_while_search_tests_fail_and_goes_on_once_they_are_put_right(
    site: Settings, start: Start
) -> None:
    watch = start("--json")
    watch.report_of(1)
    tests = site.index.parent / "search-tests.yml"
    tests.write_text("- {query: apple, first: b.md}", "utf-8")
    fill(site.content, {"b.md": under("title: B", "banana")})
    assert "`apple`: b.md should be first" in watch.complained.get(timeout=LIMIT)
    assert found(site, "banana") == []
    tests.write_text("- {query: banana, first: b.md}", "utf-8")
    assert watch.report_of(2)["search_tests"] == 1
    assert found(site, "banana") == ["b.md"]


def test_an_index_among_the_posts_does_not_set_it_off_for_ever(site: Settings, start: Start) -> None:
    folder = site.index.parent
    start(".", "--index", "index", "--json").report()
    until, before = monotonic() + LIMIT, None
    while (now := times(folder / "index")) != before:
        assert monotonic() < until
        before = now
        sleep(1)


def times(folder: Path) -> dict[Path, int]:
    """When each file there was last written."""
    found = {}
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):
            found[path] = path.lstat().st_mtime_ns
    return found


@pytest.mark.parametrize("with_signal", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_when_told_to_and_leaves_a_whole_index(
    site: Settings, start: Start, with_signal: signal.Signals
) -> None:
    watch = start("--json")
    watch.report()
    fill(site.content, {f"{number}.md": under(f"title: {number}", "apple " * 500) for number in range(200)})
    sleep(0.1)
    assert watch.stop(with_signal) == 0
    assert "a.md" in found(site, "apple")
    assert sync(site).posts == 201
    assert watch.complained.empty()


def test_a_moment_that_a_build_does_not_get_past_starts_no_storm_of_builds(
    site: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Report] = []
    with closing(open_engine(site)) as engine:
        missing = Settings(content=site.content / "missing", index=site.index)
        sync(site)
        leave_due(site.index, "2020-01-01")
        watcher = watching._Watcher(missing, engine, lambda report, _: told.append(report), lambda _: None)
        assert watcher.is_time()
        watcher.build()
        assert not watcher.is_time()
        monkeypatch.setattr(watching, "AGAIN", -1.0)
        watcher.build()
        assert watcher.is_time()
    assert told == []


WITHOUT = """
import sys
from indexer.cli import main
sys.stderr = sys.stdout
try:
    main(["watch"])
except SystemExit as end:
    print(end.code)
"""


def test_without_watchfiles_it_says_what_to_install(tmp_path: Path) -> None:
    assert run_without("watchfiles", WITHOUT, tmp_path).splitlines() == [
        "postsearch: watching needs: pip install '.[watch]' in the clone of postsearch",
        "2",
    ]
