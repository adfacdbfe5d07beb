"""Does the index hold what the folder holds after every build, and does the report say what became of each file?"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from time import sleep, time
from typing import Any

import pytest

from indexer.due import due
from indexer.engines import open_engine
from indexer.errors import BuildRefusedError, IndexMissingError, SettingsError
from indexer.report import Report
from indexer.search import search
from indexer.settings import Settings
from indexer.sync import sync
from tests.indexer.conftest import fill, under

Sync = Callable[..., Report]


@pytest.fixture
def site(content: Path, tmp_path: Path) -> Settings:
    """A site whose posts lie in `content`."""
    return Settings(content=content, index=tmp_path / "index", jobs=1)


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if every file had been changed long ago."""
    monkeypatch.setattr("indexer.seen.COARSE", -(10**18))


def held(site: Settings) -> list[str]:
    """The ids of the posts that the index holds."""
    engine = open_engine(site)
    try:
        return sorted(engine.digests())
    finally:
        engine.close()


def found(site: Settings, question: str) -> list[str]:
    """The ids of the posts that answer *question*."""
    engine = open_engine(site)
    try:
        return sorted(hit.id for hit in search(engine, question).hits)
    finally:
        engine.close()


def generation(site: Settings) -> str:
    engine = open_engine(site)
    try:
        return engine.generation
    finally:
        engine.close()


def counts(report: Report) -> dict[str, int]:
    return {name: getattr(report, name) for name in ("posts", "added", "updated", "removed", "unchanged")}


def test_every_public_post_is_added(site: Settings) -> None:
    fill(site.content, {"a.md": under("title: A\ntags: [x]", "apple"), "b/c.md": under("title: C", "banana")})
    assert counts(sync(site)) == {"posts": 2, "added": 2, "updated": 0, "removed": 0, "unchanged": 0}
    assert held(site) == ["a.md", "b/c.md"]
    assert (found(site, "apple"), found(site, "banana"), found(site, "tag:x")) == (["a.md"], ["b/c.md"], ["a.md"])


def test_a_second_build_changes_nothing(site: Settings) -> None:
    fill(site.content, {"a.md": under("title: A"), "b.md": under("title: B")})
    sync(site)
    before = generation(site)
    assert counts(sync(site)) == {"posts": 2, "added": 0, "updated": 0, "removed": 0, "unchanged": 2}
    assert generation(site) == before


@pytest.mark.usefixtures("settled")
def test_a_build_that_changes_nothing_writes_nothing(site: Settings) -> None:
    fill(site.content, {"a.md": under("title: A"), "b.md": under("date: 2990-01-01"), "c.md": under("title: [")})
    for _ in range(2):
        sync(site)
    before = {path: path.lstat().st_ctime_ns for path in (site.index, *site.index.rglob("*"))}
    sync(site)
    assert {path: path.lstat().st_ctime_ns for path in (site.index, *site.index.rglob("*"))} == before


def test_what_changed_is_updated_and_nothing_else(site: Settings) -> None:
    fill(site.content, {"a.md": under("title: A", "apple"), "b.md": under("title: B", "banana")})
    sync(site)
    fill(site.content, {"a.md": under("title: A", "apricot"), "c.md": under("title: C", "cherry")})
    assert counts(sync(site)) == {"posts": 3, "added": 1, "updated": 1, "removed": 0, "unchanged": 1}
    assert (found(site, "apple"), found(site, "apricot"), found(site, "cherry")) == ([], ["a.md"], ["c.md"])


def test_a_file_that_has_gone_is_removed(site: Settings) -> None:
    fill(site.content, {"a.md": under("title: A"), "b.md": under("title: B")})
    sync(site)
    (site.content / "a.md").unlink()
    assert counts(sync(site)) == {"posts": 1, "added": 0, "updated": 0, "removed": 1, "unchanged": 1}
    assert held(site) == ["b.md"]


def test_a_file_that_was_renamed_is_another_post(site: Settings) -> None:
    fill(site.content, {"a.md": under("title: A")})
    sync(site)
    (site.content / "a.md").rename(site.content / "b.md")
    assert counts(sync(site)) == {"posts": 1, "added": 1, "updated": 0, "removed": 1, "unchanged": 0}
    assert held(site) == ["b.md"]


