"""Casbin, the compiled check, the explanation and the SQL predicate give one answer.

Random tenants, actors with none to three holdings (unknown roles, delegations), and records in
which anything may be missing; the predicates are judged by PostgreSQL, a whole set of records at
a time.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from uuid import UUID

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.database.connections import Location
from service.policies.access import (
    LIMIT_FIELDS,
    Actor,
    CompiledTenant,
    Holding,
    PolicyRow,
    Predicate,
    Record,
    RecordColumns,
    compile_tenant,
)
from service.policies.access.reference import Reference, TenantPolicy

TRIPLES = 250_000
RECORDS = 120
ACTORS = 4
WORLDS = 175
ACTIONS = ("deal.record", "visit.reassign", "party.view.phone")
DUTIES = tuple(f"d:duty-{number}" for number in range(5))
ROLES = ("r:rep", "r:manager", "r:director", "r:clerk")
COLUMNS = RecordColumns(
    owner="t.owner_id",
    org_unit="t.org_unit_id",
    territory="t.territory_id",
    requester="t.requester_id",
    figures={"discount_bp": "t.discount_bp", "amount_minor": "t.amount_minor"},
)


@dataclass(frozen=True)
class World:
    policy: TenantPolicy
    neighbour: TenantPolicy
    actors: list[Actor]
    records: list[Record]

    def compiled(self) -> CompiledTenant:
        return compile_tenant(
            self.policy.tenant_id,
            1,
            rows=self.policy.rows,
            role_duties=self.policy.role_duties,
            role_includes=self.policy.role_includes,
            org_parents=self.policy.org_parents,
            territory_parents=self.policy.territory_parents,
        )


class Maker:
    """Makes worlds from one seeded source of chance."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance

    def id(self) -> UUID:
        return UUID(int=self.chance.getrandbits(128))

    def tree(self, most: int) -> dict[UUID, UUID | None]:
        parents: dict[UUID, UUID | None] = {}
        for _ in range(self.chance.randint(0, most)):
            parents[self.id()] = self.chance.choice([None, *parents]) if parents else None
        return parents

    def row(self) -> PolicyRow:
        object_name, _, action = self.chance.choice(ACTIONS).partition(".")
        denies = self.chance.random() < 0.2
        scopes = ["own", "team", "territory", "tenant"]
        scope = self.chance.choice([*scopes, "requested"] if denies else scopes)
        limit = "-"
        if object_name == "deal" and not denies and self.chance.random() < 0.5:
            limit = f"{self.chance.choice(list(LIMIT_FIELDS))}<={self.chance.randint(0, 4)}"
        duty = self.chance.choice(DUTIES)
        return PolicyRow(duty, object_name, action, scope, limit, "deny" if denies else "allow")

    def rows(self, most: int) -> list[PolicyRow]:
        rows = {self.row() for _ in range(self.chance.randint(0, most))}
        if self.chance.random() < 0.5:
            rows.add(PolicyRow("*", "deal", "record", "requested", effect="deny"))
        return sorted(rows, key=repr)

    def roles(self) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
        duties = {role: self.chance.sample(DUTIES, self.chance.randint(0, 3)) for role in ROLES}
        includes = {
            role: self.chance.sample(ROLES[:place], self.chance.randint(0, min(place, 2)))
            for place, role in enumerate(ROLES)
        }
        return duties, includes

    def one_of(self, known: list[UUID]) -> UUID | None:
        """Return something known, something unknown, or nothing."""
        return self.chance.choice([*known, *known, self.id(), None])

    def holding(self, members: list[UUID], units: list[UUID], areas: list[UUID]) -> Holding:
        role = self.chance.choice([*ROLES, *ROLES, "r:unknown"])
        place = (self.one_of(units), self.one_of(areas))
        if self.chance.random() < 0.7:
            return Holding(role, *place)
        listed = frozenset(self.chance.sample(ACTIONS, self.chance.randint(0, 2)))
        return Holding(role, *place, acts_as=self.chance.choice(members), commands=listed)

    def record(self, members: list[UUID], units: list[UUID], areas: list[UUID]) -> Record:
        figures = {name: self.chance.randint(0, 5) for name in LIMIT_FIELDS}
        shown = {name: value for name, value in figures.items() if self.chance.random() < 0.8}
        return Record(
            self.one_of(members),
            self.one_of(units),
            self.one_of(areas),
            self.one_of(members),
            shown,
        )

    def world(self) -> World:
        duties, includes = self.roles()
        units, areas = self.tree(6), self.tree(5)
        tenant, members = self.id(), [self.id() for _ in range(4)]
        policy = TenantPolicy(tenant, self.rows(7), duties, includes, units, areas)
        # A neighbour in the same enforcer, with the same names of roles and duties.
        neighbour = TenantPolicy(self.id(), self.rows(2), dict.fromkeys(ROLES, DUTIES))
        actors = []
        for number in range(ACTORS):
            held = [
                self.holding(members, list(units), list(areas))
                for _ in range(self.chance.randint(0, 3))
            ]
            foreign = self.chance.random() < 0.05
            home = neighbour.tenant_id if foreign else tenant
            actors.append(Actor(home, members[number], tuple(held)))
        known = (members, list(units), list(areas))
        records = [self.record(*known) for _ in range(RECORDS)]
        return World(policy, neighbour, actors, records)


