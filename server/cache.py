"""Which answers are kept, and which requests are answered by them?"""

import gzip
import re
from collections.abc import Callable, Hashable
from contextlib import suppress
from functools import lru_cache
from hashlib import blake2b

from indexer import Cache, PostsearchError, QueryError, Searchable
from server.params import RELATED, SUGGEST, Given, Params, given, read, values_asked
from server.reply import Environ, Reply

#: Bytes that the answers may take.
MOST = 32 << 20

#: Of how many spellings it is known what they ask, and the characters of the longest.
MOST_SPELLINGS, LONGEST_SPELLING = 4096, 1024

#: Bytes from which on an answer is sent compressed to those who can read that.
LARGE = 1024

#: The addresses whose answers are kept; for each, what is the same for all questions that have the same answer there.
KEPT: dict[str, Callable[[Given], Hashable]] = {
    "/search": Params.read,
    "/api/v1/search": Params.read,
    "/api/v1/facets": values_asked,
    "/api/v1/related": lambda given: tuple(read(given, RELATED).values()),
    "/api/v1/suggest": lambda given: tuple(read(given, SUGGEST).values()),
    "/api/v1/tags": lambda _: (),
}

# What an entry takes beside its body.
_OVERHEAD = 700

# How long a search took makes no difference to what it found.
_TOOK = re.compile(rb'"took_ms":[0-9.e-]+')

_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))", re.IGNORECASE)


class Kept:
    """The answers of one generation of *engine*, for clients who may keep them for *max_age* seconds."""

    def __init__(self, engine: Searchable, max_age: int) -> None:
        self._engine, self._generation, self._replies = engine, "", _empty()
        control = f"public, max-age={max_age}, stale-while-revalidate={max_age}" if max_age else "no-cache"
        self._told = {"Cache-Control": control, "Vary": "Accept-Encoding"}

    def reply(self, environ: Environ, ask: Callable[[Environ], Reply]) -> Reply:
        """What is kept for a request, or else what *ask* answers; nothing that the client has already."""
        path, written = environ["PATH_INFO"], environ.get("QUERY_STRING", "")
        known = path in KEPT and environ["REQUEST_METHOD"] == "GET" and len(written) <= LONGEST_SPELLING
        if not known or (asked := _asked(path, written)) is None or not (generation := self._seen()):
            return ask(environ)
        packs = bool(_GZIP.search(environ.get("HTTP_ACCEPT_ENCODING", "")))
        key = (generation, environ.get("SCRIPT_NAME"), path, asked, packs)
        if (reply := self._replies.find(key)) is None:
            reply = ask(environ)
            # What was found while the generation changed may be of either.
            if not reply.status.startswith("200") or generation != self._seen():
                return reply
            reply = self._kept(key, reply, packs)
        has = {tag.strip() for tag in environ.get("HTTP_IF_NONE_MATCH", "").split(",")}
        return reply.unchanged() if has & {reply.headers["ETag"], "*"} else reply

    def _seen(self) -> str:
        """What the engine holds, if it can be read. Nothing is kept of another one, as it may be public no more."""
        with suppress(PostsearchError):
            if (generation := self._engine.generation) != self._generation:
                self._generation, self._replies = generation, _empty()
            return generation
        return ""

    def _kept(self, key: Hashable, reply: Reply, packs: bool) -> Reply:
        # Weak, as what it stands for may be sent compressed.
        etag = f'W/"{blake2b(_TOOK.sub(b"", reply.body, 1), digest_size=12).hexdigest()}"'
        about, body = reply.headers | self._told | {"ETag": etag}, reply.body
        if packs and len(body) >= LARGE:
            about["Content-Encoding"], body = "gzip", gzip.compress(body, 5, mtime=0)
        self._replies.keep(key, Reply(reply.status, about | {"X-Cache": "hit"}, body))
        return Reply(reply.status, about | {"X-Cache": "miss"}, body)


def _empty() -> Cache[Reply]:
    return Cache(MOST, lambda reply: len(reply.body) + _OVERHEAD)


@lru_cache(MOST_SPELLINGS)
def _asked(path: str, written: str) -> Hashable:
    with suppress(QueryError):
        return KEPT[path](given({"QUERY_STRING": written}))
    return None
