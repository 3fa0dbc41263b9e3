"""A scorecard is made with its lines, and ended; another weighing is another scorecard."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from service.errors import InvalidInput, NotFound, Refusal
from service.organisation.codes import code_faults
from service.policies.access import Record
from service.scorecards import errors as _errors  # noqa: F401 - registers what its constraints say
from service.scorecards.events import ScorecardChanged
from service.scorecards.tables import Scorecard, ScorecardLine, ScoreMethod
from service.targets.facts import locked, refuse_missing, refuse_other_version
from service.tenants.texts import Texts, refuse_faults
from service.work import UnitOfWork

_MOST_LINES: Final = 50
_MOST_WEIGHT: Final = 1_000_000
_MOST_BASIS_POINTS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class WantedLine:
    """A line of a scorecard, as it is asked for."""

    metric_id: UUID
    weight: int
    method: str = ScoreMethod.DIRECT.value
    cap_basis_points: int | None = None
    floor_basis_points: int | None = None


@dataclass(frozen=True, slots=True)
class CreateScorecard:
    """Weigh metrics into one score.

    Attributes:
        role_id, member_id: for whom; neither is for everybody, and for territories.
        last_day: none while it goes on.
    """

    code: str
    names: Texts
    first_day: date
    lines: tuple[WantedLine, ...]
    role_id: UUID | None = None
    member_id: UUID | None = None
    last_day: date | None = None


async def create_scorecard(work: UnitOfWork, order: CreateScorecard) -> UUID:
    """Add the scorecard with its lines and return its id.

    Raises:
        Forbidden, NotFound (metric, retired or not there, role, member), AlreadyTaken (code),
            Refusals (form).
    """
    work.authorise("scorecard.edit", Record())
    refuse_faults(_faults(order))
    await _refuse_missing_metrics(work, order)
    await refuse_missing(work, "role", order.role_id, ("input", "roleId"))
    await refuse_missing(work, "member", order.member_id, ("input", "memberId"))
    scorecard = Scorecard(
        tenant_id=work.tenant_id,
        id=work.new_id(),
        created_at=work.now,
        created_by=work.caller.member_id,
        code=order.code,
        names=order.names.by_locale(),
        role_id=order.role_id,
        member_id=order.member_id,
        first_day=order.first_day,
        last_day=order.last_day,
    )
    work.add(scorecard)
    for place, line in enumerate(order.lines, 1):
        work.add(
            ScorecardLine(
                tenant_id=work.tenant_id,
                id=work.new_id(),
                scorecard_id=scorecard.id,
                position=place,
                metric_id=line.metric_id,
                weight=line.weight,
                method=line.method,
                cap_basis_points=line.cap_basis_points,
                floor_basis_points=line.floor_basis_points,
            )
        )
    work.concerns("scorecard", scorecard.id, code=order.code, lines=len(order.lines))
    work.emit(ScorecardChanged(scorecard.id))
    return scorecard.id


@dataclass(frozen=True, slots=True)
class EndScorecard:
    """Say the last day on which a scorecard weighs."""

    scorecard_id: UUID
    last_day: date
    expected_version: int | None = None


async def end_scorecard(work: UnitOfWork, order: EndScorecard) -> UUID:
    """Set the last day and return the scorecard's id; locks it.

    Raises:
        Forbidden, NotFound, VersionConflict, InvalidInput (a day before its first).
    """
    work.authorise("scorecard.edit", Record())
    row = await locked(work, "scorecard", order.scorecard_id, ("input", "scorecardId"))
    refuse_other_version(row, order.expected_version)
    refuse_faults(day_faults(row["first_day"], order.last_day))
    work.change(Scorecard, order.scorecard_id, {"last_day": order.last_day})
    work.concerns("scorecard", order.scorecard_id, last_day=order.last_day)
    work.emit(ScorecardChanged(order.scorecard_id))
    return order.scorecard_id


def day_faults(first_day: date, last_day: date | None) -> Iterator[Refusal]:
    """Yield what is wrong with a last day."""
    if last_day is not None and last_day < first_day:
        yield InvalidInput(field=("input", "lastDay"), expected="AFTER_START")


async def _refuse_missing_metrics(work: UnitOfWork, order: CreateScorecard) -> None:
    rows = await work.fetch(
        "SELECT id FROM app.metric WHERE tenant_id = $1 AND id = ANY($2::uuid[])"
        " AND retired_at IS NULL",
        work.tenant_id,
        [line.metric_id for line in order.lines],
    )
    known = {row["id"] for row in rows}
    for place, line in enumerate(order.lines):
        if line.metric_id not in known:
            raise NotFound(field=("input", "lines", str(place), "metricId"))


def _faults(order: CreateScorecard) -> Iterator[Refusal]:
    yield from code_faults(order.code)
    yield from order.names.faults(("input", "names"))
    yield from day_faults(order.first_day, order.last_day)
    if order.role_id is not None and order.member_id is not None:
        yield InvalidInput(field=("input", "memberId"), expected="NOTHING")
    metrics = {line.metric_id for line in order.lines}
    if not 1 <= len(order.lines) <= _MOST_LINES or len(metrics) < len(order.lines):
        field = ("input", "lines")
        yield InvalidInput(field=field, expected="DIFFERENT_ENTRIES", least=1, most=_MOST_LINES)
    for place, line in enumerate(order.lines):
        bounds = (
            ("weight", line.weight, 1, _MOST_WEIGHT),
            ("capBasisPoints", line.cap_basis_points, 0, _MOST_BASIS_POINTS),
            ("floorBasisPoints", line.floor_basis_points, 0, _MOST_BASIS_POINTS),
        )
        for name, figure, least, most in bounds:
            if figure is not None and not least <= figure <= most:
                at = ("input", "lines", str(place), name)
                yield InvalidInput(field=at, expected="FROM_TO", least=least, most=most)
