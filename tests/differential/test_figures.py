"""Figures, trees, boards and searches answered both ways: one statement, and the same answer."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import combinations
from random import Random
from typing import Any

import pytest
from builders.history import BEGUN, History, a_history

from differential.both import PLAIN, PLANNED, Both
from service.clock import ManualClock
from service.identity.tokens import Claims
from service.schema.statistics.counting import Statistics
from service.schema.statistics.ownership import CLAIMS, DEALS, FOLLOW_UPS, REGISTRATIONS
from service.schema.statistics.reception import CALLS, VISITS
from service.work import Transactions

NOW = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
PEOPLE = ("An", "Mei", "Rita", "Lin", "Clerk")
FIGURES = {
    "visitStatistics": (VISITS, "VisitDimension"),
    "callStatistics": (CALLS, "CallDimension"),
    "registrationStatistics": (REGISTRATIONS, "RegistrationDimension"),
    "followUpStatistics": (FOLLOW_UPS, "FollowUpDimension"),
    "dealStatistics": (DEALS, "DealDimension"),
    "claimStatistics": (CLAIMS, "ClaimDimension"),
}
# Who counts colleagues' registrations, or visits by them, is written down.
AUDITED = {"registrationStatistics", "visitStatistics"}
TREES = """
query Trees($root: ID, $depth: Int) {
  orgUnitTree(depth: $depth) { orgUnit { code } parent { id code } depth childCount __typename }
  territoryTree(rootId: $root, retired: true) { territory { id } parent { id } depth childCount }
}
"""
ACTIVITY = """
query Activity($id: ID!, $period: PeriodInput!, $depth: Int = 5) {
  territoryActivity(territoryId: $id, period: $period, depth: $depth) {
    territory { id name } parent { id } depth customerCount newCustomerCount
    liveRegistrationCount registrationCount visitCount callCount followUpCount dealCount
    amounts { amountMinor currency exponent __typename }
  }
}
"""
BOARD = """
query Board($id: ID!, $day: Date) {
  floorBoard(siteId: $id, day: $day) {
    __typename day site { id name } queue { day places { position standing } }
    visitCount newCustomerCount openVisitCount waitingCount callCount registrationCount dealCount
    amounts { amountMinor currency exponent } overdueFirstFollowUpCount
    waiting { id number } openVisits { id receiver { name } party { fullName } }
    overdueFirstFollowUps { id member { name } }
    members {
      member { name } position standing presence signedInAt plannedFrom plannedUntil
      openVisitCount visitCount newCustomerCount turnCount registrationCount followUpCount
      dealCount amounts { amountMinor } overdueFirstFollowUpCount
    }
  }
}
"""
SEARCH = """
query Search($text: String, $filter: PartyFilter) {
  parties(search: $text, filter: $filter, first: 3, orderBy: {field: FULL_NAME}) {
    totalCount nodes { fullName } pageInfo { endCursor hasNextPage }
  }
  members(search: $text) { nodes { name } }
}
"""
RELATED = """
query Related($filter: VisitFilter) {
  visits(filter: $filter, first: 5) { totalCount nodes { id receiver { name } } }
}
"""


@pytest.fixture
async def history(transactions: Transactions, clock: ManualClock) -> History:
    """A company with a history, at the end of it."""
    clock.set(NOW)
    return await a_history(transactions, 41)


def claims_of(history: History, name: str) -> Claims:
    member = history.people[name]
    return Claims(member, history.tenant.id, member, operator=False, session_id=None)


async def same(
    both: Both, history: History, who: str, document: str, variables: dict[str, Any]
) -> Any:
    """Ask twice, so that the caller is known; return the answer both gave."""
    claims = claims_of(history, who)
    for _ in range(2):
        planned, plain = await both.ask(claims, document, variables)
        assert planned.plan == "sql", (who, document, variables)
        assert planned.says() == plain.says(), (who, document, variables)
    return planned


async def written_down_alike(history: History, *, due: bool) -> None:
    """Check that both ways have written down the same, of the same people."""
    ways: dict[str, Counter[str]] = {PLANNED: Counter(), PLAIN: Counter()}
    for row in await history.tenant.rows(
        "SELECT request_id, row_to_json(a)::jsonb"
        " - '{id,at,request_id,transaction}'::text[] AS line FROM app.audit_event a"
        " WHERE tenant_id = $1 AND command = 'read_registrations'"
    ):
        ways[row["request_id"]][str(row["line"])] += 1
    assert ways[PLANNED] == ways[PLAIN]
    assert bool(ways[PLAIN]) == due


def field_of(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def selection(what: Statistics) -> str:
    keys = [
        f"{field_of(name)} {{ id }}" if one.target else field_of(name)
        for name, one in what.dimensions.items()
    ]
    measures = [
        f"{field_of(name)} {{ amountMinor currency exponent }}" if one.sums else field_of(name)
        for name, one in what.measures.items()
    ]
    return f"__typename key {{ __typename none hidden {' '.join(keys)} }} {' '.join(measures)}"


@pytest.mark.parametrize("name", sorted(FIGURES))
async def test_figures(both: Both, history: History, name: str) -> None:
    what, enum = FIGURES[name]
    order = f"{name[0].upper()}{name[1:]}Order"
    document = (
        f"query Figures($by: [{enum}!]!, $period: PeriodInput, $order: {order}, $first: Int! = 9)"
        f" {{ figures: {name}(groupBy: $by, period: $period, orderBy: $order, first: $first)"
        f" {{ {selection(what)} }} }}"
    )
    chance = Random(7)  # noqa: S311 - test data, no secret
    words = [dimension.upper() for dimension in what.dimensions]
    cuts = [list(by) for size in range(4) for by in combinations(words, size)]
    measure = next(iter(what.measures)).upper()
    for who in PEOPLE:
        for by in chance.sample(cuts, 4):
            period = chance.choice(
                [None, {"month": {"year": 2026, "month": 2}}, {"day": BEGUN.date().isoformat()}]
            )
            order_by = chance.choice([None, {"field": measure, "direction": "DESC"}])
            planned = await same(
                both, history, who, document, {"by": by, "period": period, "order": order_by}
            )
            assert planned.statements == 1
    await written_down_alike(history, due=name in AUDITED)


@pytest.mark.parametrize("who", PEOPLE)
async def test_trees_boards_searches_and_related_filters(
    both: Both, history: History, who: str
) -> None:
    root = f"territory_{history.root}"
    for variables in ({}, {"depth": 1}, {"root": root}, {"root": "territory_"}):
        assert (await same(both, history, who, TREES, variables)).statements == 1
    for period in ({"year": 2026}, {"day": BEGUN.date().isoformat()}):
        for wanted in (root, f"territory_{history.region}", "nonsense"):
            await same(both, history, who, ACTIVITY, {"id": wanted, "period": period})
    for site in history.sites.values():
        for day in (None, (BEGUN + timedelta(days=1)).date().isoformat()):
            await same(both, history, who, BOARD, {"id": f"site_{site}", "day": day})
    await same(both, history, who, BOARD, {"id": "nonsense"})
    for text in (None, "客", "1", "客 2", "nobody"):
        for filter_ in (None, {"visits": {"some": {}}}, {"deals": {"none": {}}}):
            found = await same(both, history, who, SEARCH, {"text": text, "filter": filter_})
            assert found.statements == 1
    for which in (
        {"registrations": {"none": {}}},
        {"party": {"registrations": {"some": {"member": {"name": {"eq": "An"}}}}}},
        {"not": {"receiver": {"orgUnit": {"within": f"org_unit_{history.places['east'][0]}"}}}},
    ):
        await same(both, history, who, RELATED, {"filter": which})
    await written_down_alike(history, due=who in {"Mei", "Lin", "Rita"})


async def test_counting_a_colleagues_register_is_written_down_however_it_is_answered(
    both: Both, history: History
) -> None:
    document = "{ registrationStatistics { registrationCount } }"
    await same(both, history, "Mei", document, {})

    rows = await history.tenant.rows(
        "SELECT actor_id, subject_id, details FROM app.audit_event"
        " WHERE tenant_id = $1 AND command = 'read_registrations'"
    )

    await written_down_alike(history, due=True)
    assert {row["actor_id"] for row in rows} == {history.people["Mei"]}
    seen = Counter(row["subject_id"] for row in rows)
    assert history.people["An"] in seen
    assert set(seen.values()) == {4}, "twice each way"
    assert all(row["details"] == {"rows": 1} for row in rows)


async def test_a_record_of_which_all_is_left_out_tells_no_owner_and_is_written_down(
    both: Both, history: History
) -> None:
    document = """query ($asked: Boolean = false) {
        registrations(first: 50) { nodes { id @include(if: $asked) result @include(if: $asked) } }
    }"""

    async def written() -> Counter[str]:
        rows = await history.tenant.rows(
            "SELECT subject_id, sum((details ->> 'rows')::int) AS seen FROM app.audit_event"
            " WHERE tenant_id = $1 AND command = 'read_registrations' GROUP BY subject_id"
        )
        return Counter({row["subject_id"]: row["seen"] for row in rows})

    before = await written()
    planned = await same(both, history, "Mei", document, {})
    without = await written() - before
    before = await written()
    await same(both, history, "Mei", document, {"asked": True})

    assert {tuple(node) for node in planned.data["registrations"]["nodes"]} == {()}
    assert without == await written() - before != Counter()
