"""Every command asks a duty before it acts, and speaks the access vocabulary in full."""

import ast
from collections.abc import Iterator
from pathlib import Path

from source_tree import SERVICE, name_of, parsed, python_files, texts

from service.policies.access import ACTIONS

# "file:function" -> why it asks nobody: only the product itself calls it.
INTERNAL: dict[str, str] = {}

# Actions nothing asks for yet -> why. Whatever is used must leave this list.
_MONEY = "a duty of the job descriptions; contracts and payments are not kept here yet"
UNUSED: dict[str, str] = {"contract.view": _MONEY, "payment.record": _MONEY}

# An action is asked for under these names: check, predicate, mask, declaration of a mutation.
ASKING = {"authorise", "check", "predicate", "explain", "can", "allows"}


def command_files() -> list[Path]:
    return sorted([*SERVICE.glob("*/commands.py"), *SERVICE.glob("*/commands/*.py")])


def takes_a_unit_of_work(node: ast.AsyncFunctionDef) -> bool:
    arguments = [*node.args.posonlyargs, *node.args.args]
    if [item.arg for item in arguments] != ["work", "order"]:
        return False
    note = arguments[0].annotation
    return note is not None and ast.unparse(note) == "UnitOfWork"


def commands(path: Path) -> Iterator[ast.AsyncFunctionDef]:
    for node in parsed(path).body:
        public = isinstance(node, ast.AsyncFunctionDef) and not node.name.startswith("_")
        if public and takes_a_unit_of_work(node):
            yield node


def called(node: ast.AST) -> set[str]:
    """Return the names of everything called inside a function."""
    names = set()
    for call in ast.walk(node):
        if isinstance(call, ast.Call):
            target = call.func
            if isinstance(target, ast.Name):
                names.add(target.id)
            elif isinstance(target, ast.Attribute):
                names.add(target.attr)
    return names


def asks(node: ast.AST, known: dict[str, ast.AST], seen: frozenset[str] = frozenset()) -> bool:
    """Tell whether a function asks a duty, itself or through a function of its feature."""
    names = called(node)
    if "authorise" in names:
        return True
    further = (names & known.keys()) - seen
    return any(asks(known[name], known, seen | further) for name in further)


def lower_commands(path: Path) -> list[Path]:
    """Return the files of the commands of other features that a file hands its order on to."""
    found: list[Path] = []
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ImportFrom) and any(one.name == "commands" for one in node.names):
            parts = str(node.module).split(".")[1:]
            found += sorted((SERVICE.joinpath(*parts) / "commands").rglob("*.py"))
    return found


def feature_functions(path: Path) -> dict[str, ast.AST]:
    feature = SERVICE / path.relative_to(SERVICE).parts[0]
    return {
        node.name: node
        for other in [*sorted(feature.rglob("*.py")), *lower_commands(path)]
        for node in parsed(other).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def test_every_command_asks_a_duty() -> None:
    silent = [
        f"{name_of(path)}:{node.name}"
        for path in command_files()
        for node in commands(path)
        if not asks(node, feature_functions(path))
    ]

    assert sorted(set(silent) - INTERNAL.keys()) == []
    assert sorted(INTERNAL.keys() - set(silent)) == [], "these ask a duty after all"


def asked_actions() -> Iterator[tuple[str, str]]:
    """Return every action asked for by name, with its place."""
    for path in python_files("service"):
        for call in ast.walk(parsed(path)):
            if not isinstance(call, ast.Call):
                continue
            name = getattr(call.func, "attr", getattr(call.func, "id", ""))
            if name not in ASKING:
                continue
            for argument in call.args:
                value = argument.value if isinstance(argument, ast.Constant) else None
                if isinstance(value, str) and "." in value and " " not in value:
                    yield value, f"{name_of(path)}:{call.lineno}"


def test_every_action_asked_for_is_in_the_vocabulary() -> None:
    unknown = {place: action for action, place in asked_actions() if action not in ACTIONS}

    assert unknown == {}


def test_every_action_of_the_vocabulary_is_asked_for() -> None:
    vocabulary = SERVICE / "policies" / "access"
    named = {
        text
        for path in python_files("service")
        if vocabulary not in path.parents
        for _, text in texts(parsed(path))
    }

    assert sorted(ACTIONS.keys() - named - UNUSED.keys()) == []
    assert sorted(UNUSED.keys() & named) == [], "these are asked for after all"
