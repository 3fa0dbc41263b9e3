"""The boards answered both ways, and what slips held against a count of the records themselves."""

from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from builders.history import History, a_history

from differential.both import Both
from differential.test_figures import NOW, same
from service.clock import ManualClock
from service.credits.tables import MetricCredit
from service.organisation.tables import FormerPlace, Leave
from service.ownership.tables import FormerProtection
from service.targets.tables import Metric
from service.work import Transactions, UnitOfWork

FIGURES = """target credited creditedOnDay overlay attainmentBasisPoints expected paceBasisPoints
  colour gap requiredPerDay runRate projection workingDays elapsedWorkingDays unassigned"""
SLIPPING = """newCustomerCount uncollected overdueFirstFollowUpCount overdueContactCount
  lapsingRegistrationCount openClaimCount openDisputeCount absentCount"""
SPANS = " ".join(
    f"{span} {{ firstDay lastDay target credited attainmentBasisPoints }}"
    for span in ("month", "quarter", "year")
)
ROW = f"{FIGURES} {SLIPPING} {SPANS} lastChange {{ id delta reason }}"
BOARDS = f"""query Boards($id: ID!, $metric: ID!, $day: Date) {{
  territoryBoard(territoryId: $id, metricId: $metric, period: {{year: 2026}}, depth: 9,
                 asOfDay: $day) {{ territory {{ id }} parent {{ id }} depth {ROW} }}
  memberBoard(metricId: $metric, period: {{year: 2026}}, asOfDay: $day) {{
    member {{ name }} {ROW} }}
  companyBoard(metricId: $metric, period: {{year: 2026}}, asOfDay: $day) {{
    {ROW} targets {{ id }} }} }}"""
COMPANY = f"""query Company($metric: ID!) {{
  companyBoard(metricId: $metric, period: {{year: 2026}}) {{ {ROW} openPipeline coverage }} }}"""
LEFT_OUT = f"""query Boards($id: ID!, $metric: ID!) {{
  territoryBoard(territoryId: $id, metricId: $metric, period: {{year: 2026}}) {{ {FIGURES} }} }}"""
SOME = f"""query Boards($id: ID!, $metric: ID!, $day: Date) {{
  territoryBoard(territoryId: $id, metricId: $metric, period: {{year: 2026}}, asOfDay: $day) {{
    openClaimCount quarter {{ credited }} {FIGURES} }} }}"""
OWN = f"""query Own($day: Date, $kind: TargetAlertKind) {{
  myTargets(asOfDay: $day) {{ node {{ id }} {FIGURES} acknowledged lastChanges {{ id }} }}
  targetAlerts(kind: $kind) {{ kind target {{ id }} member {{ name }} wanted found }} }}"""
DEALERS = f"""query Dealers($id: ID!, $metric: ID!, $day: Date) {{
  dealerBoard(orgUnitId: $id, metricId: $metric, period: {{year: 2026}}, asOfDay: $day) {{
    dealer {{ code }} territory {{ code }} total {FIGURES} }}
  memberBoard(orgUnitId: $id, metricId: $metric, period: {{year: 2026}}, asOfDay: $day) {{
    member {{ name }} credited }}
  lineBoard(metricId: $metric, period: {{year: 2026}}, asOfDay: $day) {{
    channelCode productCode {FIGURES} }}
  orgUnitTree(day: $day) {{ orgUnit {{ code }} parent {{ code }} depth childCount }} }}"""
THEN = f"""query Then($metric: ID!, $day: Date, $after: ID) {{
  memberBoard(metricId: $metric, period: {{year: 2026}}, asOfDay: $day, afterId: $after) {{
    memberName member {{ name orgUnit {{ code }} }} cursor {ROW} }} }}"""
TODAY = NOW.date()


