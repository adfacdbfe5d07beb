"""Do the files of docs/deploy/ fit the program, the page that explains them, and each other?"""

from __future__ import annotations

import fnmatch
import re
import shlex

import click
import pytest

import server.cli  # noqa: F401 - it adds the command `serve`
from indexer import Settings
from indexer.cli import cli
from server.params import LONGEST
from tests.deploy.fronts import EXAMPLES

NAMES = sorted(path.name for path in EXAMPLES.iterdir())
TEXTS = {name: (EXAMPLES / name).read_text("utf-8") for name in NAMES}
PAGE = (EXAMPLES.parent / "deploy.md").read_text("utf-8")
SERVICES = [name for name in NAMES if name.endswith(".service")]


@pytest.mark.parametrize("name", NAMES)
def test_the_page_leads_to_each_file(name: str) -> None:
    assert f"](deploy/{name})" in PAGE


def test_the_page_names_no_file_that_is_not_there() -> None:
    named = set(re.findall(r"docs/deploy/([\w.*-]+)", PAGE))
    assert len(named) > 3
    assert [name for name in named if not fnmatch.filter(NAMES, name)] == []


def test_all_of_them_mean_the_port_that_the_server_listens_on() -> None:
    settings = Settings()
    named = {place for text in TEXTS.values() for place in re.findall(r"127\.0\.0\.1:\d+", text)}
    assert named == {f"{settings.host}:{settings.port}"}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_gives_commands_that_there_are(name: str) -> None:
    lines = re.findall(r"^Exec\w+=-?\S+/postsearch (.+)$", TEXTS[name], re.MULTILINE)
    assert lines
    for command, *words in map(shlex.split, lines):
        found = cli.get_command(click.Context(cli), command)
        assert found
        found.make_context(command, words)


def test_every_service_has_the_same_fence() -> None:
    fences = [set(re.findall(r"^(?!Exec|Type|Timeout)\w+=.*$", TEXTS[name], re.MULTILINE)) for name in SERVICES]
    build, serve = fences
    fence = {line for line in serve if re.match("Cap|Lock|Mem|No|Pr|ReadW|Remove|Restrict|System|Tasks|User", line)}
    assert len(fence) > 20
    assert fence <= build


def test_the_longest_question_fits_into_what_they_take() -> None:
    longest = LONGEST * len("%F0%9D%84%9E")
    for name, pattern in (("nginx.conf", r"header_buffers 4 (\d+)k"), ("Caddyfile", r"max_header_size (\d+)KB")):
        found = re.search(pattern, TEXTS[name])
        assert found
        assert longest + 4_000 < int(found[1]) * 1_000
