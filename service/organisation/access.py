"""Changing who may do what: one change at a time, judged by the tenant as it would then be.

Lock order: the tenant's row first. A change of rights is rare, so all of one tenant's queue up
behind its row; each then sees what the one before it left, its own caller included.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from service.errors import FieldPath, NotFound, Refusal, Refusals
from service.organisation import rules
from service.organisation.actors import Callers, load_policy, role_code
from service.organisation.errors import BeyondOwnRights, DutiesInConflict, WouldLockOut
from service.policies.access import (
    ACTIONS,
    Actor,
    CompiledTenant,
    Holding,
    PolicyBroken,
    Record,
    Scope,
)
from service.work import UnitOfWork

_WIDTH = {Scope.OWN: 1, Scope.TEAM: 2, Scope.TERRITORY: 3, Scope.TENANT: 4}

# Everything a judgement needs besides the compiled policy, as it stands after the change.
_STATE = """
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
            a.member_id, r.code, a.org_unit_id, a.territory_id, a.valid_until IS NULL)), '[]')
        FROM app.assignment a
        JOIN app.role r ON r.tenant_id = $1 AND r.id = a.role_id AND r.retired_at IS NULL
        JOIN app.member m ON m.tenant_id = $1 AND m.id = a.member_id AND m.state = 'ACTIVE'
        WHERE a.tenant_id = $1 AND a.valid_from <= $2
          AND (a.valid_until IS NULL OR a.valid_until > $2)) AS holdings
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


async def judge(work: UnitOfWork) -> None:
    """Refuse the change that is written so far if the tenant must not be like that.

    Bumps the version. The caller must have waited for his turn.

    Raises:
        Refusals: rows or roles are not fit to be stored, roles go in circles, or duties that must
            stay apart come together.
        WouldLockOut: nobody could put it right again, or the caller took it from himself.
    """
    before = None if work.by_product else _keeps(work.policy, _own(work.actor))
    bump(work)
    try:
        policy = await load_policy(work)
    except PolicyBroken as broken:
        raise Refusals(
            replace_field(problem, ("input", *problem.field)) for problem in broken.problems
        ) from broken
    state = await work.fetch_only(_STATE, work.tenant_id, work.now)
    _refuse_conflicts(state, policy, _locale(work))
    _refuse_lock_out(work, policy, state["holdings"], kept_before=bool(before))


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


def _refuse_lock_out(
    work: UnitOfWork,
    policy: CompiledTenant,
    holdings: Sequence[tuple[str, str, str | None, str | None, bool]],
    *,
    kept_before: bool,
) -> None:
    lasting: dict[UUID, list[Holding]] = {}
    today: dict[UUID, list[Holding]] = {}
    for member, role, unit, territory, open_ended in holdings:
        holding = Holding(role_code(role), _id(unit), _id(territory))
        today.setdefault(UUID(member), []).append(holding)
        if open_ended:
            lasting.setdefault(UUID(member), []).append(holding)
    # Who holds it only until a day would leave nobody behind him.
    lost = rules.lost_keeper(policy, _actors(work.tenant_id, lasting))
    if lost is None and kept_before:
        own = {work.actor.member_id: today.get(work.actor.member_id, [])}
        lost = rules.lost_keeper(policy, _actors(work.tenant_id, own))
    if lost is not None:
        raise WouldLockOut(action=ACTIONS[lost].wordings[_locale(work)])


def _locale(work: UnitOfWork) -> str:
    return "en" if work.by_product else work.actor.locale


def _actors(tenant_id: UUID, holdings: Mapping[UUID, Sequence[Holding]]) -> list[Actor]:
    return [Actor(tenant_id, member, tuple(held)) for member, held in holdings.items()]


def _own(actor: Actor) -> Actor:
    """Return the actor without what he holds for others."""
    return replace(actor, holdings=tuple(h for h in actor.holdings if h.acts_as is None))


def _keeps(policy: CompiledTenant, actor: Actor) -> bool:
    return rules.lost_keeper(policy, [actor]) is None


def _id(text: str | None) -> UUID | None:
    return UUID(text) if text else None


def refuse_beyond_own(
    work: UnitOfWork,
    by: str,
    given: Sequence[Holding],
    only: frozenset[str] | None = None,
) -> None:
    """Refuse to give further than one reaches: a part's leader gives what he holds there himself.

    Without this, who may assign roles in his own team could make himself the administrator. Who
    may do `by` for the whole company is free to give anything: he keeps the roles.

    Args:
        work: the unit of work.
        by: the action that lets him give.
        given: the roles and places he would give.
        only: for a delegation, the listed commands.

    Raises:
        BeyondOwnRights: names the first action that reaches too far.
    """
    if work.by_product or work.policy.check(work.actor, by, Record()).allowed:
        return
    own = _own(work.actor)
    for holding in given:
        for (role, action), grants in work.policy.by_role.items():
            if role != holding.role or (only is not None and action not in only):
                continue
            for grant in grants.allows:
                limit = (grant.limit_field, grant.at_most)
                if not _reaches(work.policy, own, action, (holding, grant.scope, limit)):
                    raise BeyondOwnRights(action=ACTIONS[action].wordings[own.locale])


def _reaches(
    policy: CompiledTenant,
    own: Actor,
    action: str,
    wanted: tuple[Holding, Scope, tuple[str | None, int]],
) -> bool:
    place, scope, (field, at_most) = wanted
    for held, grants in policy.applying(own, action):
        for grant in grants.allows:
            if grant.scope is Scope.TENANT and grant.limit_field is None:
                return True
            as_wide = _WIDTH[grant.scope] >= _WIDTH[scope]
            as_high = grant.limit_field is None or (
                grant.limit_field == field and grant.at_most >= at_most
            )
            if as_wide and as_high and _inside(policy, held, place, scope):
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
