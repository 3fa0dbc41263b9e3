"""Registrations as values, for the rules of ownership."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from builders.rulebooks import showroom_rulebook

from service.ownership.rules import Contact, Known, Terms

SHANGHAI = ZoneInfo("Asia/Shanghai")
WEEK = Terms(days=7, most_days=0, first_due_days=3, zone=SHANGHAI)
RULES = showroom_rulebook()
AN, BO, CHU = (UUID(int=number) for number in (1, 2, 3))
WANG, LI = UUID(int=11), UUID(int=12)


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}+08:00").astimezone(UTC)


def followed(*texts: str, connected: bool = True) -> list[Contact]:
    return [Contact(shanghai(text), connected=connected) for text in texts]


def known(number: int, member: UUID = AN, **changes: object) -> Known:
    """A registration made on 2 March, live through 9 March."""
    entered = shanghai("03-02 09:30") + timedelta(minutes=number)
    plain = Known(
        id=UUID(int=100 + number),
        member_id=member,
        party_id=WANG,
        register_book_id=UUID(int=50),
        entered_at=entered,
        received_at=entered,
        protected_until=shanghai("03-10 00:00"),
        valid=True,
        voided=False,
        member_active=True,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # fields by name
