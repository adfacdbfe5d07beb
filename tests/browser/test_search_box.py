"""Does the search box do what a reader expects, with keys, fingers, a bad line and a hostile post?"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.acts import QUESTIONS, answering, ask, chosen, failing, field, options, questions
from tests.browser.conftest import PHONE, Visit
from tests.browser.sites import ATTACK

pytestmark = pytest.mark.browser

# With keys alone


def test_a_post_is_found_and_opened_with_keys_alone(visit: Visit, blog: str) -> None:
    page = visit()
    page.keyboard.press("/")
    page.keyboard.type("sourdough starter")
    expect(options(page).first).to_contain_text("Sourdough for people with jobs")
    page.keyboard.press("ArrowDown")
    expect(chosen(page)).to_have_count(1)
    assert field(page).get_attribute("aria-activedescendant") == chosen(page).get_attribute("id")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{blog}/sourdough/")


def test_a_section_is_opened_where_it_begins(visit: Visit, blog: str) -> None:
    page = visit("dialog")
    page.keyboard.press("Control+k")
    page.keyboard.type("starter doubled")
    expect(options(page).nth(1)).to_contain_text("Feeding the starter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{blog}/sourdough/#feeding-the-starter")


def test_enter_without_a_choice_opens_the_results_page(visit: Visit, api: str) -> None:
    page = visit()
    ask(page, "rye bread")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{api}/search?q=rye+bread")
    expect(page.get_by_role("searchbox")).to_have_value("rye bread")


def test_the_arrows_go_round_and_past_the_text(visit: Visit) -> None:
    page = visit()
    ask(page, "sourdough")
    page.keyboard.press("ArrowUp")
    expect(chosen(page)).to_contain_text("All results")
    page.keyboard.press("ArrowDown")
    expect(chosen(page)).to_have_count(0)
    page.keyboard.press("ArrowDown")
    expect(chosen(page)).to_have_attribute("id", "option-0")
    expect(field(page)).to_be_focused()


def test_control_and_enter_open_another_tab(visit: Visit, blog: str) -> None:
    page = visit()
    ask(page, "rye")
    page.keyboard.press("ArrowDown")
    with page.context.expect_page() as opened:
        page.keyboard.press("Control+Enter")
    opened.value.wait_for_url(f"{blog}/rye/")
    assert page.url.endswith("/inline.html")


def test_the_first_hit_is_chosen_already_if_the_owner_says_so(visit: Visit, blog: str) -> None:
    page = visit("off")
    ask(page, "rye")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{blog}/rye/")


def test_escape_closes_the_list_then_clears_the_text(visit: Visit) -> None:
    page = visit()
    ask(page, "rye")
    expect(field(page)).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Escape")
    expect(options(page)).to_have_count(0)
    expect(field(page)).to_have_attribute("aria-expanded", "false")
    expect(field(page)).to_have_value("rye")
    page.keyboard.press("Escape")
    expect(field(page)).to_have_value("")


def test_escape_clears_the_text_then_closes_the_dialog_and_gives_the_focus_back(visit: Visit) -> None:
    page = visit("dialog")
    opener = page.get_by_role("button", name="Search this blog")
    opener.focus()
    page.keyboard.press("Enter")
    ask(page, "rye")
    page.keyboard.press("Escape")
    expect(field(page)).to_have_value("")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(opener).to_be_focused()


def test_the_keys_that_open_the_dialog_close_it(visit: Visit) -> None:
    page = visit("dialog")
    page.keyboard.press("Control+k")
    expect(field(page)).to_be_focused()
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_slash_in_another_field_is_a_slash(visit: Visit) -> None:
    page = visit()
    page.locator("#note").focus()
    page.keyboard.type("a/b")
    expect(page.locator("#note")).to_have_value("a/b")
    expect(page.locator("#note")).to_be_focused()


def test_the_keys_can_be_left_to_the_page(visit: Visit) -> None:
    page = visit("off")
    page.keyboard.press("/")
    page.keyboard.press("Control+k")
    expect(field(page)).not_to_be_focused()


def test_a_box_that_was_taken_away_listens_no_more(visit: Visit) -> None:
    page = visit("dialog")
    page.evaluate("window.box = document.querySelector('post-search'); box.remove()")
    page.keyboard.press("/")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.evaluate("document.body.append(box)")
    page.keyboard.press("/")
    expect(page.get_by_role("dialog")).to_be_visible()


def test_the_list_closes_when_the_reader_goes_on(visit: Visit) -> None:
    page = visit()
    ask(page, "rye")
    page.get_by_role("heading", name="Bread").click()
    expect(options(page)).to_have_count(0)
    field(page).click()
    expect(options(page).first).to_be_visible()
    page.locator("#note").focus()
    expect(options(page)).to_have_count(0)


def test_letters_under_composition_are_not_asked_for(visit: Visit) -> None:
    page = visit()
    seen = questions(page)
    field(page).focus()
    keyboard = page.context.new_cdp_session(page)
    for text in ("l", "le", "lec", "לח"):
        keyboard.send("Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)})
        page.wait_for_timeout(160)
    assert seen == []
    with page.expect_response(QUESTIONS):
        keyboard.send("Input.insertText", {"text": "לחם"})
    expect(options(page).first).to_contain_text("לחם מחמצת ביתי")
    assert seen == ["לחם"]


# On a bad line


def test_quick_typing_asks_once(visit: Visit) -> None:
    page = visit()
    seen = questions(page)
    page.clock.install()
    page.clock.pause_at(page.evaluate("Date.now()") / 1_000 + 1)
    field(page).focus()
    page.keyboard.type("sourdough")
    assert seen == []
    page.clock.run_for(200)
    expect(options(page).first).to_be_visible()
    assert seen == ["sourdough"]


def test_a_late_answer_to_an_older_question_is_not_shown(visit: Visit) -> None:
    page = visit()
    held: list[Route] = []
    page.route("**/api/v1/search?q=rye*", lambda route: held.append(route))
    with page.expect_request(QUESTIONS):
        field(page).fill("rye")
    with page.expect_event("requestfailed"):
        ask(page, "pancakes")
    held[0].continue_()
    page.wait_for_timeout(300)
    expect(options(page).first).to_contain_text("What to do with old sourdough")
    expect(page.get_by_text("A rye loaf")).to_have_count(0)


def test_what_was_answered_once_is_remembered(visit: Visit) -> None:
    page = visit()
    ask(page, "rye")
    ask(page, "pancakes")
    seen = questions(page)
    field(page).fill("rye")
    expect(options(page).first).to_contain_text("A rye loaf without a tin")
    assert seen == []


def test_a_slow_answer_is_waited_for_in_sight(visit: Visit) -> None:
    page = visit()
    held: list[Route] = []
    page.route(QUESTIONS, lambda route: held.append(route))
    field(page).fill("rye")
    expect(page.locator("[part~=loading]")).to_be_visible()
    held.pop().continue_()
    expect(options(page).first).to_contain_text("A rye loaf")
    field(page).fill("pancakes")
    expect(page.locator("[aria-busy=true]")).to_contain_text("A rye loaf")
    held.pop().continue_()
    expect(options(page).first).to_contain_text("What to do")
    expect(page.locator("[aria-busy=true]")).to_have_count(0)


def test_a_search_goes_on_when_the_reader_is_online_again(visit: Visit) -> None:
    page = visit()
    page.context.set_offline(True)
    field(page).fill("rye")
    expect(page.get_by_text("You are offline")).to_be_visible()
    page.context.set_offline(False)
    expect(options(page).first).to_contain_text("A rye loaf")


def test_a_busy_server_is_asked_again_when_it_said_so(visit: Visit) -> None:
    page = visit()
    failing(page, 429, Retry_After="2")
    ask(page, "rye")
    expect(page.get_by_text("Trying again in 2 seconds.")).to_be_visible()
    expect(page.get_by_text("Trying again in 1 second.")).to_be_visible()
    page.unroute(QUESTIONS)
    expect(options(page).first).to_contain_text("A rye loaf")


def test_a_server_in_trouble_leaves_a_way_on(visit: Visit, api: str) -> None:
    page = visit()
    failing(page, 500)
    ask(page, "rye")
    expect(page.get_by_text("The search does not answer")).to_be_visible()
    expect(page.get_by_role("link", name="Open the results page")).to_have_attribute("href", f"{api}/search?q=rye")
    page.unroute(QUESTIONS)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(options(page).first).to_contain_text("A rye loaf")
    expect(field(page)).to_be_focused()


def test_an_answer_that_never_comes_is_given_up(visit: Visit) -> None:
    page = visit()
    page.evaluate("{ const wait = AbortSignal.timeout; AbortSignal.timeout = (t) => wait.call(AbortSignal, t / 20) }")
    page.route(QUESTIONS, lambda route: None)
    field(page).fill("rye")
    expect(page.get_by_text("The search does not answer")).to_be_visible()


def test_the_form_works_without_javascript(visit: Visit, api: str) -> None:
    page = visit(java_script_enabled=False)
    page.get_by_role("searchbox", name="Search this blog").fill("rye")
    page.get_by_role("button", name="Search").click()
    page.wait_for_url(f"{api}/search?q=rye")


def test_the_form_stays_where_the_script_does_not_arrive(visit: Visit, api: str) -> None:
    page = visit("elsewhere")
    page.route("**/post-search.js", lambda route: route.abort())
    page.reload()
    page.get_by_role("searchbox", name="Search this blog").fill("rye")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{api}/search?q=rye")


def test_what_was_typed_before_the_script_came_is_kept(visit: Visit) -> None:
    page = visit("elsewhere")
    held: list[Route] = []
    page.route("**/post-search.js", lambda route: held.append(route))
    with page.expect_request("**/post-search.js"):
        page.goto(page.url.replace("elsewhere", "early"), wait_until="commit")
    page.get_by_role("searchbox", name="Search this blog").fill("rye")
    held[0].continue_()
    expect(field(page)).to_have_value("rye")
    expect(field(page)).to_be_focused()
    expect(options(page).first).to_contain_text("A rye loaf")


# Hostile posts


def test_a_hostile_post_runs_nothing_and_is_shown_as_it_is(visit: Visit) -> None:
    page = visit()
    ask(page, "hostile")
    expect(options(page).nth(0)).to_contain_text(f"{ATTACK} hostile title")
    expect(options(page).nth(1)).to_contain_text(f"Hostile {ATTACK} heading")
    expect(page.locator("[part~=snippet]").first).to_contain_text(ATTACK)
    assert page.evaluate("window.harmed") is None
    assert page.locator("post-search").locator("img, script").count() == 0


def test_a_hostile_tag_runs_nothing(visit: Visit) -> None:
    page = visit()

    def add(answer: dict[str, Any]) -> None:
        answer["facets"]["tags"].append({"value": ATTACK, "count": 1, "selected": False})
        answer["total"] += 1

    answering(page, add)
    ask(page, "sourdough")
    expect(page.get_by_role("button", name=ATTACK)).to_be_visible()
    assert page.evaluate("window.harmed") is None


@pytest.mark.parametrize(
    "address", ["javascript:window.harmed='yes'", "data:text/html,<script>alert(1)</script>", "file:///"]
)
def test_an_address_that_is_no_page_leads_to_the_results_instead(visit: Visit, api: str, address: str) -> None:
    page = visit()
    answering(page, lambda answer: answer["results"][0].update(url=address, section={"heading": "H", "url": address}))
    ask(page, "rye")
    for option in options(page).all()[:2]:
        assert option.get_attribute("href") == f"{api}/search?q=rye"


# What is shown


def test_a_passage_shows_why_it_was_found(visit: Visit) -> None:
    page = visit()
    ask(page, "sticky")
    marks = page.locator("mark")
    assert marks.all_inner_texts() == ["sticky"]


def test_sections_and_marked_titles_are_shown_where_the_server_tells_them(visit: Visit, blog: str) -> None:
    page = visit()

    def enrich(answer: dict[str, Any]) -> None:
        hit = answer["results"][0]
        hit["title_marks"] = [
            {"text": "A ", "marked": False},
            {"text": "rye", "marked": True},
            {"text": " loaf", "marked": False},
        ]
        hit["sections"] = [
            {"heading": "First", "url": hit["url"] + "#first", "snippet": hit["snippet"]},
            {"heading": "Second", "url": hit["url"] + "#second", "snippet": [{"text": "Found", "marked": True}]},
        ]

    answering(page, enrich)
    ask(page, "rye")
    assert options(page).locator("mark").all_inner_texts()[0] == "rye"
    assert [option.get_attribute("href") for option in options(page).all()] == [
        f"{blog}/rye/{anchor}" for anchor in ("", "#first", "#second")
    ]
    expect(options(page).nth(0)).not_to_contain_text("sticky")  # it stands below the first section already
    expect(options(page).nth(2)).to_contain_text("Found")


def test_nothing_found_is_said_with_a_hint(visit: Visit) -> None:
    page = visit()
    ask(page, "xylophone")
    expect(page.get_by_text("No results for “xylophone”").first).to_be_visible()
    expect(page.get_by_text("Check the spelling")).to_be_visible()
    expect(page.get_by_role("status")).to_have_text("No results for “xylophone”")


def test_a_mistyped_word_is_put_right_with_two_keys(visit: Visit) -> None:
    page = visit()
    ask(page, "pankakes")
    page.keyboard.press("ArrowDown")
    expect(chosen(page)).to_have_text("Did you mean pancakes")
    with page.expect_response(QUESTIONS):
        page.keyboard.press("Enter")
    expect(field(page)).to_have_value("pancakes")
    expect(field(page)).to_be_focused()


def test_a_screen_reader_is_told_how_many_there_are(visit: Visit) -> None:
    page = visit()
    ask(page, "sourdough")
    expect(page.get_by_role("status")).to_have_text("10 results")
    ask(page, "rye")
    expect(page.get_by_role("status")).to_have_text("1 result")


def test_tags_narrow_and_widen_with_keys(visit: Visit, api: str) -> None:
    page = visit()
    ask(page, "sourdough")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    baking = page.get_by_role("button", name="Baking 2")
    expect(baking).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("2 results")
    expect(baking).to_be_focused()
    expect(baking).to_have_attribute("aria-pressed", "true")
    rye = page.get_by_role("button", name="Rye 1")
    rye.click()
    expect(page.get_by_role("status")).to_have_text("1 result")
    field(page).press("Enter")
    page.wait_for_url(re.compile("/search"))
    assert parse_qs(urlsplit(page.url).query) == {"q": ["sourdough"], "tag": ["Baking", "Rye"]}
    page.go_back()
    ask(page, "sourdough")
    expect(page.get_by_role("button", name="Notes 7")).to_be_visible()


def test_a_chosen_tag_is_let_go_again(visit: Visit) -> None:
    page = visit()
    ask(page, "sourdough")
    page.get_by_role("button", name="Leftovers 1").click()
    expect(page.get_by_role("status")).to_have_text("1 result")
    page.get_by_role("button", name="Leftovers 1").click()
    expect(page.get_by_role("status")).to_have_text("10 results")


def test_hidden_fields_of_the_form_narrow_every_question(visit: Visit) -> None:
    page = visit("narrowed")
    ask(page, "bake")
    expect(page.get_by_role("status")).to_have_text("1 result")
    expect(page.get_by_role("button", name="Rye")).to_have_count(0)  # it could not be let go


def test_a_field_that_has_the_focus_opens_no_dialog_by_itself(visit: Visit) -> None:
    page = visit("elsewhere", **PHONE)
    held: list[Route] = []
    page.route("**/post-search.js", lambda route: held.append(route))
    with page.expect_request("**/post-search.js"):
        page.goto(page.url.replace("elsewhere", "early"), wait_until="commit")
    page.get_by_role("searchbox", name="Search this blog").focus()
    held[0].continue_()
    expect(page.locator("[part~=button]")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_as_many_posts_are_shown_as_the_owner_wants(visit: Visit) -> None:
    page = visit("off")
    ask(page, "note")
    assert page.get_by_role("group").filter(has_text="Kitchen").count() == 2
    expect(options(page).last).to_contain_text("All results")


def test_what_was_looked_for_is_offered_again_and_can_be_forgotten(visit: Visit, blog: str) -> None:
    page = visit("dialog")
    page.keyboard.press("/")
    ask(page, "rye")
    options(page).first.click()
    page.wait_for_url(f"{blog}/rye/")
    page.go_back()
    page.keyboard.press("/")
    expect(page.get_by_role("group", name="Recent searches")).to_have_text("rye")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(options(page).first).to_contain_text("A rye loaf")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Forget them").click()
    expect(options(page)).to_have_count(0)
    assert page.evaluate("localStorage.length") == 0
    expect(field(page)).to_be_focused()


def test_nothing_is_kept_of_a_question_that_led_nowhere_or_if_the_owner_says_so(visit: Visit, blog: str) -> None:
    page = visit()
    ask(page, "rye")
    assert page.evaluate("localStorage.length") == 0
    page.goto(page.url.replace("inline", "off"))
    ask(page, "rye")
    options(page).first.click()
    page.wait_for_url(f"{blog}/rye/")
    page.go_back()
    assert page.evaluate("localStorage.length") == 0


def test_it_works_where_nothing_can_be_stored(visit: Visit, blog: str) -> None:
    page = visit()
    page.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('forbidden') } })")
    page.reload()
    ask(page, "rye")
    options(page).first.click()
    page.wait_for_url(f"{blog}/rye/")


# For the owner of the site


def test_the_page_is_told_what_is_asked_and_what_is_chosen(visit: Visit, blog: str) -> None:
    page = visit()
    page.evaluate(
        """() => { window.told = [];
        for (const name of ["query", "select", "error"]) document.addEventListener(`post-search:${name}`, (event) => {
          told.push([name, event.detail]); event.preventDefault(); }) }"""
    )
    ask(page, "rye")
    options(page).first.click()
    failing(page, 500)
    ask(page, "other")
    assert page.url.endswith("/inline.html")
    found = {"query": "rye", "tags": []}
    assert page.evaluate("told") == [
        ["query", found | {"total": 1}],
        ["select", found | {"url": f"{blog}/rye/", "title": "A rye loaf without a tin", "position": 1}],
        ["error", {"query": "other", "tags": [], "status": 500}],
    ]


def test_it_speaks_german_on_a_german_page(visit: Visit) -> None:
    page = visit("german")
    ask(page, "xylophon")
    expect(page.get_by_text("Keine Treffer für „xylophon“").first).to_be_visible()
    ask(page, "rye")
    expect(page.get_by_role("status")).to_have_text("1 Treffer")
    expect(page.locator("time")).to_have_text("04.11.2023")


def test_it_speaks_what_a_file_of_the_owner_says(visit: Visit) -> None:
    page = visit("french")
    page.get_by_role("button", name="Search this blog").click()
    ask(page, "sourdough")
    expect(page.get_by_role("status")).to_have_text("10 résultats")
    expect(page.get_by_role("button", name="Fermer")).to_be_visible()
    expect(options(page).last).to_contain_text("All results")  # which the file leaves out


def test_every_string_is_there_in_every_language(visit: Visit) -> None:
    page = visit()
    words = page.evaluate("customElements.get('post-search').words")
    assert words["de"].keys() == words["en"].keys()


def test_colours_are_the_owners_to_choose(visit: Visit) -> None:
    page = visit()
    page.evaluate("document.querySelector('post-search').style.setProperty('--post-search-paper', 'rgb(1, 2, 3)')")
    ask(page, "rye")
    expect(page.locator("[part~=panel]")).to_have_css("background-color", "rgb(1, 2, 3)")


# On every device


def test_it_fills_the_screen_of_a_phone_and_fingers_hit_everything(visit: Visit) -> None:
    page = visit(**PHONE)
    page.get_by_role("button", name="Search this blog").tap()
    ask(page, "sourdough")
    assert page.get_by_role("dialog").bounding_box() == {"x": 0, "y": 0, "width": 390, "height": 780}
    targets = [*options(page).all(), *page.get_by_role("dialog").get_by_role("button").all()]
    heights = [box["height"] for target in targets if (box := target.bounding_box())]
    assert len(heights) > 8
    assert min(heights) >= 44
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.get_by_role("button", name="Close").tap()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_telephone_that_is_turned_keeps_the_question(visit: Visit) -> None:
    page = visit(**PHONE)
    page.get_by_role("button", name="Search this blog").tap()
    ask(page, "rye")
    page.set_viewport_size({"width": 780, "height": 390})
    expect(field(page)).to_have_value("rye")


@pytest.mark.parametrize("name", ["inline", "hebrew"])
def test_the_list_stays_within_the_window(visit: Visit, name: str) -> None:
    page = visit(name, viewport={"width": 700, "height": 700})
    page.evaluate("document.querySelector('header').style.maxWidth = '14rem'")
    for side in ("0 auto", "auto 0"):
        page.evaluate(f"document.querySelector('header').style.marginInline = '{side.replace(' ', ';').split(';')[0]}'")
        ask(page, "sourdough" if side == "0 auto" else "note")
        box = page.locator("[part~=panel]").bounding_box()
        assert box
        assert box["width"] > 500
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 700


def test_it_reads_from_right_to_left(visit: Visit) -> None:
    page = visit("hebrew")
    ask(page, "לחם")
    title, date = options(page).first.locator("b").bounding_box(), page.locator("time").first.bounding_box()
    assert title
    assert date
    assert title["x"] > date["x"]


def brightness(page: Page, what: str) -> float:
    colour = page.locator(what).evaluate("element => getComputedStyle(element).backgroundColor")
    return sum(map(float, re.findall(r"[\d.]+", colour)[:3])) / 3


@pytest.mark.parametrize("mode", ["inline", "dialog"])
def test_it_is_light_by_day_and_dark_by_night(visit: Visit, mode: str) -> None:
    ground = "[part~=panel]" if mode == "inline" else "dialog"
    day, night = visit(mode), visit(mode, color_scheme="dark")
    for page in (day, night):
        page.keyboard.press("/")
        ask(page, "rye")
    assert brightness(day, ground) > 230
    assert brightness(night, ground) < 50


def test_it_stays_light_on_a_page_that_knows_no_dark(visit: Visit) -> None:
    page = visit(color_scheme="dark")
    page.evaluate("document.documentElement.style.colorScheme = 'light'")
    ask(page, "rye")
    assert brightness(page, "[part~=panel]") > 230


def test_nothing_moves_for_those_who_want_it_still(visit: Visit) -> None:
    still, moving = visit("dialog", reduced_motion="reduce"), visit("dialog")
    for page, animation in ((still, "none"), (moving, "in")):
        page.keyboard.press("/")
        expect(page.get_by_role("dialog")).to_have_css("animation-name", animation)


def test_the_choice_is_seen_in_colours_that_the_reader_forces(visit: Visit) -> None:
    page = visit(forced_colors="active")
    ask(page, "rye")
    page.keyboard.press("ArrowDown")
    expect(chosen(page)).to_have_css("outline-style", "solid")
