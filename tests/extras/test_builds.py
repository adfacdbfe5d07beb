"""Does the server have the index built when it should, once, and safely?"""

from __future__ import annotations

import fcntl
import hmac
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.request import Request

import msgspec
import pytest

from extras import builds
from extras.builds import Builds, State
from extras.reindex import ADDRESS
from indexer import Report, Searchable, Settings, open_engine, search, sync
from tests.server.running import get, serving, stop

SECRET = "a secret of the operator"
WAIT = 60
"""Seconds that a busy machine may take for what takes one."""


@pytest.fixture
def site(tmp_path: Path) -> Settings:
    """A site with one post, which is indexed."""
    settings = Settings(content=tmp_path / "posts", index=tmp_path / "index", jobs=1)
    settings.content.mkdir()
    write(settings, "first")
    sync(settings)
    return settings


@pytest.fixture
def engine(site: Settings) -> Iterator[Searchable]:
    engine = open_engine(site)
    yield engine
    engine.close()


def write(settings: Settings, name: str, **front_matter: str) -> None:
    lines = "".join(f"{key}: {value}\n" for key, value in front_matter.items())
    (settings.content / f"{name}.md").write_text(f"---\ntitle: {name}\n{lines}---\nText.", "utf-8")


def found(engine: Searchable) -> set[str]:
    return {hit.title for hit in search(engine, "").hits}


def program(text: str) -> tuple[str, ...]:
    return sys.executable, "-c", text


def outcome(of: Builds) -> State:
    """How the last build went; there was one, and none is asked for."""
    state = of.status()
    assert state.began
    assert state.status == "idle"
    return state


def began(of: Builds) -> datetime:
    moment = of.status().began
    assert moment
    return moment


def until(is_so: Callable[[], object]) -> None:
    end = time.monotonic() + WAIT
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)


def leave_due(settings: Settings, moment: datetime) -> None:
    (settings.index / "due").write_text(moment.isoformat(), "utf-8")


def past(**ago: float) -> datetime:
    return datetime.now(UTC) - timedelta(**ago)


def test_what_was_asked_for_is_built(site: Settings, engine: Searchable) -> None:
    its = Builds(site, engine)
    write(site, "second")
    assert its.ask("a" * 64)
    assert its.status().status == "waiting"
    its.catch_up()
    assert found(engine) == {"first", "second"}
    its_outcome = outcome(its)
    assert (its_outcome.exit_code, its_outcome.trouble) == (0, "")
    assert its_outcome.report
    assert (its_outcome.report.posts, its_outcome.report.added) == (2, 1)
    assert its_outcome.since
    assert began(its) <= its_outcome.since <= datetime.now(UTC)


def test_nothing_is_built_that_nobody_asked_for(site: Settings, engine: Searchable) -> None:
    its = Builds(site, engine)
    its.catch_up()
    assert its.status() == State()


@pytest.mark.slow
def test_each_request_is_answered_once(site: Settings, engine: Searchable) -> None:
    its = Builds(site, engine)
    assert its.ask("a" * 64)
    its.catch_up()
    first = began(its)
    assert not its.ask("a" * 64)
    its.catch_up()
    assert began(its) == first
    assert its.ask("b" * 64)
    its.catch_up()
    assert began(its) > first


