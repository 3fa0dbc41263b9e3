"""What a demo company aims at in a year, along its territories: the sums are exact by making."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from service.money import spread
from service.simulation.demo.territories import TREES, lowest
from service.tenants.texts import Texts

# Q07's curve: little at the new year's holidays, much in autumn.
SEASON: Final = (5, 3, 9, 8, 9, 12, 6, 6, 13, 12, 9, 8)
_TOP: Final = "all"
# How many representatives' worth of business a territory has where none of the site's sells.
_UNSTAFFED: Final = (3, 2, 4)


@dataclass(frozen=True, slots=True)
class Aim:
    """A metric with what is to be reached of it.

    Attributes:
        metric: its code.
        each: what one representative is to reach in a year; money in minor units.
        divided: whether representatives have their own part of it, not the house alone.
        lived: whether the life of a site counts it by itself.
        money: whether it is an amount of money, which may be shared, and no pieces.
    """

    metric: str
    each: int
    divided: bool = True
    lived: bool = False
    money: bool = False


LAUNCH: Final = "ENDOSCOPE_LAUNCH"
AIMS: Final[Mapping[str, Sequence[Aim]]] = {
    "property-developer": (
        Aim("RECEPTIONS", 240, lived=True),
        Aim("SUBSCRIPTIONS", 20, lived=True),
        Aim("CONTRACTS", 18),
        # What is contracted comes in later: the difference is what is still to be collected.
        Aim("SALES_AMOUNT", 4_320_000_000, money=True),
        Aim("CASH_RECEIVED", 3_600_000_000, money=True),
    ),
    "car-dealer": (
        # The manufacturer sells to the store: no consultant has a part of it.
        Aim("WHOLESALE", 110, divided=False),
        Aim("RETAIL", 96),
        Aim("DELIVERIES", 96),
        Aim("SALES_AMOUNT", 1_900_000_000, money=True),
    ),
    "medical-device-distributor": (
        Aim(LAUNCH, 360_000_000, money=True),
        Aim("NEW_CUSTOMERS", 60, lived=True),
        Aim("SAMPLE_SITES", 12),
    ),
}


@dataclass(frozen=True, slots=True)
class Rate:
    """A ratio of a hundred with a target of each place and each representative, and none above.

    A part of a part is not a part of the whole, so nothing is divided.

    Attributes:
        target: what is aimed at.
        reached: what the places come to, one after another.
        names: of a metric that no template has: the company makes it.
    """

    metric: str
    target: int
    reached: Sequence[int]
    names: Texts | None = None

    @property
    def lower(self) -> bool:
        """Whether the less of it the better: so are those that a company makes itself."""
        return self.names is not None


RATES: Final[Mapping[str, Sequence[Rate]]] = {
    "property-developer": (
        Rate(
            "CANCELLATION_RATE", 8, (6, 9, 7, 8), Texts("Cancellation rate", "退認購率", "退认购率")
        ),
    ),
    "car-dealer": (
        Rate("FINANCE_PENETRATION", 62, (66, 58, 63, 60)),
        Rate("INSURANCE_PENETRATION", 85, (88, 81, 86, 84)),
        Rate("ACCESSORY_PENETRATION", 40, (44, 37, 41, 38)),
        Rate(
            "LOST_LEAD_RATE", 35, (31, 39, 36, 33), Texts("Leads lost", "線索戰敗率", "线索战败率")
        ),
    ),
    "medical-device-distributor": (
        Rate("RETURN_RATE", 5, (4, 6, 5, 3), Texts("Goods returned", "退換貨率", "退换货率")),
    ),
}


@dataclass(frozen=True, slots=True)
class Place:
    """A territory with a target: its code, the one above, and how much business it has.

    Attributes:
        size: in representatives' worth; of one that is divided, what those below have together.
    """

    code: str
    above: str | None
    size: int


def places(industry: str, staffed: Mapping[str, int]) -> list[Place]:
    """Return the company's territories with a target, parents before what is below them.

    Args:
        industry: the template.
        staffed: how many representatives sell in a territory, by its code.
    """
    drawn = TREES[industry]
    above = {one.code: one.above for one in drawn}
    above |= {code: _TOP for code in above.values() if code not in above and code != _TOP}
    sizes = dict.fromkeys((_TOP, *above), 0)
    for number, code in enumerate(lowest(drawn)):
        size = staffed.get(code) or _UNSTAFFED[number % len(_UNSTAFFED)]
        place: str | None = code
        while place is not None:
            sizes[place] += size
            place = above.get(place)
    found = [Place(_TOP, None, sizes[_TOP])]
    for one in found:
        found += [Place(code, up, sizes[code]) for code, up in above.items() if up == one.code]
    return found


def months_of(aim: Aim, found: Sequence[Place]) -> Mapping[str, Sequence[int]]:
    """Return the months of each place's target: of the lowest by the season, above their sums.

    Each divided by the season for itself, the months of those below would not sum to it.
    """
    above = {one.above for one in found}
    months = {
        one.code: spread(aim.each * one.size, SEASON) for one in found if one.code not in above
    }
    for one in reversed(found):
        if one.code in above:
            below = [months[other.code] for other in found if other.above == one.code]
            months[one.code] = [sum(of_month) for of_month in zip(*below, strict=True)]
    return months


def dealt_months(months: Sequence[int], people: int) -> list[list[int]]:
    """Deal the months of a place to its people, like cards: all get as much, none by chance.

    Dealing goes on from one month to the next, so that over the year everybody has his part.
    """
    dealt: list[list[int]] = [[] for _ in range(people)]
    before = 0
    for amount in months:
        for person, his in enumerate(dealt):
            had, has = (
                (upto + people - 1 - person) // people for upto in (before, before + amount)
            )
            his.append(has - had)
        before += amount
    return dealt
