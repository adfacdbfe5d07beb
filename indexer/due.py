"""When does the next build have to run, though nobody has changed a post?

DIR/due    that moment, and nothing else; not there if time alone changes nothing
"""

from datetime import UTC, datetime
from pathlib import Path

from indexer.dates import Moment
from indexer.errors import IndexUnwritableError
from indexer.settings import Settings


def due(settings: Settings) -> datetime | None:
    """The first moment after the last build at which a post becomes public, or ceases to be so; None if there is none.

    It may have passed: then a build is due now.
    """
    try:
        return datetime.fromisoformat((settings.index / "due").read_text("ascii").strip()).astimezone(UTC)
    except OSError:
        return None
    except (ValueError, OverflowError):  # a power cut may leave an empty file: the next build writes it anew
        return datetime.fromtimestamp(0, UTC)


def leave_due(index: Path, moment: Moment | None) -> None:
    """Keep *moment* for `due`. Raises `IndexUnwritableError`."""
    place, fresh = index / "due", index / "due.new"
    try:
        if moment is None:
            place.unlink(missing_ok=True)
            return
        text = (moment + "0000-01-01T00:00:00Z"[len(moment) :]).encode()
        if not place.exists() or place.read_bytes() != text:
            fresh.write_bytes(text)
            fresh.replace(place)
    except OSError as error:
        raise IndexUnwritableError(f"{error.filename}: {error.strerror}", index=index) from error
