"""Entering a visit's customer: what the desk knew counts, and a second entry changes nothing."""

from typing import Any

import pytest
from builders.reception import Showroom, a_showroom, at, phone

from service.clock import ManualClock
from service.ownership.errors import AlreadyRegistered
from service.reception.commands import RegisterCustomer, register_customer
from service.work import Transactions


@pytest.fixture
async def showroom(transactions: Transactions, clock: ManualClock) -> Showroom:
    at(clock, "03-02 08:30")
    return await a_showroom(transactions)


async def register(showroom: Showroom, visit: dict[str, Any], tel: int, by: str = "An") -> None:
    order = RegisterCustomer(visit["id"], full_name="王芳", phones=(phone(tel),))
    await showroom.do(register_customer, order, by=by)


@pytest.mark.parametrize(
    ("said", "result"),
    [
        ({"full_name": "王芳"}, "VALID"),
        ({"full_name": "王芳", "phones": ()}, "INVALID_INCOMPLETE"),
        ({"full_name": ""}, "INVALID_INCOMPLETE"),
    ],
)
async def test_an_entry_takes_what_the_desk_knew_unless_it_says_that_he_gives_none(
    showroom: Showroom, said: dict[str, Any], result: str
) -> None:
    await showroom.sign_in("An")
    visit = await showroom.arrives(1)

    await showroom.do(register_customer, RegisterCustomer(visit["id"], **said), by="An")

    assert await results_of(showroom, visit) == [result]


async def test_who_is_known_by_name_and_number_needs_neither_again(
    showroom: Showroom, clock: ManualClock
) -> None:
    await showroom.sign_in("An")
    await register(showroom, await showroom.arrives(1), 1)
    at(clock, "03-03 08:30")
    await showroom.sign_in("An")
    again = await showroom.arrives(1)

    await showroom.do(register_customer, RegisterCustomer(again["id"]), by="An")

    assert await results_of(showroom, again) == ["VALID"]


async def test_a_second_entry_that_comes_too_late_stands_beside_no_valid_one(
    showroom: Showroom, clock: ManualClock
) -> None:
    await showroom.sign_in("An")
    visit = await showroom.arrives(1)
    await register(showroom, visit, 1)
    at(clock, "03-03 09:00")

    with pytest.raises(AlreadyRegistered):
        await register(showroom, visit, 1)

    assert await results_of(showroom, visit) == ["VALID"]


async def results_of(showroom: Showroom, visit: dict[str, Any]) -> list[str]:
    rows = await showroom.tenant.rows(
        "SELECT result FROM app.registration WHERE tenant_id = $1 AND visit_id = $2"
        " ORDER BY entry_number",
        visit["id"],
    )
    return [row["result"] for row in rows]
