"""Make an engine hold what the content folder holds, and report what changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING

from indexer import corpus, source
from indexer.corpus import File
from indexer.engines import open_engine
from indexer.errors import BuildRefusedError, ContentError
from indexer.extract import Extracted, Options, is_current
from indexer.permalink import clashes
from indexer.reading import Found, options, read_all
from indexer.report import Hidden, Remark, Report

if TYPE_CHECKING:
    from indexer.engine import Engine
    from indexer.post import Post
    from indexer.settings import Settings

Progress = Callable[[int, int], None]
"""Told how many files are done, of how many."""


def sync(
    settings: Settings,
    *,
    full: bool = False,
    strict: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Make the index hold the public posts of the content folder; *full* reads every one again.

    One bad post never stops a build: it is left out and reported, unless *strict*, which then publishes nothing
    and raises `BuildRefusedError`.
    """
    started = perf_counter()
    with closing(open_engine(settings)) as engine:
        held = engine.digests()
        build = _Build(
            options=options(settings),
            jobs=settings.jobs,
            held={} if full else held,
            known=frozenset(held),
            urls=dict(engine.urls()) if held else {},
            full=full,
            strict=strict,
            progress=progress or _silent,
        )
        build.run(engine, list(corpus.walk(settings.content)))
        return build.report(perf_counter() - started)


@dataclass(slots=True, kw_only=True)
class _Build:
    """One build under way: what is held, and what became of each file so far."""

    options: Options
    jobs: int
    held: Mapping[str, str]
    known: frozenset[str]
    urls: dict[str, str]
    full: bool
    strict: bool
    progress: Progress
    outcome: Counter[str] = field(default_factory=Counter)
    public: set[str] = field(default_factory=set)
    skipped: list[Remark] = field(default_factory=list)
    hidden: list[Hidden] = field(default_factory=list)
    warnings: list[Remark] = field(default_factory=list)

    def run(self, engine: Engine, files: list[Found]) -> None:
        changed = self.changed(files)
        first = next(changed, None)
        if first is None and self.known and self.known <= self.public:
            return
        if not engine.apply(put=_chain(first, changed), drop=self.removed(), afresh=self.full):
            self.warnings.append(Remark("the index", None, _HELD))

    def changed(self, files: list[Found]) -> Iterator[Post]:
        """The posts that the engine lacks or holds otherwise; every file is accounted for on the way."""
        unread = [found for found in files if not self.is_unchanged(found)]
        unchanged = len(files) - len(unread)
        for done, (found, came_to) in enumerate(
            zip(unread, read_all(unread, self.options, jobs=self.jobs), strict=True)
        ):
            self.progress(unchanged + done, len(files))
            if post := self.account(found.path, came_to):
                self.outcome["updated" if post.id in self.known else "added"] += 1
                self.public.add(post.id)
                self.urls[post.id] = post.url
                yield post
        self.progress(len(files), len(files))
        if self.strict and self.skipped:
            raise BuildRefusedError(_refusal(self.skipped))

    def is_unchanged(self, found: Found) -> bool:
        if not isinstance(found, File) or found.path not in self.held:
            return False
        try:
            if not is_current(self.held[found.path], source.read_bytes(found.place), self.options):
                return False
        except ContentError:
            return False
        self.outcome["unchanged"] += 1
        self.public.add(found.path)
        return True

    def account(self, path: str, came_to: Extracted | Remark) -> Post | None:
        if isinstance(came_to, Remark):
            self.skipped.append(came_to)
            return None
        if came_to.hidden:
            self.hidden.append(Hidden(path, came_to.hidden))
        self.warnings += [Remark(path, line, reason) for line, reason in came_to.remarks]
        return came_to.post

    def removed(self) -> Iterator[str]:
        """The ids that are held and public no more; known once every file has been read."""
        yield from sorted(self.known - self.public)

    def report(self, seconds: float) -> Report:
        urls = {id: self.urls[id] for id in self.public}
        shared = [Remark(id, None, reason) for id, reason in clashes(urls)]
        return Report(
            posts=len(self.public),
            added=self.outcome["added"],
            updated=self.outcome["updated"],
            removed=len(self.known - self.public),
            unchanged=self.outcome["unchanged"],
            skipped=tuple(self.skipped),
            hidden=tuple(self.hidden),
            warnings=(*self.warnings, *shared),
            seconds=round(seconds, 3),
        )


def _chain(first: Post | None, rest: Iterator[Post]) -> Iterator[Post]:
    if first is not None:
        yield first
    yield from rest


_HELD = "a reader still had posts open that are public no more; their files are removed nevertheless"


def _refusal(skipped: list[Remark]) -> str:
    first = skipped[0]
    others = f" (and {len(skipped) - 1} more)" if len(skipped) > 1 else ""
    return f"nothing was published: {first}{others}"


def _silent(done: int, total: int) -> None:
    """Show no progress."""
