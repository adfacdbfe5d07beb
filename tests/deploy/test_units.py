"""Does systemd understand the units of docs/deploy/, and do they fence the program in?"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.deploy.fronts import EXAMPLES, example, program
from tests.server.running import POSTSEARCH

pytestmark = pytest.mark.slow

UNITS = sorted(path.name for path in EXAMPLES.iterdir() if path.suffix in (".service", ".timer"))
SERVICES = [name for name in UNITS if name.endswith(".service")]

#: Tenths of a point, of a hundred that a service without any fence has.
MOST_EXPOSED = 20


def analyze(*words: str | Path) -> tuple[int, str]:
    """The exit code of systemd-analyze, and all that it says."""
    done = subprocess.run([program("systemd-analyze"), *words], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units, as if the program were installed where they say."""
    program("git")
    for name in UNITS:
        places = {"/srv/postsearch/.venv/bin/postsearch": POSTSEARCH, "/srv/blog": tmp_path}
        (tmp_path / name).write_text(example(name, places if name in SERVICES else {}), "utf-8")
    return tmp_path


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_is_understood(units: Path, name: str) -> None:
    assert analyze("verify", units / name) == (0, "")


def test_a_slip_of_the_pen_in_a_unit_would_be_noticed(units: Path) -> None:
    unit = units / "postsearch.service"
    unit.write_text(unit.read_text("utf-8").replace("ProtectSystem", "ProtectSytem"), "utf-8")
    assert "ProtectSytem" in analyze("verify", unit)[1]


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_fenced_in(name: str) -> None:
    code, said = analyze("security", "--offline=yes", f"--threshold={MOST_EXPOSED}", "--no-pager", EXAMPLES / name)
    assert code == 0, said


def test_a_service_without_a_fence_would_be_noticed(tmp_path: Path) -> None:
    shutil.copy(EXAMPLES / "postsearch.service", tmp_path)
    unit = tmp_path / "postsearch.service"
    unit.write_text(unit.read_text("utf-8").partition("# It may do nothing")[0], "utf-8")
    assert analyze("security", "--offline=yes", f"--threshold={MOST_EXPOSED}", "--no-pager", unit)[0] != 0
