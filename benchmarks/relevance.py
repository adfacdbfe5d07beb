"""How good are the answers, on public test collections, beside the rivals?

    python -m benchmarks.relevance FOLDER [--peers 'tantivy;bm25s'] [--sample N] [--constants]

A collection is a folder below FOLDER with corpus.jsonl (id, title, text), queries.jsonl (id, text) and qrels.tsv
(query, document, grade; a line of headings); docs/relevance.md says where ours come from. Each question is asked as it
stands, ours through the one `search` that readers get. Every rival stems English, and is asked for any of the words.
Metrics, each the mean over the judged questions: nDCG@10 (the gain is the grade), MAP and recall of the first hundred,
MRR@10, and how often the first answer is right. Whether a difference is more than chance, a paired bootstrap over the
questions tells.

With `--constants`, the constants of the ranking are chosen on all collections but one, for each one in turn: what
they give on that one shows what the choice is worth where nobody has looked.
"""

from __future__ import annotations

import argparse
import json
import re
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import product
from math import inf, log2
from pathlib import Path
from statistics import mean
from types import ModuleType

import bm25s  # type: ignore[import-untyped]
import numpy as np
import Stemmer
import tantivy
from whoosh import analysis, fields, index, qparser

from indexer.engines.whoosh import WhooshEngine, impacts, nearness
from indexer.post import Post
from indexer.search import search

DEPTH = 100
CONSTANTS: dict[str, tuple[ModuleType, tuple[float, ...]]] = {
    "K1": (impacts, (0.9, 1.2)),
    "B": (impacts, (0.75, 0.9)),
    "TITLE": (impacts, (0.4, 0.5, 0.6)),
    "EXACT": (impacts, (0.0, 0.1, 0.3)),
    "NEAR": (nearness, (0.25, 0.5, 1.0)),
}

Rankings = list[list[str]]
"""For each question the ids of the documents, best first."""


