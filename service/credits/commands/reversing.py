"""An amount that counted is taken back: by an entry of its own, never by a change (Q19)."""

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from service.credits.commands.closed import refuse_closed
from service.credits.commands.recording import Recorded
from service.credits.errors import ReversedAlready
from service.credits.events import MetricCredited, MetricCreditEntered
from service.credits.tables import CreditKind, MetricCredit
from service.errors import InvalidInput, NotFound
from service.policies.access import Record
from service.tenants.texts import line_faults, refuse_faults
from service.work import UnitOfWork

_LONGEST_REASON: Final = 500
_CREDIT: Final = ("input", "creditId")


@dataclass(frozen=True, slots=True)
class ReverseMetricCredit:
    """Take an amount back, with all shares of what made it count.

    Attributes:
        restated: it counts on the day the amount counted, not on the day of the cancellation.
        reversed_on: the day of the cancellation; today when left out.
    """

    credit_id: UUID
    reason: str
    restated: bool = False
    reversed_on: date | None = None


async def reverse_metric_credit(work: UnitOfWork, order: ReverseMetricCredit) -> Recorded:
    """Write the opposite of each share; what was counted stays as it was (I3).

    Of two at once the constraint lets one win.

    Raises:
        Forbidden, NotFound, ReversedAlready, PeriodIsClosed (restated), InvalidInput.
    """
    refuse_faults(line_faults(order.reason, ("input", "reason"), _LONGEST_REASON))
    shares = await work.fetch(
        "SELECT c.* FROM app.metric_credit one JOIN app.metric_credit c ON c.tenant_id = $1"
        " AND c.metric_id = one.metric_id AND c.source = one.source"
        " AND c.source_key = one.source_key AND c.reverses_id IS NULL"
        " WHERE one.tenant_id = $1 AND one.id = $2 AND one.reverses_id IS NULL"
        " ORDER BY c.id",
        work.tenant_id,
        order.credit_id,
    )
    if not shares:
        raise NotFound(field=_CREDIT)
    for share in shares:
        place = (share["org_unit_id"], share["territory_id"])
        work.authorise("metric_credit.record", Record(None, *place))
    day = await _day(work, order, shares[0]["metric_id"], shares[0]["credited_on"])
    if await work.fetch_value(
        "SELECT true FROM app.metric_credit WHERE tenant_id = $1 AND reverses_id = $2",
        work.tenant_id,
        shares[0]["id"],
    ):
        raise ReversedAlready(field=_CREDIT)
    made = [
        MetricCredit(
            **{**dict(share), "amount": -share["amount"], "base": _negated(share["base"])}
            | {
                "id": work.new_id(),
                "credited_on": day,
                "recorded_at": work.now,
                "reason": order.reason,
                "author_id": work.caller.member_id,
                "reverses_id": share["id"],
            }
        )
        for share in shares
    ]
    work.add(*made)
    metric_id = shares[0]["metric_id"]
    work.concerns("metric", metric_id, reverses=order.credit_id, reason=order.reason)
    members = tuple(one.member_id for one in made if one.member_id is not None)
    primary = sum(one.amount for one in made if one.kind == CreditKind.PRIMARY)
    work.emit(MetricCredited(metric_id, members, day, primary))
    work.emit(*(MetricCreditEntered(one.id, one.metric_id, one.member_id) for one in made))
    return Recorded(tuple(one.id for one in made))


def _negated(base: int | None) -> int | None:
    return None if base is None else -base


async def _day(
    work: UnitOfWork, order: ReverseMetricCredit, metric_id: UUID, credited_on: date
) -> date:
    today = work.today
    if order.restated:
        await refuse_closed(work, metric_id, credited_on, ("input", "restated"))
        return credited_on
    day = order.reversed_on or today
    if not credited_on <= day <= today:
        raise InvalidInput(field=("input", "reversedOn"), expected="NOT_IN_FUTURE")
    return day
