"""Do the pages say what was found, to everybody, and never run what a post says?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask.testing import FlaskClient
from selectolax.lexbor import LexborHTMLParser, LexborNode

from indexer import Engine, search
from indexer.engines.whoosh import WhooshEngine
from indexer.post import Section
from server.app import create_app
from server.pages import day
from tests.conftest import make_post
from tests.server.conftest import POSTS, holding


def page(client: FlaskClient, path: str = "/search", status: int = 200, **asked: str | list[str]) -> LexborHTMLParser:
    response = client.get(path, query_string=asked or None)
    assert (response.status_code, response.content_type) == (status, "text/html; charset=utf-8")
    return LexborHTMLParser(response.text)


def text(found: LexborHTMLParser | LexborNode, selector: str) -> str:
    """The text of the first element that *selector* finds, blanks put right."""
    node = found.css_first(selector)
    assert node is not None, selector
    return " ".join(node.text().split())


def texts(found: LexborHTMLParser | LexborNode, selector: str) -> list[str]:
    return [" ".join(node.text().split()) for node in found.css(selector)]


def leads_to(found: LexborHTMLParser | LexborNode, selector: str) -> dict[str, list[str]]:
    """The parameters of the address that a link leads to."""
    node = found.css_first(selector)
    assert node is not None, selector
    return parse_qs(urlsplit(node.attributes["href"] or "").query)


# The question


def test_the_address_of_the_server_leads_to_the_search_page(client: FlaskClient) -> None:
    response = client.get("/")
    assert (response.status_code, response.headers["Location"]) == (302, "/search")


def test_a_question_in_the_address_stands_in_the_form(client: FlaskClient) -> None:
    asked = {"q": " \"a\" <b> & 'c' ", "after": "2020-01-31", "before": "2030"}
    form = page(client, f"/search?{urlencode(asked)}").css_first("form")
    assert form is not None
    fields = {node.attributes["name"]: node.attributes.get("value") for node in form.css("input")}
    assert fields == asked


def test_a_form_keeps_the_filters_and_begins_at_the_first_page(client: FlaskClient) -> None:
    found = page(client, q="note", tag=["a", "b"], tag_not="c", sort="title", per_page="2", page="2")
    hidden = [(node.attributes["name"], node.attributes["value"]) for node in found.css("input[type=hidden]")]
    assert hidden == [("tag", "a"), ("tag", "b"), ("tag_not", "c"), ("sort", "title"), ("per_page", "2")]


def test_a_date_that_is_no_whole_day_is_kept_as_text(client: FlaskClient) -> None:
    found = page(client, after="2023", before="2024-01-31")
    kinds = {name: node.attributes["type"] for name in ("after", "before") for node in found.css(f"input[name={name}]")}
    assert kinds == {"after": "text", "before": "date"}


def test_what_is_no_sign_is_explained_below_the_form(client: FlaskClient) -> None:
    found = page(client, q="after:<b>`soon bread")
    (hint,) = texts(found, ".hints li")
    assert hint.startswith("after:<b>soon: <b>soon is not a date such as 2024")
    assert found.css_first(".hints b") is None
    assert not page(client, q="bread tag:x").css(".hints")


def test_the_title_of_the_page_holds_the_question(client: FlaskClient) -> None:
    assert text(page(client, q="restore <b>"), "title").startswith("restore <b> – 1 post – ")


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ({"page": "x", "q": "restore"}, 400, "page has to be a whole number"),
        ({"q": "x" * 3000}, 400, "at most 2,048 characters"),
        ({"after": "<i>"}, 400, "'<i>' is not a date"),
        ({"sort": "best"}, 400, "choose one of relevance"),
    ],
)
def test_a_question_out_of_bounds_can_be_put_right(
    client: FlaskClient, asked: dict[str, str], status: int, said: str
) -> None:
    found = page(client, status=status, **asked)
    assert said.lower() in text(found, "main").lower()
    field = found.css_first("input[type=search]")
    assert field is not None
    assert field.attributes["value"] == asked.get("q", "")[:2048]


# The answer


@pytest.mark.parametrize("question", ["restore", "storage copy", "note", "搜索", '"small sites"', ""])
def test_a_page_lists_what_the_library_finds(each_engine: Engine, question: str) -> None:
    found = page(create_app(each_engine).test_client(), q=question)
    assert texts(found, ".results h2") == [hit.title for hit in search(each_engine, question).hits]


def test_without_a_question_the_newest_posts_are_listed(client: FlaskClient) -> None:
    found = page(client)
    assert text(found, "h1") == "Newest posts"
    assert texts(found, ".results h2")[:2] == ["Storage for small sites", "Backups that restore"]


def test_a_post_is_listed_with_all_that_is_known_of_it(client: FlaskClient) -> None:
    entry = page(client, q="restore").css_first(".results li")
    assert entry is not None
    assert text(entry, "h2 a") == "Backups that restore"
    assert text(entry, "time[datetime='2023-08-14T12:07:00Z']") == "14 August 2023"
    assert texts(entry, ".chips a") == ["Operations", "storage"]
    assert "Restore" in texts(entry, ".snippet mark")


def test_the_section_of_a_passage_is_linked_where_it_has_a_heading_of_its_own() -> None:
    body = "Bread\n\nFeed it.\n\nSoup\n\nStir it."
    bread, soup = (Section(heading=name, anchor=name, level=2, start=body.index(name)) for name in ("Bread", "Soup"))
    client = create_app(
        holding(make_post("Bread", url="/a/", body=body, sections=(bread, soup))), site_url="https://example.org"
    ).test_client()
    link = page(client, q="stir").css_first(".section a")
    assert link is not None
    assert (link.text(), link.attributes["href"]) == ("Soup", "https://example.org/a/#Soup")
    assert not texts(page(client, q="feed"), ".section")


def test_a_word_is_marked_where_it_stands_and_no_blank_is_added(client: FlaskClient) -> None:
    entry = page(client, q="drill").css_first(".snippet")
    assert entry is not None
    assert "<mark>drills</mark>" in (entry.html or "")


def test_posts_that_lack_words_stand_below_a_line_that_names_the_words(client: FlaskClient) -> None:
    found = page(client, q="storage disks")
    assert text(found, "h1") == "2 posts"
    assert text(found, ".found p") == "1 has all words"
    assert texts(found, "main .results h2, main .lack") == [
        "Storage for small sites",
        "These lack: disks",
        "Backups that restore",
    ]
    assert [node.attributes["start"] for node in found.css("ol.results")] == ["1", "2"]


def test_several_lacking_words_are_named_as_such(client: FlaskClient) -> None:
    found = page(client, q="搜索 restore disks")
    assert text(found, ".found p") == "none has all words"
    assert text(found, ".lack") == "These lack some of: 搜索, restore, disks"


@pytest.mark.slow
def test_nothing_is_said_of_lacking_words_where_none_lack(client: FlaskClient) -> None:
    found = page(client, q="note kept")
    assert found.css_first(".lack") is None
    assert found.css_first(".found p") is None


def test_pages_lead_to_the_next_and_the_one_before(client: FlaskClient) -> None:
    found = page(client, q="note", per_page="3", page="2")
    assert text(found, "[aria-current=page]") == "Page 2"
    for place in ("head link", "main a"):
        assert leads_to(found, f"{place}[rel=prev]") == {"q": ["note"], "per_page": ["3"]}
        assert leads_to(found, f"{place}[rel=next]") == {"q": ["note"], "per_page": ["3"], "page": ["3"]}


def test_the_ends_have_no_page_beyond(client: FlaskClient) -> None:
    assert page(client, q="note", per_page="3").css_first("[rel=prev]") is None
    assert page(client, q="note", per_page="3", page="3").css_first("[rel=next]") is None


def test_beyond_the_last_page_a_link_leads_back(client: FlaskClient) -> None:
    found = page(client, q="note", per_page="3", page="9")
    assert leads_to(found, "[rel=prev]") == {"q": ["note"], "per_page": ["3"], "page": ["3"]}
    assert not texts(found, ".results li")


def test_a_tag_of_a_post_narrows_the_question(client: FlaskClient) -> None:
    found = page(client, q="restore", sort="newest")
    assert leads_to(found, ".results .chips a") == {
        "q": ["restore"],
        "tag": ["Operations"],
        "sort": ["newest"],
    }


def test_tags_are_offered_with_their_counts_and_chosen_ones_can_be_dropped(client: FlaskClient) -> None:
    found = page(client, tag="Storage")
    assert texts(found, "[aria-labelledby=tags] li") == ["storage 2 – chosen, remove", "Operations 1"]
    assert leads_to(found, ".facets [aria-current=true]") == {}
    assert texts(found, ".filters li") == ["Remove Storage ×"]


def test_categories_and_languages_are_offered_where_there_is_a_choice() -> None:
    several = [make_post(id=f"{n}", categories=(f"c{n}",), language="en") for n in range(2)]
    found = page(create_app(holding(*several)).test_client())
    assert texts(found, "[aria-labelledby=categories] li") == ["c0 1", "c1 1"]
    assert leads_to(found, "[aria-labelledby=categories] a") == {"category": ["c0"]}
    assert not found.css("[aria-labelledby=languages]")


def test_a_timeline_shows_how_many_posts_each_year_has() -> None:
    dated = [make_post(id=f"{n}", date=date) for n, date in enumerate(("2019-01-02", "2021-05-06", "2021-07-08"))]
    client = create_app(holding(*dated)).test_client()
    found = page(client)
    assert texts(found, ".timeline li") == ["2019: 1 post", "", "2021: 2 posts"]
    assert [bar.attributes["height"] for bar in found.css(".timeline rect")] == ["31", "60"]
    assert leads_to(found, ".timeline a") == {"year": ["2019"]}
    chosen = page(client, year="2021")
    assert texts(chosen, ".timeline [aria-current]") == ["2021: 2 posts – chosen, remove"]
    assert leads_to(chosen, ".timeline [aria-current]") == {}


def test_many_tags_are_shown_on_demand() -> None:
    client = create_app(holding(make_post(tags=tuple(f"t{n:02}" for n in range(15))))).test_client()
    found = page(client)
    assert len(found.css("aside section > .facets li")) == 12
    assert text(found, "aside summary") == "3 more"
    assert len(found.css("aside details li")) == 3


def test_an_answer_of_nothing_helps_on(client: FlaskClient) -> None:
    found = page(client, q='"zebra crossing"', tag="storage", after="2020")
    assert text(found, "h1") == "Nothing found"
    links = [leads_to(node, "a") for node in found.css(".nothing > ul:not(.chips) li") if node.css_first("a")]
    assert links == [
        {"q": ['"zebra crossing"']},
        {"q": ["zebra crossing"], "tag": ["storage"], "after": ["2020"]},
        {},
    ]
    assert "spelling" in text(found, ".nothing")
    assert texts(found, ".nothing .chips bdi")[0] == "storage"


def test_an_empty_index_says_what_fills_it() -> None:
    found = page(create_app(holding()).test_client())
    assert text(found, "h1") == "No posts yet"
    assert "postsearch build" in text(found, "main")


def test_without_an_index_the_page_asks_to_come_back(tmp_path: Path) -> None:
    client = create_app(WhooshEngine(tmp_path / "index")).test_client()
    found = page(client, status=503)
    assert "not ready yet" in text(found, "main")
    assert client.get("/search").headers["Retry-After"].isdigit()


# A post


def test_a_post_is_shown_with_its_headings_and_paragraphs(client: FlaskClient) -> None:
    found = page(client, "/posts/2023/backups%20%26%20%3Cmore%3E.html.md")
    assert text(found, "h1") == "Backups that restore"
    assert text(found, "h2#restore-drills") == "Restore drills"
    assert texts(found, "article > p") == [
        "Before",
        "Try one restore a month.",
        "Write down how long it took.",
    ]
    assert text(found, "time") == "14 August 2023"
    assert leads_to(found, ".chips a") == {"tag": ["Operations"]}
    article = found.css_first("article")
    assert article is not None
    assert article.attributes["lang"] == "en-gb"


def test_every_post_can_be_read_where_its_link_leads(each_engine: Engine) -> None:
    client = create_app(each_engine).test_client()
    links = page(client, per_page="100").css(".results h2 a")
    assert len(links) == len(POSTS)
    for link in links:
        assert text(page(client, link.attributes["href"] or ""), "h1") == link.text()


def test_with_a_site_links_lead_there_and_a_post_names_its_place() -> None:
    client = create_app(holding(*POSTS), site_url="https://example.org/blog").test_client()
    link = page(client, q="restore").css_first(".results h2 a")
    assert link is not None
    assert link.attributes["href"] == "https://example.org/blog/2023/08/backups.html"
    canonical = page(client, "/posts/2023/backups%20%26%20%3Cmore%3E.html.md").css_first("link[rel=canonical]")
    assert canonical is not None
    assert canonical.attributes["href"] == link.attributes["href"]


@pytest.mark.parametrize("path", ["/posts/none.md", "/posts/", "/posts/../../etc/passwd", "/nothing", "/posts/%00"])
def test_an_unknown_address_is_told_on_a_page_with_a_way_on(client: FlaskClient, path: str) -> None:
    found = page(client, path, status=404)
    assert text(found, "h1") == "Nothing here"
    assert found.css_first("form[role=search]") is not None


def test_dates_are_written_out() -> None:
    assert day("2023-08-14T12:07:00Z") == "14 August 2023"
    assert day("2024-01-31") == "31 January 2024"


# Everybody


PATHS = [
    "/search",
    "/search?q=note+storage&per_page=3",
    "/search?q=zebra",
    "/search?page=x",
    "/posts/storage.md",
    "/no",
]


@pytest.mark.parametrize("path", PATHS)
def test_a_page_says_its_language_and_its_parts(client: FlaskClient, path: str) -> None:
    found = LexborHTMLParser(client.get(path).text)
    assert found.css_matches("html[lang=en]")
    for landmark in ("header", "form[role=search]", "main", "h1"):
        assert len(found.css(f"body {landmark}")) == 1 or landmark == "header"
    assert text(found, "title")


@pytest.mark.parametrize("path", PATHS)
def test_every_control_has_a_name_and_every_link_within_the_page_an_end(client: FlaskClient, path: str) -> None:
    found = LexborHTMLParser(client.get(path).text)
    ids = [node.attributes["id"] for node in found.css("[id]")]
    assert len(ids) == len(set(ids))
    for link in found.css("a[href^='#']"):
        assert (link.attributes["href"] or "")[1:] in ids
    for field in found.css("input:not([type=hidden])"):
        assert field.attributes.get("id") == "q" or (field.parent is not None and field.parent.tag == "label")
    assert found.css_matches("label[for=q]")
    for link in found.css("a"):
        assert link.text().strip() or link.attributes.get("aria-label")


@pytest.mark.parametrize("path", PATHS)
def test_pages_need_no_script_and_no_style_of_their_own(client: FlaskClient, path: str) -> None:
    found = LexborHTMLParser(client.get(path).text)
    assert not found.css("script, style, iframe, object, [style], [onclick], [onload]")


def links_of(client: FlaskClient, path: str) -> Iterator[str]:
    found = LexborHTMLParser(client.get(path).text)
    for node in found.css("[href], [src]"):
        link = node.attributes.get("href") or node.attributes.get("src") or ""
        if link.startswith("/"):
            yield link.partition("#")[0]


@pytest.mark.parametrize("path", PATHS)
def test_every_link_of_a_page_leads_somewhere(client: FlaskClient, path: str) -> None:
    links = set(links_of(client, path))
    assert links
    assert {link: client.get(link, buffered=True).status_code for link in links} == dict.fromkeys(links, 200)


# What posts and readers say is text


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "</title><script>alert(1)</script>",
    "{{ 7*7 }}{% raw %}",
    "javascript:alert(1)",
    "<!--",
    "\u202eevil\u2066",
    "&lt;b&gt;",
    "]]>\x00\x0b",
]


def hostile_post(words: str) -> FlaskClient:
    post = make_post(
        words,
        id=f"{words}.md",
        url=f"/{words}",
        description=words,
        body=f"{words}\nneedle {words}",
        tags=(words,),
        authors=(words,),
        language=words,
        sections=(Section(heading=words, anchor=words, level=2, start=0),),
    )
    return create_app(holding(post), site_url="https://example.org").test_client()


def test_the_elements_of_a_harmless_post_are_few() -> None:
    """What the next tests compare with is not empty."""
    assert {"a", "bdi", "mark", "input"} <= elements(hostile_post("word").get("/search?q=needle").text)


def elements(html: str) -> set[str]:
    return {node.tag or "" for node in LexborHTMLParser(html).css("*")}


@pytest.mark.parametrize("words", HOSTILE)
def test_what_a_post_says_is_shown_and_never_run(words: str) -> None:
    client = hostile_post(words)
    for path in (
        "/search",
        "/search?q=needle",
        f"/posts/{'%' + '%'.join(f'{byte:02x}' for byte in f'{words}.md'.encode())}",
    ):
        response = client.get(path)
        found = LexborHTMLParser(response.text)
        assert response.status_code == 200
        assert not found.css("script, svg[onload], main svg, iframe, [onerror], [onload]")
        assert {img.attributes["src"] for img in found.css("img")} == {"/static/icon.svg"}
        assert "49" not in text(found, "main")
        visible = re.sub(r"\s+", " ", words.replace("\x00", "\ufffd")).strip()
        assert visible.replace("\ufffd", "") in text(found, "main").replace("\ufffd", "").replace("\x00", "")


@pytest.mark.parametrize("words", HOSTILE)
@pytest.mark.parametrize("param", ["q", "tag", "tag_any", "tag_not", "after", "sort", "page"])
def test_what_a_reader_says_is_shown_and_never_run(client: FlaskClient, param: str, words: str) -> None:
    response = client.get(f"/search?{urlencode({param: words})}")
    found = LexborHTMLParser(response.text)
    assert response.status_code in (200, 400)
    assert not found.css("script, svg[onload], main svg, iframe, [onerror], [onload]")
    for link in found.css("a"):
        assert re.match(r"/|#", link.attributes["href"] or "")


@pytest.mark.parametrize("selector", ["h2", ".snippet", ".chips bdi"])
def test_a_post_that_turns_the_direction_of_writing_turns_only_itself(selector: str) -> None:
    found = page(hostile_post("\u202eevil"), q="needle")
    node = found.css_first(f".results {selector}")
    assert node is not None
    assert node.tag == "bdi" or node.attributes["dir"] == "auto"


def test_words_of_the_question_are_marked_in_titles() -> None:
    found = page(create_app(holding(make_post("Bread & <b>rye</b>", body="Rye."))).test_client(), q="rye")
    assert text(found, "h2[dir=auto]") == "Bread & <b>rye</b>"
    assert texts(found, "h2 mark") == ["rye"]


def test_other_sections_that_answer_are_linked_below_the_snippet() -> None:
    parts = {"One": "leek and dill", "Two": "A leek.", "Three": "Salt."}
    body, sections = "", []
    for name, said in parts.items():
        sections.append(Section(heading=name, anchor=name.lower(), level=2, start=len(body)))
        body += f"{name}\n{said} {'Salt. ' * 50}\n"
    post = make_post("Kitchen", id="kitchen.md", body=body, sections=tuple(sections))
    found = page(create_app(holding(post)).test_client(), q="leek dill")
    assert text(found, ".section") == "One"
    links = {link.text(): link.attributes["href"] for link in found.css(".sections a")}
    assert links == {"Two": "/posts/kitchen.md#two"}
