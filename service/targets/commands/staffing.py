"""What happens to targets when people are away, new, go elsewhere or leave (targets page 4.4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Final
from uuid import UUID

from service.database.session import Row
from service.errors import InvalidInput, NotFound
from service.money import BASIS_POINTS
from service.targets import facts
from service.targets.commands.adjusting import (
    Holder,
    authorise_change,
    held,
    peers_of,
    refuse_reason,
)
from service.targets.commands.heirs import heirs_of, refuse_there_already
from service.targets.commands.intending import Intended, changing, locked_plan, written
from service.targets.commands.moving import Why, balance_around, balance_of, later_changes
from service.targets.commands.nodes import refuse_beyond
from service.targets.errors import LeaveRelieved, LeaveTooShort, NothingToChange
from service.targets.reached import reached
from service.targets.rules import leaves
from service.targets.rules.balancing import PERIOD, Balance, Move, Part, merged
from service.targets.rules.dated import added, as_they_stand, by_day
from service.targets.tables import TargetChangeKind
from service.work import Sight, UnitOfWork

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
        expected_version: the plan's, as the caller saw it with the preview.
    """

    node_id: UUID
    away_from: date
    away_until: date
    effective_on: date
    reason: str
    holder: str = Holder.MANAGER.value
    threshold_days: int = 3
    expected_version: int | None = None


async def relieve_target(work: UnitOfWork, order: RelieveTarget) -> UUID:
    """Relieve the target and return its id; the team's is unchanged. Locks the plan.

    Raises:
        Forbidden, NotFound, VersionConflict, TargetPlanNotInForce, ChangeInThePast, InvalidInput,
        LeaveTooShort, LeaveRelieved (for a day of it the target is relieved already).
    """
    refuse_reason(order.reason)
    plan = await locked_plan(work, order.node_id)
    return await written(work, await intended_relief(work, plan, order))


async def intended_relief(sight: Sight, plan: Row, order: RelieveTarget) -> Intended:
    """Work out what a relief changes; nothing is written.

    Raises:
        What `relieve_target` raises.
    """
    if order.away_until < order.away_from:
        raise InvalidInput(field=("input", "awayUntil"), expected="AFTER_START")
    node = await changing(sight, plan, order.node_id, order.effective_on)
    await authorise_change(sight, node, order.holder)
    facts.refuse_other_version(plan, order.expected_version)
    await facts.refuse_ratio(sight, node)
    worked = await facts.worked_days(sight, plan["first_day"], plan["last_day"] + _DAY)
    absent = sum(order.away_from <= day <= order.away_until for day in worked)
    if absent < order.threshold_days:
        raise LeaveTooShort(days=absent, threshold=order.threshold_days)
    peers = await peers_of(sight, node, order.effective_on) if order.holder == Holder.PEERS else []
    balance = await balance_around(sight, node, order.effective_on, peers)
    away = leaves.Span(order.away_from, order.away_until)
    parts = leaves.leaves(balance, node["id"])
    before = await relieved_before(sight, [part.id for part in parts])
    deltas = leaves.relieved(parts, away, worked, before)
    relieved = frozenset(part_id for part_id, _ in deltas)
    await _refuse_relieved(sight, relieved, away)

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
    return _some(Intended(plan, node, order.node_id, moves, why))


