"""Does each file come to something, in order, however long one of them would take?"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

import pytest

from indexer import corpus
from indexer.extract import Extracted, Options
from indexer.post import Post
from indexer.reading import options, read_all
from indexer.report import Remark
from indexer.settings import Settings
from tests.indexer.conftest import fill, rules, under

SLOW = under("title: Slow", "![" * 20_000)
"""Takes Python-Markdown half a minute."""


def read(content: Path, *, jobs: int, seconds: float = 10.0, **choices: str) -> dict[str, str]:
    """What each file of *content* came to: the title of a post, the rule that hides it, or why it is skipped."""
    found = list(corpus.walk(content))
    came_to = read_all(found, Options(rules=rules(), **choices), jobs=jobs, seconds=seconds)
    return {one.path: told(what) for one, what in zip(found, came_to, strict=True)}


def told(what: Extracted | Remark) -> str:
    if isinstance(what, Remark):
        return what.reason
    return what.post.title if what.post else str(what.hidden)


@pytest.mark.parametrize("jobs", [0, 1, 2, 5])
def test_every_file_comes_to_something_in_order(content: Path, jobs: int) -> None:
    fill(content, {f"{number:03}.md": under(f"title: Post {number}") for number in range(120)})
    fill(content, {"README.md": "", "draft.md": under("draft: true"), "bad.md": under("x: [")})
    came_to = read(content, jobs=jobs)
    assert list(came_to) == sorted(came_to)
    assert [came_to[f"{number:03}.md"] for number in range(120)] == [f"Post {number}" for number in range(120)]
    assert (came_to["README.md"], came_to["draft.md"]) == ("a README file", "draft: true")
    assert "YAML" in came_to["bad.md"]


def test_no_files_come_to_nothing(content: Path) -> None:
    assert read(content, jobs=2) == {}


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_file_that_takes_too_long_is_given_up_and_the_rest_are_read(content: Path, jobs: int) -> None:
    fill(content, {f"{number:02}.md": under(f"title: Post {number}") for number in range(40)})
    fill(content, {"00.md": SLOW, "17.md": SLOW})
    began = monotonic()
    came_to = read(content, jobs=jobs, seconds=1.0)
    assert monotonic() - began < 20
    assert "longer than 1 second" in came_to.pop("00.md")
    assert "longer than 1 second" in came_to.pop("17.md")
    assert set(came_to.values()) == {f"Post {number}" for number in range(40)} - {"Post 0", "Post 17"}


DEEP = 20_000
ALIASES = [f"{key}: &{key} [{', '.join([f'*{inner}'] * 9)}]" for inner, key in zip("abcdefgh", "bcdefghi", strict=True)]
IN_TIME = "^Hostile$|longer than"
"""What takes a second or more on a slow machine is read on a fast one."""

HOSTILE: dict[str, tuple[str | bytes, str]] = {
    "images.md": (under("title: Hostile", "![" * 4096), IN_TIME),
    "brackets.md": (under("title: Hostile", "[" * 50_000), IN_TIME),
    "quotes.md": (under("title: Hostile", "> " * 100_000 + "a"), IN_TIME + "|nested"),
    "elements.md": (under("title: Hostile", "<div>" * 40_000), IN_TIME),
    "elements.html": ("<title>Hostile</title>" + "<div>" * 40_000, IN_TIME),
    "lists.html": ("<title>Hostile</title>" + "<ul><li>" * 25_000, IN_TIME),
    "lists.rst": ("Hostile\n#######\n\n" + "- " * 10_000, "nested too deeply|takes longer"),
    "marks.md": (under("title: Hostile", "<![CDATA[ <!-- *[a]: b\n" * 5_000), IN_TIME),
    "aliases.md": (under("a: &a [x, x]\n" + "\n".join(ALIASES)), "more than 10,000 values"),
    "endless.md": (under("a: &a [*a]"), "not there"),
    "list.yaml.md": (under(f"a: {'[' * DEEP}{']' * DEEP}"), "nested too deeply"),
    "keys.yaml.md": (under("\n".join(" " * depth + "a:" for depth in range(300))), "nested too deeply"),
    "list.json.md": (f';;;\n{{"a": {"[" * DEEP}{"]" * DEEP}}}\n;;;\n', "nested too deeply"),
    "keys.json.md": ('{"a":' * DEEP + "1" + "}" * DEEP, "nested too deeply"),
    "list.toml.md": (f"+++\na = {'[' * DEEP}{']' * DEEP}\n+++\n", "nested too deeply"),
    "keys.toml.md": (f"+++\n{'.'.join('a' * DEEP)} = 1\n+++\n", "nested too deeply"),
    "table.toml.md": (f"+++\n[{'.'.join('a' * DEEP)}]\nb = 1\n+++\n", "nested too deeply"),
    "quoted.toml.md": ("+++\n" + "\"a\" . 'a'." * (DEEP // 2) + "a = 1\n+++\n", "nested too deeply|is longer than"),
    "inline.toml.md": (f"+++\na = {'{a = ' * 8_000}1{'}' * 8_000}\n+++\n", "nested too deeply"),
    "nul.md": (b"\0" * 5_000, "NUL"),
    "some-nul.md": (under("title: Hos\0tile", "a\0b"), "^Hos tile$"),
    "surrogate.yaml.md": (under('title: "\\ud800"'), "not YAML"),
    "surrogate.json.md": ('{"title": "\\ud800Hostile\\udfff"}\nText.', "^Hostile$"),
    "surrogate.md": (under("title: Hostile", "&#xd800; &#55296; \\ud800"), "^Hostile$"),
    "bytes.md": (under("title: Hostile").encode() + b"\xed\xa0\x80\xff\xfe", "^Hostile$"),
    "utf-16.md": (b"\xff\xfe\x00\xd8", "UTF-16"),
    "large.md": (b"a" * (9 << 20), "larger than 8 MiB"),
    "zigzag.md": (under("title: Hostile", "1. " * 1_000), "nested too deeply"),
}


@pytest.mark.slow
def test_a_hostile_file_ends_in_its_line_and_nothing_else(content: Path, capfd: pytest.CaptureFixture[str]) -> None:
    fill(content, {name: source for name, (source, _) in HOSTILE.items()})
    fill(content, {f"{name.split('.')[0]}-neighbour.md": under("title: Neighbour") for name in HOSTILE})
    began = monotonic()
    came_to = read(content, jobs=2, seconds=1.0)
    taken = monotonic() - began
    hostile = {name: came_to.pop(name) for name in HOSTILE}
    assert {name: told for name, told in hostile.items() if not re.search(HOSTILE[name][1], told)} == {}
    assert set(came_to.values()) == {"Neighbour"}
    assert taken < len(HOSTILE) + 20
    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
def test_a_hostile_file_changes_nothing_of_the_posts_after_it(content: Path) -> None:
    ends = (".md", ".rst", ".html", ".mdx")
    text = "one\n\ntwo\n\n1. three\n\n   four\n\n5. six [^1] :shout:`seven`\n\n[^1]: eight\n"
    after = fill(content, {f"after-{number}{end}": text for number in range(10) for end in ends})
    before = posts_of(after)
    fill(content, {name: source for name, (source, _) in HOSTILE.items()})
    fill(content, {"a.rst": ".. role:: shout\n\n.. default-role:: math\n"})
    found = posts_of(content)
    assert {path: found[path] for path in before} == before


def posts_of(content: Path) -> dict[str, Post | None]:
    """What is read of *content* by one process after the other."""
    found = sorted(corpus.walk(content), key=lambda one: one.path.startswith("after"))
    came_to = read_all(found, Options(rules=rules()), jobs=1, seconds=1.0)
    return {one.path: what.post for one, what in zip(found, came_to, strict=True) if isinstance(what, Extracted)}


@pytest.mark.slow
def test_whatever_a_file_repeats_it_comes_to_something(content: Path, capfd: pytest.CaptureFixture[str]) -> None:
    pieces = "*a **b ¦`a`` ¦<a href='¦&#x¦{{ ¦{% x %}¦|a¦: a\n¦[a](b ¦[a]: b\n¦# a\n¦:::¦\\¦\u0301¦\ue000¦data:".split(
        "¦"
    )
    endings = (".md", ".mdx", ".html", ".rst")
    fill(content, {f"{i:02}{end}": piece * (20_000 // len(piece)) for i, piece in enumerate(pieces) for end in endings})
    came_to = read(content, jobs=2, seconds=1.0)
    assert len(came_to) == len(pieces) * len(endings)
    assert [told for told in came_to.values() if "stopped" in told or "cannot be read:" in told] == []
    assert capfd.readouterr() == ("", "")


def test_what_changed_since_the_walk_is_read_as_it_is_now_or_reported(content: Path, tmp_path: Path) -> None:
    names = [f"{name}.md" for name in "gone grown folder pipe link same shrunk sparse".split()]
    fill(content, {name: under("title: Before") for name in names})
    fill(tmp_path, {"secret.md": under("title: Secret")})
    found = list(corpus.walk(content))
    for name in ("gone", "folder", "pipe", "link"):
        (content / f"{name}.md").unlink()
    (content / "folder.md").mkdir()
    os.mkfifo(content / "pipe.md")
    (content / "link.md").symlink_to(tmp_path / "secret.md")
    fill(content, {"grown.md": under("title: After", "More. " * 10_000), "shrunk.md": b""})
    with (content / "sparse.md").open("ab") as file:
        file.truncate(1 << 40)
    came_to = dict(zip([one.path for one in found], map(told, read_all(found, Options(rules=rules()))), strict=True))
    assert came_to.pop("gone.md").startswith("cannot be opened")
    assert came_to.pop("link.md").startswith(("cannot be opened", "is a link"))
    assert came_to == {
        "folder.md": "is not a regular file",
        "grown.md": "After",
        "pipe.md": "is not a regular file",
        "same.md": "Before",
        "shrunk.md": "empty",
        "sparse.md": "is larger than 8 MiB",
    }


READ = """
import resource, sys
from pathlib import Path
from tests.indexer.test_reading import read

