"""Who asks, what he is loaded with, and the row a command locks first."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from service.database.session import Row, Session
from service.policies.access import Actor, CompiledTenant

if TYPE_CHECKING:
    from service.work.units import Sight

# Stands where a member's id stands when the product itself acts.
NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, from his token; a null member is the product itself (timers, provisioning).

    Attributes:
        api_key_id: the key by which a program asks as the member; null for a person.
    """

    tenant_id: UUID
    member_id: UUID | None
    request_id: str
    locale: str | None = None
    api_key_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class TenantFacts:
    """What a command may need to know of its tenant."""

    id: UUID
    code: str
    time_zone: str
    phone_region: str
    currency: str
    locale: str

    @property
    def zone(self) -> ZoneInfo:
        """Where its days begin and end."""
        return ZoneInfo(self.time_zone)


# One stands in each order's class, and is told from others by which it is.
@dataclass(frozen=True, slots=True, eq=False)
class Anchor:
    """The one row a command locks first: the database decides who of two is earlier.

    Attributes:
        table, column: where the row is found; `column` is unique within the tenant.
        attribute: the order's attribute that holds its value.
    """

    table: str
    column: str
    attribute: str


class CallerSource(Protocol):
    """Loads callers.

    Attributes:
        columns: SQL over $1 tenant, $2 member, $3 now: one JSON value, from which he is loaded.
        here: SQL over the same: a short text that is another once any of it is changed; null where
            the tenant is not.
    """

    columns: ClassVar[str]
    here: ClassVar[str]

    async def load(self, sight: "Sight", found: Row, caller: Caller) -> "Loaded":
        """Return the caller's actor under the tenant's policy, as it is at the sight's instant."""

    def here_of(self, found: Row) -> str:
        """Return what `here` brings as long as the caller is as `columns` found him."""

    async def next_change(self, session: Session, caller: Caller, now: datetime) -> datetime | None:
        """Return the instant at which the clock alone makes him another; None for never."""

    async def look_again(self) -> None:
        """Ask anew where the tenants are: this place may not be theirs any more."""

    def is_confirmed(self, caller: Caller, generation: int) -> bool:
        """Tell whether the directory has the tenant here, without asking anybody."""

    async def confirm(self, caller: Caller, generation: int) -> None:
        """Refuse a tenant that the directory has elsewhere."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A caller ready to be judged.

    Attributes:
        found: what the database said of him; from it all the rest was made.
    """

    actor: Actor
    policy: CompiledTenant
    tenant: TenantFacts
    found: Row = None
