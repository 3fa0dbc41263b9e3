"""Whatever people did, their past replayed under the versions of the time differs in nothing.

Made-up weeks hold what the demo companies seldom have: departures by every way, customers handed
out of the pool, findings on entries and days, versions that take running periods over.
`python -m tests.simulation 200` lives longer.
"""

from collections import Counter
from datetime import date, datetime, time, timedelta
from functools import partial
from uuid import UUID

from builders.lives import FIRST_DAY, ON_THE_FLOOR, SHANGHAI_OPENS, SWITCHING, Life, a_life
from builders.reception import Showroom, a_showroom, at, phone
from builders.rulebooks import showroom_rulebook

from service.clock import ManualClock
from service.credits.commands import cancel_deal
from service.database.connections import Location, connected
from service.database.pool import TenantPool
from service.organisation.actors import Callers
from service.organisation.commands import LeaveMember, leave_member
from service.organisation.events import MemberLeft
from service.ownership.commands import (
    AgreeOnDispute,
    AssignFromPool,
    CancelDeal,
    CorrectRegistration,
    FileClaim,
    OpenDispute,
    PlanDeparture,
    RecordFollowUp,
    VoidRegister,
    assign_from_pool,
    departure_due,
    file_claim,
    open_dispute,
    plan_departure,
    record_follow_up,
    void_register,
)
from service.ownership.commands.switching import publish_rulebook
from service.ownership.reactions import on_member_left
from service.reception.commands import (
    CancelShift,
    ChangeShift,
    PlanShift,
    ReassignReception,
    RecordCall,
    RecordDeal,
    RegisterCustomer,
    SignOut,
    agree_on_dispute,
    cancel_shift,
    change_shift,
    correct_registration,
    plan_shift,
    reassign_reception,
    record_call,
    record_deal,
    register_customer,
    sign_out,
)
from service.replay.engine import Replay
from service.replay.play import Play
from service.rulebooks.commands import PublishRulebook
from service.simulation.periods.fidelity import Difference, as_it_was, differences, past
from service.work import Caller, Transactions, UnitOfWork
from service.worker.registry import EVENTS


async def replayed(showroom: Showroom, until: datetime | None = None) -> list[Difference]:
    transactions = showroom.tenant.transactions
    async with transactions.sight(Caller(showroom.tenant_id, None, "test")) as sight:
        made, then = await past(sight, until or transactions.clock.now())
    replay = as_it_was(made, then)
    replay.run()
    return list(differences(made, replay))


async def test_a_life_of_goings_findings_and_changed_rulebooks_differs_in_nothing(
    transactions: Transactions, clock: ManualClock, seed: int
) -> None:
    life = await a_life(transactions, clock, seed)

    found = await replayed(life.showroom)

    assert found == [], (seed, Counter(life.done))
    for day in range(1, (clock.now().date() - FIRST_DAY).days + 1):
        until = datetime.combine(FIRST_DAY, SHANGHAI_OPENS) + timedelta(days=day, hours=3)
        found = await replayed(life.showroom, until)
        assert found == [], (seed, until)


class RunningClock(ManualClock):
    """A clock that is later at each look, as between a command's coming and its turn."""

    def now(self) -> datetime:
        self.advance(timedelta(milliseconds=1))
        return self.at


async def test_what_is_done_at_once_is_replayed_as_it_was_decided(
    pool: TenantPool, seed: int
) -> None:
    """Whatever a floor's people do; who goes and what the company changes has its own hour."""
    running = RunningClock(datetime.combine(FIRST_DAY, SHANGHAI_OPENS))
    life = Life(await a_showroom(Transactions(pool, running, Callers())), running, seed)

    await life.lives(days=2, acts_a_day=6, at_once=12, among=ON_THE_FLOOR)

    running.advance(timedelta(minutes=1))
    assert await replayed(life.showroom) == [], (seed, Counter(life.done))
    rows = await life.showroom.tenant.rows(
        "SELECT arrived_at FROM app.visit WHERE tenant_id = $1 ORDER BY reception_day, number"
    )
    assert sorted(row["arrived_at"] for row in rows) == [row["arrived_at"] for row in rows]