def test_a_folder_that_was_emptied_leaves_an_empty_index(site: Settings) -> None:
    fill(site.content, {"a.md": under("title: A", "apple")})
    sync(site)
    (site.content / "a.md").unlink()
    assert counts(sync(site))["removed"] == 1
    assert (held(site), found(site, "apple")) == ([], [])


def test_a_folder_without_posts_makes_an_empty_index(site: Settings) -> None:
    assert counts(sync(site)) == {"posts": 0, "added": 0, "updated": 0, "removed": 0, "unchanged": 0}
    assert found(site, "anything") == []


def test_a_full_build_reads_every_post_again(site: Settings) -> None:
    fill(site.content, {"a.md": under("title: A"), "b.md": under("title: B")})
    sync(site)
    assert counts(sync(site, full=True)) == {"posts": 2, "added": 0, "updated": 2, "removed": 0, "unchanged": 0}


@pytest.mark.parametrize(
    "choice",
    [
        {"tag_separator": "space"},
        {"renderer": "commonmark"},
        {"permalink": "/:title/"},
        {"permalink": {"blog": "/:title/"}},
        {"anchors": "kramdown"},
        {"timezone": "Europe/Berlin"},
        {"language": "de"},
        {"future": True},
        {"expired": True},
    ],
    ids=str,
)
def test_another_way_of_reading_reads_every_post_again_by_itself(site: Settings, choice: dict[str, Any]) -> None:
    fill(site.content, {"a.md": under("title: A\ntags: one two"), "b.md": under("title: B")})
    sync(site)
    other = replace(site, **choice)
    assert counts(sync(other)) == {"posts": 2, "added": 0, "updated": 2, "removed": 0, "unchanged": 0}
    assert counts(sync(other))["unchanged"] == 2


@pytest.mark.parametrize("choice", [{"jobs": 2}, {"site_url": "https://example.org"}, {"workers": 4}], ids=str)
def test_a_choice_that_is_none_of_reading_reads_nothing_again(site: Settings, choice: dict[str, Any]) -> None:
    fill(site.content, {"a.md": under("title: A")})
    sync(site)
    assert counts(sync(replace(site, **choice)))["unchanged"] == 1


@pytest.mark.parametrize(
    ("changed", "outcome"),
    [("indexer.extract.RECIPE", "updated"), ("indexer.engines.whoosh.generations.VERSION", "added")],
)
def test_another_release_reads_every_post_again_by_itself(
    site: Settings, monkeypatch: pytest.MonkeyPatch, changed: str, outcome: str
) -> None:
    fill(site.content, {"a.md": under("title: A", "apple"), "b.md": under("title: B")})
    sync(site)
    monkeypatch.setattr(changed, 1000)
    assert counts(sync(site))[outcome] == 2
    assert counts(sync(site))["unchanged"] == 2
    assert found(site, "apple") == ["a.md"]


def test_a_build_does_not_publish_what_another_took_away_while_it_read(site: Settings) -> None:
    fill(site.content, {f"{number}.md": under(f"title: {number}", "apple") for number in range(3)})
    other_waits, others = Event(), ThreadPoolExecutor()
    hiding: list[Future[Report]] = []

    def hide_the_first_that_was_read(done: int, total: int) -> None:
        if not hiding:
            fill(site.content, {"0.md": under("title: 0\ndraft: true", "apple")})
            hiding.append(others.submit(sync, site, waiting=other_waits.set))
        while not (other_waits.wait(0.05) or hiding[0].done()):
            pass

    with others:
        sync(site, progress=hide_the_first_that_was_read)
    assert hiding[0].result().posts == 2
    assert (held(site), found(site, "apple")) == (["1.md", "2.md"], ["1.md", "2.md"])


@pytest.mark.slow
def test_a_build_that_waited_goes_by_the_clock_as_it_is_then(site: Settings) -> None:
    moment = (datetime.now(UTC) + timedelta(seconds=3)).replace(microsecond=0)
    fill(site.content, {"a.md": under(f"title: A\nexpires: {moment.isoformat()}")})
    with ThreadPoolExecutor() as others:
        with closing(open_engine(site)) as engine, engine.writing():
            waited = others.submit(sync, site)
            sleep(max(0.0, moment.timestamp() - time()) + 1.1)
        assert waited.result().posts == 0


