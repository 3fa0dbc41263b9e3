"""Where the reception ranks entries, who named a buyer of his afterwards is not the earlier."""

import pytest
from builders.reception import a_showroom, at, phone

from service.clock import ManualClock
from service.ownership.commands import FileClaim, file_claim
from service.reception.commands import (
    RecordDeal,
    RegisterCustomer,
    record_deal,
    register_customer,
)
from service.work import Transactions
from tests.simulation.test_histories import replayed


@pytest.mark.parametrize(
    ("named", "answer"),
    [("10:30", ("ADMITTED", None)), ("12:00", ("REJECTED", "EARLIER_REGISTRATION"))],
    ids=["before the signing", "after the signing"],
)
async def test_who_names_his_stranger_after_the_signing_ranks_from_then_on(
    transactions: Transactions, clock: ManualClock, named: str, answer: tuple[str, str | None]
) -> None:
    """An received somebody who said nothing; Bo, an hour later, who buys from him."""
    at(clock, "03-02 08:00")
    showroom = await a_showroom(transactions, reps=("An", "Bo"))
    await showroom.override(merge__order_by="RECEPTION")
    at(clock, "03-03 09:00")
    await showroom.sign_in("An", "Bo")
    stranger = await showroom.arrives()
    await showroom.leaves(stranger)
    at(clock, "03-03 10:00")
    sold = await showroom.arrives(1, customer_name="Wang")
    assert showroom.name_of(sold["receiver_id"]) == "Bo"
    await showroom.do(register_customer, RegisterCustomer(sold["id"]), by="Bo")
    his = RegisterCustomer(stranger["id"], full_name="Wang", phones=(phone(1),))
    if named < "11:00":
        at(clock, f"03-03 {named}")
        await showroom.do(register_customer, his, by="An")
    at(clock, "03-03 11:00")
    deal_id = await showroom.do(record_deal, RecordDeal(sold["id"], "8-301"), by="Bo")
    if named > "11:00":
        at(clock, f"03-03 {named}")
        await showroom.do(register_customer, his, by="An")
    at(clock, "03-03 13:00")
    # An's word alone is none once Wang has signed; with Mei's, his entry is heard.
    claim = FileClaim(deal_id, claimant_id=showroom.people["An"], stated_same_customer=True)
    claim_id = await showroom.do(file_claim, claim, by="Mei")
    at(clock, "03-03 14:00")

    (claim,) = await showroom.tenant.rows(
        "SELECT result, reason FROM app.claim WHERE tenant_id = $1 AND id = $2", claim_id
    )
    assert (claim["result"], claim["reason"]) == answer
    assert await replayed(showroom) == []
