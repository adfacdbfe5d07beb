"""Is what a package adds found by its entry points?"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from indexer.extras import extras

MODULE = '''
import click

@click.command()
def greet():
    """Greet."""
    click.echo("hello")
'''


def added(folder: Path, *arguments: str) -> str:
    """What the command line prints where a package in *folder* adds the command `greet`."""
    (folder / "greeting.py").write_text(MODULE, "utf-8")
    about = folder / "greeting-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: greeting\nVersion: 1\n", "utf-8")
    (about / "entry_points.txt").write_text("[postsearch.commands]\ngreet = greeting:greet\n", "utf-8")
    command = [sys.executable, "-m", "indexer", *arguments]
    env = {**os.environ, "PYTHONPATH": str(folder)}
    return subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout


def test_a_package_adds_a_command(tmp_path: Path) -> None:
    assert added(tmp_path, "greet") == "hello\n"


def test_an_added_command_is_listed_beside_our_own(tmp_path: Path) -> None:
    lines = added(tmp_path, "--help").splitlines()
    assert {"build", "greet"} <= {line.split()[0] for line in lines if line.startswith("  ") and line.strip()}


@pytest.mark.parametrize(
    ("kind", "name"), [("commands", "watch"), ("markup", "rst"), ("routes", "reindex"), ("unheard of", None)]
)
def test_our_own_extras_are_there(kind: str, name: str | None) -> None:
    assert (name in extras(kind)) is (name is not None)
