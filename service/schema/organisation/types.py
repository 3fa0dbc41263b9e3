"""Units, territories, members, roles, duties, and who holds them when."""

from datetime import date, datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from service.organisation import tables
from service.organisation.tables import MemberState
from service.organisation.territory_tree import parent_at
from service.policies.access import RecordColumns
from service.schema.connections import Connection, Orders, SortKey
from service.schema.context import Info
from service.schema.costs import long_list, reference
from service.schema.filters import (
    Filter,
    IdFilter,
    OrgUnitScope,
    TerritoryScope,
    TextFilter,
    every,
    none_of,
    on,
    on_id,
    on_org_unit,
    on_territory,
    some,
)
from service.schema.listing import listing
from service.schema.nodes import CREATED_AT, ID, VERSION, Node, described
from service.schema.ordering import orders_of
from service.schema.organisation.clocks import DutyClock, clock_shown, planned_clock
from service.schema.organisation.vocabulary import AccessVocabulary, vocabulary
from service.schema.planner.finishing import Finishing
from service.schema.planner.mapping import (
    PLANNED,
    Finished,
    Possible,
    Whole,
    allowed_actions,
    column,
    key,
    mapping_of,
    name_in,
    names,
    planned,
    relation,
    sql,
    to_many,
    to_one,
)
from service.schema.reading import one
from service.schema.scalars import LocaleTag, LocalizedText
from service.schema.searching import BY_FORM, Search
from service.territories.tables import Territory as TerritoryTable

if TYPE_CHECKING:
    from service.schema.organisation.territory_assignments import TerritoryAssignment

described(
    MemberState,
    "Whether a member works here. Values are added.",
    ACTIVE="Works here and may sign in.",
    LEFT="Has left; the records stay.",
)
# The roles a member holds today, with all the roles those include.
_MY_ROLES = """
WITH RECURSIVE mine AS (
    SELECT a.role_id FROM app.assignment a
    WHERE a.tenant_id = $1 AND a.member_id = {me} AND a.valid_from <= {now}
      AND (a.valid_until IS NULL OR a.valid_until > {now})
    UNION
    SELECT ri.included_role_id FROM app.role_inclusion ri
    JOIN mine ON mine.role_id = ri.role_id WHERE ri.tenant_id = $1)
SELECT role_id FROM mine
"""
_IN_USE = (
    "EXISTS (SELECT FROM app.{table} u WHERE u.tenant_id = $1 AND u.id = t.{table}_id"
    " AND u.retired_at IS NULL)"
)
TODAY = "({now} AT TIME ZONE (SELECT z.time_zone FROM app.tenant z WHERE z.tenant_id = $1))::date"
_PLACE = RecordColumns(owner="s.owner_id", org_unit="s.org_unit_id", territory="s.territory_id")


@planned(tables.OrgUnit, action="org_unit.view", scope=RecordColumns(org_unit="t.id"))
@strawberry.type(description="A node of the company tree: group, region, city, project, team.")
class OrgUnit(Node):
    id: strawberry.ID = key(ID)
    version: int = column("version", VERSION)
    code: str = column("code", "Unique within the tenant.")
    kind: str = column("kind", "The level, a code of the tenant's template.")
    name: str = name_in("names", "In the request's language.")
    names: LocalizedText = names("names", "In all languages.")
    parent: "OrgUnit | None" = to_one("parent_id", "OrgUnit", "The unit above; null at the top.")
    valid_from: date = column("valid_from", "First day.")
    valid_until: date | None = column("valid_until", "First day it is no more; null while it is.")


@planned(TerritoryTable, action="territory.view", scope=RecordColumns(territory="t.id"))
@strawberry.type(description="A node of the territory tree.")
class Territory(Node):
    id: strawberry.ID = key(ID)
    version: int = column("version", VERSION)
    code: str = column("code", "Unique within the tenant.")
    dimension: str = column("dimension", "What the tree divides by, a code of the template.")
    name: str = name_in("names", "In the request's language.")
    names: LocalizedText = names("names", "In all languages.")
    parent: "Territory | None" = relation(
        parent_at("{now}", "t.id"),
        "Territory",
        "The one above in the model in force; null at the top, or without a place.",
    )
    retired_at: datetime | None = column("retired_at", "When it was retired; null while in use.")
    assignments: list[
        Annotated[
            "TerritoryAssignment",
            strawberry.lazy("service.schema.organisation.territory_assignments"),
        ]
    ] = to_many(
        "TerritoryAssignment",
        "territory_id",
        "Who has which part in it today, and which seats are empty.",
        order="t.role, t.valid_from, t.id",
        condition=f"t.valid_from <= {TODAY} AND (t.valid_until IS NULL OR t.valid_until > {TODAY})",
    )


