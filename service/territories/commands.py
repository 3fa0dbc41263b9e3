"""The territory tree: made, renamed, moved and retired by the tenant's administrator."""

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
from service.territories.tables import Territory
from service.work import UnitOfWork

TERRITORY = ("input", "territoryId")
PARENT = ("input", "parentId")


@dataclass(frozen=True, slots=True)
class CreateTerritory:
    """Add a territory below another; no parent makes another root."""

    code: str
    dimension: str
    names: Texts
    parent_id: UUID | None = None


async def create_territory(work: UnitOfWork, order: CreateTerritory) -> UUID:
    """Add a territory and return its id; locks the tenant.

    Raises:
        Forbidden, NotFound (parent), AlreadyTaken (code), Refusals (form).
    """
    await one_at_a_time(work)
    work.authorise("territory.create", Record(territory_id=order.parent_id))
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
    bump(work)
    work.emit(RightsChanged(territory.id))
    work.concerns("territory", territory.id, code=order.code, parent=order.parent_id)
    return territory.id


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
        await _refuse_move(work, row["id"], order.parent_id)
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
        "SELECT (SELECT count(*) FROM app.territory WHERE tenant_id = $1 AND parent_id = $2"
        "   AND retired_at IS NULL)"
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


async def _refuse_move(work: UnitOfWork, territory_id: UUID, parent_id: UUID | None) -> None:
    work.authorise("territory.create", Record(territory_id=parent_id))
    if parent_id is None:
        return
    rows = await work.fetch(
        "SELECT id, parent_id FROM app.territory WHERE tenant_id = $1 AND retired_at IS NULL",
        work.tenant_id,
    )
    parents = {row["id"]: row["parent_id"] for row in rows}
    if parent_id not in parents:
        raise NotFound(field=PARENT)
    if rules.circles(parents, territory_id, parent_id):
        raise TreeWouldCircle(field=PARENT)
