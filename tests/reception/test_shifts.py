"""The roster: planned, moved, called off; nobody at two places at once, nobody while on leave."""

import asyncio
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from builders.reception import Showroom, a_showroom, at

from service.clock import ManualClock
from service.errors import (
    DayOutOfRange,
    Forbidden,
    InvalidInput,
    NotFound,
    Refusal,
    Refusals,
    VersionConflict,
)
from service.organisation.commands import RecordLeave
from service.organisation.errors import MemberOnLeave
from service.reception.commands import (
    CancelShift,
    ChangeShift,
    PlanShift,
    cancel_shift,
    change_shift,
    plan_shift,
    record_leave,
)
from service.reception.errors import ShiftOver, ShiftOverlaps
from service.work import Transactions

TOMORROW = date(2026, 3, 3)


@pytest.fixture
async def showroom(transactions: Transactions, clock: ManualClock) -> Showroom:
    at(clock, "03-02 08:30")
    return await a_showroom(transactions)


async def plans(
    showroom: Showroom, name: str, starts: int, ends: int, day: date = TOMORROW, **how: Any
) -> UUID:
    site = how.get("site", showroom.site_id)
    order = PlanShift(site, showroom.people[name], day, time(starts), time(ends))
    shift: UUID = await showroom.do(plan_shift, order, by=how.get("by", "Mei"))
    return shift


async def roster(showroom: Showroom, name: str) -> list[tuple[int, int]]:
    rows = await showroom.tenant.rows(
        "SELECT starts_at, ends_at FROM app.shift WHERE tenant_id = $1 AND member_id = $2"
        " AND cancelled_at IS NULL ORDER BY day, starts_at",
        showroom.people[name],
    )
    return [(row["starts_at"].hour, row["ends_at"].hour) for row in rows]


async def test_a_manager_plans_shifts_and_a_rep_does_not(showroom: Showroom) -> None:
    shift = await plans(showroom, "An", 9, 18)

    for forbidden in (
        plans(showroom, "Bo", 9, 18, by="An"),
        showroom.do(change_shift, ChangeShift(shift, 1, starts_at=time(10)), by="An"),
        showroom.do(cancel_shift, CancelShift(shift, 1), by="An"),
    ):
        with pytest.raises(Forbidden):
            await forbidden
    for missing in (
        plans(showroom, "An", 9, 18, site=uuid4()),
        showroom.do(change_shift, ChangeShift(uuid4(), 1), by="Mei"),
        showroom.do(cancel_shift, CancelShift(uuid4(), 1), by="Mei"),
    ):
        with pytest.raises(NotFound):
            await missing


async def test_nobody_is_planned_twice_for_one_hour_but_one_shift_may_follow_another(
    showroom: Showroom,
) -> None:
    await plans(showroom, "An", 9, 13)
    await plans(showroom, "An", 13, 18)
    await plans(showroom, "Bo", 9, 13)

    with pytest.raises(ShiftOverlaps) as refused:
        await plans(showroom, "An", 12, 14)

    assert refused.value.field == ("input", "startsAt")
    assert refused.value.values() == {
        "site": "showroom-1", "starts_at": "09:00", "ends_at": "13:00",
    }  # fmt: skip
    assert await plans(showroom, "An", 12, 14, TOMORROW + timedelta(days=1))


async def test_of_two_overlapping_shifts_planned_at_once_one_is_refused(
    showroom: Showroom,
) -> None:
    planned = await asyncio.gather(
        *(plans(showroom, "An", starts, starts + 4) for starts in (9, 10, 11)),
        return_exceptions=True,
    )

    assert sum(isinstance(one, ShiftOverlaps) for one in planned) == 2
    assert len(await roster(showroom, "An")) == 1


async def test_a_shift_is_planned_for_today_or_up_to_a_year_ahead(showroom: Showroom) -> None:
    today, furthest = date(2026, 3, 2), date(2027, 3, 3)

    for day in (today - timedelta(days=1), furthest + timedelta(days=1)):
        with pytest.raises(DayOutOfRange) as refused:
            await plans(showroom, "An", 9, 18, day)
        assert refused.value.field == ("input", "day")
        assert refused.value.values() == {"first": str(today), "last": str(furthest)}
    with pytest.raises(InvalidInput):
        await plans(showroom, "An", 18, 18)
    for day in (today, furthest):
        await plans(showroom, "An", 9, 18, day)


async def test_a_shift_is_moved_as_it_could_be_planned_there(showroom: Showroom) -> None:
    shift = await plans(showroom, "An", 9, 13)
    await plans(showroom, "An", 14, 18)

    async def moved(version: int, **to: Any) -> None:
        await showroom.do(change_shift, ChangeShift(shift, version, **to), by="Mei")

    refused: list[tuple[type[Refusal], dict[str, Any]]] = [
        (ShiftOverlaps, {"ends_at": time(15)}),
        (InvalidInput, {"starts_at": time(13)}),
        (DayOutOfRange, {"day": date(2026, 3, 1)}),
    ]
    for refusal, to in refused:
        with pytest.raises(refusal):
            await moved(1, **to)
    with pytest.raises(VersionConflict):
        await moved(2, starts_at=time(10))
    # His own hours of before do not stand in his way.
    await moved(1, starts_at=time(10), ends_at=time(14))
    assert await roster(showroom, "An") == [(10, 14), (14, 18)]
    await moved(2, day=TOMORROW + timedelta(days=1), ends_at=time(18))
    assert await roster(showroom, "An") == [(14, 18), (10, 18)]


async def test_a_shift_that_is_called_off_frees_its_hours_and_is_kept(
    showroom: Showroom, clock: ManualClock
) -> None:
    shift = await plans(showroom, "An", 9, 13)
    passed = await plans(showroom, "An", 9, 13, date(2026, 3, 2))
    await showroom.do(cancel_shift, CancelShift(shift, 1), by="Mei")
    await plans(showroom, "An", 9, 18)

    rows = "SELECT FROM app.shift WHERE tenant_id = $1 AND id = $2"
    assert len(await showroom.tenant.rows(rows, shift)) == 1
    assert await roster(showroom, "An") == [(9, 13), (9, 18)]
    at(clock, "03-03 08:30")
    for over in (shift, passed):
        version = 2 if over == shift else 1
        with pytest.raises(ShiftOver):
            await showroom.do(cancel_shift, CancelShift(over, version), by="Mei")
        order = ChangeShift(over, version, starts_at=time(10))
        with pytest.raises(ShiftOver):
            await showroom.do(change_shift, order, by="Mei")


async def test_nobody_is_planned_while_he_is_on_leave_or_has_left(showroom: Showroom) -> None:
    admin = showroom.tenant.admin_id
    order = RecordLeave(showroom.people["An"], "ANNUAL", TOMORROW, TOMORROW)
    await showroom.tenant.do(record_leave, order, by=admin)

    with pytest.raises(MemberOnLeave) as refused:
        await plans(showroom, "An", 9, 18)
    assert refused.value.field == ("input", "day")
    shift = await plans(showroom, "An", 9, 18, TOMORROW + timedelta(days=1))
    with pytest.raises(MemberOnLeave):
        await showroom.do(change_shift, ChangeShift(shift, 1, TOMORROW), by="Mei")
    showroom.people["Nobody"] = uuid4()
    with pytest.raises(Refusals):
        await plans(showroom, "Nobody", 9, 18)
