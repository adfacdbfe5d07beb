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

    Folders whose name begins with a dot and `node_modules` are not entered. A link is followed only to what lies
    in the content folder, and no folder is entered twice. Raises `SettingsError` if there is no such folder.
    """
    if not content.is_dir():
        raise SettingsError(f"there is no folder of posts at {content}", key="content")
    yield from sorted(_below(content, "", content.resolve(), frozenset()), key=lambda found: found.path)


def _below(folder: Path, prefix: str, root: Path, inside: frozenset[Path]) -> Iterator[File | Hidden | Remark]:
    try:
        entries = list(os.scandir(folder))
    except OSError as error:
        yield Remark(prefix.rstrip("/"), None, f"cannot be opened: {error.strerror}")
        return
    for entry in entries:
        yield from _entry(entry, prefix + entry.name, root, inside | {folder.resolve()})


def _entry(entry: os.DirEntry[str], path: str, root: Path, inside: frozenset[Path]) -> Iterator[File | Hidden | Remark]:
    place = Path(entry.path)
    is_folder = entry.is_dir()
    if entry.name.startswith(".") or entry.name == "node_modules":
        return
    if not is_folder and not entry.name.lower().endswith(SUFFIXES):
        return
    if entry.is_symlink() and (reason := _astray(place, root, inside)):
        yield Remark(_printable(path), None, reason)
    elif is_folder:
        yield from _below(place, f"{path}/", root, inside)
    elif path != _printable(path):
        yield Remark(_printable(path), None, "has a name that is not UTF-8")
    elif rule := hidden_path(path):
        yield Hidden(path, rule)
    else:
        yield File(path, place)


def _astray(place: Path, root: Path, inside: frozenset[Path]) -> str | None:
    """Why the link at *place* is not followed, if it is not."""
    try:
        goal = place.resolve(strict=True)
    except (OSError, RuntimeError):
        return "is a link to nothing"
    if not goal.is_relative_to(root):
        return "is a link out of the content folder"
    return "is a link to a folder that it lies in" if goal in inside else None


def _printable(path: str) -> str:
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
