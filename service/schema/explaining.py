"""Whether somebody may do something, and why: for the caller himself, and for a member."""

from collections.abc import Mapping as MappingType
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from uuid import UUID

import strawberry

from service.errors import NotFound, Refusal, Refusals, sentence
from service.organisation import queries
from service.policies.access import ACTIONS, Explanation, Record, RecordColumns, unknown_action
from service.schema.context import Info
from service.schema.errors import ErrorCode
from service.schema.planner.fallback import Reader
from service.schema.planner.finishing import Finishing
from service.schema.planner.mapping import Actions, Mapping, mapping_of_kind
from service.schema.planner.statements import Statement
from service.schema.planner.unplannable import Unplannable
from service.schema.scalars import found_id, split_id
from service.work import Sight

ACTION = strawberry.argument(description="Object and action, like `visit.reassign`.")
SUBJECT = strawberry.argument(
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


class Access(NamedTuple):
    """What is known of an access, in the order of the fields that show it."""

    allowed: bool
    code: Any
    message: str
    duty: str | None


@dataclass(frozen=True, slots=True)
class _Whole:
    """The same with the line its duty comes from: every field of the answer, made beforehand."""

    allowed: bool
    code: Any
    message: str
    duty: str | None
    clause: str | None


async def own_access(reader: Reader, action: str, subject: object) -> Access:
    """Tell whether the caller may do something, to a record or to any."""
    if action not in ACTIONS:
        return _refused(unknown_action(action), reader.locale)
    if subject is strawberry.UNSET or subject is None:
        return _explained(queries.can_do(reader.sight, action))
    records = await _records(reader, str(subject), action)
    if not records:
        return await _unseen_access(reader, str(subject), action)
    answers = [queries.can_do(reader.sight, action, record) for record in records]
    return _explained(next((one for one in answers if one.allowed), answers[0]))


async def _unseen_access(reader: Reader, subject: str, action: str) -> Access:
    """Tell the same of a record out of sight: a stand-in may do there what he was given.

    Where he may not, the record is not there for him.
    """
    for record in await _records(reader, subject, action, unseen=True):
        answer = queries.can_do(reader.sight, action, record)
        if answer.allowed:
            return _explained(answer)
    return _refused(NotFound(field=("subjectId",)), reader.locale)


async def members_access(
    reader: Reader, member_id: object, action: str, subject: object
) -> Access | None:
    """Tell whether a member may do something; None where there is no such member.

    Raises:
        Forbidden: the caller may not ask. ActionUnknown.
    """
    queries.authorise_explaining(reader.sight)
    if action not in ACTIONS:
        raise unknown_action(action)
    member = found_id(str(member_id), "member")
    record: Record | None = None
    if subject is not strawberry.UNSET and subject is not None:
        records = await _records(reader, str(subject), action)
        if not records:
            return _refused(NotFound(field=("subjectId",)), reader.locale)
        record = records[0]

    async def explain(sight: Sight) -> Explanation:
        return await queries.explain_access(sight, member or UUID(int=0), action, record)

    try:
        return _explained(await reader.within(explain))
    except NotFound:
        return None


async def finish_own(
    finishing: Finishing, _raw: object, arguments: MappingType[str, Any]
) -> _Whole:
    """Finish `canDo`."""

    async def step(sight: Sight) -> _Whole:
        reader = Reader(sight, finishing.locale, None)
        return await _whole(sight, await own_access(reader, **arguments_of(arguments)))

    return await finishing.within(step)


async def finish_members(
    finishing: Finishing, _raw: object, arguments: MappingType[str, Any]
) -> _Whole | None:
    """Finish `explainAccess`; a refusal is left to the reference, which says where it stands."""

    async def step(sight: Sight) -> _Whole | None:
        reader = Reader(sight, finishing.locale, None)
        found = await members_access(reader, arguments["member_id"], **arguments_of(arguments))
        return None if found is None else await _whole(sight, found)

    try:
        return await finishing.within(step)
    except (Refusal, Refusals) as refused:
        raise Unplannable("ARGUMENT", "explainAccess") from refused


def arguments_of(given: MappingType[str, Any]) -> dict[str, Any]:
    """Return what both are asked by: the action and, if one is named, the record."""
    return {"action": given["action"], "subject": given["subject_id"]}


async def _whole(sight: Sight, found: Access) -> _Whole:
    clause = None if found.duty is None else await queries.source_of(sight, found.duty)
    return _Whole(*found, clause)


def _explained(found: Explanation) -> Access:
    codes: Any = ErrorCode
    return Access(
        allowed=found.allowed,
        code=None if found.allowed else codes["FORBIDDEN"],
        message=found.sentence,
        duty=None if found.duty is None else found.duty.removeprefix("d:"),
    )


def _refused(refusal: Refusal, locale: str) -> Access:
    codes: Any = ErrorCode
    return Access(False, codes[refusal.code], sentence(refusal, locale), None)


async def _records(
    reader: Reader, subject: str, action: str, *, unseen: bool = False
) -> list[Record]:
    """Return a record as the duties see it, at each place it counts for an action.

    Args:
        reader: the caller's.
        subject: the record's id.
        action: what would be done to it.
        unseen: also where the caller does not see it; nothing of it may be told then.
    """
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
        source = statement.rows_of(replace(mapping, action=None) if unseen else mapping)
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
