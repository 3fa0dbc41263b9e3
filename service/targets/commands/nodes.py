"""Targets are added to a plan and set, while it is open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as field_of
from datetime import date
from typing import Any, ClassVar, Final
from uuid import UUID

from service.database.session import Row
from service.errors import FieldPath, InvalidInput, NotFound
from service.money import BASIS_POINTS
from service.policies.access import Record
from service.targets import facts
from service.targets.commands.intending import IntendedAmounts, amounts_written
from service.targets.commands.moving import balance_around
from service.targets.events import TargetPlanChanged
from service.targets.rules.balancing import Move, merged
from service.targets.tables import (
    TargetKind,
    TargetLevel,
    TargetNode,
    TargetPlan,
    TargetPlanState,
    TargetSplit,
)
from service.work import Sight, UnitOfWork

MOST_NODES: Final = 10_000
_LONGEST_CODE: Final = 64
_PLAN_SEEN: Final = ("input", "expectedPlanVersion")
_GREATEST: Final = 2**60
_AXES: Final = ("org_unit_id", "territory_id", "member_id", "channel_code", "product_code", "seat")


@dataclass(frozen=True, slots=True)
class NewTargetNode:
    """A target to be added; what is None is the parent's, or the plan's.

    Attributes:
        key: the sender's own name for it, by which others name it as their parent.
        parent_key, parent_id: the one above, from the same input or from the plan; neither is a
            target of the whole plan.
        amount: in whole units of the metric: minor units, pieces, basis points.
    """

    key: str
    metric_id: UUID | None = None
    parent_key: str | None = None
    parent_id: UUID | None = None
    amount: int = 0
    org_unit_id: UUID | None = None
    territory_id: UUID | None = None
    member_id: UUID | None = None
    channel_code: str | None = None
    product_code: str | None = None
    seat: str | None = None
    first_day: date | None = None
    last_day: date | None = None
    kind: str | None = None
    level: str | None = None
    split: str = TargetSplit.BREAKDOWN.value
    pinned: bool = False
    is_vacancy: bool = False
    over_assignment_basis_points: int = 0


@dataclass(frozen=True, slots=True)
class AddTargetNodes:
    """Add targets to an open plan, parents before their children."""

    bulk: ClassVar[bool] = True

    plan_id: UUID
    nodes: tuple[NewTargetNode, ...]
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class NodesAdded:
    """The plan, and the new nodes' ids in the order they were sent."""

    plan_id: UUID
    node_ids: tuple[UUID, ...]


async def add_target_nodes(work: UnitOfWork, order: AddTargetNodes) -> NodesAdded:
    """Add targets and return their ids; locks the plan.

    Raises:
        Forbidden (at the parent, or at the new place), NotFound, TargetPlanNotOpen,
        TargetNodeExists, VersionConflict, InvalidInput.
    """
    _refuse_form(order.nodes)
    plan = await facts.open_plan(work, order.plan_id)
    facts.refuse_other_version(plan, order.expected_version)
    parents = await _parents(work, plan, order)
    adding = _Adding(work, plan, parents, await _metrics(work, order))
    await _refuse_missing(work, order.nodes)
    made = [adding.made(place, node) for place, node in enumerate(order.nodes)]
    _authorise_added(work, made, parents)
    work.add(*made)
    rooted = any(node.parent_id is None and node.amount for node in made)
    starts = plan["state"] == TargetPlanState.DRAFT and rooted
    state = TargetPlanState.TOP_DOWN_SET.value if starts else plan["state"]
    work.change(TargetPlan, order.plan_id, {"state": state})
    work.concerns("target_plan", order.plan_id, nodes=len(made))
    work.emit(TargetPlanChanged(order.plan_id, state))
    return NodesAdded(order.plan_id, tuple(node.id for node in made))


