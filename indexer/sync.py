"""Make an engine hold what the content folder holds, and report what changed."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, nullcontext
from itertools import chain
from time import perf_counter

from indexer import corpus, expectations
from indexer.corpus import File, Found
from indexer.curation import UNCURATED, Curation
from indexer.dates import Moment
from indexer.due import leave_due
from indexer.engine import Engine, Searchable
from indexer.engines import open_engine
from indexer.errors import BuildRefusedError, ContentError
from indexer.extract import Extracted, ending, is_current
from indexer.permalink import clashes
from indexer.post import Post
from indexer.reading import options, read_all
from indexer.report import Hidden, Remark, Report
from indexer.seen import Seen
from indexer.settings import Settings
from indexer.visibility import opening

#: Told how many files are done, of how many.
Progress = Callable[[int, int], None]


def sync(
    settings: Settings,
    *,
    full: bool = False,
    strict: bool = False,
    progress: Progress = lambda done, total: None,
    waiting: Callable[[], None] = lambda: None,
    engine: Engine | None = None,
) -> Report:
    """Make the index hold the public posts of the content folder; *full* reads every one again.

    One bad post never stops a build: it is left out and reported, unless *strict*, which then publishes nothing
    and raises `BuildRefusedError`. Where another build is under way, this one begins when that is done, so that it
    finds what has changed since; *waiting* is called if that takes more than a second. An *engine* that is open
    already saves the time to open it.
    """
    corpus.require(settings.content)
    with closing(open_engine(settings)) if engine is None else nullcontext(engine) as engine, engine.writing(waiting):
        started = perf_counter()
        build = _Build(settings, engine, full=full, strict=strict, progress=progress)
        build.run(engine, list(corpus.walk(settings.content)))
        return build.report(perf_counter() - started)


class _Build:
    """One build under way: what is held, and what became of each file so far."""

    def __init__(self, settings: Settings, engine: Engine, *, full: bool, strict: bool, progress: Progress) -> None:
        self.settings, self.full, self.strict, self.progress = settings, full, strict, progress
        self.options = options(settings)
        self.seen = Seen(settings.index, self.options)
        digests = engine.digests()
        self.held = {} if full else digests
        self.known = frozenset(digests)
        self.urls = dict(engine.urls()) if digests else {}
        self.outcome: Counter[str] = Counter()
        #: The digest of each post that is to be held, by id.
        self.public: dict[str, str] = {}
        self.skipped: list[Remark] = []
        self.hidden: list[Hidden] = []
        self.warnings: list[Remark] = []
        self.expected = expectations.read(settings.search_tests)

    def run(self, engine: Engine, files: list[Found]) -> None:
        changed = self.changed(files)
        first = next(changed, None)
        put = chain(() if first is None else (first,), changed)
        if first is None and self.known and self.known <= self.public.keys():
            self.trial(engine)
        elif not engine.apply(put=put, drop=self.removed(), afresh=self.full, trial=self.trial):
            self.warnings.append(Remark("the index", None, _HELD))

    def trial(self, engine: Searchable) -> None:
        """Refuse what does not answer as the author expects."""
        curation = Curation.load(self.settings) if self.expected else UNCURATED
        expectations.require(engine, self.expected, curation)

    def changed(self, files: list[Found]) -> Iterator[Post]:
        """The posts that the engine lacks or holds otherwise; every file is accounted for on the way."""
        unread = [found for found in files if not self.is_unchanged(found)]
        self.seen.keep()
        unchanged = len(files) - len(unread)
        for done, (found, came_to) in enumerate(
            zip(unread, read_all(unread, self.options, jobs=self.settings.jobs), strict=True)
        ):
            self.progress(unchanged + done, len(files))
            if post := self.account(found.path, came_to):
                self.outcome["updated" if post.id in self.known else "added"] += 1
                self.public[post.id] = post.digest
                self.urls[post.id] = post.url
                yield post
        self.progress(len(files), len(files))
        if self.strict and self.skipped:
            raise BuildRefusedError(_refusal(self.skipped))
        leave_due(self.settings.index, self.next_moment())

    def is_unchanged(self, found: Found) -> bool:
        if not isinstance(found, File) or found.path not in self.held:
            return False
        try:
            if not is_current(self.held[found.path], self.seen.digest(found), self.options):
                return False
        except (ContentError, OSError):
            return False
        self.outcome["unchanged"] += 1
        self.public[found.path] = self.held[found.path]
        return True

    def account(self, path: str, came_to: Extracted | Remark) -> Post | None:
        if isinstance(came_to, Remark):
            self.skipped.append(came_to)
            return None
        if came_to.hidden:
            self.hidden.append(Hidden(path, came_to.hidden))
        self.warnings += [Remark(path, line, reason) for line, reason in came_to.remarks]
        return came_to.post

    def next_moment(self) -> Moment | None:
        """When a build will find otherwise though nothing was written meanwhile."""
        moments = [opening(hidden.rule) for hidden in self.hidden]
        moments += [ending(digest, self.options) for digest in self.public.values()]
        return min((moment for moment in moments if moment and moment > self.options.rules.now), default=None)

    def removed(self) -> Iterator[str]:
        """The ids that are held and public no more; known once every file has been read."""
        yield from sorted(self.known - self.public.keys())

    def report(self, seconds: float) -> Report:
        urls = {id: self.urls[id] for id in self.public}
        shared = [Remark(id, None, reason) for id, reason in clashes(urls)]
        return Report(
            posts=len(self.public),
            added=self.outcome["added"],
            updated=self.outcome["updated"],
            removed=len(self.known - self.public.keys()),
            unchanged=self.outcome["unchanged"],
            skipped=tuple(self.skipped),
            hidden=tuple(self.hidden),
            warnings=(*self.warnings, *shared),
            search_tests=len(self.expected),
            seconds=round(seconds, 3),
        )


_HELD = "a reader still had posts open that are public no more; their files are removed nevertheless"


def _refusal(skipped: list[Remark]) -> str:
    first = skipped[0]
    others = f" (and {len(skipped) - 1} more)" if len(skipped) > 1 else ""
    return f"nothing was published: {first}{others}"
