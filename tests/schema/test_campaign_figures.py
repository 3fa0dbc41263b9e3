"""The board of campaigns against its rule told again in Python, on made-up ledgers (3-3).

A deal counts for its customer's first touch; whatever is recorded later, a past day stays.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import pytest
from builders.api import Desk
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.campaigns.tables import Campaign, CampaignBudget, CampaignCost, CampaignTouch
from service.clock import new_id
from service.customers.tables import ContactPoint, Party
from service.database.connections import Location, connected
from service.database.session import Session
from service.opportunities.tables import LAST_OF_ALL, Opportunity, OpportunityStanding
from service.ownership.tables import Deal
from service.reception.tables import CallRecord
from service.schema.campaigns import figures
from service.schema.campaigns import opened as lists

FIRST, DAYS = date(2026, 3, 1), 5
ZONE = ZoneInfo("Asia/Shanghai")
FILLED = (
    "opportunity_standing",
    "opportunity",
    "campaign_touch",
    "campaign_cost",
    "campaign_budget",
    "deal",
    "contact_point",
)
HOPES = "{ opportunities(first: 200) { nodes { id campaign { code } } } }"
EMPTIED = (*FILLED, "call_record", "party", "campaign")
BOARD = """query($day: Date) { campaignBoard(asOfDay: $day) { campaign { code }
  visitCount callCount newCustomerCount dealCount otherCurrencyDealCount
  opportunityCount openOpportunityCount openPipeline { amountMinor }
  subscribed { amountMinor } cost { amountMinor } budget { amountMinor } budgetLeft { amountMinor }
  costPerVisit { amountMinor } costPerDeal { amountMinor } costPerNewCustomer { amountMinor } } }"""
OPENED = """query($id: ID!, $day: Date) {
  campaignDeals(campaignId: $id, asOfDay: $day) { cursor }
  campaignOpportunities(campaignId: $id, asOfDay: $day) { cursor }
  campaignCustomers(campaignId: $id, asOfDay: $day) { cursor } }"""
PIECES = """query($id: ID!, $day: Date, $after: ID) {
  campaignDeals(campaignId: $id, asOfDay: $day, afterId: $after) { cursor cut }
  campaignOpportunities(campaignId: $id, asOfDay: $day, afterId: $after) { cursor cut }
  campaignCustomers(campaignId: $id, asOfDay: $day, afterId: $after) { cursor cut } }"""

BOARD_IN_PIECES = """query($after: ID) {
  campaignBoard(afterId: $after) { campaign { id code } cut } }"""


def at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), ZONE).astimezone(UTC)


@dataclass
class Made:
    """A made-up company: its ledgers as they are written."""

    chance: Random
    tenant: UUID
    site: UUID
    member: UUID
    rows: list[Any] = field(default_factory=list)
    campaigns: list[Campaign] = field(default_factory=list)
    touches: list[CampaignTouch] = field(default_factory=list)
    parties: dict[UUID, Party] = field(default_factory=dict)
    phones: dict[str, ContactPoint] = field(default_factory=dict)
    calls: dict[UUID, CallRecord] = field(default_factory=dict)
    deals: list[Deal] = field(default_factory=list)
    hopes: list[tuple[Opportunity, list[OpportunityStanding]]] = field(default_factory=list)

    def key(self) -> dict[str, Any]:
        return {"tenant_id": self.tenant, "id": new_id()}

    def day(self) -> date:
        return FIRST + timedelta(days=self.chance.randrange(DAYS))

    def hour(self) -> int:
        return self.chance.randrange(9, 11)

    def fill(self) -> None:
        """Make campaigns, customers, what brought them, what they signed and what it cost."""
        for number in range(3):
            self._campaign(number)
        for number in range(self.chance.randrange(1, 4)):
            self._customer(number)
        for _ in range(self.chance.randrange(4, 16)):
            self._touch()
        for _ in range(self.chance.randrange(2, 8)):
            self._deal()
            self._hope()
        self.rows += [*self.campaigns, *self.parties.values(), *self.phones.values()]
        self.rows += [*self.calls.values(), *self.touches, *self.deals]
        self.rows += [row for one, standings in self.hopes for row in (one, *standings)]

    def _campaign(self, number: int) -> None:
        days = self.chance.choice((None, 0, 1, 2))
        campaign = Campaign(
            **self.key(), created_at=at(FIRST, 8), code=f"c{number}", names={"en": "x"},
            kind="ONLINE", first_on=FIRST, last_on=FIRST + timedelta(days=DAYS),
            owner_id=self.member, currency="CNY", attribution_days=days,
        )  # fmt: skip
        self.campaigns.append(campaign)
        for _ in range(self.chance.randrange(4)):
            day, amount = self.day(), self.chance.choice((1, 3, 5, 10**13))
            cost = CampaignCost(
                **self.key(), campaign_id=campaign.id, amount_minor=amount, currency="CNY",
                spent_on=FIRST, purpose="x", counted_on=day, recorded_at=at(day, 9),
            )  # fmt: skip
            self.rows.append(cost)
            if self.chance.random() < 0.3:
                back = CampaignCost(**vars(cost) | self.key() | {
                    "amount_minor": -amount, "reverses_id": cost.id,
                    "counted_on": day + timedelta(days=self.chance.randrange(3)),
                })  # fmt: skip
                self.rows.append(back)
        for _ in range(self.chance.randrange(3)):
            day = self.day()
            self.rows.append(CampaignBudget(
                **self.key(), campaign_id=campaign.id, amount_minor=self.chance.randrange(300),
                currency="CNY", counted_on=day, recorded_at=at(day, self.hour()),
            ))  # fmt: skip

    def _customer(self, number: int) -> None:
        party = Party(**self.key(), created_at=at(self.day(), self.hour()))
        self.parties[party.id] = party
        if self.chance.random() < 0.9:
            phone = f"+8613800{number:06}"
            met = at(self.day(), 8)
            self.phones[phone] = ContactPoint(
                **self.key(), created_at=met, party_id=party.id, phone=phone
            )

    def _touch(self) -> None:
        """Let a campaign bring a visit or a call; sometimes it is corrected once or twice."""
        day, hour = self.day(), self.hour()
        party = self.chance.choice([*self.parties, None])
        what: dict[str, Any] = {"visit_id": new_id(), "call_id": None, "party_id": party}
        if self.chance.random() < 0.4:
            number = self.chance.randrange(4)
            call = CallRecord(
                **self.key(), created_at=at(day, hour), site_id=self.site, called_at=at(day, hour),
                taker_id=self.member, phone=f"+8613800{number:06}",
            )  # fmt: skip
            self.calls[call.id] = call
            what = {"visit_id": None, "call_id": call.id, "party_id": None}
        campaign, counted = self.chance.choice(self.campaigns), day
        line = {**what, "touched_at": at(day, hour), "touched_on": day, "recorded_at": at(day, 9)}
        self._line(campaign, line, 1, counted)
        while self.chance.random() < 0.3:
            counted += timedelta(days=self.chance.randrange(3))
            self._line(campaign, line, -1, counted)
            if what["visit_id"] and line["party_id"] is None:
                line["party_id"] = self.chance.choice([*self.parties])
            else:
                campaign = self.chance.choice(self.campaigns)
            self._line(campaign, line, 1, counted)

    def _line(self, campaign: Campaign, line: dict[str, Any], sign: int, counted: date) -> None:
        self.touches.append(CampaignTouch(
            **self.key(), campaign_id=campaign.id, sign=sign, counted_on=counted, **line
        ))  # fmt: skip

    def _deal(self) -> None:
        day, hour = self.day(), self.hour()
        price = self.chance.choice((None, (1_000, "CNY"), (5, "CNY"), (9, "USD")))
        signed = at(day, hour)
        fell = at(day + timedelta(days=self.chance.randrange(9)), 23)
        cancelled = {
            "cancelled_at": fell, "cancelled_on": day, "cancelled_by": self.member,
            "cancellation_reason": "退訂",
        } if self.chance.random() < 0.3 else {}  # fmt: skip
        self.deals.append(Deal(
            **self.key(), created_at=signed, party_id=self.chance.choice([*self.parties]),
            site_id=self.site, visit_id=new_id(), visit_arrived_at=signed, closer_id=self.member,
            owner_kind="COMPANY", mode="TURN", signed_at=signed, counted_from=signed,
            claims_close_at=signed, credit_decision_id=new_id(),
            amount_minor=price and price[0], currency=price and price[1], **cancelled,
        ))  # fmt: skip

    def _hope(self) -> None:
        """Hope for business of a customer; the next day it may be another's, won or changed."""
        day, hour = self.day(), self.hour()
        plain: dict[str, Any] = {
            "member_id": self.member, "metric_id": new_id(), "stage_id": new_id(),
            "category": "BEST", "probability_basis_points": 5_000, "expected_on": FIRST,
            "currency": self.chance.choice(("CNY", "USD", None)),
        }  # fmt: skip
        stood: dict[str, Any] = {
            "party_id": self.chance.choice([*self.parties, None]), "amount": 7, "state": "OPEN",
        }  # fmt: skip
        spans = [(day, stood)]
        if self.chance.random() < 0.6:
            change = self.chance.choice((
                {"party_id": self.chance.choice([*self.parties])}, {"amount": 100},
                {"state": "WON"},
            ))  # fmt: skip
            spans.append((day + timedelta(days=1), stood | change))
        now = spans[-1][1]
        hope = Opportunity(
            **self.key(), created_at=at(day, hour), name="x", **plain, **now,
            closed_on=None if now["state"] == "OPEN" else spans[-1][0],
        )  # fmt: skip
        ends = [first - timedelta(days=1) for first, _ in spans[1:]] + [LAST_OF_ALL]
        self.hopes.append((hope, [
            OpportunityStanding(
                **self.key(), opportunity_id=hope.id, first_day=first, last_day=last, **plain, **how
            )
            for (first, how), last in zip(spans, ends, strict=True)
        ]))  # fmt: skip

    def _brought(self, campaign: UUID, day: date, standing: list[Any]) -> list[OpportunityStanding]:
        """Return how the opportunities of a campaign stood on a day."""
        found = [
            (hope, one) for hope, standings in self.hopes for one in standings
            if one.first_day <= day <= one.last_day
        ]  # fmt: skip
        return [
            one for hope, one in found
            if self._first(one.party_id, hope.created_at, standing) == campaign
        ]  # fmt: skip

    def named(self) -> dict[str, str | None]:
        """Return the code of the campaign of each opportunity, as it is now."""
        codes: dict[UUID | None, str] = {one.id: one.code for one in self.campaigns}
        standing = self._standing(date.max)
        return {
            f"opportunity_{hope.id}": codes.get(
                self._first(hope.party_id, hope.created_at, standing)
            )
            for hope, _ in self.hopes
        }

    def expected(self, day: date) -> dict[str, dict[str, Any]]:
        """Return the board as it was known at the end of a day, from the rule."""
        standing = self._standing(day)
        first: dict[UUID, CampaignTouch] = {}
        for party, line in standing:
            if party and (party not in first or _order(line) < _order(first[party])):
                first[party] = line
        won = Counter(
            line.campaign_id for party, line in first.items()
            if self.parties[party].created_at >= line.touched_at
        )  # fmt: skip
        deals = [(self._credited(deal, standing), deal) for deal in self.deals
                 if deal.signed_at.astimezone(ZONE).date() <= day
                 and (deal.cancelled_at is None
                      or deal.cancelled_at.astimezone(ZONE).date() > day)]  # fmt: skip
        return {
            one.code: self._row(
                one, day, standing, won[one.id], [d for c, d in deals if c == one.id]
            )
            for one in self.campaigns
        }

    def _standing(self, day: date) -> list[tuple[UUID | None, CampaignTouch]]:
        """Return what stands: each touch that is not taken back by then, with its customer."""
        counts: Counter[Any] = Counter()
        lines: dict[Any, CampaignTouch] = {}
        for line in self.touches:
            if line.counted_on <= day:
                same = (line.campaign_id, line.visit_id or line.call_id, line.party_id)
                counts[same] += line.sign
                lines[same] = line
        return [(self._party(line, day), line) for same, line in lines.items() if counts[same] > 0]

    def _party(self, line: CampaignTouch, day: date) -> UUID | None:
        if line.call_id is None:
            return line.party_id
        held = self.phones.get(self.calls[line.call_id].phone)
        known = held is not None and held.created_at.astimezone(ZONE).date() <= day
        return held.party_id if known else None

    def _credited(
        self, deal: Deal, standing: list[tuple[UUID | None, CampaignTouch]]
    ) -> UUID | None:
        return self._first(deal.party_id, deal.signed_at, standing)

    def _first(self, customer: UUID | None, until: datetime, standing: list[Any]) -> UUID | None:
        """Return the campaign of a customer's first touch that reaches as far as an instant."""
        signed_on = until.astimezone(ZONE).date()
        reach = {one.id: one.attribution_days for one in self.campaigns}
        fit = [
            line for party, line in standing
            if party and party == customer and line.touched_at <= until
            and (reach[line.campaign_id] is None
                 or (signed_on - line.touched_on).days <= reach[line.campaign_id])
        ]  # fmt: skip
        return min(fit, key=_order).campaign_id if fit else None

    def _row(
        self, campaign: Campaign, day: date, standing: list[Any], won: int, deals: list[Deal]
    ) -> dict[str, Any]:
        mine = [line for _, line in standing if line.campaign_id == campaign.id]
        visits = sum(line.visit_id is not None for line in mine)
        lines = [row for row in self.rows if getattr(row, "campaign_id", None) == campaign.id]
        known = [row for row in lines if row.counted_on <= day]
        cost = sum(row.amount_minor for row in known if isinstance(row, CampaignCost))
        budgets = [row for row in known if isinstance(row, CampaignBudget)]
        latest = max(
            budgets, key=lambda one: (one.counted_on, one.recorded_at, one.id), default=None
        )
        budget = latest and latest.amount_minor
        brought = self._brought(campaign.id, day, standing)
        hoped = [one for one in brought if one.state == "OPEN"]
        summed = [deal.amount_minor for deal in deals if deal.currency == "CNY"]
        return {
            "visitCount": visits,
            "callCount": len(mine) - visits,
            "newCustomerCount": won,
            "dealCount": len(deals),
            "otherCurrencyDealCount": len(deals) - len(summed),
            "opportunityCount": len(brought),
            "openOpportunityCount": len(hoped),
            "openPipeline": sum(one.amount for one in hoped if one.currency == "CNY"),
            "subscribed": sum(summed),
            "cost": cost,
            "budget": budget,
            "budgetLeft": None if budget is None else budget - cost,
            "costPerVisit": _each(cost, visits),
            "costPerDeal": _each(cost, len(deals)),
            "costPerNewCustomer": _each(cost, won),
        }  # fmt: skip


