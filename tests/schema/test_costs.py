"""What operations cost: known before the database is touched, and told in every answer."""

from typing import Any

import pytest
from builders.api import SCHEMA, Api
from builders.tenants import TenantHandle
from graphql import get_introspection_query

from service.schema.documents import Documents, Operation
from service.schema.pricing import Price, rows_in

DOCUMENTS = Documents(SCHEMA._schema)


def operation(text: str) -> Operation:
    return DOCUMENTS.read(text).asked(None)


def price(text: str) -> Price:
    return operation(text).price


@pytest.mark.parametrize(
    ("selection", "points"),
    [
        ("__typename", 0),
        ("viewer { locale }", 1),
        ("viewer { locale member { name } }", 2),
        ("visits { nodes { id number } }", 25),
        ("visits(first: 10) { nodes { id receiver { id } } }", 20),
        ("visits(first: 10) { edges { cursor node { id receiver { id } } } }", 20),
        ("visits(first: 10) { nodes { id } edges { node { receiver { id } } } }", 20),
        ("visits(last: 7) { nodes { id } pageInfo { endCursor } }", 7),
        ("visits(first: 10) { totalCount totalCountExact nodes { id } }", 20),
        ("visits { totalCount }", 11),
        ("visits(first: 3) { nodes { receiver { id } receiver { name orgUnit { id } } } }", 9),
        ('nodes(ids: ["a", "b", "c"]) { id }', 3),
        ('nodes(ids: ["a"]) { ... on Visit { receiver { id } } ... on Party { id } }', 2),
        ("viewer { ...A ...A } fragment A on Viewer { member { ...B } }"
         " fragment B on Member { orgUnit { id } }", 3),
    ],
)  # fmt: skip
def test_a_scalar_is_free_an_object_costs_one_and_a_page_multiplies(
    selection: str, points: int
) -> None:
    head, _, rest = selection.partition(" fragment ")

    text = f"{{ {head} }}" + (f" fragment {rest}" if rest else "")

    assert price(text).of({}) == points


def test_page_sizes_and_conditions_come_from_variables_too() -> None:
    visits = price(
        "query Q($n: Int = 10, $deep: Boolean!) {"
        " visits(first: $n) { nodes { receiver { id } owner @include(if: $deep) { id } } } }"
    )

    assert visits.of({"deep": False}) == 20
    assert visits.of({"deep": True}) == 30
    assert visits.of({"n": 100, "deep": True}) == 300
    assert visits.of({"n": "ten", "deep": True}) == 75


def test_a_page_costs_the_same_however_its_size_is_written() -> None:
    visits = price("query Q($n: Int) { visits(first: $n) { nodes { id } } }")

    # 200.0 is a whole number, and graphql-core takes it as one.
    assert visits.of({"n": 200.0}) == visits.of({"n": 200}) == 200
    assert visits.of({"n": 2.5}) == visits.of({"n": None}) == 25


def test_ids_cost_the_same_wherever_they_stand() -> None:
    listed = "nodes(ids: $ids) { ... on Visit { receiver { id } } }"
    sent = price(f"query Q($ids: [ID!]!) {{ {listed} }}")
    usual = price(f'query Q($ids: [ID!]! = ["a", "b", "c"]) {{ {listed} }}')

    assert sent.of({"ids": ["a", "b", "c"]}) == usual.of({}) == 6
    assert usual.of({"ids": ["a"]}) == 2
    # One value stands for a list of it.
    assert sent.of({"ids": "a"}) == 2
    assert price('{ nodes(ids: "a") { ... on Visit { receiver { id } } } }').of({}) == 2


@pytest.mark.parametrize(
    "spread",
    [
        "...F @include(if: $a) ...F",
        "...F ...F @include(if: $a)",
        "... @include(if: $a) { ...F } ...F",
        "...F @skip(if: $a) ...F @include(if: $a)",
    ],
)
def test_a_fragment_is_paid_for_if_any_of_its_spreads_is_answered(spread: str) -> None:
    visits = price(
        f"query Q($a: Boolean!) {{ {spread} }}"
        " fragment F on Query { visits(first: 200) { nodes { receiver { id } } } }"
    )

    assert visits.of({"a": False}) == visits.of({"a": True}) == 400


