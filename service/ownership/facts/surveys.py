"""What was registered of a visitor, should he turn out to be a competitor's survey."""

from collections.abc import Sequence
from uuid import UUID

from service.database.session import Row
from service.work import UnitOfWork


async def lock_books_of_visit(work: UnitOfWork, visit_id: UUID) -> None:
    """Lock the registers that have entries of a visit: none is added to while they are judged."""
    await work.lock(
        "SELECT b.id FROM app.register_book b WHERE b.tenant_id = $1 AND b.id IN"
        " (SELECT r.register_book_id FROM app.registration r"
        "  WHERE r.tenant_id = $1 AND r.visit_id = $2)"
        " ORDER BY b.id FOR NO KEY UPDATE",
        work.tenant_id,
        visit_id,
    )


async def valid_entries_of_visit(work: UnitOfWork, visit_id: UUID) -> Sequence[Row]:
    """Lock and return the valid entries that rest on a visit, with what each was decided on.

    Those that others took the place of are among them: claims may rest on them. `of_entry` tells
    whether `facts` are those of decision `registration`, or of what handed the entry on.
    """
    return await work.lock(
        "SELECT r.id, r.member_id, r.party_id, r.visit_id, r.org_unit_id, r.territory_id,"
        " r.superseded_at, d.facts, d.rulebook_version_id,"
        " d.subject_type = 'registration' AS of_entry"
        " FROM app.registration r"
        " JOIN app.decision d ON d.tenant_id = $1 AND d.id = r.decision_id"
        " WHERE r.tenant_id = $1 AND r.visit_id = $2 AND r.result = 'VALID'"
        " AND r.voided_at IS NULL ORDER BY r.id FOR NO KEY UPDATE OF r",
        work.tenant_id,
        visit_id,
    )
