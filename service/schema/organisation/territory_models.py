"""Models of the territories: drafts, the one in force, those that were, and where each has what."""

from datetime import date, datetime
from enum import Enum, StrEnum
from typing import Annotated, Final

import strawberry

from service.organisation.territory_tree import announced, in_force, parent_at, standing
from service.policies.access import RecordColumns
from service.schema.connections import Connection, Orders, SortKey
from service.schema.listing import listing
from service.schema.nodes import CREATED_AT, ID, VERSION, Node, described
from service.schema.organisation.types import TODAY, Member, Territory
from service.schema.planner.mapping import (
    Possible,
    allowed_actions,
    column,
    key,
    name_in,
    names,
    planned,
    relation,
    sql,
    to_many,
    to_one,
)
from service.schema.reading import one
from service.schema.scalars import LocalizedText
from service.territories import tables

_HERE: Final = "service.schema.organisation.territory_models"
_ANNOUNCED: Final = announced("t.id")
_NOW: Final = (
    "EXISTS (SELECT FROM app.territory_activation a WHERE a.tenant_id = $1"
    f" AND a.territory_model_id = t.id AND {in_force('{now}')})"
)
_LATER: Final = (
    "EXISTS (SELECT FROM app.territory_activation a WHERE a.tenant_id = $1"
    " AND a.territory_model_id = t.id AND a.active_from > {now}"
    " AND a.active_until IS DISTINCT FROM a.active_from)"
)
_OWN: Final = RecordColumns(owner="s.owner_id")
_AUTHOR: Final = RecordColumns(owner="t.created_by")


def _seats(held: str) -> str:
    """Write how many seats of a place's territory are held today, or empty."""
    return (
        "(SELECT count(*) FROM app.territory_assignment s WHERE s.tenant_id = $1"
        f" AND s.territory_id = t.territory_id AND s.valid_from <= {TODAY}"
        f" AND (s.valid_until IS NULL OR s.valid_until > {TODAY}) AND s.member_id IS {held})"
    )


# What was announced is everybody's; until then it is its author's.
_BY_MODEL: Final = (
    "SELECT m.created_by AS owner_id FROM app.territory_model m"
    " WHERE m.tenant_id = $1 AND m.id = t.territory_model_id"
    f" UNION ALL SELECT {{me}} WHERE {announced('t.territory_model_id')}"
)


class TerritoryModelState(StrEnum):
    """What a model is at the instant of the reading."""

    PLANNING = "PLANNING"
    SCHEDULED = "SCHEDULED"
    ACTIVE = "ACTIVE"
    ARCHIVED = "ARCHIVED"


described(
    TerritoryModelState,
    "What a territory model is now, by the clock. Values are added.",
    PLANNING="A draft.",
    SCHEDULED="Announced: it comes into force on a day to come.",
    ACTIVE="In force.",
    ARCHIVED="It was in force, or was put away.",
)


@strawberry.enum(description="What may be done with a territory model. Values are added.")
class TerritoryModelAction(Enum):
    EDIT = strawberry.enum_value("EDIT", description="`editTerritoryModel`.")
    PLACE = strawberry.enum_value("PLACE", description="`placeTerritory`, `displaceTerritory`.")
    ACTIVATE = strawberry.enum_value("ACTIVATE", description="`activateTerritoryModel`.")


@planned(
    tables.TerritoryActivation,
    action="territory_model.view",
    scope=_OWN,
    places=_BY_MODEL,
    condition="(t.active_until IS DISTINCT FROM t.active_from)",
)
@strawberry.type(
    description="That a territory model is in force, from an instant until another. One that was"
    " taken back before it began is not shown."
)
class TerritoryActivation(Node):
    id: strawberry.ID = key(ID)
    version: int = column("version", VERSION)
    model: Annotated["TerritoryModel", strawberry.lazy(_HERE)] | None = to_one(
        "territory_model_id", "TerritoryModel", "The model."
    )
    active_on: date | None = column(
        "active_on", "The company's day it begins with; null where it began at once."
    )
    active_from: datetime = column("active_from", "From then on.")
    active_until: datetime | None = column(
        "active_until", "First instant without; null while nothing follows."
    )
    targets_follow: bool = column(
        "targets_follow", "Whether targets in force follow the customers who are moved by it."
    )


