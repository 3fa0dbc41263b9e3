"""What counts toward metrics: entry by entry, by day, recorded and taken back."""

from datetime import date, datetime
from operator import attrgetter
from typing import Annotated, Final

import strawberry

from service.credits import commands, tables
from service.credits.commands import CreditPart, RecordMetricCredit
from service.credits.tables import CreditKind, CreditSource
from service.schema.carry import Payload, Records
from service.schema.connections import Connection, Orders, SortKey
from service.schema.customers import Party
from service.schema.filters import (
    DateFilter,
    IdFilter,
    OrgUnitScope,
    TerritoryScope,
    every,
    none_of,
    on,
    on_id,
    on_org_unit,
    on_territory,
    some,
)
from service.schema.listing import listing
from service.schema.mutation import (
    CommandInput,
    command,
    given,
    optional,
    order_of,
    orders,
    required,
)
from service.schema.nodes import ID, Node, described
from service.schema.organisation.types import Member, OrgUnit, Territory
from service.schema.ownership.types import Deal
from service.schema.planner.commanded import Shows
from service.schema.planner.mapping import column, key, planned, sql, to_one
from service.schema.reading import one
from service.schema.scalars import BigInt, row_id
from service.schema.targets.types import PLACE, Metric

described(
    CreditKind,
    "Whether an amount is part of the company's total. Values are added.",
    PRIMARY="It is: all primary shares of an amount make up the whole.",
    OVERLAY="It stands beside the total, as a specialist's part in another's business.",
)
described(
    CreditSource,
    "What made an amount count. Values are added.",
    DEAL="A deal whose credit is final, or its contract, by what the metric counts.",
    VISIT="A visit that somebody received.",
    CUSTOMER="A customer registered for the first time.",
    RECORDED="Somebody, or another system, recorded it.",
)
_HERE: Final = "service.schema.boards.ledger"
_AMOUNT: Final = "In whole units: minor units, pieces, or the upper part of a ratio."


@planned(tables.MetricCredit, action="metric_credit.view", scope=PLACE)
@strawberry.type(description="A share of an amount that counts toward a metric; it never changes.")
class MetricCredit(Node):
    id: strawberry.ID = key(ID)
    metric: Metric | None = to_one("metric_id", "Metric", "What is counted.")
    member: Member | None = to_one("member_id", "Member", "Whose it is; null is the company's.")
    org_unit: OrgUnit | None = to_one("org_unit_id", "OrgUnit", "The unit where it counts.")
    territory: Territory | None = to_one(
        "territory_id", "Territory", "The territory where it counts, as things stood that day."
    )
    deal: Deal | None = to_one("deal_id", "Deal", "The deal behind it.")
    party: Party | None = to_one("party_id", "Party", "The customer of whom it is, if known.")
    kind: CreditKind = column("kind", "Whether it is part of the company's total.")
    basis_points: int = column("basis_points", "The share, in ten-thousandths.")
    amount: BigInt = sql("t.amount", _AMOUNT)
    base: BigInt | None = sql("t.base", "The lower part of a ratio; null for other metrics.")
    product_code: str | None = column("product_code", "The product.")
    channel_code: str | None = column("channel_code", "The channel through which it came.")
    credited_on: date = column("credited_on", "The day on which it counts.")
    recorded_at: datetime = column("recorded_at", "When it was recorded.")
    source: CreditSource = column("source", "What made it count.")
    source_key: str = column("source_key", "The same by name; it counts once.")
    reason: str | None = column("reason", "As stated.")
    reverses: Annotated["MetricCredit", strawberry.lazy(_HERE)] | None = to_one(
        "reverses_id", "MetricCredit", "The entry it takes back."
    )


@planned(tables.MetricCreditDay, action="metric_credit.view", scope=PLACE)
@strawberry.type(description="What counted on one day for one metric, place and person.")
class MetricCreditDay(Node):
    id: strawberry.ID = key(ID)
    metric: Metric | None = to_one("metric_id", "Metric", "What is counted.")
    kind: CreditKind = column("kind", "Whether it is part of the company's total.")
    credited_on: date = column("credited_on", "The day.")
    member: Member | None = to_one("member_id", "Member", "Whose it is; null is the company's.")
    org_unit: OrgUnit | None = to_one("org_unit_id", "OrgUnit", "The unit where it counts.")
    territory: Territory | None = to_one("territory_id", "Territory", "The territory.")
    amount: BigInt = sql("t.amount", _AMOUNT)
    base: BigInt = sql("t.base", "The lower part of a ratio; 0 for other metrics.")
    entry_count: int = column("entry_count", "How many entries it is the sum of.")


@strawberry.input(description="Which entries.")
class MetricCreditFilter:
    and_: list["MetricCreditFilter"] | None = every()
    or_: list["MetricCreditFilter"] | None = some()
    not_: "MetricCreditFilter | None" = none_of()
    metric_id: IdFilter | None = on_id("t.metric_id", "metric", "By metric.")
    member_id: IdFilter | None = on_id("t.member_id", "member", "By whose it is.")
    deal_id: IdFilter | None = on_id("t.deal_id", "deal", "By deal.")
    org_unit: OrgUnitScope | None = on_org_unit("t.org_unit_id", "By unit.")
    territory: TerritoryScope | None = on_territory("t.territory_id", "By territory.")
    credited_on: DateFilter | None = on("t.credited_on", "date", "By day.")


