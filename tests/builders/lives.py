"""Weeks of a showroom, made up and lived through the real commands: who comes, goes, is found out.

What a command refuses is left out, as it is in life; the same seed lives the same weeks.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Collection
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from builders.reception import REPS, Showroom, a_showroom, phone

from service.clock import ManualClock
from service.credits.commands import cancel_deal
from service.errors import Refusal, Refusals
from service.ownership import commands as ownership
from service.ownership.commands.switching import publish_rulebook
from service.policies import policies_folder
from service.reception import commands as reception
from service.rulebooks.commands import PublishRulebook
from service.work import Transactions, UnitOfWork

KEEPING = (policies_folder() / "rulebooks" / "showroom.yaml").read_text(encoding="utf-8")
SWITCHING = KEEPING.replace("running: keep", "running: switch")
FIRST_DAY = date(2026, 3, 2)
SHANGHAI_OPENS = time(1, 0, tzinfo=UTC)

PARAMETERS: dict[str, list[Any]] = {
    "tracking.days": [2, 4, 7, 10],
    "tracking.max_total_days": [0, 12],
    "claim.days": [1, 3, 7],
    "tamper.scope": ["ENTRY", "PERIOD", "WHOLE_REGISTER"],
    "member.offboarding": ["RELEASE_TO_MANAGER", "BY_ROTATION"],
    "phone.creates_registration": [False, True],
    "phone.registration_days": [3, 15],
    "claim.deal_event": ["SUBSCRIPTION", "CONTRACT"],
    "obligatory.credit_split": [100, 50],
    "merge.order_by": ["ENTRY", "RECEPTION"],
}

ON_THE_FLOOR = (
    "arrives",
    "leaves",
    "registers",
    "follows_up",
    "signs",
    "claims",
    "corrects",
    "telephones",
)


class Life:
    """A showroom and everything that happens in it."""

    def __init__(self, showroom: Showroom, clock: ManualClock, seed: int) -> None:
        self.showroom = showroom
        self.clock = clock
        self.chance = random.Random(seed)  # noqa: S311 - made up, and the same for the same seed
        self.here = list(REPS)
        self.done: list[str] = []
        self.refused: list[str] = []
        self._acts: list[tuple[int, Callable[[], Awaitable[Any]]]] = [
            (30, self.arrives),
            (14, self.leaves),
            (20, self.registers),
            (12, self.follows_up),
            (8, self.signs),
            (3, self.cancels),
            (5, self.contracts),
            (10, self.claims),
            (4, self.corrects),
            (4, self.telephones),
            (3, self.finds_falsification),
            (3, self.exposes),
            (2, self.goes),
            (4, self.gives_out),
            (2, self.quarrels),
            (5, self.quarrels_over_a_customer),
            (5, self.ends_a_quarrel),
            (2, self.changes_the_rulebook),
        ]

    async def lives(
        self, days: int, acts_a_day: int, at_once: int = 1, among: Collection[str] | None = None
    ) -> None:
        """Live some days, one after the other, with pauses of several.

        Args:
            days: how many.
            acts_a_day: how often something happens on each.
            at_once: how much happens at the same time.
            among: the names of what may happen; everything where left out.
        """
        possible = [one for one in self._acts if among is None or one[1].__name__ in among]
        weights, acts = zip(*possible, strict=True)
        day = FIRST_DAY
        for _ in range(days):
            self.clock.set(datetime.combine(day, SHANGHAI_OPENS))
            await self._attempt(self._sign_in)
            for _ in range(acts_a_day):
                self.clock.advance(timedelta(minutes=self.chance.randrange(1, 40)))
                chosen = self.chance.choices(acts, weights, k=at_once)
                await asyncio.gather(*map(self._attempt, chosen))
            day += timedelta(days=self.chance.choice((1, 1, 2, 4)))

    async def _attempt(self, act: Callable[[], Awaitable[Any]]) -> None:
        try:
            if await act() is not None:
                self.done.append(act.__name__)
        except (Refusal, Refusals) as refusal:
            self.refused.append(f"{act.__name__}: {refusal}")

    async def _sign_in(self) -> None:
        staff = self.chance.sample(self.here, max(1, len(self.here) - 1))
        await self.showroom.sign_in(*staff)

    def _someone(self) -> str:
        return self.chance.choice(self.here)

    async def _one_of(self, sql: str, *arguments: object) -> Any:
        rows = await self.showroom.tenant.rows(sql, *arguments)
        return self.chance.choice(rows) if rows else None

    async def arrives(self) -> Any:
        named = self.showroom.people[self._someone()] if self.chance.random() < 0.2 else None
        return await self.showroom.arrives(
            self.chance.randrange(25),
            customer_name="Wang",
            said_before=self.chance.random() < 0.3,
            named_member_id=named,
            unit_code=self.chance.choice(("3-1201", "3-1202")),
        )

    async def leaves(self) -> Any:
        visit = await self._one_of(
            "SELECT id FROM app.visit WHERE tenant_id = $1 AND left_at IS NULL ORDER BY id"
        )
        return visit and await self.showroom.do(
            reception.close_visit, reception.CloseVisit(visit["id"])
        )

    async def registers(self) -> Any:
        visit = await self._one_of(
            "SELECT id, owner_id FROM app.visit v WHERE tenant_id = $1 AND owner_kind = 'MEMBER'"
            " AND NOT EXISTS (SELECT FROM app.registration r WHERE r.tenant_id = $1"
            "   AND r.visit_id = v.id) ORDER BY id"
        )
        return visit and await self._as(
            visit["owner_id"],
            reception.register_customer,
            reception.RegisterCustomer(visit["id"], full_name="Wang"),
        )

    async def _entry(self, condition: str = "TRUE") -> Any:
        return await self._one_of(
            "SELECT id, member_id FROM app.registration r WHERE tenant_id = $1"
            f" AND superseded_at IS NULL AND {condition} ORDER BY id"
        )

    async def follows_up(self) -> Any:
        entry = await self._entry("voided_at IS NULL")
        order = entry and ownership.RecordFollowUp(entry["id"], "PHONE", "Asked")
        return entry and await self._as(entry["member_id"], ownership.record_follow_up, order)

    async def corrects(self) -> Any:
        entry = await self._entry("voided_at IS NULL")
        own = entry and await self.showroom.tenant.rows(
            "SELECT id FROM app.party WHERE tenant_id = $1 AND owner_id = $2 ORDER BY id",
            entry["member_id"],
        )
        # Every third time it was another customer of his own.
        wrong = own and len(self.done) % 3 == 0
        party_id = own[len(self.done) % len(own)]["id"] if wrong else None
        order = entry and ownership.CorrectRegistration(entry["id"], "Misspelt", party_id)
        return entry and await self._as(entry["member_id"], reception.correct_registration, order)

    async def telephones(self) -> Any:
        taker = self.showroom.people[self._someone()]
        order = reception.RecordCall(
            self.showroom.site_id, phone(self.chance.randrange(25)), taker, caller_name="Wang"
        )
        return await self.showroom.do(reception.record_call, order)

    async def signs(self) -> Any:
        visit = await self._one_of(
            "SELECT id, receiver_id FROM app.visit v WHERE tenant_id = $1"
            " AND receiver_id IS NOT NULL AND party_id IS NOT NULL"
            " AND NOT EXISTS (SELECT FROM app.deal d WHERE d.tenant_id = $1"
            "   AND d.visit_id = v.id AND d.cancelled_at IS NULL) ORDER BY id"
        )
        order = visit and reception.RecordDeal(visit["id"], "3-1201")
        return visit and await self._as(visit["receiver_id"], reception.record_deal, order)

    async def cancels(self) -> Any:
        deal = await self._one_of("SELECT id FROM app.deal WHERE tenant_id = $1 ORDER BY id")
        order = deal and ownership.CancelDeal(deal["id"], "The buyer withdraws")
        return deal and await self._as(self.showroom.people["Mei"], cancel_deal, order)

    async def contracts(self) -> Any:
        deal = await self._one_of("SELECT id FROM app.deal WHERE tenant_id = $1 ORDER BY id")
        order = deal and ownership.RecordContract(deal["id"])
        mei = self.showroom.people["Mei"]
        return deal and await self._as(mei, ownership.record_contract, order)

    async def claims(self) -> Any:
        deal = await self._one_of("SELECT id FROM app.deal WHERE tenant_id = $1 ORDER BY id")
        claimant = self.showroom.people[self._someone()]
        return deal and await self._as(
            claimant, ownership.file_claim, ownership.FileClaim(deal["id"])
        )

    async def quarrels(self) -> Any:
        deal = await self._one_of("SELECT id FROM app.deal WHERE tenant_id = $1 ORDER BY id")
        one, other = self.chance.sample(self.here, 2)
        two = (self.showroom.people[one], self.showroom.people[other])
        order = deal and ownership.OpenDispute(deal["id"], two, "Mine")
        return deal and await self._as(self.showroom.people["Mei"], ownership.open_dispute, order)

    async def quarrels_over_a_customer(self) -> Any:
        came = await self._one_of(
            "SELECT v.party_id, coalesce(r.member_id, v.owner_id) AS member_id FROM app.visit v"
            " LEFT JOIN app.registration r ON r.tenant_id = $1 AND r.party_id = v.party_id"
            " AND r.superseded_at IS NULL"
            " WHERE v.tenant_id = $1 AND v.party_id IS NOT NULL AND v.owner_id IS NOT NULL"
            " ORDER BY v.id DESC, r.id LIMIT 12"
        )
        other = self.showroom.people[self._someone()]
        order = came and ownership.OpenDispute(
            None, (came["member_id"], other), "Mine", came["party_id"], self.showroom.site_id
        )
        mei = self.showroom.people["Mei"]
        return order and await self._as(mei, ownership.open_dispute, order)

    async def ends_a_quarrel(self) -> Any:
        known = await self._one_of(
            "SELECT id, first_member_id, second_member_id, deal_id FROM app.dispute"
            " WHERE tenant_id = $1 AND ended_at IS NULL ORDER BY id"
        )
        if known is None:
            return None
        parts = self.chance.choice(((10_000, 0), (0, 10_000), (0, 10_000), (0, 0, 10_000)))
        two = (known["first_member_id"], known["second_member_id"])
        if self.chance.random() < 0.5:
            order = ownership.AgreeOnDispute(known["id"], *parts)
            for one in two:
                await self._as(one, reception.agree_on_dispute, order)
            return known["id"]
        mei = self.showroom.people["Mei"]
        verdict = ownership.DecideDispute(known["id"], "Heard", *parts, aggravated=True)
        return await self._as(mei, reception.decide_dispute, verdict)

    async def finds_falsification(self) -> Any:
        entry = await self._entry()
        if entry is None:
            return None
        today = self.clock.now().date()
        named: dict[str, Any] = self.chance.choice(
            (
                {},
                {"registration_id": entry["id"]},
                {"registration_id": entry["id"]},
                {"first_day": today - timedelta(days=self.chance.randrange(1, 9))},
                {"first_day": FIRST_DAY, "last_day": today - timedelta(days=1)},
            )
        )
        order = ownership.VoidRegister(entry["member_id"], self.showroom.site_id, "Copied", **named)
        return await self._as(self.showroom.people["Mei"], ownership.void_register, order)

    async def exposes(self) -> Any:
        # Mostly of whom somebody has registered by now.
        visit = await self._one_of(
            "SELECT v.id FROM app.visit v LEFT JOIN app.registration r"
            " ON r.tenant_id = $1 AND r.visit_id = v.id WHERE v.tenant_id = $1"
            " ORDER BY r.id IS NULL, v.id LIMIT 20"
        )
        admitted = self.chance.random() < 0.8
        order = visit and reception.ExposeSurvey(visit["id"], admitted)
        return visit and await self._as(self.showroom.people["Mei"], reception.expose_survey, order)

    async def goes(self) -> Any:
        if len(self.here) <= 2:
            return None
        goes = self._someone()
        wish = self.chance.choice((None, "POOL", "SUCCESSOR", "ROTATION"))
        moves = self.chance.random() < 0.4
        others = [name for name in self.here if name != goes]
        successor = self.chance.choice(others) if wish == "SUCCESSOR" else None
        unit = next(iter(self.showroom.tenant.units.values()))
        order = ownership.PlanDeparture(
            self.showroom.people[goes],
            "TRANSFER" if moves else "LEAVING",
            self.clock.now().date(),
            "Goes",
            wish,
            successor and self.showroom.people[successor],
            unit if moves else None,
        )
        done = await self.showroom.tenant.do(ownership.plan_departure, order)
        if not moves:
            self.here.remove(goes)
        return done

    async def gives_out(self) -> Any:
        entry = await self._one_of(
            "SELECT id FROM app.pool_entry WHERE tenant_id = $1 AND taken_at IS NULL ORDER BY id"
        )
        by_rotation = self.chance.random() < 0.5
        member_id = None if by_rotation else self.showroom.people[self._someone()]
        order = entry and ownership.AssignFromPool(entry["id"], member_id, by_rotation)
        return entry and await self._as(
            self.showroom.people["Mei"], ownership.assign_from_pool, order
        )

    async def changes_the_rulebook(self) -> Any:
        names = self.chance.sample(sorted(PARAMETERS), 3)
        values = {name: self.chance.choice(PARAMETERS[name]) for name in names}
        text = self.chance.choice((KEEPING, SWITCHING, SWITCHING))
        later = timedelta(days=self.chance.choice((0, 2, 5)))
        begins = datetime.combine(self.clock.now().date() + later, time(16, 0, tzinfo=UTC))

        async def step(work: UnitOfWork) -> UUID:
            return await publish_rulebook(work, PublishRulebook(text, values, begins))

        return await self.showroom.tenant.transactions.internally(
            self.showroom.tenant_id, "publish", step
        )

    async def _as(self, member_id: UUID, command: Any, order: object) -> Any:
        return await self.showroom.tenant.do(command, order, by=member_id)


async def a_life(
    transactions: Transactions, clock: ManualClock, seed: int, days: int = 8, acts_a_day: int = 16
) -> Life:
    """Make a showroom and live some weeks in it."""
    clock.set(datetime.combine(FIRST_DAY, SHANGHAI_OPENS))
    life = Life(await a_showroom(transactions), clock, seed)
    await life.lives(days, acts_a_day)
    # What is done at this very instant is not past yet.
    clock.advance(timedelta(minutes=1))
    return life
