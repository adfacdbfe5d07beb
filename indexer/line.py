"""How does a text read in one line, and how are its words compared without cutting it into words?"""

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise
from sys import getsizeof

from indexer import words
from indexer.metadata import in_one_line


class Line:
    """A text in one line, made ready to be searched: worth keeping for the next question."""

    __slots__ = ("_folded", "_origins", "borders", "text")

    def __init__(self, text: str, begins: Iterable[int] = ()) -> None:
        """Of a *text* whose sections stand in order, each from one of *begins*, in characters, to the next."""
        sections = [in_one_line(text[begin:end]) for begin, end in pairwise((0, *begins, len(text)))]
        self.text = " ".join(filter(None, sections))
        #: Where each section begins; behind these, where the text ends.
        self.borders = [*accumulate(len(section) + bool(section) for section in sections[:-1]), len(self.text)]
        # To make ASCII lower case takes less than it would be worth to keep it.
        self._folded = None if self.text.isascii() else folded(self.text)
        self._origins: array[int] | None = None
        if self._folded is not None and any(character in self.text for character in _FOLDING.uneven):
            spread = (place for place, character in enumerate(self.text) for _ in _FOLDING[ord(character)])
            self._origins = array("I", (*spread, len(self.text)))

    @property
    def size(self) -> int:
        """Bytes of memory."""
        return sum(map(getsizeof, (self.text, self._folded, self._origins, self.borders)))

    def section(self, place: int) -> int | None:
        """Which section a place of the text is in, counted from 0; None before the first."""
        return bisect_right(self.borders, place) - 1 if place >= self.borders[0] else None

    @property
    def folded(self) -> str:
        """The text as its words are compared."""
        return self.text.lower() if self._folded is None else self._folded

    @property
    def is_whole(self) -> bool:
        """Whether every word of the text stands in the folded text."""
        return self._folded is None or not (words.GAP in self._folded or _UNTOLD in self._folded)

    def unfolded(self, places: Sequence[tuple[int, int, int]]) -> Sequence[tuple[int, int, int]]:
        """Stretches of the folded text, from and to, where they stand in the text; what they are for stays."""
        origins = self._origins
        return [(origins[start], origins[end], what) for start, end, what in places] if origins else places


#: Stands for a character that is folded together with its neighbours: no folded word has a capital.
_UNTOLD = "A"


class _Folding(dict[int, str]):
    """What a character becomes in a folded word; one of a script without blanks is a gap, where other words end."""

    def __init__(self) -> None:
        #: The characters met so far that become none, or several.
        self.uneven: list[str] = []

    def __missing__(self, code: int) -> str:
        character = chr(code)
        token = next(words.tokens(f"a{character}"))
        if token.end == 1:
            return self.setdefault(code, words.GAP if words.is_unspaced(character) else " ")
        alone = token.word[1:]
        alone = alone if alone.isalnum() or not alone else _UNTOLD
        if len(alone) != 1:
            self.uneven.append(character)
        return self.setdefault(code, alone)


_FOLDING = _Folding()
_BEYOND_ASCII = re.compile("[^\x00-\x7f]+")


def folded(text: str) -> str:
    """*text* with its words as `words.fold` has them, as far as that can be told character by character."""
    if text.isascii():
        return text.lower()
    # Bytes become lower case in ASCII only, but so fast that few characters are left to be looked up.
    lowered = text.encode("utf-8", "surrogatepass").lower().decode("utf-8", "surrogatepass")
    return _BEYOND_ASCII.sub(lambda run: run[0].translate(_FOLDING), lowered)
