"""Which model is in force, and from when: one at a time, announced, taken back before it begins."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from service.calendar import start_of_day
from service.errors import InvalidInput
from service.organisation.access import bump, one_at_a_time
from service.organisation.errors import SpanInvalid
from service.organisation.events import RightsChanged
from service.organisation.facts import locked
from service.policies.access import Record
from service.territories import belonging, facts
from service.territories.errors import (
    TerritoriesLeftOut,
    TerritoryActivationBegun,
    TerritoryDayTaken,
    TerritoryModelArchived,
    TerritoryModelInForce,
)
from service.territories.events import TerritoryActivated, TerritoryAnnounced, TerritoryWithdrawn
from service.territories.rules import activations as rules
from service.territories.tables import TerritoryActivation
from service.work import UnitOfWork

MODEL_DUE: Final = "territory_model_due"
"""The deadline at which a model that was announced comes into force."""

_DAY: Final = ("input", "activeOn")
_FURTHEST: Final = timedelta(days=3653)


@dataclass(frozen=True, slots=True)
class ActivateTerritoryModel:
    """Put a model in force from a day to come (None: at once).

    Going back is activating the old one again. What another begins later, it does as announced.

    Attributes:
        targets_follow: whether targets in force follow the customers who are moved by it.
    """

    territory_model_id: UUID
    active_on: date | None = None
    targets_follow: bool = True


async def activate_territory_model(work: UnitOfWork, order: ActivateTerritoryModel) -> UUID:
    """Put a model in force and return the activation's id; locks the tenant, then the model.

    Raises:
        Forbidden, NotFound, TerritoryModelArchived, SpanInvalid (a day that has begun),
        InvalidInput (more than ten years away), TerritoryModelInForce, TerritoryDayTaken, or
        TerritoriesLeftOut: territories in use have no place in it.
    """
    await one_at_a_time(work)
    row = await facts.model(work, order.territory_model_id)
    work.authorise("territory_model.activate", Record())
    if row["archived_at"] is not None:
        raise TerritoryModelArchived(field=facts.MODEL)
    begins = _beginning(work, order.active_on)
    spans = await facts.spans(work)
    splice = rules.spliced(spans, begins)
    if splice.taken:
        raise TerritoryDayTaken(field=_DAY)
    if splice.before is not None and splice.before.model_id == order.territory_model_id:
        raise TerritoryModelInForce(field=facts.MODEL)
    missing = await facts.left_out(work, order.territory_model_id, begins)
    missing = missing or await _customers_left_out(work, spans, order.territory_model_id, begins)
    if missing:
        raise TerritoriesLeftOut(field=facts.MODEL, territories=", ".join(missing))
    activation = await _put_in_force(work, order, begins, splice)
    bump(work)
    work.concerns("territory_model", order.territory_model_id, code=row["code"], begins=begins)
    if begins > work.now:
        work.schedule(MODEL_DUE, activation.id, begins)
        work.emit(TerritoryAnnounced(order.territory_model_id, activation.id))
    else:
        await _tell(work, activation.id, order.territory_model_id)
    return activation.id


async def _customers_left_out(
    work: UnitOfWork, spans: Sequence[rules.Span], model_id: UUID, begins: datetime
) -> Sequence[str]:
    """Return the codes of territories whose customers nothing of the model would take."""
    if not await facts.customers_displaced(work, model_id, begins):
        return ()
    drawn = await belonging.drawing_from(work, spans, model_id, begins, begins)
    asked = belonging.belonging(drawn)
    rows = await work.fetch(
        f"SELECT DISTINCT y.code FROM ({asked.sql}) b JOIN app.territory y ON y.tenant_id = $1"
        " AND y.id = b.was WHERE b.reason = 'LEFT_OUT' ORDER BY y.code LIMIT 10",
        work.tenant_id,
        *asked.values,
    )
    return [row["code"] for row in rows]


async def _put_in_force(
    work: UnitOfWork, order: ActivateTerritoryModel, begins: datetime, splice: rules.Splice
) -> TerritoryActivation:
    if splice.before is not None:
        before = splice.before.activation_id
        work.change(TerritoryActivation, before, {"active_until": begins})
        # The exclusion looks at each row as it is written: first the room, then who takes it.
        await work.flush()
    activation = TerritoryActivation(
        tenant_id=work.tenant_id,
        id=work.new_id(),
        territory_model_id=order.territory_model_id,
        active_on=order.active_on,
        active_from=begins,
        active_until=splice.ends,
        targets_follow=order.targets_follow,
        created_at=work.now,
        created_by=work.caller.member_id,
    )
    work.add(activation)
    return activation


def _beginning(work: UnitOfWork, day: date | None) -> datetime:
    if day is None:
        return work.now
    if day > work.now.date() + _FURTHEST:
        raise InvalidInput(expected="WITHIN_TEN_YEARS", field=_DAY)
    begins = start_of_day(day, work.tenant.zone)
    if begins < work.now:
        raise SpanInvalid(field=_DAY)
    return begins


@dataclass(frozen=True, slots=True)
class WithdrawTerritoryActivation:
    """Take back what was announced, before it begins; what is in force then goes on."""

    activation_id: UUID


async def withdraw_territory_activation(
    work: UnitOfWork, order: WithdrawTerritoryActivation
) -> UUID:
    """Take an activation back and return its model's id; locks the tenant, then the activation.

    Raises:
        Forbidden, NotFound, TerritoryActivationBegun.
    """
    field = ("input", "activationId")
    await one_at_a_time(work)
    row = await locked(work, "territory_activation", order.activation_id, field)
    work.authorise("territory_model.activate", Record())
    spans = await facts.spans(work)
    removed = next(one for one in spans if one.activation_id == order.activation_id)
    if removed.is_empty or removed.begins <= work.now:
        raise TerritoryActivationBegun(field=field)
    work.change(TerritoryActivation, order.activation_id, {"active_until": removed.begins})
    await work.flush()
    for activation_id, ends in rules.restored(spans, removed).items():
        work.change(TerritoryActivation, activation_id, {"active_until": ends})
    bump(work)
    work.concerns("territory_model", row["territory_model_id"], activation=order.activation_id)
    work.emit(TerritoryWithdrawn(removed.model_id, order.activation_id))
    return removed.model_id


async def announce_model(work: UnitOfWork, activation_id: UUID) -> None:
    """Tell that a model has come into force; one taken back, or over again, tells nothing."""
    spans = await facts.spans(work)
    now = rules.in_force(spans, work.now)
    if now is not None and now.activation_id == activation_id:
        await _tell(work, activation_id, now.model_id)


async def _tell(work: UnitOfWork, activation_id: UUID, model_id: UUID) -> None:
    await work.flush()
    # For a process of the release before, which reads the tree there.
    work.write(
        "territory",
        "UPDATE app.territory AS y SET parent_id = p.parent_id FROM app.territory_place p"
        " WHERE y.tenant_id = {}::uuid AND p.tenant_id = {}::uuid"
        " AND p.territory_model_id = {}::uuid AND p.territory_id = y.id"
        " AND p.valid_until IS NULL AND y.parent_id IS DISTINCT FROM p.parent_id",
        work.tenant_id,
        work.tenant_id,
        model_id,
    )
    work.emit(TerritoryActivated(model_id, activation_id), RightsChanged(model_id))
