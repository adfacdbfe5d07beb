"""How does a program run where a package is not installed?"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).parents[2]


def run_without(package: str, program: str, folder: Path) -> str:
    """What the Python *program* prints where *package* is not installed; *folder* is empty, and for this alone."""
    installed = Path(sysconfig.get_path("purelib"))
    for entry in installed.iterdir():
        if not entry.name.lower().startswith(package):
            (folder / entry.name).symlink_to(entry)
    # -S: without the folder of packages that belongs to this Python.
    done = subprocess.run(
        [sys.executable, "-S", "-c", program],
        env={"PYTHONPATH": f"{ROOT}:{folder}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