@planned(
    tables.Duty,
    action="duty.view",
    scope=RecordColumns(owner="s.owner_id"),
    places=(
        "SELECT {me} AS owner_id WHERE t.id IN (SELECT rd.duty_id FROM app.role_duty rd"
        f" WHERE rd.tenant_id = $1 AND rd.role_id IN ({_MY_ROLES}))"
    ),
    hidden={"clock": "t.obligation->'clock'"},
)
@strawberry.type(description="One line of a duty sheet: what is to be done, and the rights to it.")
class Duty(Node):
    id: strawberry.ID = key(ID)
    version: int = column("version", VERSION)
    code: str = column("code", "Unique within the tenant.")
    name: str = name_in("wording", "The wording, in the request's language.")
    wording: LocalizedText = names("wording", "The wording in all languages.")
    sources: list[str] = column("sources", "Lines of published job descriptions it comes from.")
    metric: str | None = column("metric", "Code of the metric it answers for.")
    obligation_kind: str | None = sql(
        "t.obligation->>'kind'",
        "What must be done, a word of the duty vocabulary; null if nothing.",
    )
    obligation_evidence: str | None = sql(
        "t.obligation->>'evidence'", "Which record shows that it was done."
    )
    built_in: bool = column("built_in", "Came with the template.")
    retired_at: datetime | None = column("retired_at", "When it was retired; null while in use.")
    permissions: list["DutyPermission"] = to_many(
        "DutyPermission", "duty_id", "The rows of authority it gives.", order="t.object, t.action"
    )
    roles: list["RoleDuty"] = to_many(
        "RoleDuty",
        "duty_id",
        "The roles in use that have it themselves, one line each.",
        condition=_IN_USE.format(table="role"),
    )
    clock: strawberry.Private[dict[str, Any] | None]

    @strawberry.field(
        description="By when what it makes owe is due; null if nothing.",
        metadata={PLANNED: planned_clock("t.obligation->'clock'")},
    )
    async def obligation_clock(self, info: Info) -> DutyClock | None:
        return await clock_shown(info, self.clock)


@planned(
    tables.DutyPermission,
    action="duty.view",
    scope=RecordColumns(owner="s.owner_id"),
    places=(
        "SELECT {me} AS owner_id WHERE t.duty_id IN (SELECT rd.duty_id FROM app.role_duty rd"
        f" WHERE rd.tenant_id = $1 AND rd.role_id IN ({_MY_ROLES}))"
    ),
)
@strawberry.type(description="One row of authority of a duty.")
class DutyPermission(Node):
    id: strawberry.ID = key(ID)
    action: str = sql("t.object || '.' || t.action", "Object and action, like `visit.record`.")
    scope: str = column("scope", "own, team, territory or tenant; each includes those before it.")
    limit: str | None = column("limit", "A bound on a figure, like `discount_bp<=300`.")
    effect: str = column("effect", "allow or deny; one deny outweighs every allow.")


@planned(
    tables.Role,
    action="role.view",
    scope=RecordColumns(owner="s.owner_id"),
    places=f"SELECT {{me}} AS owner_id WHERE t.id IN ({_MY_ROLES})",
)
@strawberry.type(description="A named set of duties.")
class Role(Node):
    id: strawberry.ID = key(ID)
    version: int = column("version", VERSION)
    code: str = column("code", "Unique within the tenant.")
    name: str = name_in("names", "In the request's language.")
    names: LocalizedText = names("names", "In all languages.")
    built_in: bool = column("built_in", "Came with the template.")
    retired_at: datetime | None = column("retired_at", "When it was retired; null while in use.")
    duties: list["RoleDuty"] = to_many(
        "RoleDuty",
        "role_id",
        "Its own duties in use, one line each; retired ones give nothing and are left out.",
        condition=_IN_USE.format(table="duty"),
    )
    included_roles: list["RoleInclusion"] = to_many(
        "RoleInclusion", "role_id", "The roles whose duties it has besides."
    )
    holders: list["Assignment"] = long_list(
        to_many(
            "Assignment",
            "role_id",
            "Who holds it now, as far as in the caller's sight.",
            order="t.valid_from, t.id",
            condition="t.valid_from <= {now} AND (t.valid_until IS NULL OR t.valid_until > {now})",
        )
    )


@planned(
    tables.RoleDuty,
    action="role.view",
    scope=RecordColumns(owner="s.owner_id"),
    places=f"SELECT {{me}} AS owner_id WHERE t.role_id IN ({_MY_ROLES})",
)
@strawberry.type(description="That a role has a duty.")
class RoleDuty(Node):
    id: strawberry.ID = key(ID)
    duty: Duty | None = to_one("duty_id", "Duty", "The duty; null when out of sight.")
    role: Role | None = to_one("role_id", "Role", "The role; null when out of sight.")