async def test_a_visit_that_was_given_to_the_right_customer_is_his_from_then_on(
    transactions: Transactions, clock: ManualClock
) -> None:
    """He stays beyond midnight, so that his tracking counts from the day on which he leaves."""
    at(clock, "03-02 09:00")
    showroom = await a_showroom(transactions, reps=("An", "Bo"))
    await showroom.sign_in("An")
    entries = []
    for tel, name in ((1, "Wang"), (2, "Li")):
        visit = await showroom.arrives(tel, customer_name=name)
        order = RegisterCustomer(visit["id"], full_name=name)
        entries.append(await showroom.do(register_customer, order, by="An"))
        if name == "Wang":
            await showroom.leaves(visit)
            wang = visit["party_id"]
    moved = CorrectRegistration(entries[1], "It was Wang", wang)
    await showroom.do(correct_registration, moved, by="An")
    assert (await showroom.visit(visit["id"]))["party_id"] == wang
    at(clock, "03-03 00:30")
    await showroom.leaves(visit)
    at(clock, "03-03 12:00")

    assert await replayed(showroom) == []


async def test_a_visitor_known_by_his_entry_only_was_a_stranger_when_he_came(
    transactions: Transactions, clock: ManualClock
) -> None:
    """He says nothing at the door; what he gives in the end is the number of Bo's customer."""
    at(clock, "03-02 09:00")
    showroom = await a_showroom(transactions, reps=("An", "Bo"))
    await showroom.sign_in("Bo", "An")
    first = await showroom.arrives(1, customer_name="Wang")
    await showroom.do(register_customer, RegisterCustomer(first["id"]), by="Bo")
    at(clock, "03-02 10:00")
    visit = await showroom.arrives()
    assert (showroom.name_of(visit["owner_id"]), visit["rule"]) == ("An", "RR-13")
    at(clock, "03-02 11:00")
    order = RegisterCustomer(visit["id"], full_name="Wang", phones=(phone(1),))
    await showroom.do(register_customer, order, by="An")
    assert (await showroom.visit(visit["id"]))["party_id"] == first["party_id"]
    at(clock, "03-02 12:00")

    assert await replayed(showroom) == []


async def test_a_roster_that_changes_on_its_own_day_counts_from_then_on(
    transactions: Transactions, clock: ManualClock
) -> None:
    at(clock, "03-02 09:00")
    showroom = await a_showroom(transactions, reps=("An", "Bo"))
    await showroom.override(rotation__by_shift=True)
    await showroom.sign_in("An", "Bo")

    async def next_three(hour: str) -> list[str]:
        at(clock, f"03-02 {hour}")
        came = [await showroom.arrives(said_before=False) for _ in range(3)]
        for visit in came:
            await showroom.leaves(visit)
        return [showroom.name_of(visit["receiver_id"]) for visit in came]

    assert await next_three("09:10") == ["An", "Bo", "An"]
    order = PlanShift(showroom.site_id, showroom.people["An"], date(2026, 3, 2), time(13), time(21))
    shift = await showroom.do(plan_shift, order, by="Mei")
    assert await next_three("10:00") == ["Bo", "Bo", "Bo"]
    await showroom.do(change_shift, ChangeShift(shift, 1, starts_at=time(10)), by="Mei")
    assert await next_three("11:00") == ["An", "Bo", "An"]
    await showroom.do(change_shift, ChangeShift(shift, 2, starts_at=time(15)), by="Mei")
    assert await next_three("12:00") == ["Bo", "Bo", "Bo"]
    await showroom.do(cancel_shift, CancelShift(shift, 3), by="Mei")
    assert await next_three("14:00") == ["An", "Bo", "An"]
    at(clock, "03-02 22:00")

    assert await replayed(showroom) == []


async def test_what_was_undone_later_is_compared_as_it_stood(
    transactions: Transactions, clock: ManualClock
) -> None:
    """The reception passed to Bo, its claim of An's fell, and then the deal was cancelled."""
    at(clock, "03-02 09:00")
    showroom = await a_showroom(transactions, reps=("An", "Bo"))
    await showroom.override(tamper__scope="ENTRY", obligatory__credit_split=50)
    await showroom.sign_in("An")
    visit = await showroom.arrives(1, customer_name="Wang")
    await showroom.do(register_customer, RegisterCustomer(visit["id"], full_name="Wang"), by="An")
    await showroom.leaves(visit)
    at(clock, "03-03 09:00")
    await showroom.sign_in("An")
    sold = await showroom.arrives(1)
    steps = [clock.now() + timedelta(minutes=5)]
    at(clock, "03-03 09:10")
    passes_on = ReassignReception(sold["id"], showroom.people["Bo"], "An has gone to lunch")
    await showroom.do(reassign_reception, passes_on, by="Mei")
    at(clock, "03-03 10:00")
    deal_id = await showroom.do(record_deal, RecordDeal(sold["id"], "3-1201"), by="Bo")
    steps.append(clock.now() + timedelta(minutes=5))
    at(clock, "03-03 11:00")
    await showroom.do(file_claim, FileClaim(deal_id), by="An")
    steps.append(clock.now() + timedelta(minutes=5))
    at(clock, "03-03 12:00")
    (claim,) = await showroom.tenant.rows(
        "SELECT registration_id FROM app.claim WHERE tenant_id = $1 AND result = 'ADMITTED'"
    )
    an = showroom.people["An"]
    finding = VoidRegister(an, showroom.site_id, "Copied", claim["registration_id"])
    await showroom.do(void_register, finding, by="Mei")
    steps.append(clock.now() + timedelta(minutes=5))
    at(clock, "03-03 13:00")
    await showroom.do(cancel_deal, CancelDeal(deal_id, "Withdrew"), by="Mei")
    steps.append(clock.now() + timedelta(minutes=5))
    at(clock, "03-03 14:00")

    for until in steps:
        assert await replayed(showroom, until) == [], until