def test_a_list_that_grows_with_the_company_is_priced_as_a_long_one() -> None:
    once = price('{ role(id: "r") { holders { member { name } } } }').of({})
    back = price('{ role(id: "r") { holders { role { holders { role { id } } } } } }').of({})

    assert once == 1 + 40 * 2
    # From the entries back to the list: what is answered grows with its square.
    assert back == 1 + 40 * (1 + 1 + 40 * 2)


def test_a_document_for_both_ways_of_paging_pays_for_the_one_that_is_used() -> None:
    both = price("query Q($f: Int, $l: Int) { visits(first: $f, last: $l) { nodes { id } } }")

    assert (both.of({"f": 4}), both.of({"l": 9}), both.of({})) == (4, 9, 25)


def test_rows_of_figures_pay_for_the_records_in_them_and_not_for_the_figures() -> None:
    figures = "visitCount key { day none }"
    head = "query Q($n: Int = 40) { visitStatistics(groupBy: [RECEIVER, DAY], first: $n)"
    plain = price(f"{head} {{ {figures} }} }}")
    named = price(f"{head} {{ {figures} key {{ receiver {{ name orgUnit {{ id }} }} }} }} }}")
    unsaid = price("{ visitStatistics(groupBy: [SITE]) { key { site { name } } visitCount } }")

    assert plain.of({}) == plain.of({"n": 1000}) == 10
    assert named.of({}) == 10 + 40 * 2
    assert named.of({"n": 1000}) == 10 + 1000 * 2
    # As many as there may be, where the document does not say.
    assert unsaid.of({}) == 10 + 1000
    # Three rows were there, each with its key and its receiver.
    assert named.spent(90, 3 * 3, {}) == 10 + 3 * 3


@pytest.mark.parametrize(
    ("asked", "points"),
    [
        ("credited attainmentBasisPoints", 10),
        ("territory { name }", 10 + 200),
        ("territory { name } addedUpPlans { id }", 10 + 200 * (1 + 5)),
    ],
)
def test_rows_of_a_board_are_paid_for_as_the_longest_page_of_a_list(
    asked: str, points: int
) -> None:
    board = price(
        '{ territoryBoard(territoryId: "t", metricId: "m", period: { year: 2026 })'
        f" {{ {asked} }} }}"
    )

    assert board.of({}) == points
    # Two rows were there, each with its territory.
    assert board.spent(points, 2 * 2, {}) == min(points, 10 + 2 * 2)


RELATED = "party: { registrations: { some: { member: { name: { eq: $name } } } } }"


@pytest.mark.parametrize(
    ("declared", "filter_", "variables", "relations"),
    [
        ("", "{}", {}, 0),
        ("", "{ state: { eq: WAITING } }", {}, 0),
        ("", '{ receiver: { name: { eq: "A" } } }', {}, 1),
        ("$name: String", f"{{ {RELATED} }}", {"name": "A"}, 3),
        ("$name: String", f"{{ or: [{{ {RELATED} }}, {{ not: {{ {RELATED} }} }}] }}", {}, 6),
        ("", "{ party: { registrations: { some: {}, none: {} } } }", {}, 3),
        ("$f: VisitFilter", "$f", {"f": {"receiver": {}, "and": [{"owner": {}}]}}, 2),
        ("$f: VisitFilter", "$f", {"f": {"receiver": None, "and": {"owner": {}}}}, 1),
        ("$f: VisitFilter", "$f", {"f": 7}, 0),
        ("$f: VisitFilter!", "{ and: [$f, { owner: {} }] }", {"f": {"receiver": {}}}, 2),
        ("$f: VisitFilter = { receiver: {} }", "$f", {}, 1),
        ("$f: VisitFilter = { receiver: {} }", "$f", {"f": {}}, 0),
    ],
)
def test_each_relation_in_a_filter_costs_as_a_search_and_is_paid_whatever_is_found(
    declared: str, filter_: str, variables: dict[str, Any], relations: int
) -> None:
    head = f"query Q({declared})" if declared else "query Q"
    visits = price(f"{head} {{ visits(first: 5, filter: {filter_}) {{ nodes {{ id }} }} }}")

    assert visits.of(variables) == 5 + 20 * relations
    assert visits.spent(visits.of(variables), 0, variables) == 20 * relations


