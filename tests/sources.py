"""The source of the program, read once for all tests that look into it."""

import ast
from functools import cache
from pathlib import Path

import ledger

PACKAGE = Path(ledger.__file__).parent


@cache
def calls_in(file: Path) -> tuple[ast.Call, ...]:
    """Return every call in a file, in order."""
    tree = ast.walk(ast.parse(file.read_bytes()))
    return tuple(node for node in tree if isinstance(node, ast.Call))


@cache
def files() -> tuple[Path, ...]:
    """Return the files of the program, by name."""
    return tuple(sorted(PACKAGE.rglob("*.py")))