async def test_a_call_that_found_new_hands_keeps_its_days_when_it_is_followed_up(
    transactions: Transactions, clock: ManualClock
) -> None:
    """An's caller became Bo's; a version took his fifteen days over, and then Bo telephoned him."""
    at(clock, "03-02 09:00")
    showroom = await a_showroom(transactions, reps=("An", "Bo"))
    await showroom.override(phone__creates_registration=True)
    an, bo = showroom.people["An"], showroom.people["Bo"]
    call = RecordCall(showroom.site_id, phone(1), an, caller_name="Wang")
    await showroom.do(record_call, call)
    (made,) = await showroom.tenant.rows(
        "SELECT party_id FROM app.registration WHERE tenant_id = $1"
    )
    mine = OpenDispute(None, (an, bo), "Mine", made["party_id"], showroom.site_id)
    dispute_id = await showroom.do(open_dispute, mine, by="Mei")
    for name in ("An", "Bo"):
        await showroom.do(agree_on_dispute, AgreeOnDispute(dispute_id, 0, 10_000), by=name)
    standing = (
        "SELECT id, member_id, protected_until FROM app.registration"
        " WHERE tenant_id = $1 AND superseded_at IS NULL"
    )
    (entry,) = await showroom.tenant.rows(standing)
    assert entry["member_id"] == bo

    async def publish(days: int, begins: datetime) -> None:
        values = {"tracking.days": days, "phone.creates_registration": True}
        order = PublishRulebook(SWITCHING, values, begins)
        await transactions.internally(
            showroom.tenant_id, "publish", lambda work: publish_rulebook(work, order)
        )

    await publish(3, clock.now() + timedelta(hours=1))
    at(clock, "03-03 10:00")
    await showroom.do(record_follow_up, RecordFollowUp(entry["id"], "PHONE", "Asked"), by="Bo")
    await publish(9, clock.now() + timedelta(days=40))
    at(clock, "03-03 12:00")

    assert [row["protected_until"] for row in await showroom.tenant.rows(standing)] == [
        entry["protected_until"]
    ]
    assert await replayed(showroom) == []


async def test_whom_a_successor_who_was_gone_could_not_take_the_pool_has_in_a_replay_too(
    transactions: Transactions, clock: ManualClock
) -> None:
    """Bo, who was to succeed An, left the same day, and Chu before that without a plan."""
    at(clock, "03-02 09:00")
    showroom = await a_showroom(transactions, reps=("An", "Bo", "Chu", "Dai"))
    people, inside = showroom.people, transactions.internally
    for tel, name in enumerate(("An", "Chu")):
        await showroom.sign_in(name)
        visit = await showroom.arrives(tel, customer_name="Wang")
        order = RegisterCustomer(visit["id"], full_name="Wang")
        await showroom.do(register_customer, order, by=name)
        await showroom.leaves(visit)
        await showroom.do(sign_out, SignOut(showroom.site_id, people[name]))
    day = date(2026, 3, 4)
    to_bo = PlanDeparture(people["An"], "LEAVING", day, "Leaves", "SUCCESSOR", people["Bo"])
    planned = [
        await showroom.tenant.do(plan_departure, order)
        for order in (to_bo, PlanDeparture(people["Bo"], "LEAVING", day, "Leaves"))
    ]
    at(clock, "03-03 09:00")
    await showroom.tenant.do(leave_member, LeaveMember(people["Chu"], 1))
    left = MemberLeft(people["Chu"])
    assert on_member_left in EVENTS[MemberLeft.__name__].reactions
    await inside(showroom.tenant_id, "hear", lambda work: on_member_left(work, left))
    at(clock, "03-04 00:00")
    for row_id in planned:
        await inside(showroom.tenant_id, "due", partial(_due, row_id=row_id))
    pool = await showroom.tenant.rows("SELECT id FROM app.pool_entry WHERE tenant_id = $1")
    assert len(pool) == 2
    at(clock, "03-04 12:00")
    for entry in pool:
        handed_out = AssignFromPool(entry["id"], people["Dai"])
        await showroom.do(assign_from_pool, handed_out, by="Mei")
    at(clock, "03-05 12:00")

    assert await replayed(showroom) == []


