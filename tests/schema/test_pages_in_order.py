"""Every order of every list is read from an index, and every filter is an index's condition.

PostgreSQL explains the statements the API really sends, under the application's role and with row
security on, whose comparisons must be leakproof to reach an index. Sorting and reading whole tables
are made dear: what is still sorted or filtered then cannot be had from any index.
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from benchmarks import filling
from builders.api import SCHEMA, Api
from builders.reception import Showroom
from builders.tenants import a_tenant
from builders.territories import FOLLOWING
from graphql import GraphQLEnumType, GraphQLField, GraphQLInputObjectType, get_named_type
from strawberry.types.base import get_object_definition

from service.clock import ManualClock
from service.database.connections import Location, connected, open_tenant_pool
from service.database.security import APPLICATION
from service.organisation.actors import Callers
from service.schema import filters
from service.schema.filters import FILTERED, On, WithinTree
from service.schema.planner.mapping import mapping_of
from service.schema.planner.statements import Statement
from service.work import Transactions

DEAR = "SET enable_seqscan = off; SET enable_sort = off; SET enable_bitmapscan = off"
VALUES: dict[str, object] = {
    "uuid": UUID(int=7),
    "text": "OPEN",
    "timestamptz": datetime(2026, 3, 2, tzinfo=UTC),
    "date": date(2026, 3, 2),
    "boolean": True,
}
SCOPES = {"own": "R04", "team": "M04", "territory": "G2", "leaf": "L1", "tenant": "C1"}
BEGAN, ENDED = datetime(2024, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
LEADS = 2_000
NESTED = {
    "viewer.tasks": "{ viewer { tasks { nodes { id } } } }",
    "viewer.notifications": "{ viewer { notifications { nodes { id } } } }",
}


def listed() -> Iterator[tuple[str, str]]:
    """Yield every list in every order and direction, with a document that reads it."""
    yield from NESTED.items()
    for name, declared in SCHEMA._schema.query_type.fields.items():
        if get_named_type(declared.type).name.endswith("Connection"):
            for order in orders(declared):
                for size in ("first: 5", "last: 5"):
                    given = ", ".join(filter(None, (size, order)))
                    yield f"{name}({given})", f"{{ {name}({given}) {{ nodes {{ id }} }} }}"


def orders(declared: GraphQLField) -> list[str]:
    order = declared.args.get("orderBy")
    if order is None:
        return [""]
    kind = get_named_type(order.type)
    assert isinstance(kind, GraphQLInputObjectType)
    words = get_named_type(kind.fields["field"].type)
    assert isinstance(words, GraphQLEnumType)
    return [f"orderBy: {{field: {word}, direction: DESC}}" for word in words.values]


LISTED = dict(listed())


# An empty table is read by whatever index comes first.
DRAFTS = """
INSERT INTO app.rulebook_draft (tenant_id, id, created_at, policy, name, text, author_ids, state,
    changed_at, site_id)
SELECT $1, uuidv7(), now(), 'showroom', 'draft ' || n, 'policy: showroom', '{}',
    CASE WHEN n % 50 = 0 THEN 'DRAFT' ELSE 'DISCARDED' END, now(),
    CASE WHEN n % 50 = 0 THEN $2::uuid END
FROM generate_series(1, 2000) n
"""
SIMULATIONS = """
INSERT INTO app.rulebook_simulation (tenant_id, id, created_at, policy, text_hash, document,
    overrides, kind, state, first_day, last_day, site_ids, done_count, attempts, rulebook_draft_id)
SELECT $1, uuidv7(), now(), 'showroom', '', '{}', '{}', 'STATEFUL',
    CASE WHEN n % 50 = 0 THEN 'FAILED' ELSE 'CANCELLED' END, '2026-01-01', '2026-01-31', '[]', 0, 1,
    CASE WHEN n % 50 <> 0 THEN uuidv7() END
FROM generate_series(1, 2000) n
"""
CASES = """
INSERT INTO app.simulation_case (tenant_id, id, rulebook_simulation_id, position, subject, site_id,
    happened_at, receiver_changed, owner_changed, credit_changed, rule_before, rule_after,
    receiver_before_id, receiver_after_id, credit_before, credit_after)
