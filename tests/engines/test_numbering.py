"""Does each word get one number, and no other word the same?"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.engines.whoosh import numbering
from indexer.engines.whoosh.numbering import Numbering

# Words of all lengths around eight and sixteen bytes that begin alike, so that they are told apart at their ends.
words = st.builds(lambda size, end: b"a" * size + end, st.integers(0, 40), st.sampled_from([b"b", b"cc", b"\xc3\xa9"]))


def numbered(texts: list[list[bytes]]) -> list[bytes]:
    """The words of *texts* as their numbers tell them."""
    held = Numbering()
    rows = [held.of(b"\0" + b"".join(word + b"\0\0" for word in text)) for text in texts]
    met = list(held.numbers)
    return [met[number] for row in rows for number in row.tolist()]


@given(st.lists(st.lists(words, max_size=30), max_size=4))
def test_the_numbers_of_a_text_tell_its_words(texts: list[list[bytes]]) -> None:
    assert numbered(texts) == [word for text in texts for word in text]


def test_so_they_do_where_many_words_want_one_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numbering, "_BITS", 2)
    texts = [
        [b"w%d" % (n * n % 97) for n in range(300)],
        [b"a-word-of-some-length-%d" % (n % 50) for n in range(300)],
    ] * 2
    assert numbered(texts) == [word for text in texts for word in text]


def test_beginnings_stand_in_the_order_of_the_pieces() -> None:
    pieces = sorted([b"", b"a", b"ab", b"abcdefgh", b"abcdefghz", b"b", b"\xc3\xa9", b"\xff" * 9])
    sizes = np.array([len(piece) for piece in pieces])
    found = numbering.beginnings(b"".join(pieces), np.cumsum(sizes) - sizes, sizes)
    assert found.tolist() == [int.from_bytes(piece[:8].ljust(8, b"\0"), "big") for piece in pieces]
    assert sorted(found.tolist()) == found.tolist()
