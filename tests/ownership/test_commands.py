from builders.ownership import a_showroom

from service.clock import ManualClock
from service.work import Transactions


async def test_a_customer_entered_on_the_day_of_reception_is_protected_for_seven_days(
    transactions: Transactions, clock: ManualClock
) -> None:
    house = await a_showroom(transactions)
    wang = await house.a_party()

    entry = await house.row("registration", await house.a_registration("An", wang))

    assert entry["result"] == "VALID"
    assert entry["protected_until"].isoformat() == "2026-03-09T16:00:00+00:00"


async def test_d(transactions: Transactions, clock: ManualClock) -> None:
    house = await a_showroom(transactions)
    wang = await house.a_party()
    visit = await house.a_visit("An", wang)
    deal = await house.row("deal", await house.a_deal(visit, amount_minor=100, currency="CNY"))
    assert deal["owner_id"] == house.members["An"]