SELECT $1, uuidv7(), uuidv7(), n, 'VISIT', uuidv7(), now(), true, false, false, '', '',
    CASE WHEN n % 50 <> 0 THEN uuidv7() END, CASE WHEN n % 50 <> 0 THEN uuidv7() END, '[]', '[]'
FROM generate_series(1, 2000) n
"""

METRICS = """
INSERT INTO app.metric (tenant_id, id, created_at, code, names, unit, direction, counting_event,
    business, product_codes, new_only)
SELECT $1, uuidv7(), now(), 'M' || n, '{}', 'COUNT', 'HIGHER', 'OTHER', 'ALL', '{}', FALSE
FROM generate_series(1, 2000) n
"""
PLANS = """
INSERT INTO app.target_plan (tenant_id, id, created_at, code, names, first_day, last_day, state,
    currency, revision)
SELECT $1, uuidv7(), now(), 'p' || n, '{}', '2000-01-01'::date + n, '2030-01-01',
    CASE WHEN n % 50 = 0 THEN 'DRAFT' ELSE 'CLOSED' END, 'CNY', 0
FROM generate_series(1, 2000) n
"""
# Whose they are matters as little as that their plan is none: each column has many values.
TARGETS = """
INSERT INTO app.target_node (tenant_id, id, created_at, plan_id, parent_id, metric_id, org_unit_id,
    territory_id, member_id, first_day, last_day, kind, level, split, amount, pinned, is_unassigned,
    is_vacancy, over_assignment_basis_points, position)
SELECT $1, uuidv7(), now(), uuidv7(), CASE WHEN n % 50 <> 0 THEN uuidv7() END, uuidv7(), uuidv7(),
    uuidv7(), CASE WHEN n % 50 <> 0 THEN uuidv7() END, '2026-02-20'::date + n,
    '2040-01-01', CASE WHEN n % 50 = 0 THEN 'OVERLAY' ELSE 'STREET' END,
    CASE WHEN n % 50 = 0 THEN 'TARGET' ELSE 'STRETCH' END,
    CASE WHEN n % 50 = 0 THEN 'BREAKDOWN' ELSE 'PERIOD' END, n, FALSE, FALSE, FALSE, 0, n
FROM generate_series(1, 2000) n
"""
CHANGES = """
INSERT INTO app.target_change (tenant_id, id, plan_id, node_id, metric_id, org_unit_id,
    territory_id, member_id, effective_on, delta, kind, reason, recorded_at)
SELECT $1, uuidv7(), uuidv7(), uuidv7(), uuidv7(), uuidv7(), uuidv7(),
    CASE WHEN n % 50 <> 0 THEN uuidv7() END, '2020-01-01'::date + n, n,
    CASE WHEN n % 50 = 0 THEN 'RAMP' ELSE 'RELIEF' END, 'leave', now() - n * interval '1 hour'
FROM generate_series(1, 2000) n
"""
RESPONSES = """
INSERT INTO app.target_response (tenant_id, id, plan_id, node_id, org_unit_id, territory_id,
    member_id, plan_version, kind, recorded_at)
SELECT $1, uuidv7(), uuidv7(), uuidv7(), uuidv7(), uuidv7(), uuidv7(), n,
    CASE WHEN n % 50 = 0 THEN 'RETURN' ELSE 'APPROVAL' END, now() - n * interval '1 hour'
FROM generate_series(1, 2000) n
"""
SEATS = """
INSERT INTO app.territory_assignment (tenant_id, id, created_at, territory_id, seat_id, role,
    member_id, valid_from)
SELECT $1, uuidv7(), now(), uuidv7(), uuidv7(), CASE WHEN n % 50 = 0 THEN 'OWNER' ELSE 'REP' END,
    CASE WHEN n % 50 <> 0 THEN uuidv7() END, '2010-01-01'::date + n
FROM generate_series(1, 2000) n
"""
MOVES = """
INSERT INTO app.territory_move (tenant_id, id, created_at, created_by, territory_model_id, party_id,
    from_territory_id, to_territory_id, owner_id, reason, registration_count, deal_count)
