"""Customers entered, edited, linked, and numbers revealed: against PostgreSQL."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from builders.reception import Showroom, a_showroom, phone

from service.customers.commands import (
    AddPhone,
    CreateParty,
    EditParty,
    LinkParties,
    RevealPhone,
    add_phone,
    create_party,
    edit_party,
    link_parties,
    reveal_phone,
)
from service.customers.errors import PhoneOfAnother, RelatedToHimself
from service.customers.queries import phones_of
from service.errors import Forbidden, InvalidInput, InvalidPhone, NotFound, VersionConflict
from service.organisation.tables import Delegation
from service.reception.commands import RecordArrival, RecordCall, record_arrival, record_call
from service.work import Transactions, UnitOfWork


@pytest.fixture
async def showroom(transactions: Transactions) -> Showroom:
    return await a_showroom(transactions)


async def a_party(showroom: Showroom, *tels: int, by: str = "An") -> UUID:
    order = CreateParty("王芳", tuple(map(phone, tels)))
    party_id: UUID = await showroom.do(create_party, order, by=by)
    return party_id


async def party(showroom: Showroom, party_id: UUID) -> dict[str, Any]:
    (row,) = await showroom.tenant.rows(
        "SELECT p.*, (SELECT array_agg(c.phone ORDER BY c.phone) FROM app.contact_point c"
        " WHERE c.tenant_id = $1 AND c.party_id = p.id) AS phones"
        " FROM app.party p WHERE p.tenant_id = $1 AND p.id = $2",
        party_id,
    )
    return row


async def test_a_customer_may_have_several_numbers(showroom: Showroom) -> None:
    party_id = await a_party(showroom, 1, 2)
    await showroom.do(add_phone, AddPhone(party_id, phone(3)), by="An")
    await showroom.do(add_phone, AddPhone(party_id, phone(3)), by="An")

    found = await party(showroom, party_id)
    assert found["phones"] == [f"+86138{number:08}" for number in (1, 2, 3)]
    assert showroom.name_of(found["owner_id"]) == "An"


async def test_an_extension_given_later_is_kept_too(showroom: Showroom) -> None:
    site = "010-65551234"
    party_id = await showroom.do(create_party, CreateParty("王芳", (site,)), by="An")

    kept = []
    for by, command, order in (
        ("An", add_phone, AddPhone(party_id, f"{site} x12")),
        ("Clerk", record_arrival, RecordArrival(showroom.site_id, phones=(f"{site} x13",))),
        ("An", add_phone, AddPhone(party_id, site)),
    ):
        await showroom.do(command, order, by=by)
        (row,) = await showroom.tenant.rows(
            "SELECT extension FROM app.contact_point WHERE tenant_id = $1 AND party_id = $2",
            party_id,
        )
        kept.append(row["extension"])
    called = await showroom.do(record_call, RecordCall(showroom.site_id, f"{site} x14"), by="Mei")
    (call,) = await showroom.tenant.rows(
        "SELECT phone, extension FROM app.call_record WHERE tenant_id = $1 AND id = $2",
        called.call_id,
    )

    assert kept == ["12", "13", "13"]
    assert call == {"phone": "+861065551234", "extension": "14"}


async def test_a_number_identifies_one_customer(showroom: Showroom) -> None:
    await a_party(showroom, 1)
    other = await a_party(showroom, 2)

    with pytest.raises(PhoneOfAnother):
        await a_party(showroom, 1, by="Bo")
    with pytest.raises(PhoneOfAnother):
        await showroom.do(add_phone, AddPhone(other, phone(1)), by="An")
    with pytest.raises(InvalidPhone):
        await showroom.do(add_phone, AddPhone(other, "12"), by="An")


async def test_of_two_who_enter_one_number_at_once_the_second_learns_of_the_first(
    showroom: Showroom,
) -> None:
    answers = await asyncio.gather(
        *(a_party(showroom, 1, by=name) for name in ("An", "Bo", "Chu")), return_exceptions=True
    )

    refused = [answer for answer in answers if isinstance(answer, PhoneOfAnother)]
    assert len(refused) == 2


async def test_an_edit_names_the_version_it_saw(showroom: Showroom) -> None:
    party_id = await a_party(showroom, 1)
    await showroom.do(edit_party, EditParty(party_id, 1, full_name=" 王小芳 "), by="An")

    with pytest.raises(VersionConflict) as refused:
        await showroom.do(edit_party, EditParty(party_id, 1, full_name="王大芳"), by="An")

    assert refused.value.current_version == 2
    assert (await party(showroom, party_id))["full_name"] == "王小芳"


async def test_a_colleagues_customer_is_not_edited(showroom: Showroom) -> None:
    party_id = await a_party(showroom, 1, by="Bo")

    with pytest.raises(Forbidden):
        await showroom.do(edit_party, EditParty(party_id, 1, full_name="王"), by="An")


async def test_whoever_has_one_of_two_customers_links_them(showroom: Showroom) -> None:
    husband, wife = await a_party(showroom, 1), await a_party(showroom, 2, by="Bo")

    for by in ("An", "Bo"):
        order = LinkParties(husband, wife, "spouse", "8-301", "結婚證")
        await showroom.do(link_parties, order, by=by)
    with pytest.raises(Forbidden):
        await showroom.do(link_parties, LinkParties(husband, wife, "spouse"), by="Chu")
    with pytest.raises(RelatedToHimself):
        await showroom.do(link_parties, LinkParties(husband, husband, "spouse"), by="An")
    with pytest.raises(InvalidInput):
        await showroom.do(link_parties, LinkParties(husband, wife, "friend"), by="An")


async def test_a_relation_keeps_who_recorded_it_and_with_whose_right(showroom: Showroom) -> None:
    husband, wife = await a_party(showroom, 1), await a_party(showroom, 2, by="Bo")
    an, chu = showroom.people["An"], showroom.people["Chu"]

    async def stands_in(work: UnitOfWork) -> None:
        window = {"valid_from": work.now, "valid_until": work.now + timedelta(days=1)}
        key = {"tenant_id": showroom.tenant_id, "id": uuid4(), "created_at": work.now}
        work.add(
            Delegation(
                **key, **window, from_member_id=an, to_member_id=chu, commands=["party.link"]
            )
        )

    await showroom.tenant.transactions.internally(showroom.tenant_id, "step", stands_in)
    for by in ("Chu", "An"):
        await showroom.do(link_parties, LinkParties(husband, wife, "spouse"), by=by)

    kept = await showroom.tenant.rows(
        "SELECT created_by, on_behalf_of_id FROM app.party_relation WHERE tenant_id = $1"
        " AND party_id = $2",
        husband,
    )
    assert {tuple(row.values()) for row in kept} == {(chu, an), (an, None)}


async def test_a_revealed_number_leaves_its_purpose_in_the_audit(showroom: Showroom) -> None:
    party_id = await a_party(showroom, 1)
    seen: list[str] = []

    async def answer(work: UnitOfWork, revealed: UUID) -> None:
        seen.extend(await phones_of(work, revealed))

    await showroom.tenant.transactions.carry_out(
        showroom.tenant.caller(showroom.people["An"]),
        "a-key-for-revealing",
        RevealPhone(party_id, "回訪"),
        reveal_phone,
        answer,
    )

    assert seen == ["+8613800000001"]
    (line,) = await showroom.tenant.rows(
        "SELECT actor_id, subject_id, details FROM app.audit_event"
        " WHERE tenant_id = $1 AND command = 'reveal_phone'"
    )
    assert (line["subject_id"], line["details"]["purpose"]) == (party_id, "回訪")
    (stored,) = await showroom.tenant.rows(
        "SELECT answer FROM app.command WHERE tenant_id = $1 AND name = 'reveal_phone'"
    )
    assert stored["answer"] == str(party_id)
    with pytest.raises(InvalidInput):
        await showroom.do(reveal_phone, RevealPhone(party_id, " "), by="An")


async def test_another_tenants_customer_is_missing(
    showroom: Showroom, transactions: Transactions
) -> None:
    own = await a_party(showroom, 1)
    theirs = await a_party(await a_showroom(transactions), 1)

    for party_id in (theirs, uuid4()):
        with pytest.raises(NotFound):
            await showroom.do(edit_party, EditParty(party_id, 1, full_name="王"), by="An")
        with pytest.raises(NotFound) as refused:
            await showroom.do(link_parties, LinkParties(own, party_id, "spouse"), by="An")
        assert refused.value.field == ("input", "otherPartyId")
