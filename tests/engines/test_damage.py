"""Is a file that is not as it was written noticed, wherever in it the damage is, named, and never served?"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from extras.checkup import check_index
from indexer.engines.whoosh import WhooshEngine
from indexer.errors import IndexDamagedError
from indexer.search import search
from indexer.settings import Settings
from tests.conftest import Counted, is_soak, make_post, sample

pytestmark = pytest.mark.soak


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of several segments, with masked posts, and a generation to go back to."""
    index = tmp_path_factory.mktemp("whole") / "index"
    with closing(WhooshEngine(index)) as engine:
        engine.apply(put=[make_post(f"Post {number}", body="bread", tags=("a",)) for number in range(30)])
        engine.apply(put=[make_post("Post 1", body="bread and butter"), make_post("Salt", body="salted")])
    return index


def files(index: Path) -> list[Path]:
    """The files of the generation in use, by their paths."""
    return sorted(path for path in (index / "current").iterdir())


def harms(data: bytes) -> Iterator[tuple[str, bytes]]:
    """What may become of a file: one bit turned, the end gone, or more at the end."""
    flips = sample(range(len(data)), 24)
    for place in flips:
        bit = 1 << place % 8
        yield f"bit {bit} of byte {place} turned", data[:place] + bytes([data[place] ^ bit]) + data[place + 1 :]
    for length in sample(range(len(data)), 8 if not is_soak() else 64):
        yield f"cut to {length} bytes", data[:length]
    yield "a byte more", data + b"\0"


def test_every_damage_to_every_file_is_noticed_and_named_and_none_is_served(
    whole: Path, tmp_path: Path, counted: Counted
) -> None:
    index = tmp_path / "index"
    shutil.copytree(whole, index, symlinks=True)
    tried = 0
    unnoticed = []
    for file in files(index):
        data = file.read_bytes()
        for harm, damaged in harms(data):
            file.write_bytes(damaged)
            tried += 1
            with closing(WhooshEngine(index)) as engine:
                try:
                    unnoticed.append(f"{file.name}: {harm}: served {search(engine, 'bread').total} posts")
                except IndexDamagedError as error:
                    if file.name not in str(error):
                        unnoticed.append(f"{file.name}: {harm}: said {error}")
            errors = check_index(Settings(index=index)).errors
            if not (errors and file.name in errors[0].reason):
                unnoticed.append(f"{file.name}: {harm}: check said {errors}")
        file.write_bytes(data)
    assert unnoticed == []
    counted("Damage was done to files of an index {tried} times: all of it noticed, none served.", tried=tried)


@pytest.mark.parametrize("number", range(4))
def test_a_file_that_is_gone_is_named(whole: Path, tmp_path: Path, number: int) -> None:
    index = tmp_path / "index"
    shutil.copytree(whole, index, symlinks=True)
    file = files(index)[number]
    file.unlink()
    with closing(WhooshEngine(index)) as engine, pytest.raises(IndexDamagedError, match=file.name):
        search(engine, "bread")


def test_a_server_that_runs_goes_on_with_what_it_has_whichever_file_of_the_new_generation_is_damaged(
    whole: Path, tmp_path: Path, counted: Counted
) -> None:
    tried = 0
    for number in range(4):
        index = tmp_path / f"{number}"
        shutil.copytree(whole, index, symlinks=True)
        with closing(WhooshEngine(index)) as reader, closing(WhooshEngine(index)) as writer:
            before = search(reader, "bread")
            kept = set(files(index))
            writer.apply(put=[make_post("New", body="bread")])
            new = [path for path in files(index) if path.name not in {path.name for path in kept}]
            file = (new * 4)[number] if number else index / "current" / "manifest.json"
            data = file.read_bytes()
            file.unlink()
            file.write_bytes(data[: len(data) // 2])
            tried += 1
            assert search(reader, "bread").hits == before.hits
            assert file.name in reader.stats().trouble
    counted("A new generation was damaged under a reader {tried} times: none taken.", tried=tried)


def test_a_rollback_to_a_damaged_generation_is_refused(whole: Path, tmp_path: Path) -> None:
    index = tmp_path / "index"
    shutil.copytree(whole, index, symlinks=True)
    (file,) = (index / "000001").glob("*.toc")
    file.write_bytes(file.read_bytes()[:-1])
    with closing(WhooshEngine(index)) as engine:
        with pytest.raises(IndexDamagedError, match=file.name):
            engine.rollback()
        assert search(engine, "salted").total == 1


def test_a_build_mends_a_damaged_index(whole: Path, tmp_path: Path) -> None:
    for number in range(4):
        index = tmp_path / f"{number}"
        shutil.copytree(whole, index, symlinks=True)
        files(index)[number].write_bytes(b"")
        with closing(WhooshEngine(index)) as engine:
            assert engine.digests() == {}
            engine.apply(put=[make_post("Bread", body="bread")])
            assert search(engine, "bread").total == 1
        assert check_index(Settings(index=index)).errors == ()
