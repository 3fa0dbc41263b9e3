"""What a member is told he may do is what the API then lets him do."""

from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any
from uuid import UUID

import pytest
from builders.api import Api, Desk
from builders.tenants import TenantHandle

from differential.both import PLANNED, Both
from differential.world import World, a_world
from service.clock import ManualClock, new_id
from service.identity.tokens import Claims
from service.organisation.commands import Delegate, delegate
from service.schema.bodies import Asked
from service.schema.planner.mapping import Actions, Mapping, MaskedFields, mappings
from service.work import Transactions

ROLES = ("sales-representative", "sales-manager", "clerk", "director")
# What is asked of a record besides, whatever it is: nobody is to be told yes who is told no.
CLOSE, STAGE, REASSIGN = "visit.close", "visit.note_stage", "visit.reassign"


@pytest.fixture
async def world(transactions: Transactions, clock: ManualClock) -> World:
    """A day of a showroom, four more members of random roles, and who stands in for whom."""
    chance = Random(11)  # noqa: S311 - keeps no secret
    made = await a_world(transactions, clock)
    tenant = made.showroom.tenant
    units, places = sorted(tenant.units), sorted(tenant.territories)
    for number in range(4):
        member = await tenant.member(
            f"N{number}", chance.choice(ROLES),
            unit=chance.choice(units), territory=chance.choice(places),
        )  # fmt: skip
        made.callers.append(Claims(member, tenant.id, member, operator=False, session_id=None))
    people, until = made.showroom.people, clock.now().replace(year=2027)
    for absent, there, given in (
        ("Mei", "Bo", ("visit.reassign", "visit.close")),
        ("Bo", "An", ("visit.note_stage",)),
    ):
        await tenant.do(delegate, Delegate(people[absent], people[there], given, until))
    return made


async def some_of(tenant: TenantHandle, mapping: Mapping, most: int) -> list[UUID]:
    """Return keys of records of a type, oldest and newest."""
    rows = await tenant.rows(
        f"SELECT DISTINCT t.{mapping.key_column} AS id FROM {mapping.whole} t"
        " WHERE t.tenant_id = $1 ORDER BY 1"
    )
    ids = [row["id"] for row in rows]
    return ids if len(ids) <= most else [*ids[: most // 2], *ids[-(most - most // 2) :]]


def possible_of(mapping: Mapping) -> dict[str, Any]:
    """Return the words of a type's `allowedActions`, each with what it asks for."""
    found: dict[str, Any] = {}
    for item in mapping.items.values():
        if isinstance(item, Actions):
            found |= item.possible
    return found


def masks_of(mapping: Mapping) -> dict[str, str]:
    """Return the words of a type's `maskedFields`, each with the action that shows the field."""
    found: dict[str, str] = {}
    for item in mapping.items.values():
        if isinstance(item, MaskedFields):
            found |= item.actions
    return found


async def asked(both: Both, claims: Claims, row: str, mapping: Mapping) -> dict[str, Any]:
    """Ask for a record, and for what one may do to it."""
    actions = sorted(
        {str(mapping.action)}
        | {one.action for one in possible_of(mapping).values()}
        | set(masks_of(mapping).values())
    )
    more = "allowedActions " * bool(possible_of(mapping)) + "maskedFields " * bool(
        masks_of(mapping)
    )
    questions = " ".join(
        f'a{place}: canDo(action: "{action}", subjectId: $id) {{ allowed message }}'
        for place, action in enumerate(actions)
    )
    document = (
        f"query R($id: ID!) {{ node(id: $id) {{ id ... on {mapping.name} {{ __typename {more} }} }}"
        f" viewer {{ {questions} }} }}"
    )
    answer = await both._by(PLANNED, claims, Asked(document, None, {"id": row}), "en")
    assert not answer.errors, (document, answer.errors)
    told = {action: answer.data["viewer"][f"a{place}"] for place, action in enumerate(actions)}
    return {"node": answer.data["node"], "told": told}


def contradictions(mapping: Mapping, node: Any, told: dict[str, Any]) -> Iterator[str]:
    """Tell where a record and what one is told of it differ."""
    if told[str(mapping.action)]["allowed"] != (node is not None):
        yield f"{mapping.action}: told {told[str(mapping.action)]}"
    for word in (node or {}).get("allowedActions", ()):
        if not told[possible_of(mapping)[word].action]["allowed"]:
            yield f"{word} is offered and denied"
    for word, action in masks_of(mapping).items() if node else ():
        if told[action]["allowed"] == (word in node["maskedFields"]):
            yield f"{word} is shown otherwise than told"


@pytest.mark.long
async def test_who_reads_a_record_is_told_that_he_may_and_who_does_not_is_not(
    both: Both, world: World
) -> None:
    tenant, seen = world.showroom.tenant, Counter[bool]()
    wrong: list[str] = []
    for mapping in mappings().values():
        if mapping.action is None or mapping.table is None:
            continue
        for row in await some_of(tenant, mapping, 2):
            for claims in world.callers:
                found = await asked(both, claims, f"{mapping.kind}_{row}", mapping)
                seen[found["node"] is not None] += 1
                wrong += [
                    f"{mapping.name} {row} by {claims.member_id}: {one}"
                    for one in contradictions(mapping, found["node"], found["told"])
                ]
    assert not wrong, "\n".join(wrong[:20])
    assert min(seen.values()) > 100, seen


@pytest.mark.parametrize("name", ["An", "Bo", "Chu", "Mei", "Lin", "Clerk"])
async def test_a_command_is_refused_to_whom_it_was_told_so_and_to_nobody_else(
    world: World, transactions: Transactions, name: str
) -> None:
    desk = Desk(Api(transactions), world.showroom)
    visits = await world.showroom.tenant.rows("SELECT id FROM app.visit WHERE tenant_id = $1")
    commands = {
        STAGE: ("noteVisitStage", {"stage": "GREETED"}),
        REASSIGN: ("reassignReception", {"memberId": desk.member("Bo"), "reason": "someone else"}),
        CLOSE: ("closeVisit", {}),
    }
    for row in visits:
        visit = f"visit_{row['id']}"
        for action, (field, given) in commands.items():
            ask = "query M($action: String!, $id: ID!) { viewer { canDo(action: $action,"
            may = await desk.ask(
                name, f"{ask} subjectId: $id) {{ allowed code }} }} }}", action=action, id=visit
            )
            kind = f"{field[0].upper()}{field[1:]}Input!"
            answer = await desk.ask(
                name,
                f"mutation C($input: {kind}) {{ {field}(input: $input) {{ errors {{ code }} }} }}",
                input={"idempotencyKey": str(new_id()), "visitId": visit, **given},
            )
            codes = {error["code"] for error in answer[field]["errors"]}
            told = may["viewer"]["canDo"]
            assert told["allowed"] == (not codes & {"FORBIDDEN", "NOT_FOUND"}), (
                action, name, told, codes,
            )  # fmt: skip
