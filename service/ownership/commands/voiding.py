"""A manager's finding of falsification: what is void, and what falls with it (TR-8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from service.database.session import Row
from service.errors import InvalidInput, NotFound
from service.journal.tables import DecisionKind
from service.ownership import facts
from service.ownership.commands.claims import claim_of
from service.ownership.commands.credit import decide_again
from service.ownership.commands.deciding import Ruling, Subject, keep
from service.ownership.commands.disputes import hand_disputes_over
from service.ownership.events import ClaimRejected, PenaltyCaseOpened, RegisterVoided
from service.ownership.rules import Judged, void_later
from service.ownership.tables import (
    Claim,
    ClaimResult,
    FindingScope,
    PenaltyCase,
    RegisterBook,
)
from service.policies.access import Record
from service.rulebooks.in_force import InForce, in_force
from service.work import UnitOfWork

_LONGEST_REASON = 2000
_EITHER = ("registrationId", "firstDay")


@dataclass(frozen=True, slots=True)
class VoidRegister:
    """A manager finds a member's register at a site falsified (五(四)5).

    Attributes:
        registration_id: the false entry, if the finding names one.
        first_day: first of the site's days whose entries are false, if the finding names days.
        last_day: last of them; today when left out.
    """

    member_id: UUID
    site_id: UUID
    reason: str
    registration_id: UUID | None = None
    first_day: date | None = None
    last_day: date | None = None


async def void_register(work: UnitOfWork, order: VoidRegister) -> UUID:
    """Void what the rulebook lets fall with the finding, and return the register's id.

    Void up to now is the whole register, after which the member's next entry opens a new one; or
    the entry or the days named, where `tamper.scope` says so. Claims that rest on void entries and
    whose deals are not final fail, and those deals' credit is decided again; final deals stay.
    Disputes of his that are still private go to the manager. The case is kept. Locks the register,
    its registrations, the deals.

    Raises:
        NotFound: no such site or entry, or the member has no open register there.
        Forbidden, InvalidInput.
    """
    _refuse_odd(order)
    site = await work.fetch_one(
        "SELECT org_unit_id, territory_id, time_zone FROM app.site"
        " WHERE tenant_id = $1 AND id = $2",
        work.tenant_id,
        order.site_id,
    )
    if site is None:
        raise NotFound(field=("input", "siteId"))
    work.authorise(
        "register.void", Record(order.member_id, site["org_unit_id"], site["territory_id"])
    )
    await facts.lock_floor(work, order.site_id)
    book = await facts.locked_book(work, order.member_id, order.site_id)
    if book is None:
        raise NotFound(field=("input", "memberId"))
    await _refuse_missing(work, book.id, order.registration_id)
    rulebook = await in_force(work, work.now, order.site_id)
    asked = {"names": _named(order)}
    outcome = rulebook.rulebook.decide("falsification", asked)
    scope = str(outcome.then["scope"])
    registration_ids = await _void_entries(work, book.id, _Falls(order, scope, site["time_zone"]))
    if scope == FindingScope.WHOLE_REGISTER:
        values = {"voided_at": work.now, "void_reason": order.reason.strip()}
        work.change(RegisterBook, book.id, values)
    found = (order.member_id, site["org_unit_id"], site["territory_id"])
    names = {"rep": order.member_id, "manager": work.caller.member_id}
    ruling = Ruling(
        DecisionKind.REGISTRATION, asked, outcome, names, {"registrations": registration_ids}
    )
    decision_id = keep(work, rulebook, Subject("register_book", book.id, *found), ruling)
    _note_case(
        work, order, Subject("register_book", book.id, *found), scope, registration_ids, decision_id
    )
    private = await facts.private_disputes(work, order.member_id, work.now, registration_ids)
    await fail_claims(work, rulebook, registration_ids)
    if outcome.then["disputes"] == "HANDED_OVER":
        await hand_disputes_over(work, private)
    work.concerns("register_book", book.id, reason=order.reason)
    work.emit(RegisterVoided(book.id, order.member_id, order.site_id, tuple(registration_ids)))
    return book.id


def _refuse_odd(order: VoidRegister) -> None:
    if not order.reason.strip() or len(order.reason) > _LONGEST_REASON:
        field = ("input", "reason")
        raise InvalidInput(field=field, expected="CHARACTERS", least=1, most=_LONGEST_REASON)
    if order.last_day is not None and (order.first_day is None or order.last_day < order.first_day):
        raise InvalidInput(field=("input", "lastDay"), expected="AFTER_START")
    if order.first_day is not None and order.registration_id is not None:
        raise InvalidInput(field=("input", "firstDay"), expected="ONE_OF", choices=_EITHER)


async def _refuse_missing(work: UnitOfWork, book_id: UUID, registration_id: UUID | None) -> None:
    """Refuse a finding that names an entry which is not in the register, however much falls."""
    if registration_id is None:
        return
    found = await work.fetch_value(
        "SELECT true FROM app.registration"
        " WHERE tenant_id = $1 AND id = $2 AND register_book_id = $3",
        work.tenant_id,
        registration_id,
        book_id,
    )
    if not found:
        raise NotFound(field=("input", "registrationId"))


def _named(order: VoidRegister) -> str:
    if order.registration_id is not None:
        return "ENTRY"
    return "NOTHING" if order.first_day is None else "PERIOD"


@dataclass(frozen=True, slots=True)
class _Falls:
    """Which entries of a register become void."""

    order: VoidRegister
    scope: str
    time_zone: str

    @property
    def condition(self) -> tuple[str, tuple[object, ...]]:
        """SQL over an entry `r`, from `$3` on, and its values."""
        if self.scope == FindingScope.ENTRY:
            return "r.id = $3::uuid", (self.order.registration_id,)
        if self.scope == FindingScope.PERIOD:
            days = (self.order.first_day, self.order.last_day, self.time_zone)
            return (
                "(r.entered_at AT TIME ZONE $5)::date >= $3::date"
                " AND ($4::date IS NULL OR (r.entered_at AT TIME ZONE $5)::date <= $4::date)",
                days,
            )
        return "TRUE", ()


async def _void_entries(work: UnitOfWork, book_id: UUID, falls: _Falls) -> list[UUID]:
    condition, values = falls.condition
    rows = await work.lock(
        "SELECT r.id FROM app.registration r WHERE r.tenant_id = $1 AND r.register_book_id = $2"
        f" AND r.voided_at IS NULL AND {condition} ORDER BY r.id FOR NO KEY UPDATE",
        work.tenant_id,
        book_id,
        *values,
    )
    ids = [row["id"] for row in rows]
    if not ids and falls.scope == FindingScope.ENTRY:
        raise NotFound(field=("input", "registrationId"))
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


def _note_case(  # noqa: PLR0917 - the parts of one row
    work: UnitOfWork,
    order: VoidRegister,
    book: Subject,
    scope: str,
    registration_ids: Sequence[UUID],
    decision_id: UUID,
) -> None:
    """Keep the case against the member; what is done about it is said later."""
    found_by = work.actor.member_id
    case = PenaltyCase(
        tenant_id=work.tenant_id,
        id=work.new_id(),
        created_at=work.now,
        created_by=work.caller.member_id,
        member_id=order.member_id,
        site_id=order.site_id,
        org_unit_id=book.org_unit_id,
        territory_id=book.territory_id,
        register_book_id=book.id,
        found_at=work.now,
        found_by=found_by,
        scope=scope,
        named_registration_id=order.registration_id,
        first_day=order.first_day,
        last_day=order.last_day,
        reason=order.reason.strip(),
        registration_ids=list(registration_ids),
        decision_id=decision_id,
    )
    work.add(case)
    work.emit(PenaltyCaseOpened(case.id, order.member_id, found_by))


async def fail_claims(
    work: UnitOfWork, rulebook: InForce, registration_ids: Sequence[UUID]
) -> None:
    """Judge the pending claims on void entries again, and their deals' credit; locks the deals."""
    # A claim being filed holds its registrations' share locks: it is committed, and seen here.
    found = await work.fetch(
        "SELECT DISTINCT c.deal_id FROM app.claim c"
        " JOIN app.deal d ON d.tenant_id = $1 AND d.id = c.deal_id"
        " WHERE c.tenant_id = $1 AND c.registration_id = ANY($2::uuid[])"
        " AND c.result = 'ADMITTED' AND (d.claims_close_at > $3 OR EXISTS (SELECT"
        "   FROM app.dispute x WHERE x.tenant_id = $1 AND x.deal_id = d.id"
        "   AND (x.ended_at IS NULL OR x.appeal_until > $3)))",
        work.tenant_id,
        list(registration_ids),
        work.now,
    )
    locked = await facts.locked_deals(work, [row["deal_id"] for row in found])
    # A dispute that is over ends what may be said of a deal, however long claims are heard; so
    # does a cancellation.
    deals = [deal for deal in locked if not deal.final_at(work.now)]
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
    subject = claim_of(deal, claim["id"], claimant_id)
    names = {"claimant": claimant_id, "owner": deal.closing.owner_id}
    behind = {"registrations": [claim["registration_id"]]}
    ruling = Ruling(DecisionKind.CLAIM, judged.facts, judged.outcome, names, behind)
    decision_id = keep(work, rulebook, subject, ruling)
    values = {"result": ClaimResult.REJECTED.value, "reason": reason, "decision_id": decision_id}
    work.change(Claim, claim["id"], values)
    work.emit(ClaimRejected(claim["id"], deal.id, claimant_id, reason))
    return True
