"""The compiled table of one tenant: (role, action) → ordered grants, and what a grant covers.

Everything here is immutable; a new version of the policy is a new table, swapped by reference.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from service.policies.access.subjects import Actor, Holding, Record, Scope
from service.policies.access.trees import Drawn, Tree

Wordings = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Grant:
    """One row as a role has it: by which duty, how far, up to what."""

    role: str
    duty: str
    scope: Scope
    limit_field: str | None = None
    at_most: int = 0

    def within_limit(self, record: Record) -> bool:
        """Say whether the record's figure is no more than the limit; a missing figure fails."""
        if self.limit_field is None:
            return True
        figure = record.figures.get(self.limit_field)
        return figure is not None and figure <= self.at_most


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to one question, true when allowed, with what the audit writes down.

    Attributes:
        grant: what allowed it, or what forbade it; None when nothing spoke for it.
        acts_as: the absent member whose right was used; the audit has both names.
    """

    allowed: bool
    grant: Grant | None = None
    acts_as: UUID | None = None

    def __bool__(self) -> bool:
        return self.allowed


@dataclass(frozen=True, slots=True)
class Grants:
    """What one role says about one action; denies first, the widest allow first.

    `granted` has each allow with its answer for a right of one's own, made beforehand: building
    it is a fifth of a check.
    """

    denies: tuple[Grant, ...]
    allows: tuple[Grant, ...]
    granted: tuple[tuple[Grant, Verdict], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """One tenant's policy at one version, ready to be asked.

    Attributes:
        by_role: grants by (role, `object.action`), the roles' includes already resolved.
        everyone: four-eyes rows by `object.action`, which bind whatever one holds.
        by_action: the duties that allow an action, for the sentence of a refusal.
        drawn: how long the territories stand like this.
    """

    tenant_id: UUID
    version: int
    by_role: Mapping[tuple[str, str], Grants]
    everyone: Mapping[str, Grant]
    by_action: Mapping[str, tuple[str, ...]]
    org_units: Tree
    territories: Tree
    drawn: Drawn
    duty_wordings: Mapping[str, Wordings]
    role_wordings: Mapping[str, Wordings]

    def covers(self, scope: Scope, actor: Actor, holding: Holding, record: Record) -> bool:
        """Say whether the record lies within the scope, seen from where the role is held.

        For a delegated holding "own" means the absent member's.
        """
        if scope is Scope.TENANT:
            return True
        if scope is Scope.REQUESTED:
            return requested_by(actor, record)
        owner = record.owner_id
        if owner is not None and owner == (holding.acts_as or actor.member_id):
            return True
        if scope is Scope.OWN:
            return False
        if self.org_units.contains(holding.org_unit_id, record.org_unit_id):
            return True
        return scope is Scope.TERRITORY and self.territories.contains(
            holding.territory_id, record.territory_id
        )

    def applying(self, actor: Actor, action: str) -> Iterator[tuple[Holding, Grants]]:
        """Yield the actor's holdings that say anything about the action, with what they say."""
        if actor.tenant_id != self.tenant_id:
            return
        for holding in actor.holdings:
            if holding.commands is not None and action not in holding.commands:
                continue
            grants = self.by_role.get((holding.role, action))
            if grants is not None:
                yield holding, grants


def requested_by(actor: Actor, record: Record) -> bool:
    """Say whether the actor, or anyone he stands in for, requested the record (four eyes)."""
    requester = record.requester_id
    if requester is None:
        return False
    if requester == actor.member_id:
        return True
    for holding in actor.holdings:
        # Most holdings are one's own: `is not None` is tried before ids are compared.
        if holding.acts_as is not None and holding.acts_as == requester:
            return True
    return False
