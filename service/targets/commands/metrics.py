"""Metrics are made, renamed and retired; what has been counted by one stays."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from service.errors import InvalidInput, Refusal
from service.money import is_currency
from service.policies.access import Record
from service.targets import facts
from service.targets.events import MetricChanged
from service.targets.tables import (
    CountingEvent,
    Metric,
    MetricBusiness,
    MetricDirection,
    MetricUnit,
)
from service.tenants.texts import Texts, line_faults, refuse_faults
from service.work import UnitOfWork

_CODE: Final = re.compile(r"[A-Z][A-Z0-9_]{0,63}", re.ASCII)
_MOST_PRODUCTS: Final = 1_000
_LONGEST_PRODUCT: Final = 64
_METRIC: Final = ("input", "metricId")


@dataclass(frozen=True, slots=True)
class CreateMetric:
    """Add something a target may be set on.

    Attributes:
        currency: of a MONEY metric; the tenant's when left out. Others have none.
        product_codes: only these count; none means all.
        new_only: only a customer's first order counts.
        launch_first_day, launch_last_day: the window in which a product counts as new.
    """

    code: str
    names: Texts
    unit: str
    counting_event: str
    direction: str = MetricDirection.HIGHER.value
    currency: str | None = None
    business: str = MetricBusiness.ALL.value
    product_codes: tuple[str, ...] = ()
    new_only: bool = False
    launch_first_day: date | None = None
    launch_last_day: date | None = None


async def create_metric(work: UnitOfWork, order: CreateMetric) -> UUID:
    """Add the metric and return its id.

    Raises:
        Forbidden, AlreadyTaken (code), Refusals (form).
    """
    work.authorise("metric.edit", Record())
    refuse_faults(_faults(order))
    in_money = order.unit == MetricUnit.MONEY
    metric = Metric(
        tenant_id=work.tenant_id,
        id=work.new_id(),
        created_at=work.now,
        created_by=work.caller.member_id,
        code=order.code,
        names=order.names.by_locale(),
        unit=order.unit,
        currency=(order.currency or work.tenant.currency) if in_money else None,
        direction=order.direction,
        counting_event=order.counting_event,
        business=order.business,
        product_codes=list(order.product_codes),
        new_only=order.new_only,
        launch_first_day=order.launch_first_day,
        launch_last_day=order.launch_last_day,
    )
    work.add(metric)
    work.concerns("metric", metric.id, code=metric.code)
    work.emit(MetricChanged(metric.id))
    return metric.id


@dataclass(frozen=True, slots=True)
class EditMetric:
    """Rename a metric; what it counts stays, or past figures would mean something else."""

    metric_id: UUID
    expected_version: int
    names: Texts


async def edit_metric(work: UnitOfWork, order: EditMetric) -> UUID:
    """Rename the metric and return its id; locks it.

    Raises:
        Forbidden, NotFound, VersionConflict, Refusals (form).
    """
    work.authorise("metric.edit", Record())
    row = await facts.locked(work, "metric", order.metric_id, _METRIC)
    facts.refuse_other_version(row, order.expected_version)
    refuse_faults(order.names.faults(("input", "names")))
    await _changed(work, order.metric_id, {"names": order.names.by_locale()})
    return order.metric_id


@dataclass(frozen=True, slots=True)
class RetireMetric:
    """No further plan is set on a metric; plans that have it keep it."""

    metric_id: UUID
    expected_version: int


async def retire_metric(work: UnitOfWork, order: RetireMetric) -> UUID:
    """Retire the metric and return its id; locks it.

    Raises:
        Forbidden, NotFound, VersionConflict.
    """
    work.authorise("metric.edit", Record())
    row = await facts.locked(work, "metric", order.metric_id, _METRIC)
    facts.refuse_other_version(row, order.expected_version)
    if row["retired_at"] is None:
        await _changed(work, order.metric_id, {"retired_at": work.now})
    return order.metric_id


async def _changed(work: UnitOfWork, metric_id: UUID, changes: dict[str, Any]) -> None:
    work.change(Metric, metric_id, changes)
    work.concerns("metric", metric_id, **changes)
    work.emit(MetricChanged(metric_id))


def _faults(order: CreateMetric) -> Iterator[Refusal]:
    if _CODE.fullmatch(order.code) is None:
        yield InvalidInput(field=("input", "code"), expected="METRIC_CODE")
    yield from order.names.faults(("input", "names"))
    in_money = order.unit == MetricUnit.MONEY
    if order.currency is not None and not in_money:
        yield InvalidInput(field=("input", "currency"), expected="NOTHING")
    if order.currency is not None and not is_currency(order.currency):
        yield InvalidInput(field=("input", "currency"), expected="CURRENCY")
    if len(order.product_codes) > _MOST_PRODUCTS:
        field = ("input", "productCodes")
        yield InvalidInput(field=field, expected="AT_MOST_ENTRIES", most=_MOST_PRODUCTS)
    for place, code in enumerate(order.product_codes[:_MOST_PRODUCTS]):
        yield from line_faults(code, ("input", "productCodes", str(place)), _LONGEST_PRODUCT)
    new = order.new_only or order.counting_event == CountingEvent.NEW_CUSTOMER
    if order.business == MetricBusiness.EXISTING and new:
        # Whoever is new has no business that was there before: it would count nothing, ever.
        choices = (MetricBusiness.ALL.value, MetricBusiness.INCREMENTAL.value)
        yield InvalidInput(field=("input", "business"), expected="ONE_OF", choices=choices)
    first, last = order.launch_first_day, order.launch_last_day
    if first is not None and last is not None and last < first:
        yield InvalidInput(field=("input", "launchLastDay"), expected="AFTER_START")
