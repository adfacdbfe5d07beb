"""What does each file of a corpus come to: a post, a rule that hides it, or a reason why it cannot be read?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from indexer import markup, source
from indexer.corpus import Found
from indexer.errors import ContentError
from indexer.extract import Extracted, Options, extract
from indexer.post import Post
from indexer.report import Hidden, Remark
from indexer.visibility import Rules
from indexer.workers import Stopped, Workers, cores

if TYPE_CHECKING:
    from indexer.settings import Settings

#: Seconds that one file may take. Real posts take 1 to 500 milliseconds; 8 kB of `![` take as many seconds.
PATIENCE = 10.0


def options(settings: Settings) -> Options:
    """How posts are read under *settings*, now."""
    markup.require(settings.renderer)
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Options(
        rules=Rules(now=now, future=settings.future, expired=settings.expired, zone=settings.zone),
        tag_separator=settings.tag_separator,
        permalink=settings.permalink,
        anchors=settings.anchors,
        renderer=settings.renderer,
        language=settings.language.lower().replace("_", "-"),
    )


def read_all(
    found: Sequence[Found], options: Options, *, jobs: int = 0, seconds: float = PATIENCE
) -> Iterator[Extracted | Remark]:
    """What each of *found* comes to, in order, read by *jobs* processes (0: one for each core)."""
    workers: Workers[Found, bytes | Remark] = Workers(partial(_packed, options=options), jobs or cores(), seconds)
    for one, came_to in zip(found, workers.map(found), strict=True):
        if isinstance(came_to, bytes):
            yield _UNPACK.decode(came_to)
        else:
            yield Remark(one.path, None, came_to.reason) if isinstance(came_to, Stopped) else came_to


#: Told how many files are done, of how many.
Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Account:
    """What there is to say of the files that were read so far."""

    skipped: list[Remark] = field(default_factory=list)
    hidden: list[Hidden] = field(default_factory=list)
    warnings: list[Remark] = field(default_factory=list)

    def posts(self, found: Sequence[Found], how: Options, jobs: int, progress: Progress) -> Iterator[tuple[Post, bool]]:
        """Read *found*: those that are public posts, and whether each is without a title of its own."""
        for done, (one, came_to) in enumerate(zip(found, read_all(found, how, jobs=jobs), strict=True)):
            progress(done, len(found))
            if isinstance(came_to, Remark):
                self.skipped.append(came_to)
                continue
            if came_to.hidden:
                self.hidden.append(Hidden(one.path, came_to.hidden))
            self.warnings += [Remark(one.path, line, reason) for line, reason in came_to.remarks]
            if came_to.post:
                yield came_to.post, came_to.untitled
        progress(len(found), len(found))


def _packed(found: Found, options: Options) -> bytes | Remark:
    """What *found* comes to; a post in a form that crosses processes ten times as fast as a pickle."""
    came_to = read(found, options)
    return came_to if isinstance(came_to, Remark) else _PACK.encode(came_to)


_PACK = msgspec.msgpack.Encoder()
_UNPACK = msgspec.msgpack.Decoder(Extracted)


def read(found: Found, options: Options) -> Extracted | Remark:
    """What one file comes to. Takes as long as it takes: files that may be hostile are for `read_all`."""
    if isinstance(found, Remark):
        return found
    if isinstance(found, Hidden):
        return Extracted(hidden=found.rule)
    try:
        return extract(found.path, source.read_bytes(found.place), options)
    except ContentError as error:
        return Remark(found.path, error.line, error.reason)
    except RecursionError:
        return Remark(found.path, None, "is nested too deeply")
    except MemoryError:
        return Remark(found.path, None, "takes too much memory to read")
