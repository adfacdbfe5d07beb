"""Is the project still small enough to read in an evening?"""

import ast
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CORE = [path.relative_to(ROOT) for top in ("indexer", "server") for path in sorted((ROOT / top).rglob("*.py"))]
EXTRAS = [path.relative_to(ROOT) for path in sorted((ROOT / "extras").rglob("*.py"))]
MOST_LINES = 6_000
MOST_LINES_IN_A_FUNCTION = 40

NOT_CODE = {
    tokenize.COMMENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
    tokenize.INDENT,
    tokenize.NEWLINE,
    tokenize.NL,
}


def lines_of(node: ast.expr | ast.stmt) -> set[int]:
    return set(range(node.lineno, (node.end_lineno or node.lineno) + 1))


@cache
def syntax(file: Path) -> ast.Module:
    return ast.parse((ROOT / file).read_text(encoding="utf-8"))


@cache
def code_lines(file: Path) -> frozenset[int]:
    """The numbers of the lines of *file* that hold code: neither blank, nor comment, nor docstring."""
    with tokenize.open(ROOT / file) as source:
        tokens = [token for token in tokenize.generate_tokens(source.readline) if token.type not in NOT_CODE]
    code = {line for token in tokens for line in range(token.start[0], token.end[0] + 1)}
    texts = (node for node in ast.walk(syntax(file)) if isinstance(node, ast.Expr))
    return frozenset(code.difference(*(lines_of(node) for node in texts if is_docstring(node))))


def is_docstring(node: ast.Expr) -> bool:
    return isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def functions(file: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(syntax(file)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_indexer_and_server_together_stay_small() -> None:
    assert 0 < sum(len(code_lines(file)) for file in CORE) <= MOST_LINES


@pytest.mark.parametrize("file", CORE + EXTRAS, ids=str)
def test_no_function_is_longer_than_a_screen(file: Path) -> None:
    lengths = {node.name: len(code_lines(file) & lines_of(node)) for node in functions(file)}
    assert {name: length for name, length in lengths.items() if length > MOST_LINES_IN_A_FUNCTION} == {}
