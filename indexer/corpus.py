"""Which files of a content folder may be posts?"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from indexer.errors import SettingsError
from indexer.report import Hidden, Remark
from indexer.visibility import hidden_path

SUFFIXES = (".md", ".markdown", ".mkd", ".mkdn", ".mdx", ".html", ".htm", ".rst")
"""Of the files that may be posts, `.html.md` and `.html.markdown` among them."""


@dataclass(frozen=True, slots=True)
class File:
    """A file that may be a post: its `path` below the content folder, and where it is."""

    path: str
    place: Path


def walk(content: Path) -> Iterator[File | Hidden | Remark]:
    """What may be a post below *content*, in the order of the paths, with what is not and why.

    Folders whose name begins with a dot and `node_modules` are not entered. A link to a file is followed if that lies
    in the content folder, a link to a folder never is: in there, the folder is met in its own place. Raises
    `SettingsError` if there is no such folder.
    """
    if not content.is_dir():
        raise SettingsError(f"there is no folder of posts at {content}", key="content")
    yield from sorted(_below(content, "", content.resolve()), key=lambda found: found.path)


def _below(folder: Path, prefix: str, root: Path) -> Iterator[File | Hidden | Remark]:
    try:
        entries = list(os.scandir(folder))
    except OSError as error:
        yield Remark(_printable(prefix.rstrip("/")), None, f"cannot be opened: {error.strerror}")
        return
    for entry in entries:
        if not entry.name.startswith(".") and entry.name != "node_modules":
            yield from _entry(entry, prefix + entry.name, root)


def _entry(entry: os.DirEntry[str], path: str, root: Path) -> Iterator[File | Hidden | Remark]:
    place = Path(entry.path)
    if entry.is_symlink():
        yield from _link(place, path, root)
    elif entry.is_dir(follow_symlinks=False):
        yield from _below(place, f"{path}/", root)
    else:
        yield from _file(place, path)


def _link(place: Path, path: str, root: Path) -> Iterator[File | Hidden | Remark]:
    try:
        goal = place.resolve(strict=True)
    except (OSError, RuntimeError):
        goal = None
    if goal is None or not goal.is_relative_to(root):
        if goal is None or goal.is_dir() or path.lower().endswith(SUFFIXES):
            leads = "to nothing" if goal is None else "out of the content folder"
            yield Remark(_printable(path), None, f"is a link {leads}")
    elif not goal.is_dir():
        yield from _file(goal, path)


def _file(place: Path, path: str) -> Iterator[File | Hidden | Remark]:
    if not path.lower().endswith(SUFFIXES):
        return
    if path != _printable(path):
        yield Remark(_printable(path), None, "has a name that is not UTF-8")
    elif rule := hidden_path(path):
        yield Hidden(path, rule)
    else:
        yield File(path, place)


def _printable(path: str) -> str:
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