class Judge:
    """PostgreSQL, asked which records a predicate is true for."""

    def __init__(self, location: Location) -> None:
        self.runner = asyncio.Runner()
        self.connection = self.runner.run(asyncpg.connect(**location.arguments("postgres")))
        self.runner.run(
            self.connection.execute(
                "CREATE TEMP TABLE record (place int, owner_id uuid, org_unit_id uuid,"
                " territory_id uuid, requester_id uuid, discount_bp bigint, amount_minor bigint)"
            )
        )

    def learn(self, records: list[Record]) -> None:
        rows = [
            (
                place,
                record.owner_id,
                record.org_unit_id,
                record.territory_id,
                record.requester_id,
                record.figures.get("discount_bp"),
                record.figures.get("amount_minor"),
            )
            for place, record in enumerate(records)
        ]
        self.runner.run(self.connection.execute("DELETE FROM record"))
        self.runner.run(self.connection.copy_records_to_table("record", records=rows))

    def answers(self, compiled: CompiledTenant, actor: Actor, action: str) -> list[bool]:
        """Return what the condition of a list lets through, after comparing it with the mask."""
        condition = compiled.predicate(actor, action, COLUMNS, 1)
        mask = compiled.mask(actor, action, COLUMNS, 1)
        assert mask.parameters == condition.parameters
        sql = (
            f"SELECT array_agg({condition.sql} IS TRUE ORDER BY place),"
            f" array_agg({mask.sql} ORDER BY place) FROM record t"
        )
        row = self.runner.run(self.connection.fetchrow(sql, *condition.parameters))
        listed, masked = row
        assert masked == listed
        kept: list[bool] = listed
        if condition.ways:
            assert self.reached(condition) == kept
        return kept

    def reached(self, condition: Predicate) -> list[bool]:
        """Return what is reached if each way is gone by itself."""
        ways = " OR ".join(
            f"{way.column} = ANY(${way.place + 1}::uuid[])"
            if way.many
            else f"{way.column} = ${way.place + 1}::uuid"
            for way in condition.ways
        )
        assert len(condition.ways) == len(condition.parameters)
        sql = f"SELECT array_agg(({ways}) IS TRUE ORDER BY place) FROM record t"
        row = self.runner.run(self.connection.fetchrow(sql, *condition.parameters))
        kept: list[bool] = row[0]
        return kept

    def close(self) -> None:
        self.runner.run(self.connection.close())
        self.runner.close()


@pytest.fixture
def judge(location: Location) -> Iterator[Judge]:
    judge = Judge(location)
    yield judge
    judge.close()


@pytest.mark.long
def test_the_four_forms_agree_on_a_quarter_of_a_million_questions(judge: Judge) -> None:
    asked = {True: 0, False: 0}

    @settings(max_examples=WORLDS, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.integers(0, 2**64 - 1))
    def agree(seed: int) -> None:
        chance = Random(seed)  # noqa: S311 - test data, no secret
        world = Maker(chance).world()
        compiled, reference = world.compiled(), Reference([world.policy, world.neighbour])
        judge.learn(world.records)
        for actor in world.actors:
            for action in ACTIONS:
                seen = judge.answers(compiled, actor, action)
                for record, listed in zip(world.records, seen, strict=True):
                    verdict = compiled.check(actor, action, record)
                    told = compiled.explain(actor, action, record, "en")
                    # A stranger is judged by Casbin in his own domain; here he is nobody.
                    ours = actor.tenant_id == compiled.tenant_id
                    truth = ours and reference.allows(actor, action, record)
                    question = (actor, action, record, told.sentence)
                    assert verdict.allowed == truth, question
                    assert told.allowed == truth, question
                    assert listed == truth, question
                    assert told.acts_as == verdict.acts_as or not truth, question
                    asked[truth] += 1

    agree()

    assert sum(asked.values()) >= TRIPLES
    assert asked[True] > TRIPLES / 20
