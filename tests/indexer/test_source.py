"""Is the text of a file found whatever its bytes, and what is no text refused?"""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import source
from indexer.errors import ContentError
from tests.indexer.conftest import within


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", ""),
        (b"plain", "plain"),
        ("é 服务 🙂".encode(), "é 服务 🙂"),
        (b"\xef\xbb\xbfmarked", "marked"),
        ("marked é".encode("utf-16"), "marked é"),
        (b"\xff\xfe" + "little é".encode("utf-16-le"), "little é"),
        (b"\xfe\xff" + "big é".encode("utf-16-be"), "big é"),
        (b"a\r\nb\rc\nd\r\n", "a\nb\nc\nd\n"),
        ("a\r\nb".encode("utf-16"), "a\nb"),
    ],
)
def test_a_text_is_decoded(data: bytes, text: str) -> None:
    assert source.decode(data) == (text, None)


def test_what_is_not_utf_8_is_read_as_windows_1252_and_said_to_be() -> None:
    text, remark = source.decode(b"one\ncaf\xe9 \x93quoted\x94 \x81\n")
    assert text.startswith("one\ncafé “quoted” ")
    assert remark is not None
    assert "line 2" in remark
    assert "Windows-1252" in remark


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xfea\xd8",
        b"\xff\xfe\x00",
        b"\x00" * 100,
        ("A text. " * 20).encode("utf-16-le"),
        ("A text. " * 20).encode("utf-32"),
        b"PK\x03\x04" + b"\x00\x01" * 50,
    ],
)
def test_what_is_no_text_is_refused(data: bytes) -> None:
    with pytest.raises(ContentError):
        source.decode(data)


@given(st.binary())
def test_any_bytes_are_a_text_or_refused(data: bytes) -> None:
    try:
        text, remark = source.decode(data)
    except ContentError:
        return
    text.encode()
    assert "\r" not in text
    assert remark is None or remark.isprintable()


ENDS = "\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
"""Characters besides the line feed that some programs take for the end of a line."""


@given(st.text(st.characters(codec="utf-8", exclude_characters=f"{ENDS}\x00\ufeff")))
def test_every_text_comes_back(text: str) -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        assert source.decode(text.encode(encoding)) == (text, None)


def test_a_long_file_is_decoded_in_time() -> None:
    with within(2):
        source.decode(b"\xe9\r" * 4_000_000)


def test_a_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(b"text\xff")
    assert source.read_bytes(tmp_path / "a.md") == b"text\xff"


def test_a_file_that_is_too_large_is_refused_unread(tmp_path: Path) -> None:
    with open(tmp_path / "a.md", "wb") as file:  # noqa: PTH123 - for a file of holes
        file.truncate(1 << 40)
    with within(1), pytest.raises(ContentError, match="larger"):
        source.read_bytes(tmp_path / "a.md")


def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.md")
    with pytest.raises(ContentError, match="not a regular file"):
        source.read_bytes(tmp_path / "a.md")


def test_a_socket_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the name of a socket has to be short
    with socket.socket(socket.AF_UNIX) as bound, pytest.raises(ContentError):
        bound.bind("a.md")
        source.read_bytes(tmp_path / "a.md")


@pytest.mark.parametrize("name", [".", "missing.md", "x" * 300, "a.md/b.md"])
def test_what_cannot_be_opened_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.md").touch()
    with pytest.raises(ContentError) as refused:
        source.read_bytes(tmp_path / name)
    assert refused.value.reason
