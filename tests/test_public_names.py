"""Are the public names complete, in order and documented?"""

import ast
import inspect
import re
from pathlib import Path
from types import FunctionType

import pytest

import indexer
from indexer import errors

PUBLIC = {name: getattr(indexer, name) for name in indexer.__all__}
DOCUMENTED = {name: value for name, value in PUBLIC.items() if inspect.isclass(value) or inspect.isfunction(value)}
METHODS = {
    f"{name}.{method}": value
    for name, owner in DOCUMENTED.items()
    for method, value in vars(owner).items()
    if not method.startswith("_") and isinstance(value, FunctionType | classmethod | staticmethod | property)
}
ERRORS = {
    name: value
    for name, value in vars(errors).items()
    if inspect.isclass(value) and issubclass(value, BaseException) and not name.startswith("_")
}


def imported_names() -> set[str]:
    """The names that `indexer/__init__.py` imports from its modules."""
    tree = ast.parse(Path(indexer.__file__).read_text(encoding="utf-8"))
    froms = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module != "__future__"]
    return {alias.asname or alias.name for node in froms for alias in node.names}


def drawn_names() -> list[str]:
    """The names in the tree of the docstring of `indexer/errors.py`, as drawn: `├── Name   what it is`."""
    return re.findall(r"^(?:[│ ]*[├└]── )?(\w+Error)\b", errors.__doc__ or "", re.MULTILINE)


def test_public_names_stand_in_order_constants_first_and_functions_last() -> None:
    assert indexer.__all__ == sorted(indexer.__all__, key=lambda name: (not name.isupper(), name[0].islower(), name))


def test_every_imported_name_is_public_and_every_public_name_is_imported() -> None:
    assert set(indexer.__all__) == {name for name in imported_names() if not name.startswith("_")}


@pytest.mark.parametrize("name", DOCUMENTED)
def test_a_public_name_says_what_it_means(name: str) -> None:
    doc = PUBLIC[name].__doc__ or ""
    assert doc
    assert not doc.startswith(f"{name}("), "this is the text that dataclass makes up"


@pytest.mark.parametrize("name", METHODS)
def test_a_public_method_says_what_it_means(name: str) -> None:
    assert METHODS[name].__doc__


def test_every_error_is_public() -> None:
    assert set(ERRORS) <= set(indexer.__all__)


@pytest.mark.parametrize("error", ERRORS.values())
def test_every_error_descends_from_the_root(error: type[BaseException]) -> None:
    assert issubclass(error, errors.PostsearchError)


def test_the_tree_of_errors_is_drawn_as_it_is() -> None:
    assert sorted(drawn_names()) == sorted(ERRORS)
