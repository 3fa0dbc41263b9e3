"""Whether somebody may do something, and why: for the caller himself, and for a member."""

from collections.abc import Mapping as MappingType
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from uuid import UUID

import strawberry

from service.errors import NotFound, Refusal, Refusals, sentence
from service.organisation import queries
from service.organisation.queries import Asked
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
    asked = await _asked_of(reader, str(subject), action)
    if not asked:
        return await _unseen_access(reader, str(subject), action)
    answers = [queries.can_do(reader.sight, one.action, one.record) for one in asked]
    return _explained(queries.first_allowed(answers))


async def _unseen_access(reader: Reader, subject: str, action: str) -> Access:
    """Tell the same of a record out of sight: a stand-in may do there what he was given.

    Where he may not, the record is not there for him.
    """
    for one in await _asked_of(reader, subject, action, unseen=True):
        answer = queries.can_do(reader.sight, one.action, one.record)
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
    asked: list[Asked] = [Asked(action)]
    if subject is not strawberry.UNSET and subject is not None:
        asked = await _asked_of(reader, str(subject), action)
        if not asked:
            return _refused(NotFound(field=("subjectId",)), reader.locale)

    async def explain(sight: Sight) -> Explanation:
        return await queries.explain_access(sight, member or UUID(int=0), asked)

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


async def _asked_of(
    reader: Reader, subject: str, action: str, *, unseen: bool = False
) -> list[Asked]:
    """Return what is asked of who would do something to a record; one yes lets him.

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
    questions = _questions(mapping, action)

    def text(statement: Statement) -> str:
        columns = ", ".join(
            f"{statement.settle(expression)} AS p{n}_{name}"
            for n, one in enumerate(questions)
            for name, expression in (*_parts(one.scope), ("when", f"({one.when})"))
        )
        row = statement.place(parts[1], "uuid")
        standing = statement.settle(mapping.places)
        beside = f" LEFT JOIN LATERAL ({standing}) s ON TRUE" if standing else ""
        source = statement.rows_of(replace(mapping, action=None) if unseen else mapping, beside)
        return f"SELECT {columns} {source} AND t.{mapping.key_column} = {row}"

    return [
        Asked(
            one.action,
            Record(**{f"{name}_id": row[f"p{n}_{name}"] for name, _ in _parts(one.scope)}),
        )
        for row in await reader.fetch(text)
        for n, one in enumerate(questions)
        if row[f"p{n}_when"]
    ]


class _Question(NamedTuple):
    """A permission that lets somebody do what is asked: its action, where, and of which rows."""

    action: str
    scope: RecordColumns
    when: str = "TRUE"


def _questions(mapping: Mapping, action: str) -> list[_Question]:
    """Return what has to be asked for an action, the record's own place first.

    Each is what the field or the command itself is decided by.
    """
    # Where a row stands at several places, its view alone is decided by each of them.
    own = [RecordColumns() if mapping.places else mapping.scope, *mapping.also]
    wanted = [
        possible.scope
        for item in mapping.items.values()
        if isinstance(item, Actions)
        for possible in item.possible.values()
        if possible.action == action
    ]
    scopes = [scope for one in wanted or [None] for scope in (own if one is None else [one])]
    found = [_Question(action, scope) for scope in scopes]
    if action == mapping.action:
        found += [_Question(action, scope) for scope in (mapping.scope, *mapping.also)]
        found += [_Question(one.action, one.scope, one.when) for one in mapping.lent]
    return [one for place, one in enumerate(found) if one not in found[:place]]


def _parts(scope: RecordColumns) -> list[tuple[str, str]]:
    columns = {
        "owner": scope.owner,
        "org_unit": scope.org_unit,
        "territory": scope.territory,
        "requester": scope.requester,
    }
    return [(name, f"({column or 'NULL'})::uuid") for name, column in columns.items()]
