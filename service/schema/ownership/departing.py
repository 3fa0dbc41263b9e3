"""What a departure touches, record by record: who gets what of a member who goes.

Each list is of what is his at this instant while the departure is planned, and of what went once it
has taken effect. What else a member leaves behind gets a list of its own beside these.
"""

from enum import Enum
from typing import Final

import strawberry

from service.ownership import tables
from service.ownership.tables import RegistrationsGo
from service.policies.access import RecordColumns
from service.schema.connections import Orders, SortKey
from service.schema.filters import (
    DateTimeFilter,
    IdFilter,
    every,
    none_of,
    on,
    on_id,
    some,
)
from service.schema.nodes import ID, Node, described
from service.schema.organisation.types import Member
from service.schema.ownership.types import Registration
from service.schema.planner.mapping import key, planned, relation, sql
from service.schema.tasks import Task
from service.targets.figures import goes_on
from service.tasks import tables as task_tables
from service.tasks.commands import DIES_WITH_ITS_DUTY

described(
    RegistrationsGo,
    "Where a departing member's live registrations go. Values are added.",
    POOL="To the company pool, until a manager hands them out.",
    SUCCESSOR="To his successor.",
    ROTATION="To the others of the site, evenly.",
    KEPT="They stay his.",
)

# Of a registration {0}.
LIVE: Final = (
    "{0}.result = 'VALID' AND {0}.superseded_at IS NULL AND {0}.voided_at IS NULL"
    " AND {0}.converted_at IS NULL AND {0}.protected_until > {{now}}"
)

# A live entry is of the one departure that is planned; a released one of that which released it.
_OF_ENTRY: Final = (
    "JOIN app.departure gone ON gone.tenant_id = $1 AND gone.member_id = t.member_id"
    " AND (gone.state = 'PLANNED' AND t.released_at IS NULL"
    " OR gone.state = 'DONE' AND gone.done_at = t.released_at)"
)
ENTRIES_OF: Final = (
    "gone.id = {parent} AND (t.released_at IS NOT NULL"
    f" OR gone.goes IS DISTINCT FROM 'KEPT' AND {LIVE.format('t')})"
)
# Who could take customers there, as the command that deals them out reads it.
_HANDS: Final = f"""
SELECT x.member_id, m.staff_code, (
    SELECT count(*) FROM app.registration h WHERE h.tenant_id = $1 AND h.member_id = x.member_id
      AND h.site_id = t.site_id AND {LIVE.format("h")}) AS held
FROM app.presence x JOIN app.member m ON m.tenant_id = $1 AND m.id = x.member_id
WHERE x.tenant_id = $1 AND x.site_id = t.site_id AND x.member_id <> t.member_id
  AND m.state = 'ACTIVE'
  AND x.day >= (({{now}} - interval '30 days') AT TIME ZONE 'UTC')::date
  AND NOT EXISTS (SELECT FROM app.departure q WHERE q.tenant_id = $1
                  AND q.member_id = x.member_id AND q.state = 'PLANNED')
GROUP BY x.member_id, m.staff_code
"""
# Whoever holds fewest gets the next; so the places of all, by how many they hold then, are dealt in
# their order to the entries in theirs.
_DEALT: Final = f"""
SELECT d.member_id FROM (
    SELECT s.member_id, row_number() OVER (ORDER BY of.level, s.staff_code) AS place
    FROM ({_HANDS}) s CROSS JOIN LATERAL generate_series(s.held, s.held + b.before) AS of (level)
) d WHERE d.place = b.before + 1
"""
_BEFORE: Final = f"""
SELECT count(*) AS before FROM app.registration e WHERE e.tenant_id = $1
  AND e.member_id = t.member_id AND e.site_id = t.site_id AND {LIVE.format("e")}
  AND (e.protected_until, e.id) < (t.protected_until, t.id)
"""
# A successor who has left, or leaves by then, takes nothing; {0} is the departure.
SUCCEEDS: Final = """EXISTS (
    SELECT FROM app.member s WHERE s.tenant_id = $1 AND s.id = {0}.successor_id
      AND s.state = 'ACTIVE'
      AND NOT EXISTS (SELECT FROM app.departure q WHERE q.tenant_id = $1 AND q.member_id = s.id
                      AND q.state = 'PLANNED' AND q.kind = 'LEAVING'
                      AND q.takes_effect_at <= {0}.takes_effect_at))"""
_SUCCEEDS: Final = SUCCEEDS.format("gone")
_NEW_ENTRY: Final = (
    "SELECT n.member_id FROM app.registration n WHERE n.tenant_id = $1 AND n.corrects_id = t.id"
    " AND n.entered_at = t.released_at"
)
TAKER: Final = f"""
CASE WHEN t.released_at IS NOT NULL THEN ({_NEW_ENTRY})
     WHEN gone.goes = 'SUCCESSOR' AND {_SUCCEEDS} THEN gone.successor_id
     WHEN gone.goes = 'ROTATION' THEN (
         SELECT o.member_id FROM ({_BEFORE}) b CROSS JOIN LATERAL ({_DEALT}) o) END
"""
GOES: Final = f"""
CASE WHEN t.released_at IS NOT NULL
     THEN CASE WHEN EXISTS ({_NEW_ENTRY}) THEN gone.went ELSE 'POOL' END
     WHEN gone.goes = 'ROTATION' AND NOT EXISTS ({_HANDS}) THEN 'POOL'
     WHEN gone.goes = 'SUCCESSOR' AND NOT {_SUCCEEDS} THEN 'POOL'
     ELSE gone.goes END
"""


