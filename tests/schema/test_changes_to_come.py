"""What begins to count of a target later goes to another on its own day, and no day sooner."""

from datetime import UTC, datetime

import pytest
from builders.api import Desk
from builders.reception import at
from builders.targets import Planner

from service.clock import ManualClock
from service.targets.checking import broken_invariants
from service.work import Caller
from tests.schema.test_target_changes import a_planner, does, figures_on, month
from tests.schema.test_territory_targets import a_year, in_force, redrawn, two_regions

MARCH = {"firstDay": "2026-03-01", "lastDay": "2026-03-31"}


async def two_teams(desk: Desk) -> Planner:
    """Publish a month of two teams, of each a part that will be another from the 21st on."""
    planner = await a_planner(desk)
    await planner.add(
        {"key": "N", "amount": "62", "seat": "N", **MARCH},
        {"key": "his", "parentKey": "N", "memberId": desk.member("An"), "amount": "62"},
        {"key": "S", "amount": "93", "seat": "S", **MARCH},
        {"key": "free", "parentKey": "S", "seat": "S-1", "vacant": True, "amount": "93"},
    )
    await planner.publish()
    return planner


async def adjusted(planner: Planner, node: str, delta: int, on: str) -> None:
    made = await planner.adjust(node, delta, on)
    assert made["errors"] == []


async def one_raised_later(desk: Desk) -> Planner:
    """Publish a month of a team, of whom one has 30, and 70 from the 21st on."""
    planner = await a_planner(desk)
    await planner.add(
        {"key": "team", "amount": "60", "seat": "team", **MARCH},
        {"key": "his", "parentKey": "team", "memberId": desk.member("An"), "amount": "30"},
        {"key": "other", "parentKey": "team", "seat": "other", "amount": "30"},
    )
    await planner.publish()
    await adjusted(planner, "his", 40, "2026-03-21")
    return planner


async def refuse_broken(desk: Desk) -> None:
    """Look at every sum on every day."""
    checker = Caller(desk.showroom.tenant.id, None, "check")
    async with desk.api.transactions.sight(checker) as sight:
        assert await broken_invariants(sight) == []


@pytest.mark.parametrize(("more", "kept", "at_seat"), [(31, 30, 84), (-31, 10, 42)])
async def test_a_transfer_leaves_what_begins_later_until_its_day(
    desk: Desk, clock: ManualClock, more: int, kept: int, at_seat: int
) -> None:
    planner = await two_teams(desk)
    await adjusted(planner, "his", more, "2026-03-21")
    await adjusted(planner, "free", more, "2026-03-25")
    planner.ids["his at S"] = await does(
        planner, "transferTarget", "2026-03-11",
        nodeId=planner.ids["his"], seatNodeId=planner.ids["free"],
    )  # fmt: skip

    names = ("his", "unassigned N", "his at S", "free", "unassigned S")
    days = {day: await figures_on(planner, f"2026-03-{day}") for day in (11, 20, 21, 24, 25)}
    found = {day: [figures.get(name, 0) for name in names] for day, figures in days.items()}
    assert found[11] == found[20] == [20, 42, 63, 30, 0]
    assert found[21] == found[24] == [kept, 62 - kept, 63, 30, 0]
    assert found[25] == [kept, 62 - kept, at_seat, 93 + more - at_seat, -more]

    # Whose it is no more makes no more of it, whatever has begun since; his new one does.
    at(clock, "03-26 09:00")
    for team, figure in (("N", "200"), ("S", "200")):
        await does(planner, "reviseTarget", "2026-03-26", nodeId=planner.ids[team], figure=figure)
    after = await figures_on(planner, "2026-03-31")
    assert after["his"] == kept
    assert after["his at S"] != at_seat
    await refuse_broken(desk)


async def test_a_vacancy_and_whoever_fills_it_have_what_begins_later_from_its_day_on(
    desk: Desk,
) -> None:
    planner = await one_raised_later(desk)
    planner.ids["seat"] = await does(
        planner, "vacateTarget", "2026-03-11", nodeId=planner.ids["his"], credited="11"
    )
    planner.ids["heir"] = await does(
        planner, "fillVacancy", "2026-03-15",
        nodeId=planner.ids["seat"], memberId=desk.member("Chu"),
    )  # fmt: skip

    names = ("his", "seat", "heir", "unassigned team")
    found = [await figures_on(planner, f"2026-03-{day}") for day in (11, 15, 20, 21)]
    assert [[one.get(name, 0) for name in names] for one in found] == [
        [11, 19, 0, 0],
        [11, 0, 19, 0],
        [11, 0, 19, 0],
        [11, 0, 59, -40],
    ]


