"""A bonus scheme is made with its steps, and ended; another reward is another scheme."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from service.errors import InvalidInput, NotFound, Refusal
from service.organisation.codes import code_faults
from service.policies.access import Record
from service.scorecards.commands.scorecards import day_faults
from service.scorecards.events import BonusSchemeChanged
from service.scorecards.tables import BonusScheme, BonusStep
from service.targets.facts import locked, refuse_other_version
from service.targets.tables import MetricUnit
from service.tenants.texts import Texts, refuse_faults
from service.work import UnitOfWork

_MOST_STEPS: Final = 20
_MOST_BASIS_POINTS: Final = 1_000_000
_MOST_EACH: Final = 10**12


@dataclass(frozen=True, slots=True)
class WantedBonusStep:
    """From what attainment on each unit earns how much, in minor units."""

    from_basis_points: int
    amount_each: int


@dataclass(frozen=True, slots=True)
class CreateBonusScheme:
    """Reward each unit of a metric by how much of the target is reached.

    Attributes:
        metric_id: one that counts pieces.
        retroactive: the step that is reached is paid for every unit.
    """

    code: str
    names: Texts
    metric_id: UUID
    first_day: date
    steps: tuple[WantedBonusStep, ...]
    retroactive: bool = True
    last_day: date | None = None


async def create_bonus_scheme(work: UnitOfWork, order: CreateBonusScheme) -> UUID:
    """Add the scheme with its steps and return its id; it pays in the company's currency.

    Raises:
        Forbidden, NotFound (metric), AlreadyTaken (code), Refusals (form).
    """
    work.authorise("scorecard.edit", Record())
    refuse_faults(_faults(order))
    unit = await work.fetch_value(
        "SELECT unit FROM app.metric WHERE tenant_id = $1 AND id = $2 AND direction = 'HIGHER'"
        " AND retired_at IS NULL",
        work.tenant_id,
        order.metric_id,
    )
    if unit is None:
        raise NotFound(field=("input", "metricId"))
    if unit != MetricUnit.COUNT:
        raise InvalidInput(field=("input", "metricId"), expected="METRIC_OF_PIECES")
    scheme = BonusScheme(
        tenant_id=work.tenant_id,
        id=work.new_id(),
        created_at=work.now,
        created_by=work.caller.member_id,
        code=order.code,
        names=order.names.by_locale(),
        metric_id=order.metric_id,
        currency=work.tenant.currency,
        retroactive=order.retroactive,
        first_day=order.first_day,
        last_day=order.last_day,
    )
    work.add(scheme)
    for step in order.steps:
        work.add(
            BonusStep(
                tenant_id=work.tenant_id,
                id=work.new_id(),
                scheme_id=scheme.id,
                from_basis_points=step.from_basis_points,
                amount_each_minor=step.amount_each,
                currency=scheme.currency,
            )
        )
    work.concerns("bonus_scheme", scheme.id, code=order.code, steps=len(order.steps))
    work.emit(BonusSchemeChanged(scheme.id))
    return scheme.id


@dataclass(frozen=True, slots=True)
class EndBonusScheme:
    """Say the last day for which a scheme pays."""

    scheme_id: UUID
    last_day: date
    expected_version: int | None = None


async def end_bonus_scheme(work: UnitOfWork, order: EndBonusScheme) -> UUID:
    """Set the last day and return the scheme's id; locks it.

    Raises:
        Forbidden, NotFound, VersionConflict, InvalidInput (a day before its first).
    """
    work.authorise("scorecard.edit", Record())
    row = await locked(work, "bonus_scheme", order.scheme_id, ("input", "schemeId"))
    refuse_other_version(row, order.expected_version)
    refuse_faults(day_faults(row["first_day"], order.last_day))
    work.change(BonusScheme, order.scheme_id, {"last_day": order.last_day})
    work.concerns("bonus_scheme", order.scheme_id, last_day=order.last_day)
    work.emit(BonusSchemeChanged(order.scheme_id))
    return order.scheme_id


def _faults(order: CreateBonusScheme) -> Iterator[Refusal]:
    yield from code_faults(order.code)
    yield from order.names.faults(("input", "names"))
    yield from day_faults(order.first_day, order.last_day)
    different = len({step.from_basis_points for step in order.steps})
    if not 1 <= len(order.steps) <= _MOST_STEPS or different < len(order.steps):
        field = ("input", "steps")
        yield InvalidInput(field=field, expected="DIFFERENT_ENTRIES", least=1, most=_MOST_STEPS)
    for place, step in enumerate(order.steps):
        bounds = (
            ("fromBasisPoints", step.from_basis_points, _MOST_BASIS_POINTS),
            ("amountEach", step.amount_each, _MOST_EACH),
        )
        for name, figure, most in bounds:
            if not 0 <= figure <= most:
                at = ("input", "steps", str(place), name)
                yield InvalidInput(field=at, expected="FROM_TO", least=0, most=most)
