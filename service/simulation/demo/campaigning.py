"""The campaigns of a demo company: planned by its director, paid bill by bill, naming visitors.

Whom one brings is read off his number: the company's days are the same with them as without.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from service.campaigns.commands import (
    CreateCampaign,
    RecordCampaignCost,
    create_campaign,
    record_campaign_cost,
)
from service.campaigns.tables import CampaignKind
from service.simulation.demo.founding import Founder, Hand, OpenSite
from service.tenants.texts import Texts

_DIRECTOR: Final = "director"
_REGION: Final = "region"
_FIRST: Final = "region-1"
_FEN: Final = 100


@dataclass(frozen=True, slots=True)
class PlannedCampaign:
    """A campaign of a demo company; days are counted from its beginning.

    Attributes:
        days: the first and the last, both included.
        budget, bills: in yuan; a bill has its day, its amount and what for.
        brings: how many of a hundred new customers within its days come by it.
        site: the number of the only site it is for, whose manager answers for it; the others are
            of the region, and its manager's.
        attribution_days: how long after a visit a deal counts for it.
    """

    code: str
    kind: CampaignKind
    names: Texts
    days: tuple[int, int]
    budget: int
    bills: tuple[tuple[int, int, str], ...]
    brings: int
    site: int | None = None
    attribution_days: int | None = None


_PLANNED: Final[Mapping[str, tuple[PlannedCampaign, ...]]] = {
    "property-developer": (
        PlannedCampaign(
            "opening-week",
            CampaignKind.EVENT,
            Texts("Open week of the show flats", "樣板間開放周", "样板间开放周"),
            (18, 26),
            30_000,
            ((17, 8_800, "搭建与布置"), (27, 12_350, "餐饮与礼品")),
            60,
            site=0,
        ),
        PlannedCampaign(
            "online-spring",
            CampaignKind.ONLINE,
            Texts("Online advertisements", "線上投放", "线上投放"),
            (3, 80),
            300_000,
            tuple((day, 42_600 + 350 * day, "信息流投放") for day in range(7, 84, 14)),
            22,
            attribution_days=60,
        ),
        PlannedCampaign(
            "old-customers",
            CampaignKind.REFERRAL,
            Texts("Old customers bring new ones", "老帶新", "老带新"),
            (60, 120),
            120_000,
            ((75, 18_000, "推荐礼金"),),
            8,
        ),
        PlannedCampaign(
            "housing-fair",
            CampaignKind.EXHIBITION,
            Texts("Housing fair", "房展會", "房展会"),
            (105, 108),
            150_000,
            ((85, 60_000, "展位定金"),),
            0,
        ),
    ),
    "car-dealer": (
        PlannedCampaign(
            "test-drive-days",
            CampaignKind.EVENT,
            Texts("Test drive days", "試駕日", "试驾日"),
            (8, 13),
            12_000,
            ((7, 3_900, "场地"), (14, 4_480, "礼品与餐饮")),
            60,
            site=0,
        ),
        PlannedCampaign(
            "portal-leads",
            CampaignKind.ONLINE,
            Texts("Car portal", "垂直網站投放", "垂直网站投放"),
            (1, 45),
            60_000,
            ((6, 11_000, "线索包"), (20, 11_000, "线索包")),
            30,
            site=0,
            attribution_days=30,
        ),
    ),
    "medical-device-distributor": (
        PlannedCampaign(
            "imaging-congress",
            CampaignKind.EXHIBITION,
            Texts("Imaging congress", "影像學術年會", "影像学术年会"),
            (1, 24),
            180_000,
            ((2, 68_000, "展位与搭建"), (9, 42_500, "卫星会讲者与场地"), (16, 15_800, "资料印刷")),
            60,
        ),
        PlannedCampaign(
            "trial-use",
            CampaignKind.PRODUCT_PROMOTION,
            Texts("Trial use in departments", "科室試用推廣", "科室试用推广"),
            (1, 45),
            90_000,
            ((5, 18_600, "试用耗材"), (19, 21_400, "试用耗材")),
            35,
            site=0,
            attribution_days=60,
        ),
    ),
}


@dataclass(slots=True)
class Campaigning:
    """The campaigns of one company, from its beginning on.

    Attributes:
        hand: carries out what is done to them; its own line of keys.
    """

    founder: Founder
    hand: Hand
    beginning: date
    _made: dict[str, UUID] = field(default_factory=dict)

    async def plan(self, sites: Sequence[OpenSite]) -> None:
        """Plan them all; a repetition answers the same."""
        region_id = self.founder.office(_REGION if self.founder.has(_REGION) else _DIRECTOR)
        for one in self._planned():
            first, last = (self.beginning + timedelta(days=day) for day in one.days)
            made = CreateCampaign(
                one.code,
                one.names,
                one.kind.value,
                first,
                last,
                owner_id=region_id if one.site is None else sites[one.site].manager_id,
                territory_id=self.founder.territories[_FIRST] if one.site is None else None,
                site_ids=() if one.site is None else (sites[one.site].site_id,),
                attribution_days=one.attribution_days,
                budget_minor=one.budget * _FEN,
            )
            director_id = self.founder.office(_DIRECTOR)
            self._made[one.code] = await self.hand.do(director_id, made, create_campaign)

    async def pay(self, day: date) -> None:
        """Record the bills of a day."""
        number = (day - self.beginning).days
        for one in self._planned():
            for due, amount, purpose in one.bills:
                if due == number:
                    campaign_id, currency = self._made[one.code], "CNY"
                    bill = RecordCampaignCost(campaign_id, amount * _FEN, currency, day, purpose)
                    director_id = self.founder.office(_DIRECTOR)
                    await self.hand.do(director_id, bill, record_campaign_cost)

    def bringing(self, site_number: int, day: date, phone: str) -> UUID | None:
        """Return the campaign that brought a new customer, by the last digits of his number."""
        lot, number, above = int(phone[-2:]), (day - self.beginning).days, 0
        for one in self._planned():
            if one.days[0] <= number <= one.days[1] and one.site in {None, site_number}:
                above += one.brings
                if lot < above:
                    return self._made[one.code]
        return None

    def _planned(self) -> Iterator[PlannedCampaign]:
        yield from _PLANNED.get(self.founder.company.industry, ())
