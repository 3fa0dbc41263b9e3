"""How a demo company weighs and rewards: scorecards of its people and its territories, a bonus."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from service.scorecards.commands import (
    CreateBonusScheme,
    CreateScorecard,
    WantedBonusStep,
    WantedLine,
    create_bonus_scheme,
    create_scorecard,
)
from service.scorecards.tables import ScoreMethod
from service.simulation.demo.aims import LAUNCH, RATES
from service.simulation.demo.founding import Founder
from service.simulation.demo.planning import PlannedYear
from service.tenants.texts import Texts

_DIRECTOR: Final = "director"
_SELLER: Final = "sales-representative"
# No line brings more than 120 % of its weight.
_CAP: Final = 12_000
_FEN: Final = 100


@dataclass(frozen=True, slots=True)
class Weighed:
    """A line of a demo company's scorecards; below `floor` basis points it counts for nothing."""

    metric: str
    weight: int
    floor: int | None = None


@dataclass(frozen=True, slots=True)
class Rewards:
    """What a demo company weighs, and what it pays.

    Attributes:
        sellers: what its representatives are called.
        piece: the metric of which each piece earns something.
        steps: from how many basis points of the target each piece earns how much, in yuan.
    """

    lines: Sequence[Weighed]
    sellers: Texts
    piece: str
    steps: Sequence[tuple[int, int]]


_REWARDS: Final[Mapping[str, Rewards]] = {
    "property-developer": Rewards(
        (
            Weighed("SUBSCRIPTIONS", 30),
            Weighed("CONTRACTS", 25),
            Weighed("CASH_RECEIVED", 25, floor=6_000),
            Weighed("RECEPTIONS", 10),
            Weighed("CANCELLATION_RATE", 10, floor=5_000),
        ),
        Texts("property consultants", "置業顧問", "置业顾问"),
        "SUBSCRIPTIONS",
        ((8_000, 1_000), (10_000, 2_000), (11_000, 3_000)),
    ),
    "car-dealer": Rewards(
        (
            Weighed("RETAIL", 35),
            Weighed("DELIVERIES", 25),
            Weighed("SALES_AMOUNT", 20, floor=6_000),
            Weighed("FINANCE_PENETRATION", 10, floor=7_000),
            Weighed("LOST_LEAD_RATE", 10),
        ),
        Texts("sales consultants", "銷售顧問", "销售顾问"),
        "RETAIL",
        ((8_500, 300), (10_000, 600), (11_000, 900)),
    ),
    "medical-device-distributor": Rewards(
        (
            Weighed(LAUNCH, 45, floor=5_000),
            Weighed("NEW_CUSTOMERS", 25),
            Weighed("SAMPLE_SITES", 20),
            Weighed("RETURN_RATE", 10),
        ),
        Texts("product representatives", "產品代表", "产品代表"),
        "SAMPLE_SITES",
        ((8_000, 2_000), (10_000, 3_500), (11_000, 5_000)),
    ),
}


async def set_rewards(founder: Founder, planned: PlannedYear, first: int) -> None:
    """Make the scorecards and the bonus of each year, from the first to the planned one.

    A repetition changes nothing.
    """
    director_id, rewards = founder.office(_DIRECTOR), _REWARDS[founder.company.industry]
    for year in range(first, planned.year + 1):
        days = date(year, 1, 1), date(year, 12, 31)
        for card in _cards(founder, planned, rewards, days):
            await founder.hand.do(director_id, card, create_scorecard)
        scheme = CreateBonusScheme(
            f"bonus-{year}",
            Texts(f"Bonus of {year} by steps", f"{year} 年度階梯獎金", f"{year} 年度阶梯奖金"),
            planned.metrics[rewards.piece],
            days[0],
            tuple(WantedBonusStep(reached, each * _FEN) for reached, each in rewards.steps),
            last_day=days[1],
        )
        await founder.hand.do(director_id, scheme, create_bonus_scheme)


def _cards(
    founder: Founder, planned: PlannedYear, rewards: Rewards, days: tuple[date, date]
) -> Iterator[CreateScorecard]:
    """Return a scorecard for who sells, and one for territories."""
    lower = {rate.metric for rate in RATES[founder.company.industry] if rate.lower}
    lines = tuple(
        WantedLine(
            planned.metrics[line.metric],
            line.weight,
            # Of what is less the better, twice the target less what it came to.
            (ScoreMethod.LINEAR if line.metric in lower else ScoreMethod.DIRECT).value,
            _CAP,
            line.floor,
        )
        for line in rewards.lines
    )
    (first_day, last_day), sellers = days, rewards.sellers
    year = first_day.year
    yield CreateScorecard(
        f"sellers-{year}",
        Texts(
            f"Scorecard of {sellers.en}, {year}",
            f"{year} {sellers.zh_hant}考核表",
            f"{year} {sellers.zh_hans}考核表",
        ),
        first_day,
        lines,
        role_id=founder.tenant.roles[_SELLER],
        last_day=last_day,
    )
    names = Texts(f"Scorecard of territories, {year}", f"{year} 轄區考核表", f"{year} 辖区考核表")
    yield CreateScorecard(f"territories-{year}", names, first_day, lines, last_day=last_day)
