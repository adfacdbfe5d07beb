"""Is a segment that is woven of others the one that is made of their posts?"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.engines.whoosh import inversion, merging
from indexer.engines.whoosh.flatfile import FlatFile, write
from indexer.engines.whoosh.segment import Dictionary, Segment
from indexer.engines.whoosh.utf8 import encoded
from indexer.post import Post
from tests.conftest import make_post
from tests.engines.test_codec import drawn_posts


def in_order(posts: Sequence[Post]) -> list[Post]:
    return sorted(posts, key=lambda post: encoded(post.id))


def made(path: Path, posts: Sequence[Post]) -> Path:
    """The file of a segment that holds *posts*."""
    write(path, inversion.invert(in_order(posts)))
    return path


def woven(folder: Path, *cuts: Sequence[Post], gone: Collection[str] = ()) -> Path:
    """The file of a segment woven of one for each of *cuts*, without the posts that are *gone*."""
    files = [FlatFile(made(folder / f"{number}.flat", posts)) for number, posts in enumerate(cuts)]
    staying = [np.array([post.id not in gone for post in in_order(posts)], bool) for posts in cuts]
    write(folder / "woven.flat", merging.merge(files, staying))
    return folder / "woven.flat"


@given(drawn_posts(), st.data())
def test_to_weave_segments_is_to_make_one_of_the_posts_that_stay(posts: list[Post], data: st.DataObject) -> None:
    number = st.integers(0, 3)
    segments = [data.draw(number) for _ in posts]
    gone = {post.id for post in posts if data.draw(st.booleans())}
    cuts = [[post for post, segment in zip(posts, segments, strict=True) if segment == cut] for cut in range(4)]
    at_once = data.draw(st.sampled_from([1, 5, merging.AT_ONCE]))
    with TemporaryDirectory() as place, patch.object(merging, "AT_ONCE", at_once):
        folder = Path(place)
        once = made(folder / "once.flat", [post for post in posts if post.id not in gone])
        assert woven(folder, *cuts, gone=gone).read_bytes() == once.read_bytes()


@pytest.mark.parametrize("many", [300, 70_000])
def test_so_it_is_for_words_that_stand_there_often_and_far_behind(tmp_path: Path, many: int) -> None:
    posts = [make_post("Many", body="often " * many + "last"), make_post("Few", body="often"), make_post("None")]
    once = made(tmp_path / "once.flat", posts)
    assert woven(tmp_path, posts[:1], posts[1:]).read_bytes() == once.read_bytes()
    fewer = made(tmp_path / "fewer.flat", posts[1:])
    (tmp_path / "again").mkdir()
    assert woven(tmp_path / "again", posts, gone={"many.md"}).read_bytes() == fewer.read_bytes()


@pytest.mark.parametrize(
    "look",
    [lambda segment: segment.terms, lambda segment: segment.stems, lambda segment: segment.labels["tags"].names],
    ids=["words", "stems", "tags"],
)
def test_what_only_a_post_had_goes_with_it(tmp_path: Path, look: Callable[[Segment], Dictionary]) -> None:
    secret = make_post("Secret", body="whispered", tags=("hidden",), categories=("hidden",))
    path = woven(tmp_path, [secret, make_post("One", tags=("seen",))], [make_post("Two")], gone={"secret.md"})
    assert not {b"secret", b"whispered", b"whisper", b"hidden"} & set(look(Segment(path)).all())
    assert not [word for word in (b"whisper", b"hidden", b"secret") if word in path.read_bytes()]
