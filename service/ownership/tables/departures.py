"""Customers of the company, and members who go."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from service.database.tables import INSTANT, Recorded, index, one_of, short, to


class DepartureKind(StrEnum):
    """How a member goes."""

    LEAVING = "LEAVING"
    TRANSFER = "TRANSFER"


class DepartureState(StrEnum):
    """Where a departure is."""

    PLANNED = "PLANNED"
    DONE = "DONE"
    CANCELLED = "CANCELLED"


class RegistrationsGo(StrEnum):
    """Where a departing member's live registrations go."""

    POOL = "POOL"
    SUCCESSOR = "SUCCESSOR"
    ROTATION = "ROTATION"
    KEPT = "KEPT"


class Departure(Recorded, table=True):
    """A member leaves the company or moves to another place, from a day on.

    Attributes:
        first_day: the first day on which he is gone, in the company's zone.
        takes_effect_at: the first instant of that day, or the instant of the order if later.
        wish: where his registrations are to go, if somebody said so.
        goes: where they will go, as the rulebook known for its day says; null where nobody asked
            it yet.
        went: where they went, as the rulebook said.
    """

    __table_args__: ClassVar[Any] = (
        to("member"),
        to("member", "successor_id"),
        to("org_unit"),
        to("org_unit", "to_org_unit_id"),
        to("territory"),
        to("territory", "to_territory_id"),
        one_of("departure", "kind", DepartureKind),
        one_of("departure", "state", DepartureState),
        one_of("departure", "wish", RegistrationsGo),
        one_of("departure", "goes", RegistrationsGo),
        one_of("departure", "went", RegistrationsGo),
        short("departure", "reason", 2000),
        CheckConstraint(
            "(wish IS NOT DISTINCT FROM 'SUCCESSOR') = (successor_id IS NOT NULL)",
            name="departure_successor_check",
        ),
        # One plan at a time; two administrators may make one at the same instant.
        index("departure", "member_id", where="state = 'PLANNED'", unique=True),
        index("departure", "takes_effect_at", "id"),
        index("departure", "org_unit_id", "takes_effect_at", "id"),
        index("departure", "territory_id", "takes_effect_at", "id"),
        index("departure", "member_id", "takes_effect_at", "id"),
        index("departure", "state", "takes_effect_at", "id"),
    )

    member_id: UUID
    # The member's place when it was planned.
    org_unit_id: UUID | None = None
    territory_id: UUID | None = None
    kind: str
    state: str = DepartureState.PLANNED.value
    first_day: date
    takes_effect_at: datetime = Field(sa_type=INSTANT)
    wish: str | None = None
    successor_id: UUID | None = None
    to_org_unit_id: UUID | None = None
    to_territory_id: UUID | None = None
    reason: str
    done_at: datetime | None = Field(default=None, sa_type=INSTANT)
    goes: str | None = None
    went: str | None = None
    registration_count: int = 0
    dispute_count: int = 0
    task_count: int = 0


class PoolEntry(Recorded, table=True):
    """A customer who belongs to the company until somebody hands him out.

    Attributes:
        registration_id: the released registration.
        visit_id: the visit that the rulebook gave to the company, as one the manager received
            because no rep was there.
        from_member_id: of a released registration alone, whose it was.
        departure_id: of one released by a departure.
        assigned_id: the registration of whoever got him.
    """

    __table_args__: ClassVar[Any] = (
        to("party"),
        to("site"),
        to("org_unit"),
        to("territory"),
        to("registration"),
        to("registration", "assigned_id"),
        to("member", "from_member_id"),
        to("member", "taken_by"),
        to("member", "assigned_by"),
        to("departure"),
        to("visit"),
        CheckConstraint(
            "num_nonnulls(registration_id, visit_id) = 1"
            " AND (registration_id IS NULL) = (from_member_id IS NULL)"
            " AND (departure_id IS NULL OR registration_id IS NOT NULL)",
            name="pool_entry_origin_check",
        ),
        index("pool_entry", "registration_id", unique=True),
        index("pool_entry", "visit_id", unique=True, where="visit_id IS NOT NULL"),
        index("pool_entry", "entered_at", "id"),
        index("pool_entry", "site_id", "entered_at", "id"),
        index("pool_entry", "org_unit_id", "entered_at", "id"),
        index("pool_entry", "territory_id", "entered_at", "id"),
        index("pool_entry", "party_id", "entered_at", "id"),
        index("pool_entry", "from_member_id", "entered_at", "id"),
        index("pool_entry", "taken_by", "entered_at", "id"),
        index("pool_entry", "taken_at", "entered_at", "id"),
        index("pool_entry", "departure_id", "entered_at", "id"),
    )

    party_id: UUID
    site_id: UUID
    org_unit_id: UUID | None = None
    territory_id: UUID | None = None
    registration_id: UUID | None = None
    visit_id: UUID | None = None
    from_member_id: UUID | None = None
    departure_id: UUID | None = None
    entered_at: datetime = Field(sa_type=INSTANT)
    taken_at: datetime | None = Field(default=None, sa_type=INSTANT)
    taken_by: UUID | None = None
    assigned_by: UUID | None = None
    by_rotation: bool = False
    assigned_id: UUID | None = None
