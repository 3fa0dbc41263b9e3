"""Registers, corrections, leaving: real units of work on PostgreSQL."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from builders.ownership import Showroom, a_showroom

from service.clock import ManualClock
from service.errors import Forbidden, InvalidInput, NotFound
from service.journal.entries import chained
from service.ownership.commands import (
    CorrectRegistration,
    VoidRegister,
    correct_registration,
    reception_renews,
    visit_left,
    void_register,
)
from service.ownership.errors import (
    AlreadyCorrected,
    AlreadyRegistered,
    DealAlreadyRecorded,
    RegisterIsVoid,
    SurveyVisitorNotRegistered,
)
from service.ownership.facts import REGISTRATIONS_OF
from service.ownership.rules import Known, known_from
from service.rulebooks.in_force import in_force
from service.work import Transactions, UnitOfWork


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}+08:00").astimezone(UTC)


async def known_of(house: Showroom, *parties: UUID) -> list[Known]:
    sql = f"SELECT {REGISTRATIONS_OF.format(parties='$2')} AS found"
    (row,) = await house.rows(sql, list(parties))
    return [known_from(found) for found in row["found"]]


async def test_a_customer_entered_on_the_day_of_reception_is_protected_for_seven_days(
    transactions: Transactions,
) -> None:
    house = await a_showroom(transactions)

    entry = await house.row("registration", await house.a_registration("An", await house.a_party()))

    assert entry["result"] == "VALID"
    assert entry["protected_until"] == shanghai("03-10 00:00")
    assert entry["first_follow_up_due_at"] == shanghai("03-06 00:00")
    assert (entry["entry_number"], entry["corrects_id"]) == (1, None)


@pytest.mark.parametrize(
    ("lacking", "result"),
    [
        ({"phone_given": False}, "INVALID_INCOMPLETE"),
        ({"name_given": False}, "INVALID_INCOMPLETE"),
    ],
)
async def test_an_incomplete_entry_is_kept_and_gives_no_right(
    transactions: Transactions, lacking: dict[str, bool], result: str
) -> None:
    house = await a_showroom(transactions)
    wang = await house.a_party()

    entry = await house.row(
        "registration", await house.enter(await house.a_visit("An", wang), **lacking)
    )

    assert (entry["result"], entry["protected_until"]) == (result, None)
    (known,) = await known_of(house, wang)
    assert not known.counts


async def test_an_entry_on_the_next_day_is_late(
    transactions: Transactions, clock: ManualClock
) -> None:
    house = await a_showroom(transactions)
    visit = await house.a_visit("An", await house.a_party())
    clock.set(shanghai("03-03 00:00"))

    entry = await house.row("registration", await house.enter(visit))

    assert entry["result"] == "INVALID_LATE"


async def test_a_survey_visitor_enters_no_register(transactions: Transactions) -> None:
    house = await a_showroom(transactions)
    visit = await house.a_visit("An", await house.a_party())

    with pytest.raises(SurveyVisitorNotRegistered) as refused:
        await house.enter(visit, survey_visitor=True)

    assert refused.value.clause == "五(五)2"
    assert await house.rows("SELECT 1 FROM app.registration WHERE tenant_id = $1") == []


async def test_a_visits_customer_is_entered_once_by_the_same_rep(
    transactions: Transactions,
) -> None:
    house = await a_showroom(transactions)
    visit = await house.a_visit("An", await house.a_party())
    await house.enter(visit)

    with pytest.raises(AlreadyRegistered):
        await house.enter(visit)


async def test_what_was_missing_is_given_by_a_linked_entry_of_the_same_day(
    transactions: Transactions,
) -> None:
    house = await a_showroom(transactions)
    wang = await house.a_party()
    visit = await house.a_visit("An", wang)
    incomplete = await house.enter(visit, phone_given=False)

    complete = await house.row("registration", await house.enter(visit))

    assert (complete["result"], complete["corrects_id"]) == ("VALID", incomplete)
    assert [known.id for known in await known_of(house, wang)] == [complete["id"]]


async def test_the_entries_of_a_register_are_chained(
    transactions: Transactions, clock: ManualClock
) -> None:
    house = await a_showroom(transactions)
    for _ in range(3):
        await house.a_registration("An", await house.a_party())
        clock.advance(timedelta(minutes=5))

    entries = await house.rows(
        "SELECT * FROM app.registration WHERE tenant_id = $1 ORDER BY entry_number"
    )
    (book,) = await house.rows("SELECT * FROM app.register_book WHERE tenant_id = $1")

    head = ""
    for number, entry in enumerate(entries, start=1):
        part = {
            name: entry[name]
            for name in (
                "id",
                "register_book_id",
                "entry_number",
                "party_id",
                "visit_id",
                "entered_at",
                "reception_day",
                "result",
                "corrects_id",
                "remark",
            )
        }
        head = chained(head, part)
        assert (entry["entry_number"], entry["entry_hash"]) == (number, head)
    assert (book["entry_count"], book["head_hash"]) == (3, head)


async def test_registers_of_two_reps_are_two_books(transactions: Transactions) -> None:
    house = await a_showroom(transactions)
    wang = await house.a_party()
    await house.a_registration("An", wang)
    await house.a_registration("Bo", wang)

    first, second = await known_of(house, wang)

    assert first.register_book_id != second.register_book_id
    assert {first.member_id, second.member_id} == {house.members["An"], house.members["Bo"]}


async def test_an_entry_keeps_its_decision_with_facts_version_and_names(
    transactions: Transactions,
) -> None:
    house = await a_showroom(transactions)
    wang = await house.a_party()

    entry = await house.row("registration", await house.a_registration("An", wang))
    decision = await house.row("decision", entry["decision_id"])

    assert (decision["kind"], decision["rule"], decision["clause"]) == (
        "REGISTRATION",
        "RG-6",
        "五(三)",
    )
    assert decision["facts"]["days_since_reception"] == 0
    assert decision["outcome"]["names"] == {
        "rep": str(house.members["An"]),
        "customer": str(wang),
    }


@dataclass(frozen=True)
class Book:
    """A showroom with one entry of An's."""

    house: Showroom
    wang: UUID
    entry_id: UUID


