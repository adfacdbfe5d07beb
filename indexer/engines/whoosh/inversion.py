"""How do posts become the arrays of a segment?

All words of all posts stand in one long row, posts in the order of their ids, texts and posts parted by marks. Sorted
by word, the row shows where each stands; what remains is to see where runs begin.
"""

import json
import zlib
from collections.abc import Iterable, Iterator, Sequence, Sized
from dataclasses import asdict
from itertools import chain, count

import msgspec
import numpy as np

from indexer import words
from indexer.engine import FACETS
from indexer.engines.whoosh.flatfile import Array
from indexer.engines.whoosh.moments import number_of
from indexer.engines.whoosh.numbering import Numbering, beginnings, numbered
from indexer.engines.whoosh.utf8 import encoded
from indexer.post import Post

#: The arrays of a segment, by name.
Arrays = dict[str, Array | bytes]

#: Posts in a segment, at most: so a post's number fits two bytes.
MOST_POSTS = 1 << 16

#: Characters of which the words are numbered at once: what is made of them on the way fits the processor's cache.
_BLOCK = 1 << 17

_GAP, _END = b"\x1e", b"\x1f"
_NO_WORD = f" {'x' * (words.LONGEST + 1)} "
# What ASCII characters become: words in lower case, and zeros between them. As `words.tokens` has it.
_FOLDED = bytes(
    c if c > 127 or bytes([c]) in (_GAP, _END) else ord(chr(c).lower()) * chr(c).isalnum() for c in range(256)
)


def parts(post: Post) -> tuple[str, ...]:
    """The texts of a post, in the order in which its words are numbered: the title first."""
    return (post.title, *post.tags, post.description, post.body)


def invert(posts: Sequence[Post]) -> Arrays:
    """The arrays of a segment that holds *posts*, which are in the order of their ids, each id once."""
    arrays = _stored(posts) | _words(*_row(posts), len(posts))
    for facet in FACETS:
        arrays |= _labels(posts, facet)
    return arrays


def _row(posts: Iterable[Post]) -> tuple[list[bytes], Array]:
    """The distinct words in order, and the row of their places in it; behind them those of no word, a gap, an end."""
    numbering = Numbering()
    row = np.concatenate([np.empty(0, np.int32), *map(numbering.of, _blocks(posts))])
    spelt = list(map(_spelt, numbering.numbers))
    lexicon = sorted({*chain.from_iterable(spelt)} - {b"", _GAP, _END})
    rank = dict(zip((*lexicon, b"", _GAP, _END), count(), strict=False))
    sizes = _sizes(spelt)
    ranks = np.fromiter(map(rank.__getitem__, chain.from_iterable(spelt)), np.int32, int(sizes.sum()))
    return lexicon, ranks[row] if np.all(sizes == 1) else ranks[spread((np.cumsum(sizes) - sizes)[row], sizes[row])]


def _blocks(posts: Iterable[Post]) -> Iterator[bytes]:
    """The words of posts in lower case, and a mark behind each text, between zeros."""
    texts, size = [], 0
    for post in posts:
        texts.append(" \x1e ".join(map(_apart, parts(post))))
        size += len(texts[-1])
        if size > _BLOCK:
            yield _folded(texts)
            texts, size = [], 0
    yield _folded(texts)


def _folded(texts: Iterable[str]) -> bytes:
    return "".join(f" {text} \x1f " for text in texts).encode("utf-8", "replace").translate(_FOLDED)


def _apart(text: str) -> str:
    """*text*, in which a mark of ours, should there be one, takes its place but parts no texts."""
    return text.replace("\x1f", " ").replace(words.GAP, _NO_WORD) if "\x1e" in text or "\x1f" in text else text


def _spelt(piece: bytes) -> list[bytes]:
    """The words of a piece of text; what stands at a place but is no word is left empty."""
    if piece.isascii():
        return [piece if len(piece) <= words.LONGEST else b""]
    *tokens, behind = words.tokens(f"{piece.decode()} x")
    found = [b""] * behind.position
    for token in tokens:
        found[token.position] = token.word.encode()
    return found


def _words(lexicon: list[bytes], row: Array, posts: int) -> Arrays:
    terms = len(lexicon)
    ptr = pointers(np.bincount(row, minlength=terms + 3))
    places = ordered(row)
    gaps, ends = places[ptr[terms + 1] : ptr[terms + 2]], places[ptr[terms + 2] :]
    starts = np.append(0, ends + 1)[:-1]
    title_ends = gaps[np.searchsorted(gaps, starts)]
    ptr, places = ptr[: terms + 1], places[: ptr[terms]]
    post = np.repeat(np.arange(posts, dtype=np.uint16), np.diff(ends, prepend=-1))[places]
    in_title = places < title_ends[post]
    return (
        sorted_dictionary("term", lexicon)
        | {
            "place.ptr": ptr,
            "place": small(places - starts[post]),
            "len": np.bincount(post, minlength=posts).astype(np.uint32),
            "title.len": np.bincount(post[in_title], minlength=posts).astype(np.uint32),
        }
        | _counts(ptr, post, in_title)
        | _stems(lexicon)
    )


