"""Make an engine hold what the content folder holds, and report what changed."""

from collections.abc import Callable, Iterator
from contextlib import closing, nullcontext, suppress
from itertools import chain, islice
from time import perf_counter

from indexer import corpus
from indexer.corpus import File, Found
from indexer.dates import Moment
from indexer.due import leave_due
from indexer.engine import Engine, Searchable
from indexer.engines import open_engine
from indexer.errors import BuildRefusedError, ContentError
from indexer.extract import ending, is_current
from indexer.extras import extras
from indexer.permalink import clashes
from indexer.post import Post
from indexer.reading import Account, Progress, options
from indexer.report import Remark, Report
from indexer.seen import Seen
from indexer.settings import Settings
from indexer.visibility import opening


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
        self.unchanged = 0
        #: The digest of each post that is to be held, by id.
        self.public: dict[str, str] = {}
        self.account = Account()
        to_prepare = extras("trials").values() if settings.search_tests.exists() else ()
        self.trials = [prepare(settings) for prepare in to_prepare]
        self.tried = 0

    def run(self, engine: Engine, files: list[Found]) -> None:
        changed = self.changed(files)
        first = list(islice(changed, 1))
        # Known once every file has been read.
        removed = (id for id in sorted(self.known) if id not in self.public)
        if not first and self.known and self.known <= self.public.keys():
            self.trial(engine)
        elif not engine.apply(put=chain(first, changed), drop=removed, afresh=self.full, trial=self.trial):
            self.account.warnings.append(Remark("the index", None, _HELD))

    def trial(self, engine: Searchable) -> None:
        """Refuse what does not answer as the author expects."""
        self.tried = sum(require(engine) for require in self.trials)

    def changed(self, files: list[Found]) -> Iterator[Post]:
        """The posts that the engine lacks or holds otherwise; every file is accounted for on the way."""
        unread = [found for found in files if not self.is_unchanged(found)]
        self.seen.keep()
        self.unchanged = len(files) - len(unread)

        def told(done: int, total: int) -> None:
            self.progress(self.unchanged + done, len(files))

        for post, _ in self.account.posts(unread, self.options, self.settings.jobs, told):
            self.public[post.id] = post.digest
            self.urls[post.id] = post.url
            yield post
        if self.strict and self.account.skipped:
            raise BuildRefusedError(_refusal(*self.account.skipped))
        leave_due(self.settings.index, self.next_moment())

    def is_unchanged(self, found: Found) -> bool:
        held = self.held.get(found.path)
        with suppress(ContentError, OSError):
            if held and isinstance(found, File) and is_current(held, self.seen.digest(found), self.options):
                self.public[found.path] = held
                return True
        return False

    def next_moment(self) -> Moment | None:
        """When a build will find otherwise though nothing was written meanwhile."""
        moments = [opening(hidden.rule) for hidden in self.account.hidden]
        moments += [ending(digest, self.options) for digest in self.public.values()]
        return min((moment for moment in moments if moment and moment > self.options.rules.now), default=None)

    def report(self, seconds: float) -> Report:
        shared = [Remark(id, None, reason) for id, reason in clashes({id: self.urls[id] for id in self.public})]
        added = len(self.public.keys() - self.known)
        return Report(
            posts=len(self.public),
            added=added,
            updated=len(self.public) - added - self.unchanged,
            removed=len(self.known - self.public.keys()),
            unchanged=self.unchanged,
            skipped=tuple(self.account.skipped),
            hidden=tuple(self.account.hidden),
            warnings=(*self.account.warnings, *shared),
            search_tests=self.tried,
            seconds=round(seconds, 3),
        )


_HELD = "a reader still had posts open that are public no more; their files are removed nevertheless"


def _refusal(first: Remark, *others: Remark) -> str:
    more = f" (and {len(others)} more)" if others else ""
    return f"nothing was published: {first}{more}"