async def a_book(transactions: Transactions) -> Book:
    house = await a_showroom(transactions)
    wang = await house.a_party()
    return Book(house, wang, await house.a_registration("An", wang))


async def test_a_correction_is_a_new_entry_with_the_rank_and_window_of_the_old(
    transactions: Transactions, clock: ManualClock
) -> None:
    book = await a_book(transactions)
    old = await book.house.row("registration", book.entry_id)
    clock.advance(timedelta(days=2))
    order = CorrectRegistration(book.entry_id, "Surname is 王, not 黃")

    new_id = await book.house.by("An", correct_registration, order)

    new = await book.house.row("registration", new_id)
    assert new["corrects_id"] == book.entry_id
    assert new["result"] == "VALID"
    kept = ("ranks_from", "protected_until", "first_follow_up_due_at", "received_at", "party_id")
    assert {name: new[name] for name in kept} == {name: old[name] for name in kept}
    after = await book.house.row("registration", book.entry_id)
    words = ("remark", "party_id", "result", "entry_hash", "entered_at")
    assert {name: after[name] for name in words} == {name: old[name] for name in words}
    assert [known.id for known in await known_of(book.house, book.wang)] == [new_id]


async def test_a_correction_may_be_corrected_on_another_day(
    transactions: Transactions, clock: ManualClock
) -> None:
    book = await a_book(transactions)
    entry_id = book.entry_id
    for remark in ("first", "second"):
        clock.advance(timedelta(days=1))
        order = CorrectRegistration(entry_id, remark)
        entry_id = await book.house.by("An", correct_registration, order)

    assert (await book.house.row("registration", entry_id))["result"] == "VALID"


async def test_a_correction_to_another_customer_ranks_from_now_and_may_be_late(
    transactions: Transactions, clock: ManualClock
) -> None:
    book = await a_book(transactions)
    li = await book.house.a_party("Li")
    clock.advance(timedelta(days=2))

    new_id = await book.house.by(
        "An", correct_registration, CorrectRegistration(book.entry_id, "It was Li", li)
    )

    new = await book.house.row("registration", new_id)
    assert (new["result"], new["party_id"]) == ("INVALID_LATE", li)
    assert new["ranks_from"] == clock.now()
    assert await known_of(book.house, book.wang) == []


async def test_an_entry_is_corrected_once(transactions: Transactions) -> None:
    book = await a_book(transactions)
    order = CorrectRegistration(book.entry_id, "first")
    await book.house.by("An", correct_registration, order)

    with pytest.raises(AlreadyCorrected):
        await book.house.by("An", correct_registration, replace(order, remark="second"))


@pytest.mark.parametrize("name", ["Bo", "Mei", "Fin"])
async def test_only_the_rep_himself_adds_to_his_register(
    transactions: Transactions, name: str
) -> None:
    book = await a_book(transactions)

    with pytest.raises(Forbidden):
        await book.house.by(name, correct_registration, CorrectRegistration(book.entry_id, "x"))


async def test_another_tenants_entry_answers_like_a_missing_one(
    transactions: Transactions,
) -> None:
    book, other = await a_book(transactions), await a_showroom(transactions)

    for entry_id in (book.entry_id, uuid4()):
        with pytest.raises(NotFound):
            await other.by("An", correct_registration, CorrectRegistration(entry_id, "x"))


async def test_a_correction_repeated_with_its_key_answers_the_same(
    transactions: Transactions,
) -> None:
    book = await a_book(transactions)
    order = CorrectRegistration(book.entry_id, "once")

    first = await book.house.by("An", correct_registration, order, key="k" * 16)
    again = await book.house.by("An", correct_registration, order, key="k" * 16)

    assert first == again
    count = await book.house.rows("SELECT count(*) FROM app.registration WHERE tenant_id = $1")
    assert count[0][0] == 2


async def test_a_correction_needs_a_remark(transactions: Transactions) -> None:
    book = await a_book(transactions)

    with pytest.raises(InvalidInput):
        await book.house.by("An", correct_registration, CorrectRegistration(book.entry_id, ""))


