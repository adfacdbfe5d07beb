"""Is the moment of the next build kept as it was left?"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from indexer.due import due, leave_due
from indexer.errors import IndexUnwritableError
from indexer.settings import Settings


def test_without_an_index_nothing_is_due(tmp_path: Path) -> None:
    assert due(Settings(index=tmp_path / "missing")) is None


@pytest.mark.parametrize(
    ("left", "kept"),
    [
        ("2030", "2030-01-01T00:00:00Z"),
        ("2030-05", "2030-05-01T00:00:00Z"),
        ("2030-05-06", "2030-05-06T00:00:00Z"),
        ("2030-05-06T10:11", "2030-05-06T10:11:00Z"),
        ("2030-05-06T10:11:12", "2030-05-06T10:11:12Z"),
        ("2030-05-06T10:11:12Z", "2030-05-06T10:11:12Z"),
    ],
)
def test_the_file_holds_a_bare_time_and_nothing_else(tmp_path: Path, left: str, kept: str) -> None:
    leave_due(tmp_path, left)
    assert (tmp_path / "due").read_bytes() == kept.encode()
    assert due(Settings(index=tmp_path)) == datetime.fromisoformat(kept)
    assert [path.name for path in tmp_path.iterdir()] == ["due"]


def test_there_is_no_file_when_time_changes_nothing(tmp_path: Path) -> None:
    leave_due(tmp_path, None)
    leave_due(tmp_path, "2030-01-01")
    leave_due(tmp_path, None)
    assert due(Settings(index=tmp_path)) is None
    assert list(tmp_path.iterdir()) == []


def test_what_stays_the_same_is_not_written_again(tmp_path: Path) -> None:
    leave_due(tmp_path, "2030-01-01")
    before = (tmp_path / "due").stat()
    leave_due(tmp_path, "2030-01-01")
    after = (tmp_path / "due").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize(
    "damage", [b"", b"\xff\xfe", b"tomorrow", b"2030-99-01T00:00:00Z", b"0001-01-01T00:00:00+23:00"]
)
def test_where_the_file_is_damaged_a_build_is_due_at_once(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "due").write_bytes(damage)
    moment = due(Settings(index=tmp_path))
    assert moment is not None
    assert moment < datetime.now(UTC)
    leave_due(tmp_path, None)
    assert due(Settings(index=tmp_path)) is None


def test_a_disk_that_refuses_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(IndexUnwritableError, match="file"):
        leave_due(tmp_path / "file", "2030-01-01")
