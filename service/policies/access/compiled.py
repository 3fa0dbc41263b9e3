"""Compile a tenant's policy once; then one table gives the check, the predicate, the sentence."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final
from uuid import UUID

from service.errors import Refusal
from service.policies.access.errors import PolicyBroken, TreeGoesInCircles
from service.policies.access.explanation import Explanation, explain
from service.policies.access.predicate import row_allowed, rows_allowed
from service.policies.access.roles import everything_included
from service.policies.access.rows import check_policy, limit_of
from service.policies.access.sentences import Hearer
from service.policies.access.subjects import (
    EVERYONE,
    PLATFORM_ID,
    Actor,
    Effect,
    Holding,
    PolicyRow,
    Predicate,
    Record,
    RecordColumns,
    Scope,
)
from service.policies.access.table import Grant, Grants, Table, Verdict, Wordings, requested_by
from service.policies.access.trees import FOR_EVER, Drawn, Tree, TreeCycle, plant
from service.policies.access.vocabulary import Domain, actions_of

_WIDEST_FIRST: Final = (Scope.TENANT, Scope.TERRITORY, Scope.TEAM, Scope.OWN, Scope.REQUESTED)
_NONE: Final[Mapping[str, Collection[str]]] = MappingProxyType({})
_NO_WORDINGS: Final[Mapping[str, Wordings]] = MappingProxyType({})
_NO_TREE: Final[Mapping[UUID, UUID | None]] = MappingProxyType({})


_NOTHING_SPOKE: Final = Verdict(allowed=False)


@dataclass(frozen=True, slots=True, weakref_slot=True)
class CompiledTenant(Table):
    """A tenant's table with the questions one may ask of it. A policy without rows denies all.

    Attributes:
        like: the tenant whose rows, roles and wordings it shares. It lives as long as they do, so
            that whoever looks for them finds it, though its own tenant was changed or forgotten.
    """

    like: "CompiledTenant | None" = field(default=None, repr=False, compare=False)

    def check(self, actor: Actor, action: str, record: Record | None = None) -> Verdict:
        """Decide one action on one record; without a record: does he hold it anywhere?

        A right of one's own is preferred to a delegated one. Unknown actions, unknown roles and
        actors of another tenant are denied, all alike.
        """
        if record is None:
            return self._anywhere(actor, action)
        if actor.tenant_id != self.tenant_id:
            return _NOTHING_SPOKE
        everyone = self.everyone.get(action)
        if everyone is not None and requested_by(actor, record):
            return Verdict(allowed=False, grant=everyone)
        found: Verdict | None = None
        # The loop of `applying`, written out: a generator would cost a tenth of the check.
        for holding in actor.holdings:
            grants = self.by_role.get((holding.role, action))
            if grants is None or not (holding.commands is None or action in holding.commands):
                continue
            for deny in grants.denies:
                if self.covers(deny.scope, actor, holding, record):
                    return Verdict(allowed=False, grant=deny, acts_as=holding.acts_as)
            if found is None or (found.acts_as is not None and holding.acts_as is None):
                found = self._granted(grants, actor, holding, record) or found
        return found or _NOTHING_SPOKE

    def holds(self, actor: Actor, action: str) -> bool:
        """Say whether the actor may do this to some record at least."""
        return self._anywhere(actor, action).allowed

    def allowed_actions(self, actor: Actor, record: Record, object_name: str) -> tuple[str, ...]:
        """Return what the actor may do to this record, in the order of the vocabulary."""
        domain = Domain.PLATFORM if self.tenant_id == PLATFORM_ID else Domain.TENANT
        keys = actions_of(object_name, domain)
        return tuple(key for key in keys if self.check(actor, key, record).allowed)

    def predicate(
        self, actor: Actor, action: str, columns: RecordColumns, first_parameter: int
    ) -> Predicate:
        """Return the condition of a list: true exactly for the rows `check` would allow.

        Its parameters are numbered from `first_parameter`. Elsewhere it may be NULL, so it is for
        WHERE; negated or selected it would mislead, take `mask` there.
        """
        return rows_allowed(self, actor, action, columns, first_parameter)

    def mask(
        self, actor: Actor, action: str, columns: RecordColumns, first_parameter: int
    ) -> Predicate:
        """Return the same as a plain true or false, for the CASE of a masked field."""
        return row_allowed(self, actor, action, columns, first_parameter)

    def explain(
        self,
        actor: Actor,
        action: str,
        record: Record | None,
        locale: str,
        about: str | None = None,
    ) -> Explanation:
        """Answer as `check` does, with a sentence: the grant, the prohibition, the nearest miss.

        The sentence speaks to the actor, or about him by the name given to somebody else.
        """
        return explain(self, actor, action, record, Hearer(locale, about))

    def _granted(
        self, grants: Grants, actor: Actor, holding: Holding, record: Record
    ) -> Verdict | None:
        for grant, granted in grants.granted:
            if grant.limit_field is not None and not grant.within_limit(record):
                continue
            if self.covers(grant.scope, actor, holding, record):
                if holding.acts_as is None:
                    return granted
                return Verdict(allowed=True, grant=grant, acts_as=holding.acts_as)
        return None

    def _anywhere(self, actor: Actor, action: str) -> Verdict:
        found: Verdict | None = None
        for holding, grants in self.applying(actor, action):
            for deny in grants.denies:
                if deny.scope is Scope.TENANT:
                    return Verdict(allowed=False, grant=deny, acts_as=holding.acts_as)
            if grants.allows and (found is None or found.acts_as is not None):
                found = Verdict(allowed=True, grant=grants.allows[0], acts_as=holding.acts_as)
        return found or _NOTHING_SPOKE


def compile_tenant(
    tenant_id: UUID,
    version: int,
    *,
    rows: Collection[PolicyRow],
    role_duties: Mapping[str, Collection[str]],
    role_includes: Mapping[str, Collection[str]] = _NONE,
    duty_wordings: Mapping[str, Wordings] = _NO_WORDINGS,
    role_wordings: Mapping[str, Wordings] = _NO_WORDINGS,
    org_parents: Mapping[UUID, UUID | None] = _NO_TREE,
    territory_parents: Mapping[UUID, UUID | None] = _NO_TREE,
    drawn: Drawn = FOR_EVER,
) -> CompiledTenant:
    """Build the immutable table of one tenant at one `authz_version`.

    The version must change whenever anything given here changes, the two trees included: a unit
    the table does not know is inside itself only.

    Raises:
        PolicyBroken: rows, roles or trees that should never have been stored.
    """
    domain = Domain.PLATFORM if tenant_id == PLATFORM_ID else Domain.TENANT
    problems: list[Refusal] = list(check_policy(rows, role_duties, role_includes, domain))
    org_units = _planted("org units", org_parents, problems)
    territories = _planted("territories", territory_parents, problems)
    if problems:
        raise PolicyBroken(problems)
    return CompiledTenant(
        tenant_id=tenant_id,
        version=version,
        by_role=_by_role(rows, role_duties, role_includes),
        everyone=_everyone(rows),
        by_action=_by_action(rows),
        org_units=org_units,
        territories=territories,
        drawn=drawn,
        duty_wordings=_frozen(duty_wordings),
        role_wordings=_frozen(role_wordings),
    )


def compile_alike(
    like: CompiledTenant,
    tenant_id: UUID,
    version: int,
    *,
    org_parents: Mapping[UUID, UUID | None],
    territory_parents: Mapping[UUID, UUID | None],
    drawn: Drawn = FOR_EVER,
) -> CompiledTenant:
    """Build the table of a tenant whose rows, roles and wordings equal another's, and share them.

    Raises:
        PolicyBroken: a tree that should never have been stored.
    """
    problems: list[Refusal] = []
    org_units = _planted("org units", org_parents, problems)
    territories = _planted("territories", territory_parents, problems)
    if problems:
        raise PolicyBroken(problems)
    return replace(
        like,
        tenant_id=tenant_id,
        version=version,
        org_units=org_units,
        territories=territories,
        drawn=drawn,
        like=like.like or like,
    )


def _planted(name: str, parents: Mapping[UUID, UUID | None], problems: list[Refusal]) -> Tree:
    try:
        return plant(parents)
    except TreeCycle:
        problems.append(TreeGoesInCircles(tree=name))
        return Tree((), MappingProxyType({}))


def _frozen(wordings: Mapping[str, Wordings]) -> Mapping[str, Wordings]:
    # Copied: whoever compiled the tenant may go on changing his own dictionaries.
    return MappingProxyType({code: MappingProxyType(dict(w)) for code, w in wordings.items()})


def _by_role(
    rows: Collection[PolicyRow],
    role_duties: Mapping[str, Collection[str]],
    role_includes: Mapping[str, Collection[str]],
) -> Mapping[tuple[str, str], Grants]:
    by_duty: dict[str, list[PolicyRow]] = {}
    for row in rows:
        by_duty.setdefault(row.duty, []).append(row)
    included = everything_included(role_includes)
    table: dict[tuple[str, str], Grants] = {}
    for role in sorted({*role_duties, *role_includes}):
        roles = (role, *included.get(role, ()))
        duties = {duty for one in roles for duty in role_duties.get(one, ())}
        table.update(_of_one_role(role, [row for d in duties for row in by_duty.get(d, ())]))
    return MappingProxyType(table)


def _of_one_role(role: str, rows: list[PolicyRow]) -> dict[tuple[str, str], Grants]:
    denies: dict[str, list[Grant]] = {}
    allows: dict[str, list[Grant]] = {}
    for row in rows:
        side = denies if row.effect == Effect.DENY else allows
        side.setdefault(f"{row.object}.{row.action}", []).append(_grant(role, row))
    return {
        (role, action): _grants(denies.get(action, ()), allows.get(action, ()))
        for action in sorted({*denies, *allows})
    }


def _grants(denies: Collection[Grant], allows: Collection[Grant]) -> Grants:
    ordered = _ordered(allows)
    granted = tuple((grant, Verdict(allowed=True, grant=grant)) for grant in ordered)
    return Grants(_ordered(denies), ordered, granted)


def _grant(role: str, row: PolicyRow) -> Grant:
    field, at_most = limit_of(row) or (None, 0)
    return Grant(role, row.duty, Scope(row.scope), field, at_most)


def _ordered(grants: Collection[Grant]) -> tuple[Grant, ...]:
    return tuple(sorted(grants, key=_strength))


def _strength(grant: Grant) -> tuple[int, bool, int, str]:
    """Order by width, then unlimited before limited, then the higher limit, then the code."""
    limited = grant.limit_field is not None
    return (_WIDEST_FIRST.index(grant.scope), limited, -grant.at_most, grant.duty)


def _everyone(rows: Collection[PolicyRow]) -> Mapping[str, Grant]:
    return MappingProxyType(
        {
            f"{row.object}.{row.action}": Grant(EVERYONE, EVERYONE, Scope.REQUESTED)
            for row in rows
            if row.duty == EVERYONE
        }
    )


def _by_action(rows: Collection[PolicyRow]) -> Mapping[str, tuple[str, ...]]:
    duties: dict[str, set[str]] = {}
    for row in rows:
        if row.effect == Effect.ALLOW:
            duties.setdefault(f"{row.object}.{row.action}", set()).add(row.duty)
    return MappingProxyType({action: tuple(sorted(held)) for action, held in duties.items()})
