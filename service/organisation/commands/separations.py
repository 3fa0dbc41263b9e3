"""Separation of duties: pairs that no role, and no member by his roles together, may hold."""

from dataclasses import dataclass
from uuid import UUID

from service.errors import AlreadyTaken, InvalidInput, NotFound
from service.organisation import facts
from service.organisation.access import judge, one_at_a_time
from service.organisation.events import RightsChanged
from service.organisation.tables import SeparatedDuties
from service.policies.access import Record
from service.tenants.texts import Texts, refuse_faults
from service.work import UnitOfWork

PAIR = ("input", "dutyIds")


@dataclass(frozen=True, slots=True)
class SeparateDuties:
    """Declare two duties incompatible, with the reason shown to whoever tries."""

    duty_id: UUID
    other_duty_id: UUID
    reason: Texts


async def separate_duties(work: UnitOfWork, order: SeparateDuties) -> UUID:
    """Keep two duties apart from now on and return the pair's id; locks the tenant.

    Raises:
        Forbidden, NotFound, AlreadyTaken (the pair is kept apart already), InvalidInput (one duty
        twice), or Refusals with DutiesInConflict while a role or member holds both.
    """
    await one_at_a_time(work)
    work.authorise("duty.edit", Record())
    refuse_faults(order.reason.faults(("input", "reason")))
    ids = sorted((order.duty_id, order.other_duty_id))
    if ids[0] == ids[1]:
        raise InvalidInput(field=("input", "otherDutyId"), expected="ANOTHER_DUTY")
    codes = await facts.all_there(work, "duty", (order.duty_id, order.other_duty_id), PAIR)
    if await _pair(work, ids) is not None:
        raise AlreadyTaken(field=("input", "otherDutyId"), value=codes[order.other_duty_id])
    pair = SeparatedDuties(
        tenant_id=work.tenant_id,
        id=work.new_id(),
        duty_id=ids[0],
        other_duty_id=ids[1],
        reason=order.reason.by_locale(),
    )
    work.add(pair)
    await judge(work)
    work.emit(RightsChanged(pair.id))
    work.concerns("separated_duties", pair.id, duties=sorted(codes.values()))
    return pair.id


@dataclass(frozen=True, slots=True)
class JoinDuties:
    """Allow two duties in one hand again."""

    duty_id: UUID
    other_duty_id: UUID


async def join_duties(work: UnitOfWork, order: JoinDuties) -> UUID:
    """End the separation of two duties and return the id the pair had; locks the tenant.

    Raises:
        Forbidden, NotFound (the pair is not kept apart).
    """
    await one_at_a_time(work)
    work.authorise("duty.edit", Record())
    pair_id = await _pair(work, sorted((order.duty_id, order.other_duty_id)))
    if pair_id is None:
        raise NotFound(field=("input", "otherDutyId"))
    work.remove(SeparatedDuties, [pair_id])
    await judge(work)
    work.emit(RightsChanged(pair_id))
    work.concerns("separated_duties", pair_id, joined=[order.duty_id, order.other_duty_id])
    return pair_id


async def _pair(work: UnitOfWork, ids: list[UUID]) -> UUID | None:
    found: UUID | None = await work.fetch_value(
        "SELECT id FROM app.separated_duties"
        " WHERE tenant_id = $1 AND duty_id = $2 AND other_duty_id = $3",
        work.tenant_id,
        *ids,
    )
    return found
