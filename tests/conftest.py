"""What the tests share: a post to write with, and how many examples a property is tried on."""

from __future__ import annotations

import os
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Generator, Sequence
from hashlib import blake2b
from typing import Any, TypeVar

import pytest
from hypothesis import settings

from indexer.post import Post

# Under CI every run tries the same examples; `make soak` looks for new ones.
settings.register_profile("default", max_examples=50, deadline=None, derandomize=bool(os.environ.get("CI")))
settings.register_profile("soak", max_examples=2_000, deadline=None)
Thing = TypeVar("Thing")

settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def sample(things: Sequence[Thing], few: int) -> Sequence[Thing]:
    """All of *things* in `make soak`; else *few* of them, evenly spread, with the first and the last."""
    if is_soak() or len(things) <= few:
        return things
    return [things[number * (len(things) - 1) // (few - 1)] for number in range(few)]


def is_soak() -> bool:
    """Whether this is `make soak`, which takes its time."""
    return settings().max_examples >= settings.get_profile("soak").max_examples


Counted = Callable[..., None]


@pytest.fixture
def counted(record_property: Callable[[str, object], None]) -> Counted:
    """Notes how often something was tried, for the last lines of the output: a sentence, and its numbers to add up."""
    return lambda sentence, **numbers: record_property("counted", (sentence, numbers))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.write_line(f"Each property was tried on {settings().max_examples} examples.")
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    for report in terminalreporter.stats.get("passed", []):
        for name, value in report.user_properties:
            if name == "counted":
                sums[value[0]].update(value[1])
    for sentence, numbers in sums.items():
        terminalreporter.write_line(sentence.format(**numbers))


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
