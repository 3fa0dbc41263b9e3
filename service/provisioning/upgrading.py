"""A tenant of an earlier release completed from the template of its industry, by an operator.

What the tenant has, changed, retired or took away stays as it is: only what it never had is added.
A code is never used for another thing and nothing with a code is deleted, so a code that is absent
was never there; a right of a duty is missing only while nobody has edited the duty.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from service.errors import NotFound
from service.organisation.access import RIGHTS, judge, one_at_a_time
from service.organisation.events import RightsChanged
from service.organisation.rules import Conflict, RolesTogether, conflicts
from service.organisation.tables import Role, RoleDuty, RoleInclusion, SeparatedDuties
from service.policies.access import Actor
from service.provisioning.commands import authorise_operator, known_tenant
from service.provisioning.copying import Copying, Founding, vocabulary
from service.provisioning.duties import Permission, Separation
from service.provisioning.templates import Template, load_template
from service.work import Transactions, UnitOfWork

# An audit line about a duty is one of somebody who wrote, changed or retired it; that of an
# upgrade is about the tenant.
_STANDING = """
SELECT t.industry, t.currency,
    (SELECT coalesce(jsonb_object_agg(d.code, jsonb_build_object(
            'id', d.id,
            'retired', d.retired_at IS NOT NULL,
            'edited', EXISTS (SELECT FROM app.audit_event e WHERE e.tenant_id = $1
                AND e.subject_id = d.id AND e.subject_type = 'duty' AND e.at >= d.created_at),
            'rows', (SELECT coalesce(jsonb_agg(jsonb_build_array(p.object, p.action, p.effect)),
                '[]') FROM app.duty_permission p WHERE p.tenant_id = $1 AND p.duty_id = d.id)
        )), '{}') FROM app.duty d WHERE d.tenant_id = $1) AS duties,
    (SELECT coalesce(jsonb_object_agg(r.code, jsonb_build_object(
            'id', r.id, 'retired', r.retired_at IS NOT NULL)), '{}')
        FROM app.role r WHERE r.tenant_id = $1) AS roles,
    (SELECT coalesce(jsonb_agg(jsonb_build_array(p.object, p.action)), '[]')
        FROM app.duty_permission p WHERE p.tenant_id = $1 AND p.duty_id IS NULL) AS four_eyes,
    (SELECT coalesce(jsonb_agg(code), '[]') FROM app.term WHERE tenant_id = $1) AS words,
    (SELECT coalesce(jsonb_agg(code), '[]') FROM app.channel WHERE tenant_id = $1) AS channels,
    (SELECT coalesce(jsonb_agg(code), '[]') FROM app.metric WHERE tenant_id = $1) AS metrics,
    (SELECT coalesce(jsonb_agg(code), '[]') FROM app.opportunity_stage
        WHERE tenant_id = $1) AS stages,
    (SELECT coalesce(max(position), 0) FROM app.opportunity_stage
        WHERE tenant_id = $1) AS last_position
