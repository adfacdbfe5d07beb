"""What text does a file hold, whatever its bytes?"""

from __future__ import annotations

import codecs
import os
import re
import stat
from pathlib import Path

from indexer.errors import ContentError

#: Bytes in the largest file that is read as a post.
LARGEST = 8 << 20

_LINE_ENDS = re.compile("\r\n?|[\x85\u2028\u2029]")
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def read_bytes(path: str | Path) -> bytes:
    """The bytes of the regular file at *path*; raises `ContentError` for anything else, or anything too large."""
    try:
        # Not to wait for a writer, should a pipe have taken the file's place.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW)
        try:
            return _all_of(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise ContentError(f"cannot be opened: {error.strerror or error}") from error


def _all_of(descriptor: int) -> bytes:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise ContentError("is not a regular file")
    if status.st_size > LARGEST:
        raise ContentError(f"is larger than {LARGEST >> 20} MiB")
    data = os.read(descriptor, status.st_size + 1)
    # A read may give less than was asked for; only nothing means the end, or one byte less, which is the size.
    while 0 < len(data) <= LARGEST and len(data) != status.st_size and (more := os.read(descriptor, 1 << 16)):
        data += more
    if len(data) > LARGEST:
        raise ContentError(f"is larger than {LARGEST >> 20} MiB")
    return data


def decode(data: bytes) -> tuple[str, str | None]:
    """The text of *data* with `\\n` as line ends, and what is odd about its encoding, if anything.

    Raises `ContentError` if it is no text at all.
    """
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    try:
        text, remark = data.decode(encoding), None
    except UnicodeDecodeError as error:
        if encoding == "utf-16":
            raise ContentError("begins as UTF-16, but is not") from error
        line = data.count(b"\n", 0, error.start) + 1
        remark = f"is not UTF-8 (line {line}); read as Windows-1252"
        text = data.decode("cp1252", errors="replace")
    if text.count("\0") > 16 + len(text) // 100:
        raise ContentError("is not text: it is full of NUL characters")
    return (_LINE_ENDS.sub("\n", text) if any(end in text for end in "\r\x85\u2028\u2029") else text), remark
