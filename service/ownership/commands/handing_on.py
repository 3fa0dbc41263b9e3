"""Registrations find new hands: passed on with their standing, or released to the company pool."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from service.calendar import day_of
from service.database.session import Row
from service.errors import FieldPath, InvalidInput, NotFound
from service.organisation.queries import lacking
from service.ownership.commands.entries import Entry
from service.ownership.commands.registers import pass_entries_on, reenter
from service.ownership.errors import NobodyToTake, NotAReceiver, PoolEntryTaken
from service.ownership.events import AssignedFromPool, RegistrationsReleased
from service.ownership.facts import departing, lock_floor, locked_book, party_facts
from service.ownership.rules import dealt_out
from service.ownership.tables import PoolEntry
from service.policies.access import Record
from service.rulebooks.in_force import in_force
from service.work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Lot:
    """What a member's registrations have in common when they find new hands."""

    departure_id: UUID
    member_id: UUID
    decision_id: UUID
    remark: str


async def hand_on(work: UnitOfWork, lot: Lot, given: Sequence[tuple[Row, UUID]]) -> None:
    """Enter locked registrations in the registers of new members; rank and window go along."""
    if not given:
        return
    end_entries(work, [row for row, _ in given])
    await work.flush()
    # Registers are locked in one order, whoever hands on what.
    for member_id, site_id in sorted({(member_id, row["site_id"]) for row, member_id in given}):
        mine = [row for row, to in given if (to, row["site_id"]) == (member_id, site_id)]
        entries = [(row, entry_of(row, member_id, lot.remark)) for row in mine]
        await pass_entries_on(work, entries, lot.decision_id)


def release(work: UnitOfWork, lot: Lot, rows: Sequence[Row]) -> None:
    """Give locked registrations to the company pool."""
    if not rows:
        return
    end_entries(work, rows)
    for row in rows:
        work.add(
            PoolEntry(
                tenant_id=work.tenant_id,
                id=work.new_id(),
                created_at=work.now,
                created_by=work.caller.member_id,
                party_id=row["party_id"],
                site_id=row["site_id"],
                org_unit_id=row["org_unit_id"],
                territory_id=row["territory_id"],
                registration_id=row["id"],
                from_member_id=lot.member_id,
                departure_id=lot.departure_id,
                entered_at=work.now,
            )
        )
    work.emit(
        RegistrationsReleased(lot.departure_id, lot.member_id, tuple(row["id"] for row in rows))
    )


def end_entries(work: UnitOfWork, rows: Sequence[Row]) -> None:
    """Take locked registrations out of account: they are passed on, or the company's."""
    work.write(
        "registration",
        "UPDATE app.registration SET superseded_at = {}::timestamptz,"
        " released_at = {}::timestamptz, version = version + 1"
        " WHERE tenant_id = {}::uuid AND id = ANY({}::uuid[])",
        work.now,
        work.now,
        work.tenant_id,
        [row["id"] for row in rows],
        expected=len(rows),
    )


def entry_of(row: Row, member_id: UUID, remark: str | None) -> Entry:
    """Return what is entered for a member in place of a registration."""
    return Entry(
        visit_id=row["visit_id"],
        call_id=row["call_id"],
        party_id=row["party_id"],
        member_id=member_id,
        site_id=row["site_id"],
        zone=ZoneInfo(row["time_zone"]),
        arrived_at=row["received_at"],
        reception_day=row["reception_day"],
        org_unit_id=row["org_unit_id"],
        territory_id=row["territory_id"],
        remark=remark,
        name_given=True,
        phone_given=True,
    )


@dataclass(frozen=True, slots=True)
class AssignFromPool:
    """A customer of the company is handed out: to a member, or to whom the rotation gives him."""

    pool_entry_id: UUID
    member_id: UUID | None = None
    by_rotation: bool = False