def test_a_filter_inside_a_list_is_paid_for_each_of_its_rows() -> None:
    nested = price(
        "{ departures(first: 10) { nodes {"
        " visits(first: 2, filter: { receiver: {} }) { nodes { id } } } } }"
    )

    assert nested.of({}) == 10 * (1 + 2 + 20)


def test_a_command_costs_ten_and_one_for_each_of_its_items() -> None:
    text = (
        "mutation M($input: EditTermsInput!) { editTerms(input: $input)"
        " { tenant { id } errors { code arguments { name } } } }"
    )

    assert price(text).of({"input": {"terms": [{}, {}, {}]}}) == 14
    written = price(
        "mutation M($names: LocalizedTextInput!) { editTerms("
        'input: { idempotencyKey: "k", terms: [{ code: "a", names: $names }] })'
        " { replayed } }"
    )
    assert written.of({}) == 11


def test_introspection_costs_the_same_however_deep_it_goes() -> None:
    assert price(get_introspection_query()).of({}) == 10


def test_a_price_that_no_variable_changes_is_settled_when_the_document_is_read() -> None:
    assert price("{ visits(first: 40) { nodes { receiver { id } } } }").settled == 80


def test_only_rows_that_were_answered_are_paid_for() -> None:
    visits = price("{ visits(first: 40) { nodes { receiver { id } } } }")

    assert visits.spent(80, rows_in(b'{"visits":{"nodes":[{"receiver":{"id":"m"}}]}}'), {}) == 3
    assert visits.spent(80, rows_in(b'{"a":"' + b"{" * 200 + b'"}'), {}) == 80
    assert price("mutation { __typename }").spent(0, rows_in(b"{}"), {}) == 0


async def test_what_costs_too_much_is_refused_before_the_database_is_touched(
    api: Api, tenant: TenantHandle
) -> None:
    token = api.token(tenant.id, tenant.admin_id)
    deep = (
        "query Q($n: Int!) { sites(first: 2) { nodes { name } }"
        " members(first: $n) { nodes { assignments {"
        " role { duties { duty { roles { id } } } } } } } }"
    )

    answer = await api.post(token, deep, n=200)
    (error,) = answer.json()["errors"]

    assert answer.status_code == 400
    assert error["extensions"]["code"] == "COST_LIMIT"
    assert "members" in error["message"]
    assert api.last is not None
    assert api.last.statements == 0


async def test_every_answer_says_what_it_cost(api: Api, tenant: TenantHandle) -> None:
    token = api.token(tenant.id, tenant.admin_id)

    answer = await api.post(token, "{ members(first: 50) { nodes { id } } }")
    cost: dict[str, Any] = answer.json()["extensions"]["cost"]

    assert cost["requested"] == 50
    assert 0 < cost["actual"] < 50
    assert cost["limit"] == 20_000


async def test_a_refusal_of_the_document_says_its_code_to_who_watches(
    api: Api, tenant: TenantHandle
) -> None:
    await api.post(api.token(tenant.id, tenant.admin_id), "query Odd { nothing }")

    assert api.last is not None
    assert (api.last.code, api.last.status, api.last.plan) == ("DOCUMENT_INVALID", 400, None)


async def test_who_watches_is_told_of_the_operation(api: Api, tenant: TenantHandle) -> None:
    await api.ask(api.token(tenant.id, tenant.admin_id), "query Me { viewer { locale } }")

    assert api.last is not None
    told = (api.last.operation_name, api.last.operation_type, api.last.cost, api.last.status)
    assert told == ("Me", "query", 1, 200)
    assert api.last.seconds > 0
