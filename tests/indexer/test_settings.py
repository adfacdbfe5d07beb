"""Are the operator's choices taken from where they were made, and mistakes among them named?"""

from __future__ import annotations

import os
from dataclasses import FrozenInstanceError, fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.errors import SettingsError
from indexer.settings import FILE, PREFIX, Settings


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to stand in, and an environment that chooses nothing."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    return tmp_path


def write(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    return file


def test_without_a_choice_the_defaults_hold() -> None:
    assert Settings.load() == Settings()
    assert (Settings().content, Settings().index) == (Path("content"), Path(".postsearch"))


def test_settings_do_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings().port = 1  # type: ignore[misc]


def test_the_file_is_read_if_there_is_one(folder: Path) -> None:
    write(
        folder / FILE,
        'port = 8080\ncors_origins = ["https://example.org"]\nsite_url = "https://example.org/blog"',
    )
    settings = Settings.load()
    assert (settings.port, settings.cors_origins) == (8080, ("https://example.org",))
    assert settings.site_url == "https://example.org/blog"


def test_a_flag_wins_over_the_environment_and_that_over_the_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder / FILE, 'port = 1\nworkers = 1\nhost = "file"')
    monkeypatch.setenv("POSTSEARCH_PORT", "2")
    monkeypatch.setenv("POSTSEARCH_WORKERS", "2")
    settings = Settings.load(port=3)
    assert (settings.port, settings.workers, settings.host) == (3, 2, "file")


def test_a_flag_that_is_not_given_chooses_nothing(folder: Path) -> None:
    write(folder / FILE, "port = 8080")
    assert Settings.load(port=None, index=None).port == 8080


def test_paths_in_the_file_are_relative_to_it(folder: Path) -> None:
    file = write(folder / "site" / "search.toml", 'content = "posts"\nindex = "../index"\nsynonyms = "words.txt"')
    settings = Settings.load(file)
    assert settings.synonyms == str(file.parent / "words.txt")
    assert settings.content == file.parent / "posts"
    assert settings.index == file.parent / "../index"


@pytest.mark.parametrize("half_life", ["-1", "0.5", "nan", "inf", "1e7", "soon"])
def test_a_half_life_is_at_least_a_day(monkeypatch: pytest.MonkeyPatch, half_life: str) -> None:
    monkeypatch.setenv("POSTSEARCH_RECENCY", half_life)
    with pytest.raises(SettingsError, match=r"^recency: ") as raised:
        Settings.load()
    assert raised.value.key == "recency"


@pytest.mark.parametrize("pins", ['pins = "a.md"', '[pins]\nbread = "a.md"', "[pins]\nbread = [1]"])
def test_pins_are_lists_by_question(folder: Path, pins: str) -> None:
    write(folder / FILE, pins)
    with pytest.raises(SettingsError, match=r"^pins: ") as raised:
        Settings.load()
    assert raised.value.key == "pins"


def test_an_absolute_path_in_the_file_stays(folder: Path) -> None:
    file = write(folder / "site" / "search.toml", f"content = '{folder / 'posts'}'")
    assert Settings.load(str(file)).content == folder / "posts"


def test_paths_of_flags_and_environment_are_relative_to_where_one_stands(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSTSEARCH_INDEX", "index")
    settings = Settings.load(write(folder / "site" / "search.toml", ""), content="posts")
    assert (settings.content, settings.index) == (Path("posts"), Path("index"))


def test_the_environment_may_name_the_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder / FILE, "port = 1")
    monkeypatch.setenv("POSTSEARCH_CONFIG", str(write(folder / "other.toml", "port = 2")))
    assert Settings.load().port == 2
    assert Settings.load(folder / FILE).port == 1


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", ()),
        ("*", ("*",)),
        ("https://a.example", ("https://a.example",)),
        (" https://a.example, http://localhost:8000 ,", ("https://a.example", "http://localhost:8000")),
    ],
)
def test_a_list_in_the_environment_has_commas(
    monkeypatch: pytest.MonkeyPatch, value: str, expected: tuple[str, ...]
) -> None:
    monkeypatch.setenv("POSTSEARCH_CORS_ORIGINS", value)
    assert Settings.load().cors_origins == expected


