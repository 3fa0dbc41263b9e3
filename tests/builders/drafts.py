"""Drafts of the shipped showroom rulebook, on their way to being a version."""

from datetime import UTC, date, datetime
from uuid import UUID

from builders.tenants import TenantHandle

from service.policies import policies_folder
from service.rulebooks.commands import (
    ApproveDraft,
    CreateDraft,
    EditDraft,
    SubmitDraft,
    Text,
    approve_draft,
    create_draft,
    edit_draft,
    submit_draft,
)

TEXT = (policies_folder() / "rulebooks" / "showroom.yaml").read_text(encoding="utf-8")
UNSIMULATED = "The showroom opens next week; there is nothing to look back on."
# The clock stands at Monday, 2 March; a day begins at Shanghai's midnight.
FIRST_OF_APRIL = date(2026, 4, 1)
MIDNIGHT = datetime(2026, 3, 31, 16, tzinfo=UTC)


async def a_draft(
    tenant: TenantHandle, days: int = 10, by: UUID | None = None, site: UUID | None = None
) -> UUID:
    """A draft of the shipped text in which the tracking lasts so many days."""
    order = CreateDraft(f"{days} days", site, Text(TEXT))
    draft_id = await tenant.do(create_draft, order, by=by)
    order = EditDraft(draft_id, 1, parameters={"tracking.days": days})
    return await tenant.do(edit_draft, order, by=by)


async def the_draft(tenant: TenantHandle, draft_id: UUID) -> dict[str, object]:
    (row,) = await tenant.rows(
        "SELECT * FROM app.rulebook_draft WHERE tenant_id = $1 AND id = $2", draft_id
    )
    return row


async def submitted(
    tenant: TenantHandle, draft_id: UUID, on: date | None = None, by: UUID | None = None
) -> str:
    """Submit a draft; returns the hash of its text."""
    row = await the_draft(tenant, draft_id)
    order = SubmitDraft(draft_id, int(str(row["version"])), on, UNSIMULATED)
    await tenant.do(submit_draft, order, by=by)
    return str(row["text_hash"])


async def published(
    tenant: TenantHandle,
    director: UUID,
    days: int,
    on: date | None = None,
    site: UUID | None = None,
) -> UUID:
    """Draft, submit and approve a version; returns its id."""
    draft_id = await a_draft(tenant, days, site=site)
    seen = await submitted(tenant, draft_id, on)
    await tenant.do(approve_draft, ApproveDraft(draft_id, seen), by=director)
    return UUID(str((await the_draft(tenant, draft_id))["version_id"]))
