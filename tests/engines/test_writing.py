"""Into which segments do posts get, and when do they get into others?"""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.engines.whoosh import writing
from indexer.engines.whoosh.codec import read_toc, segment_path
from indexer.engines.whoosh.segment import Segment
from indexer.post import Post
from indexer.workers import cores
from tests.conftest import make_post


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """The folder of an index that holds nothing."""
    writing.create(tmp_path)
    return tmp_path


def posts(count: int, begin: int = 0) -> list[Post]:
    return [make_post(f"Post {number}", body=f"word{number} word") for number in range(begin, begin + count)]


def sizes(place: Path) -> list[int]:
    """How many posts each segment holds, in ascending order; of each there is one file."""
    segments = read_toc(place)[1]
    assert {segment_path(place, segment) for segment in segments} == set(place.glob("*.flat"))
    return sorted(segment.doc_count() for segment in segments)


def ids(place: Path) -> list[str]:
    """The ids of the posts that are held."""
    return sorted(
        post.id
        for segment in read_toc(place)[1]
        for file in [Segment(segment_path(place, segment))]
        for number, post in enumerate(map(file.post, range(len(file))))
        if not segment.is_deleted(number)
    )


def test_a_small_build_is_one_segment(place: Path) -> None:
    writing.change(place, posts(writing.FEWEST), ())
    assert sizes(place) == [writing.FEWEST]


def test_a_larger_one_is_as_many_as_there_are_cores(place: Path) -> None:
    writing.change(place, posts(writing.FEWEST * cores()), ())
    assert sizes(place) == [writing.FEWEST] * cores()


@pytest.mark.parametrize(("constant", "most"), [("MOST_WAITING", 30), ("MOST_TEXT", 300)])
def test_a_large_build_keeps_few_posts_in_memory(
    place: Path, monkeypatch: pytest.MonkeyPatch, constant: str, most: int
) -> None:
    monkeypatch.setattr(writing, constant, most)
    given = [*posts(100), *posts(5)]
    writing.change(place, given, ())
    assert max(sizes(place)[:-1], default=0) <= 30
    assert len(sizes(place)) > 1
    assert ids(place) == sorted({post.id for post in given})


def test_there_are_never_many_segments_and_the_large_ones_are_seldom_written_anew(place: Path) -> None:
    writing.change(place, posts(100), ())
    large = read_toc(place)[1][0]
    for number in range(40):
        writing.change(place, posts(1, 1000 + number), ())
        writing.fold(place)
        assert len(sizes(place)) <= writing.MOST_SEGMENTS
        assert segment_path(place, large).exists()
    assert len(ids(place)) == 140


def test_segments_that_are_full_are_left_as_they_are(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "MOST_WAITING", 10)
    for number in range(12):
        writing.change(place, posts(6, 10 * number), ())
        writing.fold(place)
    assert sizes(place) == [6] * 12


def test_a_segment_is_written_anew_once_a_tenth_is_masked(place: Path) -> None:
    writing.change(place, posts(30), ())
    writing.change(place, (), ["post-0.md"])
    assert not writing.fold(place)
    assert read_toc(place)[1][0].deleted_count() == 1
    writing.change(place, (), ["post-1.md", "post-2.md", "post-3.md"])
    assert writing.fold(place)
    assert read_toc(place)[1][0].deleted_count() == 0
    assert sizes(place) == [26]


def test_what_is_purged_is_in_no_file(place: Path) -> None:
    writing.change(place, [*posts(30), make_post("Secret", body="whispered")], ())
    writing.change(place, (), ["secret.md"])
    assert writing.fold(place, purge=True)
    assert not [path for path in place.iterdir() if b"whisper" in path.read_bytes()]


def test_the_same_posts_have_the_same_name_however_they_came(
    place: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    at_once = tmp_path_factory.mktemp("at-once")
    writing.create(at_once)
    writing.change(at_once, posts(5), ())
    for number in reversed(range(6)):
        writing.change(place, posts(1, number), ())
    assert writing.name(place) != writing.name(at_once)
    writing.change(place, (), ["post-5.md"])
    assert writing.name(place) == writing.name(at_once)
