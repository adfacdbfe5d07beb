"""How fast is a question answered, beside the rivals?

    python -m benchmarks.search [--posts N] [--rounds R] [--peers ours,tantivy] [--corpora FOLDER] [--plot FILE.svg]

Two races: the ids of the best ten posts with the exact total, and the full answer: ten hits with what is shown of
them, snippets, the total and how many posts have each tag. A peer is timed from the question's text, in its own way of
writing it, to the answer. All are asked the same question before the next one is, each time in another order: who
comes after a like of his finds the processor's caches filled. The first round shows what a question costs that has not
been asked before, the later ones what it costs then; nobody keeps answers. Machines differ: ratios of one run hold.
"""

from __future__ import annotations

import argparse
import gc
import random
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean
from time import perf_counter_ns

from benchmarks import plot
from benchmarks.peers.peer import Answer, Peer
from benchmarks.peers.race import PEERS, Race, built, chosen
from benchmarks.posts import posts as made_up
from benchmarks.questions import Question, questions
from indexer import corpus
from indexer.extract import Extracted
from indexer.post import Post
from indexer.reading import options, read_all
from indexer.settings import Settings

RIVAL = "tantivy"
ROUNDS = 5
PATIENCE = 20.0
"""Seconds for the questions of one kind, after which a peer is asked no more of them."""

RACES: tuple[tuple[str, Race], ...] = (("the ids of the top ten, and the total", "IDS"), ("the full answer", "WHOLE"))


@dataclass(slots=True)
class Times:
    """How long one peer took for the questions of one kind, in milliseconds, and what it answered."""

    first: list[float] = field(default_factory=list)
    warm: list[float] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    spent: float = 0.0


Board = dict[str, dict[str, Times]]
"""By kind of question, then by the peer's name."""


def race(peers: Sequence[Peer], asked: dict[str, list[Question]], rounds: int = ROUNDS) -> Board:
    """Ask every peer every question, *rounds* times."""
    board: Board = defaultdict(lambda: defaultdict(Times))
    dice = random.Random(rounds)
    with _undisturbed():
        for kind, each in asked.items():
            runners = [peer for peer in peers if kind in peer.kinds]
            texts = [[peer.worded(question) for peer in runners] for question in each]
            for lap in range(rounds):
                for worded in texts:
                    for runner, text in dice.sample(list(zip(runners, worded, strict=True)), len(runners)):
                        _ask(runner, kind, text, board[kind][runner.name], lap)
    return board


def _ask(peer: Peer, kind: str, text: str, times: Times, lap: int) -> None:
    if times.spent > PATIENCE * 1000:
        return
    started = perf_counter_ns()
    answer = peer.ask(kind, text)
    taken = (perf_counter_ns() - started) / 1e6
    times.spent += taken
    if lap:
        times.warm.append(taken)
    else:
        times.first.append(taken)
        times.answers.append(peer.said(answer))


@contextmanager
def _undisturbed() -> Iterator[None]:
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def percentile(times: Sequence[float], share: float) -> float:
    """The time within which that share of the questions was answered."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def table(title: str, board: Board, peers: Sequence[Peer]) -> Iterator[str]:
    """*board* as lines of text."""
    yield f"\n{title} (milliseconds; x: p50 of that of {RIVAL})"
    yield (
        f"{'':<11} {'':<19} {'warm p50':>9} {'p95':>8} {'x':>6}   {'first p50':>9} {'p95':>8} {'x':>6}"
        f"   {'totals':>6} {'top 10':>6}"
    )
    for kind, row in board.items():
        runners = [peer for peer in peers if peer.name in row]
        for peer in runners:
            times, first = row[peer.name], row[runners[0].name]
            columns = [_columns(row, times, part) for part in ("warm", "first")]
            given_up = f", given up after {len(times.first + times.warm)}" if times.spent > PATIENCE * 1000 else ""
            how = f"{peer.way(kind)}{given_up}"
            yield f"{kind:<11} {peer.name:<19} {'   '.join(columns)}   {_agreement(first, times)}  {how}"
    yield "totals: how often the total is that of the kind's first line; top 10: how many of the ids are, on average."
    yield "Where few posts have all words, ours goes on with those that have some; our phrases are exact, not of stems."


def _columns(row: dict[str, Times], times: Times, part: str) -> str:
    figures, rival = getattr(times, part), getattr(row[RIVAL], part) if RIVAL in row else []
    middle = percentile(figures, 0.5)
    ratio = f"{middle / percentile(rival, 0.5):.2f}x" if rival else ""
    return f"{middle:9.4f} {percentile(figures, 0.95):8.3f} {ratio:>6}"


def _agreement(first: Times, times: Times) -> str:
    pairs = list(zip(first.answers, times.answers, strict=False))
    if not pairs:
        return f"{'':>6} {'':>6}"
    totals = mean(one.total == other.total for one, other in pairs)
    return f"{totals:6.0%} {mean(_overlap(one.ids, other.ids) for one, other in pairs):6.2f}"


def _overlap(one: Sequence[str], other: Sequence[str]) -> float:
    return len(set(one) & set(other)) / max(len(one), len(other)) if one or other else 1.0


def posts_of(folder: Path | None, count: int) -> list[Post]:
    """*count* posts made up, or those below *folder*."""
    if folder is None:
        return made_up(count)
    how = options(Settings(renderer="commonmark"))
    read = (one.post for one in read_all(list(corpus.walk(folder)), how) if isinstance(one, Extracted) and one.post)
    return list({post.id: post for post in read}.values())[:count]


def main() -> None:
    """Race, and print the tables."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--posts", type=int, default=10_000)
    arguments.add_argument("--queries", type=int, default=100, help="of each kind")
    arguments.add_argument("--rounds", type=int, default=ROUNDS)
    arguments.add_argument("--peers", default=",".join(PEERS), help="default: all of %(default)s")
    arguments.add_argument("--corpora", type=Path, help="a folder of posts, in place of those made up")
    arguments.add_argument("--plot", type=Path, help="draw the medians into this SVG file")
    arguments.add_argument("--keep", type=Path, help="keep the indexes below this folder for the next run")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        source = given.corpora.name if given.corpora else "made-up"
        folder = (given.keep or Path(temporary)).absolute() / f"{source}-{given.posts}"
        run(given, posts_of(given.corpora, given.posts), folder)


def run(given: argparse.Namespace, posts: list[Post], folder: Path) -> None:
    """Both races on *posts*."""
    asked = questions(posts, given.queries)
    print(f"{len(posts)} posts, {given.queries} questions of each kind, {given.rounds} rounds")
    boards = {}
    for title, which in RACES:
        peers = built(chosen(which, given.peers.split(",")), posts, folder)
        boards[title] = race(peers, asked, given.rounds)
        print("\n".join(table(title, boards[title], peers)), flush=True)
        for peer in peers:
            peer.close()
    if given.plot:
        given.plot.write_text(plot.drawn(_medians(boards), f"{len(posts)} posts, median milliseconds"), "utf-8")


def _medians(boards: dict[str, Board]) -> dict[str, dict[str, dict[str, float]]]:
    return {title: {kind: _middles(row) for kind, row in board.items()} for title, board in boards.items()}


def _middles(row: dict[str, Times]) -> dict[str, float]:
    return {name: percentile(times.warm or times.first, 0.5) for name, times in row.items()}


if __name__ == "__main__":
    main()
