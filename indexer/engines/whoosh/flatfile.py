"""How do named arrays lie in one file, so that opening it costs nothing?

magic, length of the directory, directory (JSON: name -> type, count, offset), arrays at multiples of 64 bytes
"""

import json
import mmap
import zlib
from collections.abc import Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.engines.whoosh import lasting

Array = NDArray[Any]
MAGIC = b"postsearch-flat1"
_ALIGNED = 64


class FlatFile:
    """The arrays of the file at *path*, by name, mapped into memory: all processes share them, none can write them.

    Raises `ValueError` for a file that is not such a one, or has been cut.
    """

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        size = int.from_bytes(self._map[16:24], "little")
        checksum = int.from_bytes(self._map[24:28], "little")
        directory = self._map[28 : 28 + size]
        if self._map[:16] != MAGIC or zlib.crc32(directory) != checksum:
            raise ValueError(f"{path.name} is no segment")
        self._places: dict[str, tuple[str, int, int]] = json.loads(directory)
        if any(self._places[name][2] + size > len(self._map) for name, size in self.sizes().items()):
            raise ValueError(f"{path.name} has been cut")

    def __getitem__(self, name: str) -> Array:
        kind, count, offset = self._places[name]
        return np.frombuffer(self._map, dtype=kind, count=count, offset=offset)

    def sizes(self) -> Mapping[str, int]:
        """Bytes of each array."""
        return {name: count * np.dtype(kind).itemsize for name, (kind, count, _) in self._places.items()}


def write(path: Path, arrays: Mapping[str, Array | bytes]) -> None:
    """Write *arrays* to a new file at *path*, in the order of their names, and make sure that it is on the disk."""
    flat: dict[str, Array] = {
        name: np.frombuffer(a, np.uint8) if isinstance(a, bytes) else np.ascontiguousarray(a)
        for name, a in sorted(arrays.items())
    }
    room = sum(len(name) + 60 for name in flat) + 64
    places, offset = {}, _up(28 + room)
    for name, array in flat.items():
        places[name] = (array.dtype.str, len(array), offset)
        offset = _up(offset + array.nbytes)
    directory = json.dumps(places).encode().ljust(room)
    head = MAGIC + len(directory).to_bytes(8, "little") + zlib.crc32(directory).to_bytes(4, "little") + directory
    padded = ((array.data, bytes(_up(array.nbytes) - array.nbytes)) for array in flat.values())
    lasting.write(path, chain([head.ljust(_up(len(head)), b"\0")], chain.from_iterable(padded)))


def _up(offset: int) -> int:
    return -(-offset // _ALIGNED) * _ALIGNED
