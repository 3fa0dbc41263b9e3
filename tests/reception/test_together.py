"""Visitors who come together and buy apart: with whom they say they came."""

from uuid import uuid4

import pytest
from builders.reception import a_showroom, at

from service.clock import ManualClock
from service.errors import Refusals
from service.work import Transactions


async def test_only_a_visit_of_today_at_the_same_site_is_one_to_come_with(
    transactions: Transactions, clock: ManualClock
) -> None:
    at(clock, "03-02 09:00")
    showroom, other = await a_showroom(transactions), await a_showroom(transactions)
    await showroom.override(visit__group_policy="SHARE_REP")
    await showroom.sign_in("An", "Bo")
    first = await showroom.arrives(1)
    foreign = await other.arrives(1)
    at(clock, "03-03 09:00")
    await showroom.sign_in("Bo", "An")
    for missing in (first["id"], foreign["id"], uuid4()):
        with pytest.raises(Refusals) as refused:
            await showroom.arrives(2, together_with_id=missing)
        (one,) = refused.value.refusals
        assert (one.code, one.field) == ("NOT_FOUND", ("input", "togetherWithId"))

    today = await showroom.arrives(3)
    friend = await showroom.arrives(4, together_with_id=today["id"])

    assert (friend["receiver_id"], friend["mode"]) == (today["receiver_id"], "DOUBLE")
    assert (friend["rule"], friend["together_with_id"]) == ("RR-16", today["id"])


async def test_who_waits_shares_the_rep_once_his_friend_is_received(
    transactions: Transactions, clock: ManualClock
) -> None:
    at(clock, "03-02 09:00")
    showroom = await a_showroom(transactions, ("An", "Bo"))
    await showroom.override(visit__group_policy="SHARE_REP", rotation__all_busy="WAIT")
    await showroom.sign_in("An")
    earlier = await showroom.arrives(1)
    first = await showroom.arrives(2)
    second = await showroom.arrives(3, together_with_id=first["id"])
    assert (first["state"], second["state"]) == ("WAITING", "WAITING")

    await showroom.leaves(earlier)

    for one in (first, second):
        assert showroom.name_of((await showroom.visit(one["id"]))["receiver_id"]) == "An"
