"""A plan's season: what should have come by which day, where not every day weighs the same."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from service.errors import NotFound
from service.policies.access import Record
from service.targets import facts
from service.targets.events import TargetPlanChanged
from service.targets.queries import curve_faults
from service.targets.tables import SeasonStep, TargetPlan
from service.tenants.texts import refuse_faults
from service.work import UnitOfWork


@dataclass(frozen=True, slots=True)
class WantedStep:
    """A step of a season: its last day, and its weight beside the others'."""

    last_day: date
    weight: int


@dataclass(frozen=True, slots=True)
class SetTargetSeason:
    """Say how a plan's days weigh; no steps let every working day weigh the same.

    Attributes:
        metric_id: for this metric; left out, for those that have none of their own.
        steps: in order, from the plan's first day to its last.
    """

    plan_id: UUID
    steps: tuple[WantedStep, ...]
    metric_id: UUID | None = None


async def set_target_season(work: UnitOfWork, order: SetTargetSeason) -> UUID:
    """Put the steps in the place of what was set before, and return the plan's id; locks it.

    A published plan's season stays: the pace of a past day is what it was (I3).

    Raises:
        Forbidden, NotFound (plan, metric), TargetPlanNotOpen, Refusals (form).
    """
    work.authorise("target_plan.edit", Record())
    plan = await facts.open_plan(work, order.plan_id)
    steps = [(step.last_day, step.weight) for step in order.steps]
    refuse_faults(curve_faults(plan["first_day"], plan["last_day"], steps, "steps"))
    if order.metric_id is not None and not await work.fetch_value(
        "SELECT true FROM app.metric WHERE tenant_id = $1 AND id = $2 AND retired_at IS NULL",
        work.tenant_id,
        order.metric_id,
    ):
        raise NotFound(field=("input", "metricId"))
    former = await work.fetch(
        "SELECT id FROM app.season_step WHERE tenant_id = $1 AND plan_id = $2"
        " AND metric_id IS NOT DISTINCT FROM $3",
        work.tenant_id,
        order.plan_id,
        order.metric_id,
    )
    work.remove(SeasonStep, [row["id"] for row in former])
    await work.flush()
    first = plan["first_day"]
    for last_day, weight in steps:
        work.add(
            SeasonStep(
                tenant_id=work.tenant_id,
                id=work.new_id(),
                plan_id=order.plan_id,
                metric_id=order.metric_id,
                first_day=first,
                last_day=last_day,
                weight=weight,
            )
        )
        first = date.fromordinal(last_day.toordinal() + 1)
    work.change(TargetPlan, order.plan_id, {"state": plan["state"]})
    work.concerns("target_plan", order.plan_id, season=len(steps), metric=order.metric_id)
    work.emit(TargetPlanChanged(order.plan_id, plan["state"]))
    return order.plan_id
