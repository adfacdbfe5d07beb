"""How do posts become the arrays of a segment?

All words of all posts stand in one long row, posts in the order of their ids, texts and posts parted by marks. Sorted
by word, the row shows where each stands; what remains is to see where runs begin.
"""

import json
import zlib
from collections import defaultdict
from collections.abc import Iterable, Sequence, Sized
from dataclasses import asdict, replace
from itertools import chain, count
from typing import NamedTuple

import msgspec
import numpy as np

from indexer import words
from indexer.engine import FACETS
from indexer.engines.whoosh.flatfile import Array
from indexer.engines.whoosh.moments import number_of
from indexer.engines.whoosh.numbering import beginnings, numbered
from indexer.engines.whoosh.utf8 import encoded
from indexer.post import SUPERSEDED, Post

#: The arrays of a segment, by name.
Arrays = dict[str, Array | bytes]

#: Posts in a segment, at most: so a post's number fits two bytes.
MOST_POSTS = 1 << 16

_GAP, _END = b"\x1e", b"\x1f"
_NO_WORD = f" {'x' * (words.LONGEST + 1)} "
# What ASCII characters become: blanks, where no letter or digit is.
_PIECES = bytes(c if c > 127 or bytes([c]) in (_GAP, _END) or chr(c).isalnum() else 32 for c in range(256))
# What stands for the signs in names such as `C++`, so that these stay whole: no text is meant to have them.
_STAND_INS = {ord(sign): 0xFDD0 + number for number, sign in enumerate("+#-._")}
_SIGNS = {stand_in: chr(sign) for sign, stand_in in _STAND_INS.items()}


def parts(post: Post) -> tuple[str, ...]:
    """The texts of a post, in the order in which its words are numbered: the title first."""
    return (post.title, *post.tags, post.description, post.body)


def invert(posts: Sequence[Post]) -> Arrays:
    """The arrays of a segment that holds *posts*, which are in the order of their ids, each id once."""
    tongues = np.array([words.TONGUES.index(post.tongue) for post in posts], np.uint8)
    arrays = _stored(posts) | _words(_row(posts), tongues) | {"tongue": tongues}
    arrays |= _grouped_posts(HEADLINE, ([words.headline(post.title)] for post in posts))
    for facet in FACETS:
        arrays |= _grouped_posts(facet, (map(words.fold_tag, getattr(post, facet)) for post in posts))
    return arrays


class _Row(NamedTuple):
    """The words of all posts, by their places in the lexicon; behind these stand no word, a gap, an end."""

    lexicon: list[bytes]
    ranks: Array

    #: Where in the row what else is found, also as places in the lexicon.
    places: Array
    others: Array


def _row(posts: Iterable[Post]) -> _Row:
    numbers: dict[bytes, int] = defaultdict(count().__next__)
    rows = (np.fromiter(map(numbers.__getitem__, _pieces(post)), np.int32) for post in posts)
    row = np.concatenate([np.empty(0, np.int32), *rows])
    spelt, also = zip(*map(_spelt, numbers), strict=True) if numbers else ((), ())
    others = [(offset, term) for terms in also for offset, term in terms]
    lexicon = sorted({*chain.from_iterable(spelt), *(term for _, term in others)} - {b"", _GAP, _END})
    rank = dict(zip((*lexicon, b"", _GAP, _END), count(), strict=False))
    sizes, more = _sizes(spelt), _sizes(also)
    ranks = np.fromiter(map(rank.__getitem__, chain.from_iterable(spelt)), np.int32, int(sizes.sum()))
    begins = np.cumsum(sizes[row]) - sizes[row]
    with_more = np.flatnonzero(more[row])
    their = more[row[with_more]]
    picked = spread((np.cumsum(more) - more)[row[with_more]], their)
    offsets, terms = np.array([(offset, rank[term]) for offset, term in others], np.int64).reshape(-1, 2).T
    return _Row(
        lexicon,
        ranks[spread((np.cumsum(sizes) - sizes)[row], sizes[row])],
        np.repeat(begins[with_more], their) + offsets[picked],
        terms[picked].astype(np.int32),
    )


def _pieces(post: Post) -> list[bytes]:
    """The words of a post as they are written, a mark between its texts, and one behind them."""
    text = " \x1e ".join(map(_apart, parts(post))) + " \x1f"
    return text.encode("utf-8", "replace").translate(_PIECES).split()


def _apart(text: str) -> str:
    """*text*, in which a mark of ours, should there be one, takes its place but parts no texts."""
    if not text.isascii() and any(map(text.__contains__, map(chr, _SIGNS))):
        text = text.translate(dict.fromkeys(_SIGNS, " "))
    text = words.signed(text, _STAND_INS)
    return text.replace("\x1f", " ").replace(words.GAP, _NO_WORD) if "\x1e" in text or "\x1f" in text else text


