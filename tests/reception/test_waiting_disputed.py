"""A customer who waits in the showroom while two reps dispute about him."""

from typing import Any
from uuid import UUID

import pytest
from builders.reception import Showroom, a_showroom, at
from builders.replayed import differs

from service.clock import ManualClock
from service.ownership.commands import AgreeOnDispute, OpenDispute, open_dispute
from service.reception.commands import RegisterCustomer, agree_on_dispute, register_customer
from service.work import Transactions

WHOLE = 10_000


@pytest.fixture
async def showroom(transactions: Transactions, clock: ManualClock) -> Showroom:
    """Old customers wait for their rep; An has one, and is as busy as Bo."""
    at(clock, "03-02 09:00")
    made = await a_showroom(transactions, ("An", "Bo", "Chu"))
    await made.override(returning__busy_owner="WAIT")
    await made.sign_in("An", "Bo")
    return made


async def waits_for_an(
    showroom: Showroom, clock: ManualClock, *, bo_is_free: bool = False
) -> dict[str, Any]:
    """An's customer comes back while An receives somebody else, and perhaps Bo too."""
    first = await showroom.arrives(1, customer_name="Wang")
    at(clock, "03-02 09:01")
    await showroom.do(register_customer, RegisterCustomer(first["id"]), by="An")
    at(clock, "03-02 09:02")
    others = [await showroom.arrives(2)]
    at(clock, "03-02 09:03")
    await showroom.leaves(first)
    at(clock, "03-02 09:04")
    others.append(await showroom.arrives(3))
    assert [showroom.name_of(one["receiver_id"]) for one in others] == ["Bo", "An"]
    at(clock, "03-02 09:05")
    if bo_is_free:
        await showroom.leaves(others[0])
    at(clock, "03-02 09:06")
    return await showroom.arrives(1)


async def given_to_bo(showroom: Showroom, clock: ManualClock, visit: dict[str, Any]) -> None:
    """An and Bo agree that the customer is Bo's."""
    at(clock, "03-02 09:07")
    two = (showroom.people["An"], showroom.people["Bo"])
    order = OpenDispute(None, two, "Mine", visit["party_id"], showroom.site_id)
    dispute_id = await showroom.do(open_dispute, order, by="An")
    for name in ("An", "Bo"):
        await showroom.do(agree_on_dispute, AgreeOnDispute(dispute_id, 0, WHOLE), by=name)


async def told(showroom: Showroom, visit: dict[str, Any]) -> tuple[str, str, str, str]:
    """State and rule of a visit, whom its decision names, and who receives."""
    now = await showroom.visit(visit["id"])
    (decision,) = await showroom.tenant.rows(
        "SELECT outcome FROM app.decision WHERE tenant_id = $1 AND id = $2", now["decision_id"]
    )
    owner = showroom.name_of(UUID(decision["outcome"]["names"]["owner"]))
    return now["state"], now["rule"], owner, showroom.name_of(now["receiver_id"])


async def test_he_waits_for_whose_he_is_now_and_his_reason_says_so(
    showroom: Showroom, clock: ManualClock
) -> None:
    visit = await waits_for_an(showroom, clock)
    assert await told(showroom, visit) == ("WAITING", "RR-5w", "An", "-")

    await given_to_bo(showroom, clock, visit)

    assert await told(showroom, visit) == ("WAITING", "RR-5w", "Bo", "-")
    assert await differs(showroom.tenant.transactions, showroom.tenant_id) == []


async def test_he_waits_no_longer_where_whose_he_is_now_is_free(
    showroom: Showroom, clock: ManualClock
) -> None:
    visit = await waits_for_an(showroom, clock, bo_is_free=True)
    assert await told(showroom, visit) == ("WAITING", "RR-5w", "An", "-")

    await given_to_bo(showroom, clock, visit)

    assert await told(showroom, visit) == ("ASSIGNED", "RR-4", "Bo", "Bo")
    assert await differs(showroom.tenant.transactions, showroom.tenant_id) == []
