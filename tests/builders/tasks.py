"""Tasks for tests: what a manager gives a rep to do."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from builders.ownership import Showroom

from service.tasks.commands import AssignTask, assign_task


async def a_task(house: Showroom, rep: str = "An", **changes: Any) -> UUID:
    """Mei gives a rep a task."""
    order = replace(AssignTask(house.members[rep], "Call the bank about 3-1201"), **changes)
    task_id: UUID = await house.by("Mei", assign_task, order)
    return task_id
