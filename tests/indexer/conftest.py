"""What do the tests of reading share: a file turned into a post, a folder of files, and a limit on time?"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from indexer.extract import Extracted, Options, extract
from indexer.post import Post
from indexer.visibility import Rules

NOW = "2024-06-01T00:00:00Z"
"""The moment of the build in these tests."""


def rules(**choices: Any) -> Rules:
    """The rules of visibility at `NOW`."""
    return Rules(**{"now": NOW, **choices})


def came_to(source: str | bytes, path: str = "post.md", **choices: Any) -> Extracted:
    """What the file at *path* that holds *source* comes to."""
    data = source.encode("utf-8", "surrogatepass") if isinstance(source, str) else source
    return extract(path, data, Options(**{"rules": rules(), **choices}))


def post_of(source: str | bytes, path: str = "post.md", **choices: Any) -> Post:
    """The post in the file at *path* that holds *source*."""
    found = came_to(source, path, **choices)
    assert found.post, found.hidden
    return found.post


def under(front_matter: str, body: str = "Text.") -> str:
    """A file with *front_matter* in YAML."""
    return f"---\n{front_matter}\n---\n{body}\n"


def body_of(text: str, path: str = "post.md", **choices: Any) -> str:
    """What search sees of *text*, the body of a post."""
    return post_of(under("title: T", text), path, **choices).body


class TooSlowError(AssertionError):
    """What should take milliseconds took seconds."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Fail the block once it has used *seconds* of the processor: on a busy machine the clock says little."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise TooSlowError(f"took more than {seconds:g} seconds")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def fill(folder: Path, files: dict[str, str | bytes]) -> Path:
    """Write *files*, named by their paths below *folder*; the answer is *folder*."""
    for name, content in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """An empty folder for posts."""
    folder = tmp_path / "content"
    folder.mkdir()
    return folder
