"""What members owe, and what they are told."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from enum import Enum
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import strawberry

from service.errors import NotFound
from service.policies.access import RecordColumns
from service.schema.carry import Payload, Records, itself, the
from service.schema.connections import Connection, Orders, SortKey
from service.schema.context import Info
from service.schema.filters import (
    DateTimeFilter,
    Filter,
    IdFilter,
    OrgUnitScope,
    TextFilter,
    every,
    none_of,
    on,
    on_id,
    on_org_unit,
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
from service.schema.nodes import CREATED_AT, ID, VERSION, Node, described
from service.schema.ordering import orders_of
from service.schema.organisation.types import Duty, Member
from service.schema.planner.commanded import Shows
from service.schema.planner.finishing import Finishing
from service.schema.planner.mapping import (
    PLANNED,
    Finished,
    Possible,
    allowed_actions,
    column,
    key,
    planned,
    sql,
    to_one,
)
from service.schema.planner.plan import Selected
from service.schema.planner.sql import Writer
from service.schema.reading import one
from service.schema.reasons import name_shown, shown_name
from service.schema.scalars import row_id, split_id
from service.tasks import commands, tables
from service.tasks.messages import NOTIFICATIONS as NOTIFICATIONS_SAY
from service.tasks.messages import TASKS as TASKS_SAY
from service.tasks.messages import message
from service.tasks.tables import TaskState

described(
    TaskState,
    "Where a task is. Values are added.",
    OPEN="To be done.",
    DONE="Done.",
    CANCELLED="Taken back.",
)

_BY_EVIDENCE: Final = ", ".join(f"'{kind}'" for kind in sorted(commands.BY_EVIDENCE))
_SUBJECT: Final = "t.subject_type || '_' || t.subject_id"
# The arguments of a message that are ids of members and parties, and the words they fill.
_NAMED: Final = {
    "party_id": "customer",
    "closer_id": "colleague",
    "claimant_id": "colleague",
    "receiver_id": "colleague",
    "colleague_id": "colleague",
    "other_id": "other",
}
_AS_THEY_ARE: Final = ("title", "duty", "plan", "other_plan")
_UNTIL: Final = ("protected_until", "claims_close_at", "private_until", "appeal_until")


@strawberry.enum(description="What may be done with a task. Values are added.")
class TaskAction(Enum):
    COMPLETE = strawberry.enum_value("COMPLETE", description="`completeTask`.")
    CANCEL = strawberry.enum_value("CANCEL", description="`cancelTask`.")


# Which target it is: a notice of twelve that all say the same is none.
_TOLD_OF_TARGET: Final = (
    "t.arguments || coalesce(CASE WHEN t.subject_type = 'target_node' THEN (SELECT"
    " jsonb_build_object('metric', m.names->>{locale}, 'place', coalesce(p.names->>{locale},"
    " u.names->>{locale}, ''), 'first_day', n.first_day, 'last_day', n.last_day)"
    " FROM app.target_node n JOIN app.metric m ON m.tenant_id = $1 AND m.id = n.metric_id"
    " LEFT JOIN app.territory p ON p.tenant_id = $1 AND p.id = n.territory_id"
    " LEFT JOIN app.org_unit u ON u.tenant_id = $1 AND u.id = n.org_unit_id"
    " WHERE n.tenant_id = $1 AND n.id = t.subject_id) END, jsonb_build_object())"
)
_TOLD: Final = (
    f"{_TOLD_OF_TARGET} || jsonb_build_object('title', coalesce(t.title, ''),"
    " 'duty', coalesce((SELECT d.wording->>{locale} FROM app.duty d"
    " WHERE d.tenant_id = $1 AND d.id = t.duty_id), ''))"
)


def _raw_message(told: str) -> Callable[[Writer, Selected], str]:
    """Return what writes a message's kind, arguments, and the names in it."""

    def write(writer: Writer, _field: Selected) -> str:
        outline = writer.outline
        words = ", ".join(f"'{argument}'" for argument in _NAMED)
        shown = name_shown(outline, "x.value::uuid")
        return (
            f"(SELECT json_build_array(y.kind, y.told, (SELECT json_object_agg(x.key, {shown})"
            f" FROM jsonb_each_text(y.told) x WHERE x.key IN ({words})))"
            f" FROM (SELECT t.kind, {outline.settle(told)} AS told) y)"
        )

    return write


def _finishing_with(part: str) -> Callable[[Finishing, Any, object], Awaitable[str]]:
    async def finish(finishing: Finishing, raw: Any, _arguments: object) -> str:  # noqa: ANN401 - JSON
        kind, told, names = raw
        values = _values(told, finishing.tenant.time_zone)
        for argument, word in _NAMED.items():
            if argument in (names or {}):
                values[word] = names[argument]
        return message(part, kind, finishing.locale, _with_target(values, told))

    return finish