@dataclass(slots=True)
class _Adding:
    work: UnitOfWork
    plan: Row
    parents: Mapping[UUID, Row]
    metrics: Mapping[UUID, str | None]
    _made: dict[str, TargetNode] = field_of(default_factory=dict)

    def made(self, place: int, sent: NewTargetNode) -> TargetNode:
        """Make one node of what was sent.

        Raises:
            Forbidden, NotFound, InvalidInput: see the command.
        """
        field = ("input", "nodes", str(place))
        above = self._above(sent, field)
        metric_id = self._metric(sent, above, field)
        values = {name: getattr(sent, name) for name in _AXES}
        if above is not None:
            values = {name: value or above[name] for name, value in values.items()}
            values["seat"] = sent.seat
        first, last = self._days(sent, above, field)
        node = TargetNode(
            tenant_id=self.work.tenant_id,
            id=self.work.new_id(),
            created_at=self.work.now,
            created_by=self.work.caller.member_id,
            plan_id=self.plan["id"],
            parent_id=above["id"] if above else None,
            metric_id=metric_id,
            **values,
            first_day=first,
            last_day=last,
            kind=sent.kind or (above["kind"] if above else TargetKind.COMMITMENT.value),
            level=sent.level or (above["level"] if above else TargetLevel.TARGET.value),
            split=sent.split,
            currency=above["currency"] if above else self.metrics[metric_id],
            amount=sent.amount,
            pinned=sent.pinned,
            is_unassigned=False,
            is_vacancy=sent.is_vacancy,
            over_assignment_basis_points=sent.over_assignment_basis_points,
            position=place,
        )
        self._made[sent.key] = node
        return node

    def _metric(self, sent: NewTargetNode, above: Any, field: FieldPath) -> UUID:  # noqa: ANN401 - a row's form
        """Return the node's metric: a part is counted in what the whole is."""
        metric_id: UUID | None = above["metric_id"] if above else sent.metric_id
        if metric_id is None or (above is None and metric_id not in self.metrics):
            raise NotFound(field=(*field, "metricId"))
        if sent.metric_id not in {None, metric_id}:
            raise InvalidInput(field=(*field, "metricId"), expected="METRIC_OF_PARENT")
        return metric_id

    def _above(self, sent: NewTargetNode, field: FieldPath) -> Any:  # noqa: ANN401 - a row's form
        if sent.parent_key is not None:
            if sent.parent_key not in self._made:
                raise NotFound(field=(*field, "parentKey"))
            return self._made[sent.parent_key].__dict__
        if sent.parent_id is None:
            return None
        if sent.parent_id not in self.parents:
            raise NotFound(field=(*field, "parentId"))
        return self.parents[sent.parent_id]

    def _days(self, sent: NewTargetNode, above: Any, field: FieldPath) -> tuple[date, date]:  # noqa: ANN401 - a row's form
        outer = above or self.plan
        first, last = sent.first_day or outer["first_day"], sent.last_day or outer["last_day"]
        if not outer["first_day"] <= first <= last <= outer["last_day"]:
            raise InvalidInput(field=(*field, "lastDay"), expected="DAYS_OF_PARENT")
        return first, last


def _authorise_added(
    work: UnitOfWork, made: Sequence[TargetNode], parents: Mapping[UUID, Row]
) -> None:
    """Ask the duty at every target above that was there before, and at each new one's place."""
    for parent in parents.values():
        work.authorise("target.distribute", facts.record_of(parent))
    for node in made:
        if node.parent_id is None:
            work.authorise("target_plan.edit", Record())
        else:
            work.authorise("target.distribute", facts.record_of(node.__dict__))


async def _parents(work: UnitOfWork, plan: Row, order: AddTargetNodes) -> Mapping[UUID, Row]:
    wanted = {node.parent_id for node in order.nodes if node.parent_id is not None}
    rows = await work.fetch(
        "SELECT n.* FROM app.target_node n"
        " WHERE n.tenant_id = $1 AND n.plan_id = $2 AND n.id = ANY($3::uuid[])"
        " AND NOT n.is_unassigned",
        work.tenant_id,
        plan["id"],
        list(wanted),
    )
    return {row["id"]: row for row in rows}


async def _metrics(work: UnitOfWork, order: AddTargetNodes) -> Mapping[UUID, str | None]:
    wanted = {node.metric_id for node in order.nodes if node.metric_id is not None}
    rows = await work.fetch(
        "SELECT id, currency FROM app.metric WHERE tenant_id = $1 AND id = ANY($2::uuid[])"
        " AND retired_at IS NULL",
        work.tenant_id,
        list(wanted),
    )
    return {row["id"]: row["currency"] for row in rows}


async def _refuse_missing(work: UnitOfWork, nodes: Sequence[NewTargetNode]) -> None:
    for table, name, field in (
        ("org_unit", "org_unit_id", "orgUnitId"),
        ("territory", "territory_id", "territoryId"),
        ("member", "member_id", "memberId"),
    ):
        wanted = {getattr(node, name) for node in nodes} - {None}
        if not wanted:
            continue
        rows = await work.fetch(
            f"SELECT id FROM app.{table} WHERE tenant_id = $1 AND id = ANY($2::uuid[])",
            work.tenant_id,
            list(wanted),
        )
        known = {row["id"] for row in rows}
        for place, node in enumerate(nodes):
            if getattr(node, name) is not None and getattr(node, name) not in known:
                raise NotFound(field=("input", "nodes", str(place), field))


def _refuse_form(nodes: Sequence[NewTargetNode]) -> None:
    if not 1 <= len(nodes) <= MOST_NODES:
        raise InvalidInput(field=("input", "nodes"), expected="ENTRIES", least=1, most=MOST_NODES)
    keys: set[str] = set()
    for place, node in enumerate(nodes):
        field = ("input", "nodes", str(place))
        for name, text in (("key", node.key), ("channelCode", node.channel_code)):
            _refuse_length((*field, name), text)
        for name, text in (("productCode", node.product_code), ("seat", node.seat)):
            _refuse_length((*field, name), text)
        if node.key in keys:
            raise InvalidInput(field=(*field, "key"), expected="EACH_ONCE")
        keys.add(node.key)
        if node.is_vacancy and (node.seat is None or node.member_id is not None):
            raise InvalidInput(field=(*field, "seat"), expected="GIVEN")
        refuse_figures((*field,), node.amount, node.over_assignment_basis_points)


