"""A file's targets are imported into an open plan: all of them in one transaction, or none."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final
from uuid import UUID

from service.database.session import Row
from service.errors import Forbidden
from service.exchange import facts
from service.exchange.asking import Table
from service.exchange.errors import CellFault, SheetRefused
from service.exchange.rules.comparing import PLACES, Comparison, Placed, Plan, Target, compare
from service.exchange.rules.values import SheetRow
from service.policies.access import Record
from service.targets.commands.moving import unassigned_below
from service.targets.commands.nodes import AddTargetNodes, NewTargetNode, add_target_nodes
from service.targets.errors import TargetPlanNotOpen
from service.targets.events import TargetPlanChanged
from service.targets.facts import OPEN, PLAN, open_plan, refuse_other_version
from service.targets.tables import TargetPlan, TargetPlanState
from service.work import Sight, UnitOfWork

_DISTRIBUTE: Final = "target.distribute"
_WHOLE: Final = "target_plan.edit"
_MAY_BE_OPEN: Final = frozenset({TargetPlanState.DRAFT, TargetPlanState.TOP_DOWN_SET})


@dataclass(frozen=True, slots=True)
class ImportTargets:
    """Import a file's rows into an open plan.

    Attributes:
        rows: as they were read; a file with faults in its cells is not imported.
        expected_version: the plan's, as the dry run showed it.
    """

    bulk: ClassVar[bool] = True

    plan_id: UUID
    rows: tuple[SheetRow, ...]
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class TargetsImported:
    """The plan, and how many targets came, changed, and stayed as they were."""

    plan_id: UUID
    added: int
    changed: int
    unchanged: int


async def compared(
    sight: Sight,
    plan: Row,
    rows: Sequence[SheetRow],
    cell_faults: Sequence[CellFault] = (),
) -> Comparison:
    """Return what rows would do to a plan, and what stands against it; nothing is written.

    What the caller may not do is a fault of the row, as everything else is.
    """
    targets = await facts.targets_of(sight, plan["id"])
    known = await facts.known_of(sight, rows, targets)
    sums_hold = plan["state"] not in _MAY_BE_OPEN
    frame = Plan(plan["first_day"], plan["last_day"], sums_hold)
    # Not on the loop: ten thousand rows take a moment, and others wait for theirs.
    found = await asyncio.to_thread(compare, frame, targets, known, rows, cell_faults)
    by_id = {target.id: target for target in targets}
    faults = [] if sight.by_product else list(_forbidden(sight, found, by_id))
    return Comparison(found.placed, sorted([*found.faults, *faults], key=lambda one: one.row))


async def previewed(
    sight: Sight, plan_id: UUID, table: Table, expected_version: int | None = None
) -> tuple[Row, Comparison]:
    """Return the plan and what an import would do to it; nothing is written.

    Raises:
        NotFound, VersionConflict.
        TargetPlanNotOpen: it is approved, published or closed.
    """
    plan = await facts.plan_in_sight(sight, plan_id)
    if plan["state"] not in OPEN:
        raise TargetPlanNotOpen(state=plan["state"], field=PLAN)
    refuse_other_version(plan, expected_version)
    return plan, await compared(sight, plan, table.rows, table.faults)


async def import_targets(work: UnitOfWork, order: ImportTargets) -> TargetsImported:
    """Import the rows and return how many did what; locks the plan.

    Raises:
        Forbidden, NotFound, VersionConflict, TargetPlanNotOpen.
        SheetRefused: a row cannot be imported; nothing was written.
    """
    await facts.plan_in_sight(work, order.plan_id)
    plan = await open_plan(work, order.plan_id)
    refuse_other_version(plan, order.expected_version)
    found = await compared(work, plan, order.rows)
    if found.faults:
        rows = len({fault.row for fault in found.faults})
        raise SheetRefused(rows=rows, faults=found.faults)
    work.authorise(_DISTRIBUTE)
    added, changed = len(found.added), len(found.changed)
    told = await _added(work, plan, found)
    _changed(work, found.changed)
    if not told and (added or changed):
        work.change(TargetPlan, order.plan_id, {"state": plan["state"]})
        work.emit(TargetPlanChanged(order.plan_id, plan["state"]))
    work.concerns("target_plan", order.plan_id, added=added, changed=changed)
    unchanged = len(found.placed) - added - changed
    return TargetsImported(order.plan_id, added, changed, unchanged)


# Whose, which unit's, which territory's; three times nobody's is the company's.
_At = tuple[UUID | None, UUID | None, UUID | None]
_COMPANY: Final[_At] = (None, None, None)


def _at(axes: Mapping[str, Any]) -> _At:
    return axes["member_id"], axes["org_unit_id"], axes["territory_id"]


def _forbidden(
    sight: Sight, found: Comparison, targets: Mapping[UUID, Target]
) -> Iterator[CellFault]:
    """Return a fault for each row whose target the caller may not add or set."""
    known: dict[tuple[str, _At], str | None] = {}
    for one in found.placed:
        for asked in _asked(one, targets):
            if asked not in known:
                known[asked] = _reason(sight, *asked)
            reason = known[asked]
            if reason is not None:
                yield CellFault(one.row.number, "", Forbidden(action=asked[0], reason=reason))
                break


def _asked(one: Placed, targets: Mapping[UUID, Target]) -> Iterator[tuple[str, _At]]:
    """Return what a row asks: at the target above, and at a new one's own place."""
    if one.existing is not None:
        if one.changes:
            above = one.existing.parent_id
            at = _COMPANY if above is None else _at(targets[above].axes)
            yield (_WHOLE if above is None else _DISTRIBUTE), at
    elif one.above is None:
        yield _WHOLE, _COMPANY
    else:
        yield _DISTRIBUTE, _at(one.above.axes)
        yield _DISTRIBUTE, _at(one.axes)


