"""Is a build started only for those who know the secret, and how it went told only to those who know the token?"""

from __future__ import annotations

import hmac
import json
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from extras.builds import Builds
from extras.reindex import ADDRESS, LARGEST, Reindex
from indexer import Settings
from server.app import create_app
from tests.server.conftest import POSTS, holding

OLD, NEW, TOKEN = "the secret of last year", "the sécret of this year", "the token of the operator"
BODY = b'{"ref": "refs/heads/main", "after": "4f2a"}'


def client(folder: Path, *secrets: str, token: str = "") -> FlaskClient:
    """Asks an application over the sample posts whose builds are noted in *folder*, and not begun."""
    engine = holding(*POSTS)
    builds = Builds(Settings(index=folder), engine)
    app = create_app(engine)
    Reindex(builds, secrets, token).register(app)
    return app.test_client()


def signed(body: bytes, secret: str = OLD) -> dict[str, str]:
    return {"X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), body, "sha256").hexdigest()}


def shown(token: str = TOKEN, scheme: str = "Bearer") -> dict[str, str]:
    return {"Authorization": f"{scheme} {token}"}


def is_refused(response: TestResponse, status: int) -> bool:
    assert response.content_type == "application/problem+json"
    assert "secret" not in response.text
    return (response.status_code, response.get_json()["status"]) == (status, status)


def test_a_signed_request_is_accepted(tmp_path: Path) -> None:
    response = client(tmp_path, OLD).post(ADDRESS, data=BODY, headers=signed(BODY))
    assert (response.status_code, response.content_type) == (202, "application/json")
    assert response.get_json() == {"status": "accepted", "url": ADDRESS}
    assert response.headers["Location"] == ADDRESS
    assert response.headers["Cache-Control"] == "no-store"


def test_a_request_is_signed_as_github_says_in_its_own_example(tmp_path: Path) -> None:
    signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    asking = client(tmp_path, "It's a Secret to Everybody")
    assert asking.post(ADDRESS, data=b"Hello, World!", headers={"X-Hub-Signature-256": signature}).status_code == 202


def test_two_secrets_hold_while_they_change(tmp_path: Path) -> None:
    asking = client(tmp_path, OLD, NEW)
    assert asking.post(ADDRESS, data=BODY, headers=signed(BODY, OLD)).status_code == 202
    assert asking.post(ADDRESS, data=BODY, headers=signed(BODY, NEW)).status_code == 202
    assert is_refused(client(tmp_path, NEW).post(ADDRESS, data=BODY, headers=signed(BODY, OLD)), 403)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Hub-Signature-256": ""},
        {"X-Hub-Signature-256": "sha256="},
        {"X-Hub-Signature-256": signed(BODY)["X-Hub-Signature-256"].removeprefix("sha256=")},
        {"X-Hub-Signature-256": signed(BODY)["X-Hub-Signature-256"].upper()},
        {"X-Hub-Signature-256": signed(BODY)["X-Hub-Signature-256"] * 2},
        {"X-Hub-Signature-256": "sha256=ä搜" + "0" * 62},
        {"X-Hub-Signature": signed(BODY)["X-Hub-Signature-256"]},
        signed(BODY, NEW),
        signed(BODY + b" "),
        signed(json.dumps(json.loads(BODY), separators=(",", ":")).encode()),
        shown(OLD),
    ],
)
def test_any_other_signature_is_refused(tmp_path: Path, headers: dict[str, str]) -> None:
    headers = {name: value.encode().decode("latin-1") for name, value in headers.items()}
    assert is_refused(client(tmp_path, OLD).post(ADDRESS, data=BODY, headers=headers), 403)
    assert not list(tmp_path.iterdir())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=200), signature=st.text(st.characters(max_codepoint=255, min_codepoint=32)))
def test_no_signature_is_guessed_and_none_fails(tmp_path: Path, body: bytes, signature: str) -> None:
    response = client(tmp_path, OLD, NEW).post(ADDRESS, data=body, headers={"X-Hub-Signature-256": signature})
    assert is_refused(response, 403)


def test_the_same_request_counts_once_whichever_process_it_reaches(tmp_path: Path) -> None:
    told = [
        process.post(ADDRESS, data=BODY, headers=signed(BODY) | {"X-GitHub-Delivery": f"made up {n}"})
        for n, process in enumerate([client(tmp_path, OLD), client(tmp_path, OLD), client(tmp_path, NEW, OLD)])
    ]
    assert [answer.status_code for answer in told] == [202, 202, 202]
    assert [answer.get_json()["status"] for answer in told] == ["accepted", "repeated", "repeated"]


def test_a_request_that_is_as_long_as_github_makes_them_is_read(tmp_path: Path) -> None:
    body = b"x" * LARGEST
    assert client(tmp_path, OLD).post(ADDRESS, data=body, headers=signed(body)).status_code == 202


def test_a_longer_one_is_not(tmp_path: Path) -> None:
    body = b"x" * (LARGEST + 1)
    assert is_refused(client(tmp_path, OLD).post(ADDRESS, data=body, headers=signed(body)), 413)


def test_without_a_secret_there_is_nothing_at_this_address(tmp_path: Path) -> None:
    plain, watched = client(tmp_path), client(tmp_path, token=TOKEN)
    elsewhere = plain.get("/api/v1/nothing")
    for response in (
        plain.post(ADDRESS, data=BODY, headers=signed(BODY, "")),
        plain.get(ADDRESS, headers=shown("")),
        plain.put(ADDRESS),
        watched.post(ADDRESS, data=BODY, headers=signed(BODY, "")),
        client(tmp_path, OLD).get(ADDRESS, headers=shown("")),
    ):
        assert is_refused(response, 404)
        assert response.get_json() == elsewhere.get_json()


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_another_method_is_refused(tmp_path: Path, method: str) -> None:
    response = client(tmp_path, OLD, token=TOKEN).open(ADDRESS, method=method, data=BODY, headers=signed(BODY))
    assert is_refused(response, 405)
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}


@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
def test_the_status_is_told_to_whom_who_shows_the_token(tmp_path: Path, scheme: str) -> None:
    response = client(tmp_path, token=TOKEN).get(ADDRESS, headers=shown(scheme=scheme))
    assert (response.status_code, response.content_type) == (200, "application/json")
    assert response.headers["Cache-Control"] == "no-store"
    assert (response.get_json()["status"], response.get_json()["report"]) == ("idle", None)


def test_a_request_that_is_waiting_is_told(tmp_path: Path) -> None:
    asking = client(tmp_path, OLD, token=TOKEN)
    asking.post(ADDRESS, data=BODY, headers=signed(BODY))
    assert asking.get(ADDRESS, headers=shown()).get_json()["status"] == "waiting"


@pytest.mark.parametrize(
    "headers", [{}, shown(""), shown(TOKEN + "x"), shown(TOKEN[:-1]), shown(OLD), shown(scheme="Basic"), shown("ä")]
)
def test_the_status_is_told_to_nobody_else(tmp_path: Path, headers: dict[str, str]) -> None:
    response = client(tmp_path, OLD, token=TOKEN).get(ADDRESS, headers=headers)
    assert is_refused(response, 401)
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert "idle" not in response.text


def test_a_request_that_cannot_be_noted_is_not_accepted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    response = client(tmp_path / "gone", OLD).post(ADDRESS, data=BODY, headers=signed(BODY))
    assert is_refused(response, 500)
    assert str(tmp_path) not in response.text
    assert "deliveries: No such file" in caplog.text
