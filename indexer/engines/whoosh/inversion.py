"""How do posts become the arrays of a segment?

All words of all posts stand in one long row, posts in the order of their ids, texts and posts parted by marks. One
sort of the row by (word, place) brings the places of each word together; what remains is to see where runs begin.
"""

from __future__ import annotations

import json
import re
import zlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from itertools import count

import msgspec
import numpy as np

from indexer import words
from indexer.engine import FACETS
from indexer.engines.whoosh.flatfile import Array
from indexer.engines.whoosh.moments import number_of
from indexer.engines.whoosh.utf8 import encoded
from indexer.post import Post

MOST_POSTS = 1 << 16
"""Posts in a segment, at most: so a post's number fits two bytes."""

_GAP, _END = b"\x1e", b"\x1f"
_MARKS = f"{_GAP.decode()}{_END.decode()}"
# What ASCII characters become: words in lower case with blanks between them. As `words.tokens` has it.
_FOLDED = bytes(
    c if chr(c) in _MARKS else ord(chr(c).lower()) if chr(c).isalnum() and c < 128 else 32 for c in range(256)
)
# The punctuation that is not ASCII, as UTF-8: blocks U+2000 and most of Latin-1's signs hold no letter or digit.
_PUNCTUATION = re.compile(rb"\xe2(?:\x80[\x80-\xbf]|\x81[\x80-\xaf])|\xc2[\xa0-\xa9\xab-\xb1\xb4\xb6-\xb8\xbb\xbf]")


def parts(post: Post) -> tuple[str, ...]:
    """The texts of a post, in the order in which its words are numbered: the title first."""
    return (post.title, *post.tags, post.description, post.body)


def invert(posts: Sequence[Post]) -> dict[str, Array | bytes]:
    """The arrays of a segment that holds *posts*, which are in the order of their ids, each id once."""
    vocabulary, row = _row(posts)
    arrays = _stored(posts) | _words(vocabulary, row, len(posts))
    for facet in FACETS:
        arrays |= _labels(posts, facet)
    return arrays


def _row(posts: Iterable[Post]) -> tuple[list[bytes], Array]:
    """The distinct words in the order in which they are met, and the row of their numbers: 0 parts texts, 1 posts."""
    numbers: dict[bytes, int] = defaultdict(count().__next__)
    numbers[_GAP], numbers[_END]
    number = numbers.__getitem__
    chunks = []
    for post in posts:
        found = _folded(post)
        chunks.append(np.fromiter(map(number, found), np.int32, len(found)))
    return list(numbers), np.concatenate(chunks) if chunks else np.empty(0, np.int32)


def _folded(post: Post) -> list[bytes]:
    """The words of *post*, its texts parted by a gap, with the mark of the end behind them."""
    texts = [_apart(part) for part in parts(post)]
    data = " \x1e ".join(texts).encode("utf-8", "replace")
    if not data.isascii():
        data = _PUNCTUATION.sub(b" ", data)
    if data.isascii():
        return [*data.translate(_FOLDED).split(), _END]
    found = [word.encode() for text in texts for word in (*_slowly(text), words.GAP)]
    found[-1] = _END
    return found


def _apart(text: str) -> str:
    """*text*, in which a mark of ours, should there be one, is a gap like any other."""
    return text.replace("\x1f", " ").replace(words.GAP, f" {words.GAP} ") if "\x1e" in text or "\x1f" in text else text


def _slowly(text: str) -> list[str]:
    """The words of a text in any script; what stands at a place but is no word is left empty."""
    found: list[str] = []
    for token in words.tokens(text):
        found += [""] * (token.position - len(found))
        found.append(token.word)
    return found


