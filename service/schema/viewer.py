"""Who asks: what he is, holds, owes and may do; and any record by its id."""

from typing import Annotated, Any
from uuid import UUID

import strawberry

from service.errors import InvalidInput, NotFound, Refusal, sentence
from service.organisation import queries
from service.organisation.queries import HeldDuty
from service.policies.access import ACTIONS, Explanation, Record, RecordColumns, unknown_action
from service.schema.connections import Connection
from service.schema.context import Info
from service.schema.costs import FieldCost, costs
from service.schema.errors import ErrorCode
from service.schema.listing import listing
from service.schema.nodes import ID, Node
from service.schema.organisation.clocks import DutyClock, clock_shown, planned_clock
from service.schema.organisation.types import Duty, Member, OrgUnit, Role, Territory
from service.schema.planner.fallback import Reader
from service.schema.planner.mapping import (
    PLANNED,
    Actions,
    AnyRecord,
    AnyRecords,
    Column,
    Mapping,
    Rows,
    ToOne,
    mapping_of,
    mapping_of_kind,
    parts,
    sql,
)
from service.schema.planner.statements import Statement
from service.schema.reading import look_up_any
from service.schema.scalars import LocaleTag, found_id, split_id
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
_ACTION = strawberry.argument(description="Object and action, like `visit.reassign`.")
_SUBJECT = strawberry.argument(
    description="The record; left out asks whether it is allowed for any record at all."
)


@strawberry.type(description="Whether something is allowed, and why; the command decides again.")
class AccessExplanation:
    allowed: bool = strawberry.field(description="Whether it is.")
    code: ErrorCode | None = strawberry.field(description="The code it would be refused with.")
    message: str = strawberry.field(
        description="The duty that grants it, the one that forbids it, or the nearest miss."
    )
    duty: str | None = strawberry.field(description="Code of the duty the message is about.")

    @strawberry.field(
        description="The line of the job descriptions that duty comes from, like `2-15`; null where"
        " no duty decided, or it names none."
    )
    async def clause(self, info: Info) -> str | None:
        if self.duty is None:
            return None
        reader, duty = await info.context.reader(), self.duty
        return await reader.within(lambda sight: queries.source_of(sight, duty))


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


_HELD = queries.HELD.replace("$2", "{me}").replace("$3", "{now}")


@parts
@strawberry.type(description="The caller.")
class Viewer:
    row_key: strawberry.Private[UUID]

    @strawberry.field(
        description="The caller as a member.", metadata={PLANNED: ToOne("t.id", "Member")}
    )
    async def member(self, info: Info) -> Member | None:
        found: Member | None = await _one(info, Member, self.row_key)
        return found

    @strawberry.field(
        description="The tenant he works in.", metadata={PLANNED: ToOne("$1::uuid", "Tenant")}
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

    @strawberry.field(description="Whether he may do something, and why.")
    async def can_do(
        self,
        info: Info,
        action: Annotated[str, _ACTION],
        subject_id: Annotated[strawberry.ID | None, _SUBJECT] = strawberry.UNSET,
    ) -> AccessExplanation:
        reader = await info.context.reader()
        if action not in ACTIONS:
            return _refused(unknown_action(action), info)
        if subject_id is strawberry.UNSET or subject_id is None:
            return _explained(queries.can_do(reader.sight, action))
        records = await _records(reader, str(subject_id), action)
        if not records:
            return _refused(NotFound(field=("subjectId",)), info)
        answers = [queries.can_do(reader.sight, action, record) for record in records]
        return _explained(next((one for one in answers if one.allowed), answers[0]))


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
        " with ACTION_UNKNOWN. Action `access.explain`."
    )
    async def explain_access(
        self,
        info: Info,
        member_id: Annotated[strawberry.ID, strawberry.argument(description="The member.")],
        action: Annotated[str, _ACTION],
        subject_id: Annotated[strawberry.ID | None, _SUBJECT] = strawberry.UNSET,
    ) -> AccessExplanation | None:
        reader = await info.context.reader()
        queries.authorise_explaining(reader.sight)
        if action not in ACTIONS:
            raise unknown_action(action)
        member = found_id(str(member_id), "member")
        record: Record | None = None
        if subject_id is not strawberry.UNSET and subject_id is not None:
            records = await _records(reader, str(subject_id), action)
            if not records:
                return _refused(NotFound(field=("subjectId",)), info)
            record = records[0]

        async def explain(sight: Sight) -> Explanation:
            return await queries.explain_access(sight, member or UUID(int=0), action, record)

        try:
            return _explained(await reader.within(explain))
        except NotFound:
            return None


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


def _explained(found: Explanation) -> AccessExplanation:
    codes: Any = ErrorCode
    return AccessExplanation(
        allowed=found.allowed,
        code=None if found.allowed else codes["FORBIDDEN"],
        message=found.sentence,
        duty=None if found.duty is None else found.duty.removeprefix("d:"),
    )


def _refused(refusal: Refusal, info: Info) -> AccessExplanation:
    codes: Any = ErrorCode
    message = sentence(refusal, info.context.locale)
    return AccessExplanation(allowed=False, code=codes[refusal.code], message=message, duty=None)


async def _records(reader: Reader, subject: str, action: str) -> list[Record]:
    """Return a record in sight as the duties see it, at each place it counts for an action."""
    parts = split_id(subject)
    mapping = mapping_of_kind(parts[0]) if parts else None
    if parts is None or mapping is None:
        return []
    scopes = _scopes(mapping, action)

    def text(statement: Statement) -> str:
        columns = ", ".join(
            f"{statement.settle(expression or 'NULL')}::uuid AS p{n}_{name}"
            for n, scope in enumerate(scopes)
            for name, expression in _parts(scope)
        )
        row = statement.place(parts[1], "uuid")
        source = statement.rows_of(mapping)
        return f"SELECT {columns} {source} AND t.{mapping.key_column} = {row}"

    rows = await reader.fetch(text)
    if not rows:
        return []
    return [
        Record(**{f"{name}_id": rows[0][f"p{n}_{name}"] for name, _ in _parts(scope)})
        for n, scope in enumerate(scopes)
    ]


def _scopes(mapping: Mapping, action: str) -> list[RecordColumns]:
    for item in mapping.items.values():
        if isinstance(item, Actions):
            for possible in item.possible.values():
                if possible.action == action and possible.scope is not None:
                    return [possible.scope]
    # Rows that stand at several places are asked about as a whole.
    own = RecordColumns() if mapping.places else mapping.scope
    return [own, *mapping.also]


def _parts(scope: RecordColumns) -> list[tuple[str, str | None]]:
    return [
        ("owner", scope.owner),
        ("org_unit", scope.org_unit),
        ("territory", scope.territory),
        ("requester", scope.requester),
    ]