def _order(line: CampaignTouch) -> tuple[Any, ...]:
    """Order touches: the earlier first; of one instant a visit before a call, then by id."""
    return (line.touched_at, line.visit_id is None, line.visit_id or line.call_id)


def _each(cost: int, count: int) -> int | None:
    return round(Fraction(cost, count)) if count else None


async def written(connection: "asyncpg.Connection[Any]", made: Made) -> None:
    """Write a made-up company past all rules, which are not what is looked at here."""
    await connection.execute("SET session_replication_role = replica")
    for table in EMPTIED:
        await connection.execute(f"DELETE FROM app.{table} WHERE tenant_id = $1", made.tenant)
    session = Session(connection, made.tenant)
    session.add(*made.rows)
    await session.flush()


def plain(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: int(value["amountMinor"]) if isinstance(value, dict) else value
        for name, value in row.items()
    }


@pytest.fixture
async def by_hand(location: Location) -> Any:
    """A connection that no wall holds."""
    async with connected(location, "postgres") as connection:
        yield connection


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 2**32))
async def test_the_board_of_any_day_is_what_its_rule_says_of_what_was_known_then(
    desk: Desk, by_hand: "asyncpg.Connection[Any]", seed: int
) -> None:
    showroom = desk.showroom
    chance = Random(seed)  # noqa: S311 - keeps no secret
    made = Made(chance, showroom.tenant_id, showroom.site_id, showroom.people["Lin"])
    made.fill()
    await written(by_hand, made)

    for day in (made.day(), FIRST + timedelta(days=DAYS + 5)):
        rows = (await desk.ask("Lin", BOARD, day=day.isoformat()))["campaignBoard"]
        whole = [dict(row) for row in rows]
        shown = {row.pop("campaign")["code"]: plain(row) for row in rows}
        assert shown == made.expected(day)
    one = made.campaigns[0]
    opened = await desk.ask("Lin", OPENED, id=f"campaign_{one.id}", day=day.isoformat())
    assert len(opened["campaignDeals"]) == shown[one.code]["dealCount"]
    assert len(opened["campaignOpportunities"]) == shown[one.code]["opportunityCount"]
    assert len(opened["campaignCustomers"]) == shown[one.code]["newCustomerCount"]
    nodes = (await desk.ask("Lin", HOPES))["opportunities"]["nodes"]
    named = {node["id"]: node["campaign"] and node["campaign"]["code"] for node in nodes}
    assert named == made.named()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lists, "MOST", 1)
        for name, rows in opened.items():
            assert await in_pieces(desk, name, id=f"campaign_{one.id}", day=day.isoformat()) == rows
        # Two at a time: whoever were told twice would stand beside another.
        patch.setattr(figures, "MOST", 2)
        assert await board_in_pieces(desk) == [row["campaign"]["code"] for row in whole]


async def board_in_pieces(desk: Desk) -> list[str]:
    """Read the board piece by piece: the campaigns' codes."""
    found: list[str] = []
    after = None
    while True:
        rows = (await desk.ask("Lin", BOARD_IN_PIECES, after=after))["campaignBoard"]
        found += [row["campaign"]["code"] for row in rows]
        if not rows[-1]["cut"]:
            return found
        after = rows[-1]["campaign"]["id"]


async def in_pieces(desk: Desk, name: str, **asked: Any) -> list[dict[str, Any]]:
    """Read a list of what stands behind a campaign piece by piece."""
    found: list[dict[str, Any]] = []
    after = None
    while True:
        rows = (await desk.ask("Lin", PIECES, after=after, **asked))[name]
        found += [{"cursor": row["cursor"]} for row in rows]
        if not rows or not rows[-1]["cut"]:
            return found
        after = rows[-1]["cursor"]