async def test_leaving_after_midnight_moves_the_day_that_is_not_counted(
    transactions: Transactions, clock: ManualClock
) -> None:
    house = await a_showroom(transactions)
    clock.set(shanghai("03-02 23:30"))
    visit = await house.a_visit("An", await house.a_party())
    entry_id = await house.enter(visit)
    clock.set(shanghai("03-03 00:40"))

    async def leave(work: UnitOfWork) -> None:
        await visit_left(work, await in_force(work, work.now), visit.id, work.now, house.zone)

    await house.inside(leave)

    entry = await house.row("registration", entry_id)
    assert entry["protected_until"] == shanghai("03-11 00:00")
    assert await house.formerly(entry_id) == [shanghai("03-10 00:00")]
    assert entry["first_follow_up_due_at"] == shanghai("03-07 00:00")


async def test_a_second_reception_by_the_same_rep_starts_a_new_week(
    transactions: Transactions, clock: ManualClock
) -> None:
    book = await a_book(transactions)
    clock.set(shanghai("03-06 09:00"))
    (known,) = await known_of(book.house, book.wang)

    async def receive(work: UnitOfWork) -> bool:
        rulebook = await in_force(work, work.now)
        return reception_renews(work, rulebook, known, work.now, book.house.zone)

    assert await book.house.inside(receive)

    (renewed,) = await known_of(book.house, book.wang)
    assert renewed.protected_until == shanghai("03-14 00:00")
    assert await book.house.formerly(known.id) == [shanghai("03-10 00:00")]


async def test_a_reception_after_the_lapse_renews_nothing(
    transactions: Transactions, clock: ManualClock
) -> None:
    book = await a_book(transactions)
    clock.set(shanghai("03-10 00:00"))
    (known,) = await known_of(book.house, book.wang)

    async def receive(work: UnitOfWork) -> bool:
        rulebook = await in_force(work, work.now)
        return reception_renews(work, rulebook, known, work.now, book.house.zone)

    assert not await book.house.inside(receive)
    assert await known_of(book.house, book.wang) == [known]


async def test_a_visit_has_one_deal_and_converts_its_customer(
    transactions: Transactions,
) -> None:
    house = await a_showroom(transactions)
    visit = await house.a_visit("An", await house.a_party())
    entry_id = await house.enter(visit)

    await house.a_deal(visit)

    entry = await house.row("registration", entry_id)
    assert entry["converted_at"] == house.transactions.clock.now()
    with pytest.raises(DealAlreadyRecorded):
        await house.a_deal(visit)


async def test_a_finding_voids_the_whole_register_and_the_next_entry_opens_a_new_one(
    transactions: Transactions, clock: ManualClock
) -> None:
    book = await a_book(transactions)
    house = book.house
    await house.a_registration("An", await house.a_party("Li"))
    order = VoidRegister(house.members["An"], house.site_id, "Copied from the call list")
    clock.advance(timedelta(hours=1))

    void_id = await house.by("Mei", void_register, order)
    await house.a_registration("An", await house.a_party("Zhao"))

    entries = await house.rows(
        "SELECT voided_at, register_book_id = $2 AS old FROM app.registration"
        " WHERE tenant_id = $1 ORDER BY entered_at, entry_number",
        void_id,
    )
    at = shanghai("03-02 11:00")
    assert [(row["voided_at"], row["old"]) for row in entries] == [
        (at, True),
        (at, True),
        (None, False),
    ]


@pytest.mark.parametrize("name", ["An", "Bo", "Fin"])
async def test_only_who_judges_registers_may_void_one(
    transactions: Transactions, name: str
) -> None:
    book = await a_book(transactions)
    order = VoidRegister(book.house.members["An"], book.house.site_id, "because")

    with pytest.raises(Forbidden):
        await book.house.by(name, void_register, order)


async def test_voiding_in_another_tenant_finds_nothing(transactions: Transactions) -> None:
    book, other = await a_book(transactions), await a_showroom(transactions)
    mine = book.house

    with pytest.raises(NotFound):
        await other.by(
            "Mei", void_register, VoidRegister(mine.members["An"], mine.site_id, "because")
        )
    with pytest.raises(NotFound):
        await other.by(
            "Mei", void_register, VoidRegister(mine.members["An"], other.site_id, "because")
        )


async def test_nothing_is_added_to_a_void_entry(transactions: Transactions) -> None:
    book = await a_book(transactions)
    house = book.house
    await house.by(
        "Mei", void_register, VoidRegister(house.members["An"], house.site_id, "because")
    )

    with pytest.raises(RegisterIsVoid):
        await house.by("An", correct_registration, CorrectRegistration(book.entry_id, "x"))


async def test_a_member_who_has_left_owns_nobody(transactions: Transactions) -> None:
    book = await a_book(transactions)

    async def resign(work: UnitOfWork) -> None:
        work.write(
            "member",
            "UPDATE app.member SET state = 'LEFT' WHERE tenant_id = {}::uuid AND id = {}::uuid",
            work.tenant_id,
            book.house.members["An"],
            expected=1,
        )

    await book.house.inside(resign)

    (known,) = await known_of(book.house, book.wang)
    assert not known.member_active
