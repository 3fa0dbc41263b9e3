"""A change of a published plan is shown before it is made: the same figures, nothing written."""

from dataclasses import dataclass
from typing import Any

from builders.api import Desk
from builders.targets import Planner

PREVIEW = """query Foresee($input: TargetChangePreviewInput!) { previewTargetChange(input: $input) {
  planVersion effectiveOn partCount parts { before after difference unassigned vacant
    node { id } parent { id } inPlaceOf { id } member { id } } } }"""
STATE = """query($plan: ID!) { targetPlan(id: $plan) { version state revision }
  targetNodes(first: 200, filter: {planId: {eq: $plan}}) {
    nodes { id setFigure unassigned vacant firstDay lastDay split
            parent { id } member { id } } }
  targetChanges(first: 200, filter: {planId: {eq: $plan}}) {
    nodes { id effectiveOn delta kind node { id } } } }"""
COMMANDS = {
    "adjust": "adjustTarget",
    "relieve": "relieveTarget",
    "withdrawRelief": "withdrawRelief",
    "ramp": "rampTarget",
    "transfer": "transferTarget",
    "vacate": "vacateTarget",
    "fillVacancy": "fillVacancy",
    "revise": "reviseTarget",
}


@dataclass(slots=True)
class Foresight:
    """Shows a change, makes it, and holds the one against the other."""

    planner: Planner

    async def shown(self, act: str, by: str = "Lin", **values: Any) -> Any:
        wanted = {act: values}
        return (await self.planner.desk.ask(by, PREVIEW, input=wanted))["previewTargetChange"]

    async def state(self) -> Any:
        return await self.planner.desk.ask("Lin", STATE, plan=self.planner.plan)

    async def made(self, act: str, **values: Any) -> str:
        """Show a change, make exactly it, and return what its command answers."""
        before = await self.state()
        shown = await self.shown(act, **values)
        assert await self.state() == before, "a preview has written something"
        answer = await self.planner.desk.does(
            "Lin",
            COMMANDS[act],
            "targetNode { id }",
            reason="as agreed",
            expectedVersion=shown["planVersion"],
            **values,
        )
        after = await self.state()
        assert shown["partCount"] == len(shown["parts"])
        assert told(before, shown) == done(before, after, values["effectiveOn"])
        answered: str = answer["targetNode"]["id"]
        return answered


def known(state: Any) -> dict[str, Any]:
    return {one["id"]: one for one in state["targetNodes"]["nodes"]}


def id_of(record: Any) -> str | None:
    return record["id"] if record else None


def figures(state: Any, day: str) -> dict[str, int]:
    """What is in force of every target on a day: what was set, and the changes by then."""
    found = {key: int(one["setFigure"]) for key, one in known(state).items()}
    for one in state["targetChanges"]["nodes"]:
        if one["effectiveOn"] <= day:
            found[one["node"]["id"]] += int(one["delta"])
    return found


def told(before: Any, shown: Any) -> list[tuple[Any, ...]]:
    """What a preview says: of a target that would be made, whose it is, and of which days."""
    nodes, rows = known(before), []
    for part in shown["parts"]:
        assert int(part["after"]) - int(part["before"]) == int(part["difference"]) != 0
        here, above = id_of(part["node"]), id_of(part["parent"])
        like = nodes[id_of(part["inPlaceOf"]) or here or above]
        rows.append(
            (
                here,
                "made, too" if above is None and like["parent"] else above,
                id_of(part["member"]),
                (part["unassigned"], part["vacant"], like["firstDay"], like["lastDay"]),
                int(part["before"]),
                int(part["after"]),
            )
        )
    return sorted(rows, key=str)


def done(before: Any, after: Any, day: str) -> list[tuple[Any, ...]]:
    """What has become of every target that changed, in the same words."""
    was, now, old, new = figures(before, day), figures(after, day), known(before), known(after)
    rows = [
        (
            key if key in old else None,
            above if (above := id_of(one["parent"])) in {*old, None} else "made, too",
            id_of(one["member"]),
            (one["unassigned"], one["vacant"], one["firstDay"], one["lastDay"]),
            was.get(key, 0),
            now[key],
        )
        for key, one in new.items()
        if now[key] != was.get(key, 0)
    ]
    return sorted(rows, key=str)


def days(first: str, last: str) -> dict[str, str]:
    return {"firstDay": f"2026-{first}", "lastDay": f"2026-{last}"}


