"""A member goes: his customers, disputes and tasks find new hands at once (2.8 #40, #41)."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from builders.ownership import Showroom, a_showroom
from hypothesis import given
from hypothesis import strategies as st

from service.clock import ManualClock
from service.errors import Forbidden, InvalidInput, NotFound
from service.organisation.commands import LeaveMember, leave_member
from service.organisation.events import MemberLeft
from service.ownership.commands import (
    AssignFromPool,
    CancelDeparture,
    OpenDispute,
    PlanDeparture,
    assign_from_pool,
    cancel_departure,
    departure_due,
    open_dispute,
    plan_departure,
)
from service.ownership.errors import (
    DepartureAlreadyPlanned,
    DepartureInThePast,
    DepartureOver,
    NobodyToTake,
    NotAReceiver,
    PoolEntryTaken,
    SuccessorLeaves,
)
from service.ownership.reactions import on_member_left
from service.ownership.rules import Hand, dealt_out
from service.reception.tables import Presence
from service.tasks.commands import AssignTask, assign_task
from service.work import Transactions, UnitOfWork


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}+08:00").astimezone(UTC)


async def customers(house: Showroom, clock: ManualClock, rep: str = "An", size: int = 3) -> list:
    """A rep registers customers on 2 March; the visits' parties."""
    clock.set(shanghai("03-02 10:00"))
    parties = [await house.a_party() for _ in range(size)]
    for party_id in parties:
        await house.a_registration(rep, party_id)
    return parties


async def plans(house: Showroom, **changes: Any) -> UUID:
    values = {
        "member_id": house.members["An"],
        "kind": "LEAVING",
        "first_day": date(2026, 3, 4),
        "reason": "Moves abroad",
    }
    departure_id: UUID = await house.by("Ada", plan_departure, PlanDeparture(**(values | changes)))
    return departure_id


async def due(house: Showroom, departure_id: UUID) -> Any:
    async def step(work: UnitOfWork) -> None:
        await departure_due(work, departure_id)

    await house.inside(step)
    return await house.row("departure", departure_id)


async def live(house: Showroom) -> dict[UUID, str]:
    """Return who has each customer."""
    names = {member_id: name for name, member_id in house.members.items()}
    rows = await house.rows(
        "SELECT r.party_id, r.member_id FROM app.registration r JOIN app.member m"
        " ON m.tenant_id = $1 AND m.id = r.member_id AND m.state = 'ACTIVE'"
        " WHERE r.tenant_id = $1 AND r.superseded_at IS NULL"
    )
    return {row["party_id"]: names[row["member_id"]] for row in rows}


async def signed_in(house: Showroom, *reps: str) -> None:
    async def step(work: UnitOfWork) -> None:
        for place, name in enumerate(reps):
            work.add(
                Presence(
                    tenant_id=house.tenant_id,
                    id=uuid4(),
                    site_id=house.site_id,
                    member_id=house.members[name],
                    day=date(2026, 3, 2),
                    state="OUT",
                    signed_in_at=work.now + timedelta(minutes=place),
                    changed_at=work.now,
                )
            )

    await house.inside(step)


async def test_until_its_day_a_plan_changes_nothing_and_may_be_cancelled(
    transactions: Transactions, clock: ManualClock
) -> None:
    house = await a_showroom(transactions)
    parties = await customers(house, clock)

    departure_id = await plans(house)
    clock.set(shanghai("03-03 23:59:59"))
    row = await due(house, departure_id)
    assert (row["state"], row["takes_effect_at"]) == ("PLANNED", shanghai("03-04 00:00"))
    assert set((await live(house)).values()) == {"An"}
    with pytest.raises(DepartureAlreadyPlanned):
        await plans(house, first_day=date(2026, 3, 9))

    await house.by("Ada", cancel_departure, CancelDeparture(departure_id))
    clock.set(shanghai("03-04 09:00"))
    assert (await due(house, departure_id))["state"] == "CANCELLED"
    with pytest.raises(DepartureOver):
        await house.by("Ada", cancel_departure, CancelDeparture(departure_id))
    assert set(await live(house)) == set(parties)


