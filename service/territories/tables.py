"""Territories, the models that order them, and when each model is in force."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint, column, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlmodel import Field

from service.database.tables import INSTANT, JSON, Recorded, index, of_tenant, short, to


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
    """

    fixed: ClassVar[tuple[str, ...]] = ("territory_model_id", "active_on", "active_from")
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
