"""Cases of misconduct: what was found, what fell with it, what was done about it."""

from datetime import date, datetime
from typing import Final

import strawberry

from service.ownership import commands, tables
from service.ownership.tables import FindingScope
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
from service.schema.journal import Decision
from service.schema.listing import listing
from service.schema.mutation import CommandInput, command, orders, required
from service.schema.nodes import ID, VERSION, Node, described
from service.schema.organisation.types import Member
from service.schema.ownership.types import RegisterBook, Registration
from service.schema.planner.mapping import column, key, planned, sql, to_one
from service.schema.reading import one
from service.schema.reception.types import Site

described(
    FindingScope,
    "How much of a register falls with a finding. Values are added.",
    WHOLE_REGISTER="All of it up to the finding.",
    ENTRY="The entry named.",
    PERIOD="The entries of the days named.",
)


@planned(
    tables.PenaltyCase,
    action="penalty_case.view",
    scope=RecordColumns(owner="t.member_id", org_unit="t.org_unit_id", territory="t.territory_id"),
)
@strawberry.type(description="A member's misconduct as a manager found it.")
class PenaltyCase(Node):
    id: strawberry.ID = key(ID)
    version: int = column("version", VERSION)
    member: Member | None = to_one("member_id", "Member", "Whose misconduct.")
    site: Site | None = to_one("site_id", "Site", "Where.")
    register_book: RegisterBook | None = to_one(
        "register_book_id", "RegisterBook", "The register concerned."
    )
    found_at: datetime = column("found_at", "When it was found.")
    found_by: Member | None = to_one("found_by", "Member", "By which manager.")
    scope: FindingScope = column("scope", "How much of the register became void.")
    named_registration: Registration | None = to_one(
        "named_registration_id", "Registration", "The entry that the finding named, if any."
    )
    first_day: date | None = column("first_day", "First of the days it named, if any.")
    last_day: date | None = column("last_day", "Last of them; null counts up to the finding.")
    reason: str = column("reason", "The finding, as stated.")
    void_registration_count: int = sql(
        "cardinality(t.registration_ids)", "How many registrations became void."
    )
    decision: Decision | None = to_one("decision_id", "Decision", "Why so much fell.")
    measure: str | None = column("measure", "What was done about it; null while it is open.")
    closed_at: datetime | None = column("closed_at", "When that was put on record.")


@strawberry.input(description="Which cases of misconduct.")
class PenaltyCaseFilter:
    and_: list["PenaltyCaseFilter"] | None = every()
    or_: list["PenaltyCaseFilter"] | None = some()
    not_: "PenaltyCaseFilter | None" = none_of()
    member_id: IdFilter | None = on_id("t.member_id", "member", "By whose misconduct.")
    site_id: IdFilter | None = on_id("t.site_id", "site", "By site.")
    found_at: DateTimeFilter | None = on("t.found_at", "timestamptz", "By finding.")
    org_unit: OrgUnitScope | None = on_org_unit("t.org_unit_id", "By unit.")
    territory: TerritoryScope | None = on_territory("t.territory_id", "By territory.")


@strawberry.input(description="What was done about a case of misconduct.")
class ClosePenaltyCaseInput(CommandInput):
    penalty_case_id: strawberry.ID = required("The case.")
    measure: str = required("What was done, 1 to 2,000 characters.")


@strawberry.type(description="`penaltyCase` is null exactly when `errors` is not empty.")
class ClosePenaltyCasePayload(Payload):
    penalty_case: PenaltyCase | None = strawberry.field(default=None, description="The case.")


_CASES: Final = Orders({"FOUND_AT": SortKey("t.found_at", "timestamptz")}, "FOUND_AT")


@strawberry.type
class PenaltiesQuery:
    penalty_case: PenaltyCase | None = one(
        PenaltyCase, "One case of misconduct; null when there is none in sight."
    )
    penalty_cases: Connection[PenaltyCase] = listing(
        PenaltyCase,
        _CASES,
        "The cases of misconduct in the caller's sight, latest first.",
        filter=PenaltyCaseFilter,
    )


@strawberry.type
class PenaltiesMutation:
    close_penalty_case: ClosePenaltyCasePayload = command(
        commands.close_penalty_case,
        orders(commands.ClosePenaltyCase, penalty_case_id="penalty_case"),
        ClosePenaltyCaseInput,
        ClosePenaltyCasePayload,
        the(penalty_case=PenaltyCase),
        "Puts on record what was done about a case of misconduct, once. Action"
        " `penalty_case.close`.",
    )
