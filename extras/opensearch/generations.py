"""How does a change get into the cluster, all of it or nothing?

    PREFIX              an alias: the generation in use
    PREFIX-before       an alias: the one before it, as long as it may be held again
    PREFIX-g-...        generations; each is an index that takes no writes any more
    PREFIX-lock         one document, whose number changes as long as its owner lives

A generation is made as a clone of the one before, whose files it shares, and put in use by one change of aliases. So
readers see a change whole or not at all, and one that fails leaves nothing behind.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from threading import Event, RLock, Thread
from time import monotonic, sleep, strftime
from typing import Any, NoReturn

import msgspec

from extras.opensearch import document
from extras.opensearch.cluster import PAUSES, Cluster, ConflictError, Json
from extras.opensearch.snapshot import Held, Snapshot
from indexer.errors import (
    IndexBusyError,
    IndexDamagedError,
    IndexMissingError,
    IndexOutdatedError,
    IndexUnwritableError,
    PostsearchError,
)
from indexer.post import Post

#: Seconds between signs of life of a writer, after which without any its lock is taken over, and between looks.
ALIVE, DEAD, LOOK = 5.0, 30.0, 0.2

#: Bytes, and documents, of one bulk request.
BYTES, MOST = 5 << 20, 500


#: With more posts than that, a mean of their lengths is rounded.
MANY = 10_000


class Generations:
    """The generations of the index of a cluster."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster, self._name = cluster, cluster.prefix
        self._lock, self._depth = RLock(), 0

    def in_use(self) -> tuple[str, Held]:
        """The index in use, and what it says of itself."""
        (index, told), *_ = self._cluster.ask("GET", f"{self._name}/_mapping").items()
        meta = told["mappings"].get("_meta", {})
        if meta.get("version") != document.VERSION:
            reason = "was indexed by another version of postsearch; build it again"
            raise IndexOutdatedError(f"{self._name}: {reason}", index=self._cluster.index)
        return index, msgspec.convert(meta, Held)

    def named(self, which: str = "") -> str | None:
        """The index in use, or `-before` that, if it may be held again."""
        with suppress(IndexMissingError):
            return str(next(iter(self._cluster.ask("GET", f"_alias/{self._name}{which}"))))
        return None

    def before(self) -> str | None:
        """The index that was in use before, if it may be held again."""
        return self.named("-before")

    @contextmanager
    def lock(self, waiting: Callable[[], object]) -> Iterator[None]:
        """Keep every other writer out; *waiting* is called once if that takes a second."""
        with self._lock:
            self._depth += 1
            try:
                if self._depth > 1:
                    yield
                else:
                    yield from self._locked(waiting)
            finally:
                self._depth -= 1

    def _locked(self, waiting: Callable[[], object]) -> Iterator[None]:
        place, owner, done = f"{self._name}-lock", secrets.token_hex(8), Event()
        self._take(place, owner, waiting)

        def live() -> None:
            while not done.wait(ALIVE):
                with suppress(PostsearchError):
                    self._cluster.ask("POST", f"{place}/_update/lock", {"doc": {"beat": secrets.token_hex(8)}})

        beating = Thread(target=live, name="lock", daemon=True)
        beating.start()
        try:
            yield
        finally:
            done.set()
            beating.join()
            with suppress(PostsearchError):
                self._cluster.ask("DELETE", f"{place}/_doc/lock")

    def _take(self, place: str, owner: str, waiting: Callable[[], object]) -> None:
        """Take the lock; from another writer only if that has given no sign of life for a while, by our own clock."""
        started = seen_at = monotonic()
        seen, told = "", False
        while True:
            held = self._holder(place)
            if held is None:
                with suppress(ConflictError):
                    self._cluster.change("PUT", f"{place}/_create/lock", {"owner": owner, "beat": owner})
                if (held := self._holder(place)) and held["_source"]["owner"] == owner:
                    return
                continue
            if held["_source"]["beat"] != seen:
                seen, seen_at = held["_source"]["beat"], monotonic()
            if monotonic() - seen_at > DEAD:
                same = {"if_seq_no": held["_seq_no"], "if_primary_term": held["_primary_term"]}
                with suppress(ConflictError, IndexMissingError):
                    self._cluster.ask("DELETE", f"{place}/_doc/lock", **same)
                continue
            if not told and monotonic() - started > 1:
                waiting()
                told = True
            sleep(LOOK)

    def _holder(self, place: str) -> Json | None:
        with suppress(IndexMissingError):
            return self._cluster.ask("GET", f"{place}/_doc/lock")
        return None

    @contextmanager
    def fresh(self, like: str | None) -> Iterator[str]:
        """A new index, a clone of that of the name *like*; it goes unless it is in use by the end."""
        name = f"{self._name}-g-{strftime('%Y%m%d%H%M%S')}-{secrets.token_hex(4)}"
        try:
            if like:
                told: Json = {"index.blocks.write": None, "index.auto_expand_replicas": "0-1"}
                made = self._cluster.change("PUT", f"{like}/_clone/{name}", {"settings": told})
            else:
                body = {"settings": document.settings(), "mappings": document.mapping()}
                made = self._cluster.change("PUT", name, body)
            if not made["shards_acknowledged"]:
                self._has_no_room()
            self.require_whole(name)  # so that no node that dies meanwhile takes the only copy with it
            yield name
        finally:
            with suppress(PostsearchError):
                self.sweep()

    def sweep(self) -> None:
        """Take away what is neither in use nor may be held again: also what a build left that was stopped."""
        found = self._cluster.ask("GET", f"{self._name}-g-*/_alias")
        for name, told in found.items():
            if not told["aliases"]:
                self._cluster.change("DELETE", name)

    def settle(self, name: str, writing: Writing, before: Held | None) -> Snapshot:
        """Have the index *name* take no more writes, and say what it holds."""
        self._cluster.change("POST", f"{name}/_refresh")
        if writing.gone:
            self._cluster.change("POST", f"{name}/_forcemerge", only_expunge_deletes="true")
        held = self._told(name, writing.digests, writing.sequence)
        self._cluster.change("PUT", f"{name}/_mapping", {"_meta": msgspec.to_builtins(held)})
        if not before or (held.mean, held.title_mean) != (before.mean, before.title_mean):
            self._close(name)  # or else they cannot be set
            means = {"similarity": document.similarity(held.mean, held.title_mean)}
            self._cluster.change("PUT", f"{name}/_settings", means)
            self._cluster.change("POST", f"{name}/_open")
        self._cluster.change("PUT", f"{name}/_settings", {"index.blocks.write": True})
        self.require_whole(name)
        return Snapshot(self._cluster, name, held)

    def _close(self, name: str) -> None:
        """Close an index, which is refused while one of its shards is just coming up."""
        for pause in PAUSES:
            self.require_whole(name)
            if self._cluster.change("POST", f"{name}/_close")["indices"][name]["closed"]:
                return
            sleep(pause)
        raise IndexBusyError(f"{self._name}: the cluster does not come to rest; try again", index=self._cluster.index)

    def require_whole(self, name: str) -> None:
        """Wait until every shard has all of its copies. Raises `IndexUnwritableError` if the cluster has no room."""
        answer = self._cluster.change("GET", f"_cluster/health/{name}", wait_for_status="green", timeout="100s")
        if answer["timed_out"]:
            self._has_no_room()

    def _has_no_room(self) -> NoReturn:
        reason = "the cluster does not find room for an index and its copies; nothing was published"
        raise IndexUnwritableError(f"{self._name}: {reason}", index=self._cluster.index)

    def _told(self, name: str, digests: dict[str, str], sequence: int) -> Held:
        aggs = {field: {"stats": {"field": field}} for field in ("length", "title_length", "day", "weight")}
        body: Json = {"size": 0, "track_total_hits": True}
        body["aggs"] = aggs | {"tongues": {"terms": {"field": "tongue", "size": 100}}}
        (answer,) = self._cluster.search(name, [body])
        told, posts = answer["aggregations"], answer["hits"]["total"]["value"]
        if posts != len(digests):
            reason = f"{posts} posts are there, and {len(digests)} were sent; nothing was published"
            raise IndexDamagedError(f"{self._name}: {reason}", index=self._cluster.index)
        pairs = sorted((document.key(id), digest) for id, digest in digests.items())
        return Held(
            version=document.VERSION,
            generation=sha256(json.dumps(pairs).encode()).hexdigest()[:16],
            posts=posts,
            tongues=sorted(one["key"] for one in told["tongues"]["buckets"]),
            mean=_mean(told["length"]["avg"], posts),
            title_mean=_mean(told["title_length"]["avg"], posts),
            oldest=int(told["day"]["min"] or 0),
            newest=int(told["day"]["max"] or 0),
            weighs=(told["weight"]["min"], told["weight"]["max"]) not in ((1.0, 1.0), (None, None)),
            sequence=sequence,
        )

    def check(self, name: str) -> None:
        """Raises `IndexDamagedError` unless the index *name* has all of its shards."""
        if (answer := self._cluster.ask("GET", f"_cluster/health/{name}"))["status"] == "red":
            reason = f"{answer['unassigned_shards']} shards of {name} have no node; look at the cluster's health"
            raise IndexDamagedError(f"{self._name}: {reason}", index=self._cluster.index)

    def publish(self, name: str, *, returns: bool) -> None:
        """Put the index *name* in use in place of another, to which the way back stays open if it *returns*."""
        like = self.named()
        actions: list[Json] = [{"add": {"index": name, "alias": self._name}}]
        if like:
            actions.insert(0, {"remove": {"index": like, "alias": self._name, "must_exist": True}})
        if before := self.before():
            actions.append({"remove": {"index": before, "alias": f"{self._name}-before"}})
        if like and returns:
            actions.append({"add": {"index": like, "alias": f"{self._name}-before"}})
        self._switch(actions, name)

    def go_back(self) -> bool:
        """Put what was in use before in use again; False if that is not kept."""
        if not (before := self.before()):
            return False
        name = self.named()
        remove: list[Json] = [{"index": name, "alias": self._name}, {"index": before, "alias": f"{self._name}-before"}]
        actions: list[Json] = [{"remove": {**one, "must_exist": True}} for one in remove]
        self._switch([*actions, {"add": {"index": before, "alias": self._name}}], before)
        self.sweep()
        return True

    def _switch(self, actions: list[Json], name: str) -> None:
        try:
            self._cluster.change("POST", "_aliases", {"actions": actions})
        except PostsearchError:
            # It may have been done, though nobody could tell us.
            if self.named() != name:
                raise


