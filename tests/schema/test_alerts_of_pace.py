"""Who is behind, held against a reading of each entry, each target and each day by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from random import Random
from typing import Any
from uuid import UUID

from builders.api import Desk
from builders.credits import Ledger, on_day
from builders.targets import Planner

from service.clock import ManualClock
from service.credits.tables import MetricCredit
from service.targets.rules.rounding import rounded
from service.work import UnitOfWork

LOW = "{ targetAlerts(kind: PACE_LOW) { target { id } paceBasisPoints } }"
TREES = """{ territoryTree { territory { id } parent { id } }
  orgUnitTree { orgUnit { id } parent { id } } }"""
CALENDAR = "SELECT day, worked FROM app.calendar_day WHERE tenant_id = $1"
YEAR = (date(2026, 1, 1), date(2026, 12, 31))
# One a year ends on, one a month ends on, days amid it, and one after days off.
DAYS = ("2026-06-17", "2026-06-30", "2026-07-01", "2026-07-02", "2026-07-06")
CLOSED = [{"day": day, "worked": False, "reason": "closed"} for day in ("2026-06-16", "2026-07-03")]
ENTRIES = 400


@dataclass(frozen=True, slots=True)
class Aim:
    """A target as the model reads it: whose, for which days, of what."""

    metric: str
    days: tuple[date, date]
    amount: int
    member: str | None = None
    territory: str | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class World:
    """What there is to be counted, and what lies below what."""

    entries: Sequence[MetricCredit]
    below: dict[str, set[str]]
    ratio: str
    calendar: dict[date, bool]

    def worked(self, first: date, last: date) -> list[date]:
        """Return the working days from one to another."""
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        return [day for day in days if self.calendar.get(day, day.weekday() < 5)]

    def over(self, days: tuple[date, date], day: date) -> Fraction:
        """Return how much of a target's days is over at the end of one."""
        return Fraction(len(self.worked(days[0], day)), len(self.worked(*days)))

    def reached(self, aim: Aim, elsewhere: bool, day: date) -> tuple[int, int]:
        """Sum what counted for a target by the end of a day, entry by entry."""
        there = [
            one
            for one in self.entries
            if f"metric_{one.metric_id}" == aim.metric
            and one.kind == "PRIMARY"
            and aim.days[0] <= one.credited_on <= day
            and self._his(aim, elsewhere, one)
        ]
        return sum(one.amount for one in there), sum(one.base or 0 for one in there)

    def _his(self, aim: Aim, elsewhere: bool, one: MetricCredit) -> bool:
        here = f"territory_{one.territory_id}" in self.below.get(aim.territory or "", ())
        if aim.member:
            return f"member_{one.member_id}" == aim.member and (here or not elsewhere)
        if aim.territory:
            return here
        return f"org_unit_{one.org_unit_id}" in self.below[aim.unit or ""]


def behind(world: World, aims: dict[str, Aim], today: date) -> dict[str, str]:
    """Return the pace of each target that was below 80 % at the end of three working days."""
    ends = world.worked(today - timedelta(days=30), today - timedelta(days=1))[-3:]
    found = {}
    for node, aim in aims.items():
        if not aim.days[0] <= min(ends) <= today <= aim.days[1]:
            continue
        elsewhere = (
            aim.territory is not None
            and len(
                {
                    one.territory
                    for one in aims.values()
                    if aim.member
                    and (one.member, one.metric) == (aim.member, aim.metric)
                    and one.days[0] <= today <= one.days[1]
                    and one.territory
                }
            )
            > 1
        )
        paces = []
        for day in ends:
            amount, base = world.reached(aim, elsewhere, day)
            ratio = aim.metric == world.ratio
            number = (Fraction(amount * 10_000, base) if base else None) if ratio else amount
            due = aim.amount if ratio else aim.amount * world.over(aim.days, day)
            paces.append(number / due if number is not None and due > 0 else None)
        if all(pace is not None and pace < Fraction(8, 10) for pace in paces):
            found[node] = str(rounded(paces[-1] * 10_000))
    return found


