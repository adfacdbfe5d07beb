"""What does every question need to know of every held post?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from indexer import words
from indexer.engines.whoosh.schema import Card, card_of
from indexer.results import Facet


class Catalog:
    """The cards of one generation, by the numbers that Whoosh gives its documents. Never changes."""

    def __init__(self, cards: Mapping[int, Card]) -> None:
        self.cards = dict(sorted(cards.items(), key=lambda item: item[1].id))
        """By document, in the order of the ids."""

        self.documents = {card.id: document for document, card in self.cards.items()}
        """By id."""

        self.tagged: dict[str, set[int]] = {}
        """The documents by folded tag."""

        self._spellings: dict[str, str] = {}
        self._tags = {document: self._entered(document, card.tags) for document, card in self.cards.items()}

    def _entered(self, document: int, tags: Iterable[str]) -> frozenset[str]:
        names = {words.fold_tag(tag): tag for tag in reversed(tuple(tags))}
        for name, tag in names.items():
            self._spellings.setdefault(name, tag)
            self.tagged.setdefault(name, set()).add(document)
        return frozenset(names)

    def facets(self, documents: Iterable[int], selected: Iterable[str] = ()) -> Iterator[Facet]:
        """The tags of *documents*, most frequent first, spelled as the first of all posts that has it does."""
        counts = Counter(chain.from_iterable(self._tags[document] for document in documents))
        for name, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
            yield Facet(self._spellings[name], count, name in selected)


def cards(reader: Any) -> dict[int, Card]:
    """The cards that Whoosh's *reader* finds, by document."""
    return {
        offset + document: card_of(bytes(column[document]))
        for leaf, offset in reader.leaf_readers()
        if leaf.doc_count()
        for column in [leaf.column_reader("card", translate=False)]
        for document in leaf.all_doc_ids()
    }