@planned(tables.SeparatedDuties, action="duty.view", scope=RecordColumns())
@strawberry.type(description="Two duties that no role and no member may hold together.")
class DutySeparation(Node):
    id: strawberry.ID = key(ID)
    duty: Duty | None = to_one("duty_id", "Duty", "One of them; null when out of sight.")
    other_duty: Duty | None = to_one("other_duty_id", "Duty", "The other; null out of sight.")
    reason: str = name_in("reason", "Why, in the request's language.")
    reasons: LocalizedText = names("reason", "Why, in all languages.")


@planned(
    tables.RoleInclusion,
    action="role.view",
    scope=RecordColumns(owner="s.owner_id"),
    places=f"SELECT {{me}} AS owner_id WHERE t.role_id IN ({_MY_ROLES})",
)
@strawberry.type(description="That a role has all duties of another.")
class RoleInclusion(Node):
    id: strawberry.ID = key(ID)
    role: Role | None = to_one("included_role_id", "Role", "The other role; null out of sight.")


@strawberry.enum(description="What may be done with a member. Values are added.")
class MemberAction(Enum):
    EDIT = strawberry.enum_value("EDIT", description="`editMember`.")
    LEAVE = strawberry.enum_value("LEAVE", description="`leaveMember`.")
    ASSIGN_ROLE = strawberry.enum_value("ASSIGN_ROLE", description="`assignRole`.")
    RECORD_LEAVE = strawberry.enum_value("RECORD_LEAVE", description="`recordLeave`.")


@planned(
    tables.Member,
    action="member.view",
    scope=RecordColumns(
        owner="t.id", org_unit="t.org_unit_id", territory="t.territory_id", requester="t.id"
    ),
    hidden={"shown_name": "t.name"},
)
@strawberry.type(description="A person of the tenant: rep, manager, clerk, administrator.")
class Member(Node):
    id: strawberry.ID = key(ID)
    version: int = column("version", VERSION)
    name: str = column("name", "As colleagues call him.")
    staff_code: str = column("staff_code", "Unique within the tenant.")
    state: MemberState = column("state", "Whether he works here.")
    org_unit: OrgUnit | None = to_one("org_unit_id", "OrgUnit", "The unit he belongs to.")
    territory: Territory | None = to_one("territory_id", "Territory", "His territory.")
    locale: LocaleTag | None = column("locale", "His language; null takes the tenant's.")
    hired_on: date | None = column("hired_on", "First day of work.")
    left_on: date | None = column("left_on", "Last day of work; null while he works here.")
    created_at: datetime = column("created_at", CREATED_AT)
    assignments: list["Assignment"] = to_many(
        "Assignment", "member_id", "The roles he holds or held.", order="t.valid_from, t.id"
    )
    allowed_actions: list[MemberAction] = allowed_actions(
        "Commands the caller could issue now.",
        EDIT=Possible("member.edit", "t.state = 'ACTIVE'"),
        LEAVE=Possible("member.leave", "t.state = 'ACTIVE'"),
        ASSIGN_ROLE=Possible("assignment.create", "t.state = 'ACTIVE'"),
        RECORD_LEAVE=Possible("leave.record", "t.state = 'ACTIVE'"),
    )


@planned(
    tables.Assignment,
    action="assignment.view",
    scope=RecordColumns(owner="t.member_id", org_unit="t.org_unit_id", territory="t.territory_id"),
)
@strawberry.type(description="That a member holds a role at a place, from an instant on.")
class Assignment(Node):
    id: strawberry.ID = key(ID)
    version: int = column("version", VERSION)
    member: Member | None = to_one("member_id", "Member", "Who holds it.")
    role: Role | None = to_one("role_id", "Role", "The role; null when out of sight.")
    org_unit: OrgUnit | None = to_one("org_unit_id", "OrgUnit", "At which unit; null everywhere.")
    territory: Territory | None = to_one("territory_id", "Territory", "For which territory.")
    valid_from: datetime = column("valid_from", "From then on.")
    valid_until: datetime | None = column("valid_until", "First instant without; null: no end.")


@planned(
    tables.Delegation,
    action="delegation.view",
    scope=_PLACE,
    places=(
        "SELECT m.id AS owner_id, m.org_unit_id, m.territory_id FROM app.member m"
        " WHERE m.tenant_id = $1 AND m.id IN (t.from_member_id, t.to_member_id)"
    ),
)
@strawberry.type(description="That a member stands in for another, for listed commands.")
class Delegation(Node):
    id: strawberry.ID = key(ID)
    version: int = column("version", VERSION)
    from_member: Member | None = to_one("from_member_id", "Member", "Who is absent.")
    to_member: Member | None = to_one("to_member_id", "Member", "Who stands in.")
    commands: list[str] = column("commands", "The actions delegated, like `visit.reassign`.")
    valid_from: datetime = column("valid_from", "From then on.")
    valid_until: datetime = column("valid_until", "First instant without.")
    ended_at: datetime | None = column("ended_at", "When it was ended early.")