@strawberry.input(description="Which days.")
class MetricCreditDayFilter:
    and_: list["MetricCreditDayFilter"] | None = every()
    or_: list["MetricCreditDayFilter"] | None = some()
    not_: "MetricCreditDayFilter | None" = none_of()
    metric_id: IdFilter | None = on_id("t.metric_id", "metric", "By metric.")
    member_id: IdFilter | None = on_id("t.member_id", "member", "By whose it is.")
    org_unit: OrgUnitScope | None = on_org_unit("t.org_unit_id", "By unit.")
    territory: TerritoryScope | None = on_territory("t.territory_id", "By territory.")
    credited_on: DateFilter | None = on("t.credited_on", "date", "By day.")


@strawberry.input(description="Whose part of an amount it is.")
class CreditPartInput:
    basis_points: int = required("The share, 0 to 10,000; all PRIMARY parts sum to 10,000.")
    member_id: strawberry.ID | None = optional("Whose; left out, the company's own.")
    kind: CreditKind = strawberry.field(
        default=CreditKind.PRIMARY, description="Whether it is part of the company's total."
    )


@strawberry.input(description="An amount counts toward a metric.")
class RecordMetricCreditInput(CommandInput):
    metric_id: strawberry.ID = required("The metric.")
    source_key: str = required(
        "The sender's own name of what makes it count, 1 to 200 characters: it counts once."
    )
    amount: BigInt = required("In whole units; below 0 for a refund, 10^15 at most.")
    credited_on: date = required("The day on which it counts, today or earlier.")
    parts: list[CreditPartInput] = required("Whose it is, 1 to 50 parts.")
    base: BigInt | None = optional("The lower part of a ratio; of RATIO metrics alone.")
    territory_id: strawberry.ID | None = optional(
        "Where it counts; left out, where each member belonged on the day."
    )
    party_id: strawberry.ID | None = optional(
        "The customer of whom it is; what he brought is his share of his territory's target when he"
        " goes to another."
    )
    product_code: str | None = optional("The product, 1 to 64 characters.")
    channel_code: str | None = optional(
        "The channel through which it came, as targets name it, 1 to 64 characters."
    )
    reason: str | None = optional("1 to 500 characters.")


@strawberry.input(description="An amount that counted is taken back, with all its shares.")
class ReverseMetricCreditInput(CommandInput):
    credit_id: strawberry.ID = required("One of its entries.")
    reason: str = required("Why, 1 to 500 characters.")
    restated: bool = strawberry.field(
        default=False,
        description="Whether it counts on the day the amount counted, while no plan of that day"
        " is closed; otherwise on the day of the cancellation.",
    )
    reversed_on: date | None = optional("The day of the cancellation; left out, today.")


@strawberry.type(description="`metricCredits` is empty when `errors` is not.")
class _OfCredits(Payload):
    metric_credits: list[MetricCredit] = strawberry.field(
        default_factory=list, description="The entries, in the order of the parts."
    )


@strawberry.type(description="`metricCredits` is empty when `errors` is not.")
class RecordMetricCreditPayload(_OfCredits):
    pass


@strawberry.type(description="`metricCredits` is empty when `errors` is not.")
class ReverseMetricCreditPayload(_OfCredits):
    pass


def _part(place: int, sent: CreditPartInput) -> CreditPart:
    member = given(sent.member_id)
    where = ("parts", str(place), "memberId")
    member_id = None if member is None else row_id(str(member), "member", *where)
    return order_of(CreditPart, sent, {}, member_id=member_id)


def _recorded(sent: RecordMetricCreditInput) -> RecordMetricCredit:
    parts = tuple(_part(place, one) for place, one in enumerate(sent.parts))
    ids = {"metric_id": "metric", "territory_id": "territory", "party_id": "party"}
    return order_of(RecordMetricCredit, sent, ids, parts=parts)


_ENTRIES: Final = Records(
    {"metric_credits": Shows("MetricCredit", attrgetter("credit_ids"), order="t.id")}
)
_BY_DAY: Final = Orders({"CREDITED_ON": SortKey("t.credited_on", "date")}, "CREDITED_ON")


@strawberry.type
class CreditLedgerQuery:
    metric_credit: MetricCredit | None = one(
        MetricCredit, "One entry of what counts; null when there is none in sight."
    )
    metric_credits: Connection[MetricCredit] = listing(
        MetricCredit,
        _BY_DAY,
        "What counts toward metrics, entry by entry, latest day first.",
        filter=MetricCreditFilter,
    )
    metric_credit_days: Connection[MetricCreditDay] = listing(
        MetricCreditDay,
        _BY_DAY,
        "What counts toward metrics, summed by day, place and person, latest day first.",
        filter=MetricCreditDayFilter,
    )


@strawberry.type
class CreditLedgerMutation:
    record_metric_credit: RecordMetricCreditPayload = command(
        commands.record_metric_credit,
        _recorded,
        RecordMetricCreditInput,
        RecordMetricCreditPayload,
        _ENTRIES,
        "Lets an amount count toward a metric, divided among those it belongs to; a second time"
        " under the same key is refused. Of a metric that counts contracts recorded for deals"
        " nothing above 0 is taken (`CONTRACTS_ARE_COUNTED`). Action `metric_credit.record`.",
    )
    reverse_metric_credit: ReverseMetricCreditPayload = command(
        commands.reverse_metric_credit,
        orders(commands.ReverseMetricCredit, credit_id="metric_credit"),
        ReverseMetricCreditInput,
        ReverseMetricCreditPayload,
        _ENTRIES,
        "Takes an amount back by entries of its own: the day it counted stays as it was, or is"
        " restated. Action `metric_credit.record`.",
    )
