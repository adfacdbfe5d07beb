"""How is SQLite's FTS5 asked in its fastest way?

For the ids alone, without a copy of the texts; beginnings of three letters have an index of their own.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Any, ClassVar

from benchmarks.peers.peer import TITLE, Answer, Peer, tags, texts
from benchmarks.questions import Question
from indexer.post import Post

_TABLE = (
    "CREATE VIRTUAL TABLE posts USING fts5(title, body, tags, tokenize = 'porter unicode61', prefix = '3'{content})"
)
_BEST = "SELECT rowid FROM posts WHERE posts MATCH ? ORDER BY rank LIMIT 10"
_TOTAL = "SELECT count(*) FROM posts WHERE posts MATCH ?"
_SHOWN = (
    "SELECT shown.*, title, rank, snippet(posts, 1, '[', ']', '…', 30) FROM posts JOIN shown ON number = posts.rowid"
    " WHERE posts MATCH ? ORDER BY rank LIMIT 10"
)
_COUNTS = "SELECT tag, count(*) FROM tagged WHERE number IN (SELECT rowid FROM posts WHERE posts MATCH ?) GROUP BY tag"


class Ids(Peer):
    """The ids and the total, from an index that holds no more."""

    name = "SQLite FTS5"
    store = "sqlite-ids"
    ways: ClassVar = {"": "no content, ORDER BY rank, count(*)", "prefix": "the same, with prefix = 3"}
    content: ClassVar[str] = ", content = ''"

    def build(self, posts: Sequence[Post], threads: int = 1) -> None:
        with sqlite3.connect(self.folder / "posts.db") as base:
            base.execute(_TABLE.format(content=self.content))
            base.execute(f"INSERT INTO posts (posts, rank) VALUES ('rank', 'bm25({TITLE}, 1.0, 0.0)')")
            rows = (
                (number, post.title, "\n".join(texts(post)), "\n".join(tags(post))) for number, post in enumerate(posts)
            )
            base.executemany("INSERT INTO posts (rowid, title, body, tags) VALUES (?, ?, ?, ?)", rows)
            self.more(base, posts)
            base.execute("INSERT INTO posts (posts) VALUES ('optimize')")
        base.close()
        self.keep_ids(posts)

    def more(self, base: sqlite3.Connection, posts: Sequence[Post]) -> None:
        """Keep what an answer needs besides."""

    def open(self) -> None:
        self.base = sqlite3.connect(self.folder / "posts.db")
        self.base.execute("PRAGMA mmap_size = 2000000000")
        self.base.execute("PRAGMA cache_size = -200000")
        self.known = self.kept_ids()

    def worded(self, question: Question) -> str:
        words = [f'"{word}"' for word in question.words]
        match question.kind:
            case "any-word":
                return f"{{title body}} : ({' OR '.join(words)})"
            case "phrase":
                return f'{{title body}} : "{" ".join(question.words)}"'
            case "tag + word":
                return f'tags : "{question.tag}" AND {{title body}} : {words[0]}'
            case "prefix":
                return f"{{title body}} : {words[0]}*"
            case _:
                return f"{{title body}} : ({' AND '.join(words)})"

    def ask(self, kind: str, text: str) -> Any:
        ids = [self.known[number] for (number,) in self.base.execute(_BEST, (text,))]
        return ids, self.base.execute(_TOTAL, (text,)).fetchone()[0]

    def said(self, answer: Any) -> Answer:
        return Answer(*answer)

    def close(self) -> None:
        self.base.close()


class Whole(Ids):
    """Ten posts with their stored fields, snippets, the total and tag counts."""

    store = "sqlite"
    ways: ClassVar = {"": "snippet(), count(*), tags by a table of their own"}
    content: ClassVar[str] = ""

    def more(self, base: sqlite3.Connection, posts: Sequence[Post]) -> None:
        base.execute("CREATE TABLE shown (number INTEGER PRIMARY KEY, id, url, description, date, tags)")
        shown = (
            (number, post.id, post.url, post.description, post.date, json.dumps(post.tags))
            for number, post in enumerate(posts)
        )
        base.executemany("INSERT INTO shown VALUES (?, ?, ?, ?, ?, ?)", shown)
        base.execute("CREATE TABLE tagged (number, tag, PRIMARY KEY (number, tag)) WITHOUT ROWID")
        tagged = ((number, tag) for number, post in enumerate(posts) for tag in tags(post))
        base.executemany("INSERT INTO tagged VALUES (?, ?)", tagged)

    def ask(self, kind: str, text: str) -> Any:
        hits = self.base.execute(_SHOWN, (text,)).fetchall()
        total = self.base.execute(_TOTAL, (text,)).fetchone()[0]
        return hits, total, self.base.execute(_COUNTS, (text,)).fetchall()

    def said(self, answer: Any) -> Answer:
        hits, total, counts = answer
        return Answer([hit[1] for hit in hits], total, dict(counts))


IDS = (Ids,)
WHOLE = (Whole,)
