"""Registers: entering a visit's customer, and correcting an entry by a new one (TR-1, TR-9)."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from uuid import UUID
from zoneinfo import ZoneInfo

from service.calendar import day_of
from service.database.session import Row
from service.errors import InvalidInput
from service.journal.entries import chained
from service.journal.tables import DecisionKind
from service.ownership import facts
from service.ownership.commands.deciding import Ruling, Subject, keep
from service.ownership.commands.entries import (
    CallEntry,
    CallRight,
    Draft,
    Entry,
    call_right,
    chained_part,
    given_of,
)
from service.ownership.commands.pooling import leave_pool
from service.ownership.commands.running import count_trackings, switch_to_come
from service.ownership.commands.tracking import FIRST_FOLLOW_UP_DUE, watch
from service.ownership.errors import (
    AlreadyCorrected,
    AlreadyRegistered,
    CustomerIncomplete,
    RegisterIsVoid,
    SurveyVisitorNotRegistered,
)
from service.ownership.events import CustomerRegistered, EntryTooLate, RegistrationCorrected
from service.ownership.rules import (
    first_follow_up_due,
    ranks_from,
    registration_facts,
    terms_of,
    tracking_from,
)
from service.ownership.tables import RegisterBook, Registration, RegistrationResult
from service.policies.access import Record
from service.policies.rulebooks.rulebook import Outcome
from service.rulebooks.in_force import InForce
from service.rulebooks.in_force import in_force as rulebook_in_force
from service.work import UnitOfWork

_LONGEST_REMARK = 2000


async def enter_registration(work: UnitOfWork, in_force: InForce, entry: Entry) -> UUID:
    """Enter a customer in a member's register and return the entry's id (TR-1).

    Incomplete and late entries are stored and give no right. A second entry of the same visit's
    customer in the same register is refused once one is valid; while none is, it is a linked
    correction of the last (TR-9). The caller has authorised. Locks the register.

    Raises:
        SurveyVisitorNotRegistered: the rulebook keeps survey visitors out, with its clause.
        AlreadyRegistered: the customer stands in this register from this visit.
    """
    book = await facts.locked_book(work, entry.member_id, entry.site_id)
    visit_id = entry.visit_id
    if visit_id is None:
        raise RuntimeError("what a call registers is entered by enter_call")
    standing = await facts.standing_entry(work, visit_id, entry.party_id, entry.member_id)
    # Before the rulebook: an entry that came too late must not stand beside a valid one.
    if standing is not None and standing["result"] == RegistrationResult.VALID:
        raise AlreadyRegistered
    corrects = None if standing is None else standing["id"]
    asked = {
        "survey_visitor": entry.survey_visitor,
        **given_of(entry),
        **registration_facts(entry.arrived_at, work.now, entry.zone),
    }
    outcome = in_force.rulebook.decide("registration", asked)
    result = str(outcome.then["result"])
    if result not in RegistrationResult.__members__:
        raise SurveyVisitorNotRegistered(clause=outcome.clause)
    if corrects is not None:
        await _supersede(work, corrects)
    row = _new_entry(work, entry, book, result, corrects)
    _judge(work, in_force, row, asked, outcome)
    if result == RegistrationResult.VALID:
        _protect(work, in_force, row, entry)
        if entry.met_later:
            await _rank_buyer(work, row)
    _write(work, row, book)
    if result == RegistrationResult.VALID:
        # A customer of the company who comes back is whose register he stands in now.
        leave_pool(work, row.party_id, row.site_id, row.member_id, row.id)
    await _foresee(work, row)
    _tell(work, row)
    return row.id


async def _foresee(work: UnitOfWork, row: Draft) -> None:
    """Let the tracking end as a version that is known already will have it."""
    if row.protected_until is not None and await switch_to_come(work, row.site_id):
        # What is over as it is entered, for nothing bounds when, runs in no version to come.
        ends = await count_trackings(work, [row.id])
        row.protected_until = ends.get(row.id, row.protected_until)


def _tell(work: UnitOfWork, row: Draft) -> None:
    if row.result == RegistrationResult.INVALID_LATE:
        work.emit(EntryTooLate(row.id, row.member_id, row.visit_id))
    if row.protected_until is None or row.first_follow_up_due_at is None:
        return
    work.emit(
        CustomerRegistered(
            registration_id=row.id,
            member_id=row.member_id,
            party_id=row.party_id,
            visit_id=row.visit_id,
            site_id=row.site_id,
            org_unit_id=row.org_unit_id,
            protected_until=row.protected_until,
            first_follow_up_due_at=row.first_follow_up_due_at,
        )
    )


async def enter_call(
    work: UnitOfWork, in_force: InForce, entry: CallEntry, right: CallRight
) -> UUID | None:
    """Enter who telephoned in a member's register, for the days the rulebook gives a call.

    Returns the entry's id; None where the register has a live entry of him already, which a call
    leaves as it is. The caller has authorised. Locks the register.
    """
    book = await facts.locked_book(work, entry.member_id, entry.site_id)
    if book and await facts.tracked_entry(work, book.id, entry.party_id, work.now):
        return None
    of_call = Entry(
        visit_id=None,
        call_id=entry.call_id,
        party_id=entry.party_id,
        member_id=entry.member_id,
        site_id=entry.site_id,
        zone=entry.zone,
        arrived_at=entry.called_at,
        reception_day=day_of(entry.called_at, entry.zone),
        name_given=True,
        phone_given=True,
        org_unit_id=entry.org_unit_id,
        territory_id=entry.territory_id,
    )
    row = _new_entry(work, of_call, book, RegistrationResult.VALID.value, None)
    _judge(work, in_force, row, right.asked, right.outcome)
    _protect(work, in_force, row, of_call, days=right.days)
    _write(work, row, book)
    await _foresee(work, row)
    _tell(work, row)
    return row.id


def _new_entry(
    work: UnitOfWork, entry: Entry, book: facts.Book | None, result: str, corrects: UUID | None
) -> Draft:
    return Draft(
        id=work.new_id(),
        register_book_id=book.id if book else work.new_id(),
        member_id=entry.member_id,
        party_id=entry.party_id,
        visit_id=entry.visit_id,
        call_id=entry.call_id,
        site_id=entry.site_id,
        org_unit_id=entry.org_unit_id,
        territory_id=entry.territory_id,
        entered_at=work.now,
        ranks_from=work.now,
        received_at=max(entry.arrived_at, entry.left_at or entry.arrived_at),
        reception_day=entry.reception_day,
        result=result,
        remark=entry.remark,
        entry_number=(book.entry_count if book else 0) + 1,
        corrects_id=corrects,
    )


def _judge(
    work: UnitOfWork,
    in_force: InForce,
    row: Draft,
    asked: dict[str, bool | int],
    outcome: Outcome,
) -> None:
    subject = Subject("registration", row.id, row.member_id, row.org_unit_id, row.territory_id)
    names = {"rep": row.member_id, "customer": row.party_id}
    ruling = Ruling(DecisionKind.REGISTRATION, asked, outcome, names)
    row.decision_id = keep(work, in_force, subject, ruling)


def _protect(
    work: UnitOfWork, in_force: InForce, row: Draft, entry: Entry, days: int | None = None
) -> None:
    """Rank the entry and open its tracking window, and have the worker look at its ends.

    Args:
        work: the unit of work.
        in_force: the rulebook.
        row: the entry.
        entry: what it was made from.
        days: the length of its window, where it is not that of a reception.
    """
    row.ranks_from = ranks_from(in_force.rulebook, row.entered_at, entry.arrived_at)
    terms = terms_of(in_force.rulebook, entry.zone)
    if days is not None:
        terms = replace(terms, days=days)
    row.protected_until = tracking_from(row.received_at, terms).protected_until
    row.first_follow_up_due_at = first_follow_up_due(row.received_at, terms)
    work.schedule(FIRST_FOLLOW_UP_DUE, row.id, row.first_follow_up_due_at)
    watch(work, row.id, row.protected_until, entry.zone)


async def _rank_buyer(work: UnitOfWork, row: Draft) -> None:
    """Let an entry rank from itself that says only now whom it is of, who has signed already.

    Whose reception of him was the earlier is no longer its member's to say (`merge.order_by`).
    """
    if await facts.has_signed(work, row.party_id):
        row.ranks_from = row.entered_at


def _write(work: UnitOfWork, row: Draft, book: facts.Book | None) -> facts.Book:
    """Chain the entry to the register's last one, write both, and return the register now."""
    entry_hash = chained(book.head_hash if book else "", chained_part(asdict(row)))
    if book is None:
        work.add(
            RegisterBook(
                tenant_id=work.tenant_id,
                id=row.register_book_id,
                created_at=work.now,
                created_by=work.caller.member_id,
                member_id=row.member_id,
                site_id=row.site_id,
                entry_count=row.entry_number,
                head_hash=entry_hash,
            )
        )
    else:
        head = {"entry_count": row.entry_number, "head_hash": entry_hash}
        work.change(RegisterBook, book.id, head)
    work.add(
        Registration(
            tenant_id=work.tenant_id,
            created_at=work.now,
            created_by=work.caller.member_id,
            entry_hash=entry_hash,
            **asdict(row),
        )
    )
    work.concerns("registration", row.id, result=row.result)
    return facts.Book(row.register_book_id, row.entry_number, entry_hash)


