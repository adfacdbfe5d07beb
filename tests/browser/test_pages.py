"""Can everybody use the pages of the server itself, on any screen, by day and by night, and without a script?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_search_box_access import violations

pytestmark = pytest.mark.browser

PAGES = {
    "results": "/search?q=sourdough",
    "narrowed": "/search?q=sourdough&year=2021&tag=Notes",
    "nothing": "/search?q=xylophone&tag=Baking",
    "corrected": "/search?q=pankakes",
    "newest": "/search",
    "a mistake": "/search?q=tag:+sourdough",
    "out of bounds": "/search?page=0",
    "a post": "/posts/sourdough.md",
    "no post": "/posts/none.md",
    "the demo": "/demo",
    "the API": "/api",
}
LOOKS: dict[str, dict[str, Any]] = {
    "desktop by day": DESKTOP,
    "telephone by night": PHONE | {"color_scheme": "dark"},
}

Open = Callable[..., Page]


@pytest.fixture
def opened(browser: Browser, api: str) -> Iterator[Open]:
    """Opens a page of the server. None may complain, or be wider than the screen."""
    complaints: list[str] = []
    with ExitStack() as contexts:

        def go(path: str, **options: Any) -> Page:
            page = contexts.enter_context(browser.new_context(**options)).new_page()
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.goto(api + path)
            return page

        yield go
    assert complaints == []


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_wrong_and_nothing_hangs_out(opened: Open, name: str, look: str) -> None:
    page = opened(PAGES[name], **LOOKS[look])
    width = page.viewport_size["width"] if page.viewport_size else 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(page) == []


def test_a_year_of_the_timeline_narrows_the_list_without_a_script(opened: Open) -> None:
    page = opened(PAGES["results"], java_script_enabled=False)
    page.get_by_role("link", name="2021: 7 posts").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("7 posts")
    page.get_by_role("link", name="2021: 7 posts – chosen, remove").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("10 posts")


def test_the_box_of_the_demo_answers_with_the_keyboard_alone(opened: Open) -> None:
    page = opened("/demo", **DESKTOP)
    page.keyboard.press("/")
    page.keyboard.type("rye")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/rye/", wait_until="commit")
