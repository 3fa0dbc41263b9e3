"""Who asks: the caller's assignments of this instant, and his tenant's compiled duties.

One query brings the assignments and the version of the tenant's duties; only when the version is
new are the duties read and compiled again. So a change takes effect on the next request of every
process, without a message between them.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import ClassVar
from uuid import UUID
from weakref import WeakValueDictionary

import orjson
import structlog

from service.database.session import Row, Session
from service.errors import NotSignedIn
from service.identifiers import identifier
from service.organisation.territory_tree import in_force, places_at
from service.policies.access import (
    EVERYONE,
    NO_LIMIT,
    Actor,
    CompiledTenant,
    Drawn,
    Holding,
    PolicyRow,
    compile_alike,
    compile_tenant,
)
from service.telemetry.tracing import step
from service.tenants.directory import StaleRouting, TenantDirectory
from service.work import NOBODY, Caller, Loaded, Sight, TenantFacts

_log = structlog.get_logger(__name__)

_MOST_TENANTS = 512
# Most tenants begin with shipped sheets and change little: equal ones are kept once.
_by_content: WeakValueDictionary[bytes, CompiledTenant] = WeakValueDictionary()

CALLER_COLUMNS = """
(SELECT jsonb_build_object(
    'tenant', jsonb_build_object(
        'code', t.code, 'state', t.state, 'generation', t.generation,
        'version', t.access_version, 'time_zone', t.time_zone,
        'phone_region', t.phone_region, 'currency', t.currency, 'locale', t.locale),
    'member', (SELECT jsonb_build_object(
            'state', m.state, 'locale', m.locale, 'name', m.name)
        FROM app.member m WHERE m.tenant_id = $1::uuid AND m.id = $2::uuid),
    'holdings', (SELECT coalesce(jsonb_agg(jsonb_build_array(
            r.code, a.org_unit_id, a.territory_id) ORDER BY a.id), '[]')
        FROM app.assignment a
        JOIN app.role r ON r.tenant_id = $1::uuid AND r.id = a.role_id
        WHERE a.tenant_id = $1::uuid AND a.member_id = $2::uuid
          AND a.valid_from <= $3::timestamptz
          AND (a.valid_until IS NULL OR a.valid_until > $3::timestamptz)),
    'delegated', (SELECT coalesce(jsonb_agg(jsonb_build_array(
            r.code, a.org_unit_id, a.territory_id, d.from_member_id, d.commands)
            ORDER BY d.id, a.id), '[]')
        FROM app.delegation d
        JOIN app.assignment a ON a.tenant_id = $1::uuid AND a.member_id = d.from_member_id
        JOIN app.role r ON r.tenant_id = $1::uuid AND r.id = a.role_id
        WHERE d.tenant_id = $1::uuid AND d.to_member_id = $2::uuid
          AND d.valid_from <= $3::timestamptz AND d.valid_until > $3::timestamptz
          AND d.ended_at IS NULL AND a.valid_from <= $3::timestamptz
          AND (a.valid_until IS NULL OR a.valid_until > $3::timestamptz)))
 FROM app.tenant t WHERE t.tenant_id = $1::uuid)
"""

# What a read's own statement brings of its caller: the versions of all that `CALLER_COLUMNS` reads,
# a third of that price. Whatever changes an office, a stand-in, a role or a tree raises
# `access_version` in its transaction; what begins and ends by the clock, `_NEXT_CHANGE` tells.
_HERE = """
(SELECT concat_ws(E'\\x1f', t.code, t.state, t.generation, t.access_version, t.time_zone,
    t.phone_region, t.currency, t.locale,
    (SELECT concat_ws(E'\\x1f', m.state, coalesce(m.locale, ''), m.name)
        FROM app.member m WHERE m.tenant_id = $1::uuid AND m.id = $2::uuid))
 FROM app.tenant t WHERE t.tenant_id = $1::uuid AND $3::timestamptz IS NOT NULL)
