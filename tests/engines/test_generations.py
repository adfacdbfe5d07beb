"""Is a generation put in use whole or not at all, and does nothing of an old one stay that should not?"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Event

import pytest

from indexer.engines.whoosh import WhooshEngine
from indexer.engines.whoosh.generations import Generations, hold, measure
from indexer.errors import IndexDamagedError, IndexUnwritableError
from indexer.post import Post
from indexer.search import search
from tests.conftest import make_post


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """An index of a few posts, one of them a secret yet to be."""
    with closing(WhooshEngine(tmp_path / "index")) as engine:
        engine.apply(put=[*posts(), make_post("Secret", body="whispered")])
    return tmp_path / "index"


@pytest.fixture
def engine(index: Path) -> Iterator[WhooshEngine]:
    with closing(WhooshEngine(index, grace=0.2)) as opened:
        yield opened


def posts() -> list[Post]:
    return [make_post(f"Post {number}", body="bread") for number in range(20)]


def generations(index: Path) -> list[str]:
    return [place.name for place in Generations(index).all()]


def files(index: Path) -> list[Path]:
    return [path for path in index.rglob("*") if path.is_file()]


def test_a_change_makes_a_generation_and_keeps_the_one_before(index: Path, engine: WhooshEngine) -> None:
    for title in ("One", "Two", "Three"):
        engine.apply(put=[make_post(title)])
    assert generations(index) == ["000003", "000004"]
    assert (index / "current").resolve().name == "000004"


def test_no_change_makes_none(index: Path, engine: WhooshEngine) -> None:
    engine.apply(put=posts())
    assert generations(index) == ["000001"]


def test_files_that_stay_are_the_same_files(index: Path, engine: WhooshEngine) -> None:
    before = {path.name: path.stat().st_ino for path in (index / "000001").glob("*.flat")}
    engine.apply(put=[make_post("One")])
    after = {path.name: path.stat().st_ino for path in (index / "000002").glob("*.flat")}
    assert before.items() < after.items()


def test_what_was_dropped_is_in_no_file_when_the_build_ends(index: Path, engine: WhooshEngine) -> None:
    engine.apply(put=[make_post("One")])
    assert any(b"whisper" in path.read_bytes() for path in files(index))
    assert engine.apply(drop=["secret.md"])
    assert not any(b"whisper" in path.read_bytes() for path in files(index))
    assert len(generations(index)) == 1


def test_it_waits_for_a_reader_and_says_if_that_one_never_lets_go(index: Path, engine: WhooshEngine) -> None:
    held = hold(index / "000001")
    try:
        started = time.monotonic()
        assert not engine.apply(drop=["secret.md"])
        assert time.monotonic() - started > 0.2
    finally:
        os.close(held)
    assert not (index / "000001").exists()


def test_a_reader_lets_go_once_it_looks_again(index: Path, engine: WhooshEngine) -> None:
    with closing(WhooshEngine(index)) as reader:
        assert search(reader, "whispered").total == 1
        engine.apply(put=[make_post("One")])
        assert search(reader, "one").total == 1
        assert engine.apply(drop=["secret.md"]) is False
        assert search(reader, "whispered").total == 0


@pytest.mark.parametrize("pattern", ["*.flat", "*.toc", "manifest.json"])
@pytest.mark.parametrize("harm", ["flip", "cut", "unlink"])
def test_a_damaged_generation_is_not_taken_and_the_old_one_goes_on(
    index: Path, engine: WhooshEngine, pattern: str, harm: str
) -> None:
    with closing(WhooshEngine(index)) as reader:
        assert search(reader, "bread").total == 20
        engine.apply(put=[make_post("One", body="bread")])
        file = max((index / "000002").glob(pattern), key=lambda path: path.stat().st_mtime_ns)
        damage(file, harm)
        assert search(reader, "bread").total == 20
        assert reader.stats().trouble
    with closing(WhooshEngine(index)) as another, pytest.raises(IndexDamagedError):
        search(another, "bread")


def damage(file: Path, harm: str) -> None:
    data = file.read_bytes()
    file.unlink()
    if harm == "flip":
        file.write_bytes(data[:-9] + bytes([data[-9] ^ 1]) + data[-8:])
    elif harm == "cut":
        file.write_bytes(data[:-1])


def test_the_damaged_file_is_named(index: Path) -> None:
    (file,) = (index / "000001").glob("*.flat")
    damage(file, "flip")
    with closing(WhooshEngine(index)) as engine, pytest.raises(IndexDamagedError, match=file.name):
        search(engine, "bread")


def test_a_file_is_read_once_for_its_checksum(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    measured: list[str] = []

    def counted(path: Path) -> tuple[int, str]:
        measured.append(path.name)
        return measure(path)

    monkeypatch.setattr("indexer.engines.whoosh.generations.measure", counted)
    with closing(WhooshEngine(index)) as engine:
        for title in ("One", "Two", "Three"):
            engine.apply(put=[make_post(title)])
            search(engine, title)
    # What is written is measured to be written down, and once more by each handle that opens it.
    assert max(map(measured.count, measured)) <= 2


def test_what_a_build_left_that_was_cut_off_does_no_harm(index: Path, engine: WhooshEngine) -> None:
    (index / "fresh").mkdir()
    (index / "fresh" / "MAIN_x.flat").write_bytes(b"half")
    (index / "current.new").symlink_to("000009")
    engine.apply(put=[make_post("One")])
    assert search(engine, "one").total == 1
    assert sorted(path.name for path in index.iterdir()) == ["000001", "000002", "current"]


def test_a_generation_that_never_came_into_use_is_no_way_back(index: Path, engine: WhooshEngine) -> None:
    engine.apply(put=[make_post("One")])
    shutil.copytree(index / "000001", index / "000009")
    engine.apply(put=[make_post("Two")])
    assert generations(index) == ["000002", "000003"]
    assert engine.rollback()
    assert (search(engine, "one").total, search(engine, "two").total) == (1, 0)


def test_a_thread_that_reads_through_the_writer_s_own_handle_is_not_disturbed(engine: WhooshEngine) -> None:
    is_over = Event()

    def read() -> set[str]:
        seen = set()
        while not is_over.is_set():
            seen.add(engine.generation)
        return seen

    with ThreadPoolExecutor(1) as pool:
        reader = pool.submit(read)
        try:
            for number in range(12):
                engine.apply(put=[make_post(f"New {number}")])
        finally:
            is_over.set()
        assert "" not in reader.result()


def test_folders_that_are_no_generations_are_left_alone(index: Path, engine: WhooshEngine) -> None:
    theirs = [index / "2023" / "post.md", index / "202312" / "post.md", index / "post.new"]
    for file in theirs:
        file.parent.mkdir(exist_ok=True)
        file.write_text("the only copy")
    for title in ("One", "Two"):
        engine.apply(put=[make_post(title)])
    engine.apply(drop=["secret.md"])
    assert [file.read_text() for file in theirs] == ["the only copy"] * 3
    (index / "fresh").mkdir()
    (index / "fresh" / "post.md").write_text("the only copy")
    with pytest.raises(IndexUnwritableError, match="fresh"):
        engine.apply(put=[make_post("Three")])
    assert (index / "fresh" / "post.md").exists()


def test_the_folder_may_be_named_from_where_one_stands(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(index.parent)
    with closing(WhooshEngine(Path("index"))) as engine:
        engine.apply(put=[make_post("One")])
        assert search(engine, "one").total == 1
    assert generations(index) == ["000001", "000002"]
