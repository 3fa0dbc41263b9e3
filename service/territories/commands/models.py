"""Drafts of the territories: as many as wanted, seen by those who may write in them."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from service.organisation.codes import code_faults
from service.organisation.facts import refuse_other_version, refuse_taken
from service.organisation.territory_tree import standing
from service.policies.access import Record
from service.tenants.texts import Texts, refuse_faults
from service.territories import facts
from service.territories.errors import TerritoryModelPublished
from service.territories.rules.activations import in_force
from service.territories.tables import TerritoryModel
from service.work import UnitOfWork

BASED_ON = ("input", "basedOnId")


@dataclass(frozen=True, slots=True)
class CreateTerritoryModel:
    """Begin a draft as a copy of another model (None: of the one in force), or empty."""

    code: str
    names: Texts
    based_on_id: UUID | None = None
    empty: bool = False


async def create_territory_model(work: UnitOfWork, order: CreateTerritoryModel) -> UUID:
    """Begin a draft of the caller's own and return its id; locks the model it is copied from.

    Raises:
        Forbidden, NotFound (the other model), AlreadyTaken (code), Refusals (form).
    """
    work.authorise("territory_model.create", Record(owner_id=work.caller.member_id))
    refuse_faults((*code_faults(order.code), *order.names.faults(("input", "names"))))
    await refuse_taken(work, "territory_model", order.code)
    source = order.based_on_id
    if source is not None:
        await facts.model(work, source, BASED_ON)
    elif not order.empty:
        source = await facts.model_in_force(work)
    made = TerritoryModel(
        tenant_id=work.tenant_id,
        id=work.new_id(),
        code=order.code,
        names=order.names.by_locale(),
        based_on_id=source,
        created_at=work.now,
        created_by=work.caller.member_id,
    )
    work.add(made)
    if source is not None and not order.empty:
        _copy_places(work, source, made.id)
        _copy_lists(work, source, made.id)
    work.concerns("territory_model", made.id, code=order.code, based_on=source)
    return made.id


def _copy_places(work: UnitOfWork, source: UUID, target: UUID) -> None:
    work.write(
        "territory_place",
        "INSERT INTO app.territory_place (tenant_id, created_at, created_by, territory_model_id,"
        " territory_id, parent_id, position, rule)"
        " SELECT p.tenant_id, {}::timestamptz, {}::uuid, {}::uuid, p.territory_id, p.parent_id,"
        " p.position, p.rule FROM app.territory_place p"
        " WHERE p.tenant_id = {}::uuid AND p.territory_model_id = {}::uuid"
        f" AND {standing('{}::timestamptz')}",
        work.now,
        work.caller.member_id,
        target,
        work.tenant_id,
        source,
        work.now,
        work.now,
    )


def _copy_lists(work: UnitOfWork, source: UUID, target: UUID) -> None:
    work.write(
        "territory_account",
        "INSERT INTO app.territory_account (tenant_id, created_at, created_by, territory_model_id,"
        " territory_id, party_id) SELECT l.tenant_id, {}::timestamptz, {}::uuid, {}::uuid,"
        " l.territory_id, l.party_id FROM app.territory_account l"
        " WHERE l.tenant_id = {}::uuid AND l.territory_model_id = {}::uuid",
        work.now,
        work.caller.member_id,
        target,
        work.tenant_id,
        source,
    )


@dataclass(frozen=True, slots=True)
class EditTerritoryModel:
    """Rename a model, or put a draft away (and take it out again); what is None stays."""

    territory_model_id: UUID
    expected_version: int
    names: Texts | None = None
    archived: bool | None = None


async def edit_territory_model(work: UnitOfWork, order: EditTerritoryModel) -> UUID:
    """Change a model; locks it.

    Raises:
        Forbidden, NotFound, VersionConflict, TerritoryModelPublished: it is in force, or to be.
    """
    row = await facts.model(work, order.territory_model_id)
    work.authorise("territory_model.edit", facts.record_of(row))
    refuse_other_version(row, order.expected_version)
    changes: dict[str, Any] = {}
    if order.names is not None:
        refuse_faults(order.names.faults(("input", "names")))
        changes["names"] = order.names.by_locale()
    if order.archived is not None:
        if order.archived and await _awaited(work, order.territory_model_id):
            raise TerritoryModelPublished(field=facts.MODEL)
        changes["archived_at"] = work.now if order.archived else None
    work.change(TerritoryModel, order.territory_model_id, changes)
    work.concerns("territory_model", order.territory_model_id, **changes)
    return order.territory_model_id


async def _awaited(work: UnitOfWork, model_id: UUID) -> bool:
    spans = await facts.spans(work)
    now = in_force(spans, work.now)
    if now is not None and now.model_id == model_id:
        return True
    return any(
        one.model_id == model_id and not one.is_empty and one.begins > work.now for one in spans
    )