async def test_a_territory_that_hangs_elsewhere_takes_what_begins_later_on_its_day(
    desk: Desk, clock: ManualClock
) -> None:
    planner, _, model = await two_regions(desk)
    await adjusted(planner, "s2", 305, "2026-09-01")
    clock.set(datetime(2026, 8, 1, 4, tzinfo=UTC))

    await in_force(desk, model)

    # 153 of 305 days lie from the day on: of 100 they are 50, and of the 405 there will be, 203.
    # Below n there is nothing that planner knows by name but what came to it.
    names = ("s", "s2", "unassigned s", "n", "unassigned n")
    found = [await figures_on(planner, day) for day in ("2026-07-31", "2026-08-31", "2026-09-01")]
    assert [[one.get(name, 0) for name in names] for one in found] == [
        [600, 100, 0, 400, 0],
        [550, 50, 0, 450, 50],
        [397, 202, -305, 603, 203],
    ]
    await refuse_broken(desk)


async def test_a_customer_takes_his_share_of_what_begins_later_on_its_day(desk: Desk) -> None:
    planner, places = await a_year(desk)
    model = await redrawn(desk, planner, places)
    await adjusted(planner, "n", 100, "2026-06-01")

    await in_force(desk, model)

    names = ("n", "s", "o", "unassigned root")
    found = [await figures_on(planner, day) for day in ("2026-03-02", "2026-05-31", "2026-06-01")]
    assert [[one.get(name, 0) for name in names] for one in found] == [
        [380, 420, 200, 0],
        [380, 420, 200, 0],
        [456, 444, 200, -100],
    ]
    await refuse_broken(desk)


async def test_nothing_is_taken_off_that_is_there_only_later(desk: Desk) -> None:
    planner = await a_planner(desk)
    people = {name: desk.member(name) for name in ("An", "Bo")}
    await planner.add(
        {"key": "team", "amount": "60", "seat": "team", **MARCH},
        *({"key": name, "parentKey": "team", "memberId": one} for name, one in people.items()),
    )
    await planner.divide("team")
    await planner.publish()
    for name in people:
        await adjusted(planner, name, 40, "2026-03-21")

    async def told(on: str, delta: int, **more: str) -> list[tuple[str, str]]:
        made = await planner.adjust("An", delta, on, **more)
        return [(one["code"], one["message"]) for one in made["errors"]]

    # 30 until the 20th, 70 from the 21st on.
    ((early, said),) = await told("2026-03-11", -31)
    assert early == "TARGET_BELOW_ZERO"
    assert "30" in said
    ((peers, said),) = await told("2026-03-11", 31, holder="PEERS")
    assert peers == "PEER_BELOW_ZERO"
    assert "30" in said
    assert await told("2026-03-21", -70) == []
    ((spent, _),) = await told("2026-03-11", -1)
    assert spent == "TARGET_BELOW_ZERO"
    await refuse_broken(desk)


async def test_somebody_new_grows_into_what_begins_later_from_its_day_on(desk: Desk) -> None:
    planner = await one_raised_later(desk)
    sent = {"nodeId": planner.ids["his"], "startsOn": "2026-03-01"}
    days = (4, 5, 11, 20, 21)

    async def found() -> list[list[int]]:
        each = [await figures_on(planner, f"2026-03-{day:02}") for day in days]
        return [[one.get(name, 0) for name in ("his", "unassigned team")] for one in each]

    await does(planner, "rampTarget", "2026-03-05", rampBasisPoints=[5_000], **sent)
    assert await found() == [[30, 0], [15, 15], [15, 15], [15, 15], [35, -5]]
    # Once more takes the first one's place, on each day.
    await does(planner, "rampTarget", "2026-03-11", rampBasisPoints=[2_000], **sent)
    assert await found() == [[30, 0], [15, 15], [6, 24], [6, 24], [14, 16]]
    await refuse_broken(desk)


async def over_assigned(desk: Desk) -> Planner:
    """Publish a company of which a region gives out five in a hundred more than it has."""
    planner = await a_planner(desk)
    await planner.add(
        {"key": "top", "amount": "97", "seat": "top", **MARCH},
        {
            "key": "east",
            "parentKey": "top",
            "seat": "east",
            "amount": "97",
            "overAssignmentBasisPoints": 500,
            **MARCH,
        },
        {"key": "a", "parentKey": "east", "memberId": desk.member("An"), "amount": "51"},
        {"key": "b", "parentKey": "east", "memberId": desk.member("Bo"), "amount": "51"},
    )
    await planner.publish()
    return planner


