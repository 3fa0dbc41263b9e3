"""What of targets and of people a territory model would move, as the caller was last shown it."""

from datetime import datetime
from enum import Enum
from typing import Final

import strawberry

from service.policies.access import RecordColumns
from service.schema.connections import Connection, Orders, SortKey
from service.schema.filters import (
    Filter,
    IdFilter,
    TerritoryScope,
    every,
    none_of,
    on,
    on_id,
    on_territory,
    some,
)
from service.schema.listing import listing
from service.schema.nodes import CREATED_AT, ID, Node, described
from service.schema.organisation.territory_accounts import TerritoryMove
from service.schema.organisation.territory_models import TerritoryModel
from service.schema.organisation.types import Member, Territory
from service.schema.planner.mapping import column, key, planned, sql, to_one
from service.schema.scalars import BigInt
from service.schema.statistics.counting import by as grouped_by
from service.schema.statistics.counting import by_record, counted, number_of, statistics
from service.schema.statistics.fields import statistics_field
from service.schema.statistics.words import HIDDEN, NONE
from service.schema.targets.types import Metric, TargetNode, TargetPlan
from service.schema.targets.words import TargetKind, TargetLevel
from service.targets.tables import TerritoryMoveTarget as TargetRow
from service.territories.tables import TerritoryMoveSeat as SeatRow
from service.territories.tables import TerritoryRole
from service.territories.words import SeatMoveReason

described(
    SeatMoveReason,
    "Why a territory model would move a seat. Values are added.",
    REHUNG="Its territory, or one above it, hangs elsewhere.",
    LEFT_OUT="Its territory, or one above it, has no place in the model.",
)
_HIS: Final = "(t.created_by = {me})"
# Whoever may see the target it leaves, or the one it joins, may see what goes.
_EITHER: Final = (
    "SELECT t.from_territory_id AS territory_id UNION ALL SELECT t.to_territory_id"
    " WHERE t.to_territory_id IS NOT NULL"
)
# Amounts of different plans, metrics, kinds or levels are never added.
_ALIKE: Final = "count(DISTINCT (t.plan_id, t.metric_id, t.kind, t.level)) = 1"
_CREATED: Final = Orders({"CREATED_AT": SortKey("t.created_at", "timestamptz")}, "CREATED_AT")


@planned(
    TargetRow,
    action="target.view",
    scope=RecordColumns(territory="s.territory_id"),
    places=_EITHER,
    condition=_HIS,
)
@strawberry.type(
    description="What of a target would go with a customer: his part of the history of the year"
    " before; where there is none, an equal part by customer. Or the target of a territory that"
    " hangs elsewhere: what of it lies from the day on."
)
class TerritoryMoveTarget(Node):
    id: strawberry.ID = key(ID)
    model: TerritoryModel | None = to_one("territory_model_id", "TerritoryModel", "The model.")
    move: TerritoryMove | None = to_one(
        "territory_move_id",
        "TerritoryMove",
        "The customer's move; null where a territory takes its own target along.",
    )
    moved_territory: Territory | None = to_one(
        "moved_territory_id",
        "Territory",
        "The territory that hangs elsewhere and takes its target along; null with a customer.",
    )
    plan: TargetPlan | None = to_one("plan_id", "TargetPlan", "The plan.")
    metric: Metric | None = to_one("metric_id", "Metric", "What is counted.")
    from_node: TargetNode | None = to_one("from_node_id", "TargetNode", "The target it leaves.")
    to_node: TargetNode | None = to_one(
        "to_node_id",
        "TargetNode",
        "The target it joins; null where there is none: then it is unassigned above.",
    )
    from_territory: Territory | None = to_one(
        "from_territory_id", "Territory", "Of the target it leaves."
    )
    to_territory: Territory | None = to_one(
        "to_territory_id", "Territory", "Of the target it joins."
    )
    rep: Member | None = to_one("owner_id", "Member", "Whose customer he is; null out of sight.")
    kind: TargetKind = column("kind", "What the target is for.")
    level: TargetLevel = column("level", "How hard it is.")
    amount: BigInt = sql("t.amount", "In whole units of the metric.")
    currency: str | None = column("currency", "The currency of a MONEY metric.")
    created_at: datetime = column("created_at", CREATED_AT)


