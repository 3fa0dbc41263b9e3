"""Work is planned for a target, and what came of it is reported (descriptions 1, 3 and 14)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from service.errors import InvalidInput, NotFound, Refusal
from service.policies.access import Record
from service.targets import facts
from service.targets.events import WorkItemChanged
from service.targets.tables import WorkItem
from service.tenants.texts import line_faults, refuse_faults
from service.work import UnitOfWork

_LONGEST_TITLE: Final = 200
_LONGEST_REMARK: Final = 2_000
_GREATEST: Final = 2**60


@dataclass(frozen=True, slots=True)
class PlanWork:
    """Plan an action, a campaign, people or money for a target.

    Attributes:
        planned: people, minor units, or pieces of the target's metric: see the kind.
    """

    node_id: UUID
    kind: str
    owner_id: UUID
    title: str
    due_on: date
    planned: int
    remark: str | None = None


async def plan_work(work: UnitOfWork, order: PlanWork) -> UUID:
    """Add the item and return its id; its place is the target's.

    Raises:
        Forbidden (at the target), NotFound, Refusals (form).
    """
    refuse_faults((*_faults(order.title, order.remark), *_figures(planned=order.planned)))
    node = await facts.node(work, order.node_id)
    works_here = await work.fetch_value(
        "SELECT true FROM app.member WHERE tenant_id = $1 AND id = $2 AND state = 'ACTIVE'",
        work.tenant_id,
        order.owner_id,
    )
    if not works_here:
        raise NotFound(field=("input", "ownerId"))
    work.authorise("work_item.plan", facts.record_of(node))
    item = WorkItem(
        tenant_id=work.tenant_id,
        id=work.new_id(),
        created_at=work.now,
        created_by=work.caller.member_id,
        node_id=order.node_id,
        kind=order.kind,
        org_unit_id=node["org_unit_id"],
        territory_id=node["territory_id"],
        owner_id=order.owner_id,
        title=order.title.strip(),
        due_on=order.due_on,
        planned=order.planned,
        currency=node["currency"] or work.tenant.currency,
        remark=order.remark,
    )
    work.add(item)
    work.concerns("work_item", item.id, node=order.node_id)
    work.emit(WorkItemChanged(item.id))
    return item.id


@dataclass(frozen=True, slots=True)
class ReportWork:
    """Say what came of an item, and what it cost; the last report counts.

    Attributes:
        done: it is over.
    """

    item_id: UUID
    result: int
    cost: int | None = None
    done: bool = True
    remark: str | None = None


async def report_work(work: UnitOfWork, order: ReportWork) -> UUID:
    """Keep the result and return the item's id; locks it.

    Raises:
        Forbidden, NotFound, Refusals (form).
    """
    refuse_faults((*_faults("-", order.remark), *_figures(result=order.result, cost=order.cost)))
    row = await facts.locked(work, "work_item", order.item_id, ("input", "itemId"))
    record = Record(row["owner_id"], row["org_unit_id"], row["territory_id"])
    work.authorise("work_item.report", record)
    changes = {
        "result": order.result,
        "cost": row["cost"] if order.cost is None else order.cost,
        "remark": order.remark or row["remark"],
        "done_at": (row["done_at"] or work.now) if order.done else None,
    }
    work.change(WorkItem, order.item_id, changes)
    work.concerns("work_item", order.item_id, result=order.result, cost=order.cost)
    work.emit(WorkItemChanged(order.item_id))
    return order.item_id


def _faults(title: str, remark: str | None) -> Iterator[Refusal]:
    yield from line_faults(title, ("input", "title"), _LONGEST_TITLE)
    if remark is not None and not 1 <= len(remark) <= _LONGEST_REMARK:
        field = ("input", "remark")
        yield InvalidInput(field=field, expected="CHARACTERS", least=1, most=_LONGEST_REMARK)


def _figures(**figures: int | None) -> Iterator[Refusal]:
    for name, figure in figures.items():
        if figure is not None and not 0 <= figure <= _GREATEST:
            field = ("input", name)
            yield InvalidInput(field=field, expected="FROM_TO", least=0, most=_GREATEST)