"""
_APART = "\x1f"
_OF_TENANT = (
    *("code", "state", "generation", "version", "time_zone", "phone_region", "currency", "locale"),
)
_OF_MEMBER = ("state", "locale", "name")

# Over $1 tenant, $2 member, $3 instant: when the clock next changes what he holds.
_NEXT_CHANGE = """
SELECT min(at) FROM (
    SELECT unnest(ARRAY[a.valid_from, a.valid_until]) AS at FROM app.assignment a
        WHERE a.tenant_id = $1::uuid AND (a.member_id = $2::uuid OR a.member_id IN (
            SELECT d.from_member_id FROM app.delegation d
            WHERE d.tenant_id = $1::uuid AND d.to_member_id = $2::uuid AND d.valid_until > $3))
    UNION ALL
    SELECT unnest(ARRAY[d.valid_from, d.valid_until]) FROM app.delegation d
        WHERE d.tenant_id = $1::uuid AND d.to_member_id = $2::uuid
    UNION ALL
    SELECT v.active_from FROM app.territory_activation v
        WHERE v.tenant_id = $1::uuid AND v.active_from > $3
          AND v.active_until IS DISTINCT FROM v.active_from
) s WHERE at > $3::timestamptz
"""

# Over $1 tenant, $2 instant. The territories stand as the model in force then has them. What is
# long is made as text at once, and not as a tree of which the text is made.
_DUTIES = f"""
SELECT
    (SELECT coalesce(json_agg(json_build_array(
            d.code, p.object, p.action, p.scope, p."limit", p.effect)), '[]')
        FROM app.duty_permission p
        LEFT JOIN app.duty d ON d.tenant_id = $1 AND d.id = p.duty_id
        WHERE p.tenant_id = $1 AND d.retired_at IS NULL) AS rows,
    (SELECT coalesce(json_agg(json_build_array(r.code, d.code)), '[]')
        FROM app.role_duty rd
        JOIN app.role r ON r.tenant_id = $1 AND r.id = rd.role_id
        JOIN app.duty d ON d.tenant_id = $1 AND d.id = rd.duty_id
        WHERE rd.tenant_id = $1 AND r.retired_at IS NULL AND d.retired_at IS NULL) AS role_duties,
    (SELECT coalesce(json_agg(json_build_array(r.code, i.code)), '[]')
        FROM app.role_inclusion ri
        JOIN app.role r ON r.tenant_id = $1 AND r.id = ri.role_id
        JOIN app.role i ON i.tenant_id = $1 AND i.id = ri.included_role_id
        WHERE ri.tenant_id = $1 AND r.retired_at IS NULL AND i.retired_at IS NULL) AS includes,
    (SELECT coalesce(json_object_agg(d.code, d.wording), '{{}}')
        FROM app.duty d WHERE d.tenant_id = $1) AS duty_wordings,
    (SELECT coalesce(json_object_agg(r.code, r.names), '{{}}')
        FROM app.role r WHERE r.tenant_id = $1) AS role_wordings,
    (SELECT coalesce(jsonb_object_agg(u.id, u.parent_id), '{{}}')
        FROM app.org_unit u WHERE u.tenant_id = $1) AS org_parents,
    (SELECT coalesce(jsonb_object_agg(p.territory_id, p.parent_id), '{{}}')
        FROM {places_at("$2")} p) AS territory_parents,
    (SELECT max(a.active_from) FROM app.territory_activation a
        WHERE a.tenant_id = $1 AND {in_force("$2")}) AS drawn_from,
    (SELECT min(a.active_from) FROM app.territory_activation a
        WHERE a.tenant_id = $1 AND a.active_from > $2
          AND a.active_until IS DISTINCT FROM a.active_from) AS drawn_until,
    (SELECT access_version FROM app.tenant WHERE tenant_id = $1) AS version
"""


def role_code(code: str) -> str:
    """Return a role's code as the policy has it."""
    return f"r:{code}"


def duty_code(code: str) -> str:
    """Return a duty's code as the policy has it."""
    return f"d:{code}"


class Callers:
    """Loads callers and keeps the compiled duties of the tenants last seen.

    With a directory, the tenant's row must be of the generation that the directory has: what is
    left behind of a tenant that was moved to another cluster answers to nobody (database page 4.2).
    """

    columns: ClassVar[str] = CALLER_COLUMNS
    here: ClassVar[str] = _HERE

    def __init__(self, directory: TenantDirectory | None = None) -> None:
        self._directory = directory
        self._compiled: OrderedDict[UUID, CompiledTenant] = OrderedDict()

    async def load(self, sight: Sight, found: Row, caller: Caller) -> Loaded:
        """Make the caller's actor.

        Raises:
            NotSignedIn: the member is unknown or has left, or the tenant is not here any more.
        """
        settings, member = found["tenant"], found["member"]
        await self.confirm(caller, settings["generation"])
        if caller.member_id is not None and (member is None or member["state"] != "ACTIVE"):
            raise NotSignedIn
        tenant = TenantFacts(
            id=caller.tenant_id,
            code=settings["code"],
            time_zone=settings["time_zone"],
            phone_region=settings["phone_region"],
            currency=settings["currency"],
            locale=settings["locale"],
        )
        locale = caller.locale or (member or {}).get("locale") or tenant.locale
        actor = Actor(
            tenant_id=caller.tenant_id,
            member_id=caller.member_id or NOBODY,
            holdings=holdings_of(found, in_person=caller.api_key_id is None),
            locale=locale,
        )
        policy = await self._policy(sight, caller.tenant_id, settings["version"])
        return Loaded(actor, policy, tenant, found)

    def here_of(self, found: Row) -> str:
        """Return what `here` brings as long as the caller is as he was found."""
        told = [str(found["tenant"][name]) for name in _OF_TENANT]
        if found["member"] is not None:
            told += [found["member"][name] or "" for name in _OF_MEMBER]
        return _APART.join(told)

    async def next_change(self, session: Session, caller: Caller, now: datetime) -> datetime | None:
        """Return when an office or a stand-in of the caller's next begins or ends, if one does."""
        found: datetime | None = await session.fetch_value(
            _NEXT_CHANGE, caller.tenant_id, caller.member_id or NOBODY, now
        )
        return found

    async def look_again(self) -> None:
        """Ask the directory anew where the tenants are."""
        if self._directory is not None:
            await self._directory.look_again()

    def is_confirmed(self, caller: Caller, generation: int) -> bool:
        """Tell whether a tenant's row agrees with a directory that was read just now."""
        known = self._directory
        return known is None or known.has(caller.tenant_id, generation)

    async def confirm(self, caller: Caller, generation: int) -> None:
        """Check a tenant's row against the directory.

        Raises:
            NotSignedIn: the directory has the tenant elsewhere.
        """
        if self._directory is None:
            return
        try:
            await self._directory.confirm(caller.tenant_id, generation)
        except StaleRouting as error:
            _log.exception("organisation.tenant_left_behind", tenant=str(caller.tenant_id))
            raise NotSignedIn from error

    async def _policy(self, sight: Sight, tenant_id: UUID, version: int) -> CompiledTenant:
        known = self._compiled.get(tenant_id)
        if known is not None and known.version == version and known.drawn.lasts(sight.now):
            self._compiled.move_to_end(tenant_id)
            return known
        with step("policy"):
            compiled = await load_policy(sight)
        self._compiled[tenant_id] = compiled
        if len(self._compiled) > _MOST_TENANTS:
            self._compiled.popitem(last=False)
        return compiled