async def test_released_customers_are_the_companys_until_a_manager_hands_them_out(
    transactions: Transactions, clock: ManualClock
) -> None:
    house = await a_showroom(transactions)
    parties = await customers(house, clock)
    departure_id = await plans(house)
    clock.set(shanghai("03-05 12:00"))

    row = await due(house, departure_id)
    await due(house, departure_id)

    assert (row["state"], row["went"], row["registration_count"]) == ("DONE", "POOL", 3)
    assert (await house.row("member", house.members["An"]))["state"] == "LEFT"
    assert (await house.row("member", house.members["An"]))["left_on"] == date(2026, 3, 3)
    pool = await house.rows("SELECT id, party_id FROM app.pool_entry WHERE tenant_id = $1")
    assert {entry["party_id"] for entry in pool} == set(parties)
    assert await live(house) == {}

    order = AssignFromPool(pool[0]["id"], house.members["Bo"])
    with pytest.raises(Forbidden):
        await house.by("Bo", assign_from_pool, order)
    await house.by("Mei", assign_from_pool, order)
    with pytest.raises(PoolEntryTaken):
        await house.by("Max", assign_from_pool, order)

    assert await live(house) == {pool[0]["party_id"]: "Bo"}
    (fresh,) = await house.rows(
        "SELECT * FROM app.registration WHERE tenant_id = $1 AND superseded_at IS NULL"
    )
    assert fresh["ranks_from"] == shanghai("03-05 12:00")
    assert fresh["protected_until"] == shanghai("03-13 00:00")
    assert fresh["first_follow_up_due_at"] == shanghai("03-09 00:00")


async def test_a_successor_takes_the_customers_with_rank_and_window(
    transactions: Transactions, clock: ManualClock
) -> None:
    house = await a_showroom(transactions)
    await customers(house, clock)
    clock.set(shanghai("03-04 09:00"))

    await plans(house, registrations="SUCCESSOR", successor_id=house.members["Bo"])

    assert set((await live(house)).values()) == {"Bo"}
    rows = await house.rows(
        "SELECT n.ranks_from = o.ranks_from AND n.protected_until = o.protected_until AS same,"
        " o.released_at IS NOT NULL AS released, n.entry_number FROM app.registration n"
        " JOIN app.registration o ON o.tenant_id = $1 AND o.id = n.corrects_id"
        " WHERE n.tenant_id = $1 ORDER BY n.entry_number"
    )
    assert [tuple(row) for row in rows] == [(True, True, n) for n in (1, 2, 3)]
    (book,) = await house.rows(
        "SELECT entry_count FROM app.register_book WHERE tenant_id = $1 AND member_id = $2",
        house.members["Bo"],
    )
    assert book["entry_count"] == 3


async def test_by_rotation_the_others_get_them_evenly(
    transactions: Transactions, clock: ManualClock
) -> None:
    house = await a_showroom(transactions, member__offboarding="BY_ROTATION")
    await signed_in(house, "An", "Bo", "Chu")
    await customers(house, clock, "Bo", 1)
    mine = await customers(house, clock, "An", 5)
    clock.set(shanghai("03-04 09:00"))

    row = await house.row("departure", await plans(house))

    assert row["went"] == "ROTATION"
    found = await live(house)
    assert sorted(found[party] for party in mine) == ["Bo", "Bo", "Chu", "Chu", "Chu"]


async def test_where_nobody_receives_the_rotation_leaves_them_to_the_company(
    transactions: Transactions, clock: ManualClock
) -> None:
    house = await a_showroom(transactions)
    await customers(house, clock)
    clock.set(shanghai("03-04 09:00"))

    await plans(house, registrations="ROTATION")

    pool = await house.rows("SELECT id FROM app.pool_entry WHERE tenant_id = $1")
    assert len(pool) == 3
    with pytest.raises(NobodyToTake):
        await house.by("Mei", assign_from_pool, AssignFromPool(pool[0]["id"], by_rotation=True))