@pytest.mark.parametrize(
    ("front_matter", "expected"),
    [
        (("title: A", "draft: true\ndate: 2990-01-01", "title: ["), None),
        (("date: 2990-05-06",), "2990-05-06T00:00:00+00:00"),
        (("date: 2990-05-06 12:00 +02:00",), "2990-05-06T10:00:00+00:00"),
        (("publishDate: 2990-05-06\ndate: 2020-01-01",), "2990-05-06T00:00:00+00:00"),
        (("expires: 2990",), "2990-01-01T00:00:00+00:00"),
        (("expires: 2990-05",), "2990-05-01T00:00:00+00:00"),
        (("expires: 2990-01-01\ndraft: true",), None),
        (("date: 2995-01-01", "expires: 2993-01-01", "expiryDate: 2994-01-01"), "2993-01-01T00:00:00+00:00"),
        (("expires: 2020-01-01", "date: 2020-01-01"), None),
    ],
)
def test_a_build_leaves_the_next_moment_at_which_a_post_comes_or_goes(
    site: Settings, front_matter: tuple[str, ...], expected: str | None
) -> None:
    fill(site.content, {f"{number}.md": under(text) for number, text in enumerate(front_matter)})
    for _ in range(2):  # once for posts that are new, and once for those that are unchanged
        sync(site)
        moment = due(site)
        assert (moment and moment.isoformat()) == expected


def test_a_moment_that_has_passed_makes_way_for_the_next(site: Settings) -> None:
    first = (datetime.now(UTC) + timedelta(seconds=2)).replace(microsecond=0)
    fill(
        site.content,
        {
            "a.md": under(f"expires: {first.isoformat()}"),
            "b.md": under(f"date: {first.isoformat()}\nexpires: 2990-01-01"),
        },
    )
    sync(site)
    assert due(site) == first
    sleep(max(0.0, first.timestamp() - time()) + 1.1)
    sync(site)
    assert due(site) == datetime(2990, 1, 1, tzinfo=UTC)
    fill(site.content, {"b.md": under("title: B")})
    sync(site)
    assert due(site) is None


def test_whoever_shows_the_future_and_the_past_waits_for_no_moment(site: Settings) -> None:
    fill(site.content, {"a.md": under("date: 2990-01-01"), "b.md": under("expires: 2990-01-01")})
    sync(replace(site, future=True, expired=True))
    assert due(site) is None
    sync(site)
    assert due(site) == datetime(2990, 1, 1, tzinfo=UTC)


