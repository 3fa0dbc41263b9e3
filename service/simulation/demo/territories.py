"""The territories of the demo's companies, drawn as each trade draws them, with seats in them.

Developer: region, city, project, phase. Dealer: brand by region. Medical devices: seven regions,
provinces, and in a province hospital by product line.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from service.simulation.demo.founding import Founder, Hand, OpenSite
from service.simulation.lending import FoundTenant
from service.tenants.texts import Texts
from service.territories.commands import (
    ActivateTerritoryModel,
    AssignTerritory,
    CreateTerritory,
    CreateTerritoryModel,
    DeclareAccountTrait,
    EditTerritory,
    SetTerritoryRule,
    activate_territory_model,
    assign_territory,
    create_territory,
    create_territory_model,
    declare_account_trait,
    edit_territory,
    set_territory_rule,
)
from service.territories.tables import TerritoryRole
from service.territories.words import TraitKind
from service.work import Transactions

_OWNERS: Final = ("region", "director")
_FIRST: Final = "region-1"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A territory of the demo: a code, what divides, the one above, a condition."""

    code: str
    dimension: str
    above: str
    names: Texts
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What a company of the demo knows of its customers, in words."""

    code: str
    names: Texts
    words: tuple[str, ...]


_Names = tuple[str, str, str]


def _project(code: str, above: str, names: _Names, word: str) -> Iterator[Drawn]:
    yield Drawn(code, "project", above, Texts(*names), f"project is {word}")
    for number, digit in enumerate("一二", 1):
        yield Drawn(
            code=f"{code}-phase-{number}",
            dimension="project",
            above=code,
            names=Texts(
                f"{names[0]}, phase {number}", f"{names[1]}{digit}期", f"{names[2]}{digit}期"
            ),
            rule=f"phase is PHASE_{number}",
        )


_DEVELOPER: Final = (
    Drawn("city-guangzhou", "area", "region-1", Texts("Guangzhou", "廣州", "广州")),
    *_project("yunqi", "city-guangzhou", ("Yunqi", "雲棲華庭", "云栖华庭"), "YUNQI"),
    Drawn("city-foshan", "area", "region-1", Texts("Foshan", "佛山", "佛山")),
    *_project("binjiang", "city-foshan", ("Binjiang", "濱江印象", "滨江印象"), "BINJIANG"),
)


def _brands() -> Iterator[Drawn]:
    regions = {
        "city-east": ("East of the city", "城東", "城东"),
        "city-west": ("West of the city", "城西", "城西"),
    }
    for code, names in regions.items():
        word = code.removeprefix("city-").upper()
        yield Drawn(code, "area", "region-1", Texts(*names), f"area is {word}")
        for brand in ("RUICHI", "RUIXING"):
            shown = {"RUICHI": ("Ruichi", "銳馳", "锐驰"), "RUIXING": ("Ruixing", "銳行", "锐行")}[
                brand
            ]
            yield Drawn(
                code=f"{code}-{brand.lower()}",
                dimension="brand",
                above=code,
                names=Texts(
                    f"{shown[0]}, {names[0]}", f"{shown[1]}{names[1]}", f"{shown[2]}{names[2]}"
                ),
                rule=f"brand is {brand}",
            )


# Seven regions with their provinces: word, English, 繁體, 简体.
_PROVINCES: Final[Mapping[_Names, Sequence[_Names]]] = {
    ("North China", "華北", "华北"): [
        *(("Beijing", "北京", "北京"), ("Tianjin", "天津", "天津"), ("Hebei", "河北", "河北")),
        *(("Shanxi", "山西", "山西"), ("Inner Mongolia", "內蒙古", "内蒙古")),
    ],
    ("Northeast China", "東北", "东北"): [
        *(("Liaoning", "遼寧", "辽宁"), ("Jilin", "吉林", "吉林")),
        ("Heilongjiang", "黑龍江", "黑龙江"),
    ],
    ("East China", "華東", "华东"): [
        *(("Shanghai", "上海", "上海"), ("Jiangsu", "江蘇", "江苏"), ("Zhejiang", "浙江", "浙江")),
        *(("Anhui", "安徽", "安徽"), ("Fujian", "福建", "福建"), ("Jiangxi", "江西", "江西")),
        ("Shandong", "山東", "山东"),
    ],
    ("Central China", "華中", "华中"): [
        *(("Henan", "河南", "河南"), ("Hubei", "湖北", "湖北"), ("Hunan", "湖南", "湖南")),
    ],
    ("South China", "華南", "华南"): [
        *(("Guangdong", "廣東", "广东"), ("Guangxi", "廣西", "广西"), ("Hainan", "海南", "海南")),
    ],
    ("Southwest China", "西南", "西南"): [
        *(("Chongqing", "重慶", "重庆"), ("Sichuan", "四川", "四川"), ("Guizhou", "貴州", "贵州")),
        *(("Yunnan", "雲南", "云南"), ("Tibet", "西藏", "西藏")),
    ],
    ("Northwest China", "西北", "西北"): [
        *(("Shaanxi", "陝西", "陕西"), ("Gansu", "甘肅", "甘肃"), ("Qinghai", "青海", "青海")),
        *(("Ningxia", "寧夏", "宁夏"), ("Xinjiang", "新疆", "新疆")),
    ],
}
_LINES: Final = {
    "IMAGING": ("imaging", "影像", "影像"),
    "LIFE": ("life support", "生命支持", "生命支持"),
}


def _word(name: str) -> str:
    return name.upper().replace(" ", "_")


def _code(name: str) -> str:
    return name.lower().replace(" ", "-")


def _regions() -> Iterator[Drawn]:
    for region, provinces in _PROVINCES.items():
        words = ", ".join(_word(name) for name, *_ in provinces)
        # The template's own region is the one where the company's office is.
        above = _FIRST if region[0] == "East China" else _code(region[0])
        yield Drawn(above, "hospital", "all", Texts(*region), f"province in ({words})")
        for province in provinces:
            yield Drawn(
                code=_code(province[0]),
                dimension="hospital",
                above=above,
                names=Texts(*province),
                rule=f"province is {_word(province[0])}",
            )
    for line, shown in _LINES.items():
        yield Drawn(
            code=f"zhejiang-first-{line.lower()}",
            dimension="product-line",
            above="zhejiang",
            names=Texts(
                f"Zhejiang First Hospital, {shown[0]}",
                f"浙江第一醫院{shown[1]}線",
                f"浙江第一医院{shown[2]}线",
            ),
            rule=f"hospital is ZHEJIANG_FIRST and line is {line}",
        )


TREES: Final[Mapping[str, tuple[Drawn, ...]]] = {
    "property-developer": _DEVELOPER,
    "car-dealer": tuple(_brands()),
    "medical-device-distributor": tuple(_regions()),
}
KNOWN: Final[Mapping[str, tuple[Known, ...]]] = {
    "property-developer": (
        Known("project", Texts("Project", "意向項目", "意向项目"), ("YUNQI", "BINJIANG")),
        Known("phase", Texts("Phase", "意向分期", "意向分期"), ("PHASE_1", "PHASE_2")),
    ),
    "car-dealer": (
        Known("area", Texts("Area", "地區", "地区"), ("EAST", "WEST")),
        Known("brand", Texts("Brand", "意向品牌", "意向品牌"), ("RUICHI", "RUIXING")),
    ),
    "medical-device-distributor": (
        Known(
            "province",
            Texts("Province", "省份", "省份"),
            tuple(_word(name) for listed in _PROVINCES.values() for name, *_ in listed),
        ),
        Known("hospital", Texts("Hospital", "醫院", "医院"), ("ZHEJIANG_FIRST",)),
        Known("line", Texts("Product line", "產品線", "产品线"), tuple(_LINES)),
    ),
}


async def draw_territories(
    transactions: Transactions, tenant: FoundTenant, industry: str
) -> Mapping[str, UUID]:
    """Draw a company's territories and put them in force; returns all there are, by code.

    A repetition answers the same.
    """
    hand = Hand(transactions, tenant.tenant_id, "territories")
    admin_id = tenant.admin_id
    for known in KNOWN[industry]:
        trait = DeclareAccountTrait(known.code, known.names, TraitKind.WORD, known.words)
        await hand.do(admin_id, trait, declare_account_trait)
    ids = {code: tenant.territories[code] for code in ("all", _FIRST)}
    for one in TREES[industry]:
        if one.code in ids:
            await hand.do(admin_id, EditTerritory(ids[one.code], 1, one.names), edit_territory)
    begun = CreateTerritoryModel("market", Texts("The market", "市場劃分", "市场划分"))
    model_id = await hand.do(admin_id, begun, create_territory_model)
    for one in TREES[industry]:
        if one.code not in ids:
            order = CreateTerritory(one.code, one.dimension, one.names, ids[one.above], model_id)
            ids[one.code] = await hand.do(admin_id, order, create_territory)
        if one.rule is not None:
            rule = SetTerritoryRule(model_id, ids[one.code], one.rule)
            await hand.do(admin_id, rule, set_territory_rule)
    await hand.do(admin_id, ActivateTerritoryModel(model_id), activate_territory_model)
    return ids


async def fill_seats(founder: Founder, sites: Sequence[OpenSite]) -> None:
    """Seat owners, managers and reps; some seats are empty, one territory is nobody's."""
    hand = Hand(founder.hand.transactions, founder.tenant.tenant_id, "seats")
    admin_id, ids = founder.tenant.admin_id, founder.territories
    offices = {office.login: office for office in founder.company.offices}
    owner = next(offices[login] for login in _OWNERS if login in offices)
    region_id = ids[owner.territory or _FIRST]
    seats = [AssignTerritory(region_id, TerritoryRole.OWNER, founder.office(owner.login))]
    seats += [
        AssignTerritory(ids[code], TerritoryRole.OWNER, member_id)
        for code, member_id in _owners(founder, sites)
        if ids[code] != region_id
    ]
    for site in sites:
        home = ids[site.plan.territory]
        seats.append(AssignTerritory(region_id, TerritoryRole.MANAGER, site.manager_id))
        seats += [AssignTerritory(home, TerritoryRole.REP, rep) for rep in site.reps]
    drawn = TREES[founder.company.industry]
    seats += [AssignTerritory(ids[code], TerritoryRole.REP) for code in lowest(drawn)[-4:]]
    for seat in seats:
        await hand.do(admin_id, seat, assign_territory)


def _owners(founder: Founder, sites: Sequence[OpenSite]) -> Iterator[tuple[str, UUID]]:
    """Return who owns each territory: who sells there, else the manager of its region.

    What is outside of his is the director's; the last territory is nobody's yet.
    """
    drawn, homes = TREES[founder.company.industry], {one.plan.territory: one for one in sites}
    managed = founder.has(_OWNERS[0])
    director_id = founder.office(_OWNERS[1])
    yield "all", director_id
    for one in drawn:
        if one.code in homes:
            yield one.code, homes[one.code].manager_id
        elif one.code != lowest(drawn)[-1]:
            his = managed and is_of_region(drawn, one.code)
            yield one.code, founder.office(_OWNERS[0]) if his else director_id


def is_of_region(drawn: Sequence[Drawn], code: str) -> bool:
    """Tell whether a territory is the region of a regional manager, or below it."""
    above = {one.code: one.above for one in drawn}
    place: str | None = code
    while place not in {None, _FIRST}:
        place = above.get(str(place))
    return place is not None


def lowest(drawn: Sequence[Drawn]) -> list[str]:
    """Return the codes of the territories below which there is none."""
    above = {one.above for one in drawn}
    return [one.code for one in drawn if one.code not in above]
