"""An entry is moved to the right customer: the visit it was made of is his too (五(四)5)."""

from uuid import UUID

from service.customers.facts import parties
from service.database.session import Row
from service.errors import NotFound
from service.ownership import commands
from service.work import UnitOfWork

_PARTY = ("input", "partyId")
# Before registers, as everywhere.
_LOCK = """
SELECT v.id, v.party_id, r.party_id AS was,
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
        # A replay gives the visit back to whom it was decided for.
        work.concerns("registration", registration_id, visit=visit["id"], was=visit["was"])
    return registration_id


async def _in_sight(work: UnitOfWork, party_id: UUID, visit: Row | None) -> None:
    """Refuse a customer whom the caller may not see and the visitor was not recognised as."""
    (party,) = await parties(work, [(party_id, _PARTY)])
    if visit is not None and party_id in {visit["party_id"], *visit["recognised"]}:
        return
    if not work.policy.check(work.actor, "party.view", party.record).allowed:
        raise NotFound(field=_PARTY)
