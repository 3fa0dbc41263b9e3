"""Whoever leads a place is told once what is wrong with its targets, until it is over."""

from collections import defaultdict
from typing import Final
from uuid import UUID

from service.database.session import Row
from service.targets.alerts import alerts
from service.tasks.alarms import Alarm, keep_alarms
from service.tasks.facts import nearest_who_may
from service.work import UnitOfWork

KINDS: Final = {
    "PACE_LOW": "target_pace_low",
    "REP_IDLE": "rep_idle",
    "WITHOUT_OWNER": "target_without_owner",
    "SUM_BROKEN": "target_sum_broken",
    "PLANS_ADD_UP": "target_plans_add_up",
}
_ALL: Final = alerts(
    "FROM app.target_node t WHERE t.tenant_id = $1",
    "FROM app.metric_credit_day t WHERE t.tenant_id = $1",
    "$2::date",
    "$3::timestamptz",
)


async def watch_targets(work: UnitOfWork) -> None:
    """Open a task for each alert whose cause is there, and close those whose cause is gone.

    It looks at what is so now: late, it opens what it would have opened in time and is over not.
    """
    found = await work.fetch(_ALL, work.tenant_id, work.today, work.now)
    managers: dict[tuple[UUID | None, UUID | None], tuple[UUID, ...]] = {}
    alarms: dict[str, list[Alarm]] = defaultdict(list)
    for row in found:
        place = (row["org_unit_id"], row["territory_id"])
        if place not in managers:
            managers[place] = await nearest_who_may(work, "target.adjust", *place, work.now)
        for member_id in managers[place]:
            if member_id != row["member"]:
                alarms[KINDS[row["kind"]]].append(_alarm(row, member_id))
    for kind in KINDS.values():
        await keep_alarms(work, kind, alarms[kind])


def _alarm(row: Row, member_id: UUID) -> Alarm:
    words = {} if row["member"] is None else {"colleague_id": str(row["member"])}
    if row["kind"] == "PLANS_ADD_UP":
        words |= {"plan": row["code"], "other_plan": row["other_code"]}
    if row["kind"] == "REP_IDLE":
        return Alarm(member_id, "member", row["member"], row["org_unit_id"], words)
    return Alarm(member_id, "target_node", row["target"], row["org_unit_id"], words)
