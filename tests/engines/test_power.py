"""Is the index old or new after a power cut, at any moment of a build and whatever the disk had not made sure of?

The model is that of Pillai and others, "All File Systems Are Not Created Equal" (OSDI 2014), at its worst. What was
written to a file is sure once that file was synchronised; a name in a folder, once that folder was. Of anything else
any part may be lost, in any order: a file may be there with nothing in it, with half of what was written, or with
zeros, as some file systems leave it; a name may be missing, or still be there after it was removed. What POSIX says is
one step stays one step: a file that is renamed has one of the two names.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.conftest import Counted, is_soak, sample
from tests.disk import CHANGING, Operation
from tests.engines.scenes import SCENES, Play, held, leaks, rubbish

pytestmark = [pytest.mark.soak, pytest.mark.slow]


@dataclass(eq=False)
class Node:
    """A file, a link or a folder: what is sure of it, and what is not yet."""

    target: str = ""
    sure: bytes = b""
    written: bytes = b""
    names: dict[str, Node] = field(default_factory=dict)
    """What is sure of a folder."""

    steps: list[dict[str, Node | None]] = field(default_factory=list)
    """What was done in a folder since: each step gives names to nodes, or takes them away."""

    is_folder: bool = False

    def now(self) -> dict[str, Node]:
        """The names in a folder as programs see them."""
        return after(self.names, self.steps)


def after(names: dict[str, Node], steps: Iterable[dict[str, Node | None]]) -> dict[str, Node]:
    changed: dict[str, Node | None] = dict(names)
    for step in steps:
        changed |= step
    return {name: node for name, node in changed.items() if node is not None}


class Disk:
    """What may be on a disk if the power is cut after some operations below *root*."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.top = self.load(root)

    def load(self, place: Path) -> Node:
        """What lies there now, all of it sure."""
        if place.is_symlink():
            return Node(target=str(place.readlink()))
        if place.is_dir():
            return Node(is_folder=True, names={path.name: self.load(path) for path in place.iterdir()})
        return Node(sure=place.read_bytes(), written=place.read_bytes())

    def folder(self, path: str) -> Node:
        """The folder that *path* lies in."""
        node = self.top
        for name in Path(path).relative_to(self.root).parts[:-1]:
            node = node.now()[name]
        return node

    def node(self, path: str) -> Node:
        return self.top if Path(path) == self.root else self.folder(path).now()[Path(path).name]

    def do(self, operation: Operation) -> None:
        """Do what a program did."""
        path, name = operation.path, Path(operation.path).name
        match operation.name:
            case "write":
                self.node(path).written += operation.data
            case "fsync":
                node = self.node(path)
                node.sure, node.names, node.steps = node.written, node.now(), []
            case "mkdir":
                if name not in self.folder(path).now():
                    self.folder(path).steps.append({name: Node(is_folder=True)})
            case "create":
                if name not in self.folder(path).now():
                    self.folder(path).steps.append({name: Node()})
            case "symlink":
                self.folder(path).steps.append({name: Node(target=operation.other)})
            case "link":
                self.folder(operation.other).steps.append({Path(operation.other).name: self.node(path)})
            case "rename" | "replace":
                other = Path(operation.other).name
                assert self.folder(path) is self.folder(operation.other), "all is renamed where it lies"
                self.folder(path).steps.append({name: None, other: self.node(path)})
            case "unlink" | "rmdir" | "remove":
                if name in self.folder(path).now():
                    self.folder(path).steps.append({name: None})
            case unknown:
                raise AssertionError(f"nobody knows what a power cut makes of {unknown}")

    def restore(self, place: Path, node: Node, loss: Loss) -> None:
        """Put at *place* what *loss* leaves of it."""
        if node.target:
            place.symlink_to(node.target)
        elif node.is_folder:
            place.mkdir()
            for name, inner in after(node.names, loss.steps(node.steps)).items():
                self.restore(place / name, inner, loss)
        else:
            place.write_bytes(loss.data(node))


