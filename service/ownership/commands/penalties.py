"""What is done about a member's misconduct (五(四)5)."""

from dataclasses import dataclass
from uuid import UUID

from service.errors import NotFound
from service.ownership.commands.disputes import stated
from service.ownership.errors import CaseIsClosed
from service.ownership.events import PenaltyCaseClosed
from service.ownership.tables import PenaltyCase
from service.policies.access import Record
from service.work import UnitOfWork


@dataclass(frozen=True, slots=True)
class ClosePenaltyCase:
    """A manager puts on record what was done about a case."""

    penalty_case_id: UUID
    measure: str


async def close_penalty_case(work: UnitOfWork, order: ClosePenaltyCase) -> UUID:
    """Close the case with its measure and return its id. Locks the case.

    Raises:
        NotFound, Forbidden, InvalidInput, CaseIsClosed.
    """
    measure = stated(order.measure, "measure")
    case = await work.fetch_one(
        "SELECT member_id, org_unit_id, territory_id, closed_at FROM app.penalty_case"
        " WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE",
        work.tenant_id,
        order.penalty_case_id,
    )
    if case is None:
        raise NotFound(field=("input", "penaltyCaseId"))
    record = Record(case["member_id"], case["org_unit_id"], case["territory_id"])
    work.authorise("penalty_case.close", record)
    if case["closed_at"] is not None:
        raise CaseIsClosed
    values = {"measure": measure, "closed_at": work.now}
    work.change(PenaltyCase, order.penalty_case_id, values)
    work.concerns("penalty_case", order.penalty_case_id, measure=measure)
    work.emit(PenaltyCaseClosed(order.penalty_case_id, case["member_id"]))
    return order.penalty_case_id
