"""Casbin as the source of truth: the enforcer every other form of the policy is tested against.

Not on the hot path and not part of the package's face. An enforcer is built once with all its
rows and never changed: loading or adding policy on a live one gives wrong denials and exceptions.
It shares no code with the compiled table but the checks of a row: trees are climbed, not laid
out, and the closure of roles grows link by link.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import casbin

from service.policies.access.roles import RoleCycle
from service.policies.access.subjects import (
    EVERYONE,
    NO_LIMIT,
    PLATFORM_ID,
    Actor,
    Holding,
    PolicyRow,
    Record,
    Scope,
)

Line = tuple[str, ...]
Parents = Mapping[UUID, UUID | None]

_MODEL: Final = Path(__file__).with_name("model.conf")
_PARTS: Final = {"p": 7, "g": 3}
_LIMIT: Final = re.compile(r"([a-z_]+)<=([0-9]+)", re.ASCII)


class LineRefused(ValueError):
    """A policy line of an unknown type or of the wrong length; Casbin would drop it or break."""


@dataclass(frozen=True, slots=True)
class TenantPolicy:
    """What a tenant's policy consists of, as it is stored."""

    tenant_id: UUID
    rows: Collection[PolicyRow]
    role_duties: Mapping[str, Collection[str]]
    role_includes: Mapping[str, Collection[str]] = field(default_factory=dict)
    org_parents: Parents = field(default_factory=dict)
    territory_parents: Parents = field(default_factory=dict)

    @property
    def domain(self) -> str:
        """Return the name of the tenant's domain in Casbin."""
        return domain_of(self.tenant_id)

    def lines(self) -> Iterable[Line]:
        """Yield the policy as Casbin's lines: type first, then the values."""
        for row in self.rows:
            parts = (row.object, row.action, row.scope, row.limit, row.effect)
            yield ("p", row.duty, self.domain, *parts)
        for links in (self.role_duties, self.role_includes):
            for role, below in links.items():
                yield from (("g", role, name, self.domain) for name in below)


def domain_of(tenant_id: UUID) -> str:
    """Return the domain of a tenant, or `platform` for the operators'."""
    return "platform" if tenant_id == PLATFORM_ID else str(tenant_id)


class ClosureRoleManager:
    """Casbin's role manager, replaced: a closure per domain, refusing cycles, still on reads.

    The stock one is quadratic in its links, cuts chains after ten, accepts cycles, and makes an
    entry for every name it is asked about. Ours is not reflexive either.
    """

    def __init__(self) -> None:
        self._above: dict[tuple[str, str], set[str]] = {}
        self._below: dict[tuple[str, str], set[str]] = {}

    def clear(self) -> None:
        """Forget every link; the enforcer calls it before it builds them."""
        self._above.clear()
        self._below.clear()

    def add_link(self, name: str, role: str, domain: str) -> None:
        """Add one link and whatever follows from it.

        Raises:
            RoleCycle: the link would close a circle.
        """
        gained = {role, *self._below.get((domain, role), ())}
        if name in gained:
            raise RoleCycle((name, role))
        for upper in (name, *self._above.get((domain, name), ())):
            self._below.setdefault((domain, upper), set()).update(gained)
        above = {name, *self._above.get((domain, name), ())}
        for lower in gained:
            self._above.setdefault((domain, lower), set()).update(above)

    def has_link(self, name: str, role: str, domain: str) -> bool:
        """Say whether the name includes the role at any depth in the domain."""
        return role in self._below.get((domain, name), ())

    def print_roles(self) -> None:
        """Do nothing: the enforcer wants to log all links, which are a tenant's own affair."""


