"""Which anchor does a generator give a heading, so that a link can lead to its section?"""

import re
from collections.abc import Callable, Mapping
from unicodedata import category, combining, normalize


def github(text: str) -> str:
    """GitHub's rule: letters, marks and digits of any script stay, and each blank becomes a `-`.

    Jekyll has it too, since it tells kramdown to read GitHub's Markdown; so have Astro, Docusaurus and Hugo, but Hugo
    drops marks that are characters of their own.
    """
    return text.strip().lower().translate(_GITHUB)


class _Signs(dict[int, str]):
    """What becomes of a character in GitHub's anchors."""

    def __missing__(self, code: int) -> str:
        kind = category(character := chr(code))
        return self.setdefault(code, character if kind[0] in "LM" or kind in ("Nd", "Nl", "Pc") else "")


_GITHUB = _Signs({ord(" "): "-", ord("-"): "-"})


def kramdown(text: str) -> str:
    """kramdown's `basic_generate_id`, as in Middleman: from the first Latin letter on, Latin letters, digits, `-`."""
    kept = re.sub(r"[^A-Za-z0-9 -]", "", re.sub(r"^[^A-Za-z]+", "", text.strip()))
    return kept.replace(" ", "-").lower() or "section"


def python_markdown(text: str) -> str:
    """Python-Markdown's `toc.slugify`: what ASCII can write, runs of blanks and `-` made one.

    MkDocs always asks for it; Pelican and Nikola, if they are told to.
    """
    plain = normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", plain).strip().lower())


def zola(text: str) -> str:
    """Zola's rule: Latin letters without their accents, and digits; each run of anything else becomes one `-`.

    Zola writes other scripts in Latin letters, by a table that is not here: of them nothing is left.
    """
    plain = "".join(character for character in normalize("NFKD", text.casefold()) if not combining(character))
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


#: By the setting's name: the rule, and what stands before the number of a heading that repeats another.
RULES: Mapping[str, tuple[Callable[[str], str], str]] = {
    "github": (github, "-"),
    "kramdown": (kramdown, "-"),
    "markdown": (python_markdown, "_"),
    "zola": (zola, "-"),
}


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
        while anchor in self._made or (not anchor and self._joint == "_"):
            self._made[first] = self._made.get(first, 0) + 1
            anchor = f"{first}{self._joint}{self._made[first]}"
        return self.take(anchor)