@pytest.mark.parametrize(("scope", "went"), [("SITE", "POOL"), ("MEMBER", "KEPT")])
async def test_who_moves_leaves_his_customers_with_the_site_unless_the_tenant_says_otherwise(
    transactions: Transactions, clock: ManualClock, scope: str, went: str
) -> None:
    house = await a_showroom(transactions, register__scope=scope)
    await customers(house, clock)
    clock.set(shanghai("03-04 09:00"))
    other = uuid4()

    async def another_unit(work: UnitOfWork) -> None:
        work.write(
            "org_unit",
            "INSERT INTO app.org_unit (tenant_id, id, created_at, code, kind, names, valid_from)"
            " SELECT tenant_id, {}::uuid, created_at, 'north', kind, names, valid_from"
            " FROM app.org_unit WHERE tenant_id = {}::uuid",
            other,
            work.tenant_id,
        )

    await house.inside(another_unit)
    row = await house.row("departure", await plans(house, kind="TRANSFER", to_org_unit_id=other))

    assert row["went"] == went
    assert (await house.row("member", house.members["An"]))["state"] == "ACTIVE"
    offices = await house.rows(
        "SELECT org_unit_id, valid_until IS NULL AS open FROM app.assignment"
        " WHERE tenant_id = $1 AND member_id = $2",
        house.members["An"],
    )
    assert {tuple(office) for office in offices} == {(house.unit_id, False), (other, True)}
    assert len(await live(house)) == (3 if went == "KEPT" else 0)


async def test_his_disputes_go_to_the_manager_and_his_tasks_to_the_successor(
    transactions: Transactions, clock: ManualClock
) -> None:
    house = await a_showroom(transactions)
    await customers(house, clock)
    deal_id = await house.a_deal(await house.a_visit("Bo", await house.a_party()))
    two = (house.members["Bo"], house.members["An"])
    dispute_id = await house.by("Bo", open_dispute, OpenDispute(deal_id, two, "Mine"))
    task_id = await house.by("Mei", assign_task, AssignTask(house.members["An"], "Call Li"))

    row = await house.row(
        "departure",
        await plans(
            house,
            first_day=date(2026, 3, 2),
            registrations="SUCCESSOR",
            successor_id=house.members["Chu"],
        ),
    )

    assert (row["dispute_count"], row["task_count"]) == (1, 1)
    assert (await house.row("dispute", dispute_id))["handed_over_at"] is not None
    task = await house.row("task", task_id)
    assert (task["member_id"], task["state"]) == (house.members["Chu"], "OPEN")


async def test_only_who_keeps_members_plans_and_what_does_not_fit_is_refused(
    transactions: Transactions, clock: ManualClock
) -> None:
    house = await a_showroom(transactions)
    await customers(house, clock)
    an = house.members["An"]
    order = PlanDeparture(an, "LEAVING", date(2026, 3, 4), "Leaves")

    for name in ("An", "Mei"):
        with pytest.raises(Forbidden):
            await house.by(name, plan_departure, order)
    for expected, odd in (
        ("SUCCESSOR_IF_CHOSEN", {"registrations": "SUCCESSOR"}),
        ("SUCCESSOR_IF_CHOSEN", {"successor_id": house.members["Bo"]}),
        ("ANOTHER_MEMBER", {"registrations": "SUCCESSOR", "successor_id": an}),
        ("PLACE_IF_TRANSFER", {"kind": "TRANSFER"}),
        ("PLACE_IF_TRANSFER", {"to_org_unit_id": house.unit_id}),
        ("CHARACTERS", {"reason": " "}),
    ):
        with pytest.raises(InvalidInput, match=expected):
            await plans(house, **odd)
    with pytest.raises(NotFound):
        await plans(house, member_id=uuid4())
    with pytest.raises(NotFound):
        await house.by("Mei", assign_from_pool, AssignFromPool(uuid4(), an))
    with pytest.raises(InvalidInput):
        await house.by("Mei", assign_from_pool, AssignFromPool(uuid4()))


