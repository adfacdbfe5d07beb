"""Which commands are cut short by the tests of crashes and power cuts, and what must hold after that?"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from extras.checkup import check_index
from indexer.engines.whoosh import WhooshEngine
from indexer.engines.whoosh.generations import MANIFEST, Generations, Manifest, measure
from indexer.errors import PostsearchError
from indexer.search import search
from indexer.settings import Settings
from tests.disk import Done, Fault, run
from tests.indexer.conftest import fill, under

Content = Mapping[str, str]
"""Files, by their names."""

FIRST: Content = {f"{n}.md": under(f"title: Post {n}\ntags: [t{n % 2}]", f"bread word{n}") for n in range(4)}
EDITED = {**FIRST, "1.md": under("title: Post 1\ntags: [new]", "bread anew"), "4.md": under("title: Post 4", "butter")}
SECRET = {**FIRST, "secret.md": under("title: Whispered", "whispered")}
DRAFTED = {**EDITED, "secret.md": under("title: Whispered\ndraft: true", "whispered")}
MANY = {f"{n}.md": under(f"title: Post {n}", f"bread word{n}") for n in range(10, 22)}


@dataclass(frozen=True)
class Scene:
    """What is built, one after the other, before the command that something happens to; and what holds after it."""

    before: tuple[Content, ...]
    content: Content
    command: str = "build"
    after: Content | None = None
    """What holds after the command, if not what is in the content folder."""

    constants: Mapping[str, int] = field(default_factory=dict)
    is_of_old: bool = False
    """Whether an index lies there as the first version made it, which knew no generations."""


SCENES = {
    "a first build": Scene((), FIRST),
    "one edited, one added": Scene((FIRST,), EDITED),
    "one edited, one added, one made a draft": Scene((FIRST, SECRET), DRAFTED),
    "one deleted": Scene((SECRET,), FIRST),
    "small segments become one": Scene((FIRST, EDITED), {**EDITED, **MANY}, constants={"MOST_SEGMENTS": 1}),
    "all is read again": Scene((FIRST,), EDITED, command="build --full"),
    "several processes write": Scene((FIRST,), {**EDITED, **MANY}, constants={"FEWEST": 3}),
    "a rollback": Scene((FIRST, EDITED), EDITED, command="rollback", after=FIRST),
    "an index of old is replaced": Scene((), FIRST, is_of_old=True),
}


EXIT_CODES = {"kill": -9, "SIGINT": 130, "SIGTERM": 143}


def held(index: Path) -> Any:
    """All that readers can see of an index; or why they cannot see anything."""
    try:
        with closing(WhooshEngine(index)) as engine:
            posts = {id: engine.post(id) for id in engine.urls()}
            answers = [search(engine, question) for question in ("bread", "whispered", "tag:new", "")]
            return posts, engine.tags(), engine.generation, [(answer.total, answer.hits) for answer in answers]
    except PostsearchError as error:
        return type(error).__name__


def rubbish(index: Path) -> Iterator[str]:
    """What lies in an index that should not."""
    for path in index.iterdir():
        if path.name not in ("current", "due", "seen") and not path.name.isdecimal():
            yield path.name
    places = Generations(index).all()
    if len(places) > 2:
        yield f"{len(places)} generations"
    for place in places:
        manifest = msgspec.json.decode((place / MANIFEST).read_bytes().partition(b"\n")[0], type=Manifest)
        found = {path.name: measure(path) for path in place.iterdir() if path.name != MANIFEST}
        if found != manifest.files:
            yield f"{place.name} holds {sorted(found)}, its manifest says {sorted(manifest.files)}"


def leaks(index: Path) -> Iterator[str]:
    """The files that hold what is public no more."""
    for path in index.rglob("*"):
        if path.is_file() and b"whisper" in path.read_bytes():
            yield f"leaked by {path}"


@dataclass(frozen=True)
class Play:
    """A scene on the disk: what holds before it and after it, and what every visitor sees."""

    scene: Scene
    folder: Path

    @property
    def index(self) -> Path:
        return self.folder / "index"

    @property
    def start(self) -> Path:
        return self.folder / "start"

    def prepare(self) -> None:
        if self.scene.is_of_old:
            fill(self.index / "current", {"_MAIN_1.toc": "of old", "MAIN_x.seg": "of old", "MAIN_y.seg": "of old"})
        for content in self.scene.before:
            self.write(content)
            assert self.run("build").code == 0
        self.write(self.scene.content)
        self.index.mkdir(exist_ok=True)
        self.index.rename(self.start)

    def write(self, content: Content) -> None:
        shutil.rmtree(self.folder / "content", ignore_errors=True)
        fill(self.folder / "content", dict(content))

    def run(self, command: str, fault: Fault | None = None, below: Path | None = None) -> Done:
        where = [] if command == "rollback" else [self.folder / "content"]
        arguments: list[str | Path] = [*command.split(), *where, "--index", self.index]
        return run(*arguments, below=below or self.index, fault=fault, **self.scene.constants)

    def set(self) -> None:
        """Put the index where it was before the command."""
        shutil.rmtree(self.index, ignore_errors=True)
        if any(self.start.iterdir()):
            shutil.copytree(self.start, self.index, symlinks=True, copy_function=os.link)

    def count(self, kind: str) -> int:
        """How many operations there are at which that kind of fault can happen."""
        self.set()
        done = self.run(self.scene.command, Fault(at=1 << 40, kind=kind))
        assert done.code == 0, done.err
        return done.count

    def harmed(self, fault: Fault, old: Any, new: Any, last: Any) -> Iterator[str]:
        """What goes wrong when the fault happens."""
        self.set()
        done = self.run(self.scene.command, fault)
        now = held(self.index)
        if now not in (old, new) and not (isinstance(old, str) and isinstance(now, str)):
            yield f"broken: {now}"
        if done.code == 0 and now != new:
            yield "lost, though it said that all is well"
        if done.code not in (0, EXIT_CODES.get(fault.kind, 5)):
            yield f"exit code {done.code}"
        if done.code > 0 and (not done.err.startswith("postsearch: ") or done.err.count("\n") != 1):
            yield f"said {done.err}"
        findings = check_index(Settings(index=self.index))
        if findings.errors and not isinstance(now, str):
            yield f"check says {findings.errors}"
        again = self.run("build")
        if again.code or held(self.index) != last:
            yield f"the next build ended with {again.code} {again.err}: {held(self.index)}"
        yield from (f"left behind: {thing}" for thing in rubbish(self.index))
        yield from leaks(self.index)
