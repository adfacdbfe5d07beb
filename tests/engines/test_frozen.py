"""Is an index still read that an earlier postsearch of the same format wrote?"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from whoosh.index import open_dir
from whoosh.qparser import QueryParser

from indexer.engines.whoosh import WhooshEngine
from indexer.engines.whoosh.codec import read_toc
from indexer.engines.whoosh.generations import VERSION, Generations
from indexer.errors import IndexDamagedError, IndexMissingError, IndexOutdatedError
from indexer.search import search
from tests.engines.conftest import say_another_version
from tests.engines.freeze import DROPPED, FROZEN, POSTS, freeze

ANEW = "run `python -m tests.engines.freeze` and commit what it writes"
OUTDATED = f"VERSION in indexer/engines/whoosh/generations.py has changed: {ANEW}"
UNREADABLE = (
    "an index as it was written before cannot be read: read it, or, if the format is meant to change, raise VERSION in"
    f" indexer/engines/whoosh/generations.py, so that old indexes are built anew; then {ANEW}"
)

KITCHEN = ["bread.md", "breads.md", "news.md", "salt.md"]
FOUND = {
    "bread": ["bread.md", "breads.md", "news.md"],
    '"bread"': ["bread.md", "breads.md", "news.md"],
    '"breads"': ["breads.md"],
    '"rye bread"': ["breads.md"],
    '"baking bread kitchen"': [],
    "tag:kitchen": KITCHEN,
    'tag:"service mesh"': ["mesh/intro.md", "mesh/two.md"],
    "tag:secret": [],
    "nobody": [],
    "服务": ["mesh/intro.md"],
    "word8*": ["long.md"],
    "cafe": ["cafe.md"],
    "strasse": ["cafe.md"],
    "привет": ["привет.md"],
    "h100": ["flask.md"],
    "salt OR flour": ["bread.md", "salt.md"],
    "end": ["strange.md", "whole.md"],
    "title:bread": ["bread.md", "breads.md"],
    'title:"salt" OR category:examples': ["salt.md", "whole.md"],
    "author:ada lang:en": ["whole.md"],
    "lang:de": ["cafe.md"],
}
FOUND_BY_WHOOSH = {
    "bread": ["bread.md", "breads.md", "news.md"],
    "breads": ["breads.md"],
    '"rye bread"': ["breads.md"],
    '"baking bread kitchen"': [],
    "tags:kitchen": KITCHEN,
    "tags:secret": [],
    "word8*": ["long.md"],
    "strasse": ["cafe.md"],
    "salt AND dough NOT pinch": ["bread.md"],
    "id:whole.md": ["whole.md"],
}


@pytest.fixture
def engine() -> Iterator[WhooshEngine]:
    with closing(opened(FROZEN)) as frozen:
        yield frozen


def opened(folder: Path) -> WhooshEngine:
    """The engine, if an index of today's version lies in *folder*; if not, what to do about it."""
    try:
        Generations(folder).in_use()
        engine = WhooshEngine(folder)
        _ = engine.stats()
    except IndexMissingError:
        pytest.fail(f"there is no frozen index: {ANEW}", pytrace=False)
    except IndexOutdatedError:
        pytest.fail(OUTDATED, pytrace=False)
    except IndexDamagedError as error:
        pytest.fail(f"{UNREADABLE}\n{error.__cause__!r}", pytrace=False)
    return engine


def test_it_has_two_segments_and_a_masked_post(engine: WhooshEngine) -> None:
    _, segments = read_toc(FROZEN / "current")
    assert [segment.deleted_count() for segment in segments] == [1, 0]


def test_every_post_comes_back_as_it_was(engine: WhooshEngine) -> None:
    assert engine.digests() == {post.id: post.digest for post in POSTS}
    assert [engine.post(post.id) for post in POSTS] == list(POSTS)
    assert engine.post(DROPPED.id) is None


@pytest.mark.parametrize("text", FOUND)
def test_what_is_asked_for_is_found(engine: WhooshEngine, text: str) -> None:
    assert sorted(hit.id for hit in search(engine, text).hits) == FOUND[text]


def test_its_labels_are_counted(engine: WhooshEngine) -> None:
    counts = search(engine, facets=("tags", "categories")).facets
    assert [(tag.value, tag.count) for tag in counts["tags"]][:2] == [("Kitchen", 4), ("Service Mesh", 2)]
    assert [(name.value, name.count) for name in counts["categories"]] == [("Examples", 2)]


@pytest.mark.parametrize("text", FOUND_BY_WHOOSH)
@pytest.mark.usefixtures("engine")
def test_whoosh_itself_opens_it_and_finds(text: str) -> None:
    with open_dir(str(FROZEN / "current")).searcher() as searcher:
        hits = searcher.search(QueryParser("text", searcher.schema).parse(text), limit=None)
        assert sorted(hit["id"] for hit in hits) == FOUND_BY_WHOOSH[text]


def test_it_is_changed_like_any_other(tmp_path: Path, engine: WhooshEngine) -> None:
    shutil.copytree(FROZEN, tmp_path / "index", symlinks=True)
    with closing(WhooshEngine(tmp_path / "index")) as thawed:
        thawed.apply(put=[DROPPED], drop=[post.id for post in POSTS[:6]])
        held = [*POSTS[6:], DROPPED]
        assert thawed.digests().keys() == {post.id for post in held}
        assert [thawed.post(post.id) for post in held] == held
        assert {hit.id for hit in search(thawed, "bread").hits} == {"dropped.md", "news.md"}


def test_whoever_changes_the_format_is_told_what_to_do(tmp_path: Path) -> None:
    freeze(tmp_path)
    say_another_version(tmp_path, VERSION + 1)
    with pytest.raises(pytest.fail.Exception, match=r"VERSION .* has changed: run `python -m tests.engines.freeze`"):
        opened(tmp_path)
    say_another_version(tmp_path, VERSION)
    for segment in (tmp_path / "current").glob("*.flat"):
        segment.write_bytes(b"something else")
    with pytest.raises(pytest.fail.Exception, match="cannot be read: read it, or"):
        opened(tmp_path)
