"""What is done to the conduct checklist, and with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from service.errors import FieldPath, InvalidInput, NotFound
from service.inspections import errors as _errors  # noqa: F401 - registers what its constraints say
from service.inspections.events import InspectionItemChanged, InspectionRecorded
from service.inspections.tables import (
    Inspection,
    InspectionFinding,
    InspectionItem,
    InspectionPart,
)
from service.policies.access import Record
from service.tenants.texts import Texts, refuse_faults
from service.work import UnitOfWork

_LONGEST_CODE, _LONGEST_WORDING, _LONGEST_NOTE, _LONGEST_REMARK = 64, 500, 500, 2000
_MOST_FINDINGS = 200
_MOST_POSITION = 10_000


@dataclass(frozen=True, slots=True)
class CreateInspectionItem:
    """The tenant adds something that is looked at.

    Attributes:
        position: its place among the others, ascending.
    """

    code: str
    part: str
    wording: Texts
    position: int = 0


async def create_inspection_item(work: UnitOfWork, order: CreateInspectionItem) -> UUID:
    """Add the item and return its id.

    Raises:
        Forbidden, InvalidInput, AlreadyTaken: a code is never used again.
    """
    work.authorise("inspection_item.edit", Record())
    if not 1 <= len(order.code.strip()) <= _LONGEST_CODE:
        field = ("input", "code")
        raise InvalidInput(field=field, expected="CHARACTERS", least=1, most=_LONGEST_CODE)
    if order.part not in InspectionPart.__members__:
        choices = tuple(InspectionPart.__members__)
        raise InvalidInput(field=("input", "part"), expected="ONE_OF", choices=choices)
    if not 0 <= order.position <= _MOST_POSITION:
        field = ("input", "position")
        raise InvalidInput(field=field, expected="FROM_TO", least=0, most=_MOST_POSITION)
    refuse_faults(order.wording.faults(("input", "wording"), _LONGEST_WORDING))
    item = InspectionItem(
        tenant_id=work.tenant_id,
        id=work.new_id(),
        created_at=work.now,
        created_by=work.caller.member_id,
        code=order.code.strip(),
        part=order.part,
        position=order.position,
        names=order.wording.by_locale(),
    )
    work.add(item)
    work.concerns("inspection_item", item.id, code=item.code)
    work.emit(InspectionItemChanged(item.id))
    return item.id


@dataclass(frozen=True, slots=True)
class RetireInspectionItem:
    """Something is not looked at any more; what was found of it stays."""

    item_id: UUID


async def retire_inspection_item(work: UnitOfWork, order: RetireInspectionItem) -> UUID:
    """Retire the item and return its id; a second time changes nothing. Locks the item.

    Raises:
        NotFound, Forbidden.
    """
    work.authorise("inspection_item.edit", Record())
    row = await work.fetch_one(
        "SELECT retired_at FROM app.inspection_item WHERE tenant_id = $1 AND id = $2"
        " FOR NO KEY UPDATE",
        work.tenant_id,
        order.item_id,
    )
    if row is None:
        raise NotFound(field=("input", "itemId"))
    if row["retired_at"] is None:
        work.change(InspectionItem, order.item_id, {"retired_at": work.now})
        work.emit(InspectionItemChanged(order.item_id))
    work.concerns("inspection_item", order.item_id)
    return order.item_id


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one item."""

    item_id: UUID
    met: bool
    remark: str | None = None


@dataclass(frozen=True, slots=True)
class RecordInspection:
    """A manager looked at a member's conduct at a site."""

    member_id: UUID
    site_id: UUID
    findings: tuple[Finding, ...]
    remark: str | None = None


async def record_inspection(work: UnitOfWork, order: RecordInspection) -> UUID:
    """Keep what was found and return the inspection's id; the receipt is its instant.

    Nobody inspects himself, and a manager nobody of another's team, though he met him at his site.
    Nothing else changes: no owner, no credit, no turn.

    Raises:
        NotFound: no such member, site or item, or it is retired. Forbidden, InvalidInput.
    """
    _refuse_odd(order)
    place = await work.fetch_one(
        "SELECT s.org_unit_id, s.territory_id FROM app.site s WHERE s.tenant_id = $1 AND s.id = $2",
        work.tenant_id,
        order.site_id,
    )
    if place is None:
        raise NotFound(field=("input", "siteId"))
    member = await work.fetch_one(
        "SELECT org_unit_id, territory_id FROM app.member"
        " WHERE tenant_id = $1 AND id = $2 AND state = 'ACTIVE'",
        work.tenant_id,
        order.member_id,
    )
    if member is None:
        raise NotFound(field=("input", "memberId"))
    # Where he was looked at, and where he belongs: a manager says nothing of another's team.
    places = [place]
    if member["org_unit_id"] is not None or member["territory_id"] is not None:
        places.append(member)
    for one in places:
        found_of = Record(
            order.member_id, one["org_unit_id"], one["territory_id"], requester_id=order.member_id
        )
        work.authorise("inspection.record", found_of)
    await _refuse_missing_items(work, [finding.item_id for finding in order.findings])
    inspection = Inspection(
        tenant_id=work.tenant_id,
        id=work.new_id(),
        created_at=work.now,
        created_by=work.caller.member_id,
        member_id=order.member_id,
        inspector_id=work.actor.member_id,
        site_id=order.site_id,
        org_unit_id=place["org_unit_id"],
        territory_id=place["territory_id"],
        inspected_at=work.now,
        remark=order.remark,
    )
    work.add(inspection, *(_row(work, inspection, finding) for finding in order.findings))
    work.concerns("inspection", inspection.id, member=order.member_id)
    not_met = sum(not finding.met for finding in order.findings)
    work.emit(InspectionRecorded(inspection.id, order.member_id, work.actor.member_id, not_met))
    return inspection.id


def _row(work: UnitOfWork, inspection: Inspection, finding: Finding) -> InspectionFinding:
    return InspectionFinding(
        tenant_id=work.tenant_id,
        id=work.new_id(),
        inspection_id=inspection.id,
        item_id=finding.item_id,
        member_id=inspection.member_id,
        site_id=inspection.site_id,
        org_unit_id=inspection.org_unit_id,
        territory_id=inspection.territory_id,
        at=work.now,
        met=finding.met,
        remark=finding.remark,
    )


def _refuse_odd(order: RecordInspection) -> None:
    items = [finding.item_id for finding in order.findings]
    if not 1 <= len(items) <= _MOST_FINDINGS or len(set(items)) < len(items):
        field = ("input", "findings")
        raise InvalidInput(field=field, expected="DIFFERENT_ENTRIES", least=1, most=_MOST_FINDINGS)
    _refuse_remark(("input", "remark"), order.remark, _LONGEST_REMARK)
    for place, finding in enumerate(order.findings):
        where = ("input", "findings", str(place), "remark")
        _refuse_remark(where, finding.remark, _LONGEST_NOTE)


def _refuse_remark(field: FieldPath, remark: str | None, most: int) -> None:
    if remark is not None and not 1 <= len(remark) <= most:
        raise InvalidInput(field=field, expected="CHARACTERS", least=1, most=most)


async def _refuse_missing_items(work: UnitOfWork, item_ids: Sequence[UUID]) -> None:
    rows = await work.fetch(
        "SELECT id FROM app.inspection_item WHERE tenant_id = $1 AND id = ANY($2::uuid[])"
        " AND retired_at IS NULL",
        work.tenant_id,
        list(item_ids),
    )
    known = {row["id"] for row in rows}
    for place, item_id in enumerate(item_ids):
        if item_id not in known:
            raise NotFound(field=("input", "findings", str(place), "itemId"))
