"""The way of a draft into force: submitted, then approved or rejected by somebody else."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from service.database.session import Row
from service.errors import InvalidInput
from service.policies.access import Record
from service.rulebooks import facts, looked_over
from service.rulebooks.commands.drafting import WRITE, must_be
from service.rulebooks.commands.placing import NewVersion, beginning, put_in_force
from service.rulebooks.commands.publishing import PUBLISH, refuse
from service.rulebooks.errors import DraftChangesNothing, DraftNotSimulated, DraftTextOther
from service.rulebooks.events import DraftDecided, DraftSubmitted, DraftWritten
from service.rulebooks.in_turn import in_turn
from service.rulebooks.rewriting import is_same_text
from service.rulebooks.simulated import simulated, text_hash
from service.rulebooks.tables import DraftState, RulebookDraft
from service.work import UnitOfWork

_DAY: Final = ("input", "effectiveOn")
_LONGEST_REASON: Final = 2_000
_WRITTEN: Final = frozenset({DraftState.DRAFT.value})
_WAITING: Final = frozenset({DraftState.SUBMITTED.value})


@dataclass(frozen=True, slots=True)
class SubmitDraft:
    """Ask for a draft to be approved.

    Attributes:
        expected_version: the draft as the caller has seen it.
        effective_on: the local day it should begin with; None: when it is approved.
        unsimulated_reason: why it should be put in force without a simulation of its text.
    """

    draft_id: UUID
    expected_version: int
    effective_on: date | None = None
    unsimulated_reason: str | None = None


async def submit_draft(work: UnitOfWork, order: SubmitDraft) -> UUID:
    """Submit a draft that could be published and return its id; its text is closed. Locks it.

    Raises:
        NotFound, Forbidden, DraftNotInState, DraftTextOther (it has changed since it was read),
        PublishedInThePast, DraftChangesNothing, DraftNotSimulated, InvalidInput, or Refusals of
        RulebookFaulty.
    """
    row = await facts.draft(work, order.draft_id)
    work.authorise(WRITE, await facts.place_of(work, row["site_id"]))
    must_be(row, _WRITTEN)
    if row["version"] != order.expected_version:
        raise DraftTextOther(field=("input", "expectedVersion"))
    begins = await beginning(work, row["site_id"], order.effective_on, _DAY)
    await _refuse_unchanged(work, row, await _publishable(work, row), begins)
    reason = _reason(order.unsimulated_reason, "unsimulatedReason")
    await _seen_or_explained(work, row["text_hash"], reason)
    submitter = work.actor.member_id
    values = {
        "state": DraftState.SUBMITTED.value,
        "submitted_by": submitter,
        "submitted_at": work.now,
        "effective_on": order.effective_on,
        "unsimulated_reason": reason,
        "decided_by": None,
        "decided_at": None,
        "decision_reason": None,
    }
    work.change(RulebookDraft, order.draft_id, values)
    work.concerns("rulebook_draft", order.draft_id, text_hash=row["text_hash"])
    authors = tuple(row["author_ids"])
    work.emit(DraftSubmitted(order.draft_id, row["site_id"], submitter, authors, work.now))
    return order.draft_id


@dataclass(frozen=True, slots=True)
class WithdrawDraft:
    """Take a draft back from approval, to be written in again."""

    draft_id: UUID


async def withdraw_draft(work: UnitOfWork, order: WithdrawDraft) -> UUID:
    """Take a submitted draft back and return its id. Locks it.

    Raises:
        NotFound, Forbidden, DraftNotInState.
    """
    row = await facts.draft(work, order.draft_id)
    work.authorise(WRITE, await facts.place_of(work, row["site_id"]))
    must_be(row, _WAITING)
    work.change(RulebookDraft, order.draft_id, {"state": DraftState.DRAFT.value})
    work.concerns("rulebook_draft", order.draft_id)
    work.emit(DraftWritten(order.draft_id))
    return order.draft_id


@dataclass(frozen=True, slots=True)
class ApproveDraft:
    """Put a submitted draft in force.

    Attributes:
        text_hash: of the text the approver has read.
        effective_on: another day than was asked for; None keeps that.
        unsimulated_reason: the approver's own, where the submission gave none.
    """

    draft_id: UUID
    text_hash: str
    effective_on: date | None = None
    unsimulated_reason: str | None = None


async def approve_draft(work: UnitOfWork, order: ApproveDraft) -> UUID:
    """Publish a submitted draft and return the draft's id; its version follows what is in force.

    Never by who wrote in it or submitted it, nor by who stands in for one of them (four eyes).
    Locks the draft, then the policy's versions.

    Raises:
        NotFound, Forbidden, DraftNotInState, DraftTextOther, PublishedInThePast,
        DraftChangesNothing, DraftNotSimulated, InvalidInput, or Refusals of RulebookFaulty.
    """
    row = await facts.draft(work, order.draft_id)
    await _four_eyes(work, row)
    must_be(row, _WAITING)
    if row["text_hash"] != order.text_hash:
        raise DraftTextOther(field=("input", "textHash"))
    day = order.effective_on or row["effective_on"]
    begins = await beginning(work, row["site_id"], day, _DAY)
    document = await _publishable(work, row)
    await _refuse_unchanged(work, row, document, begins)
    reason = _reason(order.unsimulated_reason, "unsimulatedReason") or row["unsimulated_reason"]
    await _seen_or_explained(work, row["text_hash"], reason)
    authors = _authors(row)
    new = NewVersion(
        policy=row["policy"],
        document=document,
        overrides={},
        begins=begins,
        day=day,
        site_id=row["site_id"],
        author_ids=authors,
        unsimulated_reason=reason,
        draft_id=order.draft_id,
    )
    version_id = await put_in_force(work, new)
    # The draft refers to the version: it is written after it.
    await work.flush()
    values = {
        "state": DraftState.APPROVED.value,
        "effective_on": day,
        "unsimulated_reason": reason,
        "decided_by": work.actor.member_id,
        "decided_at": work.now,
        "version_id": version_id,
    }
    work.change(RulebookDraft, order.draft_id, values)
    work.concerns("rulebook_draft", order.draft_id, text_hash=row["text_hash"], begins=begins)
    work.emit(_decided(work, row, approved=True))
    return order.draft_id


@dataclass(frozen=True, slots=True)
class RejectDraft:
    """Send a submitted draft back, saying why."""

    draft_id: UUID
    reason: str


async def reject_draft(work: UnitOfWork, order: RejectDraft) -> UUID:
    """Reject a submitted draft and return its id; writing in it opens it again. Locks it.

    Raises:
        NotFound, Forbidden, DraftNotInState, InvalidInput.
    """
    row = await facts.draft(work, order.draft_id)
    await _four_eyes(work, row)
    must_be(row, _WAITING)
    reason = _reason(order.reason, "reason")
    if reason is None:
        raise InvalidInput(
            field=("input", "reason"), expected="CHARACTERS", least=1, most=_LONGEST_REASON
        )
    values = {
        "state": DraftState.REJECTED.value,
        "decided_by": work.actor.member_id,
        "decided_at": work.now,
        "decision_reason": reason,
    }
    work.change(RulebookDraft, order.draft_id, values)
    work.concerns("rulebook_draft", order.draft_id, reason=reason)
    work.emit(_decided(work, row, approved=False))
    return order.draft_id


def _decided(work: UnitOfWork, row: Row, *, approved: bool) -> DraftDecided:
    return DraftDecided(row["id"], approved, work.actor.member_id, _authors(row), work.now)


def _authors(row: Row) -> tuple[UUID, ...]:
    asking = [*row["author_ids"], row["submitted_by"]]
    return tuple(dict.fromkeys(one for one in asking if one is not None))


async def _four_eyes(work: UnitOfWork, row: Row) -> None:
    """Let the duties decide, once for each author: none of them may, nor who stands in for one.

    Raises:
        Forbidden.
    """
    place = await facts.place_of(work, row["site_id"])
    nobody: tuple[None, ...] = (None,)
    for author in _authors(row) or nobody:
        work.authorise(
            PUBLISH,
            Record(
                org_unit_id=place.org_unit_id,
                territory_id=place.territory_id,
                requester_id=author,
            ),
        )


async def _publishable(work: UnitOfWork, row: Row) -> dict[str, Any]:
    """Return the document of a draft as it is stored, free of errors, its own tests passed.

    Raises:
        Refusals: of RulebookFaulty.
        DraftTextOther: the row's digest is not its text's.
    """
    found = await in_turn(looked_over.checked, row["text"])
    refuse(found.errors, facts.DRAFT, work.actor.locale)
    if found.document is None:
        raise LookupError("a text without errors has a document")
    stored: dict[str, Any] = found.document.to_json()
    if text_hash(stored, {}) != row["text_hash"]:
        raise DraftTextOther(field=facts.DRAFT)
    return stored


async def _refuse_unchanged(
    work: UnitOfWork, row: Row, document: dict[str, Any], begins: datetime
) -> None:
    before = await facts.followed(work, row["policy"], row["site_id"], begins)
    if before is None:
        return
    if await in_turn(is_same_text, document, before["document"], before["overrides"]):
        raise DraftChangesNothing(field=facts.DRAFT)


async def _seen_or_explained(work: UnitOfWork, of_text: str, reason: str | None) -> None:
    if reason is None and not await simulated(work, of_text):
        raise DraftNotSimulated(field=("input", "unsimulatedReason"))


def _reason(given: str | None, name: str) -> str | None:
    stripped = (given or "").strip()
    if len(stripped) > _LONGEST_REASON:
        raise InvalidInput(
            field=("input", name), expected="AT_MOST_CHARACTERS", most=_LONGEST_REASON
        )
    return stripped or None