def _with_target(values: dict[str, str], told: Mapping[str, str]) -> dict[str, str]:
    """Add whose target it is, of what, and of which days; `values` knows its holder's name."""
    if "metric" in told:
        whose = values.get("colleague") or told["place"]
        days = f"{told['first_day']} – {told['last_day']}"
        values["target"] = " · ".join(part for part in (whose, told["metric"], days) if part)
    return values


def _values(told: Mapping[str, str], time_zone: str) -> dict[str, str]:
    values = {word: told[word] for word in _AS_THEY_ARE if word in told}
    for argument in _UNTIL:
        if argument in told:
            local = datetime.fromisoformat(told[argument]).astimezone(ZoneInfo(time_zone))
            values["until"] = f"{local:%Y-%m-%d %H:%M}"
    return values


@planned(
    tables.Task,
    action="task.view",
    scope=RecordColumns(owner="t.member_id", org_unit="t.org_unit_id"),
    hidden={
        "kind_word": "t.kind",
        "told": _TOLD,
    },
)
@strawberry.type(description="Something a member owes, from a duty, an event or a colleague.")
class Task(Node):
    id: strawberry.ID = key(ID)
    version: int = column("version", VERSION)
    member: Member | None = to_one("member_id", "Member", "Who owes it.")
    kind: str = column("kind", "What it is, like `first_follow_up`; `assigned` by a colleague.")
    title: str | None = column("title", "In a colleague's words; null for a task of a duty.")
    subject_type: str | None = column("subject_type", "The word that record's ids begin with.")
    subject_id: strawberry.ID | None = sql(_SUBJECT, "The record it is about.")
    duty: Duty | None = to_one("duty_id", "Duty", "The duty it comes from.")
    due_at: datetime | None = column("due_at", "First instant at which it is late.")
    overdue: bool = sql(
        "coalesce(t.state = 'OPEN' AND t.due_at <= {now}, FALSE)", "Whether it is late by now."
    )
    state: TaskState = column("state", "Where it is.")
    done_at: datetime | None = column("done_at", "When it was done.")
    created_at: datetime = column("created_at", CREATED_AT)
    allowed_actions: list[TaskAction] = allowed_actions(
        "Commands the caller could issue now.",
        COMPLETE=Possible(
            "task.complete",
            f"t.state = 'OPEN' AND t.kind NOT IN ({_BY_EVIDENCE})",
        ),
        CANCEL=Possible("task.assign", "t.state = 'OPEN' AND t.kind <> 'first_follow_up'"),
    )
    kind_word: strawberry.Private[str]
    told: strawberry.Private[dict[str, str]]

    @strawberry.field(
        description="What it says, in the request's language.",
        metadata={PLANNED: Finished(_raw_message(_TOLD), _finishing_with(TASKS_SAY))},
    )
    async def message(self, info: Info) -> str:
        return await _worded(info, TASKS_SAY, self.kind_word, self.told)


async def _worded(info: Info, part: str, kind: str, told: Mapping[str, str]) -> str:
    """Word a task or a notification with the names its reader may see, in his tenant's zone."""
    reader = await info.context.reader()
    values = _values(told, reader.sight.tenant.time_zone)
    for argument, word in _NAMED.items():
        if argument in told:
            values[word] = await shown_name(reader, UUID(told[argument]))
    return message(part, kind, reader.locale, _with_target(values, told))


@planned(
    tables.Notification,
    action=None,
    condition="t.member_id = {me}",
    hidden={"kind_word": "t.kind", "told": _TOLD_OF_TARGET},
)
@strawberry.type(description="Something a member is told once; only he reads it.")
class Notification(Node):
    id: strawberry.ID = key(ID)
    at: datetime = column("at", "When.")
    kind: str = column("kind", "What happened, the event's name.")
    subject_type: str = column("subject_type", "The word that record's ids begin with.")
    subject_id: strawberry.ID = sql(_SUBJECT, "The record it happened to.")
    read_at: datetime | None = column("read_at", "When he read it.")
    kind_word: strawberry.Private[str]
    told: strawberry.Private[dict[str, str]]

    @strawberry.field(
        description="What it says, in the request's language.",
        metadata={
            PLANNED: Finished(_raw_message(_TOLD_OF_TARGET), _finishing_with(NOTIFICATIONS_SAY))
        },
    )
    async def message(self, info: Info) -> str:
        return await _worded(info, NOTIFICATIONS_SAY, self.kind_word, self.told)


@strawberry.input(description="Which tasks.")
class TaskFilter:
    and_: list["TaskFilter"] | None = every()
    or_: list["TaskFilter"] | None = some()
    not_: "TaskFilter | None" = none_of()
    state: Filter[TaskState] | None = on("t.state", "text", "By state.")
    kind: TextFilter | None = on("t.kind", "text", "By kind.")
    member_id: IdFilter | None = on_id("t.member_id", "member", "By who owes them.")
    due_at: DateTimeFilter | None = on("t.due_at", "timestamptz", "By when they are due.")
    org_unit: OrgUnitScope | None = on_org_unit("t.org_unit_id", "By unit.")


