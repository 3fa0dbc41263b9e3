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
from builders.crowds import CROWDS, DRAFTS
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
        for statement in (*CROWDS, *FOLLOWING):
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
CUSTOM = 5
"""How often PostgreSQL plans for the values it is given before it weighs a plan for any."""
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


@pytest.mark.parametrize("scope", SCOPES)
async def test_a_page_is_planned_once_however_few_of_the_rows_are_in_sight(
    place: Listener, scope: str
) -> None:
    for name in LONG:
        for sql, values in await place.ask(SCOPES[scope], f"{{ {name} {{ nodes {{ id }} }} }}"):
            for _ in range(CUSTOM + 1):
                await place.connection.fetch(sql, *values)
            kept = await place.connection.fetchval(
                "SELECT generic_plans FROM pg_prepared_statements WHERE statement = $1", sql
            )
            assert kept, sql


def joins_of_page(plan: dict[str, Any]) -> Iterator[str]:
    """Yield how the rows that a page is of are joined to the records they name."""
    for below in plan.get("Plans", ()):
        yield from joins_of_page(below)
        side = below
        while side["Node Type"] in {"Hash", "Sort", "Materialize"}:
            (side,) = side["Plans"]
        named = side["Node Type"] == "Limit" or side.get("Alias") == "page"
        if named and "Join Type" in plan:
            yield plan["Node Type"]


@pytest.mark.parametrize("scope", ["own", "team", "leaf"])
async def test_records_of_a_page_are_found_by_their_keys_however_few_the_tenant_has(
    place: Listener, scope: str
) -> None:
    """Of a small tenant all would seem cheaper to read, so it would be planned anew each time."""
    found: list[str] = []
    for name in LONG:
        for sql, values in await place.ask(SCOPES[scope], f"{{ {name} {{ nodes {{ id }} }} }}"):
            async with place.connection.transaction():
                # What is left then is what PostgreSQL can do in no other way.
                await place.connection.execute("SET LOCAL enable_nestloop = off")
                found += joins_of_page(await place.explain(sql, values))

    assert len(found) > 2
    assert set(found) == {"Nested Loop"}


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


TREE = f'{{ targetTree(planId: "target_plan_{UUID(int=7)}") {{ depth }} }}'


def compared_with_each(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the joins in which each row of a tree is held against every other."""
    for below in plan.get("Plans", ()):
        yield from compared_with_each(below)
    if plan["Node Type"] == "Nested Loop":
        inner = plan["Plans"][1]
        if inner["Node Type"] == "CTE Scan" and inner["CTE Name"] == "seen":
            yield plan


async def test_a_plan_that_came_a_moment_ago_is_walked_as_one_that_is_known(
    place: Listener,
) -> None:
    """Of 10,000 targets just imported PostgreSQL knows nothing, and expects one row."""
    statements = await place.ask("C1", TREE)
    plans = [await place.explain(sql, values) for sql, values in statements]

    assert plans
    assert [one for plan in plans for one in compared_with_each(plan)] == []