FROM app.tenant t WHERE t.tenant_id = $1
"""


@dataclass(frozen=True, slots=True)
class UpgradeTenant:
    """An operator completes a tenant from its template; a dry run only tells what is missing."""

    tenant_id: UUID
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Upgrade:
    """What a tenant lacks of its template, by the template's codes.

    Attributes:
        permissions: rights its duties lack, each after the code of its duty.
        role_duties, inclusions: pairs of a role, and the duty or role it gets.
        left_out: what was not added though the template has it, a sentence each.
    """

    words: tuple[str, ...]
    channels: tuple[str, ...]
    metrics: tuple[str, ...]
    stages: tuple[str, ...]
    duties: tuple[str, ...]
    permissions: tuple[tuple[str, Permission], ...]
    four_eyes: tuple[Permission, ...]
    separations: tuple[Separation, ...]
    roles: tuple[str, ...]
    role_duties: tuple[tuple[str, str], ...]
    inclusions: tuple[tuple[str, str], ...]
    left_out: tuple[str, ...]

    @property
    def rights(self) -> bool:
        """Say whether it changes who may do what."""
        return bool(self.duties or self.permissions or self.four_eyes or self.roles)

    def lines(self) -> Iterator[str]:
        """Yield what is missing, a line each, for the operator's and the auditor's eyes."""
        for kind, codes in (
            ("word", self.words),
            ("channel", self.channels),
            ("metric", self.metrics),
            ("stage", self.stages),
            ("duty", self.duties),
            ("role", self.roles),
        ):
            for code in codes:
                yield f"{kind} {code}"
        for duty, row in self.permissions:
            yield f"right {row.named} ({row.effect}, {row.scope}) of duty {duty}"
        for row in self.four_eyes:
            yield f"four eyes on {row.named}"
        for pair in self.separations:
            yield f"duties {pair.first} and {pair.second} apart"
        for role, duty in self.role_duties:
            yield f"duty {duty} for role {role}"
        for role, included in self.inclusions:
            yield f"role {included} in role {role}"


async def upgrade_tenant(
    transactions: Transactions, order: UpgradeTenant, operator: Actor
) -> Upgrade:
    """Add to a tenant what its template has and it never had, all of it or nothing.

    Its members have the new rights from their next request on. The same order twice adds nothing.
    Duties that must stay apart from what a role or member has already are told and left out.

    Raises:
        Forbidden, NotFound, and what a change of rights is refused for.
    """
    authorise_operator(operator, "tenant.create")

    async def complete(work: UnitOfWork) -> Upgrade:
        await known_tenant(work)
        await one_at_a_time(work)
        standing = await work.fetch_one(_STANDING, work.tenant_id)
        if standing is None:
            raise NotFound(field=("input", "tenantId"))
        template = load_template(standing["industry"])
        rights = await work.fetch_only(RIGHTS, work.tenant_id, work.now)
        found = missing(template, standing, rights)
        if not order.dry_run:
            duties = _add(work, template, standing, found)
            _add_roles(work, template, standing, found, duties)
            if found.rights:
                await judge(work)
                work.emit(RightsChanged(work.tenant_id))
        work.concerns(
            "tenant",
            work.tenant_id,
            operator=operator.member_id,
            dry_run=order.dry_run,
            added=[] if order.dry_run else list(found.lines()),
            left_out=found.left_out,
        )
        return found

    return await transactions.internally(order.tenant_id, "upgrade_tenant", complete)


def missing(template: Template, standing: Mapping[str, Any], rights: Mapping[str, Any]) -> Upgrade:
    """Return what a tenant never had of a template, and what it cannot have. Pure.

    Args:
        template: of its industry.
        standing: what it has, retired or not, as `_STANDING` reads it.
        rights: its roles and duties in force, as `RIGHTS` reads them.
    """
    told: list[str] = []
    duties = tuple(code for code in template.duties if code not in standing["duties"])
    roles = tuple(code for code in template.roles if code not in standing["roles"])
    there = {code for code, one in standing["duties"].items() if not one["retired"]} | set(duties)
    separations = tuple(
        pair
        for pair in template.separations
        if {pair.first, pair.second} <= there and {pair.first, pair.second} & set(duties)
    )
    wiring = _Wiring(rights, separations)
    role_duties, inclusions = _links(template, standing, wiring, told)
    codes = [stage.code for stage in template.opportunity_stages]
    stages = _absent(codes, standing["stages"])
    if standing["stages"] and len(stages) == len(codes):
        told += [f"stages: the company has steps of its own, so not {', '.join(stages)}"]
        stages = ()
    return Upgrade(
        words=_absent(vocabulary(template), standing["words"]),
        channels=_absent([one.code for one in template.channels], standing["channels"]),
        metrics=_absent(template.metrics, standing["metrics"]),
        stages=stages,
        duties=duties,
        permissions=tuple(_rights_missing(template, standing, told)),
        four_eyes=tuple(
            row
            for row in template.four_eyes
            if [row.object, row.action] not in standing["four_eyes"]
        ),
        separations=separations,
        roles=roles,
        role_duties=role_duties,
        inclusions=inclusions,
        left_out=tuple(told),
    )


def _absent(codes: Iterable[str], present: Iterable[str]) -> tuple[str, ...]:
    known = set(present)
    return tuple(code for code in codes if code not in known)


def _rights_missing(
    template: Template, standing: Mapping[str, Any], told: list[str]
) -> Iterator[tuple[str, Permission]]:
    for duty in template.duties.values():
        one = standing["duties"].get(duty.code)
        if one is None or one["retired"]:
            continue
        for row in duty.permissions:
            if [row.object, row.action, row.effect] in one["rows"]:
                continue
            if one["edited"]:
                told.append(f"duty {duty.code}: the company changed it, so not {row.named}")
            else:
                yield duty.code, row


def _links(
    template: Template, standing: Mapping[str, Any], wiring: "_Wiring", told: list[str]
) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]:
    """Return the duties and roles that roles get: links of which one end is new.

    A link between two that were there was taken away by the tenant, or never wanted.
    """

    def retired(kind: str, code: str) -> bool:
        return bool(standing[kind].get(code, {}).get("retired"))

    role_duties: list[tuple[str, str]] = []
    inclusions: list[tuple[str, str]] = []
    for role in template.roles.values():
        if retired("roles", role.code):
            continue
        for kind, others, added in (
            ("duties", role.duties, role_duties),
            ("roles", role.includes, inclusions),
        ):
            for other in others:
                old = role.code in standing["roles"] and other in standing[kind]
                if old or retired(kind, other):
                    continue
                against = wiring.link(kind, role.code, other)
                if against is None:
                    added.append((role.code, other))
                else:
                    told.append(f"role {role.code}: not {other}, {against}")
    return tuple(role_duties), tuple(inclusions)


class _Wiring:
    """Roles, duties and inclusions as they become, one link after the other."""

    def __init__(self, rights: Mapping[str, Any], separations: tuple[Separation, ...]) -> None:
        self._links: dict[str, dict[str, set[str]]] = {"duties": {}, "roles": {}}
        for kind, key in (("duties", "role_duties"), ("roles", "includes")):
            for role, other in rights[key]:
                self._links[kind].setdefault(role, set()).add(other)
        self._pairs = [(first, second) for first, second in rights["pairs"]]
        self._pairs += [(pair.first, pair.second) for pair in separations]
        self._together = [RolesTogether(*row) for row in rights["together"]]
        self._before = self._conflicts()

    def link(self, kind: str, role: str, other: str) -> str | None:
        """Give a role one more, unless duties would meet that must not; returns which."""
        others = self._links[kind].setdefault(role, set())
        others.add(other)
        found = [one for one in self._conflicts() if one not in self._before]
        if not found:
            return None
        others.discard(other)
        one = found[0]
        return f"as {one.first} and {one.second} would meet in {one.role or one.member}"

    def _conflicts(self) -> tuple[Conflict, ...]:
        return conflicts(self._links["duties"], self._links["roles"], self._pairs, self._together)


def _add(
    work: UnitOfWork, template: Template, standing: Mapping[str, Any], found: Upgrade
) -> dict[str, UUID]:
    """Write what is missing with the next flush, roles apart; return the ids of its duties."""
    part = replace(
        template,
        currency=standing["currency"],
        channels=tuple(one for one in template.channels if one.code in found.channels),
        metrics={code: template.metrics[code] for code in found.metrics},
        opportunity_stages=tuple(
            one for one in template.opportunity_stages if one.code in found.stages
        ),
        duties={code: template.duties[code] for code in found.duties},
        four_eyes=found.four_eyes,
    )
    copying = Copying(work, part, Founding("", "", ""))
    words = vocabulary(template)
    copying.words({code: words[code] for code in found.words})
    copying.channels()
    copying.metrics()
    copying.opportunity_stages(standing["last_position"] + 1)
    duties = {code: UUID(one["id"]) for code, one in standing["duties"].items()}
    made = copying.duties()
    copying.permissions(made)
    duties |= made
    for duty, row in found.permissions:
        copying.permission(row, duties[duty])
    return duties


def _add_roles(
    work: UnitOfWork,
    template: Template,
    standing: Mapping[str, Any],
    found: Upgrade,
    duties: Mapping[str, UUID],
) -> None:
    roles = {code: UUID(one["id"]) for code, one in standing["roles"].items()}

    def key() -> dict[str, Any]:
        return {"tenant_id": work.tenant_id, "id": work.new_id()}

    for pair in found.separations:
        first, second = sorted((duties[pair.first], duties[pair.second]))
        reason = pair.reason.by_locale()
        work.add(SeparatedDuties(**key(), duty_id=first, other_duty_id=second, reason=reason))
    for code in found.roles:
        names = template.roles[code].names.by_locale()
        row = Role(**key(), code=code, names=names, built_in=True, created_at=work.now)
        work.add(row)
        roles[code] = row.id
    for role, duty in found.role_duties:
        work.add(RoleDuty(**key(), role_id=roles[role], duty_id=duties[duty]))
    for role, included in found.inclusions:
        work.add(RoleInclusion(**key(), role_id=roles[role], included_role_id=roles[included]))
