"""What is told of an import: what it adds and changes, and every row that stands against it."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from service.errors import sentence
from service.exchange.asking import Table
from service.exchange.errors import CellFault
from service.exchange.rules.comparing import PERCENT_PLACES, Comparison, Placed, written

MOST_TOLD: Final = 1_000


def about(plan_id: UUID, table: Table, *, dry: bool) -> dict[str, object]:
    """Return what was read, for which plan."""
    return {
        "planId": f"target_plan_{plan_id}",
        "dryRun": dry,
        **table.about,
        "rowCount": len(table.rows),
    }


def counted(found: Comparison) -> dict[str, Any]:
    """Return how many targets an import adds, changes and leaves, and the first differences."""
    added, changed = len(found.added), len(found.changed)
    differing = [one for one in found.placed if one.existing is None or one.changes]
    return {
        "added": added,
        "changed": changed,
        "unchanged": len(found.placed) - added - changed,
        "differences": [_difference(one) for one in differing[:MOST_TOLD]],
    }


def issues(faults: Sequence[CellFault], locale: str) -> dict[str, Any]:
    """Return how many cells are at fault, and the first of them in a language."""
    told = [
        {
            "row": fault.row,
            "column": fault.column or None,
            "code": fault.refusal.code,
            "message": sentence(fault.refusal, locale),
            "arguments": fault.refusal.values(),
        }
        for fault in faults[:MOST_TOLD]
    ]
    return {"issueCount": len(faults), "issues": told}


def _difference(one: Placed) -> dict[str, object]:
    told = {"row": one.row.number, "key": one.row.values["key"]}
    if one.existing is None:
        amount = written(one.amount, one.places)
        changes = [{"column": "amount", "before": None, "after": amount}]
        return {**told, "kind": "ADDED", "nodeId": None, "changes": changes}
    changes = [
        {"column": name, "before": _shown(name, old, one), "after": _shown(name, new, one)}
        for name, (old, new) in one.changes.items()
    ]
    node_id = f"target_node_{one.existing.id}"
    return {**told, "kind": "CHANGED", "nodeId": node_id, "changes": changes}


def _shown(column: str, value: Any, one: Placed) -> str:  # noqa: ANN401 - a number or a truth value
    if isinstance(value, bool):
        return "yes" if value else "no"
    return written(value, one.places if column == "amount" else PERCENT_PLACES)
