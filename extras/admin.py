"""Who is let in where only the operator should be?"""

import hmac

from flask import abort, request
from werkzeug.datastructures import WWWAuthenticate


def admit(token: str) -> None:
    """Go on for those who show *token*; without one, nothing is there."""
    if not token:
        abort(404)
    shown = request.authorization
    if not (shown and shown.type == "bearer" and is_same(shown.token or "", token)):
        abort(401, www_authenticate=WWWAuthenticate("bearer"))


def is_same(shown: str, secret: str) -> bool:
    """Whether they are the same text; how long that takes gives nothing away."""
    # In bytes, since of texts beyond ASCII no two can be compared; WSGI reads those of a request as Latin-1.
    return hmac.compare_digest(shown.encode("latin-1", "replace"), secret.encode())
