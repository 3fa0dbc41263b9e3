"""What happens to targets when people are away, new, go elsewhere or leave (targets page 4.4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final
from uuid import UUID

from service.database.session import Row
from service.errors import InvalidInput, NotFound
from service.money import BASIS_POINTS
from service.targets import facts
from service.targets.commands.adjusting import (
    Holder,
    authorise_change,
    changed,
    changing,
    held,
    peers_of,
    refuse_reason,
)
from service.targets.commands.moving import Why, balance_around
from service.targets.errors import LeaveRelieved, LeaveTooShort, NothingToChange
from service.targets.reached import reached
from service.targets.rules import leaves
from service.targets.rules.balancing import PERIOD, Balance, Move, Part, merged
from service.targets.tables import TargetChangeKind, TargetNode
from service.work import UnitOfWork

_MOST_MONTHS: Final = 60
_DAY: Final = timedelta(days=1)


class Proration(StrEnum):
    """How a period is divided by a day in its middle."""

    CALENDAR = "CALENDAR"
    WORKING = "WORKING"


@dataclass(frozen=True, slots=True)
class RelieveTarget:
    """Take off a target what a leave takes off its working days (Q14).

    Attributes:
        away_from, away_until: first and last day of the leave.
        effective_on: first day of the new figure; today or later.
        threshold_days: a leave of fewer working days relieves nothing.
    """

    node_id: UUID
    away_from: date
    away_until: date
    effective_on: date
    reason: str
    holder: str = Holder.MANAGER.value
    threshold_days: int = 3


async def relieve_target(work: UnitOfWork, order: RelieveTarget) -> UUID:
    """Relieve the target and return its id; the team's is unchanged. Locks the plan.

    Raises:
        Forbidden, NotFound, TargetPlanNotInForce, ChangeInThePast, InvalidInput, LeaveTooShort,
        LeaveRelieved (for a day of it the target is relieved already).
    """
    refuse_reason(order.reason)
    if order.away_until < order.away_from:
        raise InvalidInput(field=("input", "awayUntil"), expected="AFTER_START")
    plan, node = await changing(work, order.node_id, order.effective_on)
    await authorise_change(work, node, order.holder)
    await facts.refuse_ratio(work, node)
    worked = await facts.worked_days(work, plan["first_day"], plan["last_day"] + _DAY)
    absent = sum(order.away_from <= day <= order.away_until for day in worked)
    if absent < order.threshold_days:
        raise LeaveTooShort(days=absent, threshold=order.threshold_days)
    peers = await peers_of(work, node, order.effective_on) if order.holder == Holder.PEERS else []
    balance = await balance_around(work, node, order.effective_on, peers)
    away = leaves.Span(order.away_from, order.away_until)
    parts = leaves.leaves(balance, node["id"])
    before = await relieved_before(work, [part.id for part in parts])
    deltas = leaves.relieved(parts, away, worked, before)
    relieved = frozenset(part_id for part_id, _ in deltas)
    await _refuse_relieved(work, relieved, away)

    def hold(around: Balance, part_id: UUID, delta: int) -> list[Move]:
        own = before.get(part_id, leaves.NEVER_RELIEVED).own
        return held(around, part_id, delta, holder=order.holder, peers=peers, before=own)

    moves = leaves.changed(balance, deltas, hold)
    why = Why(
        TargetChangeKind.RELIEF,
        order.effective_on,
        order.reason.strip(),
        away=(away.first, away.last),
        relieved=relieved,
    )
    await _changed(work, plan, node, moves, why)
    return order.node_id


async def relieved_before(work: UnitOfWork, parts: Sequence[UUID]) -> dict[UUID, leaves.Relieved]:
    """Return what periods have been relieved of before; the plan is locked.

    A leave whose changes sum to nothing is withdrawn: its days are relieved no more.
    """
    rows = await work.fetch(
        "SELECT node_id, sum(delta)::bigint AS delta,"
        " coalesce(sum(delta) FILTER (WHERE away_from IS NOT NULL), 0)::bigint AS own,"
        " array_agg(away_from ORDER BY away_from) FILTER (WHERE counts) AS firsts,"
        " array_agg(away_until ORDER BY away_from) FILTER (WHERE counts) AS lasts"
        " FROM (SELECT node_id, away_from, away_until, sum(delta) AS delta,"
        "  away_from IS NOT NULL AND sum(delta) <> 0 AS counts"
        "  FROM app.target_change WHERE tenant_id = $1 AND node_id = ANY($2::uuid[])"
        "  AND kind = 'RELIEF' GROUP BY 1, 2, 3) leave GROUP BY 1",
        work.tenant_id,
        list(parts),
    )
    return {
        row["node_id"]: leaves.Relieved(
            row["delta"],
            row["own"],
            tuple(map(leaves.Span, row["firsts"] or (), row["lasts"] or ())),
        )
        for row in rows
    }


async def _refuse_relieved(work: UnitOfWork, parts: frozenset[UUID], away: leaves.Span) -> None:
    """Refuse a leave of which a day is relieved already, and not withdrawn; the plan is locked."""
    found = await work.fetch(
        "SELECT away_from, away_until FROM app.target_change WHERE tenant_id = $1"
        " AND node_id = ANY($2::uuid[]) AND away_from <= $4 AND away_until >= $3"
        " GROUP BY node_id, away_from, away_until HAVING sum(delta) <> 0"
        " ORDER BY max(recorded_at) DESC, away_from DESC LIMIT 1",
        work.tenant_id,
        list(parts),
        away.first,
        away.last,
    )
    for row in found:
        raise LeaveRelieved(first=row["away_from"].isoformat(), last=row["away_until"].isoformat())


@dataclass(frozen=True, slots=True)
class RampTarget:
    """Let somebody new grow into his target (Q15).

    Attributes:
        starts_on: his first day of work.
        ramp_basis_points: share of the first month, of the second...; full from its end on.
        by_anniversary: months count from his first day, and not by the calendar.
    """

    node_id: UUID
    starts_on: date
    ramp_basis_points: tuple[int, ...]
    effective_on: date
    reason: str
    by_anniversary: bool = False


async def ramp_target(work: UnitOfWork, order: RampTarget) -> UUID:
    """Lower the months of the ramp and return the target's id. Locks the plan.

    Raises:
        Forbidden, NotFound, TargetPlanNotInForce, ChangeInThePast, InvalidInput, NothingToChange.
    """
    refuse_reason(order.reason)
    if not 1 <= len(order.ramp_basis_points) <= _MOST_MONTHS:
        field = ("input", "rampBasisPoints")
        raise InvalidInput(field=field, expected="ENTRIES", least=1, most=_MOST_MONTHS)
    for place, share in enumerate(order.ramp_basis_points):
        if not 0 <= share <= BASIS_POINTS:
            where = ("input", "rampBasisPoints", str(place))
            raise InvalidInput(field=where, expected="FROM_TO", least=0, most=BASIS_POINTS)
    plan, node = await changing(work, order.node_id, order.effective_on)
    await authorise_change(work, node, Holder.MANAGER)
    await facts.refuse_ratio(work, node)
    balance = await balance_around(work, node, order.effective_on)
    ramp = [Fraction(share, BASIS_POINTS) for share in order.ramp_basis_points]
    parts = leaves.leaves(balance, node["id"])
    deltas = leaves.ramped(
        parts,
        order.starts_on,
        ramp,
        await _ramped(work, [part.id for part in parts]),
        by_anniversary=order.by_anniversary,
    )
    moves = leaves.changed(balance, deltas, Balance.moved)
    why = Why(TargetChangeKind.RAMP, order.effective_on, order.reason.strip())
    await _changed(work, plan, node, moves, why)
    return order.node_id


async def _ramped(work: UnitOfWork, parts: Sequence[UUID]) -> dict[UUID, int]:
    """Return what ramps have changed periods by before; the plan is locked."""
    rows = await work.fetch(
        "SELECT node_id, sum(delta)::bigint AS delta FROM app.target_change WHERE tenant_id = $1"
        " AND node_id = ANY($2::uuid[]) AND kind = 'RAMP' GROUP BY 1",
        work.tenant_id,
        list(parts),
    )
    return {row["node_id"]: row["delta"] for row in rows}


@dataclass(frozen=True, slots=True)
class TransferTarget:
    """Somebody goes to another seat on a day (Q13).

    Attributes:
        node_id: his target at the old place: he keeps the days before the day, the rest is
            unassigned there.
        seat_node_id: the target of the seat he takes, from the day on.
        proration: by calendar days, or by working days.
    """

    node_id: UUID
    seat_node_id: UUID
    effective_on: date
    reason: str
    proration: str = Proration.CALENDAR.value


async def transfer_target(work: UnitOfWork, order: TransferTarget) -> UUID:
    """Move him, and return the id of his new target. Locks the plan.

    Raises:
        Forbidden (at either place), NotFound, TargetPlanNotInForce, ChangeInThePast, InvalidInput.
    """
    refuse_reason(order.reason)
    plan, part = await changing(work, order.node_id, order.effective_on)
    node = await whole(work, part)
    seat = await whole(work, await facts.node(work, order.seat_node_id, ("input", "seatNodeId")))
    if node["member_id"] is None or seat["plan_id"] != plan["id"] or seat["id"] == node["id"]:
        raise NotFound(field=("input", "seatNodeId"))
    await authorise_change(work, node, Holder.MANAGER)
    await facts.refuse_ratio(work, node)
    await authorise_change(work, seat, Holder.MANAGER)
    calendar = None
    if order.proration == Proration.WORKING:
        calendar = await facts.worked_days(work, plan["first_day"], plan["last_day"] + _DAY)
    day = order.effective_on
    old = await balance_around(work, node, day)
    vacated = [
        (part.id, leaves.kept_before(part, day, calendar) - part.figure)
        for part in leaves.leaves(old, node["id"])
    ]
    new = await balance_around(work, seat, day)
    heirs = await _heirs(work, new, seat, {"member_id": node["member_id"], "is_vacancy": False})
    given = [
        (part.id, leaves.taken_from(part, day, calendar)) for part in leaves.leaves(new, seat["id"])
    ]
    moves = [
        *leaves.changed(old, vacated, Balance.moved),
        *leaves.handed_over(new, given, heirs),
    ]
    why = Why(TargetChangeKind.TRANSFER, day, order.reason.strip(), hands_over=True)
    await _changed(work, plan, node, merged(moves), why)
    return heirs[seat["id"]]


@dataclass(frozen=True, slots=True)
class VacateTarget:
    """Somebody leaves: what he has not reached is the seat's, which the manager holds (Q16).

    Attributes:
        credited: what he has reached in the period of the day; he keeps it. Left out, what counted
            for him in it before the day.
    """

    node_id: UUID
    effective_on: date
    reason: str
    credited: int | None = None


async def vacate_target(work: UnitOfWork, order: VacateTarget) -> UUID:
    """Hand the open remainder to the vacancy and return the vacancy's id. Locks the plan.

    Raises:
        Forbidden, NotFound, TargetPlanNotInForce, ChangeInThePast, InvalidInput, NothingToChange.
    """
    refuse_reason(order.reason)
    plan, part = await changing(work, order.node_id, order.effective_on)
    node = await whole(work, part)
    if node["member_id"] is None:
        raise NotFound(field=facts.NODE)
    await authorise_change(work, node, Holder.MANAGER)
    await facts.refuse_ratio(work, node)
    balance = await balance_around(work, node, order.effective_on)
    seat = node["seat"] or f"seat-{node['id'].hex[-8:]}"
    vacant = {"member_id": None, "seat": seat, "is_vacancy": True}
    heirs = await _heirs(work, balance, node, vacant)
    parts = leaves.leaves(balance, node["id"])
    credited = order.credited
    if credited is None:
        credited = await _reached(work, node, parts, order.effective_on)
    given = leaves.remainders(parts, order.effective_on, credited)
    moves = leaves.handed_over(balance, given, heirs)
    reason = order.reason.strip()
    why = Why(TargetChangeKind.VACANCY, order.effective_on, reason, hands_over=True)
    await _changed(work, plan, node, moves, why)
    return heirs[node["id"]]


async def _reached(work: UnitOfWork, node: Row, parts: Sequence[Part], on: date) -> int:
    """Return what counted in the period of a day before it; what was paid back leaves nothing."""
    spans = [(one.days[0], on - _DAY) for one in parts if one.days[0] < on <= one.days[1]]
    return max(await reached(work, node, spans), 0)


@dataclass(frozen=True, slots=True)
class FillVacancy:
    """Somebody takes a vacant seat: what is open of its target is his from a day on."""

    node_id: UUID
    member_id: UUID
    effective_on: date
    reason: str


async def fill_vacancy(work: UnitOfWork, order: FillVacancy) -> UUID:
    """Hand the vacancy's open target to him and return the id of his. Locks the plan.

    Raises:
        Forbidden, NotFound, TargetPlanNotInForce, ChangeInThePast, InvalidInput, NothingToChange.
    """
    refuse_reason(order.reason)
    plan, part = await changing(work, order.node_id, order.effective_on)
    node = await whole(work, part)
    works_here = await work.fetch_value(
        "SELECT true FROM app.member WHERE tenant_id = $1 AND id = $2 AND state = 'ACTIVE'",
        work.tenant_id,
        order.member_id,
    )
    if not works_here:
        raise NotFound(field=("input", "memberId"))
    if not node["is_vacancy"]:
        raise NotFound(field=facts.NODE)
    await authorise_change(work, node, Holder.MANAGER)
    await facts.refuse_ratio(work, node)
    balance = await balance_around(work, node, order.effective_on)
    taken = {"member_id": order.member_id, "is_vacancy": False}
    heirs = await _heirs(work, balance, node, taken)
    given = [(part.id, part.figure) for part in leaves.leaves(balance, node["id"])]
    moves = leaves.handed_over(balance, given, heirs)
    reason = order.reason.strip()
    why = Why(TargetChangeKind.VACANCY, order.effective_on, reason, hands_over=True)
    await _changed(work, plan, node, moves, why)
    return heirs[node["id"]]


async def whole(work: UnitOfWork, node: Row) -> Row:
    """Return the target of which one is a period, or it: somebody has or leaves it as a whole."""
    while node["split"] == PERIOD and node["parent_id"] is not None:
        node = await facts.node(work, node["parent_id"])
    return node


async def _changed(work: UnitOfWork, plan: Row, node: Row, moves: Sequence[Move], why: Why) -> None:
    if not moves:
        raise NothingToChange(field=facts.NODE)
    await changed(work, plan, node, moves, why)


async def _heirs(
    work: UnitOfWork, balance: Balance, holder: Row, other: dict[str, Any]
) -> dict[UUID, UUID]:
    """Make nodes like a holder's and his periods', for another, with nothing yet."""
    ids = [holder["id"]]
    for node_id in ids:
        ids += [
            part.id
            for part in balance.parts.values()
            if part.parent_id == node_id and part.split == PERIOD and not part.is_unassigned
        ]
    rows = await facts.nodes(work, ids)
    heirs: dict[UUID, UUID] = {}
    for node_id in ids:
        row = dict(rows[node_id])
        made = {
            **row,
            **other,
            "id": work.new_id(),
            "parent_id": heirs.get(row["parent_id"], row["parent_id"]),
            "created_at": work.now,
            "created_by": work.caller.member_id,
            "version": 1,
            "amount": 0,
            "pinned": False,
        }
        heirs[node_id] = made["id"]
        work.add(TargetNode(**made))
    return heirs
