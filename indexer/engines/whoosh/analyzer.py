"""Which words does Whoosh see in a text? Those of `indexer.words`, and no others."""

from collections.abc import Iterator
from typing import Any

from whoosh.analysis import Analyzer, Token

from indexer import words


class WordAnalyzer(Analyzer):  # type: ignore[misc]  # Whoosh has no types
    """Folded words, exact, with their positions.

    Every index holds a pickled instance: the class keeps its name and place for good, and has no state.
    """

    def __call__(
        self, value: str, start_pos: int = 0, start_char: int = 0, tokenize: bool = True, mode: str = "", **options: Any
    ) -> Iterator[Token]:
        """Whoosh's protocol: one token, yielded again and again with other values."""
        token = Token(**options)
        # The beginning of a word is given whole, not to be cut.
        found = list(words.tokens(value)) if tokenize else [words.Token(words.fold(value), 0, 0, len(value))]
        for place, (word, position, start, end, _) in enumerate(found):
            if mode == "query" and place and found[place - 1].end == end and words.is_unspaced(word):
                # A question for a run without blanks asks for its pairs alone, as `words.runs` does.
                continue
            token.text = token.original = word
            token.pos = start_pos + position
            token.startchar = start_char + start
            token.endchar = start_char + end
            yield token