@dataclass(frozen=True, slots=True)
class Collection:
    """Documents, and for each question the text and the grades of documents, by id."""

    name: str
    posts: Sequence[Post]
    asked: Sequence[tuple[str, Mapping[str, int]]]

    @classmethod
    def read(cls, folder: Path, sample: int = 0) -> Collection:
        """The collection in *folder*, with *sample* of its questions, evenly spaced, or with all."""
        grades: dict[str, dict[str, int]] = {}
        for line in (folder / "qrels.tsv").read_text("utf-8").splitlines()[1:]:
            question, document, grade = line.split("\t")
            grades.setdefault(question, {})[document] = int(grade)
        asked = [(one["text"], grades[one["id"]]) for one in _lines(folder / "queries.jsonl") if one["id"] in grades]
        if 0 < sample < len(asked):
            asked = [asked[place * len(asked) // sample] for place in range(sample)]
        posts = [
            Post(id=one["id"], url=f"/{one['id']}", title=one["title"], body=one["text"])
            for one in _lines(folder / "corpus.jsonl")
        ]
        return cls(folder.name, posts, asked)

    @property
    def texts(self) -> list[str]:
        """The questions."""
        return [text for text, _ in self.asked]


def _lines(path: Path) -> Iterator[dict[str, str]]:
    return (json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip())


def metrics(ranking: Sequence[str], grades: Mapping[str, int]) -> dict[str, float]:
    """What one ranking is worth."""
    gains = [max(0, grades.get(id, 0)) for id in ranking[:DEPTH]]
    ideal = sorted((grade for grade in grades.values() if grade > 0), reverse=True)
    hits = [rank for rank, gain in enumerate(gains, 1) if gain]
    first, relevant = min(hits, default=inf), max(1, len(ideal))
    return {
        "nDCG@10": _gained(gains) / (_gained(ideal) or 1.0),
        "MAP": sum(number / rank for number, rank in enumerate(hits, 1)) / relevant,
        "Recall@100": len(hits) / relevant,
        "MRR@10": 1 / first if first <= 10 else 0.0,
        "Success@1": float(first == 1),
    }


def _gained(gains: Sequence[int]) -> float:
    return sum(gain / log2(rank + 1) for rank, gain in enumerate(gains[:10], 1))


def bootstrap(one: Sequence[float], other: Sequence[float], resamples: int = 10_000) -> float:
    """How likely so large a mean difference is by chance alone, of two rows of figures for the same questions."""
    differences = np.array(one) - np.array(other)
    if not differences.any():
        return 1.0
    means = np.random.default_rng(1).choice(differences, (resamples, len(differences))).mean(axis=1)
    return float(min(1.0, 2 * min((means <= 0).mean(), (means >= 0).mean())))


def ours(collection: Collection, folder: Path) -> Rankings:
    """As readers get them."""
    with closing(WhooshEngine(folder / collection.name)) as engine:
        if not (folder / collection.name).exists():
            engine.apply(put=collection.posts)
        results = (search(engine, text, per_page=DEPTH, facets=(), snippets=False) for text in collection.texts)
        return [[hit.id for hit in found.hits] for found in results]


def _whoosh(collection: Collection, folder: Path, *, all_text: bool) -> Rankings:
    """BM25F over the title and the text; or over all text, and half as much over the title again."""
    words = analysis.StemmingAnalyzer()
    schema = fields.Schema(id=fields.ID(stored=True), title=fields.TEXT(words), text=fields.TEXT(words))
    place = folder / f"whoosh-{all_text}-{collection.name}"
    place.mkdir()
    writer = index.create_in(str(place), schema).writer(limitmb=256)
    for post in collection.posts:
        text = f"{post.title} {post.body}" if all_text else post.body
        writer.add_document(id=post.id, title=post.title, text=text)
    writer.commit()
    weights = {"title": 0.5 if all_text else 1.0, "text": 1.0}
    plain = [qparser.WhitespacePlugin()]
    parser = qparser.MultifieldParser([*weights], schema, fieldboosts=weights, plugins=plain, group=qparser.OrGroup)
    with index.open_dir(str(place)).searcher() as searcher:
        asked = (parser.parse(" ".join(re.findall(r"\w+(?:\.?\w+)*", text))) for text in collection.texts)
        return [[hit["id"] for hit in searcher.search(query, limit=DEPTH)] for query in asked]


def _tantivy(collection: Collection, folder: Path, *, title: float) -> Rankings:
    builder = tantivy.SchemaBuilder().add_text_field("id", stored=True, tokenizer_name="raw")
    for name in ("title", "text"):
        builder.add_text_field(name, tokenizer_name="en_stem")
    held = tantivy.Index(builder.build())
    writer = held.writer(128_000_000, 1)
    for post in collection.posts:
        writer.add_document(tantivy.Document(id=post.id, title=post.title, text=post.body))
    writer.commit()
    writer.wait_merging_threads()
    held.reload()
    searcher, weights = held.searcher(), {"title": title, "text": 1.0}
    rankings = []
    for text in collection.texts:
        query = held.parse_query(" ".join(re.findall(r"\w+", text.lower())), [*weights], weights)
        rankings.append([searcher.doc(address)["id"][0] for _, address in searcher.search(query, DEPTH).hits])
    return rankings


def _sqlite(collection: Collection, folder: Path, *, title: float) -> Rankings:
    with closing(sqlite3.connect(":memory:")) as base:
        base.execute("CREATE VIRTUAL TABLE posts USING fts5(id UNINDEXED, title, text, tokenize='porter unicode61')")
        rows = ((post.id, post.title, post.body) for post in collection.posts)
        base.executemany("INSERT INTO posts VALUES (?, ?, ?)", rows)
        ask = "SELECT id FROM posts WHERE posts MATCH ? ORDER BY bm25(posts, 0, ?, 1.0) LIMIT ?"
        asked = (" OR ".join(f'"{word}"' for word in re.findall(r"\w+", text.lower())) for text in collection.texts)
        return [[id for (id,) in base.execute(ask, (query, title, DEPTH))] for query in asked]


def _bm25s(collection: Collection, folder: Path, *, stop_words: str | None) -> Rankings:
    stemmer = Stemmer.Stemmer("english")

    def tokens(texts: list[str], *, ids: bool = True) -> object:
        how = {"stopwords": stop_words, "stemmer": stemmer, "show_progress": False, "return_ids": ids}
        return bm25s.tokenize(texts, **how)

    held = bm25s.BM25()
    held.index(tokens([f"{post.title} {post.body}" for post in collection.posts]), show_progress=False)
    asked = tokens(collection.texts, ids=False)
    found, worth = held.retrieve(asked, k=min(DEPTH, len(collection.posts)), show_progress=False)
    pairs = (zip(*row, strict=True) for row in zip(found.tolist(), worth.tolist(), strict=True))
    return [[collection.posts[number].id for number, score in row if score > 0] for row in pairs]


PEERS: dict[str, Callable[[Collection, Path], Rankings]] = {
    "ours": ours,
    "stock Whoosh": lambda *on: _whoosh(*on, all_text=False),
    "stock Whoosh, all text + title": lambda *on: _whoosh(*on, all_text=True),
    "tantivy": lambda *on: _tantivy(*on, title=1.0),
    "tantivy, title x 2": lambda *on: _tantivy(*on, title=2.0),
    "SQLite FTS5": lambda *on: _sqlite(*on, title=1.0),
    "SQLite FTS5, title x 5": lambda *on: _sqlite(*on, title=5.0),
    "bm25s": lambda *on: _bm25s(*on, stop_words="en"),
    "bm25s, all words": lambda *on: _bm25s(*on, stop_words=None),
}

Board = dict[str, dict[str, dict[str, list[float]]]]
"""By collection, then by peer, then by metric: a figure for each question."""


def measured(collection: Collection, rankings: Rankings) -> dict[str, list[float]]:
    """By metric, a figure for each question."""
    pairs = zip(rankings, collection.asked, strict=True)
    rows = [metrics(ranking, grades) for ranking, (_, grades) in pairs]
    return {name: [row[name] for row in rows] for name in rows[0]}


def tables(board: Board) -> Iterator[str]:
    """*board* as tables of Markdown."""
    for name, peers in board.items():
        questions = len(next(iter(peers["ours"].values())))
        yield f"\n| {name}, {questions} questions | {' | '.join(peers['ours'])} |\n|---|{'---:|' * len(peers['ours'])}"
        for peer, figures in peers.items():
            yield f"| {peer} | {' | '.join(f'{mean(each):.3f}' for each in figures.values())} |"
    yield from _against(board)


def _against(board: Board) -> Iterator[str]:
    figures = {name: {peer: row["nDCG@10"] for peer, row in peers.items()} for name, peers in board.items()}
    rivals = [peer for peer in next(iter(figures.values())) if peer != "ours"]
    if rivals:
        yield "\n| nDCG@10 | ours | best rival | | difference | p | |\n|---|---:|---|---:|---:|---:|---|"
    for name, row in figures.items() if rivals else ():
        best = max(rivals, key=lambda peer: mean(row[peer]))
        one, other, chance = mean(row["ours"]), mean(row[best]), bootstrap(row["ours"], row[best])
        verdict = "tie" if chance >= 0.05 else "ours" if one > other else best
        yield f"| {name} | {one:.3f} | {best} | {other:.3f} | {one - other:+.3f} | {chance:.3f} | {verdict} |"
    yield "\n| nDCG@10 | mean over the collections |\n|---|---:|"
    for peer in ("ours", *rivals):
        yield f"| {peer} | {mean(mean(row[peer]) for row in figures.values()):.4f} |"


def left_out(collections: Sequence[Collection], folder: Path) -> Iterator[str]:
    """For each collection, the constants that are best on all others, and what they give on it."""
    now = _constants()
    board = {
        values: _with(values, collections, folder)
        for values in dict.fromkeys((now, *product(*(values for _, values in CONSTANTS.values()))))
    }
    names = ", ".join(CONSTANTS)
    yield f"\n| left out | {names} best on the others | nDCG@10 with these | as they are |\n|---|---|---:|---:|"
    for place, collection in enumerate(collections):
        best = max(board, key=lambda values: sum(board[values]) - board[values][place])
        yield f"| {collection.name} | {best} | {board[best][place]:.3f} | {board[now][place]:.3f} |"
    best = max(board, key=lambda values: sum(board[values]))
    yield f"| none | {best} | {mean(board[best]):.4f} | {mean(board[now]):.4f} |"


def _with(values: Sequence[float], collections: Sequence[Collection], folder: Path) -> list[float]:
    before = _constants()
    try:
        _choose(values)
        return [mean(measured(each, ours(each, folder))["nDCG@10"]) for each in collections]
    finally:
        _choose(before)


def _constants() -> tuple[float, ...]:
    return tuple(getattr(module, name) for name, (module, _) in CONSTANTS.items())


def _choose(values: Sequence[float]) -> None:
    for (name, (module, _)), value in zip(CONSTANTS.items(), values, strict=True):
        setattr(module, name, value)


def main() -> None:
    """Ask, and print the tables."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--peers", default=";".join(PEERS), help="parted by semicolons; default: all of %(default)s")
    arguments.add_argument("--sample", type=int, default=0, help="so many questions of each collection, not all")
    arguments.add_argument("--constants", action="store_true", help="choose the constants with one collection left out")
    given = arguments.parse_args()
    folders = sorted(path.parent for path in given.folder.glob("*/qrels.tsv"))
    if not folders:
        arguments.error(
            f"there is no collection in {given.folder}: a folder with corpus.jsonl, queries.jsonl, qrels.tsv"
        )
    collections = [Collection.read(folder, given.sample) for folder in folders]
    with tempfile.TemporaryDirectory() as temporary:
        if given.constants:
            print("\n".join(left_out(collections, Path(temporary))))
            return
        peers = dict.fromkeys(["ours", *given.peers.split(";")])
        board = {
            each.name: {peer: measured(each, PEERS[peer](each, Path(temporary))) for peer in peers}
            for each in collections
        }
    print("\n".join(tables(board)))


if __name__ == "__main__":
    main()
