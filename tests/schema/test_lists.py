"""Lists: paging both ways, filters, orders, cursors, counts."""

import pytest
from builders.api import Api
from builders.tenants import TenantHandle

from service.work import Transactions

NAMES = ("安娜", "白露", "陳梅", "杜康", "方舟", "高山", "何田")

PAGE = """
query Page($first: Int, $after: String, $last: Int, $before: String, $way: OrderDirection!) {
  members(first: $first, after: $after, last: $last, before: $before,
          orderBy: {field: NAME, direction: $way}, filter: {state: {eq: ACTIVE}}) {
    nodes { name }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    totalCount totalCountExact
  }
}
"""


async def walk(api: Api, token: str, *, way: str, backward: bool) -> list[str]:
    """Read all pages of two, and return the names in the list's own order."""
    seen: list[str] = []
    cursor = None
    for _ in range(10):
        window = {"last": 2, "before": cursor} if backward else {"first": 2, "after": cursor}
        found = (await api.ask(token, PAGE, way=way, **window))["members"]
        names = [node["name"] for node in found["nodes"]]
        seen = [*names, *seen] if backward else [*seen, *names]
        info = found["pageInfo"]
        cursor = info["startCursor"] if backward else info["endCursor"]
        if not info["hasPreviousPage" if backward else "hasNextPage"]:
            return seen
    raise AssertionError("the list never ended")


async def test_a_list_read_in_pages_is_the_whole_list_whichever_way(
    api: Api, tenant: TenantHandle
) -> None:
    await tenant.members(*NAMES)
    token = api.token(tenant.id, tenant.admin_id)
    whole = sorted([*NAMES, "管理員"])

    assert await walk(api, token, way="ASC", backward=False) == whole
    assert await walk(api, token, way="ASC", backward=True) == whole
    assert await walk(api, token, way="DESC", backward=False) == whole[::-1]
    assert await walk(api, token, way="DESC", backward=True) == whole[::-1]


async def test_a_count_is_only_made_when_asked_for(
    transactions: Transactions, tenant: TenantHandle
) -> None:
    # Field by field a count is a statement of its own; the planner puts it into the list's.
    api = Api(transactions, planning=False)
    await tenant.members(*NAMES)
    token = api.token(tenant.id, tenant.admin_id)

    # The first request of a caller loads what he holds; the later ones confirm it.
    await api.ask(token, "{ viewer { member { id } } }")
    counted = await api.ask(token, "{ members(first: 2) { totalCount totalCountExact } }")
    with_count = api.statements
    await api.ask(token, "{ members(first: 2) { nodes { id } } }")

    assert counted["members"] == {"totalCount": 8, "totalCountExact": True}
    assert with_count == api.statements + 1


async def test_filters_narrow_and_combine(api: Api, tenant: TenantHandle) -> None:
    await tenant.members(*NAMES)
    token = api.token(tenant.id, tenant.admin_id)

    async def names(which: str) -> list[str]:
        data = await api.ask(token, "{ members(filter: {%s}) { nodes { name } } }" % which)  # noqa: UP031 - braces
        return [node["name"] for node in data["members"]["nodes"]]

    assert await names('name: {startsWith: "安"}') == ["安娜"]
    assert await names('name: {in: ["安娜", "方舟"]}') == ["安娜", "方舟"]
    assert await names("name: {in: []}") == []
    assert await names('or: [{name: {eq: "安娜"}}, {name: {eq: "何田"}}]') == ["何田", "安娜"]
    assert len(await names('not: {name: {eq: "安娜"}}')) == 7
    assert len(await names("")) == 8
    assert await names('id: {eq: "nonsense"}') == []


async def test_an_empty_or_is_refused(api: Api, tenant: TenantHandle) -> None:
    token = api.token(tenant.id, tenant.admin_id)

    answer = await api.post(token, "{ members(filter: {or: []}) { nodes { name } } }")

    assert answer.json()["errors"][0]["extensions"]["code"] == "INVALID_INPUT"
    assert answer.json()["errors"][0]["extensions"]["field"] == ["filter", "or"]


@pytest.mark.parametrize(
    ("which", "field"),
    [
        ('name: {startsWith: ""}', ["name", "startsWith"]),
        ("and: [{id: {in: [%s]}}]" % ", ".join(['"a"'] * 1001), ["and", "id", "in"]),  # noqa: UP031 - braces
        ('not: {name: {startsWith: ""}}', ["not", "name", "startsWith"]),
    ],
)
async def test_what_is_wrong_in_a_filter_is_named(
    api: Api, tenant: TenantHandle, which: str, field: list[str]
) -> None:
    token = api.token(tenant.id, tenant.admin_id)

    answer = await api.post(token, "{ members(filter: {%s}) { nodes { name } } }" % which)  # noqa: UP031 - braces

    error = answer.json()["errors"][0]["extensions"]
    assert (error["code"], error["field"]) == ("INVALID_INPUT", ["filter", *field])


async def test_a_page_is_never_silently_made_smaller(api: Api, tenant: TenantHandle) -> None:
    token = api.token(tenant.id, tenant.admin_id)

    for window in ("first: 201", "first: 0", "last: -1", "first: 1, last: 1"):
        answer = await api.post(token, "{ members(%s) { nodes { id } } }" % window)  # noqa: UP031 - braces
        assert answer.status_code == 200
        assert answer.json()["errors"][0]["extensions"]["code"] == "INVALID_PAGE"


async def test_a_cursor_of_another_order_is_refused(api: Api, tenant: TenantHandle) -> None:
    token = api.token(tenant.id, tenant.admin_id)
    ascending = await api.ask(token, PAGE, way="ASC", first=1)
    cursor = ascending["members"]["pageInfo"]["endCursor"]

    for way, given in (("DESC", cursor), ("ASC", "bm90IGEgY3Vyc29y"), ("ASC", "%"), ("ASC", "")):
        answer = await api.post(token, PAGE, way=way, first=1, after=given)
        assert answer.json()["errors"][0]["extensions"]["code"] == "INVALID_CURSOR"


async def test_relations_of_a_page_cost_one_statement_each(api: Api, tenant: TenantHandle) -> None:
    api.planning = False
    await tenant.members(*NAMES)
    token = api.token(tenant.id, tenant.admin_id)

    await api.ask(token, "{ members { nodes { name } } }")
    alone = api.statements
    await api.ask(
        token,
        "{ members { nodes { name orgUnit { name parent { name } } territory { name }"
        " assignments { role { name } } } } }",
    )

    assert alone == 2, "the caller and the page"
    assert api.statements == alone + 5
