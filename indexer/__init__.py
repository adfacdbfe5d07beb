"""Fills the index with a site's posts, and asks it. Knows nothing of HTTP.

The names below are what other programs may rely on.
"""

from indexer import answer
from indexer.answer import link
from indexer.cache import Cache
from indexer.curation import UNCURATED, Curation
from indexer.due import due
from indexer.engine import Engine, Searchable, Stats
from indexer.engines import open_engine
from indexer.errors import (
    BuildRefusedError,
    ContentError,
    ForeignWriterError,
    IndexBusyError,
    IndexDamagedError,
    IndexMissingError,
    IndexOutdatedError,
    IndexUnwritableError,
    PostsearchError,
    QueryError,
    SettingsError,
)
from indexer.extras import extras
from indexer.facets import facet_values
from indexer.post import Post, Section
from indexer.query import SORTS, Clause, Label, Phrase, Prefix, Presence, Query, Titled, Word
from indexer.report import Hidden, Remark, Report
from indexer.results import Facet, Fragment, Hint, Hit, Newer, Place, Results, Suggestions, Without
from indexer.search import search
from indexer.settings import Settings
from indexer.suggestions import suggest
from indexer.sync import sync
from indexer.words import fold_tag

# fmt: off
__all__ = [
    "SORTS", "UNCURATED", "BuildRefusedError", "Cache", "Clause", "ContentError", "Curation", "Engine", "Facet",
    "ForeignWriterError", "Fragment", "Hidden", "Hint", "Hit", "IndexBusyError", "IndexDamagedError",
    "IndexMissingError", "IndexOutdatedError", "IndexUnwritableError", "Label", "Newer", "Phrase", "Place", "Post",
    "PostsearchError", "Prefix", "Presence", "Query", "QueryError", "Remark", "Report", "Results", "Searchable",
    "Section", "Settings", "SettingsError", "Stats", "Suggestions", "Titled", "Without", "Word", "answer", "due",
    "extras", "facet_values", "fold_tag", "link", "open_engine", "search", "suggest", "sync",
]
# fmt: on