def test_requests_are_known_again_as_far_back_as_promised(
    site: Settings, engine: Searchable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(builds, "REMEMBERED", 5)
    its = Builds(site, engine)
    for number in range(100):
        assert its.ask(f"{number:064}")
        assert not any(its.ask(f"{known:064}") for known in range(max(0, number - 4), number + 1))
        assert its.status().status == "waiting"
    assert (site.index / "deliveries").stat().st_size <= 10 * 65


def test_while_a_build_runs_any_number_of_requests_lead_to_one_more(
    site: Settings, engine: Searchable, tmp_path: Path
) -> None:
    text = (
        "from pathlib import Path; from time import sleep\n"
        f"runs, go = Path({str(tmp_path / 'runs')!r}), Path({str(tmp_path / 'go')!r})\n"
        "runs.open('a').write('.')\n"
        "while not go.exists(): sleep(0.01)\n"
    )
    runs = tmp_path / "runs"
    site = replace(site, update=program(text))
    its, other = Builds(site, engine), Builds(site, engine)
    its.ask(f"{0:064}")
    building = Thread(target=its.catch_up)
    building.start()
    until(runs.exists)
    assert all(other.ask(f"{number:064}") for number in range(1, 21))
    assert other.status().status == "running"
    (tmp_path / "go").touch()
    building.join(WAIT)
    assert (runs.read_text(), outcome(other).answered) == ("..", 21)


def test_posts_are_brought_up_to_date_first(site: Settings, engine: Searchable) -> None:
    text = f"open({str(site.content / 'second.md')!r}, 'w').write('---\\ntitle: second\\n---\\nText.')"
    its = Builds(replace(site, update=program(text)), engine)
    its.ask("a" * 64)
    its.catch_up()
    assert found(engine) == {"first", "second"}


@pytest.mark.parametrize(
    ("update", "code", "told"),
    [
        (program("import sys; print('one\\ntwo', file=sys.stderr); sys.exit(7)"), 7, ": exit code 7: two"),
        (program("import os, signal; os.kill(os.getpid(), signal.SIGTERM)"), -15, ": exit code -15: "),
        (("no-such-command", "pull"), 127, "no-such-command pull: exit code 127: [Errno 2] No such file or directory"),
        (("git\0", "pull"), 127, "embedded null byte"),
    ],
)
def test_where_that_fails_the_index_stays_as_it_is(
    site: Settings, engine: Searchable, update: tuple[str, ...], code: int, told: str
) -> None:
    write(site, "second")
    its = Builds(replace(site, update=update), engine)
    its.ask("a" * 64)
    its.catch_up()
    assert (outcome(its).exit_code, outcome(its).report) == (code, None)
    assert told in outcome(its).trouble
    assert found(engine) == {"first"}


def test_a_command_that_takes_too_long_is_killed_with_all_that_it_started(
    site: Settings, engine: Searchable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(builds, "UPDATE_LIMIT", 2)
    child = f"import fcntl, time; f = open({str(tmp_path / 'held')!r}, 'w'); fcntl.flock(f, 2); time.sleep(600)"
    text = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    its = Builds(replace(site, update=program(text)), engine)
    its.ask("a" * 64)
    its.catch_up()
    assert outcome(its).trouble.endswith(": exit code -9: it took longer than 2 seconds")
    assert found(engine) == {"first"}
    with (tmp_path / "held").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # waits for ever while the child of the child lives


def test_what_is_started_learns_no_secret(
    site: Settings, engine: Searchable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSTSEARCH_WEBHOOK_SECRETS", SECRET)
    text = f"import os; open({str(tmp_path / 'seen')!r}, 'w').write(str(os.environ))"
    site = replace(site, update=program(text), admin_token=SECRET)
    its = Builds(site, engine)
    its.ask("a" * 64)
    its.catch_up()
    assert outcome(its).exit_code == 0
    seen = (tmp_path / "seen").read_text()
    assert "PATH" in seen
    assert "POSTSEARCH" not in seen
    assert SECRET not in seen
    assert all(SECRET.encode() not in file.read_bytes() for file in site.index.glob("*") if file.is_file())


def test_a_build_learns_all_settings_but_the_secrets(
    site: Settings, engine: Searchable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = msgspec.json.encode(Report(posts=1, added=0, updated=0, removed=0, unchanged=1)).decode()
    text = f"import json, os; json.dump(dict(os.environ), open({str(tmp_path / 'seen')!r}, 'w')); print({report!r})"
    monkeypatch.setattr(builds, "_BUILD", program(text))
    its = Builds(replace(site, webhook_secrets=(SECRET,), admin_token=SECRET), engine)
    its.ask("a" * 64)
    its.catch_up()
    assert outcome(its).exit_code == 0
    seen = msgspec.json.decode((tmp_path / "seen").read_bytes(), type=dict[str, str])
    assert seen.items() >= site.environment().items()
    assert SECRET not in str(seen)


def test_python_files_of_the_site_are_none_of_a_build_s_business(
    site: Settings, engine: Searchable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("indexer", "calendar", "click"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('imported')", "utf-8")
    (tmp_path / "postsearch.toml").write_text("a setting file of something else", "utf-8")
    monkeypatch.chdir(tmp_path)
    its = Builds(site, engine)
    its.ask("a" * 64)
    its.catch_up()
    assert outcome(its).trouble == ""


def test_a_build_that_fails_is_told_and_follows_again_after_a_while(
    site: Settings, engine: Searchable, monkeypatch: pytest.MonkeyPatch
) -> None:
    its = Builds(replace(site, update=program("raise SystemExit(1)")), engine)
    its.ask("a" * 64)
    its.catch_up()
    first = began(its)
    its.catch_up()
    assert began(its) == first
    monkeypatch.setattr(builds, "AGAIN", timedelta(0))
    mended = Builds(site, engine)
    mended.catch_up()
    assert (outcome(mended).exit_code, began(mended) > first) == (0, True)
    mended.catch_up()
    assert began(mended) > first


def test_the_complaint_of_a_build_is_told(site: Settings, engine: Searchable) -> None:
    its = Builds(replace(site, content=site.content / "first.md"), engine)
    its.ask("a" * 64)
    its.catch_up()
    assert outcome(its).exit_code == 2
    assert outcome(its).trouble.startswith("postsearch build: exit code 2: postsearch: ")
    assert "first.md" in outcome(its).trouble
    assert found(engine) == {"first"}


def test_a_build_that_answers_otherwise_than_expected_tells_each_failure_and_publishes_nothing(
    site: Settings, engine: Searchable, tmp_path: Path
) -> None:
    tests = tmp_path / "search-tests.yml"
    tests.write_text("- {query: text, first: second.md}\n- {query: second, never: /second/}", "utf-8")
    write(site, "second")
    its = Builds(replace(site, search_tests=tests), engine)
    its.ask("a" * 64)
    its.catch_up()
    assert outcome(its).exit_code == 1
    assert "nothing was published, since search tests fail: `text`: second.md should be" in outcome(its).trouble
    assert "; `second`: /second/ should not be found, but is number 1" in outcome(its).trouble
    assert found(engine) == {"first"}


def test_a_build_begins_when_its_moment_has_come(site: Settings, engine: Searchable) -> None:
    its = Builds(site, engine)
    write(site, "second")
    leave_due(site, datetime.now(UTC) + timedelta(hours=1))
    its.catch_up()
    assert its.status() == State()
    leave_due(site, past(seconds=1))
    its.catch_up()
    assert found(engine) == {"first", "second"}
    first = began(its)
    its.catch_up()
    assert began(its) == first


def test_a_moment_that_does_not_move_on_is_not_tried_without_pause(
    site: Settings, engine: Searchable, monkeypatch: pytest.MonkeyPatch
) -> None:
    its = Builds(replace(site, update=program("raise SystemExit(1)")), engine)
    leave_due(site, past(seconds=1))
    its.catch_up()
    first = began(its)
    its.catch_up()
    assert began(its) == first
    monkeypatch.setattr(builds, "AGAIN", timedelta(seconds=1))

    def is_tried_again() -> bool:
        its.catch_up()
        return began(its) != first

    until(is_tried_again)
    assert began(its) >= first + timedelta(seconds=1)


def test_a_moment_after_the_last_build_is_not_kept_waiting_by_it(site: Settings, engine: Searchable) -> None:
    its = Builds(replace(site, update=program("raise SystemExit(1)")), engine)
    its.ask("a" * 64)
    its.catch_up()
    first = began(its)
    leave_due(site, datetime.now(UTC))
    its.catch_up()
    assert began(its) > first


def test_a_build_that_nobody_saw_the_end_of_begins_anew(site: Settings, engine: Searchable) -> None:
    its = Builds(site, engine)
    its.ask("a" * 64)
    its.catch_up()
    kept = site.index / "reindex.json"
    kept.write_text(kept.read_text().replace('"idle"', '"running"'))
    assert its.status().status == "running"
    after = Builds(site, engine)
    first = began(after)
    after.catch_up()
    assert (outcome(after).exit_code, began(after) > first) == (0, True)


def test_a_clock_that_is_put_back_keeps_nobody_waiting(site: Settings, engine: Searchable) -> None:
    """The last build began tomorrow; what is asked for today is built today."""
    its = Builds(site, engine)
    its.ask("a" * 64)
    its.catch_up()
    kept, moment = site.index / "reindex.json", msgspec.json.encode(began(its))
    kept.write_bytes(kept.read_bytes().replace(moment, msgspec.json.encode(began(its) + timedelta(days=1))))
    after = Builds(site, engine)
    assert began(after) > datetime.now(UTC)
    write(site, "second")
    after.ask("b" * 64)
    after.catch_up()
    assert found(engine) == {"first", "second"}
    assert began(after) <= datetime.now(UTC)


@pytest.mark.parametrize("content", ["nowhere", "other", "empty"])
def test_an_index_without_its_posts_is_left_alone(
    site: Settings, engine: Searchable, tmp_path: Path, content: str
) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "empty").mkdir()
    (tmp_path / "other" / "post.md").write_text("Text of another site.", "utf-8")
    its = Builds(replace(site, content=tmp_path / content), engine)
    leave_due(site, past(days=1))
    its.catch_up()
    assert its.status() == State()
    assert found(engine) == {"first"}


@pytest.mark.slow
@pytest.mark.parametrize("torn", ["", "{", '{"answered": 5', "[]", '{"began": "x"}'])
def test_torn_notes_cost_no_more_than_a_build(site: Settings, engine: Searchable, torn: str) -> None:
    its = Builds(site, engine)
    its.ask("a" * 64)
    its.catch_up()
    (site.index / "reindex.json").write_text(torn)
    after = Builds(site, engine)
    assert after.status().status == "waiting"
    after.catch_up()
    assert outcome(after).exit_code == 0


# With a real server


def choices(settings: Settings) -> dict[str, str]:
    """The environment of a server of this site that builds for those who ask."""
    return replace(settings, webhook_secrets=(SECRET,), admin_token=SECRET, workers=2).environment()


def call(address: str, body: str) -> str:
    """What a request for a build is answered with."""
    signature = hmac.new(SECRET.encode(), body.encode(), "sha256").hexdigest()
    asked = Request(address + ADDRESS, body.encode(), {"X-Hub-Signature-256": f"sha256={signature}"})
    status, answer = get(asked)
    assert status == 202
    return str(answer["status"])


def told(address: str) -> dict[str, Any]:
    status, answer = get(Request(address + ADDRESS, headers={"Authorization": f"Bearer {SECRET}"}))
    assert status == 200
    return dict(answer)


def titles(address: str) -> set[str]:
    return {hit["title"] for hit in get(f"{address}/api/v1/search")[1]["results"]}


def test_a_call_from_outside_publishes(site: Settings) -> None:
    with serving(site.index.parent, **choices(site)) as (_, address, _):
        assert told(address)["status"] == "idle"
        write(site, "second")
        assert [call(address, "first call") for _ in range(20)] == ["accepted"] + ["repeated"] * 19
        until(lambda: titles(address) == {"first", "second"})
        until(lambda: told(address)["status"] == "idle")
        assert told(address)["report"]["added"] == 1
        assert told(address)["answered"] == 1


def test_many_calls_at_once_are_all_accepted_and_answered_together(site: Settings) -> None:
    with serving(site.index.parent, **choices(site)) as (_, address, _):
        with ThreadPoolExecutor(8) as pool:
            assert set(pool.map(lambda number: call(address, f"call {number}"), range(100))) == {"accepted"}
        write(site, "second")
        assert call(address, "the last call") == "accepted"
        until(lambda: told(address)["status"] == "idle" and told(address)["answered"] == 101)
        assert titles(address) == {"first", "second"}


@pytest.mark.slow
@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_build_outlives_the_server_and_what_was_asked_is_seen_to_by_the_next(
    site: Settings, tmp_path: Path, by: signal.Signals
) -> None:
    text = (
        "from pathlib import Path; from time import sleep\n"
        f"Path({str(tmp_path / 'begun')!r}).touch()\n"
        f"while not Path({str(tmp_path / 'go')!r}).exists(): sleep(0.01)\n"
        f"Path({str(tmp_path / 'ended')!r}).touch()\n"
    )
    site = replace(site, update=program(text))
    with serving(tmp_path, **choices(site)) as (_, address, server):
        call(address, "a call")
        until((tmp_path / "begun").exists)
        if by == signal.SIGKILL:
            os.killpg(server.pid, by)
            server.communicate()
        else:
            assert stop(server, by) == (0, "", "")
    assert not (tmp_path / "ended").exists()
    (tmp_path / "go").touch()
    until((tmp_path / "ended").exists)
    write(site, "second")
    with serving(tmp_path, **choices(site)) as (_, address, _):
        until(lambda: titles(address) == {"first", "second"})


@pytest.mark.slow
def test_a_post_appears_when_its_moment_has_come(site: Settings) -> None:
    moment = datetime.now(UTC) + timedelta(seconds=15)
    write(site, "second", date=moment.isoformat())
    sync(site)
    with serving(site.index.parent, **choices(site)) as (_, address, _):
        until(lambda: titles(address) == {"first", "second"})
        assert datetime.now(UTC) >= moment.replace(microsecond=0)
        until(lambda: told(address)["status"] == "idle")
        first = told(address)
        assert first["report"]["added"] == 1
        time.sleep(3)
        assert told(address) == first
