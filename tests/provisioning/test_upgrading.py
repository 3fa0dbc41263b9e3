"""A tenant of an earlier release gets what its template has since, and keeps what it made its own.

The earlier release is a template with less in it.
"""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from builders.api import Api
from builders.identity import identity_pool_of
from builders.tenants import BEGINNING, TenantHandle, a_tenant

from service.app.base import StartRefused
from service.app.upgrading import upgrade_tenants
from service.clock import new_id
from service.database.connections import Location
from service.errors import Forbidden, NotFound
from service.organisation.commands.duties import (
    EditDuty,
    Permission,
    RetireDuty,
    edit_duty,
    retire_duty,
)
from service.organisation.commands.roles import EditRole, edit_role
from service.policies.access import Actor, operator
from service.provisioning.copying import Founding, provision
from service.provisioning.templates import Template, load_template
from service.provisioning.upgrading import UpgradeTenant, missing, upgrade_tenant
from service.work import NOBODY, Transactions

OPERATOR = operator(NOBODY)
LATER = load_template("property-developer")
COUNTS = " UNION ALL ".join(
    f"SELECT '{table}' AS name, count(*) AS count FROM app.{table} WHERE tenant_id = $1"
    for table in (
        "duty",
        "duty_permission",
        "role",
        "role_duty",
        "role_inclusion",
        "separated_duties",
        "metric",
        "opportunity_stage",
        "channel",
        "term",
    )
)


def earlier(*duties: str) -> Template:
    """Return the template as it was without some duties, a right, a metric and any stage."""
    kept = {code: duty for code, duty in LATER.duties.items() if code not in duties}
    for code in ("know-the-company", "know-the-rulebook"):
        kept[code] = replace(kept[code], permissions=kept[code].permissions[1:])
    return replace(
        LATER,
        duties=kept,
        roles={
            code: replace(role, duties=tuple(one for one in role.duties if one in kept))
            for code, role in LATER.roles.items()
        },
        separations=tuple(p for p in LATER.separations if {p.first, p.second} <= kept.keys()),
        metrics={code: one for code, one in LATER.metrics.items() if code != "DEALS"},
        opportunity_stages=(),
        four_eyes=LATER.four_eyes[1:],
        channels=LATER.channels[1:],
    )


async def founded(transactions: Transactions, template: Template) -> TenantHandle:
    tenant_id = new_id()
    founding = Founding(f"t-{tenant_id.hex}", "華庭地產", "管理員", beginning=BEGINNING)

    async def step(work: Any) -> Any:
        return provision(work, template, founding)

    made = await transactions.internally(tenant_id, "a_tenant", step)
    return TenantHandle(transactions, made)


async def counts(tenant: TenantHandle) -> dict[str, int]:
    return {row["name"]: row["count"] for row in await tenant.rows(COUNTS)}


async def access_version(tenant: TenantHandle) -> int:
    sql = "SELECT access_version FROM app.tenant WHERE tenant_id = $1"
    return int((await tenant.rows(sql))[0]["access_version"])


def a_separated_duty() -> str:
    return LATER.separations[0].first


async def test_a_tenant_gets_what_it_never_had_once_and_another_nothing(
    transactions: Transactions,
) -> None:
    new = a_separated_duty()
    tenant, other = (
        await founded(transactions, earlier(new)),
        await founded(transactions, earlier(new)),
    )
    whole = await counts(await a_tenant(transactions))
    before, untouched = await access_version(tenant), await counts(other)

    told = await upgrade_tenant(transactions, UpgradeTenant(tenant.id, dry_run=True), OPERATOR)
    assert await counts(tenant) == untouched
    done = await upgrade_tenant(transactions, UpgradeTenant(tenant.id), OPERATOR)

    assert done == told
    assert (done.duties, done.metrics, done.left_out) == ((new,), ("DEALS",), ())
    assert f"duty {new}" in list(done.lines())
    assert await counts(tenant) == whole
    assert await counts(other) == untouched
    assert await access_version(tenant) == before + 1
    async with transactions.sight(tenant.caller()) as sight:
        assert sight.policy.version == before + 1
    again = await upgrade_tenant(transactions, UpgradeTenant(tenant.id), OPERATOR)
    assert not list(again.lines())
    assert await counts(tenant) == whole
    assert await access_version(tenant) == before + 1
    audited = await tenant.rows(
        "SELECT details->'added' AS added FROM app.audit_event WHERE tenant_id = $1"
        " AND command = 'upgrade_tenant' AND subject_type = 'tenant'"
    )
    assert sorted(row["added"] for row in audited) == [[], [], list(done.lines())]


