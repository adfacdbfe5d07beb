"""How is bm25s asked in its fastest way? It knows words only: no phrases, no tags, no beginnings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, ClassVar

import bm25s
import numpy as np
import Stemmer

from benchmarks.peers.peer import Answer, Peer, texts
from benchmarks.questions import Question
from indexer.post import Post

_WORD = re.compile(r"[^\W_]+")


class Ids(Peer):
    """The ids and the total."""

    name = "bm25s"
    store = "bm25s"
    ways: ClassVar = {"": "get_scores, argpartition, count_nonzero"}
    kinds: ClassVar = ("any-word",)

    def build(self, posts: Sequence[Post], threads: int = 1) -> None:
        rows = bm25s.tokenize(
            ["\n".join((post.title, *texts(post))) for post in posts],
            token_pattern=_WORD.pattern,
            stopwords=None,
            stemmer=Stemmer.Stemmer("english"),
            show_progress=False,
        )
        index = bm25s.BM25()
        index.index(rows, show_progress=False)
        index.save(str(self.folder))
        self.keep_ids(posts)

    def open(self) -> None:
        self.index = bm25s.BM25.load(str(self.folder))
        self.stem = Stemmer.Stemmer("english").stemWord
        self.known = self.kept_ids()

    def worded(self, question: Question) -> str:
        return " ".join(question.words)

    def ask(self, kind: str, text: str) -> Any:
        scores = self.index.get_scores([self.stem(word) for word in _WORD.findall(text.lower())])
        best = np.argpartition(-scores, min(10, len(scores) - 1))[:10]
        best = best[np.argsort(-scores[best])]
        return [self.known[number] for number in best.tolist() if scores[number]], int(np.count_nonzero(scores))

    def said(self, answer: Any) -> Answer:
        return Answer(*answer)


IDS = (Ids,)
WHOLE = ()
