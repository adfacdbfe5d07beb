"""Which answers does the author expect, and does the index give them?"""

import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import count
from math import inf
from pathlib import Path
from typing import Annotated, Any

import click
import msgspec
import yaml

from indexer.cli import pass_engine, tell
from indexer.curation import Curation
from indexer.engine import Engine, Searchable
from indexer.errors import BuildRefusedError, ContentError, SettingsError
from indexer.search import MOST_PER_PAGE, search
from indexer.settings import SEARCH_TESTS, Settings

#: Posts, each by its id or its address; or tags. The file may have one name in place of a list.
Names = tuple[Annotated[str, msgspec.Meta(min_length=1)], ...]


class Expectation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to become of one question."""

    query: str

    #: The post that has to stand first.
    first: Annotated[Names, msgspec.Meta(max_length=1)] = ()

    #: Posts that have to be among the first three.
    top: Names = ()

    #: Posts that must not be found.
    never: Names = ()

    #: Only posts with all of these tags.
    tag: Names = ()

    def __post_init__(self) -> None:
        """Raise `ValueError` if there is nothing that could fail."""
        if not self.posts:
            raise ValueError("expects nothing; say first, top or never")

    @property
    def posts(self) -> Names:
        """All that it names."""
        return self.first + self.top + self.never

    def failures(self, engine: Searchable, curation: Curation) -> Iterator[str]:
        """What is otherwise, in sentences."""
        ids, places = self._found(engine, curation)
        for names, most, where in ((self.first, 1, "first"), (self.top, 3, "among the first three")):
            for post in names:
                if places.get(post, inf) > most:
                    instead = ", ".join(ids[:most]) or "nothing"
                    stands = _standing(engine, post, places)
                    yield f"`{self.query}`: {post} should be {where}, but is {stands} (instead: {instead})"
        for post in self.never:
            if post in places:
                yield f"`{self.query}`: {post} should not be found, but is number {places[post]}"

    def _found(self, engine: Searchable, curation: Curation) -> tuple[list[str], dict[str, int]]:
        """The ids found, in order, and places from 1 by id and by address: page by page, until all named are found."""
        ids: list[str] = []
        places: dict[str, int] = {}
        for page in count(1):
            narrowed = {"tag": self.tag, "page": page, "per_page": MOST_PER_PAGE, "curation": curation}
            found = search(engine, self.query, facets=(), snippets=False, **narrowed)
            for hit in found.hits:
                ids.append(hit.id)
                places |= {name: places.get(name, len(ids)) for name in (hit.id, hit.url)}
            if page >= found.pages or places.keys() >= {*self.posts}:
                break
        return ids, places


def read(settings: Settings) -> tuple[Expectation, ...]:
    """The author's expectations; none if there is no file of the usual name. Raises `SettingsError`."""
    path = settings.search_tests
    if path.name == SEARCH_TESTS and not path.exists():
        return ()
    try:
        return tuple(_expectation(*test, settings.content) for test in _tests(path))
    except ContentError as error:
        raise SettingsError(f"{path}:{error.line}: {error.reason}", key="search_tests") from error
    except (OSError, RecursionError) as error:
        raise SettingsError(f"{path}: cannot be read: {error}", key="search_tests") from error


def failures(engine: Searchable, expectations: Iterable[Expectation], curation: Curation) -> list[str]:
    """What is otherwise than the author expects."""
    return [failure for expectation in expectations for failure in expectation.failures(engine, curation)]


def trial(settings: Settings) -> Callable[[Searchable], int]:
    """What tries an engine before it is published: it raises `BuildRefusedError`, or answers how many tests there are.

    Raises `SettingsError` for tests that cannot be read.
    """
    expected, curation = read(settings), Curation.load(settings)

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
    expected = read(settings)
    if not expected:
        raise SettingsError(f"{settings.search_tests}: there are no search tests", key="search_tests")
    failed = failures(engine, expected, Curation.load(settings))
    said = [*failed, f"search tests: {len(expected)}, failures: {len(failed)}"]
    tell(as_json, {"tests": len(expected), "failures": failed}, said)
    sys.exit(1 if failed else 0)


def _standing(engine: Searchable, post: str, places: dict[str, int]) -> str:
    if post in places:
        return f"number {places[post]}"
    return "not found" if post.startswith("/") or engine.post(post) else "no public post"


def _tests(path: Path) -> Iterable[tuple[yaml.Node, Any]]:
    """Each test of a file: as YAML's node, which knows its line, and as plain data. Raises `ContentError`."""
    try:
        loader = yaml.BaseLoader(path.read_bytes())  # with which all that is written stays text
        if not (node := loader.get_single_node()):
            return ()
        tests = loader.construct_document(node)
    except yaml.YAMLError as error:
        line = getattr(getattr(error, "problem_mark", None), "line", 0)
        reason = getattr(error, "problem", None) or getattr(error, "reason", None)
        raise ContentError(f"is not YAML: {reason}", line=line + 1) from error
    return zip(node.value, tests, strict=True) if isinstance(tests, list) else [(node, None)]


def _expectation(node: yaml.Node, test: Any, content: Path) -> Expectation:
    """A test, checked. Raises `ContentError`."""
    line = node.start_mark.line + 1
    if not isinstance(test, dict):
        raise ContentError("is not a list of tests such as `- query: bread`", line=line)
    if len(node.value) > len(test):
        raise ContentError("says a key twice", line=line)
    try:
        several = {key: [value] if isinstance(value, str) and key != "query" else value for key, value in test.items()}
        expectation = msgspec.convert(several, Expectation)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$.")
        raise ContentError(f"{where[:-1]}: {what}" if where else what, line=line) from error
    for post in expectation.posts:
        if not (post.startswith("/") or (content / post).is_file()):
            raise ContentError(f"there is no post {post} below {content}", line=line)
    return expectation
