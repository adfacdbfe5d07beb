"""Does each file come to something, in order, however long one of them would take?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

import pytest

from indexer import corpus
from indexer.extract import Extracted, Options
from indexer.reading import options, read_all
from indexer.report import Remark
from indexer.settings import Settings
from tests.indexer.conftest import fill, rules, under

SLOW = under("title: Slow", "![" * 20_000)
"""Takes Python-Markdown half a minute."""


def read(content: Path, *, jobs: int, seconds: float = 10.0) -> dict[str, str]:
    """What each file of *content* came to: the title of a post, the rule that hides it, or why it is skipped."""
    found = list(corpus.walk(content))
    came_to = read_all(found, Options(rules=rules()), jobs=jobs, seconds=seconds)
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
