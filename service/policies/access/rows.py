"""Is a policy fit to be stored? Each part is held against the closed vocabulary.

Casbin itself would not ask: it ignores a misspelt effect, drops an unknown policy type, and fails
for everybody when one row is short.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Final

from service.errors import Refusal
from service.policies.access import errors
from service.policies.access.errors import clipped
from service.policies.access.roles import RoleCycle, everything_included
from service.policies.access.subjects import EVERYONE, NO_LIMIT, Effect, PolicyRow, Scope
from service.policies.access.vocabulary import ACTIONS, LIMIT_FIELDS, Domain

MOST_ROLES: Final = 500
MOST_ROWS: Final = 10_000

_CODE: Final = "[a-z0-9][a-z0-9._-]{0,63}"
_DUTY: Final = re.compile(f"d:{_CODE}", re.ASCII)
_ROLE: Final = re.compile(f"r:{_CODE}", re.ASCII)
# Eighteen digits always fit a bigint, which the limit becomes in a statement.
_LIMIT: Final = re.compile(r"([a-z][a-z_]{0,62})<=(0|[1-9][0-9]{0,17})", re.ASCII)
_PARTS: Final = ("duty", "object", "action", "scope", "limit", "effect")
_SCOPES: Final = frozenset(scope.value for scope in Scope)
_EFFECTS: Final = frozenset(effect.value for effect in Effect)


def check_row(row: PolicyRow, domain: Domain = Domain.TENANT) -> tuple[Refusal, ...]:
    """Return everything that is wrong with a row, each with its code; none means: may be stored.

    The `field` of a problem is the part of the row to blame; a command puts its input path before.
    """
    # Rows also come from files, where a value can be missing or a number.
    parts = ((part, getattr(row, part)) for part in _PARTS)
    missing = [part for part, value in parts if not isinstance(value, str) or not value]
    if missing:
        return tuple(errors.PolicyRowIncomplete(field=(part,), part=part) for part in missing)
    return (*_check_words(row, domain), *_check_limit(row), *_check_combination(row))


def check_duty_code(code: str) -> tuple[Refusal, ...]:
    """Return what is wrong with the code of a duty; the prefix `d:` is mandatory."""
    if _DUTY.fullmatch(code):
        return ()
    return (errors.DutyCodeInvalid(field=("duty",), value=clipped(code)),)


def check_role_code(code: str) -> tuple[Refusal, ...]:
    """Return what is wrong with the code of a role; the prefix `r:` is mandatory."""
    if _ROLE.fullmatch(code):
        return ()
    return (errors.RoleCodeInvalid(field=("role",), value=clipped(code)),)


def check_roles(
    role_duties: Mapping[str, Collection[str]], role_includes: Mapping[str, Collection[str]]
) -> tuple[Refusal, ...]:
    """Return what is wrong with a tenant's roles taken together: codes, number, circles."""
    roles = {*role_duties, *role_includes}
    if len(roles) > MOST_ROLES:
        return (errors.PolicyTooLarge(part="roles", most=MOST_ROLES),)
    roles.update(role for included in role_includes.values() for role in included)
    duties = {duty for held in role_duties.values() for duty in held}
    problems = [problem for role in sorted(roles) for problem in check_role_code(role)]
    problems += [problem for duty in sorted(duties) for problem in check_duty_code(duty)]
    try:
        everything_included(role_includes)
    except RoleCycle as circle:
        shown = clipped(" → ".join(circle.roles))
        problems.append(errors.RoleIncludesItself(field=("includedRoleIds",), roles=shown))
    return tuple(problems)


def check_policy(
    rows: Collection[PolicyRow],
    role_duties: Mapping[str, Collection[str]],
    role_includes: Mapping[str, Collection[str]],
    domain: Domain = Domain.TENANT,
) -> tuple[Refusal, ...]:
    """Return what is wrong with a whole policy, as it would be after a change."""
    if len(rows) > MOST_ROWS:
        return (errors.PolicyTooLarge(part="permissions", most=MOST_ROWS),)
    in_rows = (problem for row in rows for problem in check_row(row, domain))
    return (*in_rows, *check_roles(role_duties, role_includes))


def limit_of(row: PolicyRow) -> tuple[str, int] | None:
    """Read the limit of a checked row: the figure's name and the most it may be."""
    form = _LIMIT.fullmatch(row.limit)
    return None if form is None else (form[1], int(form[2]))


def unknown_action(action: str, domain: Domain = Domain.TENANT) -> errors.ActionUnknown:
    """Return the refusal of an action there is not, with the one that was perhaps meant."""
    known = (key for key, entry in ACTIONS.items() if domain in entry.domains)
    near = errors.nearest(action, known)
    return errors.ActionUnknown(field=("action",), value=clipped(action), suggestion=near)


def _check_words(row: PolicyRow, domain: Domain) -> Iterable[Refusal]:
    if row.duty != EVERYONE:
        yield from check_duty_code(row.duty)
    key = f"{row.object}.{row.action}"
    known = ACTIONS.get(key)
    # The object is compared too: "party.view" + "phone" spells the same key as "party" +
    # "view.phone" and would be another row to Casbin.
    if known is None or known.object != row.object or domain not in known.domains:
        yield unknown_action(key, domain)
    if row.scope not in _SCOPES:
        near = errors.nearest(row.scope, _SCOPES)
        yield errors.ScopeUnknown(field=("scope",), value=clipped(row.scope), suggestion=near)
    if row.effect not in _EFFECTS:
        yield errors.EffectUnknown(field=("effect",), value=clipped(row.effect))


def _check_limit(row: PolicyRow) -> Iterable[Refusal]:
    if row.limit == NO_LIMIT:
        return
    limit = limit_of(row)
    if limit is None:
        yield errors.LimitUnreadable(field=("limit",), value=clipped(row.limit))
    elif limit[0] not in LIMIT_FIELDS or row.object not in LIMIT_FIELDS[limit[0]].objects:
        yield errors.LimitFieldUnknown(field=("limit",), value=clipped(limit[0]))


def _check_combination(row: PolicyRow) -> Iterable[Refusal]:
    denies, requested = row.effect == Effect.DENY, row.scope == Scope.REQUESTED
    if denies and row.limit != NO_LIMIT:
        yield errors.LimitOnDeny(field=("limit",))
    if requested and not denies:
        yield errors.RequestedOnlyDenies(field=("scope",))
    if row.duty == EVERYONE and not (denies and requested):
        yield errors.EveryoneOnlyFourEyes(field=("duty",))
