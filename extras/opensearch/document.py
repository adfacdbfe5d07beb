"""How does a post become a document, and which index holds documents?

All words are our own: those of `indexer.words`, each with what it is found by besides at the same place, parted by a
bar. A beginning of a word is a word as well, so that it is looked up and counted as fast and as exactly as one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import date
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import msgspec

from indexer import words
from indexer.engine import FACETS
from indexer.post import SUPERSEDED, Post
from indexer.query import Word

#: Begins a beginning of a word. No word begins so.
BEGINNING = ">"

#: Stands where no word is: between two texts, and for what is too long to be one.
GAP = "_"

#: Bytes of a sort key that count.
LONGEST_KEY = 8_000

#: Changes when documents do: then all have to be made anew.
VERSION = 1

# Some letters of Arabic fold to several words.
_SAFE = str.maketrans({" ": "_", "|": "_"})


def mapping() -> dict[str, Any]:
    """The fields of an index."""
    text = {"type": "text", "analyzer": "given"}
    keyword, flag, number = {"type": "keyword"}, {"type": "boolean"}, {"type": "integer"}
    stored = {"type": "keyword", "index": False, "doc_values": False}
    fields = {
        **{name: text | {"similarity": "texts"} for name in ("words", "stems")},
        **{name: text | {"similarity": "titles"} for name in ("title_words", "title_stems")},
        **{name: keyword | {"ignore_above": 32_766} for name in FACETS},
        **dict.fromkeys(("key", "vocabulary", "reversed", "forms", "date", "headline", "title", "tongue"), keyword),
        **{name: keyword | {"index": False} for name in ("digest", "url")},
        **dict.fromkeys(("length", "title_length", "day"), number),
        **dict.fromkeys(("evergreen", "superseded"), flag),
        "weight": {"type": "double"},
        **dict.fromkeys(("card", "body"), stored),
    }
    return {"dynamic": "strict", "_source": {"includes": ["card", "body"]}, "properties": fields}


def similarity(mean: float, title_mean: float) -> dict[str, Any]:
    """BM25, as `tests/engines/reference.py` has it; how rare a word is comes with the question."""
    script = "return query.boost * doc.freq * 2.2 / (doc.freq + 0.3 + 0.9 * doc.length / {});"
    means = {"texts": mean, "titles": title_mean}
    return {
        name: {"type": "scripted", "script": {"source": script.format(float(mean))}} for name, mean in means.items()
    }


def settings() -> dict[str, Any]:
    """The settings of an index; how many shards it has is for a template of the operator's to say."""
    return {
        "refresh_interval": -1,
        "codec": "best_compression",  # a document says the same many times, and is kept whole until it is merged
        "auto_expand_replicas": "0-1",
        "max_result_window": 2_000_000_000,
        "similarity": similarity(1.0, 1.0),
        "analysis": {
            "tokenizer": {"blanks": {"type": "whitespace", "max_token_length": 100_000}},
            "filter": {
                "gaps": {"type": "stop", "stopwords": [GAP]},
                "same_place": {"type": "pattern_capture", "preserve_original": False, "patterns": ["([^|]+)"]},
            },
            "analyzer": {"given": {"type": "custom", "tokenizer": "blanks", "filter": ["gaps", "same_place"]}},
        },
    }


def texts(post: Post) -> tuple[str, ...]:
    """The texts of a post, in the order in which its words stand."""
    return (post.title, *post.tags, post.description, post.body)


def document(post: Post) -> dict[str, Any]:
    """The document of *post*."""
    tongue = words.tongue(post.language)
    row = list(placed(texts(post)))
    title = list(placed([post.title]))
    known = {(token.word, token.also) for token in row if token}
    return {
        "key": key(post.id),
        "digest": post.digest,
        "url": key(post.url),
        "words": _spelt(row, _terms),
        "stems": _spelt(row, lambda word, also: _stems(word, also, tongue)),
        "title_words": _spelt(title, _terms),
        "title_stems": _spelt(title, lambda word, also: _stems(word, also, tongue)),
        "vocabulary": sorted({word for word, _ in known}),
        "reversed": sorted({word[::-1] for word, _ in known}),
        "forms": sorted({f"{stem}|{word}" for word, also in known for stem in _stems(word, also, tongue).split("|")}),
        "length": sum(token is not None for token in row),
        "title_length": sum(token is not None for token in title),
        "tongue": tongue,
        "date": post.date,
        "day": day(post.date) if post.date else None,
        "evergreen": post.evergreen,
        "superseded": bool(post.superseded_by),
        "weight": weight(post),
        "headline": key(words.headline(post.title))[:LONGEST_KEY],
        "title": key(words.fold(post.title))[:LONGEST_KEY],
        **{name: [key(words.fold_tag(label)) for label in getattr(post, name)] for name in FACETS},
        # In ASCII, as a file name that is no Unicode cannot stand in JSON otherwise.
        "card": json.dumps(asdict(post) | {"body": ""}),
        "body": json.dumps(post.body),
    }


def post_of(source: dict[str, str]) -> Post:
    """The post of a document."""
    return msgspec.convert(json.loads(source["card"]) | {"body": json.loads(source["body"])}, Post)


def placed(texts: Iterable[str]) -> Iterator[words.Token | None]:
    """The words of *texts* at their places, of which one is left free between two texts."""
    for number, text in enumerate(texts):
        if number:
            yield None
        *found, behind = words.tokens(f"{text} x")
        row: list[words.Token | None] = [None] * behind.position
        for token in found:
            row[token.position] = token
        yield from row


def _spelt(row: Sequence[words.Token | None], spell: Callable[[str, tuple[str, ...]], str]) -> str:
    return " ".join([spell(token.word, token.also) if token else GAP for token in row])


@lru_cache(maxsize=1 << 16)
def _terms(word: str, also: tuple[str, ...]) -> str:
    beginnings = (BEGINNING + word[:end] for end in range(1, len(word) + 1))
    return "|".join([safe(term) for term in (word, *also, *beginnings)])


@lru_cache(maxsize=1 << 16)
def _stems(word: str, also: tuple[str, ...], tongue: str) -> str:
    stems = {words.stem(word, tongue)}
    stems |= {words.fold(words.stem(one[1:], tongue)) for one in also if one.startswith(words.WRITTEN)}
    return "|".join(f"{tongue}:{safe(stem)}" for stem in sorted(stems))


def stems_of(word: Word, tongues: Iterable[str]) -> str:
    """All stems of *word*, as they stand at one place."""
    return "|".join(f"{tongue}:{safe(stem)}" for tongue in tongues for stem in word.stems(tongue))


def safe(term: str) -> str:
    """*term* in one piece."""
    return term.translate(_SAFE)


def key(text: str) -> str:
    """*text*, whatever is in it, in ASCII and in the order of texts."""
    return text.encode("utf-8", "surrogatepass").hex()


def text_of(key: str) -> str:
    """The text that became this `key`."""
    return bytes.fromhex(key).decode("utf-8", "surrogatepass")


def number_of(id: str) -> str:
    """What a document is found by: ids may be longer than OpenSearch allows."""
    return blake2b(id.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def weight(post: Post) -> float:
    """What the score of *post* is multiplied by, its age apart."""
    return post.boost * (SUPERSEDED if post.superseded_by else 1.0)


def day(moment: str) -> int:
    """The number of the day."""
    return date.fromisoformat(moment[:10]).toordinal()