async def pass_entries_on(
    work: UnitOfWork, entries: Sequence[tuple[Row, Entry]], decision_id: UUID
) -> None:
    """Enter what one member had at one site in another's register, with its rank and window.

    What is passed on is out of account already. Locks the register.
    """
    first = entries[0][1]
    book = await facts.locked_book(work, first.member_id, first.site_id)
    for old, entry in entries:
        row = _new_entry(work, entry, book, RegistrationResult.VALID.value, old["id"])
        row.decision_id = decision_id
        _take_over(work, row, old, entry.zone)
        made = book is None
        book = _write(work, row, book)
        if made:
            # What follows changes the register, so it must be there.
            await work.flush()
        work.emit(_correction(row))
    if row.result == RegistrationResult.INVALID_LATE:
        work.emit(EntryTooLate(row.id, row.member_id, row.visit_id))


async def reenter(
    work: UnitOfWork, in_force: InForce, entry: Entry, released_id: UUID | None
) -> UUID:
    """Enter a customer whom the company hands out, from now on, and return the entry's id.

    Locks the register.

    Args:
        work: the unit of work.
        in_force: the rulebook.
        entry: what is entered.
        released_id: the registration he comes from, unless he came to the company himself.

    Raises:
        CustomerIncomplete: what is known of him makes no valid registration, with the clause.
        SurveyVisitorNotRegistered: he turned out to be a survey, with the clause.
    """
    book = await facts.locked_book(work, entry.member_id, entry.site_id)
    asked: dict[str, bool | int] = {**given_of(entry)}
    outcome = in_force.rulebook.decide("registration", asked)
    if outcome.then["result"] not in RegistrationResult.__members__:
        raise SurveyVisitorNotRegistered(clause=outcome.clause)
    if released_id is None and outcome.then["result"] != RegistrationResult.VALID:
        raise CustomerIncomplete(clause=outcome.clause)
    row = _new_entry(work, entry, book, RegistrationResult.VALID.value, released_id)
    _judge(work, in_force, row, asked, outcome)
    _protect(work, in_force, row, entry)
    _write(work, row, book)
    await _foresee(work, row)
    _tell(work, row)
    return row.id


