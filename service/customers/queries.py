"""What is read of customers beyond plain trees."""

from uuid import UUID

from service.database.session import Session


async def phones_of(session: Session, party_id: UUID) -> list[str]:
    """Return a party's whole numbers, oldest first; for whoever was just allowed to see them."""
    rows = await session.fetch(
        "SELECT phone FROM app.contact_point WHERE tenant_id = $1 AND party_id = $2"
        " ORDER BY created_at, id",
        session.tenant_id,
        party_id,
    )
    return [row["phone"] for row in rows]
