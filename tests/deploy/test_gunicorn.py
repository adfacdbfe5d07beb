"""Does gunicorn, as docs/deploy/ sets it up, serve the application?"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree
from time import monotonic, sleep

import pytest

from indexer import Settings, sync
from tests.deploy.fronts import Front, ask, example, free_port, running
from tests.server.running import get

pytestmark = pytest.mark.slow

GUNICORN = Path(sys.executable).with_name("gunicorn")


@pytest.fixture(scope="module")
def folder(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of its own, with gunicorn's settings: this index will change."""
    return copytree(folder, tmp_path_factory.mktemp("gunicorn") / "blog", symlinks=True)


@pytest.fixture(scope="module")
def front(folder: Path) -> Iterator[Front]:
    port = free_port()
    (folder / "gunicorn.conf.py").write_text(example("gunicorn.conf.py", {"127.0.0.1:8000": f"127.0.0.1:{port}"}))
    command = (str(GUNICORN), "--config", "gunicorn.conf.py", "server.wsgi:create()")
    with running(folder, port, command, user="root") as process:  # whose the index is
        yield Front(port, process)
    assert process.returncode == 0


def test_it_answers_readers_and_programs(front: Front) -> None:
    assert "<mark>" in ask(front.port, "/search?q=readers").text
    assert ask(front.port, "/static/page.css").status == 200
    status, answer = get(f"http://127.0.0.1:{front.port}/api/v1/search?q=readers")
    assert (status, answer["total"] > 0) == (200, True)


def test_it_refuses_what_is_huge(front: Front) -> None:
    assert ask(front.port, f"/search?q={'x' * 60_000}").status in (400, 414)
    assert ask(front.port, "/search", headers={"X-Much": "x" * 60_000}).status in (400, 431)


def test_each_of_its_workers_finds_a_post_that_is_published_meanwhile(front: Front, folder: Path) -> None:
    (folder / "posts").mkdir()
    (folder / "posts" / "quokka.md").write_text("# A quokka\n\nIt smiles.\n", "utf-8")
    sync(Settings(content=folder / "posts", index=folder / ".postsearch"))
    until = monotonic() + 10
    while monotonic() < until and not found(front, times=1):
        sleep(0.1)
    sleep(1)
    assert found(front, times=20)


def found(front: Front, *, times: int) -> bool:
    """Whether each of so many questions is answered with the post."""
    return all(get(f"http://127.0.0.1:{front.port}/api/v1/search?q=quokka")[1]["total"] for _ in range(times))
