"""What members are told and owe when something happens, once however often it is heard."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from builders.ownership import Showroom, a_showroom

from service.ownership.events import DealRecorded, RegistrationLapsed
from service.reception.events import ReceptionAssigned, ReceptionReassigned
from service.tasks import reactions
from service.tasks.commands import FIRST_FOLLOW_UP, Owed, owe
from service.tasks.messages import NOTIFICATIONS, TASKS, message, messages
from service.work import Transactions, UnitOfWork


async def hear(house: Showroom, react: Any, event: object) -> None:
    """Hear an event twice, as two workers may."""

    async def step(work: UnitOfWork) -> None:
        await react(work, event)

    await house.inside(step)
    await house.inside(step)


async def notices(house: Showroom) -> list[tuple[str, str]]:
    names = {member_id: name for name, member_id in house.members.items()}
    rows = await house.rows("SELECT member_id, kind FROM app.notification WHERE tenant_id = $1")
    return sorted((names[row["member_id"]], row["kind"]) for row in rows)


async def test_who_tracked_the_buyer_is_told_of_the_deal(transactions: Transactions) -> None:
    house = await a_showroom(transactions)
    event = DealRecorded(
        deal_id=uuid4(),
        visit_id=uuid4(),
        party_id=uuid4(),
        site_id=house.site_id,
        closer_id=house.members["Bo"],
        owner_id=house.members["Bo"],
        claims_close_at=transactions.clock.now(),
        registration_ids=(),
        tracking_ids=(house.members["An"],),
    )

    await hear(house, reactions.on_deal_recorded, event)

    assert await notices(house) == [("An", "deal_with_your_customer")]


async def test_a_first_follow_up_that_can_no_longer_be_met_is_cancelled(
    transactions: Transactions,
) -> None:
    house = await a_showroom(transactions)
    entry_id, an, now = uuid4(), house.members["An"], transactions.clock.now()

    async def open_it(work: UnitOfWork) -> None:
        await owe(work, Owed(an, FIRST_FOLLOW_UP, "registration", entry_id, now))

    await house.inside(open_it)

    await hear(
        house, reactions.on_registration_lapsed, RegistrationLapsed(entry_id, an, uuid4(), now)
    )

    rows = await house.rows("SELECT state FROM app.task WHERE tenant_id = $1")
    assert [row["state"] for row in rows] == ["CANCELLED"]


def assigned(house: Showroom, visit_id: UUID, receiver: str, owner: str) -> ReceptionAssigned:
    return ReceptionAssigned(
        visit_id=visit_id,
        site_id=house.site_id,
        receiver_id=house.members[receiver],
        owner_kind="MEMBER",
        owner_id=house.members[owner],
        mode="TURN",
        rule="RR-3",
    )


async def test_the_receiver_is_told_and_the_owner_for_whom_he_receives(
    transactions: Transactions,
) -> None:
    house = await a_showroom(transactions)
    wang = await house.a_party()
    own = await house.a_visit("An", wang)
    await hear(house, reactions.on_reception_assigned, assigned(house, own.id, "An", "An"))
    assert await notices(house) == [("An", "reception_assigned")]

    for_an = await house.a_visit("Bo", wang, owner_id=house.members["An"])
    event = ReceptionReassigned(for_an.id, house.site_id, None, house.members["Bo"])
    await hear(house, reactions.on_reception_reassigned, event)

    assert await notices(house) == [
        ("An", "received_for_you"),
        ("An", "reception_assigned"),
        ("Bo", "reception_reassigned"),
    ]


async def test_who_does_not_receive_any_more_is_not_called(transactions: Transactions) -> None:
    house = await a_showroom(transactions)
    visit = await house.a_visit("Bo", await house.a_party())

    await hear(house, reactions.on_reception_assigned, assigned(house, visit.id, "An", "An"))

    assert await notices(house) == []


@pytest.mark.parametrize("part", [TASKS, NOTIFICATIONS])
def test_every_sentence_stands_in_every_language(part: str) -> None:
    for kind, sentences in messages(part).items():
        assert set(sentences) == {"en", "zh-Hant", "zh-Hans"}, kind
        for locale in sentences:
            said = message(part, kind, locale, {})
            assert said
            assert "{" not in said


def test_a_kind_that_is_not_known_is_shown_as_its_word() -> None:
    assert message(TASKS, "of_a_later_release", "en", {}) == "of_a_later_release"
