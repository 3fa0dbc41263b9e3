"""The stages of a company's opportunities are its own: made, changed and retired."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from service.errors import InvalidInput, Refusal
from service.money import BASIS_POINTS
from service.opportunities import errors as _errors  # noqa: F401 - registers what its constraints say
from service.opportunities.events import OpportunityStageChanged
from service.opportunities.tables import OpportunityStage
from service.organisation.codes import code_faults
from service.policies.access import Record
from service.targets.facts import locked, refuse_other_version
from service.tenants.texts import Texts, refuse_faults
from service.work import UnitOfWork

_STAGE: Final = ("input", "stageId")
_MOST_POSITION: Final = 1_000


@dataclass(frozen=True, slots=True)
class CreateOpportunityStage:
    """Add a stage.

    Attributes:
        position: its place among the others.
        probability_basis_points: how likely what stands in it becomes business.
        category: in which forecasts it counts, until whoever has the opportunity says otherwise.
    """

    code: str
    names: Texts
    position: int
    probability_basis_points: int
    category: str


async def create_opportunity_stage(work: UnitOfWork, order: CreateOpportunityStage) -> UUID:
    """Add the stage and return its id.

    Raises:
        Forbidden, AlreadyTaken (code), Refusals (form).
    """
    work.authorise("opportunity_stage.edit", Record())
    refuse_faults(_faults(order))
    stage = OpportunityStage(
        tenant_id=work.tenant_id,
        id=work.new_id(),
        created_at=work.now,
        created_by=work.caller.member_id,
        code=order.code,
        names=order.names.by_locale(),
        position=order.position,
        probability_basis_points=order.probability_basis_points,
        category=order.category,
    )
    work.add(stage)
    work.concerns("opportunity_stage", stage.id, code=stage.code)
    work.emit(OpportunityStageChanged(stage.id))
    return stage.id


@dataclass(frozen=True, slots=True)
class EditOpportunityStage:
    """Change a stage; opportunities that are in it keep the chance they were given."""

    stage_id: UUID
    expected_version: int
    names: Texts
    position: int
    probability_basis_points: int
    category: str


async def edit_opportunity_stage(work: UnitOfWork, order: EditOpportunityStage) -> UUID:
    """Change the stage and return its id; locks it.

    Raises:
        Forbidden, NotFound, VersionConflict, Refusals (form).
    """
    work.authorise("opportunity_stage.edit", Record())
    row = await locked(work, "opportunity_stage", order.stage_id, _STAGE)
    refuse_other_version(row, order.expected_version)
    refuse_faults(_faults(order))
    changes = {
        "names": order.names.by_locale(),
        "position": order.position,
        "probability_basis_points": order.probability_basis_points,
        "category": order.category,
    }
    _changed(work, order.stage_id, changes)
    return order.stage_id


@dataclass(frozen=True, slots=True)
class RetireOpportunityStage:
    """No opportunity comes to a stage any more; those in it stay."""

    stage_id: UUID
    expected_version: int


async def retire_opportunity_stage(work: UnitOfWork, order: RetireOpportunityStage) -> UUID:
    """Retire the stage and return its id; locks it.

    Raises:
        Forbidden, NotFound, VersionConflict.
    """
    work.authorise("opportunity_stage.edit", Record())
    row = await locked(work, "opportunity_stage", order.stage_id, _STAGE)
    refuse_other_version(row, order.expected_version)
    if row["retired_at"] is None:
        _changed(work, order.stage_id, {"retired_at": work.now})
    return order.stage_id


def _changed(work: UnitOfWork, stage_id: UUID, changes: dict[str, Any]) -> None:
    work.change(OpportunityStage, stage_id, changes)
    work.concerns("opportunity_stage", stage_id, **changes)
    work.emit(OpportunityStageChanged(stage_id))


def _faults(order: CreateOpportunityStage | EditOpportunityStage) -> Iterator[Refusal]:
    if isinstance(order, CreateOpportunityStage):
        yield from code_faults(order.code)
    yield from order.names.faults(("input", "names"))
    if not 0 <= order.position <= _MOST_POSITION:
        field = ("input", "position")
        yield InvalidInput(field=field, expected="FROM_TO", least=0, most=_MOST_POSITION)
    yield from probability_faults(order.probability_basis_points)


def probability_faults(basis_points: int | None) -> Iterator[Refusal]:
    """Yield what is wrong with a chance."""
    if basis_points is not None and not 0 <= basis_points <= BASIS_POINTS:
        field = ("input", "probabilityBasisPoints")
        yield InvalidInput(field=field, expected="FROM_TO", least=0, most=BASIS_POINTS)
