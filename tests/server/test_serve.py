"""Does `postsearch serve`, really started, answer, refuse and stop as it should?"""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from indexer import Settings, open_engine, search
from tests.server.conftest import POSTS
from tests.server.running import CLEAN, get, serving, start, stop


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an index of the sample posts where commands look for it."""
    folder = tmp_path_factory.mktemp("site")
    engine = open_engine(Settings(index=folder / ".postsearch"))
    engine.apply(put=POSTS)
    engine.close()
    return folder


def refused(folder: Path, *flags: str) -> tuple[int, str, str]:
    """The exit code and the words of a server that does not start."""
    server = start(folder, *flags)
    said, complained = server.communicate(timeout=60)
    return server.returncode, said, complained


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    with serving(folder) as (_, address, _):
        yield address


def test_it_says_where_it_is_once_it_is_there(folder: Path) -> None:
    with serving(folder) as (said, address, _):
        assert said == f"Searching {len(POSTS)} posts at {address}/search (Ctrl-C stops)\n"
        assert get(f"{address}/healthz")[0] == 200


@pytest.mark.parametrize("question", ["restore", "storage%20copy", "%E6%90%9C%E7%B4%A2", "note&sort=title&page=2"])
def test_it_finds_what_the_library_finds(folder: Path, address: str, question: str) -> None:
    status, answer = get(f"{address}/api/v1/search?q={question}")
    engine = open_engine(Settings(index=folder / ".postsearch"))
    expected = search(engine, answer["query"], sort=answer["sort"], page=answer["page"])
    engine.close()
    assert status == 200
    assert [hit["id"] for hit in answer["results"]] == [hit.id for hit in expected.hits]
    assert answer["total"] == expected.total > 0


def test_it_serves_pages_and_their_style(address: str) -> None:
    status, body = get(f"{address}/search?q=restore")
    assert status == 200
    assert "<mark>" in body
    assert get(f"{address}/static/page.css")[0] == 200


def test_it_refuses_as_data(address: str) -> None:
    assert get(f"{address}/api/v1/search?page=0")[1]["param"] == "page"


def test_a_browser_gets_less_and_then_nothing(address: str) -> None:
    asked = Request(f"{address}/api/v1/search", headers={"Accept-Encoding": "gzip"})
    with urlopen(asked, timeout=20) as response:
        assert json.loads(gzip.decompress(response.read()))["total"] == len(POSTS)
        asked.add_header("If-None-Match", response.headers["ETag"])
    with pytest.raises(HTTPError) as answer:
        urlopen(asked, timeout=20)
    with answer.value as response:
        assert (response.code, response.read()) == (304, b"")
        assert "Content-Length" not in response.headers


def test_a_head_ends_where_its_headers_end(address: str) -> None:
    with closing(HTTPConnection(address.removeprefix("http://"), timeout=20)) as connection:
        for _ in range(2):
            for method in ("HEAD", "GET"):
                connection.request(method, "/api/v1/search?q=restore")
                with connection.getresponse() as response:
                    assert (response.status, bool(response.read())) == (200, method == "GET")
                    assert int(response.headers["Content-Length"]) > 100


@pytest.mark.slow
def test_the_client_whom_the_last_proxy_names_is_limited(folder: Path) -> None:
    limits = {"POSTSEARCH_RATE_LIMIT": "0.01", "POSTSEARCH_RATE_BURST": "2", "POSTSEARCH_TRUSTED_PROXIES": "1"}
    with serving(folder, **limits) as (_, address, _):
        statuses = []
        for number, client in enumerate(["8.8.8.8", "8.8.8.8", "8.8.8.8", "9.9.9.9"]):
            # Some proxies write a header of their own behind that of the client.
            headers = f"X-Forwarded-For: 1.1.1.{number}\r\nX-Forwarded-For: {client}\r\n"
            host, _, port = address.removeprefix("http://").partition(":")
            with socket.create_connection((host, int(port)), timeout=20) as connection:
                connection.sendall(f"GET /search HTTP/1.1\r\nHost: x\r\n{headers}Connection: close\r\n\r\n".encode())
                statuses.append(connection.makefile("rb").readline().split()[1])
    assert statuses == [b"200", b"200", b"429", b"200"]


@pytest.mark.slow
def test_its_processes_know_the_settings_it_was_given(folder: Path) -> None:
    with serving(folder, "--site-url", "https://example.org/blog", "--workers", "2") as (_, address, _):
        (hit,) = get(f"{address}/api/v1/search?q=restore")[1]["results"]
    assert hit["url"] == "https://example.org/blog/2023/08/backups.html"


@pytest.mark.slow
def test_it_heeds_the_settings_file_and_the_environment(folder: Path, tmp_path: Path) -> None:
    index = folder / ".postsearch"
    (tmp_path / "postsearch.toml").write_text(f'index = "{index}"\nsite_url = "https://a.example"', "utf-8")
    with serving(tmp_path, POSTSEARCH_SITE_URL="https://b.example") as (_, address, _):
        (hit,) = get(f"{address}/api/v1/search?q=restore")[1]["results"]
    assert hit["url"] == "https://b.example/2023/08/backups.html"


def test_python_files_of_the_site_are_none_of_its_business(folder: Path, tmp_path: Path) -> None:
    for name in ("__init__", "server", "indexer", "calendar", "flask"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('imported')", "utf-8")
    with serving(tmp_path, "--index", str(folder / ".postsearch")) as (_, address, _):
        assert get(f"{address}/search")[0] == 200


def test_a_taken_port_is_said_plainly(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert refused(folder, "--port", str(port)) == (
            2,
            "",
            f"postsearch: Port {port} is taken on 127.0.0.1;"
            f" choose another with --port, or PORT={port + 1} make demo\n",
        )


def test_a_port_of_another_server_is_not_shared(folder: Path, address: str) -> None:
    code, _, complained = refused(folder, "--port", address.rpartition(":")[2])
    assert code == 2
    assert "is taken" in complained


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid", ""])
def test_a_host_that_is_not_here_is_said_plainly(folder: Path, host: str) -> None:
    code, said, complained = refused(folder, "--port", "0", "--host", host)
    assert (code, said) == (2, "")
    assert re.fullmatch(r"postsearch: .*--host\n", complained)


def test_a_missing_index_is_said_before_anything_is_served(tmp_path: Path) -> None:
    code, said, complained = refused(tmp_path, "--port", "0")
    assert (code, said) == (3, "")
    assert complained.startswith("postsearch: ")
    assert "postsearch build" in complained
    assert complained.count("\n") == 1


def test_an_index_that_others_can_write_to_is_said_before_anything_is_served(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder / ".postsearch", tmp_path / ".postsearch", symlinks=True)
    (tmp_path / ".postsearch").chmod(0o777)
    code, said, complained = refused(tmp_path, "--port", "0")
    assert (code, said) == (2, "")
    assert "chmod go-w" in complained
    assert complained.count("\n") == 1


def test_a_port_that_is_none_is_said_plainly(folder: Path) -> None:
    code, _, complained = refused(folder, "--port", "70000")
    assert code == 2
    assert "70000 is not a port" in complained


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("workers", ["1", "2"])
def test_it_stops_quietly_when_told_to(folder: Path, by: signal.Signals, workers: str) -> None:
    server = start(folder, "--port", "0", "--workers", workers)
    assert server.stdout is not None
    address = server.stdout.readline().split()[4].removesuffix("/search")
    assert get(f"{address}/healthz")[0] == 200
    assert stop(server, by) == (0, "", "")
    with pytest.raises(OSError, match="refused"):
        urlopen(address, timeout=5)


def test_ctrl_c_reaches_all_its_processes_and_it_still_stops_quietly(folder: Path) -> None:
    server = start(folder, "--port", "0", "--workers", "2")
    assert server.stdout is not None
    server.stdout.readline()
    os.killpg(server.pid, signal.SIGINT)
    assert (*server.communicate(timeout=20), server.returncode) == ("", "", 0)


def test_any_wsgi_server_can_run_it(folder: Path) -> None:
    """`server.wsgi:create` is all that it takes: here the standard library's server runs it."""
    program = (
        "from wsgiref.simple_server import make_server, WSGIRequestHandler as Handler\n"
        "from server.wsgi import create\n"
        "Handler.log_message = lambda *_: None\n"
        "with make_server('127.0.0.1', 0, create(), handler_class=Handler) as server:\n"
        "    print(server.server_port, flush=True)\n"
        "    server.handle_request()\n"
    )
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, cwd=folder, env=CLEAN, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        status, answer = get(f"http://127.0.0.1:{server.stdout.readline().strip()}/api/v1/search?q=restore")
    assert (status, answer["total"]) == (200, 1)