@pytest.fixture
async def history(transactions: Transactions, clock: ManualClock) -> History:
    """A company with a history, a ledger and people on leave, at the end of it."""
    clock.set(NOW)
    made = await a_history(transactions, 43)

    async def step(work: UnitOfWork) -> None:
        chance = Random(5)  # noqa: S311 - test data, no secret
        metrics = {
            code: a_metric(work, code, event, unit)
            for code, event, unit in (
                ("B-NEW", "NEW_CUSTOMER", "COUNT"),
                ("B-SIGNED", "CONTRACT", "MONEY"),
                ("B-CASH", "CASH", "MONEY"),
            )
        }
        work.add(*metrics.values())
        for number in range(60):
            name = chance.choice(["An", "Bo", "Chu"])
            unit, territory = made.places["west" if name == "Chu" else "east"]
            credited_on = date(2026, 2, 20) + timedelta(days=chance.randrange(10))
            at_once = datetime.combine(credited_on, time(4), UTC)
            entry = MetricCredit(
                tenant_id=work.tenant_id,
                id=work.new_id(),
                metric_id=chance.choice(list(metrics.values())).id,
                member_id=made.people[name],
                org_unit_id=unit,
                territory_id=chance.choice([territory, None]),
                kind=chance.choice(["PRIMARY", "PRIMARY", "OVERLAY"]),
                basis_points=10_000,
                amount=chance.randrange(-50, 1_000),
                credited_on=credited_on,
                recorded_at=at_once if number % 2 else work.now,
                source="RECORDED",
                source_key=f"{number}",
                channel_code=("stores", "online", None)[number % 3],
                product_code=("fridge", None)[number // 2 % 2],
            )
            made.records.setdefault("metric_credit", []).append(entry)
        work.add(*made.records["metric_credit"])
        work.add(
            *(
                Leave(
                    tenant_id=work.tenant_id,
                    id=work.new_id(),
                    created_at=work.now - timedelta(days=known),
                    member_id=made.people[name],
                    kind="ANNUAL",
                    first_day=TODAY - timedelta(days=days),
                    last_day=TODAY,
                )
                for name, days, known in (("An", 3, 0), ("Chu", 3, 9))
            )
        )
        made.records["former_protection"] = former_protections(work, made, chance)
        work.add(*made.records["former_protection"])
        made.records["metric"] = list(metrics.values())

    await made.tenant.transactions.internally(made.tenant.id, "ledger", step)
    return made


def former_protections(work: UnitOfWork, made: History, chance: Random) -> list[Any]:
    """Make up what moved the ends of protection, before and after the past day looked at."""
    return [
        FormerProtection(
            tenant_id=work.tenant_id,
            id=work.new_id(),
            registration_id=one.id,
            protected_until=one.protected_until + timedelta(hours=chance.randrange(-90, 30)),
            recorded_at=NOW - timedelta(hours=chance.randrange(0, 120)),
        )
        for one in made.records["registration"]
        if one.protected_until
        for _ in range(chance.randrange(3))
    ]


def a_metric(work: UnitOfWork, code: str, event: str, unit: str) -> Metric:
    return Metric(
        tenant_id=work.tenant_id,
        id=work.new_id(),
        # Older than those of the company's template.
        created_at=datetime(2020, 1, 1, tzinfo=UTC),
        code=code,
        names={"en": code, "zh-Hant": code, "zh-Hans": code},
        unit=unit,
        currency="CNY" if unit == "MONEY" else None,
        direction="HIGHER",
        counting_event=event,
        business="ALL",
        product_codes=[],
        new_only=False,
    )


async def test_boards_are_one_statement_and_count_what_the_lists_have(
    both: Both, history: History
) -> None:
    metric = f"metric_{history.records['metric'][1].id}"
    asked: dict[str, Any] = {"id": f"territory_{history.root}", "metric": metric}
    await same(both, history, "Lin", BOARDS, {"id": "nonsense", "metric": "nonsense"})
    await same(both, history, "Lin", SOME, asked | {"day": "2026-05-01"})
    await same(both, history, "An", OWN, {})
    top = {"id": f"org_unit_{history.tenant.units['group']}", "metric": metric}
    for who, day in (("Mei", None), ("Lin", None), ("Lin", "2026-02-27")):
        answer = await same(both, history, who, DEALERS, top | {"day": day})
        assert len(answer.data["lineBoard"]) == 5
    for who in ("An", "Rita", "Clerk"):
        for day in (None, "2026-02-27"):
            await same(both, history, who, BOARDS, asked | {"day": day})
        assert (await same(both, history, who, LEFT_OUT, asked)).statements == 1

    found = (await same(both, history, "Lin", BOARDS, asked)).data
    people = {row["member"]["name"]: row for row in found["memberBoard"]}
    assert people.keys() == {"An", "Bo", "Chu"}
    for name, row in people.items():
        assert {one: row[one] for one in SLIPPING.split()} == counted(history, history.people[name])
        assert row["month"]["firstDay"] == "2026-03-01"
        # February is read as a whole, March by its days.
        assert row["credited"] == str(signed_by(history, history.people[name]))
        assert row["quarter"]["credited"] == row["year"]["credited"] == row["credited"]
    top = found["territoryBoard"][0]
    assert top["openDisputeCount"] == sum(
        1 for one in history.records["dispute"] if one.territory_id and unsettled(one)
    )
    assert (await same(both, history, "An", BOARDS, asked)).data["companyBoard"] == []
    company = await same(both, history, "Lin", COMPANY, {"metric": metric})
    assert company.statements == 1
    (whole,) = company.data["companyBoard"]
    # The whole is what its people have, each dispute once.
    for one in ("credited", "overlay", "overdueContactCount", "openClaimCount", "absentCount"):
        assert int(whole[one]) == sum(int(row[one]) for row in people.values())
    assert whole["openDisputeCount"] == sum(map(unsettled, history.records["dispute"]))
    past = await same(both, history, "Lin", BOARDS, asked | {"day": "2026-02-27"})
    over = datetime(2026, 2, 27, 15, 59, 59, 999_000, tzinfo=UTC)
    for row in past.data["memberBoard"]:
        then = counted(history, history.people[row["member"]["name"]], over)
        names = (
            "overdueFirstFollowUpCount",
            "overdueContactCount",
            "openClaimCount",
            "lapsingRegistrationCount",
        )
        assert {one: row[one] for one in names} == {one: then[one] for one in names}
        assert any(then.values())
    # That An would be on leave on that day was not known by its end.
    absent = {row["member"]["name"]: row["absentCount"] for row in past.data["memberBoard"]}
    assert absent == {"An": 0, "Bo": 0, "Chu": 1}
    lapsing = [row["lapsingRegistrationCount"] for row in past.data["memberBoard"]]
    assert past.data["territoryBoard"][0]["lapsingRegistrationCount"] == sum(lapsing) > 0
    await who_changed_places_is_told_of_alike(both, history, {"metric": metric})


async def who_changed_places_is_told_of_alike(
    both: Both, history: History, asked: dict[str, Any]
) -> None:
    """Whom one saw on a past day is named by his row; his record is in sight today or null."""

    async def exchange(work: UnitOfWork) -> None:
        for name, before, place in (("An", "east", "west"), ("Bo", "west", "east")):
            unit, territory = history.places[before]
            person = {"tenant_id": work.tenant_id, "member_id": history.people[name]}
            former = {"org_unit_id": unit, "territory_id": territory, "recorded_at": NOW}
            work.add(FormerPlace(id=work.new_id(), **person, **former))
            work.write(
                "member",
                "UPDATE app.member SET org_unit_id = {}::uuid, territory_id = {}::uuid"
                " WHERE tenant_id = {}::uuid AND id = {}::uuid",
                *history.places[place],
                *person.values(),
                expected=1,
            )

    await history.tenant.transactions.internally(history.tenant.id, "exchange", exchange)
    past = asked | {"day": "2026-02-27"}
    then = (await same(both, history, "Mei", THEN, past)).data["memberBoard"]
    assert [(row["memberName"], row["member"]) for row in then] == [("An", None)]
    after = {"after": then[0]["cursor"]}
    assert (await same(both, history, "Mei", THEN, past | after)).data["memberBoard"] == []
    now = (await same(both, history, "Mei", THEN, asked)).data["memberBoard"]
    assert [(row["memberName"], row["member"]["name"]) for row in now] == [("Bo", "Bo")]
    # A rep sees himself alone, wherever he stood; who has both places, everybody on each day.
    for who, seen in (("An", ["An"]), ("Rita", ["An", "Bo", "Chu"])):
        found = (await same(both, history, who, THEN, past)).data["memberBoard"]
        assert [row["memberName"] for row in found] == seen


def unsettled(one: Any) -> bool:
    """Tell whether a dispute has no outcome, or is appealed."""
    appealed = one.appealed_at and not one.appeal_decided_at
    open_still = not one.settled_at and (not one.decided_at or bool(appealed))
    return bool(one.opened_at <= NOW and open_still)


def signed_by(history: History, member: UUID) -> int:
    """Sum what a person has signed this year."""
    signed = history.records["metric"][1].id
    return sum(
        one.amount
        for one in history.records["metric_credit"]
        if (one.member_id, one.metric_id, one.kind) == (member, signed, "PRIMARY")
        and one.credited_on <= TODAY
    )


def contacted(history: History) -> dict[UUID, list[Any]]:
    """Return the contacts of each registration."""
    contacts: dict[UUID, list[Any]] = {}
    for one in history.records["follow_up"]:
        contacts.setdefault(one.registration_id, []).append(one)
    return contacts


def tracked_of(history: History, member: UUID, at: datetime) -> list[Any]:
    """Return a person's valid registrations that nothing had ended by an instant."""
    return [
        one
        for one in history.records["registration"]
        if one.member_id == member
        and one.result == "VALID"
        and not any(
            ended and ended <= at
            for ended in (one.voided_at, one.superseded_at, one.converted_at, one.released_at)
        )
    ]


def protected_until(history: History, one: Any, at: datetime) -> datetime:
    """Return until when a registration protected before its first change after an instant."""
    later = [f for f in formerly(history, one) if f.recorded_at > at]
    return (
        min(later, key=lambda f: (f.recorded_at, f.id)).protected_until
        if later
        else (one.protected_until)
    )


def formerly(history: History, one: Any) -> list[Any]:
    """Return what is kept of a registration's former ends."""
    return [f for f in history.records["former_protection"] if f.registration_id == one.id]


def live_of(history: History, member: UUID, at: datetime) -> list[Any]:
    """Return a person's registrations that are tracked at an instant."""
    contacts = contacted(history)
    return [
        one
        for one in tracked_of(history, member, at)
        if one.entered_at <= at
        and (
            one.protected_until > at
            or any(f.renewed and f.at > at for f in contacts.get(one.id, []))
            or any(f.recorded_at > at and f.protected_until > at for f in formerly(history, one))
        )
    ]


def counted(history: History, member: UUID, at: datetime = NOW) -> dict[str, Any]:
    """Count what a person's row has to say, from the records themselves."""
    ledger = [
        one
        for one in history.records["metric_credit"]
        if one.member_id == member and one.kind == "PRIMARY"
    ]
    new, signed, cash = (one.id for one in history.records["metric"])
    sums = {
        metric: sum(one.amount for one in ledger if one.metric_id == metric)
        for metric in (new, signed, cash)
    }
    contacts = contacted(history)
    tracked, live = tracked_of(history, member, at), live_of(history, member, at)
    planned = {one.id: [f for f in contacts.get(one.id, []) if f.at <= at] for one in live}
    closing = {one.id: one.claims_close_at for one in history.records["deal"]}
    return {
        "newCustomerCount": str(sums[new]),
        "uncollected": str(sums[signed] - sums[cash]),
        "overdueFirstFollowUpCount": sum(
            1
            for one in live
            if not (one.first_followed_up_at and one.first_followed_up_at <= at)
            and one.first_follow_up_due_at
            and one.first_follow_up_due_at <= at
        ),
        "overdueContactCount": sum(
            1
            for one in live
            if planned[one.id]
            and (last := max(planned[one.id], key=lambda f: (f.at, f.id))).next_at
            and last.next_at <= at
        ),
        "lapsingRegistrationCount": sum(
            1
            for one in tracked
            # The history goes on beyond its end, which no board of today looks at.
            if (one.entered_at <= at or at == NOW)
            and at < protected_until(history, one, at) <= at + timedelta(hours=48)
        ),
        "openClaimCount": sum(
            1
            for one in history.records["claim"]
            if one.claimant_id == member
            and one.result == "ADMITTED"
            and one.filed_at <= at < closing[one.deal_id]
        ),
        "openDisputeCount": sum(
            1
            for one in history.records["dispute"]
            if member in {one.first_member_id, one.second_member_id} and unsettled(one)
        ),
        "absentCount": int(member in {history.people["An"], history.people["Chu"]}),
    }
