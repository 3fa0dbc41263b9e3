"""Whatever changes somebody's offices raises the version by which known callers are confirmed.

A read trusts what it kept of its caller as long as his tenant's `access_version` stands. So every
function that writes an office, a stand-in or a tree raises it in the same transaction.
"""

import ast
import re

from source_tree import SERVICE, parsed, python_files

RAISES = {"bump", "judge"}
TABLES = {
    *("Assignment", "Delegation", "Role", "RoleDuty", "RoleInclusion"),
    *("OrgUnit", "Territory", "TerritoryActivation"),
}
WRITING = {"add", "change", "remove"}
SQL = re.compile(r"(INSERT INTO|UPDATE|DELETE FROM) app\.(assignment|delegation|role|role_duty)\b")

# "file:function" -> why nobody can be known yet.
NEW: dict[str, str] = {
    "provisioning/copying.py": "the tenant is being made: nobody has read in it",
    "simulation/showroom.py": "the tenant is made for one rehearsal, and nobody reads in it",
}


def writes(function: ast.AsyncFunctionDef | ast.FunctionDef) -> bool:
    """Tell whether a function writes one of the tables, by a row of it or by text."""
    for node in ast.walk(function):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and SQL.search(node.value)
        ):
            return True
        if not isinstance(node, ast.Call):
            continue
        named = node.func
        if isinstance(named, ast.Name) and named.id in TABLES:
            return True
        if isinstance(named, ast.Attribute) and named.attr in WRITING and node.args:
            first = node.args[0]
            if isinstance(first, ast.Name) and first.id in TABLES:
                return True
    return False


def calls(function: ast.AST) -> set[str]:
    return {
        node.func.id
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }


def test_whoever_changes_rights_raises_their_version() -> None:
    faults, found = [], 0
    for path in python_files("service"):
        place = path.relative_to(SERVICE).as_posix()
        text = path.read_text("utf-8")
        of_rights = "service.organisation.tables import" in text or "territories.tables" in text
        if place in NEW or not (of_rights or SQL.search(text)) or "/migrations/" in place:
            continue
        functions = {
            one.name: one
            for one in ast.walk(parsed(path))
            if isinstance(one, ast.AsyncFunctionDef | ast.FunctionDef)
        }
        writers = {name for name, one in functions.items() if writes(one)}
        found += len(writers)
        for name in sorted(writers):
            # A private part of a command is judged with the command that calls it.
            above = {other for other, one in functions.items() if name in calls(one)}
            commands = above if name.startswith("_") and above else {name}
            faults += [f"{place}:{one}" for one in commands if not calls(functions[one]) & RAISES]
    assert not faults
    assert found > 8
