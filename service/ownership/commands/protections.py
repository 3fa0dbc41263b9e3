"""Until when registrations protected before that changed: boards of past days ask for it."""

from collections.abc import Sequence
from uuid import UUID

from service.work import UnitOfWork


def keep_former_protections(work: UnitOfWork, registration_ids: Sequence[UUID]) -> None:
    """Keep the ends of protection that are about to be moved.

    Call it beside the change: both are one statement, which sees the rows as they were before it.
    """
    if not registration_ids:
        return
    work.write(
        "former_protection",
        "INSERT INTO app.former_protection (tenant_id, registration_id, protected_until,"
        " recorded_at) SELECT r.tenant_id, r.id, r.protected_until, {}::timestamptz"
        " FROM app.registration r WHERE r.tenant_id = {}::uuid AND r.id = ANY({}::uuid[])"
        " AND r.protected_until IS NOT NULL",
        work.now,
        work.tenant_id,
        list(registration_ids),
    )
