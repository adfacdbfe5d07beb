"""How is a text told, so that what is marked in it shows, and nothing in it runs?"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from html import escape
from itertools import islice, takewhile
from typing import Any

from indexer import Fragment, Label, Prefix, Query
from indexer.query import spelt
from indexer.words import fold, is_unspaced, stem

#: A text, in pieces that are marked or not.
Shown = tuple[Fragment, ...]

#: Words of a question that are marked: the first ones.
MOST = 32

#: Cannot be seen, and parts what must not be read as one.
JOINER = "\u2060"


@dataclass(frozen=True)
class Marks:
    """What a client wants around what is marked, and where a text goes on.

    Tags of HTML are for a client that puts what it gets into its page as it is: so the text is escaped here. Any other
    tags are placeholders for a client that escapes by itself, and puts its own tags in their places: so the text must
    have none of them.
    """

    before: str
    after: str
    ellipsis: str

    @cached_property
    def are_html(self) -> bool:
        """Whether they are tags of HTML."""
        return "<" in self.before + self.after

    @cached_property
    def text(self) -> Callable[[str], str]:
        """What makes a text one without marks."""
        # Both tags are made of one name, as a rule; whatever is made of none goes.
        names = {tag.strip("_/ ") or tag for tag in (self.before, self.after)} - {""}

        def parted(text: str) -> str:
            for name in names:
                if name in text:
                    letter = re.compile(f"{re.escape(name[0])}(?={re.escape(name[1:])})")
                    text = letter.sub(f"{name[0]}{JOINER}" if name[1:] else "", text)
            return text

        return escape if self.are_html else parted

    def marked(self, shown: Shown) -> str:
        """A text with its marks."""
        told = [(self.text(one.text), one.marked) for one in shown]
        return "".join([f"{self.before}{text}{self.after}" if is_marked else text for text, is_marked in told])

    def leaf(self, shown: Shown, words: int) -> dict[str, Any]:
        """What a front end gets of an attribute, if the question has so many *words*."""
        if len(shown) == 1 and not shown[0].marked:
            return {"value": self.text(shown[0].text), "matchLevel": "none", "matchedWords": []}
        found = list(dict.fromkeys([one.text.lower() for one in shown if one.marked]))
        return {
            "value": self.marked(shown),
            "matchLevel": "full" if len(found) >= words else "partial",
            "matchedWords": found,
        }

    def cut(self, shown: Shown, most: int) -> Shown:
        """*most* of its words, with what is marked first among them."""
        text = "".join([one.text for one in shown])
        words = text.split(" ")
        if len(words) <= most:
            return shown
        marked = sum(len(one.text) for one in takewhile(lambda one: not one.marked, shown))
        first = text.count(" ", 0, marked) if marked < len(text) else 0
        start = max(0, min(first - most // 2, len(words) - most))
        begin = sum(map(len, words[:start])) + start
        end = begin + sum(map(len, words[start : start + most])) + most - 1
        kept = [Fragment(self.ellipsis)] * (start > 0)
        here = 0
        for one in shown:
            if piece := one.text[max(0, begin - here) : max(0, end - here)]:
                kept.append(Fragment(piece, one.marked))
            here += len(one.text)
        return (*kept, *[Fragment(self.ellipsis)] * (start + most < len(words)))


class Marker:
    """Marks the words of a question in short texts, of which the index does not tell where they stand."""

    def __init__(self, text: str) -> None:
        query = Query.parse(text)
        terms = [term for clause in query.wanted + query.required for term in clause.any_of]
        words = (word for term in terms if not isinstance(term, Label) for word in spelt(term).split())
        self.words = set(islice(words, MOST))
        self._wide = tuple(term.text for term in terms if isinstance(term, Prefix) or term is query.open_word)
        self._stems = cache(lambda tongue: {stem(word, tongue) for word in self.words})
        # A form of a word begins as the word does; to see that none does takes less than to look where.
        self._near = {word[:3] for word in self.words}
        begun = (rf"(?<![^\W_]){re.escape(one[:3])}[^\W_]*" for one in self.words if not is_unspaced(one))
        self._found = re.compile("|".join([*begun, *map(re.escape, filter(is_unspaced, self.words))]))

    def __call__(self, text: str, tongue: str) -> Shown:
        """*text*, with those words marked that are forms of the question's in a *tongue*."""
        folded = text.lower() if text.isascii() else fold(text)
        if len(folded) != len(text) or not [near for near in self._near if near in folded]:
            return (Fragment(text),)
        shown, here, stems = [], 0, self._stems(tongue)
        for found in self._found.finditer(folded):
            word, start, end = found[0], *found.span()
            if word.startswith(self._wide) or word in self.words or stem(word, tongue) in stems:
                shown += [Fragment(text[here:start])] * (here < start) + [Fragment(text[start:end], True)]
                here = end
        return (*shown, Fragment(text[here:])) if here < len(text) else tuple(shown)
