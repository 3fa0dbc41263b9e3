"""Who asks: what he is, holds, owes and may do; and any record by its id."""

from typing import Annotated, Any
from uuid import UUID

import strawberry

from service.errors import InvalidInput
from service.organisation import queries
from service.organisation.queries import HeldDuty
from service.schema.connections import Connection
from service.schema.context import Info
from service.schema.costs import FieldCost, costs
from service.schema.explaining import (
    ACTION,
    SUBJECT,
    AccessExplanation,
    finish_members,
    finish_own,
    members_access,
    own_access,
)
from service.schema.listing import listing
from service.schema.nodes import ID, Node
from service.schema.organisation.clocks import DutyClock, clock_shown, planned_clock
from service.schema.organisation.types import Duty, Member, OrgUnit, Role, Territory
from service.schema.planner.mapping import (
    PLANNED,
    AnyRecord,
    AnyRecords,
    Column,
    Declared,
    Finished,
    Rows,
    ToOne,
    mapping_of,
    parts,
    sql,
)
from service.schema.reading import look_up_any
from service.schema.scalars import LocaleTag
from service.schema.tasks import (
    NOTIFICATIONS,
    OPEN_TASKS,
    OWED,
    Notification,
    Task,
    TaskFilter,
)
from service.schema.tenants import Tenant
from service.work import Sight

MOST_NODES = 100


@parts
@strawberry.type(description="A duty the caller has, and the office it comes from.")
class DutyHeld:
    code: str = sql("t.code", "The duty's code.")
    wording: str = sql(
        "coalesce(nullif(t.wording->>{locale}, ''), t.code)",
        "What is to be done, in the caller's language.",
    )
    role_name: str = sql(
        "coalesce(nullif(t.role_names->>{locale}, ''), t.role_code)",
        "The role, in the caller's language.",
    )
    metric: str | None = sql("t.metric", "Code of the metric it answers for.")
    obligation_kind: str | None = sql("t.obligation->>'kind'", "What it makes him owe.")
    obligation_evidence: str | None = sql(
        "t.obligation->>'evidence'", "What shows that it was done."
    )
    held: strawberry.Private[HeldDuty]

    @strawberry.field(
        description="By when what it makes him owe is due; null if nothing.",
        metadata={PLANNED: planned_clock("t.obligation->'clock'")},
    )
    async def obligation_clock(self, info: Info) -> DutyClock | None:
        owed = self.held.obligation
        return await clock_shown(info, None if owed is None else owed["clock"])

    @strawberry.field(
        description="The duty; null when out of sight.", metadata={PLANNED: ToOne("t.id", "Duty")}
    )
    async def duty(self, info: Info) -> Duty | None:
        found: Duty | None = await _one(info, Duty, self.held.duty_id)
        return found

    @strawberry.field(
        description="The role it comes from; null when out of sight.",
        metadata={PLANNED: ToOne("t.role_id", "Role")},
    )
    async def role(self, info: Info) -> Role | None:
        found: Role | None = await _one(info, Role, self.held.role_id)
        return found

    @strawberry.field(
        description="The unit the office is at; null everywhere.",
        metadata={PLANNED: ToOne("t.org_unit_id", "OrgUnit")},
    )
    async def org_unit(self, info: Info) -> OrgUnit | None:
        found: OrgUnit | None = await _one(info, OrgUnit, self.held.org_unit_id)
        return found

    @strawberry.field(
        description="The territory the office is for.",
        metadata={PLANNED: ToOne("t.territory_id", "Territory")},
    )
    async def territory(self, info: Info) -> Territory | None:
        found: Territory | None = await _one(info, Territory, self.held.territory_id)
        return found


# Who he is and where: a person of several companies must see it, whatever he holds there.
_OWN = (
    "SELECT {} FROM app.tenant c LEFT JOIN app.member m ON m.tenant_id = $1 AND m.id = {{me}}"
    " WHERE c.tenant_id = $1"
)
_HELD = queries.HELD.replace("$2", "{me}").replace("$3", "{now}")


def _own(column: str, description: str) -> Declared:
    """Declare what the caller is told of himself and his company."""
    query = _OWN.format(column)

    async def read(sight: Sight) -> str:
        found: str = await sight.fetch_value(
            query.format(me="$2"), sight.tenant_id, sight.actor.member_id
        )
        return found

    async def resolve(info: Info) -> str:
        reader = await info.context.reader()
        return await reader.within(read)

    return strawberry.field(
        resolver=resolve, description=description, metadata={PLANNED: Column(f"({query})")}
    )


