"""What is kept of a post, and in which fields?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from whoosh import fields

from indexer import words
from indexer.engines.whoosh.analyzer import WordAnalyzer
from indexer.post import Post, Section

VERSION = 2
"""Changes with the fields, with what stands in them and with `indexer.words`; other indexes are built anew."""

WEIGHTS: Mapping[str, float] = {"title": 4.0, "tag_words": 3.0, "description": 2.0, "body": 1.0}
"""The fields of stems, and how much more than in the body a word there says about the post."""

_ANALYZER = WordAnalyzer()

SCHEMA = fields.Schema(
    # What Whoosh's own tools find, too: the folded words of all texts, and the folded tags.
    id=fields.ID(unique=True, stored=True),
    text=fields.TEXT(analyzer=_ANALYZER),
    tags=fields.ID(),
    # Stems, given as lists: for words in any form, and for ranking.
    **{name: fields.TEXT(analyzer=_ANALYZER, phrase=False) for name in WEIGHTS},
    # What every question needs to know of every post, and the post itself.
    card=fields.COLUMN(),
    post=fields.STORED(),
)


@dataclass(frozen=True, slots=True)
class Card:
    """What every question needs to know of every post."""

    id: str
    digest: str
    date: str | None
    title: str
    """Folded."""

    tags: tuple[str, ...]
    """As the post spells them."""

    url: str


def document(post: Post) -> dict[str, Any]:
    """The values of a post's fields."""
    texts = {
        "title": [post.title],
        "tag_words": post.tags,
        "description": [post.description],
        "body": [post.body],
    }
    card = Card(post.id, post.digest, post.date, words.fold(post.title), post.tags, post.url)
    return {
        "id": _indexable(post.id),
        "text": words.GAP.join(text for field in texts.values() for text in field),
        "tags": [_indexable(words.fold_tag(tag)) for tag in post.tags],
        **{name: [stem for text in field for stem in _stems(text)] for name, field in texts.items()},
        "card": _encoded(asdict(card)),
        "post": _encoded(asdict(post)),
    }


def post_of(stored: Mapping[str, Any]) -> Post:
    """The post in a document's stored fields."""
    values = _decoded(stored["post"])
    return Post(**values | {"sections": tuple(Section(**section) for section in values["sections"])})


def card_of(column: bytes) -> Card:
    """The card in a document's column."""
    return Card(**_decoded(column))


def _stems(text: str) -> Iterator[str]:
    return (words.stem(token.word) for token in words.tokens(text))


def _indexable(name: str) -> str:
    # The name of a file may hold bytes that are no text.
    return name.encode("utf-8", "replace").decode()


def _encoded(values: Mapping[str, Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _decoded(data: bytes) -> dict[str, Any]:
    values = json.loads(data.decode("utf-8", "surrogatepass"))
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
