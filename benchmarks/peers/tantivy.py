"""How is tantivy asked in its fastest way?

All posts lie in one segment, which it answers from faster than from several. What a text means is left to its own
parser, which is no slower than queries put together in Python. Words of a beginning are a fuzzy query of distance 0: a
phrase of one open word would be as fast, but takes no more than 50 words; a regular expression is 15 times as slow.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, ClassVar

import tantivy

from benchmarks.peers.peer import TITLE, Answer, Peer, tags, texts
from benchmarks.questions import Question
from indexer.post import Post

_PREFIX = "fuzzy_term_query(distance=0, prefix=True)"
_SNIPPET = 200
_SHOWN = ("id", "url", "description", "date")


class Ids(Peer):
    """The ids and the total, from an index that holds no more."""

    name = "tantivy"
    store = "tantivy-ids"
    ways: ClassVar = {"": "parse_query, ids by a fast field", "prefix": f"{_PREFIX}, ids by a fast field"}
    fields: ClassVar[dict[str, float]] = {"title": TITLE, "body": 1.0}

    def schema(self) -> Any:
        """The fields of the index."""
        builder = tantivy.SchemaBuilder().add_unsigned_field("number", fast=True)
        for name in self.fields:
            builder.add_text_field(name, tokenizer_name="en_stem")
        return builder.add_text_field("tags", tokenizer_name="raw", index_option="basic").build()

    def document(self, number: int, post: Post) -> Any:
        """What stands in the fields."""
        found = tantivy.Document()
        found.add_unsigned("number", number)
        found.add_text("title" if "title" in self.fields else "body", post.title)
        for text in texts(post):
            found.add_text("body", text)
        for tag in tags(post):
            found.add_text("tags", tag)
        return found

    def build(self, posts: Sequence[Post], threads: int = 1) -> None:
        writer = tantivy.Index(self.schema(), str(self.folder)).writer(600_000_000 * threads, threads)
        for number, post in enumerate(posts):
            writer.add_document(self.document(number, post))
        writer.commit()
        writer.wait_merging_threads()
        self.keep_ids(posts)

    def open(self) -> None:
        self.index = tantivy.Index.open(str(self.folder))
        self.searcher = self.index.searcher()
        self.looked_in = self.index.schema
        self.known = self.kept_ids()

    def worded(self, question: Question) -> str:
        match question.kind:
            case "tag + word":
                return f'+tags:"{question.tag}" +{question.words[0]}'
            case "prefix":
                return question.words[0]
            case "all words":
                return " AND ".join(question.words)
            case _:
                return question.text

    def query(self, kind: str, text: str) -> Any:
        """The query that *text* means."""
        if kind != "prefix":
            return self.index.parse_query(text, list(self.fields), self.fields)
        each = [
            tantivy.Query.fuzzy_term_query(self.looked_in, name, text, distance=0, prefix=True) for name in self.fields
        ]
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, one) for one in each]) if len(each) > 1 else each[0]

    def ask(self, kind: str, text: str) -> Any:
        found = self.searcher.search(self.query(kind, text), 10, count=True)
        numbers = self.searcher.fast_field_values("number", [address for _, address in found.hits])
        known = self.known
        return [known[number] for number in numbers], found.count

    def said(self, answer: Any) -> Answer:
        return Answer(*answer)


class OneField(Ids):
    """The same with the title in the body: faster, but a word in the title weighs no more than any other."""

    name = "tantivy, one field"
    store = "tantivy-one-field"
    fields: ClassVar[dict[str, float]] = {"body": 1.0}


class Whole(Ids):
    """Ten posts with their stored fields, snippets, the total and tag counts."""

    name = "tantivy"
    store = "tantivy"
    ways: ClassVar = {"": "parse_query, stored fields, SnippetGenerator, terms aggregation"}

    def schema(self) -> Any:
        builder = tantivy.SchemaBuilder()
        for name in self.fields:
            builder.add_text_field(name, stored=True, tokenizer_name="en_stem")
        builder.add_text_field("tags", stored=True, fast=True, tokenizer_name="raw", index_option="basic")
        for name in _SHOWN:
            builder.add_bytes_field(name, stored=True)
        return builder.build()

    def document(self, number: int, post: Post) -> Any:
        found = tantivy.Document(title=post.title)
        for text in texts(post):
            found.add_text("body", text)
        for tag in tags(post):
            found.add_text("tags", tag)
        for name in _SHOWN:
            found.add_bytes(name, (getattr(post, name) or "").encode())
        return found

    def ask(self, kind: str, text: str) -> Any:
        query = self.query(kind, text)
        found = self.searcher.search(query, 10, count=True)
        maker = tantivy.SnippetGenerator.create(self.searcher, query, self.looked_in, "body")
        maker.set_max_num_chars(_SNIPPET)
        hits = []
        for score, address in found.hits:
            post = self.searcher.doc(address)
            snippet = maker.snippet_from_doc(post)
            shown = {name: bytes(post.get_first(name)).decode() for name in _SHOWN}
            marks = (snippet.fragment(), snippet.highlighted())
            hits.append((score, shown, post.get_first("title"), post.get_all("tags"), marks))
        counts = self.searcher.aggregate(query, {"tags": {"terms": {"field": "tags", "size": 100}}})
        return hits, found.count, counts

    def said(self, answer: Any) -> Answer:
        hits, total, counts = answer
        counts = json.loads(counts) if isinstance(counts, str) else counts
        buckets = counts["tags"]["buckets"]
        return Answer([hit[1]["id"] for hit in hits], total, {one["key"]: one["doc_count"] for one in buckets})


IDS = (Ids, OneField)
WHOLE = (Whole,)
