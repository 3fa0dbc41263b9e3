"""Duties: one line of a duty sheet, with what it permits, measures and makes somebody owe."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from service.errors import InvalidInput, Refusal
from service.organisation import facts
from service.organisation.access import judge, one_at_a_time, replace_field
from service.organisation.actors import duty_code
from service.organisation.codes import code_faults
from service.organisation.events import RightsChanged
from service.organisation.obligations import Obligation, obligation_faults
from service.organisation.tables import Duty, DutyPermission
from service.policies.access import NO_LIMIT, PolicyRow, Record, check_row
from service.tenants.texts import Texts, line_faults, refuse_faults
from service.work import UnitOfWork

DUTY = ("input", "dutyId")
_MOST_PERMISSIONS = 100
_MOST_SOURCES = 50
_LONGEST_WORDING = 500


@dataclass(frozen=True, slots=True)
class Permission:
    """One row of authority: the action within the scope, up to the limit if there is one."""

    object: str
    action: str
    scope: str
    limit: str | None = None
    effect: str = "allow"


@dataclass(frozen=True, slots=True)
class CreateDuty:
    """Write a duty: its wording, its permissions, its metric, and what it makes one owe."""

    code: str
    wording: Texts
    permissions: tuple[Permission, ...] = ()
    metric: str | None = None
    obligation: Obligation | None = None
    sources: tuple[str, ...] = ()


async def create_duty(work: UnitOfWork, order: CreateDuty) -> UUID:
    """Add a duty and return its id; no role has it yet. Locks the tenant.

    Raises:
        Forbidden, AlreadyTaken (code), Refusals (form, each permission by its position).
    """
    await one_at_a_time(work)
    work.authorise("duty.create", Record())
    refuse_faults(
        (
            *code_faults(order.code),
            *order.wording.faults(("input", "wording"), _LONGEST_WORDING),
            *_permission_faults(order.permissions),
            *_source_faults(order.sources),
            *_obligation_faults(order.obligation),
        )
    )
    await facts.refuse_taken(work, "duty", order.code)
    await _refuse_unknown_metric(work, order.metric)
    duty = Duty(
        tenant_id=work.tenant_id,
        id=work.new_id(),
        code=order.code,
        wording=order.wording.by_locale(),
        sources=list(order.sources),
        metric=order.metric,
        obligation=order.obligation.stored() if order.obligation else None,
        created_at=work.now,
        created_by=work.caller.member_id,
    )
    work.add(duty)
    _add_permissions(work, duty.id, order.permissions)
    await judge(work)
    work.emit(RightsChanged(duty.id))
    work.concerns("duty", duty.id, code=order.code, permissions=order.permissions)
    return duty.id


@dataclass(frozen=True, slots=True)
class EditDuty:
    """Change a duty; what is None stays, `permissions` replaces the whole list.

    Attributes:
        without_metric, without_obligation: take it away.
    """

    duty_id: UUID
    expected_version: int
    wording: Texts | None = None
    permissions: tuple[Permission, ...] | None = None
    metric: str | None = None
    without_metric: bool = False
    obligation: Obligation | None = None
    without_obligation: bool = False


async def edit_duty(work: UnitOfWork, order: EditDuty) -> UUID:
    """Change a duty for all who have it, from their next request on; locks tenant, then duty.

    Raises:
        Forbidden, NotFound, VersionConflict, WouldLockOut, BeyondOwnRights (a stand-in would raise
        himself), Refusals (form).
    """
    await one_at_a_time(work)
    row = await facts.in_force(work, "duty", order.duty_id, DUTY)
    verdict = work.authorise("duty.edit", Record())
    facts.refuse_other_version(row, order.expected_version)
    refuse_faults(
        (
            *(
                order.wording.faults(("input", "wording"), _LONGEST_WORDING)
                if order.wording
                else ()
            ),
            *_permission_faults(order.permissions or ()),
            *_obligation_faults(order.obligation),
        )
    )
    await _refuse_unknown_metric(work, order.metric)
    changes = _changes(order)
    if order.permissions is not None:
        await _replace_permissions(work, row["id"], order.permissions)
    work.change(Duty, row["id"], changes)
    await judge(work, verdict)
    work.emit(RightsChanged(row["id"]))
    work.concerns("duty", row["id"], permissions=order.permissions, **changes)
    return order.duty_id


@dataclass(frozen=True, slots=True)
class RetireDuty:
    """Take a duty out of use: every role loses it."""

    duty_id: UUID
    expected_version: int


async def retire_duty(work: UnitOfWork, order: RetireDuty) -> UUID:
    """Retire a duty; locks the tenant, then the duty. Decisions made under it keep its wording.

    Raises:
        Forbidden, NotFound, VersionConflict, WouldLockOut, BeyondOwnRights (a stand-in would raise
        himself).
    """
    await one_at_a_time(work)
    row = await facts.in_force(work, "duty", order.duty_id, DUTY)
    verdict = work.authorise("duty.retire", Record())
    facts.refuse_other_version(row, order.expected_version)
    work.change(Duty, row["id"], {"retired_at": work.now})
    await judge(work, verdict)
    work.emit(RightsChanged(row["id"]))
    work.concerns("duty", row["id"], code=row["code"])
    return order.duty_id


def _changes(order: EditDuty) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if order.wording is not None:
        changes["wording"] = order.wording.by_locale()
    if order.metric is not None or order.without_metric:
        changes["metric"] = order.metric
    if order.obligation is not None or order.without_obligation:
        changes["obligation"] = order.obligation.stored() if order.obligation else None
    return changes


async def _replace_permissions(
    work: UnitOfWork, duty_id: UUID, permissions: Sequence[Permission]
) -> None:
    rows = await work.fetch(
        "SELECT id FROM app.duty_permission WHERE tenant_id = $1 AND duty_id = $2",
        work.tenant_id,
        duty_id,
    )
    if rows:
        work.remove(DutyPermission, [row["id"] for row in rows])
    _add_permissions(work, duty_id, permissions)


def _add_permissions(work: UnitOfWork, duty_id: UUID, permissions: Sequence[Permission]) -> None:
    for permission in permissions:
        work.add(
            DutyPermission(
                tenant_id=work.tenant_id,
                id=work.new_id(),
                duty_id=duty_id,
                object=permission.object,
                action=permission.action,
                scope=permission.scope,
                limit=None if permission.limit in (None, NO_LIMIT) else permission.limit,
                effect=permission.effect,
            )
        )


def _permission_faults(permissions: Sequence[Permission]) -> Iterator[Refusal]:
    field = ("input", "permissions")
    if len(permissions) > _MOST_PERMISSIONS:
        yield InvalidInput(field=field, expected="AT_MOST_ENTRIES", most=_MOST_PERMISSIONS)
        return
    seen: set[tuple[str, str, str]] = set()
    for position, one in enumerate(permissions):
        limit = NO_LIMIT if one.limit is None else one.limit
        # The code of the duty is judged where it is chosen; here any good one will do.
        row = PolicyRow(duty_code("x"), one.object, one.action, one.scope, limit, one.effect)
        for problem in check_row(row):
            yield replace_field(problem, (*field, str(position), *problem.field))
        key = (one.object, one.action, one.effect)
        if key in seen:
            where = (*field, str(position), "action")
            yield InvalidInput(field=where, expected="WIDEST_SCOPE_ONCE")
        seen.add(key)


def _source_faults(sources: Sequence[str]) -> Iterator[Refusal]:
    if len(sources) > _MOST_SOURCES:
        field = ("input", "sources")
        yield InvalidInput(field=field, expected="AT_MOST_ENTRIES", most=_MOST_SOURCES)
        return
    for position, source in enumerate(sources):
        yield from line_faults(source, ("input", "sources", str(position)), 64)


def _obligation_faults(obligation: Obligation | None) -> Iterator[Refusal]:
    if obligation is not None:
        yield from obligation_faults(obligation, ("input", "obligation"))


async def _refuse_unknown_metric(work: UnitOfWork, metric: str | None) -> None:
    if metric is None:
        return
    known = await work.fetch_value(
        "SELECT coalesce(array_agg(substr(code, 8) ORDER BY code), '{}') FROM app.term"
        " WHERE tenant_id = $1 AND starts_with(code, 'metric.')",
        work.tenant_id,
    )
    if metric not in known:
        raise InvalidInput(field=("input", "metric"), expected="ONE_OF", choices=tuple(known))
