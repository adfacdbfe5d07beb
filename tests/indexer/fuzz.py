"""Feeds the parser of questions what leads into each of its branches."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import mkdtemp

import atheris

with atheris.instrument_imports(include=["indexer.query", "indexer.bounds", "indexer.words", "indexer.dates"]):
    from indexer.bounds import MOST_IN_PHRASE, MOST_TERMS, bounded
    from indexer.engine import Engine
    from indexer.query import Phrase, Query, Titled

LONGEST = 2048


def engine() -> Engine:
    """Of a few posts, with words that a text is likely to hit upon."""
    from indexer import Settings, open_engine
    from tests.conftest import make_post

    held = open_engine(Settings(index=Path(mkdtemp()) / "index"))
    held.apply(put=[make_post(f"Post {n}", body="a an and or of the to x y z " * n, tags=("a",)) for n in range(9)])
    return held


ENGINE = engine()


def ask(raw: bytes) -> None:
    """Raises if the text is not read as any text is to be."""
    text = raw.decode("utf-8", "surrogatepass" if raw[:1] == b"\xed" else "replace")[:LONGEST]
    query = Query.parse(text)
    assert all(0 <= hint.position <= len(text) and hint.text for hint in query.hints), query.hints
    kept, left_out = bounded(ENGINE, query)
    terms = {term for clause in kept.clauses if not clause.is_beside for term in clause.terms}
    assert len(terms) <= MOST_TERMS, len(terms)
    plain = [term.term if isinstance(term, Titled) else term for term in terms]
    assert all(len(term.words) <= MOST_IN_PHRASE for term in plain if isinstance(term, Phrase))
    assert all(part.strip() for part in left_out), left_out
    assert query == Query.parse(text)


if __name__ == "__main__":
    atheris.Setup(sys.argv, ask)
    atheris.Fuzz()
