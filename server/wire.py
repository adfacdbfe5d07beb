"""How do answers and failures travel? Nothing else knows that it is JSON."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any

import msgspec
from flask import Response

import indexer
from indexer import Post, PostsearchError, QueryError, Stats, link

JSON = "application/json"
PROBLEM_JSON = "application/problem+json"

#: Whose turn it is: 4xx the reader's, 5xx the operator's.
STATUS: dict[type[PostsearchError], HTTPStatus] = {
    PostsearchError: HTTPStatus.INTERNAL_SERVER_ERROR,
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
    HTTPStatus.TOO_MANY_REQUESTS: "So many questions came from your address that this one has to wait a little.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Something went wrong here; the log of the server says what.",
    HTTPStatus.SERVICE_UNAVAILABLE: "Search is not ready yet; please try again in a little while.",
}

# Words for programs; for the others, what the status means.
_CODE = {413: "too-large", 429: "rate-limited", 500: "failed", 503: "not-ready"}

#: What is told of a post as it stands there.
FACTS = ("title", "description", "date", "updated", "tags", "categories", "authors", "language")

_ABSENT = "There is no index that can be read; the log of the server says why."
_TROUBLE = "There is a newer index, but it is damaged; `postsearch check --index` names the file, a build mends it."


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a request was not answered, in the terms of RFC 9457."""

    status: HTTPStatus
    detail: str

    #: A word for programs; it stays what it is.
    code: str

    #: The parameter that has to change, where one is to blame.
    param: str | None = None

    @classmethod
    def of_status(cls, status: int) -> Problem:
        """The problem that an HTTP status tells of."""
        known = HTTPStatus(status)
        code = _CODE.get(known) or known.phrase.lower().replace(" ", "-")
        return cls(known, _sentence(_DETAIL.get(known) or known.description or known.phrase), code)

    @classmethod
    def of(cls, error: PostsearchError) -> Problem:
        """The problem behind *error*."""
        if isinstance(error, QueryError):
            return cls(STATUS[QueryError], _sentence(str(error)), "bad-parameter", error.param)
        return cls.of_status(next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS))


#: What more requests are told than one process can work on.
OVERLOADED = Problem(HTTPStatus.SERVICE_UNAVAILABLE, "Many are asking just now; please try again.", "overloaded")


def response(told: object, status: int = 200, **headers: str) -> Response:
    """An answer that says what is *told*: plain data, or a frozen value with all of its fields."""
    return Response(msgspec.json.encode(told), status, headers, content_type=JSON)


def post(post: Post, *, site_url: str, body: bool) -> dict[str, Any]:
    """What `/api/v1/posts/<id>` tells, with the text of the post or without."""
    at = partial(link, post, site_url=site_url)
    told = {"id": post.id, "url": at()} | {name: getattr(post, name) for name in FACTS}
    told["sections"] = [{"heading": one.heading, "level": one.level, "url": at(one)} for one in post.sections]
    return told | ({"body": post.body} if body else {})


def health(stats: Stats | None) -> dict[str, Any]:
    """What `/healthz` and `/readyz` tell; without *stats*, no index can be read."""
    if stats is None:
        return {"status": "not-ready", "trouble": _ABSENT}
    state = {"status": "degraded", "trouble": _TROUBLE} if stats.trouble else {"status": "ok"}
    return state | {"posts": stats.posts, "generation": stats.generation}


def problem(problem: Problem) -> bytes:
    """The body that goes with `PROBLEM_JSON`."""
    told = {"type": "about:blank", "title": problem.status.phrase, "status": problem.status, "detail": problem.detail}
    return msgspec.json.encode(told | {"code": problem.code} | ({"param": problem.param} if problem.param else {}))


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '?', '!')) else '.'}"