async def load_policy(sight: Sight) -> CompiledTenant:
    """Read and compile the tenant's duties as they stand, and its trees of the instant."""
    row = await sight.fetch_only(_DUTIES, sight.tenant_id, sight.now)
    version = row["version"] or 0
    drawn = Drawn(row["drawn_from"], row["drawn_until"])
    org_parents, territory_parents = (
        _parents(row["org_parents"]),
        _parents(row["territory_parents"]),
    )
    content = _content_of(row)
    like = _by_content.get(content)
    if like is not None:
        return compile_alike(
            like,
            sight.tenant_id,
            version,
            org_parents=org_parents,
            territory_parents=territory_parents,
            drawn=drawn,
        )
    compiled = compile_tenant(
        sight.tenant_id,
        version,
        rows=[_policy_row(item) for item in row["rows"]],
        role_duties=_grouped(row["role_duties"], duty_code),
        role_includes=_grouped(row["includes"], role_code),
        duty_wordings={duty_code(code): words for code, words in row["duty_wordings"].items()},
        role_wordings={role_code(code): words for code, words in row["role_wordings"].items()},
        org_parents=org_parents,
        territory_parents=territory_parents,
        drawn=drawn,
    )
    _by_content[content] = compiled
    return compiled


def _content_of(row: Row) -> bytes:
    """Return the digest of a tenant's sheets, whatever order the database read them in."""
    lists = [sorted(map(orjson.dumps, row[name])) for name in ("rows", "role_duties", "includes")]
    words = [row[name] for name in ("duty_wordings", "role_wordings")]
    hashed = hashlib.sha256()
    in_order = orjson.dumps(words, option=orjson.OPT_SORT_KEYS)
    for item in (*(b"\0".join(one) for one in lists), in_order):
        hashed.update(item + b"\1")
    return hashed.digest()


def _policy_row(row: Sequence[str | None]) -> PolicyRow:
    duty, *words, limit, effect = row
    object_, action, scope = (str(word) for word in words)
    whose = EVERYONE if duty is None else duty_code(duty)
    return PolicyRow(whose, object_, action, scope, limit or NO_LIMIT, str(effect))


def _grouped(pairs: list[list[str]], prefixed: Callable[[str], str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for role, other in pairs:
        groups.setdefault(role_code(role), []).append(prefixed(other))
    return groups


def _parents(found: dict[str, str | None]) -> dict[UUID, UUID | None]:
    return {
        identifier(node): identifier(parent) if parent else None for node, parent in found.items()
    }


def holdings_of(found: Row, *, in_person: bool = True) -> tuple[Holding, ...]:
    """Return what the member of `CALLER_COLUMNS` holds himself, and then for whom he stands in.

    A program stands in for nobody.
    """
    own = [
        Holding(role_code(role), _id(unit), _id(territory))
        for role, unit, territory in found["holdings"]
    ]
    delegated = [
        Holding(role_code(role), _id(unit), _id(territory), identifier(absent), frozenset(commands))
        for role, unit, territory, absent, commands in (found["delegated"] if in_person else ())
    ]
    return (*own, *delegated)


def _id(text: str | None) -> UUID | None:
    return identifier(text) if text else None