async def a_year(desk: Desk) -> Foresight:
    """A company that gives out 5 % more than it has, two regions, people, and their quarters."""
    planner = Planner(desk)
    await planner.with_metric()
    await planner.with_plan()
    quarters = (("01-01", "03-31"), ("04-01", "06-30"), ("07-01", "12-31"))
    people = {"An": 300, "Bo": 301, "Chu": 299}
    await planner.add(
        {"key": "co", "amount": "1200", "seat": "co", "overAssignmentBasisPoints": 500},
        *(
            {"key": f"co {n}", "parentKey": "co", "split": "PERIOD", "amount": "400", **days(*span)}
            for n, span in enumerate(quarters)
        ),
        {"key": "north", "parentKey": "co", "seat": "north", "amount": "900"},
        {"key": "south", "parentKey": "co", "seat": "south", "amount": "360"},
        *(
            {
                "key": name,
                "parentKey": "north",
                "memberId": desk.member(name),
                "amount": str(amount),
            }
            for name, amount in people.items()
        ),
        *(
            {
                "key": f"{name} {n}",
                "parentKey": name,
                "split": "PERIOD",
                "amount": str(amount),
                **days(*span),
            }
            for name, whole in people.items()
            for n, (span, amount) in enumerate(zip(quarters, (100, 100, whole - 200), strict=True))
        ),
        {"key": "free", "parentKey": "south", "seat": "s-1", "vacant": True, "amount": "200"},
        {"key": "held", "parentKey": "south", "seat": "s-2", "amount": "160"},
    )
    await planner.publish()
    return Foresight(planner)


async def test_every_change_is_made_as_it_was_shown(desk: Desk) -> None:
    year = await a_year(desk)
    ids = year.planner.ids
    for holder, on in (("MANAGER", "2026-03-02"), ("PEERS", "2026-04-15"), ("NONE", "2026-05-01")):
        await year.made("adjust", nodeId=ids["An"], delta="-31", effectiveOn=on, holder=holder)
    await year.made("adjust", nodeId=ids["Bo 1"], delta="17", effectiveOn="2026-04-01")
    away = {"awayFrom": "2026-04-06", "awayUntil": "2026-04-17", "effectiveOn": "2026-04-01"}
    await year.made("relieve", nodeId=ids["Bo"], holder="PEERS", **away)
    relief = next(
        one
        for one in (await year.state())["targetChanges"]["nodes"]
        if one["kind"] == "RELIEF" and one["node"]["id"] == ids["Bo 1"]
    )
    await year.made("withdrawRelief", changeId=relief["id"], effectiveOn="2026-04-02")
    await year.made(
        "ramp",
        nodeId=ids["Chu"],
        startsOn="2026-04-01",
        rampBasisPoints=[0, 5_000, 7_500],
        effectiveOn="2026-04-01",
    )
    await year.made("revise", nodeId=ids["co"], figure="1400", effectiveOn="2026-05-01")
    await year.made(
        "revise",
        nodeId=ids["co"],
        figure="1500",
        effectiveOn="2026-07-01",
        mode="CARRY_SHORTFALL",
        credited="500",
    )
    await year.made("transfer", nodeId=ids["An"], seatNodeId=ids["free"], effectiveOn="2026-08-11")
    seat = await year.made("vacate", nodeId=ids["Bo"], credited="40", effectiveOn="2026-09-01")
    await year.made(
        "fillVacancy", nodeId=seat, memberId=desk.member("An"), effectiveOn="2026-09-15"
    )


async def test_a_change_that_was_shown_before_another_was_made_is_refused(desk: Desk) -> None:
    year = await a_year(desk)
    node = year.planner.ids["An"]
    shown = await year.shown("adjust", nodeId=node, delta="-5", effectiveOn="2026-04-01")
    await year.planner.adjust("Bo", 7, "2026-04-01")

    late = await year.planner.adjust("An", -5, "2026-04-01", expectedVersion=shown["planVersion"])

    assert [(one["code"], one["field"]) for one in late["errors"]] == [
        ("VERSION_CONFLICT", ["input", "expectedVersion"])
    ]


async def refusal(year: Foresight, by: str, wanted: dict[str, Any]) -> tuple[str, list[str]]:
    desk = year.planner.desk
    answer = (await desk.api.post(desk.token(by), PREVIEW, input=wanted)).json()
    extensions = answer["errors"][0]["extensions"]
    return extensions["code"], extensions.get("field", [])


