"""What a simulation borrows from its caller, who stands above the features it drives.

A simulation makes tenants and lets time pass; making them is provisioning's and firing timers the
worker's, and neither may be imported from here. The composition root lends both.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, MutableSequence, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from service.clock import Clock
from service.work import Transactions, UnitOfWork

_T = TypeVar("_T")


class Chance(Protocol):
    """What is used of a seeded `random.Random`: the same seed tells the same history."""

    def random(self) -> float:
        """Return a number from 0 up to 1, exclusive."""

    def randint(self, a: int, b: int) -> int:
        """Return a whole number from a to b, both inclusive."""

    def choice(self, seq: Sequence[_T]) -> _T:
        """Return one of several."""

    def shuffle(self, x: MutableSequence[Any]) -> None:
        """Bring a list into another order."""


@dataclass(frozen=True, slots=True)
class WantedTenant:
    """A tenant to be made from a shipped template.

    Attributes:
        beginning: when its records, its rulebook and its administrator's office begin.
        admin_login: name under which its administrator signs in; None: nobody signs in to it.
        admin_password_hash: Argon2id.
    """

    code: str
    name: str
    industry: str
    admin_name: str
    beginning: datetime
    admin_login: str | None = None
    admin_password_hash: str | None = None


@dataclass(frozen=True, slots=True)
class FoundTenant:
    """A tenant that is there, with the ids it started with by the codes of its template.

    Attributes:
        beginning: when its records began, also where it was made by an earlier run.
    """

    tenant_id: UUID
    admin_id: UUID
    beginning: datetime
    units: Mapping[str, UUID]
    territories: Mapping[str, UUID]
    sites: Mapping[str, UUID]
    roles: Mapping[str, UUID]


OpenTransactions = Callable[[Clock], Transactions]
"""Open units of work on the simulation's database under a clock of its own."""

MakeTenant = Callable[[Transactions, WantedTenant], Awaitable[FoundTenant]]
"""Make a tenant, or find the one that the same order made before."""

OnDue = Callable[[UnitOfWork, UUID], Awaitable[None]]
Hear = Callable[[UnitOfWork, str, Mapping[str, Any]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Reactions:
    """What follows by itself from deadlines and events, as the worker has it.

    Attributes:
        timers: what each kind of timer does with its subject.
        heard: kinds of events somebody reacts to.
        hear: lets everybody react who hears an event of that kind, given its body.
    """

    timers: Mapping[str, OnDue]
    heard: Collection[str]
    hear: Hear


@dataclass(frozen=True, slots=True)
class Loan:
    """Everything a simulation borrows."""

    transactions: OpenTransactions
    make_tenant: MakeTenant
    reactions: Reactions