SELECT $1, uuidv7(), now(), uuidv7(), uuidv7(), uuidv7(), uuidv7(), uuidv7(),
    CASE WHEN n % 50 <> 0 THEN uuidv7() END, CASE WHEN n % 50 = 0 THEN 'LISTED' ELSE 'RULE' END,
    0, 0
FROM generate_series(1, 2000) n
"""

CREDITS = """
INSERT INTO app.metric_credit (tenant_id, id, metric_id, member_id, org_unit_id, territory_id,
    deal_id, kind, basis_points, amount, credited_on, recorded_at, source, source_key)
SELECT $1, uuidv7(), uuidv7(), CASE WHEN n % 50 <> 0 THEN uuidv7() END, uuidv7(), uuidv7(),
    CASE WHEN n % 50 <> 0 THEN uuidv7() END, 'PRIMARY', 10000, n, '2020-01-01'::date + n, now(),
    'RECORDED', 's' || n
FROM generate_series(1, 2000) n
"""
CREDIT_DAYS = """
INSERT INTO app.metric_credit_day (tenant_id, id, metric_id, member_id, org_unit_id, territory_id,
    kind, credited_on, amount, base, entry_count)
SELECT $1, uuidv7(), uuidv7(), CASE WHEN n % 50 <> 0 THEN uuidv7() END, uuidv7(), uuidv7(),
    'PRIMARY', '2020-01-01'::date + n, n, 0, 1
FROM generate_series(1, 2000) n
"""
STAGES = """
INSERT INTO app.opportunity_stage (tenant_id, id, created_at, code, names, position,
    probability_basis_points, category)
SELECT $1, uuidv7(), now(), 'stage-' || n, '{}', n, 0, 'BEST' FROM generate_series(1, 2000) n
"""
OPPORTUNITIES = """
INSERT INTO app.opportunity (tenant_id, id, created_at, name, party_id, member_id, org_unit_id,
    territory_id, metric_id, stage_id, category, probability_basis_points, amount, expected_on,
    state, closed_on)
SELECT $1, uuidv7(), now(), 'x', uuidv7(), uuidv7(), uuidv7(), uuidv7(), uuidv7(), uuidv7(),
    CASE WHEN n % 50 = 0 THEN 'COMMIT' ELSE 'BEST' END, 0, n, '2020-01-01'::date + n,
    CASE WHEN n % 50 = 0 THEN 'WON' ELSE 'OPEN' END,
    CASE WHEN n % 50 = 0 THEN '2026-01-01'::date END
FROM generate_series(1, 2000) n
"""
STANDINGS = """
INSERT INTO app.opportunity_standing (tenant_id, id, opportunity_id, member_id, org_unit_id,
    territory_id, metric_id, stage_id, category, probability_basis_points, amount, expected_on,
    state, first_day, last_day)
SELECT $1, uuidv7(), uuidv7(), uuidv7(), uuidv7(), uuidv7(), uuidv7(), uuidv7(), 'BEST', 0, n,
    '2020-01-01'::date + n, 'OPEN', '2020-01-01'::date + n, 'infinity'
FROM generate_series(1, 2000) n
"""
CARDS = """
INSERT INTO app.scorecard (tenant_id, id, created_at, code, names, role_id, member_id, first_day)
SELECT $1, uuidv7(), now(), 'card-' || n, '{}', CASE WHEN n % 2 = 0 THEN uuidv7() END,
    CASE WHEN n % 2 <> 0 THEN uuidv7() END, '2020-01-01'::date + n
FROM generate_series(1, 2000) n
"""
SCHEMES = """
INSERT INTO app.bonus_scheme (tenant_id, id, created_at, code, names, metric_id, currency,
    retroactive, first_day)
SELECT $1, uuidv7(), now(), 'scheme-' || n, '{}', uuidv7(), 'CNY', TRUE, '2020-01-01'::date + n
FROM generate_series(1, 2000) n
"""
WORK_ITEMS = """
INSERT INTO app.work_item (tenant_id, id, created_at, node_id, kind, org_unit_id, territory_id,
    owner_id, title, due_on, planned, currency)
