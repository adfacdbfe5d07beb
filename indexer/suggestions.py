"""What may a reader be looking for who has begun to type?"""

from itertools import islice

from indexer import words
from indexer.engine import Searchable
from indexer.facets import beginning
from indexer.query import Clause, Prefix, Presence, Query, Titled, Word
from indexer.results import Suggestions


def suggest(engine: Searchable, text: str, limit: int = 5) -> Suggestions:
    """Titles, tags and words for *text*, whose last word may be but a beginning: at most *limit* of each kind.

    Nothing where there is no word in it. Words so common that they say nothing are left out.
    """
    if not (typed := [token.word for token in words.tokens(text)]):
        return Suggestions()
    *whole, last = typed
    terms = *(Titled(Word(word)) for word in whole), Titled(Prefix(last))
    clauses = tuple(Clause(Presence.WANTED, (term,)) for term in terms)
    titles = engine.search(Query(text=text, clauses=clauses, per_page=limit), facets=(), snippets=False)
    common = {word for word in words.STOP_WORDS if word.startswith(last)}
    likely = engine.completions(last, limit + len(common))
    return Suggestions(
        titles=titles.hits[: titles.total_all_words],
        tags=tuple(islice(beginning(engine.tags(), text), limit)),
        words=tuple(word for word in likely if word not in common)[:limit],
    )
