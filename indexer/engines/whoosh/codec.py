"""How does Whoosh read our segments, and find them?

Through its own extension point: the table of contents is Whoosh's, and holds pickled `FlatSegment`s, whose codec reads
them. Every index depends on that class and on `analyzer.WordAnalyzer`: both keep their names and places for good.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn
from weakref import WeakValueDictionary

from whoosh import fields
from whoosh.codec import base
from whoosh.filedb.filestore import RamStorage
from whoosh.index import TOC

from indexer.engines.whoosh import lasting
from indexer.engines.whoosh.analyzer import WordAnalyzer
from indexer.engines.whoosh.postings import FlatDocuments, FlatTerms
from indexer.engines.whoosh.segment import Segment
from indexer.errors import ForeignWriterError

#: What Whoosh sees: the folded words of all texts at their places, the folded tags, and what a hit shows.
SCHEMA = fields.Schema(
    id=fields.ID(unique=True, stored=True),
    text=fields.TEXT(analyzer=WordAnalyzer()),
    tags=fields.ID(stored=True),
    url=fields.STORED(),
    title=fields.STORED(),
    date=fields.STORED(),
)

_NAME = "MAIN"  # Whoosh's name for an index without one


def _refuse(*_: object, **__: object) -> NoReturn:
    raise ForeignWriterError(
        "this index belongs to postsearch, which alone writes to it: change the posts, then run `postsearch build`"
    )


class FlatSegment(base.Segment):  # type: ignore[misc]  # Whoosh has no types
    """A segment of `posts` posts in the table of contents, and which of them are deleted."""

    def __init__(self, posts: int, deleted: Iterable[int] = ()) -> None:
        super().__init__(_NAME)
        self.posts = posts
        self._deleted = set(deleted)

    def codec(self) -> FlatCodec:
        """What reads it; made anew, so that no index holds one."""
        return FlatCodec()

    def should_assemble(self) -> bool:
        """Whoosh is not to pack the file into one of its own."""
        return False

    #: Whoosh counts the documents of segments only to write, before it has changed anything.
    doc_count_all = _refuse

    def doc_count(self) -> int:
        """How many posts are not deleted."""
        return self.posts - len(self._deleted)

    def deleted_count(self) -> int:
        """How many posts are deleted."""
        return len(self._deleted)

    def deleted_docs(self) -> Iterator[int]:
        """The numbers of the deleted posts."""
        return iter(sorted(self._deleted))

    def is_deleted(self, docnum: int) -> bool:
        """Whether the post of that number is deleted."""
        return docnum in self._deleted

    def delete_document(self, docnum: int, delete: bool = True) -> None:
        """Delete the post of that number, or take it back."""
        (self._deleted.add if delete else self._deleted.discard)(docnum)


class FlatCodec(base.Codec):  # type: ignore[misc]  # Whoosh has no types
    """Reads segments for Whoosh; it writes none."""

    def terms_reader(self, storage: Any, segment: FlatSegment) -> FlatTerms:
        """What reads the words and tags of *segment*. Raises `FileNotFoundError`, at which Whoosh tries again."""
        return FlatTerms(mapped(segment_path(Path(storage.folder), segment)))

    def per_document_reader(self, storage: Any, segment: FlatSegment) -> FlatDocuments:
        """What reads the posts of *segment*, from the same mapping."""
        return FlatDocuments(mapped(segment_path(Path(storage.folder), segment)), segment)

    #: Asked for before a file is made.
    new_segment = per_document_writer = field_writer = _refuse


def segment_path(folder: Path, segment: FlatSegment) -> Path:
    """Where the arrays of *segment* lie, under a name that Whoosh takes for one of its index."""
    return folder / f"{segment.segment_id()}.flat"


def write_toc(folder: Path, segments: Sequence[FlatSegment], generation: int) -> None:
    """Make *segments*, whose files are on the disk, what the index in *folder* holds, and remove all other files of it.

    Whoosh makes the bytes; but its way to write them survives no power cut. Nobody reads the folder meanwhile.
    """
    storage, path = RamStorage(), folder / f"_{_NAME}_{generation}.toc"
    TOC(SCHEMA, list(segments), generation).write(storage, _NAME)
    lasting.write(path, [storage.files[path.name]])
    listed = {path, *(segment_path(folder, segment) for segment in segments)}
    for old in folder.iterdir():
        if f"{_NAME}_" in old.name and old not in listed:
            old.unlink()


def read_toc(folder: Path) -> tuple[int, list[FlatSegment]]:
    """The generation of the index in *folder*, and its segments.

    Raises `FileNotFoundError` where there is none, or where a writer just took it away; `ValueError` for segments that
    are not ours; and anything at all for a damaged file.
    """
    storage = RamStorage()  # where a failure leaves no file open
    storage.files = {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix == ".toc"}
    if not storage.files:
        raise FileNotFoundError(2, "no table of contents", str(folder))
    contents = TOC.read(storage, _NAME)
    if any(type(segment) is not FlatSegment for segment in contents.segments):
        raise ValueError(f"{folder} lists segments that postsearch did not write")
    return contents.generation, contents.segments


_open: WeakValueDictionary[tuple[str, int, int], Segment] = WeakValueDictionary()


def mapped(path: Path) -> Segment:
    """The segment at *path*, mapped once for all readers, in whichever generations, and for as long as there is one."""
    status = path.stat()
    key = path.name, status.st_dev, status.st_ino
    segment = _open.get(key)
    if segment is None:
        segment = _open[key] = Segment(path)
    return segment