async def enter_afresh(
    work: UnitOfWork,
    in_force: InForce,
    entry: Entry,
    corrects_id: UUID | None,
    decision_id: UUID,
) -> UUID | None:
    """Enter whom a verdict gave a member and nobody tracks any more, from now on.

    Locks the register.

    Args:
        work: the unit of work.
        in_force: the rulebook.
        entry: what is entered.
        corrects_id: the last entry of him, which was valid and is out of account already.
        decision_id: the verdict.

    Returns:
        the entry's id; None where too little is known of the customer for a valid one, or he is
        a survey.
    """
    result = str(in_force.rulebook.decide("registration", given_of(entry)).then["result"])
    refused = result not in RegistrationResult.__members__
    if refused or (corrects_id is None and result != RegistrationResult.VALID):
        return None
    book = await facts.locked_book(work, entry.member_id, entry.site_id)
    row = _new_entry(work, entry, book, RegistrationResult.VALID.value, corrects_id)
    row.decision_id = decision_id
    _protect(work, in_force, row, entry)
    _write(work, row, book)
    await _foresee(work, row)
    _tell(work, row)
    return row.id


async def _supersede(work: UnitOfWork, registration_id: UUID) -> None:
    """Take an entry out of account; sent first, so that the new one finds its place free."""
    work.change(Registration, registration_id, {"superseded_at": work.now})
    await work.flush()


@dataclass(frozen=True, slots=True)
class CorrectRegistration:
    """A rep corrects an entry of his register by a new one that refers to it (五(四)5)."""

    registration_id: UUID
    remark: str
    party_id: UUID | None = None


