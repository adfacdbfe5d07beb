"""When does the next build have to run, though nobody has changed a post?

DIR/due    that moment, and nothing else; not there if time alone changes nothing
"""

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from indexer.dates import Moment
from indexer.errors import IndexUnwritableError
from indexer.settings import Settings


def due(settings: Settings) -> datetime | None:
    """The first moment after the last build at which a post becomes public, or ceases to be so; None if there is none.

    It may have passed: then a build is due now.
    """
    text = _read(settings.index / "due")
    try:
        return None if text is None else datetime.fromisoformat(text.strip()).astimezone(UTC)
    except (ValueError, OverflowError):  # a power cut may leave an empty file: the next build writes it anew
        return datetime.fromtimestamp(0, UTC)


def leave_due(index: Path, moment: Moment | None) -> None:
    """Keep *moment* for `due`. Raises `IndexUnwritableError`."""
    place, fresh = index / "due", index / "due.new"
    text = moment and moment + "0000-01-01T00:00:00Z"[len(moment) :]
    try:
        if text is None:
            place.unlink(missing_ok=True)
        elif text != _read(place):
            fresh.write_text(text)
            fresh.replace(place)
    except OSError as error:
        raise IndexUnwritableError(f"{error.filename}: {error.strerror}", index=index) from error


def _read(place: Path) -> str | None:
    with suppress(OSError):
        return place.read_text("ascii", errors="replace")
    return None