@strawberry.input(description="Which parts of targets.")
class TerritoryMoveTargetFilter:
    and_: list["TerritoryMoveTargetFilter"] | None = every()
    or_: list["TerritoryMoveTargetFilter"] | None = some()
    not_: "TerritoryMoveTargetFilter | None" = none_of()
    model_id: IdFilter | None = on_id("t.territory_model_id", "territory_model", "By model.")
    plan_id: IdFilter | None = on_id("t.plan_id", "target_plan", "By plan.")
    metric_id: IdFilter | None = on_id("t.metric_id", "metric", "By metric.")
    from_territory: TerritoryScope | None = on_territory("t.from_territory_id", "By where from.")
    to_territory: TerritoryScope | None = on_territory("t.to_territory_id", "By where to.")
    moved_territory: TerritoryScope | None = on_territory(
        "t.moved_territory_id", "By what hangs elsewhere."
    )
    rep_id: IdFilter | None = on_id("t.owner_id", "member", "By rep.")
    kind: Filter[TargetKind] | None = on("t.kind", "text", "By what it is for.")
    level: Filter[TargetLevel] | None = on("t.level", "text", "By how hard it is.")


@strawberry.enum(description="What moved parts of targets are counted by. Values are added.")
class TerritoryMoveTargetDimension(Enum):
    PLAN = strawberry.enum_value("PLAN", description="By plan.")
    METRIC = strawberry.enum_value("METRIC", description="By metric.")
    FROM_TERRITORY = strawberry.enum_value("FROM_TERRITORY", description="By where from.")
    TO_TERRITORY = strawberry.enum_value("TO_TERRITORY", description="By where to.")
    REP = strawberry.enum_value("REP", description="By rep.")
    MOVED_TERRITORY = strawberry.enum_value(
        "MOVED_TERRITORY", description="By the territory that hangs elsewhere."
    )
    KIND = strawberry.enum_value("KIND", description="By what the target is for.")
    LEVEL = strawberry.enum_value("LEVEL", description="By how hard it is.")


@strawberry.type(description="What a row of moved targets is about; null where not grouped by it.")
class TerritoryMoveTargetStatisticsKey:
    plan: TargetPlan | None = by_record("t.plan_id", "TargetPlan", "The plan.")
    metric: Metric | None = by_record("t.metric_id", "Metric", "The metric.")
    from_territory: Territory | None = by_record("t.from_territory_id", "Territory", "Where from.")
    to_territory: Territory | None = by_record("t.to_territory_id", "Territory", "Where to.")
    rep: Member | None = by_record("t.owner_id", "Member", "The rep.")
    moved_territory: Territory | None = by_record(
        "t.moved_territory_id", "Territory", "The territory that hangs elsewhere."
    )
    kind: TargetKind | None = grouped_by("t.kind", "What the target is for.")
    level: TargetLevel | None = grouped_by("t.level", "How hard it is.")
    none: list[TerritoryMoveTargetDimension] = strawberry.field(description=NONE)
    hidden: list[TerritoryMoveTargetDimension] = strawberry.field(description=HIDDEN)


@strawberry.type(description="Parts of targets the caller was last shown, counted.")
class TerritoryMoveTargetStatistics:
    key: TerritoryMoveTargetStatisticsKey = strawberry.field(description="What the row is about.")
    party_count: int = counted(
        "count(DISTINCT t.territory_move_id)", "How many customers they go with."
    )
    amount: BigInt | None = counted(
        f"CASE WHEN {_ALIKE} THEN sum(t.amount) END",
        "Together, in whole units of the metric; null where plans, metrics, kinds or levels differ,"
        " which are never added: group by them, or filter.",
    )


_TARGETS: Final = statistics(
    "TerritoryMoveTarget",
    TerritoryMoveTargetStatistics,
    TerritoryMoveTargetStatisticsKey,
    zone="",
    at="t.created_at",
    day="t.created_at::date",
)


@planned(
    SeatRow,
    action="territory_model.view",
    scope=RecordColumns(owner="t.created_by"),
    condition=_HIS,
)
@strawberry.type(description="That a territory model would move a seat, held or empty.")
class TerritoryMoveSeat(Node):
    id: strawberry.ID = key(ID)
    model: TerritoryModel | None = to_one("territory_model_id", "TerritoryModel", "The model.")
    territory: Territory | None = to_one("territory_id", "Territory", "The seat's territory.")
    role: TerritoryRole = column("role", "The part.")
    member: Member | None = to_one(
        "member_id", "Member", "Who has it; null where `vacant`, and out of sight."
    )
    vacant: bool = sql("t.member_id IS NULL", "Whether the seat is empty.")
    moved_territory: Territory | None = to_one(
        "moved_territory_id",
        "Territory",
        "What hangs elsewhere: the seat's territory, or the nearest above it that does.",
    )
    from_parent: Territory | None = to_one(
        "from_parent_id", "Territory", "What is above that now; null at the top."
    )
    to_parent: Territory | None = to_one(
        "to_parent_id", "Territory", "What is above it in the model; null at the top, and left out."
    )
    reason: SeatMoveReason = column("reason", "Why.")
    created_at: datetime = column("created_at", CREATED_AT)


