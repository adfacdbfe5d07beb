"""What may the operator choose, and what did they?

A choice is made by a flag, else by the environment (`POSTSEARCH_INDEX`), else by `postsearch.toml`, else by the
defaults below. docs/settings.md lists them all.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import msgspec

from indexer.errors import SettingsError

FILE = "postsearch.toml"
SEARCH_TESTS = "search-tests.yml"
PREFIX = "POSTSEARCH_"

#: Characters of a secret; whoever has seen one signed request can try shorter ones out, one after the other.
SHORTEST_SECRET = 16

_SEVERAL = frozenset({"cors_origins", "hosts", "permalink", "pins", "update", "webhook_secrets"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The operator's choices, read once and handed down."""

    #: The folder of posts.
    content: Path = Path("content")

    #: What the site's author expects of answers; no file is no expectations.
    search_tests: Path = Path(SEARCH_TESTS)

    #: The folder of the index; made readable by its owner alone.
    index: Path = Path(".postsearch")

    #: What holds the index: `whoosh`, a folder; or `opensearch`, a cluster, with the extra of that name.
    engine: str = "whoosh"

    #: The addresses of the cluster's nodes.
    hosts: tuple[str, ...] = ("https://localhost:9200",)

    #: How the names begin of all that is kept on the cluster.
    index_prefix: str = "postsearch"

    #: Where the site is published, such as `https://example.org/blog`: it makes links absolute.
    site_url: str = ""

    #: The origins whose pages may ask the server from a browser: an exact list, or `*` for any.
    cors_origins: tuple[str, ...] = ()

    #: Whether posts dated after the moment of the build are public.
    future: bool = False

    #: Whether posts are public after the date at which they say they expire.
    expired: bool = False

    #: What parts the tags in one text: `auto` is the comma, or blanks where Jekyll keeps posts.
    tag_separator: Literal["auto", "comma", "space"] = "auto"

    #: Where posts are published that do not say so: a pattern such as `/:year/:month/:title.html`, or one for
    #: each folder of posts (the longest name that fits holds).
    permalink: str | dict[str, str] = ""

    #: The language of posts that do not say theirs, such as `de`; empty for English that is not told.
    language: str = ""

    #: How the generator makes a heading's anchor of its text.
    anchors: Literal["github", "kramdown", "markdown", "zola"] = "github"

    #: The zone of dates that name none, such as `Europe/Berlin`.
    timezone: str = "UTC"

    #: What renders Markdown: Python-Markdown, or a quick CommonMark parser (the extra `fast`).
    renderer: Literal["markdown", "commonmark"] = "markdown"

    #: How many processes read posts; 0 is one for each core.
    jobs: int = 0

    #: The days in which the age of a post is halved, which takes from its score; 0 if age counts nothing.
    recency: float = 0.0

    #: The ids of the posts that come first, by question.
    pins: dict[str, tuple[str, ...]] = field(default_factory=dict)

    #: The file of words that stand for others; empty if there is none.
    synonyms: str = ""

    #: The address that the server listens on.
    host: str = "127.0.0.1"

    #: The port that the server listens on.
    port: int = 8000

    #: How many processes serve.
    workers: int = 1

    #: The seconds for which browsers, and proxies on the way, may keep an answer; 0 has them ask each time.
    max_age: int = 60

    #: How many requests a second a client may send to one process, in the long run; 0 is any number.
    rate_limit: float = 20.0

    #: How many requests a client may send at once that was silent before.
    rate_burst: int = 60

    #: How many proxies of the operator's own stand before the server, each of which adds to `X-Forwarded-For`.
    trusted_proxies: int = 0

    #: How many requests one process works on before it turns others away; 0 is any number.
    in_flight: int = 32

    #: Whether each request leaves a line of JSON on standard error.
    access_log: bool = False

    #: What those sign with who may have a build started over HTTP: one secret, or two while they change.
    webhook_secrets: tuple[str, ...] = field(default=(), repr=False)

    #: What those show who may see over HTTP how builds went, and the server's figures.
    admin_token: str = field(default="", repr=False)

    #: The command, word by word, that brings the posts up to date before the server starts a build.
    update: tuple[str, ...] = ()

    @property
    def zone(self) -> tzinfo:
        """The zone of dates that name none."""
        # UTC needs no database of zones, which small machines lack.
        return UTC if self.timezone == "UTC" else ZoneInfo(self.timezone)

    @classmethod
    def load(cls, path: Path | str | None = None, **overrides: Any) -> Settings:
        """Read the settings: *overrides* that are not None, the environment, the file at *path*, the defaults.

        Without *path*, `$POSTSEARCH_CONFIG` names the file, else `postsearch.toml` here is read if there is one.
        Paths in the file are relative to it. Raises `SettingsError` for a setting that is unknown or unusable.
        """
        names = {field.name for field in fields(cls)}
        chosen = _from_file(path, names) | _from_environment(names)
        chosen |= {name: value for name, value in overrides.items() if value is not None}
        if unknown := chosen.keys() - names:
            raise SettingsError(f"no such setting: {', '.join(sorted(unknown))}", key=min(unknown))
        try:
            settings = msgspec.convert(chosen, cls, strict=False, dec_hook=_path)
        except msgspec.ValidationError as error:
            key = str(error).rpartition("$.")[2].rstrip("`").split("[")[0]
            raise SettingsError(f"{key}: {str(error).partition(' - at')[0]}", key=key) from error
        for key, is_right, reason in _rules(settings):
            if not is_right:
                raise SettingsError(f"{key}: {reason}", key=key)
        return settings

    def environment(self) -> dict[str, str]:
        """The variables that `load` reads these settings from."""
        return {f"{PREFIX}{field.name.upper()}": _text(getattr(self, field.name)) for field in fields(self)}


