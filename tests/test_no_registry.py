"""Does any file name the place it was made: a package registry, or a folder of somebody's machine?"""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# Whoever installs the project chooses the registry. (The patterns do not match themselves.)
REGISTRY = re.compile(
    r"pypi\.(?:org|python)|pythonhosted\.org|npmjs\.(?:org|com)|crates\.io|proxy\.golang\.org|repo1?\.maven"
    r"|--(?:extra-)?index[-]url|--find[-]links|^-i +http",
    re.IGNORECASE,
)
# A path that begins so, not the page of a site whose address goes on so.
MACHINE = re.compile(r"(?<![\w.~*/-])/(?:home|root|work|Users)/")


def project_files() -> Iterator[Path]:
    """Every file that is, or is about to be, part of the project."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    yield from (ROOT / name for name in listing.split("\0") if name and (ROOT / name).is_file())


def text_lines() -> Iterator[tuple[str, str]]:
    """Each line of each text file, with the place to find it."""
    for path in project_files():
        content = path.read_bytes()
        if b"\0" not in content:
            for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), 1):
                yield f"{path.relative_to(ROOT)}:{number}", line


@pytest.mark.parametrize("line", ["--index" + "-url=x", "https://pypi" + ".org/simple", "-" + "i https://x"])
def test_a_registry_would_be_noticed(line: str) -> None:
    assert REGISTRY.search(line)


@pytest.mark.parametrize("root", ["home", "root", "work", "Users"])
def test_a_path_of_a_machine_would_be_noticed(root: str) -> None:
    assert MACHINE.search(f"see '/{root}/someone/file'")
    assert not MACHINE.search(f"https://example.org/{root}/")


def test_no_file_names_a_registry() -> None:
    assert [place for place, line in text_lines() if REGISTRY.search(line)] == []


def test_no_file_names_a_folder_of_a_machine() -> None:
    places = [place for place, line in text_lines() if MACHINE.search(line)]
    # A sample post may speak of a folder, as any text may.
    assert [place for place in places if not place.startswith("content/")] == []
