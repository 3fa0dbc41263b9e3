"""Boards over HTTP: targets in force, credits, pace and projection (targets page 4.5 to 4.7)."""

import asyncio
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from builders.api import Desk
from builders.credits import Ledger, on_day
from builders.targets import Planner
from hypothesis import example, given, settings
from hypothesis import strategies as st

from service.clock import ManualClock
from service.database.connections import Location, connected
from service.organisation.commands import EditMember, LeaveMember, edit_member, leave_member
from service.schema.boards import pieces
from service.schema.boards.figures import FIGURES as FIGURES_SQL
from service.schema.targets import queries
from service.targets.rules.pacing import Period, pace
from service.targets.rules.rounding import rounded, shown

FIGURES = """target credited creditedOnDay overlay attainmentBasisPoints expected paceBasisPoints
  colour gap requiredPerDay runRate projection workingDays elapsedWorkingDays unassigned"""
PEOPLE = f"""query($metric: ID!, $period: PeriodInput!, $day: Date, $unit: ID, $place: ID,
                      $restated: Boolean! = false) {{
  memberBoard(metricId: $metric, period: $period, asOfDay: $day, orgUnitId: $unit,
              territoryId: $place, restated: $restated) {{
    member {{ name }} absentCount {FIGURES} }} }}"""
TERRITORIES = f"""query($root: ID!, $metric: ID!, $period: PeriodInput!, $day: Date) {{
  territoryBoard(territoryId: $root, metricId: $metric, period: $period, asOfDay: $day, depth: 5) {{
    territory {{ code }} parent {{ code }} depth {FIGURES} }} }}"""
OWN = "{ myTargets { node { kind } credited overlay attainmentBasisPoints } }"
TREE = "{ territoryTree { territory { id code } } }"
MARCH = {"month": {"year": 2026, "month": 3}}


@dataclass(slots=True)
class Board:
    """A plan of March and the ledger of the same metric."""

    planner: Planner
    ledger: Ledger

    async def people(self, by: str = "Lin", **asked: Any) -> dict[str, dict[str, Any]]:
        """Return the board of people by name, of March unless another period is asked."""
        found = await self.planner.desk.ask(
            by, PEOPLE, **{"metric": self.planner.metric, "period": MARCH, "day": None} | asked
        )
        return {row["member"]["name"]: row for row in found["memberBoard"]}

    async def territories(
        self, root: str, by: str = "Lin", day: str | None = None
    ) -> dict[str, dict[str, Any]]:
        """Return the board of a territory and those below it by code."""
        found = await self.planner.desk.ask(
            by, TERRITORIES, root=root, metric=self.planner.metric, period=MARCH, day=day
        )
        return {row["territory"]["code"]: row for row in found["territoryBoard"]}


@pytest.fixture
async def board(desk: Desk) -> Board:
    """A director with a metric and a plan of March."""
    planner = Planner(desk)
    ledger = Ledger(desk)
    planner.metric = await ledger.with_metric()
    await planner.with_plan("march", "2026-03-01", "2026-03-31")
    return Board(planner, ledger)


async def of_people(board: Board, total: int, **targets: int) -> None:
    """Publish targets of people below one of the whole."""
    planner = board.planner
    await planner.add(
        {"key": "root", "amount": str(total), "seat": "root"},
        *(
            {
                "key": name,
                "parentKey": "root",
                "memberId": planner.desk.member(name),
                "amount": str(amount),
            }
            for name, amount in targets.items()
        ),
    )
    weights = {name: str(amount) for name, amount in targets.items()}
    await planner.weighed("root", weights)
    await planner.publish()


async def test_q20_pace_by_the_working_days_that_are_over(board: Board, clock: ManualClock) -> None:
    await of_people(board, 210, An=210)
    on_day(clock, "2026-03-20")
    await board.ledger.counts("a", 78, {"An": 10_000}, creditedOn="2026-03-10")

    row = (await board.people(day="2026-03-12", restated=True))["An"]

    # March 2026 has 22 weekdays; by the end of the 12th nine are over.
    assert (row["workingDays"], row["elapsedWorkingDays"]) == (22, 9)
    assert (row["target"], row["credited"], row["gap"]) == ("210", "78", "132")
    assert row["attainmentBasisPoints"] == "3714"
    assert row["runRate"] == "8.67"
    assert row["requiredPerDay"] == "10.15"
    assert row["projection"] == "190.67"
    assert (row["expected"], row["paceBasisPoints"], row["colour"]) == ("86", "9079", "AMBER")


