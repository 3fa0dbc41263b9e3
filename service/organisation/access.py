"""Changing who may do what: one change at a time, judged by the tenant as it would then be.

Lock order: the tenant's row first. A change of rights is rare, so all of one tenant's queue up
behind its row; each then sees what the one before it left, its own caller included.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from service.errors import FieldPath, NotFound, Refusal, Refusals
from service.identifiers import identifier
from service.organisation import rules
from service.organisation.actors import Callers, holdings_of, load_policy, role_code
from service.organisation.errors import BeyondOwnRights, DutiesInConflict, WouldLockOut
from service.policies.access import (
    ACTIONS,
    Actor,
    CompiledTenant,
    Holding,
    PolicyBroken,
    Record,
    Scope,
    Verdict,
)
from service.policies.access.errors import RoleIncludesItself
from service.policies.access.table import Grant
from service.work import UnitOfWork

_WIDTH = {Scope.OWN: 1, Scope.TEAM: 2, Scope.TERRITORY: 3, Scope.TENANT: 4}

# What only who keeps the roles, or has it himself, lets another do in somebody's place.
_GIVING = ("role.edit", "duty.edit", "assignment.create")

# Everything a judgement needs besides the compiled policy, as it stands after the change: of now
# and of later. The founder got his sign-in with the company, everybody else's is in the audit, in
# the transaction that gave it (`commands.logins.shown`).
RIGHTS = """
SELECT
    (SELECT coalesce(jsonb_agg(jsonb_build_array(r.code, d.code)), '[]')
        FROM app.role_duty rd
        JOIN app.role r ON r.tenant_id = $1 AND r.id = rd.role_id
        JOIN app.duty d ON d.tenant_id = $1 AND d.id = rd.duty_id
        WHERE rd.tenant_id = $1 AND r.retired_at IS NULL AND d.retired_at IS NULL) AS role_duties,
    (SELECT coalesce(jsonb_agg(jsonb_build_array(r.code, i.code)), '[]')
        FROM app.role_inclusion ri
        JOIN app.role r ON r.tenant_id = $1 AND r.id = ri.role_id
        JOIN app.role i ON i.tenant_id = $1 AND i.id = ri.included_role_id
        WHERE ri.tenant_id = $1 AND r.retired_at IS NULL AND i.retired_at IS NULL) AS includes,
    (SELECT coalesce(jsonb_agg(jsonb_build_array(a.code, b.code)), '[]')
        FROM app.separated_duties s
        JOIN app.duty a ON a.tenant_id = $1 AND a.id = s.duty_id
        JOIN app.duty b ON b.tenant_id = $1 AND b.id = s.other_duty_id
        WHERE s.tenant_id = $1 AND a.retired_at IS NULL AND b.retired_at IS NULL) AS pairs,
    (SELECT coalesce(jsonb_agg(DISTINCT jsonb_build_array(m.name, ra.code, rb.code)), '[]')
        FROM app.assignment a
        JOIN app.assignment b ON b.tenant_id = $1 AND b.member_id = a.member_id
            AND b.role_id > a.role_id
            AND tstzrange(a.valid_from, a.valid_until) && tstzrange(b.valid_from, b.valid_until)
        JOIN app.role ra ON ra.tenant_id = $1 AND ra.id = a.role_id
        JOIN app.role rb ON rb.tenant_id = $1 AND rb.id = b.role_id
        JOIN app.member m ON m.tenant_id = $1 AND m.id = a.member_id
        WHERE a.tenant_id = $1 AND (a.valid_until IS NULL OR a.valid_until > $2)
          AND (b.valid_until IS NULL OR b.valid_until > $2)) AS together,
    (SELECT coalesce(jsonb_agg(jsonb_build_array(
            a.member_id, r.code, a.org_unit_id, a.territory_id, a.valid_from, a.valid_until,
            m.created_by IS NULL OR EXISTS (
                SELECT FROM app.audit_event e WHERE e.tenant_id = $1 AND e.subject_id = m.id
                AND e.at >= m.created_at
                AND e.details ?| ARRAY['sign_in_name', 'provider_subject']),
            a.id)), '[]')
        FROM app.assignment a
        JOIN app.role r ON r.tenant_id = $1 AND r.id = a.role_id AND r.retired_at IS NULL
        JOIN app.member m ON m.tenant_id = $1 AND m.id = a.member_id AND m.state = 'ACTIVE'
        WHERE a.tenant_id = $1 AND (a.valid_until IS NULL OR a.valid_until > $2)) AS offices,
    (SELECT coalesce(jsonb_agg(jsonb_build_array(
            d.to_member_id, r.code, a.org_unit_id, a.territory_id,
            greatest(a.valid_from, d.valid_from), least(a.valid_until, d.valid_until),
            d.from_member_id, d.commands)), '[]')
        FROM app.delegation d
        JOIN app.assignment a ON a.tenant_id = $1 AND a.member_id = d.from_member_id
            AND tstzrange(a.valid_from, a.valid_until) && tstzrange(d.valid_from, d.valid_until)
        JOIN app.role r ON r.tenant_id = $1 AND r.id = a.role_id AND r.retired_at IS NULL
        WHERE d.tenant_id = $1 AND d.ended_at IS NULL AND d.valid_until > $2
          AND (a.valid_until IS NULL OR a.valid_until > $2)) AS stand_ins
