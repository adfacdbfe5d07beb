"""How do moments compare as numbers?"""

import re

from indexer.dates import Moment

#: Of a post without a date.
NEVER = -1


def number_of(moment: Moment | None) -> int:
    """A number for a moment, or for the beginning of one, in the order of their texts: `2023` before `2023-08`."""
    if moment is None:
        return NEVER
    digits = re.sub(r"\D", "", moment)
    # Of two moments the longer text is the later one, if it begins with the shorter.
    return int(digits.ljust(14, "0")) * 16 + len(digits)
