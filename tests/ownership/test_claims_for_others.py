"""Whose word counts for who the buyer is, and whose deals a rep may ask about (五(四)3)."""

from datetime import timedelta
from uuid import uuid4

import pytest
from builders.ownership import Showroom, a_showroom
from builders.sales import a_sale, shanghai

from service.clock import ManualClock
from service.errors import Forbidden, NotFound
from service.organisation.tables import Assignment, Delegation, OrgUnit
from service.ownership.commands import FileClaim, OpenDispute, file_claim, open_dispute
from service.ownership.errors import (
    CreditIsHisAlready,
    SameCustomerNeedsVoucher,
    VoucherIsConcerned,
)
from service.work import Transactions, UnitOfWork

DAY = timedelta(days=1)


async def test_a_claim_on_a_stated_person_needs_the_statement(
    transactions: Transactions, clock: ManualClock
) -> None:
    sale = await a_sale(transactions, clock, same_buyer=False)

    plain = await sale.claim("03-06 09:00", registration_id=sale.entry_id)
    filed = await sale.vouch("03-06 09:03", stated_same_customer=False)
    stated = await sale.vouch("03-06 09:05")

    assert (plain["reason"], filed["id"]) == ("NOT_SAME_CUSTOMER", plain["id"])
    an, mei = sale.house.members["An"], sale.house.members["Mei"]
    assert (stated["result"], stated["claimant_id"]) == ("ADMITTED", an)
    assert (stated["created_by"], stated["filed_at"]) == (mei, shanghai("03-06 09:05"))
    assert await sale.holders("03-06 09:06") == {"An": 10_000}
    (line,) = await sale.house.rows(
        "SELECT actor_id, details FROM app.audit_event WHERE tenant_id = $1 AND subject_id = $2",
        stated["id"],
    )
    assert (line["actor_id"], line["details"]["claimant"]) == (mei, str(an))


async def test_a_claimant_does_not_vouch_for_himself_and_nothing_is_kept_of_it(
    transactions: Transactions, clock: ManualClock
) -> None:
    sale = await a_sale(transactions, clock, same_buyer=False)
    stated = {"registration_id": sale.entry_id, "stated_same_customer": True}

    for claimant in ({}, {"claimant_id": sale.house.members["An"]}):
        with pytest.raises(SameCustomerNeedsVoucher) as refused:
            await sale.claim("03-06 09:00", **stated, **claimant)
        assert refused.value.field == ("input", "statedSameCustomer")

    assert await sale.house.rows("SELECT 1 FROM app.claim WHERE tenant_id = $1") == []
    assert await sale.holders("03-06 09:01") == {"Bo": 10_000}


@pytest.mark.parametrize("name", ["Bo", "Chu", "Fin", "Max"])
async def test_only_who_may_vouch_files_for_another(
    transactions: Transactions, clock: ManualClock, name: str
) -> None:
    sale = await a_sale(transactions, clock, same_buyer=False)

    for stated in (True, False):
        with pytest.raises(Forbidden):
            await sale.vouch("03-06 09:00", by=name, stated_same_customer=stated)


async def test_who_owns_or_has_the_credit_vouches_for_nobody(transactions: Transactions) -> None:
    house = await a_showroom(transactions)
    wang, li = await house.a_party("Wang"), await house.a_party("Li")
    await house.a_registration("An", wang)
    await house.a_registration("Mei", li)
    owned = await house.a_deal(await house.a_visit("Mei", wang))
    held = await house.a_deal(await house.a_visit("Bo", li))
    # An tracked whom Mei sold to; Mei tracked whom Bo sold to.
    await house.by("An", file_claim, FileClaim(owned))

    async def step(work: UnitOfWork) -> None:
        await file_claim(work, FileClaim(held, claimant_id=house.members["Mei"]))

    await house.inside(step)

    for deal_id in (owned, held):
        with pytest.raises(VoucherIsConcerned):
            await house.by("Mei", file_claim, FileClaim(deal_id, claimant_id=house.members["Chu"]))


async def test_a_stand_in_vouches_neither_for_his_manager_nor_where_his_manager_may_not(
    transactions: Transactions, clock: ManualClock
) -> None:
    sale = await a_sale(transactions, clock, same_buyer=False)
    house, mei, chu = sale.house, sale.house.members["Mei"], sale.house.members["Chu"]
    own_id = await house.a_registration("Mei", await house.a_party("Zhao"))
    sold = await house.a_deal(await house.a_visit("Mei", await house.a_party("Qian")))

    async def stands_in(work: UnitOfWork) -> None:
        until = work.now + 9 * DAY
        key = {"tenant_id": house.tenant_id, "id": uuid4(), "created_at": work.now}
        two = {"from_member_id": mei, "to_member_id": chu}
        window = {"valid_from": work.now - DAY, "valid_until": until}
        work.add(Delegation(**key, **two, **window, commands=["claim.vouch"]))

    await house.inside(stands_in)

    for changes in ({"claimant_id": mei, "registration_id": own_id}, {"deal_id": sold}):
        order = FileClaim(
            **({"deal_id": sale.deal_id, "claimant_id": sale.house.members["An"]} | changes)
        )
        with pytest.raises(VoucherIsConcerned):
            await house.by("Chu", file_claim, order)
    assert (await sale.vouch("03-06 09:00", by="Chu"))["result"] == "ADMITTED"


