"""A dealer without a target has what the nearest of its units below have, and says so."""

from typing import Any
from uuid import UUID

import pytest
from builders.api import Desk
from builders.credits import Ledger, on_day
from builders.targets import NAMES, Planner

from service.clock import ManualClock

BOARD = """query($unit: ID!, $metric: ID!, $day: Date) {
  dealerBoard(orgUnitId: $unit, metricId: $metric, period: {month: {year: 2026, month: 3}},
              asOfDay: $day) {
    dealer { code } territory { id } total
    target targetSummed credited gap attainmentBasisPoints unassigned } }"""
TREE = "{ orgUnitTree { orgUnit { id } } territoryTree { territory { id } } }"
# Below the company: a dealer without a target over a city with one, over a store of its own, and a
# county without one whose two stores have some; one with a target; and one where none is.
ABOVE = {
    "chain": "company",
    "city": "chain",
    "downtown": "city",
    "county": "chain",
    "store-1": "county",
    "store-2": "county",
    "other": "company",
    "branch": "other",
    "empty": "company",
}
# As a whole, and in the one territory and the other.
SET = {
    "city": (40, None, None),
    "downtown": (25, 10, None),
    "store-1": (7, 4, None),
    "store-2": (3, 2, 1),
    "other": (90, None, 50),
    "branch": (60, 20, 30),
}


class Dealers:
    """Units below one another and two territories."""

    def __init__(self, desk: Desk) -> None:
        """Begin with nothing."""
        self.desk, self.units, self.places = desk, dict[str, str](), list[str]()
        self.planner = Planner(desk)

    async def founded(self) -> None:
        """Make the units."""
        people = self.desk.showroom.people
        people["Ada"] = self.desk.showroom.tenant.admin_id
        found = await self.desk.ask("Lin", TREE)
        self.units["company"] = found["orgUnitTree"][0]["orgUnit"]["id"]
        places = [row["territory"]["id"] for row in found["territoryTree"]]
        self.places = [places[0], places[-1]]
        for code, above in ABOVE.items():
            made = await self.desk.does(
                "Ada",
                "createOrgUnit",
                "orgUnit { id }",
                code=code,
                parentId=self.units[above],
                kind="team",
                names=NAMES,
            )
            self.units[code] = made["orgUnit"]["id"]

    async def planned(self, unit: str = "COUNT") -> None:
        """Put a plan of March into force with the targets of the units that have one."""
        self.planner.metric = await Ledger(self.desk).with_metric(f"M_{unit}", unit=unit)
        await self.planner.with_plan(f"march-{unit}".lower(), "2026-03-01", "2026-03-31")
        for code, (whole, *there) in SET.items():
            here = {"orgUnitId": self.units[code]}
            divided = {
                place: amount
                for place, amount in zip(self.places, there, strict=True)
                if amount is not None
            }
            rest = whole - sum(divided.values())
            await self.planner.add(
                {"key": code, "amount": str(whole), **here},
                *(
                    {"key": f"{code} {place}", "parentKey": code, "amount": str(amount)}
                    | {"territoryId": place, **here}
                    for place, amount in divided.items()
                ),
                *(
                    {"key": f"{code} {seat}", "parentKey": code, "amount": str(rest), "seat": seat}
                    for seat in ("rest",)
                    if divided and rest
                ),
            )
        await self.planner.add(
            # What stands beside the total, and what somebody has of a store, are no dealer's.
            {"key": "beside", "amount": "500", "kind": "OVERLAY"}
            | {"orgUnitId": self.units["empty"]},
            {"key": "his", "amount": "9", "orgUnitId": self.units["empty"]}
            | {"memberId": self.desk.member("An")},
        )
        await self.planner.publish()

    async def rows(
        self, above: str = "company", by: str = "Lin", day: str | None = None
    ) -> dict[Any, Any]:
        """Return the rows of the dealers below a unit, by code and territory."""
        asked = {"unit": self.units[above], "metric": self.planner.metric, "day": day}
        found = (await self.desk.ask(by, BOARD, **asked))["dealerBoard"]
        assert all(row["total"] is (row["territory"] is None) for row in found)
        return {
            (row["dealer"]["code"], row["territory"] and row["territory"]["id"]): row
            for row in found
            if row["dealer"]["code"] in ABOVE
        }


