"""What is promised of Whoosh alone: its folder, its files and the traps of the library."""

from __future__ import annotations

import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from whoosh.index import open_dir
from whoosh.qparser import QueryParser
from whoosh.query import Term

from indexer import words
from indexer.engine import Engine
from indexer.engines.whoosh import WhooshEngine
from indexer.engines.whoosh.impacts import Impacts
from indexer.engines.whoosh.segment import Segment
from indexer.errors import (
    IndexBusyError,
    IndexDamagedError,
    IndexMissingError,
    IndexOutdatedError,
    IndexUnwritableError,
)
from indexer.post import Post
from indexer.query import Query
from indexer.search import search
from tests.conftest import make_post
from tests.engines.conftest import say_another_version

ROOT = Path(__file__).parent.parent.parent
FILES = Path("/proc/self/fd")

# Puts one post after the other, until the test that started it lets it go on.
WRITER = """
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any
from indexer.engines.whoosh import WhooshEngine
from tests.conftest import make_post

def posts():
    yield make_post(id="theirs", body="theirs")
    print("writing", flush=True)
    sys.stdin.read()

WhooshEngine(Path(sys.argv[1]), grace=0.1).apply(put=posts(), drop=["ours"])
"""

# Changes the index again and again: five posts always, and one that comes and goes.
BUSY_WRITER = """
import sys
from pathlib import Path
from indexer.engines.whoosh import WhooshEngine
from tests.conftest import make_post

for version in range(80):
    posts = [make_post(id=f"p{n}", body=f"flask version{version}") for n in range(5)]
    passing = make_post(id=f"passing{version}", body="passing")
    WhooshEngine(Path(sys.argv[1])).apply(put=[*posts, passing], drop=[f"passing{version - 1}"])
"""

ASKING: list[Callable[[Engine], object]] = [
    lambda engine: engine.search(Query.parse("flask")),
    lambda engine: engine.tags(),
    lambda engine: engine.post("it"),
    lambda engine: engine.stats(),
]


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return tmp_path / "site" / "index"


@pytest.fixture
def held(index: Path) -> Path:
    """An index that holds a post with the id and the body "ours"."""
    hold(index, make_post(id="ours", body="ours", tags=("Service Mesh",)))
    return index


@pytest.fixture
def writer(held: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process, in the middle of a change to the index."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, held],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout
        assert process.stdout.readline() == "writing\n"
        yield process
        process.kill()


def hold(index: Path, *posts: Post) -> None:
    with closing(WhooshEngine(index)) as engine:
        engine.apply(put=posts)


def found(index: Path, text: str = "") -> list[str]:
    with closing(WhooshEngine(index)) as engine:
        return [hit.id for hit in search(engine, text).hits]


# The folder


@pytest.mark.parametrize("ask", ASKING)
def test_asking_where_nothing_is_indexed_says_so_and_makes_nothing(
    index: Path, ask: Callable[[Engine], object]
) -> None:
    engine = WhooshEngine(index)
    with pytest.raises(IndexMissingError, match="postsearch build") as raised:
        ask(engine)
    assert raised.value.index == index
    assert not index.exists()


def test_an_empty_folder_is_no_index(index: Path) -> None:
    index.mkdir(parents=True)
    with pytest.raises(IndexMissingError):
        found(index)


def test_where_nothing_is_indexed_nothing_is_held(index: Path) -> None:
    assert dict(WhooshEngine(index).digests()) == {}


def test_the_first_change_makes_a_folder_for_its_owner_alone(held: Path) -> None:
    assert stat.S_IMODE(held.stat().st_mode) == 0o700
    assert (held / "current").is_dir()


@pytest.mark.parametrize("failing", [False, True])
def test_opening_an_index_never_empties_it(held: Path, failing: bool) -> None:
    with closing(WhooshEngine(held)) as engine:
        if failing:
            with pytest.raises(ZeroDivisionError):
                engine.apply(put=(make_post(id=f"{1 // n}") for n in (1, 0)))
        else:
            engine.apply()
    assert found(held) == ["ours"]


def test_an_index_that_cannot_be_made_is_named_with_the_reason(index: Path) -> None:
    index.parent.write_text("a file where a folder should be")
    with pytest.raises(IndexUnwritableError, match=r"Not a directory|File exists") as raised:
        WhooshEngine(index).apply(put=[make_post()])
    assert raised.value.index == index


# Damage


def garble(file: Path) -> None:
    file.write_bytes(b"\xffgarbage" * 100)


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:10])


def empty(file: Path) -> None:
    file.write_bytes(b"")


FILES_OF_AN_INDEX = ("*.toc", "*.flat", "manifest.json")


