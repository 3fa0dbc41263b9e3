"""What tasks say no with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from service.database.constraints import answers
from service.errors import Refusal


@dataclass(eq=False, kw_only=True)
class TaskNotOpen(Refusal):
    """The task was done or cancelled before."""

    code: ClassVar[str] = "TASK_NOT_OPEN"
    coded: ClassVar[Mapping[str, str]] = {"state": "TASK"}

    state: str


@dataclass(eq=False, kw_only=True)
class TaskByEvent(Refusal):
    """The task closes by its own evidence, not by hand: record what it asks for."""

    code: ClassVar[str] = "TASK_BY_EVENT"


@dataclass(eq=False, kw_only=True)
class TaskOpenAlready(Refusal):
    """The member has an open task of this kind for the same record."""

    code: ClassVar[str] = "TASK_OPEN_ALREADY"


answers("task_kind_subject_id_member_id_key", lambda _value: TaskOpenAlready())
