"""A last look at a statement before it may run: every table of a tenant has the tenant's predicate.

The predicate is written where the table is named, by one function for mapped types and by hand in
their expressions. This reads the finished text and believes neither.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

_LITERAL: Final = re.compile(r"'(?:[^']|'')*'")
_TOKEN: Final = re.compile(
    r"[()]|\bapp\.(?P<table>\w+)\b(?!\()(?:\s+(?:AS\s+)?(?P<alias>(?!JOIN|ON|WHERE|CROSS|LEFT|ORDER)\w+))?"
    r"|\b(?P<owner>\w+)\.tenant_id\s*=\s*\$1\b"
)
_WITNESS: Final = re.compile(r"\bAS here\b")


class Unwalled(Exception):
    """A statement of ours lacks a wall; a fault of ours, and the statement never runs."""


@dataclass(slots=True)
class _Level:
    tables: list[tuple[str, str]] = field(default_factory=list)
    walled: Counter[str] = field(default_factory=Counter)


def refuse_unwalled(sql: str) -> None:
    """Check a statement's tables, level by level of its parentheses.

    Raises:
        Unwalled: a table's rows are not bound to the tenant in `$1`, or the witness is missing.
    """
    if _WITNESS.search(sql) is None:
        raise Unwalled("the statement does not say whether the tenant is here")
    # Hardly any parenthesis holds a table.
    levels: list[_Level | None] = [None]
    for token in _TOKEN.finditer(_LITERAL.sub("''", sql)):
        if token[0] == "(":
            levels.append(None)
        elif token[0] == ")":
            _close(levels.pop())
        else:
            level = levels[-1] = levels[-1] or _Level()
            if token["table"] is not None:
                level.tables.append((token["table"], token["alias"] or token["table"]))
            else:
                level.walled[token["owner"]] += 1
    _close(levels.pop())


def _close(level: _Level | None) -> None:
    if level is None:
        return
    for table, alias in level.tables:
        level.walled[alias] -= 1
        if level.walled[alias] < 0:
            raise Unwalled(f"{table} is read without its tenant")
