"""Who may have a build started over HTTP, and who may see how the last one went?"""

import hmac
from dataclasses import dataclass

from flask import Flask, Response, abort, request

from extras.admin import admit, is_same
from extras.builds import Builds
from indexer import Searchable, Settings
from server import wire

ADDRESS, SIGNATURE = "/api/v1/reindex", "X-Hub-Signature-256"

#: Bytes of the longest request: what GitHub sends at most. Nothing of it is kept.
LARGEST = 25 << 20


def register(app: Flask, engine: Searchable, settings: Settings) -> None:
    """See to builds of the index that *settings* name, and give *app* the routes for those who may ask for one."""
    builds = Builds(settings, engine)
    builds.start()
    Reindex(builds, settings.webhook_secrets, settings.admin_token).register(app)


@dataclass(frozen=True, slots=True)
class Reindex:
    """The routes over *builds*: for those who sign with one of *secrets*, and those who show *token*."""

    builds: Builds
    secrets: tuple[str, ...]
    token: str

    def register(self, app: Flask) -> None:
        """Give *app* these routes, if anybody may use them."""
        if self.secrets or self.token:
            app.add_url_rule(ADDRESS, "reindex.ask", self.ask, methods=["POST"])
            app.add_url_rule(ADDRESS, "reindex.status", self.status)

    def ask(self) -> Response:
        """Have a build started; the answer does not wait for it."""
        if not self.secrets:
            abort(404)
        status = "accepted" if self.builds.ask(self._signature()) else "repeated"
        return _response({"status": status, "url": ADDRESS}, 202, Location=ADDRESS)

    def status(self) -> Response:
        """What the server is about, and what came of the last build."""
        admit(self.token)
        return _response(self.builds.status(), 200)

    def _signature(self) -> str:
        """The signature of the request, as GitHub signs: HMAC-SHA256 over all of the body, byte by byte."""
        request.max_content_length = LARGEST
        sums = [hmac.new(secret.encode(), digestmod="sha256") for secret in self.secrets]
        while chunk := request.stream.read(1 << 16):
            for sum in sums:
                sum.update(chunk)
        shown = request.headers.get(SIGNATURE, "")
        right = [sum.hexdigest() for sum in sums if is_same(shown, f"sha256={sum.hexdigest()}")]
        if not right:
            abort(403)
        return right[0]


def _response(told: object, status: int, **headers: str) -> Response:
    return wire.response(told, status, **{"Cache-Control": "no-store"}, **headers)
