"""What goes back to a client?"""

from math import ceil
from typing import Any, NamedTuple

from server import wire

#: A request, as WSGI has it.
Environ = dict[str, Any]


class Reply(NamedTuple):
    """All of an answer, and what the operator may want to know about it."""

    #: Such as `200 OK`.
    status: str

    headers: dict[str, str]
    body: bytes

    #: The rule of the address, such as `/posts/<path:id>`; never the address itself, which a reader has written.
    route: str = "-"

    #: `hit` or `miss`, where answers are kept.
    cache: str = ""

    #: Whether it says that nothing was found.
    is_empty: bool = False

    def unchanged(self) -> "Reply":
        """What is said to a client that has it already."""
        about = {name: value for name, value in self.headers.items() if not name.startswith("Content-")}
        return self._replace(status="304 Not Modified", headers=about, body=b"")


def refusal(problem: wire.Problem, wait: float) -> Reply:
    """The reply to a request that nobody looks at; after *wait* seconds another one may fare better."""
    about = {"Content-Type": wire.PROBLEM_JSON, "Retry-After": str(ceil(wait))}
    return Reply(f"{problem.status.value} {problem.status.phrase}", about, wire.problem(problem))
