"""What the tests share: a post to write with, and how many examples a property is tried on."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Generator
from hashlib import blake2b
from typing import Any

import pytest
from hypothesis import settings

from indexer.post import Post

# Under CI every run tries the same examples; `make soak` looks for new ones.
settings.register_profile("default", max_examples=50, deadline=None, derandomize=bool(os.environ.get("CI")))
settings.register_profile("soak", max_examples=2_000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.write_line(f"Each property was tried on {settings().max_examples} examples.")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Under CI a test that could not run has failed; only the collection of real posts may be absent there."""
    report = yield
    if (
        report.skipped
        and os.environ.get("CI")
        and not hasattr(report, "wasxfail")
        and "../shared" not in str(report.longrepr)
    ):
        report.outcome = "failed"
        report.longrepr = f"could not run, which fails under CI: {report.longrepr}"
    return report


MakePost = Callable[..., Post]


def make_post(title: str = "Untitled", **fields: Any) -> Post:
    """A post whose id, address and digest follow from the rest, unless *fields* say otherwise."""
    name = re.sub(r"\W+", "-", title).strip("-").lower() or "untitled"
    given = {"id": f"{name}.md", "url": f"/{name}/", "title": title, **fields}
    digest = blake2b(repr(sorted(given.items())).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    return Post(**{"digest": digest, **given})


@pytest.fixture(name="make_post")
def make_post_fixture() -> MakePost:
    return make_post
