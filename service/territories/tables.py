"""Territories, the models that order them, and when each model is in force."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, UniqueConstraint, column, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlmodel import Field

from service.database.tables import (
    INSTANT,
    JSON,
    TEXTS,
    Recorded,
    index,
    of_tenant,
    one_of,
    short,
    to,
)
from service.territories.words import MoveReason, SeatMoveReason, TraitKind


class TerritoryRole(StrEnum):
    """What part a member has in a territory."""

    OWNER = "OWNER"
    MANAGER = "MANAGER"
    REP = "REP"
    OVERLAY = "OVERLAY"


class Territory(Recorded, table=True):
    """A part of the market somebody answers for; the same in every model.

    Where it stands in the tree, the places of a model say (`TerritoryPlace`).

    Attributes:
        parent_id: of the release before, which had one tree for ever: it follows the model in
            force, a moment late. Written, and no longer read.
    """

    __table_args__: ClassVar[Any] = (
        of_tenant(),
        UniqueConstraint("tenant_id", "code"),
        to("territory", "parent_id"),
        short("territory", "code", 64),
        index("territory", "parent_id"),
    )

    code: str
    dimension: str
    names: dict[str, str] = Field(sa_type=JSON)
    parent_id: UUID | None = None
    retired_at: datetime | None = Field(default=None, sa_type=INSTANT)


class TerritoryModel(Recorded, table=True):
    """A drawing of the territories: which stands below which.

    Until it is first activated it is a draft; after that it changes only by a day's notice to all:
    what is then changed in it is dated (`TerritoryPlace.valid_from`).

    Attributes:
        based_on_id: the model it was copied from.
        archived_at: when it was put away; it can still be looked at, and activated no more.
    """

    __table_args__: ClassVar[Any] = (
        of_tenant(),
        to("territory_model", "based_on_id"),
        UniqueConstraint("tenant_id", "code"),
        short("territory_model", "code", 64),
        index("territory_model", "created_at", "id"),
        index("territory_model", "created_by"),
    )

    code: str
    names: dict[str, str] = Field(sa_type=JSON)
    based_on_id: UUID | None = None
    archived_at: datetime | None = Field(default=None, sa_type=INSTANT)


class TerritoryActivation(Recorded, table=True):
    """That a model is in force, from an instant until another.

    One that is taken back before it begins keeps an empty span: it was never in force.

    Attributes:
        active_on: the day of the company it begins with; None where it began at once.
        targets_follow: whether targets in force follow the customers who are moved by it.
    """

    fixed: ClassVar[tuple[str, ...]] = (
        *("territory_model_id", "active_on", "active_from", "targets_follow"),
    )
    __table_args__: ClassVar[Any] = (
        to("territory_model"),
        CheckConstraint("active_until >= active_from", name="territory_activation_lasts_check"),
        # Two activations at once: this, not a check in Python, keeps one model in force at a time.
        ExcludeConstraint(
            (column("tenant_id"), "="),
            (text("tstzrange(active_from, active_until)"), "&&"),
            using="gist",
            name="territory_activation_one_at_a_time_excl",
        ),
        index("territory_activation", "active_from", "id"),
        index("territory_activation", "territory_model_id", "active_from"),
    )

    territory_model_id: UUID
    active_on: date | None = None
    active_from: datetime = Field(sa_type=INSTANT)
    active_until: datetime | None = Field(default=None, sa_type=INSTANT)
    targets_follow: bool = Field(default=True, sa_column_kwargs={"server_default": text("true")})


class TerritoryPlace(Recorded, table=True):
    """Where a territory stands in a model; a draft's are rewritten, a published model's are dated.

    Attributes:
        position: its turn among its siblings; equal ones go by code.
        rule: which customers belong there by themselves, in the condition language; None none.
        valid_from, valid_until: since when, and until when, this is its place in a model that was
            in force before; null is the model's whole life.
    """

    deletable: ClassVar[bool] = True
    __table_args__: ClassVar[Any] = (
        to("territory_model"),
        to("territory"),
        to("territory", "parent_id"),
        CheckConstraint("parent_id <> territory_id", name="territory_place_below_another_check"),
        CheckConstraint("valid_until >= valid_from", name="territory_place_lasts_check"),
        short("territory_place", "rule", 4000),
        ExcludeConstraint(
            (column("tenant_id"), "="),
            (column("territory_model_id"), "="),
            (column("territory_id"), "="),
            (text("tstzrange(valid_from, valid_until)"), "&&"),
            using="gist",
            name="territory_place_once_excl",
        ),
        index("territory_place", "territory_id", "territory_model_id"),
        index("territory_place", "territory_model_id", "position", "id"),
        index("territory_place", "parent_id"),
    )

    territory_model_id: UUID
    territory_id: UUID
    parent_id: UUID | None = None
    position: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    rule: str | None = None
    valid_from: datetime | None = Field(default=None, sa_type=INSTANT)
    valid_until: datetime | None = Field(default=None, sa_type=INSTANT)


class TerritoryAssignment(Recorded, table=True):
    """That a member has a part in a territory, from a day until another; or that a seat is empty.

    What he may do comes from his offices (`app.assignment`); this says where he works.

    Attributes:
        seat_id: the same for all who held this place one after another.
        member_id: None while the seat is empty.
        valid_from, valid_until: half-open, days of the company.
    """

    fixed: ClassVar[tuple[str, ...]] = (
        *("territory_id", "seat_id", "role", "member_id", "valid_from"),
    )
    __table_args__: ClassVar[Any] = (
        to("territory"),
        to("member"),
        one_of("territory_assignment", "role", TerritoryRole),
        CheckConstraint("valid_until >= valid_from", name="territory_assignment_lasts_check"),
        # Two at once: these, not a check in Python, decide who is late.
        ExcludeConstraint(
            (column("tenant_id"), "="),
            (column("territory_id"), "="),
            (text("daterange(valid_from, valid_until)"), "&&"),
            where=text("role = 'OWNER'"),
            using="gist",
            name="territory_assignment_one_owner_excl",
        ),
        ExcludeConstraint(
            (column("tenant_id"), "="),
            (column("seat_id"), "="),
            (text("daterange(valid_from, valid_until)"), "&&"),
            using="gist",
            name="territory_assignment_one_in_a_seat_excl",
        ),
        ExcludeConstraint(
            (column("tenant_id"), "="),
            (column("territory_id"), "="),
            (column("member_id"), "="),
            (column("role"), "="),
            (text("daterange(valid_from, valid_until)"), "&&"),
            using="gist",
            name="territory_assignment_once_excl",
        ),
        index("territory_assignment", "territory_id", "valid_from", "id"),
        index("territory_assignment", "member_id", "valid_from", "id"),
        index("territory_assignment", "valid_from", "id"),
        index("territory_assignment", "seat_id"),
        index("territory_assignment", "role", "valid_from", "id"),
    )

    territory_id: UUID
    seat_id: UUID
    role: str
    member_id: UUID | None = None
    valid_from: date
    valid_until: date | None = None


class AccountTrait(Recorded, table=True):
    """Something a company knows of its customers, that conditions of territories may ask for.

    Attributes:
        code: as conditions write it.
        kind: FLAG, NUMBER or WORD.
        words: the closed list of a WORD; more may be added, none taken away.
        least, most: the bounds of a NUMBER.
    """

    fixed: ClassVar[tuple[str, ...]] = ("code", "kind", "least", "most")
    __table_args__: ClassVar[Any] = (
        of_tenant(),
        UniqueConstraint("tenant_id", "code"),
        one_of("account_trait", "kind", TraitKind),
        CheckConstraint("code ~ '^[a-z][a-z0-9_]{0,39}$'", name="account_trait_code_check"),
    )

    code: str
    names: dict[str, str] = Field(sa_type=JSON)
    kind: str
    words: list[str] = Field(default_factory=list, sa_type=TEXTS)
    least: int | None = Field(default=None, sa_type=BigInteger)
    most: int | None = Field(default=None, sa_type=BigInteger)


class PartyTrait(Recorded, table=True):
    """What is known of one customer: a trait's value, as a condition would write it."""

    deletable: ClassVar[bool] = True
    __table_args__: ClassVar[Any] = (
        to("party"),
        to("account_trait"),
        UniqueConstraint("tenant_id", "party_id", "account_trait_id"),
        index("party_trait", "account_trait_id", "value"),
    )

    party_id: UUID
    account_trait_id: UUID
    value: str


