"""Can the search box be pasted, and does a site get what it may keep?"""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from extras.embedding import SCRIPT
from indexer import Settings, sync
from tests.indexer.conftest import fill, under
from tests.indexer.test_cli import only_json, run


@pytest.fixture
def site(tmp_path: Path) -> Path:
    fill(tmp_path / "content", {f"{n}.md": under(f"title: Bread {n}\ntags: [a]", f"bread {n}") for n in range(3)})
    sync(Settings(content=tmp_path / "content", index=tmp_path / ".postsearch"))
    return tmp_path


def test_the_lines_to_paste_hold_a_digest_of_the_script(site: Path) -> None:
    page = LexborHTMLParser(run(site, "embed", "https://search.example.org/").stdout)
    (script,), (form,) = page.css("script"), page.css("post-search form")
    assert form.attributes["action"] == "https://search.example.org/search"
    assert script.attributes["src"] == "https://search.example.org/static/post-search.js"
    digest = base64.b64encode(hashlib.sha384(SCRIPT.read_bytes()).digest()).decode()
    assert script.attributes["integrity"] == f"sha384-{digest}"
    assert 'mode="dialog"' in run(site, "embed", "https://search.example.org", "--dialog").stdout


def test_a_site_gets_the_script_the_related_posts_and_a_list_of_all(site: Path) -> None:
    told = only_json(run(site, "export", "out/search", "--json"))
    assert told == {"posts": 3, "files": ["post-search.js", "related.json", "posts.json"]}
    folder = site / "out" / "search"
    assert (folder / "post-search.js").read_bytes() == SCRIPT.read_bytes()
    related = json.loads((folder / "related.json").read_bytes())
    assert {one["title"] for one in related["0.md"]} == {"Bread 1", "Bread 2"}
    posts = json.loads((folder / "posts.json").read_bytes())
    assert [set(post) for post in posts] == [{"id", "url", "title", "description", "date", "tags"}] * 3
