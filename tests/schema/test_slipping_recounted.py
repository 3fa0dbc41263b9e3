"""What slips on a board, counted once more from the records that happened to come about.

A life of chance is lived by the commands, and read as rows; each figure is counted from them in
words of the targets page (4.6), as time goes on and nobody does anything about it.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from builders.api import Desk
from builders.credits import Ledger
from builders.lives import REPS, Life
from builders.targets import Planner

from service.clock import ManualClock
from service.ownership.commands import FileClaim, RecordFollowUp, file_claim, record_follow_up

TREE = "{ territoryTree { territory { id } parent { id } } }"
MARCH = {"month": {"year": 2026, "month": 3}}
LIVED = frozenset(
    {
        "arrives",
        "leaves",
        "registers",
        "follows_up",
        "signs",
        "cancels",
        "claims",
        "quarrels_over_a_customer",
        "ends_a_quarrel",
    }
)
FIGURES = (
    "openDisputeCount",
    "openClaimCount",
    "overdueFirstFollowUpCount",
    "overdueContactCount",
    "lapsingRegistrationCount",
)


class Planned(Life):
    """One in which contacts are planned, and what was entered is claimed for the same buyer."""

    async def follows_up(self) -> Any:
        entry = await self._entry("voided_at IS NULL")
        soon = self.clock.now() + timedelta(hours=self.chance.choice((2, 30, 100)))
        order = entry and RecordFollowUp(entry["id"], "PHONE", "Asked", next_at=soon)
        return entry and await self._as(entry["member_id"], record_follow_up, order)

    async def claims(self) -> Any:
        had = await self._one_of(
            "SELECT d.id, r.id AS entry, r.member_id FROM app.deal d JOIN app.registration r"
            " ON r.tenant_id = $1 AND r.result = 'VALID'"
            " AND r.entered_at < d.signed_at AND r.voided_at IS NULL AND r.superseded_at IS NULL"
            " WHERE d.tenant_id = $1 AND d.cancelled_at IS NULL ORDER BY d.id, r.id"
        )
        order = had and FileClaim(
            had["id"], had["entry"], had["member_id"], stated_same_customer=True
        )
        return had and await self._as(self.showroom.people["Mei"], file_claim, order)


OF = " ".join(FIGURES)
BOARDS = f"""query($root: ID!, $metric: ID!, $period: PeriodInput!) {{
  territoryBoard(territoryId: $root, metricId: $metric, period: $period, depth: 9) {{
    territory {{ id }} {OF} }}
  memberBoard(metricId: $metric, period: $period) {{ cursor {OF} }}
  companyBoard(metricId: $metric, period: $period) {{ {OF} }} }}"""
Counted = Iterator[tuple[str, Any, tuple[Any, ...]]]
"""A figure, the place of a record that counts in it, and whose it is."""


class Records:
    """The rows that came about."""

    def __init__(self, **rows: Any) -> None:
        self.rows = rows

    def counted(self, now: datetime) -> Counted:
        """Yield every record that slips at an instant."""
        yield from self.of_disputes()
        deals = {one["id"]: one for one in self.rows["deal"]}
        for claim in self.rows["claim"]:
            deal = deals[claim["deal_id"]]
            # Until they close it may still change whose the deal is.
            closes = deal["claims_close_at"]
            if claim["result"] == "ADMITTED" and not deal["cancelled_at"] and closes > now:
                yield "openClaimCount", claim["territory_id"], (claim["claimant_id"],)
        yield from self.of_registrations(now)

    def of_disputes(self) -> Counted:
        for one in self.rows["dispute"]:
            two = (one["first_member_id"], one["second_member_id"])
            over = one["cancelled_at"] or one["settled_at"] or one["appeal_decided_at"]
            if not over and (one["decided_at"] is None or one["appealed_at"]):
                yield "openDisputeCount", one["territory_id"], two

    def of_registrations(self, now: datetime) -> Counted:
        planned = {}
        for one in sorted(self.rows["follow_up"], key=lambda row: (row["at"], row["id"])):
            planned[one["registration_id"]] = one["next_at"]
        for one in self.rows["registration"]:
            ended = ("voided_at", "released_at", "superseded_at", "converted_at")
            if one["result"] != "VALID" or any(one[name] for name in ended):
                continue
            protects = one["protected_until"]
            if protects <= now:
                continue
            where, whose = one["territory_id"], (one["member_id"],)
            due, contact = one["first_follow_up_due_at"], planned.get(one["id"])
            if due and due <= now and not one["first_followed_up_at"]:
                yield "overdueFirstFollowUpCount", where, whose
            if contact and contact <= now:
                yield "overdueContactCount", where, whose
            if protects - now <= timedelta(hours=48):
                yield "lapsingRegistrationCount", where, whose


def figures_of(row: Any) -> dict[str, int]:
    return {name: row[name] for name in FIGURES if row[name]}


async def test_what_slips_is_what_nobody_has_seen_to(desk: Desk, clock: ManualClock) -> None:
    missing = [name for name in REPS if name not in desk.showroom.people]
    added = await desk.showroom.tenant.members(*missing)
    desk.showroom.people.update(zip(missing, added, strict=True))
    # Of people the board has those with a target, or of whom something counted.
    planner = Planner(desk, metric=await Ledger(desk).with_metric())
    await planner.with_plan("march", "2026-03-01", "2026-03-31")
    await planner.add(*({"key": one, "memberId": desk.member(one)} for one in (*REPS, "Mei")))
    await planner.publish()
    life = Planned(desk.showroom, clock, seed=16)
    await life.lives(days=3, acts_a_day=34, among=LIVED)
    names = ("dispute", "claim", "deal", "registration", "follow_up")
    tenant = desk.showroom.tenant
    records = Records(
        **{
            name: await tenant.rows(f"SELECT * FROM app.{name} WHERE tenant_id = $1")
            for name in names
        }
    )
    tree = (await desk.ask("Lin", TREE))["territoryTree"]
    above = {one["territory"]["id"]: (one["parent"] or {}).get("id") for one in tree}
    asked = {"root": tree[0]["territory"]["id"], "metric": planner.metric, "period": MARCH}
    met: Counter[str] = Counter()

    for hours in (0, 5, 20, 24, 48, 72, 120, 240, 240):
        clock.advance(timedelta(hours=hours))
        found = await desk.ask("Lin", BOARDS, **asked)
        places: dict[Any, Counter[str]] = {place: Counter() for place in above}
        people: dict[str, Counter[str]] = {}
        company: Counter[str] = Counter()
        for name, where, whose in records.counted(clock.now()):
            company[name] += 1
            for one in whose:
                people.setdefault(f"member_{one}", Counter())[name] += 1
            place = f"territory_{where}" if where else None
            while place is not None:
                places[place][name] += 1
                place = above[place]
        met += company
        (whole,) = found["companyBoard"]
        assert figures_of(whole) == company
        for row in found["territoryBoard"]:
            assert figures_of(row) == places[row["territory"]["id"]]
        shown = {row["cursor"]: figures_of(row) for row in found["memberBoard"]}
        assert {key: row for key, row in shown.items() if row} == people

    assert all(met[name] > 1 for name in FIGURES), met
