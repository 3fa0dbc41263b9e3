"""Territories as they are now: made, renamed, moved and retired by the tenant's administrator.

What stands elsewhere from now on has stood where it did until now: the model in force keeps both.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from service.errors import NotFound
from service.organisation import facts, rules
from service.organisation.access import bump, one_at_a_time
from service.organisation.codes import code_faults
from service.organisation.commands.units import refuse_unknown_kind
from service.organisation.errors import StillInUse, TreeWouldCircle
from service.organisation.events import RightsChanged
from service.policies.access import Record
from service.tenants.texts import Texts, refuse_faults
from service.territories import facts as of_models
from service.territories.tables import Territory, TerritoryPlace
from service.work import UnitOfWork

TERRITORY = ("input", "territoryId")
PARENT = ("input", "parentId")


@dataclass(frozen=True, slots=True)
class CreateTerritory:
    """Add a territory below another; no parent makes another root.

    Attributes:
        territory_model_id: the draft it is for; None makes it at once, in the model in force and
            in those that are to follow it.
    """

    code: str
    dimension: str
    names: Texts
    parent_id: UUID | None = None
    territory_model_id: UUID | None = None


async def create_territory(work: UnitOfWork, order: CreateTerritory) -> UUID:
    """Add a territory and return its id; locks the tenant, then the draft.

    Raises:
        Forbidden, NotFound (parent, draft), AlreadyTaken (code), Refusals (form), or
        TerritoryModelPublished, TerritoryModelArchived: it is no draft.
    """
    await one_at_a_time(work)
    await _authorise_new(work, order)
    refuse_faults((*code_faults(order.code), *order.names.faults(("input", "names"))))
    await facts.refuse_taken(work, "territory", order.code)
    await refuse_unknown_kind(work, f"territory.{order.dimension}", ("input", "dimension"))
    if order.parent_id is not None:
        await facts.in_force(work, "territory", order.parent_id, PARENT)
    territory = Territory(
        tenant_id=work.tenant_id,
        id=work.new_id(),
        code=order.code,
        dimension=order.dimension,
        names=order.names.by_locale(),
        parent_id=order.parent_id,
        created_at=work.now,
        created_by=work.caller.member_id,
    )
    work.add(territory)
    await _place_new(work, territory, order)
    bump(work)
    work.emit(RightsChanged(territory.id))
    work.concerns("territory", territory.id, code=order.code, parent=order.parent_id)
    return territory.id


async def _authorise_new(work: UnitOfWork, order: CreateTerritory) -> None:
    if order.territory_model_id is None:
        work.authorise("territory.create", Record(territory_id=order.parent_id))
        return
    draft = await of_models.draft(work, order.territory_model_id)
    work.authorise("territory_model.edit", of_models.record_of(draft))
    work.authorise("territory_model.place", Record(territory_id=order.parent_id))


async def _place_new(work: UnitOfWork, territory: Territory, order: CreateTerritory) -> None:
    """Give a new territory its place in a draft, or in what is in force and what is to be.

    Of a published model no day that is over changes: one that is to come back was in force before.
    """
    if order.territory_model_id is not None:
        models, since = {order.territory_model_id: True}, None
    else:
        since = work.now
        spans = await of_models.spans(work)
        models = {
            one.model_id: one.holds_at(work.now)
            for one in reversed(spans)
            if not one.is_empty and (one.ends is None or one.ends > work.now)
        }
    for model_id, needs_parent in models.items():
        parents = await of_models.parents(work, model_id)
        if needs_parent and order.parent_id is not None and order.parent_id not in parents:
            raise NotFound(field=PARENT)
        work.add(
            TerritoryPlace(
                tenant_id=work.tenant_id,
                id=work.new_id(),
                territory_model_id=model_id,
                territory_id=territory.id,
                parent_id=order.parent_id if order.parent_id in parents else None,
                valid_from=since,
                created_at=work.now,
                created_by=work.caller.member_id,
            )
        )


@dataclass(frozen=True, slots=True)
class EditTerritory:
    """Rename a territory, or move it with all below it; what is None stays.

    Attributes:
        parent_id: the new parent; only with `moved`, since None is also a place: the root.
    """

    territory_id: UUID
    expected_version: int
    names: Texts | None = None
    moved: bool = False
    parent_id: UUID | None = None


async def edit_territory(work: UnitOfWork, order: EditTerritory) -> UUID:
    """Change a territory; locks the tenant, then the territory.

    Raises:
        Forbidden (here, or at the new place), NotFound, VersionConflict, TreeWouldCircle.
    """
    await one_at_a_time(work)
    row = await facts.in_force(work, "territory", order.territory_id, TERRITORY)
    work.authorise("territory.edit", Record(territory_id=row["id"]))
    facts.refuse_other_version(row, order.expected_version)
    changes: dict[str, Any] = {}
    if order.names is not None:
        refuse_faults(order.names.faults(("input", "names")))
        changes["names"] = order.names.by_locale()
    if order.moved:
        await _move(work, row["id"], order.parent_id)
        changes["parent_id"] = order.parent_id
    work.change(Territory, row["id"], changes)
    bump(work)
    work.emit(RightsChanged(row["id"]))
    work.concerns("territory", row["id"], **changes)
    return order.territory_id


@dataclass(frozen=True, slots=True)
class RetireTerritory:
    """Take a territory out of use."""

    territory_id: UUID
    expected_version: int


async def retire_territory(work: UnitOfWork, order: RetireTerritory) -> UUID:
    """Retire a territory nothing stands on any more; locks the tenant, then the territory.

    Raises:
        Forbidden, NotFound, VersionConflict, or StillInUse: territories below it, offices, members
        or sites remain.
    """
    await one_at_a_time(work)
    row = await facts.in_force(work, "territory", order.territory_id, TERRITORY)
    work.authorise("territory.retire", Record(territory_id=row["id"]))
    facts.refuse_other_version(row, order.expected_version)
    uses = await work.fetch_value(
        "SELECT (SELECT count(DISTINCT p.territory_id) FROM app.territory_place p"
        "   JOIN app.territory y ON y.tenant_id = $1 AND y.id = p.territory_id"
        "     AND y.retired_at IS NULL"
        "   JOIN app.territory_activation a ON a.tenant_id = $1"
        "     AND a.territory_model_id = p.territory_model_id"
        "     AND (a.active_until IS NULL OR a.active_until > $3)"
        "     AND a.active_until IS DISTINCT FROM a.active_from"
        "   WHERE p.tenant_id = $1 AND p.parent_id = $2 AND p.valid_until IS NULL)"
        " + (SELECT count(*) FROM app.assignment WHERE tenant_id = $1 AND territory_id = $2"
        "   AND (valid_until IS NULL OR valid_until > $3))"
        " + (SELECT count(*) FROM app.member WHERE tenant_id = $1 AND territory_id = $2"
        "   AND state = 'ACTIVE')"
        " + (SELECT count(*) FROM app.site WHERE tenant_id = $1 AND territory_id = $2)",
        work.tenant_id,
        row["id"],
        work.now,
    )
    if uses:
        raise StillInUse(field=TERRITORY, uses=uses)
    work.change(Territory, row["id"], {"retired_at": work.now})
    bump(work)
    work.emit(RightsChanged(row["id"]))
    work.concerns("territory", row["id"], code=row["code"])
    return order.territory_id


async def _move(work: UnitOfWork, territory_id: UUID, parent_id: UUID | None) -> None:
    """Let a territory stand elsewhere in the model in force, from this instant on."""
    work.authorise("territory.create", Record(territory_id=parent_id))
    model_id = await of_models.model_in_force(work)
    if model_id is None:
        raise NotFound(field=TERRITORY)
    parents = await of_models.parents(work, model_id)
    if parent_id is not None:
        if parent_id not in parents:
            raise NotFound(field=PARENT)
        if rules.circles(parents, territory_id, parent_id):
            raise TreeWouldCircle(field=PARENT)
    place = await of_models.place(work, model_id, territory_id)
    if place is not None:
        work.change(TerritoryPlace, place["id"], {"valid_until": work.now})
        # The exclusion looks at each row as it is written: first the room, then who takes it.
        await work.flush()
    work.add(
        TerritoryPlace(
            tenant_id=work.tenant_id,
            id=work.new_id(),
            territory_model_id=model_id,
            territory_id=territory_id,
            parent_id=parent_id,
            position=0 if place is None else place["position"],
            rule=None if place is None else place["rule"],
            valid_from=work.now,
            created_at=work.now,
            created_by=work.caller.member_id,
        )
    )