@pytest.mark.parametrize("damage", [garble, cut, empty, Path.unlink])
@pytest.mark.parametrize("pattern", FILES_OF_AN_INDEX)
def test_a_damaged_index_says_so_and_can_be_built_again(
    held: Path, pattern: str, damage: Callable[[Path], object]
) -> None:
    (file,) = (held / "current").glob(pattern)
    damage(file)
    with pytest.raises(IndexDamagedError, match="postsearch build") as raised:
        found(held, "ours")
    assert raised.value.index == held
    hold(held, make_post(id="ours", body="rebuilt"))
    assert found(held, "rebuilt") == ["ours"]


@pytest.mark.parametrize("pattern", FILES_OF_AN_INDEX)
def test_a_change_loses_nothing_of_what_a_damaged_index_said_it_held(held: Path, pattern: str) -> None:
    (file,) = (held / "current").glob(pattern)
    garble(file)
    assert_a_change_loses_nothing(held)


def test_a_change_that_was_cut_off_between_index_and_manifest_loses_nothing(held: Path) -> None:
    manifest = held / "current" / "manifest.json"
    before = manifest.read_bytes()
    hold(held, make_post(id="later"))
    manifest.write_bytes(before)
    assert_a_change_loses_nothing(held)


def assert_a_change_loses_nothing(index: Path) -> None:
    with closing(WhooshEngine(index)) as engine:
        told = set(engine.digests())
        engine.apply(put=[make_post(id="fresh")])
        assert set(engine.digests()) == told | {"fresh"}


@pytest.mark.parametrize("version", [0, 999])
def test_an_index_of_another_version_says_so_and_is_built_anew(held: Path, version: int) -> None:
    say_another_version(held, version)
    with pytest.raises(IndexOutdatedError, match="postsearch build") as raised:
        found(held)
    assert raised.value.index == held
    assert_a_change_loses_nothing(held)
    assert found(held) == ["fresh"]


def test_a_folder_of_other_files_is_left_alone(index: Path) -> None:
    current = index / "current"
    current.mkdir(parents=True)
    (current / "thesis.txt").write_text("the only copy")
    with pytest.raises(IndexUnwritableError, match="choose another folder"):
        hold(index, make_post())
    assert [(file.name, file.read_text()) for file in current.iterdir()] == [("thesis.txt", "the only copy")]


# Other processes


def test_while_another_process_writes_nothing_is_rolled_back_but_questions_are_answered(
    held: Path, writer: object
) -> None:
    with pytest.raises(IndexBusyError, match="another process") as raised:
        WhooshEngine(held).rollback()
    assert raised.value.index == held
    assert found(held) == ["ours"]


def test_a_second_writer_says_that_it_waits_and_writes_when_the_first_is_done(
    held: Path, writer: subprocess.Popen[str]
) -> None:
    waiting = Event()

    def write() -> None:
        with closing(WhooshEngine(held, grace=0.1)) as engine, engine.writing(waiting.set):
            assert set(engine.digests()) == {"theirs"}
            engine.apply(put=[make_post(id="second")])

    with ThreadPoolExecutor() as pool:
        second = pool.submit(write)
        assert waiting.wait(60)
        assert not second.done()
        assert found(held) == ["ours"]
        writer.communicate()
        second.result(60)
    assert found(held) == ["second", "theirs"]


def test_no_file_in_the_index_can_be_removed_to_let_a_second_writer_in(
    held: Path, writer: subprocess.Popen[str]
) -> None:
    for path in held.iterdir():
        if not path.is_dir():
            path.unlink()
    with pytest.raises(IndexBusyError):
        WhooshEngine(held).rollback()


def test_what_another_process_writes_is_seen_when_it_is_done(held: Path, writer: subprocess.Popen[str]) -> None:
    with closing(WhooshEngine(held)) as engine:
        assert [hit.id for hit in search(engine).hits] == ["ours"]
        writer.communicate()
        assert writer.returncode == 0
        assert [hit.id for hit in search(engine).hits] == ["theirs"]


def test_a_writer_that_was_killed_leaves_the_old_posts_and_no_lock(held: Path, writer: subprocess.Popen[str]) -> None:
    writer.kill()
    writer.wait()
    assert found(held) == ["ours"]
    hold(held, make_post(id="next"))
    assert found(held) == ["next", "ours"]


@pytest.mark.slow
def test_readers_are_not_disturbed_while_another_process_writes(index: Path) -> None:
    hold(index, *(make_post(id=f"p{n}", body="flask") for n in range(5)))
    with (
        subprocess.Popen([sys.executable, "-c", BUSY_WRITER, index], cwd=ROOT) as process,
        closing(WhooshEngine(index)) as engine,
        ThreadPoolExecutor(3) as pool,
    ):

        def ask(_: int) -> set[tuple[str, ...]]:
            results = search(engine, "flask", per_page=100)
            assert results.total == 5
            assert engine.stats().posts in (5, 6)
            assert len(found(index)) in (5, 6)
            return {tuple(fragment.text for fragment in hit.snippet) for hit in results.hits}

        while process.poll() is None:
            assert all(len(texts) == 1 for texts in pool.map(ask, range(9)))
    assert process.returncode == 0


