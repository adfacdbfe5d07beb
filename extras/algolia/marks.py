"""How is a text told, so that what is marked in it shows, and nothing in it runs?"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from html import escape
from typing import Any

from indexer import Fragment, Label, Prefix, Query
from indexer.query import spelt
from indexer.words import fold, stem, tokens

#: A text, in pieces that are marked or not.
Shown = tuple[Fragment, ...]

#: Cannot be seen, and parts what must not be read as one.
JOINER = "\u2060"

_WORD = re.compile(r"\s*\S+(?:\s+$)?|\s+")


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
        names = {tag.strip("_/ ") or tag for tag in (self.before, self.after)} - {""}
        if self.are_html or not names:
            return escape if self.are_html else str
        # However names overlap, none is left: after the first letter of each something else follows, or it is gone.
        found = re.compile("|".join(f"(?={re.escape(name)})." for name in names), re.DOTALL)
        parted = {name[0]: name[0] + JOINER if len(name) > 1 else "" for name in names}
        return lambda text: found.sub(lambda one: parted[one[0]], text)

    def marked(self, shown: Shown) -> str:
        """A text with its marks."""
        told = [(self.text(one.text), one.marked) for one in shown]
        return "".join([f"{self.before}{text}{self.after}" if is_marked else text for text, is_marked in told])

    def leaf(self, shown: Shown, words: int) -> dict[str, Any]:
        """What a front end gets of an attribute, if the question has so many *words*."""
        found = list(dict.fromkeys([one.text.lower() for one in shown if one.marked]))
        level = "none" if not found else "full" if len(found) >= words else "partial"
        return {"value": self.marked(shown), "matchLevel": level, "matchedWords": found}

    def cut(self, shown: Shown, most: int) -> Shown:
        """*most* of its words, with what is marked first among them."""
        words = [(piece, one.marked) for one in shown for piece in _WORD.findall(one.text)]
        if len(words) <= most:
            return shown
        first = next((place for place, (_, is_marked) in enumerate(words) if is_marked), 0)
        start = max(0, min(first - most // 2, len(words) - most))
        kept = [Fragment(*word) for word in words[start : start + most]]
        before, after = [Fragment(self.ellipsis)] * (start > 0), [Fragment(self.ellipsis)] * (start + most < len(words))
        return (*before, *kept, *after)


class Marker:
    """Marks the words of a question in short texts, of which the index does not tell where they stand."""

    def __init__(self, text: str) -> None:
        query = Query.parse(text)
        terms = [term for clause in query.wanted + query.required for term in clause.any_of]
        self.words = {word for term in terms if not isinstance(term, Label) for word in spelt(term).split()}
        self._wide = tuple(
            [one.text for one in (*terms, query.open_word and Prefix(query.open_word.text)) if isinstance(one, Prefix)]
        )
        # Where no word begins as one of the question does, none has to be looked at.
        self._near = {word[:3] for word in self.words}
        self._stems = cache(lambda tongue: {stem(word, tongue) for word in self.words})

    def __call__(self, text: str, tongue: str) -> Shown:
        """*text*, with those words marked that are forms of the question's in a *tongue*."""
        folded = text.lower() if text.isascii() else fold(text)
        for near in self._near:
            if near in folded:
                return self._marked(text, tongue)
        return (Fragment(text),)

    def _marked(self, text: str, tongue: str) -> Shown:
        stems = self._stems(tongue)
        shown, here = [], 0
        for token in tokens(text):
            if token.word[:3] in self._near and (
                token.word.startswith(self._wide) or stem(token.word, tongue) in stems
            ):
                start = max(here, token.start)
                shown += [Fragment(text[here:start])] * (here < start) + [Fragment(text[start : token.end], True)]
                here = token.end
        return (*shown, *[Fragment(text[here:])] * (here < len(text)))
