"""The product's own files, read and parsed once for the tests that judge them."""

import ast
import importlib
import os
import pkgutil
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import service

ROOT = Path(service.__file__).parent.parent
SERVICE = ROOT / "service"
FOLDERS = ("service", "policies", "tests", "deploy", "docs", ".ci")
# They put the others together, or are run by alembic; nothing is declared there.
WIRING = ("service.app", "service.cli", "service.start", "service.database.migrations")
# Files other people made, which the product only ships.
SHIPPED = {".js", ".css", ".map", ".woff2", ".ico"}
# What is made or installed on the spot, and never committed.
MADE = {"__pycache__", "node_modules", "build", "dist", "generated", ".hypothesis"}


def python_files(*folders: str) -> Iterator[Path]:
    """Return the Python files under folders of the project, in order."""
    for folder in folders:
        yield from sorted(path for path in _files(ROOT / folder) if path.suffix == ".py")


def text_files() -> Iterator[Path]:
    """Return every file of ours that is text: code, data, documents, deployment."""
    top = (path for path in ROOT.iterdir() if path.is_file() and not path.name.startswith("."))
    inside = (path for folder in FOLDERS for path in _files(ROOT / folder))
    for path in sorted([*top, *inside]):
        if path.suffix not in SHIPPED and b"\0" not in path.read_bytes():
            yield path


def _files(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in MADE]
        yield from (Path(place) / name for name in names)


def name_of(path: Path) -> str:
    """Return a file's name as a person of the project says it."""
    return str(path.relative_to(ROOT))


@cache
def parsed(path: Path) -> ast.Module:
    """Return a file's syntax tree."""
    return ast.parse(path.read_text("utf-8"))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Return every function of a file, nested ones too."""
    # Where statements stand: most of a tree are expressions, and none holds a function.
    left: list[ast.AST] = [parsed(path)]
    while left:
        node = left.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
        for place in ("body", "orelse", "finalbody", "handlers", "cases"):
            inside = getattr(node, place, ())
            left.extend(inside if isinstance(inside, list) else ())


def texts(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Return every string of a tree with its line; what is filled in stands as `{}`.

    A docstring is prose and is left out.
    """
    prose = {id(doc) for node in ast.walk(tree) for doc in _docstring(node)}
    inside = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for part in ast.walk(node)
        if part is not node
    }
    for node in ast.walk(tree):
        if id(node) in prose or id(node) in inside:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value
        elif isinstance(node, ast.JoinedStr):
            yield node.lineno, "".join(_part(value) for value in node.values)


def _part(value: ast.expr) -> str:
    if isinstance(value, ast.Constant):
        return str(value.value)
    if isinstance(value, ast.FormattedValue) and isinstance(value.value, ast.Name):
        return "app" if value.value.id == "SCHEMA" else "{}"
    return "{}"


def _docstring(node: ast.AST) -> Iterable[ast.expr]:
    kinds = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    if not isinstance(node, kinds) or not node.body:
        return ()
    first = node.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        return (first.value,)
    return ()


@cache
def all_modules() -> tuple[str, ...]:
    """Import every module that declares something; returns their names."""
    found = ["service"]
    for module in pkgutil.walk_packages(service.__path__, "service."):
        if module.name.startswith(WIRING):
            continue
        importlib.import_module(module.name)
        found.append(module.name)
    return tuple(found)


def declare_tables() -> None:
    """Import every feature's tables, so that the metadata knows them."""
    found = [*SERVICE.glob("*/tables.py"), *SERVICE.glob("*/tables/__init__.py")]
    for feature in sorted({path.relative_to(SERVICE).parts[0] for path in found}):
        importlib.import_module(f"service.{feature}.tables")
