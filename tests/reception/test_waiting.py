"""Who waits: given to the first rep who is free for him, in the order of arrival."""

from typing import Any

import pytest
from builders.reception import Showroom, a_showroom, at

from service.clock import ManualClock
from service.reception.commands import (
    CloseVisit,
    ComeBack,
    GoAway,
    NameRepresentative,
    TakeVisitor,
    close_visit,
    come_back,
    go_away,
    name_representative,
    take_visitor,
)
from service.reception.errors import NotHisTurn, VisitClosedAlready
from service.work import Transactions


@pytest.fixture
async def showroom(transactions: Transactions, clock: ManualClock) -> Showroom:
    at(clock, "03-02 08:30")
    return await a_showroom(transactions)


def mode_of(showroom: Showroom, visit: dict[str, Any]) -> tuple[str, str, str]:
    names = (showroom.name_of(visit["receiver_id"]), showroom.name_of(visit["owner_id"]))
    return (*names, visit["mode"])


async def three_with_one_who_waits(showroom: Showroom) -> tuple[Any, Any, Any]:
    await showroom.override(rotation__all_busy="WAIT")
    await showroom.sign_in("An", "Bo")
    first, second, waiting = [await showroom.arrives(tel) for tel in (1, 2, 3)]
    assert (waiting["state"], waiting["receiver_id"]) == ("WAITING", None)
    return first, second, waiting


async def test_who_waits_goes_to_the_first_rep_who_is_free_again(showroom: Showroom) -> None:
    _, second, waiting = await three_with_one_who_waits(showroom)

    await showroom.do(close_visit, CloseVisit(second["id"]), by="Bo")

    visit = await showroom.visit(waiting["id"])
    assert (visit["state"], *mode_of(showroom, visit)) == ("ASSIGNED", "Bo", "Bo", "TURN")
    assert await showroom.queue() == ["An", "Bo"]


async def test_those_who_wait_are_served_in_their_order_by_whoever_comes(
    showroom: Showroom,
) -> None:
    _, _, waiting = await three_with_one_who_waits(showroom)
    later, last = await showroom.arrives(4), await showroom.arrives(5)

    await showroom.sign_in("Chu", "Dai")

    chosen = [mode_of(showroom, await showroom.visit(v["id"])) for v in (waiting, later)]
    assert chosen == [("Chu", "Chu", "TURN"), ("Dai", "Dai", "TURN")]
    assert (await showroom.visit(last["id"]))["state"] == "WAITING"


async def test_a_rep_who_comes_back_takes_who_waits(showroom: Showroom) -> None:
    await showroom.override(rotation__all_busy="WAIT")
    await showroom.sign_in("An", "Bo")
    await showroom.do(go_away, GoAway(showroom.site_id, showroom.people["Bo"], "BUSINESS"), by="Bo")
    await showroom.arrives(1)
    waiting = await showroom.arrives(2)
    assert waiting["state"] == "WAITING"

    await showroom.do(come_back, ComeBack(showroom.site_id, showroom.people["Bo"]), by="Bo")

    assert mode_of(showroom, await showroom.visit(waiting["id"])) == ("Bo", "Bo", "TURN")


async def test_a_visitor_who_waits_is_taken_only_by_whom_the_rulebook_gives_him_to(
    showroom: Showroom,
) -> None:
    *_, waiting = await three_with_one_who_waits(showroom)
    await showroom.override(rotation__all_busy="DOUBLE")
    take = TakeVisitor(showroom.site_id, visit_id=waiting["id"])
    with pytest.raises(NotHisTurn):
        await showroom.do(take_visitor, take, by="Bo")

    await showroom.do(take_visitor, take, by="An")

    assert mode_of(showroom, await showroom.visit(waiting["id"])) == ("An", "An", "DOUBLE")


async def test_who_waited_until_his_day_ended_uses_nobodys_turn_of_the_next(
    showroom: Showroom, clock: ManualClock
) -> None:
    """Nobody stays the night; whom he was there for may still be given him by the manager."""
    *_, waiting = await three_with_one_who_waits(showroom)
    an, bo = showroom.people["An"], showroom.people["Bo"]
    at(clock, "03-03 08:30")
    await showroom.sign_in("Bo", "An")

    with pytest.raises(VisitClosedAlready):
        await showroom.do(name_representative, NameRepresentative(waiting["id"], bo))
    take = TakeVisitor(showroom.site_id, visit_id=waiting["id"])
    with pytest.raises(VisitClosedAlready):
        await showroom.do(take_visitor, take, by="Bo")
    assert (await showroom.visit(waiting["id"]))["state"] == "WAITING"

    order = TakeVisitor(showroom.site_id, an, waiting["id"], reason="他問起了")
    await showroom.do(take_visitor, order, by="Mei")

    assert mode_of(showroom, await showroom.visit(waiting["id"]))[:2] == ("An", "An")
    assert await showroom.queue() == ["Bo", "An"]
