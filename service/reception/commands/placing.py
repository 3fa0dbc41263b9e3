"""Writes the live order of a site and every step by which it came about."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from service.reception.facts.floor import Floor
from service.reception.rules.rotation import NOTHING_KEPT, TermsWritten
from service.reception.tables import QueueChange, QueueEvent, RotationQueue
from service.work import UnitOfWork

GONE = "MEMBER_LEFT"


@dataclass(frozen=True, slots=True)
class QueueStep:
    """One change of the live order: whose place, what happened to it, and why.

    Attributes:
        turns: what an override does to the member's count of turns.
    """

    member_id: UUID
    change: QueueChange
    reason: str | None = None
    visit_id: UUID | None = None
    turns: int = 0


def write_queue(
    work: UnitOfWork,
    floor: Floor,
    order: tuple[UUID, ...],
    steps: Iterable[QueueStep],
    number: int | None = None,
    *,
    terms: Mapping[str, TermsWritten] | None = None,
) -> None:
    """Write the order after some steps, the turns they used or gave back, and the steps.

    Members who have left the company while in the queue leave it now. `terms` are written where
    they differ from what is kept of the reps beside their places.
    """
    stayed = frozenset(floor.order)
    live = floor.row.member_ids if floor.row.day == floor.day else ()
    gone = [
        QueueStep(member_id, QueueChange.LEAVE, GONE)
        for member_id in live
        if member_id not in stayed
    ]
    turns = dict(floor.turns)
    for step in [*gone, *steps]:
        used = turns.get(step.member_id, 0) + _TURNS.get(step.change, step.turns)
        turns[step.member_id] = max(0, used)
        work.add(
            QueueEvent(
                tenant_id=work.tenant_id,
                id=work.new_id(),
                site_id=floor.site.id,
                day=floor.day,
                at=work.now,
                member_id=step.member_id,
                change=step.change.value,
                reason=step.reason,
                visit_id=step.visit_id,
            )
        )
    # A visitor received just before midnight may come to the lock after the next day's first:
    # the queue of his day is over then, and the new one is not his to touch.
    if floor.is_today:
        changes: dict[str, object] = {
            "day": floor.day,
            "member_ids": list(order),
            "turns": {str(member_id): used for member_id, used in turns.items() if used},
            "last_sequence": number or floor.last_number,
        }
        if terms is not None and terms != floor.row.terms:
            changes["terms"] = dict(terms)
        work.change(RotationQueue, floor.row.id, changes)


def with_owed(
    terms: Mapping[str, TermsWritten], changes: Mapping[UUID, int]
) -> Mapping[str, TermsWritten]:
    """Return the terms after some reps owe turns more or fewer."""
    if not changes:
        return terms
    changed = dict(terms)
    for member_id, more in changes.items():
        kept = dict(changed.get(str(member_id), NOTHING_KEPT))
        owed = max(0, kept.pop("owed", 0) + more)
        changed[str(member_id)] = {**kept, "owed": owed} if owed else kept
    return changed


_TURNS = {QueueChange.CONSUME: 1, QueueChange.RESTORE: -1}
