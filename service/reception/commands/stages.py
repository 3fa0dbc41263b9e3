"""The stages of a reception, noted as they are reached (四(二); rulebook 2.7)."""

from dataclasses import dataclass
from uuid import UUID

from service.calendar import day_of
from service.errors import InvalidInput
from service.reception.errors import StageNotedAlready, StageTooLate, VisitorWaits
from service.reception.events import VisitStageReached
from service.reception.facts.visits import VISIT_FIELD, visit
from service.reception.tables import VisitStage, VisitStageKind
from service.rulebooks.in_force import version
from service.work import UnitOfWork


@dataclass(frozen=True, slots=True)
class NoteVisitStage:
    """A reception has reached a stage; the receipt is its instant."""

    visit_id: UUID
    stage: str


async def note_visit_stage(work: UnitOfWork, order: NoteVisitStage) -> UUID:
    """Note the stage and return the visit's id; the rulebook measures how quickly it was reached.

    Nothing else changes: stages are for service levels and funnels. Locks the visit.

    Raises:
        NotFound, Forbidden, InvalidInput.
        VisitorWaits: nobody receives him. StageTooLate: his day is over. StageNotedAlready.
    """
    if order.stage not in VisitStageKind.__members__:
        choices = tuple(VisitStageKind.__members__)
        raise InvalidInput(field=("input", "stage"), expected="ONE_OF", choices=choices)
    known = await visit(work, order.visit_id)
    work.authorise("visit.note_stage", known.record(work.actor.member_id))
    if known.waits or known.receiver_id is None:
        raise VisitorWaits(field=VISIT_FIELD)
    if day_of(work.now, known.zone) != known.reception_day:
        raise StageTooLate(field=VISIT_FIELD)
    noted = await work.fetch_value(
        "SELECT true FROM app.visit_stage WHERE tenant_id = $1 AND visit_id = $2 AND stage = $3",
        work.tenant_id,
        known.id,
        order.stage,
    )
    if noted:
        raise StageNotedAlready(field=("input", "stage"))
    in_force = await version(work, known.version_id)
    seconds = max(0, int((work.now - known.arrived_at).total_seconds()))
    asked: dict[str, bool | int | str] = {"stage": order.stage, "seconds_since_arrival": seconds}
    outcome = in_force.rulebook.decide("stage_service", asked)
    work.add(
        VisitStage(
            tenant_id=work.tenant_id,
            id=work.new_id(),
            visit_id=known.id,
            stage=order.stage,
            member_id=work.actor.member_id,
            at=work.now,
            seconds_since_arrival=seconds,
            service=str(outcome.then["service"]),
            rule=outcome.rule_id,
        )
    )
    work.concerns("visit", known.id, stage=order.stage)
    work.emit(VisitStageReached(known.id, known.site_id, order.stage))
    return known.id
