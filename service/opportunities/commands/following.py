"""Open opportunities go with their customer to another territory, from the day he went."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from service.opportunities.commands.standing import KEPT
from service.opportunities.events import OpportunityChanged
from service.work import UnitOfWork

_ELSEWHERE: Final = [name for name in KEPT if name != "territory_id"]
_AS_THEY_WERE: Final = ", ".join(_ELSEWHERE)
_FOLLOWS: Final = f"""
WITH follows AS (
    UPDATE app.opportunity o SET territory_id = p.territory_id, version = o.version + 1
    FROM app.party p
    WHERE o.tenant_id = $1 AND p.tenant_id = $1 AND p.id = o.party_id AND p.id = ANY($2::uuid[])
      AND (o.state = 'OPEN' OR $4::boolean AND o.closed_on >= $3::date)
      AND o.territory_id IS DISTINCT FROM p.territory_id
    RETURNING o.id, o.metric_id, o.state, o.territory_id),
since AS (
    UPDATE app.opportunity_standing s SET territory_id = f.territory_id FROM follows f
    WHERE s.tenant_id = $1 AND s.opportunity_id = f.id AND s.first_day >= $3::date),
until AS (
    UPDATE app.opportunity_standing s SET last_day = $3::date - 1 FROM follows f
    WHERE s.tenant_id = $1 AND s.opportunity_id = f.id AND s.first_day < $3::date
      AND s.last_day >= $3::date
    RETURNING s.opportunity_id, f.territory_id AS goes_to, old.last_day AS stood_until,
        {", ".join(f"s.{name}" for name in _ELSEWHERE)}),
stands AS (
    INSERT INTO app.opportunity_standing
        (tenant_id, opportunity_id, first_day, last_day, territory_id, {_AS_THEY_WERE})
    SELECT $1, opportunity_id, $3::date, stood_until, goes_to, {_AS_THEY_WERE} FROM until)
SELECT id, metric_id, state FROM follows
"""


@dataclass(frozen=True, slots=True)
class Since:
    """From when customers stand elsewhere.

    Attributes:
        day: the company's day.
        is_whole: whether it is so from the day's first instant on.
    """

    day: date
    is_whole: bool


async def follow_customers(work: UnitOfWork, party_ids: Sequence[UUID], since: Since) -> int:
    """Let open opportunities stand where their customers do, from a day on.

    Every day before stays as it was. What was closed stays where it was closed; what was closed
    on the day or later, while nothing ran, was open when it began, and follows.

    Returns:
        How many followed.
    """
    rows = await work.fetch(_FOLLOWS, work.tenant_id, list(party_ids), since.day, since.is_whole)
    work.emit(*(OpportunityChanged(row["id"], row["metric_id"], row["state"]) for row in rows))
    return len(rows)