"""


# What the caller holds, or holds for another, now or later.
_HELD_BY_CALLER = """
SELECT
    (SELECT coalesce(jsonb_agg(jsonb_build_array(r.code, a.org_unit_id, a.territory_id)), '[]')
        FROM app.assignment a
        JOIN app.role r ON r.tenant_id = $1 AND r.id = a.role_id
        WHERE a.tenant_id = $1 AND a.member_id = $2
          AND (a.valid_until IS NULL OR a.valid_until > $3)) AS holdings,
    (SELECT coalesce(jsonb_agg(jsonb_build_array(
            r.code, a.org_unit_id, a.territory_id, d.from_member_id, d.commands)), '[]')
        FROM app.delegation d
        JOIN app.assignment a ON a.tenant_id = $1 AND a.member_id = d.from_member_id
        JOIN app.role r ON r.tenant_id = $1 AND r.id = a.role_id
        WHERE d.tenant_id = $1 AND d.to_member_id = $2
          AND d.valid_until > $3 AND d.ended_at IS NULL
          AND (a.valid_until IS NULL OR a.valid_until > $3)) AS delegated
"""


async def one_at_a_time(work: UnitOfWork) -> None:
    """Wait for one's turn to change rights, and see the caller as he then is.

    An administrator who lost his office while he waited must not act on it: his rights are loaded
    again when anything has changed since they were.

    Raises:
        NotFound: there is no such tenant.
    """
    version = await work.fetch_value(
        "SELECT access_version FROM app.tenant WHERE tenant_id = $1 FOR NO KEY UPDATE",
        work.tenant_id,
    )
    if version is None:
        raise NotFound
    if work.by_product or work.policy.version == version:
        return
    found = await work.fetch_value(
        f"SELECT {Callers.columns}", work.tenant_id, work.actor.member_id, work.now
    )
    work.enter(await Callers().load(work, found, work.caller))


def bump(work: UnitOfWork) -> None:
    """Make the change count from the next request on, in every process."""
    work.write(
        "tenant",
        "UPDATE app.tenant SET access_version = access_version + 1 WHERE tenant_id = {}::uuid",
        work.tenant_id,
        expected=1,
    )


async def judge(
    work: UnitOfWork, verdict: Verdict | None = None, *, added: UUID | None = None
) -> None:
    """Refuse the change that is written so far if the tenant must not be like that, now or later.

    Bumps the version. The caller must have waited for his turn.

    Args:
        work: the unit of work.
        verdict: by which right roles or duties were written; one that is another's must not
            raise the caller himself.
        added: the office that is the change.

    Raises:
        Refusals: rows or roles are not fit to be stored, roles go in circles, or duties that must
            stay apart come together.
        WouldLockOut: from some instant on nobody who can sign in could put it right again, or the
            caller took it from himself.
        BeyondOwnRights: by a delegated right the caller would get more than he had.
    """
    before = None if work.by_product else _keeps(work.policy, rules.own_rights(work.actor))
    bump(work)
    try:
        policy = await load_policy(work)
    except PolicyBroken as broken:
        raise Refusals(_shown(work, problem) for problem in broken.problems) from broken
    state = await work.fetch_only(RIGHTS, work.tenant_id, work.now)
    _refuse_conflicts(state, policy, locale_of(work))
    _refuse_lock_out(work, policy, _Offices.of(state, added), kept_before=bool(before))
    if verdict is not None and verdict.acts_as is not None:
        await _refuse_raised(work, policy)


def _shown(work: UnitOfWork, problem: Refusal) -> Refusal:
    found = replace_field(problem, ("input", *problem.field))
    if not isinstance(found, RoleIncludesItself):
        return found
    words, locale = work.policy.role_wordings, locale_of(work)
    names = [
        str(words.get(code, {}).get(locale, code.removeprefix(role_code(""))))
        for code in found.roles.split(" → ")
    ]
    return replace(found, roles=" → ".join(names))


def replace_field(problem: Refusal, field: FieldPath) -> Refusal:
    """Return a refusal with its path into the input of a command."""
    return replace(problem, field=field)


def _refuse_conflicts(
    state: Mapping[str, Sequence[Sequence[str]]], policy: CompiledTenant, locale: str
) -> None:
    def duty(code: str) -> str:
        return str(policy.duty_wordings.get(f"d:{code}", {}).get(locale, code))

    def role(code: str) -> str:
        return str(policy.role_wordings.get(f"r:{code}", {}).get(locale, code))

    found = rules.conflicts(
        _grouped(state["role_duties"]),
        _grouped(state["includes"]),
        [(first, second) for first, second in state["pairs"]],
        [rules.RolesTogether(*row) for row in state["together"]],
    )
    if found:
        raise Refusals(
            DutiesInConflict(
                holder=role(one.role) if one.role else str(one.member),
                first=duty(one.first),
                second=duty(one.second),
            )
            for one in found[:20]
        )


def _grouped(pairs: Sequence[Sequence[str]]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for role, other in pairs:
        groups.setdefault(role, []).append(other)
    return groups


class _Offices(NamedTuple):
    every: Sequence[rules.Office]
    added: rules.Office | None

    @classmethod
    def of(cls, state: Mapping[str, Sequence[Any]], added: UUID | None) -> "_Offices":
        """Return what each holds, and holds in another's place, and which of it is new."""
        found: dict[UUID, rules.Office] = {}
        signs_in: dict[UUID, bool] = {}
        for member, role, unit, territory, begins, ends, known, number in state["offices"]:
            holding = Holding(role_code(role), _id(unit), _id(territory))
            office = _office(member, holding, (begins, ends), signs_in=known)
            found[identifier(number)] = office
            signs_in[office.member_id] = known
        stand_ins = [
            _office(
                member,
                Holding(
                    role_code(role),
                    _id(unit),
                    _id(territory),
                    identifier(absent),
                    frozenset(listed),
                ),
                (begins, ends),
                signs_in=signs_in.get(identifier(member), False),
            )
            for member, role, unit, territory, begins, ends, absent, listed in state["stand_ins"]
        ]
        return cls([*found.values(), *stand_ins], found.get(added) if added else None)