class TerritoryAccount(Recorded, table=True):
    """That a customer belongs to a territory of a model by name, whatever the conditions say."""

    deletable: ClassVar[bool] = True
    __table_args__: ClassVar[Any] = (
        to("territory_model"),
        to("territory"),
        to("party"),
        UniqueConstraint("tenant_id", "territory_model_id", "party_id"),
        index("territory_account", "territory_model_id", "territory_id", "id"),
        index("territory_account", "party_id"),
        index("territory_account", "territory_id"),
    )

    territory_model_id: UUID
    territory_id: UUID
    party_id: UUID


class TerritoryReturn(Recorded, table=True):
    """Where a customer was when a model was left: there he goes again when it is gone back to."""

    deletable: ClassVar[bool] = True
    __table_args__: ClassVar[Any] = (
        to("territory_model"),
        to("territory"),
        to("party"),
        UniqueConstraint("tenant_id", "territory_model_id", "party_id"),
        index("territory_return", "territory_id"),
        index("territory_return", "party_id"),
    )

    territory_model_id: UUID
    territory_id: UUID
    party_id: UUID


class TerritoryMove(Recorded, table=True):
    """That a model would move a customer: what one member was shown when he last asked.

    Attributes:
        owner_id, org_unit_id: the customer's, when it was asked: whose book changes.
        to_territory_id: None where nothing of the model takes him.
        registration_count: his registrations that protect somebody.
        deal_count, amount_minor: his deals so far; what was credited for them stays where it is.
        opportunity_count, pipeline_minor: his open opportunities, and what they come to.
        currency: the company's, of both amounts.
    """

    deletable: ClassVar[bool] = True
    __table_args__: ClassVar[Any] = (
        to("territory_model"),
        to("party"),
        to("territory", "from_territory_id"),
        to("territory", "to_territory_id"),
        to("member", "owner_id"),
        to("org_unit"),
        one_of("territory_move", "reason", MoveReason),
        UniqueConstraint(
            *("tenant_id", "territory_model_id", "created_by", "party_id"),
            name="territory_move_once_key",
        ),
        index("territory_move", "territory_model_id", "created_at", "id"),
        index("territory_move", "created_by", "created_at", "id"),
        index("territory_move", "party_id"),
        index("territory_move", "from_territory_id", "id"),
        index("territory_move", "to_territory_id", "id"),
        index("territory_move", "owner_id", "id"),
        index("territory_move", "reason", "id"),
    )

    territory_model_id: UUID
    party_id: UUID
    from_territory_id: UUID | None = None
    to_territory_id: UUID | None = None
    owner_id: UUID | None = None
    org_unit_id: UUID | None = None
    reason: str
    registration_count: int
    deal_count: int
    amount_minor: int | None = Field(default=None, sa_type=BigInteger)
    currency: str | None = None
    opportunity_count: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    pipeline_minor: int | None = Field(default=None, sa_type=BigInteger)


