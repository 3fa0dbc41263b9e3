"""A dispute about a customer has ended: whose he is from now on, with rank and window (五(五)8)."""

from collections.abc import Sequence
from uuid import UUID

from service.calendar import day_of
from service.customers.commands import entrust_party
from service.database.session import Row
from service.ownership import facts
from service.ownership.commands.entries import Entry
from service.ownership.commands.handing_on import end_entries, entry_of
from service.ownership.commands.pooling import leave_pool
from service.ownership.commands.registers import enter_afresh, pass_entries_on
from service.ownership.events import CustomerPooled
from service.ownership.facts import departing
from service.ownership.tables import DisputeSubject, PoolEntry, Registration
from service.rulebooks.in_force import InForce
from service.work import UnitOfWork


async def award_customer(
    work: UnitOfWork, rulebook: InForce, disputed: facts.Disputed, outcome_id: UUID
) -> None:
    """Let the registers say what a dispute has come to, where it began about a customer.

    Who gets him takes over what the other has tracked, with its rank and window; where neither
    tracks him, he stands in the register from now. Who has left keeps no customer: he is the
    company's then, as by a verdict for the company. Where the credit of his deal was divided,
    everything stays as it is. The two's registers and entries are locked.
    """
    award = disputed.standing.award
    if disputed.began_about is not DisputeSubject.CUSTOMER or award is None or award.splits:
        return
    entries = await facts.standing_entries(work, disputed)
    winner_id = disputed.two[0] if award.first else disputed.two[1]
    if award.company or not await departing.works_here(work, winner_id):
        await _to_the_company(work, disputed, entries)
        return
    entrust_party(work, disputed.party_id, winner_id)
    await _to_one(work, rulebook, disputed, (winner_id, outcome_id, entries))


async def _to_one(
    work: UnitOfWork,
    rulebook: InForce,
    disputed: facts.Disputed,
    given: tuple[UUID, UUID, Sequence[Row]],
) -> None:
    winner_id, outcome_id, entries = given
    own = [row for row in entries if row["member_id"] == winner_id]
    lost = [row for row in entries if row["member_id"] != winner_id]
    tracked = [row for row in entries if row["protected_until"] > work.now]
    origins = {(row["visit_id"], row["call_id"]) for row in own}
    # A visit's customer stands once in a register.
    passed = [r for r in lost if r in tracked and (r["visit_id"], r["call_id"]) not in origins]
    if lost:
        end_entries(work, lost)
    if own and not tracked:
        # His own lapsed entry is corrected by the new one.
        work.change(Registration, own[-1]["id"], {"superseded_at": work.now})
    await work.flush()
    if passed:
        made = [(row, entry_of(row, winner_id, None)) for row in passed]
        await pass_entries_on(work, made, outcome_id)
    registration_id = None
    if not tracked:
        old = own[-1] if own else (lost[-1] if lost else None)
        entry = await _afresh(work, disputed, winner_id, old)
        if entry is not None:
            corrects_id = None if old is None else old["id"]
            registration_id = await enter_afresh(work, rulebook, entry, corrects_id, outcome_id)
    leave_pool(work, disputed.party_id, disputed.site_id, winner_id, registration_id)


async def _afresh(
    work: UnitOfWork, disputed: facts.Disputed, member_id: UUID, old: Row | None
) -> Entry | None:
    """Return what enters a customer for a member from now; None where nothing brought him here."""
    if old is not None:
        visit_id, call_id = old["visit_id"], old["call_id"]
    else:
        found = await facts.latest_visit(work, disputed.party_id, disputed.site_id)
        if found is None:
            return None
        visit_id, call_id = found["id"], None
    known = await facts.party_facts(work, disputed.party_id, visit_id)
    return Entry(
        visit_id=visit_id,
        call_id=call_id,
        party_id=disputed.party_id,
        member_id=member_id,
        site_id=disputed.site_id,
        zone=disputed.zone,
        arrived_at=work.now,
        reception_day=day_of(work.now, disputed.zone),
        org_unit_id=disputed.org_unit_id,
        territory_id=disputed.territory_id,
        name_given=known["name_given"],
        phone_given=known["phone_given"],
        document_given=known["document_given"],
        face_given=known["face_given"],
        survey_visitor=known["survey_visitor"],
    )


async def _to_the_company(
    work: UnitOfWork, disputed: facts.Disputed, entries: Sequence[Row]
) -> None:
    """Let a manager hand the customer out: he is of the latest entry, else of his latest visit."""
    if entries:
        end_entries(work, entries)
    if await departing.pooled(work, disputed.party_id, disputed.site_id) is not None:
        return
    visit = await facts.latest_visit(work, disputed.party_id, disputed.site_id)
    last = max(entries, key=lambda row: (row["entered_at"], row["id"]), default=None)
    if last is None and (visit is None or visit["pooled"]):
        return
    entry = PoolEntry(
        tenant_id=work.tenant_id,
        id=work.new_id(),
        created_at=work.now,
        created_by=work.caller.member_id,
        party_id=disputed.party_id,
        site_id=disputed.site_id,
        org_unit_id=disputed.org_unit_id,
        territory_id=disputed.territory_id,
        registration_id=None if last is None else last["id"],
        from_member_id=None if last is None else last["member_id"],
        visit_id=visit["id"] if last is None and visit is not None else None,
        entered_at=work.now,
    )
    work.add(entry)
    work.emit(CustomerPooled(entry.id, disputed.party_id, disputed.site_id))
