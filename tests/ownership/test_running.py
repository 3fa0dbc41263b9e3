"""A rulebook changes while trackings and claim windows run: what is stored is right at once.

No worker runs here: what is read is what the commands have written.
"""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from builders.ownership import Showroom, a_showroom

from service.clock import ManualClock
from service.ownership.commands import (
    AssignFromPool,
    OpenDispute,
    PlanDeparture,
    RecordFollowUp,
    assign_from_pool,
    open_dispute,
    plan_departure,
    record_follow_up,
)
from service.ownership.commands.deadlines import announce_overdue
from service.ownership.commands.switching import cancel_version, publish_rulebook
from service.ownership.reactions import on_policy_changed
from service.ownership.tables import Registration
from service.policies import policies_folder
from service.rulebooks.commands import CancelVersion, PublishRulebook
from service.rulebooks.events import PolicyPublished
from service.work import Transactions, UnitOfWork

TEXT = (policies_folder() / "rulebooks" / "showroom.yaml").read_text(encoding="utf-8")
SWITCHING = TEXT.replace("running: keep", "running: switch")


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}+08:00").astimezone(UTC)


@pytest.fixture
async def house(transactions: Transactions) -> Showroom:
    return await a_showroom(transactions)


async def publishes(house: Showroom, text: str, on: str, **parameters: object) -> UUID:
    """Publish a text with parameters, from midnight of a day."""
    overrides = {name.replace("__", "."): value for name, value in parameters.items()}
    order = PublishRulebook(text, overrides, shanghai(f"{on} 00:00"))

    async def step(work: UnitOfWork) -> UUID:
        return await publish_rulebook(work, order)

    version_id: UUID = await house.inside(step)
    return version_id


async def until(house: Showroom, entry_id: UUID) -> datetime:
    row = await house.row("registration", entry_id)
    ends: datetime = row["protected_until"]
    return ends


async def an_entry(house: Showroom) -> UUID:
    """Received on Monday, 2 March: seven days, so free from 10 March on."""
    return await house.a_registration("An", await house.a_party())


async def test_a_tracking_that_runs_keeps_its_days_where_the_text_says_keep(
    house: Showroom,
) -> None:
    entry_id = await an_entry(house)

    await publishes(house, TEXT, "03-04", tracking__days=30)

    assert await until(house, entry_id) == shanghai("03-10 00:00")


@pytest.mark.parametrize(
    ("days", "on", "ends"),
    [
        (10, "03-05", "03-13 00:00"),
        (3, "03-04", "03-06 00:00"),
        (1, "03-05", "03-05 00:00"),
        (10, "03-10", "03-10 00:00"),
    ],
    ids=["longer", "shorter", "over when it begins", "too late to run"],
)
@pytest.mark.parametrize("published", ["before the entry", "after the entry"])
async def test_a_tracking_that_runs_is_counted_anew_where_the_text_says_switch(
    house: Showroom, days: int, on: str, ends: str, published: str
) -> None:
    if published == "before the entry":
        await publishes(house, SWITCHING, on, tracking__days=days)
    entry_id = await an_entry(house)
    if published == "after the entry":
        await publishes(house, SWITCHING, on, tracking__days=days)

    assert await until(house, entry_id) == shanghai(ends)
    kept = await house.formerly(entry_id)
    assert kept == [shanghai("03-10 00:00")] * (ends != "03-10 00:00")


async def test_an_entry_whose_tracking_is_over_is_made_though_a_version_to_come_switches(
    house: Showroom, clock: ManualClock
) -> None:
    """Nothing bounds when he writes it down: 10 March is after the seven days."""
    await publishes(house, TEXT, "03-03", register__deadline="NONE")
    await publishes(house, SWITCHING, "03-20", tracking__days=3)
    visit = await house.a_visit("An", await house.a_party())
    clock.set(shanghai("03-12 09:00"))

    entry_id = await house.enter(visit)

    assert await until(house, entry_id) == shanghai("03-10 00:00")


@pytest.mark.parametrize("published", ["before the contact", "after the contact"])
async def test_a_contact_counts_by_the_version_of_its_day_and_the_next_one_takes_over(
    house: Showroom, clock: ManualClock, published: str
) -> None:
    entry_id = await an_entry(house)
    call = RecordFollowUp(entry_id, "PHONE", "Asked about the south side")
    if published == "before the contact":
        await publishes(house, SWITCHING, "03-08", tracking__days=4)
    clock.set(shanghai("03-06 15:00"))
    await house.by("An", record_follow_up, call)
    if published == "after the contact":
        await publishes(house, SWITCHING, "03-08", tracking__days=4)

    # 6 March and seven days would be 14 March; from the 8th on it is four.
    assert await until(house, entry_id) == shanghai("03-11 00:00")


async def test_a_version_taken_back_leaves_everything_as_it_was(house: Showroom) -> None:
    entry_id = await an_entry(house)
    version_id = await publishes(house, SWITCHING, "03-04", tracking__days=20)
    switched = await until(house, entry_id)

    async def step(work: UnitOfWork) -> UUID:
        return await cancel_version(work, CancelVersion(version_id, "Not yet."))

    await house.inside(step)

    assert switched == shanghai("03-23 00:00")
    assert await until(house, entry_id) == shanghai("03-10 00:00")


