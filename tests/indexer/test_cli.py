"""Do the commands, really started, say what they should, where they should, and end with the right code?"""

from __future__ import annotations

import dataclasses
import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from time import sleep
from typing import Any

import pytest

from indexer import open_engine
from indexer.report import Hidden, Remark, Report
from indexer.settings import Settings
from server.app import create_app
from tests.indexer.conftest import fill, under

POSTSEARCH = Path(sys.executable).with_name("postsearch")
CLEAN = {
    name: value
    for name, value in os.environ.items()
    if not name.startswith(("POSTSEARCH_", "NO_COLOR", "FORCE_COLOR", "COLUMNS"))
}
COMMANDS = (
    *("build", "watch", "search", "tags", "stats", "test", "rollback", "check", "serve", "why", "why-not", "related"),
    *("embed", "export"),
)
POSTS = {
    "apple.md": under(
        "title: Apple & pear\ntags: [Fruit, red]\ndate: 2023-08-14 12:07 UTC\ndescription: On fruit.",
        "An apple a day.\n\n## Skin\n\nred skin",
    ),
    "blog/banana.md": under("title: Banana\ntags: [fruit]\ndate: 2024-01-31", "A banana and an apple."),
    "carrot.md": under("title: Carrot\nextra: x", "A carrot."),
    "bad.md": under("title: A\nbad: ["),
    "draft.md": under("draft: true", "apple secret"),
    "README.md": "apple secret",
    "odd.md": under("title: Odd\ndate: 2018-04-31", "An odd date."),
}