def _words(vocabulary: list[bytes], row: Array, posts: int) -> dict[str, Array | bytes]:
    ends = np.flatnonzero(row == 1)
    starts = np.concatenate([[0], ends[:-1] + 1]) if posts else ends
    gaps = np.flatnonzero(row == 0)
    title_ends = gaps[np.searchsorted(gaps, starts)] if posts else gaps
    kept = np.array([_is_kept(word) for word in vocabulary], bool)
    order = np.array(sorted(np.flatnonzero(kept).tolist(), key=vocabulary.__getitem__), np.int64)
    rank = np.full(len(vocabulary), -1, np.int64)
    rank[order] = np.arange(len(order))
    terms = rank[row]
    places = np.flatnonzero(terms >= 0)
    keyed = np.sort((terms[places].astype(np.uint64) << np.uint64(32)) | places.astype(np.uint64))
    term, place = (keyed >> np.uint64(32)).astype(np.int64), (keyed & np.uint64(0xFFFFFFFF)).astype(np.int64)
    post_of_place = np.repeat(np.arange(posts, dtype=np.int64), np.diff(ends, prepend=-1))
    post = post_of_place[place]
    in_title = place < title_ends[post]
    lexicon = [vocabulary[number] for number in order.tolist()]
    return (
        _dictionary("term", lexicon)
        | {
            "place.ptr": np.searchsorted(term, np.arange(len(order) + 1)).astype(np.uint32),
            "place": _small(place - starts[post]),
            "len": np.bincount(post_of_place[places], minlength=posts).astype(np.uint32),
            "title.len": np.bincount(post[in_title], minlength=posts).astype(np.uint32),
        }
        | _counts("all", term, post, len(order), posts)
        | _counts("title", term[in_title], post[in_title], len(order), posts)
        | _stems(lexicon)
    )


def _is_kept(word: bytes) -> bool:
    """Whether it is a word, and no longer than words are: those of other scripts have been measured in characters."""
    return 0 < len(word) <= words.LONGEST * (1 if word.isascii() else 4) and word not in (_GAP, _END)


def _counts(name: str, term: Array, post: Array, terms: int, posts: int) -> dict[str, Array]:
    """The posts that have each word, and how often, of the words of (term, post) pairs in ascending order."""
    new = np.flatnonzero(np.diff(term * (posts + 1) + post, prepend=-1))
    return {
        f"{name}.ptr": np.searchsorted(term[new], np.arange(terms + 1)).astype(np.uint32),
        f"{name}.doc": post[new].astype(np.uint16),
        f"{name}.tf": _small(np.diff(new, append=len(term))),
    }


def _stems(lexicon: list[bytes]) -> dict[str, Array | bytes]:
    """Each stem with the words that it stands for."""
    forms: dict[bytes, list[int]] = defaultdict(list)
    for form, stem in enumerate(words.stems([word.decode() for word in lexicon])):
        forms[stem.encode()].append(form)
    stems = sorted(forms)
    return _dictionary("stem", stems) | {
        "form.ptr": np.cumsum([0, *(len(forms[stem]) for stem in stems)]).astype(np.uint32),
        "form": np.array([form for stem in stems for form in forms[stem]], np.uint32),
    }


def _labels(posts: Sequence[Post], facet: str) -> dict[str, Array | bytes]:
    """Each folded value of a facet with its posts."""
    holders: dict[bytes, dict[int, None]] = defaultdict(dict)
    for number, post in enumerate(posts):
        for label in getattr(post, facet):
            holders[encoded(words.fold_tag(label))][number] = None
    names = sorted(holders)
    return _dictionary(facet, names) | {
        f"{facet}.ptr": np.cumsum([0, *(len(holders[name]) for name in names)]).astype(np.uint32),
        facet: np.array([number for name in names for number in holders[name]], np.uint16),
    }


_CARD = msgspec.msgpack.Encoder()


def _stored(posts: Sequence[Post]) -> dict[str, Array | bytes]:
    """What a hit shows, apart from the body, which is compressed: most questions need ten of them."""
    return (
        _dictionary("id", [encoded(post.id) for post in posts])
        | _dictionary("digest", [encoded(post.digest) for post in posts])
        | _dictionary("card", [_card(post) for post in posts])
        | _dictionary("body", [zlib.compress(encoded(post.body), 1) for post in posts])
        | {"date": np.array([number_of(post.date) for post in posts], np.int64)}
    )


def _card(post: Post) -> bytes:
    card = {name: getattr(post, name) for name in Post.__slots__ if name not in ("body", "id", "digest")}
    try:
        return _CARD.encode(card)
    except UnicodeEncodeError:
        # Lone surrogates cannot stand in UTF-8, but JSON has a way to write them.
        return json.dumps(card, default=asdict).encode()


def _dictionary(name: str, entries: Sequence[bytes]) -> dict[str, Array | bytes]:
    return {f"{name}.off": np.cumsum([0, *map(len, entries)]).astype(np.uint32), f"{name}.blob": b"".join(entries)}


def _small(values: Array) -> Array:
    """*values* in two bytes each, or in four if one of them asks for it."""
    return values.astype(np.uint16 if not len(values) or values.max() < 1 << 16 else np.uint32)
