"""Targets that are made like another's, for whoever takes his place."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from service.database.session import Row
from service.errors import FieldPath
from service.targets import facts
from service.targets.commands.intending import Heir
from service.targets.errors import TargetNodeExists
from service.targets.rules.balancing import PERIOD, Balance
from service.targets.tables.plans import AXES
from service.work import Sight


def refuse_there_already(heir_id: UUID, made: Sequence[Heir], field: FieldPath) -> None:
    """Refuse to make what somebody has beside it: by hand his target is raised by `adjustTarget`.

    Raises:
        TargetNodeExists.
    """
    if heir_id not in {heir.row["id"] for heir in made}:
        raise TargetNodeExists(field=field)


async def _there_already(sight: Sight, row: Mapping[str, Any]) -> UUID | None:
    """Return the target of the same place, holder and days, if there is one."""
    sought = {axis: row[axis] for axis in AXES}
    given = [axis for axis, value in sought.items() if value is not None]
    # Said so, it is found by the index that would refuse it.
    same = [f"n.{axis} = ${place}" for place, axis in enumerate(given, 2)]
    same += [f"n.{axis} IS NULL" for axis, value in sought.items() if value is None]
    found: UUID | None = await sight.fetch_value(
        f"SELECT n.id FROM app.target_node n WHERE n.tenant_id = $1 AND {' AND '.join(same)}",
        sight.tenant_id,
        *(sought[axis] for axis in given),
    )
    return found


async def heirs_of(
    sight: Sight, balance: Balance, holder: Row, other: dict[str, Any]
) -> tuple[dict[UUID, UUID], list[Heir]]:
    """Return targets like a holder's and his periods', for another, and who takes whose place.

    Who stands there already, as the vacancy of a seat that somebody has left before, takes them.
    """
    ids = [holder["id"]]
    for node_id in ids:
        ids += [
            part.id
            for part in balance.parts.values()
            if part.parent_id == node_id and part.split == PERIOD and not part.is_unassigned
        ]
    rows = await facts.nodes(sight, ids)
    heirs: dict[UUID, UUID] = {}
    found: list[Heir] = []
    fresh: set[UUID] = set()
    for node_id in ids:
        row = dict(rows[node_id])
        made = {
            **row,
            **other,
            "id": sight.new_id(),
            "parent_id": heirs.get(row["parent_id"], row["parent_id"]),
            "created_at": sight.now,
            "created_by": sight.caller.member_id,
            "version": 1,
            "amount": 0,
            "pinned": False,
        }
        # Below what is made anew there is nothing yet.
        is_new = made["parent_id"] in fresh
        there = None if is_new else await _there_already(sight, made)
        heirs[node_id] = there or made["id"]
        if there is None:
            fresh.add(made["id"])
            found.append(Heir(node_id, made))
    return heirs, found