if __name__ == "__main__":
    print(sorted(read(Path(sys.argv[1]), jobs=2, renderer="commonmark").items()))
    print(max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="measures memory in Linux's units")
def test_a_file_takes_no_more_memory_than_a_process_may(content: Path, tmp_path: Path) -> None:
    greedy = "<for-the-parser>\n\n" + "-\n" * 4_000_000
    fill(content, {"greedy.md": under("title: Greedy", greedy), "neighbour.md": under("title: Neighbour")})
    fill(tmp_path, {"read.py": READ})
    done = subprocess.run(
        [sys.executable, tmp_path / "read.py", content],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        check=True,
    )
    came_to, kibibytes = done.stdout.splitlines()
    assert "('greedy.md', 'Greedy')" not in came_to
    assert "('neighbour.md', 'Neighbour')" in came_to
    assert int(kibibytes) < 1.5 * (1 << 20)
    assert "Traceback" not in done.stderr


def test_what_is_left_unread_holds_nobody_up(content: Path) -> None:
    fill(content, {"a.md": under("title: A"), "b.md": SLOW})
    came_to = read_all(list(corpus.walk(content)), Options(rules=rules()), jobs=2, seconds=60.0)
    assert isinstance(next(came_to), Extracted)
    began = monotonic()
    came_to.close()  # type: ignore[attr-defined]
    assert monotonic() - began < 5


def test_the_settings_say_how_posts_are_read(content: Path) -> None:
    chosen = options(Settings(content=content, renderer="commonmark", permalink="/:title/", anchors="kramdown"))
    assert (chosen.renderer, chosen.permalink, chosen.anchors) == ("commonmark", "/:title/", "kramdown")


def test_the_moment_of_a_build_is_now(content: Path) -> None:
    now = options(Settings(content=content)).rules.now
    assert abs(datetime.fromisoformat(now) - datetime.now(UTC)) < timedelta(minutes=1)
