"""Where customers belong: what is known of them, and what the territories in force make of it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from service.customers import facts
from service.customers.events import AccountMoved, AccountsMoved, PartyEdited
from service.customers.tables import Party
from service.database.session import Row
from service.errors import InvalidInput, NotFound
from service.territories import belonging
from service.territories.facts import spans
from service.territories.rules.activations import Span, in_force
from service.territories.rules.membership import Trait
from service.territories.tables import PartyTrait
from service.territories.words import TraitKind
from service.work import UnitOfWork

_PARTY = ("input", "partyId")


@dataclass(frozen=True, slots=True)
class TraitValue:
    """One thing known of a customer, as a condition would write it; None forgets it."""

    code: str
    value: str | None = None


@dataclass(frozen=True, slots=True)
class StateTraits:
    """Say what is known of a customer; what is not named stays."""

    party_id: UUID
    traits: tuple[TraitValue, ...]


async def state_traits(work: UnitOfWork, order: StateTraits) -> UUID:
    """Write what is known of a customer and return his id; locks him.

    Raises:
        Forbidden, NotFound (the customer, or a trait), InvalidInput: the value is none of its.
    """
    (party,) = await facts.parties(work, [(order.party_id, _PARTY)])
    work.authorise("party.edit", party.record)
    known = await belonging.traits(work)
    values: dict[UUID, str | None] = {}
    for position, one in enumerate(order.traits):
        field = ("input", "traits", str(position), "code")
        if one.code not in known:
            raise NotFound(field=field)
        trait_id, trait = known[one.code]
        if one.value is not None and not _admits(trait, one.value):
            raise InvalidInput(field=(*field[:-1], "value"), expected="FITTING")
        values[trait_id] = one.value
    await _write(work, order.party_id, values)
    await settle(work, order.party_id)
    work.concerns("party", order.party_id, traits={one.code: one.value for one in order.traits})
    work.emit(PartyEdited(order.party_id))
    return order.party_id


async def settle(work: UnitOfWork, party_id: UUID) -> None:
    """Let a customer belong where the territories in force say, now that more is known of him."""
    drawn = await belonging.drawing_in_force(work, work.now)
    if drawn is None:
        return
    await work.flush()
    asked = belonging.belonging(drawn, only=party_id)
    found = await work.fetch_only(asked.sql, work.tenant_id, *asked.values)
    if found["now"] is not None and found["now"] != found["was"]:
        work.change(Party, party_id, {"territory_id": found["now"]})
        today = work.today
        work.emit(AccountMoved(party_id, found["now"], today))


_MOVE_ALL = """
UPDATE app.party p SET territory_id = b.now, version = p.version + 1
FROM ({belonging}) b
WHERE p.tenant_id = $1 AND p.id = b.id AND b.now IS NOT NULL
  AND b.now IS DISTINCT FROM p.territory_id
RETURNING p.id, b.was, b.now
"""


@dataclass(frozen=True, slots=True)
class Settled:
    """A customer who belongs to another territory than before."""

    party_id: UUID
    was: UUID | None
    now: UUID


async def settle_all(work: UnitOfWork) -> tuple[Settled, ...]:
    """Let every customer belong where the territories in force say; returns those who moved.

    What was credited, recorded or decided for them stays where it is.
    """
    all_spans = await spans(work)
    now = in_force(all_spans, work.now)
    if now is None:
        return ()
    model_id = now.model_id
    drawn = await belonging.drawing_from(work, all_spans, model_id, now.begins, work.now)
    asked = belonging.belonging(drawn)
    rows = await work.fetch(_MOVE_ALL.format(belonging=asked.sql), work.tenant_id, *asked.values)
    if rows:
        work.emit(AccountsMoved(model_id, len(rows)))
        await _remember(work, all_spans, now, rows)
    work.write(
        "territory_return",
        "DELETE FROM app.territory_return WHERE tenant_id = {}::uuid"
        " AND territory_model_id = {}::uuid",
        work.tenant_id,
        model_id,
    )
    work.concerns("territory_model", model_id, moved=len(rows))
    return tuple(Settled(row["id"], row["was"], row["now"]) for row in rows)


async def _remember(
    work: UnitOfWork, all_spans: Sequence[Span], now: Span, moved: Sequence[Row]
) -> None:
    """Keep where customers were in the model that was left, should it be gone back to."""
    before = next((one.model_id for one in all_spans if one.ends == now.begins), None)
    if before is None or before == now.model_id:
        return
    here = [row for row in moved if row["was"] is not None]
    await work.fetch(
        "INSERT INTO app.territory_return (tenant_id, created_at, created_by, territory_model_id,"
        " party_id, territory_id) SELECT $1, $2, $3, $4, m.party_id, m.territory_id"
        " FROM unnest($5::uuid[], $6::uuid[]) m (party_id, territory_id)"
        # Whoever is moved again since was elsewhere when the model was left, and stays there.
        " ON CONFLICT (tenant_id, territory_model_id, party_id) DO NOTHING",
        work.tenant_id,
        work.now,
        work.caller.member_id,
        before,
        [row["id"] for row in here],
        [row["was"] for row in here],
    )


def _admits(trait: Trait, value: str) -> bool:
    if trait.kind is TraitKind.FLAG:
        return value in {"true", "false"}
    if trait.kind is TraitKind.WORD:
        return value in trait.words
    return bool(re.fullmatch(r"-?\d{1,10}", value)) and trait.least <= int(value) <= trait.most


async def _write(work: UnitOfWork, party_id: UUID, values: dict[UUID, str | None]) -> None:
    work.write(
        "party_trait",
        "DELETE FROM app.party_trait WHERE tenant_id = {}::uuid AND party_id = {}::uuid"
        " AND account_trait_id = ANY({}::uuid[])",
        work.tenant_id,
        party_id,
        list(values),
    )
    await work.flush()
    for trait_id, value in values.items():
        if value is not None:
            work.add(
                PartyTrait(
                    tenant_id=work.tenant_id,
                    id=work.new_id(),
                    party_id=party_id,
                    account_trait_id=trait_id,
                    value=value,
                    created_at=work.now,
                    created_by=work.caller.member_id,
                )
            )
