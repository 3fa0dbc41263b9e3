"""A manager's finding of falsification: the register is void, pending claims on it fail (TR-8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from service.database.session import Row
from service.errors import InvalidInput, NotFound
from service.journal.tables import DecisionKind
from service.ownership import facts
from service.ownership.commands.credit import decide_again
from service.ownership.commands.deciding import Ruling, Subject, keep
from service.ownership.events import ClaimRejected, RegisterVoided
from service.ownership.rules import Judged, void_later
from service.ownership.tables import Claim, ClaimResult, RegisterBook
from service.policies.access import Record
from service.rulebooks.in_force import InForce, in_force
from service.work import UnitOfWork

_LONGEST_REASON = 2000


@dataclass(frozen=True, slots=True)
class VoidRegister:
    """A manager finds a member's register at a site falsified (五(四)5)."""

    member_id: UUID
    site_id: UUID
    reason: str


async def void_register(work: UnitOfWork, order: VoidRegister) -> UUID:
    """Void the register with every entry up to now, and return its id.

    The member's next entry opens a new register. Claims that rest on it and whose deals are not
    final fail, and those deals' credit is decided again; final deals stay. Locks the register,
    its registrations, the deals.

    Raises:
        NotFound: no such site, or the member has no open register there.
        Forbidden, InvalidInput.
    """
    if not order.reason.strip() or len(order.reason) > _LONGEST_REASON:
        field = ("input", "reason")
        raise InvalidInput(field=field, expected="CHARACTERS", least=1, most=_LONGEST_REASON)
    site = await work.fetch_one(
        "SELECT org_unit_id, territory_id FROM app.site WHERE tenant_id = $1 AND id = $2",
        work.tenant_id,
        order.site_id,
    )
    if site is None:
        raise NotFound(field=("input", "siteId"))
    work.authorise(
        "register.void", Record(order.member_id, site["org_unit_id"], site["territory_id"])
    )
    book = await facts.locked_book(work, order.member_id, order.site_id)
    if book is None:
        raise NotFound(field=("input", "memberId"))
    work.change(RegisterBook, book.id, {"voided_at": work.now, "void_reason": order.reason.strip()})
    registration_ids = await _void_entries(work, book.id)
    rulebook = await in_force(work, work.now, order.site_id)
    await _fail_claims(work, rulebook, registration_ids)
    work.concerns("register_book", book.id, reason=order.reason)
    work.emit(RegisterVoided(book.id, order.member_id, order.site_id, tuple(registration_ids)))
    return book.id


async def _void_entries(work: UnitOfWork, book_id: UUID) -> list[UUID]:
    rows = await work.fetch(
        "SELECT id FROM app.registration WHERE tenant_id = $1 AND register_book_id = $2"
        " AND voided_at IS NULL ORDER BY id FOR NO KEY UPDATE",
        work.tenant_id,
        book_id,
    )
    ids = [row["id"] for row in rows]
    work.write(
        "registration",
        "UPDATE app.registration SET voided_at = {}::timestamptz, version = version + 1"
        " WHERE tenant_id = {}::uuid AND id = ANY({}::uuid[])",
        work.now,
        work.tenant_id,
        ids,
        expected=len(ids),
    )
    return ids


async def _fail_claims(
    work: UnitOfWork, rulebook: InForce, registration_ids: Sequence[UUID]
) -> None:
    """Judge the pending claims on void entries again, and their deals' credit."""
    # A claim being filed holds its registrations' share locks: it is committed, and seen here.
    found = await work.fetch(
        "SELECT DISTINCT c.deal_id FROM app.claim c"
        " JOIN app.deal d ON d.tenant_id = $1 AND d.id = c.deal_id"
        " WHERE c.tenant_id = $1 AND c.registration_id = ANY($2::uuid[])"
        " AND c.result = 'ADMITTED' AND (d.claims_close_at > $3 OR EXISTS (SELECT"
        "   FROM app.dispute x WHERE x.tenant_id = $1 AND x.deal_id = d.id"
        "   AND x.ended_at IS NULL))",
        work.tenant_id,
        list(registration_ids),
        work.now,
    )
    deals = await facts.locked_deals(work, [row["deal_id"] for row in found])
    claims = await work.fetch(
        "SELECT c.id, c.deal_id, c.claimant_id, c.registration_id, n.facts"
        " FROM app.claim c JOIN app.decision n ON n.tenant_id = $1 AND n.id = c.decision_id"
        " WHERE c.tenant_id = $1 AND c.deal_id = ANY($2::uuid[]) AND c.result = 'ADMITTED'"
        " ORDER BY c.id",
        work.tenant_id,
        [deal.id for deal in deals],
    )
    void = set(registration_ids)
    for deal in deals:
        failed = {
            claim["registration_id"]
            for claim in claims
            if claim["deal_id"] == deal.id
            and claim["registration_id"] in void
            and _fails(work, rulebook, deal, claim)
        }
        left = [claim for claim in deal.claims if claim.registration_id not in failed]
        if failed:
            decide_again(work, rulebook, deal, left)


def _fails(work: UnitOfWork, rulebook: InForce, deal: facts.DealFacts, claim: Row) -> bool:
    judged: Judged = void_later(rulebook.rulebook, claim["facts"])
    if judged.admitted:
        return False
    claimant_id, reason = claim["claimant_id"], str(judged.outcome.then["reason"])
    subject = Subject("claim", claim["id"], claimant_id, deal.org_unit_id, deal.territory_id)
    names = {"claimant": claimant_id, "owner": deal.closing.owner_id}
    behind = {"registrations": [claim["registration_id"]]}
    ruling = Ruling(DecisionKind.CLAIM, judged.facts, judged.outcome, names, behind)
    decision_id = keep(work, rulebook, subject, ruling)
    values = {"result": ClaimResult.REJECTED.value, "reason": reason, "decision_id": decision_id}
    work.change(Claim, claim["id"], values)
    work.emit(ClaimRejected(claim["id"], deal.id, claimant_id, reason))
    return True
