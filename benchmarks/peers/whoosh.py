"""How is Whoosh asked, as it comes out of the box but for the quicker stemmer that it offers?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from whoosh import fields, highlight, index, sorting
from whoosh.analysis import LowercaseFilter, PyStemmerFilter, RegexTokenizer
from whoosh.qparser import AndGroup, MultifieldParser, OrGroup

from benchmarks.peers.peer import TITLE, Answer, Peer, tags, texts
from benchmarks.questions import Question
from indexer.post import Post

_SNIPPET = 200


def _words() -> Any:
    return RegexTokenizer(r"[^\W_]+") | LowercaseFilter() | PyStemmerFilter(lang="english", cachesize=100_000)


class Ids(Peer):
    """The ids and the total."""

    name = "stock Whoosh"
    store = "whoosh"
    ways: ClassVar = {"": "MultifieldParser, searcher.search(limit=10), len()"}

    def build(self, posts: Sequence[Post], threads: int = 1) -> None:
        schema = fields.Schema(
            id=fields.ID(stored=True),
            url=fields.STORED(),
            description=fields.STORED(),
            date=fields.STORED(),
            title=fields.TEXT(analyzer=_words(), stored=True),
            body=fields.TEXT(analyzer=_words(), stored=True),
            tags=fields.KEYWORD(commas=True, stored=True),
        )
        writer = index.create_in(str(self.folder), schema).writer(limitmb=256)
        for post in posts:
            writer.add_document(
                id=post.id,
                url=post.url,
                description=post.description,
                date=post.date,
                title=post.title,
                body="\n".join(texts(post)),
                tags=",".join(tags(post)),
            )
        writer.commit()

    def open(self) -> None:
        self.searcher = index.open_dir(str(self.folder)).searcher()
        weights = {"title": TITLE, "body": 1.0}
        schema = self.searcher.schema
        self.any_word = MultifieldParser(["title", "body"], schema, fieldboosts=weights, group=OrGroup)
        self.all_words = MultifieldParser(["title", "body"], schema, fieldboosts=weights, group=AndGroup)

    def worded(self, question: Question) -> str:
        if question.kind == "tag + word":
            return f"tags:'{question.tag}' {question.words[0]}"
        return question.text

    def found(self, kind: str, text: str, **options: Any) -> Any:
        """What its own searcher finds."""
        parser = self.all_words if kind in ("tag + word", "all words") else self.any_word
        return self.searcher.search(parser.parse(text), limit=10, **options)

    def ask(self, kind: str, text: str) -> Any:
        found = self.found(kind, text)
        return [hit["id"] for hit in found], len(found)

    def said(self, answer: Any) -> Answer:
        return Answer(*answer)

    def close(self) -> None:
        self.searcher.close()


class Whole(Ids):
    """Ten posts with their stored fields, snippets, the total and tag counts."""

    ways: ClassVar = {"": "stored fields, highlights(), groupedby tags"}

    def ask(self, kind: str, text: str) -> Any:
        found = self.found(kind, text, groupedby=sorting.FieldFacet("tags", allow_overlap=True, maptype=sorting.Count))
        found.fragmenter = highlight.ContextFragmenter(maxchars=_SNIPPET)
        return [(hit.fields(), hit.score, hit.highlights("body", top=1)) for hit in found], len(found), found.groups()

    def said(self, answer: Any) -> Answer:
        hits, total, counts = answer
        return Answer([hit[0]["id"] for hit in hits], total, {tag: count for tag, count in counts.items() if tag})


IDS = (Ids,)
WHOLE = (Whole,)
