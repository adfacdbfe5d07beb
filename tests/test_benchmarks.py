"""Do the benchmarks run, and does every peer answer the same questions?"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from math import log2
from pathlib import Path
from statistics import mean

import pytest

from benchmarks.peers.peer import Peer
from benchmarks.peers.race import PEERS, built, chosen
from benchmarks.posts import posts, write
from benchmarks.questions import KINDS, questions
from indexer import corpus
from indexer.post import Post
from indexer.reading import options, read
from indexer.settings import Settings

ROOT = Path(__file__).parent.parent
COUNT = 200
LIBRARIES = {"tantivy": "tantivy", "bm25s": "bm25s"}
ASKED_BY_ALL = ("any-word", "prefix", "tag + word")


@pytest.fixture(scope="module")
def made() -> list[Post]:
    return posts(COUNT)


@pytest.fixture(scope="module")
def indexes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("indexes")


@pytest.fixture(params=[name for name in PEERS if name != "ours"])
def rival(request: pytest.FixtureRequest) -> str:
    name = str(request.param)
    if name in LIBRARIES:
        pytest.importorskip(LIBRARIES[name])
    return name


def opened(peers: list[Peer]) -> Iterator[Peer]:
    for peer in peers:
        try:
            yield peer
        finally:
            peer.close()


def test_posts_are_the_same_for_the_same_seed(made: list[Post]) -> None:
    assert posts(COUNT) == made
    assert posts(COUNT, seed=2) != made


def test_posts_are_as_long_as_posts_of_blogs(made: list[Post]) -> None:
    assert 2_500 < mean(len(post.body) for post in made) < 5_000
    assert {len(post.title.split()) for post in made} == set(range(3, 10))


@pytest.mark.parametrize("renderer", ["markdown", "commonmark"])
def test_the_file_of_a_post_reads_as_that_post(made: list[Post], renderer: str, tmp_path: Path) -> None:
    if renderer == "commonmark":
        pytest.importorskip("pyromark")
    few = made[:20]
    write(few, tmp_path)
    how = options(Settings.load(renderer=renderer))
    extracted = {found.path: read(found, how) for found in corpus.walk(tmp_path)}
    for post in few:
        again = getattr(extracted[post.id], "post", None)
        assert again
        assert (again.title, again.date, again.tags, again.body) == (post.title, post.date, post.tags, post.body)
        assert [section.start for section in again.sections] == [section.start for section in post.sections]


def test_there_are_questions_of_every_kind_each_with_an_answer(made: list[Post], indexes: Path) -> None:
    asked = questions(made, 20)
    assert {kind: len(each) for kind, each in asked.items()} == dict.fromkeys(KINDS, 20)
    (ours,) = built(chosen("WHOLE", ["ours"]), made, indexes)
    for kind, each in asked.items():
        for question in each:
            assert ours.said(ours.ask(kind, ours.worded(question))).total, question
    ours.close()


def test_a_rival_finds_as_many_posts_as_ours(made: list[Post], indexes: Path, rival: str) -> None:
    asked = questions(made, 30)
    ours, *peers = built([*chosen("IDS", ["ours"])[:1], *chosen("IDS", [rival])], made, indexes)
    for peer in opened(peers):
        for kind in (kind for kind in ASKED_BY_ALL if kind in peer.kinds):
            for question in asked[kind]:
                expected = ours.said(ours.ask(kind, ours.worded(question)))
                found = peer.said(peer.ask(kind, peer.worded(question)))
                assert found.total == expected.total, question
                assert len(found.ids) == len(expected.ids) == min(10, found.total)
    ours.close()


def test_a_rival_counts_the_tags_as_ours_does(made: list[Post], indexes: Path, rival: str) -> None:
    ours, *peers = built([*chosen("WHOLE", ["ours"]), *chosen("WHOLE", [rival])], made, indexes)
    for peer in opened(peers):
        for question in questions(made, 10)["any-word"]:
            expected = ours.said(ours.ask("any-word", ours.worded(question)))
            assert peer.said(peer.ask("any-word", peer.worded(question))).tags == expected.tags, question
    ours.close()


def output(script: str, *arguments: str) -> str:
    command = [sys.executable, "-m", f"benchmarks.{script}", "--posts", str(COUNT), *arguments]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=100).stdout


def test_the_metrics_are_those_of_the_textbooks() -> None:
    pytest.importorskip("bm25s")
    from benchmarks.relevance import metrics

    found = metrics(["x", "b", "a", "y"], {"a": 2, "b": 1, "c": 1, "y": 0})
    assert found == pytest.approx(
        {
            "nDCG@10": (1 / log2(3) + 2 / log2(4)) / (2 + 1 / log2(3) + 1 / log2(4)),
            "MAP": (1 / 2 + 2 / 3) / 3,
            "Recall@100": 2 / 3,
            "MRR@10": 1 / 2,
            "Success@1": 0,
        }
    )


def test_the_bootstrap_tells_a_difference_from_none() -> None:
    pytest.importorskip("bm25s")
    from benchmarks.relevance import bootstrap

    assert bootstrap([0.5, 0.6] * 50, [0.4, 0.3] * 50) < 0.001
    assert bootstrap([0.1, 0.9] * 50, [0.9, 0.1] * 50) > 0.5
    assert bootstrap([0.5] * 9, [0.5] * 9) == 1


@pytest.mark.slow
def test_relevance_prints_each_collection_and_who_is_best(tmp_path: Path) -> None:
    pytest.importorskip("bm25s")
    folder = tmp_path / "tiny"
    folder.mkdir()
    texts = {"a": "bread and butter", "b": "the bicycle", "c": "a cold night"}
    corpus = [json.dumps({"id": id, "title": text, "text": text}) for id, text in texts.items()]
    (folder / "corpus.jsonl").write_text("\n".join(corpus))
    (folder / "queries.jsonl").write_text('{"id": "1", "text": "bicycles"}\n{"id": "2", "text": "night OR"}\n')
    (folder / "qrels.tsv").write_text("query\tdoc\tgrade\n1\tb\t1\n2\tc\t1\n")
    command = [sys.executable, "-m", "benchmarks.relevance", str(tmp_path)]
    printed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=100).stdout
    rows = re.findall(r"^\| ([^|]+) \| 1\.000 \| 1\.000 \| 1\.000 \| 1\.000 \| 1\.000 \|$", printed, re.MULTILINE)
    assert "ours" in rows
    assert len(rows) == 9
    assert "| tiny | 1.000 |" in printed
    assert "tie" in printed


@pytest.mark.slow
def test_search_prints_both_races_and_draws_them(tmp_path: Path) -> None:
    plot = tmp_path / "plot.svg"
    given = ["--queries", "3", "--rounds", "2", "--peers", "ours,sqlite", "--keep", str(tmp_path / "kept")]
    first = output("search", *given, "--plot", str(plot))
    for kind in KINDS:
        assert len(re.findall(rf"^{re.escape(kind)} .*SQLite", first, re.MULTILINE)) == 2
    rows = re.findall(rf"^(?:{'|'.join(map(re.escape, KINDS))}) +(?:ours|SQLite)", first, re.MULTILINE)
    assert plot.read_text("utf-8").count("<rect") == 1 + len(rows)
    assert "built" in first
    assert "built" not in output("search", *given)


@pytest.mark.slow
def test_build_prints_posts_per_second() -> None:
    printed = output("build", "--rounds", "1", "--peers", "ours,sqlite", "--pagefind", "")
    rates = {name: float(rate) for name, rate in re.findall(r"^(\w+: .+?)  +(\d+) ", printed, re.MULTILINE)}
    assert rates.keys() >= {"memory: ours", "memory: SQLite FTS5", "files: ours, markdown"}
    assert all(rates.values())


@pytest.mark.slow
def test_size_prints_each_part_of_the_index() -> None:
    printed = output("size", "--peers", "ours,sqlite")
    assert re.search(r"^ours: .*body", printed, re.MULTILINE)
    assert re.search(r"^SQLite FTS5: \.db \d", printed, re.MULTILINE)


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("wrk"), reason="no wrk here")
def test_http_prints_what_each_kind_of_answer_costs() -> None:
    printed = output("http", "--rounds", "1", "--seconds", "1")
    assert re.search(r"^search in a process \d+\.\d+ ms, over HTTP \d+\.\d+ ms", printed, re.MULTILINE)
    assert re.findall(r"^(not kept|kept|304) +\d+ a second, \d+% of empty$", printed, re.MULTILINE) == [
        "not kept",
        "kept",
        "304",
    ]


@pytest.mark.slow
def test_publish_prints_how_long_each_way_takes() -> None:
    printed = output("publish", "--rounds", "1", "--pagefind", "")
    rows = dict(re.findall(rf"^ *{COUNT} (\w+) +(\d+\.\d+) ", printed, re.MULTILINE))
    assert rows.keys() == {"watch", "webhook", "build"}
    assert all(map(float, rows.values()))


@pytest.mark.slow
def test_keystroke_prints_both_ways_and_their_ratio() -> None:
    printed = output("keystroke", "--questions", "1", "--rounds", "1")
    (ours,), (theirs,) = (
        re.findall(rf"^{name} +(\d+\.\d+) ms", printed, re.MULTILINE) for name in (".*search", "Inst.*")
    )
    (ratio,) = re.findall(r"^(\d+\.\d+) times as long", printed, re.MULTILINE)
    assert float(ratio) == pytest.approx(float(theirs) / float(ours), rel=0.1)