async def leaves(house: Showroom, name: str) -> None:
    """Somebody leaves without a plan; the worker hears of it, and hears of it again."""
    member_id = house.members[name]
    version = (await house.row("member", member_id))["version"]
    await house.by("Ada", leave_member, LeaveMember(member_id, version))

    async def hear(work: UnitOfWork) -> None:
        await on_member_left(work, MemberLeft(member_id))

    for _ in range(2):
        await house.inside(hear)


async def pooled(house: Showroom) -> list[UUID]:
    rows = await house.rows("SELECT party_id FROM app.pool_entry WHERE tenant_id = $1 ORDER BY 1")
    return [row["party_id"] for row in rows]


async def gone(house: Showroom) -> list[tuple[Any, ...]]:
    """Every departure: whose, where it is, where registrations went, how many, and tasks."""
    rows = await house.rows(
        "SELECT m.name, d.state, d.went, d.registration_count, d.task_count FROM app.departure d"
        " JOIN app.member m ON m.tenant_id = $1 AND m.id = d.member_id"
        " WHERE d.tenant_id = $1 ORDER BY m.name, d.state"
    )
    return [tuple(row) for row in rows]


@pytest.mark.parametrize("first_day", [date(2026, 3, 3), date(2026, 3, 4)])
async def test_a_successor_who_has_left_or_leaves_that_day_gets_nothing(
    transactions: Transactions, clock: ManualClock, first_day: date
) -> None:
    house = await a_showroom(transactions)
    parties = await customers(house, clock)
    bo = house.members["Bo"]
    task_id = await house.by("Mei", assign_task, AssignTask(house.members["An"], "Call Li"))
    to_bo = {"registrations": "SUCCESSOR", "successor_id": bo}
    first = await plans(house, **to_bo)
    second = await plans(house, member_id=bo, first_day=first_day)
    with pytest.raises(SuccessorLeaves):
        await plans(house, member_id=house.members["Chu"], **to_bo)
    clock.set(shanghai("03-03 00:00"))
    if first_day == date(2026, 3, 3):
        await due(house, second)
    clock.set(shanghai("03-04 00:00"))

    row = await due(house, first)

    assert (row["went"], row["registration_count"]) == ("POOL", 3)
    assert await pooled(house) == sorted(parties)
    assert (await house.row("task", task_id))["state"] == "CANCELLED"
    assert (await due(house, second))["state"] == "DONE"


async def test_who_leaves_without_a_plan_leaves_his_customers_as_the_rulebook_says_once(
    transactions: Transactions, clock: ManualClock
) -> None:
    house = await a_showroom(transactions)
    parties = await customers(house, clock)
    await house.by("Mei", assign_task, AssignTask(house.members["An"], "Call Li"))

    await leaves(house, "An")
    await leaves(house, "Chu")

    assert await pooled(house) == sorted(parties)
    assert await gone(house) == [("An", "DONE", "POOL", 3, 1)]
    assert await live(house) == {}


async def test_who_leaves_before_his_planned_day_takes_the_plan_with_him(
    transactions: Transactions, clock: ManualClock
) -> None:
    house = await a_showroom(transactions)
    an, chu = await customers(house, clock, "An"), await customers(house, clock, "Chu")
    departure_id = await plans(house, registrations="SUCCESSOR", successor_id=house.members["Bo"])
    move = {"kind": "TRANSFER", "to_org_unit_id": house.unit_id}
    moving = await plans(house, member_id=house.members["Chu"], **move)

    await leaves(house, "An")
    await leaves(house, "Chu")

    found = await live(house)
    assert {found[party_id] for party_id in an} == {"Bo"}
    assert await pooled(house) == sorted(chu)
    assert await gone(house) == [
        ("An", "DONE", "SUCCESSOR", 3, 0),
        ("Chu", "CANCELLED", None, 0, 0),
        ("Chu", "DONE", "POOL", 3, 0),
    ]
    clock.set(shanghai("03-04 00:00"))
    for planned in (departure_id, moving):
        assert (await due(house, planned))["state"] in {"DONE", "CANCELLED"}


