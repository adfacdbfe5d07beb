"""Do the pages say what is so? Whatever would drift in them is tried here."""

from __future__ import annotations

import ast
import hmac
import re
import shlex
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from html.parser import HTMLParser
from pathlib import Path
from signal import SIGINT, SIGTERM
from typing import Any, get_args, get_type_hints
from urllib.parse import urlsplit

import click
import msgspec
import pytest
from flask.testing import FlaskClient

import server.cli  # noqa: F401 - it adds the command `serve`
from extras import browser, demo, explain, metrics, openapi
from extras.builds import Builds
from extras.reindex import Reindex
from indexer import Engine, Post, QueryError, Section, Settings, open_engine, search
from indexer.cli import EXIT_CODES, cli
from indexer.corpus import SUFFIXES
from indexer.extract import Extracted, extract
from indexer.query import Query
from indexer.reading import options
from indexer.visibility import hidden_path
from server.app import create_app
from server.params import Params
from server.wire import STATUS, Problem
from tests.conftest import make_post
from tests.engines.reference import ReferenceEngine

ROOT = Path(__file__).parent.parent
PAGES = {
    str(path.relative_to(ROOT)): path.read_text("utf-8")
    for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), ROOT / "content" / "README.md")
}
ARCHITECTURE, README = PAGES["ARCHITECTURE.md"], PAGES["README.md"]
CONTEXT = click.Context(cli)
COMMANDS = {name: command for name in cli.list_commands(CONTEXT) if (command := cli.get_command(CONTEXT, name))}
API, CLI, QUERY = PAGES["docs/api.md"], PAGES["docs/cli.md"], PAGES["docs/query.md"]
FRONT_MATTER, SETTINGS, TEXT = PAGES["docs/front-matter.md"], PAGES["docs/settings.md"], PAGES["docs/posts-to-text.md"]


def section(page: str, heading: str) -> str:
    """What stands below *heading*, up to the next heading that is not below it."""
    opened = re.search(rf"^(#+) {re.escape(heading)}\n", page, re.MULTILINE)
    assert opened, f"no heading {heading!r}"
    closed = re.compile(rf"^#{{1,{len(opened[1])}}} ", re.MULTILINE).search(page, opened.end())
    return page[opened.end() : closed.start() if closed else None]


def table(page: str, first: str) -> list[list[str]]:
    """The cells of every table in *page* whose first column is headed *first*."""
    rows: list[list[str]] = []
    for found in re.finditer(rf"^\| {re.escape(first)} \|.*\n\|[-|]+\n((?:\|.*\n)+)", page, re.MULTILINE):
        rows += [[cell.strip() for cell in line.strip("|").split("|")] for line in found[1].splitlines()]
    assert rows, f"no table headed {first!r}"
    return rows


def code(text: str) -> list[str]:
    """The pieces of *text* in backticks."""
    return re.findall(r"`([^`]+)`", text)


