"""How far a reception has come, noted stage by stage."""

import strawberry

from service.reception import commands
from service.reception.tables import VisitStageKind
from service.schema.carry import Payload, the
from service.schema.mutation import CommandInput, command, orders, required
from service.schema.reception.types import Visit


@strawberry.input(description="A reception has reached a stage.")
class NoteVisitStageInput(CommandInput):
    visit_id: strawberry.ID = required("The visit.")
    stage: VisitStageKind = required("The stage; each is noted once.")


@strawberry.type(description="`visit` is null exactly when `errors` is not empty.")
class NoteVisitStagePayload(Payload):
    visit: Visit | None = strawberry.field(default=None, description="The visit.")


@strawberry.type
class StagesMutation:
    note_visit_stage: NoteVisitStagePayload = command(
        commands.note_visit_stage,
        orders(commands.NoteVisitStage, visit_id="visit"),
        NoteVisitStageInput,
        NoteVisitStagePayload,
        the(visit=Visit),
        "Notes that a reception has reached a stage, signed by the instant of its receipt, on the"
        " visit's own day. It is for service levels and the funnel of `visitStatistics`, and"
        " changes nobody's ownership. Action `visit.note_stage`.",
    )
