"""What does a reader do with the search box, and what befalls it?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Locator, Page, Request, Route, expect

QUESTIONS = "**/api/v1/search?*"
SHARED = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Retry-After"}


def field(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Search this blog")


def options(page: Page) -> Locator:
    return page.get_by_role("option")


def chosen(page: Page) -> Locator:
    return page.locator("[aria-selected=true]")


def ask(page: Page, question: str) -> None:
    """Types *question* and waits for an answer."""
    with page.expect_response(QUESTIONS):
        field(page).fill(question)
    expect(page.locator("[part~=panel] > *").first).to_be_visible()


def questions(page: Page) -> list[str]:
    """Fills up with what the page asks from now on."""
    seen: list[str] = []

    def note(request: Request) -> None:
        if "/api/v1/search" in request.url:
            seen.extend(parse_qs(urlsplit(request.url).query)["q"])

    page.on("request", note)
    return seen


def answering(page: Page, change: Callable[[dict[str, Any]], None]) -> None:
    """Have every answer of the server go through *change*."""

    def answer(route: Route) -> None:
        response = route.fetch()
        body = response.json()
        change(body)
        route.fulfill(response=response, json=body)

    page.route(QUESTIONS, answer)


def failing(page: Page, status: int, **headers: str) -> None:
    told = SHARED | {name.replace("_", "-"): value for name, value in headers.items()}
    page.route(QUESTIONS, lambda route: route.fulfill(status=status, headers=told, body="no"))