def _office(
    member: str, holding: Holding, span: tuple[str, str | None], *, signs_in: bool
) -> rules.Office:
    begins, ends = span
    return rules.Office(
        identifier(member),
        holding,
        datetime.fromisoformat(begins),
        datetime.fromisoformat(ends) if ends else None,
        signs_in,
    )


def _refuse_lock_out(
    work: UnitOfWork, policy: CompiledTenant, offices: _Offices, *, kept_before: bool
) -> None:
    lost = rules.locked_out(policy, offices.every, work.now)
    if lost is None and not work.by_product:
        own = [one for one in offices.every if one.member_id == work.actor.member_id]
        if kept_before:
            at_once = tuple(one.holding for one in own if one.counts(work.now))
            lost = rules.lost_keeper(policy, [replace(work.actor, holdings=at_once)])
        # His own office he may end on a day, for a successor; nobody forbids himself from a day on.
        without = [one for one in own if one is not offices.added]
        lost = lost or rules.taken_later(work.policy, policy, (without, own), work.now)
    if lost is not None:
        raise WouldLockOut(action=ACTIONS[lost].wordings[locale_of(work)])


def locale_of(work: UnitOfWork) -> str:
    """Return the language in which the caller is told a refusal."""
    return "en" if work.by_product else work.actor.locale


def _keeps(policy: CompiledTenant, actor: Actor) -> bool:
    return rules.lost_keeper(policy, [actor]) is None


def _id(text: str | None) -> UUID | None:
    return identifier(text) if text else None


