"""Where the reception ranks entries, one that is corrected to a buyer ranks from itself."""

import pytest
from builders.ownership import a_showroom
from builders.sales import shanghai

from service.clock import ManualClock
from service.ownership.commands import (
    CorrectRegistration,
    FileClaim,
    correct_registration,
    file_claim,
)
from service.work import Transactions


@pytest.mark.parametrize(
    ("corrected", "answer"),
    [
        ("03-05 10:00", ("ADMITTED", None)),
        # He has signed by then: whose reception was the earlier is no longer An's to say.
        ("03-05 12:00", ("REJECTED", "EARLIER_REGISTRATION")),
    ],
    ids=["before the signing", "after the signing"],
)
async def test_an_entry_corrected_to_a_buyer_ranks_from_its_reception_until_he_signs(
    transactions: Transactions, clock: ManualClock, corrected: str, answer: tuple[str, str | None]
) -> None:
    rules = {"merge__order_by": "RECEPTION", "register__deadline": "NONE"}
    house = await a_showroom(transactions, **rules)
    other, buyer = await house.a_party("Li"), await house.a_party("Wang")
    clock.set(shanghai("03-02 09:30"))
    entry_id = await house.a_registration("An", other)
    clock.set(shanghai("03-03 09:30"))
    await house.a_registration("Bo", buyer)
    clock.set(shanghai("03-05 09:00"))
    visit = await house.a_visit("Bo", buyer)
    moments = {
        "03-05 11:00": lambda: house.a_deal(visit, unit_code="8-301"),
        corrected: lambda: house.by(
            "An", correct_registration, CorrectRegistration(entry_id, "It was Wang", buyer)
        ),
    }
    made = {}
    for moment in sorted(moments):
        clock.set(shanghai(moment))
        made[moment] = await moments[moment]()
    clock.set(shanghai("03-05 13:00"))

    # An's word alone is none once Wang has signed; with Mei's, his entry is heard.
    an, deal_id = house.members["An"], made["03-05 11:00"]
    vouched = FileClaim(deal_id, claimant_id=an, stated_same_customer=True)
    claim_id = await house.by("Mei", file_claim, vouched)

    claim = await house.row("claim", claim_id)
    assert (claim["result"], claim["reason"]) == answer
