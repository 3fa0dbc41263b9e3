"""An entry is moved to the right customer: the visit it was made of is his too (五(四)5)."""

from uuid import UUID
from zoneinfo import ZoneInfo

from service.calendar import day_of
from service.campaigns.commands import Touched, moved
from service.customers.facts import parties
from service.database.session import Row
from service.errors import NotFound
from service.ownership import commands
from service.work import UnitOfWork

_PARTY = ("input", "partyId")
# Before registers, as everywhere.
_LOCK = """
SELECT v.id, v.party_id, r.party_id AS was, v.campaign_id, v.arrived_at, v.reception_day,
    v.site_id, v.territory_id,
    (SELECT s.time_zone FROM app.site s WHERE s.tenant_id = $1 AND s.id = v.site_id) AS time_zone,
    EXISTS (SELECT FROM app.deal d WHERE d.tenant_id = $1 AND d.visit_id = v.id) AS sold,
    ARRAY(SELECT p.party_id FROM app.visit_party p
          WHERE p.tenant_id = $1 AND p.visit_id = v.id) AS recognised
FROM app.visit v JOIN app.registration r ON r.tenant_id = $1 AND r.visit_id = v.id
WHERE v.tenant_id = $1 AND r.id = $2
FOR NO KEY UPDATE OF v
"""
# What the visitor was recognised as stays with the decision that was made on it (`visit_party`).
_MOVE = """
UPDATE app.visit SET party_id = {}::uuid, version = version + 1
WHERE tenant_id = {}::uuid AND id = {}::uuid
"""


async def correct_registration(work: UnitOfWork, order: commands.CorrectRegistration) -> UUID:
    """Correct as ownership's command does; the visit follows to the right customer.

    A visit that was sold keeps the customer of its deal. Locks the visit and the customer first.

    Raises:
        NotFound: the customer is missing, or out of the caller's sight.
        whatever ownership's command raises.
    """
    visit = await work.fetch_one(_LOCK, work.tenant_id, order.registration_id)
    if order.party_id is not None:
        await _in_sight(work, order.party_id, visit)
    registration_id = await commands.correct_registration(work, order)
    if visit is None or visit["sold"] or order.party_id in {None, visit["was"]}:
        return registration_id
    if visit["party_id"] == visit["was"]:
        work.write("visit", _MOVE, order.party_id, work.tenant_id, visit["id"])
        _touch(work, visit, order.party_id)
        # A replay gives the visit back to whom it was decided for.
        work.concerns("registration", registration_id, visit=visit["id"], was=visit["was"])
    return registration_id


def _touch(work: UnitOfWork, visit: Row, party_id: UUID | None) -> None:
    """Let the campaign that brought the visitor have brought the right one."""
    whose = visit["campaign_id"]
    what = Touched(
        visit["arrived_at"],
        visit["reception_day"],
        visit["site_id"],
        visit["territory_id"],
        visit_id=visit["id"],
    )
    today = day_of(work.now, ZoneInfo(visit["time_zone"]))
    moved(work, what, (whose, visit["party_id"]), (whose, party_id), today=today)


async def _in_sight(work: UnitOfWork, party_id: UUID, visit: Row | None) -> None:
    """Refuse a customer whom the caller may not see and the visitor was not recognised as."""
    (party,) = await parties(work, [(party_id, _PARTY)])
    if visit is not None and party_id in {visit["party_id"], *visit["recognised"]}:
        return
    if not work.policy.check(work.actor, "party.view", party.record).allowed:
        raise NotFound(field=_PARTY)