# What Whoosh's own tools see


def test_the_index_is_one_that_whoosh_opens_by_itself(held: Path) -> None:
    with open_dir(held / "current").searcher() as searcher:
        assert searcher.doc_count() == 1
        for asked in ("ours", "tags:service-mesh", "text:untitled"):
            parser = QueryParser("text", searcher.schema)
            assert [hit["id"] for hit in searcher.search(parser.parse(asked))] == ["ours"], asked


def test_whoosh_itself_finds_what_we_find_for_words_in_quotes_and_tags(index: Path) -> None:
    texts = [
        "To be, or not to be?",
        "café Posts; posted",
        "服务网格 mesh",
        "foo_bar foo.bar",
        "not posted café",
        "2023-08 C++",
    ]
    posts = [
        make_post(title, id=f"{n}", description=texts[n - 1], body=f"{body}. {texts[n - 2]}", tags=(title, "A b"))
        for n, (title, body) in enumerate(zip(texts, reversed(texts), strict=True))
    ]
    hold(index, *posts)
    with open_dir(index / "current").searcher() as searcher:

        def stock(query: Any) -> list[str]:
            return sorted(hit["id"] for hit in searcher.search(query, limit=None))

        for tokens in [list(words.tokens(text)) for post in posts for text in (post.title, post.body)]:
            for one, other in pairwise(tokens):
                assert stock(Term("text", one.word)) == sorted(found(index, f'"{one.word}"')), one
                if not words.is_unspaced(one.word) and not words.is_unspaced(other.word):
                    phrase = f'"{one.word} {other.word}"'
                    assert stock(QueryParser("text", searcher.schema).parse(phrase)) == sorted(found(index, phrase))
        for tag in {tag for post in posts for tag in post.tags}:
            assert stock(Term("tags", words.fold_tag(tag))) == sorted(found(index, f'tag:"{tag}"')), tag


def test_no_word_keeps_its_asterisks(index: Path) -> None:
    hold(index, make_post("*A*", body="**bold** *text* a*b", tags=("*x*",), description="***"))
    with open_dir(index / "current").reader() as reader:
        assert [term for term in reader.all_terms() if term[0] != "tags" and b"*" in term[1]] == []


@pytest.mark.parametrize("scale", [None, (32, np.int64)], ids=["as tight as may be", "for very many posts"])
@pytest.mark.parametrize("length", range(9))
def test_no_phrase_reaches_into_the_next_post(
    length: int, scale: tuple[int, type] | None, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if scale:
        monkeypatch.setattr(Impacts, "_scale", scale)
    first = make_post(title="one two", body="word " * length + "three four", id="1.md")
    hold(index, first, make_post(title="five one two", body="six", id="2.md"))
    assert found(index, '"four five"') == []
    assert found(index, '"four five one"') == []
    assert found(index, '"three four"') == ["1.md"]
    assert sorted(found(index, '"one two"')) == ["1.md", "2.md"]


# Long service


@pytest.mark.skipif(not FILES.exists(), reason="counts open files the way Linux shows them")
def test_open_files_do_not_pile_up(index: Path) -> None:
    counts = []
    with closing(WhooshEngine(index)) as engine:
        for version in range(24):
            engine.apply(put=[make_post(id="it", body=f"version{version}")])
            assert search(engine, f'"version{version}"').total == 1
            counts.append(len(list(FILES.iterdir())))
    assert max(counts[12:]) <= max(counts[:12])


def test_files_of_earlier_changes_do_not_pile_up(index: Path) -> None:
    for version in range(24):
        hold(index, make_post(id="it", body=f"version{version}"))
    assert len(list(index.rglob("*"))) < 24


def test_words_are_counted_once_however_often_figures_are_asked_for(
    held: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(WhooshEngine(held)) as engine:
        figures = engine.stats()
        monkeypatch.delattr(Segment, "words_of")
        assert engine.stats() == figures
        assert figures.words


signs = st.sampled_from(["", ".", "--", "-", "=", "<", "'"])
odd = st.tuples(
    signs,
    st.text("aAbNET0", max_size=3),
    st.text(".-+#_ 'béßﬁ搜\u0301İſΣ\u200d", max_size=3),
    st.text("aB", max_size=1),
).map("".join)


@given(bodies=st.lists(odd, min_size=20, max_size=20))
def test_whatever_a_post_holds_it_can_be_asked_for_and_so_can_its_beginnings(bodies: list[str]) -> None:
    with TemporaryDirectory() as folder, closing(WhooshEngine(Path(folder) / "index")) as engine:
        engine.apply(put=[make_post(id=f"{number}.md", body=body) for number, body in enumerate(bodies)])
        for text in {body[:end] for body in bodies for end in range(1, len(body) + 1)}:
            assert search(engine, f"{text} x", facets=()).total <= len(bodies)
