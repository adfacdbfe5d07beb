"""Can everybody use the search box, in each of its states and by day and by night?"""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.acts import QUESTIONS, ask, failing, field, options
from tests.browser.conftest import PHONE, Visit

pytestmark = pytest.mark.browser

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")


def idle(page: Page) -> None:
    field(page).focus()


def recent(page: Page) -> None:
    ask(page, "rye")
    page.evaluate("addEventListener('post-search:select', (event) => event.preventDefault())")
    options(page).first.click()
    page.keyboard.press("Control+k")
    field(page).fill("")
    expect(page.get_by_role("group", name="Recent searches")).to_be_visible()


def results(page: Page) -> None:
    ask(page, "sourdough")
    page.keyboard.press("ArrowDown")


def narrowed(page: Page) -> None:
    ask(page, "sourdough")
    page.get_by_role("button", name="Baking 2").click()
    expect(page.get_by_role("status")).to_have_text("2 results")


def corrected(page: Page) -> None:
    ask(page, "pankakes")


def nothing(page: Page) -> None:
    ask(page, "xylophone")


def loading(page: Page) -> None:
    page.route(QUESTIONS, lambda route: None)
    field(page).fill("rye")
    expect(page.locator("[part~=loading]")).to_be_visible()


def offline(page: Page) -> None:
    page.context.set_offline(True)
    field(page).fill("rye")
    expect(page.get_by_text("You are offline").first).to_be_visible()


def busy(page: Page) -> None:
    failing(page, 429, Retry_After="60")
    ask(page, "rye")


def error(page: Page) -> None:
    failing(page, 500)
    ask(page, "rye")


State = Callable[[Page], None]
STATES: list[State] = [idle, recent, results, narrowed, corrected, nothing, loading, offline, busy, error]
LOOKS: dict[str, tuple[str, dict[str, Any], list[State]]] = {
    "inline by day": ("inline", {}, STATES),
    "dialog by night": ("dialog", {"color_scheme": "dark"}, STATES),
    "telephone": ("inline", PHONE, [results, error]),
    "right to left by night": ("hebrew", {"color_scheme": "dark"}, [results, nothing]),
}
CASES = [(look, state) for look, (_, _, states) in LOOKS.items() for state in states]


def shown(visit: Visit, look: str, state: State) -> Page:
    name, options, _ = LOOKS[look]
    page = visit(name, reduced_motion="reduce", **options)
    if name == "dialog" or options is PHONE:
        page.get_by_role("button", name="Search this blog").click()
    state(page)
    return page


def violations(page: Page) -> list[str]:
    """What axe finds wrong with the page: the rules, and where."""
    page.context.new_cdp_session(page).send("Page.setBypassCSP", {"enabled": True})
    page.evaluate(AXE)
    found = page.evaluate("axe.run({ resultTypes: ['violations'] })")
    return [f"{rule['id']}: {node['html']}" for rule in found["violations"] for node in rule["nodes"]]


@pytest.mark.parametrize(("look", "state"), CASES, ids=[f"{look}, {state.__name__}" for look, state in CASES])
def test_axe_finds_nothing_wrong(visit: Visit, look: str, state: State) -> None:
    assert violations(shown(visit, look, state)) == []


def test_axe_finds_nothing_wrong_before_anything_is_asked(visit: Visit) -> None:
    assert violations(visit("dialog")) == []


def test_axe_would_find_a_button_without_a_name(visit: Visit) -> None:
    page = visit()
    page.evaluate("document.querySelector('h1').append(document.createElement('button'))")
    assert [found.partition(":")[0] for found in violations(page)] == ["button-name"]
