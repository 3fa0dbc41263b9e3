"""Whether each entry of a register, and each follow-up, still follows from the one before it."""

from typing import Final
from uuid import UUID

from service.database.session import Session
from service.journal.entries import chained
from service.journal.sealing import Found, Touch
from service.ownership.commands import follow_ups
from service.ownership.commands.entries import chained_part

_MOST: Final = 2_000
_NONE: Final = UUID(int=0)
_NEXT: Final = """
SELECT id, register_book_id, entry_number, party_id, visit_id, call_id, entered_at, reception_day,
    result, corrects_id, remark, entry_hash
FROM app.registration
WHERE tenant_id = $1 AND (register_book_id, entry_number) > ($2::uuid, $3::int)
ORDER BY register_book_id, entry_number LIMIT $4
"""
# One statement sees one instant: an entry that is made meanwhile is in both, or in neither.
_CUT_OFF: Final = """
SELECT b.id, b.created_at FROM app.register_book b
WHERE b.tenant_id = $1 AND b.head_hash <> coalesce((
    SELECT r.entry_hash FROM app.registration r
    WHERE r.tenant_id = $1 AND r.register_book_id = b.id ORDER BY r.entry_number DESC LIMIT 1), '')
ORDER BY b.id
"""


_FOLLOW_UPS: Final = """
SELECT f.*, r.entry_hash AS begins FROM app.follow_up f
LEFT JOIN app.registration r ON r.tenant_id = $1 AND r.id = f.registration_id
WHERE f.tenant_id = $1 AND (f.registration_id, f.entry_number) > ($2::uuid, $3::int)
ORDER BY f.registration_id, f.entry_number LIMIT $4
"""


async def unchained(session: Session) -> list[Found]:
    """Compute each entry's hash from the one before it again; name every entry that differs.

    One that was taken out is told by the next one; the last of a register by the register. A
    registration's first follow-up follows from it.
    """
    return [*await _entries(session), *await _follow_ups(session)]


async def _follow_ups(session: Session) -> list[Found]:
    found: list[Found] = []
    registration_id, number, head = _NONE, 0, ""
    while rows := await session.fetch(
        _FOLLOW_UPS, session.tenant_id, registration_id, number, _MOST
    ):
        for row in rows:
            if row["registration_id"] != registration_id:
                head = row["begins"] or ""
            registration_id, number = row["registration_id"], row["entry_number"]
            if chained(head, follow_ups.chained_part(row)) != row["entry_hash"]:
                found.append(Found(Touch.UNCHAINED, "follow_up", row["id"], None, row["at"]))
            head = row["entry_hash"]
    return found


async def _entries(session: Session) -> list[Found]:
    found: list[Found] = []
    heads: dict[UUID, str] = {}
    book_id, number = _NONE, 0
    while rows := await session.fetch(_NEXT, session.tenant_id, book_id, number, _MOST):
        for row in rows:
            book_id, number = row["register_book_id"], row["entry_number"]
            if chained(heads.get(book_id, ""), chained_part(row)) != row["entry_hash"]:
                at = row["entered_at"]
                found.append(Found(Touch.UNCHAINED, "registration", row["id"], None, at))
            # Each is tied to what was stored before it: one touched entry accuses no other.
            heads[book_id] = row["entry_hash"]
    for book in await session.fetch(_CUT_OFF, session.tenant_id):
        at = book["created_at"]
        found.append(Found(Touch.UNCHAINED, "register_book", book["id"], None, at))
    return found
