"""Is an answer, as plain data, what docs and clients expect?"""

from __future__ import annotations

import pytest

from indexer.answer import link, of, tags
from indexer.post import Section
from indexer.results import Facet, Fragment, Hint, Hit, Place, Results, Without
from tests.conftest import make_post
from tests.server.conftest import plain

SECTION = Section(heading="More of ü", anchor="more-of-ü", level=2, start=5)
HIT = Hit(
    id="a b/ü.md",
    url="/2023/a.html",
    title="A",
    description="About a.",
    date="2023-08-14T12:07:00Z",
    tags=("x", "y"),
    score=1.5,
    snippet=(Fragment("about "), Fragment("a", marked=True)),
    section=SECTION,
    sections=(Place(SECTION, (Fragment("a", marked=True),)),),
    title_marks=(Fragment("A", marked=True),),
)
RESULTS = Results(
    query="a b",
    total=11,
    total_all_words=1,
    total_corrected=2,
    missing=("b",),
    left_out=("c",),
    did_you_mean="a bee",
    without=(Without("tag:x", 3),),
    page=2,
    per_page=5,
    sort="relevance",
    hits=(HIT,),
    hints=(Hint(0, "`a`: why"),),
    facets={"tags": (Facet("x", 3, selected=True), Facet("y", 1))},
    took_ms=1.25,
)


def test_an_answer_is_the_promised_object() -> None:
    assert plain(of(RESULTS)) == {
        "query": "a b",
        "total": 11,
        "total_all_words": 1,
        "total_corrected": 2,
        "missing": ["b"],
        "left_out": ["c"],
        "did_you_mean": "a bee",
        "without": [{"filter": "tag:x", "total": 3}],
        "page": 2,
        "per_page": 5,
        "pages": 3,
        "took_ms": 1.25,
        "sort": "relevance",
        "hints": [{"position": 0, "text": "`a`: why"}],
        "results": [
            {
                "id": "a b/ü.md",
                "url": "/posts/a%20b/%C3%BC.md",
                "title": "A",
                "description": "About a.",
                "date": "2023-08-14T12:07:00Z",
                "tags": ["x", "y"],
                "score": 1.5,
                "snippet": [{"text": "about ", "marked": False}, {"text": "a", "marked": True}],
                "section": {"heading": "More of ü", "url": "/posts/a%20b/%C3%BC.md#more-of-%C3%BC"},
                "sections": [
                    {
                        "heading": "More of ü",
                        "url": "/posts/a%20b/%C3%BC.md#more-of-%C3%BC",
                        "snippet": [{"text": "a", "marked": True}],
                    }
                ],
                "title_marks": [{"text": "A", "marked": True}],
                "superseded_by": None,
            }
        ],
        "facets": {
            "tags": [
                {"value": "x", "count": 3, "selected": True},
                {"value": "y", "count": 1, "selected": False},
            ]
        },
    }


def test_its_keys_stand_in_the_promised_order() -> None:
    told = plain(of(RESULTS))
    assert " ".join(told) == (
        "query total total_all_words total_corrected missing left_out did_you_mean without"
        " page per_page pages took_ms sort hints results facets"
    )
    assert " ".join(told["results"][0]) == (
        "id url title description date tags score snippet section sections title_marks superseded_by"
    )


def test_its_links_lead_to_the_site() -> None:
    (hit,) = plain(of(RESULTS, site_url="https://example.org/blog/"))["results"]
    assert hit["url"] == "https://example.org/blog/2023/a.html"
    assert hit["section"]["url"] == "https://example.org/blog/2023/a.html#more-of-%C3%BC"


def test_a_section_without_an_anchor_is_its_post() -> None:
    assert link(HIT, Section(heading="More", anchor="", level=2, start=5)) == link(HIT)


@pytest.mark.parametrize(
    ("site_url", "expected"),
    [
        ("https://example.org", "https://example.org/2023/a.html"),
        ("https://example.org/", "https://example.org/2023/a.html"),
        ("https://example.org/blog", "https://example.org/blog/2023/a.html"),
        ("https://example.org/blog/", "https://example.org/blog/2023/a.html"),
        ("http://[::1]:8080/b", "http://[::1]:8080/b/2023/a.html"),
    ],
)
def test_a_link_keeps_the_path_of_the_site_and_doubles_no_slash(site_url: str, expected: str) -> None:
    assert link(HIT, site_url=site_url) == expected


@pytest.mark.parametrize("url", ["//evil.example/", "javascript:alert(1)", "https://evil.example/", "\\\\evil"])
def test_a_link_never_leaves_the_site(url: str) -> None:
    assert link(make_post(url=url), site_url="https://example.org").startswith("https://example.org/")


@pytest.mark.parametrize(
    ("id", "expected"),
    [
        ("a.md", "/posts/a.md"),
        ("2023/why? & #1 <100%>.md", "/posts/2023/why%3F%20%26%20%231%20%3C100%25%3E.md"),
        ("\udcff.md", "/posts/%FF.md"),
    ],
)
def test_without_a_site_a_link_leads_to_the_text_on_the_search_server(id: str, expected: str) -> None:
    assert link(make_post(id=id)) == expected


def test_tags_are_told_with_their_counts() -> None:
    assert plain(tags([Facet("a", 2), Facet("b", 1)])) == {
        "tags": [{"value": "a", "count": 2}, {"value": "b", "count": 1}]
    }
