"""Territories through the API: who sees which model, the tree of a day, whom a draft moves."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from builders.api import Api
from builders.tenants import TenantHandle, a_tenant

from service.clock import ManualClock
from service.schema.scalars import make_id
from service.work import Transactions

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
MODELS = "{ territoryModels { nodes { code state placeCount allowedActions author { name } } } }"
ONE = "query M($id: ID!) { territoryModel(id: $id) { code } }"
UNSEEN = """
query Q($m: ID!) {
  territoryModel(id: $m) { id } territoryFindings(modelId: $m) { kind }
  territoryTree(modelId: $m) { depth } territoryMoves(filter: {modelId: {eq: $m}}) { totalCount }
  territoryMoveTargets(filter: {modelId: {eq: $m}}) { totalCount }
  territoryMoveSeats(filter: {modelId: {eq: $m}}) { totalCount }
}
"""
MEMBERS = """
query Within($scope: TerritoryScope!) {
  members(filter: {territory: $scope}) { nodes { name } }
}
"""
PLACES = """
query Places($id: ID!) {
  territoryModel(id: $id) {
    places {
      nodes {
        territory { code } parent { code } parentNow { code }
        filledSeatCount vacancyCount listedPartyCount
      }
    }
  }
}
"""
TREE = """
query Tree($day: Date, $model: ID) {
  territoryTree(day: $day, modelId: $model) { territory { code } parent { code } depth }
}
"""
NAMES = {"en": "x", "zhHant": "x", "zhHans": "x"}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
async def tenant(transactions: Transactions) -> TenantHandle:
    return await a_tenant(transactions)


@pytest.fixture
def admin(api: Api, tenant: TenantHandle) -> str:
    return api.token(tenant.id, tenant.admin_id)


def territory(tenant: TenantHandle, code: str) -> str:
    return make_id("territory", tenant.territories[code])


async def a_draft(api: Api, token: str, code: str) -> str:
    made = await api.does(token, "createTerritoryModel", "model { id }", code=code, names=NAMES)
    found: str = made["model"]["id"]
    return found


async def tree(api: Api, token: str, **variables: Any) -> list[tuple[str, str | None]]:
    nodes = (await api.ask(token, TREE, **variables))["territoryTree"]
    return [(one["territory"]["code"], one["parent"] and one["parent"]["code"]) for one in nodes]


async def test_a_draft_is_seen_by_its_author_and_the_directors_until_it_is_announced(
    api: Api, tenant: TenantHandle
) -> None:
    lin, other, rep, head = [
        api.token(tenant.id, await tenant.member(name, role))
        for name, role in (
            ("林", "regional-manager"),
            ("周", "regional-manager"),
            ("小王", "sales-representative"),
            ("總監", "director"),
        )
    ]
    draft = await a_draft(api, lin, "lins")
    everybody = (lin, other, rep, head)

    async def codes(token: str) -> list[str]:
        found = (await api.ask(token, MODELS))["territoryModels"]["nodes"]
        one = await api.ask(
            token, "query M($id: ID!) { territoryModel(id: $id) { code } }", id=draft
        )
        assert (one["territoryModel"] is not None) == ("lins" in [node["code"] for node in found])
        assert bool(await tree(api, token, model=draft)) == ("lins" in [n["code"] for n in found])
        return sorted(node["code"] for node in found)

    before = [await codes(token) for token in everybody]
    await api.does(
        head, "activateTerritoryModel", "activation { activeOn }", territoryModelId=draft,
        activeOn="2026-03-09",
    )  # fmt: skip
    after = [await codes(token) for token in everybody]

    assert before == [["first", "lins"], ["first"], ["first"], ["first", "lins"]]
    assert after == [["first", "lins"]] * 4
    shown = (await api.ask(lin, MODELS))["territoryModels"]["nodes"]
    assert {one["code"]: (one["state"], one["allowedActions"]) for one in shown} == {
        "lins": ("SCHEDULED", ["EDIT"]),
        "first": ("ACTIVE", []),
    }


async def test_the_tree_of_a_day_is_that_of_the_model_in_force_at_its_end(
    api: Api, tenant: TenantHandle, admin: str, clock: ManualClock
) -> None:
    await tenant.member("小王")
    draft = await a_draft(api, admin, "next")
    placed = {"territoryModelId": draft, "territoryId": territory(tenant, "region-1")}
    await api.does(admin, "placeTerritory", "model { placeCount }", **placed)
    asked = {"territoryModelId": draft, "activeOn": "2026-03-09"}
    made = await api.does(admin, "activateTerritoryModel", "activation { activeFrom }", **asked)
    places = (await api.ask(admin, PLACES, id=draft))["territoryModel"]["places"]["nodes"]
    old, new = [("all", None), ("region-1", "all")], [("all", None), ("region-1", None)]

    assert made["activation"]["activeFrom"] == "2026-03-08T16:00:00.000Z"
    counted = {"filledSeatCount": 0, "vacancyCount": 0, "listedPartyCount": 0, "parent": None}
    region = {"territory": {"code": "region-1"}, "parentNow": {"code": "all"}, **counted}
    assert region in places
    assert {"territory": {"code": "all"}, "parentNow": None, **counted} in places
    assert await tree(api, admin) == await tree(api, admin, day="2026-03-08") == old
    assert await tree(api, admin, day="2026-03-09") == await tree(api, admin, model=draft) == new
    within = {"scope": {"within": territory(tenant, "all")}}
    assert len((await api.ask(admin, MEMBERS, **within))["members"]["nodes"]) == 2
    # Who has just read is known, and reads on across the midnight.
    clock.set(datetime(2026, 3, 8, 15, 59, 59, tzinfo=UTC))
    assert len((await api.ask(admin, MEMBERS, **within))["members"]["nodes"]) == 2
    clock.set(datetime(2026, 3, 8, 16, 0, tzinfo=UTC))
    assert len((await api.ask(admin, MEMBERS, **within))["members"]["nodes"]) == 1
    assert await tree(api, admin) == new
    assert await tree(api, admin, day="2026-03-02") == old
    parents = await api.ask(admin, "{ territories { nodes { code parent { code } } } }")
    assert [one["parent"] for one in parents["territories"]["nodes"]] == [None, None]


MOVES = """
query Moves($model: ID!) {
  territoryMoves(filter: {modelId: {eq: $model}}) {
    totalCount
    nodes {
      fromTerritory { code } toTerritory { code } reason rep { name } party { fullName }
      amount { amountMinor } opportunityCount pipeline { amountMinor currency }
    }
  }
  territoryMoveStatistics(groupBy: [TO_TERRITORY, REP]) {
    key { toTerritory { code } rep { name } } partyCount registrationCount dealCount
    amounts { amountMinor } opportunityCount pipeline { amountMinor }
  }
  territoryFindings(modelId: $model) {
    kind territory other witness { code value } message
  }
}
"""


async def a_customer(api: Api, rep: str, province: str, **more: Any) -> str:
    """Enter a customer of whom a province is known, and return his id."""
    made = await api.does(rep, "createParty", "party { id }", fullName="王先生", phones=[], **more)
    party: str = made["party"]["id"]
    traits = [{"code": "province", "value": province}]
    shown = "party { traits { code value } }"
    stated = await api.does(rep, "stateTraits", shown, partyId=party, traits=traits)
    assert stated["party"]["traits"] == traits
    return party


async def a_pipeline(api: Api, head: str, rep: str, party: str) -> None:
    """Open two opportunities of a customer, in money and in pieces, and lose a third."""
    added = await api.does(
        head, "createOpportunityStage", "opportunityStage { id }", code="met", names=NAMES,
        position=1, probabilityBasisPoints=1_000, category="PIPELINE",
    )  # fmt: skip
    stage = added["opportunityStage"]["id"]
    made = []
    for unit, currency in (("MONEY", "CNY"), ("COUNT", None)):
        metric = await api.does(
            head, "createMetric", "metric { id }", code=unit, names=NAMES, unit=unit,
            currency=currency, countingEvent="OTHER",
        )  # fmt: skip
        made.append(metric["metric"]["id"])
    hoped = ((made[0], "300", False), (made[1], "7", False), (made[0], "9", True))
    for metric, amount, lost in hoped:
        one = await api.does(
            rep, "createOpportunity", "opportunity { id }", name="tower two", metricId=metric,
            amount=amount, stageId=stage, expectedOn="2026-03-31", partyId=party,
        )  # fmt: skip
        if lost:
            await api.does(
                rep, "closeOpportunity", "opportunity { state }", outcome="LOST", reason="price",
                opportunityId=one["opportunity"]["id"],
            )  # fmt: skip


async def test_what_a_draft_would_move_is_listed_and_counted(
    api: Api, tenant: TenantHandle, admin: str
) -> None:
    rep_id = await tenant.member("小王")
    rep = api.token(tenant.id, rep_id)
    head = api.token(tenant.id, await tenant.member("總監", "director"))
    await api.does(
        admin, "declareAccountTrait", "accountTrait { code words }", code="province", names=NAMES,
        kind="WORD", words=["HUNAN", "HUBEI"],
    )  # fmt: skip
    customers = [
        await a_customer(api, rep, province, territoryId=territory(tenant, "all"))
        for province in ("HUNAN", "HUNAN", "HUBEI")
    ]
    await a_pipeline(api, head, rep, customers[0])
    draft = await a_draft(api, head, "next")
    rule = {
        "territoryModelId": draft,
        "territoryId": territory(tenant, "region-1"),
        "rule": "province is HUNAN",
    }
    await api.does(head, "setTerritoryRule", "model { id }", **rule)
    await api.does(head, "previewTerritoryModel", "model { id }", territoryModelId=draft)

    shown = await api.ask(head, MOVES, model=draft)

    move = {
        "fromTerritory": {"code": "all"},
        "toTerritory": {"code": "region-1"},
        "reason": "RULE",
        "rep": {"name": "小王"},
        "party": {"fullName": "王先生"},
        "amount": None,
    }
    hoped = {"opportunityCount": 2, "pipeline": {"amountMinor": "300", "currency": "CNY"}}
    assert shown["territoryMoves"]["totalCount"] == 2
    found = sorted(shown["territoryMoves"]["nodes"], key=lambda one: one["opportunityCount"])
    assert found == [{**move, "opportunityCount": 0, "pipeline": None}, {**move, **hoped}]
    assert shown["territoryMoveStatistics"] == [
        {
            "key": {"toTerritory": {"code": "region-1"}, "rep": {"name": "小王"}},
            "partyCount": 2,
            "registrationCount": 0,
            "dealCount": 0,
            "amounts": [],
            "opportunityCount": 2,
            "pipeline": [{"amountMinor": "300"}],
        }
    ]
    (gap,) = shown["territoryFindings"]
    assert (gap["kind"], gap["territory"]) == ("GAP", "all")
    assert gap["witness"] == [{"code": "province", "value": "HUBEI"}]
    hidden = await api.ask(rep, UNSEEN, m=draft)
    assert hidden == {
        "territoryModel": None,
        "territoryFindings": [],
        "territoryTree": [],
        **{f"territoryMove{what}": {"totalCount": 0} for what in ("s", "Targets", "Seats")},
    }


async def test_a_model_of_nobody_and_of_another_company_answer_alike(
    api: Api, admin: str, transactions: Transactions
) -> None:
    other = await a_tenant(transactions, name="別家")
    foreign = await a_draft(api, api.token(other.id, other.admin_id), "next")
    nobody = make_id("territory_model", other.admin_id)
    answers = [await api.ask(admin, UNSEEN, m=model) for model in (foreign, nobody)]
    assert answers[0] == answers[1]


async def test_seats_are_shown_with_their_territory_and_the_empty_ones_found(
    api: Api, tenant: TenantHandle, admin: str, clock: ManualClock
) -> None:
    rep = await tenant.member("小王")
    asked = {"territoryId": territory(tenant, "region-1"), "role": "REP"}
    made = await api.does(
        admin, "assignTerritory", "assignment { id version vacant }", **asked,
        memberId=make_id("member", rep),
    )  # fmt: skip
    ended = {"assignmentId": made["assignment"]["id"], "expectedVersion": 1}
    await api.does(
        admin, "endTerritoryAssignment", "territory { code }", **ended, validUntil="2026-03-09"
    )
    clock.set(NOW + timedelta(days=7))

    shown = await api.ask(
        admin,
        """query Seats($scope: TerritoryScope!) {
          territories { nodes { code assignments { role vacant validFrom } } }
          territoryAssignments(filter: {memberId: {isNull: true}, territory: $scope}) {
            nodes { role vacant validFrom allowedActions }
          }
        }""",
        scope={"within": territory(tenant, "all")},
    )

    empty = {"role": "REP", "vacant": True, "validFrom": "2026-03-09"}
    assert shown["territories"]["nodes"] == [
        {"code": "all", "assignments": []},
        {"code": "region-1", "assignments": [empty]},
    ]
    assert shown["territoryAssignments"]["nodes"] == [
        {**empty, "allowedActions": ["END", "TAKE_OVER"]}
    ]