@planned(
    tables.TerritoryPlace,
    action="territory_model.view",
    scope=_OWN,
    places=_BY_MODEL,
    condition=f"({standing('{now}', 't')})",
)
@strawberry.type(description="Where a territory stands in a territory model.")
class TerritoryPlace(Node):
    id: strawberry.ID = key(ID)
    version: int = column("version", VERSION)
    model: Annotated["TerritoryModel", strawberry.lazy(_HERE)] | None = to_one(
        "territory_model_id", "TerritoryModel", "The model."
    )
    territory: Territory | None = to_one("territory_id", "Territory", "The territory.")
    parent: Territory | None = to_one(
        "parent_id", "Territory", "The one above it there; null at the top."
    )
    position: int = column("position", "Its turn among its siblings, the lowest first.")
    rule: str | None = column(
        "rule",
        "The condition by which it takes customers, in the language of the rulebooks; null: nobody"
        " by itself.",
    )
    valid_from: datetime | None = column(
        "valid_from", "Since when it stands there; null: as long as there is the model."
    )
    parent_now: Territory | None = relation(
        parent_at("{now}", "t.territory_id"),
        "Territory",
        "The one above it in the model in force; null at the top, or without a place there. Where"
        " it is another than `parent`, the territory moves with all that is in it.",
    )
    filled_seat_count: int = sql(
        _seats("NOT NULL"), "Its seats that somebody holds today: the headcount."
    )
    vacancy_count: int = sql(_seats("NULL"), "Its seats that are empty today.")
    listed_party_count: int = sql(
        "(SELECT count(*) FROM app.territory_account l WHERE l.tenant_id = $1"
        " AND l.territory_model_id = t.territory_model_id AND l.territory_id = t.territory_id)",
        "How many customers the model lists for it by name.",
    )


@planned(
    tables.TerritoryModel,
    action="territory_model.view",
    scope=_OWN,
    places=f"SELECT t.created_by AS owner_id UNION ALL SELECT {{me}} WHERE {_ANNOUNCED}",
)
@strawberry.type(
    description="A drawing of the territories: which stands below which. Everybody sees those that"
    " were activated; drafts are seen by those who may write in them."
)
class TerritoryModel(Node):
    id: strawberry.ID = key(ID)
    version: int = column("version", VERSION)
    code: str = column("code", "Unique within the tenant.")
    name: str = name_in("names", "In the request's language.")
    names: LocalizedText = names("names", "In all languages.")
    state: TerritoryModelState = sql(
        f"CASE WHEN {_NOW} THEN 'ACTIVE' WHEN {_LATER} THEN 'SCHEDULED'"
        f" WHEN t.archived_at IS NOT NULL OR {_ANNOUNCED} THEN 'ARCHIVED'"
        " ELSE 'PLANNING' END",
        "What it is now.",
    )
    based_on: Annotated["TerritoryModel", strawberry.lazy(_HERE)] | None = to_one(
        "based_on_id", "TerritoryModel", "The model it was copied from; null out of sight."
    )
    author: Member | None = to_one(
        "created_by", "Member", "Who drafted it; null for the first, and out of sight."
    )
    created_at: datetime = column("created_at", CREATED_AT)
    archived_at: datetime | None = column("archived_at", "When it was put away; null if not.")
    activations: list[TerritoryActivation] = to_many(
        "TerritoryActivation",
        "territory_model_id",
        "When it was, is and will be in force, the earliest first.",
        order="t.active_from, t.id",
    )
    places: Connection[TerritoryPlace] = listing(
        TerritoryPlace,
        Orders({"POSITION": SortKey("t.position", "bigint")}, usual="POSITION", descending=False),
        "Where each territory stands in it, by position; `territoryTree(modelId:)` has the tree.",
        parent="territory_model_id",
    )
    place_count: int = sql(
        "(SELECT count(*) FROM app.territory_place p WHERE p.tenant_id = $1"
        f" AND p.territory_model_id = t.id AND {standing('{now}')})",
        "How many territories stand in it.",
    )
    allowed_actions: list[TerritoryModelAction] = allowed_actions(
        "Commands the caller could issue now.",
        EDIT=Possible("territory_model.edit", scope=_AUTHOR),
        PLACE=Possible(
            "territory_model.edit",
            f"t.archived_at IS NULL AND NOT {_ANNOUNCED}",
            scope=_AUTHOR,
        ),
        ACTIVATE=Possible(
            "territory_model.activate", f"t.archived_at IS NULL AND NOT {_NOW}", scope=_AUTHOR
        ),
    )


@strawberry.type
class TerritoryModelsQuery:
    territory_model: TerritoryModel | None = one(
        TerritoryModel, "One territory model; null when there is none in sight."
    )
    territory_models: Connection[TerritoryModel] = listing(
        TerritoryModel,
        Orders({"CREATED_AT": SortKey("t.created_at", "timestamptz")}, usual="CREATED_AT"),
        "The territory models in the caller's sight, the newest first.",
    )
    territory_activations: Connection[TerritoryActivation] = listing(
        TerritoryActivation,
        Orders({"ACTIVE_FROM": SortKey("t.active_from", "timestamptz")}, usual="ACTIVE_FROM"),
        "Which territory model is, was and will be in force when, the last first.",
    )
