"""What duties make their holders owe by a clock: opened in its period, once, closed by evidence."""

from datetime import UTC, datetime
from typing import Any

import pytest
from builders.ownership import Showroom, a_showroom

from service.clock import ManualClock
from service.ownership.events import CustomerRegistered
from service.reception.events import SurveyExposed, VisitClosed
from service.reception.tables import Visit
from service.tasks import reactions
from service.tasks.commands import owe_recurring
from service.work import Transactions, UnitOfWork


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}+08:00").astimezone(UTC)


async def an_obligation(house: Showroom, role: str, obligation: dict[str, Any]) -> None:
    """Make a role's duty oblige its holders."""

    async def step(work: UnitOfWork) -> None:
        work.write(
            "duty",
            "UPDATE app.duty SET obligation = {}::jsonb"
            " WHERE tenant_id = {}::uuid AND code = {}::text",
            obligation,
            work.tenant_id,
            f"{role}-duty",
            expected=1,
        )

    await house.inside(step)


async def tasks(house: Showroom) -> list[tuple[str, str, str, datetime]]:
    names = {member_id: name for name, member_id in house.members.items()}
    rows = await house.rows(
        "SELECT member_id, kind, state, due_at FROM app.task WHERE tenant_id = $1 ORDER BY due_at"
    )
    return [(names[row["member_id"]], row["kind"], row["state"], row["due_at"]) for row in rows]


@pytest.mark.parametrize("kind", ["recurring_report", "bulletin", "inspection"])
async def test_what_recurs_is_opened_once_in_each_of_its_periods(
    transactions: Transactions, clock: ManualClock, kind: str
) -> None:
    house = await a_showroom(transactions)
    clause = {"kind": kind, "clock": {"weekday": 0}, "evidence": "task_completed"}
    await an_obligation(house, "manager", clause)

    # Mondays are 2 and 9 March; the day is the tenant's, not the clock's.
    for text in ("03-01 23:59", "03-02 00:01", "03-02 20:00", "03-03 08:00", "03-09 08:00"):
        clock.set(shanghai(text))
        await house.inside(owe_recurring)

    assert await tasks(house) == [
        ("Mei", kind, "OPEN", shanghai("03-03 00:00")),
        ("Mei", kind, "OPEN", shanghai("03-10 00:00")),
    ]


async def test_what_is_owed_by_the_month_is_owed_on_its_day(
    transactions: Transactions, clock: ManualClock
) -> None:
    house = await a_showroom(transactions)
    clause = {"kind": "bulletin", "clock": {"day_of_month": 5}, "evidence": "task_completed"}
    await an_obligation(house, "clerk", clause)

    for text in ("03-04 12:00", "03-05 12:00", "03-06 12:00"):
        clock.set(shanghai(text))
        await house.inside(owe_recurring)

    assert await tasks(house) == [("Fin", "bulletin", "OPEN", shanghai("03-06 00:00"))]


async def a_closed_visit(house: Showroom, clock: ManualClock, **changes: Any) -> Visit:
    clause = {"kind": "same_day_entry", "clock": {"end_of_day": True}}
    await an_obligation(house, "rep", clause)
    clock.set(shanghai("03-02 15:00"))
    visit = await house.a_visit("An", await house.a_party(), **changes)
    await close(house, visit)
    return visit


async def close(house: Showroom, visit: Visit) -> None:
    event = VisitClosed(visit.id, house.site_id, house.transactions.clock.now())

    async def step(work: UnitOfWork) -> None:
        await reactions.on_visit_closed(work, event)

    await house.inside(step)
    await house.inside(step)


async def test_who_has_left_is_to_be_entered_by_the_end_of_the_day(
    transactions: Transactions, clock: ManualClock
) -> None:
    house = await a_showroom(transactions)
    visit = await a_closed_visit(house, clock)
    due = shanghai("03-03 00:00")
    assert await tasks(house) == [("An", "same_day_entry", "OPEN", due)]
    entry_id = await house.enter(visit)
    event = CustomerRegistered(
        registration_id=entry_id,
        member_id=house.members["An"],
        party_id=visit.party_id or entry_id,
        visit_id=visit.id,
        site_id=house.site_id,
        org_unit_id=house.unit_id,
        protected_until=shanghai("03-10 00:00"),
        first_follow_up_due_at=shanghai("03-06 00:00"),
    )

    async def registered(work: UnitOfWork) -> None:
        await reactions.on_customer_registered(work, event)

    await house.inside(registered)

    assert (await tasks(house))[0] == ("An", "same_day_entry", "DONE", due)
    # Who stands in the register owes nothing at his next visit.
    again = await house.a_visit("An", event.party_id)
    await close(house, again)
    assert len(await tasks(house)) == 2


async def test_a_survey_visitor_is_not_to_be_entered(
    transactions: Transactions, clock: ManualClock
) -> None:
    house = await a_showroom(transactions)
    visit = await a_closed_visit(house, clock)

    async def exposed(work: UnitOfWork) -> None:
        event = SurveyExposed(visit.id, house.site_id, admitted=True)
        await reactions.on_survey_exposed(work, event)

    await house.inside(exposed)

    assert [state for _, _, state, _ in await tasks(house)] == ["CANCELLED"]
