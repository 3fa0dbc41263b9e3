"""The demo is one history however often, and after whatever accident, it is loaded."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from builders.rehearsals import a_chance, a_demo_loan

from service.clock import ManualClock
from service.database.connections import Location, open_pool
from service.database.security import IDENTITY
from service.simulation.demo.companies import COMPANIES, HUATING, Company
from service.simulation.demo.loading import DemoLoan, Login, load_demo
from service.work import Caller

NOON = datetime(2026, 6, 3, 4, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
async def identity_pool(location: Location) -> AsyncIterator["asyncpg.Pool[Any]"]:
    async with await open_pool(location, IDENTITY, 2) as opened:
        yield opened


def lend(pool, identity_pool) -> DemoLoan:
    # The history hangs on the seed alone, so copies of a company may be compared.
    loan = a_demo_loan(pool, identity_pool, ManualClock(NOON))
    return replace(loan, chance=lambda name: a_chance(name.rsplit(".", 1)[-1]))


@pytest.fixture
def lent(pool, identity_pool) -> DemoLoan:
    return lend(pool, identity_pool)


def a_small(code: str) -> Company:
    return replace(HUATING, code=code, days=6)


@dataclass(frozen=True, slots=True)
class Lived:
    """A company that was loaded once, and what happened in it."""

    company: Company
    logins: Sequence[Login]
    told: list[tuple[Any, ...]]


@pytest.fixture(scope="module")
async def lived(pool, identity_pool) -> Lived:
    lent = lend(pool, identity_pool)
    company = a_small("whole")
    logins = await load_demo(lent, companies=[company])
    return Lived(company, logins, await told(lent, company.code))


class Counted:
    """A progress that fails at a step, if told so."""

    def __init__(self, fails_at: int = 0) -> None:
        self.steps = 0
        self.done = 0
        self._fails_at = fails_at

    def begin(self, steps: int) -> None:
        self.steps = steps

    def advance(self) -> None:
        self.done += 1
        if self.done == self._fails_at:
            raise ConnectionAbortedError


async def told(lent: DemoLoan, code: str) -> list[tuple[Any, ...]]:
    """Return what happened in a demo tenant, without its ids."""
    tenant_id = await lent.identity_pool.fetchval(
        "SELECT tenant_id FROM app.global_tenant_directory WHERE code = $1", code
    )
    transactions = lent.loan.transactions(lent.clock)
    async with transactions.sight(Caller(tenant_id, None, "test")) as sight:
        visits = await sight.fetch(
            "SELECT v.arrived_at, v.left_at, v.mode, v.clause, v.phones,"
            " r.name, o.name, p.full_name"
            " FROM app.visit v"
            " LEFT JOIN app.member r ON r.tenant_id = $1 AND r.id = v.receiver_id"
            " LEFT JOIN app.member o ON o.tenant_id = $1 AND o.id = v.owner_id"
            " LEFT JOIN app.party p ON p.tenant_id = $1 AND p.id = v.party_id"
            " WHERE v.tenant_id = $1 ORDER BY v.arrived_at, v.phones",
            tenant_id,
        )
        entries = await sight.fetch(
            "SELECT 'registration', entered_at, result, protected_until, lapsed_at"
            " FROM app.registration WHERE tenant_id = $1"
            " UNION ALL SELECT 'follow_up', at, content, NULL, NULL"
            " FROM app.follow_up WHERE tenant_id = $1"
            " UNION ALL SELECT 'call', called_at, phone, NULL, NULL"
            " FROM app.call_record WHERE tenant_id = $1 ORDER BY 1, 2, 3",
            tenant_id,
        )
        campaigns = await sight.fetch(
            "SELECT m.code, (SELECT count(*) FROM app.campaign_touch l"
            "   WHERE l.tenant_id = $1 AND l.campaign_id = m.id AND l.sign = 1),"
            " (SELECT sum(o.amount_minor)::bigint FROM app.campaign_cost o"
            "   WHERE o.tenant_id = $1 AND o.campaign_id = m.id)"
            " FROM app.campaign m WHERE m.tenant_id = $1 ORDER BY 1",
            tenant_id,
        )
    return [tuple(row) for row in (*visits, *entries, *campaigns)]


async def unserved(lent: DemoLoan, code: str) -> list[Any]:
    """Return the lowest territories' targets toward which nothing has been counted."""
    tenant_id = await lent.identity_pool.fetchval(
        "SELECT tenant_id FROM app.global_tenant_directory WHERE code = $1", code
    )
    transactions = lent.loan.transactions(lent.clock)
    async with transactions.sight(Caller(tenant_id, None, "test")) as sight:
        return await sight.fetch(
            "SELECT y.code, m.code FROM app.target_node n"
            " JOIN app.territory y ON y.tenant_id = $1 AND y.id = n.territory_id"
            " JOIN app.metric m ON m.tenant_id = $1 AND m.id = n.metric_id"
            " WHERE n.tenant_id = $1 AND n.split = 'BREAKDOWN' AND n.member_id IS NULL"
            # What is unassigned is nobody's; a ratio of a territory is made of those below it.
            " AND NOT n.is_unassigned AND m.unit <> 'RATIO'"
            " AND NOT EXISTS (SELECT FROM app.target_node b WHERE b.tenant_id = $1"
            "   AND b.parent_id = n.id AND b.member_id IS NULL AND b.split = 'BREAKDOWN')"
            " AND NOT EXISTS (SELECT FROM app.metric_credit_day d WHERE d.tenant_id = $1"
            "   AND d.metric_id = n.metric_id AND d.territory_id = n.territory_id)",
            tenant_id,
        )