def refuse_figures(field: FieldPath, amount: int | None, over: int | None) -> None:
    """Refuse figures that are beyond what sums can hold.

    Raises:
        InvalidInput.
    """
    if amount is not None:
        refuse_beyond((*field, "amount"), amount)
    if over is not None and not 0 <= over <= BASIS_POINTS:
        where = (*field, "overAssignmentBasisPoints")
        raise InvalidInput(field=where, expected="FROM_TO", least=0, most=BASIS_POINTS)


def refuse_beyond(field: FieldPath, figure: int) -> None:
    """Refuse a figure that is greater than any target may be.

    Raises:
        InvalidInput.
    """
    if abs(figure) > _GREATEST:
        raise InvalidInput(field=field, expected="FROM_TO", least=-_GREATEST, most=_GREATEST)


async def authorise_above(work: Sight, row: Row, action: str, whole: str) -> None:
    """Ask the duty at the target above a node.

    Args:
        work: the caller's transaction.
        row: the node.
        action: asked at the one above.
        whole: asked for the company where there is none.

    Raises:
        Forbidden.
    """
    if row["parent_id"] is None:
        work.authorise(whole, Record())
    else:
        work.authorise(action, facts.record_of(await facts.node(work, row["parent_id"])))


def _refuse_length(field: FieldPath, text: str | None) -> None:
    if text is not None and not 1 <= len(text) <= _LONGEST_CODE:
        raise InvalidInput(field=field, expected="CHARACTERS", least=1, most=_LONGEST_CODE)


@dataclass(frozen=True, slots=True)
class SetTargetNode:
    """Set a target of an open plan; what is None stays.

    Attributes:
        amount: in whole units of the metric. In a plan that is broken down already, the difference
            is taken from, or left to, the unassigned target of the one above.
        pinned: no division changes it.
        over_assignment_basis_points: how much more its children are to have together.
        expected_version: the target's, as the caller saw it.
        expected_plan_version: the plan's, as the caller saw it with the preview.
    """

    node_id: UUID
    expected_version: int | None = None
    amount: int | None = None
    pinned: bool | None = None
    over_assignment_basis_points: int | None = None
    expected_plan_version: int | None = None


async def set_target_node(work: UnitOfWork, order: SetTargetNode) -> UUID:
    """Set the target and return its id; locks the plan.

    Raises:
        Forbidden, NotFound, VersionConflict, TargetPlanNotOpen, InvalidInput.
    """
    plan = await facts.open_plan(work, await facts.plan_of(work, order.node_id), facts.NODE)
    intended = await intended_setting(work, plan, order)
    given = {
        "pinned": order.pinned,
        "over_assignment_basis_points": order.over_assignment_basis_points,
    }
    changes = {name: value for name, value in given.items() if value is not None}
    await amounts_written(work, intended, changes)
    if order.amount is not None:
        changes["amount"] = order.amount
    work.concerns("target_node", order.node_id, **changes)
    return order.node_id


async def intended_setting(sight: Sight, plan: Row, order: SetTargetNode) -> IntendedAmounts:
    """Work out which amounts change when a target is set; nothing is written.

    Raises:
        What `set_target_node` raises.
    """
    refuse_figures(("input",), order.amount, order.over_assignment_basis_points)
    node = await facts.node(sight, order.node_id)
    if order.amount is None and order.pinned is None:
        # What is given out below is for whoever divides it, and no business of those above.
        sight.authorise("target.distribute", facts.record_of(node))
    else:
        await authorise_above(sight, node, "target.distribute", "target_plan.edit")
    facts.refuse_other_version(node, order.expected_version)
    facts.refuse_other_version(plan, order.expected_plan_version, _PLAN_SEEN)
    if node["is_unassigned"]:
        raise InvalidInput(field=facts.NODE, expected="ASSIGNED_TARGET")
    gained = 0 if order.amount is None else order.amount - node["amount"]
    if plan["state"] in facts.SUMS_MAY_BE_OPEN:
        return IntendedAmounts(plan, node, [Move(node["id"], gained)] if gained else [])
    balance = await balance_around(sight, node, plan["first_day"])
    part, over = balance.parts[node["id"]], order.over_assignment_basis_points
    moves = balance.moved(part.id, gained) if gained else []
    if over is not None and part.broken_down:
        figure = part.figure + gained
        more = replace(part, over=over).to_give_out(figure) - part.to_give_out(figure)
        moves += balance.unassigned(part.id, more) if more else []
    return IntendedAmounts(plan, node, merged(moves))
