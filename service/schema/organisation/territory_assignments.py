"""Who answers for which territory from which day, and which seats are empty."""

from datetime import date, datetime
from enum import Enum

import strawberry

from service.policies.access import RecordColumns
from service.schema.carry import Payload, the
from service.schema.connections import Connection, Orders, SortKey
from service.schema.filters import (
    DateFilter,
    Filter,
    IdFilter,
    TerritoryScope,
    every,
    none_of,
    on,
    on_id,
    on_territory,
    some,
)
from service.schema.listing import listing
from service.schema.mutation import CommandInput, command, optional, orders, required
from service.schema.nodes import CREATED_AT, ID, VERSION, Node, described
from service.schema.organisation.types import TODAY, Member, Territory
from service.schema.planner.mapping import (
    Possible,
    allowed_actions,
    column,
    key,
    planned,
    sql,
    to_one,
)
from service.territories import commands, tables
from service.territories.tables import TerritoryRole

described(
    TerritoryRole,
    "What part a member has in a territory. Values are added.",
    OWNER="Answers for it; one at a time.",
    MANAGER="Leads the people in it.",
    REP="Sells in it.",
    OVERLAY="Helps to sell there, a specialist; his credit is beside the company's total.",
)


_OPEN = f"(t.valid_until IS NULL OR t.valid_until > {TODAY})"


@strawberry.enum(description="What may be done with a territory's assignment. Values are added.")
class TerritoryAssignmentAction(Enum):
    END = strawberry.enum_value("END", description="`endTerritoryAssignment`.")
    TAKE_OVER = strawberry.enum_value("TAKE_OVER", description="`assignTerritory` instead of it.")


@planned(
    tables.TerritoryAssignment,
    action="territory.view",
    scope=RecordColumns(territory="t.territory_id"),
    condition="(t.valid_until IS DISTINCT FROM t.valid_from)",
)
@strawberry.type(
    description="That a member has a part in a territory, by days; or that a seat there is empty."
)
class TerritoryAssignment(Node):
    id: strawberry.ID = key(ID)
    version: int = column("version", VERSION)
    territory: Territory | None = to_one("territory_id", "Territory", "The territory.")
    role: TerritoryRole = column("role", "The part.")
    member: Member | None = to_one(
        "member_id", "Member", "Who has it; null where `vacant`, and out of sight."
    )
    vacant: bool = sql("t.member_id IS NULL", "Whether the seat is empty.")
    valid_from: date = column("valid_from", "First day.")
    valid_until: date | None = column("valid_until", "First day without; null: no end.")
    created_at: datetime = column("created_at", CREATED_AT)
    allowed_actions: list[TerritoryAssignmentAction] = allowed_actions(
        "Commands the caller could issue now.",
        END=Possible("territory.assign", _OPEN),
        TAKE_OVER=Possible("territory.assign", _OPEN),
    )


@strawberry.input(description="Which assignments of territories.")
class TerritoryAssignmentFilter:
    and_: list["TerritoryAssignmentFilter"] | None = every()
    or_: list["TerritoryAssignmentFilter"] | None = some()
    not_: "TerritoryAssignmentFilter | None" = none_of()
    id: IdFilter | None = on_id("t.id", "territory_assignment", "By id.")
    territory: TerritoryScope | None = on_territory("t.territory_id", "By territory.")
    member_id: IdFilter | None = on_id(
        "t.member_id", "member", "By member; `isNull` finds the empty seats."
    )
    role: Filter[TerritoryRole] | None = on("t.role", "text", "By part.")
    valid_from: DateFilter | None = on("t.valid_from", "date", "By first day.")


@strawberry.input(description="A member takes a part in a territory, or a seat is opened empty.")
class AssignTerritoryInput(CommandInput):
    territory_id: strawberry.ID = required("The territory.")
    role: TerritoryRole = required("The part.")
    member_id: strawberry.ID | None = optional("Who; left out, the seat is empty.")
    instead_of_id: strawberry.ID | None = optional(
        "The assignment whose seat he takes over, of this territory and part; it ends when this"
        " begins."
    )
    valid_from: date | None = optional("First day, today or later; left out, today.")
    valid_until: date | None = optional("First day without; left out, no end.")


@strawberry.input(description="A part in a territory ends.")
class EndTerritoryAssignmentInput(CommandInput):
    assignment_id: strawberry.ID = required("The assignment.")
    expected_version: int = required("The version the caller has seen.")
    valid_until: date | None = optional("First day without, today or later; left out, today.")
    vacant: bool = strawberry.field(
        default=True, description="Whether the seat stays, empty, until somebody takes it over."
    )


@strawberry.type(description="`assignment` is null exactly when `errors` is not empty.")
class AssignTerritoryPayload(Payload):
    assignment: TerritoryAssignment | None = strawberry.field(
        default=None, description="The assignment."
    )


@strawberry.type(description="`territory` is null exactly when `errors` is not empty.")
class EndTerritoryAssignmentPayload(Payload):
    territory: Territory | None = strawberry.field(
        default=None, description="The territory, without what ended."
    )


@strawberry.type
class TerritoryAssignmentsQuery:
    territory_assignments: Connection[TerritoryAssignment] = listing(
        TerritoryAssignment,
        Orders({"VALID_FROM": SortKey("t.valid_from", "date")}, usual="VALID_FROM"),
        "Who has, had or will have which part in which territory, the last to begin first.",
        filter=TerritoryAssignmentFilter,
    )


@strawberry.type
class TerritoryAssignmentsMutation:
    assign_territory: AssignTerritoryPayload = command(
        commands.assign_territory,
        orders(
            commands.AssignTerritory,
            territory_id="territory",
            member_id="member",
            instead_of_id="territory_assignment",
        ),
        AssignTerritoryInput,
        AssignTerritoryPayload,
        the(assignment=TerritoryAssignment),
        "Gives a member a part in a territory by whole days, in a seat of his own or in another's"
        " stead; or opens an empty seat. A second owner is refused. What he may do there comes from"
        " his roles (`assignRole`). Action `territory.assign`.",
    )
    end_territory_assignment: EndTerritoryAssignmentPayload = command(
        commands.end_territory_assignment,
        orders(commands.EndTerritoryAssignment, assignment_id="territory_assignment"),
        EndTerritoryAssignmentInput,
        EndTerritoryAssignmentPayload,
        the(territory=Territory),
        "Ends a part in a territory; the seat stays empty unless it is given up too. Action"
        " `territory.assign`.",
    )
