"""Work plans beside targets: what is to be done for one, with whom and with how much."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint
from sqlmodel import Field

from service.database.tables import INSTANT, Recorded, index, one_of, short, to


class WorkItemKind(StrEnum):
    """What is planned beside a target."""

    ACTION = "ACTION"
    CAMPAIGN = "CAMPAIGN"
    HEADCOUNT = "HEADCOUNT"
    BUDGET = "BUDGET"


class WorkItem(Recorded, table=True):
    """Something planned for a target: who owns it, by when, how much of it, and what came of it.

    Figures are whole units: people for headcount, minor units of the currency for a budget and for
    what a campaign costs, pieces of the target's metric for what an action is to bring.
    """

    __table_args__: ClassVar[Any] = (
        to("target_node", "node_id"),
        to("org_unit"),
        to("territory"),
        to("member", "owner_id"),
        one_of("work_item", "kind", WorkItemKind),
        short("work_item", "title", 200),
        short("work_item", "remark", 2000),
        CheckConstraint(
            "planned >= 0 AND result >= 0 AND cost >= 0", name="work_item_figures_check"
        ),
        index("work_item", "due_on", "id"),
        index("work_item", "node_id", "due_on", "id"),
        index("work_item", "owner_id", "due_on", "id"),
        index("work_item", "org_unit_id", "due_on", "id"),
        index("work_item", "territory_id", "due_on", "id"),
    )
    fixed: ClassVar[tuple[str, ...]] = ("node_id", "kind", "org_unit_id", "territory_id")

    node_id: UUID
    kind: str
    org_unit_id: UUID | None = None
    territory_id: UUID | None = None
    owner_id: UUID
    title: str
    due_on: date
    planned: int = Field(sa_type=BigInteger)
    result: int | None = Field(default=None, sa_type=BigInteger)
    cost: int | None = Field(default=None, sa_type=BigInteger)
    currency: str
    remark: str | None = None
    done_at: datetime | None = Field(default=None, sa_type=INSTANT)
