"""Do nginx and Caddy, as docs/deploy/ sets them up, pass on what they should and keep off what they should?"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from server.params import LONGEST
from tests.deploy.fronts import FRONTS, PAGE, Starter, ask, free_port, mirror
from tests.server.running import get, serving

pytestmark = pytest.mark.slow

GZIP = {"Accept-Encoding": "gzip"}


@pytest.fixture(scope="module", params=FRONTS)
def start(request: pytest.FixtureRequest) -> Starter:
    """Starts one of the web servers."""
    return FRONTS[request.param]


@pytest.fixture(scope="module")
def backend(folder: Path) -> Iterator[int]:
    """The port of a server of ours."""
    with serving(folder, "--site-url", "https://www.example.org") as (_, address, _):
        yield urlsplit(address).port or 0


@pytest.fixture(scope="module")
def port(start: Starter, backend: int) -> Iterator[int]:
    """The port of a web server with ours behind it."""
    with start(backend) as front:
        yield front.port


@contextmanager
def mirrored(start: Starter) -> Iterator[int]:
    """The port of a web server with one behind it that tells what has reached it."""
    with mirror() as other, start(other) as front:
        yield front.port


@pytest.fixture(scope="module")
def told(start: Starter) -> Iterator[int]:
    with mirrored(start) as port:
        yield port


def test_the_pages_of_the_site_are_served(port: int) -> None:
    reply = ask(port, "/", headers=GZIP)
    assert (reply.status, reply.text) == (200, PAGE)
    assert reply.headers["Content-Encoding"] == "gzip"
    assert ask(port, "/nowhere").status == 404


def test_the_results_page_answers_with_its_style(port: int) -> None:
    reply = ask(port, "/search?q=sourdough")
    assert reply.status == 200
    assert "<mark>" in reply.text
    style = ask(port, "/static/page.css", headers=GZIP)
    assert (style.status, style.headers.get_content_type()) == (200, "text/css")
    assert "color" in style.text


def test_a_file_of_the_site_stands_before_one_of_the_results_page(port: int) -> None:
    assert ask(port, "/static/own.css").text == "p { color: green }"


def test_programs_get_what_the_server_answers(port: int, backend: int) -> None:
    status, answer = get(f"http://127.0.0.1:{port}/api/v1/search?q=readers&tag=writing")
    direct = get(f"http://127.0.0.1:{backend}/api/v1/search?q=readers&tag=writing")[1]
    assert (status, answer["total"] > 0) == (200, True)
    assert {**answer, "took_ms": 0} == {**direct, "took_ms": 0}
    assert get(f"http://127.0.0.1:{port}/api/v1/search?page=0")[1]["param"] == "page"


def test_the_longest_question_gets_through(told: int) -> None:
    path = f"/api/v1/search?q={quote('𝄞' * LONGEST)}"
    assert json.loads(ask(told, path).text)["path"] == path


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/posts/about.md"])
def test_what_is_not_for_readers_stays_inside(told: int, path: str) -> None:
    assert ask(told, path).status == 404


@pytest.mark.parametrize("path", ["/", "/static/page.css", "/static/own.css", "/search?q=a", "/api/v1/search?q=a"])
@pytest.mark.parametrize("accepted", [{}, GZIP], ids=["plain", "gzip"])
def test_who_has_an_answer_already_is_not_sent_it_again(port: int, path: str, accepted: dict[str, str]) -> None:
    first = ask(port, path, headers=accepted)
    again = ask(port, path, headers=accepted | {"If-None-Match": first.headers["ETag"]})
    assert (first.status, again.status, again.body) == (200, 304, b"")


def test_a_kept_and_compressed_answer_passes_as_it_is(told: int) -> None:
    reply = ask(told, "/api/v1/search?q=a", headers=GZIP)
    assert reply.headers.get_all("Content-Encoding") == ["gzip"]
    assert json.loads(reply.text)["path"] == "/api/v1/search?q=a"
    assert reply.headers["ETag"] == 'W/"7"'
    again = ask(told, "/api/v1/search?q=a", headers=GZIP | {"If-None-Match": 'W/"7"'})
    assert (again.status, again.body) == (304, b"")


def arrived(port: int, path: str, **sent: str) -> dict[str, str]:
    """The headers that the server behind the web server is asked with."""
    headers = {name.replace("__", "-"): value for name, value in sent.items()}
    return {name.lower(): value for name, value in json.loads(ask(port, path, headers=headers).text)["headers"]}


@pytest.mark.parametrize("path", ["/search", "/api/v1/search", "/api/v1/reindex", "/static/page.css"])
def test_it_is_told_who_asks_whatever_they_say_themselves(told: int, path: str) -> None:
    headers = arrived(told, path, X__Forwarded__For="192.0.2.1", X__Forwarded__Proto="gopher")
    assert headers["x-forwarded-for"].split(", ")[-1] == "127.0.0.1"
    assert headers["x-forwarded-proto"] == "http"
    assert headers["host"].startswith("127.0.0.1")


@pytest.mark.parametrize("name", ["X_Forwarded_For", "x_forwarded__For", "X__Forwarded_for"])
def test_a_header_that_would_be_taken_for_another_is_dropped(told: int, name: str) -> None:
    assert "192.0.2.1" not in arrived(told, "/api/v1/search", **{name: "192.0.2.1"}).values()


def test_who_asks_too_much_has_to_wait_whoever_they_say_they_are(start: Starter, folder: Path) -> None:
    limits = {"POSTSEARCH_TRUSTED_PROXIES": "1", "POSTSEARCH_RATE_LIMIT": "0.1", "POSTSEARCH_RATE_BURST": "3"}
    with serving(folder, **limits) as (_, address, _), start(urlsplit(address).port or 0) as front:
        named = [{"X-Forwarded-For": f"192.0.2.{n}", "X_Forwarded_For": f"198.51.100.{n}"} for n in range(6)]
        replies = [ask(front.port, "/api/v1/tags", headers=headers) for headers in named]
    assert [reply.status for reply in replies] == [200] * 3 + [429] * 3
    assert int(replies[-1].headers["Retry-After"]) > 0


def test_a_huge_header_is_refused(port: int) -> None:
    assert ask(port, "/search", headers={"X-Much": "x" * 60_000}).status in (400, 431)
    assert ask(port, f"/search?q={'x' * 60_000}").status in (400, 414, 431)


@pytest.mark.parametrize("path", ["/search", "/api/v1/search"])
def test_a_huge_body_is_refused(told: int, path: str) -> None:
    assert ask(told, path, method="POST", body=b"x" * 200_000).status == 413


def test_the_body_of_a_webhook_may_be_long(told: int) -> None:
    reply = ask(told, "/api/v1/reindex", method="POST", body=b"x" * 2_000_000)
    assert json.loads(reply.text)["length"] == 2_000_000


def test_nginx_holds_back_who_asks_without_end() -> None:
    with mirrored(FRONTS["nginx"]) as port:
        statuses = [ask(port, "/api/v1/search?q=a").status for _ in range(300)]
    assert set(statuses) == {200, 429}
    assert statuses[:120] == [200] * 120


def test_readers_are_told_while_the_server_is_down_and_answered_once_it_is_back(start: Starter, folder: Path) -> None:
    backend = free_port()
    with start(backend) as front:
        for _ in range(2):
            with serving(folder, "--port", str(backend)):
                assert ask(front.port, "/search?q=sourdough").status == 200
            assert ask(front.port, "/search?q=sourdough").status in (502, 503)
            assert ask(front.port, "/").status == 200


def test_nothing_of_it_is_left_once_it_is_stopped(start: Starter) -> None:
    with start(free_port()) as front:
        assert ask(front.port, "/").status == 200
    assert front.process.returncode == 0
    with pytest.raises(ProcessLookupError):
        os.killpg(front.process.pid, 0)
    with pytest.raises(ConnectionRefusedError):
        ask(front.port, "/")


def test_it_runs_without_any_rights(start: Starter) -> None:
    with start(free_port()) as front:
        status = Path(f"/proc/{front.process.pid}/status").read_text("utf-8")
    assert "CapEff:\t0000000000000000" in status
