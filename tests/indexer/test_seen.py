"""Is a file taken for what it was only where nothing can have changed it?"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from indexer.corpus import File
from indexer.extract import Options, digest
from indexer.seen import Seen
from tests.indexer.conftest import rules

OPTIONS = Options(rules=rules())
FALSE = "f" * 32


@pytest.fixture
def file(tmp_path: Path) -> File:
    (tmp_path / "a.md").write_text("apple")
    return File("a.md", str(tmp_path / "a.md"))


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if every file had been changed long ago."""
    monkeypatch.setattr("indexer.seen.COARSE", -(10**18))


def look(index: Path, file: File, options: Options = OPTIONS) -> str:
    """The digest of *file*, which is kept as a build would."""
    seen = Seen(index, options)
    found = seen.digest(file)
    seen.keep()
    return found


def remembered(index: Path, file: File) -> bool:
    """Whether the digest of *file* is known without its being read: then a false one is believed."""
    kept = index / "seen"
    true = digest(Path(file.place).read_bytes(), OPTIONS)
    if kept.exists():
        kept.write_bytes(kept.read_bytes().replace(true.encode(), FALSE.encode()))
    return Seen(index, OPTIONS).digest(file) == FALSE


@pytest.mark.usefixtures("settled")
def test_a_file_that_nobody_touched_is_not_read_again(tmp_path: Path, file: File) -> None:
    assert look(tmp_path, file) == digest(b"apple", OPTIONS)
    assert remembered(tmp_path, file)


def test_a_file_that_was_changed_a_moment_ago_is_read_again(tmp_path: Path, file: File) -> None:
    look(tmp_path, file)
    assert not remembered(tmp_path, file)


def test_a_time_that_somebody_set_does_not_make_a_file_old(tmp_path: Path, file: File) -> None:
    os.utime(file.place, (0, 0))
    look(tmp_path, file)
    assert not remembered(tmp_path, file)


def same_size(path: Path) -> None:
    path.write_text("pears")


def same_size_and_time(path: Path) -> None:
    before = path.stat()
    path.write_text("pears")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def another_file(path: Path) -> None:
    before = path.stat()
    path.with_name("other").write_text("pears")
    path.with_name("other").replace(path)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize("change", [same_size, same_size_and_time, another_file])
def test_a_file_that_was_changed_in_any_way_is_read_again(
    tmp_path: Path, file: File, change: Callable[[Path], None]
) -> None:
    look(tmp_path, file)
    change(Path(file.place))
    assert look(tmp_path, file) == digest(b"pears", OPTIONS)


@pytest.mark.usefixtures("settled")
def test_another_way_of_reading_reads_every_file_again(tmp_path: Path, file: File) -> None:
    look(tmp_path, file)
    other = Options(rules=rules(), renderer="commonmark")
    assert look(tmp_path, file, other) == digest(b"apple", other)


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize("damage", [b"", b"\x92", b"apple", b"\x92\xc4\x00\x81\x91\x01\x02"])
def test_without_what_was_kept_or_with_damage_to_it_files_are_read(tmp_path: Path, file: File, damage: bytes) -> None:
    look(tmp_path, file)
    (tmp_path / "seen").write_bytes(damage)
    assert look(tmp_path, file) == digest(b"apple", OPTIONS)
    assert remembered(tmp_path, file)


@pytest.mark.usefixtures("settled")
def test_what_is_kept_names_no_file_and_nothing_of_its_text(tmp_path: Path, file: File) -> None:
    look(tmp_path, file)
    kept = (tmp_path / "seen").read_bytes()
    assert b"a.md" not in kept
    assert b"apple" not in kept


@pytest.mark.usefixtures("settled")
def test_what_stays_the_same_is_not_written_again(tmp_path: Path, file: File) -> None:
    look(tmp_path, file)
    before = (tmp_path / "seen").stat().st_ino
    look(tmp_path, file)
    assert (tmp_path / "seen").stat().st_ino == before


def test_a_file_that_has_gone_has_no_digest(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        Seen(tmp_path, OPTIONS).digest(File("b.md", str(tmp_path / "b.md")))


def test_a_disk_that_refuses_it_stops_no_build(tmp_path: Path, file: File) -> None:
    assert look(tmp_path / "missing", file) == digest(b"apple", OPTIONS)
