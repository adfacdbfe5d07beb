"""What does a keystroke in one of Algolia's front ends cost, beside the same question to our own API?

    python -m benchmarks.keystroke [--posts N] [--questions Q] [--rounds R]

A keystroke is one request: a question, twenty posts with their marks and snippets, and three facets. Both ways are
asked for the same, in the same process, without a network, in turns, and answered from nothing that is kept; the
figures are medians, of the time that the processor takes, since other programs would disturb the clock's. Words are
typed letter by letter. Only the ratio means something on another machine.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from io import BytesIO
from pathlib import Path
from statistics import median
from time import thread_time
from typing import Any
from urllib.parse import urlencode

from flask import Flask
from werkzeug.test import create_environ

from benchmarks.posts import posts
from benchmarks.questions import questions
from extras.algolia import register
from indexer import Post, Settings, open_engine
from server.app import create_app

GOAL = 1.5
"""How many times as long it may take."""

ASKED: dict[str, Any] = {
    "indexName": "posts",
    "facets": ["tags", "categories.lvl0", "year"],
    "attributesToSnippet": ["body:20"],
    "highlightPreTag": "__ais-highlight__",
    "highlightPostTag": "__/ais-highlight__",
}


def by_front_end(text: str) -> dict[str, Any]:
    """The request that InstantSearch makes."""
    body = json.dumps({"requests": [ASKED | {"query": text}]}).encode()
    environ = create_environ("/1/indexes/*/queries", method="POST", content_type="text/plain")
    return environ | {"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))}


def by_ourselves(text: str) -> dict[str, Any]:
    """The request to our own API that asks for as much."""
    return create_environ(
        "/api/v1/search", query_string=urlencode({"q": text, "per_page": 20, "facets": "tags,categories,years"})
    )


WAYS = {"/api/v1/search": by_ourselves, "InstantSearch": by_front_end}


def keystrokes(made: list[Post], count: int) -> list[str]:
    """What stands in the box after each letter of *count* questions."""
    texts = [question.text for question in questions(made, count)["all words"]]
    return [text[:end] for text in texts for end in range(2, len(text) + 1)]


def race(app: Flask, texts: list[str], rounds: int) -> dict[str, float]:
    """The median of each way, in milliseconds."""
    took: dict[str, list[float]] = {name: [] for name in WAYS}
    for number in range(rounds + 1):
        for place, text in enumerate(texts):
            for name, request in list(WAYS.items())[:: 1 if (number + place) % 2 else -1]:
                environ = request(text)
                begun = thread_time()
                answer = b"".join(Flask.wsgi_app(app, environ, lambda *told: bytes))
                if number:  # the first round fills what is kept
                    took[name].append((thread_time() - begun) * 1000)
                assert answer.startswith(b"{")
    return {name: median(times) for name, times in took.items()}


def main() -> None:
    """Print the medians and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("posts", 10_000), ("questions", 10), ("rounds", 5)):
        parser.add_argument(f"--{name}", type=int, default=default)
    given = parser.parse_args()
    made = posts(given.posts)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(index=Path(folder) / "index", site_url="https://example.org")
        engine = open_engine(settings)
        engine.apply(put=made)
        app = create_app(engine, site_url=settings.site_url)
        register(app, engine, settings)
        medians = race(app, keystrokes(made, given.questions), given.rounds)
        engine.close()
    for name, took in medians.items():
        print(f"{name:<16} {took:7.2f} ms")
    ours, theirs = medians.values()
    print(f"{theirs / ours:.2f} times as long; at most {GOAL} is the goal")


if __name__ == "__main__":
    main()