def refuse_on_behalf(work: UnitOfWork, by: str, verdict: Verdict) -> None:
    """Refuse to give rights by a right that is another's.

    Leave (authorisation page): a stand-in has the listed commands within his window. Whoever gives
    by such a right would pass on more than was given to him: other commands, a longer window, to
    himself. So appointing, setting up stand-ins and giving a sign-in count only as one's own
    right, whatever a delegation lists.

    Raises:
        BeyondOwnRights: only a delegation allows it.
    """
    if verdict.acts_as is not None:
        raise BeyondOwnRights(action=ACTIONS[by].wordings[locale_of(work)])


def refuse_beyond_own(
    work: UnitOfWork,
    by: str,
    given: Sequence[Holding],
    only: frozenset[str] | None = None,
    to: UUID | None = None,
) -> None:
    """Refuse to give further than one reaches: a part's leader gives what he holds there himself.

    Without this, who may assign roles in his own team could make himself the administrator. Who
    may himself assign roles for the whole company is free to give anything: he keeps the roles.
    Who may name stand-ins for the whole company names any other member, but gives neither himself
    what he has not, nor anybody the writing and giving of rights. What he holds for others never
    counts (see `refuse_on_behalf`).

    Args:
        work: the unit of work.
        by: the action that lets him give.
        given: the roles and places he would give.
        only: for a delegation, the listed commands.
        to: for a delegation, who gets them.

    Raises:
        BeyondOwnRights: names the first action that reaches too far.
    """
    if work.by_product:
        return
    own = rules.own_rights(work.actor)
    if work.policy.check(own, "assignment.create", Record()).allowed:
        return
    if to not in (None, own.member_id) and work.policy.check(own, by, Record()).allowed:
        only = frozenset(_GIVING) & (only or frozenset())
    for holding in given:
        for action, grant in _allowed(work.policy, holding, only):
            if not _reaches(work.policy, own, action, (holding, grant)):
                raise BeyondOwnRights(action=ACTIONS[action].wordings[own.locale])


async def _refuse_raised(work: UnitOfWork, policy: CompiledTenant) -> None:
    """Refuse what gives the caller more than he has: in an office of his, or where he stands in.

    Each is judged by itself, those to come included: nothing he holds for another makes up for
    what he would then hold himself, and no prohibition may go.
    """
    own = rules.own_rights(work.actor)
    found = await work.fetch_only(_HELD_BY_CALLER, work.tenant_id, own.member_id, work.now)
    for holding in holdings_of(found):
        held = (*own.holdings, holding) if holding.acts_as is None else (holding,)
        actor = replace(own, holdings=held)
        gained = [
            action
            for action, grant in _allowed(policy, holding, holding.commands)
            if not _reaches(work.policy, actor, action, (holding, grant))
        ]
        freed = _forbidden(work.policy, holding) - _forbidden(policy, holding)
        gained += sorted(action for action, _ in freed)
        if gained:
            raise BeyondOwnRights(action=ACTIONS[gained[0]].wordings[own.locale])


def _allowed(
    policy: CompiledTenant, holding: Holding, only: frozenset[str] | None
) -> Iterator[tuple[str, Grant]]:
    for (role, action), grants in policy.by_role.items():
        if role == holding.role and (only is None or action in only):
            for grant in grants.allows:
                yield action, grant


def _forbidden(policy: CompiledTenant, holding: Holding) -> set[tuple[str, Scope]]:
    return {
        (action, deny.scope)
        for (role, action), grants in policy.by_role.items()
        if role == holding.role
        for deny in grants.denies
    }


def _reaches(
    policy: CompiledTenant,
    own: Actor,
    action: str,
    wanted: tuple[Holding, Grant],
) -> bool:
    place, sought = wanted
    for held, grants in policy.applying(own, action):
        for grant in grants.allows:
            if grant.scope is Scope.TENANT and grant.limit_field is None:
                return True
            as_wide = _WIDTH[grant.scope] >= _WIDTH[sought.scope]
            as_high = grant.limit_field is None or (
                grant.limit_field == sought.limit_field and grant.at_most >= sought.at_most
            )
            if as_wide and as_high and _inside(policy, held, place, sought.scope):
                return True
    return False


def _inside(policy: CompiledTenant, held: Holding, place: Holding, scope: Scope) -> bool:
    if scope is Scope.OWN:
        return True
    unit = place.org_unit_id is None or policy.org_units.contains(
        held.org_unit_id, place.org_unit_id
    )
    territory = scope is not Scope.TERRITORY or (
        place.territory_id is None
        or policy.territories.contains(held.territory_id, place.territory_id)
    )
    return unit and territory
