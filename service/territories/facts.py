"""The rows a territory's command stands on, locked: models, places, when they are in force."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from service.database.session import Row
from service.errors import FieldPath, NotFound
from service.organisation.facts import locked
from service.organisation.territory_tree import announced, in_force, standing
from service.policies.access import Record
from service.territories.errors import TerritoryModelArchived, TerritoryModelPublished
from service.territories.rules.activations import Span
from service.work import UnitOfWork

MODEL = ("input", "territoryModelId")

# In use: something would be out of its leader's reach if the territory stood nowhere.
_USES = """
EXISTS (SELECT FROM app.assignment a WHERE a.tenant_id = $1 AND a.territory_id = y.id
    AND (a.valid_until IS NULL OR a.valid_until > $3))
OR EXISTS (SELECT FROM app.member m WHERE m.tenant_id = $1 AND m.territory_id = y.id
    AND m.state = 'ACTIVE')
OR EXISTS (SELECT FROM app.site s WHERE s.tenant_id = $1 AND s.territory_id = y.id)
"""


def record_of(model: Row) -> Record:
    """Return a model as authorisation sees it: its author's own."""
    return Record(owner_id=model["created_by"])


async def model(work: UnitOfWork, model_id: UUID, field: FieldPath = MODEL) -> Row:
    """Lock a model the caller may see. What others draft is not there for him.

    Raises:
        NotFound: no such model, another tenant's, or somebody else's draft.
    """
    row = await locked(work, "territory_model", model_id, field)
    if work.by_product or await published(work, model_id):
        return row
    if not work.policy.check(work.actor, "territory_model.view", record_of(row)).allowed:
        raise NotFound(field=field)
    return row


async def published(work: UnitOfWork, model_id: UUID) -> bool:
    """Tell whether a model is, was or is to be in force."""
    found: bool = await work.fetch_value(f"SELECT {announced('$2')}", work.tenant_id, model_id)
    return found


async def draft(work: UnitOfWork, model_id: UUID) -> Row:
    """Lock a draft the caller may see.

    Raises:
        NotFound, TerritoryModelPublished, TerritoryModelArchived.
    """
    row = await model(work, model_id)
    if row["archived_at"] is not None:
        raise TerritoryModelArchived(field=MODEL)
    if await published(work, model_id):
        raise TerritoryModelPublished(field=MODEL)
    return row


async def spans(work: UnitOfWork) -> list[Span]:
    """Return every activation there was or is to be, the earliest first."""
    rows = await work.fetch(
        "SELECT id, territory_model_id, active_from, active_until FROM app.territory_activation"
        " WHERE tenant_id = $1 ORDER BY active_from, id",
        work.tenant_id,
    )
    return [
        Span(row["id"], row["territory_model_id"], row["active_from"], row["active_until"])
        for row in rows
    ]


async def model_in_force(work: UnitOfWork) -> UUID | None:
    """Return the model in force at the command's instant."""
    found: UUID | None = await work.fetch_value(
        "SELECT a.territory_model_id FROM app.territory_activation a"
        f" WHERE a.tenant_id = $1 AND {in_force('$2')}",
        work.tenant_id,
        work.now,
    )
    return found


@dataclass(frozen=True, slots=True)
class Begun:
    """How the model in force began.

    Attributes:
        day: the day it was announced for, if it was.
        targets_follow: whether targets in force follow the customers who are moved by it.
        author_id: who put it in force.
        names: the model's.
        before_id: the model it took over from; None for the first.
    """

    model_id: UUID
    began: datetime
    day: date | None
    targets_follow: bool
    author_id: UUID | None
    names: dict[str, str]
    before_id: UUID | None


async def begun(work: UnitOfWork) -> Begun:
    """Return how the model in force began."""
    row = await work.fetch_only(
        "SELECT a.territory_model_id AS model_id, a.active_from AS began, a.active_on AS day,"
        " a.targets_follow, a.created_by AS author_id, m.names, (SELECT b.territory_model_id"
        "  FROM app.territory_activation b WHERE b.tenant_id = $1"
        "  AND b.active_until = a.active_from AND b.active_from < b.active_until) AS before_id"
        " FROM app.territory_activation a JOIN app.territory_model m ON m.tenant_id = $1"
        f" AND m.id = a.territory_model_id WHERE a.tenant_id = $1 AND {in_force('$2')}",
        work.tenant_id,
        work.now,
    )
    return Begun(**row)


async def parents(work: UnitOfWork, model_id: UUID) -> dict[UUID, UUID | None]:
    """Return the parent of every territory that stands in a model at the command's instant."""
    rows = await work.fetch(
        "SELECT p.territory_id, p.parent_id FROM app.territory_place p"
        f" WHERE p.tenant_id = $1 AND p.territory_model_id = $2 AND {standing('$3')}",
        work.tenant_id,
        model_id,
        work.now,
    )
    return {row["territory_id"]: row["parent_id"] for row in rows}


async def place(work: UnitOfWork, model_id: UUID, territory_id: UUID) -> Row | None:
    """Return a territory's place in a model at the command's instant, if it has one."""
    return await work.fetch_one(
        "SELECT p.* FROM app.territory_place p WHERE p.tenant_id = $1"
        f" AND p.territory_model_id = $2 AND p.territory_id = $4 AND {standing('$3')}",
        work.tenant_id,
        model_id,
        work.now,
        territory_id,
    )


async def left_out(work: UnitOfWork, model_id: UUID, at: datetime) -> Sequence[str]:
    """Return the codes of territories in use that have no place in a model, at most ten."""
    rows = await work.fetch(
        "SELECT y.code FROM app.territory y WHERE y.tenant_id = $1 AND y.retired_at IS NULL"
        " AND NOT EXISTS (SELECT FROM app.territory_place p WHERE p.tenant_id = $1"
        f"   AND p.territory_model_id = $2 AND p.territory_id = y.id AND {standing('$3')})"
        f" AND ({_USES}) ORDER BY y.code LIMIT 10",
        work.tenant_id,
        model_id,
        at,
    )
    return [row["code"] for row in rows]


async def customers_displaced(work: UnitOfWork, model_id: UUID, at: datetime) -> bool:
    """Tell whether some customer is in a territory that has no place in a model."""
    found: bool = await work.fetch_value(
        "SELECT EXISTS (SELECT FROM app.territory y WHERE y.tenant_id = $1"
        " AND NOT EXISTS (SELECT FROM app.territory_place p WHERE p.tenant_id = $1"
        f"   AND p.territory_model_id = $2 AND p.territory_id = y.id AND {standing('$3')})"
        " AND EXISTS (SELECT FROM app.party c WHERE c.tenant_id = $1 AND c.territory_id = y.id))",
        work.tenant_id,
        model_id,
        at,
    )
    return found


async def party_places(work: UnitOfWork, party_ids: Sequence[UUID]) -> dict[UUID, UUID | None]:
    """Return the territory each customer is in now; who is missing is not there."""
    rows = await work.fetch(
        "SELECT id, territory_id FROM app.party WHERE tenant_id = $1 AND id = ANY($2::uuid[])",
        work.tenant_id,
        list(party_ids),
    )
    return {row["id"]: row["territory_id"] for row in rows}
