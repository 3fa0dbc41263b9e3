"""An amount is recorded for a metric and divided among those it belongs to (Q17, Q18)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from service.calendar import start_of_day
from service.credits.errors import ContractsAreCounted, CountedAlready
from service.credits.events import MetricCredited, MetricCreditEntered
from service.credits.tables import CreditKind, CreditSource, MetricCredit
from service.database.session import Row
from service.errors import InvalidInput, NotFound, Refusal
from service.money import BASIS_POINTS, spread
from service.organisation.former_places import belonged
from service.policies.access import Record
from service.targets.facts import refuse_missing
from service.targets.tables import CountingEvent, MetricUnit
from service.tenants.texts import line_faults, refuse_faults
from service.work import UnitOfWork

METRIC: Final = ("input", "metricId")
_MOST_PARTS: Final = 50
_LONGEST_KEY, _LONGEST_REASON, _LONGEST_CODE = 200, 500, 64
_MOST_AMOUNT: Final = 10**15
_AT: Final = "($3::timestamptz - interval '1 millisecond')"
_BELONGED: Final = f"""
SELECT t.id, {belonged("org_unit_id", _AT)} AS org_unit_id,
    {belonged("territory_id", _AT)} AS territory_id
FROM app.member t WHERE t.tenant_id = $1 AND t.id = ANY($2::uuid[])
"""


@dataclass(frozen=True, slots=True)
class CreditPart:
    """Whose part of an amount it is; nobody's is the company's own."""

    basis_points: int
    member_id: UUID | None = None
    kind: str = CreditKind.PRIMARY.value


@dataclass(frozen=True, slots=True)
class RecordMetricCredit:
    """Let an amount count toward a metric.

    Attributes:
        source_key: the sender's own name of what makes it count; it counts once.
        amount: in whole units; below 0 for a refund; of a RATIO metric the numerator.
        base: the denominator of a RATIO metric, and of no other.
        credited_on: the day on which it counts, today or earlier.
        parts: those PRIMARY make up the whole; OVERLAY stands beside it (I4).
        territory_id: where it counts; left out, where each member belonged on the day.
        party_id: the customer of whom it is: what he brought follows him to another territory.
        product_code: a product that the metric counts.
        channel_code: the channel through which it came, as targets of channels name it.
    """

    metric_id: UUID
    source_key: str
    amount: int
    credited_on: date
    parts: tuple[CreditPart, ...]
    base: int | None = None
    territory_id: UUID | None = None
    party_id: UUID | None = None
    product_code: str | None = None
    channel_code: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """The entries made, in the order of the parts."""

    credit_ids: tuple[UUID, ...]


async def record_metric_credit(work: UnitOfWork, order: RecordMetricCredit) -> Recorded:
    """Write the entries; the parts sum to the amount exactly.

    Raises:
        Forbidden, NotFound (metric, member, territory, customer), CountedAlready,
        ContractsAreCounted, Refusals (form).
    """
    metric = await work.fetch_one(
        "SELECT unit, counting_event, new_only, product_codes, launch_first_day, launch_last_day"
        " FROM app.metric WHERE tenant_id = $1 AND id = $2 AND retired_at IS NULL FOR SHARE",
        work.tenant_id,
        order.metric_id,
    )
    if metric is None:
        raise NotFound(field=METRIC)
    today = work.today
    refuse_faults(_faults(order, metric, today))
    places = await _places(work, order)
    await refuse_missing(work, "party", order.party_id, ("input", "partyId"))
    for place in places:
        work.authorise("metric_credit.record", Record(None, *place))
    if metric["counting_event"] == CountingEvent.CONTRACT and order.amount > 0:
        await _refuse_counted(work, order.metric_id)
    of_new = metric["new_only"] or metric["counting_event"] == CountingEvent.NEW_CUSTOMER
    if of_new and metric["unit"] == MetricUnit.COUNT and order.amount > 0:
        await _refuse_known(work, order)
    entries = _entries(work, order, places)
    work.add(*entries)
    work.concerns("metric", order.metric_id, source=order.source_key, amount=order.amount)
    primary = sum(one.amount for one in entries if one.kind == CreditKind.PRIMARY)
    members = tuple(one.member_id for one in entries if one.member_id is not None)
    work.emit(MetricCredited(order.metric_id, members, order.credited_on, primary))
    work.emit(*(MetricCreditEntered(one.id, one.metric_id, one.member_id) for one in entries))
    return Recorded(tuple(one.id for one in entries))


async def _refuse_counted(work: UnitOfWork, metric_id: UUID) -> None:
    """Refuse to tell of contracts where the house counts them: it was first (its lock is held).

    Raises:
        ContractsAreCounted.
    """
    if await work.fetch_value(
        "SELECT true FROM app.metric_credit WHERE tenant_id = $1 AND metric_id = $2"
        " AND source = 'DEAL' AND reverses_id IS NULL LIMIT 1",
        work.tenant_id,
        metric_id,
    ):
        raise ContractsAreCounted(field=METRIC)


async def _refuse_known(work: UnitOfWork, order: RecordMetricCredit) -> None:
    """Refuse to count a customer as new who has been counted so and was not taken back.

    Locks the customer, so that of two who tell of him one is first. Of amounts of money it is not
    asked: a first order may be paid in parts.

    Raises:
        CountedAlready.
    """
    if order.party_id is None:
        return
    await work.fetch_value(
        "SELECT true FROM app.party WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE",
        work.tenant_id,
        order.party_id,
    )
    # Of each customer what stands by month: of a long ledger no entry is read.
    if await work.fetch_value(
        "SELECT true FROM app.metric_credit_party_month m WHERE m.tenant_id = $1"
        " AND m.metric_id = $2 AND m.party_id = $3 HAVING sum(m.amount) > 0",
        work.tenant_id,
        order.metric_id,
        order.party_id,
    ):
        raise CountedAlready(field=("input", "partyId"))


def _faults(order: RecordMetricCredit, metric: Row, today: date) -> Iterator[Refusal]:
    yield from line_faults(order.source_key, ("input", "sourceKey"), _LONGEST_KEY)
    if order.reason is not None:
        yield from line_faults(order.reason, ("input", "reason"), _LONGEST_REASON)
    for name, code in (("productCode", order.product_code), ("channelCode", order.channel_code)):
        if code is not None:
            yield from line_faults(code, ("input", name), _LONGEST_CODE)
    counted = metric["product_codes"]
    if counted and order.product_code not in counted:
        yield InvalidInput(field=("input", "productCode"), expected="ONE_OF", choices=(*counted,))
    if abs(order.amount) > _MOST_AMOUNT:
        field = ("input", "amount")
        yield InvalidInput(field=field, expected="FROM_TO", least=-_MOST_AMOUNT, most=_MOST_AMOUNT)
    if order.credited_on > today:
        yield InvalidInput(field=("input", "creditedOn"), expected="NOT_IN_FUTURE")
    # What is paid back was sold in the window, and is paid back after it.
    first, last = metric["launch_first_day"] or date.min, metric["launch_last_day"] or date.max
    if order.amount > 0 and not first <= order.credited_on <= last:
        days = (f"{first} – {last}",)
        yield InvalidInput(field=("input", "creditedOn"), expected="LAUNCH_DAY", choices=days)
    yield from _base_faults(order, in_ratio=metric["unit"] == MetricUnit.RATIO)
    yield from _part_faults(order.parts)


def _base_faults(order: RecordMetricCredit, *, in_ratio: bool) -> Iterator[Refusal]:
    field = ("input", "base")
    if not in_ratio and order.base is not None:
        yield InvalidInput(field=field, expected="NOTHING")
    if in_ratio and (order.base is None or not 0 <= order.base <= _MOST_AMOUNT):
        yield InvalidInput(field=field, expected="FROM_TO", least=0, most=_MOST_AMOUNT)


def _part_faults(parts: Sequence[CreditPart]) -> Iterator[Refusal]:
    field = ("input", "parts")
    different = len({(one.member_id, one.kind) for one in parts})
    if not 1 <= len(parts) <= _MOST_PARTS or different < len(parts):
        yield InvalidInput(field=field, expected="DIFFERENT_ENTRIES", least=1, most=_MOST_PARTS)
    for place, one in enumerate(parts):
        if not 0 <= one.basis_points <= BASIS_POINTS:
            at = (*field, str(place), "basisPoints")
            yield InvalidInput(field=at, expected="FROM_TO", least=0, most=BASIS_POINTS)
    primary = [one.basis_points for one in parts if one.kind == CreditKind.PRIMARY]
    if sum(primary) != BASIS_POINTS:
        yield InvalidInput(field=field, expected="WHOLE_CREDIT")


async def _places(
    work: UnitOfWork, order: RecordMetricCredit
) -> list[tuple[UUID | None, UUID | None]]:
    """Return unit and territory of each part, as things stood when the day was over.

    Raises:
        NotFound: a member or the territory.
    """
    wanted = {one.member_id for one in order.parts if one.member_id is not None}
    over = start_of_day(order.credited_on + timedelta(days=1), work.tenant.zone)
    rows = await work.fetch(_BELONGED, work.tenant_id, list(wanted), over)
    members = {row["id"]: (row["org_unit_id"], row["territory_id"]) for row in rows}
    if order.territory_id is not None:
        known = await work.fetch_value(
            "SELECT true FROM app.territory WHERE tenant_id = $1 AND id = $2",
            work.tenant_id,
            order.territory_id,
        )
        if not known:
            raise NotFound(field=("input", "territoryId"))
    places: list[tuple[UUID | None, UUID | None]] = []
    for index, one in enumerate(order.parts):
        if one.member_id is not None and one.member_id not in members:
            raise NotFound(field=("input", "parts", str(index), "memberId"))
        unit, territory = members.get(one.member_id, (None, None))
        places.append((unit, order.territory_id or territory))
    return places


def _entries(
    work: UnitOfWork,
    order: RecordMetricCredit,
    places: Sequence[tuple[UUID | None, UUID | None]],
) -> list[MetricCredit]:
    amounts = divided(order.amount, order.parts)
    bases = divided(order.base, order.parts) if order.base is not None else [None] * len(amounts)
    return [
        MetricCredit(
            tenant_id=work.tenant_id,
            id=work.new_id(),
            metric_id=order.metric_id,
            member_id=part.member_id,
            org_unit_id=unit,
            territory_id=territory,
            party_id=order.party_id,
            product_code=order.product_code,
            channel_code=order.channel_code,
            kind=part.kind,
            basis_points=part.basis_points,
            amount=amount,
            base=base,
            credited_on=order.credited_on,
            recorded_at=work.now,
            source=CreditSource.RECORDED.value,
            source_key=order.source_key,
            reason=order.reason,
            author_id=work.caller.member_id,
        )
        for part, (unit, territory), amount, base in zip(
            order.parts, places, amounts, bases, strict=True
        )
    ]


def divided(amount: int, parts: Sequence[CreditPart]) -> list[int]:
    """Divide an amount: the primary parts sum to it exactly, an overlay part stands for itself."""
    primary = [one.basis_points for one in parts if one.kind == CreditKind.PRIMARY]
    whole = iter(spread(amount, primary))
    return [
        next(whole)
        if one.kind == CreditKind.PRIMARY
        else spread(amount, [one.basis_points, BASIS_POINTS - one.basis_points])[0]
        for one in parts
    ]