@planned(
    tables.Registration,
    action="register.view",
    kind="departing_registration",
    scope=RecordColumns(owner="t.member_id", org_unit="t.org_unit_id", territory="t.territory_id"),
    joins=_OF_ENTRY,
    audited="read_registrations",
)
@strawberry.type(
    description="A registration of a member who goes, and who gets it as things stand now; once he"
    " is gone, who got it."
)
class DepartingRegistration(Node):
    id: strawberry.ID = key(ID)
    registration: Registration | None = relation("t.id", "Registration", "The registration.")
    goes: RegistrationsGo | None = sql(
        GOES, "Where it goes; null where the rulebook has not been asked yet."
    )
    taker: Member | None = relation(
        TAKER, "Member", "Who gets it: the successor, or whose turn it is; null in the pool."
    )


@strawberry.input(description="Which registrations of a member who goes.")
class DepartingRegistrationFilter:
    and_: list["DepartingRegistrationFilter"] | None = every()
    or_: list["DepartingRegistrationFilter"] | None = some()
    not_: "DepartingRegistrationFilter | None" = none_of()
    site_id: IdFilter | None = on_id("t.site_id", "site", "By site.")
    party_id: IdFilter | None = on_id("t.party_id", "party", "By customer.")
    protected_until: DateTimeFilter | None = on(
        "t.protected_until", "timestamptz", "By the end of protection."
    )


DEPARTING_REGISTRATIONS: Final = Orders(
    {"PROTECTED_UNTIL": SortKey("t.protected_until", "timestamptz", nullable=True)},
    "PROTECTED_UNTIL",
    descending=False,
)


@strawberry.enum(description="What becomes of a task of a member who goes. Values are added.")
class TaskGoes(Enum):
    SUCCESSOR = strawberry.enum_value("SUCCESSOR", description="His successor gets it.")
    CANCELLED = strawberry.enum_value(
        "CANCELLED", description="It is cancelled: nobody succeeds him, or a duty of his made it."
    )


_DUTY_MADE: Final = ", ".join(f"'{kind}'" for kind in sorted(DIES_WITH_ITS_DUTY))
PASSED_ON: Final = f"{_SUCCEEDS} AND t.kind NOT IN ({_DUTY_MADE})"


@planned(
    task_tables.Task,
    action="task.view",
    kind="departing_task",
    scope=RecordColumns(owner="t.member_id", org_unit="t.org_unit_id"),
    joins="JOIN app.departure gone ON gone.tenant_id = $1 AND gone.member_id = t.member_id"
    " AND gone.state = 'PLANNED' AND t.state = 'OPEN'",
)
@strawberry.type(description="An open task of a member who goes, and what becomes of it.")
class DepartingTask(Node):
    id: strawberry.ID = key(ID)
    task: Task | None = relation("t.id", "Task", "The task.")
    goes: TaskGoes = sql(
        f"CASE WHEN {PASSED_ON} THEN 'SUCCESSOR' ELSE 'CANCELLED' END", "What becomes of it."
    )
    taker: Member | None = relation(
        f"CASE WHEN {PASSED_ON} THEN gone.successor_id END", "Member", "Who gets it, if anybody."
    )


TASKS_OF: Final = "gone.id = {parent}"
DEPARTING_TASKS: Final = Orders(
    {"DUE_AT": SortKey("t.due_at", "timestamptz", nullable=True)}, "DUE_AT", descending=False
)

_HE: Final = (
    "(SELECT gone.member_id FROM app.departure gone"
    " WHERE gone.tenant_id = $1 AND gone.id = {parent})"
)
DEALS_OF: Final = f"t.owner_id = {_HE} AND t.claims_close_at > {{now}} AND t.cancelled_at IS NULL"
CLAIMS_OF: Final = (
    f"t.claimant_id = {_HE} AND t.result = 'ADMITTED' AND EXISTS (SELECT FROM app.deal d"
    " WHERE d.tenant_id = $1 AND d.id = t.deal_id AND d.claims_close_at > {now}"
    " AND d.cancelled_at IS NULL)"
)
DISPUTES_OF: Final = (
    f"t.ended_at IS NULL AND (t.first_member_id = {_HE} OR t.second_member_id = {_HE})"
)
VISITS_OF: Final = f"t.left_at IS NULL AND (t.receiver_id = {_HE} OR t.owner_id = {_HE})"
TARGETS_OF: Final = (
    f"t.member_id = {_HE} AND NOT t.is_vacancy AND t.last_day >= (SELECT gone.first_day"
    " FROM app.departure gone WHERE gone.tenant_id = $1 AND gone.id = {parent})"
    " AND EXISTS (SELECT FROM app.target_plan p WHERE p.tenant_id = $1 AND p.id = t.plan_id"
    f" AND {goes_on('p')})"
)
POOL_ENTRIES_OF: Final = "departure_id"