def test_a_build_that_was_refused_leaves_the_moment_as_it_was(site: Settings) -> None:
    fill(site.content, {"a.md": under("date: 2990-01-01")})
    sync(site)
    fill(site.content, {"a.md": under("title: A"), "bad.md": under("title: [")})
    with pytest.raises(BuildRefusedError):
        sync(site, strict=True)
    assert due(site) == datetime(2990, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("coarse", [2_000_000_000, -(10**18)], ids=["read", "known"])
def test_a_change_that_keeps_size_and_time_of_a_file_is_seen(
    site: Settings, monkeypatch: pytest.MonkeyPatch, coarse: int
) -> None:
    monkeypatch.setattr("indexer.seen.COARSE", coarse)
    fill(site.content, {"a.md": under("title: A\ndraft: false", "apple"), "b.md": under("title: B")})
    for _ in range(3):
        sync(site)
    before = (site.content / "a.md").stat()
    fill(site.content, {"a.md": under("title: A\ndraft: true ", "apple")})
    os.utime(site.content / "a.md", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (site.content / "a.md").stat().st_size == before.st_size
    sync(site)
    assert held(site) == ["b.md"]


@pytest.mark.parametrize("jobs", [0, 1, 3])
def test_any_number_of_processes_makes_the_same_index(site: Settings, jobs: int) -> None:
    fill(
        site.content,
        {
            f"{number}.md": under(f"title: Post {number}\ntags: [t{number % 3}]", f"word{number}")
            for number in range(50)
        },
    )
    fill(site.content, {"bad.md": under("title: ["), "draft.md": under("draft: true")})
    report = sync(Settings(content=site.content, index=site.index, jobs=jobs))
    assert (report.posts, len(report.skipped), len(report.hidden)) == (50, 1, 1)
    assert found(site, "word17") == ["17.md"]


def test_one_bad_post_is_named_and_the_rest_are_indexed(site: Settings) -> None:
    fill(site.content, {"a.md": under("title: A"), "bad.md": under("title: A\nbad: [")})
    report = sync(site)
    assert (held(site), report.posts) == (["a.md"], 1)
    [skipped] = report.skipped
    assert (skipped.path, skipped.line) == ("bad.md", 4)
    assert "YAML" in skipped.reason


def test_a_strict_build_publishes_nothing_if_anything_was_skipped(site: Settings) -> None:
    fill(site.content, {"a.md": under("title: A", "apple"), "bad.md": under("title: [")})
    with pytest.raises(BuildRefusedError, match=r"bad\.md"):
        sync(site, strict=True)
    with pytest.raises(IndexMissingError):
        found(site, "apple")


def test_a_strict_build_leaves_what_was_published_before(site: Settings) -> None:
    fill(site.content, {"a.md": under("title: A", "apple"), "b.md": under("title: B", "banana")})
    sync(site, strict=True)
    fill(site.content, {"a.md": under("title: A", "apricot"), "bad.md": under("title: [")})
    (site.content / "b.md").unlink()
    with pytest.raises(BuildRefusedError):
        sync(site, strict=True)
    assert (found(site, "apple"), found(site, "apricot"), found(site, "banana")) == (["a.md"], [], ["b.md"])


def test_a_strict_build_does_not_mind_drafts_and_warnings(site: Settings) -> None:
    fill(site.content, {"a.md": under("title: A\ndate: soon"), "b.md": under("draft: true")})
    report = sync(site, strict=True)
    assert (report.posts, len(report.hidden), len(report.warnings)) == (1, 1, 1)


@pytest.mark.parametrize(
    "change",
    [
        "draft: true",
        "published: false",
        "title: [",
        "date: 2990-01-01",
        "expires: 2020-01-01",
        "redirect_to: /x",
        "draft: maybe",
    ],
)
def test_a_post_that_is_public_no_more_is_gone(site: Settings, change: str) -> None:
    fill(site.content, {"a.md": under("title: A\ntags: [secret]", "apple"), "b.md": under("title: B", "banana")})
    sync(site)
    fill(site.content, {"a.md": under(change, "apple")})
    assert counts(sync(site))["removed"] == 1
    assert (held(site), found(site, "apple"), found(site, "tag:secret")) == (["b.md"], [], [])


def test_a_post_behind_a_fence_that_was_broken_is_gone(site: Settings) -> None:
    fill(site.content, {"a.md": under("title: A", "apple"), "b.md": under("title: B")})
    sync(site)
    fill(site.content, {"a.md": "---\ntitle: A\ndraft: true\n\napple\n"})
    report = sync(site)
    assert ([skipped.path for skipped in report.skipped], held(site)) == (["a.md"], ["b.md"])


def test_a_post_that_became_public_is_added(site: Settings) -> None:
    fill(site.content, {"a.md": under("draft: true", "apple")})
    assert sync(site).posts == 0
    fill(site.content, {"a.md": under("draft: false", "apple")})
    assert counts(sync(site))["added"] == 1
    assert found(site, "apple") == ["a.md"]


def test_time_alone_publishes_a_post_and_takes_it_back(site: Settings) -> None:
    moment = (datetime.now(UTC) + timedelta(seconds=2)).replace(microsecond=0)
    fill(
        site.content,
        {
            "ends.md": under(f"title: A\nexpires: {moment.isoformat()}", "apple"),
            "begins.md": under(f"date: {moment.isoformat()}", "banana"),
        },
    )
    assert held_after(site) == ["ends.md"]
    sleep(max(0.0, moment.timestamp() - time()) + 1.1)
    report = sync(site)
    assert counts(report) == {"posts": 1, "added": 1, "updated": 0, "removed": 1, "unchanged": 0}
    assert ([hidden.path for hidden in report.hidden], held(site)) == (["ends.md"], ["begins.md"])


def held_after(site: Settings) -> list[str]:
    sync(site)
    return held(site)


@pytest.mark.parametrize("choice", ["future", "expired"])
def test_the_operator_may_show_the_future_and_the_past(site: Settings, choice: str) -> None:
    fill(site.content, {"future.md": under("date: 2990-01-01"), "expired.md": under("expires: 2020-01-01")})
    chosen: dict[str, Any] = {choice: True}
    assert held_after(Settings(content=site.content, index=site.index, jobs=1, **chosen)) == [f"{choice}.md"]
    assert held_after(site) == []


def test_every_file_is_accounted_for(site: Settings, tmp_path: Path) -> None:
    fill(
        site.content,
        {
            "a.md": under("title: A"),
            "bad.md": under("x: ["),
            "README.md": "",
            "d.md": under("draft: 1"),
            "empty.md": "",
            "part.html": "<p>x",
            "a.png": "",
        },
    )
    os.mkfifo(site.content / "pipe.md")
    (site.content / "link.md").symlink_to(tmp_path)
    (site.content / "loop").symlink_to("loop")
    report = sync(site)
    assert held(site) == ["a.md"]
    assert [hidden.path for hidden in report.hidden] == ["README.md", "d.md", "empty.md", "part.html"]
    assert [skipped.path for skipped in report.skipped if skipped.path != "loop"] == ["bad.md", "link.md", "pipe.md"]
    assert all(one.reason for one in report.skipped)
    assert all(one.rule for one in report.hidden)


def test_a_file_in_windows_1252_is_read_with_a_warning(site: Settings) -> None:
    fill(site.content, {"a.md": b"---\ntitle: caf\xe9\n---\nna\xefve\n"})
    report = sync(site)
    [warning] = report.warnings
    assert (warning.path, "Windows-1252" in warning.reason) == ("a.md", True)
    assert (found(site, "café"), found(site, "naïve")) == (["a.md"], ["a.md"])


def test_two_posts_with_one_address_are_kept_and_named(site: Settings) -> None:
    fill(
        site.content,
        {"a.md": under("permalink: /same/"), "b.md": under("permalink: /same/"), "c.md": under("permalink: /other/")},
    )
    report = sync(site)
    assert held(site) == ["a.md", "b.md", "c.md"]
    said = " ".join(map(str, report.warnings))
    assert "a.md" in said
    assert "b.md" in said
    assert "c.md" not in said


def test_two_posts_with_one_address_are_named_though_one_is_older(site: Settings) -> None:
    fill(site.content, {"a.md": under("permalink: /same/")})
    sync(site)
    fill(site.content, {"b.md": under("permalink: /same/")})
    said = " ".join(map(str, sync(site).warnings))
    assert "a.md" in said
    assert "b.md" in said


@pytest.mark.parametrize(
    "body", ["- " * 2_000, "> " * 2_000, "<b>" * 3_000, "[" * 1_500, "`" * 5_000, "| a " * 500 + "\n" + "|---" * 500]
)
def test_a_post_nested_deeply_stops_nothing(site: Settings, body: str) -> None:
    fill(site.content, {"a.md": under("title: A"), "deep.md": under("title: B", body)})
    report = sync(site)
    assert {"a.md"} <= set(held(site))
    assert set(held(site)) | {skipped.path for skipped in report.skipped} == {"a.md", "deep.md"}


def test_progress_is_told_from_none_to_all(site: Settings) -> None:
    fill(site.content, {f"{number}.md": under(f"title: {number}") for number in range(5)})
    new, unchanged = progress_of(site), progress_of(site)
    assert new[-1] == unchanged[-1] == (5, 5)
    assert (new, unchanged) == (sorted(new), sorted(unchanged))


def progress_of(site: Settings) -> list[tuple[int, int]]:
    told: list[tuple[int, int]] = []
    sync(site, progress=lambda done, total: told.append((done, total)))
    return told


def test_a_folder_that_is_missing_changes_nothing(site: Settings) -> None:
    fill(site.content, {"a.md": under("title: A", "apple")})
    sync(site)
    with pytest.raises(SettingsError):
        sync(Settings(content=site.content / "missing", index=site.index))
    assert found(site, "apple") == ["a.md"]


def test_a_post_with_an_odd_name_is_found(site: Settings) -> None:
    names = ["a b.md", "%# +.md", "服务.md", "quote'\".md", "line\nbreak.md"]
    fill(site.content, {name: under("title: Odd", "apple") for name in names})
    report = sync(site)
    assert sorted([*found(site, "apple"), *(skipped.path.replace("?", "\n") for skipped in report.skipped)]) == sorted(
        names
    )


def test_the_time_it_took_is_told(site: Settings) -> None:
    assert 0 <= sync(site).seconds < 60
