"""What a demo company's territories bring in, beside what the life of its sites counts by itself.

Before its history begins month by month, then three times a month; some places are ahead, some
behind, and so are the people.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import ClassVar, Final
from uuid import UUID

from service.credits.commands import CreditPart
from service.credits.commands.recording import divided
from service.credits.tables import CreditSource, MetricCredit
from service.money import BASIS_POINTS, spread
from service.policies.access import Record
from service.simulation.demo.aims import (
    AIMS,
    LAUNCH,
    RATES,
    SEASON,
    Aim,
    Place,
    Rate,
    places,
)
from service.simulation.demo.founding import Founder, Hand, OpenSite
from service.simulation.demo.planning import LAUNCHED, PlannedYear
from service.simulation.demo.territories import TREES, lowest
from service.work import UnitOfWork

_DIRECTOR: Final = "director"
_MONTHS: Final = 12
_MIDDLE: Final = 15
# Early in each third of a month, so that a place is seldom behind merely until the next day.
_DAYS: Final = (2, 11, 20)
# How much of a hundred of its target a place reaches; how the people of a site differ.
_REACHED: Final = (104, 91, 112, 97, 83, 101, 95)
_DIFFER: Final = (8, 9, 10, 11, 12, 10, 9)
# By how much of a hundred the people of a site differ in what is a part of something.
_DIFFER_BY: Final = (0, 2, -1, 1, -2, 1, -1)


@dataclass(frozen=True, slots=True)
class Business:
    """An amount that a place brings in on a day, and whose it is.

    Attributes:
        base: of a ratio, the denominator.
        unit_id: of the site that sells there.
    """

    metric_id: UUID
    source_key: str
    amount: int
    day: date
    parts: tuple[CreditPart, ...]
    territory_id: UUID
    base: int | None = None
    unit_id: UUID | None = None
    product_code: str | None = None


@dataclass(frozen=True, slots=True)
class CountBusiness:
    """Let many amounts count at once, all of them or none."""

    bulk: ClassVar[bool] = True

    amounts: tuple[Business, ...]


async def count_business(work: UnitOfWork, order: CountBusiness) -> None:
    """Enter each of the amounts in the ledger, as if it had been recorded alone.

    A year of a country's provinces is a thousand entries: one by one they would be most of what a
    first start takes.

    Raises:
        Forbidden.
    """
    work.authorise("metric_credit.record", Record())
    work.concerns("tenant", work.tenant_id, amounts=len(order.amounts))
    work.add(
        *(
            MetricCredit(
                tenant_id=work.tenant_id,
                id=work.new_id(),
                metric_id=one.metric_id,
                member_id=part.member_id,
                org_unit_id=one.unit_id,
                territory_id=one.territory_id,
                product_code=one.product_code,
                kind=part.kind,
                basis_points=part.basis_points,
                amount=amount,
                base=one.base,
                credited_on=one.day,
                recorded_at=work.now,
                source=CreditSource.RECORDED.value,
                source_key=one.source_key,
                author_id=work.caller.member_id,
            )
            for one in order.amounts
            for part, amount in zip(one.parts, divided(one.amount, one.parts), strict=True)
        )
    )


@dataclass(slots=True)
class Selling:
    """What is sold in the territories of one company, from its first year's first day on.

    Attributes:
        beginning: the first day that the sites live.
    """

    founder: Founder
    sites: Sequence[OpenSite]
    planned: PlannedYear
    beginning: date

    async def tell_past(self) -> None:
        """Record what was brought in until the day on which the sites' life begins."""
        first, last = date(self.beginning.year, 1, 1), self.beginning
        days = (date.fromordinal(day) for day in range(first.toordinal(), last.toordinal() + 1))
        await self._record("past", [one for day in days for one in self._of(day)])

    async def count(self, day: date) -> None:
        """Record what a later day brings in; on the first nobody has his office at midnight."""
        if day > self.beginning:
            await self._record(day.isoformat(), list(self._of(day)))

    async def _record(self, line: str, found: Sequence[Business]) -> None:
        if found:
            hand = Hand(
                self.founder.hand.transactions, self.founder.tenant.tenant_id, f"sold-{line}"
            )
            order = CountBusiness(tuple(found))
            await hand.do(self.founder.office(_DIRECTOR), order, count_business)

    def _share(self, day: date) -> tuple[int, int]:
        """Return which part of how many of its month's business a day brings; 0 is none."""
        begun = (self.beginning.year, self.beginning.month)
        if (day.year, day.month) < begun:
            return int(day.day == _MIDDLE), 1
        return (_DAYS.index(day.day) + 1 if day.day in _DAYS else 0), len(_DAYS)

    def _of(self, day: date) -> Iterator[Business]:
        part, parts = self._share(day)
        if not part:
            return
        homes = {site.plan.territory: site for site in self.sites}
        industry = self.founder.company.industry
        staffed = {code: len(site.reps) for code, site in homes.items()}
        found = {one.code: one for one in places(industry, staffed)}
        for number, code in enumerate(lowest(TREES[industry])):
            site = homes.get(code)
            for aim in AIMS[industry]:
                if site is None or not aim.lived or day < self.beginning:
                    yield from self._sold(aim, number, found[code], day, (part, parts))
            for rate in RATES[industry]:
                yield from self._rated(rate, number, code, day, found[code].size)

    def _sold(
        self, aim: Aim, number: int, place: Place, day: date, share: tuple[int, int]
    ) -> Iterator[Business]:
        """Return what a place sells on a day, which is a part of how many of its month."""
        part, parts = share
        site = next((one for one in self.sites if one.plan.territory == place.code), None)
        amounts = spread(_of_month(aim, place, number, day.month), (1,) * parts)
        here = Business(
            self.planned.metrics[aim.metric],
            f"{aim.metric}@{place.code}/{day}",
            amounts[part - 1],
            day,
            (CreditPart(BASIS_POINTS),),
            self.founder.territories[place.code],
            unit_id=None if site is None else self.planned.units[site.site_id],
            product_code=LAUNCHED[number % len(LAUNCHED)] if aim.metric == LAUNCH else None,
        )
        if not here.amount:
            return
        reps = list(site.reps) if site and aim.divided else []
        if not reps:
            yield here
        elif aim.money:
            yield replace(here, parts=_parts(reps))
        else:
            months = (_of_month(aim, place, number, month) for month in range(1, day.month))
            before = sum(months) + sum(amounts[: part - 1])
            for rep, pieces in enumerate(sellers(len(reps), before, here.amount)):
                if pieces:
                    yield replace(
                        here,
                        source_key=f"{here.source_key}/{rep}",
                        amount=pieces,
                        parts=(CreditPart(BASIS_POINTS, reps[rep]),),
                    )

    def _rated(
        self, rate: Rate, number: int, code: str, day: date, size: int
    ) -> Iterator[Business]:
        """Return what a place comes to, of each of its representatives where it has some."""
        site = next((one for one in self.sites if one.plan.territory == code), None)
        reached = rate.reached[number % len(rate.reached)]
        here = Business(
            self.planned.metrics[rate.metric],
            f"{rate.metric}@{code}/{day}",
            size * reached,
            day,
            (CreditPart(BASIS_POINTS),),
            self.founder.territories[code],
            base=size * 100,
            unit_id=None if site is None else self.planned.units[site.site_id],
        )
        if site is None:
            yield here
        for place, rep in enumerate(site.reps if site else ()):
            yield replace(
                here,
                source_key=f"{here.source_key}/{place}",
                amount=reached + _DIFFER_BY[place % len(_DIFFER_BY)],
                parts=(CreditPart(BASIS_POINTS, rep),),
                base=100,
            )


