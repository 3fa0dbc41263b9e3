"""How an opportunity stands is kept by day: a board of a past day stays what it was."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from service.database.session import Row
from service.errors import NotFound
from service.opportunities.events import OpportunityChanged
from service.opportunities.tables import LAST_OF_ALL, Opportunity
from service.work import UnitOfWork

OPPORTUNITY: Final = ("input", "opportunityId")
KEPT: Final = (
    "party_id",
    "member_id",
    "org_unit_id",
    "territory_id",
    "metric_id",
    "stage_id",
    "category",
    "probability_basis_points",
    "amount",
    "currency",
    "expected_on",
    "state",
)
_TYPES: Final = {
    "category": "text",
    "probability_basis_points": "integer",
    "amount": "bigint",
    "currency": "text",
    "expected_on": "date",
    "state": "text",
}
_ENDED: Final = (
    "UPDATE app.opportunity_standing SET last_day = {}::date - 1 WHERE tenant_id = {}::uuid"
    " AND opportunity_id = {}::uuid AND first_day < {}::date AND last_day = {}::date"
)
_STANDS: Final = (
    "INSERT INTO app.opportunity_standing"
    f" (tenant_id, id, opportunity_id, first_day, last_day, {', '.join(KEPT)})"
    " VALUES ({}::uuid, {}::uuid, {}::uuid, {}::date, {}::date, "
    + ", ".join("{}::" + _TYPES.get(name, "uuid") for name in KEPT)
    + ") ON CONFLICT (tenant_id, opportunity_id, first_day) DO UPDATE SET "
    + ", ".join(
        f"{name} = EXCLUDED.{name}" for name in KEPT if name not in {"metric_id", "currency"}
    )
)


async def known_member(work: UnitOfWork, member_id: UUID | None) -> Row:
    """Return id and place of a member who works here.

    Raises:
        NotFound.
    """
    row = member_id and await work.fetch_one(
        "SELECT id, org_unit_id, territory_id FROM app.member"
        " WHERE tenant_id = $1 AND id = $2 AND state = 'ACTIVE'",
        work.tenant_id,
        member_id,
    )
    if not row:
        raise NotFound(field=("input", "memberId"))
    return row


def begun(work: UnitOfWork, opportunity: Opportunity) -> None:
    """Keep a new opportunity, and that it stands from today on."""
    work.add(opportunity)
    _stands(work, opportunity.id, vars(opportunity))


def kept(work: UnitOfWork, row: Row, changes: Mapping[str, Any]) -> None:
    """Keep what changes of an opportunity, and how it stands from today on."""
    if changes:
        work.change(Opportunity, row["id"], changes)
    _stands(work, row["id"], {**dict(row), **changes})


def _stands(work: UnitOfWork, opportunity_id: UUID, values: Mapping[str, Any]) -> None:
    day = work.today
    work.write(
        "opportunity_standing", _ENDED, day, work.tenant_id, opportunity_id, day, LAST_OF_ALL
    )
    work.write(
        "opportunity_standing",
        _STANDS,
        work.tenant_id,
        work.new_id(),
        opportunity_id,
        day,
        LAST_OF_ALL,
        *(values[name] for name in KEPT),
    )
    work.concerns("opportunity", opportunity_id, state=values["state"], amount=values["amount"])
    work.emit(OpportunityChanged(opportunity_id, values["metric_id"], values["state"]))