async def _due(work: UnitOfWork, row_id: UUID) -> None:
    await departure_due(work, row_id)


async def a_past(transactions: Transactions, clock: ManualClock) -> Showroom:
    """Bo sold a customer of An's, who claimed him, was found out on one entry, and left.

    Chu took An's other customers over, another came out of the pool; claims are open longer now.
    """
    at(clock, "03-02 09:00")
    showroom = await a_showroom(transactions, reps=("An", "Bo", "Chu"))
    # What he shares with who received for him he may claim.
    await showroom.override(tamper__scope="ENTRY", obligatory__credit_split=50)
    await showroom.sign_in("An")
    for tel in (1, 2, 3):
        visit = await showroom.arrives(tel, customer_name="Wang")
        order = RegisterCustomer(visit["id"], full_name="Wang")
        await showroom.do(register_customer, order, by="An")
        await showroom.leaves(visit)
    at(clock, "03-03 09:00")
    await showroom.sign_in("Bo")
    sold = await showroom.arrives(1)
    deal_id = await showroom.do(record_deal, RecordDeal(sold["id"], "3-1201"), by="Bo")
    await showroom.do(file_claim, FileClaim(deal_id), by="An")
    an = showroom.people["An"]
    (false_one,) = await showroom.tenant.rows(
        "SELECT registration_id FROM app.claim WHERE tenant_id = $1"
    )
    finding = VoidRegister(an, showroom.site_id, "Copied", false_one["registration_id"])
    await showroom.do(void_register, finding, by="Mei")
    leaves = PlanDeparture(
        an, "LEAVING", clock.now().date(), "Leaves", "SUCCESSOR", showroom.people["Chu"]
    )
    await showroom.tenant.do(plan_departure, leaves)
    visit = await showroom.arrives(4, customer_name="Li")
    await showroom.do(register_customer, RegisterCustomer(visit["id"], full_name="Li"), by="Bo")
    await showroom.tenant.do(
        plan_departure,
        PlanDeparture(showroom.people["Bo"], "LEAVING", clock.now().date(), "Leaves", "POOL"),
    )
    (entry,) = await showroom.tenant.rows("SELECT id FROM app.pool_entry WHERE tenant_id = $1")
    handed_out = AssignFromPool(entry["id"], showroom.people["Chu"])
    await showroom.do(assign_from_pool, handed_out, by="Mei")
    values = {"claim.days": 7, "tracking.days": 9}
    begins = clock.now() + timedelta(days=1)
    await transactions.internally(
        showroom.tenant_id,
        "publish",
        lambda work: publish_rulebook(work, PublishRulebook(SWITCHING, values, begins)),
    )
    clock.set(begins + timedelta(hours=1))
    return showroom


DOCTORED = {
    "whose customer he is": (
        "UPDATE app.registration SET member_id = (SELECT id FROM app.member"
        " WHERE tenant_id = $1 AND name = 'Bo') WHERE tenant_id = $1 AND id = ("
        " SELECT min(n.id::text)::uuid FROM app.registration n"
        " JOIN app.registration o ON o.tenant_id = $1 AND o.id = n.corrects_id"
        " JOIN app.member m ON m.tenant_id = $1 AND m.id = o.member_id AND m.name = 'An'"
        " WHERE n.tenant_id = $1)",
        "member",
    ),
    "for how long": (
        "UPDATE app.registration SET protected_until = protected_until + interval '1 day'"
        " WHERE tenant_id = $1 AND superseded_at IS NULL AND voided_at IS NULL",
        "protected_until",
    ),
    "what was found false": (
        "UPDATE app.registration SET voided_at = NULL WHERE tenant_id = $1",
        "voided",
    ),
    "who was released": (
        "UPDATE app.registration SET superseded_at = NULL WHERE tenant_id = $1 AND id IN ("
        " SELECT registration_id FROM app.pool_entry WHERE tenant_id = $1)",
        "superseded",
    ),
    "that a claim fell with it": (
        "UPDATE app.claim SET result = 'ADMITTED' WHERE tenant_id = $1",
        "result",
    ),
    "until when he may be claimed": (
        "UPDATE app.deal SET claims_close_at = claims_close_at + interval '1 day'"
        " WHERE tenant_id = $1",
        "claims_close_at",
    ),
}


