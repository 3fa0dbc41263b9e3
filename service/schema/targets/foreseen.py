"""A change of a plan as it is asked for, and shown before it is made."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Final
from uuid import UUID

import strawberry
from strawberry.utils.str_converters import to_camel_case

from service.errors import NotFound, Refusal
from service.schema.context import Info
from service.schema.costs import BOARD, costs
from service.schema.mutation import is_set, optional, order_of, required
from service.schema.organisation.types import Member
from service.schema.planner.fallback import Reader
from service.schema.planner.mapping import mapping_of
from service.schema.scalars import BigInt
from service.schema.statistics.rows import in_rows, made_of, record_in_row
from service.schema.statistics.trees import MOST_NODES
from service.schema.targets.inputs import (
    TargetAdjustmentInput,
    TargetRedistributionInput,
    TargetSettingInput,
)
from service.schema.targets.types import TargetNode
from service.schema.targets.words import Holder, Proration, RevisionMode
from service.targets.commands.adjusting import AdjustTarget
from service.targets.commands.cascading import RedistributeTarget, ReviseTarget
from service.targets.commands.foreseeing import Change, Foreseen, foreseen
from service.targets.commands.nodes import SetTargetNode
from service.targets.commands.staffing import (
    FillVacancy,
    RampTarget,
    RelieveTarget,
    TransferTarget,
    VacateTarget,
)
from service.targets.commands.withdrawing import WithdrawRelief

_EFFECTIVE = "First day of the new figures: today or later."


@strawberry.input(description="A leave that is to be relieved, by its working days.")
class TargetReliefInput:
    node_id: strawberry.ID = required("His target; of a year, its open months are relieved.")
    away_from: date = required("First day of the leave.")
    away_until: date = required("Its last day.")
    effective_on: date = required(_EFFECTIVE)
    holder: Holder = strawberry.field(
        default=Holder.MANAGER, description="Who has what is taken off."
    )
    threshold_days: int = strawberry.field(
        default=3, description="A leave of fewer working days relieves nothing."
    )


@strawberry.input(description="A relief that is to be taken back.")
class ReliefWithdrawalInput:
    change_id: strawberry.ID = required(
        "Any change of `targetChanges` that the relief made; all of them are taken back."
    )
    effective_on: date = required(
        "First day without it: today or later, not before the relief's own, and in the last period"
        " that it relieves or earlier. Periods that are over by then keep what they have."
    )


@strawberry.input(description="A target that is to grow for somebody new.")
class TargetRampInput:
    node_id: strawberry.ID = required("His target.")
    starts_on: date = required("His first day of work.")
    ramp_basis_points: list[int] = required(
        "Share of the first month, of the second...: 1 to 60, each 0 to 10,000; full after them."
    )
    effective_on: date = required(_EFFECTIVE)
    by_anniversary: bool = strawberry.field(
        name="countedFromStart",
        default=False,
        description="Whether months count from his first day, and not by the calendar.",
    )


@strawberry.input(description="Somebody is to go to another seat on a day.")
class TargetTransferInput:
    node_id: strawberry.ID = required("His target at the old place.")
    seat_node_id: strawberry.ID = required("The target of the seat he takes.")
    effective_on: date = required(_EFFECTIVE)
    proration: Proration = strawberry.field(
        default=Proration.CALENDAR, description="How the period of the day is divided."
    )


@strawberry.input(description="A seat that is to become vacant.")
class TargetVacancyInput:
    node_id: strawberry.ID = required("His target.")
    effective_on: date = required(_EFFECTIVE)
    credited: BigInt | None = optional(
        "What he has reached in the period of that day, in whole units: he keeps it. Left out, what"
        " counted for him in it before the day, by the ledger of the moment."
    )


@strawberry.input(description="A vacant seat that is to be taken.")
class VacancyFillingInput:
    node_id: strawberry.ID = required("The vacancy's target.")
    member_id: strawberry.ID = required("Who takes it.")
    effective_on: date = required(_EFFECTIVE)


@strawberry.input(description="A published target of the whole plan is to get another figure.")
class TargetRevisionInput:
    node_id: strawberry.ID = required("The target, with none above it.")
    figure: BigInt = required("The new one, in whole units of the metric.")
    effective_on: date = required(_EFFECTIVE)
    mode: RevisionMode = strawberry.field(
        default=RevisionMode.KEEP_CLOSED, description="What the open periods have to make."
    )
    credited: BigInt | None = optional(
        "What was reached in the periods right below the target that end before `effectiveOn`;"
        " given with CARRY_SHORTFALL alone. Left out, what counted in them, by the ledger of the"
        " moment: of the target's unit or territory with all below it, and of everything where"
        " it is the company's."
    )


@strawberry.input(one_of=True, description="The change that is to be shown: one of these.")
class TargetChangePreviewInput:
    adjust: TargetAdjustmentInput | None = optional("As `adjustTarget`.")
    relieve: TargetReliefInput | None = optional("As `relieveTarget`.")
    withdraw_relief: ReliefWithdrawalInput | None = optional("As `withdrawRelief`.")
    ramp: TargetRampInput | None = optional("As `rampTarget`.")
    transfer: TargetTransferInput | None = optional("As `transferTarget`.")
    vacate: TargetVacancyInput | None = optional("As `vacateTarget`.")
    fill_vacancy: VacancyFillingInput | None = optional("As `fillVacancy`.")
    revise: TargetRevisionInput | None = optional("As `reviseTarget`.")
    set_node: TargetSettingInput | None = optional("As `setTargetNode`, in an open plan.")
    redistribute: TargetRedistributionInput | None = optional(
        "As `redistributeTarget`, in an open plan."
    )


@in_rows
@strawberry.type(description="What a change would do to one target.")
class TargetChangePart:
    node: TargetNode | None = record_in_row(
        "TargetNode", "The target; null where the change would make it."
    )
    parent: TargetNode | None = record_in_row(
        "TargetNode", "The one it is a part of; null where that would be made, or is out of sight."
    )
    in_place_of: TargetNode | None = record_in_row(
        "TargetNode",
        "Of one that would be made for somebody: whose place, metric and days it has; else null.",
    )
    member: Member | None = record_in_row("Member", "Whose it is, or would be.")
    unassigned: bool = strawberry.field(description="Whether it is what nobody is assigned.")
    vacant: bool = strawberry.field(description="Whether its seat is vacant, or would be.")
    before: BigInt = strawberry.field(
        description="What is in force of it on the first day of the change, or set of an open plan,"
        " in whole units."
    )
    after: BigInt = strawberry.field(
        description="What would be in force of it on that day, or set."
    )
    difference: BigInt = strawberry.field(
        description="What it would gain from that day on; below 0, lose."
    )


@strawberry.type(description="A change of a plan that is not made.")
class TargetChangePreview:
    plan_version: int = strawberry.field(
        description="The plan's version it stands on: sent back as `expectedVersion`"
        " (`expectedPlanVersion` of `setTargetNode`), exactly this change is made, or none."
    )
    effective_on: date = strawberry.field(
        description="The first day of the new figures; of an open plan, its first day."
    )
    parts: list[TargetChangePart] = strawberry.field(
        description=f"Every target in sight that would change: the first {MOST_NODES:,}."
    )
    part_count: int = strawberry.field(description="How many targets in sight would change.")


_ORDERS: Final[Mapping[str, tuple[type, Mapping[str, str]]]] = {
    "adjust": (AdjustTarget, {"node_id": "target_node"}),
    "relieve": (RelieveTarget, {"node_id": "target_node"}),
    "withdraw_relief": (WithdrawRelief, {"change_id": "target_change"}),
    "ramp": (RampTarget, {"node_id": "target_node"}),
    "transfer": (TransferTarget, {"node_id": "target_node", "seat_node_id": "target_node"}),
    "vacate": (VacateTarget, {"node_id": "target_node"}),
    "fill_vacancy": (FillVacancy, {"node_id": "target_node", "member_id": "member"}),
    "revise": (ReviseTarget, {"node_id": "target_node"}),
    "set_node": (SetTargetNode, {"node_id": "target_node"}),
    "redistribute": (RedistributeTarget, {"node_id": "target_node"}),
}
_UNEXPLAINED: Final = frozenset({"set_node", "redistribute"})
"""What takes no reason."""
_KINDS: Final = {"target_node": "TargetNode", "target_change": "TargetChange"}


def _asked(sent: TargetChangePreviewInput) -> tuple[str, Any]:
    for name in _ORDERS:
        value = getattr(sent, name)
        if is_set(value) and value is not None:
            return name, value
    raise NotFound(field=("input",))


async def _in_sight(reader: Reader, order: Change, ids: Mapping[str, str]) -> None:
    """Refuse a target or a change that the caller does not see, as if it were not there.

    Raises:
        NotFound.
    """
    for name, kind in ids.items():
        if kind in _KINDS and not await reader.one(mapping_of(_KINDS[kind]), getattr(order, name)):
            raise NotFound(field=("input", to_camel_case(name)))


async def _seen(reader: Reader, found: Sequence[Foreseen]) -> list[Foreseen]:
    """Return those that are in sight: one that would be made, where what it is made of is."""

    def place(one: Foreseen) -> UUID | None:
        return one.node_id or one.like_id or one.parent_id

    rows = await reader.fetch(
        lambda statement: (
            f"SELECT t.id {statement.rows_of(mapping_of('TargetNode'))}"
            f" AND t.id = ANY({statement.place([place(one) for one in found], 'uuid[]')})"
        )
    )
    seen = {row["id"] for row in rows}
    return [one for one in found if place(one) in seen]


def _part(one: Foreseen) -> TargetChangePart:
    return made_of(
        TargetChangePart,
        {
            "node": one.node_id,
            "parent": one.parent_id,
            "in_place_of": one.like_id,
            "member": one.member_id,
            "unassigned": one.is_unassigned,
            "vacant": one.is_vacancy,
            "before": BigInt(one.before),
            "after": BigInt(one.after),
            "difference": BigInt(one.after - one.before),
        },
    )


@strawberry.type
class TargetChangePreviewQuery:
    @strawberry.field(
        description="What a change of a plan would do to every target in the caller's sight, before"
        " he makes it; nothing is written. It asks and refuses what the command"
        " would.",
        metadata=costs(BOARD),
    )
    async def preview_target_change(
        self,
        info: Info,
        input: Annotated[TargetChangePreviewInput, strawberry.argument(description="The change.")],
    ) -> TargetChangePreview:
        reader = await info.context.reader()
        name, sent = _asked(input)
        kind, ids = _ORDERS[name]
        try:
            unasked = {} if name in _UNEXPLAINED else {"reason": ""}
            order: Change = order_of(kind, sent, ids, **unasked)
            await _in_sight(reader, order, ids)
            found = await reader.within(lambda sight: foreseen(sight, order))
        except Refusal as refusal:
            if refusal.field[:1] == ("input",):
                refusal.field = ("input", to_camel_case(name), *refusal.field[1:])
            raise
        shown = await _seen(reader, found.targets)
        return TargetChangePreview(
            plan_version=found.plan_version,
            effective_on=found.on,
            parts=[_part(one) for one in shown[:MOST_NODES]],
            part_count=len(shown),
        )