def _of_month(aim: Aim, place: Place, number: int, month: int) -> int:
    """Return what a place brings in, in a month of the year."""
    target = spread(aim.each * place.size, SEASON)[month % _MONTHS - 1]
    return (target * _REACHED[number % len(_REACHED)] + 50) // 100


def sellers(reps: int, before: int, pieces: int) -> list[int]:
    """Return how many of the next pieces each representative sells, after so many.

    A piece is one person's. Divided each time anew, few pieces would always be the same people's;
    so each goes to him who has the fewest for what he is worth, counted from the year's beginning.
    After as many as all are worth together everybody has what he is worth, and it begins anew.
    """
    worth = [_DIFFER[number % len(_DIFFER)] for number in range(reps)]
    rounds, pieces = divmod(pieces, sum(worth))
    before %= sum(worth)
    sold, now = [0] * reps, [rounds * one for one in worth]
    for piece in range(before + pieces):
        next_one = max(range(reps), key=lambda rep: (Fraction(worth[rep], 2 * sold[rep] + 1), -rep))
        sold[next_one] += 1
        now[next_one] += piece >= before
    return now


def _parts(reps: Sequence[UUID]) -> tuple[CreditPart, ...]:
    weights = [_DIFFER[number % len(_DIFFER)] for number in range(len(reps))]
    shares = spread(BASIS_POINTS, weights)
    return tuple(CreditPart(share, rep) for share, rep in zip(shares, reps, strict=True))