@pytest.mark.parametrize("holder", ["MANAGER", "NONE"])
async def test_what_is_given_out_beyond_a_target_is_rounded_of_what_it_has_each_day(
    desk: Desk, holder: str
) -> None:
    planner = await over_assigned(desk)
    # 107 and 113 give out 112.35 and 118.65, but 103 gives out 108.15: 6 of them, and not 7.
    for delta, on in ((10, "2026-03-21"), (6, "2026-03-11")):
        made = await planner.adjust("east", delta, on, holder=holder)
        assert made["errors"] == []
    await refuse_broken(desk)

    await adjusted(planner, "a", 1, "2026-03-15")
    await does(planner, "reviseTarget", "2026-03-12", nodeId=planner.ids["top"], figure="131")
    await refuse_broken(desk)


async def test_a_revision_opposes_what_begins_later_on_its_own_day(desk: Desk) -> None:
    planner = await a_planner(desk)
    await planner.add(
        {"key": "top", "amount": "90", "seat": "top", **MARCH},
        {"key": "a", "parentKey": "top", "memberId": desk.member("An"), "amount": "45"},
        {"key": "b", "parentKey": "top", "memberId": desk.member("Bo"), "amount": "45"},
    )
    await planner.publish()
    made = await planner.adjust("a", 100, "2026-03-21", holder="NONE")
    assert made["errors"] == []

    await does(planner, "reviseTarget", "2026-03-11", nodeId=planner.ids["top"], figure="80")

    found = [await figures_on(planner, f"2026-03-{day}") for day in (10, 11, 20, 21)]
    # From the 21st on it is shared by 145 to 45.
    assert [[one[name] for name in ("top", "a", "b")] for one in found] == [
        [90, 45, 45],
        [80, 40, 40],
        [80, 40, 40],
        [80, 61, 19],
    ]
    await refuse_broken(desk)


async def test_no_more_is_taken_off_a_year_than_its_open_months_have(
    desk: Desk, clock: ManualClock
) -> None:
    planner = await a_planner(desk)
    await planner.add(
        {"key": "top", "amount": "45", "seat": "top"},
        {"key": "a", "parentKey": "top", "memberId": desk.member("An"), "amount": "45"},
        month(1, "a", 15),
        month(3, "a", 16),
        month(4, "a", 14),
    )
    await planner.publish()
    at(clock, "03-02 09:00")

    made = await planner.adjust("a", -31, "2026-03-11")
    ((code, field),) = [(one["code"], one["field"]) for one in made["errors"]]
    assert (code, field) == ("TARGET_BELOW_ZERO", ["input", "delta"])
    assert (await planner.adjust("a", -30, "2026-03-11"))["errors"] == []
    assert (await figures_on(planner, "2026-03-11"))["a 3"] == 0


async def test_a_seat_that_was_filled_is_vacated_again(desk: Desk) -> None:
    planner = await a_planner(desk)
    await planner.add(
        {"key": "top", "amount": "45", "seat": "top", **MARCH},
        {"key": "a", "parentKey": "top", "memberId": desk.member("An"), "amount": "45"},
    )
    await planner.publish()
    planner.ids["seat"] = await does(
        planner, "vacateTarget", "2026-03-11", nodeId=planner.ids["a"], credited="5"
    )
    planner.ids["c"] = await does(
        planner, "fillVacancy", "2026-03-15",
        nodeId=planner.ids["seat"], memberId=desk.member("Chu"),
    )  # fmt: skip

    again = await does(planner, "vacateTarget", "2026-03-20", nodeId=planner.ids["c"], credited="7")

    assert again == planner.ids["seat"]
    names = ("a", "seat", "c")
    found = [await figures_on(planner, f"2026-03-{day}") for day in (11, 15, 19, 20)]
    assert [[one.get(name, 0) for name in names] for one in found] == [
        [5, 40, 0],
        [5, 0, 40],
        [5, 0, 40],
        [5, 33, 7],
    ]
    await refuse_broken(desk)


async def test_with_a_seat_that_is_vacated_again_go_its_months(desk: Desk) -> None:
    planner = await a_planner(desk)
    await planner.add(
        {"key": "top", "amount": "45", "seat": "top"},
        {"key": "a", "parentKey": "top", "memberId": desk.member("An"), "amount": "45"},
        month(3, "a", 20),
        month(4, "a", 25),
    )
    await planner.publish()
    seat = await does(planner, "vacateTarget", "2026-03-11", nodeId=planner.ids["a"], credited="5")
    filled = await does(
        planner, "fillVacancy", "2026-03-15", nodeId=seat, memberId=desk.member("Chu")
    )

    again = await does(planner, "vacateTarget", "2026-03-20", nodeId=filled, credited="7")

    planner.ids |= {"seat": seat, "filled": filled}
    found = await figures_on(planner, "2026-03-20")
    assert again == seat
    assert [found[one] for one in ("a", "seat", "filled")] == [5, 33, 7]
    await refuse_broken(desk)