SELECT $1, uuidv7(), now(), uuidv7(), 'ACTION', uuidv7(), uuidv7(), uuidv7(), 'x',
    '2026-01-01'::date + n, n, 'CNY'
FROM generate_series(1, 2000) n
"""
CAMPAIGNS = """
INSERT INTO app.campaign (tenant_id, id, created_at, code, names, kind, first_on, last_on, owner_id,
    org_unit_id, territory_id, currency, cancelled_on, reason)
SELECT $1, uuidv7(), now(), 'campaign-' || n, '{}',
    CASE WHEN n % 50 = 0 THEN 'EVENT' ELSE 'ONLINE' END, '2020-01-01'::date + n,
    '2020-02-01'::date + n, uuidv7(), uuidv7(), uuidv7(), 'CNY',
    CASE WHEN n % 50 <> 0 THEN '2020-01-01'::date + n END, CASE WHEN n % 50 <> 0 THEN 'rain' END
FROM generate_series(1, 2000) n
"""
LINES = """
WITH m AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM app.campaign WHERE tenant_id = $1),
budgets AS (INSERT INTO app.campaign_budget (tenant_id, id, campaign_id, amount_minor, currency,
    counted_on, recorded_at) SELECT $1, uuidv7(), id, n, 'CNY', '2020-01-01'::date + n::int, now()
    FROM m),
costs AS (INSERT INTO app.campaign_cost (tenant_id, id, campaign_id, amount_minor, currency,
    spent_on, purpose, counted_on, recorded_at) SELECT $1, uuidv7(), id, n, 'CNY',
    '2020-01-01'::date + n::int, 'x', '2020-01-01'::date + n::int, now() FROM m)
INSERT INTO app.campaign_touch (tenant_id, id, campaign_id, visit_id, call_id, party_id, sign,
    touched_at, touched_on, counted_on, recorded_at) SELECT $1, uuidv7(), id,
    CASE WHEN n % 2 = 0 THEN uuidv7() END, CASE WHEN n % 2 <> 0 THEN uuidv7() END, uuidv7(), 1,
    now(), '2020-01-01', '2020-01-01'::date + n::int, now() FROM m
"""


@dataclass(frozen=True, slots=True)
class Listener:
    """The API, whose statements are heard and explained."""

    showroom: Showroom
    said: list[tuple[str, tuple[Any, ...]]]
    api: Api
    connection: "asyncpg.Connection[Any]"

    async def ask(self, name: str, document: str) -> list[tuple[str, tuple[Any, ...]]]:
        """Return the statements that read tables of a document's answer."""
        token = self.api.token(self.showroom.tenant.id, self.showroom.people[name])
        await self.api.ask(token, document)
        self.said.clear()
        await self.api.ask(token, document)
        return [one for one in self.said if "LIMIT" in one[0]]

    async def explain(self, sql: str, values: tuple[Any, ...]) -> dict[str, Any]:
        """Return a statement's plan."""
        found = await self.connection.fetchval(f"EXPLAIN (FORMAT JSON) {sql}", *values)
        plan: dict[str, Any] = found[0]["Plan"]
        return plan