OPEN_TASKS: Final = TaskFilter(state=Filter(eq=TaskState.OPEN))
TASKS = orders_of(
    "Task",
    "tasks",
    {"CREATED_AT": (SortKey("t.created_at", "timestamptz"), "By when they were given.")},
    "CREATED_AT",
)
OWED = Orders(
    {"DUE_AT": SortKey("t.due_at", "timestamptz", nullable=True)}, "DUE_AT", descending=False
)
NOTIFICATIONS = Orders({"AT": SortKey("t.at", "timestamptz")}, "AT")


@strawberry.type
class TasksQuery:
    task: Task | None = one(Task, "One task; null when there is none in sight.")
    tasks: Connection[Task] = listing(
        Task,
        TASKS,
        "The tasks in the caller's sight, latest first.",
        filter=TaskFilter,
    )


@strawberry.input(description="A colleague is given something to do.")
class AssignTaskInput(CommandInput):
    member_id: strawberry.ID = required("Who is to do it.")
    title: str = required("What, 1 to 200 characters.")
    due_at: datetime | None = optional("First instant at which it is late.")
    subject_id: strawberry.ID | None = optional("The record it is about, of any type.")
    duty_id: strawberry.ID | None = optional(
        "A duty of the member's that asks for it; one that must be answered within a time sets the"
        " latest `dueAt`."
    )


@strawberry.input(description="A task is done.")
class CompleteTaskInput(CommandInput):
    task_id: strawberry.ID = required("The task.")


@strawberry.input(description="A task is taken back.")
class CancelTaskInput(CommandInput):
    task_id: strawberry.ID = required("The task.")


@strawberry.input(description="The caller has read what he was told.")
class MarkNotificationsReadInput(CommandInput):
    notification_ids: list[strawberry.ID] = required("His notifications, 1 to 200.")


@strawberry.type(description="`notifications` is null exactly when `errors` is not empty.")
class MarkNotificationsReadPayload(Payload):
    notifications: list[Notification] | None = strawberry.field(
        default=None, description="The notifications, read."
    )


_READ: Final = Records({"notifications": Shows("Notification", itself, order="t.at, t.id")})


@strawberry.type(description="`task` is null exactly when `errors` is not empty.")
class _OfTask(Payload):
    task: Task | None = strawberry.field(default=None, description="The task.")


@strawberry.type(description="`task` is null exactly when `errors` is not empty.")
class AssignTaskPayload(_OfTask):
    pass


@strawberry.type(description="`task` is null exactly when `errors` is not empty.")
class CompleteTaskPayload(_OfTask):
    pass


@strawberry.type(description="`task` is null exactly when `errors` is not empty.")
class CancelTaskPayload(_OfTask):
    pass


def _assign(sent: AssignTaskInput) -> commands.AssignTask:
    subject = given(sent.subject_id)
    more: dict[str, object] = {"member_id": row_id(str(sent.member_id), "member", "memberId")}
    if subject is not None:
        parts = split_id(str(subject))
        if parts is None:
            raise NotFound(field=("input", "subjectId"))
        more |= {"subject_type": parts[0], "subject_id": parts[1]}
    return order_of(commands.AssignTask, sent, {"duty_id": "duty"}, **more)


@strawberry.type
class TasksMutation:
    assign_task: AssignTaskPayload = command(
        commands.assign_task,
        _assign,
        AssignTaskInput,
        AssignTaskPayload,
        the(task=Task),
        "Gives a member of the caller's sight something to do, and tells him. Action"
        " `task.assign`.",
    )
    complete_task: CompleteTaskPayload = command(
        commands.complete_task,
        orders(commands.CompleteTask, task_id="task"),
        CompleteTaskInput,
        CompleteTaskPayload,
        the(task=Task),
        "Closes one's own task as done. What closes by its evidence alone, like a first follow-up,"
        " is refused. Action `task.complete`.",
    )
    cancel_task: CancelTaskPayload = command(
        commands.cancel_task,
        orders(commands.CancelTask, task_id="task"),
        CancelTaskInput,
        CancelTaskPayload,
        the(task=Task),
        "Takes an open task back; the member owes it no more. Action `task.assign`.",
    )
    mark_notifications_read: MarkNotificationsReadPayload = command(
        commands.mark_notifications_read,
        orders(commands.MarkNotificationsRead, notification_ids="notification"),
        MarkNotificationsReadInput,
        MarkNotificationsReadPayload,
        _READ,
        "Marks what the caller was told as read; what he read before keeps its instant. Action"
        " `task.view`, of his own.",
    )
