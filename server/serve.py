"""How does the application run as a process of its own?"""

import errno
import os
import signal
import socket
import time
from _thread import start_new_thread
from contextlib import closing, suppress
from dataclasses import replace
from http.client import HTTPConnection, HTTPException
from typing import Any

import click
from flask import Flask
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from indexer import Curation, Settings, SettingsError
from server.listing import counted
from server.wsgi import create, opened

#: Threads beside those of requests that are worked on: for what is kept, and for those who are turned away.
THREADS = 4

#: How long a process may take to finish what it has begun.
SECONDS_TO_STOP = 5

# Granian says on standard output what it is about to do; the operator only wants to know what went wrong.
_TO_STDERR = {"class": "logging.StreamHandler", "stream": "ext://sys.stderr", "formatter": "generic"}
_LOGS = {"handlers": {"console": _TO_STDERR, "access": _TO_STDERR}}


class _Server(Granian):  # type: ignore[misc, valid-type]
    """Granian, which says where it is once it answers."""

    announcement = ""

    def startup(self, *loaders: Any) -> None:
        """Start the processes, and wait until one of them answers."""
        super().startup(*loaders)
        while not self.main_loop_interrupt.is_set():
            if _answers(self.bind_addr, self.bind_port):
                click.echo(self.announcement)
                break
            time.sleep(0.02)

    # Not here and now: a handler interrupts the main thread, which may be holding the lock of the event that they set.

    def signal_handler_interrupt(self, *told: Any) -> None:
        """Have the main thread stop the server."""
        start_new_thread(super().signal_handler_interrupt, told)

    def signal_handler_reload(self, *told: Any) -> None:
        """Have the main thread start the processes anew."""
        start_new_thread(super().signal_handler_reload, told)


def serve(settings: Settings) -> None:
    """Answer until told to stop by Ctrl-C or SIGTERM.

    Raises `SettingsError` if the host or port can't be had, and what opening the index raises.
    """
    Curation.load(settings)  # so that what is wrong with it is said now, and once
    with closing(opened(settings)) as engine:
        posts = engine.stats().posts
    address, port = _claim(settings.host, settings.port)
    # Each process reads its settings anew; these are the ones that this process read.
    os.environ.update(replace(settings, port=port).environment())
    server = _Server(
        "postsearch",
        interface=Interfaces.WSGI,
        address=address,
        port=port,
        workers=settings.workers,
        blocking_threads=settings.in_flight + THREADS,
        respawn_failed_workers=True,
        workers_kill_timeout=SECONDS_TO_STOP,
        log_level=LogLevels.error,
        log_dictconfig=_LOGS,
    )
    server.announcement = f"Searching {counted(posts)} at {_url(address, port)}/search (Ctrl-C stops)"
    # Not by name: granian would look for it among the files of the present folder first.
    server.serve(target_loader=application, wrap_loader=False)


def application() -> Flask:
    """What each process of the server runs."""
    # Ctrl-C reaches every process of the terminal; only the first should act on it, and stop these in its turn.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    # Until granian has its own handler here, a process told to stop just ends: there is nothing to finish.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    return create()


def _answers(address: str, port: int) -> bool:
    with closing(HTTPConnection(address, port, timeout=5)) as connection, suppress(OSError, HTTPException):
        connection.request("GET", "/healthz")
        connection.getresponse().read()
        return True
    return False


def _claim(host: str, port: int) -> tuple[str, int]:
    """The numbers of an address that is free; port 0 becomes one."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            # Granian would share the port with another server, and each would get half the readers.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            found = probe.getsockname()
            return str(found[0]), int(found[1])
    except OSError as error:
        raise _refused(host, port, error) from error


def _refused(host: str, port: int, error: OSError) -> SettingsError:
    details = {
        errno.EADDRINUSE: f"Port {port} is taken on {host}; choose another with --port, or PORT={port + 1} make demo",
        errno.EACCES: f"Port {port} is reserved for the administrator; choose one above 1023 with --port",
    }
    other = f"{host!r} is no address of this machine; choose another with --host"
    return SettingsError(details.get(error.errno or 0, other), key="port" if error.errno in details else "host")


def _url(address: str, port: int) -> str:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address, address)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