@strawberry.input(description="Which members.")
class MemberFilter:
    and_: list["MemberFilter"] | None = every()
    or_: list["MemberFilter"] | None = some()
    not_: "MemberFilter | None" = none_of()
    id: IdFilter | None = on_id("t.id", "member", "By id.")
    state: Filter[MemberState] | None = on("t.state", "text", "By state.")
    name: TextFilter | None = on("t.name", "text", "By name.")
    staff_code: TextFilter | None = on("t.staff_code", "text", "By staff code.")
    org_unit_id: IdFilter | None = on_id("t.org_unit_id", "org_unit", "By unit.")
    org_unit: OrgUnitScope | None = on_org_unit("t.org_unit_id", "By unit.")
    territory: TerritoryScope | None = on_territory("t.territory_id", "By territory.")


@strawberry.input(description="Which assignments.")
class AssignmentFilter:
    and_: list["AssignmentFilter"] | None = every()
    or_: list["AssignmentFilter"] | None = some()
    not_: "AssignmentFilter | None" = none_of()
    id: IdFilter | None = on_id("t.id", "assignment", "By id.")
    member_id: IdFilter | None = on_id("t.member_id", "member", "By who holds it.")
    role_id: IdFilter | None = on_id("t.role_id", "role", "By role.")
    org_unit_id: IdFilter | None = on_id(
        "t.org_unit_id", "org_unit", "By unit; `isNull` finds those that hold everywhere."
    )
    org_unit: OrgUnitScope | None = on_org_unit("t.org_unit_id", "By unit.")
    territory: TerritoryScope | None = on_territory("t.territory_id", "By territory.")


_MEMBERS = orders_of(
    "Member",
    "members",
    {
        "NAME": (SortKey("t.name", "text"), "By name, in code point order."),
        "CREATED_AT": (SortKey("t.created_at", "timestamptz"), "By when they were recorded."),
    },
    "NAME",
    descending=False,
)
BY_CODE = Orders({"CODE": SortKey("t.code", "text")}, usual="CODE", descending=False)
_DELEGATIONS = Orders({"VALID_UNTIL": SortKey("t.valid_until", "timestamptz")}, "VALID_UNTIL")
_ASSIGNMENTS = Orders({"CREATED_AT": SortKey("t.created_at", "timestamptz")}, usual="CREATED_AT")


async def _finish_vocabulary(
    finishing: Finishing, _raw: object, _arguments: object
) -> AccessVocabulary:
    return vocabulary(finishing.locale)


@strawberry.type
class OrganisationQuery:
    member: Member | None = one(Member, "One member; null when there is none in sight.")
    members: Connection[Member] = listing(
        Member,
        _MEMBERS,
        "The members in the caller's sight; a search looks through names and staff codes.",
        filter=MemberFilter,
        search=Search(BY_FORM),
    )
    org_units: Connection[OrgUnit] = listing(OrgUnit, BY_CODE, "The company tree, by code.")
    territories: Connection[Territory] = listing(Territory, BY_CODE, "The territory tree, by code.")
    role: Role | None = one(Role, "One role; null when there is none in sight.")
    roles: Connection[Role] = listing(Role, BY_CODE, "The roles in the caller's sight, by code.")
    duty: Duty | None = one(Duty, "One duty; null when there is none in sight.")
    duties: Connection[Duty] = listing(Duty, BY_CODE, "The duties in the caller's sight, by code.")
    assignments: Connection[Assignment] = listing(
        Assignment,
        _ASSIGNMENTS,
        "Who holds or held which role, latest first.",
        filter=AssignmentFilter,
    )

    @strawberry.field(
        description="The duties that are kept apart, and why; at most 1,000. Action `duty.view` for"
        " the whole company.",
        metadata={PLANNED: Whole("DutySeparation", "t.duty_id, t.id", 1_000)},
    )
    async def duty_separations(self, info: Info) -> list[DutySeparation]:
        reader = await info.context.reader()
        mapping = mapping_of(DutySeparation)
        return await reader.rows(mapping, lambda _: "ORDER BY t.duty_id, t.id LIMIT 1000")

    @reference
    @strawberry.field(
        description="The words permissions are made of, in the caller's language. The same for"
        " every tenant.",
        metadata={PLANNED: Finished("'true'::json", _finish_vocabulary)},
    )
    async def access_vocabulary(self, info: Info) -> AccessVocabulary:
        await info.context.reader()
        return vocabulary(info.context.locale)

    delegations: Connection[Delegation] = listing(
        Delegation, _DELEGATIONS, "Who stands in for whom, those that end last first."
    )