async def test_who_takes_over_has_the_days_of_the_entry_and_not_those_of_the_handing_on(
    house: Showroom, clock: ManualClock
) -> None:
    """Seven days, though ten were in force when he got the customer; then two from the 11th on."""
    entry_id = await an_entry(house)
    await publishes(house, TEXT, "03-03", tracking__days=10)
    clock.set(shanghai("03-04 09:00"))
    leaving = PlanDeparture(
        house.members["An"],
        "LEAVING",
        clock.now().date(),
        "Leaves",
        "SUCCESSOR",
        house.members["Bo"],
    )
    await house.by("Ada", plan_departure, leaving)
    (bos,) = await house.rows(
        "SELECT id FROM app.registration WHERE tenant_id = $1 AND corrects_id = $2", entry_id
    )

    await publishes(house, SWITCHING, "03-11", tracking__days=2)

    assert await until(house, bos["id"]) == shanghai("03-10 00:00")


async def test_a_customer_handed_out_of_the_pool_follows_a_version_that_is_known_already(
    house: Showroom, clock: ManualClock
) -> None:
    await an_entry(house)
    await publishes(house, SWITCHING, "03-05", tracking__days=10)
    clock.set(shanghai("03-04 09:00"))
    leaving = PlanDeparture(house.members["An"], "LEAVING", clock.now().date(), "Leaves", "POOL")
    await house.by("Ada", plan_departure, leaving)
    (entry,) = await house.rows("SELECT id FROM app.pool_entry WHERE tenant_id = $1")

    await house.by("Mei", assign_from_pool, AssignFromPool(entry["id"], house.members["Bo"]))

    assigned_id = (await house.row("pool_entry", entry["id"]))["assigned_id"]
    assert await until(house, assigned_id) == shanghai("03-15 00:00")


async def test_what_has_lapsed_stays_so(house: Showroom, clock: ManualClock) -> None:
    entry_id = await an_entry(house)
    clock.set(shanghai("03-12 09:00"))

    await publishes(house, SWITCHING, "03-13", tracking__days=30)

    assert await until(house, entry_id) == shanghai("03-10 00:00")


async def test_the_worker_is_told_of_the_new_ends(house: Showroom) -> None:
    entry_id = await an_entry(house)

    await publishes(house, SWITCHING, "03-05", tracking__days=10)

    due = await house.rows(
        "SELECT kind, due_at FROM app.timer WHERE tenant_id = $1 AND subject_id = $2", entry_id
    )
    assert {("tracking_lapsed", shanghai("03-13 00:00"))} <= {tuple(one) for one in due}
    assert {("tracking_ending", shanghai("03-12 00:00"))} <= {tuple(one) for one in due}


@pytest.mark.parametrize("published", ["before the deal", "after the deal"])
async def test_a_claim_window_is_kept_or_counted_anew(house: Showroom, published: str) -> None:
    visit = await house.a_visit("An", await house.a_party())
    if published == "before the deal":
        await publishes(house, SWITCHING, "03-04", claim__days=7)
    deal_id = await house.a_deal(visit)
    kept = (await house.row("deal", deal_id))["claims_close_at"]
    if published == "after the deal":
        await publishes(house, TEXT, "03-03", claim__days=9)
        kept = (await house.row("deal", deal_id))["claims_close_at"]
        await publishes(house, SWITCHING, "03-04", claim__days=7)

    closes = (await house.row("deal", deal_id))["claims_close_at"]
    assert closes == shanghai("03-10 00:00")
    assert kept == (closes if published == "before the deal" else shanghai("03-06 00:00"))


@pytest.mark.parametrize(
    ("text", "due", "breached"),
    [(TEXT, "03-06 00:00", True), (SWITCHING, "03-08 00:00", False)],
    ids=["keep", "switch"],
)
async def test_a_first_follow_up_is_judged_by_the_version_that_counts_it(
    house: Showroom, clock: ManualClock, text: str, due: str, breached: bool
) -> None:
    entry_id = await an_entry(house)
    await publishes(house, text, "03-04", followup__first_due_days=5)
    clock.set(shanghai("03-06 00:00") + timedelta(minutes=1))

    await house.inside(lambda work: announce_overdue(work, entry_id))

    row = await house.row("registration", entry_id)
    assert row["first_follow_up_due_at"] == shanghai(due)
    assert (row["first_follow_up_breached_at"] is not None) is breached


@pytest.mark.parametrize(
    ("text", "ends"), [(TEXT, "03-03 00:00"), (SWITCHING, "03-03 10:00")], ids=["keep", "switch"]
)
async def test_the_time_two_reps_have_among_themselves_is_kept_or_counted_anew(
    house: Showroom, text: str, ends: str
) -> None:
    deal_id = await house.a_deal(await house.a_visit("An", await house.a_party()))
    order = OpenDispute(deal_id, (house.members["An"], house.members["Bo"]), "Both received him.")
    dispute_id = await house.by("An", open_dispute, order)

    # In force from this evening on, in hours where it was the day.
    overrides = {"dispute.private_until": "HOURS", "dispute.private_hours": 24}
    later = PublishRulebook(text, overrides, shanghai("03-02 20:00"))
    await house.inside(lambda work: publish_rulebook(work, later))

    assert (await house.row("dispute", dispute_id))["private_until"] == shanghai(ends)


async def test_what_was_opened_in_the_very_instant_of_a_change_follows_it_too(
    house: Showroom,
) -> None:
    entry_id = await an_entry(house)
    version_id = await publishes(house, SWITCHING, "03-05", tracking__days=10)
    event = PolicyPublished(version_id, "showroom", 2, shanghai("03-05 00:00"))

    async def unseen(work: UnitOfWork) -> None:
        # As who read the versions just before, and wrote just after.
        work.change(Registration, entry_id, {"protected_until": shanghai("03-10 00:00")})

    await house.inside(unseen)
    await house.inside(lambda work: on_policy_changed(work, event))

    assert await until(house, entry_id) == shanghai("03-13 00:00")
