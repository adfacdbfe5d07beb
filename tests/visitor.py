"""What does a visitor see of an index, byte by byte, whatever is asked?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, urlencode

from indexer.engine import FACETS
from indexer.engines.whoosh import WhooshEngine
from indexer.query import SORTS
from indexer.search import search
from server.app import create_app

OPTIONS: tuple[dict[str, str], ...] = (
    {},
    {"per_page": "2", "page": "2"},
    {"tag": "Bread"},
    {"tag_any": "bread", "tag_not": "salt"},
    {"after": "2023", "before": "2024-06"},
    *({"sort": sort} for sort in SORTS[1:]),
)


def addresses(questions: Iterable[str], ids: Iterable[str]) -> Iterator[str]:
    """The addresses that are asked for."""
    yield from ("/api/v1/tags", "/healthz", "/search", "/api/v1/search?page=0", "/api/v1/search?q=a&q=b", "/nowhere")
    for number, question in enumerate(questions):
        yield f"/api/v1/search?{urlencode({'q': question})}"
        yield f"/api/v1/search?{urlencode({'q': question} | OPTIONS[number % len(OPTIONS)])}"
        if number % 3 == 0:
            yield f"/search?{urlencode({'q': question})}"
            yield f"/api/v1/suggest?{urlencode({'q': question[:-1]})}"
    for id in ids:
        yield f"/posts/{quote(id)}"
        yield f"/api/v1/related?{urlencode({'id': id})}"


def sees(index: Path, questions: Iterable[str], ids: Iterable[str]) -> dict[str, bytes]:
    """Every answer, by its address, with its status and headers; `took_ms` apart."""
    questions = tuple(questions)
    with closing(WhooshEngine(index)) as engine:
        client = create_app(engine, site_url="https://example.org").test_client()
        answers = {}
        for address in addresses(questions, ids):
            response = client.get(address)
            del response.headers["Content-Length"]
            del response.headers["X-Request-Id"]
            head = f"{response.status} {sorted(response.headers)}".encode()
            answers[address] = head + re.sub(rb'"took_ms":[0-9.e-]+', b"", response.data)
        for question in questions:
            answers[f"all facets of {question}"] = repr(search(engine, question, facets=FACETS).facets).encode()
        return answers
