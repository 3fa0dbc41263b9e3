"""Loads the demo: finds what is there, makes what is missing, and lives until today."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Protocol
from uuid import UUID

import asyncpg

from service.calendar import day_of, start_of_day
from service.clock import Clock, ManualClock
from service.identity.passwords import hashed_now
from service.simulation.demo.agenda import Agenda
from service.simulation.demo.campaigning import Campaigning
from service.simulation.demo.companies import ADMIN, COMPANIES, PASSWORD, Company
from service.simulation.demo.founding import (
    Founder,
    Hand,
    Login,
    OpenSite,
    admit,
    logins_of,
)
from service.simulation.demo.life import ZONE, SiteLife
from service.simulation.demo.planning import plan_years
from service.simulation.demo.pursuing import Pursuing
from service.simulation.demo.rewarding import set_rewards
from service.simulation.demo.selling import Selling
from service.simulation.demo.territories import draw_territories, fill_seats
from service.simulation.demo.words import numbers
from service.simulation.demo.working import Working
from service.simulation.lending import Chance, FoundTenant, Loan, WantedTenant
from service.simulation.passing import pass_to
from service.work import Caller, Transactions, UnitOfWork

_FINISHED = "finish_demo_history"
# When people say what came of their day's work.
_CLOSES = timedelta(hours=18, minutes=20)


class Progress(Protocol):
    """Told how far the loading is."""

    def begin(self, steps: int) -> None:
        """Learn how many steps there are."""

    def advance(self) -> None:
        """Learn that one more is done."""


class Unseen:
    """A progress that nobody looks at."""

    def begin(self, steps: int) -> None:
        """Ignore it."""

    def advance(self) -> None:
        """Ignore it."""


@dataclass(frozen=True, slots=True)
class DemoLoan:
    """What loading the demo borrows, beyond what every simulation does.

    Attributes:
        clock: the real one: it says which day is today.
        chance: makes the seeded `random.Random` of a name; equal names give equal ones.
    """

    loan: Loan
    identity_pool: "asyncpg.Pool[Any]"
    clock: Clock
    chance: Callable[[str], Chance]


async def load_demo(
    lent: DemoLoan,
    *,
    scale: int = 1,
    progress: Progress | None = None,
    companies: Sequence[Company] = COMPANIES,
) -> list[Login]:
    """Load the demo tenants that are missing and return everybody who can sign in.

    A second call finds them and does nothing; one after a crash ends what was begun.

    Args:
        lent: what the composition root lends.
        scale: how many of each company; those after the first are numbered.
        progress: told how far it is.
        companies: the companies of the demo.
    """
    wanted = [(company, _code(company, copy)) for copy in range(scale) for company in companies]
    seen = progress or Unseen()
    seen.begin(sum(company.days + 1 for company, _ in wanted))
    password_hash = await asyncio.to_thread(hashed_now, PASSWORD)
    loading = [_Loading(lent, seen, company, code, password_hash) for company, code in wanted]
    found: list[list[Login]] = []
    for group in range(0, len(loading), len(companies)):
        found += await asyncio.gather(
            *(one.load() for one in loading[group : group + len(companies)])
        )
    return [login for logins in found for login in logins]


def _code(company: Company, copy: int) -> str:
    return company.code if copy == 0 else f"{company.code}-{copy + 1}"


@dataclass(frozen=True, slots=True)
class _Business:
    """What goes on in a company beside the life of its sites."""

    campaigns: Campaigning
    selling: Selling
    working: Working
    pursuing: Pursuing

    @classmethod
    async def begun(cls, founder: Founder, sites: Sequence[OpenSite], last: date) -> "_Business":
        """Plan the year of a company whose history ends on a day, and tell what came before."""
        beginning = day_of(founder.tenant.beginning, ZONE)
        planned = await plan_years(founder, sites, beginning.year, last.year)
        await set_rewards(founder, planned, beginning.year)
        selling = Selling(founder, sites, planned, beginning)
        await selling.tell_past()
        hand = Hand(founder.hand.transactions, founder.tenant.tenant_id, "campaigns")
        campaigns = Campaigning(founder, hand, beginning)
        await campaigns.plan(sites)
        working = Working(founder, planned, beginning, last)
        await working.plan()
        pursuing = Pursuing(founder, sites, planned, beginning, last)
        await pursuing.hope()
        return cls(campaigns, selling, working, pursuing)

    async def open(self, day: date) -> None:
        """Do what is done at the beginning of a day."""
        await self.campaigns.pay(day)
        await self.selling.count(day)
        await self.pursuing.change(day)


@dataclass(slots=True)
class _Loading:
    """One company being loaded."""

    lent: DemoLoan
    progress: Progress
    company: Company
    code: str
    password_hash: str

    async def load(self) -> list[Login]:
        """Load it, as far as it is not loaded yet."""
        today = day_of(self.lent.clock.now(), ZONE)
        clock = ManualClock(start_of_day(today - timedelta(days=self.company.days), ZONE))
        transactions = self.lent.loan.transactions(clock)
        tenant = await self._tenant(transactions, clock.now())
        logins = logins_of(self.company, self.code)
        if await _is_finished(transactions, tenant.tenant_id):
            self._advance(self.company.days + 1)
            return logins
        # An earlier attempt may have been on another day: its history is the one to end.
        # A second later than the administrator, who is known as the tenant's first member.
        clock.set(tenant.beginning + timedelta(seconds=1))
        drawn = await draw_territories(transactions, tenant, self.company.industry)
        hand = Hand(transactions, tenant.tenant_id, "founding")
        founder = Founder(self.company, tenant, hand, self.code, drawn)
        sites = await founder.open_sites()
        await fill_seats(founder, sites)
        last = day_of(tenant.beginning, ZONE) + timedelta(days=self.company.days)
        business = await _Business.begun(founder, sites, last)
        lives = [
            self._life(tenant, site, partial(business.campaigns.bringing, number))
            for number, site in enumerate(sites)
        ]
        for login in logins:
            member = (tenant.tenant_id, founder.member_of(login))
            await admit(self.lent.identity_pool, self.lent.clock, login, self.password_hash, member)
        await self._live(lives, business, tenant, transactions, clock)
        return logins

    def _advance(self, steps: int) -> None:
        for _ in range(steps):
            self.progress.advance()

    async def _tenant(self, transactions: Transactions, beginning: datetime) -> FoundTenant:
        wanted = WantedTenant(
            code=self.code,
            name=self._name(),
            industry=self.company.industry,
            admin_name=ADMIN.name,
            beginning=beginning,
            admin_login=f"{self.code}.{ADMIN.login}",
            admin_password_hash=self.password_hash,
        )
        return await self.lent.loan.make_tenant(transactions, wanted)

    def _name(self) -> str:
        _, _, number = self.code.partition("-")
        return self.company.name + number

    def _life(
        self,
        tenant: FoundTenant,
        site: OpenSite,
        brought_by: Callable[[date, str], UUID | None],
    ) -> SiteLife:
        """Prepare a site's life: a clock, a chance and a line of keys of its own."""
        clock = ManualClock(tenant.beginning)
        name = f"{self.code}.{site.plan.code}"
        chance = self.lent.chance(name)
        transactions = self.lent.loan.transactions(clock)
        hand = Hand(transactions, tenant.tenant_id, site.plan.code)
        agenda = Agenda(clock, self.lent.clock.now())
        return SiteLife(self.company, site, hand, agenda, chance, numbers(chance), brought_by)

    async def _live(
        self,
        lives: list[SiteLife],
        business: "_Business",
        tenant: FoundTenant,
        transactions: Transactions,
        clock: ManualClock,
    ) -> None:
        """Live day by day, all sites at once; deadlines pass at each midnight."""
        first = day_of(tenant.beginning, ZONE)
        for number in range(self.company.days + 1):
            day = first + timedelta(days=number)
            clock.set(start_of_day(day, ZONE))
            await pass_to(transactions, tenant.tenant_id, self.lent.loan.reactions)
            await business.open(day)
            await asyncio.gather(*(life.live(day) for life in lives))
            if business.working.is_due(day):
                clock.set(start_of_day(day, ZONE) + _CLOSES)
                await business.working.report(day)
            self.progress.advance()
        clock.set(self.lent.clock.now())
        await pass_to(transactions, tenant.tenant_id, self.lent.loan.reactions)

        async def finish(work: UnitOfWork) -> None:
            refused = sum(life.refused for life in lives)
            work.concerns("tenant", tenant.tenant_id, refused=refused)

        await transactions.internally(tenant.tenant_id, _FINISHED, finish)


async def _is_finished(transactions: Transactions, tenant_id: UUID) -> bool:
    async with transactions.sight(Caller(tenant_id, None, "simulation")) as sight:
        found = await sight.fetch_value(
            "SELECT true FROM app.audit_event"
            " WHERE tenant_id = $1 AND subject_id = $1 AND command = $2 LIMIT 1",
            tenant_id,
            _FINISHED,
        )
    return bool(found)