async def correct_registration(work: UnitOfWork, order: CorrectRegistration) -> UUID:
    """Make the correcting entry and return its id; the old entry stays, and counts no more.

    The correction of a valid entry keeps its customer's rank and window; another customer, or an
    entry that was not valid, is judged anew at this instant. Locks the register, then the entry.

    Raises:
        NotFound, Forbidden, InvalidInput, AlreadyCorrected, RegisterIsVoid.
    """
    if not 1 <= len(order.remark) <= _LONGEST_REMARK:
        field = ("input", "remark")
        raise InvalidInput(field=field, expected="CHARACTERS", least=1, most=_LONGEST_REMARK)
    old = await facts.registration(work, order.registration_id, locked=False)
    owner = Record(old["member_id"], old["org_unit_id"], old["territory_id"])
    work.authorise("register.append", owner)
    book = await facts.locked_book(work, old["member_id"], old["site_id"])
    old = await facts.registration(work, order.registration_id, locked=True)
    if old["superseded_at"] is not None:
        raise AlreadyCorrected(field=("input", "registrationId"))
    if book is None or old["voided_at"] is not None:
        raise RegisterIsVoid(field=("input", "registrationId"))
    in_force = await rulebook_in_force(work, work.now, old["site_id"])
    entry = await _corrected(work, old, order)
    keeps = old["result"] == RegistrationResult.VALID and entry.party_id == old["party_id"]
    asked, outcome, result, days = _heard(work, in_force, entry, old, keeps=keeps)
    if result not in RegistrationResult.__members__:
        raise SurveyVisitorNotRegistered(clause=outcome.clause)
    await _supersede(work, old["id"])
    row = _new_entry(work, entry, book, result, old["id"])
    _judge(work, in_force, row, asked, outcome)
    if result == RegistrationResult.VALID:
        if keeps:
            _take_over(work, row, old, entry.zone)
        else:
            _protect(work, in_force, row, entry, days=days)
            if entry.party_id != old["party_id"]:
                await _rank_buyer(work, row)
    _write(work, row, book)
    if not keeps:
        await _foresee(work, row)
    work.emit(_correction(row))
    return row.id


def _heard(
    work: UnitOfWork, in_force: InForce, entry: Entry, old: Row, *, keeps: bool
) -> tuple[dict[str, bool | int], Outcome, str, int | None]:
    """Return what a correction was judged on, how, its result, and a call's own days.

    What is judged anew is as late as its reception was, and has of a call what a call gives.
    """
    came_at = old["received_at"] if keeps else entry.arrived_at
    judged_at = old["ranks_from"] if keeps else work.now
    asked: dict[str, bool | int] = {
        "survey_visitor": entry.survey_visitor,
        **given_of(entry),
        **registration_facts(came_at, judged_at, entry.zone),
    }
    outcome = in_force.rulebook.decide("registration", asked)
    result = str(outcome.then["result"])
    if entry.call_id is None or keeps or result != RegistrationResult.VALID:
        return asked, outcome, result, None
    given = {"name_given": entry.name_given, "phone_given": entry.phone_given}
    right = call_right(in_force, **given)
    if right is None:
        none = in_force.rulebook.decide("call_right", given)
        return {**given}, none, RegistrationResult.INVALID_INCOMPLETE.value, None
    return asked, outcome, result, right.days


async def _corrected(work: UnitOfWork, old: Row, order: CorrectRegistration) -> Entry:
    party_id = order.party_id or old["party_id"]
    party = await facts.party_facts(work, party_id, old["visit_id"])
    return Entry(
        visit_id=old["visit_id"],
        call_id=old["call_id"],
        party_id=party_id,
        member_id=old["member_id"],
        site_id=old["site_id"],
        zone=ZoneInfo(old["time_zone"]),
        arrived_at=old["came_at"],
        left_at=old["received_at"],
        reception_day=old["reception_day"],
        org_unit_id=old["org_unit_id"],
        territory_id=old["territory_id"],
        remark=order.remark,
        name_given=party["name_given"],
        phone_given=party["phone_given"],
        document_given=party["document_given"],
        face_given=party["face_given"],
        survey_visitor=party["survey_visitor"],
    )


def _take_over(work: UnitOfWork, row: Draft, old: Row, zone: ZoneInfo) -> None:
    """Give a correction the standing of what it corrects."""
    row.ranks_from = old["ranks_from"]
    row.protected_until = old["protected_until"]
    row.first_follow_up_due_at = old["first_follow_up_due_at"]
    row.first_followed_up_at = old["first_followed_up_at"]
    row.converted_at = old["converted_at"]
    row.lapsed_at = old["lapsed_at"]
    row.first_follow_up_breached_at = old["first_follow_up_breached_at"]
    if row.first_follow_up_due_at is not None and row.first_followed_up_at is None:
        work.schedule(FIRST_FOLLOW_UP_DUE, row.id, row.first_follow_up_due_at)
    if row.protected_until is not None:
        watch(work, row.id, row.protected_until, zone)


def _correction(row: Draft) -> RegistrationCorrected:
    owes = row.first_followed_up_at is None and row.lapsed_at is None
    if row.corrects_id is None:
        raise RuntimeError("a correction names what it corrects")
    return RegistrationCorrected(
        registration_id=row.id,
        corrects_id=row.corrects_id,
        member_id=row.member_id,
        party_id=row.party_id,
        org_unit_id=row.org_unit_id,
        first_follow_up_due_at=row.first_follow_up_due_at if owes else None,
    )
