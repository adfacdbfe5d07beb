"""How much more, or less, does an author make a post count?"""

import re

from indexer.metadata import Metadata

#: What a score may be multiplied by.
LEAST, MOST = 0.1, 10.0

_NUMBER = re.compile(r"[0-9]{1,2}(\.[0-9]{1,9})?")


def boost(metadata: Metadata) -> tuple[float, list[tuple[int | None, str]]]:
    """The factor that `search: {boost: 2}` gives, or 1; and a remark (line, reason) on one that cannot be used."""
    search = metadata.find("search")
    written = search.value.get("boost") if search and isinstance(search.value, dict) else None
    if not (search and written):
        return 1.0, []
    factor = float(written) if isinstance(written, str) and _NUMBER.fullmatch(written) else 0.0
    if LEAST <= factor <= MOST:
        return factor, []
    return 1.0, [(search.line or None, f"search.boost: {str(written)[:40]!r} is not a number from 0.1 to 10")]