@strawberry.input(description="Which seats.")
class TerritoryMoveSeatFilter:
    and_: list["TerritoryMoveSeatFilter"] | None = every()
    or_: list["TerritoryMoveSeatFilter"] | None = some()
    not_: "TerritoryMoveSeatFilter | None" = none_of()
    model_id: IdFilter | None = on_id("t.territory_model_id", "territory_model", "By model.")
    territory: TerritoryScope | None = on_territory("t.territory_id", "By the seat's territory.")
    from_parent: TerritoryScope | None = on_territory("t.from_parent_id", "By what is above now.")
    to_parent: TerritoryScope | None = on_territory("t.to_parent_id", "By what would be above.")
    member_id: IdFilter | None = on_id(
        "t.member_id", "member", "By member; `isNull` finds the empty seats."
    )
    role: Filter[TerritoryRole] | None = on("t.role", "text", "By part.")
    reason: Filter[SeatMoveReason] | None = on("t.reason", "text", "By reason.")


@strawberry.enum(description="What moved seats are counted by. Values are added.")
class TerritoryMoveSeatDimension(Enum):
    TERRITORY = strawberry.enum_value("TERRITORY", description="By the seat's territory.")
    FROM_PARENT = strawberry.enum_value("FROM_PARENT", description="By what is above now.")
    TO_PARENT = strawberry.enum_value("TO_PARENT", description="By what would be above.")
    MEMBER = strawberry.enum_value("MEMBER", description="By member.")
    ROLE = strawberry.enum_value("ROLE", description="By part.")
    REASON = strawberry.enum_value("REASON", description="By reason.")


@strawberry.type(description="What a row of moved seats is about; null where not grouped by it.")
class TerritoryMoveSeatStatisticsKey:
    territory: Territory | None = by_record("t.territory_id", "Territory", "The seats' territory.")
    from_parent: Territory | None = by_record("t.from_parent_id", "Territory", "Above now.")
    to_parent: Territory | None = by_record("t.to_parent_id", "Territory", "Above in the model.")
    member: Member | None = by_record("t.member_id", "Member", "Who has it.")
    role: TerritoryRole | None = grouped_by("t.role", "The part.")
    reason: SeatMoveReason | None = grouped_by("t.reason", "The reason.")
    none: list[TerritoryMoveSeatDimension] = strawberry.field(description=NONE)
    hidden: list[TerritoryMoveSeatDimension] = strawberry.field(description=HIDDEN)


@strawberry.type(description="Seats the caller was last shown, counted: the headcount.")
class TerritoryMoveSeatStatistics:
    key: TerritoryMoveSeatStatisticsKey = strawberry.field(description="What the row is about.")
    filled_seat_count: int = number_of("t.member_id IS NOT NULL", "Seats somebody holds.")
    vacancy_count: int = number_of("t.member_id IS NULL", "Seats that are empty.")


_SEATS: Final = statistics(
    "TerritoryMoveSeat",
    TerritoryMoveSeatStatistics,
    TerritoryMoveSeatStatisticsKey,
    zone="",
    at="t.created_at",
    day="t.created_at::date",
)


@strawberry.type
class TerritoryFollowingQuery:
    territory_move_targets: Connection[TerritoryMoveTarget] = listing(
        TerritoryMoveTarget,
        _CREATED,
        "What of the targets would go with whom or what territory models move, as"
        " `previewTerritoryModel` last showed the caller.",
        filter=TerritoryMoveTargetFilter,
    )
    territory_move_target_statistics: list[TerritoryMoveTargetStatistics] = statistics_field(
        _TARGETS,
        "The parts of `territoryMoveTargets`, counted: what leaves some targets is what joins the"
        " others, to the unit.",
        dimensions=TerritoryMoveTargetDimension,
        filter=TerritoryMoveTargetFilter,
    )
    territory_move_seats: Connection[TerritoryMoveSeat] = listing(
        TerritoryMoveSeat,
        _CREATED,
        "Which seats territory models would move with territories that hang elsewhere in them, as"
        " `previewTerritoryModel` last showed the caller.",
        filter=TerritoryMoveSeatFilter,
    )
    territory_move_seat_statistics: list[TerritoryMoveSeatStatistics] = statistics_field(
        _SEATS,
        "The seats of `territoryMoveSeats`, counted: the headcount that would move.",
        dimensions=TerritoryMoveSeatDimension,
        filter=TerritoryMoveSeatFilter,
    )
