"""The conduct checklist, inspections, and how often each item is met."""

from datetime import date, datetime
from enum import Enum
from typing import Annotated, Final

import strawberry

from service.inspections import commands, tables
from service.inspections.commands import Finding, RecordInspection
from service.inspections.tables import InspectionPart
from service.policies.access import RecordColumns
from service.schema.carry import Payload, the
from service.schema.connections import Connection, Orders, SortKey
from service.schema.filters import (
    DateTimeFilter,
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
from service.schema.mutation import CommandInput, command, given, optional, orders, required
from service.schema.nodes import ID, VERSION, Node, described
from service.schema.organisation.types import Member
from service.schema.planner.mapping import (
    column,
    key,
    name_in,
    names,
    planned,
    sql,
    to_many,
    to_one,
)
from service.schema.reading import one
from service.schema.reception.types import Site
from service.schema.scalars import LocalizedText, LocalizedTextInput, row_id
from service.schema.statistics.counting import by, by_record, counted, number_of, statistics
from service.schema.statistics.fields import statistics_field
from service.schema.statistics.words import (
    HIDDEN,
    MONTH,
    NONE,
    SITE,
    SITE_OF_RECORD,
    local,
    month_of,
)

described(
    InspectionPart,
    "The part of the checklist an item belongs to. Values are added.",
    CONDUCT="How one behaves on the floor.",
    SPEECH="How one speaks.",
    TELEPHONE="How one answers the telephone.",
    RECEPTION="How one receives a visitor.",
    OTHER="Anything else.",
)
_HERE: Final = "service.schema.inspections"
_OF_MEMBER: Final = RecordColumns(
    owner="t.member_id", org_unit="t.org_unit_id", territory="t.territory_id"
)


@planned(tables.InspectionItem, action="inspection_item.view", scope=RecordColumns())
@strawberry.type(description="Something a manager looks at.")
class InspectionItem(Node):
    id: strawberry.ID = key(ID)
    version: int = column("version", VERSION)
    code: str = column("code", "Its code, never used for another.")
    part: InspectionPart = column("part", "The part of the checklist.")
    position: int = column("position", "Its place among the others, ascending.")
    name: str = name_in("names", "What is looked at, in the request's language.")
    names: LocalizedText = names("names", "The same in every language.")
    retired_at: datetime | None = column("retired_at", "Since when it is not looked at.")


@planned(tables.InspectionFinding, action="inspection.view", scope=_OF_MEMBER)
@strawberry.type(description="What an inspection found of one item.")
class InspectionFinding(Node):
    id: strawberry.ID = key(ID)
    inspection: Annotated["Inspection", strawberry.lazy(_HERE)] | None = to_one(
        "inspection_id", "Inspection", "The inspection."
    )
    item: InspectionItem | None = to_one("item_id", "InspectionItem", "What was looked at.")
    member: Member | None = to_one("member_id", "Member", "Whose conduct.")
    at: datetime = column("at", "When.")
    met: bool = column("met", "Whether it was as it should be.")
    remark: str | None = column("remark", "As stated.")


@planned(tables.Inspection, action="inspection.view", scope=_OF_MEMBER)
@strawberry.type(description="A manager looked at a member's conduct.")
class Inspection(Node):
    id: strawberry.ID = key(ID)
    version: int = column("version", VERSION)
    member: Member | None = to_one("member_id", "Member", "Whose conduct.")
    inspector: Member | None = to_one("inspector_id", "Member", "Who looked.")
    site: Site | None = to_one("site_id", "Site", "Where.")
    inspected_at: datetime = column("inspected_at", "When.")
    remark: str | None = column("remark", "As stated.")
    findings: list[InspectionFinding] = to_many(
        "InspectionFinding", "inspection_id", "What was found, item by item.", order="t.id"
    )
    not_met_count: int = sql(
        "(SELECT count(*) FROM app.inspection_finding f WHERE f.tenant_id = $1"
        " AND f.inspection_id = t.id AND NOT f.met)",
        "How many items were not met.",
    )


@strawberry.input(description="Which inspections.")
class InspectionFilter:
    and_: list["InspectionFilter"] | None = every()
    or_: list["InspectionFilter"] | None = some()
    not_: "InspectionFilter | None" = none_of()
    member_id: IdFilter | None = on_id("t.member_id", "member", "By whose conduct.")
    site_id: IdFilter | None = on_id("t.site_id", "site", "By site.")
    inspected_at: DateTimeFilter | None = on("t.inspected_at", "timestamptz", "By instant.")
    org_unit: OrgUnitScope | None = on_org_unit("t.org_unit_id", "By unit.")
    territory: TerritoryScope | None = on_territory("t.territory_id", "By territory.")


@strawberry.input(description="Which findings.")
class InspectionFindingFilter:
    and_: list["InspectionFindingFilter"] | None = every()
    or_: list["InspectionFindingFilter"] | None = some()
    not_: "InspectionFindingFilter | None" = none_of()
    member_id: IdFilter | None = on_id("t.member_id", "member", "By whose conduct.")
    item_id: IdFilter | None = on_id("t.item_id", "inspection_item", "By item.")
    site_id: IdFilter | None = on_id("t.site_id", "site", "By site.")
    at: DateTimeFilter | None = on("t.at", "timestamptz", "By instant.")
    org_unit: OrgUnitScope | None = on_org_unit("t.org_unit_id", "By unit.")
    territory: TerritoryScope | None = on_territory("t.territory_id", "By territory.")


@strawberry.enum(description="What findings are counted by. Values are added.")
class FindingDimension(Enum):
    MEMBER = strawberry.enum_value("MEMBER", description="By whose conduct.")
    ITEM = strawberry.enum_value("ITEM", description="By item.")
    SITE = strawberry.enum_value("SITE", description=SITE)
    MONTH = strawberry.enum_value("MONTH", description=MONTH)


_DAY: Final = local("t.at")


@strawberry.type(description="What a row of findings is about; null where not grouped by that.")
class FindingStatisticsKey:
    member: Member | None = by_record("t.member_id", "Member", "Whose conduct.")
    item: InspectionItem | None = by_record("t.item_id", "InspectionItem", "The item.")
    site: Site | None = by_record("t.site_id", "Site", SITE)
    month: date | None = by(month_of(_DAY), MONTH, zoned=True)
    none: list[FindingDimension] = strawberry.field(description=NONE)
    hidden: list[FindingDimension] = strawberry.field(description=HIDDEN)


@strawberry.type(description="Findings in the caller's sight, counted.")
class FindingStatistics:
    key: FindingStatisticsKey = strawberry.field(description="What the row is about.")
    finding_count: int = counted("count(*)", "How many findings.")
    inspection_count: int = counted("count(DISTINCT t.inspection_id)", "In how many inspections.")
    not_met_count: int = number_of("NOT t.met", "How many were not as they should be.")


FINDINGS: Final = statistics(
    "InspectionFinding",
    FindingStatistics,
    FindingStatisticsKey,
    zone=SITE_OF_RECORD,
    at="t.at",
    day=f"{_DAY}::date",
)


@strawberry.input(description="Something that is looked at from now on.")
class CreateInspectionItemInput(CommandInput):
    code: str = required("Its code, 1 to 64 characters, never used for another.")
    part: InspectionPart = required("The part of the checklist.")
    wording: LocalizedTextInput = required("What is looked at, 1 to 500 characters a language.")
    position: int = strawberry.field(
        default=0, description="Its place among the others, 0 to 10,000."
    )


@strawberry.input(description="Something is not looked at any more.")
class RetireInspectionItemInput(CommandInput):
    item_id: strawberry.ID = required("The item.")


@strawberry.input(description="What was found of one item.")
class InspectionFindingInput:
    item_id: strawberry.ID = required("The item.")
    met: bool = required("Whether it was as it should be.")
    remark: str | None = optional("1 to 500 characters.")


@strawberry.input(description="A manager looked at a member's conduct.")
class RecordInspectionInput(CommandInput):
    member_id: strawberry.ID = required("Whose conduct.")
    site_id: strawberry.ID = required("Where.")
    findings: list[InspectionFindingInput] = required("What was found, 1 to 200 items.")
    remark: str | None = optional("1 to 2,000 characters.")


@strawberry.type(description="`inspectionItem` is null exactly when `errors` is not empty.")
class CreateInspectionItemPayload(Payload):
    inspection_item: InspectionItem | None = strawberry.field(default=None, description="The item.")


@strawberry.type(description="`inspectionItem` is null exactly when `errors` is not empty.")
class RetireInspectionItemPayload(Payload):
    inspection_item: InspectionItem | None = strawberry.field(default=None, description="The item.")


@strawberry.type(description="`inspection` is null exactly when `errors` is not empty.")
class RecordInspectionPayload(Payload):
    inspection: Inspection | None = strawberry.field(default=None, description="The inspection.")


def _recorded(sent: RecordInspectionInput) -> RecordInspection:
    return RecordInspection(
        member_id=row_id(str(sent.member_id), "member", "memberId"),
        site_id=row_id(str(sent.site_id), "site", "siteId"),
        findings=tuple(
            Finding(
                row_id(str(one.item_id), "inspection_item", "findings", str(place), "itemId"),
                one.met,
                given(one.remark),
            )
            for place, one in enumerate(sent.findings)
        ),
        remark=given(sent.remark),
    )


_ITEMS: Final = Orders({"POSITION": SortKey("t.position", "bigint")}, "POSITION")
_INSPECTIONS: Final = Orders(
    {"INSPECTED_AT": SortKey("t.inspected_at", "timestamptz")}, "INSPECTED_AT"
)
_FINDINGS: Final = Orders({"AT": SortKey("t.at", "timestamptz")}, "AT")


@strawberry.type
class InspectionsQuery:
    inspection_item: InspectionItem | None = one(
        InspectionItem, "One item of the checklist; null when there is none in sight."
    )
    inspection_items: Connection[InspectionItem] = listing(
        InspectionItem, _ITEMS, "The conduct checklist, last place first."
    )
    inspection: Inspection | None = one(
        Inspection, "One inspection; null when there is none in sight."
    )
    inspections: Connection[Inspection] = listing(
        Inspection,
        _INSPECTIONS,
        "The inspections in the caller's sight, latest first.",
        filter=InspectionFilter,
    )
    inspection_findings: Connection[InspectionFinding] = listing(
        InspectionFinding,
        _FINDINGS,
        "What inspections found, latest first.",
        filter=InspectionFindingFilter,
    )
    finding_statistics: list[FindingStatistics] = statistics_field(
        FINDINGS,
        "The findings of `inspectionFindings`, counted: a total is the sum of what the caller"
        " could list.",
        dimensions=FindingDimension,
        filter=InspectionFindingFilter,
    )


@strawberry.type
class InspectionsMutation:
    create_inspection_item: CreateInspectionItemPayload = command(
        commands.create_inspection_item,
        orders(commands.CreateInspectionItem),
        CreateInspectionItemInput,
        CreateInspectionItemPayload,
        the(inspection_item=InspectionItem),
        "Adds something that is looked at. Action `inspection_item.edit`.",
    )
    retire_inspection_item: RetireInspectionItemPayload = command(
        commands.retire_inspection_item,
        orders(commands.RetireInspectionItem, item_id="inspection_item"),
        RetireInspectionItemInput,
        RetireInspectionItemPayload,
        the(inspection_item=InspectionItem),
        "Takes something off the checklist; what was found of it stays. Action"
        " `inspection_item.edit`.",
    )
    record_inspection: RecordInspectionPayload = command(
        commands.record_inspection,
        _recorded,
        RecordInspectionInput,
        RecordInspectionPayload,
        the(inspection=Inspection),
        "Keeps what a manager found of a member's conduct; it changes nobody's ownership, and"
        " nobody inspects himself. Action `inspection.record`.",
    )
