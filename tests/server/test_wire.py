"""Does every failure have its status, and tell strangers no more than they need?"""

from __future__ import annotations

import inspect
import json
import re
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

import indexer
from indexer import errors
from indexer.engine import Stats
from indexer.errors import IndexMissingError, PostsearchError, QueryError
from server import wire
from server.wire import Problem

ERRORS = [
    value
    for name, value in vars(errors).items()
    if inspect.isclass(value) and issubclass(value, PostsearchError) and not name.startswith("_")
]
EVIDENCE = {"param": "q", "key": "port", "index": Path("/srv/index"), "line": 3}


def made(kind: type[PostsearchError]) -> PostsearchError:
    wanted = inspect.signature(kind.__init__).parameters
    given: dict[str, Any] = {name: EVIDENCE[name] for name in wanted.keys() & EVIDENCE.keys()}
    return kind("no such thing in /srv/index", **given)


@pytest.mark.parametrize("kind", ERRORS)
def test_every_error_has_a_status(kind: type[PostsearchError]) -> None:
    """The reader's are 400, those that time or a build may mend are 503, and all others are 500."""
    later = (indexer.IndexMissingError, indexer.IndexOutdatedError, indexer.IndexDamagedError, indexer.IndexBusyError)
    assert Problem.of(made(kind)).status == (400 if kind is indexer.QueryError else 503 if kind in later else 500)


@pytest.mark.parametrize("kind", ERRORS)
def test_only_the_reader_is_told_what_to_change(kind: type[PostsearchError]) -> None:
    problem = Problem.of(made(kind))
    assert (problem.status < 500) == (kind is QueryError)
    assert ("/srv/index" in problem.detail) == (kind is QueryError)


def test_an_error_not_foreseen_by_name_has_the_status_of_its_kind() -> None:
    class Later(IndexMissingError):
        pass

    assert Problem.of(Later("x", index=Path("i"))).status == HTTPStatus.SERVICE_UNAVAILABLE


@pytest.mark.parametrize("status", [status for status in HTTPStatus if status >= 400])
def test_every_status_is_told_in_a_sentence(status: HTTPStatus) -> None:
    detail = Problem.of_status(status).detail
    assert detail[0].isupper()
    assert detail.endswith(".")
    assert not detail.endswith("..")


@pytest.mark.parametrize("status", [status for status in HTTPStatus if status >= 400])
def test_every_status_has_a_word_for_programs(status: HTTPStatus) -> None:
    assert re.fullmatch("[a-z]+(-[a-z]+)*", Problem.of_status(status).code.replace("'", ""))


def test_a_problem_is_told_as_rfc_9457_has_it() -> None:
    body = wire.problem(Problem.of(QueryError("pages count from 1", param="page")))
    assert json.loads(body) == {
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "detail": "Pages count from 1.",
        "code": "bad-parameter",
        "param": "page",
    }


def test_a_problem_without_a_parameter_names_none() -> None:
    assert "param" not in json.loads(wire.problem(Problem.of_status(404)))


def test_health_is_told_with_what_it_is_of() -> None:
    stats = Stats(posts=3, words=9, tags=1, bytes=100, generation="7")
    assert wire.health(stats) == {"status": "ok", "posts": 3, "generation": "7"}


def test_damage_is_told_without_the_names_of_folders() -> None:
    stats = Stats(posts=3, words=9, tags=1, bytes=100, generation="7", trouble="/srv/index/000002: is damaged")
    told = wire.health(stats)
    assert (told["status"], told["posts"]) == ("degraded", 3)
    assert told["trouble"]
    assert "/srv" not in told["trouble"]
