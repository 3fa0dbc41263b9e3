"""What is in force where and when: the database and the pure calendar say the same."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import pytest
from builders.reception import Showroom, a_showroom, at
from builders.rulebooks import showroom_document
from builders.tenants import BEGINNING, TenantHandle
from hypothesis import given
from hypothesis import strategies as st

from service.calendar import start_of_day
from service.clock import ManualClock, new_id
from service.organisation.actors import Callers
from service.rulebooks import in_force as cache
from service.rulebooks.calendars import START_OF_DAY, calendar_of, version_in
from service.rulebooks.commands.placing import NewVersion, put_in_force
from service.rulebooks.in_force import VERSION_AT_SITE, in_force
from service.rulebooks.rules import Span, Window, calendar, in_force_at, restored, spliced
from service.rulebooks.speaking import sentence_of_rule
from service.work import Transactions, UnitOfWork

ZONES = {name: ZoneInfo(name) for name in ("Asia/Shanghai", "Europe/Berlin", "America/Havana")}
COMPANY = ZONES["Asia/Shanghai"]
FIRST = date(2026, 10, 20)
DOCUMENT = showroom_document().to_json()


def published(random: Random, sites: dict[UUID, ZoneInfo]) -> Iterator[Window]:
    """Windows as a company publishes them in the course of a month, each making its room."""
    known: list[Window] = [Window(new_id(), 1, None, BEGINNING)]
    for number in range(2, 14):
        site_id = random.choice([None, None, *sites])
        zone = COMPANY if site_id is None else sites[site_id]
        day = FIRST + timedelta(days=random.randrange(30))
        instant = start_of_day(day, zone) + timedelta(minutes=random.randrange(1440))
        on_a_day = random.random() < 0.7
        begins = start_of_day(day, zone) if on_a_day else instant
        splice = spliced((one for one in known if one.site_id == site_id), begins)
        known = [replace(one, ends=splice.cut.get(one.version_id, one.ends)) for one in known]
        ends = splice.ends
        if ends is None and site_id is not None and random.random() < 0.5:
            ends = begins + timedelta(days=random.randrange(1, 10))
        known.append(Window(new_id(), number, site_id, begins, ends, day if on_a_day else None))
    yield from known


# The windows stand where the versions would; `x` are instants, `y` sites with their zones.
WINDOWS = """
WITH v AS (SELECT * FROM unnest($2::uuid[], $3::int[], $4::uuid[], $5::timestamptz[],
        $6::timestamptz[], $7::date[])
    AS v (id, number, site_id, effective_from, effective_until, effective_on)),