@pytest.mark.parametrize("cancelled", [True, False])
async def test_a_plan_of_one_who_has_left_may_be_cancelled_and_its_timer_does_not_fail(
    transactions: Transactions, clock: ManualClock, cancelled: bool
) -> None:
    house = await a_showroom(transactions)
    parties = await customers(house, clock)
    departure_id = await plans(house)
    await house.by("Ada", leave_member, LeaveMember(house.members["An"], 1))

    if cancelled:
        await house.by("Ada", cancel_departure, CancelDeparture(departure_id))
    clock.set(shanghai("03-04 00:00"))
    row = await due(house, departure_id)

    assert row["state"] == ("CANCELLED" if cancelled else "DONE")
    assert await pooled(house) == ([] if cancelled else sorted(parties))


async def test_nobody_is_given_customers_who_does_not_receive_where_they_are(
    transactions: Transactions, clock: ManualClock
) -> None:
    house = await a_showroom(transactions)
    await customers(house, clock)
    clock.set(shanghai("03-04 09:00"))
    to_ada = {"registrations": "SUCCESSOR", "successor_id": house.members["Ada"]}

    with pytest.raises(NotAReceiver) as refused:
        await plans(house, **to_ada)
    assert (refused.value.field, refused.value.member) == (("input", "successorId"), "Ada")
    await plans(house, member_id=house.members["Chu"], **to_ada)

    await plans(house)
    (entry, *_) = await house.rows("SELECT id FROM app.pool_entry WHERE tenant_id = $1")
    with pytest.raises(NotAReceiver) as refused:
        await house.by("Mei", assign_from_pool, AssignFromPool(entry["id"], house.members["Ada"]))
    assert refused.value.field == ("input", "memberId")


@pytest.mark.parametrize(
    ("first_day", "confirmed", "goes"),
    [
        (date(2026, 3, 15), False, True),
        (date(2026, 3, 14), False, False),
        (date(2026, 3, 14), True, True),
        (date(2026, 2, 1), True, True),
        (date(2026, 1, 31), True, False),
    ],
)
async def test_a_day_past_is_confirmed_and_not_before_last_month(
    transactions: Transactions, clock: ManualClock, first_day: date, confirmed: bool, goes: bool
) -> None:
    house = await a_showroom(transactions)
    await customers(house, clock)
    clock.set(shanghai("03-15 09:00"))
    told = {"first_day": first_day, "confirm_past": confirmed}

    if goes:
        assert (await house.row("departure", await plans(house, **told)))["state"] == "DONE"
    else:
        with pytest.raises(DepartureInThePast) as refused:
            await plans(house, **told)
        assert refused.value.earliest == date(2026, 2, 1)
        assert await house.rows("SELECT 1 FROM app.departure WHERE tenant_id = $1") == []


async def test_a_customer_of_the_pool_handed_out_twice_at_once_is_handed_out_once(
    transactions: Transactions, clock: ManualClock
) -> None:
    house = await a_showroom(transactions)
    await customers(house, clock, size=1)
    clock.set(shanghai("03-04 09:00"))
    await plans(house)
    (entry,) = await house.rows("SELECT id FROM app.pool_entry WHERE tenant_id = $1")

    answers = await asyncio.gather(
        *(
            house.by(manager, assign_from_pool, AssignFromPool(entry["id"], house.members[rep]))
            for manager, rep in (("Mei", "Bo"), ("Max", "Chu"))
        ),
        return_exceptions=True,
    )

    assert [type(one) for one in answers if isinstance(one, Exception)] == [PoolEntryTaken]
    assert len(await live(house)) == 1


hands = st.lists(st.integers(0, 9), min_size=1, max_size=6).map(
    lambda held: [Hand(UUID(int=n), size) for n, size in enumerate(held)]
)


@given(hands, st.integers(0, 40))
def test_dealing_out_never_gives_to_one_who_has_more_than_another(
    several: list[Hand], size: int
) -> None:
    taken = dealt_out(several, size)

    held = {hand.member_id: hand.held + taken.count(hand.member_id) for hand in several}
    assert len(taken) == size
    for member_id in set(taken):
        assert held[member_id] - 1 <= min(held.values())
