"""Does whatever else happens to the disk, the clock or the folders end in a clear line, and lose nothing?"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from indexer.engines.whoosh import WhooshEngine
from indexer.search import search
from indexer.settings import Settings
from indexer.sync import sync
from server.app import create_app
from tests.conftest import Counted
from tests.disk import Fault, run
from tests.engines.scenes import rubbish
from tests.indexer.conftest import fill, under

POSTSEARCH = Path(sys.executable).with_name("postsearch")
FIRST = {"a.md": under("title: Bread", "bread"), "b.md": under("title: Butter", "butter")}


@pytest.fixture
def site(tmp_path: Path) -> Settings:
    """A site of two posts, which are indexed."""
    site = Settings(content=fill(tmp_path / "content", dict(FIRST)), index=tmp_path / "index", jobs=1)
    sync(site)
    return site


def found(site: Settings, question: str) -> int:
    with closing(WhooshEngine(site.index)) as engine:
        return search(engine, question).total


def assert_one_line(said: str, *parts: str) -> None:
    assert said.startswith("postsearch: ")
    assert said.count("\n") == 1
    assert all(part in said for part in parts), said


@pytest.mark.parametrize(("kind", "reason"), [("EROFS", "Read-only file system"), ("EACCES", "Permission denied")])
def test_a_folder_that_cannot_be_written_is_said_in_a_line(site: Settings, kind: str, reason: str) -> None:
    fill(site.content, {"c.md": under("title: Salt", "salted")})
    done = run("build", site.content, "--index", site.index, below=site.index, fault=Fault(at=0, kind=kind))
    assert done.code == 5
    assert_one_line(done.err, reason, str(site.index))
    assert (found(site, "bread"), found(site, "salted")) == (1, 0)


@pytest.mark.parametrize("kind", ["EROFS", "EACCES"])
def test_an_index_that_cannot_be_written_can_be_read(site: Settings, kind: str) -> None:
    done = run("search", "bread", "--index", site.index, below=site.index, fault=Fault(at=0, kind=kind))
    assert (done.code, done.count) == (0, 0)


def test_a_file_that_grows_beyond_what_is_allowed_is_said_in_a_line(site: Settings) -> None:
    fill(site.content, {"c.md": under("title: Salt", "\n\n".join(f"salted {n:x}" for n in range(2_000)))})
    done = postsearch("build", str(site.content), "--index", str(site.index), most_bytes=1 << 14)
    assert done.returncode == 5
    assert_one_line(done.stderr, "File too large")
    assert (found(site, "bread"), found(site, "salted")) == (1, 0)
    assert sync(site).added == 1
    assert found(site, "salted") == 1


def postsearch(*arguments: str, most_bytes: int) -> subprocess.CompletedProcess[str]:
    """Run the command in a process that may not write longer files."""
    command = [str(POSTSEARCH), *arguments]
    limited = "import os, resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, ({0}, {0})); os.execv({1!r}, {2!r})"
    program = limited.format(most_bytes, command[0], command)
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=100, check=False)


@pytest.mark.parametrize("command", [["search", "bread"], ["tags"], ["stats"], ["rollback"]], ids=str)
def test_a_folder_that_is_not_there_is_said_in_a_line(tmp_path: Path, command: Sequence[str]) -> None:
    done = run(*command, "--index", tmp_path / "nowhere", below=tmp_path)
    assert done.code == 3
    assert_one_line(done.err, "nowhere", "postsearch build")


def test_a_file_in_place_of_the_folder_is_said_in_a_line(tmp_path: Path) -> None:
    fill(tmp_path, {"content/a.md": under("title: A"), "index": "a file"})
    done = run("build", tmp_path / "content", "--index", tmp_path / "index", below=tmp_path)
    assert done.code == 5
    assert_one_line(done.err, str(tmp_path / "index"))


def test_a_server_whose_index_is_removed_answers_on_and_takes_the_next_one(site: Settings) -> None:
    with closing(WhooshEngine(site.index)) as engine:
        client = create_app(engine).test_client()
        assert b"Bread" in client.get("/api/v1/search?q=bread").data
        shutil.rmtree(site.index)
        assert b"Bread" in client.get("/api/v1/search?q=bread").data
        assert b"degraded" in client.get("/healthz").data
        fill(site.content, {"a.md": under("title: Loaf", "bread")})
        sync(site)
        for _ in range(100):
            if b"Loaf" in client.get("/api/v1/search?q=bread").data:
                break
            time.sleep(0.1)
        assert b"Loaf" in client.get("/api/v1/search?q=bread").data
        assert b'"ok"' in client.get("/healthz").data


@pytest.mark.parametrize("moment", [0, 1, 4_000_000_000], ids=["1970", "a second later", "2096"])
def test_a_post_that_was_written_in_another_age_is_read_like_any(site: Settings, moment: int) -> None:
    for name, text in FIRST.items():
        fill(site.content, {name: text.replace("bread", "salty")})
        os.utime(site.content / name, (moment, moment))
    sync(site)
    assert (found(site, "bread"), found(site, "salty")) == (1, 1)


def test_a_change_is_noticed_though_size_and_time_stay_the_same(site: Settings) -> None:
    before = (site.content / "a.md").stat()
    sync(site)
    fill(site.content, {"a.md": FIRST["a.md"].replace("\nbread", "\nsalty")})
    os.utime(site.content / "a.md", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (site.content / "a.md").stat().st_size == before.st_size
    assert sync(site).updated == 1
    assert found(site, "salty") == 1


@pytest.mark.parametrize("jump", [-10_000_000, 10_000_000])
def test_a_clock_that_jumps_changes_nothing(site: Settings, monkeypatch: pytest.MonkeyPatch, jump: int) -> None:
    real, real_ns = time.time, time.time_ns
    monkeypatch.setattr(time, "time", lambda: real() + jump)
    monkeypatch.setattr(time, "time_ns", lambda: real_ns() + jump * 10**9)
    monkeypatch.setattr("indexer.seen.time_ns", time.time_ns)
    fill(site.content, {"a.md": under("title: Bread", "salted"), "c.md": under("title: New", "new")})
    report = sync(site)
    assert (report.added, report.updated, report.unchanged) == (1, 1, 1)
    assert (found(site, "salted"), found(site, "new"), found(site, "butter")) == (1, 1, 1)


@pytest.mark.slow
def test_twenty_builds_at_once_hold_what_the_folder_holds_in_the_end(site: Settings, counted: Counted) -> None:
    builds = []
    for number in range(20):
        fill(site.content, {f"{number % 7}.md": under(f"title: Post {number}", f"bread number{number}")})
        if number % 5 == 4:
            (site.content / f"{(number - 2) % 7}.md").unlink()
        command: list[str | Path] = [POSTSEARCH, "build", site.content, "--index", site.index]
        builds.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
    ends = [(build.communicate(timeout=100)[1], build.returncode) for build in builds]
    assert [end for end in ends if end[1] != 0 or "Traceback" in end[0]] == []
    report = sync(site)
    assert (report.added, report.updated, report.removed) == (0, 0, 0)
    assert report.unchanged == len(list(site.content.glob("*.md")))
    assert list(rubbish(site.index)) == []
    counted("{builds} builds ran at once: all ended well.", builds=len(builds))