async def test_a_day_of_the_past_shows_the_target_in_force_and_what_counted_by_then(
    board: Board, clock: ManualClock
) -> None:
    await of_people(board, 100, An=100)
    await board.ledger.counts("a", 10, {"An": 10_000})
    on_day(clock, "2026-03-16")
    await board.planner.adjust("An", -40, "2026-03-16")
    await board.ledger.counts("b", 20, {"An": 10_000}, creditedOn="2026-03-16")

    before = (await board.people(day="2026-03-15"))["An"]
    after = (await board.people(day="2026-03-16"))["An"]

    assert (before["target"], before["credited"]) == ("100", "10")
    assert (after["target"], after["credited"], after["creditedOnDay"]) == ("60", "30", "20")


async def test_q18_the_overlay_is_in_no_total_and_q27_without_a_target_nothing_is_divided(
    board: Board,
) -> None:
    tenant = board.planner.desk.showroom.tenant
    place = f"territory_{next(iter(tenant.territories.values()))}"
    beside = {"memberId": board.planner.desk.member("Bo"), "territoryId": place, "kind": "OVERLAY"}
    await board.planner.add({"key": "beside", "amount": "400000", **beside})
    await of_people(board, 1_000_000, An=1_000_000, Bo=0)
    await board.ledger.counts("a", 500_000, {"An": 10_000, "Bo": ("OVERLAY", 10_000)})

    people = await board.people()

    assert (people["An"]["credited"], people["An"]["overlay"]) == ("500000", "0")
    assert (people["Bo"]["credited"], people["Bo"]["overlay"]) == ("0", "500000")
    divided = ("target", "attainmentBasisPoints", "colour")
    assert [people["Bo"][one] for one in divided] == ["0", None, None]
    await a_specialist_meets_his_own_target_by_his_own_parts(board)


async def a_specialist_meets_his_own_target_by_his_own_parts(board: Board) -> None:
    await board.ledger.counts("b", 7, {"Bo": 10_000, "An": ("OVERLAY", 10_000)})
    rows = (await board.planner.desk.ask("Bo", OWN))["myTargets"]
    assert [
        (row["node"]["kind"], row["credited"], row["overlay"], row["attainmentBasisPoints"])
        for row in sorted(rows, key=lambda row: row["node"]["kind"])
    ] == [("COMMITMENT", "7", "500000", None), ("OVERLAY", "500000", "0", "12500")]


async def test_who_sees_only_himself_has_a_board_of_himself(board: Board) -> None:
    await of_people(board, 10, An=5, Bo=5)
    await board.ledger.counts("a", 4, {"An": 5_000, "Bo": 5_000})

    assert set(await board.people("An")) == {"An"}
    assert set(await board.people("Mei")) == {"An", "Bo"}


async def test_of_a_target_and_its_periods_the_uppermost_of_the_days_asked_for_counts(
    board: Board,
) -> None:
    planner = board.planner
    his = {"memberId": planner.desk.member("An")}
    first = {"firstDay": "2026-03-01", "lastDay": "2026-03-10"}
    rest = {"firstDay": "2026-03-11", "lastDay": "2026-03-31"}
    await planner.add(
        {"key": "An", "amount": "100", **his},
        {"key": "first", "parentKey": "An", "split": "PERIOD", "amount": "40", **first},
        {"key": "rest", "parentKey": "An", "split": "PERIOD", "amount": "60", **rest},
    )
    await planner.publish()

    days = {"range": {"from": "2026-03-01", "until": "2026-03-11"}}

    assert (await board.people())["An"]["target"] == "100"
    assert (await board.people(period=days))["An"]["target"] == "40"


async def test_what_is_wished_for_stands_beside_or_is_not_in_force_is_no_target(
    board: Board,
) -> None:
    planner = board.planner
    his = {"memberId": planner.desk.member("An")}
    await planner.add(
        {"key": "An", "amount": "100", **his},
        {"key": "stretch", "amount": "130", "level": "STRETCH", **his},
        {"key": "beside", "amount": "7", "kind": "OVERLAY", **his},
    )
    await planner.publish()
    await planner.with_plan("drafted", "2026-03-01", "2026-03-31")
    await planner.add({"key": "drafted", "amount": "9", **his})

    assert (await board.people())["An"]["target"] == "100"


