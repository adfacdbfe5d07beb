"""How do answers and failures travel? Nothing else knows that it is JSON."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

import msgspec

import indexer
from indexer import PostsearchError, QueryError, Stats

JSON = "application/json"
PROBLEM_JSON = "application/problem+json"

#: Whose turn it is: 4xx the reader's, 5xx the operator's.
STATUS: dict[type[PostsearchError], HTTPStatus] = {
    PostsearchError: HTTPStatus.INTERNAL_SERVER_ERROR,
    indexer.ForeignWriterError: HTTPStatus.INTERNAL_SERVER_ERROR,
    indexer.ContentError: HTTPStatus.INTERNAL_SERVER_ERROR,
    indexer.SettingsError: HTTPStatus.INTERNAL_SERVER_ERROR,
    indexer.BuildRefusedError: HTTPStatus.INTERNAL_SERVER_ERROR,
    indexer.IndexUnwritableError: HTTPStatus.INTERNAL_SERVER_ERROR,
    indexer.IndexMissingError: HTTPStatus.SERVICE_UNAVAILABLE,
    indexer.IndexOutdatedError: HTTPStatus.SERVICE_UNAVAILABLE,
    indexer.IndexDamagedError: HTTPStatus.SERVICE_UNAVAILABLE,
    indexer.IndexBusyError: HTTPStatus.SERVICE_UNAVAILABLE,
    QueryError: HTTPStatus.BAD_REQUEST,
}

# What the operator reads in the log names folders and files; a stranger gets these words instead.
_DETAIL = {
    HTTPStatus.UNAUTHORIZED: "This address wants the admin token.",
    HTTPStatus.FORBIDDEN: "The signature of the request is missing or wrong.",
    HTTPStatus.NOT_FOUND: "There is nothing at this address.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This address does not answer this method; the header Allow names those it does.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Something went wrong here; the log of the server says what.",
    HTTPStatus.SERVICE_UNAVAILABLE: "Search is not ready yet; please try again in a little while.",
}

_TROUBLE = "There is a newer index, but it is damaged; `postsearch check --index` names the file, a build mends it."


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a request was not answered, in the terms of RFC 9457."""

    status: HTTPStatus
    detail: str

    #: The parameter that has to change, where one is to blame.
    param: str | None = None

    @classmethod
    def of_status(cls, status: int) -> Problem:
        """The problem that an HTTP status tells of."""
        known = HTTPStatus(status)
        return cls(known, _sentence(_DETAIL.get(known) or known.description or known.phrase))

    @classmethod
    def of(cls, error: PostsearchError) -> Problem:
        """The problem behind *error*."""
        if isinstance(error, QueryError):
            return cls(STATUS[QueryError], _sentence(str(error)), error.param)
        return cls.of_status(next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS))


def body(told: object) -> bytes:
    """The body of an answer that says what is *told*: plain data, or a frozen value with all of its fields."""
    return msgspec.json.encode(told)


def health(stats: Stats) -> bytes:
    """The body of `/healthz`."""
    state = {"status": "degraded", "trouble": _TROUBLE} if stats.trouble else {"status": "ok"}
    return msgspec.json.encode(state | {"posts": stats.posts, "generation": stats.generation})


def problem(problem: Problem) -> bytes:
    """The body that goes with `PROBLEM_JSON`."""
    told = {"type": "about:blank", "title": problem.status.phrase, "status": problem.status, "detail": problem.detail}
    return msgspec.json.encode(told | ({"param": problem.param} if problem.param else {}))


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '?', '!')) else '.'}"
