"""What of the targets would follow customers whom a territory model moves."""

from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, UniqueConstraint
from sqlmodel import Field

from service.database.tables import Recorded, index, one_of, to
from service.targets.tables.plans import TargetKind, TargetLevel


class TerritoryMoveTarget(Recorded, table=True):
    """What of one target would go with a customer, or with its territory.

    It is what one member was shown when he last asked.

    Attributes:
        territory_move_id: the customer's move; None where a territory takes its target along.
        moved_territory_id: that territory.
        from_node_id, to_node_id: the target it leaves, and the one it joins; None where the
            territory he goes to has none.
        from_territory_id, to_territory_id: of these targets.
        owner_id: the customer's rep, when it was asked.
        amount: in whole units of the metric.
    """

    deletable: ClassVar[bool] = True
    __table_args__: ClassVar[Any] = (
        to("territory_model"),
        to("territory_move", cascade=True),
        to("target_plan", "plan_id"),
        to("metric"),
        to("target_node", "from_node_id"),
        to("target_node", "to_node_id"),
        to("territory", "moved_territory_id"),
        CheckConstraint(
            "num_nonnulls(territory_move_id, moved_territory_id) = 1",
            name="territory_move_target_with_check",
        ),
        to("territory", "from_territory_id"),
        to("territory", "to_territory_id"),
        to("member", "owner_id"),
        one_of("territory_move_target", "kind", TargetKind),
        one_of("territory_move_target", "level", TargetLevel),
        UniqueConstraint(
            *("tenant_id", "territory_move_id", "from_node_id"),
            name="territory_move_target_once_key",
        ),
        index("territory_move_target", "territory_model_id", "created_at", "id"),
        index("territory_move_target", "created_by", "created_at", "id"),
        index("territory_move_target", "plan_id", "created_at", "id"),
        index("territory_move_target", "metric_id", "created_at", "id"),
        index("territory_move_target", "from_node_id"),
        index("territory_move_target", "to_node_id"),
        index("territory_move_target", "moved_territory_id", "id"),
        index("territory_move_target", "from_territory_id", "id"),
        index("territory_move_target", "to_territory_id", "id"),
        index("territory_move_target", "owner_id", "id"),
        index("territory_move_target", "kind", "id"),
        index("territory_move_target", "level", "id"),
    )

    territory_model_id: UUID
    territory_move_id: UUID | None = None
    moved_territory_id: UUID | None = None
    plan_id: UUID
    metric_id: UUID
    from_node_id: UUID
    to_node_id: UUID | None = None
    from_territory_id: UUID
    to_territory_id: UUID | None = None
    owner_id: UUID | None = None
    kind: str
    level: str
    amount: int = Field(sa_type=BigInteger)
    currency: str | None = None
