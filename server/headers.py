"""What must a browser be told about every answer?"""

from collections.abc import Iterable

from flask import Flask, Response, request

from server.api import answers_programs

# Nothing on a page runs or comes from elsewhere: markup of a post that slipped through could do nothing.
_PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:;"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"


def register(app: Flask, *, cors_origins: Iterable[str] = ()) -> None:
    """Have every answer of *app* sent with what browsers need to know.

    Pages of *cors_origins* may ask the API: an exact list, or `*` for those of any site.
    """
    origins = frozenset(origin.rstrip("/").lower() for origin in cors_origins)

    @app.after_request
    def tell(response: Response) -> Response:
        policy = _PAGE_POLICY if response.mimetype == "text/html" else _DATA_POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
        response.headers["Content-Security-Policy"] = policy
        if answers_programs(request.path) and origins:
            _share(response, origins)
        return response


def _share(response: Response, origins: frozenset[str]) -> None:
    allowed = "*"
    if "*" not in origins:
        response.vary.add("Origin")
        allowed = request.headers.get("Origin", "")
        if allowed.lower() not in origins:
            return
    response.headers["Access-Control-Allow-Origin"] = allowed
    response.headers["Access-Control-Expose-Headers"] = "Retry-After"
    if request.method == "OPTIONS":
        response.headers.setdefault("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS")
        response.headers.setdefault("Access-Control-Allow-Headers", "Content-Type")
        response.headers["Access-Control-Max-Age"] = "86400"