async def test_a_preview_refuses_what_the_command_would_and_names_its_own_field(
    desk: Desk,
) -> None:
    year = await a_year(desk)
    ids = year.planner.ids
    change = {"nodeId": ids["An"], "effectiveOn": "2026-04-01"}

    assert await refusal(year, "Lin", {"adjust": {**change, "delta": "0"}}) == (
        "INVALID_INPUT",
        ["input", "adjust", "delta"],
    )
    assert await refusal(year, "Lin", {"adjust": {**change, "delta": str(2**62)}}) == (
        "INVALID_INPUT",
        ["input", "adjust", "delta"],
    )
    assert await refusal(
        year, "Lin", {"adjust": {**change, "delta": "1", "effectiveOn": "2026-01-31"}}
    ) == ("CHANGE_IN_THE_PAST", ["input", "adjust", "effectiveOn"])
    assert await refusal(year, "Lin", {"transfer": {**change, "seatNodeId": ids["An"]}}) == (
        "NOT_FOUND",
        ["input", "transfer", "seatNodeId"],
    )
    # Beside Bo he has a target already, which is like the one that he would have in his place.
    assert await refusal(year, "Lin", {"transfer": {**change, "seatNodeId": ids["Bo"]}}) == (
        "TARGET_NODE_EXISTS",
        ["input", "transfer", "seatNodeId"],
    )
    # What he does not see is not there; what he sees and may not change is forbidden.
    assert await refusal(year, "An", {"adjust": {**change, "nodeId": ids["Bo"], "delta": "1"}}) == (
        "NOT_FOUND",
        ["input", "adjust", "nodeId"],
    )
    assert (await refusal(year, "An", {"adjust": {**change, "delta": "1"}}))[0] == "FORBIDDEN"


async def test_nobody_fills_a_vacancy_who_has_that_target_already(desk: Desk) -> None:
    year = await a_year(desk)
    filling = {"nodeId": year.planner.ids["free"], "memberId": desk.member("An")}
    await year.made("fillVacancy", **filling, effectiveOn="2026-04-01")

    again = {"fillVacancy": {**filling, "effectiveOn": "2026-05-01"}}
    assert await refusal(year, "Lin", again) == (
        "TARGET_NODE_EXISTS",
        ["input", "fillVacancy", "memberId"],
    )


async def test_no_figure_grows_beyond_what_can_be_summed_on_whatever_day(desk: Desk) -> None:
    year = await a_year(desk)
    node = {"nodeId": year.planner.ids["An"], "effectiveOn": "2026-04-01"}
    most = 2**60
    # One takes off what another gives, but later: on the days between, both have counted.
    for delta, day in ((most, "2026-04-01"), (-most, "2026-06-01"), (most, "2026-06-01")):
        answer = await year.planner.adjust("An", delta, day, holder="NONE")
        assert answer["errors"] == []

    refused = await year.planner.adjust("An", most, "2026-04-01", holder="NONE")

    assert [(one["code"], one["field"]) for one in refused["errors"]] == [
        ("INVALID_INPUT", ["input", "delta"])
    ]
    assert await refusal(
        year, "Lin", {"adjust": {**node, "delta": str(most), "holder": "NONE"}}
    ) == (
        "INVALID_INPUT",
        ["input", "adjust", "delta"],
    )
    assert (await year.planner.adjust("An", 5, "2026-04-01", holder="NONE"))["errors"] == []
    # Who has the figures of the year is told them still.
    assert figures(await year.state(), "2026-05-01")[node["nodeId"]] == 300 + most + 5


async def test_a_figure_is_refused_at_the_field_that_says_it(desk: Desk) -> None:
    year = await a_year(desk)
    ids, beyond = year.planner.ids, str(2**60 + 1)
    revised = {"nodeId": ids["co"], "effectiveOn": "2026-07-01"}

    for act, values, field in (
        ("revise", {**revised, "figure": beyond}, "figure"),
        (
            "revise",
            {**revised, "figure": "1", "mode": "CARRY_SHORTFALL", "credited": f"-{beyond}"},
            "credited",
        ),
        ("vacate", {**revised, "nodeId": ids["An"], "credited": f"-{beyond}"}, "credited"),
    ):
        assert await refusal(year, "Lin", {act: values}) == (
            "INVALID_INPUT",
            ["input", act, field],
        )