async def test_loading_again_finds_everything(lent: DemoLoan, lived: Lived):
    assert await unserved(lent, lived.company.code) == []
    assert len(lived.told) > 50
    brought = {row[0]: row[1:] for row in lived.told[-4:]}
    assert brought["online-spring"][0] > 0
    assert brought["housing-fair"] == (0, None)
    seen = Counted()
    second = await load_demo(lent, companies=[lived.company], progress=seen)
    assert second == lived.logins
    assert await told(lent, lived.company.code) == lived.told
    assert seen.done == seen.steps == 7


async def test_a_load_that_broke_off_is_ended_by_the_next(lent: DemoLoan, lived: Lived):
    with pytest.raises(ConnectionAbortedError):
        await load_demo(lent, companies=[a_small("broken")], progress=Counted(fails_at=4))
    half = await told(lent, "broken")
    await load_demo(lent, companies=[a_small("broken")])
    assert len(half) < len(lived.told)
    assert await told(lent, "broken") == lived.told


async def test_a_later_day_changes_nothing_of_what_was_lived(lent: DemoLoan, lived: Lived):
    later = replace(lent, clock=ManualClock(NOON + timedelta(days=3)))
    await load_demo(later, companies=[lived.company])
    assert await told(lent, lived.company.code) == lived.told


async def test_the_day_of_loading_is_a_day_like_others(lived: Lived):
    happened = [row[0] for row in lived.told if isinstance(row[0], datetime)]
    assert max(happened) <= NOON
    assert max(happened).date() == NOON.date()


async def test_everybody_can_be_signed_in(lent: DemoLoan, lived: Lived):
    names = [login.name for login in lived.logins]
    assert len(set(names)) == len(names)
    admitted = await lent.identity_pool.fetch(
        "SELECT u.name FROM app.platform_user u"
        " JOIN app.platform_membership m ON m.user_id = u.id WHERE u.name = ANY($1::text[])",
        names,
    )
    assert {row["name"] for row in admitted} == set(names)


async def test_copies_are_numbered(lent: DemoLoan):
    logins = await load_demo(lent, scale=2, companies=[replace(a_small("copied"), days=0)])
    codes = {login.name.partition(".")[0] for login in logins}
    assert codes == {"copied", "copied-2"}


def test_the_companies_are_three_and_nobody_works_twice():
    assert len({company.industry for company in COMPANIES}) == 3
    assert [company.days for company in COMPANIES] == [90, 30, 30]
    assert sum(len(site.reps) for site in HUATING.sites) == 14
    names = [name for company in COMPANIES for site in company.sites for name in site.reps]
    assert len(set(names)) == len(names)
