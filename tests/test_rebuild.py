"""Is an index that was changed step by step, through crashes and rollbacks, the same as one that was built at once?"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from indexer.engines.whoosh import WhooshEngine
from indexer.settings import Settings
from indexer.sync import sync
from tests.conftest import Counted, is_soak
from tests.disk import Fault, run
from tests.indexer.conftest import fill
from tests.visitor import sees

pytestmark = pytest.mark.soak

NAMES = ("a.md", "b.md", "c.md", "notes/d.md", "notes/ä.md")
WORDS = "bread breads butter salt baked flat-bread whispered".split()
QUESTIONS = ("", "bread", "butter bread", '"bread butter"', "-salt", "flat*", "whispered", "tag:bread", "salt OR baked")
DATES = ("2022-12-31", "2023-08-14", "2023-08-14T12:07:00Z", "2024-01-01")

Page = Mapping[str, Any]
"""What stands in a file, by the names of its fields."""

Files = dict[str, Page]

words = st.lists(st.sampled_from(WORDS), min_size=1, max_size=5).map(" ".join)
tags = st.lists(st.sampled_from(("Bread", "bread", "Salt", "Flat Bread", "flat-bread")), max_size=2)
dates = st.sampled_from(DATES)
pages = st.fixed_dictionaries(
    {"title": words, "body": st.lists(words, min_size=1, max_size=3).map("\n\n## Of salt\n\n".join)},
    optional={"tags": tags, "categories": tags, "date": dates, "description": words, "draft": st.just(True)},
)
names = st.sampled_from(NAMES)


def write(folder: Path, files: Files) -> None:
    """Make *files* what the folder holds, without touching those that it holds already."""
    for path in sorted(folder.rglob("*.md")):
        if path.relative_to(folder).as_posix() not in files:
            path.unlink()
    for name, page in files.items():
        fields = "".join(f"{key}: {value}\n" for key, value in page.items() if key != "body")
        text = f"---\n{fields}---\n{page['body']}\n"
        if not (folder / name).exists() or (folder / name).read_text() != text:
            fill(folder, {name: text})


def public(files: Files) -> Files:
    """Those of *files* that are no drafts."""
    return {name: page for name, page in files.items() if "draft" not in page}


class Site(RuleBasedStateMachine):
    """A folder of posts and its index, beside a plain dict of the files, which cannot be wrong."""

    compared = 0

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(mkdtemp())
        self.content, self.index = self.folder / "content", self.folder / "index"
        self.content.mkdir()
        self.files: Files = {}
        self.held: Files | None = None
        self.before: Files | None = None
        self.fresh: dict[str, Mapping[str, bytes]] = {}

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    @rule(name=names, page=pages)
    def add_or_edit(self, name: str, page: Page) -> None:
        self.files[name] = page

    @rule(name=names, tags=tags)
    def retag(self, name: str, tags: list[str]) -> None:
        self.change(name, tags=tags)

    @rule(name=names, date=dates)
    def redate(self, name: str, date: str) -> None:
        self.change(name, date=date)

    @rule(name=names)
    def draft(self, name: str) -> None:
        self.change(name, draft=True)

    @rule(name=names)
    def undraft(self, name: str) -> None:
        if name in self.files:
            self.files[name] = {key: value for key, value in self.files[name].items() if key != "draft"}

    @rule(old=names, new=names)
    def rename(self, old: str, new: str) -> None:
        if old in self.files:
            self.files[new] = self.files.pop(old)

    @rule(name=names)
    def delete(self, name: str) -> None:
        self.files.pop(name, None)

    def change(self, name: str, **fields: Any) -> None:
        if name in self.files:
            self.files[name] = {**self.files[name], **fields}

    @rule()
    def build(self) -> None:
        write(self.content, self.files)
        sync(Settings(content=self.content, index=self.index, jobs=1))
        self.built()
        self.assert_it_is_as_if_built_at_once()

    @precondition(lambda self: self.held is not None)
    @rule(at=st.integers(0, 90))
    def build_and_crash(self, at: int) -> None:
        write(self.content, self.files)
        fault = Fault(at=at, kind="kill")
        done = run("build", self.content, "--index", self.index, below=self.index, fault=fault)
        if done.code == 0 or self.seen() == self.expected(self.files):
            self.built()
        self.assert_it_is_as_if_built_at_once()

    @precondition(lambda self: self.held is not None)
    @rule()
    def rollback(self) -> None:
        with closing(WhooshEngine(self.index)) as engine:
            assert engine.rollback() == (self.before is not None)
        if self.before is not None:
            self.held, self.before = self.before, None
        self.assert_it_is_as_if_built_at_once()

    def built(self) -> None:
        """What a build that went through has made of the index."""
        old, self.held = self.held, dict(self.files)
        if old is None or public(old) != public(self.files):
            is_taken_away = old is None or public(old).keys() - public(self.files).keys()
            self.before = None if is_taken_away else old

    def assert_it_is_as_if_built_at_once(self) -> None:
        assert self.held is not None
        Site.compared += 1
        seen, expected = self.seen(), self.expected(self.held)
        assert {
            address: (seen[address], expected[address]) for address in seen if seen[address] != expected[address]
        } == {}

    def seen(self) -> Mapping[str, bytes]:
        return sees(self.index, QUESTIONS, NAMES)

    def expected(self, files: Files) -> Mapping[str, bytes]:
        """What visitors see of an index that was built at once."""
        key = repr(sorted((name, sorted(page.items(), key=str)) for name, page in files.items()))
        if key not in self.fresh:
            place = self.folder / "at-once"
            (place / "content").mkdir(parents=True)
            write(place / "content", files)
            sync(Settings(content=place / "content", index=place / "index", jobs=1))
            self.fresh[key] = sees(place / "index", QUESTIONS, NAMES)
            shutil.rmtree(place)
        return self.fresh[key]


def test_after_any_history_every_answer_is_that_of_an_index_built_at_once(counted: Counted) -> None:
    few, many = settings(max_examples=6, stateful_step_count=15), settings(max_examples=200, stateful_step_count=40)
    run_state_machine_as_test(Site, settings=many if is_soak() else few)
    counted("Indexes with a history were held to new ones {times} times: the same to the byte.", times=Site.compared)
