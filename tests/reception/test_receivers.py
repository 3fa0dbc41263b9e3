"""Who may be given visitors: only members whose own duties let them receive at the site."""

import pytest
from builders.reception import Showroom, a_showroom

from service.reception.commands import (
    ReassignReception,
    RecordArrival,
    SignIn,
    reassign_reception,
    record_arrival,
    sign_in,
)
from service.reception.errors import NotAReceiver
from service.work import Transactions


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
