"""Does the description of the addresses say what they take and what they answer?"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from shutil import copytree
from typing import Any

import msgspec
import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from extras import explain, openapi, reindex
from extras.builds import Builds
from extras.openapi import ADDRESSES, FORMS, MEANINGS
from indexer import Engine, QueryError, Settings, dates
from server.app import create_app
from server.params import Params
from tests.conftest import Counted, is_soak, make_post
from tests.server.conftest import POSTS, holding
from tests.server.running import POSTSEARCH, serving

SCHEMATHESIS = Path(sys.executable).with_name("st")
CONTENT = Path(__file__).parent.parent.parent / "content"
BREAD = make_post("Bread", id="bread.md", tags=("baking",), date="2024-02-01")

#: Addresses that lead people on, or are no news to who reads the description.
FOR_PEOPLE = {"/", "/api", "/openapi.json", "/posts/{id}", "/static/{filename}"}


def asking(engine: Engine, tmp_path: Path) -> FlaskClient:
    """Asks an application that has every route."""
    settings = Settings(index=tmp_path)
    app = create_app(engine)
    reindex.Reindex(Builds(settings, engine), ("secret",), "token").register(app)
    explain.register(app, engine, settings)
    openapi.register(app, engine, settings)
    return app.test_client()


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    return asking(holding(*POSTS, BREAD), tmp_path)


@pytest.fixture
def told(client: FlaskClient) -> Any:
    return client.get("/openapi.json").get_json()


def operations(told: Any) -> Iterator[tuple[str, str, Any]]:
    for path, methods in told["paths"].items():
        yield from ((method, path, operation) for method, operation in methods.items())


def test_every_address_is_described_and_no_other(client: FlaskClient, told: Any) -> None:
    rules = {re.sub("<(path:)?(\\w+)>", r"{\2}", rule.rule) for rule in client.application.url_map.iter_rules()}
    assert set(told["paths"]) == rules - FOR_PEOPLE
    assert {(method.upper(), path) for method, path, _ in operations(told)} == {
        (method, path.replace("<path:id>", "{id}")) for method, path in ADDRESSES
    }


def test_an_address_that_is_not_there_is_not_described(tmp_path: Path) -> None:
    app = create_app(holding(BREAD))
    openapi.register(app, holding(BREAD), Settings(index=tmp_path))
    paths = app.test_client().get("/openapi.json").get_json()["paths"]
    assert "/api/v1/search" in paths
    assert not {"/api/v1/reindex", "/api/v1/explain"} & set(paths)


def test_every_parameter_is_explained_and_no_other(told: Any) -> None:
    named = {parameter["name"] for _, _, operation in operations(told) for parameter in operation["parameters"]}
    assert named == set(MEANINGS)


def test_every_reference_leads_to_a_schema(told: Any) -> None:
    named = set(re.findall(r'"#/components/schemas/(\w+)"', msgspec.json.encode(told).decode()))
    assert named
    assert named <= set(told["components"]["schemas"])


def test_an_example_is_answered_with_the_keys_that_are_described(client: FlaskClient, told: Any) -> None:
    for method, path, operation in operations(told):
        if method == "get" and "security" not in operation and path != "/search":
            shown = {one["name"]: one["example"] for one in operation["parameters"] if "example" in one}
            answer = client.get(path.replace("{id}", shown.get("id", "")), query_string=shown)
            assert answer.status_code == 200, path
            (schema,) = (kind["schema"]["$ref"] for kind in operation["responses"]["200"]["content"].values())
            described = told["components"]["schemas"][schema.rpartition("/")[2]]
            assert set(answer.get_json()) == set(described["properties"]) - {"trouble"}, path


def test_what_has_no_type_of_its_own_has_the_keys_that_are_described(client: FlaskClient) -> None:
    problem = client.get("/api/v1/search?page=0").get_json()
    assert set(problem) == {field.name for field in msgspec.structs.fields(openapi.Problem)}
    missing = client.get("/api/v1/posts/gone.md").get_json()
    assert msgspec.to_builtins(msgspec.convert(missing, openapi.Problem)) == missing
    assert {"status", "trouble"} < {field.name for field in msgspec.structs.fields(openapi.Health)}


def test_a_date_that_fits_the_description_is_one() -> None:
    for year in (0, 1, 4, 400, 1900, 2000, 2023, 2024, 2100, 9999):
        for month, day in ((month, day) for month in range(14) for day in range(33)):
            text, is_date = f"{year:04}-{month:02}-{day:02}", False
            with suppress(ValueError):
                is_date = bool(date(year, month, day))
            assert bool(re.fullmatch(FORMS["after"]["pattern"], text)) == is_date, text


@given(st.from_regex(FORMS["after"]["pattern"], fullmatch=True))
def test_a_date_that_fits_the_description_is_understood(text: str) -> None:
    assert dates.bound(text)


@given(st.from_regex(FORMS["facets"]["pattern"], fullmatch=True))
def test_facets_that_fit_the_description_are_counted(text: str) -> None:
    app = create_app(holding(BREAD))
    with suppress(QueryError):  # of one that is too long
        Params.read({"facets": [text]})
        assert app.test_client().get("/api/v1/search", query_string={"facets": text}).status_code == 200


def test_people_see_the_same_without_a_script(client: FlaskClient, told: Any) -> None:
    answer = client.get("/api")
    page = LexborHTMLParser(answer.text)
    assert answer.content_type == "text/html; charset=utf-8"
    assert not page.css("script")
    headings = {heading.text() for heading in page.css("main h2")}
    assert headings == {f"{method.upper()} {path}" for method, path, _ in operations(told)}
    rows = [row.text() for row in page.css("tbody th")]
    assert rows == [one["name"] for _, _, operation in operations(told) for one in operation["parameters"]]
    shown = [line.text().removeprefix("Such as ") for line in page.css("main p") if line.text().startswith("Such as")]
    assert "/api/v1/posts/bread.md?body=1" in shown
    assert {client.get(address).status_code for address in shown} == {200}


def test_below_a_prefix_the_addresses_are_there(client: FlaskClient) -> None:
    told = client.get("/openapi.json", environ_overrides={"SCRIPT_NAME": "/find"}).get_json()
    assert told["servers"] == [{"url": "/find"}]


@pytest.mark.slow
@pytest.mark.soak
@pytest.mark.timeout(0)
def test_a_server_keeps_to_its_description(tmp_path: Path, counted: Counted) -> None:
    copytree(CONTENT, tmp_path / "content")
    (tmp_path / "content" / "bread.md").write_text("---\ndate: 2024-02-01\ntags: baking\n---\nBread.", "utf-8")
    subprocess.run([POSTSEARCH, "build"], cwd=tmp_path, check=True, capture_output=True)
    with serving(tmp_path) as (_, address, _):
        how = ("--max-examples", "300") if is_soak() else ("--max-examples", "10", "--generation-deterministic")
        run = [SCHEMATHESIS, "run", f"{address}/openapi.json", "--checks", "all", "--no-color", *how]
        ended = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout
    found = re.search(r"(\d+) generated, (\d+) passed", ended.stdout)
    assert found, ended.stdout
    tried, passed = map(int, found.groups())
    counted("Made of the description: {tried} requests, {passed} answered as it says.", tried=tried, passed=passed)
    assert tried == passed > 500