def fenced(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to stand in, and no choices in the environment."""
    monkeypatch.chdir(tmp_path)
    for field in fields(Settings):
        monkeypatch.delenv(f"POSTSEARCH_{field.name.upper()}", raising=False)
    monkeypatch.delenv("POSTSEARCH_CONFIG", raising=False)
    return tmp_path


# The command line


def options_of(command: click.Command) -> set[str]:
    return {name for param in command.params if isinstance(param, click.Option) for name in param.opts}


def test_the_readme_lists_every_command_and_no_other() -> None:
    listed = [code(name)[0] for name, _ in table(README, "Command")]
    assert sorted(listed) == sorted(f"postsearch {name}" for name in COMMANDS)


@pytest.mark.parametrize("name", [None, *COMMANDS])
def test_every_option_of_a_command_is_listed_and_no_other(name: str | None) -> None:
    page, command = (section(CLI, name), COMMANDS[name]) if name else (CLI.partition("\n## ")[0], cli)
    listed = {option.split()[0] for cells in table(page, "Option") for option in code(cells[0])}
    assert listed - {"-h", "--help"} == options_of(command)


def test_every_exit_code_is_listed_and_no_other() -> None:
    assert {int(number) for number, _ in table(CLI, "Code")} == {
        0,
        1,
        2,
        *EXIT_CODES.values(),
        128 + SIGINT,
        128 + SIGTERM,
    }


def printed_commands() -> Iterator[str]:
    for page in PAGES.values():
        yield from (line for block in fenced(page, "sh") for line in block.splitlines())


@pytest.mark.parametrize("line", sorted({line for line in printed_commands() if line.startswith("postsearch ")}))
def test_a_command_that_a_page_prints_can_be_given(line: str) -> None:
    _, *words = shlex.split(line)
    if words[0].startswith("--"):
        assert words[0].removesuffix("=") in {"--help", *options_of(cli)}
    else:
        COMMANDS[words[0]].make_context(words[0], words[1:])


@pytest.mark.parametrize("name", PAGES)
def test_a_target_that_a_page_names_is_in_the_makefile(name: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"(?:`|^)make ([a-z-]+)", PAGES[name], re.MULTILINE)) <= targets


# Settings


def plain(value: Any) -> Any:
    return str(value) if isinstance(value, Path) else list(value) if isinstance(value, tuple) else value


def test_every_setting_is_listed_in_order_and_no_other() -> None:
    assert [code(cells[0])[0] for cells in table(SETTINGS, "Key")] == [field.name for field in fields(Settings)]


@pytest.mark.parametrize("cells", table(SETTINGS, "Key"), ids=lambda cells: cells[0])
def test_a_setting_has_the_default_the_option_and_the_variable_that_are_listed(cells: list[str]) -> None:
    (key,), (default,), (variable,) = map(code, (cells[0], cells[1], cells[3]))
    assert plain(getattr(Settings(), key)) == tomllib.loads(f"it = {default}")["it"]
    assert variable == f"POSTSEARCH_{key.upper()}"
    params = [param for command in COMMANDS.values() for param in command.params if param.name == key]
    spelt = {param.opts[0] if isinstance(param, click.Option) else key.upper() for param in params}
    assert ({"CONTENT"} if key == "content" else spelt) == set(code(cells[2]))


@pytest.mark.parametrize("cells", table(SETTINGS, "Key"), ids=lambda cells: cells[0])
def test_a_setting_can_be_chosen_by_its_variable(cells: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    other = {"anchors": "kramdown", "tag_separator": "space", "renderer": "commonmark", "timezone": "Europe/Berlin"}
    other["pins"] = '{"bread": ["bread.md"]}'
    kinds = {bool: "true", int: "7", float: "7"}
    (key,), (variable,) = code(cells[0]), code(cells[3])
    monkeypatch.setenv(variable, other.get(key) or kinds.get(type(getattr(Settings(), key)), "https://example.org"))
    assert getattr(Settings.load(), key) != getattr(Settings(), key)


@pytest.mark.parametrize("block", [block for page in PAGES.values() for block in fenced(page, "toml")])
def test_settings_that_a_page_prints_can_be_loaded(block: str, folder: Path) -> None:
    (folder / "postsearch.toml").write_text(block, "utf-8")
    assert Settings.load() != Settings()


CHOICES = [(key, choice) for key, kind in get_type_hints(Settings).items() for choice in get_args(kind)]


@pytest.mark.parametrize(("key", "choice"), [(key, choice) for key, choice in CHOICES if isinstance(choice, str)])
def test_every_choice_of_a_setting_is_named(key: str, choice: str) -> None:
    assert f'`"{choice}"`' in SETTINGS
    assert getattr(Settings.load(**{key: choice}), key) == choice


@pytest.mark.parametrize("cells", table(SETTINGS, "`anchors`"), ids=lambda cells: cells[0])
def test_an_anchor_is_made_as_the_page_says(cells: list[str]) -> None:
    how = options(Settings.load(anchors=code(cells[0])[0].strip('"')))
    post = extract("post.md", b"# 2 ways: Bread & Butter\n", how).post
    assert post
    assert [section.anchor for section in post.sections] == code(cells[2])


def token_values() -> Iterator[tuple[str, str]]:
    for tokens, values in table(SETTINGS, "Part"):
        meant = code(values.partition(":")[0])
        yield from zip(code(tokens), meant * len(code(tokens)) if len(meant) == 1 else meant, strict=True)


@pytest.mark.parametrize(("token", "value"), list(token_values()))
def test_a_part_of_a_pattern_stands_for_what_the_page_says(token: str, value: str) -> None:
    data = b"---\ntitle: Pizza!\ncategories: [Slow food]\n---\nHot."
    how = options(Settings(permalink=f"/its/{token}"))
    post = extract("blog/2024-06-05-pizza-night.md", data, how).post
    assert post
    assert post.url == f"/its/{value}"


# Posts


def read(source: str, path: str = "post.md") -> Extracted:
    return extract(path, source.encode(), options(Settings()))


def read_post(source: str, path: str = "post.md") -> Post:
    post = read(source, path).post
    assert post
    return post


WAYS = [
    (block, f"post{suffix}")
    for language, suffix in (("markdown", ".md"), ("html", ".html"), ("rst", ".rst"))
    for block in fenced(FRONT_MATTER, language)
]


@pytest.mark.parametrize(("source", "path"), WAYS)
def test_every_way_to_write_front_matter_says_the_same(source: str, path: str) -> None:
    post = read_post(source, path)
    assert (post.title, post.date, post.tags) == ("Bread in an hour", "2023-08-14", ("Baking", "Slow food"))
    assert (post.description, post.body) == ("For the impatient.", "Mix the flour with water.")


def test_the_suffixes_of_posts_are_listed() -> None:
    assert tuple(code(section(FRONT_MATTER, "Which files are read"))[: len(SUFFIXES)]) == SUFFIXES


def meant(what: str, number: int) -> Any:
    """A value for the key of something, and no other's."""
    return f"20{number:02}-01-01" if what in ("Date", "Updated") else f"words/{number}"


KEYS = [
    (what, number, key) for what, keys, _ in table(FRONT_MATTER, "What") for number, key in enumerate(code(keys), 1)
]
PLURAL = ("Tags", "Categories", "Authors")


@pytest.mark.parametrize(("what", "number", "key"), KEYS)
def test_a_key_holds_and_stands_before_those_behind_it(what: str, number: int, key: str) -> None:
    behind = [(n, other) for name, n, other in KEYS if name == what and n >= number]
    lines = "\n".join(f"{other}: {meant(what, n)}" for n, other in reversed(behind))
    found = getattr(read_post(f"---\n{lines}\n---\nText."), what.lower())
    assert found == ((meant(what, number),) if what in PLURAL else meant(what, number))


@pytest.mark.parametrize(("written", "understood"), [code(a + b) for a, b in table(FRONT_MATTER, "Written")])
def test_a_date_is_understood_as_the_page_says(written: str, understood: str) -> None:
    assert read_post(f"---\ndate: {written}\n---\nText.").date == understood


@pytest.mark.parametrize(
    "line", [line for lines, _ in table(FRONT_MATTER, "Any of these lines hides a post") for line in code(lines)]
)
def test_a_post_is_hidden_by_each_line_that_the_page_lists(line: str) -> None:
    assert read(f"---\ntitle: A post\n{line}\n---\nText.").hidden


@pytest.mark.parametrize("path", [path for paths, _ in table(FRONT_MATTER, "Path") for path in code(paths)])
def test_a_file_is_hidden_by_each_path_that_the_page_lists(path: str) -> None:
    assert hidden_path(path)


@pytest.mark.parametrize("cells", table(TEXT, "In the file"), ids=lambda cells: cells[0])
def test_a_source_becomes_the_text_that_the_page_says(cells: list[str]) -> None:
    assert read_post(f"---\ntitle: A post\n---\n{cells[0][1:-1]}\n").body == cells[1]


# Questions


def labels(category: str, author: str, language: str) -> dict[str, Any]:
    return {"categories": (category,), "authors": (author,), "language": language}


@pytest.fixture(scope="module")
def blog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The small blog of docs/query.md, in a real index."""
    engine = open_engine(Settings(index=tmp_path_factory.mktemp("blog") / "index"))
    rows = table(QUERY, "Title")
    engine.apply(
        put=[
            make_post(title, body=body, tags=tuple(tags.split(", ")), date=date, **labels(*others))
            for title, body, tags, date, *others in rows
        ]
    )
    yield engine
    engine.close()


@pytest.mark.parametrize("cells", table(QUERY, "You type"), ids=lambda cells: cells[0])
def test_a_question_is_answered_as_the_page_says(blog: Engine, cells: list[str]) -> None:
    results = search(blog, cells[0].strip("`"))
    titles = [hit.title for hit in results.hits]
    parts = titles[: results.total_all_words], titles[results.total_all_words :]
    if any(hit.score for hit in results.hits):  # an order that is the ranking's own business
        parts = sorted(parts[0]), sorted(parts[1])
        cells = [cells[0], *(", ".join(sorted(cell.split(", "))) for cell in cells[1:])]
    assert [", ".join(part) for part in parts] == cells[1:3]


@pytest.mark.parametrize("cells", table(QUERY, "You type"), ids=lambda cells: cells[0])
def test_what_is_no_sign_is_explained_as_the_page_says(cells: list[str]) -> None:
    told = [hint.text for hint in Query.parse(cells[0].strip("`")).hints]
    assert len(told) == any(cells[3:])
    assert all(cells[3] in text for text in told)


# The API


SECRET = "the secret of the pages"
SHOWN = {"Authorization": f"Bearer {SECRET}"}


@pytest.fixture
def client(folder: Path) -> FlaskClient:
    """Asks an application over one post, the one that docs/api.md answers with."""
    engine = ReferenceEngine()
    engine.apply(
        put=[
            make_post(
                "Sourdough",
                body="Every day\n\nFeed the sourdough twice a day.",
                tags=("Baking",),
                categories=("Bread",),
                authors=("Ann",),
                language="en",
                date="2023-11-04",
                updated="2023-11-05",
                sections=(Section(heading="Every day", anchor="every-day", level=2, start=0),),
            ),
            make_post("Rye", body="Rye for a dark sourdough.", tags=("Baking", "Slow food"), date="2023-12-01"),
        ]
    )
    settings = Settings(index=folder)
    (folder / "reindex.json").write_text(msgspec.json.encode(example("GET /api/v1/reindex")).decode(), "utf-8")
    reindex = Reindex(Builds(settings, engine), (SECRET,), SECRET)
    app = create_app(engine, site_url="https://www.example.org")
    reindex.register(app)
    for extra in (browser, demo, explain, openapi):
        extra.register(app, engine, settings)
    (folder / "current").mkdir()
    metrics.register(app, engine, Settings(index=folder, admin_token=SECRET))
    return app.test_client()


def shape(value: Any) -> Any:
    """The keys and types of *value*, whatever its values."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    return [shape(value[0])] if isinstance(value, list) and value else type(value)


def example(heading: str) -> Any:
    (block,) = fenced(section(API, heading), "json")
    return msgspec.json.decode(block)


def test_every_address_is_listed_and_no_other(client: FlaskClient) -> None:
    rules = {re.sub("<path:", "<", rule.rule) for rule in client.application.url_map.iter_rules()}
    assert {code(address)[0] for address, _ in table(API, "Address")} == rules


def test_every_parameter_is_listed_with_its_default() -> None:
    listed = {code(name)[0]: "".join(code(default)) for name, default, _ in table(API, "Parameter")}
    assert listed == {field.name: str(field.default or "") for field in fields(Params)}


@pytest.mark.parametrize(
    ("heading", "address"),
    [
        ("The answer", "/api/v1/search?q=sourdough&tag=baking&per_page=5"),
        ("GET /api/v1/facets", "/api/v1/facets?facet=tags&prefix=ba&q=sourdough&year=2023"),
        ("GET /api/v1/posts/&lt;id&gt;", "/api/v1/posts/sourdough.md"),
        ("GET /api/v1/tags", "/api/v1/tags"),
        ("GET /api/v1/explain", "/api/v1/explain?q=sourdough&tag=baking&id=sourdough.md"),
        ("GET /api/v1/related", "/api/v1/related?id=sourdough.md"),
        ("GET /api/v1/suggest", "/api/v1/suggest?q=s"),
        ("GET /healthz", "/healthz"),
        ("GET /api/v1/reindex", "/api/v1/reindex"),
    ],
)
def test_an_answer_has_the_shape_that_the_page_shows(client: FlaskClient, heading: str, address: str) -> None:
    assert shape(client.get(address, headers=SHOWN).get_json()) == shape(example(heading))


def test_a_request_for_a_build_is_answered_as_the_page_shows(client: FlaskClient) -> None:
    signature = hmac.new(SECRET.encode(), b"", "sha256").hexdigest()
    response = client.post("/api/v1/reindex", headers={"X-Hub-Signature-256": f"sha256={signature}"})
    assert response.get_json() == example("POST /api/v1/reindex")


def test_an_error_is_the_one_that_the_page_shows(client: FlaskClient) -> None:
    assert client.get("/api/v1/search?page=0").get_json() == example("Errors")


def test_every_figure_is_listed_and_no_other(client: FlaskClient) -> None:
    for _ in range(2):
        client.get("/api/v1/search?q=nothing-at-all")
    told = {line.partition("{")[0] for line in client.get("/metrics", headers=SHOWN).text.splitlines()}
    assert {name for names, _ in table(PAGES["docs/deploy.md"], "Figure") for name in code(names)} == told


def keys(value: Any) -> set[str]:
    """Every key in *value*, however deep."""
    if isinstance(value, list):
        return set().union(*map(keys, value))
    return set(value).union(*map(keys, value.values())) if isinstance(value, dict) else set()


def test_every_key_of_an_answer_is_explained_and_no_other(client: FlaskClient) -> None:
    asked = ("search?q=sourdough+tag:", "search?page=0", "explain?q=sourdough&id=sourdough.md", "facets")
    addresses = (*asked, "posts/sourdough.md?body=1", "related?id=rye.md", "suggest?q=r", "reindex")
    answers = [client.get(f"/api/v1/{address}", headers=SHOWN).get_json() for address in addresses]
    reported = keys(answers[-1].pop("report"))  # which docs/cli.md explains
    explained = {key for cells in table(API, "Key") for key in code(cells[0])}
    assert explained == keys(answers) - {"marked", "heading", "level"} | {"report"}
    assert reported >= {"posts", "skipped"}


def test_every_status_is_listed_and_no_other() -> None:
    listed = {int(status): code(words) for status, words, _ in table(API, "Status")}
    assert set(listed) == {*STATUS.values(), 401, 403, 404, 405, 413, 429}
    for status, words in listed.items():
        problem = Problem.of(QueryError("no", param="q")) if status == 400 else Problem.of_status(status)
        assert problem.code in words


# The house


def modules() -> Iterator[tuple[str, str]]:
    for path in (path for top in ("extras", "indexer", "server") for path in (ROOT / top).rglob("*.py")):
        doc = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
        yield path.relative_to(ROOT).as_posix(), doc.partition("\n")[0]


def test_every_module_is_listed_with_its_question() -> None:
    assert dict(modules()) == {code(name)[0]: question for name, question in table(ARCHITECTURE, "Module")}


def test_every_package_that_it_needs_is_listed_with_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    needed = {re.split(r"[<>=]", requirement)[0] for requirement in project["dependencies"]}
    assert {code(name)[0] for name, reason in table(ARCHITECTURE, "Package") if reason} == needed
    assert set(project["optional-dependencies"]) <= set(code(section(ARCHITECTURE, "Dependencies, and why")))


def test_working_on_it_is_explained_on_one_screen() -> None:
    assert len(PAGES["CONTRIBUTING.md"].splitlines()) <= 40


class Form(HTMLParser):
    """The action of a form, and the names of its fields."""

    action: str | None = ""
    names: tuple[str | None, ...] = ()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.action = given.get("action") or self.action
        self.names += (given["name"],) if "name" in given else ()


def test_the_form_of_the_readme_asks_the_results_page(client: FlaskClient) -> None:
    (form,) = fenced(README, "html")
    read = Form()
    read.feed(form)
    assert len(form.splitlines()) == 3
    assert urlsplit(read.action or "").path in {rule.rule for rule in client.application.url_map.iter_rules()}
    assert set(read.names) <= {field.name for field in fields(Params)}


@pytest.mark.parametrize("block", fenced(PAGES["docs/python.md"], "python"))
def test_python_that_a_page_prints_runs(block: str, folder: Path) -> None:
    (folder / "content").mkdir()
    (folder / "content" / "post.md").write_text("---\ntags: baking\n---\nFeed the sourdough.", "utf-8")
    exec(compile(block, "docs/python.md", "exec"), {})


LINKS = [
    (name, link)
    for name, page in PAGES.items()
    for link in re.findall(r"\]\(([^()\s]+)\)", re.sub(r"(?ms)^```.*?^```$|`[^`\n]*`", "", page))
    if not urlsplit(link).scheme
]


@pytest.mark.parametrize(("name", "link"), LINKS)
def test_a_link_within_the_project_leads_somewhere(name: str, link: str) -> None:
    path, _, anchor = link.partition("#")
    target = (ROOT / name).parent / path if path else ROOT / name
    assert target.exists()
    assert not anchor or anchor in {section.anchor for section in read_post(target.read_text("utf-8")).sections}
