"""Figures: a total is the sum of what its reader could list, whoever reads, however it is cut."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from builders.api import Api
from builders.history import BEGUN, ZONES, History, a_history
from builders.tenants import TenantHandle, a_tenant

from service.clock import ManualClock
from service.work import Transactions

NOW = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
SEEDS = (1, 2, 3)
ROLES = ("An", "Chu", "Mei", "Rita", "Lin", "Clerk")
Node = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Listed:
    """A list and its figures: what its nodes are asked for, and what a figure makes of them.

    Attributes:
        dimensions: by word: the key's selection, and how a node gives its value.
        measures: by name: what a group of nodes comes to.
        at: the node's instant.
    """

    many: str
    figures: str
    node: str
    at: str
    dimensions: dict[str, tuple[str, Callable[[Node, "Places"], Any]]]
    measures: dict[str, Callable[[list[Node]], Any]]
    filter: str = ""


@dataclass(slots=True)
class Places:
    """The zone of each site, and of each record that takes it from another."""

    zones: dict[str, ZoneInfo] = field(default_factory=dict)

    def local(self, node: Node, at: str) -> datetime:
        place = node.get("site") or {"id": node["id"]}
        return datetime.fromisoformat(node[at]).astimezone(self.zones[place["id"]])


def related(name: str) -> tuple[str, Callable[[Node, Places], Any]]:
    return f"{name} {{ id }}", lambda node, _: (node[name] or {}).get("id")


def plain(name: str) -> tuple[str, Callable[[Node, Places], Any]]:
    return name, lambda node, _: node[name]


def day(at: str) -> tuple[str, Callable[[Node, Places], Any]]:
    return "day", lambda node, places: places.local(node, at).date().isoformat()


def week(at: str) -> tuple[str, Callable[[Node, Places], Any]]:
    def monday(node: Node, places: Places) -> str:
        local = places.local(node, at).date()
        return (local - timedelta(days=local.weekday())).isoformat()

    return "week", monday


def month(at: str) -> tuple[str, Callable[[Node, Places], Any]]:
    return "month", lambda node, places: places.local(node, at).date().replace(day=1).isoformat()


def hour(at: str) -> tuple[str, Callable[[Node, Places], Any]]:
    return "hour", lambda node, places: places.local(node, at).hour


def days(at: str) -> dict[str, tuple[str, Callable[[Node, Places], Any]]]:
    return {"DAY": day(at), "WEEK": week(at), "MONTH": month(at)}


def number(which: Callable[[Node], object] = bool) -> Callable[[list[Node]], int]:
    return lambda nodes: sum(1 for node in nodes if which(node))


def several(name: str) -> Callable[[list[Node]], int]:
    return lambda nodes: len({node[name]["id"] for node in nodes if node[name]})


SUMS = ("amounts", "cancelledAmounts")


def stands(node: Any) -> bool:
    return bool(node["state"] == "SIGNED")


def amounts(nodes: list[Node]) -> list[Node]:
    sums: Counter[str] = Counter()
    for node in nodes:
        if node["amount"]:
            sums[node["amount"]["currency"]] += int(node["amount"]["amountMinor"])
    return [{"amountMinor": str(sum_), "currency": code} for code, sum_ in sorted(sums.items())]


PLACE = {"ORG_UNIT": related("orgUnit"), "TERRITORY": related("territory")}
LISTS = (
    Listed(
        "visits",
        "visitStatistics",
        "site { id } receiver { id } owner { id } orgUnit { id } territory { id } party { id }"
        " mode way state leftAt arrivedAt turnMember { id }",
        "arrivedAt",
        {
            "SITE": related("site"),
            **days("arrivedAt"),
            "HOUR": hour("arrivedAt"),
            "RECEIVER": related("receiver"),
            "OWNER": related("owner"),
            "MODE": plain("mode"),
            "WAY": plain("way"),
            **PLACE,
        },
        {
            "visitCount": len,
            "waitingCount": number(lambda node: node["state"] == "WAITING"),
            "openCount": number(lambda node: node["leftAt"] is None),
            "surveyCount": number(lambda node: node["mode"] == "SURVEY"),
        },
        'party: {fullName: {startsWith: "客戶1"}}',
    ),
    Listed(
        "callRecords",
        "callStatistics",
        "site { id } taker { id } source rings durationSeconds calledAt",
        "calledAt",
        {
            "SITE": related("site"),
            **days("calledAt"),
            "HOUR": hour("calledAt"),
            "TAKER": related("taker"),
            "SOURCE": plain("source"),
        },
        {
            "callCount": len,
            "answeredLateCount": number(lambda node: (node["rings"] or 0) > 2),
            "overlongCount": number(lambda node: (node["durationSeconds"] or 0) > 180),
            "totalDurationSeconds": lambda nodes: str(
                sum(node["durationSeconds"] or 0 for node in nodes)
            ),
        },
        'taker: {name: {in: ["An", "Chu"]}}',
    ),
    Listed(
        "registrations",
        "registrationStatistics",
        "site { id } member { id } state result enteredAt firstFollowUpOverdue firstFollowedUpAt",
        "enteredAt",
        {
            "SITE": related("site"),
            **days("enteredAt"),
            "MEMBER": related("member"),
            "STATE": plain("state"),
            "RESULT": plain("result"),
        },
        {
            "registrationCount": len,
            "liveCount": number(lambda node: node["state"] == "LIVE"),
            "lapsedCount": number(lambda node: node["state"] == "LAPSED"),
            "invalidCount": number(lambda node: node["state"] == "INVALID"),
            "firstFollowUpOverdueCount": number(lambda node: node["firstFollowUpOverdue"]),
        },
        "followUps: {some: {}}",
    ),
    Listed(
        "followUps",
        "followUpStatistics",
        "registration { id } member { id } channel connected renewed at",
        "at",
        {**days("at"), "MEMBER": related("member"), "CHANNEL": plain("channel")},
        {
            "followUpCount": len,
            "connectedCount": number(lambda node: node["connected"]),
            "renewedCount": number(lambda node: node["renewed"]),
        },
        'member: {name: {eq: "An"}}',
    ),
    Listed(
        "deals",
        "dealStatistics",
        "site { id } closer { id } owner { id } ownerKind mode state signedAt claimsCloseAt"
        " amount { amountMinor currency }",
        "signedAt",
        {
            "SITE": related("site"),
            **days("signedAt"),
            "CLOSER": related("closer"),
            "OWNER": related("owner"),
            "OWNER_KIND": plain("ownerKind"),
            "MODE": plain("mode"),
            "STATE": plain("state"),
        },
        {
            "dealCount": number(stands),
            "cancelledCount": number(lambda node: not stands(node)),
            "unpricedCount": number(lambda node: stands(node) and node["amount"] is None),
            "amounts": lambda nodes: amounts([one for one in nodes if stands(one)]),
            "cancelledAmounts": lambda nodes: amounts([one for one in nodes if not stands(one)]),
            "claimableCount": number(
                lambda node: stands(node) and datetime.fromisoformat(node["claimsCloseAt"]) > NOW
            ),
        },
        "visit: {state: {eq: ASSIGNED}}",
    ),
    Listed(
        "claims",
        "claimStatistics",
        "deal { id } claimant { id } result reason filedAt",
        "filedAt",
        {
            **days("filedAt"),
            "CLAIMANT": related("claimant"),
            "RESULT": plain("result"),
            "REASON": plain("reason"),
        },
        {
            "claimCount": len,
            "admittedCount": number(lambda node: node["result"] == "ADMITTED"),
            "rejectedCount": number(lambda node: node["result"] == "REJECTED"),
        },
        "result: {eq: REJECTED}",
    ),
)


async def listed(api: Api, token: str, what: Listed, filter_: str) -> list[Node]:
    found = await api.ask(
        token,
        f"{{ {what.many}(first: 200, filter: {{{filter_}}})"
        f" {{ nodes {{ id {what.node} }} totalCount }} }}",
    )
    nodes: list[Node] = found[what.many]["nodes"]
    assert len(nodes) == found[what.many]["totalCount"], "one page holds them all"
    return nodes


async def figures(
    api: Api, token: str, what: Listed, by: Iterable[str], narrowed: str
) -> list[Node]:
    keys = " ".join(["none hidden", *(what.dimensions[word][0] for word in by)])
    measures = " ".join(
        f"{name} {{ amountMinor currency }}" if name in SUMS else name for name in what.measures
    )
    found = await api.ask(
        token,
        f"{{ {what.figures}(groupBy: [{', '.join(by)}] {narrowed})"
        f" {{ key {{ {keys} }} {measures} }} }}",
    )
    rows: list[Node] = found[what.figures]
    return rows


def places_of(history: History) -> Places:
    zones = {f"site_{row}": ZoneInfo(ZONES[name]) for name, row in history.sites.items()}
    by_site = {row: zones[f"site_{row}"] for row in history.sites.values()}
    entries = {one.id: one for one in history.records["registration"]}
    deals = {one.id: one for one in history.records["deal"]}
    for one in history.records["follow_up"]:
        zones[f"follow_up_{one.id}"] = by_site[entries[one.registration_id].site_id]
    for one in history.records["claim"]:
        zones[f"claim_{one.id}"] = by_site[deals[one.deal_id].site_id]
    return Places(zones)


def groups(
    nodes: list[Node], what: Listed, by: Iterable[str], places: Places
) -> dict[tuple[Any, ...], list[Node]]:
    found: dict[tuple[Any, ...], list[Node]] = {} if list(by) else {(): []}
    for node in nodes:
        key = tuple(what.dimensions[word][1](node, places) for word in by)
        found.setdefault(key, []).append(node)
    return found


def shown(row: Node, word: str, what: Listed) -> Any:
    selection = what.dimensions[word][0].split()[0]
    value = row["key"][selection]
    return value["id"] if isinstance(value, dict) else value


def joined(rows: list[Node], what: Listed, by: Iterable[str]) -> dict[tuple[Any, ...], list[Node]]:
    """Gather rows by what they show: what is hidden looks like what is not there."""
    found: dict[tuple[Any, ...], list[Node]] = {}
    for row in rows:
        found.setdefault(tuple(shown(row, word, what) for word in by), []).append(row)
    return found


def total(rows: list[Node], name: str) -> Any:
    if name in SUMS:
        return amounts([{"amount": one} for row in rows for one in row[name]])
    if name.startswith("total"):
        return str(sum(int(row[name]) for row in rows))
    return sum(row[name] for row in rows)


@pytest.mark.parametrize("what", LISTS, ids=lambda what: what.figures)
@pytest.mark.parametrize("seed", SEEDS)
async def test_every_total_is_the_sum_of_what_its_reader_could_list(
    api: Api, transactions: Transactions, clock: ManualClock, what: Listed, seed: int
) -> None:
    clock.set(NOW)
    history = await a_history(transactions, seed)
    chance = Random(seed)  # noqa: S311 - test data, no secret
    places = places_of(history)
    cuts = [by for size in range(4) for by in combinations(what.dimensions, size)]
    for role in ROLES:
        token = api.token(history.tenant.id, history.people[role])
        for filter_ in ("", what.filter):
            nodes = await listed(api, token, what, filter_)
            for by in [(), *chance.sample(cuts, 4)]:
                rows = await figures(api, token, what, by, f", filter: {{{filter_}}}")
                expected = groups(nodes, what, by, places)
                found = joined(rows, what, by)
                assert found.keys() == expected.keys(), (role, by)
                for key, members in expected.items():
                    for name, measure in what.measures.items():
                        assert total(found[key], name) == measure(members), (role, by, name)


@pytest.mark.parametrize("what", LISTS, ids=lambda what: what.figures)
async def test_a_period_is_cut_in_the_zone_of_each_site(
    api: Api, transactions: Transactions, clock: ManualClock, what: Listed
) -> None:
    clock.set(NOW)
    history = await a_history(transactions, 7)
    places = places_of(history)
    token = api.token(history.tenant.id, history.people["Lin"])
    nodes = await listed(api, token, what, "")
    seen = 0
    for offset in range(-1, 8):
        wanted = BEGUN.date() + timedelta(days=offset)
        (row,) = await figures(api, token, what, (), f', period: {{day: "{wanted}"}}')
        of_day = [node for node in nodes if places.local(node, what.at).date() == wanted]
        first = next(iter(what.measures))
        assert row[first] == what.measures[first](of_day)
        seen += row[first]
    assert seen == what.measures[first](nodes) > 0


async def test_a_stranger_counts_nothing(api: Api, transactions: Transactions) -> None:
    await a_history(transactions, 5)
    other = await a_tenant(transactions)
    director = api.token(other.id, await other.member("Lin", "director"))

    for what in LISTS:
        (row,) = await figures(api, director, what, (), "")
        assert [row[name] for name in what.measures if row[name] not in (0, "0", [])] == []


async def test_what_is_not_there_is_named_none_and_what_is_out_of_sight_is_named_so(
    api: Api, transactions: Transactions
) -> None:
    history = await a_history(transactions, 11)
    token = api.token(history.tenant.id, history.people["Mei"])
    visits = next(what for what in LISTS if what.many == "visits")

    rows = await figures(api, token, visits, ("RECEIVER",), "")

    nodes = await listed(api, token, visits, "")
    raw: dict[str, UUID | None] = {
        f"visit_{one.id}": one.receiver_id for one in history.records["visit"]
    }
    kinds = Counter(
        "seen" if node["receiver"] else "none" if raw[node["id"]] is None else "hidden"
        for node in nodes
    )
    by_kind = {
        "seen": sum(row["visitCount"] for row in rows if row["key"]["receiver"]),
        "none": sum(row["visitCount"] for row in rows if row["key"]["none"] == ["RECEIVER"]),
        "hidden": sum(row["visitCount"] for row in rows if row["key"]["hidden"] == ["RECEIVER"]),
    }
    assert by_kind == {kind: kinds[kind] for kind in by_kind}
    assert kinds["none"] > 0
    assert kinds["hidden"] > 0
    assert len([row for row in rows if row["key"]["hidden"]]) == 1


async def test_counting_a_colleagues_register_is_written_down(
    api: Api, transactions: Transactions, clock: ManualClock
) -> None:
    clock.set(NOW)
    history = await a_history(transactions, 3)
    what = next(what for what in LISTS if what.many == "registrations")

    for name in ("An", "Mei"):
        token = api.token(history.tenant.id, history.people[name])
        await figures(api, token, what, (), "")

    rows = await history.tenant.rows(
        "SELECT actor_id, subject_id FROM app.audit_event"
        " WHERE tenant_id = $1 AND command = 'read_registrations'"
    )
    assert {row["actor_id"] for row in rows} == {history.people["Mei"]}
    assert history.people["An"] in {row["subject_id"] for row in rows}


async def test_figures_and_whom_they_are_about_are_one_statement(
    api: Api, transactions: Transactions
) -> None:
    history = await a_history(transactions, 2)
    token = api.token(history.tenant.id, history.people["Lin"])
    await api.ask(token, "{ dealStatistics { dealCount } }")

    await api.ask(
        token,
        "{ dealStatistics(groupBy: [SITE, CLOSER, DAY])"
        " { key { site { name } closer { name } } amounts { currency } } }",
    )

    assert api.statements == 1, "the caller is known"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("groupBy: [SITE, DAY, MODE, WAY]", "INVALID_INPUT"),
        ("groupBy: [DAY, DAY]", "INVALID_INPUT"),
        ("first: 0", "INVALID_INPUT"),
        ("first: 1001", "INVALID_INPUT"),
        ("period: {month: {year: 2026, month: 13}}", "INVALID_INPUT"),
        ("period: {quarter: {year: 2026, quarter: 0}}", "INVALID_INPUT"),
        ("period: {year: 1}", "INVALID_INPUT"),
        ('period: {range: {from: "2026-03-02", until: "2026-03-02"}}', "INVALID_INPUT"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    api: Api, transactions: Transactions, arguments: str, code: str
) -> None:
    tenant = await a_tenant(transactions)
    token = api.token(tenant.id, tenant.admin_id)

    answer = await api.post(token, f"{{ visitStatistics({arguments}) {{ visitCount }} }}")

    assert answer.json()["errors"][0]["extensions"]["code"] == code


async def test_the_largest_are_first_and_only_so_many(api: Api, transactions: Transactions) -> None:
    history = await a_history(transactions, 4)
    token = api.token(history.tenant.id, history.people["Lin"])
    ask = (
        "{ visitStatistics(groupBy: [MODE], first: 3, orderBy: {field: VISIT_COUNT,"
        " direction: DESC}) { visitCount } }"
    )

    rows = (await api.ask(token, ask))["visitStatistics"]

    modes = Counter(one.mode for one in history.records["visit"])
    assert [row["visitCount"] for row in rows] == sorted(modes.values(), reverse=True)[:3]


def test_the_days_of_a_period() -> None:
    from service.schema.statistics.periods import (  # noqa: PLC0415 - beside its only use
        DateRangeInput,
        Days,
        PeriodInput,
        YearMonthInput,
        YearQuarterInput,
        days_of,
    )

    def of(**given: Any) -> Days:
        return days_of(PeriodInput(**given))

    assert of(day=date(2026, 2, 28)) == Days(date(2026, 2, 28), date(2026, 3, 1))
    assert of(month=YearMonthInput(year=2026, month=12)) == Days(
        date(2026, 12, 1), date(2027, 1, 1)
    )
    assert of(quarter=YearQuarterInput(year=2026, quarter=4)) == Days(
        date(2026, 10, 1), date(2027, 1, 1)
    )
    assert of(year=2026) == Days(date(2026, 1, 1), date(2027, 1, 1))
    # Some send the last day there is for ever: no day is beyond those that boards can look at.
    ever = of(range=DateRangeInput(from_=date.min, until=date.max))
    assert (ever.first, ever.until) == (date(1900, 1, 1), date(2901, 1, 1))
    assert (of(day=date.min).first, of(day=date.max).until) == (date(1900, 1, 1), date(2901, 1, 1))


async def test_figures_cost_what_an_aggregate_costs(api: Api, tenant: TenantHandle) -> None:
    token = api.token(tenant.id, tenant.admin_id)

    answer = await api.post(token, "{ visitStatistics(groupBy: [DAY]) { key { day } visitCount } }")

    assert answer.json()["extensions"]["cost"]["requested"] == 10, "a day is a figure"
