"""What does the site's owner say about answers?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from indexer.errors import SettingsError
from indexer.query import Clause, Presence, Query, Term, Word
from indexer.settings import Settings

#: Words that a synonym may stand for, at most.
LONGEST = 5

#: What may be met in the place of some words.
Synonyms = Mapping[tuple[Term | None, ...], tuple[Term, ...]]

#: What a question asks for, filters and accents apart.
Asked = tuple[tuple[Presence | Term, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Curation:
    """What the owner has a hand in."""

    #: As `Query.recency`.
    recency: float = 0.0

    #: The ids of the posts that come first.
    pins: Mapping[Asked, tuple[str, ...]] = field(default_factory=dict)

    synonyms: Synonyms = field(default_factory=dict)

    @classmethod
    def load(cls, settings: Settings) -> Curation:
        """What *settings* say. Raises `SettingsError` for pins, or a file of synonyms, that cannot be used."""
        pins = {_asked(Query.parse(text)): tuple(dict.fromkeys(ids)) for text, ids in settings.pins.items()}
        if () in pins:
            raise SettingsError("pins: one of the questions has no word to look for", key="pins")
        return cls(recency=settings.recency, pins=pins, synonyms=_read(settings.synonyms) if settings.synonyms else {})

    def of(self, query: Query) -> Query:
        """*query*, as the owner has it answered."""
        pinned = self.pins.get(_asked(query), ()) if self.pins else ()
        clauses = tuple(self._extended(query.clauses)) if self.synonyms else query.clauses
        return msgspec.structs.replace(query, clauses=clauses, recency=self.recency, pinned=pinned)

    def _extended(self, clauses: Sequence[Clause]) -> Iterator[Clause]:
        """*clauses*, those of words that have synonyms met by these, too."""
        heads = tuple(_folded(clause.any_of[0]) if clause.presence is Presence.WANTED else None for clause in clauses)
        for place, clause in enumerate(clauses):
            starts, stops = range(max(0, place - LONGEST + 1), place + 1), range(place + 1, len(heads) + 1)
            runs = [heads[start:stop] for start in starts for stop in stops[: start + LONGEST - place]]
            found = dict.fromkeys(term for run in runs for term in self.synonyms.get(run, ()))
            yield replace(clause, synonyms=tuple(found)) if found else clause


#: What changes no answer.
UNCURATED = Curation()


def _asked(query: Query) -> Asked:
    return tuple((one.presence, *map(_folded, one.any_of)) for one in query.clauses if not one.is_filter)


def _folded(term: Term) -> Term:
    return Word(term.text) if isinstance(term, Word) else term


def _read(name: str) -> Synonyms:
    """The synonyms in the file of this *name*: lines `one, other` hold both ways, `one => other` hold one way."""
    try:
        lines = Path(name).read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"synonyms: {name}: cannot be read: {error}", key="synonyms") from error
    found: dict[tuple[Term | None, ...], tuple[Term, ...]] = defaultdict(tuple)
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        left, arrow, right = line.partition("=>")
        ones, others = left.split(","), (right if arrow else left).split(",")
        if not all(0 < len(_terms(text)) <= LONGEST for text in (*ones, *others)) or len(ones) + bool(arrow) < 2:
            reason = f"is neither `one, other` nor `one => other`, each of 1 to {LONGEST} words without signs"
            raise SettingsError(f"synonyms: {name}:{number}: {line.strip()[:40]!r} {reason}", key="synonyms")
        for one in map(_terms, ones):
            found[one] += tuple(_side_by_side(other) for other in others if _terms(other) != one)
    return dict(found)


def _terms(text: str) -> tuple[Term, ...]:
    """The words of *text*; none if there is anything else in it."""
    clauses = Query.parse(text).clauses
    plain = [clause.presence is Presence.WANTED and len(clause.any_of) == clause.times == 1 for clause in clauses]
    return tuple([_folded(clause.any_of[0]) for clause in clauses]) if all(plain) else ()


def _side_by_side(text: str) -> Term:
    return Query.parse(text if len(_terms(text)) == 1 else f'"{text}"').clauses[0].any_of[0]
