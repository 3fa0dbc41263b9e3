"""What a simulation showed: the cases that change, and the sums by rep, site and rule."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, UniqueConstraint
from sqlmodel import Field

from service.database.tables import INSTANT, JSON, TenantTable, index, one_of, to


class SimulatedSubject(StrEnum):
    """What a case of a simulation is about."""

    VISIT = "VISIT"
    DEAL = "DEAL"


class TallyOf(StrEnum):
    """What the sums of a simulation are made for."""

    MEMBER = "MEMBER"
    SITE = "SITE"
    RULE = "RULE"


class SimulationCase(TenantTable, table=True):
    """A visit or a deal that comes out otherwise under a simulated text.

    Attributes:
        position: its place in the order of what happened, from 1.
        credit_before, credit_after: the shares, each with holder, member and basis points.
    """

    append_only: ClassVar[bool] = True
    __table_args__: ClassVar[Any] = (
        to("rulebook_simulation", cascade=True),
        to("site"),
        to("visit"),
        to("deal"),
        to("member", "receiver_before_id"),
        to("member", "receiver_after_id"),
        to("member", "owner_before_id"),
        to("member", "owner_after_id"),
        one_of("simulation_case", "subject", SimulatedSubject),
        UniqueConstraint("tenant_id", "rulebook_simulation_id", "position"),
        index("simulation_case", "rulebook_simulation_id", "position", "id"),
        index("simulation_case", "site_id", "position", "id"),
        index("simulation_case", "receiver_before_id", "position", "id"),
        index("simulation_case", "receiver_after_id", "position", "id"),
    )

    rulebook_simulation_id: UUID
    position: int
    subject: str
    site_id: UUID
    visit_id: UUID | None = None
    deal_id: UUID | None = None
    happened_at: datetime = Field(sa_type=INSTANT)
    receiver_changed: bool = False
    owner_changed: bool = False
    credit_changed: bool = False
    rule_before: str
    rule_after: str
    mode_before: str | None = None
    mode_after: str | None = None
    receiver_before_id: UUID | None = None
    receiver_after_id: UUID | None = None
    owner_before_id: UUID | None = None
    owner_after_id: UUID | None = None
    credit_before: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    credit_after: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)


class SimulationTally(TenantTable, table=True):
    """The sums of a simulation for one rep, one site or one rule, as it was and as it would be.

    Attributes:
        visits_before, visits_after: received by the rep, at the site, or decided by the rule.
        turns_before, turns_after: turns used.
        credit_before, credit_after: what reps get of deals, in basis points of one deal.
        receiver_changed, owner_changed: how many of what was before change.
        credit_changed: deals that change, of a rep those in which his own share does.
    """

    append_only: ClassVar[bool] = True
    __table_args__: ClassVar[Any] = (
        to("rulebook_simulation", cascade=True),
        to("site"),
        to("member"),
        one_of("simulation_tally", "tally_of", TallyOf),
        UniqueConstraint("tenant_id", "rulebook_simulation_id", "position"),
        index("simulation_tally", "rulebook_simulation_id", "position", "id"),
    )

    rulebook_simulation_id: UUID
    position: int
    tally_of: str
    member_id: UUID | None = None
    site_id: UUID | None = None
    rule: str | None = None
    visits_before: int = 0
    visits_after: int = 0
    turns_before: int = 0
    turns_after: int = 0
    credit_before: int = Field(default=0, sa_type=BigInteger)
    credit_after: int = Field(default=0, sa_type=BigInteger)
    receiver_changed: int = 0
    owner_changed: int = 0
    credit_changed: int = 0
