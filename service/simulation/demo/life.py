"""The life of one demo site: people sign in, visitors come, are registered, followed up, buy."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID
from zoneinfo import ZoneInfo

from service.calendar import start_of_day
from service.customers.commands import LinkParties, link_parties
from service.customers.rules import RelationKind
from service.database.session import Row
from service.errors import Refusal, Refusals
from service.ownership.commands import FileClaim, RecordFollowUp, file_claim, record_follow_up
from service.ownership.tables import OwnerKind, RegistrationResult
from service.reception.commands import (
    CloseVisit,
    ComeBack,
    ExposeSurvey,
    GoAway,
    RecordArrival,
    RecordCall,
    RecordDeal,
    RegisterCustomer,
    SignIn,
    TakeDayOff,
    close_visit,
    come_back,
    expose_survey,
    go_away,
    record_arrival,
    record_call,
    record_deal,
    register_customer,
    sign_in,
    take_day_off,
)
from service.reception.tables import ArrivalWay, SurveyStatus
from service.simulation.demo.agenda import Agenda
from service.simulation.demo.companies import Company
from service.simulation.demo.customers import Circle, Customer
from service.simulation.demo.founding import Hand, OpenSite
from service.simulation.demo.words import (
    CHANNELS,
    CONTENTS,
    EVIDENCE,
    NEEDS,
    SOURCES,
    UNREACHED,
    a_name,
)
from service.simulation.lending import Chance
from service.work import UnitOfWork

ZONE = ZoneInfo("Asia/Shanghai")
_OPENS, _LAST_VISIT = timedelta(hours=8, minutes=30), timedelta(hours=17, minutes=30)
_SHIFTS = 6
_SATURDAY = 5
_YUAN = 100
# Of a hundred visitors those above are new ones whom a customer sent, or who only look at prices.
_REFERRED_ABOVE, _SURVEYING_ABOVE = 93, 91
_ROUND = 1000


@dataclass(slots=True)
class SiteLife:
    """Lives a site's days one after another; the same chance lives the same days.

    Attributes:
        brought_by: the campaign that brings a new customer of a day, by his number.
        refused: acts that a rule said no to; a few are part of life.
    """

    company: Company
    site: OpenSite
    hand: Hand
    agenda: Agenda
    chance: Chance
    a_number: Callable[[], str]
    brought_by: Callable[[date, str], UUID | None] = lambda _day, _phone: None
    circle: Circle = field(default_factory=Circle)
    refused: int = 0
    _later: dict[date, list[Callable[[], Awaitable[None]]]] = field(default_factory=dict)
    _day: date = field(init=False)
    _opens: datetime = field(init=False)
    _ends: datetime = field(init=False)

    async def live(self, day: date) -> None:
        """Live one day."""
        self._day, midnight = day, start_of_day(day, ZONE)
        until = self.agenda.until
        # A demo that is started before the doors open shows an early shift.
        early = max(midnight, until - timedelta(hours=1, minutes=30))
        self._opens = min(midnight + _OPENS, early)
        self._ends = min(midnight + _LAST_VISIT, until)
        self._plan_staff()
        self._plan_customers()
        await self.agenda.live_through()

    def _happens(self, percent: int) -> bool:
        return self.chance.random() * 100 < percent

    def _sometime(self) -> datetime:
        minutes = int((self._ends - self._opens).total_seconds() // 60)
        return self._opens + timedelta(minutes=self.chance.randint(20, max(21, minutes)))

    def _in(self, least: int, most: int) -> datetime:
        """Return an instant some minutes from now."""
        return self.agenda.clock.now() + timedelta(minutes=self.chance.randint(least, most))

    def _enter(self, at: datetime, act: Callable[[], Awaitable[None]]) -> None:
        async def dared() -> None:
            try:
                await act()
            except (Refusal, Refusals):
                self.refused += 1

        self.agenda.enter(at, dared)

    def _plan_staff(self) -> None:
        busy = self._day.weekday() >= _SATURDAY
        off = [
            rep
            for number, rep in enumerate(self.site.reps)
            if not busy and (self._day.toordinal() + number) % _SHIFTS == 0
        ]
        on = [rep for rep in self.site.reps if rep not in off]
        self.chance.shuffle(on)
        for number, rep in enumerate(on):
            late = timedelta(minutes=3 * number + self.chance.randint(0, 2))
            self._enter(self._opens + late, partial(self._sign_in, rep))
        for rep in off:
            if self._happens(30):
                self._enter(self._opens, partial(self._take_day_off, rep))
        if self._happens(60):
            self._enter(self._sometime(), partial(self._go_away, self.chance.choice(on)))

    def _plan_customers(self) -> None:
        fewest, most = self.company_visits()
        for _ in range(self.chance.randint(fewest, most)):
            self._enter(self._sometime(), self._visitor)
        for _ in range(self.chance.randint(0, 2)):
            self._enter(self._sometime(), self._call)
        for customer in self.circle.to_follow.pop(self._day, []):
            self._enter(self._sometime(), partial(self._follow_up, customer))
        for act in self._later.pop(self._day, []):
            self._enter(self._sometime(), act)

    def company_visits(self) -> tuple[int, int]:
        """Return the fewest and the most visitors of this day."""
        fewest, most = self.site.plan.visits
        if self._day.weekday() >= _SATURDAY:
            return fewest + fewest // 2, most + most // 2
        return fewest, most

    async def _sign_in(self, rep: UUID) -> None:
        await self.hand.do(rep, SignIn(self.site.site_id, (rep,)), sign_in)

    async def _take_day_off(self, rep: UUID) -> None:
        await self.hand.do(rep, TakeDayOff(self.site.site_id, rep), take_day_off)

    async def _go_away(self, rep: UUID) -> None:
        reason = "BUSINESS" if self._happens(70) else "PRIVATE"
        self._enter(self._in(25, 70), partial(self._come_back, rep))
        await self.hand.do(rep, GoAway(self.site.site_id, rep, reason), go_away)

    async def _come_back(self, rep: UUID) -> None:
        await self.hand.do(rep, ComeBack(self.site.site_id, rep), come_back)

    async def _call(self) -> None:
        taker = self.chance.choice(list(self.site.reps))
        customer = self._somebody_new()
        customer.call_taker_id = taker
        named = self._happens(50)
        order = RecordCall(
            self.site.site_id,
            phone=customer.phones[0],
            caller_name=customer.name if named else None,
            need=self.chance.choice(NEEDS),
            source=self.chance.choice(SOURCES),
            rings=self.chance.choice((1, 1, 1, 2, 2, 3)),
            duration_seconds=self.chance.randint(40, 210),
        )
        self.circle.callers.append(customer)
        await self.hand.do(taker, order, record_call)

    def _somebody_new(self) -> Customer:
        return Customer(a_name(self.chance), [self.a_number()], self.company.an_item(self.chance))

    def _who_comes(self) -> tuple[Customer, RecordArrival]:
        """Decide who comes, and what he says at the desk."""
        site_id, lot = self.site.site_id, self.chance.random() * 100
        if lot < self.company.returns:
            customer = self.circle.returning(self.chance, self._day, 9)
            if customer is not None:
                return self._comes_again(customer)
        if lot < self.company.returns + 12:
            caller = self.circle.caller(self.chance)
            if caller is not None:
                named = caller.call_taker_id if self._happens(55) else None
                way = ArrivalWay.PHONE_FIRST.value
                phones = tuple(caller.phones)
                return caller, RecordArrival(site_id, phones=phones, way=way, named_member_id=named)
        customer = self._somebody_new()
        order = RecordArrival(site_id, phones=tuple(customer.phones), unit_code=customer.item)
        if lot > _REFERRED_ABOVE:
            return self._referred(customer, order)
        if lot > _SURVEYING_ABOVE:
            survey = SurveyStatus.DECLARED if self._happens(30) else SurveyStatus.SUSPECTED
            return customer, RecordArrival(site_id, phones=order.phones, survey=survey.value)
        return customer, order

    def _comes_again(self, customer: Customer) -> tuple[Customer, RecordArrival]:
        """Let a known customer come; now and then he gives a number that nobody knows."""
        said, item = self._happens(85), customer.item
        if customer.registration_id and customer.owner_id and self._happens(14):
            customer.last_met = None
            twin = Customer(customer.name, [self.a_number()], item, visits=customer.visits)
            twin.other_entry = (customer.registration_id, customer.owner_id)
            customer = twin
        return customer, RecordArrival(
            self.site.site_id, phones=tuple(customer.phones), said_before=said, unit_code=item
        )

    def _referred(self, customer: Customer, order: RecordArrival) -> tuple[Customer, RecordArrival]:
        old = self.circle.returning(self.chance, self._day, 30)
        if old is None or old.party_id is None:
            return customer, order
        return customer, RecordArrival(
            order.site_id,
            phones=order.phones,
            way=ArrivalWay.REFERRAL.value,
            referrer_party_id=old.party_id,
            named_member_id=old.owner_id if self._happens(60) else None,
        )

    async def _visitor(self) -> None:
        customer, order = self._who_comes()
        if customer.visits == 0 and order.survey == SurveyStatus.NONE:
            campaign_id = self.brought_by(self._day, customer.phones[0])
            order = replace(order, campaign_id=campaign_id)
        visit_id, visit = await self.hand.carry_out(
            self.site.desk_id, order, record_arrival, _received
        )
        customer.visits += 1
        customer.last_met = self._day
        customer.party_id = visit["party_id"]
        if customer not in self.circle.known:
            self.circle.known.append(customer)
        stays = self.chance.randint(30, 95)
        self._enter(self._in(stays, stays), partial(self._leave, visit_id))
        if order.survey != SurveyStatus.NONE:
            customer.bought = True  # Who only looks at prices comes no more.
            if order.survey == SurveyStatus.SUSPECTED and self._happens(40):
                self._enter(self._in(5, 25), partial(self._expose, visit_id))
                return
        if visit["owner_kind"] == OwnerKind.MEMBER and self._happens(94):
            self._enter(self._in(6, stays - 6), partial(self._register, customer, visit_id, visit))
        relative = self.circle.returning(self.chance, self._day, 9) if self._happens(4) else None
        if relative is not None and relative is not customer:
            self._enter(self._in(2, 5), partial(self._link, customer, relative))
        buys = self.company.buys if customer.visits > 1 else 2
        if visit["receiver_id"] in self.site.reps and self._happens(buys):
            deal = partial(self._deal, customer, visit_id, visit["receiver_id"])
            self._enter(self._in(stays - 4, stays - 1), deal)

    async def _leave(self, visit_id: UUID) -> None:
        await self.hand.do(self.site.desk_id, CloseVisit(visit_id), close_visit)

    async def _expose(self, visit_id: UUID) -> None:
        await self.hand.do(self.site.desk_id, ExposeSurvey(visit_id), expose_survey)

    async def _register(self, customer: Customer, visit_id: UUID, visit: Row) -> None:
        owner: UUID = visit["owner_id"]
        if customer.owner_id == owner:
            return
        phones = () if self._happens(2) else tuple(customer.phones)
        order = RegisterCustomer(visit_id, customer.name, phones)
        entry, result = await self.hand.carry_out(owner, order, register_customer, _judged)
        if result != RegistrationResult.VALID:
            return
        customer.owner_id, customer.registration_id = owner, entry
        if self._happens(90):
            self.circle.follow_on(self._after(1, 3), customer)

    def _after(self, least: int, most: int) -> date:
        return self._day + timedelta(days=self.chance.randint(least, most))

    async def _follow_up(self, customer: Customer) -> None:
        if customer.bought or customer.owner_id is None or customer.registration_id is None:
            return
        reached = self._happens(85)
        order = RecordFollowUp(
            customer.registration_id,
            channel=self.chance.choice(CHANNELS),
            content=self.chance.choice(CONTENTS if reached else UNREACHED),
            connected=reached,
        )
        if reached:
            customer.last_met = self._day
        if self._happens(60):
            self.circle.follow_on(self._after(4, 7), customer)
        await self.hand.do(customer.owner_id, order, record_follow_up)

    async def _deal(self, customer: Customer, visit_id: UUID, closer: UUID) -> None:
        lowest, highest = self.company.prices
        amount = self.chance.randint(lowest, highest) // _ROUND * _ROUND * _YUAN
        order = RecordDeal(visit_id, unit_code=customer.item, amount_minor=amount)
        deal_id = await self.hand.do(closer, order, record_deal)
        customer.bought = True
        if customer.other_entry is not None and self._happens(85):
            day = self._after(1, 3) if self._happens(80) else self._after(4, 5)
            claim = partial(self._claim, deal_id, *customer.other_entry)
            self._later.setdefault(day, []).append(claim)
        elif self._happens(4):
            somebody = self.chance.choice(list(self.site.reps))
            claim = partial(self._claim, deal_id, None, somebody)
            self._later.setdefault(self._after(1, 2), []).append(claim)

    async def _claim(self, deal_id: UUID, entry: UUID | None, claimant: UUID) -> None:
        order, by = FileClaim(deal_id, entry, evidence=EVIDENCE), claimant
        if entry is not None:
            order = replace(order, claimant_id=claimant, stated_same_customer=True)
            by = self.site.manager_id
        await self.hand.do(by, order, file_claim)

    async def _link(self, customer: Customer, relative: Customer) -> None:
        if customer.party_id is None or relative.party_id is None:
            return
        order = LinkParties(
            customer.party_id, relative.party_id, RelationKind.SPOUSE.value, relative.item
        )
        await self.hand.do(self.site.desk_id, order, link_parties)


async def _received(work: UnitOfWork, visit_id: UUID) -> Row:
    return await work.fetch_only(
        "SELECT party_id, receiver_id, owner_kind, owner_id FROM app.visit"
        " WHERE tenant_id = $1 AND id = $2",
        work.tenant_id,
        visit_id,
    )


async def _judged(work: UnitOfWork, registration_id: UUID) -> str:
    row = await work.fetch_only(
        "SELECT result FROM app.registration WHERE tenant_id = $1 AND id = $2",
        work.tenant_id,
        registration_id,
    )
    result: str = row["result"]
    return result
