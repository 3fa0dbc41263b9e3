"""An opportunity ends: won, lost or given up; and is opened again where that was too early."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from service.errors import InvalidInput
from service.opportunities.commands.pursuing import place_of
from service.opportunities.commands.standing import OPPORTUNITY, kept
from service.opportunities.errors import OpportunityIsClosed
from service.opportunities.tables import OpportunityState
from service.targets.facts import locked, refuse_other_version
from service.tenants.texts import line_faults, refuse_faults
from service.work import UnitOfWork

_LONGEST_REASON: Final = 500
_ENDS: Final = tuple(one.value for one in OpportunityState if one != OpportunityState.OPEN)


@dataclass(frozen=True, slots=True)
class CloseOpportunity:
    """Say how an opportunity ended. What counts of one that is won, the ledger of credits says.

    Attributes:
        outcome: WON, LOST or ABANDONED.
        reason: why; of one that is not won it must be told.
    """

    opportunity_id: UUID
    outcome: str
    reason: str | None = None
    expected_version: int | None = None


async def close_opportunity(work: UnitOfWork, order: CloseOpportunity) -> UUID:
    """Close the opportunity today and return its id; locks it.

    Raises:
        Forbidden, NotFound, VersionConflict, OpportunityIsClosed, Refusals (form).
    """
    if order.outcome not in _ENDS:
        raise InvalidInput(field=("input", "outcome"), expected="ONE_OF", choices=_ENDS)
    if order.reason is not None or order.outcome != OpportunityState.WON:
        refuse_faults(line_faults(order.reason or "", ("input", "reason"), _LONGEST_REASON))
    row = await locked(work, "opportunity", order.opportunity_id, OPPORTUNITY)
    work.authorise("opportunity.record", place_of(row))
    refuse_other_version(row, order.expected_version)
    if row["state"] != OpportunityState.OPEN:
        raise OpportunityIsClosed(state=row["state"], field=OPPORTUNITY)
    changes = {"state": order.outcome, "closed_on": work.today, "reason": order.reason}
    kept(work, row, changes)
    return order.opportunity_id


@dataclass(frozen=True, slots=True)
class ReopenOpportunity:
    """Open again what was closed too early."""

    opportunity_id: UUID
    expected_version: int | None = None


async def reopen_opportunity(work: UnitOfWork, order: ReopenOpportunity) -> UUID:
    """Open the opportunity from today on and return its id; of one that is open nothing changes.

    Raises:
        Forbidden, NotFound, VersionConflict.
    """
    row = await locked(work, "opportunity", order.opportunity_id, OPPORTUNITY)
    work.authorise("opportunity.record", place_of(row))
    refuse_other_version(row, order.expected_version)
    if row["state"] != OpportunityState.OPEN:
        changes = {"state": OpportunityState.OPEN.value, "closed_on": None, "reason": None}
        kept(work, row, changes)
    return order.opportunity_id
