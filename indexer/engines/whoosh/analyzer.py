"""Which words does Whoosh see in a text? Those of `indexer.words`, and no others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from whoosh.analysis import Analyzer, Token

from indexer import words


class WordAnalyzer(Analyzer):  # type: ignore[misc]  # Whoosh has no types
    """Folded words, exact, with their positions.

    Every index holds a pickled instance: the class keeps its name and place for good, and has no state.
    """

    def __call__(self, value: str, *, start_pos: int = 0, start_char: int = 0, **options: Any) -> Iterator[Token]:
        """Whoosh's protocol: one token, yielded again and again with other values."""
        token = Token(**options)
        token.boost = 1.0
        token.stopped = False
        for word, position, start, end in words.tokens(value):
            token.text = token.original = word
            token.pos = start_pos + position
            token.startchar = start_char + start
            token.endchar = start_char + end
            yield token