async def relieved_before(sight: Sight, parts: Sequence[UUID]) -> dict[UUID, leaves.Relieved]:
    """Return what periods have been relieved of before.

    A leave whose changes sum to nothing is withdrawn: its days are relieved no more.
    """
    rows = await sight.fetch(
        "SELECT node_id, sum(delta)::bigint AS delta,"
        " coalesce(sum(delta) FILTER (WHERE away_from IS NOT NULL), 0)::bigint AS own,"
        " array_agg(away_from ORDER BY away_from) FILTER (WHERE counts) AS firsts,"
        " array_agg(away_until ORDER BY away_from) FILTER (WHERE counts) AS lasts"
        " FROM (SELECT node_id, away_from, away_until, sum(delta) AS delta,"
        "  away_from IS NOT NULL AND sum(delta) <> 0 AS counts"
        "  FROM app.target_change WHERE tenant_id = $1 AND node_id = ANY($2::uuid[])"
        "  AND kind = 'RELIEF' GROUP BY 1, 2, 3) leave GROUP BY 1",
        sight.tenant_id,
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


async def _refuse_relieved(sight: Sight, parts: frozenset[UUID], away: leaves.Span) -> None:
    """Refuse a leave of which a day is relieved already, and not withdrawn."""
    found = await sight.fetch(
        "SELECT away_from, away_until FROM app.target_change WHERE tenant_id = $1"
        " AND node_id = ANY($2::uuid[]) AND away_from <= $4 AND away_until >= $3"
        " GROUP BY node_id, away_from, away_until HAVING sum(delta) <> 0"
        " ORDER BY max(recorded_at) DESC, away_from DESC LIMIT 1",
        sight.tenant_id,
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
        expected_version: the plan's, as the caller saw it with the preview.
    """

    node_id: UUID
    starts_on: date
    ramp_basis_points: tuple[int, ...]
    effective_on: date
    reason: str
    by_anniversary: bool = False
    expected_version: int | None = None


async def ramp_target(work: UnitOfWork, order: RampTarget) -> UUID:
    """Lower the months of the ramp and return the target's id. Locks the plan.

    Raises:
        Forbidden, NotFound, VersionConflict, TargetPlanNotInForce, ChangeInThePast, InvalidInput,
        NothingToChange.
    """
    refuse_reason(order.reason)
    plan = await locked_plan(work, order.node_id)
    return await written(work, await intended_ramp(work, plan, order))


async def intended_ramp(sight: Sight, plan: Row, order: RampTarget) -> Intended:
    """Work out what a ramp changes; nothing is written.

    Raises:
        What `ramp_target` raises.
    """
    if not 1 <= len(order.ramp_basis_points) <= _MOST_MONTHS:
        field = ("input", "rampBasisPoints")
        raise InvalidInput(field=field, expected="ENTRIES", least=1, most=_MOST_MONTHS)
    for place, share in enumerate(order.ramp_basis_points):
        if not 0 <= share <= BASIS_POINTS:
            where = ("input", "rampBasisPoints", str(place))
            raise InvalidInput(field=where, expected="FROM_TO", least=0, most=BASIS_POINTS)
    node = await changing(sight, plan, order.node_id, order.effective_on)
    await authorise_change(sight, node, Holder.MANAGER)
    facts.refuse_other_version(plan, order.expected_version)
    await facts.refuse_ratio(sight, node)
    balance = await balance_around(sight, node, order.effective_on)
    ramp = [Fraction(share, BASIS_POINTS) for share in order.ramp_basis_points]
    ramps = await _ramps(sight, [part.id for part in leaves.leaves(balance, node["id"])])
    days = []
    for day, then in as_they_stand(balance, await later_changes(sight, balance)):
        deltas = leaves.ramped(
            leaves.leaves(then, node["id"]),
            order.starts_on,
            ramp,
            {part_id: sum(each[on] for on in each if on <= day) for part_id, each in ramps.items()},
            by_anniversary=order.by_anniversary,
        )
        days.append((day, leaves.changed(then, deltas, Balance.moved)))
    moves, later = added(days)
    why = Why(TargetChangeKind.RAMP, order.effective_on, order.reason.strip())
    return _some(Intended(plan, node, order.node_id, moves, why, later=later))


async def _ramps(sight: Sight, parts: Sequence[UUID]) -> dict[UUID, dict[date, int]]:
    """Return what ramps have changed periods by before, from which day on."""
    rows = await sight.fetch(
        "SELECT node_id, effective_on, sum(delta)::bigint AS delta FROM app.target_change"
        " WHERE tenant_id = $1 AND node_id = ANY($2::uuid[]) AND kind = 'RAMP' GROUP BY 1, 2",
        sight.tenant_id,
        list(parts),
    )
    found: dict[UUID, dict[date, int]] = {}
    for row in rows:
        found.setdefault(row["node_id"], {})[row["effective_on"]] = row["delta"]
    return found


@dataclass(frozen=True, slots=True)
class TransferTarget:
    """Somebody goes to another seat on a day (Q13).

    Attributes:
        node_id: his target at the old place: he keeps the days before the day, the rest is
            unassigned there.
        seat_node_id: the target of the seat he takes, from the day on.
        proration: by calendar days, or by working days.
        expected_version: the plan's, as the caller saw it with the preview.
    """

    node_id: UUID
    seat_node_id: UUID
    effective_on: date
    reason: str
    proration: str = Proration.CALENDAR.value
    expected_version: int | None = None


async def transfer_target(work: UnitOfWork, order: TransferTarget) -> UUID:
    """Move him, and return the id of his new target. Locks the plan.

    Raises:
        Forbidden (at either place), NotFound, VersionConflict, TargetPlanNotInForce,
        ChangeInThePast, InvalidInput, TargetNodeExists.
    """
    refuse_reason(order.reason)
    plan = await locked_plan(work, order.node_id)
    return await written(work, await intended_transfer(work, plan, order))


async def intended_transfer(sight: Sight, plan: Row, order: TransferTarget) -> Intended:
    """Work out what a transfer changes; nothing is written.

    Raises:
        What `transfer_target` raises.
    """
    part = await changing(sight, plan, order.node_id, order.effective_on)
    node = await whole(sight, part)
    seat = await whole(sight, await facts.node(sight, order.seat_node_id, ("input", "seatNodeId")))
    if node["member_id"] is None or seat["plan_id"] != plan["id"] or seat["id"] == node["id"]:
        raise NotFound(field=("input", "seatNodeId"))
    await authorise_change(sight, node, Holder.MANAGER)
    await facts.refuse_ratio(sight, node)
    await authorise_change(sight, seat, Holder.MANAGER)
    facts.refuse_other_version(plan, order.expected_version)
    calendar = None
    if order.proration == Proration.WORKING:
        calendar = await facts.worked_days(sight, plan["first_day"], plan["last_day"] + _DAY)
    day = order.effective_on
    balance = await balance_of(sight, [node["id"], seat["id"]], day)
    taken = {"member_id": node["member_id"], "is_vacancy": False}
    heirs, made = await heirs_of(sight, balance, seat, taken)
    refuse_there_already(heirs[seat["id"]], made, ("input", "seatNodeId"))

    def moves_of(around: Balance) -> list[Move]:
        vacated = [
            (part.id, leaves.kept_before(part, day, calendar) - part.figure)
            for part in leaves.leaves(around, node["id"])
        ]
        given = [
            (part.id, leaves.taken_from(part, day, calendar))
            for part in leaves.leaves(around, seat["id"])
        ]
        left = leaves.changed(around, vacated, Balance.moved)
        return merged([*left, *leaves.handed_over(around, given, heirs)])

    moves, later = by_day(balance, await later_changes(sight, balance), moves_of)
    why = Why(
        TargetChangeKind.TRANSFER,
        day,
        order.reason.strip(),
        hands_over=True,
        heirs=frozenset(heirs.values()),
    )
    return _some(Intended(plan, node, heirs[seat["id"]], moves, why, made, later=later))


@dataclass(frozen=True, slots=True)
class VacateTarget:
    """Somebody leaves: what he has not reached is the seat's, which the manager holds (Q16).

    Attributes:
        credited: what he has reached in the period of the day; he keeps it. Left out, what counted
            for him in it before the day.
        expected_version: the plan's, as the caller saw it with the preview.
    """

    node_id: UUID
    effective_on: date
    reason: str
    credited: int | None = None
    expected_version: int | None = None


async def vacate_target(work: UnitOfWork, order: VacateTarget) -> UUID:
    """Hand the open remainder to the vacancy and return the vacancy's id. Locks the plan.

    Raises:
        Forbidden, NotFound, VersionConflict, TargetPlanNotInForce, ChangeInThePast, InvalidInput,
        NothingToChange.
    """
    refuse_reason(order.reason)
    plan = await locked_plan(work, order.node_id)
    return await written(work, await intended_vacancy(work, plan, order))


async def intended_vacancy(sight: Sight, plan: Row, order: VacateTarget) -> Intended:
    """Work out what changes when somebody leaves; nothing is written.

    Raises:
        What `vacate_target` raises.
    """
    refuse_beyond(("input", "credited"), order.credited or 0)
    part = await changing(sight, plan, order.node_id, order.effective_on)
    node = await whole(sight, part)
    if node["member_id"] is None:
        raise NotFound(field=facts.NODE)
    await authorise_change(sight, node, Holder.MANAGER)
    facts.refuse_other_version(plan, order.expected_version)
    await facts.refuse_ratio(sight, node)
    balance = await balance_around(sight, node, order.effective_on)
    seat = node["seat"] or f"seat-{node['id'].hex[-8:]}"
    vacant = {"member_id": None, "seat": seat, "is_vacancy": True}
    parts = leaves.leaves(balance, node["id"])
    credited = order.credited
    if credited is None:
        credited = await _reached(sight, node, parts, order.effective_on)
    heirs, made = await heirs_of(sight, balance, node, vacant)
    keeps = credited

    def moves_of(around: Balance) -> list[Move]:
        open_parts = leaves.leaves(around, node["id"])
        given = leaves.remainders(open_parts, order.effective_on, keeps)
        return leaves.handed_over(around, given, heirs)

    moves, later = by_day(balance, await later_changes(sight, balance), moves_of)
    why = _passing(order, heirs)
    return _some(Intended(plan, node, heirs[node["id"]], moves, why, made, later=later))


async def _reached(sight: Sight, node: Row, parts: Sequence[Part], on: date) -> int:
    """Return what counted in the period of a day before it; what was paid back leaves nothing."""
    spans = [(one.days[0], on - _DAY) for one in parts if one.days[0] < on <= one.days[1]]
    return max(await reached(sight, node, spans), 0)


@dataclass(frozen=True, slots=True)
class FillVacancy:
    """Somebody takes a vacant seat: what is open of its target is his from a day on.

    Attributes:
        expected_version: the plan's, as the caller saw it with the preview.
    """

    node_id: UUID
    member_id: UUID
    effective_on: date
    reason: str
    expected_version: int | None = None


async def fill_vacancy(work: UnitOfWork, order: FillVacancy) -> UUID:
    """Hand the vacancy's open target to him and return the id of his. Locks the plan.

    Raises:
        Forbidden, NotFound, VersionConflict, TargetPlanNotInForce, ChangeInThePast, InvalidInput,
        NothingToChange, TargetNodeExists.
    """
    refuse_reason(order.reason)
    plan = await locked_plan(work, order.node_id)
    return await written(work, await intended_filling(work, plan, order))


async def intended_filling(sight: Sight, plan: Row, order: FillVacancy) -> Intended:
    """Work out what changes when somebody takes a vacant seat; nothing is written.

    Raises:
        What `fill_vacancy` raises.
    """
    part = await changing(sight, plan, order.node_id, order.effective_on)
    node = await whole(sight, part)
    works_here = await sight.fetch_value(
        "SELECT true FROM app.member WHERE tenant_id = $1 AND id = $2 AND state = 'ACTIVE'",
        sight.tenant_id,
        order.member_id,
    )
    if not works_here:
        raise NotFound(field=("input", "memberId"))
    if not node["is_vacancy"]:
        raise NotFound(field=facts.NODE)
    await authorise_change(sight, node, Holder.MANAGER)
    facts.refuse_other_version(plan, order.expected_version)
    await facts.refuse_ratio(sight, node)
    balance = await balance_around(sight, node, order.effective_on)
    taken = {"member_id": order.member_id, "is_vacancy": False}
    heirs, made = await heirs_of(sight, balance, node, taken)
    refuse_there_already(heirs[node["id"]], made, ("input", "memberId"))

    def moves_of(around: Balance) -> list[Move]:
        given = [(part.id, part.figure) for part in leaves.leaves(around, node["id"])]
        return leaves.handed_over(around, given, heirs)

    moves, later = by_day(balance, await later_changes(sight, balance), moves_of)
    why = _passing(order, heirs)
    return _some(Intended(plan, node, heirs[node["id"]], moves, why, made, later=later))


def _passing(order: VacateTarget | FillVacancy, heirs: Mapping[UUID, UUID]) -> Why:
    """Return why a seat's target passes on, from its last holder or to its next."""
    return Why(
        TargetChangeKind.VACANCY,
        order.effective_on,
        order.reason.strip(),
        hands_over=True,
        heirs=frozenset(heirs.values()),
    )


async def whole(sight: Sight, node: Row) -> Row:
    """Return the target of which one is a period, or it: somebody has or leaves it as a whole."""
    while node["split"] == PERIOD and node["parent_id"] is not None:
        node = await facts.node(sight, node["parent_id"])
    return node


def _some(intended: Intended) -> Intended:
    if not intended.moves and not intended.later:
        raise NothingToChange(field=facts.NODE)
    return intended