@pytest.fixture(scope="module")
async def filled(server: Location, worker_id: str) -> AsyncIterator[tuple[Location, Showroom]]:
    """A database of its own with a tenant of 2,000 leads, and somebody of each reach in it."""
    location = replace(server, database=f"explained_{worker_id}")
    async with connected(location, "postgres", "postgres") as connection:
        await connection.execute(
            f"CREATE DATABASE {location.database} TEMPLATE {server.database} STRATEGY file_copy"
        )
    async with await open_tenant_pool(location, APPLICATION, 2) as pool:
        tenant = await a_tenant(Transactions(pool, ManualClock(ENDED), Callers()))
    known = [
        {code: str(row) for code, row in ids.items()}
        for ids in (tenant.roles, tenant.units, tenant.territories)
    ]
    leads = (1, tenant.id, LEADS, BEGAN, ENDED, tenant.made.rulebook_version_id, *known)
    async with connected(location, "postgres") as connection:
        for statement in filling.PREPARED:
            await connection.execute(statement)
        await connection.execute(
            "INSERT INTO benchmark.tenant VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)", *leads
        )
        await connection.execute("SET session_replication_role = replica")
        for statement in (*filling.PEOPLE, filling.LEADS, *filling.ROWS.values()):
            await connection.execute(statement)
        await connection.execute(DRAFTS, tenant.id, tenant.site_id)
        await connection.execute(SIMULATIONS, tenant.id)
        for statement in (
            CASES,
            METRICS,
            PLANS,
            TARGETS,
            CHANGES,
            RESPONSES,
            WORK_ITEMS,
            STAGES,
            OPPORTUNITIES,
            STANDINGS,
            CARDS,
            SCHEMES,
            CREDITS,
            CREDIT_DAYS,
            SEATS,
            MOVES,
            CAMPAIGNS,
            LINES,
            *FOLLOWING,
        ):
            await connection.execute(statement, tenant.id)
        await connection.execute("VACUUM (ANALYZE)")
        rows = await connection.fetch(
            "SELECT staff_code, id FROM app.member WHERE tenant_id = $1", tenant.id
        )
    people = {row["staff_code"]: row["id"] for row in rows}
    yield location, Showroom(tenant, tenant.site_id, people)
    async with connected(location, "postgres", "postgres") as connection:
        await connection.execute(f"DROP DATABASE {location.database} WITH (FORCE)")


@pytest.fixture(scope="module")
async def place(filled: tuple[Location, Showroom]) -> AsyncIterator[Listener]:
    """The API of the tenant, overheard, and a connection that explains."""
    location, showroom = filled
    said: list[tuple[str, tuple[Any, ...]]] = []
    connect = asyncpg.connect

    async def listening(**arguments: Any) -> "asyncpg.Connection[Any]":
        made = await connect(**arguments)
        made.add_query_logger(lambda one: said.append((one.query, tuple(one.args or ()))))
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asyncpg, "connect", listening)
        pool = await open_tenant_pool(location, APPLICATION, 1)
    async with pool, connected(location, APPLICATION) as connection:
        api = Api(Transactions(pool, ManualClock(ENDED), Callers()))
        await connection.execute(DEAR)
        await connection.execute(
            f"SELECT set_config('app.tenant_id', '{showroom.tenant.id}', false)"
        )
        yield Listener(showroom, said, api, connection)


def unbounded(plan: dict[str, Any]) -> set[str]:
    """Return the tables of which a plan reads as much as there is."""
    kind, below = plan["Node Type"], plan.get("Plans", [])
    if kind == "Limit":
        return set()
    if "Relation Name" in plan:
        return {plan["Relation Name"]}
    if kind == "Nested Loop" and not unbounded(below[0]):
        # So many rows, each found by its key.
        return set()
    return {name for one in below for name in unbounded(one)}


def sorted_whole(plan: dict[str, Any]) -> set[str]:
    """Return the tables a plan reads to the end only to sort them."""
    here = unbounded(plan) if plan["Node Type"] == "Sort" else set()
    return here.union(*(sorted_whole(one) for one in plan.get("Plans", ())))


def never(plan: dict[str, Any]) -> bool:
    """Tell whether PostgreSQL knows without looking that there is no such row."""
    return plan["Node Type"] == "Result" and plan.get("One-Time Filter") == "false"


def conditions(plan: dict[str, Any]) -> str:
    """Return the conditions with which a plan enters its indexes."""
    below = " ".join(conditions(one) for one in plan.get("Plans", ()))
    return f"{plan.get('Index Cond', '')} {below}"


@pytest.mark.parametrize("name", sorted(LISTED))
@pytest.mark.parametrize("scope", SCOPES)
async def test_every_order_is_read_from_an_index(place: Listener, scope: str, name: str) -> None:
    said = await place.ask(SCOPES[scope], LISTED[name])

    for sql, values in said:
        plan = await place.explain(sql, values)
        assert not sorted_whole(plan), sql


