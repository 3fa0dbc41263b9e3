"""Who may be given visitors: only members whose own duties let them receive at the site."""

from datetime import timedelta
from uuid import UUID

import pytest
from builders.reception import Showroom, a_showroom

from service.clock import ManualClock
from service.errors import InvalidInput
from service.ownership.errors import NotAReceiver
from service.reception.commands import (
    ReassignReception,
    RecordArrival,
    RecordDeal,
    SignIn,
    TakeDayOff,
    TakeVisitor,
    reassign_reception,
    record_arrival,
    record_deal,
    sign_in,
    take_day_off,
    take_visitor,
)
from service.work import Transactions, UnitOfWork


@pytest.fixture
async def showroom(transactions: Transactions) -> Showroom:
    return await a_showroom(transactions)


@pytest.mark.parametrize("role", ["finance-clerk", "desk-clerk", "director", "tenant-admin"])
async def test_only_who_receives_is_signed_in(showroom: Showroom, role: str) -> None:
    other = await showroom.tenant.member("某人", role)

    with pytest.raises(NotAReceiver):
        await showroom.tenant.do(
            sign_in, SignIn(showroom.site_id, (other,)), by=showroom.people["Mei"]
        )


async def test_a_visitor_is_not_given_to_somebody_who_does_not_receive(
    showroom: Showroom,
) -> None:
    clerk = await showroom.tenant.member("內勤", "desk-clerk")
    await showroom.sign_in("An")
    visit = await showroom.arrives()

    with pytest.raises(NotAReceiver):
        await showroom.do(
            reassign_reception, ReassignReception(visit["id"], clerk, "客戶要求"), by="Mei"
        )


async def test_nobody_greets_on_his_day_off_who_does_not_receive(showroom: Showroom) -> None:
    other = await showroom.tenant.member("內勤", "desk-clerk")
    await showroom.sign_in("An")

    with pytest.raises(NotAReceiver):
        await showroom.do(record_arrival, RecordArrival(showroom.site_id, taken_by_id=other))


async def test_the_sites_manager_is_given_a_visitor_though_he_stands_in_no_rotation(
    showroom: Showroom,
) -> None:
    await showroom.sign_in("An")
    visit = await showroom.arrives()
    mei = showroom.people["Mei"]

    await showroom.do(reassign_reception, ReassignReception(visit["id"], mei, "客戶要求"), by="Mei")

    assert (await showroom.visit(visit["id"]))["receiver_id"] == mei
    with pytest.raises(NotAReceiver):
        await showroom.do(sign_in, SignIn(showroom.site_id, (mei,)), by="Mei")


async def test_a_rep_of_another_team_does_not_receive_here(showroom: Showroom) -> None:
    elsewhere = await _a_unit_beside(showroom)
    stranger = await showroom.tenant.member("外組", unit=elsewhere)

    with pytest.raises(NotAReceiver) as refused:
        await showroom.do(sign_in, SignIn(showroom.site_id, (stranger,)), by="Mei")

    assert refused.value.field == ("input", "memberIds")


async def _a_unit_beside(showroom: Showroom) -> str:
    """Make a second team beside the site's; returns the code by which the builder knows it."""
    code = "another-team"

    async def step(work: UnitOfWork) -> UUID:
        unit_id = work.new_id()
        work.write(
            "org_unit",
            "INSERT INTO app.org_unit (tenant_id, id, created_at, code, names, kind, parent_id,"
            " valid_from)"
            " SELECT u.tenant_id, {}::uuid, u.created_at, {}::text, u.names, u.kind, u.parent_id,"
            " u.valid_from FROM app.org_unit u WHERE u.tenant_id = {}::uuid AND u.code = {}::text",
            unit_id,
            code,
            work.tenant_id,
            showroom.tenant.team_unit,
            expected=1,
        )
        work.write(
            "tenant",
            "UPDATE app.tenant SET access_version = access_version + 1 WHERE tenant_id = {}::uuid",
            work.tenant_id,
            expected=1,
        )
        return unit_id

    unit_id = await showroom.tenant.transactions.internally(showroom.tenant_id, "a_unit", step)
    showroom.tenant.made.units[code] = unit_id  # type: ignore[index] # the builder's own mapping
    return code


async def test_nobody_takes_a_day_off_from_a_rotation_he_is_not_in(showroom: Showroom) -> None:
    clerk = await showroom.tenant.member("內勤", "desk-clerk")

    with pytest.raises(NotAReceiver):
        await showroom.do(take_day_off, TakeDayOff(showroom.site_id, clerk), by="Mei")


async def test_a_manager_orders_nobody_to_greet_who_does_not_receive(showroom: Showroom) -> None:
    clerk = await showroom.tenant.member("內勤", "desk-clerk")

    with pytest.raises(NotAReceiver):
        await showroom.do(
            take_visitor, TakeVisitor(showroom.site_id, clerk, reason="貴賓"), by="Mei"
        )


async def test_who_takes_a_visitor_is_judged_without_a_statement_more(showroom: Showroom) -> None:
    await showroom.sign_in("Bo")
    await showroom.arrives()
    an = showroom.people["An"]
    await showroom.do(take_day_off, TakeDayOff(showroom.site_id, an), by="An")
    counted: list[int] = []

    async def count(work: UnitOfWork, _visit_id: UUID) -> None:
        counted.append(work.statement_count)

    for taker in (None, an):
        await showroom.tenant.transactions.carry_out(
            showroom.tenant.caller(showroom.people["Clerk"]),
            f"arrival-{taker}",
            RecordArrival(showroom.site_id, taken_by_id=taker),
            record_arrival,
            count,
        )

    assert counted[0] == counted[1]


async def test_an_arrival_cannot_be_stated_for_later(
    showroom: Showroom, clock: ManualClock
) -> None:
    await showroom.sign_in("An")
    order = RecordArrival(showroom.site_id, stated_at=clock.now() + timedelta(minutes=1))

    with pytest.raises(InvalidInput) as refused:
        await showroom.do(record_arrival, order)

    assert refused.value.field == ("input", "occurredAt")


async def test_a_deal_has_a_price_that_can_be_in_money_that_is_in_use(showroom: Showroom) -> None:
    await showroom.sign_in("An")
    visit = await showroom.arrives(1)

    for minor, currency, field in (
        (0, None, "amountMinor"),
        (10**15 + 1, "CNY", "amountMinor"),
        (1, "XXX", "currency"),
        (1, "XAU", "currency"),
    ):
        order = RecordDeal(visit["id"], "8-301", minor, currency)
        with pytest.raises(InvalidInput) as refused:
            await showroom.do(record_deal, order, by="An")
        assert refused.value.field == ("input", "amount", field)

    await showroom.do(record_deal, RecordDeal(visit["id"], "8-301", 10**15, "JPY"), by="An")
