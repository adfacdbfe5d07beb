"""Which browser, and which real server, do these tests use? And what may a page never say?"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from tests.browser.sites import published, write_posts, write_site
from tests.server.running import POSTSEARCH, serving

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

#: What the browser itself says of an answer that a test has fail.
FAILED_ON_PURPOSE = ("Failed to load resource",)

DESKTOP: dict[str, Any] = {"viewport": {"width": 1000, "height": 760}}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 780}, "has_touch": True, "is_mobile": True}

Visit = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium here: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("site")


@pytest.fixture(scope="session")
def blog(site_folder: Path) -> Iterator[str]:
    """Where the blog is published."""
    with published(site_folder) as address:
        yield address


@pytest.fixture(scope="session")
def api(blog: str, site_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real server over the posts of the blog, which is another origin than the blog's."""
    folder = tmp_path_factory.mktemp("server")
    (folder / "content").mkdir()
    write_posts(folder / "content")
    subprocess.run([POSTSEARCH, "build", "content", "--index", "index"], cwd=folder, check=True, capture_output=True)
    with serving(folder, "--index", "index", "--site-url", blog, POSTSEARCH_CORS_ORIGINS=blog) as (_, address, _):
        write_site(site_folder, address)
        yield address


@pytest.fixture
def visit(browser: Browser, blog: str, api: str) -> Iterator[Visit]:
    """Opens a page of the blog as a new reader. No page may complain of anything, be it of a policy or of an error."""
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(FAILED_ON_PURPOSE):
            complaints.append(message.text)

    with ExitStack() as contexts:

        def go(name: str = "inline", **options: Any) -> Page:
            context = contexts.enter_context(browser.new_context(**DESKTOP | options))
            context.set_default_timeout(8_000)
            page = context.new_page()
            page.on("console", note)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.goto(f"{blog}/{name}.html")
            return page

        yield go
    assert complaints == []