async def test_what_was_retired_edited_or_taken_away_stays_so(transactions: Transactions) -> None:
    tenant = await founded(transactions, earlier())
    retired, edited, taken = (
        "know-the-company",
        "know-the-rulebook",
        LATER.roles["sales-representative"].duties[-1],
    )
    assert taken not in (retired, edited)
    role = tenant.roles["sales-representative"]
    kept = [one for one in LATER.roles["sales-representative"].duties if one != taken]
    await tenant.do(retire_duty, RetireDuty(tenant.duties[retired], 1))
    rows = (Permission("metric", "view", "tenant"),)
    await tenant.do(edit_duty, EditDuty(tenant.duties[edited], 1, permissions=rows))
    ids = tuple(tenant.duties[code] for code in kept if code != retired)
    await tenant.do(edit_role, EditRole(role, 1, duty_ids=ids))
    of_duties = (
        "SELECT d.code, d.retired_at, p.object, p.action FROM app.duty d"
        " LEFT JOIN app.duty_permission p ON p.tenant_id = $1 AND p.duty_id = d.id"
        " WHERE d.tenant_id = $1 AND d.code IN ('know-the-company', 'know-the-rulebook')"
        " ORDER BY d.code, p.object, p.action"
    )
    before = await tenant.rows(of_duties)

    done = await upgrade_tenant(transactions, UpgradeTenant(tenant.id), OPERATOR)

    assert await tenant.rows(of_duties) == before
    assert (done.duties, done.permissions, done.role_duties) == ((), (), ())
    assert done.left_out
    assert all(line.startswith(f"duty {edited}: the company changed it") for line in done.left_out)
    held = await tenant.rows(
        "SELECT duty_id FROM app.role_duty WHERE tenant_id = $1 AND role_id = $2", role
    )
    assert {row["duty_id"] for row in held} == set(ids)


async def test_only_an_operator_completes_and_only_what_is_there(
    transactions: Transactions,
) -> None:
    nowhere = UpgradeTenant(new_id())

    with pytest.raises(Forbidden):
        await upgrade_tenant(transactions, nowhere, Actor(new_id(), new_id()))
    with pytest.raises(NotFound):
        await upgrade_tenant(transactions, nowhere, OPERATOR)


async def test_an_operator_completes_a_company_over_the_api_and_its_administrator_may_not(
    transactions: Transactions, location: Location
) -> None:
    tenant = await founded(transactions, earlier())
    before = await counts(tenant)
    async with await identity_pool_of(location) as identity_pool:
        api = Api(transactions, identity_pool=identity_pool)

        async def upgraded(token: str, **more: Any) -> Any:
            asked = {"tenantId": f"tenant_{tenant.id}", **more}
            return await api.tries(token, "upgradeTenant", "added leftOut", **asked)

        operator_token = api.operators_token(UUID(int=1))
        looked = await upgraded(operator_token, dryRun=True)
        unchanged = await counts(tenant)
        done, again = [await upgraded(operator_token) for _ in range(2)]
        missing_one = await api.tries(
            operator_token, "upgradeTenant", "replayed", tenantId=f"tenant_{new_id()}"
        )
        refused = await upgraded(api.token(tenant.id, tenant.admin_id))

    assert unchanged == before
    assert looked["added"] == done["added"] != []
    assert "metric" in {line.split()[0] for line in done["added"]}
    assert (done["leftOut"], again["added"], again["errors"]) == ([], [], [])
    assert await counts(tenant) == await counts(await a_tenant(transactions))
    codes = [[one["code"] for one in found["errors"]] for found in (missing_one, refused)]
    assert codes == [["NOT_FOUND"], ["FORBIDDEN"]]


class Directory:
    """The companies of a platform, by their codes."""

    def __init__(self, companies: dict[str, UUID]) -> None:
        self._companies = companies

    async def fetch(self, _sql: str, *_states: str) -> list[dict[str, str]]:
        return [{"code": code} for code in self._companies]

    async def fetchval(self, _sql: str, code: str) -> UUID:
        return self._companies[code]


async def test_a_company_that_is_refused_is_named_and_the_others_are_completed(
    transactions: Transactions,
) -> None:
    tenants = [await founded(transactions, earlier()) for _ in range(2)]
    whole = await counts(await a_tenant(transactions))
    directory = Directory({"hua": tenants[0].id, "gone": new_id(), "li": tenants[1].id})
    base: Any = SimpleNamespace(transactions=transactions, identity_pool=directory)
    said: list[str] = []

    with pytest.raises(StartRefused, match=r"in 2 tenants; refused, and left as they were: gone$"):
        await upgrade_tenants(base, None, said.append, dry_run=False)

    assert [line.split(": ")[1] for line in said if line.startswith("gone: ")] == ["refused"]
    assert [await counts(tenant) for tenant in tenants] == [whole, whole]


def test_duties_that_must_stay_apart_are_told_and_left_out() -> None:
    pair = LATER.separations[0]
    holder = next(code for code, role in LATER.roles.items() if pair.first in role.duties)
    there = {"id": str(new_id()), "retired": False, "edited": False, "rows": []}
    standing = {
        "duties": {code: there for code in LATER.duties if code != pair.first},
        "roles": dict.fromkeys(LATER.roles, there),
        "four_eyes": [],
        "words": [],
        "channels": [],
        "metrics": [],
        "stages": ["own-step"],
    }
    # The company gave the role the other duty of the pair, which it may: nobody had the first.
    rights = {"role_duties": [[holder, pair.second]], "includes": [], "pairs": [], "together": []}

    found = missing(LATER, standing, rights)

    assert found.duties == (pair.first,)
    assert found.separations
    assert (holder, pair.first) not in found.role_duties
    assert any(line.startswith(f"role {holder}: not {pair.first}") for line in found.left_out)
    assert found.stages == ()
    assert any(line.startswith("stages: ") for line in found.left_out)
