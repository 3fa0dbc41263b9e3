"""Audit, decisions, outbox, command keys. Append only, but for the answer of a running command."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Column, Identity, Index, UniqueConstraint, text
from sqlmodel import Field

from service.database.tables import (
    IDS,
    INSTANT,
    JSON,
    MonthlyLedger,
    TenantTable,
    by_month,
    index,
    of_tenant,
    one_of,
    to,
)


def in_written_order(table: str) -> Index:
    """Make the index by which the newest lines are found: a summary of blocks, free to write."""
    return Index(f"{table}_transaction_ix", "tenant_id", "transaction", postgresql_using="brin")


class DecisionKind(StrEnum):
    """What was decided."""

    RECEPTION = "RECEPTION"
    REGISTRATION = "REGISTRATION"
    RENEWAL = "RENEWAL"
    CLAIM = "CLAIM"
    CREDIT = "CREDIT"
    DISPUTE = "DISPUTE"


class Command(TenantTable, table=True):
    """A command that was carried out, found again by its client's key.

    `principal` is the member (or the integration) the key belongs to.
    """

    __table_args__: ClassVar[Any] = (
        of_tenant(),
        index("command", "principal", "idempotency_key", unique=True),
        index("command", "received_at"),
    )

    principal: UUID
    idempotency_key: str
    name: str
    digest: str
    received_at: datetime = Field(sa_type=INSTANT)
    answer: Any = Field(default=None, sa_type=JSON, nullable=True)


def written_by() -> Any:  # noqa: ANN401 - SQLModel's own
    """Make the column of the transaction that wrote a line; null in lines older than it."""
    return Field(
        default=None,
        sa_column=Column(
            "transaction",
            BigInteger,
            nullable=True,
            server_default=text("pg_current_xact_id()::text::bigint"),
        ),
    )


class AuditEvent(MonthlyLedger, table=True):
    """Who did what, on whose behalf, to what, and in which request.

    `transaction` lets the worker seal only what is below the commit horizon.
    """

    made_by_database: ClassVar[frozenset[str]] = frozenset({"transaction"})
    __table_args__: ClassVar[Any] = by_month(
        of_tenant(),
        index("audit_event", "subject_id", "at"),
        index("audit_event", "actor_id", "at"),
        index("audit_event", "command", "at", "id"),
        in_written_order("audit_event"),
    )

    actor_id: UUID | None = None
    on_behalf_of_id: UUID | None = None
    command: str
    duty: str | None = None
    subject_type: str | None = None
    subject_id: UUID | None = None
    details: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    request_id: str
    transaction: int | None = written_by()


class Decision(TenantTable, table=True):
    """A decision with everything it was made from.

    Attributes:
        facts: the facts of the rulebook's vocabulary, as they were.
        outcome: the typed outcome of the rule.
        passed_over: everybody considered and not chosen, in turn order, with the reason.
        transaction: lets the worker seal only what is below the commit horizon.
    """

    append_only: ClassVar[bool] = True
    made_by_database: ClassVar[frozenset[str]] = frozenset({"transaction"})
    __table_args__: ClassVar[Any] = (
        of_tenant(),
        one_of("decision", "kind", DecisionKind),
        index("decision", "subject_id", "at"),
        index("decision", "at DESC", "id DESC"),
        index("decision", "owner_id", "at", "id"),
        index("decision", "org_unit_id", "at", "id"),
        index("decision", "territory_id", "at", "id"),
        index("decision", "kind", "at", "id"),
        index("decision", "rule", "at", "id"),
        in_written_order("decision"),
    )

    kind: str
    at: datetime = Field(sa_type=INSTANT)
    subject_type: str
    subject_id: UUID
    rulebook_version_id: UUID
    rule: str
    clause: str
    facts: dict[str, Any] = Field(sa_type=JSON)
    outcome: dict[str, Any] = Field(sa_type=JSON)
    passed_over: list[dict[str, str]] = Field(default_factory=list, sa_type=JSON)
    # Scope keys for authorisation, as of the decision.
    owner_id: UUID | None = None
    org_unit_id: UUID | None = None
    territory_id: UUID | None = None
    transaction: int | None = written_by()


class DecisionMember(TenantTable, table=True):
    """Somebody a decision was made between, besides whose it is: he reads it as his own.

    Attributes:
        at: the decision's: who is a side of many reads them in its order.
    """

    append_only: ClassVar[bool] = True
    __table_args__: ClassVar[Any] = (
        to("decision"),
        to("member"),
        # Nobody is named twice; and a member's decisions are found by him.
        UniqueConstraint("tenant_id", "member_id", "decision_id"),
        index("decision_member", "member_id", "at", "decision_id"),
    )

    decision_id: UUID
    member_id: UUID
    at: datetime = Field(
        sa_type=INSTANT, sa_column_kwargs={"server_default": text("transaction_timestamp()")}
    )


class JournalSeal(TenantTable, table=True):
    """Some hundred lines of the ledgers, each tied to the one before it by its hash.

    Made by the worker of what is committed, so no command waits. Nothing is ever sealed twice or
    left out: the next seal goes on after the last line of this one, in the order of writing.

    Attributes:
        number: from 1, without a gap.
        looked_through: the letters of all ledgers that were looked through for lines. A worker of
            an earlier release cannot say it, and so seals nothing that would pass by a ledger.
        ledgers: a letter for each line: A of the audit, D of the decisions, C of the credit
            ledger, V of the published versions of the rulebook, B of the registers, R of their
            entries, F of the follow-ups, K of the relations between customers.
        record_ids: the lines, in the order of the chain.
        hashes: 64 hexadecimal digits for each line, one after the other.
        previous_hash: the hash of the last line of the seal before.
        last_transaction, last_id: where the next seal goes on.
        from_at, until_at: the least and the greatest instant of its lines.
    """

    append_only: ClassVar[bool] = True
    __table_args__: ClassVar[Any] = (
        of_tenant(),
        UniqueConstraint("tenant_id", "number"),
    )

    number: int = Field(sa_type=BigInteger)
    sealed_at: datetime = Field(sa_type=INSTANT)
    looked_through: str
    ledgers: str
    record_ids: list[UUID] = Field(sa_type=IDS)
    hashes: str
    previous_hash: str
    last_transaction: int = Field(sa_type=BigInteger)
    last_id: UUID
    from_at: datetime = Field(sa_type=INSTANT)
    until_at: datetime = Field(sa_type=INSTANT)


class Outbox(TenantTable, table=True):
    """What happened: written with the command, published after its commit.

    `transaction` lets a feed read only below the commit horizon (database page 2.8).
    """

    made_by_database: ClassVar[frozenset[str]] = frozenset({"position", "transaction"})
    __table_args__: ClassVar[Any] = (
        of_tenant(),
        index("outbox", "transaction", "position", unique=True),
        index("outbox", "position", where="published_at IS NULL"),
    )

    position: int | None = Field(
        default=None, sa_column=Column(BigInteger, Identity(always=True), nullable=False)
    )
    transaction: int | None = Field(
        default=None,
        sa_column=Column(
            "transaction", BigInteger, server_default=text("pg_current_xact_id()::text::bigint")
        ),
    )
    at: datetime = Field(sa_type=INSTANT)
    kind: str
    subject_id: UUID
    body: dict[str, Any] = Field(sa_type=JSON)
    published_at: datetime | None = Field(default=None, sa_type=INSTANT)


class OutboxListener(TenantTable, table=True):
    """A process that streams a tenant's events: until then, commands wake it by NOTIFY.

    Written by the relay. Where nobody listens nothing notifies: commits that do pass through one
    lock of the whole cluster (database page 2.8).
    """

    __table_args__: ClassVar[Any] = (of_tenant(),)

    expires_at: datetime = Field(sa_type=INSTANT)


class NumberSeries(TenantTable, table=True):
    """A gapless count of business numbers, rolled back with its transaction."""

    __table_args__: ClassVar[Any] = (
        of_tenant(),
        UniqueConstraint("tenant_id", "series", "scope_id", "day"),
    )

    series: str
    scope_id: UUID
    day: str
    last_value: int = Field(sa_type=BigInteger)
