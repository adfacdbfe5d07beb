"""Does a newcomer see the search box on a small blog, and does a browser learn of the search?"""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from selectolax.lexbor import LexborHTMLParser

from extras import browser, demo
from indexer import Engine, Settings
from server.app import create_app
from tests.conftest import make_post
from tests.engines.reference import ReferenceEngine
from tests.server.conftest import POSTS, holding


def asking(engine: Engine, site_url: str = "") -> FlaskClient:
    settings = Settings(site_url=site_url)
    app = create_app(engine, settings=settings)
    for extra in (browser, demo):
        extra.register(app, engine, settings)
    return app.test_client()


def test_the_newest_posts_stand_below_the_box() -> None:
    page = LexborHTMLParser(asking(holding(*POSTS)).get("/demo").text)
    assert page.css("post-search form[action='/search'] input[name=q]")
    dated = sorted((post.date or "" for post in POSTS if post.date), reverse=True)
    assert [node.attributes["datetime"] for node in page.css("time")] == dated
    assert len(page.css("article")) == len(POSTS)


def test_of_all_pages_it_alone_may_run_the_script_of_the_box() -> None:
    client = asking(holding(*POSTS))
    assert "script-src 'self'" in client.get("/demo").headers["Content-Security-Policy"]
    assert "script-src" not in client.get("/search").headers["Content-Security-Policy"]
    assert client.get("/static/post-search.js").status_code == 200


def test_a_hostile_title_is_text() -> None:
    page = asking(holding(make_post("<script>alert(1)</script>"))).get("/demo").text
    assert [node.attributes.get("src") for node in LexborHTMLParser(page).css("script")] == ["/static/post-search.js"]


def test_an_empty_index_says_what_to_do() -> None:
    assert "postsearch build" in asking(ReferenceEngine()).get("/demo").text


def test_every_page_leads_browsers_to_the_description_of_the_search() -> None:
    client = asking(holding(*POSTS), "https://example.org")
    (link,) = LexborHTMLParser(client.get("/search").text).css("link[rel=search]")
    described = client.get(link.attributes["href"] or "")
    assert described.mimetype == "application/opensearchdescription+xml"
    about = LexborHTMLParser(described.text)
    assert [node.attributes["template"] for node in about.css("Url")] == [
        "http://localhost/search?q={searchTerms}",
        "http://localhost/api/v1/opensearch?q={searchTerms}",
    ]
    assert "example.org" in described.text


@pytest.mark.parametrize(("typed", "titles"), [("backups", ["Backups that restore"]), ("xyz", []), ("", [])])
def test_titles_are_suggested_as_browsers_read_them(typed: str, titles: list[str]) -> None:
    response = asking(holding(*POSTS)).get("/api/v1/opensearch", query_string={"q": typed})
    assert response.content_type == "application/x-suggestions+json"
    assert response.get_json(force=True) == [typed, titles]
