"""The three companies of the demo: who works where, how busy they are, what they sell."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from service.simulation.lending import Chance

PASSWORD = "bailiwick-demo"  # noqa: S105 - printed by the program for whoever tries it


@dataclass(frozen=True, slots=True)
class Office:
    """A role that somebody of the company holds.

    Attributes:
        login: what he signs in as, after the company's code; the reps' are numbered.
        unit, territory: codes of where he holds it, if not in all of the company.
    """

    role: str
    name: str
    login: str
    unit: str | None = None
    territory: str | None = None


@dataclass(frozen=True, slots=True)
class SalesSite:
    """A site with its people.

    Attributes:
        code: of the template's site, or of one that is opened.
        territory: code of the territory it sells in, one of the lowest.
        visits: fewest and most visitors of a working day; at the weekend half as many more.
    """

    code: str
    name: str
    unit_name: str
    manager: Office
    desk: Office
    reps: tuple[str, ...]
    visits: tuple[int, int]
    territory: str


@dataclass(frozen=True, slots=True)
class Company:
    """One tenant of the demo.

    Attributes:
        days: length of its history.
        goods: what is sold, by how it is written, with the lowest and the highest price in yuan.
        returns: how many of a hundred visitors have come before.
        buys: how many of a hundred returning visitors sign.
    """

    code: str
    name: str
    industry: str
    days: int
    sites: tuple[SalesSite, ...]
    offices: tuple[Office, ...]
    prices: tuple[int, int]
    item: str = "{building}-{floor}0{door}"
    words: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    returns: int = 34
    buys: int = 22

    def an_item(self, chance: Chance) -> str:
        """Return something that is for sale."""
        words = {name: chance.choice(options) for name, options in self.words.items()}
        return self.item.format(
            building=chance.randint(1, 12),
            floor=chance.randint(2, 26),
            door=chance.randint(1, 4),
            **words,
        )


ADMIN = Office("tenant-admin", "周启明", "admin")

HUATING = Company(
    code="huating",
    name="华庭地产",
    industry="property-developer",
    days=90,
    prices=(1_180_000, 3_960_000),
    offices=(
        Office("director", "沈国平", "director"),
        Office("regional-manager", "顾文涛", "region", "region-1", "region-1"),
        Office("finance-clerk", "钱秀兰", "finance"),
        Office("contract-clerk", "何雅琴", "contracts"),
    ),
    sites=(
        SalesSite(
            code="showroom-1",
            name="云栖华庭售楼处",
            unit_name="云栖华庭项目",
            manager=Office("sales-manager", "陆梅", "manager"),
            desk=Office("desk-clerk", "方小雨", "desk"),
            reps=("安志远", "薄文静", "褚浩然", "戴晓彤", "易俊杰", "孟佳怡", "石天宇"),
            visits=(3, 6),
            territory="yunqi-phase-1",
        ),
        SalesSite(
            code="showroom-2",
            name="滨江印象售楼处",
            unit_name="滨江印象项目",
            manager=Office("sales-manager", "江海涛", "manager2"),
            desk=Office("desk-clerk", "白洁", "desk2"),
            reps=("龚立新", "贺雨桐", "金子涵", "康思远", "柳嘉欣", "苗文博", "秦梦洁"),
            visits=(2, 5),
            territory="binjiang-phase-1",
        ),
    ),
)
RUICHI = Company(
    code="ruichi",
    name="锐驰汽车",
    industry="car-dealer",
    days=30,
    prices=(119_800, 386_000),
    item="{model}{trim}",
    words=MappingProxyType(
        {
            "model": ("锐驰X5", "锐驰X7", "锐驰E3", "锐驰S6"),
            "trim": ("舒适版", "豪华版", "旗舰版"),
        }
    ),
    offices=(
        Office("general-manager", "汤建国", "director"),
        Office("finance-clerk", "苏艳", "finance"),
    ),
    sites=(
        SalesSite(
            code="dealership-1",
            name="锐驰城东店",
            unit_name="锐驰城东店",
            manager=Office("sales-manager", "雷军峰", "manager"),
            desk=Office("clerk", "叶静", "desk"),
            reps=("韦超", "尹娟", "邱磊", "侯丽", "段勇"),
            visits=(2, 5),
            territory="city-east-ruichi",
        ),
    ),
)
KANGYI = Company(
    code="kangyi",
    name="康益医疗器械",
    industry="medical-device-distributor",
    days=30,
    prices=(68_000, 880_000),
    item="{model}{trim}",
    words=MappingProxyType(
        {
            "model": ("彩超KY-80", "监护仪KY-12", "内窥镜KY-300", "呼吸机KY-6"),
            "trim": ("标准配置", "高级配置"),
        }
    ),
    offices=(
        Office("director", "姚志强", "director"),
        Office("regional-manager", "邵敏华", "region", "region-1", "region-1"),
        Office("quality-officer", "卢敏", "quality"),
    ),
    sites=(
        SalesSite(
            code="region-office-1",
            name="华东办事处",
            unit_name="华东办事处",
            manager=Office("sales-manager", "夏平", "manager"),
            desk=Office("clerk", "谭芳", "desk"),
            reps=("汪洋", "田霞", "任杰", "姜娜"),
            visits=(1, 3),
            territory="zhejiang-first-imaging",
        ),
    ),
)
COMPANIES = (HUATING, RUICHI, KANGYI)
