"""Somebody who goes in the middle of a day has no place in a queue any more."""

import asyncio
import contextlib
from datetime import date
from typing import Any

import pytest
from builders.reception import REPS, Showroom, a_showroom

from service.organisation.commands import EndLeave, RecordLeave, end_leave
from service.organisation.errors import MemberOnLeave
from service.ownership.commands import PlanDeparture, plan_departure
from service.ownership.events import DepartureDone
from service.reception.commands import SignIn, record_leave, sign_in
from service.reception.reactions import on_member_gone
from service.work import Transactions, UnitOfWork

PRESENT = "SELECT state FROM app.presence WHERE tenant_id = $1 AND member_id = $2"
SIGNED_OUT = """
SELECT e.details FROM app.audit_event e
WHERE e.tenant_id = $1 AND e.command = 'sign_out' AND e.subject_id = $2
"""


async def goes(showroom: Showroom, name: str, **how: Any) -> None:
    """Somebody goes today; the worker hears of it, and hears of it again."""
    member_id = showroom.people[name]
    order = PlanDeparture(member_id, first_day=date(2026, 3, 2), reason="Goes", **how)
    tenant = showroom.tenant
    departure_id = await tenant.do(plan_departure, order, by=tenant.admin_id)

    async def hear(work: UnitOfWork) -> None:
        await on_member_gone(work, DepartureDone(departure_id, member_id, None))

    for _ in range(2):
        await tenant.transactions.internally(tenant.id, "hear", hear)


def away(showroom: Showroom, kind: str) -> dict[str, Any]:
    if kind == "LEAVING":
        return {"kind": kind}
    return {"kind": kind, "to_org_unit_id": next(iter(showroom.tenant.units.values()))}


@pytest.mark.parametrize("kind", ["LEAVING", "TRANSFER"])
async def test_who_goes_at_noon_is_signed_out_and_the_next_receives(
    transactions: Transactions, kind: str
) -> None:
    showroom = await a_showroom(transactions, ("An", "Bo", "Chu"))
    await showroom.sign_in("An", "Bo", "Chu")

    await goes(showroom, "An", **away(showroom, kind))

    (presence,) = await showroom.tenant.rows(PRESENT, showroom.people["An"])
    assert presence["state"] == "OUT"
    assert await showroom.receiver() == "Bo"
    assert await showroom.queue() == ["Chu", "Bo"]


async def test_whose_leave_covers_today_is_signed_out_by_it_and_the_next_receives(
    transactions: Transactions,
) -> None:
    showroom = await a_showroom(transactions, ("An", "Bo", "Chu", "Dai"))
    tenant, people = showroom.tenant, showroom.people
    await showroom.sign_in("An", "Bo", "Chu")
    yesterday, today, tomorrow = (date(2026, 3, day) for day in (1, 2, 3))

    for another in (yesterday, tomorrow):
        order = RecordLeave(people["Bo"], "ANNUAL", another, another)
        await tenant.do(record_leave, order, by=tenant.admin_id)
    ill = RecordLeave(people["An"], "SICK", today, today)
    leave = await tenant.do(record_leave, ill, by=tenant.admin_id)

    (presence,) = await tenant.rows(PRESENT, people["An"])
    assert presence["state"] == "OUT"
    assert await showroom.receiver() == "Bo"
    assert await showroom.queue() == ["Chu", "Bo"]
    told = await tenant.rows(SIGNED_OUT, showroom.site_id)
    assert [row["details"] for row in told] == [{"member": str(people["An"])}]
    with pytest.raises(MemberOnLeave) as refused:
        await showroom.do(sign_in, SignIn(showroom.site_id, (people["Dai"], people["An"])))
    assert refused.value.field == ("input", "memberIds", "1")
    assert refused.value.values() == {"member": "An", "last_day": "2026-03-02"}
    await tenant.do(end_leave, EndLeave(leave, 1), by=tenant.admin_id)
    await showroom.sign_in("An")
    assert await showroom.queue() == ["Chu", "Bo", "An"]


async def test_leave_and_sign_in_of_one_member_at_once_never_both_come_through(
    transactions: Transactions,
) -> None:
    names = REPS
    showroom = await a_showroom(transactions, names)
    tenant, people, today = showroom.tenant, showroom.people, date(2026, 3, 2)

    async def signs_in(name: str) -> None:
        with contextlib.suppress(MemberOnLeave):
            await showroom.sign_in(name)

    async def goes_on_leave(name: str) -> None:
        order = RecordLeave(people[name], "SICK", today, today)
        await tenant.do(record_leave, order, by=tenant.admin_id)

    await asyncio.gather(*(does(name) for name in names for does in (signs_in, goes_on_leave)))

    present = [row for name in names for row in await tenant.rows(PRESENT, people[name])]
    assert [row for row in present if row["state"] == "IN"] == []
    assert await showroom.queue() == []


async def test_a_past_that_is_decided_again_reads_that_he_was_signed_out_once(
    transactions: Transactions,
) -> None:
    showroom = await a_showroom(transactions, ("An", "Bo"))
    await showroom.sign_in("An", "Bo")

    await goes(showroom, "An", **away(showroom, "TRANSFER"))

    lines = await showroom.tenant.rows(SIGNED_OUT, showroom.site_id)
    assert [line["details"] for line in lines] == [{"member": str(showroom.people["An"])}]


async def test_who_was_not_signed_in_is_not_signed_out(transactions: Transactions) -> None:
    showroom = await a_showroom(transactions, ("An", "Bo"))
    await showroom.sign_in("Bo")

    await goes(showroom, "An", **away(showroom, "LEAVING"))

    assert await showroom.tenant.rows(SIGNED_OUT, showroom.site_id) == []
    assert await showroom.queue() == ["Bo"]
