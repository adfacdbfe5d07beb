"""What does a client get when something goes wrong?"""

from http import HTTPStatus

from flask import Flask, Response, render_template, request
from werkzeug.exceptions import HTTPException

from indexer import PostsearchError
from server import wire
from server.api import answers_programs
from server.params import LONGEST, Params, given
from server.wire import Problem

#: When to ask again if the index was not ready: builds of most sites take less.
SECONDS_TO_WAIT = 10


def register(app: Flask) -> None:
    """Have *app* answer every failure in the client's own kind: data for programs, a page for people."""

    def of_http(error: HTTPException) -> Response:
        response = _respond(Problem.of_status(error.code or 500))
        # Allow, for instance, tells which methods an address answers.
        response.headers.extend((k, v) for k, v in error.get_headers() if k.lower() != "content-type")
        return response

    def foreseen(error: PostsearchError) -> Response:
        problem = Problem.of(error)
        if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            app.logger.error("%s", error)
        return _respond(problem)

    def unforeseen(error: Exception) -> Response:
        app.logger.error("%s: %s failed", request.environ["postsearch.request"], request.path, exc_info=error)
        return _respond(Problem.of_status(500))

    app.register_error_handler(HTTPException, of_http)
    app.register_error_handler(PostsearchError, foreseen)
    app.register_error_handler(Exception, unforeseen)


def _respond(problem: Problem) -> Response:
    if answers_programs(request.path):
        response = Response(wire.problem(problem), problem.status, content_type=wire.PROBLEM_JSON)
    else:
        params = Params(q=given(request.environ).get("q", [""])[0][:LONGEST])
        response = Response(render_template("problem.html", problem=problem, params=params), problem.status)
    if problem.status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = str(SECONDS_TO_WAIT)
    return response