@pytest.mark.parametrize("name", ["cors_origins", "update", "webhook_secrets"])
def test_a_list_in_the_environment_may_be_json(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    parts = ("https://a.example", "https://b.example")
    monkeypatch.setenv(f"POSTSEARCH_{name.upper()}", f'["{parts[0]}", "{parts[1]}"]')
    assert getattr(Settings.load(), name) == parts


def test_patterns_for_several_folders_may_stand_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTSEARCH_PERMALINK", '{"blog": "/:year/:slug/", "notes": "/:slug/"}')
    assert Settings.load().permalink == {"blog": "/:year/:slug/", "notes": "/:slug/"}
    monkeypatch.setenv("POSTSEARCH_PERMALINK", "/:year/:slug/")
    assert Settings.load().permalink == "/:year/:slug/"


def test_any_settings_stand_in_an_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = Settings(
        content=tmp_path / "a, b",
        index=tmp_path / "[i]",
        site_url="https://example.org",
        cors_origins=("https://a.example", "https://b.example"),
        future=True,
        permalink={"blog": "/:year/", "a, b": '/"/é/'},
        jobs=2,
        host="::1",
        port=1234,
        workers=3,
        webhook_secrets=('comma, quote " and é', '["brackets"] of JSON'),
        admin_token="[not JSON, but a token]",
        update=("git", "-C", "/srv/my, own blog", "pull", "--ff-only"),
        recency=365.5,
        pins={'a "question", and more': ("a.md", "b, c.md")},
        synonyms="words, all.txt",
    )
    for name, value in settings.environment().items():
        monkeypatch.setenv(name, value)
    assert Settings.load() == settings


SECRET = "a secret of the operator"


def test_secrets_are_not_shown_with_the_other_settings() -> None:
    assert SECRET not in repr(Settings(webhook_secrets=(SECRET,), admin_token=SECRET))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("webhook_secrets", f'["{SECRET}"'),
        ("webhook_secrets", f'{{"{SECRET}": "{SECRET}"}}'),
        ("webhook_secrets", f'["{SECRET}", 5]'),
        ("webhook_secrets", f"{SECRET},short"),
        ("webhook_secrets", f'["{SECRET}", "{" " * 20}"]'),
        ("admin_token", SECRET[:15]),
        ("admin_token", " " * 20),
    ],
)
def test_a_secret_that_cannot_be_used_is_not_told(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"POSTSEARCH_{name.upper()}", value)
    with pytest.raises(SettingsError) as raised:
        Settings.load()
    assert raised.value.key == name
    assert str(raised.value).startswith(f"{name}: ")
    assert SECRET[:10] not in str(raised.value)
    assert raised.value.__suppress_context__ or SECRET[:10] not in str(raised.value.__cause__)