def run(
    folder: Path, *arguments: str | Path, env: dict[str, str] | None = None, **options: Any
) -> subprocess.CompletedProcess[str]:
    """What `postsearch` says in *folder*, with the settings that are given and no others."""
    piped: dict[str, Any] = {
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
        "stdin": subprocess.DEVNULL,
        **options,
    }
    return subprocess.run(
        [POSTSEARCH, *arguments], cwd=folder, env=CLEAN | (env or {}), text=True, timeout=60, check=False, **piped
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with posts in `content`, built where commands look for the index."""
    folder = tmp_path_factory.mktemp("site")
    fill(folder / "content", dict(POSTS))
    assert run(folder, "build").returncode == 0
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with posts in `content`, not yet built."""
    fill(tmp_path / "content", dict(POSTS))
    return tmp_path


def only_json(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The one object on standard output, with nothing beside it."""
    assert done.stderr == ""
    assert done.stdout.count("\n") == 1
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_shows_an_example(site: Path, command: str) -> None:
    done = run(site, command, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"  postsearch {command}" in done.stdout.partition("Example")[2]


def test_the_help_names_every_command(site: Path) -> None:
    said = run(site, "-h").stdout
    assert all(f"  {command}  " in said for command in COMMANDS)
    assert run(site, "--version").stdout.startswith("postsearch ")


def test_a_build_tells_what_became_of_each_file(folder: Path) -> None:
    done = run(folder, "build")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert any(line.startswith("skipped: bad.md:4: ") for line in lines)
    assert "hidden: README.md: a README file" in lines
    assert "hidden: draft.md: draft: true" in lines
    assert any(line.startswith("warning: odd.md:3: ") for line in lines)
    assert lines[-1].startswith("4 posts: 4 added, 0 updated, 0 removed, 0 unchanged; 1 skipped, 2 hidden")


def test_a_build_tells_json_all_there_is(folder: Path) -> None:
    report = only_json(run(folder, "build", "--json"))
    assert list(report) == [
        "posts",
        "added",
        "updated",
        "removed",
        "unchanged",
        "skipped",
        "hidden",
        "warnings",
        "search_tests",
        "seconds",
    ]
    assert list(report) == [field.name for field in dataclasses.fields(Report)]
    assert [report[name] for name in ("posts", "added", "updated", "removed", "unchanged")] == [4, 4, 0, 0, 0]
    [skipped] = report["skipped"]
    assert list(skipped) == ["path", "line", "reason"] == [field.name for field in dataclasses.fields(Remark)]
    assert (skipped["path"], skipped["line"]) == ("bad.md", 4)
    assert report["hidden"] == [
        {"path": "README.md", "rule": "a README file"},
        {"path": "draft.md", "rule": "draft: true"},
    ]
    assert list(report["hidden"][0]) == [field.name for field in dataclasses.fields(Hidden)]
    assert [(warning["path"], warning["line"]) for warning in report["warnings"]] == [("odd.md", 3)]
    assert isinstance(report["seconds"], float)


def test_a_build_reads_what_changed_or_all(folder: Path) -> None:
    run(folder, "build")
    fill(folder / "content", {"apple.md": under("title: Apple", "changed")})
    again = only_json(run(folder, "build", "--json"))
    assert (again["updated"], again["unchanged"]) == (1, 3)
    full = only_json(run(folder, "build", "--full", "--json"))
    assert (full["updated"], full["unchanged"]) == (4, 0)


def test_a_strict_build_publishes_nothing_and_says_why(folder: Path) -> None:
    done = run(folder, "build", "--strict")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("postsearch: nothing was published: bad.md:4: ")
    assert run(folder, "search", "apple").returncode == 3
    (folder / "content" / "bad.md").unlink()
    assert run(folder, "build", "--strict").returncode == 0


def test_a_strict_build_says_so_in_json_too(folder: Path) -> None:
    done = run(folder, "build", "--strict", "--json")
    assert done.returncode == 1
    assert done.stdout == "" or isinstance(json.loads(done.stdout), dict)
    assert "bad.md" in done.stdout + done.stderr


def test_content_and_index_may_lie_anywhere(folder: Path) -> None:
    report = only_json(run(folder, "build", "content/blog", "--index", "elsewhere/index", "--json"))
    assert report["posts"] == 1
    assert (folder / "elsewhere" / "index" / "current").is_dir()
    assert not (folder / ".postsearch").exists()
    assert "Banana" in run(folder, "search", "apple", "--index", "elsewhere/index").stdout


def test_a_search_tells_a_person(site: Path) -> None:
    done = run(site, "search", "apple")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert {"Apple & pear", "Banana", "2023-08-14  apple.md", "2024-01-31  blog/banana.md", "tags: Fruit, red"} <= set(
        lines
    )
    assert lines[-1].startswith("2 posts")
    assert "secret" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "ids"),
    [
        (["--tag", "fruit", "--tag", "red"], ["apple.md"]),
        (["--tag-any", "red", "--tag-any", "fruit"], ["apple.md", "blog/banana.md"]),
        (["apple", "--tag-not", "red"], ["blog/banana.md"]),
        (["--after", "2024"], ["blog/banana.md"]),
        (["--before", "2024-01-01"], ["apple.md"]),
        (["--", '"apple a day"', "-banana"], ["apple.md"]),
        (["secret"], []),
    ],
)
def test_a_search_finds(site: Path, arguments: list[str], ids: list[str]) -> None:
    options = arguments if "--" in arguments else [*arguments, "--json"]
    if "--" in arguments:
        options = ["--json", *arguments]
    assert sorted(result["id"] for result in only_json(run(site, "search", *options))["results"]) == ids


@pytest.mark.parametrize(
    ("arguments", "query"),
    [
        (["apple", "day", "--tag", "fruit", "--sort", "newest"], {"q": "apple day", "tag": "fruit", "sort": "newest"}),
        (["apple", "--per-page", "1", "--page", "2"], {"q": "apple", "per_page": "1", "page": "2"}),
    ],
)
def test_a_search_tells_json_what_the_api_tells(site: Path, arguments: list[str], query: dict[str, str]) -> None:
    told = only_json(run(site, "search", *arguments, "--json"))
    engine = open_engine(Settings(index=site / ".postsearch"))
    try:
        answered = create_app(engine).test_client().get("/api/v1/search", query_string=query).get_json()
    finally:
        engine.close()
    assert told.keys() == answered.keys()
    assert {**told, "took_ms": 0} == {**answered, "took_ms": 0}


def test_pages_join(site: Path) -> None:
    first, second = (
        only_json(run(site, "search", "apple", "--per-page", "1", "--page", page, "--json")) for page in "12"
    )
    assert (first["total"], first["pages"], len(first["results"])) == (2, 2, 1)
    assert {first["results"][0]["id"], second["results"][0]["id"]} == {"apple.md", "blog/banana.md"}


def test_a_place_is_explained_and_adds_up(site: Path) -> None:
    done = run(site, "why", "apple", "apple.md")
    assert (done.returncode, done.stderr) == (0, "")
    reason, word, near, *factors, total = done.stdout.splitlines()
    assert reason == "it is at place 1 of 2, on top since its title begins so"
    texts, plus, title, *said = word.split()
    assert (plus, " ".join(said)) == ("+", "in the title: apple")
    assert near.split() == ["0.000", "for", "words", "near", "each", "other"]
    assert [line.split() for line in factors] == [["x", "1.000", name] for name in ("boost", "superseded", "recency")]
    assert float(total.removeprefix("=")) == pytest.approx(float(texts) + float(title), abs=0.002)


@pytest.mark.parametrize("command", ["why", "why-not"])
def test_a_place_is_explained_in_json(site: Path, command: str) -> None:
    told = only_json(run(site, command, "apple skin", "/blog/banana/", "--json"))
    assert (told["post"], told["explanation"]["lacks"]) == ("blog/banana.md", {"skin": []})
    assert told["reasons"][0] == "it is at place 2 of 2"
    hidden = only_json(run(site, command, "apple", "draft.md", "--json"))
    assert hidden == {"post": "draft.md", "reasons": ["it is left out: draft: true"], "explanation": None}


def test_the_owner_has_a_hand_in_the_answers_of_the_terminal(site: Path) -> None:
    (site / "words.txt").write_text("fruit salad => carrot\n", "utf-8")
    (site / "owner.toml").write_text('synonyms = "words.txt"\n[pins]\napple = ["carrot.md"]\n', "utf-8")
    found = only_json(run(site, "--config", "owner.toml", "search", "Apple", "--json"))["results"]
    assert [hit["id"] for hit in found] == ["carrot.md", "apple.md", "blog/banana.md"]
    found = only_json(run(site, "--config", "owner.toml", "search", "fruit salad", "--json"))["results"]
    assert "carrot.md" in [hit["id"] for hit in found]
    told = run(site, "--config", "owner.toml", "why", "apple", "carrot.md").stdout
    assert told.splitlines()[0] == "it is at place 1 of 3, pinned"
    (site / "words.txt").write_text("fruit\n", "utf-8")
    done = run(site, "--config", "owner.toml", "search", "apple")
    assert (done.returncode, done.stdout) == (2, "")
    assert "words.txt:1: 'fruit' is neither `one, other` nor `one => other`" in done.stderr


def test_tags_are_listed(site: Path) -> None:
    assert [line.split() for line in run(site, "tags").stdout.splitlines()] == [["2", "Fruit"], ["1", "red"]]
    assert only_json(run(site, "tags", "--json")) == {
        "tags": [{"value": "Fruit", "count": 2}, {"value": "red", "count": 1}]
    }


def test_tags_are_listed_by_their_beginning(site: Path) -> None:
    assert run(site, "tags", "--prefix", "FR").stdout.split() == ["2", "Fruit"]
    assert only_json(run(site, "tags", "--prefix", "x", "--json")) == {"tags": []}


def test_related_posts_are_listed(site: Path) -> None:
    told = only_json(run(site, "related", "apple.md", "--limit", "1", "--json"))
    assert [hit["id"] for hit in told["related"]] == ["blog/banana.md"]
    assert "blog/banana.md" in run(site, "related", "apple.md").stdout


def test_a_post_that_is_not_there_has_no_related_ones(site: Path) -> None:
    done = run(site, "related", "nowhere.md")
    assert (done.returncode, "nowhere.md" in done.stderr) == (2, True)


def test_a_question_is_narrowed_by_any_of_several_years_and_the_like(site: Path) -> None:
    held = only_json(run(site, "search", "--json"))["total"]
    for option in ("--year", "--category", "--lang"):
        assert only_json(run(site, "search", option, "1066", option, "no", "--json"))["total"] == 0
    posts = only_json(run(site, "search", "--json"))["results"]
    years = {post["date"][:4] for post in posts if post["date"]}
    dated = [part for year in years for part in ("--year", year)]
    assert (
        only_json(run(site, "search", *dated, "--json"))["total"] == sum(bool(post["date"]) for post in posts) <= held
    )


def test_figures_are_told(site: Path) -> None:
    figures = only_json(run(site, "stats", "--json"))
    assert (figures["posts"], figures["tags"]) == (4, 2)
    assert figures["words"] > 5
    assert figures["bytes"] > 100
    assert [line.split()[0] for line in run(site, "stats").stdout.splitlines()] == list(figures)


def test_a_check_of_posts_ends_with_1_if_there_are_errors(folder: Path) -> None:
    done = run(folder, "check", "content")
    assert (done.returncode, done.stderr) == (1, "")
    assert any(line.startswith("error: bad.md:4: ") for line in done.stdout.splitlines())
    findings = only_json(run(folder, "check", "--json"))
    assert list(findings) == ["posts", "errors", "warnings", "hidden"]
    assert [error["path"] for error in findings["errors"]] == ["bad.md"]
    (folder / "content" / "bad.md").unlink()
    assert run(folder, "check", "content").returncode == 0
    assert not (folder / ".postsearch").exists()


def test_a_check_of_the_index_ends_with_1_if_it_is_missing(site: Path, tmp_path: Path) -> None:
    assert run(site, "check", "--index", ".postsearch").returncode == 0
    assert run(tmp_path, "check", "--index", "missing").returncode == 1
    assert not (tmp_path / "missing").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["nonsense"], 2, "nonsense"),
        (["search", "x", "--sort", "age"], 2, "age"),
        (["search", "x", "--after", "soon"], 2, "soon"),
        (["search", "x", "--per-page", "101"], 2, "--per-page"),
        (["build", "missing"], 2, "missing"),
        (["build", "content/apple.md"], 2, "content/apple.md"),
        (["check", "content", "--index", ".postsearch"], 2, "--index"),
        (["--config", "missing.toml", "tags"], 2, "missing.toml"),
        (["search", "x", "--index", "missing"], 3, "postsearch build"),
        (["stats", "--index", "missing"], 3, "postsearch build"),
        (["build", "--index", "content/apple.md/index"], 5, "content/apple.md"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line_with_its_code(
    site: Path, arguments: list[str], code: int, said: str
) -> None:
    done = run(site, *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Somebody is writing the index in *folder*."""
    with closing(open_engine(Settings(index=folder / ".postsearch"))) as engine, engine.writing():
        yield


def test_while_the_index_is_written_nothing_is_rolled_back_but_questions_are_answered(site: Path) -> None:
    with writing(site):
        done = run(site, "rollback")
        assert (done.returncode, done.stdout) == (4, "")
        assert "another process" in done.stderr
        assert done.stderr.count("\n") == 1
        assert run(site, "search", "apple").returncode == 0


def test_a_build_that_waits_for_another_says_so_on_a_terminal(folder: Path) -> None:
    with ExitStack() as other:
        other.enter_context(writing(folder))
        seen = on_terminal(folder, "build", heard=lambda seen: other.close() if b"waiting" in seen else None)
    assert "another build is under way; waiting" in seen
    assert "4 posts" in seen


@pytest.mark.parametrize("builds", [3, pytest.param(20, marks=pytest.mark.slow)])
def test_of_builds_that_meet_one_does_the_work_and_all_end_well(folder: Path, builds: int) -> None:
    run(folder, "build")
    fill(folder / "content", {"apple.md": under("title: Apple", "cider"), "new.md": under("title: New")})
    (folder / "content" / "carrot.md").unlink()
    command: list[str | Path] = [POSTSEARCH, "build", "--json"]
    piped: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with writing(folder):
        started = [subprocess.Popen(command, cwd=folder, env=CLEAN, **piped) for _ in range(builds)]
        sleep(1)
    ended = [(build.communicate(timeout=100), build.returncode) for build in started]
    assert {(complaints, code) for (_, complaints), code in ended} == {("", 0)}
    reports = [json.loads(said) for (said, _), _ in ended]
    for what in ("added", "updated", "removed"):
        assert sum(report[what] for report in reports) == 1
    assert {report["posts"] for report in reports} == {4}


def test_a_rollback_tells_json_what_is_held_then(folder: Path) -> None:
    run(folder, "build")
    before = only_json(run(folder, "stats", "--json"))
    fill(folder / "content", {"new.md": under("title: New")})
    run(folder, "build")
    assert only_json(run(folder, "rollback", "--json")) == {"posts": 4, "generation": before["generation"]}
    done = run(folder, "rollback", "--json")
    assert (done.returncode, done.stdout) == (3, "")


def test_a_setting_that_is_unknown_is_named(folder: Path) -> None:
    fill(folder, {"postsearch.toml": 'contents = "content"\n'})
    done = run(folder, "build")
    assert done.returncode == 2
    assert "contents" in done.stderr
    assert "postsearch.toml" in done.stderr


def test_settings_come_from_flags_the_environment_and_the_file_in_that_order(folder: Path) -> None:
    fill(
        folder,
        {"postsearch.toml": 'content = "content/blog"\nindex = "of-file"\n', "other.toml": 'index = "of-other"\n'},
    )
    assert only_json(run(folder, "build", "--json"))["posts"] == 1
    assert (folder / "of-file").is_dir()
    run(folder, "build", env={"POSTSEARCH_INDEX": "of-environment"})
    assert (folder / "of-environment").is_dir()
    run(folder, "build", "--index", "of-flag", env={"POSTSEARCH_INDEX": "of-environment-2"})
    assert (folder / "of-flag").is_dir()
    run(folder, "--config", "other.toml", "build")
    assert (folder / "of-other").is_dir()
    assert not (folder / "of-environment-2").exists()
    assert not (folder / ".postsearch").exists()


@pytest.mark.parametrize(
    "arguments", [["search", "apple"], ["search", "apple", "--json"], ["check", "content"]], ids=str
)
def test_a_pipe_that_was_closed_is_no_cause_for_alarm(site: Path, arguments: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = run(site, *arguments, stdout=writing)
    finally:
        os.close(writing)
    assert "Traceback" not in done.stderr
    assert "Error" not in done.stderr


@pytest.mark.parametrize("arguments", [["search", "apple"], ["search", "apple", "--json"]], ids=str)
def test_a_full_disk_behind_standard_output_is_said_in_a_line(site: Path, arguments: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = run(site, *arguments, stdout=full)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert "space" in done.stderr


def test_an_output_that_knows_ascii_only_stops_nothing(folder: Path) -> None:
    fill(folder / "content", {"服务.md": under("title: 服务网格 é\ntags: [网]", "apple 服务")})
    ascii_only = {"PYTHONIOENCODING": "ascii", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    for arguments in (["build"], ["search", "apple"], ["search", "apple", "--json"]):
        done = run(folder, *arguments, env=ascii_only)
        assert "Traceback" not in done.stderr


def test_what_is_printed_holds_no_orders_for_the_terminal(folder: Path) -> None:
    fill(
        folder / "content",
        {
            "e\x1b]0;x\x07\x9b2J.md": under("title: Escape", "apple"),
            "line\nbreak.md": under("draft: yes"),
            "b\x1b[1m.md": under("x: ["),
        },
    )
    for arguments in (["build"], ["search", "apple"], ["check"]):
        said = run(folder, *arguments).stdout
        assert [character for character in said if character != "\n" and not character.isprintable()] == []
        assert not any(line.startswith("break.md") for line in said.splitlines())


def on_terminal(folder: Path, *arguments: str, heard: Callable[[bytes], Any] = bytes, **env: str) -> str:
    """What a person at a terminal sees, of both streams; *heard* is given all of it so far, again and again."""
    ours, theirs = pty.openpty()
    try:
        process = subprocess.Popen(
            [POSTSEARCH, *arguments],
            cwd=folder,
            env=CLEAN | {"TERM": "xterm-256color"} | env,
            stdout=theirs,
            stderr=theirs,
            stdin=theirs,
        )
        os.close(theirs)
        seen = b""
        try:
            while piece := os.read(ours, 1 << 16):
                seen += piece
                heard(seen)
        except OSError:
            pass  # so a terminal tells that nobody writes to it any more
        process.wait(60)
    finally:
        os.close(ours)
    return seen.decode()


def test_colours_and_progress_are_for_terminals(folder: Path) -> None:
    seen = on_terminal(folder, "build")
    assert "\x1b[" in seen
    assert "Reading posts" in seen
    assert "4 posts" in seen
    assert "\x1b[" in on_terminal(folder, "search", "apple")
    plain = on_terminal(folder, "search", "apple", NO_COLOR="1")
    assert "Apple" in plain
    assert "\x1b[3" not in plain
    assert "\x1b[9" not in plain
    piped = run(folder, "build", "--full")
    assert "\x1b" not in piped.stdout + piped.stderr
    assert "Reading posts" not in piped.stdout + piped.stderr


def test_json_is_not_coloured_even_on_a_terminal(site: Path) -> None:
    assert "\x1b" not in on_terminal(site, "build", "--json")


def test_a_long_line_in_a_pipe_is_not_broken(folder: Path) -> None:
    fill(folder / "content", {"long.md": under(f"title: {'word ' * 100}end", "apple")})
    run(folder, "build")
    assert f"{'word ' * 100}end" in run(folder, "search", "end").stdout.splitlines()


def test_the_package_is_a_command_too(site: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "indexer", "search", "carrot"],
        cwd=site,
        env=CLEAN,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "Carrot")
