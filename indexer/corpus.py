"""Which files of a content folder may be posts?"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from indexer.errors import SettingsError
from indexer.report import Hidden, Remark
from indexer.visibility import hidden_path

#: Of the files that may be posts, `.html.md` and `.html.markdown` among them.
SUFFIXES = (".md", ".markdown", ".mkd", ".mkdn", ".mdx", ".html", ".htm", ".rst")


@dataclass(frozen=True, slots=True)
class File:
    """A file that may be a post: its `path` below the content folder, and its full name."""

    path: str
    place: str


#: What a walk yields.
Found = File | Hidden | Remark


def walk(content: Path) -> Iterator[Found]:
    """What may be a post below *content*, in the order of the paths, with what is not and why.

    Folders whose name begins with a dot and `node_modules` are not entered. A link to a file is followed if that lies
    in the content folder, a link to a folder never is: in there, the folder is met in its own place. Raises
    `SettingsError` if there is no such folder.
    """
    require(content)
    yield from sorted(_below(content, "", content.resolve()), key=lambda found: found.path)


def require(content: Path) -> None:
    """Raise `SettingsError` if there is no folder of posts at *content*."""
    if not content.is_dir():
        raise SettingsError(f"there is no folder of posts at {content}", key="content")


def _below(folder: Path | str, prefix: str, root: Path) -> Iterator[Found]:
    try:
        entries = list(os.scandir(folder))
    except OSError as error:
        yield Remark(_printable(prefix.rstrip("/")), None, f"cannot be opened: {error.strerror}")
        return
    for entry in entries:
        path = prefix + entry.name
        if entry.name.startswith(".") or entry.name == "node_modules":
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _below(entry.path, f"{path}/", root)
        elif found := _link(Path(entry.path), path, root) if entry.is_symlink() else _file(entry.path, path):
            yield found


def _link(place: Path, path: str, root: Path) -> Found | None:
    try:
        goal = place.resolve(strict=True)
    except (OSError, RuntimeError):
        goal = None
    if goal and goal.is_relative_to(root):
        return None if goal.is_dir() else _file(str(goal), path)
    if goal is None or goal.is_dir() or path.lower().endswith(SUFFIXES):
        leads = "to nothing" if goal is None else "out of the content folder"
        return Remark(_printable(path), None, f"is a link {leads}")
    return None


def _file(place: str, path: str) -> Found | None:
    if not path.lower().endswith(SUFFIXES):
        return None
    if path != _printable(path):
        return Remark(_printable(path), None, "has a name that is not UTF-8")
    rule = hidden_path(path)
    return Hidden(path, rule) if rule else File(path, place)


def _printable(path: str) -> str:
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