class Reference:
    """A Casbin enforcer over the policies of any number of tenants.

    Raises:
        LineRefused, RoleCycle: the policies cannot be loaded.
    """

    def __init__(self, policies: Iterable[TenantPolicy]) -> None:
        known = tuple(policies)
        self.roles = ClosureRoleManager()
        self._trees = {
            policy.domain: (policy.org_parents, policy.territory_parents) for policy in known
        }
        self.enforcer = build_enforcer(self.roles, [line for p in known for line in p.lines()])
        self.enforcer.fm.add_function("inScope", self._in_scope)
        self.enforcer.fm.add_function("withinLimit", lambda lim, rec: within_limit(lim, rec.record))

    def allows(self, actor: Actor, action: str, record: Record) -> bool:
        """Ask Casbin. The actor comes in as he stands for this action: listed delegations only."""
        object_name, _, act = action.partition(".")
        listed = tuple(h for h in actor.holdings if h.commands is None or action in h.commands)
        # Everyone he stands in for counts for four eyes, whatever the delegations list.
        asked = _Asked(replace(actor, holdings=listed), frozenset(actor.stood_for()))
        domain = domain_of(actor.tenant_id)
        about = _About(record)
        allowed: bool = self.enforcer.enforce(asked, domain, object_name, act, about)
        return allowed

    def _in_scope(
        self, asked: "_Asked", duty: str, domain: str, scope: str, about: "_About"
    ) -> bool:
        if not duty:
            # Without any row Casbin tries an empty one, which an empty question would match.
            return False
        record = about.record
        if duty == EVERYONE:
            return scope == Scope.REQUESTED and record.requester_id in asked.stood_for
        return any(
            self.roles.has_link(holding.role, duty, domain)
            and self._reaches(asked, holding, domain, scope, record)
            for holding in asked.actor.holdings
        )

    def _reaches(
        self, asked: "_Asked", holding: Holding, domain: str, scope: str, record: Record
    ) -> bool:
        org_parents, territory_parents = self._trees[domain]
        whose = asked.actor.member_id if holding.acts_as is None else holding.acts_as
        owned = record.owner_id == whose
        match scope:
            case Scope.TENANT:
                return True
            case Scope.REQUESTED:
                return record.requester_id in asked.stood_for
            case Scope.OWN:
                return owned
        in_team = owned or climbs_to(record.org_unit_id, holding.org_unit_id, org_parents)
        if scope == Scope.TEAM:
            return in_team
        in_territory = climbs_to(record.territory_id, holding.territory_id, territory_parents)
        return scope == Scope.TERRITORY and (in_team or in_territory)


@dataclass(frozen=True, slots=True)
class _Asked:
    """The request's actor. Casbin makes a log line of every request, wanted or not: a short one."""

    actor: Actor
    stood_for: frozenset[UUID]

    def __str__(self) -> str:
        return "actor"


@dataclass(frozen=True, slots=True)
class _About:
    """The request's record, as short in a log line."""

    record: Record

    def __str__(self) -> str:
        return "record"


def climbs_to(node: UUID | None, root: UUID | None, parents: Parents) -> bool:
    """Say whether the root is the node itself or one of its ancestors."""
    while node is not None and root is not None:
        if node == root:
            return True
        node = parents.get(node)
    return False


def within_limit(limit: str, record: Record) -> bool:
    """Say whether a record keeps a row's limit; a missing value fails, and so does a riddle."""
    if limit == NO_LIMIT:
        return True
    form = _LIMIT.fullmatch(limit)
    figure = None if form is None else record.figures.get(form[1])
    return form is not None and figure is not None and figure <= int(form[2])


def build_enforcer(roles: ClosureRoleManager, lines: Iterable[Line]) -> Any:  # noqa: ANN401 - casbin ships no types
    """Return an enforcer with our role manager and all of its policy, checked line by line.

    Raises:
        LineRefused: a line of an unknown type or of the wrong length.
        RoleCycle: `g` lines go in circles.
    """
    enforcer = _Enforcer(str(_MODEL))
    enforcer.set_role_manager(roles)
    model = enforcer.get_model()
    for kind, *values in lines:
        if len(values) != _PARTS.get(kind):
            raise LineRefused(f"{kind!r} with {len(values)} values is no policy line")
        # Appended as a list of its own: Casbin's text form would split at commas in names.
        model[kind][kind].policy.append(values)
    enforcer.build_role_links()
    return enforcer


class _Enforcer(casbin.Enforcer):  # type: ignore[misc]  # casbin ships no types
    """Casbin's enforcer with its matcher parsed once, not once a question."""

    def _get_expression(self, text: str, functions: Mapping[str, Any]) -> Any:  # noqa: ANN401 - casbin ships no types
        if getattr(self, "_parsed", None) is None:
            self._parsed = super()._get_expression(text, functions)
        return self._parsed
