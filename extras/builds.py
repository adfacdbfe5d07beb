"""How does a build come about while the server runs: when somebody asks for one, or when its moment has come?

Any number of processes serve one index, and one of them sees to builds. What they share stands in its folder:

    DIR/reindex.lock    held by the process that sees to builds, for as long as it runs
    DIR/deliveries      the signature of each request for a build, so that none counts twice
    DIR/reindex.json    what the server is about, and what came of the last build

A server that is stopped leaves a build to its end, which takes no harm from anything. What nobody saw the end of counts
as not done: the next process that sees to builds begins it anew.
"""

import fcntl
import logging
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from subprocess import DEVNULL, STDOUT, Popen, TimeoutExpired
from tempfile import TemporaryFile
from threading import Thread
from time import sleep

import msgspec

from indexer import IndexUnwritableError, Report, Searchable, Settings, due, search

#: Seconds from look to look, for requests, and for the moment of the next build.
EVERY = 0.1

#: How long after a build that failed, or that left its moment where it was, the next one follows by itself.
AGAIN = timedelta(minutes=5)

#: Seconds that the command `update` may take.
UPDATE_LIMIT = 300

#: How many requests, at least, are known again.
REMEMBERED = 10_000

# Not from the present folder: Python would take the site's own files for its library.
_BUILD = (sys.executable, "-P", "-m", "indexer", "--config", os.devnull, "build", "--json")

_log = logging.getLogger(__name__)

#: Bytes that note a request.
_LINE = 65


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What the server is about, and what came of the last build that it started."""

    #: `running`; `waiting` if a build was asked for and has not begun; or `idle`.
    status: str = "idle"

    since: datetime | None = None

    #: How many requests had been noted when the last build began.
    answered: int = 0

    began: datetime | None = None
    seconds: float = 0.0

    #: Of the command that failed, or 0; below 0 if a signal ended it.
    exit_code: int = 0

    #: The command that failed, and its last words.
    trouble: str = ""

    report: Report | None = None


class Builds:
    """Builds of the index that *settings* name, each in a process of its own, one after the other."""

    def __init__(self, settings: Settings, engine: Searchable) -> None:
        self._settings, self._engine = settings, engine
        self._deliveries = settings.index / "deliveries"
        self._kept = settings.index / "reindex.json"
        self._state: State | None = None

    def start(self) -> None:
        """See to builds in a thread of its own, as soon as no other process does, and for as long as this one runs."""
        Thread(target=self._follow, name="builds", daemon=True).start()

    def ask(self, delivery: str) -> bool:
        """Have a build begin after this moment; False if *delivery* had one begin before.

        Raises `IndexUnwritableError` if that cannot be noted.
        """
        try:
            with self._deliveries.open("a+") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                file.seek(0)
                known = file.read().split()
                if delivery in known:
                    return False
                if len(known) >= 2 * REMEMBERED:
                    file.truncate(0)
                    file.writelines(f"{kept}\n" for kept in known[-REMEMBERED:])
                file.write(f"{delivery}\n")
                file.flush()
                os.fsync(file.fileno())
                return True
        except OSError as error:
            raise IndexUnwritableError(f"{self._deliveries}: {error.strerror}", index=self._settings.index) from error

    def status(self) -> State:
        """What the server is about, whichever of its processes sees to it."""
        state = self._read()
        is_waiting = state.status == "idle" and self._noted() != state.answered
        return replace(state, status="waiting") if is_waiting else state

    def catch_up(self) -> None:
        """Build for as long as a build is wanted; for the one process that sees to builds."""
        while self._is_wanted(state := self._state or self._read()):
            self._keep(replace(state, status="running", since=datetime.now(UTC)))
            self._keep(self._build())

    def _noted(self) -> int:
        return self._deliveries.stat().st_size // _LINE if self._deliveries.exists() else 0

    def _read(self) -> State:
        with suppress(FileNotFoundError, msgspec.DecodeError):
            return msgspec.json.decode(self._kept.read_bytes(), type=State)
        return State()

    def _keep(self, state: State) -> None:
        fresh = self._kept.with_suffix(".new")
        fresh.write_bytes(msgspec.json.encode(state))
        fresh.replace(self._kept)
        self._state = state

    def _follow(self) -> None:
        while True:
            # Where the folder is not there yet, or cannot be written, nothing can be built.
            with suppress(OSError), (self._settings.index / "reindex.lock").open("a") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                self._lead()
            sleep(10 * EVERY)

    def _lead(self) -> None:
        while True:
            try:
                self.catch_up()
                sleep(EVERY)
            except Exception as error:  # whatever it was, there will be builds after it
                _log.error("no build could be started: %s", error)
                sleep(AGAIN.total_seconds())

    def _is_wanted(self, last: State) -> bool:
        if last.status == "running" or self._noted() != last.answered:
            return True
        moment = due(self._settings)
        if last.began and (moment is None or moment <= last.began):
            moment = last.began + AGAIN if moment or last.exit_code else None
        return moment is not None and moment <= datetime.now(UTC) and self._has_posts()

    def _has_posts(self) -> bool:
        """Whether the content folder is that of the index: a build of another one would take all posts away."""
        content = self._settings.content
        newest = search(self._engine, "", facets=(), snippets=False).hits
        return content.is_dir() and (not newest or any((content / hit.id).is_file() for hit in newest))

    def _build(self) -> State:
        noted, began = self._noted(), datetime.now(UTC)
        plain = replace(self._settings, webhook_secrets=(), admin_token="")
        step, (code, said) = plain.update, _run(plain.update, {}, UPDATE_LIMIT) if plain.update else (0, b"")
        if not code:
            step, (code, said) = ("postsearch", "build"), _run(_BUILD, plain.environment())
        trouble = f"{' '.join(step)}: exit code {code}: {said.decode(errors='replace')}" if code else ""
        if trouble:
            _log.error("nothing was built: %s", trouble)
        report = None if code else msgspec.json.decode(said, type=Report)
        ended = datetime.now(UTC)
        took = round((ended - began).total_seconds(), 3)
        return State(
            since=ended, answered=noted, began=began, seconds=took, exit_code=code, trouble=trouble, report=report
        )


def _run(command: Sequence[str], more: dict[str, str], limit: float | None = None) -> tuple[int, bytes]:
    """The exit code of *command*, and the last line of what it says. It is killed after *limit* seconds."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("POSTSEARCH_")}
    # A file, not a pipe: what a command leaves behind, such as a shared connection, may keep a pipe open.
    with TemporaryFile() as said:
        try:
            child = Popen(command, stdin=DEVNULL, stdout=said, stderr=STDOUT, env=clean | more, start_new_session=True)
            code = child.wait(limit)
        except TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            return child.wait(), f"it took longer than {limit} seconds".encode()
        except (OSError, ValueError) as error:
            return 127, str(error).encode()
        said.seek(0)
        return code, said.read().rstrip().rpartition(b"\n")[2]