async def entries_of(desk: Desk, metrics: Sequence[str], chance: Random) -> list[MetricCredit]:
    """Let amounts count for anybody anywhere: on days of all kinds, and refunds among them."""
    tenant = desk.showroom.tenant
    people = [*(desk.showroom.people[name] for name in ("An", "Bo", "Chu")), None]
    places, units = [*tenant.territories.values(), None], [*tenant.units.values(), None]
    made: list[MetricCredit] = []

    async def step(work: UnitOfWork) -> None:
        for number in range(ENTRIES):
            metric = metrics[number % len(metrics)]
            of_ratio = metric == metrics[-1]
            made.append(
                MetricCredit(
                    tenant_id=work.tenant_id,
                    id=work.new_id(),
                    metric_id=UUID(metric.removeprefix("metric_")),
                    member_id=chance.choice(people),
                    org_unit_id=chance.choice(units),
                    territory_id=chance.choice(places),
                    kind=chance.choice(["PRIMARY", "PRIMARY", "PRIMARY", "OVERLAY"]),
                    basis_points=10_000,
                    amount=chance.randrange(-5, 90),
                    base=chance.randrange(90, 200) if of_ratio else None,
                    credited_on=date(2025, 12, 20) + timedelta(days=chance.randrange(202)),
                    recorded_at=work.now,
                    source="RECORDED",
                    source_key=str(number),
                )
            )
        work.add(*made)

    await tenant.transactions.internally(tenant.id, "entries", step)
    return made


def aims_of(
    desk: Desk, metrics: Sequence[str], world: World, chance: Random
) -> list[tuple[Aim, dict[str, Any]]]:
    """Return targets of every kind of holder, each about as high as makes him hardly behind."""
    tenant = desk.showroom.tenant
    places = [f"territory_{one}" for one in tenant.territories.values()]
    units = [f"org_unit_{one}" for one in tenant.units.values()]
    an, bo, chu = (desk.member(name) for name in ("An", "Bo", "Chu"))
    holders: list[dict[str, str]] = [
        *({"territory": one} for one in places),
        *({"unit": one} for one in units),
        {"member": an, "territory": places[0]},
        {"member": an, "territory": places[-1]},
        {"member": bo, "territory": places[-1]},
        {"member": chu},
    ]
    windows = [YEAR, (date(2026, 6, 1), date(2026, 6, 30)), (date(2026, 6, 10), date(2026, 7, 31))]
    found = []
    for metric in metrics:
        for holder in holders:
            for days in windows:
                # Of An in two territories one window, or else he would have more than two.
                aim = Aim(metric, days, 0, **holder)
                amount, base = world.reached(aim, holder.get("member") == an, date(2026, 6, 29))
                over = world.over(days, date(2026, 6, 29))
                exact = (
                    Fraction(amount * 10_000, base or 1)
                    if metric == world.ratio
                    else (amount / over)
                )
                wanted = max(int(exact * 100 / chance.randrange(70, 92)), 1)
                aim = Aim(metric, days, wanted, **holder)
                found.append((aim, sent(aim)))
    return found


def sent(aim: Aim) -> dict[str, Any]:
    first, last = (one.isoformat() for one in aim.days)
    places = {"memberId": aim.member, "territoryId": aim.territory, "orgUnitId": aim.unit}
    amount = {"amount": str(aim.amount), "firstDay": first, "lastDay": last}
    return {"metricId": aim.metric, **amount, **{k: v for k, v in places.items() if v}}


async def test_behind_are_those_whose_entries_say_so_one_by_one(
    desk: Desk, clock: ManualClock
) -> None:
    chance = Random(11)  # noqa: S311 - test data, no secret
    ledger, planner = Ledger(desk), Planner(desk)
    metrics = [await ledger.with_metric(), await ledger.with_metric("SHARE", unit="RATIO")]
    desk.showroom.people["Ada"] = desk.showroom.tenant.admin_id
    await desk.does("Ada", "editCalendar", "tenant { id }", days=CLOSED)
    trees = await desk.ask("Lin", TREES)
    above = {
        row[kind]["id"]: row["parent"] and row["parent"]["id"]
        for tree, kind in (("territoryTree", "territory"), ("orgUnitTree", "orgUnit"))
        for row in trees[tree]
    }
    below: dict[str, set[str]] = {one: set() for one in above}
    for one in above:
        top: str | None = one
        while top:
            below[top].add(one)
            top = above[top]
    entries = await entries_of(desk, metrics, chance)
    calendar = {row["day"]: row["worked"] for row in await desk.showroom.tenant.rows(CALENDAR)}
    world = World(entries, below, metrics[-1], calendar)
    await planner.with_plan()
    aims = aims_of(desk, metrics, world, chance)
    made = await planner.add(*({"key": str(n), **of} for n, (_, of) in enumerate(aims)))
    await planner.publish()
    named = {made[str(n)]: aim for n, (aim, _) in enumerate(aims)}

    told = []
    for day in DAYS:
        on_day(clock, day)
        found = (await desk.ask("Lin", LOW))["targetAlerts"]
        low = {one["target"]["id"]: one["paceBasisPoints"] for one in found}
        assert low == behind(world, named, date.fromisoformat(day)), day
        told.append(len(low))

    assert all(10 < number < 40 for number in told), "some are behind, and some are not"
