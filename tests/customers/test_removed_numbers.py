"""A wrong number goes from a customer: kept, free for another, and no way to a colleague's."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from builders.reception import Showroom, a_showroom, phone

from service.clock import ManualClock
from service.customers.commands import AddPhone, CreateParty, RemovePhone, add_phone, create_party
from service.errors import Forbidden, InvalidInput, NotFound
from service.ownership.commands import remove_phone
from service.ownership.errors import PhoneTrackedByColleague
from service.reception.commands import RegisterCustomer, register_customer
from service.work import Transactions


@pytest.fixture
async def showroom(transactions: Transactions) -> Showroom:
    return await a_showroom(transactions)


async def point(showroom: Showroom, tel: int) -> UUID:
    (row,) = await showroom.tenant.rows(
        "SELECT id FROM app.contact_point WHERE tenant_id = $1 AND phone = $2", f"+86{phone(tel)}"
    )
    found: UUID = row["id"]
    return found


async def removes(showroom: Showroom, tel: int, by: str = "An", **changes: Any) -> UUID:
    order = RemovePhone(
        changes.get("point") or await point(showroom, tel), changes.get("reason", "錯號")
    )
    party_id: UUID = await showroom.do(remove_phone, order, by=by)
    return party_id


async def numbers(showroom: Showroom, party_id: UUID) -> list[str]:
    rows = await showroom.tenant.rows(
        "SELECT phone FROM app.contact_point WHERE tenant_id = $1 AND party_id = $2", party_id
    )
    return [row["phone"] for row in rows]


async def test_a_wrong_number_is_anothers_and_that_it_was_the_customers_is_kept(
    showroom: Showroom,
) -> None:
    order = CreateParty("王芳", (phone(1), phone(2)))
    party_id = await showroom.do(create_party, order, by="An")
    wrong = await point(showroom, 1)

    assert await removes(showroom, 1) == party_id

    assert await numbers(showroom, party_id) == [f"+86{phone(2)}"]
    other = await showroom.do(create_party, CreateParty("李強", (phone(1),)), by="Bo")
    assert await numbers(showroom, other) == [f"+86{phone(1)}"]
    (kept,) = await showroom.tenant.rows("SELECT * FROM app.removed_phone WHERE tenant_id = $1")
    assert (kept["party_id"], kept["phone"], kept["reason"]) == (
        party_id, f"+86{phone(1)}", "錯號",
    )  # fmt: skip
    assert showroom.name_of(kept["removed_by"]) == "An"
    audits = await showroom.tenant.rows(
        "SELECT details::text AS told FROM app.audit_event"
        " WHERE tenant_id = $1 AND command = 'remove_phone' AND subject_id = $2",
        party_id,
    )
    assert [phone(1) in audit["told"] for audit in audits] == [False]
    with pytest.raises(NotFound):
        await removes(showroom, 1, point=wrong)
    with pytest.raises(NotFound):
        await removes(showroom, 1, point=uuid4())


async def test_only_who_may_edit_the_customer_removes_his_number_and_says_why(
    showroom: Showroom,
) -> None:
    await showroom.sign_in("Bo")
    await showroom.arrives(1)

    with pytest.raises(Forbidden):
        await removes(showroom, 1, by="An")
    for reason in (" ", "x" * 501):
        with pytest.raises(InvalidInput) as refused:
            await removes(showroom, 1, by="Bo", reason=reason)
        assert refused.value.field == ("input", "reason")
    await removes(showroom, 1, by="Mei")


async def test_of_two_who_remove_a_number_at_once_one_finds_it_gone(showroom: Showroom) -> None:
    await showroom.do(create_party, CreateParty("王芳", (phone(1),)), by="An")
    gone = await point(showroom, 1)

    answers = await asyncio.gather(
        *(removes(showroom, 1, by, point=gone) for by in ("An", "An")), return_exceptions=True
    )

    assert sum(isinstance(answer, NotFound) for answer in answers) == 1


async def test_a_visitor_with_a_removed_number_is_a_stranger_and_the_entry_stands(
    showroom: Showroom,
) -> None:
    await showroom.sign_in("An", "Bo")
    visit = await showroom.arrives(1, customer_name="王芳")
    entry = await showroom.do(register_customer, RegisterCustomer(visit["id"]), by="An")

    await removes(showroom, 1)

    again = await showroom.arrives(1)
    assert (again["party_id"] == visit["party_id"], again["mode"]) == (False, "TURN")
    (row,) = await showroom.tenant.rows(
        "SELECT result, voided_at FROM app.registration WHERE tenant_id = $1 AND id = $2", entry
    )
    assert (row["result"], row["voided_at"]) == ("VALID", None)


async def test_nobody_but_a_manager_removes_the_number_a_colleague_tracks_by(
    showroom: Showroom,
) -> None:
    await showroom.sign_in("An", "Bo")
    visit = await showroom.arrives(1, customer_name="王芳")
    await showroom.do(register_customer, RegisterCustomer(visit["id"]), by="An")
    await showroom.tenant.transactions.internally(
        showroom.tenant_id, "entrust", lambda work: _entrust(work, visit, showroom.people["Bo"])
    )

    with pytest.raises(PhoneTrackedByColleague):
        await removes(showroom, 1, by="Bo")
    assert await numbers(showroom, visit["party_id"]) == [f"+86{phone(1)}"]
    await removes(showroom, 1, by="Mei")
    assert await numbers(showroom, visit["party_id"]) == []
    # Nothing is lost with it: the right number is added.
    await showroom.do(add_phone, AddPhone(visit["party_id"], phone(3)), by="Bo")


async def test_once_a_colleague_tracks_him_no_more_the_number_goes_as_any(
    showroom: Showroom, clock: ManualClock
) -> None:
    await showroom.sign_in("An", "Bo")
    visit = await showroom.arrives(1, customer_name="王芳")
    await showroom.do(register_customer, RegisterCustomer(visit["id"]), by="An")
    await showroom.tenant.transactions.internally(
        showroom.tenant_id, "entrust", lambda work: _entrust(work, visit, showroom.people["Bo"])
    )
    clock.advance(timedelta(days=8))

    await removes(showroom, 1, by="Bo")

    assert await numbers(showroom, visit["party_id"]) == []


async def _entrust(work: Any, visit: dict[str, Any], member_id: UUID) -> None:
    """The latest reception gave the customer to a colleague."""
    work.write(
        "party",
        "UPDATE app.party SET owner_id = {}::uuid WHERE tenant_id = {}::uuid AND id = {}::uuid",
        member_id,
        work.tenant_id,
        visit["party_id"],
    )