x AS (SELECT * FROM unnest($8::timestamptz[]) AS x (at)),
y AS (SELECT * FROM unnest($9::uuid[], $10::text[]) AS y (site_id, zone))
"""
AS_VERSIONS = (
    "(SELECT v.*, $1::uuid AS tenant_id, 'showroom' AS policy, 'PUBLISHED' AS state FROM v) v"
)
AT_SITE = VERSION_AT_SITE.format(at="x.at", site="y.site_id", zone="y.zone")
WHOLE = calendar_of("'showroom'", "y.site_id", "y.zone")


@pytest.mark.parametrize("seed", range(4))
async def test_the_statements_and_the_calendar_name_the_same_versions(
    tenant: TenantHandle, seed: int
) -> None:
    random = Random(seed)  # noqa: S311 - chance that can be repeated, not secrecy
    site_ids = [tenant.site_id, new_id(), new_id()]
    sites = dict(zip(site_ids, ZONES.values(), strict=True))
    windows = list(published(random, sites))
    instants = [
        edge + timedelta(milliseconds=offset)
        for window in windows[1:]
        for zone in ZONES.values()
        for edge in (window.begins, window.begins_in(zone), window.ends or window.begins)
        for offset in (-1, 0, 1)
    ]
    values = (
        [one.version_id for one in windows],
        [one.number for one in windows],
        [one.site_id for one in windows],
        [one.begins for one in windows],
        [one.ends for one in windows],
        [one.day for one in windows],
        instants,
        list(sites),
        [zone.key for zone in sites.values()],
    )

    async def ask(work: UnitOfWork) -> list[Any]:
        return [
            await work.fetch(
                f"{WINDOWS} SELECT {selected}".replace("app.rulebook_version v", AS_VERSIONS),
                work.tenant_id,
                *values,
            )
            for selected in (
                f"y.site_id, x.at, {AT_SITE} AS at_once,"
                f" {version_in(WHOLE, 'x.at')} AS of_whole FROM x, y",
                f"y.site_id, z.*, (SELECT count(*) FROM x) FROM y, LATERAL ({WHOLE}) z",
            )
        ]

    answered, stretches = await tenant.transactions.internally(tenant.id, "ask", ask)

    spans = {site_id: calendar(windows, site_id, zone) for site_id, zone in sites.items()}
    assert len(answered) == len(instants) * len(sites)
    for site_id, instant, at_once, of_whole in answered:
        assert at_once == of_whole == in_force_at(spans[site_id], instant), (site_id, instant)
    own = {one.version_id for one in windows if one.site_id is not None}
    for site_id, known in spans.items():
        found = sorted(
            (one for one in stretches if one["site_id"] == site_id),
            key=lambda one: one["begins_at"],
        )
        assert [Span(one["version_id"], one["begins_at"], one["ends_at"]) for one in found] == [
            *known
        ]
        assert all(one["of_site"] == (one["version_id"] in own) for one in found)


async def test_a_day_begins_where_midnight_is_missing_or_comes_twice(tenant: TenantHandle) -> None:
    """Havana has the first hour of a day twice, Santiago lacks it, Beirut has the last twice."""
    first, days = date(2026, 1, 1), range(365)
    zones = ("America/Havana", "America/Santiago", "Asia/Beirut", "Africa/Cairo", "Asia/Shanghai")
    sql = START_OF_DAY.format(day="($1::date + d)", zone="z")
    asked = f"SELECT z, d, {sql} FROM unnest($2::text[]) z, unnest($3::int[]) d"

    async def ask(work: UnitOfWork) -> list[Any]:
        return list(await work.fetch(asked, first, list(zones), list(days)))

    found = await tenant.transactions.internally(tenant.id, "ask", ask)
    for zone, n, begins in found:
        assert begins == start_of_day(first + timedelta(days=n), ZoneInfo(zone)), (zone, n)
    assert len(found) == len(zones) * len(days)


@given(st.lists(st.tuples(st.integers(0, 40), st.booleans()), min_size=1, max_size=12))
def test_windows_of_one_place_never_overlap_and_leave_no_gap(
    published_on: list[tuple[int, bool]],
) -> None:
    windows: list[Window] = []
    for number, (day, cancelled) in enumerate(published_on):
        begins = BEGINNING + timedelta(days=day)
        splice = spliced(windows, begins)
        before = list(windows)
        windows = [replace(one, ends=splice.cut.get(one.version_id, one.ends)) for one in windows]
        window = Window(UUID(int=number + 1), number, None, begins, splice.ends)
        windows.append(window)
        if cancelled:
            goes_on = restored(windows, window)
            windows = [
                replace(one, ends=goes_on.get(one.version_id, one.ends))
                for one in windows
                if one is not window
            ]
            assert windows == before

    lasting = sorted((one for one in windows if not one.is_empty), key=lambda one: one.begins)
    for earlier, later in pairwise(lasting):
        assert earlier.ends == later.begins
    assert not lasting or lasting[-1].ends is None


async def a_version(
    work: UnitOfWork, begins: datetime, day: date | None = None, **changes: Any
) -> UUID:
    """Put the shipped text in force, unchecked, with parts of it changed."""
    return await put_in_force(
        work, NewVersion("showroom", {**DOCUMENT, **changes}, {}, begins, day)
    )


async def test_overlapping_windows_are_impossible(tenant: TenantHandle) -> None:
    async def step(work: UnitOfWork) -> None:
        await work.fetch(
            "INSERT INTO app.rulebook_version (tenant_id, id, created_at, policy, number, state,"
            " document, overrides, author_ids, effective_from) SELECT tenant_id, uuidv7(),"
            " created_at, policy, 99, state, document, overrides, '{}', $2 FROM"
            " app.rulebook_version WHERE tenant_id = $1",
            work.tenant_id,
            work.now,
        )

    with pytest.raises(asyncpg.ExclusionViolationError):
        async with tenant.transactions.sight(tenant.caller()) as sight:
            await step(sight)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change",
    [
        "document = '{}'",
        "overrides = '{\"tracking.days\": 99}'",
        "number = 7",
        "effective_from = effective_from - interval '1 day'",
        "published_by = NULL, author_ids = ARRAY[uuidv7()]",
        "policy = 'other'",
    ],
)
async def test_what_is_published_stays_as_it_is(tenant: TenantHandle, change: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with tenant.transactions.sight(tenant.caller()) as sight:
            await sight.fetch(
                f"UPDATE app.rulebook_version SET {change} WHERE tenant_id = $1", tenant.id
            )


async def test_every_process_decides_by_a_new_version_from_the_next_request_on(
    transactions: Transactions, tenant: TenantHandle, pool: Any, clock: ManualClock
) -> None:
    other = Transactions(pool, clock, Callers())
    async with transactions.sight(tenant.caller()) as sight:
        warm = (await in_force(sight, clock.now())).version_id

    made = await other.internally(tenant.id, "publish", lambda work: a_version(work, clock.now()))

    async with transactions.sight(tenant.caller()) as sight:
        before = sight.statement_count
        found = await in_force(sight, clock.now())
        assert sight.statement_count - before <= 2
    assert (warm, found.version_id) == (tenant.made.rulebook_version_id, made)
    # The same text was compiled once, whoever published it.
    shared = cache.kept(tenant.id, warm)
    assert shared is not None
    assert shared.rulebook is found.rulebook


@pytest.mark.parametrize(
    ("zone", "received", "decides"),
    [
        ("Asia/Shanghai", "2026-03-31 23:59:59.999+08:00", 1),
        ("Asia/Shanghai", "2026-04-01 00:00:00.000+08:00", 2),
        ("Europe/Berlin", "2026-03-31 23:59:59.999+02:00", 1),
        ("Europe/Berlin", "2026-04-01 00:00:00.000+02:00", 2),
    ],
)
async def test_an_arrival_is_decided_by_the_version_of_its_receipt_at_the_sites_midnight(
    transactions: Transactions, clock: ManualClock, zone: str, received: str, decides: int
) -> None:
    at(clock, "03-31 09:00")
    showroom: Showroom = await a_showroom(transactions, ["An"])

    async def prepare(work: UnitOfWork) -> None:
        work.write(
            "site",
            "UPDATE app.site SET time_zone = {}::text WHERE tenant_id = {}::uuid",
            zone,
            work.tenant_id,
            expected=1,
        )
        day = date(2026, 4, 1)
        await a_version(work, start_of_day(day, COMPANY), day)

    await transactions.internally(showroom.tenant_id, "prepare", prepare)
    clock.set(datetime.fromisoformat(received).astimezone(UTC))
    stated = clock.now() - timedelta(minutes=30)

    visit = await showroom.arrives(1, stated_at=stated)

    (row,) = await showroom.tenant.rows(
        "SELECT v.number FROM app.decision d JOIN app.rulebook_version v"
        " ON v.tenant_id = $1 AND v.id = d.rulebook_version_id"
        " WHERE d.tenant_id = $1 AND d.subject_id = $2 AND d.kind = 'RECEPTION'",
        visit["id"],
    )
    # What the desk says of when it happened changes nothing (TM-6).
    assert row["number"] == decides


async def test_a_version_that_todays_product_cannot_compile_still_says_why(
    tenant: TenantHandle, clock: ManualClock
) -> None:
    decisions: Any = dict(DOCUMENT["decisions"])  # type: ignore[arg-type]
    first = dict(decisions["naming"]["rules"][0])
    first["when"] = ["a_fact_of_long_ago"]
    first["says"] = {"en": "{receiver} has {params.tracking.days} days."}
    decisions["naming"] = {**decisions["naming"], "rules": [first]}

    async def step(work: UnitOfWork) -> str:
        version_id = await a_version(work, clock.now(), decisions=decisions)
        await work.flush()
        return await sentence_of_rule(work, version_id, "NM-1", "zh-Hant", {"receiver": "An"})

    assert await tenant.transactions.internally(tenant.id, "ask", step) == "An has 7 days."