async def test_of_a_ratio_both_parts_are_summed_and_where_less_is_better_less_attains_more(
    board: Board,
) -> None:
    board.planner.metric = await board.ledger.with_metric(
        "RETURNS", unit="RATIO", direction="LOWER"
    )
    an = board.planner.desk.member("An")
    await board.planner.add({"key": "An", "amount": "250", "memberId": an})
    await board.planner.publish()
    await board.ledger.counts("a", 3, {"An": 10_000}, base="100")
    await board.ledger.counts("b", 1, {"An": 10_000}, base="300")

    row = (await board.people())["An"]

    # 4 of 400 are 1 %; the whole target is expected from the first day on.
    assert (row["credited"], row["expected"], row["gap"]) == ("100", "250", "0")
    assert (row["attainmentBasisPoints"], row["paceBasisPoints"]) == ("16000", "4000")
    names = ("colour", "requiredPerDay", "runRate", "projection")
    assert [row[one] for one in names] == [None] * 4


async def test_a_day_the_company_closes_is_no_working_day_of_a_board(board: Board) -> None:
    await of_people(board, 210, An=210)
    closed = [
        {"day": "2026-03-03", "worked": False, "reason": "moving house"},
        {"day": "2026-03-07", "worked": True, "reason": "instead"},
        {"day": "2026-03-30", "worked": False, "reason": "stocktaking"},
    ]
    desk = board.planner.desk
    desk.showroom.people["Ada"] = desk.showroom.tenant.admin_id
    await desk.does("Ada", "editCalendar", "tenant { id }", days=closed)

    row = (await board.people())["An"]

    assert (row["workingDays"], row["elapsedWorkingDays"]) == (21, 0)


async def test_a_board_of_a_unit_or_a_territory_has_its_people_alone(board: Board) -> None:
    tenant = board.planner.desk.showroom.tenant
    unit, territory = list(tenant.units)[-2], next(iter(tenant.territories))
    board.planner.desk.showroom.people["Rui"] = await tenant.member(
        "Rui", unit=unit, territory=territory
    )
    await of_people(board, 10, An=5, Rui=5)
    here = f"org_unit_{tenant.units[tenant.team_unit]}"
    place = f"territory_{tenant.territories[tenant.team_territory]}"

    assert set(await board.people()) == {"An", "Rui"}
    assert set(await board.people(unit=here)) == {"An"}
    assert set(await board.people(place=place)) == {"An"}


async def test_a_past_board_has_who_was_there_then_and_what_was_known_by_its_end(
    board: Board, clock: ManualClock
) -> None:
    await of_people(board, 20, An=10, Bo=10)
    on_day(clock, "2026-03-10")
    await board.ledger.counts("a", 3, {"An": 10_000}, creditedOn="2026-03-05")
    on_day(clock, "2026-03-11")
    await board.ledger.counts("b", 4, {"An": 10_000}, creditedOn="2026-03-05")
    showroom = board.planner.desk.showroom
    await showroom.tenant.do(leave_member, LeaveMember(showroom.people["Bo"], 1))

    names = {day: set(await board.people(day=day)) for day in ("2026-03-10", "2026-03-11", None)}
    known = [
        (await board.people(day="2026-03-10", restated=restated))["An"]["credited"]
        for restated in (False, True)
    ]

    # Bo has left on the 11th: what he reached in March stays his.
    assert names == {day: {"An", "Bo"} for day in ("2026-03-10", "2026-03-11", None)}
    await who_was_moved_is_where_he_was(board, clock)
    assert known == ["3", "7"]


async def test_who_is_found_to_have_left_was_as_absent_on_the_days_before_as_he_was(
    board: Board, clock: ManualClock
) -> None:
    await of_people(board, 20, An=10, Bo=10)
    on_day(clock, "2026-03-10")
    desk = board.planner.desk
    leave = {"memberId": desk.member("Bo"), "firstDay": "2026-03-09", "lastDay": "2026-03-13"}
    await desk.does("Mei", "recordLeave", "leave { id }", kind="SICK", **leave)
    await board.ledger.counts("a", 3, {"Bo": 10_000}, creditedOn="2026-03-05")
    on_day(clock, "2026-03-12")
    before = await board.people(day="2026-03-11")
    left = LeaveMember(desk.showroom.people["Bo"], 1, left_on=date(2026, 3, 9))
    await desk.showroom.tenant.do(leave_member, left)

    assert await board.people(day="2026-03-11") == before
    today = await board.people()
    assert [one["Bo"]["absentCount"] for one in (before, today)] == [1, 0]
    # What he reached stays his, so people sum to their territory.
    assert today["Bo"]["credited"] == "3"


