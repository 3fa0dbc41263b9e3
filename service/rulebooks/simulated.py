"""Was this very text simulated before? Asked of a draft that wants to be put in force."""

from collections.abc import Mapping
from typing import Any

from service.database.session import Session
from service.journal.entries import digest


def text_hash(document: Mapping[str, Any], overrides: Mapping[str, Any]) -> str:
    """Return what tells one text from another: its parts as stored and the parameters on top.

    Comments and layout do not count; every word that is shown or decides does.
    """
    return digest("rulebook", [document, overrides])


async def simulated(session: Session, of_text: str) -> bool:
    """Tell whether a simulation of a text (its `text_hash`) came to an end in this tenant."""
    found: bool = await session.fetch_value(
        "SELECT EXISTS (SELECT FROM app.rulebook_simulation"
        " WHERE tenant_id = $1 AND text_hash = $2 AND state = 'DONE')",
        session.tenant_id,
        of_text,
    )
    return found