def _mean(length: float | None, posts: int) -> float:
    """The mean length of so many posts: rounded where there are many, so that it stays what it is in most builds."""
    return float(f"{length:.3g}" if posts > MANY else length) if length else 1.0


class Writing:
    """A change of the index *name*, as it is sent."""

    def __init__(self, cluster: Cluster, name: str, digests: dict[str, str], sequence: int) -> None:
        self._cluster, self._name, self.digests, self.sequence = cluster, name, digests, sequence
        self._lines: list[str] = []
        self._bytes = 0
        self.gone = self.changed = False

    def put(self, post: Post) -> None:
        """Hold *post*, unless it is held as it is."""
        if self.digests.get(post.id) != post.digest:
            self.digests[post.id] = post.digest
            self._add("index", post.id, json.dumps(document.document(post)))

    def drop(self, id: str) -> None:
        """Hold the post with this id no longer."""
        if self.digests.pop(id, None) is not None:
            self.gone = True
            self._add("delete", id)

    def _add(self, action: str, id: str, *more: str) -> None:
        # A version that only grows: what comes twice, or late, changes nothing.
        self.sequence += 1
        told: dict[str, Any] = {"_id": document.number_of(id), "version": self.sequence, "version_type": "external"}
        line = "".join(f"{one}\n" for one in (json.dumps({action: told}), *more))
        self._lines.append(line)
        self._bytes += len(line)
        self.changed = True
        if self._bytes > BYTES or len(self._lines) >= MOST:
            self.flush()

    def write(self, put: Iterable[Post], drop: Iterable[str]) -> None:
        """Hold the posts of *put*, and then no longer those of *drop*."""
        for post in put:
            self.put(post)
        for id in drop:
            self.drop(id)
        self.flush()

    def flush(self) -> None:
        """Send what is left."""
        if self._lines:
            self._cluster.send(self._name, self._lines)
        self._lines, self._bytes = [], 0


def refuse(cluster: Cluster) -> NoReturn:
    """Say that another writer is at work."""
    raise IndexBusyError(f"{cluster.prefix}: another process is writing this index; try again", index=cluster.index)
