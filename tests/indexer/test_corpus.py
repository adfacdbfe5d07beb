"""Are all the files of a folder found that may be posts, in order, and no others?"""

from __future__ import annotations

import os
import random
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from indexer import corpus, source
from indexer.corpus import File
from indexer.errors import ContentError, SettingsError
from indexer.report import Hidden, Remark
from tests.indexer.conftest import fill, within


def files(content: Path) -> list[str]:
    return [found.path for found in corpus.walk(content) if isinstance(found, File)]


def reasons(content: Path) -> dict[str, str]:
    return {found.path: found.reason for found in corpus.walk(content) if isinstance(found, Remark)}


def rules(content: Path) -> dict[str, str]:
    return {found.path: found.rule for found in corpus.walk(content) if isinstance(found, Hidden)}


def test_posts_are_found_at_any_depth(content: Path) -> None:
    fill(content, {"a.md": "", "b/c.md": "", "b/d/e/f.md": ""})
    assert files(content) == ["a.md", "b/c.md", "b/d/e/f.md"]
    assert [found.place for found in corpus.walk(content) if isinstance(found, File)][1] == str(content / "b" / "c.md")


@pytest.mark.parametrize(
    "name",
    [
        "a.md",
        "a.markdown",
        "a.mkd",
        "a.mkdn",
        "a.mdx",
        "a.html",
        "a.htm",
        "a.html.md",
        "a.html.markdown",
        "a.rst",
        "A.MD",
        "a b#%+.md",
        "服务.md",
        "é.md",
    ],
)
def test_a_post_is_known_by_its_suffix(content: Path, name: str) -> None:
    fill(content, {name: ""})
    assert files(content) == [name]


@pytest.mark.parametrize(
    "name",
    [
        "a.txt",
        "a.png",
        "a.md.bak",
        "a.md~",
        "amd",
        "md",
        ".md",
        ".a.md",
        ".git/a.md",
        "a/.hidden/b.md",
        "node_modules/a/b.md",
        "a/node_modules/b.md",
    ],
)
def test_another_file_is_no_post(content: Path, name: str) -> None:
    fill(content, {name: ""})
    assert list(corpus.walk(content)) == []


def test_what_is_no_post_by_its_path_is_hidden_with_its_rule(content: Path) -> None:
    fill(content, {"README.md": "", "a.md": "", "_drafts/b.md": "", "_includes/c.html": ""})
    assert files(content) == ["a.md"]
    assert sorted(rules(content)) == ["README.md", "_drafts/b.md", "_includes/c.html"]
    assert all(rules(content).values())


def test_the_order_is_that_of_the_paths(content: Path) -> None:
    names = ["a.md", "a/a.md", "a/b.md", "a-b.md", "B.md", "b/a/c.md", "é.md", "z.md", "服务.md"]
    for name in random.Random(7).sample(names, len(names)):
        fill(content, {name: ""})
    assert files(content) == sorted(names)


def test_an_empty_folder_holds_no_posts(content: Path) -> None:
    assert list(corpus.walk(content)) == []


@pytest.mark.parametrize("name", ["missing", "file"])
def test_a_folder_that_is_none_is_an_error_of_the_operator(tmp_path: Path, name: str) -> None:
    fill(tmp_path, {"file": ""})
    with pytest.raises(SettingsError, match=name) as refused:
        list(corpus.walk(tmp_path / name))
    assert refused.value.key == "content"


def test_the_folder_itself_may_be_a_link(content: Path, tmp_path: Path) -> None:
    fill(content, {"a.md": "", "b/c.md": ""})
    (tmp_path / "link").symlink_to(content)
    assert files(tmp_path / "link") == ["a.md", "b/c.md"]
    assert reasons(tmp_path / "link") == {}


def test_a_link_within_the_folder_is_followed(content: Path) -> None:
    fill(content, {"shared/text.txt": ""})
    (content / "a.md").symlink_to("shared/text.txt")
    assert files(content) == ["a.md"]


@pytest.mark.parametrize("goal", ["../secret.md", "../other", "..", "/etc/passwd", "sub/../../secret.md"])
def test_a_link_out_of_the_folder_is_not_followed(content: Path, tmp_path: Path, goal: str) -> None:
    fill(tmp_path, {"secret.md": "", "other/secret.md": "", "content/sub/x.txt": ""})
    (content / "link.md").symlink_to(goal)
    assert files(content) == []
    assert list(reasons(content)) == ["link.md"]


def test_a_link_through_a_link_out_of_the_folder_is_not_followed(content: Path, tmp_path: Path) -> None:
    fill(tmp_path, {"secret.md": ""})
    (content / "first.txt").symlink_to("../secret.md")
    (content / "second.md").symlink_to("first.txt")
    assert (files(content), list(reasons(content))) == ([], ["second.md"])


def test_a_link_to_nothing_is_reported(content: Path) -> None:
    (content / "a.md").symlink_to("missing.md")
    assert (files(content), list(reasons(content))) == ([], ["a.md"])


