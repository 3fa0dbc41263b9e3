"""What is planned beside targets, as a manager looks for it: what it is, what is open, by when."""

from datetime import timedelta
from typing import Any

from builders.api import Desk
from builders.credits import Ledger
from builders.targets import Planner

from service.clock import ManualClock

ITEMS = """query($filter: WorkItemFilter, $order: WorkItemOrder) {
  workItems(first: 20, filter: $filter, orderBy: $order) { nodes { title } } }"""
PLANNED = (
    ("fair", "CAMPAIGN", "An", "2026-04-30"),
    ("calls", "ACTION", "An", "2026-03-20"),
    ("visits", "ACTION", "Bo", "2026-03-10"),
)


async def test_work_is_found_by_what_it_is_who_owns_it_whether_it_is_open_and_its_day(
    desk: Desk, clock: ManualClock
) -> None:
    planner = Planner(desk, metric=await Ledger(desk).with_metric())
    await planner.with_plan()
    await planner.add({"key": "whole", "amount": "10"})
    made = {}
    for title, kind, owner, due in PLANNED:
        clock.advance(timedelta(seconds=1))
        sent = {"kind": kind, "ownerId": desk.member(owner), "title": title, "dueOn": due}
        done = await desk.does(
            "Lin", "planWork", "workItem { id }", nodeId=planner.ids["whole"], planned="3", **sent
        )
        made[title] = done["workItem"]["id"]
    report = {"itemId": made["calls"], "result": "3"}
    await desk.does("Lin", "reportWork", "workItem { doneAt }", **report)

    async def titles(order: Any = None, **narrowed: Any) -> list[str]:
        found = await desk.ask("Lin", ITEMS, filter=narrowed or None, order=order)
        return [one["title"] for one in found["workItems"]["nodes"]]

    assert await titles() == ["visits", "calls", "fair"], "by the day they are due"
    assert await titles({"field": "DUE_ON", "direction": "DESC"}) == ["fair", "calls", "visits"]
    assert await titles({"field": "CREATED_AT"}) == ["fair", "calls", "visits"]
    assert await titles(kind={"eq": "ACTION"}) == ["visits", "calls"]
    assert await titles(doneAt={"isNull": True}) == ["visits", "fair"]
    assert await titles(doneAt={"isNull": False}) == ["calls"]
    assert await titles(ownerId={"eq": desk.member("An")}) == ["calls", "fair"]
    assert await titles(dueOn={"lt": "2026-03-20"}) == ["visits"]
    overdue = {"doneAt": {"isNull": True}, "kind": {"in": ["ACTION"]}}
    assert await titles(**overdue, dueOn={"lt": "2026-04-01"}) == ["visits"]
