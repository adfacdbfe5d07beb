"""How is a cluster spoken to, and what does its refusal mean to the operator?"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from time import sleep
from typing import Any
from urllib.parse import urlsplit

from indexer import Settings, SettingsError
from indexer.errors import (
    IndexBusyError,
    IndexDamagedError,
    IndexMissingError,
    IndexUnwritableError,
    PostsearchError,
)

#: Seconds that a question may take, and a change of what is held.
TO_ANSWER, TO_CHANGE = 10, 120

#: Seconds to wait between tries to send what was refused for a while.
PAUSES = (0.2, 0.5, 1, 2, 4, 8, 15)

#: What of a bulk request is tried again: the node has too much to do, or a shard has no node just now.
_FOR_A_WHILE = (429, 502, 503, 504)

_LOOPBACK = ("localhost", "127.0.0.1", "::1")

#: A query, or an answer, as JSON has it.
Json = dict[str, Any]


class ConflictError(IndexDamagedError):
    """What was to be written is there already, or has changed meanwhile."""


class NotBegunError(IndexBusyError):
    """The cluster has too much to do to begin what it was asked for."""


class Cluster:
    """A cluster, in which all that is ours begins with *prefix*."""

    def __init__(self, hosts: Sequence[str], prefix: str, *, to_answer: float = TO_ANSWER) -> None:
        self.hosts, self.prefix, self._to_answer = tuple(hosts), prefix, to_answer

    @classmethod
    def of(cls, settings: Settings) -> Cluster:
        """The one that *settings* name. Raises `SettingsError` where a password would be told to anybody."""
        for host in settings.hosts:
            parts = urlsplit(host)
            if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
                reason = "an address such as https://node1:9200; user and password are for the environment"
                raise SettingsError(f"hosts: {parts.hostname or host} is not given as {reason}", key="hosts")
            if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
                raise SettingsError(f"hosts: {host}: speak https to another machine", key="hosts")
        return cls(settings.hosts, settings.index_prefix)

    @cached_property
    def _transport(self) -> Any:
        """Made when it is first asked, so that no two processes share a connection."""
        try:
            from opensearchpy import OpenSearch
        except ImportError as error:
            reason = "engine: opensearch wants a package more: pip install 'postsearch[opensearch]'"
            raise SettingsError(reason, key="engine") from error
        logging.getLogger("opensearch").setLevel(logging.CRITICAL)  # what goes wrong is told by errors
        user, password = (os.environ.get(f"OPENSEARCH_{name}", "") for name in ("USERNAME", "PASSWORD"))
        return OpenSearch(
            list(self.hosts),
            http_auth=(user, password) if user else None,
            verify_certs=True,
            ca_certs=os.environ.get("OPENSEARCH_CA_CERTS") or None,
            pool_maxsize=32,
            timeout=self._to_answer,
            # All that is asked twice is the same as if it were asked once.
            max_retries=len(self.hosts),
            retry_on_status=(),
        ).transport

    def ask(self, method: str, path: str, body: Any = None, *, seconds: float = 0, **params: Any) -> Json:
        """What the cluster answers. Raises what its refusal means to the operator."""
        from opensearchpy import OpenSearchException

        given = params | ({"request_timeout": seconds} if seconds else {})
        try:
            answer = self._transport.perform_request(method, f"/{path}", params=given, body=body)
        except OpenSearchException as error:
            raise self._meaning(error) from error
        return answer if isinstance(answer, dict) else {"found": answer}

    def change(self, method: str, path: str, body: Any = None, **params: Any) -> Json:
        """The same for what may take its time; once more, if the cluster has not begun it."""
        for pause in PAUSES:
            try:
                return self.ask(method, path, body, seconds=TO_CHANGE, **params)
            except NotBegunError:
                sleep(pause)
        return self.ask(method, path, body, seconds=TO_CHANGE, **params)

    def search(self, index: str, bodies: Sequence[Json]) -> list[Json]:
        """The answers to several searches, each of them whole."""
        if not bodies:
            return []
        lines = "".join(f"{{}}\n{json.dumps(body)}\n" for body in bodies)
        return [self._whole(one) for one in self.ask("POST", f"{index}/_msearch", lines)["responses"]]

    def _whole(self, answer: Json) -> Json:
        if "error" in answer:
            raise self._of_status(answer["status"], answer["error"])
        if answer["timed_out"]:
            raise IndexBusyError(f"{self.prefix}: the cluster gave up a search; try again", index=self.index)
        if failed := answer["_shards"]["failed"]:
            reason = f"{failed} of {answer['_shards']['total']} shards did not answer; look at the cluster's health"
            raise IndexDamagedError(f"{self.prefix}: {reason}", index=self.index)
        return answer

    def send(self, index: str, lines: Sequence[str]) -> None:
        """Have all *lines* of a bulk request done; what is refused for a while is sent again, and nothing is lost."""
        for pause in (*PAUSES, None):
            try:
                answer = self.ask("POST", f"{index}/_bulk", "".join(lines), seconds=TO_CHANGE, timeout="10s")
                lines = list(self._refused(lines, answer["items"]))
                problem = IndexBusyError(f"{self.prefix}: the cluster has too much to do; try again", index=self.index)
            except IndexBusyError as error:
                problem = error
            if not lines:
                return
            if pause is None:
                raise problem
            sleep(pause)

    def _refused(self, lines: Sequence[str], items: Sequence[Mapping[str, Json]]) -> Iterable[str]:
        """Those of *lines* to send again; a conflict is no failure, as a later version is there already."""
        for line, item in zip(lines, items, strict=True):
            ((_, told),) = item.items()
            problem = self._of_status(told["status"], told["error"]) if "error" in told else None
            if isinstance(problem, IndexBusyError):
                yield line
            elif problem and not isinstance(problem, ConflictError):
                raise problem

    def _meaning(self, error: Any) -> PostsearchError:
        from opensearchpy import ConnectionError as NoConnection
        from opensearchpy import ConnectionTimeout, SSLError, TransportError

        hosts = ", ".join(self.hosts)
        if isinstance(error, SSLError):
            return SettingsError(f"hosts: {hosts}: the certificate cannot be trusted: {error.info}", key="hosts")
        if isinstance(error, ConnectionTimeout):
            return IndexBusyError(f"{hosts}: the cluster did not answer in time; try again", index=self.index)
        if isinstance(error, NoConnection):
            return IndexBusyError(f"{hosts}: the cluster cannot be reached; try again", index=self.index)
        if isinstance(error, TransportError) and isinstance(error.status_code, int):
            info = error.info if isinstance(error.info, dict) else {}
            return self._of_status(error.status_code, info.get("error") or error.error)
        return IndexDamagedError(f"{self.prefix}: {error}", index=self.index)

    def _of_status(self, status: int, error: Any) -> PostsearchError:
        kind, reason = (error.get("type"), error.get("reason")) if isinstance(error, dict) else (error, error)
        if kind == "cluster_block_exception" and status in (403, 429):
            text = f"{self.prefix}: the cluster takes no changes, as when its disks are full: {reason}"
            return IndexUnwritableError(text, index=self.index)
        if status in (401, 403):
            text = "hosts: the cluster refuses what OPENSEARCH_USERNAME and OPENSEARCH_PASSWORD say, or their rights"
            return SettingsError(text, key="hosts")
        if status in _FOR_A_WHILE:
            kind_of = NotBegunError if status == 429 else IndexBusyError
            return kind_of(f"{self.prefix}: the cluster is not ready: {reason}; try again", index=self.index)
        if status == 409:
            return ConflictError(f"{self.prefix}: {reason}", index=self.index)
        if status == 404:
            return IndexMissingError(f"{self.prefix}: nothing has been indexed yet ({reason})", index=self.index)
        return IndexDamagedError(f"{self.prefix}: the cluster refuses: {kind}: {reason}", index=self.index)

    def close(self) -> None:
        """Let go of connections."""
        if "_transport" in self.__dict__:
            self._transport.close()

    @property
    def index(self) -> Path:
        """What errors name as the index."""
        return Path(self.prefix)
