"""How much memory has this process? In bytes, and 0 where the system does not say."""

from __future__ import annotations

from pathlib import Path

MIB = 1 << 20
_SELF = Path("/proc/self")


def resident() -> int:
    """What is in memory now, pages of files included."""
    return _sum("status", "VmRSS:")


def peak() -> int:
    """What was in memory at most, since the start or `forget_peak`."""
    return _sum("status", "VmHWM:")


def private() -> int:
    """What each further process like this one would take again.

    Pages of files that nobody has written to are left out: with one process they are its own, with two they are shared.
    """
    return _sum("smaps_rollup", "Private_Dirty:")


def forget_peak() -> None:
    """Begin anew with the peak, where the system lets us."""
    try:
        (_SELF / "clear_refs").write_text("5")
    except OSError:
        return


def _sum(file: str, *names: str) -> int:
    try:
        lines = (_SELF / file).read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(names))
