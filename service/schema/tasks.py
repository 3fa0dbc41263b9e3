"""What members owe, and what they are told."""

from datetime import datetime
from enum import Enum
from typing import Final

import strawberry

from service.errors import NotFound
from service.policies.access import RecordColumns
from service.schema.carry import Payload, the
from service.schema.connections import Connection, OrderDirection, Orders, SortKey
from service.schema.filters import (
    DateTimeFilter,
    Filter,
    IdFilter,
    TextFilter,
    every,
    none_of,
    on,
    on_id,
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
from service.schema.organisation.types import Duty, Member
from service.schema.planner.mapping import (
    Possible,
    allowed_actions,
    column,
    key,
    planned,
    sql,
    to_one,
)
from service.schema.reading import one
from service.schema.scalars import row_id, split_id
from service.tasks import commands, tables
from service.tasks.tables import TaskState

described(
    TaskState,
    "Where a task is. Values are added.",
    OPEN="To be done.",
    DONE="Done.",
    CANCELLED="Taken back.",
)

_SUBJECT: Final = "t.subject_type || '_' || t.subject_id"


@strawberry.enum(description="What may be done with a task. Values are added.")
class TaskAction(Enum):
    COMPLETE = strawberry.enum_value("COMPLETE", description="`completeTask`.")
    CANCEL = strawberry.enum_value("CANCEL", description="`cancelTask`.")


@planned(
    tables.Task,
    action="task.view",
    scope=RecordColumns(owner="t.member_id", org_unit="t.org_unit_id"),
)
@strawberry.type(description="Something a member owes, from a duty, an event or a colleague.")
class Task(Node):
    id: strawberry.ID = key(ID)
    version: int = column("version", VERSION)
    member: Member | None = to_one("member_id", "Member", "Who owes it.")
    kind: str = column("kind", "What it is, like `first_follow_up`; `assigned` by a colleague.")
    title: str | None = column("title", "In a colleague's words; null for a task of a duty.")
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
        COMPLETE=Possible("task.complete", "t.state = 'OPEN' AND t.kind = 'assigned'"),
        CANCEL=Possible("task.assign", "t.state = 'OPEN' AND t.kind = 'assigned'"),
    )


@planned(tables.Notification, action=None, condition="t.member_id = {me}")
@strawberry.type(description="Something a member is told once; only he reads it.")
class Notification(Node):
    id: strawberry.ID = key(ID)
    at: datetime = column("at", "When.")
    kind: str = column("kind", "What happened, the event's name.")
    subject_id: strawberry.ID = sql(_SUBJECT, "The record it happened to.")
    read_at: datetime | None = column("read_at", "When he read it.")


@strawberry.enum(description="What tasks may be ordered by.")
class TaskOrderField(Enum):
    CREATED_AT = strawberry.enum_value("CREATED_AT", description="By when they were given.")


@strawberry.input(description="An order of tasks.")
class TaskOrder:
    field: TaskOrderField = strawberry.field(description="By what.")
    direction: OrderDirection = strawberry.field(
        default=OrderDirection.ASC, description="Which way."
    )


@strawberry.input(description="Which tasks.")
class TaskFilter:
    and_: list["TaskFilter"] | None = every()
    or_: list["TaskFilter"] | None = some()
    not_: "TaskFilter | None" = none_of()
    state: Filter[TaskState] | None = on("t.state", "text", "By state.")
    kind: TextFilter | None = on("t.kind", "text", "By kind.")
    member_id: IdFilter | None = on_id("t.member_id", "member", "By who owes them.")
    due_at: DateTimeFilter | None = on("t.due_at", "timestamptz", "By when they are due.")


TASKS = Orders({"CREATED_AT": SortKey("t.created_at", "timestamptz")}, "CREATED_AT")
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
        order_by=TaskOrder,
    )


@strawberry.input(description="A colleague is given something to do.")
class AssignTaskInput(CommandInput):
    member_id: strawberry.ID = required("Who is to do it.")
    title: str = required("What, 1 to 200 characters.")
    due_at: datetime | None = optional("First instant at which it is late.")
    subject_id: strawberry.ID | None = optional("The record it is about, of any type.")


@strawberry.input(description="A task is done.")
class CompleteTaskInput(CommandInput):
    task_id: strawberry.ID = required("The task.")


@strawberry.input(description="A task is taken back.")
class CancelTaskInput(CommandInput):
    task_id: strawberry.ID = required("The task.")


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
    return order_of(commands.AssignTask, sent, {}, **more)


@strawberry.type
class TasksMutation:
    assign_task: AssignTaskPayload = command(
        commands.assign_task,
        _assign,
        AssignTaskInput,
        AssignTaskPayload,
        the(task=Task),
        "Action `task.assign`.",
    )
    complete_task: CompleteTaskPayload = command(
        commands.complete_task,
        orders(commands.CompleteTask, task_id="task"),
        CompleteTaskInput,
        CompleteTaskPayload,
        the(task=Task),
        "Action `task.complete`. A task that a duty makes one owe is closed by its evidence.",
    )
    cancel_task: CancelTaskPayload = command(
        commands.cancel_task,
        orders(commands.CancelTask, task_id="task"),
        CancelTaskInput,
        CancelTaskPayload,
        the(task=Task),
        "Action `task.assign`.",
    )