def _counts(ptr: Array, post: Array, in_title: Array) -> dict[str, Array]:
    """The posts that have each word, and how often, in all and in the title. A word begins at each of *ptr*."""
    begins = np.diff(post, prepend=-1) != 0
    begins[ptr[:-1]] = True
    new = np.flatnonzero(begins)
    return {
        "all.ptr": np.searchsorted(new, ptr).astype(np.uint32),
        "all.doc": post[new],
        "all.tf": small(np.diff(new, append=len(post))),
        "all.title": small(np.add.reduceat(in_title, new, dtype=np.int64) if len(new) else new),
    }


def _stems(lexicon: list[bytes]) -> Arrays:
    """Each stem with the words that it stands for."""
    found = [stem.encode() for stem in words.stems([word.decode() for word in lexicon])]
    names, numbers = numbered(found)
    return grouped("stem", names, "form", numbers, ordered(numbers).astype(np.uint32))


def _labels(posts: Sequence[Post], facet: str) -> Arrays:
    """Each folded value of a facet with its posts."""
    pairs = [
        (encoded(name), number)
        for number, post in enumerate(posts)
        for name in dict.fromkeys(map(words.fold_tag, getattr(post, facet)))
    ]
    names, numbers = numbered([name for name, _ in pairs])
    values = np.array([number for _, number in pairs], np.uint16)
    return grouped(facet, names, facet, numbers, values[ordered(numbers)])


_CARD = msgspec.msgpack.Encoder()


def _stored(posts: Sequence[Post]) -> Arrays:
    """What a hit shows, apart from the body, which is compressed: most questions need ten of them."""
    return (
        sorted_dictionary("id", [encoded(post.id) for post in posts])
        | dictionary("digest", [encoded(post.digest) for post in posts])
        | dictionary("card", [_card(post) for post in posts])
        | dictionary("body", [zlib.compress(encoded(post.body), 1) for post in posts])
        | {"date": np.array([number_of(post.date) for post in posts], np.int64)}
    )


def _card(post: Post) -> bytes:
    card = {name: getattr(post, name) for name in Post.__slots__ if name not in ("body", "id", "digest")}
    try:
        return _CARD.encode(card)
    except UnicodeEncodeError:
        # Lone surrogates cannot stand in UTF-8, but JSON has a way to write them.
        return json.dumps(card, default=asdict).encode()


def dictionary(name: str, entries: Sequence[bytes]) -> Arrays:
    """The arrays of a dictionary of *entries*."""
    return {f"{name}.off": pointers(_sizes(entries)), f"{name}.blob": b"".join(entries)}


def sorted_dictionary(name: str, entries: Sequence[bytes]) -> Arrays:
    """The same with the beginning of each entry as a number, by which it is found fast."""
    sizes = _sizes(entries)
    keys = beginnings(b"".join(entries), np.cumsum(sizes) - sizes, sizes)
    return dictionary(name, entries) | {f"{name}.key": keys}


def grouped(name: str, entries: Sequence[bytes], values: str, numbers: Array, in_order: Array) -> Arrays:
    """The same with the *values* of each entry, *in_order*: as many as have its number."""
    starts = pointers(np.bincount(numbers, minlength=len(entries)))
    return sorted_dictionary(name, entries) | {f"{values}.ptr": starts, values: in_order}


def _sizes(entries: Sequence[Sized]) -> Array:
    return np.fromiter(map(len, entries), np.int64, len(entries))


def pointers(sizes: Array) -> Array:
    """Where each of runs of these sizes begins, and the last one ends."""
    return np.append(0, np.cumsum(sizes)).astype(np.uint32)


def spread(starts: Array, sizes: Array) -> Array:
    """The places of runs that begin at *starts*, one run after the other."""
    ends = np.cumsum(sizes, dtype=np.int64)
    return np.repeat(starts - ends + sizes, sizes) + np.arange(ends[-1] if len(ends) else 0)


def ordered(numbers: Array) -> Array:
    """The places of *numbers* in ascending order; of equal ones the first one first."""
    # NumPy sorts numbers of two bytes six times as fast as those of four.
    places = np.argsort(numbers.astype(np.uint16), kind="stable")
    high = numbers >> 16
    return places[np.argsort(high.astype(np.uint16)[places], kind="stable")] if high.any() else places


def small(values: Array) -> Array:
    """*values* in one byte each, or in two or four if one of them asks for it."""
    return values.astype(np.min_scalar_type(int(values.max(initial=0))))
