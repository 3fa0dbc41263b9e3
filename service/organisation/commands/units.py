"""The company tree: dated, without circles."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from service.database.session import Row
from service.errors import InvalidInput, NotFound, Refusal
from service.organisation import rules
from service.organisation.access import bump, one_at_a_time
from service.organisation.codes import code_faults
from service.organisation.errors import SpanInvalid, StillInUse, TreeWouldCircle
from service.organisation.facts import locked, refuse_other_version, refuse_taken
from service.organisation.moving import keep_former_parent
from service.organisation.tables import OrgUnit
from service.policies.access import Record
from service.tenants.texts import Texts, refuse_faults
from service.work import UnitOfWork

UNIT = ("input", "orgUnitId")
PARENT = ("input", "parentId")


@dataclass(frozen=True, slots=True)
class CreateOrgUnit:
    """Add a unit below another, from a day on (None: today); no parent makes another root."""

    code: str
    kind: str
    names: Texts
    parent_id: UUID | None = None
    valid_from: date | None = None


async def create_org_unit(work: UnitOfWork, order: CreateOrgUnit) -> UUID:
    """Add a unit and return its id; locks the tenant.

    Raises:
        Forbidden, NotFound (parent), AlreadyTaken (code), SpanInvalid.
    """
    await one_at_a_time(work)
    work.authorise("org_unit.create", Record(org_unit_id=order.parent_id))
    refuse_faults((*code_faults(order.code), *_faults(order.names)))
    await refuse_taken(work, "org_unit", order.code)
    await refuse_unknown_kind(work, f"org_level.{order.kind}", ("input", "kind"))
    first_day = order.valid_from or work.today
    if order.parent_id is not None:
        parent = await locked(work, "org_unit", order.parent_id, PARENT)
        _refuse_outside(parent, first_day)
    unit = OrgUnit(
        tenant_id=work.tenant_id,
        id=work.new_id(),
        code=order.code,
        kind=order.kind,
        names=order.names.by_locale(),
        parent_id=order.parent_id,
        valid_from=first_day,
        created_at=work.now,
        created_by=work.caller.member_id,
    )
    work.add(unit)
    bump(work)
    work.concerns("org_unit", unit.id, code=order.code, parent=order.parent_id)
    return unit.id


@dataclass(frozen=True, slots=True)
class EditOrgUnit:
    """Rename a unit, or move it with all below it; what is None stays.

    Attributes:
        parent_id: the new parent; only with `moved`, since None is also a place: the root.
    """

    org_unit_id: UUID
    expected_version: int
    names: Texts | None = None
    kind: str | None = None
    moved: bool = False
    parent_id: UUID | None = None


async def edit_org_unit(work: UnitOfWork, order: EditOrgUnit) -> UUID:
    """Change a unit; locks the tenant, then the unit.

    Raises:
        Forbidden (here or at the new place), NotFound, VersionConflict, TreeWouldCircle.
    """
    await one_at_a_time(work)
    row = await locked(work, "org_unit", order.org_unit_id, UNIT)
    work.authorise("org_unit.edit", Record(org_unit_id=row["id"]))
    refuse_other_version(row, order.expected_version)
    refuse_faults(_faults(order.names))
    changes: dict[str, Any] = {}
    if order.names is not None:
        changes["names"] = order.names.by_locale()
    if order.kind is not None:
        await refuse_unknown_kind(work, f"org_level.{order.kind}", ("input", "kind"))
        changes["kind"] = order.kind
    if order.moved:
        await _refuse_move(work, row, order.parent_id)
        changes["parent_id"] = order.parent_id
        keep_former_parent(work, row["id"])
    work.change(OrgUnit, row["id"], changes)
    bump(work)
    work.concerns("org_unit", row["id"], changes=changes)
    return order.org_unit_id


@dataclass(frozen=True, slots=True)
class RetireOrgUnit:
    """Close a unit: `valid_until` is the first day without it (None: from today on)."""

    org_unit_id: UUID
    expected_version: int
    valid_until: date | None = None


async def retire_org_unit(work: UnitOfWork, order: RetireOrgUnit) -> UUID:
    """Close a unit nothing stands on any more; locks the tenant, then the unit.

    Raises:
        Forbidden, NotFound, VersionConflict, SpanInvalid, or StillInUse: units below it, offices,
        members or sites remain.
    """
    await one_at_a_time(work)
    row = await locked(work, "org_unit", order.org_unit_id, UNIT)
    work.authorise("org_unit.retire", Record(org_unit_id=row["id"]))
    refuse_other_version(row, order.expected_version)
    today = work.today
    until = order.valid_until or today
    # What is closed stays so: of the days since there was no such unit.
    closed = row["valid_until"] is not None and row["valid_until"] <= today
    if closed or until < today or until <= row["valid_from"]:
        raise SpanInvalid(field=("input", "validUntil"))
    uses = await work.fetch_value(
        "SELECT (SELECT count(*) FROM app.org_unit WHERE tenant_id = $1 AND parent_id = $2"
        "   AND (valid_until IS NULL OR valid_until > $3))"
        " + (SELECT count(*) FROM app.assignment WHERE tenant_id = $1 AND org_unit_id = $2"
        "   AND (valid_until IS NULL OR valid_until > $4))"
        " + (SELECT count(*) FROM app.member WHERE tenant_id = $1 AND org_unit_id = $2"
        "   AND state = 'ACTIVE')"
        " + (SELECT count(*) FROM app.site WHERE tenant_id = $1 AND org_unit_id = $2)",
        work.tenant_id,
        row["id"],
        until,
        work.now,
    )
    if uses:
        raise StillInUse(field=UNIT, uses=uses)
    work.change(OrgUnit, row["id"], {"valid_until": until})
    bump(work)
    work.concerns("org_unit", row["id"], valid_until=until)
    return order.org_unit_id


async def refuse_unknown_kind(work: UnitOfWork, term: str, field: tuple[str, ...]) -> None:
    """Refuse a level or dimension the tenant has no word for.

    Raises:
        InvalidInput: names those it has.
    """
    prefix = term.partition(".")[0] + "."
    rows = await work.fetch(
        "SELECT code FROM app.term WHERE tenant_id = $1 AND starts_with(code, $2) ORDER BY code",
        work.tenant_id,
        prefix,
    )
    known = [row["code"] for row in rows]
    if term not in known:
        names = tuple(code.removeprefix(prefix) for code in known)
        raise InvalidInput(field=field, expected="ONE_OF", choices=names)


async def _refuse_move(work: UnitOfWork, row: Row, parent_id: UUID | None) -> None:
    work.authorise("org_unit.create", Record(org_unit_id=parent_id))
    rows = await work.fetch(
        "SELECT id, parent_id, valid_from, valid_until FROM app.org_unit WHERE tenant_id = $1",
        work.tenant_id,
    )
    units = {unit["id"]: unit for unit in rows}
    if parent_id is None:
        return
    if parent_id not in units:
        raise NotFound(field=PARENT)
    if rules.circles({id_: unit["parent_id"] for id_, unit in units.items()}, row["id"], parent_id):
        raise TreeWouldCircle(field=PARENT)
    _refuse_outside(units[parent_id], max(row["valid_from"], work.now.date()))


def _refuse_outside(parent: Row, first_day: date) -> None:
    """Refuse a unit that would stand below one not yet open or already closed on that day."""
    until = parent["valid_until"]
    if parent["valid_from"] > first_day or (until is not None and until <= first_day):
        raise SpanInvalid(field=PARENT)


def _faults(names: Texts | None) -> Iterator[Refusal]:
    if names is not None:
        yield from names.faults(("input", "names"))