async def who_was_moved_is_where_he_was(board: Board, clock: ManualClock) -> None:
    """On the boards of his days: of the unit, of the territory and of those above it then."""
    showroom = board.planner.desk.showroom
    tenant = showroom.tenant
    unit, territory = list(tenant.units)[-2], next(iter(tenant.territories))
    asked = {
        "old unit": {"unit": f"org_unit_{tenant.units[tenant.team_unit]}"},
        "old place": {"place": f"territory_{tenant.territories[tenant.team_territory]}"},
        "new unit": {"unit": f"org_unit_{tenant.units[unit]}"},
        "whole": {"place": f"territory_{tenant.territories[territory]}"},
    }
    on_day(clock, "2026-03-12")
    showroom.people["Ada"] = tenant.admin_id
    order = EditMember(
        showroom.people["An"], 1, moved=True, org_unit_id=tenant.units[unit],
        territory_id=tenant.territories[territory],
    )  # fmt: skip
    await tenant.do(edit_member, order)
    await board.planner.desk.does(
        "Ada", "recordLeave", "leave { id }", memberId=board.planner.desk.member("An"),
        kind="SICK", firstDay="2026-03-11", lastDay="2026-03-12",
    )  # fmt: skip

    async def found(day: str | None) -> dict[str, bool]:
        boards = {name: await board.people(day=day, **where) for name, where in asked.items()}
        return {name: "An" in rows for name, rows in boards.items()}

    then = {"old unit": True, "old place": True, "new unit": True, "whole": True}
    now = {"old unit": False, "old place": False, "new unit": True, "whole": True}
    assert [await found(day) for day in ("2026-03-11", "2026-03-12", None)] == [then, now, now]
    absent = [
        (await board.people(day=day, restated=restated))["An"]["absentCount"]
        for day, restated in (("2026-03-11", False), ("2026-03-11", True), (None, False))
    ]
    assert absent == [0, 1, 1]


async def test_people_with_no_target_take_nobodys_place_on_a_board_that_is_full(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "MOST_PEOPLE", 1)
    await of_people(board, 10, Bo=5, Mei=5)

    assert set(await board.people()) == {"Bo"}


async def test_a_territory_sums_all_below_it_and_holds_what_is_unassigned(board: Board) -> None:
    desk = board.planner.desk
    tree = (await desk.ask("Lin", TREE))["territoryTree"]
    root, leaf = tree[0]["territory"], tree[-1]["territory"]
    assert root["id"] != leaf["id"]
    await board.planner.add(
        {"key": "root", "amount": "100", "territoryId": root["id"]},
        {"key": "leaf", "parentKey": "root", "territoryId": leaf["id"]},
    )
    await board.planner.divide("root")
    await board.planner.publish()
    await board.planner.adjust("leaf", -40, "2026-03-02")
    await board.ledger.counts("a", 30, {"An": 10_000}, territoryId=leaf["id"])
    await board.ledger.counts("b", 5, {"An": 10_000}, territoryId=root["id"])

    rows = await board.territories(root["id"])

    assert (rows[root["code"]]["target"], rows[root["code"]]["credited"]) == ("100", "35")
    assert (rows[leaf["code"]]["target"], rows[leaf["code"]]["credited"]) == ("60", "30")
    assert (rows[root["code"]]["unassigned"], rows[leaf["code"]]["unassigned"]) == ("40", "0")
    assert rows[leaf["code"]]["attainmentBasisPoints"] == "5000"


async def test_a_territory_has_the_target_of_its_team_and_not_once_more_that_of_its_people(
    board: Board,
) -> None:
    planner, tenant = board.planner, board.planner.desk.showroom.tenant
    here = f"territory_{tenant.territories[tenant.team_territory]}"
    await planner.add(
        {"key": "team", "amount": "100", "territoryId": here},
        {
            "key": "An",
            "parentKey": "team",
            "amount": "100",
            "memberId": planner.desk.member("An"),
        },
    )
    await planner.publish()

    rows = await board.territories(here)

    assert rows[tenant.team_territory]["target"] == "100"
    assert (await board.people())["An"]["target"] == "100"