def _spelt(piece: bytes) -> tuple[list[bytes], list[tuple[int, bytes]]]:
    """The words of a piece of text, and at which of them what else is found; a place without a word is left empty."""
    is_plain = piece.islower() or piece[1:].islower() or piece.isupper() or piece.isdigit() or piece in (_GAP, _END)
    if is_plain and piece.isascii():
        return [piece.lower() if len(piece) <= words.LONGEST else b""], []
    *tokens, behind = words.tokens(f"{piece.decode().translate(_SIGNS)} x")
    found = [b""] * behind.position
    for token in tokens:
        found[token.position] = token.word.encode()
    return found, [(token.position, term.encode()) for token in tokens for term in token.also]


def _words(row: _Row, tongues: Array) -> Arrays:
    terms, posts = len(row.lexicon), len(tongues)
    ranks = np.concatenate([row.ranks, row.others])
    ptr = pointers(np.bincount(ranks, minlength=terms + 3))
    places = np.concatenate([np.arange(len(row.ranks)), row.places])
    by_place = places.argsort(kind="stable")
    order = by_place[ordered(ranks[by_place])]
    places, counts = places[order], order < len(row.ranks)
    gaps, ends = places[ptr[terms + 1] : ptr[terms + 2]], places[ptr[terms + 2] :]
    starts = np.append(0, ends + 1)[:-1]
    title_ends = gaps[np.searchsorted(gaps, starts)]
    ptr, places, counts = ptr[: terms + 1], places[: ptr[terms]], counts[: ptr[terms]]
    post = np.repeat(np.arange(posts, dtype=np.uint16), np.diff(ends, prepend=-1))[places]
    in_title = places < title_ends[post]
    held = _counts(ptr, post, in_title)
    return (
        sorted_dictionary("term", row.lexicon)
        | {
            "place.ptr": ptr,
            "place": small(places - starts[post]),
            "len": np.bincount(post[counts], minlength=posts).astype(np.uint32),
            "title.len": np.bincount(post[in_title & counts], minlength=posts).astype(np.uint32),
        }
        | held
        | _stems(row.lexicon, held["all.ptr"], tongues[held["all.doc"]])
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


def _stems(lexicon: list[bytes], ptr: Array, tongues: Array) -> Arrays:
    """Each stem of a tongue with the words that it stands for: of those that posts in it have, as *ptr* cuts *tongues*.

    What is written with accents has a stem of its own, if its plain word has another one.
    """
    found: list[tuple[bytes, int]] = []
    for code in np.unique(tongues).tolist():
        had = np.flatnonzero(np.logical_or.reduceat(tongues == code, ptr[:-1])).tolist()
        written = [lexicon[place].decode().lstrip(words.WRITTEN) for place in had]
        plain = words.stems([words.fold(word) for word in written], words.TONGUES[code])
        for place, stem, folded in zip(had, words.stems(written, words.TONGUES[code]), plain, strict=True):
            is_plain = lexicon[place][:1] not in NO_WORDS
            if is_plain or words.fold(stem) != folded:
                found.append((stem_key(code, folded if is_plain else words.fold(stem)), place))
    names, numbers = numbered([stem for stem, _ in found])
    places = np.array([place for _, place in found], np.uint32)
    return grouped("stem", names, "form", numbers, places[ordered(numbers)])


def stem_key(code: int, stem: str) -> bytes:
    """What a stem of the tongue of that number is found by."""
    return bytes([code]) + stem.encode()


#: How entries of the dictionary begin that are no words.
NO_WORDS = (words.WRITTEN.encode(), words.PART.encode())

#: The facet that no reader sees: whole titles.
HEADLINE = "headline"


def _grouped_posts(facet: str, values: Iterable[Iterable[str]]) -> Arrays:
    """Each folded value of a facet with its posts."""
    pairs = [(encoded(name), number) for number, names in enumerate(values) for name in dict.fromkeys(names)]
    names, numbers = numbered([name for name, _ in pairs])
    posts = np.array([number for _, number in pairs], np.uint16)
    return grouped(facet, names, facet, numbers, posts[ordered(numbers)])


_CARD = msgspec.msgpack.Encoder()


def _stored(posts: Sequence[Post]) -> Arrays:
    """What a hit shows, apart from the body, which is compressed: most questions need ten of them."""
    return (
        sorted_dictionary("id", [encoded(post.id) for post in posts])
        | dictionary("digest", [encoded(post.digest) for post in posts])
        | dictionary("card", [_card(post) for post in posts])
        | dictionary("body", [zlib.compress(encoded(post.body), 1) for post in posts])
        | {"date": np.array([number_of(post.date) for post in posts], np.int64)}
        | {"weight": np.array([post.boost * (SUPERSEDED if post.superseded_by else 1) for post in posts], np.float64)}
        | {"evergreen": np.array([post.evergreen for post in posts], np.bool_)}
    )


def _card(post: Post) -> bytes:
    card = replace(post, id="", digest="", body="")
    try:
        return _CARD.encode(card)
    except UnicodeEncodeError:
        # Lone surrogates cannot stand in UTF-8, but JSON has a way to write them.
        return json.dumps(asdict(card)).encode()


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
