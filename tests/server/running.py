"""How do the tests run a server, and ask it?"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

POSTSEARCH = Path(sys.executable).with_name("postsearch")
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("POSTSEARCH_")}


def start(folder: Path, *flags: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [POSTSEARCH, "serve", *flags],
        cwd=folder,
        env=CLEAN | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def stop(server: subprocess.Popen[str], by: signal.Signals = signal.SIGTERM) -> tuple[int, str, str]:
    """The exit code of *server*, and what it had not said yet."""
    server.send_signal(by)
    try:
        rest = server.communicate(timeout=20)
    finally:
        if server.poll() is None:
            os.killpg(server.pid, signal.SIGKILL)
            server.communicate()
    return server.returncode, *rest


@contextmanager
def serving(folder: Path, *flags: str, **environment: str) -> Iterator[tuple[str, str, subprocess.Popen[str]]]:
    """What a started server says, its address, and its process."""
    server = start(folder, "--port", "0", *flags, **environment)
    try:
        assert server.stdout is not None
        said = server.stdout.readline()
        address = re.search(r"http://\S+(?=/search )", said)
        assert address, said or server.communicate()
        yield said, address[0], server
    finally:
        stop(server)


def get(address: str | Request) -> tuple[int, Any]:
    """The status and the body of an answer."""
    try:
        with urlopen(address, timeout=20) as response:
            body = response.read().decode()
            return response.status, json.loads(body) if "json" in response.headers["Content-Type"] else body
    except HTTPError as error:
        with error:
            return error.code, json.loads(error.read())
