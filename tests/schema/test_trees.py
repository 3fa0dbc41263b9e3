"""Trees read whole, and what happened in each territory, rolled up."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from builders.api import Api, without_budget
from builders.history import BEGUN, a_history, renew_access
from builders.tenants import BEGINNING, TenantHandle, a_tenant
from builders.territories import model_in_force, stand

from service.clock import ManualClock
from service.database.pool import PooledConnection, TenantPool
from service.organisation import tables as organisation
from service.schema.statistics import trees
from service.territories.tables import Territory
from service.work import Transactions, UnitOfWork

NOW = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
TREE = "{ territoryTree%s { territory { code } parent { code } depth childCount } }"
ACTIVITY = """
query A($id: ID!, $period: PeriodInput!, $depth: Int!) {
  territoryActivity(territoryId: $id, period: $period, depth: $depth) {
    territory { id } parent { id } depth
    customerCount newCustomerCount registrationCount liveRegistrationCount visitCount callCount
    followUpCount dealCount amounts { amountMinor currency }
  }
}
"""
ALL_DAYS = {"range": {"from": "2026-01-01", "until": "2027-01-01"}}
Node = dict[str, Any]


async def add_territories(tenant: TenantHandle, *codes: tuple[str, str | None]) -> dict[str, UUID]:
    """Add territories by code, each below another or at the top."""
    made: dict[str, UUID] = {}

    async def step(work: UnitOfWork) -> None:
        model_id = await model_in_force(work)
        for code, above in codes:
            made[code] = work.new_id()
            work.add(
                Territory(
                    tenant_id=tenant.id, created_at=work.now, id=made[code], code=code,
                    dimension="area", names={"en": code}, parent_id=made[above] if above else None,
                )
            )  # fmt: skip
            stand(work, model_id, made[code], made[above] if above else None)
        renew_access(work)

    await tenant.transactions.internally(tenant.id, "territories", step)
    return made


def shapes(nodes: list[Node]) -> list[tuple[str, str | None, int, int]]:
    return [
        (
            node["territory"]["code"],
            node["parent"] and node["parent"]["code"],
            node["depth"],
            node["childCount"],
        )
        for node in nodes
    ]


async def test_a_tree_is_read_depth_first_with_brothers_by_code(
    api: Api, tenant: TenantHandle
) -> None:
    made = await add_territories(
        tenant, ("z", None), ("z-2", "z"), ("z-1", "z"), ("a-under", "z-2"), ("b-under", "z-1")
    )
    token = api.token(tenant.id, tenant.admin_id)

    whole = shapes((await api.ask(token, TREE % "(depth: 100)"))["territoryTree"])
    part = shapes((await api.ask(token, TREE % f'(rootId: "territory_{made["z"]}", depth: 1)'))[
        "territoryTree"
    ])  # fmt: skip

    assert whole[:2] == [("all", None, 0, 1), ("region-1", "all", 1, 0)]
    assert whole[2:] == [
        ("z", None, 0, 2),
        ("z-1", "z", 1, 1),
        ("b-under", "z-1", 2, 0),
        ("z-2", "z", 1, 1),
        ("a-under", "z-2", 2, 0),
    ]
    assert part == [("z", None, 0, 2), ("z-1", "z", 1, 1), ("z-2", "z", 1, 1)]


async def test_who_sees_a_part_reads_that_part_as_a_tree_of_its_own(
    api: Api, tenant: TenantHandle
) -> None:
    made = await add_territories(tenant, ("z", None), ("z-1", "z"), ("z-1-1", "z-1"), ("y", "z"))
    reader = await tenant.member("Rita", None)
    await give_sight_of_territories(tenant, reader, made["z-1"])
    token = api.token(tenant.id, reader)

    own = shapes((await api.ask(token, TREE % ""))["territoryTree"])
    hidden = await api.ask(token, TREE % f'(rootId: "territory_{made["y"]}")')
    nonsense = await api.ask(token, TREE % '(rootId: "territory_y")')

    assert own == [("z-1", None, 0, 1), ("z-1-1", "z-1", 1, 0)]
    assert hidden == nonsense == {"territoryTree": []}


async def give_sight_of_territories(tenant: TenantHandle, member: UUID, territory: UUID) -> None:
    """Let a member see one sub-tree by a role of its own."""

    async def step(work: UnitOfWork) -> None:
        role, duty, made = work.new_id(), work.new_id(), {"tenant_id": tenant.id}
        recorded = {**made, "created_at": work.now}
        texts = {"en": "-", "zh-Hant": "-", "zh-Hans": "-"}
        work.add(organisation.Role(**recorded, id=role, code="surveyor", names=texts))
        work.add(organisation.Duty(**recorded, id=duty, code="survey", wording=texts))
        work.add(organisation.RoleDuty(**made, id=work.new_id(), role_id=role, duty_id=duty))
        work.add(
            organisation.DutyPermission(
                **made, id=work.new_id(), duty_id=duty, object="territory", action="view",
                scope="territory",
            )
        )  # fmt: skip
        work.add(
            organisation.Assignment(
                **recorded, id=work.new_id(), member_id=member, role_id=role,
                territory_id=territory, valid_from=BEGINNING,
            )
        )  # fmt: skip
        renew_access(work)

    await tenant.transactions.internally(tenant.id, "surveyor", step)


async def test_the_company_tree_is_that_of_a_day(api: Api, tenant: TenantHandle) -> None:
    token = api.token(tenant.id, tenant.admin_id)
    ask = "query T($day: Date) { orgUnitTree(day: $day) { orgUnit { code } depth childCount } }"

    today = (await api.ask(token, ask))["orgUnitTree"]
    before = (await api.ask(token, ask, day="1990-01-01"))["orgUnitTree"]

    assert [(node["orgUnit"]["code"], node["depth"]) for node in today] == [
        ("group", 0), ("region-1", 1), ("city-1", 2), ("project-1", 3),
    ]  # fmt: skip
    assert [node["childCount"] for node in today] == [1, 1, 1, 0]
    assert before == []


async def test_a_tree_that_is_too_large_is_refused_and_never_cut_short(
    api: Api, tenant: TenantHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trees, "MOST_NODES", 1)
    token = api.token(tenant.id, tenant.admin_id)

    answer = await api.post(token, TREE % "")
    narrowed = await api.ask(token, TREE % "(depth: 0)")

    assert answer.json()["errors"][0]["extensions"]["code"] == "INVALID_INPUT"
    assert len(narrowed["territoryTree"]) == 1


async def listed(api: Api, token: str, name: str, filter_: str, select: str = "") -> list[Node]:
    found = await api.ask(
        token, f"{{ {name}(first: 200, filter: {{{filter_}}}) {{ nodes {{ id {select} }} }} }}"
    )
    nodes: list[Node] = found[name]["nodes"]
    return nodes


async def expected(api: Api, token: str, territory: str) -> Node:
    within = f'territory: {{within: "{territory}"}}'
    entries = await listed(api, token, "registrations", within, "state")
    deals = await listed(api, token, "deals", within, "amount { amountMinor currency }")
    sums: dict[str, int] = {}
    for deal in deals:
        if deal["amount"]:
            code = deal["amount"]["currency"]
            sums[code] = sums.get(code, 0) + int(deal["amount"]["amountMinor"])
    return {
        "customerCount": len(await listed(api, token, "parties", within)),
        "registrationCount": len(entries),
        "liveRegistrationCount": sum(one["state"] == "LIVE" for one in entries),
        "visitCount": len(await listed(api, token, "visits", within)),
        "callCount": len(await listed(api, token, "callRecords", within)),
        "followUpCount": len(await listed(api, token, "followUps", within)),
        "dealCount": len(deals),
        "amounts": [{"amountMinor": str(sums[code]), "currency": code} for code in sorted(sums)],
    }


@pytest.mark.parametrize("role", ["An", "Mei", "Rita", "Lin", "Clerk"])
async def test_a_territory_has_what_its_reader_could_list_in_it_and_below(
    api: Api, transactions: Transactions, clock: ManualClock, role: str
) -> None:
    clock.set(NOW)
    history = await a_history(transactions, 21)
    token = api.token(history.tenant.id, history.people[role])

    nodes = await activity(api, token, history.root, ALL_DAYS, 5)

    assert len(nodes) == 5
    for node in nodes:
        wanted = await expected(api, token, node["territory"]["id"])
        assert {name: node[name] for name in wanted} == wanted
        assert node["newCustomerCount"] == node["customerCount"]


async def activity(api: Api, token: str, root: UUID, period: Any, depth: int) -> list[Node]:
    found = await api.ask(token, ACTIVITY, id=f"territory_{root}", period=period, depth=depth)
    nodes: list[Node] = found["territoryActivity"]
    return nodes


async def test_levels_left_out_are_still_counted(
    api: Api, transactions: Transactions, clock: ManualClock
) -> None:
    clock.set(NOW)
    history = await a_history(transactions, 22)
    token = api.token(history.tenant.id, history.people["Lin"])

    whole = await activity(api, token, history.root, ALL_DAYS, 5)
    top = await activity(api, token, history.root, ALL_DAYS, 0)
    region = await activity(api, token, history.region, ALL_DAYS, 1)
    day = {"day": BEGUN.date().isoformat()}
    first = await activity(api, token, history.root, day, 0)

    assert top == whole[:1]
    assert [node["depth"] for node in region] == [0, 1]
    assert region[0]["parent"] is None
    assert region[1]["parent"] == {"id": f"territory_{history.region}"}
    assert 0 < first[0]["visitCount"] < top[0]["visitCount"]
    assert first[0]["liveRegistrationCount"] == top[0]["liveRegistrationCount"]


async def test_a_territory_of_nobody_and_of_another_company_answer_alike(
    api: Api, transactions: Transactions
) -> None:
    history = await a_history(transactions, 23)
    other = await a_tenant(transactions)
    stranger = api.token(other.id, await other.member("Lin", "director"))
    answers = set()
    for wanted in (f"territory_{history.root}", f"territory_{UUID(int=7)}", "territory_", "x"):
        answer = await api.post(stranger, ACTIVITY, id=wanted, period=ALL_DAYS, depth=1)
        assert answer.json()["data"] == {"territoryActivity": []}
        answers.add(without_budget(answer.content))
    assert len(answers) == 1


async def test_the_whole_board_is_one_statement(api: Api, transactions: Transactions) -> None:
    history = await a_history(transactions, 24)
    token = api.token(history.tenant.id, history.people["Lin"])

    await activity(api, token, history.root, ALL_DAYS, 0)
    await activity(api, token, history.root, ALL_DAYS, 5)

    assert api.statements == 1, "what is read is written down by the same statement"


async def test_what_is_read_is_written_down_on_the_same_connection(
    api: Api, transactions: Transactions, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = await a_history(transactions, 25)
    token = api.token(history.tenant.id, history.people["Lin"])
    first = await activity(api, token, history.root, ALL_DAYS, 5)
    lent: list[UUID | None] = []
    lend = TenantPool._lend

    def counted(
        pool: TenantPool, held: PooledConnection, tenant_id: UUID | None
    ) -> PooledConnection:
        lent.append(tenant_id)
        return lend(pool, held, tenant_id)

    # Both who takes what rests and who waited for it are lent it here.
    monkeypatch.setattr(TenantPool, "_lend", counted)
    assert await activity(api, token, history.root, ALL_DAYS, 5) == first

    assert lent == [history.tenant.id]
    assert transactions._pool.in_use == 0


async def test_a_read_that_is_thrown_away_keeps_no_connection(
    api: Api, transactions: Transactions
) -> None:
    history = await a_history(transactions, 26)
    token = api.token(history.tenant.id, history.people["Lin"])
    first = await activity(api, token, history.root, ALL_DAYS, 5)

    for known in transactions.readings._known.values():
        known.here = "another"

    assert await activity(api, token, history.root, ALL_DAYS, 5) == first
    assert transactions._pool.in_use == 0
