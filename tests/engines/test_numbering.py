"""Do the beginnings of words, as numbers, stand in the order of the words?"""

from __future__ import annotations

import numpy as np

from indexer.engines.whoosh import numbering


def test_beginnings_stand_in_the_order_of_the_pieces() -> None:
    pieces = sorted([b"", b"a", b"ab", b"abcdefgh", b"abcdefghz", b"b", b"\xc3\xa9", b"\xff" * 9])
    sizes = np.array([len(piece) for piece in pieces])
    found = numbering.beginnings(b"".join(pieces), np.cumsum(sizes) - sizes, sizes)
    assert found.tolist() == [int.from_bytes(piece[:8].ljust(8, b"\0"), "big") for piece in pieces]
    assert sorted(found.tolist()) == found.tolist()
