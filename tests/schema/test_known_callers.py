"""Who is known from an earlier read is known no longer once anything of him is changed."""

from datetime import timedelta
from uuid import UUID

import pytest
from builders.api import Api
from builders.reception import Showroom
from builders.tenants import TenantHandle

from service.clock import ManualClock
from service.organisation.actors import Callers
from service.organisation.commands import (
    Delegate,
    EndAssignment,
    EndDelegation,
    delegate,
    end_assignment,
    end_delegation,
)
from service.schema.scalars import make_id
from service.work import Transactions

HOUR = timedelta(hours=1)
MEMBER = "query ($id: ID!) { member(id: $id) { name allowedActions } }"
SOON = timedelta(milliseconds=1)


@pytest.mark.parametrize("locale", [None, "zh-Hant"])
async def test_what_a_statement_says_of_a_caller_is_what_is_kept_of_him(
    transactions: Transactions, tenant: TenantHandle, locale: str | None
) -> None:
    rep = await tenant.member("安娜")
    callers = Callers()
    async with transactions.sight(tenant.caller(rep, locale)) as sight:
        said = await sight.fetch_value(f"SELECT {Callers.here}", tenant.id, rep, sight.now)

        assert callers.here_of(sight.loaded.found) == said


async def may_leave(api: Api, tenant: TenantHandle, asker: UUID, whom: UUID) -> bool:
    """Ask the API, by one planned statement, whether somebody may let another go."""
    found = await api.ask(api.token(tenant.id, asker), MEMBER, id=make_id("member", whom))
    assert api.last is not None
    assert api.last.plan == "sql"
    return found["member"] is not None and "LEAVE" in found["member"]["allowedActions"]


async def test_a_stand_in_may_from_the_first_instant_to_the_last_without_any_change_written(
    api: Api, showroom: Showroom, clock: ManualClock
) -> None:
    tenant, people = showroom.tenant, showroom.people
    begins, ends = clock.now() + HOUR, clock.now() + 2 * HOUR
    order = Delegate(tenant.admin_id, people["An"], ("member.leave",), ends, begins)
    await tenant.do(delegate, order)

    held = []
    for at in (clock.now(), begins - SOON, begins, ends - SOON, ends):
        clock.set(at)
        held.append(await may_leave(api, tenant, people["An"], people["Bo"]))

    assert held == [False, False, True, True, False]


async def test_an_office_that_ends_by_the_clock_ends_for_whoever_stands_in_for_its_holder(
    api: Api, showroom: Showroom, clock: ManualClock
) -> None:
    tenant, people = showroom.tenant, showroom.people
    head = await tenant.member("周主任", "tenant-admin")
    ends = clock.now() + HOUR
    order = Delegate(head, people["An"], ("member.leave",), ends + HOUR)
    await tenant.do(delegate, order, by=head)
    (office,) = await tenant.rows(
        "SELECT id FROM app.assignment WHERE tenant_id = $1 AND member_id = $2", head
    )
    await tenant.do(end_assignment, EndAssignment(office["id"], 1, ends))

    held = []
    for at in (clock.now(), ends - SOON, ends):
        clock.set(at)
        held.append(await may_leave(api, tenant, people["An"], people["Bo"]))

    assert held == [True, True, False]


async def test_a_stand_in_that_is_ended_early_is_over_at_the_next_read(
    api: Api, showroom: Showroom, clock: ManualClock
) -> None:
    tenant, people = showroom.tenant, showroom.people
    order = Delegate(tenant.admin_id, people["An"], ("member.leave",), clock.now() + HOUR)
    made = await tenant.do(delegate, order)

    before = await may_leave(api, tenant, people["An"], people["Bo"])
    await tenant.do(end_delegation, EndDelegation(made, 1))

    assert before
    assert not await may_leave(api, tenant, people["An"], people["Bo"])


async def test_a_clock_that_was_set_back_gives_nobody_what_he_has_only_later(
    api: Api, showroom: Showroom, clock: ManualClock
) -> None:
    tenant, people = showroom.tenant, showroom.people
    begins = clock.now() + HOUR
    order = Delegate(tenant.admin_id, people["An"], ("member.leave",), begins + HOUR, begins)
    await tenant.do(delegate, order)

    held = []
    for at in (begins, begins - SOON):
        clock.set(at)
        held.append(await may_leave(api, tenant, people["An"], people["Bo"]))

    assert held == [True, False]