@pytest.mark.parametrize("name", ["self.md", "self"])
def test_a_link_to_itself_stops_nothing(content: Path, name: str) -> None:
    fill(content, {"a.md": ""})
    (content / name).symlink_to(name)
    assert files(content) == ["a.md"]


def test_links_to_each_other_stop_nothing(content: Path) -> None:
    fill(content, {"a.md": ""})
    (content / "one.md").symlink_to("two.md")
    (content / "two.md").symlink_to("one.md")
    assert (files(content), sorted(reasons(content))) == (["a.md"], ["one.md", "two.md"])


def test_a_link_to_a_folder_above_ends(content: Path) -> None:
    fill(content, {"a/b.md": ""})
    (content / "a" / "up").symlink_to("..")
    (content / "a" / "here").symlink_to(".")
    assert files(content) == ["a/b.md"]


def test_a_post_is_found_once_though_links_lead_to_its_folder(content: Path) -> None:
    fill(content, {"m/post.md": ""})
    for name in ("a", "z", "m/in"):
        (content / name).symlink_to(content / "m")
    assert files(content) == ["m/post.md"]


def test_folders_that_all_link_to_each_other_are_walked_in_time(content: Path) -> None:
    names = [f"folder{number}" for number in range(9)]
    for name in names:
        fill(content, {f"{name}/post.md": ""})
        for other in names:
            if other != name:
                (content / name / other).symlink_to(f"../{other}")
    with within(2):
        assert files(content) == [f"{name}/post.md" for name in names]


def test_a_name_that_is_not_utf_8_is_reported(content: Path) -> None:
    for name in (b"caf\xe9.md", b"caf\xe9.txt", b"f\xe9/a.md"):
        place = os.fsencode(content) + b"/" + name
        os.makedirs(os.path.dirname(place), exist_ok=True)  # noqa: PTH103, PTH120 - the name is bytes
        Path(os.fsdecode(place)).touch()
    assert files(content) == []
    found = reasons(content)
    assert sorted(found) == ["caf\ufffd.md", "f\ufffd/a.md"]
    assert all("UTF-8" in reason for reason in found.values())


@pytest.mark.parametrize(
    "name",
    [
        "line\nbreak.md",
        "tab\t.md",
        "escape\x1b[2J.md",
        "bell\x07.md",
        "right\u202eleft.md",
        "back\\slash.md",
        "quote'\".md",
        "-.md",
        "~.md",
    ],
)
def test_a_strange_name_is_accounted_for(content: Path, name: str) -> None:
    fill(content, {name: ""})
    [found] = corpus.walk(content)
    assert isinstance(found, Remark) or (isinstance(found, File) and found.path == name)


def test_a_folder_named_like_a_post_is_a_folder(content: Path) -> None:
    fill(content, {"a.md/b.md": ""})
    assert files(content) == ["a.md/b.md"]


def test_what_is_no_file_is_refused_when_it_is_read(content: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(content)
    os.mkfifo(content / "pipe.md")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind("socket.md")
        for found in corpus.walk(content):
            assert isinstance(found, File)
            with within(1), pytest.raises(ContentError):
                source.read_bytes(found.place)


def test_a_file_that_has_gone_is_refused_when_it_is_read(content: Path) -> None:
    fill(content, {"a.md": "", "b.md": ""})
    walked = [found for found in corpus.walk(content) if isinstance(found, File)]
    (content / "a.md").unlink()
    with pytest.raises(ContentError, match="cannot be opened"):
        source.read_bytes(walked[0].place)
    assert source.read_bytes(walked[1].place) == b""


@contextmanager
def without_privileges() -> Iterator[None]:
    """Be nobody for a while, if this is the superuser, who may read everything."""
    if os.geteuid():
        yield
        return
    os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may enter, which pytest's own are not."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_what_may_not_be_read_is_reported(open_folder: Path) -> None:
    fill(open_folder, {"a.md": "", "shut.md": "", "shut/b.md": ""})
    (open_folder / "shut.md").chmod(0)
    (open_folder / "shut").chmod(0)
    with without_privileges():
        walked = list(corpus.walk(open_folder))
        with pytest.raises(ContentError, match="Permission denied"):
            source.read_bytes(open_folder / "shut.md")
    (open_folder / "shut").chmod(0o755)
    assert [found.path for found in walked] == ["a.md", "shut", "shut.md"]
    assert isinstance(walked[1], Remark)
    assert "Permission denied" in walked[1].reason


def test_a_path_too_long_for_the_system_is_reported(content: Path) -> None:
    at = os.open(content, os.O_RDONLY)
    for _ in range(25):
        os.mkdir("x" * 200, dir_fd=at)
        below = os.open("x" * 200, os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = below
    os.close(at)
    fill(content, {"z.md": ""})
    assert files(content) == ["z.md"]
    [(path, reason)] = reasons(content).items()
    assert path.startswith("x" * 200)
    assert "too long" in reason


def test_many_files_are_walked_in_time(content: Path) -> None:
    fill(content, {f"{number % 50}/{number}.md": "" for number in range(2_000)})
    with within(2):
        assert len(files(content)) == 2_000
