"""How does the index keep up with the content folder while its author writes?"""

import gc
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from functools import partial
from importlib.util import find_spec
from math import inf
from os.path import samestat
from pathlib import Path
from time import monotonic, sleep

import click

from indexer import terminal
from indexer.cli import json_option, pass_settings, tell
from indexer.due import due
from indexer.engine import Engine
from indexer.engines import open_engine
from indexer.errors import PostsearchError, SettingsError
from indexer.report import Report
from indexer.settings import Settings
from indexer.sync import sync

#: Milliseconds without a change after which a build begins.
STEP = 25

#: Seconds after which the clock and the folder itself are looked at, even if nothing changes.
OFTEN = 1.0

#: Seconds after which a build that failed, or did not get past its moment, is tried once more.
AGAIN = 10.0

#: Told the report of a build that has news, and that of the build before.
Tell = Callable[[Report, Report | None], None]

Complain = Callable[[str], None]


def watch(settings: Settings, tell: Tell, complain: Complain) -> None:
    """Build at once, whenever something changes in the content folder, and whenever a post's moment comes (`due`).

    Never returns, whatever goes wrong: *complain* is told of it, each thing once, and it is tried again. A change is
    taken for one by what a build makes of it: an editor's own files make no news. Raises `SettingsError` if the
    package `watchfiles` is not there.
    """
    if find_spec("watchfiles") is None:
        raise SettingsError("watching needs: pip install '.[watch]' in the clone of postsearch")
    gc.freeze()  # what is there by now stays, and is not to be looked through for garbage in each build
    with closing(open_engine(settings)) as engine:
        watcher = _Watcher(settings, engine, tell, complain)
        for is_change in _looks(settings.content):
            if is_change or watcher.is_time():
                watcher.build()
            with suppress(PostsearchError):
                _ = engine.generation  # so that this process holds no older one than there is


@click.command("watch")
@click.argument("content", required=False, type=click.Path(path_type=Path))
@pass_settings
@json_option
def command(settings: Settings, as_json: bool) -> None:
    """Build whenever a post below CONTENT changes, or its moment comes.

    Prints what is new, and goes on after any trouble. With --json, each build is one line. Stops on Ctrl-C.

    \b
    Examples:
      postsearch watch
      postsearch watch content --json
    """

    def show(report: Report, before: Report | None) -> None:
        tell(as_json, report, terminal.report_lines(report, before))

    with suppress(KeyboardInterrupt):
        watch(settings, show, lambda trouble: click.echo(f"postsearch: {trouble}", err=True))


class _Watcher:
    """Builds, and what came of the last one."""

    def __init__(self, settings: Settings, engine: Engine, tell: Tell, complain: Complain) -> None:
        self._settings, self._engine, self._tell, self._complain = settings, engine, tell, complain
        self._report: Report | None = None
        self._trouble, self._rest = "", -inf

    def is_time(self) -> bool:
        """Whether to build though nothing has changed."""
        return monotonic() > self._rest and bool(self._trouble or _is_due(self._settings))

    def build(self) -> None:
        """Build, and tell what came of it."""
        before, trouble = self._report, self._trouble
        try:
            self._report, self._trouble = sync(self._settings, engine=self._engine), ""
        except (PostsearchError, OSError) as error:
            self._trouble = str(error)
        self._rest = monotonic() + AGAIN if self._trouble or _is_due(self._settings) else -inf
        if self._trouble not in ("", trouble):
            self._complain(self._trouble)
        if self._report and self._report is not before and self._report.has_news(before):
            self._tell(self._report, before)


def _is_due(settings: Settings) -> bool:
    moment = due(settings)
    return moment is not None and moment <= datetime.now(UTC)


def _looks(content: Path) -> Iterator[bool]:
    """At once, whenever something happens in the folder *content*, and now and then: whether anything may have."""
    import watchfiles  # which may not be there

    follow = partial(watchfiles.watch, watch_filter=None, step=STEP, rust_timeout=int(OFTEN * 1000))
    polling = None
    while True:
        yield True
        try:
            folder, is_new = content.stat(), True
            for changes in follow(content, yield_on_timeout=True, force_polling=polling, ignore_permission_denied=True):
                # At first also for what happened after the last build, before anybody followed.
                yield is_new or bool(changes)
                is_new = False
                if not samestat(content.stat(), folder):
                    break
        except (OSError, RuntimeError) as error:
            # Unless the folder has gone, no more watches are to be had, or none for such a disk.
            polling = polling or not isinstance(error, FileNotFoundError) or None
            sleep(OFTEN)
