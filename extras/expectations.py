"""Which answers does the author expect, and does the index give them?"""

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import click
import msgspec
import yaml

from indexer.cli import pass_engine, tell
from indexer.curation import Curation
from indexer.engine import Engine, Searchable
from indexer.errors import BuildRefusedError, SettingsError
from indexer.search import MOST_PER_PAGE, search
from indexer.settings import Settings

#: How many posts are the top of a list.
TOP = 3

Names = str | tuple[str, ...]
"""One post or several, each by its id or its address."""


class Expectation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to become of one question."""

    query: str

    #: The post that has to stand first.
    first: str = ""

    #: Posts that have to be among the first three.
    top: Names = ()

    #: Posts that must not be found.
    never: Names = ()

    #: Only posts with all of these tags.
    tag: Names = ()

    def failures(self, engine: Searchable, curation: Curation) -> Iterator[str]:
        """What is otherwise, in sentences."""
        hits = search(
            engine, self.query, tag=_several(self.tag), per_page=MOST_PER_PAGE, facets=(), curation=curation
        ).hits
        places = {name: place for place, hit in enumerate(hits, 1) for name in (hit.id, hit.url)}
        said = f"`{self.query}`: "
        if self.first and places.get(self.first) != 1:
            where, instead = _where(engine, self.first, places.get(self.first)), f"; {hits[0].id} is" if hits else ""
            yield f"{said}{self.first} should be first, but {where}{instead}"
        for post in _several(self.top):
            if places.get(post, TOP + 1) > TOP:
                yield f"{said}{post} should be among the first three, but {_where(engine, post, places.get(post))}"
        for post in _several(self.never):
            if post in places:
                yield f"{said}{post} should not be found, but is number {places[post]}"


def read(path: Path) -> Sequence[Expectation]:
    """The expectations in the file at *path*; none if there is no such file. Raises `SettingsError`."""
    try:
        return msgspec.convert(yaml.load(path.read_bytes(), yaml.BaseLoader) or [], tuple[Expectation, ...])
    except FileNotFoundError:
        return ()
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$[")
        reason = f"test {int(where.partition(']')[0]) + 1}: {what}" if where else "is not a list of tests"
    except yaml.YAMLError as error:
        line = getattr(getattr(error, "problem_mark", None), "line", 0) + 1
        reason = f"line {line}: is not YAML: {getattr(error, 'problem', None) or error}"
    except (OSError, RecursionError) as error:
        reason = f"cannot be read: {error}"
    raise SettingsError(f"{path}: {reason}", key="search_tests")


def failures(engine: Searchable, expected: Sequence[Expectation], curation: Curation) -> list[str]:
    """What is otherwise than the author expects."""
    return [failure for expectation in expected for failure in expectation.failures(engine, curation)]


def trial(settings: Settings) -> Callable[[Searchable], int]:
    """What tries an engine before it is published: it raises `BuildRefusedError`, or answers how many tests there are.

    Raises `SettingsError` for tests that cannot be read.
    """
    expected, curation = read(settings.search_tests), Curation.load(settings)

    def require(engine: Searchable) -> int:
        if failed := failures(engine, expected, curation):
            raise BuildRefusedError(f"nothing was published, since search tests fail: {'; '.join(failed)}")
        return len(expected)

    return require


@click.command("test")
@pass_engine
def command(settings: Settings, engine: Engine, as_json: bool) -> None:
    """Try whether answers are as search-tests.yml expects them.

    Every build does so, too, before it publishes anything. Exits with 1 if any is not.

    \b
    Examples:
      postsearch test
      postsearch test --json
    """
    expected = read(settings.search_tests)
    if not expected:
        raise SettingsError(f"{settings.search_tests}: there are no search tests", key="search_tests")
    failed = failures(engine, expected, Curation.load(settings))
    said = [*failed, f"{len(expected)} search tests, {len(failed)} failures"]
    tell(as_json, {"tests": len(expected), "failures": failed}, said)
    sys.exit(1 if failed else 0)


def _several(names: Names) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else names


def _where(engine: Searchable, post: str, place: int | None) -> str:
    if place:
        return f"is number {place}"
    is_known = post.startswith("/") or engine.post(post) is not None
    return "is not found" if is_known else "is no public post"
