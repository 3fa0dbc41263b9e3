"""An opportunity is opened and changed by whoever has it, or answers for whom has it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from service.database.session import Row
from service.errors import InvalidInput, NotFound, Refusal
from service.opportunities.commands.stages import probability_faults
from service.opportunities.commands.standing import OPPORTUNITY, begun, kept, known_member
from service.opportunities.errors import OpportunityIsClosed
from service.opportunities.tables import Opportunity, OpportunityState
from service.policies.access import Record
from service.targets.facts import locked, refuse_missing, refuse_other_version
from service.targets.tables import MetricUnit
from service.tenants.texts import line_faults, refuse_faults
from service.territories.facts import party_places
from service.territories.routing import territory_of_lead
from service.work import UnitOfWork

_LONGEST_NAME: Final = 200
_MOST_AMOUNT: Final = 10**15


@dataclass(frozen=True, slots=True)
class CreateOpportunity:
    """Open an opportunity.

    Attributes:
        metric_id: what it would count toward, in money or pieces.
        amount: in whole units of the metric.
        stage_id: where it stands.
        expected_on: the day it is expected to count.
        member_id: who has it; the caller when left out.
        territory_id: where it would count; left out, the customer's where conditions of the
            territories say it, else the member's own.
        probability_basis_points, category: the stage's when left out.
    """

    name: str
    metric_id: UUID
    amount: int
    stage_id: UUID
    expected_on: date
    member_id: UUID | None = None
    party_id: UUID | None = None
    territory_id: UUID | None = None
    probability_basis_points: int | None = None
    category: str | None = None


async def create_opportunity(work: UnitOfWork, order: CreateOpportunity) -> UUID:
    """Open the opportunity and return its id.

    Raises:
        Forbidden, NotFound (metric, stage, member, customer, territory), Refusals (form).
    """
    refuse_faults(_faults(order))
    metric = await work.fetch_one(
        "SELECT unit, currency FROM app.metric WHERE tenant_id = $1 AND id = $2"
        " AND retired_at IS NULL FOR KEY SHARE",
        work.tenant_id,
        order.metric_id,
    )
    if metric is None:
        raise NotFound(field=("input", "metricId"))
    if metric["unit"] == MetricUnit.RATIO:
        raise InvalidInput(field=("input", "metricId"), expected="METRIC_THAT_ADDS_UP")
    stage = await _stage(work, order.stage_id)
    member = await known_member(work, order.member_id or work.caller.member_id)
    await _known(work, order)
    territory = order.territory_id or await _territory(work, order.party_id, member)
    work.authorise("opportunity.record", Record(member["id"], member["org_unit_id"], territory))
    chance, category = order.probability_basis_points, order.category
    opportunity = Opportunity(
        tenant_id=work.tenant_id,
        id=work.new_id(),
        created_at=work.now,
        created_by=work.caller.member_id,
        name=order.name.strip(),
        party_id=order.party_id,
        member_id=member["id"],
        org_unit_id=member["org_unit_id"],
        territory_id=territory,
        metric_id=order.metric_id,
        stage_id=order.stage_id,
        category=category or stage["category"],
        probability_basis_points=stage["probability_basis_points"] if chance is None else chance,
        amount=order.amount,
        currency=metric["currency"],
        expected_on=order.expected_on,
        state=OpportunityState.OPEN.value,
    )
    begun(work, opportunity)
    return opportunity.id


@dataclass(frozen=True, slots=True)
class ChangeOpportunity:
    """Change what is open; what is left out stays. Another stage brings its chance and category.

    Attributes:
        member_id: who has it from now on; its place follows him unless one is given.
    """

    opportunity_id: UUID
    expected_version: int | None = None
    name: str | None = None
    amount: int | None = None
    stage_id: UUID | None = None
    expected_on: date | None = None
    member_id: UUID | None = None
    party_id: UUID | None = None
    territory_id: UUID | None = None
    probability_basis_points: int | None = None
    category: str | None = None


async def change_opportunity(work: UnitOfWork, order: ChangeOpportunity) -> UUID:
    """Change the opportunity and return its id; locks it.

    Raises:
        Forbidden (where it was, and where it goes), NotFound, VersionConflict,
        OpportunityIsClosed, Refusals (form).
    """
    refuse_faults(_faults(order))
    row = await locked(work, "opportunity", order.opportunity_id, OPPORTUNITY)
    work.authorise("opportunity.record", place_of(row))
    refuse_other_version(row, order.expected_version)
    if row["state"] != OpportunityState.OPEN:
        raise OpportunityIsClosed(state=row["state"], field=OPPORTUNITY)
    changes = await _changes(work, order)
    work.authorise("opportunity.record", place_of({**dict(row), **changes}))
    kept(work, row, changes)
    return order.opportunity_id


def place_of(row: Any) -> Record:  # noqa: ANN401 - a row, or what becomes of one
    """Return what authorisation needs of an opportunity."""
    return Record(row["member_id"], row["org_unit_id"], row["territory_id"])


async def _changes(work: UnitOfWork, order: ChangeOpportunity) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if order.stage_id is not None:
        stage = await _stage(work, order.stage_id)
        changes |= {"stage_id": order.stage_id} | dict(stage)
    if order.member_id is not None:
        member = await known_member(work, order.member_id)
        changes |= {
            "member_id": member["id"],
            "org_unit_id": member["org_unit_id"],
            "territory_id": member["territory_id"],
        }
    await _known(work, order)
    plain = ("amount", "expected_on", "party_id", "territory_id", "category")
    given = {name: getattr(order, name) for name in (*plain, "probability_basis_points")}
    if order.name is not None:
        given["name"] = order.name.strip()
    return changes | {name: value for name, value in given.items() if value is not None}


async def _stage(work: UnitOfWork, stage_id: UUID) -> Row:
    stage = await work.fetch_one(
        "SELECT probability_basis_points, category FROM app.opportunity_stage"
        " WHERE tenant_id = $1 AND id = $2 AND retired_at IS NULL FOR KEY SHARE",
        work.tenant_id,
        stage_id,
    )
    if stage is None:
        raise NotFound(field=("input", "stageId"))
    return stage


async def _territory(work: UnitOfWork, party_id: UUID | None, member: Row) -> UUID | None:
    """Return where an opportunity counts that says nothing of it: its customer's, or its owner's.

    It is the customer's where conditions say to which territory customers belong.
    """
    places = {} if party_id is None else await party_places(work, [party_id])
    customers = None if party_id is None else places[party_id]
    return await territory_of_lead(work, customers, member["territory_id"])


async def _known(work: UnitOfWork, order: CreateOpportunity | ChangeOpportunity) -> None:
    """Refuse a customer or a territory that is not there.

    Raises:
        NotFound.
    """
    await refuse_missing(work, "party", order.party_id, ("input", "partyId"))
    await refuse_missing(work, "territory", order.territory_id, ("input", "territoryId"))


def _faults(order: CreateOpportunity | ChangeOpportunity) -> Iterator[Refusal]:
    if order.name is not None:
        yield from line_faults(order.name, ("input", "name"), _LONGEST_NAME)
    if order.amount is not None and not 0 <= order.amount <= _MOST_AMOUNT:
        field = ("input", "amount")
        yield InvalidInput(field=field, expected="FROM_TO", least=0, most=_MOST_AMOUNT)
    yield from probability_faults(order.probability_basis_points)
