"""The shipped policies as a compiled tenant, in a company small enough to know every corner of."""

from collections.abc import Iterable
from uuid import UUID

from service.policies.access import (
    Actor,
    CompiledTenant,
    Holding,
    PolicyRow,
    Record,
    compile_tenant,
)
from service.provisioning.templates import Template

THIS_TENANT, OTHER_TENANT = UUID(int=1), UUID(int=2)
ME, COLLEAGUE, STRANGER = UUID(int=11), UUID(int=12), UUID(int=13)

COMPANY, MY_TEAM, BELOW_MY_TEAM, SISTER_TEAM, FAR_TEAM = (UUID(int=n) for n in range(21, 26))
ORG_PARENTS: dict[UUID, UUID | None] = {
    COMPANY: None,
    MY_TEAM: COMPANY,
    BELOW_MY_TEAM: MY_TEAM,
    SISTER_TEAM: COMPANY,
    FAR_TEAM: COMPANY,
}

COUNTRY, MY_REGION, CITY_OF_MY_REGION, SISTER_REGION = (UUID(int=n) for n in range(31, 35))
TERRITORY_PARENTS: dict[UUID, UUID | None] = {
    COUNTRY: None,
    MY_REGION: COUNTRY,
    CITY_OF_MY_REGION: MY_REGION,
    SISTER_REGION: COUNTRY,
}

# From the nearest record to the farthest: each lies just inside one scope and outside the one
# before it. My own record is my own wherever it was made.
RECORDS = {
    "mine, made far away": Record(ME, FAR_TEAM, SISTER_REGION),
    "a colleague's, in my team": Record(COLLEAGUE, MY_TEAM, MY_REGION),
    "a colleague's, below my team": Record(COLLEAGUE, BELOW_MY_TEAM, MY_REGION),
    "a sister team's, in my territory": Record(STRANGER, SISTER_TEAM, CITY_OF_MY_REGION),
    "a sister territory's": Record(STRANGER, FAR_TEAM, SISTER_REGION),
    "nobody's, nowhere": Record(),
}
REACHES = {"own": 1, "team": 3, "territory": 4, "tenant": 6}
"""How many of RECORDS a scope covers; scopes are cumulative."""


def inside(scope: str) -> list[Record]:
    """Return the records a scope just covers."""
    return list(RECORDS.values())[: REACHES[scope]]


def outside(scope: str) -> list[Record]:
    """Return the records a scope does not cover, the nearest first."""
    return list(RECORDS.values())[REACHES[scope] :]


def me(role: str, tenant_id: UUID = THIS_TENANT) -> Actor:
    """Return the one who asks: he holds one role at his team and his region."""
    return Actor(tenant_id, ME, (Holding(f"r:{role}", MY_TEAM, MY_REGION),))


def shipped(template: Template, further_roles: Iterable[str] = ()) -> CompiledTenant:
    """Compile a template as it ships; `further_roles` are duties, each made a role of its own."""
    policy = template.policy()
    alone = {f"r:only.{duty}": (f"d:{duty}",) for duty in further_roles}
    return compiled(policy.rows, {**policy.role_duties, **alone}, policy.role_includes)


def compiled(
    rows: Iterable[PolicyRow],
    role_duties: dict[str, tuple[str, ...]],
    role_includes: dict[str, tuple[str, ...]] | None = None,
) -> CompiledTenant:
    """Compile any policy in the small company."""
    return compile_tenant(
        THIS_TENANT,
        1,
        rows=tuple(rows),
        role_duties=role_duties,
        role_includes=role_includes or {},
        org_parents=ORG_PARENTS,
        territory_parents=TERRITORY_PARENTS,
    )
