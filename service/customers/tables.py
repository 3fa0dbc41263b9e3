"""Parties, telephone numbers, relations."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, LargeBinary, UniqueConstraint
from sqlmodel import Field

from service.database.tables import (
    CODE_POINTS,
    INSTANT,
    Recorded,
    TenantTable,
    index,
    of_tenant,
    one_of,
    short,
    to,
)
from service.journal.tables import in_written_order, written_by


class PartyKind(StrEnum):
    """What a party is."""

    PERSON = "PERSON"
    ORGANISATION = "ORGANISATION"


class Party(Recorded, table=True):
    """A customer: a person or an organisation.

    A visitor may leave no name; then the name is null and a registration is not complete (TR-1).
    """

    __table_args__: ClassVar[Any] = (
        of_tenant(),
        one_of("party", "kind", PartyKind),
        short("party", "full_name"),
        index("party", "created_at", "id"),
        index("party", "full_name", "id"),
        index("party", "org_unit_id", "created_at", "id"),
        index("party", "territory_id", "created_at", "id"),
        index("party", "owner_id", "created_at", "id"),
        index("party", "org_unit_id", "full_name", "id"),
        index("party", "territory_id", "full_name", "id"),
        index("party", "owner_id", "full_name", "id"),
        index("party", "kind", "created_at", "id"),
        to("member", "owner_id"),
        to("org_unit"),
        to("territory"),
    )

    kind: str = PartyKind.PERSON.value
    full_name: str | None = None
    # Scope keys for authorisation: to whom the latest reception gave the party, and where it was
    # met first. They say who may see it; who owns it is asked of the registrations.
    owner_id: UUID | None = None
    org_unit_id: UUID | None = None
    territory_id: UUID | None = None


class PartyNameKey(TenantTable, table=True):
    """One end of a party's name, by which a search finds it anywhere in the name.

    A name of four characters has four ends; what stands anywhere in the name begins one of them,
    so a search is a range of this index. An index of trigrams or words would not be used: under row
    security only leakproof comparisons are conditions of an index.
    """

    deletable: ClassVar[bool] = True
    __table_args__: ClassVar[Any] = (
        to("party", cascade=True),
        UniqueConstraint("tenant_id", "party_id", "key"),
        index("party_name_key", "key", "party_id"),
    )

    party_id: UUID
    key: str = Field(sa_type=CODE_POINTS)


class ContactPoint(Recorded, table=True):
    """A telephone number of a party, in E.164; one number identifies one party of the tenant."""

    deletable: ClassVar[bool] = True
    __table_args__: ClassVar[Any] = (
        to("party", cascade=True),
        UniqueConstraint("tenant_id", "phone"),
        CheckConstraint("phone ~ '^[+][1-9][0-9]{2,14}$'", name="contact_point_phone_check"),
        index("contact_point", "party_id"),
    )

    party_id: UUID
    phone: str
    extension: str | None = None


class RemovedPhone(TenantTable, table=True):
    """That a number was a party's until somebody said it is not his; it may be another's since."""

    append_only: ClassVar[bool] = True
    __table_args__: ClassVar[Any] = (
        to("party"),
        to("member", "removed_by"),
        short("removed_phone", "reason", 500),
        index("removed_phone", "party_id", "removed_at", "id"),
        index("removed_phone", "phone", "removed_at"),
    )

    party_id: UUID
    phone: str
    extension: str | None = None
    added_at: datetime = Field(sa_type=INSTANT)
    removed_at: datetime = Field(sa_type=INSTANT)
    removed_by: UUID | None = None
    reason: str


class IdentityKind(StrEnum):
    """What identifies a party besides his numbers."""

    ID_CARD = "ID_CARD"
    PASSPORT = "PASSPORT"
    TRAVEL_PERMIT = "TRAVEL_PERMIT"
    FACE = "FACE"


class PartyIdentity(Recorded, table=True):
    """An identity document or a face of a party; it identifies one party of the tenant.

    Attributes:
        digest: HMAC-SHA-256 under the tenant's key, in hexadecimal; the number itself is not kept.
        shown: a document's number with asterisks for all but its last characters.
    """

    deletable: ClassVar[bool] = True
    fixed: ClassVar[tuple[str, ...]] = ("party_id", "kind", "digest", "shown")
    __table_args__: ClassVar[Any] = (
        to("party", cascade=True),
        one_of("party_identity", "kind", IdentityKind),
        UniqueConstraint("tenant_id", "digest"),
        CheckConstraint("digest ~ '^[0-9a-f]{64}$'", name="party_identity_digest_check"),
        CheckConstraint("(kind = 'FACE') = (shown IS NULL)", name="party_identity_shown_check"),
        index("party_identity", "party_id", "created_at", "id"),
    )

    party_id: UUID
    kind: str
    digest: str
    shown: str | None = None


class IdentitySecret(TenantTable, table=True):
    """The key under which a tenant's documents and faces are hashed; it is never shown."""

    fixed: ClassVar[tuple[str, ...]] = ("key",)
    __table_args__: ClassVar[Any] = (of_tenant(), UniqueConstraint("tenant_id"))

    key: bytes = Field(sa_type=LargeBinary)


class PartyRelation(Recorded, table=True):
    """How two parties are related, and the unit both want, if known (五(五)3).

    The kind is read from `party_id` to `other_party_id`: "parent" says that the party is a parent
    of the other. Who recorded it, and when, decides whether it bears out a claim of his.

    Attributes:
        on_behalf_of_id: with whose right a stand-in recorded it.
    """

    fixed: ClassVar[tuple[str, ...]] = (
        "party_id",
        "other_party_id",
        "kind",
        "unit_code",
        "created_at",
        "created_by",
        "on_behalf_of_id",
    )
    made_by_database: ClassVar[frozenset[str]] = frozenset({"transaction"})
    __table_args__: ClassVar[Any] = (
        to("party"),
        to("party", "other_party_id"),
        to("member", "on_behalf_of_id"),
        CheckConstraint("party_id <> other_party_id", name="party_relation_to_another_check"),
        index("party_relation", "party_id"),
        index("party_relation", "other_party_id"),
        in_written_order("party_relation"),
    )

    party_id: UUID
    other_party_id: UUID
    kind: str
    unit_code: str | None = None
    evidence: str | None = None
    on_behalf_of_id: UUID | None = None
    transaction: int | None = written_by()
