"""Documents and faces: kept by hash, shown by their last characters, of one customer alone."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from builders.reception import Showroom, a_showroom, phone
from hypothesis import given
from hypothesis import strategies as st

from service.customers.commands import (
    AddIdentity,
    CorrectIdentity,
    CreateParty,
    ForgetIdentity,
    add_identity,
    correct_identity,
    create_party,
    forget_identity,
)
from service.customers.errors import IdentityOfAnother, InvalidDocument, InvalidFaceReference
from service.customers.identities import Document, document_text, face_text
from service.errors import Forbidden, InvalidInput, NotFound
from service.reception.commands import RegisterCustomer, register_customer
from service.work import Transactions

CARD = "11010519491231002X"
OTHER = "110105194912310011"
FIELD = ("input", "document")


def text(number: str, kind: str = "ID_CARD", region: str = "CN") -> str:
    return document_text(Document(kind, number), region, FIELD)


@pytest.mark.parametrize("written", [CARD, "110105 19491231 002x", " 110105-19491231-002Ｘ"])
def test_a_number_has_one_form_however_it_is_written(written: str) -> None:
    assert text(written) == CARD


@pytest.mark.parametrize("number", ["110105194912310021", "110105491231002", "", "1" * 18, "E12"])
def test_an_identity_card_of_china_has_a_right_check_digit(number: str) -> None:
    with pytest.raises(InvalidDocument) as refused:
        text(number)
    assert refused.value.field == ("input", "document", "number")


@given(st.integers(min_value=0, max_value=17), st.integers(min_value=1, max_value=9))
def test_one_wrong_digit_is_always_found(place: int, by: int) -> None:
    digits = "0123456789X" if place == 17 else "0123456789"
    wrong = digits[(digits.index(CARD[place]) + by) % len(digits)]
    with pytest.raises(InvalidDocument):
        text(CARD[:place] + wrong + CARD[place + 1 :])


def test_elsewhere_and_of_other_kinds_letters_and_digits_are_enough() -> None:
    assert text("110105194912310021", region="DE") == "110105194912310021"
    assert text("e1234 5678", "PASSPORT") == "E12345678"
    for number in ("E12", "E" * 33, "E1234!", "Ж12345"):
        with pytest.raises(InvalidDocument):
            text(number, "PASSPORT")
    with pytest.raises(InvalidDocument):
        text(CARD, "FACE")


@pytest.mark.parametrize("sent", ["", "   ", "a b", "x" * 129, "脸"])
def test_a_template_of_a_face_is_no_name_of_one(sent: str) -> None:
    with pytest.raises(InvalidFaceReference):
        face_text(sent, ("input", "faceReference"))


@pytest.fixture
async def showroom(transactions: Transactions) -> Showroom:
    return await a_showroom(transactions)


async def a_party(showroom: Showroom, tel: int = 1, by: str = "An") -> UUID:
    party_id: UUID = await showroom.do(create_party, CreateParty("王芳", (phone(tel),)), by=by)
    return party_id


async def known(showroom: Showroom, party_id: UUID) -> list[tuple[str, str | None]]:
    rows = await showroom.tenant.rows(
        "SELECT kind, shown FROM app.party_identity WHERE tenant_id = $1 AND party_id = $2"
        " ORDER BY kind DESC",
        party_id,
    )
    return [(row["kind"], row["shown"]) for row in rows]


async def identity(showroom: Showroom, party_id: UUID) -> UUID:
    (row,) = await showroom.tenant.rows(
        "SELECT id FROM app.party_identity WHERE tenant_id = $1 AND party_id = $2", party_id
    )
    found: UUID = row["id"]
    return found


def card(number: str = CARD, **changes: Any) -> dict[str, Any]:
    return {"document": Document("ID_CARD", number), **changes}


async def test_a_document_is_kept_by_hash_and_its_end(showroom: Showroom) -> None:
    party_id = await a_party(showroom)
    for _ in range(2):
        await showroom.do(add_identity, AddIdentity(party_id, **card()), by="An")
    await showroom.do(add_identity, AddIdentity(party_id, face_reference="gate-1:77"), by="An")

    assert await known(showroom, party_id) == [("ID_CARD", "*" * 14 + "002X"), ("FACE", None)]
    for table in ("party_identity", "audit_event", "outbox", "command"):
        rows = await showroom.tenant.rows(
            f"SELECT to_jsonb(t)::text AS line FROM app.{table} t WHERE t.tenant_id = $1"
        )
        assert rows
        assert not [row for row in rows if CARD in row["line"] or "gate-1:77" in row["line"]]


async def test_two_companies_hash_one_document_differently(transactions: Transactions) -> None:
    digests = []
    for _ in range(2):
        house = await a_showroom(transactions)
        party_id = await a_party(house)
        await house.do(add_identity, AddIdentity(party_id, **card()), by="An")
        (row,) = await house.tenant.rows(
            "SELECT digest FROM app.party_identity WHERE tenant_id = $1"
        )
        digests.append(row["digest"])
    assert len(set(digests)) == 2


async def test_two_kinds_of_document_may_have_one_number(showroom: Showroom) -> None:
    first, second = await a_party(showroom, 1), await a_party(showroom, 2)
    await showroom.do(add_identity, AddIdentity(first, **card()), by="An")
    passport = AddIdentity(second, document=Document("PASSPORT", CARD))
    await showroom.do(add_identity, passport, by="An")

    assert [kind for kind, _ in await known(showroom, second)] == ["PASSPORT"]


async def test_it_identifies_one_customer_also_when_two_add_it_at_once(
    showroom: Showroom,
) -> None:
    first, second = await a_party(showroom, 1), await a_party(showroom, 2)
    added = await asyncio.gather(
        *(
            showroom.do(add_identity, AddIdentity(one, **card()), by="An")
            for one in (first, second)
        ),
        return_exceptions=True,
    )

    assert sorted(type(one).__name__ for one in added) == ["IdentityOfAnother", "UUID"]
    loser = second if added[0] == first else first
    with pytest.raises(IdentityOfAnother):
        await showroom.do(add_identity, AddIdentity(loser, **card()), by="An")


async def test_what_was_wrong_is_corrected_and_what_is_forgotten_is_gone(
    showroom: Showroom,
) -> None:
    first, second = await a_party(showroom, 1), await a_party(showroom, 2)
    await showroom.do(add_identity, AddIdentity(first, **card(OTHER)), by="An")
    wrong = CorrectIdentity(await identity(showroom, first), **card())
    assert await showroom.do(correct_identity, wrong, by="An") == first
    await showroom.do(add_identity, AddIdentity(second, **card(OTHER)), by="An")
    stolen = CorrectIdentity(await identity(showroom, first), **card(OTHER))
    with pytest.raises(IdentityOfAnother):
        await showroom.do(correct_identity, stolen, by="An")

    await showroom.do(forget_identity, ForgetIdentity(await identity(showroom, first)), by="An")

    assert await known(showroom, first) == []
    assert await known(showroom, second) == [("ID_CARD", "*" * 14 + "0011")]


async def test_who_may_not_edit_him_and_who_names_nothing_or_both(showroom: Showroom) -> None:
    party_id = await a_party(showroom)
    await showroom.do(add_identity, AddIdentity(party_id, **card()), by="An")
    identity_id = await identity(showroom, party_id)
    for command, order in (
        (add_identity, AddIdentity(party_id, **card())),
        (correct_identity, CorrectIdentity(identity_id, **card(OTHER))),
        (forget_identity, ForgetIdentity(identity_id)),
    ):
        with pytest.raises(Forbidden):
            await showroom.do(command, order, by="Bo")
    both = card(face_reference="gate-1:1")
    for given_ in ({}, both):
        with pytest.raises(InvalidInput):
            await showroom.do(add_identity, AddIdentity(party_id, **given_), by="An")


async def test_another_companys_document_is_none(transactions: Transactions) -> None:
    here, there = await a_showroom(transactions), await a_showroom(transactions)
    party_id = await a_party(there)
    await there.do(add_identity, AddIdentity(party_id, **card()), by="An")
    with pytest.raises(NotFound):
        await here.do(forget_identity, ForgetIdentity(await identity(there, party_id)), by="An")


async def test_a_number_of_one_and_a_card_of_another_is_marked_and_both_are_named(
    showroom: Showroom,
) -> None:
    """The rulebook's own key decides; the desk is told to look."""
    await showroom.override(register__match="ID_CARD")
    await showroom.sign_in("An", "Bo", "Chu")
    first = await showroom.arrives(1, documents=(Document("ID_CARD", CARD),))
    second = await showroom.arrives(2, documents=(Document("ID_CARD", OTHER),))

    third = await showroom.arrives(1, documents=(Document("ID_CARD", OTHER),), customer_name="李")

    assert (first["ambiguous"], third["ambiguous"]) == (False, True)
    assert third["party_id"] == second["party_id"]
    (decision,) = await showroom.tenant.rows(
        "SELECT outcome FROM app.decision WHERE tenant_id = $1 AND subject_id = $2", third["id"]
    )
    assert decision["outcome"]["sources"]["other_party_ids"] == [str(first["party_id"])]
    asked = [step for step in decision["outcome"]["steps"] if step["decision"] == "recognition"]
    assert sorted(step["rule"] for step in asked) == ["RC-1", "RC-2"]
    entered = RegisterCustomer(third["id"])
    registration_id = await showroom.do(
        register_customer, entered, by=showroom.name_of(third["owner_id"])
    )
    (row,) = await showroom.tenant.rows(
        "SELECT result, party_id FROM app.registration WHERE tenant_id = $1 AND id = $2",
        registration_id,
    )
    assert (row["result"], row["party_id"]) == ("VALID", second["party_id"])
    wrong = RegisterCustomer(first["id"], full_name="王", document=Document("ID_CARD", OTHER))
    with pytest.raises(IdentityOfAnother):
        await showroom.do(register_customer, wrong, by=showroom.name_of(first["owner_id"]))
