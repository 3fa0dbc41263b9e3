"""What an entry of a register is made from, and an entry while it is being made."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from service.policies.rulebooks.rulebook import Outcome
from service.rulebooks.in_force import InForce


@dataclass(frozen=True, slots=True)
class Entry:
    """A visit's customer for a member's register, with what the reception knows of both.

    Attributes:
        visit_id: null for one who telephoned; then `call_id` is not.
        left_at: null while the visitor is there; then the reception's day is day 0.
        zone: the site's.
    """

    visit_id: UUID | None
    party_id: UUID
    member_id: UUID
    site_id: UUID
    zone: ZoneInfo
    arrived_at: datetime
    reception_day: date
    name_given: bool
    phone_given: bool
    document_given: bool = False
    face_given: bool = False
    survey_visitor: bool = False
    left_at: datetime | None = None
    met_later: bool = False
    org_unit_id: UUID | None = None
    territory_id: UUID | None = None
    remark: str | None = None
    call_id: UUID | None = None


def given_of(entry: Entry) -> dict[str, bool]:
    """Return what an entry has of its customer; a text of an earlier release knows the first two.

    So what is not there is not said.
    """
    more = {
        "document_given": entry.document_given,
        "face_given": entry.face_given,
        "survey_visitor": entry.survey_visitor,
    }
    shown = {name: True for name, given in more.items() if given}
    return {"name_given": entry.name_given, "phone_given": entry.phone_given, **shown}


@dataclass(frozen=True, slots=True)
class CallEntry:
    """Who telephoned, for the register of who took the call; `zone` is the site's."""

    call_id: UUID
    party_id: UUID
    member_id: UUID
    site_id: UUID
    zone: ZoneInfo
    called_at: datetime
    org_unit_id: UUID | None = None
    territory_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class CallRight:
    """That a call registers the caller for some days, and the facts it was decided on."""

    days: int
    asked: dict[str, bool | int]
    outcome: Outcome


def call_right(in_force: InForce, *, name_given: bool, phone_given: bool) -> CallRight | None:
    """Let the rulebook say whether a call registers the caller (decision `call_right`)."""
    asked: dict[str, bool | int] = {"name_given": name_given, "phone_given": phone_given}
    outcome = in_force.rulebook.decide("call_right", asked)
    if outcome.then["right"] != "REGISTRATION":
        return None
    return CallRight(int(outcome.then["days"]), asked, outcome)


@dataclass(slots=True)
class Draft:
    """An entry being made; written as a row once everything about it is decided."""

    id: UUID
    register_book_id: UUID
    member_id: UUID
    party_id: UUID
    visit_id: UUID | None
    call_id: UUID | None
    site_id: UUID
    org_unit_id: UUID | None
    territory_id: UUID | None
    entered_at: datetime
    ranks_from: datetime
    received_at: datetime
    reception_day: date
    result: str
    remark: str | None
    entry_number: int
    corrects_id: UUID | None
    decision_id: UUID | None = None
    protected_until: datetime | None = None
    first_follow_up_due_at: datetime | None = None
    first_followed_up_at: datetime | None = None
    converted_at: datetime | None = None
    lapsed_at: datetime | None = None
    first_follow_up_breached_at: datetime | None = None


def chained_part(row: Mapping[str, Any]) -> dict[str, object]:
    """Return what an entry says of itself for ever; deadlines move on and stay out."""
    # Entries of visits were chained before calls made any: theirs stays as it was.
    origin = {"call_id": row["call_id"]} if row["call_id"] else {}
    return {
        **origin,
        "id": row["id"],
        "register_book_id": row["register_book_id"],
        "entry_number": row["entry_number"],
        "party_id": row["party_id"],
        "visit_id": row["visit_id"],
        "entered_at": row["entered_at"],
        "reception_day": row["reception_day"],
        "result": row["result"],
        "corrects_id": row["corrects_id"],
        "remark": row["remark"],
    }
