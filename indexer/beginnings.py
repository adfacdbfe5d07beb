"""Which titles does a reader look for who has begun to type one?"""

from indexer import words
from indexer.query import Clause, Prefix, Presence, Query, Titled, Word


def typed(text: str) -> list[str]:
    """The words of *text*, folded; the last one may be but a beginning."""
    return [token.word for token in words.tokens(text)]


def titles(text: str, count: int) -> Query:
    """Asks for *count* titles that begin with *text*, which has words, and then for those that have its words."""
    *whole, last = typed(text)
    terms: list[Word | Prefix] = [*map(Word, whole), Prefix(last)]
    return Query(text=text, clauses=tuple(Clause(Presence.WANTED, (Titled(term),)) for term in terms), per_page=count)