def _from_file(path: Path | str | None, names: set[str]) -> dict[str, Any]:
    named = path or os.environ.get(PREFIX + "CONFIG")
    file = Path(named or FILE)
    if not named and not file.exists():
        return {}
    try:
        chosen = {"search_tests": SEARCH_TESTS, **tomllib.loads(file.read_text("utf-8"))}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file}: is not TOML: {error}") from error
    if unknown := chosen.keys() - names:
        reason = f"{file}: no such setting: {', '.join(sorted(unknown))}; docs/settings.md lists them all"
        raise SettingsError(reason, key=min(unknown))
    files = ("content", "search_tests", "index", "synonyms")
    return chosen | {name: str(file.parent / chosen[name]) for name in files if _is_name(chosen.get(name))}


def _is_name(value: object) -> bool:
    return isinstance(value, str | Path) and bool(str(value).strip())


def _from_environment(names: set[str]) -> dict[str, Any]:
    given = {key.removeprefix(PREFIX).lower(): value for key, value in os.environ.items() if key.startswith(PREFIX)}
    if unknown := given.keys() - names - {"config"}:
        raise SettingsError(f"no such setting: {PREFIX}{min(unknown).upper()}", key=min(unknown))
    return {name: _meant(name, value) for name, value in given.items() if name in names}


def _text(value: Any) -> str:
    return str(value) if isinstance(value, str | Path) else msgspec.json.encode(value).decode()


def _meant(name: str, text: str) -> Any:
    """What a variable says. One that holds several values is JSON, or has commas between them."""
    if name in _SEVERAL and text.startswith(("[", "{")):
        try:
            return msgspec.json.decode(text)
        except msgspec.DecodeError:
            # Without what it says: it may be a secret.
            raise SettingsError(f"{name}: {PREFIX}{name.upper()} begins as JSON does, but is none", key=name) from None
    if name == "permalink" or name not in _SEVERAL:
        return text
    return [part.strip() for part in text.split(",") if part.strip()]


def _path(kind: type, value: Any) -> Any:
    if kind is not Path or not _is_name(value):
        raise ValueError(f"{value!r} is not the name of a folder")
    return Path(value)


def _rules(settings: Settings) -> Iterator[tuple[str, bool, str]]:
    """What is to be right with each setting, whether it is, and what is wrong otherwise."""
    yield "timezone", _is_zone(settings.timezone), f"{settings.timezone!r} is not a zone such as Europe/Berlin"
    yield "port", 0 <= settings.port <= 65535, f"{settings.port} is not a port; they go from 0 to 65535"
    yield "recency", settings.recency == 0 or 1 <= settings.recency <= 1e6, "0 is off; else from 1 day to a million"
    yield "workers", settings.workers >= 1, "at least one process has to serve"
    for key in ("jobs", "max_age", "rate_limit", "rate_burst", "trusted_proxies", "in_flight"):
        yield key, 0 <= getattr(settings, key) <= 1e9, "0 is the least"
    url = settings.site_url
    yield "site_url", not url or _is_address(url), f"{url!r} is not an address such as https://example.org/blog"
    reason = f"a secret has at least {SHORTEST_SECRET} characters, and not blanks alone"
    yield "webhook_secrets", all(map(_is_secret, settings.webhook_secrets)), reason
    yield "admin_token", not settings.admin_token or _is_secret(settings.admin_token), reason
    for origin in settings.cors_origins:
        reason = f"{origin!r} is not the address of a site such as https://example.org, and no more"
        yield "cors_origins", origin == "*" or _is_origin(origin), reason


def _is_zone(name: str) -> bool:
    try:
        return name == "UTC" or bool(ZoneInfo(name))
    except (ValueError, OSError, KeyError):
        return False


def _is_secret(text: str) -> bool:
    return len(text.strip()) >= SHORTEST_SECRET


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        return known and "?" not in url and "#" not in url
    except ValueError:  # of a port that is no number, or brackets that are never closed
        return False


def _is_origin(url: str) -> bool:
    """Whether *url* is what a browser sends as `Origin`: scheme, host and port. The slash of a whole site is let by."""
    return _is_address(url) and urlsplit(url).path in ("", "/") and "@" not in url