class TerritoryMoveSeat(Recorded, table=True):
    """That a model would move a seat: what one member was shown when he last asked.

    Attributes:
        territory_id: the seat's.
        member_id: who has it; None while it is empty.
        moved_territory_id: what hangs elsewhere: the seat's territory, or the nearest above it.
        from_parent_id, to_parent_id: what is above that now, and in the model.
    """

    deletable: ClassVar[bool] = True
    __table_args__: ClassVar[Any] = (
        to("territory_model"),
        to("territory_assignment"),
        to("territory"),
        to("member"),
        to("territory", "moved_territory_id"),
        to("territory", "from_parent_id"),
        to("territory", "to_parent_id"),
        one_of("territory_move_seat", "role", TerritoryRole),
        one_of("territory_move_seat", "reason", SeatMoveReason),
        UniqueConstraint(
            *("tenant_id", "territory_model_id", "created_by", "territory_assignment_id"),
            name="territory_move_seat_once_key",
        ),
        index("territory_move_seat", "territory_model_id", "created_at", "id"),
        index("territory_move_seat", "created_by", "created_at", "id"),
        index("territory_move_seat", "territory_assignment_id"),
        index("territory_move_seat", "territory_id", "id"),
        index("territory_move_seat", "moved_territory_id", "id"),
        index("territory_move_seat", "from_parent_id", "id"),
        index("territory_move_seat", "to_parent_id", "id"),
        index("territory_move_seat", "member_id", "id"),
        index("territory_move_seat", "role", "id"),
        index("territory_move_seat", "reason", "id"),
    )

    territory_model_id: UUID
    territory_assignment_id: UUID
    territory_id: UUID
    role: str
    member_id: UUID | None = None
    moved_territory_id: UUID
    from_parent_id: UUID | None = None
    to_parent_id: UUID | None = None
    reason: str