def _reason(sight: Sight, action: str, at: _At) -> str | None:
    record = Record(owner_id=at[0], org_unit_id=at[1], territory_id=at[2])
    if sight.policy.check(sight.actor, action, record).allowed:
        return None
    return sight.policy.explain(sight.actor, action, record, sight.actor.locale).sentence


async def _added(work: UnitOfWork, plan: Row, found: Comparison) -> bool:
    """Add the new targets as `addTargetNodes` does, and tell whether that told of the plan.

    What is unassigned it does not know: that is added beside.
    """
    assigned = [one for one in found.added if not one.axes["is_unassigned"]]
    ids: dict[int, UUID] = {}
    if assigned:
        sent = tuple(_new(one) for one in assigned)
        made = await add_target_nodes(work, AddTargetNodes(plan["id"], sent))
        ids = dict(zip(map(id, assigned), made.node_ids, strict=True))
    for one in found.added:
        if one.axes["is_unassigned"] and one.above is not None:
            above = one.above
            parent = {
                **above.axes,
                "id": above.existing.id if above.existing else ids[id(above)],
                "plan_id": plan["id"],
                "currency": one.currency,
            }
            work.add(unassigned_below(work, parent, one.axes["split"], one.amount))
    return bool(assigned)


def _new(one: Placed) -> NewTargetNode:
    above = one.above
    old = above.existing if above is not None else None
    places: dict[str, Any] = {name: one.axes[name] for name in PLACES}
    return NewTargetNode(
        key=one.row.values["key"],
        metric_id=one.axes["metric_id"],
        parent_key=above.row.values["key"] if above is not None and old is None else None,
        parent_id=old.id if old is not None else None,
        amount=one.amount,
        **places,
        seat=one.axes["seat"],
        first_day=one.axes["first_day"],
        last_day=one.axes["last_day"],
        kind=one.axes["kind"],
        level=one.axes["level"],
        split=one.axes["split"],
        pinned=one.pinned,
        is_vacancy=one.axes["is_vacancy"],
        over_assignment_basis_points=one.over,
    )


def _changed(work: UnitOfWork, changed: Sequence[Placed]) -> None:
    """Set the changed targets with the next flush, in one statement: only then the sums hold."""
    pairs = [(one, one.existing) for one in changed if one.existing is not None]
    if pairs:
        work.write(
            "target_node",
            "UPDATE app.target_node n SET amount = d.amount, pinned = d.pinned,"
            " over_assignment_basis_points = d.over, version = n.version + 1"
            " FROM unnest({}::uuid[], {}::bigint[], {}::boolean[], {}::integer[])"
            " d (id, amount, pinned, over) WHERE n.tenant_id = {}::uuid AND n.id = d.id",
            [old.id for _, old in pairs],
            [one.amount for one, _ in pairs],
            [one.pinned for one, _ in pairs],
            [one.over for one, _ in pairs],
            work.tenant_id,
            expected=len(pairs),
        )
