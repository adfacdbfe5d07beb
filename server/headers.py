"""What must a browser be told about every answer?"""

from collections.abc import Iterable

from server.api import answers_programs
from server.reply import Environ, Reply

# Nothing on a page runs or comes from elsewhere: markup of a post that slipped through could do nothing.
_PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:;"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"

_ALWAYS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "strict-origin-when-cross-origin"}
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "Content-Type",
    "Access-Control-Max-Age": "86400",
}


class Policy:
    """What is told. Pages of *origins* may ask the API: an exact list, or `*` for those of any site."""

    def __init__(self, origins: Iterable[str]) -> None:
        self._origins = frozenset(origin.rstrip("/").lower() for origin in origins)

    def told(self, environ: Environ, reply: Reply) -> dict[str, str]:
        """The headers of *reply*, and those that browsers need."""
        is_page = reply.headers.get("Content-Type", "").startswith("text/html")
        cached = {"Cache-Control": "no-store" if reply.status >= "4" else "no-cache"}
        told = cached | {"Content-Security-Policy": _PAGE_POLICY if is_page else _DATA_POLICY} | reply.headers | _ALWAYS
        return told | self._shared(environ, told) if answers_programs(environ["PATH_INFO"]) and self._origins else told

    def _shared(self, environ: Environ, told: dict[str, str]) -> dict[str, str]:
        allowed, shared = "*", {}
        if "*" not in self._origins:
            shared["Vary"] = f"{told['Vary']}, Origin" if "Vary" in told else "Origin"
            allowed = environ.get("HTTP_ORIGIN", "")
            if allowed.lower() not in self._origins:
                return shared
        shared["Access-Control-Allow-Origin"] = allowed
        shared["Access-Control-Expose-Headers"] = "ETag, Link, Retry-After, X-Request-Id"
        return {**_PREFLIGHT, **told, **shared} if environ["REQUEST_METHOD"] == "OPTIONS" else shared
