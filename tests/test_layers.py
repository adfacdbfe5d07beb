"""Which module may import which?"""

import ast
from collections.abc import Iterator
from importlib.util import resolve_name
from pathlib import Path

import pytest

import indexer

ROOT = Path(__file__).parent.parent

# From the lowest to the highest: a module may import those of the rows above its own.
# A package's modules stand under its name and may import each other.
LAYERS = (
    "indexer.cache indexer.errors",
    "indexer.dates indexer.extras indexer.metadata indexer.report indexer.templates indexer.words indexer.workers",
    "indexer.anchors indexer.language indexer.line indexer.post indexer.settings indexer.source indexer.yamltext",
    "indexer.due indexer.frontmatter indexer.markup indexer.plaintext indexer.results indexer.tags indexer.visibility",
    "indexer.boost indexer.permalink",
    "indexer.answer indexer.htmlmeta indexer.query",
    "indexer.curation",
    "indexer.corpus indexer.engine indexer.extract indexer.snippet indexer.telling",
    "indexer.alternatives indexer.bounds",
    "indexer.engines.whoosh indexer.reading indexer.search indexer.seen",
    "indexer.engines indexer.facets",
    "indexer.suggestions indexer.sync",
    "indexer",
    "indexer.terminal",
    "indexer.cli",
    "indexer.__main__",
    "server",
    "server.following server.params server.prose",
    "server.wire",
    "server.api server.listing server.probes server.reply",
    "server.cache server.failures server.headers server.limits server.pages",
    "server.front",
    "server.app",
    "server.wsgi",
    "server.serve",
    "server.cli",
    "extras",
)
ROWS = {name: row for row, names in enumerate(LAYERS) for name in names.split()}
PACKAGES = ("extras", "indexer.engines.whoosh")

# The server gets indexer's public names, and nothing of its inside but the command line.
INSIDE = {"server.cli": ("indexer.cli",)}

# Whoever opens an engine can write to it, so the web application must not.
OPENS_AN_ENGINE = {
    "indexer",
    "indexer.cli",
    "indexer.engines",
    "indexer.sync",
    "extras",
    "server.cli",
    "server.serve",
    "server.wsgi",
}

# Where each foreign library stops.
ADAPTERS = {
    "Stemmer": "indexer.words",
    "docutils": "extras.directives extras.restructured",
    "flask": "extras server",
    "frontmatter": "indexer.frontmatter",
    "granian": "server.serve",
    "markdown": "indexer.markup",
    "opensearchpy": "extras.opensearch.cluster",
    "rapidfuzz": "extras.opensearch.snapshot indexer.engines.whoosh",
    "selectolax": "indexer.htmlmeta indexer.plaintext",
    "whoosh": "indexer.engines.whoosh",
    "watchfiles": "extras.watching",
    "yaml": "extras.expectations indexer.yamltext",
}


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for top in ("extras", "indexer", "server") for path in (ROOT / top).rglob("*.py")}


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def imports(module: str) -> Iterator[str]:
    """The dotted name of everything that *module* imports, wherever in the file it does so."""
    path = MODULES[module]
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = resolve_name("." * node.level + (node.module or ""), package)
            yield from (f"{source}.{alias.name}" for alias in node.names)


def place(name: str) -> str:
    """The name that stands in LAYERS for a module."""
    return next((package for package in PACKAGES if within(name, package)), name)


def imported_modules(module: str) -> Iterator[str]:
    """The project's own modules among what *module* imports."""
    for name in imports(module):
        while name and name not in MODULES:
            name = name.rpartition(".")[0]
        if name:
            yield name


def is_public(name: str) -> bool:
    return name == "indexer" or name.removeprefix("indexer.") in indexer.__all__


def test_every_module_has_its_layer_and_every_layer_its_module() -> None:
    assert {place(module) for module in MODULES} == set(ROWS)


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_only_from_layers_below_its_own(module: str) -> None:
    others = {place(name) for name in imported_modules(module)} - {place(module)}
    assert {name for name in others if ROWS[name] >= ROWS[place(module)]} == set()


@pytest.mark.parametrize("module", [module for module in MODULES if within(module, "server")])
def test_the_server_imports_only_what_the_indexer_makes_public(module: str) -> None:
    inside = {name for name in imports(module) if within(name, "indexer") and not is_public(name)}
    assert {name for name in inside if not name.startswith(INSIDE.get(module, ()))} == set()


@pytest.mark.parametrize("module", MODULES)
def test_only_those_named_above_open_an_engine(module: str) -> None:
    opened = {"indexer.open_engine", "indexer.sync", "indexer.engines"}
    opens = any(within(name, opener) for name in imports(module) for opener in opened)
    assert not opens or place(module) in OPENS_AN_ENGINE or within(module, "indexer.engines")


@pytest.mark.parametrize("module", MODULES)
def test_a_foreign_library_stops_at_its_adapter(module: str) -> None:
    for library in {name.partition(".")[0] for name in imports(module)} & set(ADAPTERS):
        assert any(within(module, home) for home in ADAPTERS[library].split()), library