@pytest.fixture
async def dealers(desk: Desk) -> Dealers:
    """The units, without a plan."""
    made = Dealers(desk)
    await made.founded()
    return made


def bare_id(told: str) -> UUID:
    """Return the id itself of one that says its kind."""
    return UUID(told.rpartition("_")[2])


def expected(code: str, part: int) -> tuple[int, bool] | None:
    """Work out what a unit shows: its own, or what those right below it show."""
    own = SET[code][part] if code in SET else None
    if own is not None:
        return own, False
    below = [expected(one, part) for one, above in ABOVE.items() if above == code]
    shown = [one[0] for one in below if one is not None]
    return (sum(shown), True) if shown else None


async def test_each_dealer_shows_its_own_or_the_sum_of_the_nearest_below_once(
    dealers: Dealers,
) -> None:
    await dealers.planned()
    ledger = Ledger(dealers.desk)
    ledger.metric = dealers.planner.metric
    for number, unit in enumerate(("store-1", "county")):
        who = await dealers.desk.api.does(
            dealers.desk.token("Ada"),
            "createMember",
            "member { id }",
            name=unit,
            staffCode=unit,
            orgUnitId=dealers.units[unit],
        )
        dealers.desk.showroom.people[unit] = bare_id(who["member"]["id"])
        more = {"territoryId": dealers.places[0]}
        await ledger.counts(f"sold-{number}", 4, {unit: 10_000}, **more)

    assert expected("chain", 0) == (50, True)
    # The city has a target as a whole and none there: what its store has there is in the sum.
    assert [expected("chain", part) for part in (1, 2)] == [(16, True), (1, True)]
    for above in ("company", "chain", "other"):
        rows = await dealers.rows(above)
        for code in (code for code, over in ABOVE.items() if over == above):
            for part, place in enumerate((None, *dealers.places)):
                wanted, row = expected(code, part), rows.get((code, place))
                if wanted is None and place is not None:
                    assert row is None, (code, part)
                    continue
                assert row is not None, (code, part)
                shown = (None, False) if wanted is None else (str(wanted[0]), wanted[1])
                assert (row["target"], row["targetSummed"]) == shown, (code, part)
    rows = await dealers.rows()
    group, there = rows["chain", None], rows["chain", dealers.places[0]]
    assert [row["credited"] for row in (group, there)] == ["8", "8"]
    assert [row["attainmentBasisPoints"] for row in (group, there)] == ["1600", "5000"]
    assert [row["gap"] for row in (group, there)] == ["42", "8"]
    assert {row["unassigned"] for row in rows.values()} == {"0"}


async def test_of_a_past_day_it_has_what_stood_below_it_then(
    dealers: Dealers, clock: ManualClock
) -> None:
    on_day(clock, "2026-03-10")
    await dealers.planned()
    document = "query($id: ID!) { node(id: $id) { ... on OrgUnit { version } } }"
    moved = dealers.units["county"]
    version = (await dealers.desk.ask("Ada", document, id=moved))["node"]["version"]
    on_day(clock, "2026-03-12")
    await dealers.desk.does(
        "Ada",
        "editOrgUnit",
        "orgUnit { id }",
        orgUnitId=moved,
        expectedVersion=version,
        parentId=dealers.units["empty"],
    )

    found = []
    for day in ("2026-03-11", None):
        rows = await dealers.rows(day=day)
        both = (rows["chain", None], rows["empty", None])
        found.append([(row["target"], row["targetSummed"]) for row in both])
    assert found == [[("50", True), (None, False)], [("40", True), ("10", True)]]


async def test_ratios_of_units_are_not_summed(dealers: Dealers) -> None:
    await dealers.planned("RATIO")

    rows = await dealers.rows()

    assert rows["other", None]["target"] == "90"
    assert (rows["chain", None]["target"], rows["chain", None]["targetSummed"]) == (None, False)
