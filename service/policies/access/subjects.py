"""What an access question is made of: the rows of a policy, who asks, and about which record.

All of it is immutable and free of I/O. Roles and duties are named by codes with the mandatory
prefixes `r:` and `d:`: Casbin's own `g` is reflexive and would give a role to whoever is called
like it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from uuid import UUID

PLATFORM_ID: Final = UUID(int=0)
"""Stands where a tenant's id stands for the operators' own domain; no tenant has the nil id."""

EVERYONE: Final = "*"
"""The duty of a row that binds every member whatever he holds; only four eyes is written so."""

NO_LIMIT: Final = "-"
"""What stands in the limit's place of a row that has none."""

_NO_FIGURES: Final[Mapping[str, int]] = MappingProxyType({})
_NO_COLUMNS: Final[Mapping[str, str]] = MappingProxyType({})


def _no_figures() -> Mapping[str, int]:
    return _NO_FIGURES


def _no_columns() -> Mapping[str, str]:
    return _NO_COLUMNS


class Scope(StrEnum):
    """How far a grant reaches; each of the first four includes the ones before it."""

    OWN = "own"
    TEAM = "team"
    TERRITORY = "territory"
    TENANT = "tenant"
    REQUESTED = "requested"
    """Only for deny rows: what the actor, or anyone he stands in for, has requested."""


class Effect(StrEnum):
    """What a row does; one deny outweighs every allow."""

    ALLOW = "allow"
    DENY = "deny"


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """One stored line of a tenant's policy, as text, unchecked: see `check_row`."""

    duty: str
    object: str
    action: str
    scope: str
    limit: str = NO_LIMIT
    effect: str = Effect.ALLOW.value


@dataclass(frozen=True, slots=True)
class Holding:
    """One role held at one place; a delegation is an absent member's holding, copied.

    A copy carries the absent member in `acts_as` and, in `commands`, the listed actions
    (`object.action`) for which the delegate may use it.

    Raises:
        ValueError: only one of `acts_as` and `commands` is given.
    """

    role: str
    org_unit_id: UUID | None = None
    territory_id: UUID | None = None
    acts_as: UUID | None = None
    commands: frozenset[str] | None = None

    def __post_init__(self) -> None:
        if (self.acts_as is None) is not (self.commands is None):
            raise ValueError("a delegation names both the absent member and the listed commands")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: a member of one tenant (or an operator of the platform) and all he holds today."""

    tenant_id: UUID
    member_id: UUID
    holdings: tuple[Holding, ...] = ()
    locale: str = "en"

    def stood_for(self) -> tuple[UUID, ...]:
        """Return himself and, each once, everyone he stands in for, in the order of holdings."""
        absent = (holding.acts_as for holding in self.holdings)
        return tuple(dict.fromkeys([self.member_id, *(one for one in absent if one is not None)]))


@dataclass(frozen=True, slots=True)
class Record:
    """What a decision needs to know of the record in question; None is "there is none"."""

    owner_id: UUID | None = None
    org_unit_id: UUID | None = None
    territory_id: UUID | None = None
    requester_id: UUID | None = None
    figures: Mapping[str, int] = field(default_factory=_no_figures)


@dataclass(frozen=True, slots=True)
class RecordColumns:
    """Where a statement finds the same five things: SQL expressions written in our code.

    Never made from input. None, or a figure that is not listed, says the table has no such thing.

    Raises:
        ValueError: an expression holds a character that no column of ours needs.
    """

    owner: str | None = None
    org_unit: str | None = None
    territory: str | None = None
    requester: str | None = None
    figures: Mapping[str, str] = field(default_factory=_no_columns)

    def __post_init__(self) -> None:
        named = (self.owner, self.org_unit, self.territory, self.requester)
        for expression in (*named, *self.figures.values()):
            # A second lock behind "only our code": nothing here can end the expression, open a
            # literal or a comment, or claim a parameter of the statement around it.
            if expression is not None and any(sign in expression for sign in _NOT_IN_COLUMNS):
                raise ValueError(f"not a column expression: {expression!r}")


_NOT_IN_COLUMNS: Final = (";", "'", "$", "\\", "--", "/*")


@dataclass(frozen=True, slots=True)
class Way:
    """One of the ways into a condition: a column that equals a value, or one of several.

    Attributes:
        place: which of the condition's parameters holds the value, from 0.
        many: the parameter is an array.
    """

    column: str
    place: int
    many: bool


@dataclass(frozen=True, slots=True)
class Predicate:
    """A condition for a statement, in parentheses, with the values of its `$n` in order.

    Attributes:
        ways: those that together are the whole condition; none where it is no mere alternative,
            or where they are too many to be gone one by one.
    """

    sql: str
    parameters: tuple[object, ...] = ()
    ways: tuple[Way, ...] = ()
