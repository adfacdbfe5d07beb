"""What goes back to a client?"""

from math import ceil
from typing import Any, NamedTuple

from server import wire

#: A request, as WSGI has it.
Environ = dict[str, Any]


class Reply(NamedTuple):
    """All of an answer."""

    #: Such as `200 OK`.
    status: str

    headers: dict[str, str]
    body: bytes

    def unchanged(self) -> "Reply":
        """What is said to a client that has it already."""
        about = {name: value for name, value in self.headers.items() if not name.startswith("Content-")}
        return Reply("304 Not Modified", about, b"")


def refusal(problem: wire.Problem, wait: float) -> Reply:
    """The reply to a request that nobody looks at; after *wait* seconds another one may fare better."""
    about = {"Content-Type": wire.PROBLEM_JSON, "Retry-After": str(ceil(wait))}
    return Reply(f"{problem.status.value} {problem.status.phrase}", about, wire.problem(problem))