async def test_a_tree_that_is_cut_says_so_and_goes_on_where_it_ended(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    await of_people(board, 30, An=10, Bo=10, Mei=10)
    planner = board.planner
    document = """query($plan: ID!, $after: ID) { targetTree(planId: $plan, afterId: $after) {
      target { id } cut } }"""
    monkeypatch.setattr(queries, "MOST_NODES", 3)

    first = (await planner.desk.ask("Lin", document, plan=planner.plan))["targetTree"]
    last = first[-1]["target"]["id"]
    rest = (await planner.desk.ask("Lin", document, plan=planner.plan, after=last))["targetTree"]

    assert [row["cut"] for row in first] == [False, False, True]
    assert [row["cut"] for row in rest] == [False]
    found = [row["target"]["id"] for row in (*first, *rest)]
    assert found == [planner.ids[name] for name in ("root", "An", "Bo", "Mei")]


async def test_a_board_of_people_that_is_cut_says_so_and_goes_on_after_whoever_was_last(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    await of_people(board, 30, An=10, Bo=10, Mei=10)
    desk, metric = board.planner.desk, board.planner.metric
    document = """query($metric: ID!, $period: PeriodInput!, $after: ID) {
      memberBoard(metricId: $metric, period: $period, afterId: $after) { member { name } cut } }"""
    monkeypatch.setattr(pieces, "MOST_PEOPLE", 2)

    async def after(one: str | None) -> list[tuple[str, bool]]:
        found = await desk.ask("Lin", document, metric=metric, period=MARCH, after=one)
        return [(row["member"]["name"], row["cut"]) for row in found["memberBoard"]]

    assert await after(None) == [("An", False), ("Bo", True)]
    assert await after(desk.member("Bo")) == [("Mei", False)]
    # Lin has no target: where she would stand is known all the same, as of one who has left since.
    assert await after(desk.member("Lin")) == [("Mei", False)]
    assert await after(desk.member("Mei")) == await after("member_x") == []


@given(
    rows=st.lists(
        st.tuples(
            st.integers(0, 10**13), st.integers(-(10**12), 10**13), st.integers(0, 23)
        ).flatmap(lambda one: st.tuples(st.just(one), st.integers(0, one[2]))),
        min_size=1,
        max_size=40,
    )
)
@example(rows=[((100, 90, 10), 10), ((100, 100, 10), 10), ((0, 5, 10), 5), ((7, 3, 0), 0)])
@settings(max_examples=25)
def test_the_statement_reckons_as_the_exact_rules_do(
    location: Location, rows: list[tuple[tuple[int, int, int], int]]
) -> None:
    cases = [(target, credited, whole, over) for (target, credited, whole), over in rows]

    for found, (target, credited, whole, over) in zip(
        asyncio.run(reckoned(location, cases)), cases, strict=True
    ):
        period = Period(Fraction(over), Fraction(whole), Fraction(whole - over))
        exact = pace(target, credited, period)
        assert found["attainment_basis_points"] == in_basis_points(exact.attainment)
        assert found["pace_basis_points"] == in_basis_points(exact.index)
        assert found["colour"] == (exact.colour and exact.colour.value)
        assert found["gap"] == exact.gap
        if whole:
            assert found["expected"] == rounded(exact.expected)
        for name, value in (
            ("required_per_day", exact.required),
            ("required_per_week", exact.required_in_a_week),
            ("run_rate", exact.run_rate),
            ("projection", exact.projection),
        ):
            assert (found[name] is None) == (value is None)
            assert value is None or str(found[name]) == shown(value)


def in_basis_points(value: Fraction | None) -> int | None:
    return None if value is None else rounded(value * 10_000)


async def test_where_nothing_is_asked_nothing_is_missing(location: Location) -> None:
    (found,) = await reckoned(location, [(None, 78, 21, 9)])
    assert (found["target"], found["gap"], found["required_per_day"]) == (None, None, None)
    assert found["run_rate"] == Decimal("8.67")


async def reckoned(location: Location, cases: list[tuple[int | None, int, int, int]]) -> list[Any]:
    """Let the database make the figures of targets, credits and working days."""
    async with connected(location, "postgres") as connection:
        return list(
            await connection.fetch(
                f"SELECT {FIGURES_SQL} FROM (SELECT FALSE AS ratio, FALSE AS lower) kind,"
                " unnest($1::numeric[], $2::numeric[], $3::numeric[], $4::numeric[])"
                " WITH ORDINALITY v (target, credited, whole, elapsed, place)"
                " CROSS JOIN LATERAL (SELECT v.whole, v.elapsed, v.whole AS share_whole,"
                " v.elapsed AS share_done, 5 AS week) span"
                " CROSS JOIN LATERAL (SELECT v.target, v.credited, v.credited AS number,"
                " 1 AS per, 0 AS on_day, 0 AS beside,"
                " 0 AS held, v.target * v.elapsed AS due) f ORDER BY v.place",
                *(list(column) for column in zip(*cases, strict=True)),
            )
        )
