"""Which files are still what they were when they were last read, so that their digests are known?

    DIR/seen    the digest of each file, by what its folder tells of it: no name, and nothing of its text

Only a hint, and it can be removed: a file of which its folder tells anything else is read again, and so is one that was
changed a moment ago, since times may be too coarse to tell two changes apart.
"""

import os
from contextlib import suppress
from pathlib import Path
from time import time_ns

import msgspec

from indexer import source
from indexer.corpus import File
from indexer.extract import Options, digest

#: Nanoseconds that two changes may be apart and leave a file with the same times: on FAT they are even numbers.
COARSE = 2_000_000_000

#: How many of the files may have been read without its being worth while to write down that they were.
FEW = 0.01

_Digests = dict[tuple[int, int, int, int, int], str]


class Seen:
    """The digests of files, under *options*, kept in the folder *index*."""

    def __init__(self, index: Path, options: Options) -> None:
        self._place, self._options = index / "seen", options
        self._latest, self._read = time_ns() - COARSE, 0
        self._known: _Digests = {}
        self._fresh: _Digests = {}
        with suppress(OSError, msgspec.DecodeError):
            kept = msgspec.msgpack.decode(self._place.read_bytes(), type=dict[bytes, _Digests])
            self._known = kept.get(options.recipe, {})

    def digest(self, file: File) -> str:
        """The digest of *file* as it is now. Raises `ContentError` or `OSError` if it cannot be read."""
        status = os.lstat(file.place)
        sign = status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
        known = self._known.get(sign)
        if known is None:
            known = digest(source.read_bytes(file.place), self._options)
            self._read += 1
        if max(status.st_mtime_ns, status.st_ctime_ns) < self._latest:
            self._fresh[sign] = known
        return known

    def keep(self) -> None:
        """Keep what was found out for the next build."""
        if self._read > FEW * len(self._fresh) and self._fresh != self._known:
            fresh = self._place.with_suffix(".new")
            with suppress(OSError):
                fresh.write_bytes(msgspec.msgpack.encode({self._options.recipe: self._fresh}))
                fresh.replace(self._place)