async def assign_from_pool(work: UnitOfWork, order: AssignFromPool) -> UUID:
    """Enter the customer in the register of who gets him, from now, and return the pool entry's id.

    By rotation he goes to whom of those who receive at the site has the fewest live registrations.
    Locks the site's queue, the register, then the pool entry, as does who enters a customer of
    the pool.

    Raises:
        NotFound, Forbidden, InvalidInput (a member and the rotation, or neither), PoolEntryTaken.
        CustomerIncomplete, SurveyVisitorNotRegistered: he makes no valid registration here.
        NotAReceiver: the member holds no duty to receive at the site.
        NobodyToTake: nobody receives at the site.
    """
    if (order.member_id is None) != order.by_rotation:
        raise InvalidInput(field=("input", "memberId"), expected="ONE_OF", choices=_EITHER)
    entry = await departing.pool_entry(work, order.pool_entry_id)
    work.authorise("pool.assign", Record(None, entry["org_unit_id"], entry["territory_id"]))
    if entry["taken_at"] is not None:
        raise PoolEntryTaken
    await lock_floor(work, entry["site_id"])
    member_id = await _taker(work, order, entry)
    # Whoever enters a customer of the pool has his register first, and then the pool's entry.
    await locked_book(work, member_id, entry["site_id"])
    if not await departing.claimed(work, order.pool_entry_id):
        raise PoolEntryTaken
    rulebook = await in_force(work, work.now, entry["site_id"])
    zone = ZoneInfo(entry["time_zone"])
    # What was released was valid; of who came his own data say what is given.
    known = await party_facts(work, entry["party_id"], entry["visit_id"])
    if entry["registration_id"] is not None:
        known |= _GIVEN
    fresh = Entry(
        visit_id=entry["visit_id"],
        call_id=entry["call_id"],
        party_id=entry["party_id"],
        member_id=member_id,
        site_id=entry["site_id"],
        zone=zone,
        arrived_at=work.now,
        reception_day=day_of(work.now, zone),
        org_unit_id=entry["org_unit_id"],
        territory_id=entry["territory_id"],
        name_given=known["name_given"],
        phone_given=known["phone_given"],
        document_given=known["document_given"],
        face_given=known["face_given"],
        survey_visitor=known["survey_visitor"],
    )
    registration_id = await reenter(work, rulebook, fresh, entry["registration_id"])
    values: dict[str, object] = {
        "taken_at": work.now,
        "taken_by": member_id,
        "assigned_by": work.caller.member_id,
        "by_rotation": order.by_rotation,
        "assigned_id": registration_id,
    }
    work.change(PoolEntry, order.pool_entry_id, values)
    work.concerns("pool_entry", order.pool_entry_id, member=member_id)
    work.emit(AssignedFromPool(order.pool_entry_id, registration_id, member_id))
    return order.pool_entry_id


_EITHER = ("memberId", "byRotation")
_GIVEN = dict.fromkeys(("name_given", "phone_given", "document_given", "face_given"), True)
_TO = ("input", "memberId")


async def require_receiver(
    work: UnitOfWork, member_id: UUID, place: Record, field: FieldPath
) -> None:
    """Refuse to give customers of a site to somebody who does not receive there (Q1).

    Raises:
        NotAReceiver: none of his own duties lets him.
    """
    if await lacking(work, [member_id], "visit.take", place):
        raise NotAReceiver(member=await departing.member_name(work, member_id), field=field)


async def _taker(work: UnitOfWork, order: AssignFromPool, entry: Row) -> UUID:
    if order.member_id is not None:
        if not await departing.works_here(work, order.member_id):
            raise NotFound(field=_TO)
        place = Record(None, entry["site_org_unit_id"], entry["site_territory_id"])
        await require_receiver(work, order.member_id, place, _TO)
        return order.member_id
    hands = await departing.hands(work, entry["from_member_id"], work.now)
    takers = dealt_out(hands.get(entry["site_id"], ()), 1)
    if not takers:
        raise NobodyToTake
    return takers[0]