@parts
@strawberry.type(description="The caller.")
class Viewer:
    row_key: strawberry.Private[UUID]

    name: str = _own("m.name", "His own name; no duty is asked for it.")
    staff_code: str = _own(
        "m.staff_code", "The company's own number for him; no duty is asked for it."
    )
    company_code: str = _own(
        "c.code", "Code of the company he works in, as he signs in to it; no duty is asked."
    )
    company_name: str = _own("c.name", "Name of the company he works in; no duty is asked for it.")

    @strawberry.field(
        description="The caller as a member; null where no duty lets him see it.",
        metadata={PLANNED: ToOne("t.id", "Member")},
    )
    async def member(self, info: Info) -> Member | None:
        found: Member | None = await _one(info, Member, self.row_key)
        return found

    @strawberry.field(
        description="The tenant he works in; null where no duty lets him see its settings.",
        metadata={PLANNED: ToOne("$1::uuid", "Tenant")},
    )
    async def tenant(self, info: Info) -> Tenant | None:
        found: Tenant | None = await _one(info, Tenant, info.context.caller.tenant_id)
        return found

    @strawberry.field(
        description="The language his answers are in.", metadata={PLANNED: Column("{locale}")}
    )
    def locale(self, info: Info) -> LocaleTag:
        return LocaleTag(info.context.locale)

    @strawberry.field(
        description="His own duties, by code; delegated commands are no duties.",
        metadata={PLANNED: Rows("DutyHeld", _HELD, many=True)},
    )
    async def duties(self, info: Info) -> list[DutyHeld]:
        return await _held(info, queries.duties_held)

    @strawberry.field(
        description="Those of his duties that make him owe something by a clock.",
        metadata={
            PLANNED: Rows(
                "DutyHeld", f"SELECT h.* FROM ({_HELD}) h WHERE h.obligation IS NOT NULL", many=True
            )
        },
    )
    async def obligations(self, info: Info) -> list[DutyHeld]:
        return await _held(info, queries.obligations_held)

    tasks: Connection[Task] = listing(
        Task,
        OWED,
        "What he owes, the next due first and what has no term last. Only what is open, unless a"
        " filter says which; an empty one matches all.",
        filter=TaskFilter,
        parent="member_id",
        usual=OPEN_TASKS,
    )
    notifications: Connection[Notification] = listing(
        Notification, NOTIFICATIONS, "What he was told, latest first.", parent="member_id"
    )

    @strawberry.field(
        description="Whether he may do something, and why.",
        metadata={PLANNED: Finished("'true'::json", finish_own, deep=True)},
    )
    async def can_do(
        self,
        info: Info,
        action: Annotated[str, ACTION],
        subject_id: Annotated[strawberry.ID | None, SUBJECT] = strawberry.UNSET,
    ) -> AccessExplanation:
        reader = await info.context.reader()
        return AccessExplanation(**(await own_access(reader, action, subject_id))._asdict())


@strawberry.type
class ViewerQuery:
    @strawberry.field(
        description="The caller.",
        metadata={PLANNED: Rows("Viewer", "SELECT {me} AS id", many=False)},
    )
    async def viewer(self, info: Info) -> Viewer:
        reader = await info.context.reader()
        return Viewer(row_key=reader.sight.actor.member_id)

    @strawberry.field(
        description="Any record by its id; null when there is none in sight.",
        metadata={PLANNED: AnyRecord()},
    )
    async def node(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description=ID)]
    ) -> Node | None:
        found: Any = await look_up_any(info, str(id))
        return found  # type: ignore[no-any-return]  # an object of a mapped type

    @strawberry.field(
        description="Several records by their ids, in order; at most 100.",
        metadata={PLANNED: AnyRecords(MOST_NODES), **costs(FieldCost(0, counted="ids"))},
    )
    async def nodes(
        self,
        info: Info,
        ids: Annotated[list[strawberry.ID], strawberry.argument(description="At most 100.")],
    ) -> list[Node | None]:
        if len(ids) > MOST_NODES:
            raise InvalidInput(field=("ids",), expected="AT_MOST_ENTRIES", most=MOST_NODES)
        found: list[Any] = [await look_up_any(info, str(one)) for one in ids]
        return found

    @strawberry.field(
        description="Why a member may or may not do something; the message speaks of him by his"
        " name. Null when there is no such member in the company. An action there is not is refused"
        " with ACTION_UNKNOWN. Action `access.explain`.",
        metadata={PLANNED: Finished("'true'::json", finish_members, deep=True)},
    )
    async def explain_access(
        self,
        info: Info,
        member_id: Annotated[strawberry.ID, strawberry.argument(description="The member.")],
        action: Annotated[str, ACTION],
        subject_id: Annotated[strawberry.ID | None, SUBJECT] = strawberry.UNSET,
    ) -> AccessExplanation | None:
        reader = await info.context.reader()
        found = await members_access(reader, member_id, action, subject_id)
        return None if found is None else AccessExplanation(**found._asdict())


async def _one(info: Info, kind: type, row: UUID | None) -> Any:  # noqa: ANN401 - of that type
    reader = await info.context.reader()
    return await reader.one(mapping_of(kind), row)


async def _held(info: Info, query: Any) -> list[DutyHeld]:  # noqa: ANN401 - one of two queries
    reader = await info.context.reader()
    found: tuple[HeldDuty, ...] = await reader.within(query)
    return [
        DutyHeld(
            code=one.code,
            wording=one.wording,
            role_name=one.role,
            metric=one.metric,
            obligation_kind=one.obligation["kind"] if one.obligation else None,
            obligation_evidence=one.obligation["evidence"] if one.obligation else None,
            held=one,
        )
        for one in found
    ]