@pytest.mark.parametrize(
    ("chosen", "key"),
    [
        ({"colour": "red"}, "colour"),
        ({"port": "many"}, "port"),
        ({"port": -1}, "port"),
        ({"port": 65_536}, "port"),
        ({"port": True}, "port"),
        ({"workers": 0}, "workers"),
        ({"workers": "1.5"}, "workers"),
        ({"content": ""}, "content"),
        ({"index": 5}, "index"),
        ({"index": ""}, "index"),
        ({"content": " "}, "content"),
        ({"host": 5}, "host"),
        ({"site_url": "example.org"}, "site_url"),
        ({"site_url": "ftp://example.org"}, "site_url"),
        ({"site_url": "https://"}, "site_url"),
        ({"site_url": "http://[::1"}, "site_url"),
        ({"site_url": "http://example.org:port"}, "site_url"),
        ({"site_url": "*"}, "site_url"),
        ({"cors_origins": "https://example.org"}, "cors_origins"),
        ({"update": "git pull"}, "update"),
        ({"update": [["git", "pull"]]}, "update"),
        ({"webhook_secrets": "one secret that is not in a list"}, "webhook_secrets"),
        ({"webhook_secrets": [""]}, "webhook_secrets"),
        ({"admin_token": 5}, "admin_token"),
        ({"cors_origins": ["example.org"]}, "cors_origins"),
        ({"site_url": "https://example.org/?page=1"}, "site_url"),
        ({"site_url": "https://example.org/#top"}, "site_url"),
        ({"cors_origins": [5]}, "cors_origins"),
        ({"cors_origins": [""]}, "cors_origins"),
        ({"cors_origins": ["https://a.example", "https://example.org/blog"]}, "cors_origins"),
        ({"cors_origins": ["https://example.org/?"]}, "cors_origins"),
        ({"cors_origins": ["https://ann@example.org"]}, "cors_origins"),
        ({"cors_origins": ["https://*.example.org/blog"]}, "cors_origins"),
        ({"max_age": -1}, "max_age"),
        ({"rate_limit": -0.5}, "rate_limit"),
        ({"rate_limit": "nan"}, "rate_limit"),
        ({"rate_limit": "inf"}, "rate_limit"),
        ({"rate_burst": -1}, "rate_burst"),
        ({"trusted_proxies": -1}, "trusted_proxies"),
        ({"in_flight": -1}, "in_flight"),
    ],
)
def test_a_choice_that_cannot_be_used_is_named(chosen: dict[str, Any], key: str) -> None:
    with pytest.raises(SettingsError) as raised:
        Settings.load(**chosen)
    assert raised.value.key == key
    assert key in str(raised.value)


def test_an_unknown_key_of_the_file_is_named_with_the_file(folder: Path) -> None:
    file = write(folder / FILE, "port = 1\nzoo = 1\ncolour = 2")
    with pytest.raises(SettingsError, match=f"^{file.name}: no such setting: colour, zoo; ") as raised:
        Settings.load()
    assert raised.value.key == "colour"


@pytest.mark.parametrize("name", ["content", "index"])
@pytest.mark.parametrize("value", ["", " "])
def test_a_folder_of_the_file_has_a_name(folder: Path, name: str, value: str) -> None:
    write(folder / FILE, f'{name} = "{value}"')
    with pytest.raises(SettingsError, match=f"^{name}: '{value}' is not the name of a folder$") as raised:
        Settings.load()
    assert raised.value.key == name


@pytest.mark.parametrize("origin", ["https://example.org", "http://localhost:8000", "https://example.org/", "*"])
def test_an_origin_is_a_site_and_no_page_of_it(origin: str) -> None:
    assert Settings.load(cors_origins=[origin]).cors_origins == (origin,)
    with pytest.raises(SettingsError, match=r"cors_origins: .* is not the address of a site such as"):
        Settings.load(cors_origins=[f"{origin.rstrip('/')}/blog"])


def test_a_section_of_the_file_is_an_unknown_key(folder: Path) -> None:
    write(folder / FILE, "[server]\nport = 1")
    with pytest.raises(SettingsError, match="server"):
        Settings.load()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"port = ", "is not TOML"),
        (b"host = '\xff'", "cannot be read"),
        (b"port = 1\nport = 2", "is not TOML"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(folder: Path, content: bytes, reason: str) -> None:
    (folder / FILE).write_bytes(content)
    with pytest.raises(SettingsError, match=f"^{FILE}: {reason}"):
        Settings.load()


def test_a_file_that_is_asked_for_has_to_be_there(folder: Path) -> None:
    with pytest.raises(SettingsError, match=r"missing\.toml: cannot be read: No such file"):
        Settings.load(folder / "missing.toml")
    with pytest.raises(SettingsError, match="cannot be read: Is a directory"):
        Settings.load(folder)


@given(
    st.sampled_from([field.name for field in fields(Settings)]),
    st.text() | st.integers() | st.lists(st.text()),
)
def test_a_choice_is_taken_or_refused_but_never_fails(name: str, value: object) -> None:
    chosen: dict[str, Any] = {name: value}
    try:
        settings = Settings.load(**chosen)
    except SettingsError as refusal:
        assert refusal.key == name
    else:
        assert isinstance(getattr(settings, name), type(getattr(Settings(), name)))
