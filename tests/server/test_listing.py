"""Does the results page say of an answer what is true of it?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import render_template
from selectolax.lexbor import LexborHTMLParser

from indexer.results import Facet, Hit, Results
from server.app import create_app
from server.listing import Listing, counted
from server.params import Params
from tests.engines.reference import ReferenceEngine


def listing(total: int, with_all: int, *, page: int = 1, per_page: int = 10, asked: Params | None = None) -> Listing:
    """The listing of one page of *total* posts, of which the first *with_all* have all the words."""
    params = asked or Params(q="a b")
    numbers = range(total)[(page - 1) * per_page : page * per_page]
    hits = tuple(Hit(id=str(n), url="/", title=str(n), description="", date=None, tags=(), score=1.0) for n in numbers)
    results = Results(
        query=params.q,
        total=total,
        total_all_words=with_all,
        missing=("b",) if with_all < total else (),
        page=page,
        per_page=per_page,
        sort=params.sort,
        hits=hits,
        facets={
            "tags": (
                Facet("Service Mesh", 2, selected="service-mesh" in params.tag),
                Facet("x", 1, selected=True),
            )
        },
    )
    return Listing(params, results)


@pytest.mark.parametrize(
    ("page", "complete", "partial"),
    [
        (1, ["0", "1", "2", "3"], []),
        (2, ["4"], ["5", "6", "7"]),
        (3, [], ["8", "9"]),
        (4, [], []),
    ],
)
def test_posts_with_all_words_are_told_from_the_others(page: int, complete: list[str], partial: list[str]) -> None:
    shown = listing(10, 5, page=page, per_page=4)
    assert [hit.id for hit in shown.complete] == complete
    assert [hit.id for hit in shown.partial] == partial


@pytest.mark.parametrize(
    ("asked", "total", "heading"),
    [
        (Params(), 3, "Newest posts"),
        (Params(), 0, "No posts yet"),
        (Params(sort="oldest"), 3, "All posts"),
        (Params(q="x"), 0, "Nothing found"),
        (Params(q="x"), 1, "1 post"),
        (Params(tag=("x",)), 1234, "1,234 posts"),
    ],
)
def test_the_heading_says_what_was_found(asked: Params, total: int, heading: str) -> None:
    assert listing(total, total, asked=asked).heading == heading


def test_the_title_holds_the_question_but_not_all_of_a_long_one() -> None:
    titles = [page(one).css("title")[0].text() for one in (listing(1, 1), listing(0, 0, asked=Params(q="x" * 99)))]
    assert titles == ["a b – 1 post – Search", f"{'x' * 59}… – Nothing found – Search"]


def test_each_filter_can_be_dropped() -> None:
    asked = Params(q="a", tag=("x", "Y"), tag_any=("x",), tag_not=("z",), after="2023", before="2024", page=4)
    asked = replace(asked, category=("c",), year=("2020",), lang=("en",))
    steps = {text: to.query_string for text, to in listing(1, 1, asked=asked).filters}
    rest = "q=a&tag=x&tag=Y&tag_any=x&tag_not=z&category=c&year=2020&lang=en&after=2023&before=2024"
    assert steps == {
        "x": rest.replace("tag=x&", ""),
        "Y": rest.replace("tag=Y&", ""),
        "any of: x": rest.replace("tag_any=x&", ""),
        "not: z": rest.replace("tag_not=z&", ""),
        "in: c": rest.replace("category=c&", ""),
        "year: 2020": rest.replace("year=2020&", ""),
        "lang: en": rest.replace("lang=en&", ""),
        "from 2023": rest.replace("&after=2023", ""),
        "before 2024": rest.replace("&before=2024", ""),
    }


def test_a_tag_narrows_the_question() -> None:
    mesh, _ = listing(2, 2, asked=Params(q="a", tag=("y",), page=3)).choices("tags")
    assert mesh.to == Params(q="a", tag=("y", "Service Mesh"))


def test_a_chosen_tag_can_be_dropped_whatever_its_spelling() -> None:
    mesh, _ = listing(2, 2, asked=Params(q="a", tag=("y", "service-mesh"))).choices("tags")
    assert mesh.to == Params(q="a", tag=("y",))


def test_a_tag_in_the_text_of_the_question_is_left_there() -> None:
    _, x = listing(2, 2, asked=Params(q="a tag:x")).choices("tags")
    assert x.to is None


def test_where_any_of_some_tags_is_chosen_a_tag_is_one_more_of_them() -> None:
    mesh, x = listing(2, 2, asked=Params(q="a", tag_any=("X",), page=3)).choices("tags")
    assert mesh.to == Params(q="a", tag_any=("X", "Service Mesh"))
    assert x.to == Params(q="a")


def test_choosing_a_tag_twice_chooses_it_once() -> None:
    assert listing(2, 2, asked=Params(tag=("service mesh", "y"))).narrowed("Service-Mesh").tag == (
        "y",
        "Service-Mesh",
    )


def page(listing: Listing) -> LexborHTMLParser:
    """The page that shows a listing."""
    app = create_app(ReferenceEngine())
    with app.test_request_context():
        about = {"params": listing.params, "results": listing.results, "listing": listing, "popular": ()}
        return LexborHTMLParser(render_template("search.html", **about))


def shown(listing: Listing, part: str) -> Iterator[tuple[str, str, bool]]:
    """Of each link in the *part* of the page that is so labelled: its text, where it leads, whether it is marked."""
    for link in page(listing).css(f'[aria-label="{part}"] li a'):
        yield link.text().removeprefix("Page "), link.attributes["href"] or "", "aria-current" in link.attributes


@pytest.mark.parametrize(
    ("here", "pages"),
    [(1, "1* 2 9"), (2, "1 2* 3 9"), (5, "1 4 5* 6 9"), (9, "1 8 9*"), (99, "1 9")],
)
def test_pages_near_and_the_ends_are_linked(here: int, pages: str) -> None:
    links = list(shown(listing(90, 90, page=here), "Pages"))
    assert " ".join(text + "*" * is_here for text, _, is_here in links) == pages
    assert all(to == f"/search?q=a+b{f'&page={text}' if text != '1' else ''}" for text, to, _ in links)


@pytest.mark.parametrize(("page", "previous", "following"), [(1, None, 2), (2, 1, 3), (3, 2, None), (9, 3, None)])
def test_the_pages_beside_this_one_are_linked(page: int, previous: int | None, following: int | None) -> None:
    shown = listing(21, 21, page=page)
    assert (shown.previous and shown.previous.page, shown.next and shown.next.page) == (previous, following)


@pytest.mark.parametrize(
    ("asked", "current", "orders"),
    [
        (Params(q="a"), "Relevance", "relevance newest oldest title"),
        (Params(q="a", sort="title"), "Title", "relevance newest oldest title"),
        (Params(), "Newest", "relevance oldest title"),
        (Params(sort="newest"), "Newest", "relevance oldest title"),
    ],
)
def test_one_order_is_the_present_one(asked: Params, current: str, orders: str) -> None:
    links = list(shown(listing(2, 2, asked=asked), "Order"))
    assert [text for text, _, is_chosen in links if is_chosen] == [current]
    sorts = [parse_qs(urlsplit(to).query).get("sort", ["relevance"])[0] for _, to, _ in links]
    assert " ".join(sorts) == orders


@pytest.mark.parametrize(
    ("text", "loose"),
    [
        ('"zebra crossing" x*', "zebra crossing x"),
        ("„zebra“", "zebra"),
        ("zebra", None),
        ('"*"', None),
        ("", None),
    ],
)
def test_a_strict_question_can_be_asked_loosely(text: str, loose: str | None) -> None:
    asked = listing(0, 0, asked=Params(q=text)).loose
    assert (asked and asked.q) == loose


def test_posts_are_counted_in_words() -> None:
    assert [counted(n) for n in (0, 1, 2, 1000)] == ["0 posts", "1 post", "2 posts", "1,000 posts"]