async def test_a_manager_files_on_his_reps_entries_alone_and_for_members_alone(
    transactions: Transactions, clock: ManualClock
) -> None:
    sale = await a_sale(transactions, clock, same_buyer=False)

    for claimant_id, field in (
        (sale.house.members["Chu"], "registrationId"),
        (uuid4(), "claimantId"),
    ):
        with pytest.raises(NotFound) as refused:
            await sale.vouch("03-06 09:00", claimant_id=claimant_id)
        assert refused.value.field == ("input", field)


async def moved_away(house: Showroom, name: str, where: str = "BESIDE") -> None:
    """Let a member work in another unit from now on: beside the showroom's, above it or in it."""
    (old,) = await house.rows(
        "SELECT id, role_id FROM app.assignment WHERE tenant_id = $1 AND member_id = $2",
        house.members[name],
    )

    async def step(work: UnitOfWork) -> None:
        key = {"tenant_id": house.tenant_id, "created_at": work.now}
        unit = OrgUnit(
            **key,
            id=uuid4(),
            code=f"west-{name.lower()}",
            kind="team",
            names={},
            parent_id=house.unit_id if where == "IN" else None,
            valid_from=work.now.date(),
        )
        place = {"member_id": house.members[name], "role_id": old["role_id"]}
        work.change(Assignment, old["id"], {"valid_until": work.now})
        work.add(unit)
        await work.flush()
        if where == "ABOVE":
            work.change(OrgUnit, house.unit_id, {"parent_id": unit.id})
        anew = (
            "UPDATE app.tenant SET access_version = access_version + 1 WHERE tenant_id = {}::uuid"
        )
        work.write("tenant", anew, house.tenant_id)
        work.add(
            Assignment(**key, **place, id=uuid4(), org_unit_id=unit.id, valid_from=work.now - DAY)
        )

    await house.inside(step)


async def test_a_deal_of_another_showroom_answers_like_a_missing_one(
    transactions: Transactions, clock: ManualClock
) -> None:
    sale = await a_sale(transactions, clock)
    await moved_away(sale.house, "Chu")
    chu = sale.house.members["Chu"]

    refused = []
    for deal_id in (sale.deal_id, uuid4()):
        with pytest.raises(NotFound) as answer:
            await sale.house.by("Chu", file_claim, FileClaim(deal_id))
        refused.append((answer.value.field, str(answer.value)))
    with pytest.raises(NotFound):
        await sale.vouch("03-06 09:00", claimant_id=chu, registration_id=None)

    assert refused[0] == refused[1]
    assert await sale.house.rows("SELECT 1 FROM app.claim WHERE tenant_id = $1") == []


async def test_a_deal_of_another_showroom_is_not_disputed_from_outside(
    transactions: Transactions, clock: ManualClock
) -> None:
    sale = await a_sale(transactions, clock)
    an, bo, chu = (sale.house.members[name] for name in ("An", "Bo", "Chu"))
    for name in ("An", "Chu"):
        await moved_away(sale.house, name)

    refused = []
    for deal_id in (sale.deal_id, uuid4()):
        for one in (bo, uuid4()):
            with pytest.raises(NotFound) as answer:
                await sale.house.by("Chu", open_dispute, OpenDispute(deal_id, (one, chu), "mine"))
            refused.append((answer.value.field, str(answer.value)))
    assert len(set(refused)) == 1
    assert await sale.house.rows("SELECT 1 FROM app.dispute WHERE tenant_id = $1") == []

    # An has an entry there.
    await sale.house.by("An", open_dispute, OpenDispute(sale.deal_id, (bo, an), "mine"))


async def test_who_registered_at_the_site_claims_there_also_from_another_showroom(
    transactions: Transactions, clock: ManualClock
) -> None:
    sale = await a_sale(transactions, clock)
    await moved_away(sale.house, "An")

    assert (await sale.claim("03-06 09:00"))["result"] == "ADMITTED"


async def test_where_customers_are_the_companys_any_rep_is_answered(
    transactions: Transactions, clock: ManualClock
) -> None:
    sale = await a_sale(transactions, clock, customer__identity_scope="TENANT")
    await moved_away(sale.house, "Chu")

    assert (await sale.claim("03-06 09:00", by="Chu"))["reason"] == "NOT_REGISTERED"


@pytest.mark.parametrize("where", ["ABOVE", "IN"])
async def test_who_works_above_the_showroom_or_in_a_part_of_it_is_answered(
    transactions: Transactions, clock: ManualClock, where: str
) -> None:
    sale = await a_sale(transactions, clock)
    await moved_away(sale.house, "Chu", where)

    assert (await sale.claim("03-06 09:00", by="Chu"))["reason"] == "NOT_REGISTERED"


async def test_who_sold_or_has_a_part_in_the_deal_is_answered_wherever_he_works(
    transactions: Transactions, clock: ManualClock
) -> None:
    sale = await a_sale(transactions, clock)
    before = await sale.claim("03-06 09:00", by="Chu")
    for name in ("Bo", "Chu"):
        await moved_away(sale.house, name)

    assert (await sale.claim("03-06 09:10", by="Chu"))["id"] == before["id"]
    # No stranger is told whose the credit is.
    with pytest.raises(CreditIsHisAlready):
        await sale.claim("03-06 09:10", by="Bo")