@dataclass(frozen=True)
class Loss:
    """What a power cut leaves of that of which the disk was not sure."""

    steps: Callable[[Sequence[dict[str, Node | None]]], Sequence[dict[str, Node | None]]]
    data: Callable[[Node], bytes]


def every(things: Sequence[Any]) -> Sequence[Any]:
    return things


def none(things: Sequence[Any]) -> Sequence[Any]:
    return things[:0]


def zeros(node: Node) -> bytes:
    return node.sure + bytes(len(node.written) - len(node.sure))


def by_half(node: Node) -> bytes:
    return node.written[: (len(node.sure) + len(node.written)) // 2]


LOSSES = {
    "nothing that was not sure": Loss(none, lambda node: node.sure),
    "all names, but empty files": Loss(every, lambda node: node.sure),
    "all names, but files of zeros": Loss(every, zeros),
    "all names, but half the files": Loss(every, by_half),
    "all data, but no names": Loss(none, lambda node: node.written),
    "all but the first step in each folder": Loss(lambda steps: steps[1:], lambda node: node.written),
    "the last step in each folder alone": Loss(lambda steps: steps[-1:], lambda node: node.written),
}


def at_random(seed: int) -> Loss:
    """Each step is lost or not, and of each file any part."""
    random = Random(seed)

    def some(steps: Sequence[Any]) -> Sequence[Any]:
        return [step for step in steps if random.random() < 0.5]

    def part(node: Node) -> bytes:
        return random.choice([node.sure, node.written, zeros(node), by_half(node)])

    return Loss(some, part)


def losses(number: int, *, whether_last: bool) -> Sequence[tuple[str, Loss]]:
    """What is tried at one moment: of a sample, another one each time."""
    tried = [
        *LOSSES.items(),
        *((f"at random {seed}", at_random(seed)) for seed in range(20 * number, 20 * number + 20)),
    ]
    if is_soak():
        return tried
    return tried[:1] if whether_last else [tried[number % (len(LOSSES) + 1)]]


def harmed(play: Play, disk: Disk, loss: Loss, right: Sequence[Any], last: Any) -> Iterator[str]:
    """What goes wrong when the power is cut, and all is started again."""
    shutil.rmtree(play.index, ignore_errors=True)
    lies = after(disk.top.names, loss.steps(disk.top.steps)).get(play.index.name)
    if lies:
        disk.restore(play.index, lies, loss)
    now = held(play.index)
    if now not in right and not (isinstance(right[0], str) and isinstance(now, str)):
        yield f"broken, or lost: {now}"
    if right[0] == last:
        yield from leaks(play.index)
    again = play.run("build")
    if again.code or held(play.index) != last:
        yield f"the next build ended with {again.code} {again.err}: {held(play.index)}"
    yield from (f"left behind: {thing}" for thing in rubbish(play.index))


@pytest.mark.parametrize("play", [name for name in SCENES if name != "several processes write"], indirect=True)
def test_after_a_power_cut_the_index_is_old_or_new_and_what_was_said_to_be_done_is_done(
    play: Play, counted: Counted
) -> None:
    play.set()
    old = held(play.index)
    disk = Disk(play.folder)
    done = play.run(play.scene.command, below=play.folder)
    new = held(play.index)
    play.run("build")
    last = held(play.index)
    operations = [operation for operation in done.operations if operation.name in CHANGING]
    harm, cuts = {}, 0
    moments = sample(range(len(operations) + 1), 6)
    for number in range(len(operations) + 1):
        for name, loss in losses(number, whether_last=number == len(operations)) if number in moments else ():
            cuts += 1
            if found := list(harmed(play, disk, loss, (old, new)[number == len(operations) :], last)):
                harm[number, name] = found
        if number < len(operations):
            disk.do(operations[number])
    assert harm == {}
    counted("The power was cut {cuts} times: 0 broken, 0 lost.", cuts=cuts)
