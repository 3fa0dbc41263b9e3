"""Sites, shifts, zones and days: against PostgreSQL."""

from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID, uuid4

import pytest
from builders.reception import Showroom, a_showroom, at

from service.clock import ManualClock
from service.errors import AlreadyTaken, Refusals, VersionConflict
from service.reception.commands import (
    CreateSite,
    EditSite,
    RecordArrival,
    SignIn,
    create_site,
    edit_site,
    record_arrival,
    sign_in,
)
from service.reception.errors import SignedInElsewhere
from service.work import Transactions


@pytest.fixture
async def showroom(transactions: Transactions, clock: ManualClock) -> Showroom:
    at(clock, "03-02 08:30")
    return await a_showroom(transactions)


async def a_site(showroom: Showroom, zone: str = "Europe/Berlin", **other: Any) -> UUID:
    (place,) = await showroom.tenant.rows(
        "SELECT org_unit_id, territory_id FROM app.site WHERE tenant_id = $1 AND id = $2",
        showroom.site_id,
    )
    settings: dict[str, Any] = {
        "code": "berlin",
        "kind": "SHOWROOM",
        "names": {"en": "Berlin"},
        "time_zone": zone,
        "phone_region": "DE",
        "opens_at": time(9),
        "closes_at": time(18),
        **place,
        **other,
    }
    site_id: UUID = await showroom.tenant.do(create_site, CreateSite(**settings))
    return site_id


async def test_each_site_counts_its_own_days(showroom: Showroom, clock: ManualClock) -> None:
    berlin = await a_site(showroom)
    clock.set(datetime(2026, 3, 31, 16, 30, tzinfo=UTC))

    shanghai_visit = await showroom.arrives(1)
    order = RecordArrival(berlin, phones=("030 901820",))
    berlin_visit = await showroom.visit(await showroom.do(record_arrival, order))

    assert shanghai_visit["reception_day"] == date(2026, 4, 1)
    assert berlin_visit["reception_day"] == date(2026, 3, 31)
    assert (shanghai_visit["number"], berlin_visit["number"]) == (1, 1)
    assert berlin_visit["phones"] == ["+4930901820"]


async def test_a_rep_is_signed_in_at_one_site_at_a_time(showroom: Showroom) -> None:
    berlin = await a_site(showroom)
    await showroom.sign_in("An")

    order = SignIn(berlin, (showroom.people["An"],))
    with pytest.raises(SignedInElsewhere) as refused:
        await showroom.do(sign_in, order)

    assert refused.value.site == "showroom-1"


async def test_a_site_that_cannot_be_is_refused_with_every_fault(showroom: Showroom) -> None:
    with pytest.raises(Refusals) as refused:
        await a_site(showroom, zone="Asia/Nowhere", kind="KIOSK", phone_region="ZZ", code="")

    fields = [refusal.field[1] for refusal in refused.value.refusals]
    assert fields == ["code", "kind", "timeZone", "phoneRegion"]


async def test_a_site_takes_no_code_in_use_and_no_strangers(showroom: Showroom) -> None:
    with pytest.raises(AlreadyTaken):
        await a_site(showroom, code="showroom-1")
    with pytest.raises(Refusals) as refused:
        await a_site(showroom, manager_id=uuid4())
    assert refused.value.refusals[0].field == ("input", "managerId")


async def test_numbers_are_read_by_the_country_the_site_is_in_now(showroom: Showroom) -> None:
    site_id = await a_site(showroom)
    order = RecordArrival(site_id, phones=("030 901820",))
    await showroom.do(record_arrival, order)

    await showroom.tenant.do(edit_site, EditSite(site_id, 1, phone_region="HK"))

    order = RecordArrival(site_id, phones=("91234567",))
    assert (await showroom.visit(await showroom.do(record_arrival, order)))["phones"] == [
        "+85291234567"
    ]
    with pytest.raises(VersionConflict):
        await showroom.tenant.do(edit_site, EditSite(site_id, 1, phone_region="DE"))


async def test_a_device_that_was_offline_names_its_visit_itself(showroom: Showroom) -> None:
    visit_id, stated_at = uuid4(), datetime(2026, 3, 2, 0, 10, tzinfo=UTC)
    order = RecordArrival(showroom.site_id, visit_id=visit_id, stated_at=stated_at)

    assert await showroom.do(record_arrival, order) == visit_id
    visit = await showroom.visit(visit_id)
    assert (visit["stated_at"], visit["arrived_at"]) == (
        stated_at,
        datetime(2026, 3, 2, 0, 30, tzinfo=UTC),
    )
    with pytest.raises(AlreadyTaken):
        await showroom.do(record_arrival, order)


async def test_with_fewest_new_first_a_late_rep_catches_up(showroom: Showroom) -> None:
    await showroom.override(rotation__order="FEWEST_NEW")
    await showroom.sign_in("An")
    for tel in (1, 2):
        await showroom.leaves(await showroom.arrives(tel))
    await showroom.sign_in("Bo")

    received = []
    for tel in (3, 4, 5):
        visit = await showroom.arrives(tel)
        received.append(showroom.name_of(visit["receiver_id"]))
        await showroom.leaves(visit)

    assert received == ["Bo", "Bo", "An"]


async def test_what_the_desk_learns_completes_a_customer(showroom: Showroom) -> None:
    first = await showroom.arrives(1)
    await showroom.arrives((1, 2), customer_name="李強")

    (party,) = await showroom.tenant.rows(
        "SELECT full_name, (SELECT count(*) FROM app.contact_point c WHERE c.tenant_id = $1"
        " AND c.party_id = p.id) AS numbers FROM app.party p WHERE p.tenant_id = $1 AND p.id = $2",
        first["party_id"],
    )
    assert (party["full_name"], party["numbers"]) == ("李強", 2)


async def test_a_visitor_who_leaves_nothing_is_nobody(showroom: Showroom) -> None:
    order = RecordArrival(showroom.site_id, customer_name=" ")

    assert (await showroom.visit(await showroom.do(record_arrival, order)))["party_id"] is None