async def test_a_doctored_record_of_it_is_found(
    transactions: Transactions, clock: ManualClock, location: Location
) -> None:
    showroom = await a_past(transactions, clock)
    assert await replayed(showroom) == []

    found: set[str] = set()
    async with connected(location, "postgres", location.database) as connection:
        await connection.execute("SET session_replication_role = replica")
        for what, (statement, told) in DOCTORED.items():
            await connection.execute(statement, showroom.tenant_id)
            found.add(told)
            assert {one.what for one in await replayed(showroom)} == found, what


async def replayed_under(showroom: Showroom, **parameters: int | str) -> Replay:
    transactions = showroom.tenant.transactions
    async with transactions.sight(Caller(showroom.tenant_id, None, "test")) as sight:
        made, _ = await past(sight, transactions.clock.now())
    play = Play(showroom_rulebook(**parameters))
    replay = Replay(made.history, [[(0, play)]] * len(made.site_ids))
    replay.run()
    return replay


async def test_under_another_text_who_goes_leaves_his_customers_to_others(
    transactions: Transactions, clock: ManualClock
) -> None:
    """Released to the company he was next in turn's; dealt out he is Chu's, who comes second."""
    at(clock, "03-02 09:00")
    showroom = await a_showroom(transactions, reps=("An", "Bo", "Chu"))
    await showroom.sign_in("An", "Bo", "Chu")
    visit = await showroom.arrives(1, customer_name="Wang")
    registers = RegisterCustomer(visit["id"], full_name="Wang")
    await showroom.do(register_customer, registers, by="An")
    own = await showroom.arrives(2, customer_name="Li")
    await showroom.do(register_customer, RegisterCustomer(own["id"], full_name="Li"), by="Bo")
    leaves = PlanDeparture(showroom.people["An"], "LEAVING", clock.now().date(), "Leaves")
    await showroom.tenant.do(plan_departure, leaves)
    at(clock, "03-03 09:00")
    await showroom.sign_in("Bo", "Chu")
    assert await showroom.receiver(1) == "Bo"
    at(clock, "03-03 18:00")

    as_it_was, dealt_out = (
        await replayed_under(showroom),
        await replayed_under(showroom, member__offboarding="BY_ROTATION"),
    )

    def last(replay: Replay) -> tuple[str, str]:
        words = replay.words[-1]
        assert words is not None
        return showroom.name_of(replay.history.members[replay.receiver[-1]]), words.mode

    assert last(as_it_was) == ("Bo", "TURN")
    assert last(dealt_out) == ("Chu", "OWN_RETURN")


async def test_under_another_text_more_falls_with_a_finding(
    transactions: Transactions, clock: ManualClock
) -> None:
    showroom = await a_past(transactions, clock)

    for scope, void in (("ENTRY", 1), ("WHOLE_REGISTER", 3)):
        replay = await replayed_under(showroom, tamper__scope=scope)
        entries = {entry for entry in replay.registers.by_number if entry is not None}
        assert sum(entry.voided for entry in entries) == void, scope


async def test_a_call_that_was_passed_on_to_an_empty_register_has_its_first_entry(
    transactions: Transactions, clock: ManualClock
) -> None:
    """There it is the first of a register, and was the second of the one it came from."""
    at(clock, "03-02 09:00")
    showroom = await a_showroom(transactions, reps=("An", "Bo"))
    await showroom.override(phone__creates_registration=True)
    an, bo = showroom.people["An"], showroom.people["Bo"]
    for tel in (1, 2):
        call = RecordCall(showroom.site_id, phone(tel), an, caller_name=f"Wang {tel}")
        await showroom.do(record_call, call)
    (second,) = await showroom.tenant.rows(
        "SELECT party_id FROM app.registration WHERE tenant_id = $1 AND entry_number = 2"
    )
    at(clock, "03-02 10:00")
    mine = OpenDispute(None, (an, bo), "Mine", second["party_id"], showroom.site_id)
    dispute_id = await showroom.do(open_dispute, mine, by="Mei")
    for name in ("An", "Bo"):
        await showroom.do(agree_on_dispute, AgreeOnDispute(dispute_id, 0, 10_000), by=name)
    at(clock, "03-03 09:00")

    assert await replayed(showroom) == []
