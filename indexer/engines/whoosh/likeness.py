"""Which posts are most like a given one?"""

from collections.abc import Iterator
from itertools import islice

from msgspec.structs import replace

from indexer.engines.whoosh.ranking import find
from indexer.engines.whoosh.snapshot import Snapshot
from indexer.query import Clause, Presence, Query, Word
from indexer.telling import MOST, telling
from indexer.words import TONGUES


def alike(snapshot: Snapshot, number: int) -> Iterator[tuple[int, float]]:
    """The numbers and scores of the posts that have the words that tell most about that one, the best first."""
    segment, inner = snapshot.place(number)
    told = telling(segment.times(inner), TONGUES[segment.tongues[inner]], snapshot.impacts.having, snapshot.posts)
    shared = (word for word in map(Word, told) if len(snapshot.impacts.word(word).posts) > 1)
    if not (asked := tuple(islice(shared, MOST))):
        return
    found = find(snapshot, query := Query(clauses=(Clause(Presence.REQUIRED, asked),)))
    for page in range(1, 2 + found.total // query.per_page):
        found.query = replace(query, page=page)
        for other, score in found.page():
            segment, inner = snapshot.place(other)
            if other != number and not segment.card(inner).superseded_by:
                yield other, score
