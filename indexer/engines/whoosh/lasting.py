"""How does a file, or a name in a folder, outlive a power cut?"""

import os
from collections.abc import Iterable
from pathlib import Path


def write(path: Path, pieces: Iterable[bytes | memoryview]) -> None:
    """Write a new file, and see that all of it is on the disk."""
    with path.open("xb") as file:
        for piece in pieces:
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())


def keep(folder: Path) -> None:
    """See that the names in *folder* are on the disk."""
    descriptor = os.open(folder, os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