LONG = (
    *("parties", "visits", "registrations", "followUps", "deals", "claims", "tasks"),
    *("disputes", "decisions"),
)
WALKED = sorted(f"{name}({size})" for name in LONG for size in ("first", "last"))


async def walk(api: Api, token: str, name: str) -> list[str]:
    """Read three pages of a list from one of its ends; return the ids in the order they came."""
    list_name, size = name.rstrip(")").split("(")
    beyond, cursor = ("after", "endCursor") if size == "first" else ("before", "startCursor")
    document = (
        f"query($at: String) {{ {list_name}({size}: 17, {beyond}: $at)"
        f" {{ nodes {{ id }} pageInfo {{ {cursor} }} }} }}"
    )
    seen: list[str] = []
    at = None
    for _ in range(3):
        found = (await api.ask(token, document, at=at))[list_name]
        ids = [node["id"] for node in found["nodes"]]
        seen = [*seen, *ids] if size == "first" else [*ids, *seen]
        at = found["pageInfo"][cursor]
    return seen


@pytest.mark.parametrize("name", WALKED)
@pytest.mark.parametrize("scope", SCOPES)
async def test_pages_merged_from_several_ways_are_those_of_the_whole_condition(
    place: Listener, monkeypatch: pytest.MonkeyPatch, scope: str, name: str
) -> None:
    people, tenant = place.showroom.people, place.showroom.tenant
    token = place.api.token(tenant.id, people[SCOPES[scope]])
    merged = await walk(place.api, token, name)

    monkeypatch.setattr(Statement, "ways_of", lambda *_: [])
    plain = Api(place.api.transactions)
    whole = await walk(plain, plain.token(tenant.id, people[SCOPES[scope]]), name)

    assert merged == whole
    assert len(set(merged)) == len(merged) > 10


def compared() -> Iterator[tuple[str, type, Any, str]]:
    """Yield every comparison of every filter: its name, the filter, the column, the operator."""
    for known in SCHEMA.schema_converter.type_map.values():
        made = getattr(known.definition, "origin", None)
        definition = get_object_definition(made) if made is not None else None
        if definition is None or not definition.is_input or not made.__name__.endswith("Filter"):
            continue
        for field in definition.fields:
            how = field.metadata.get(FILTERED)
            name = f"{made.__name__}.{field.python_name}"
            if isinstance(how, WithinTree):
                yield f"{name}.within", made, how, "in_"
            elif isinstance(how, On):
                inner = get_object_definition(
                    field.type.of_type if hasattr(field.type, "of_type") else field.type
                )
                for operator in inner.fields:
                    yield f"{name}.{operator.python_name}", made, how, operator.python_name


COMPARED = {name: (made, how, operator) for name, made, how, operator in compared()}


class Bound:
    """Collects the values of a comparison."""

    def __init__(self) -> None:
        self.parameters: list[object] = []

    def place(self, value: object, kind: str) -> str:
        self.parameters.append(value)
        return f"${len(self.parameters) + 1}::{kind}"


def written(how: On | WithinTree, operator: str, bound: Bound) -> str:
    kind = "uuid" if isinstance(how, WithinTree) else how.type
    plain = On(how.sql, kind)
    given: Any = VALUES[kind]
    if operator == "in_":
        given = [given]
    elif operator == "is_null":
        given = True
    return str(filters._OPERATORS[operator](plain, given, bound))


def test_there_are_lists_and_filters_to_look_at() -> None:
    assert len(LISTED) > 30
    assert len(COMPARED) > 80


@pytest.mark.parametrize("name", sorted(COMPARED))
async def test_every_filter_is_a_condition_of_an_index(place: Listener, name: str) -> None:
    made, how, operator = COMPARED[name]
    table = mapping_of(made.__name__.removesuffix("Filter")).table.__tablename__
    bound = Bound()
    condition = written(how, operator, bound)
    sql = f"SELECT t.id FROM app.{table} t WHERE t.tenant_id = $1 AND {condition}"

    plan = await place.explain(sql, (place.showroom.tenant.id, *bound.parameters))

    if never(plan):
        return
    column = how.sql.removeprefix("t.")
    assert f"{column} " in conditions(plan), f"{table} has no index for {how.sql}"
