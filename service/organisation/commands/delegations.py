"""Standing in: an absent member's rights for a while, and only for the commands listed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from service.errors import InvalidInput
from service.organisation import facts
from service.organisation.access import (
    bump,
    judge,
    locale_of,
    one_at_a_time,
    refuse_beyond_own,
    refuse_on_behalf,
)
from service.organisation.actors import role_code
from service.organisation.errors import DelegationToOneself, NotHeldByAbsent, SpanInvalid
from service.organisation.events import RightsChanged
from service.organisation.tables import Delegation
from service.policies.access import ACTIONS, Domain, Holding
from service.tenants.texts import refuse_faults
from service.work import UnitOfWork

DELEGATION = ("input", "delegationId")
COMMANDS = ("input", "commands")


@dataclass(frozen=True, slots=True)
class Delegate:
    """Let a member stand in for another, within a window, for the commands listed.

    Attributes:
        commands: actions (`visit.record`) for which the absent one's rights may be used.
    """

    from_member_id: UUID
    to_member_id: UUID
    commands: tuple[str, ...]
    valid_until: datetime
    valid_from: datetime | None = None


async def delegate(work: UnitOfWork, order: Delegate) -> UUID:
    """Set up a stand-in and return the delegation's id; locks tenant, then members in id order.

    Raises:
        Forbidden (for the absent member), NotFound, MemberHasLeft, DelegationToOneself,
        SpanInvalid, BeyondOwnRights (also when he may only for another), WouldLockOut (what is
        forbidden to the absent would be forbidden to who keeps the roles), or Refusals:
        InvalidInput for commands there are not, NotHeldByAbsent for those not his to lend.
    """
    await one_at_a_time(work)
    sides = {order.from_member_id: "fromMemberId", order.to_member_id: "toMemberId"}
    rows = {
        member_id: await facts.member(work, member_id, ("input", sides[member_id]))
        for member_id in sorted(sides)
    }
    absent = facts.member_record(rows[order.from_member_id])
    verdict = work.authorise("delegation.create", absent)
    refuse_on_behalf(work, "delegation.create", verdict)
    if order.from_member_id == order.to_member_id:
        raise DelegationToOneself(field=("input", "toMemberId"))
    _refuse_unknown(order.commands)
    begins = order.valid_from or work.now
    if begins < work.now:
        raise SpanInvalid(field=("input", "validFrom"))
    if order.valid_until <= begins:
        raise SpanInvalid(field=("input", "validUntil"))
    given = await _held_by(work, order)
    refuse_faults(_not_held(work, order, given, rows[order.from_member_id]["name"]))
    if work.caller.member_id != order.from_member_id:
        commands = frozenset(order.commands)
        refuse_beyond_own(work, "delegation.create", given, commands, order.to_member_id)
    delegation = Delegation(
        tenant_id=work.tenant_id,
        id=work.new_id(),
        from_member_id=order.from_member_id,
        to_member_id=order.to_member_id,
        commands=list(dict.fromkeys(order.commands)),
        valid_from=begins,
        valid_until=order.valid_until,
        created_at=work.now,
        created_by=work.caller.member_id,
    )
    work.add(delegation)
    await judge(work)
    work.emit(RightsChanged(delegation.id))
    work.concerns(
        "delegation",
        delegation.id,
        absent=order.from_member_id,
        stands_in=order.to_member_id,
        commands=order.commands,
    )
    return delegation.id


@dataclass(frozen=True, slots=True)
class EndDelegation:
    """End a stand-in before its time."""

    delegation_id: UUID
    expected_version: int


async def end_delegation(work: UnitOfWork, order: EndDelegation) -> UUID:
    """End a delegation that is not over; locks the tenant, then the delegation.

    Raises:
        Forbidden (for the absent member), NotFound, VersionConflict, SpanInvalid (it is over).
    """
    await one_at_a_time(work)
    row = await facts.locked(work, "delegation", order.delegation_id, DELEGATION)
    absent = await facts.locked(work, "member", row["from_member_id"], DELEGATION)
    work.authorise("delegation.end", facts.member_record(absent))
    facts.refuse_other_version(row, order.expected_version)
    if row["ended_at"] is not None or row["valid_until"] <= work.now:
        raise SpanInvalid(field=DELEGATION)
    work.change(Delegation, row["id"], {"ended_at": work.now})
    bump(work)
    work.emit(RightsChanged(row["id"]))
    work.concerns("delegation", row["id"], absent=row["from_member_id"])
    return order.delegation_id


def _refuse_unknown(commands: tuple[str, ...]) -> None:
    if not 1 <= len(commands) <= len(ACTIONS):
        raise InvalidInput(field=COMMANDS, expected="ENTRIES", least=1, most=len(ACTIONS))
    refuse_faults(
        [
            InvalidInput(field=(*COMMANDS, str(position)), expected="ACTION")
            for position, command in enumerate(commands)
            if command not in ACTIONS or Domain.TENANT not in ACTIONS[command].domains
        ]
    )


def _not_held(
    work: UnitOfWork, order: Delegate, given: Sequence[Holding], name: str
) -> Iterator[NotHeldByAbsent]:
    """Yield the commands that none of the absent member's offices gives him.

    What an office gives is asked again at each use: one that ends takes with it what it lent.
    """
    locale = locale_of(work)
    for position, command in enumerate(order.commands):
        grants = (work.policy.by_role.get((holding.role, command)) for holding in given)
        if not any(found is not None and found.allows for found in grants):
            yield NotHeldByAbsent(
                member=name,
                action=ACTIONS[command].wordings[locale],
                field=(*COMMANDS, str(position)),
            )


async def _held_by(work: UnitOfWork, order: Delegate) -> list[Holding]:
    """Return every office the absent member has or will have within the window."""
    rows = await work.fetch(
        "SELECT r.code, a.org_unit_id, a.territory_id FROM app.assignment a"
        " JOIN app.role r ON r.tenant_id = $1 AND r.id = a.role_id"
        " WHERE a.tenant_id = $1 AND a.member_id = $2 AND a.valid_from < $3"
        " AND (a.valid_until IS NULL OR a.valid_until > $4)",
        work.tenant_id,
        order.from_member_id,
        order.valid_until,
        work.now,
    )
    return [
        Holding(role_code(row["code"]), row["org_unit_id"], row["territory_id"]) for row in rows
    ]
