"""How do the tests start a web server as an example of docs/deploy/ has it, in front of another server?"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from gzip import compress, decompress
from http.client import HTTPConnection, HTTPMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from pwd import getpwnam
from tempfile import TemporaryDirectory
from threading import Thread
from time import monotonic, sleep
from typing import Any, NamedTuple

import pytest

from tests.server.running import CLEAN

EXAMPLES = Path(__file__).parents[2] / "docs" / "deploy"
PAGE = "<!doctype html><title>My blog</title><p>Hello.\n" + "Bread. " * 300

# Debian's own nginx.conf in short, with every file that it writes in the folder where it is started.
NGINX = """
daemon off;
pid nginx.pid;
error_log stderr;
events {}
http {
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    access_log off;
    gzip on;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    include site.conf;
}
"""


class Front(NamedTuple):
    """A web server that runs: its port on this machine, and the first of its processes."""

    port: int
    process: subprocess.Popen[str]


Starter = Callable[[int], AbstractContextManager[Front]]


class Reply(NamedTuple):
    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return (decompress(self.body) if self.headers["Content-Encoding"] == "gzip" else self.body).decode()


def program(name: str) -> str:
    """Where *name* is installed; a test that needs it is left out where it is not."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    return found or pytest.skip(f"{name} is not installed: make test-slow says how to get it")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def ask(
    port: int, path: str, *, method: str = "GET", body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> Reply:
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        with suppress(BrokenPipeError, ConnectionResetError):  # of a server that has read enough to refuse it
            connection.request(method, path, body, dict(headers or {}))
        response = connection.getresponse()
        return Reply(response.status, response.headers, response.read())
    finally:
        connection.close()


def example(name: str, places: Mapping[str, object]) -> str:
    """An example of docs/deploy/ with other paths and ports."""
    text = (EXAMPLES / name).read_text("utf-8")
    for place, other in places.items():
        assert place in text, f"{name} does not name {place}"
        text = text.replace(place, str(other))
    return text


@contextmanager
def nginx(backend: int) -> Iterator[Front]:
    """nginx with docs/deploy/nginx.conf, in front of the port *backend*."""
    command, port = program("nginx"), free_port()
    with site() as folder:
        places = {"[::]:80": f"127.0.0.1:{free_port()}", "listen 80": f"listen 127.0.0.1:{port}"}
        places |= {"127.0.0.1:8000": f"127.0.0.1:{backend}", "/srv/blog/public": f"{folder}/public"}
        (folder / "site.conf").write_text(example("nginx.conf", places), "utf-8")
        (folder / "nginx.conf").write_text(NGINX, "utf-8")
        with running(folder, port, (command, "-p", str(folder), "-c", "nginx.conf", "-e", "stderr")) as process:
            yield Front(port, process)


@contextmanager
def caddy(backend: int) -> Iterator[Front]:
    """Caddy with docs/deploy/Caddyfile, in front of the port *backend*."""
    command, port = program("caddy"), free_port()
    with site() as folder:
        places = {"www.example.org {": f"http://127.0.0.1:{port} {{\n\tbind 127.0.0.1"}
        places |= {"127.0.0.1:8000": f"127.0.0.1:{backend}", "/srv/blog/public": f"{folder}/public"}
        (folder / "Caddyfile").write_text(example("Caddyfile", places), "utf-8")
        own = CLEAN | {"HOME": str(folder), "CADDY_ADMIN": f"127.0.0.1:{free_port()}"}
        with running(folder, port, (command, "run", "--config", "Caddyfile"), environment=own) as process:
            yield Front(port, process)


@contextmanager
def site() -> Iterator[Path]:
    """A folder with the pages of a small site, which the least of users may use."""
    with TemporaryDirectory(prefix="postsearch-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "public" / "static").mkdir(parents=True)
        (folder / "public" / "index.html").write_text(PAGE, "utf-8")
        (folder / "public" / "static" / "own.css").write_text("p { color: green }", "utf-8")
        if os.geteuid() == 0:
            shutil.chown(folder, "nobody")
        yield folder


@contextmanager
def running(
    folder: Path, port: int, command: Sequence[str], *, environment: Mapping[str, str] = CLEAN, user: str = "nobody"
) -> Iterator[subprocess.Popen[str]]:
    """*command*, from when it listens on *port* to when all of it has ended; root runs it as *user*."""
    rights: dict[str, Any] = {"user": user, "group": getpwnam(user).pw_gid, "extra_groups": []}
    with (folder / "log").open("w+") as log:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stderr=log,
            text=True,
            start_new_session=True,
            **(rights if os.geteuid() == 0 else {}),
        )
        try:
            wait_for(port, process, folder / "log")
            yield process
        finally:
            stop(process)


def wait_for(port: int, process: subprocess.Popen[str], log: Path) -> None:
    until = monotonic() + 20
    while process.poll() is None and monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        sleep(0.02)
    raise AssertionError(f"it does not listen: {log.read_text('utf-8')}")


def stop(process: subprocess.Popen[str]) -> None:
    """End *process* as a service is ended; what is left of it after that is ended by force."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=20)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


FRONTS: dict[str, Starter] = {"nginx": nginx, "caddy": caddy}


class Mirror(BaseHTTPRequestHandler):
    """Answers with what it was asked, compressed and named by an ETag, as the answers of postsearch may be."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # or the two parts of an answer would wait for each other

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        told = {"path": self.path, "length": len(self.rfile.read(length)), "headers": self.headers.items()}
        body = b"" if self.headers["If-None-Match"] == 'W/"7"' else compress(json.dumps(told).encode() + b" " * 2_000)
        self.send_response(200 if body else 304)
        for name, value in (("ETag", 'W/"7"'), ("Content-Type", "application/json"), ("Content-Encoding", "gzip")):
            self.send_header(name, value)
        if body:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815 - the name that the library calls

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def mirror() -> Iterator[int]:
    """The port of a server that tells what has reached it."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Mirror) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()
