"""Which anchor does a generator give a heading, so that a link can lead to its section?"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from indexer.words import fold


def github(text: str) -> str:
    """GitHub's rule, which is Hugo's, Zola's, Eleventy's and Astro's too: letters of any script, blanks to `-`."""
    return re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-")


def kramdown(text: str) -> str:
    """kramdown's `basic_generate_id`: from the first Latin letter on, Latin letters, digits, blanks and `-`."""
    kept = re.sub(r"[^A-Za-z0-9 -]", "", re.sub(r"^[^A-Za-z]+", "", text.strip()))
    return kept.replace(" ", "-").lower() or "section"


def python_markdown(text: str) -> str:
    """Python-Markdown's `toc.slugify`: accents folded, ASCII alone, runs of blanks and `-` to one."""
    kept = re.sub(r"[^\w\s-]", "", fold(text), flags=re.ASCII).strip().lower()
    return re.sub(r"[-\s]+", "-", kept)


RULES: Mapping[str, tuple[Callable[[str], str], str]] = {
    "github": (github, "-"),
    "kramdown": (kramdown, "-"),
    "markdown": (python_markdown, "_"),
}
"""By the setting's name: the rule, and what stands before the number of a heading that repeats another."""


class Anchors:
    """Makes the anchors of one page, each but once."""

    def __init__(self, name: str) -> None:
        self._rule, self._joint = RULES[name]
        self._made: dict[str, int] = {}

    def take(self, anchor: str) -> str:
        """*anchor*, which an author has chosen; no heading after it gets the same."""
        self._made.setdefault(anchor, 0)
        return anchor

    def make(self, heading: str) -> str:
        """The anchor of *heading*: the second of the same text gets `-1` behind it, the third `-2`."""
        first = anchor = self._rule(heading)
        while anchor in self._made:
            self._made[first] += 1
            anchor = f"{first}{self._joint}{self._made[first]}"
        return self.take(anchor)
