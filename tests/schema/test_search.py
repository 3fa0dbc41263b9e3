"""Search: a name is found by any part of it, by those who see it, through an index."""

import asyncio
from functools import partial
from typing import Any

import asyncpg
import pytest
from builders.api import Api
from builders.tenants import TenantHandle, a_tenant
from hypothesis import given, settings
from hypothesis import strategies as st

from service.customers.commands import (
    CreateParty,
    EditParty,
    create_party,
    edit_party,
)
from service.database.connections import Location, connected
from service.database.tables import SCHEMA
from service.work import Transactions

NAMES = ("王小明", "王大明", "李 小明", "上海云栖置业有限公司", "Ｌｉ Wei", "LIAN", "Ö'Brien")
NAME = st.text(
    st.one_of(
        st.sampled_from("王李张小明大Aaß ﬁÅ①Ｌ"),
        st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Zl", "Zp", "Mn", "Mc", "Me"]),
    ),
    min_size=1,
    max_size=60,
)


@pytest.fixture
async def customers(api: Api, tenant: TenantHandle) -> str:
    """Customers of these names, and the token of who entered them."""
    director = await tenant.member("Lin", "director")
    for number, name in enumerate(NAMES):
        order = CreateParty(
            name, phones=(f"1381234567{number}",), territory_id=tenant.territories["region-1"]
        )
        await tenant.transactions.internally(tenant.id, "enter", partial(create_party, order=order))
    return api.token(tenant.id, director)


async def found(api: Api, token: str, text: str) -> list[str]:
    data = await api.ask(
        token,
        "query S($text: String) { parties(search: $text, orderBy: {field: FULL_NAME})"
        " { nodes { fullName } } }",
        text=text,
    )
    return [node["fullName"] for node in data["parties"]["nodes"]]


async def test_a_name_is_found_by_any_part_of_it(api: Api, customers: str) -> None:
    async def by(text: str) -> set[str]:
        return set(await found(api, customers, text))

    assert await by("王") == {"王小明", "王大明"}
    assert await by("小明") == {"王小明", "李 小明"}
    assert await by("明") == {"王小明", "王大明", "李 小明"}
    assert await by("云栖") == {"上海云栖置业有限公司"}
    assert await by("有限公司") == {"上海云栖置业有限公司"}
    assert await by("li") == {"Ｌｉ Wei", "LIAN"}
    assert await by("ＬＩ　ｗｅｉ") == {"Ｌｉ Wei"}
    assert await by("wei li") == {"Ｌｉ Wei"}
    assert await by("王 大") == {"王大明"}
    assert await by("ö'b") == {"Ö'Brien"}
    assert await by("无此人") == set()
    assert await by("%") == set()
    assert await by("_") == set()


async def test_a_search_goes_with_filter_order_paging_and_count(api: Api, customers: str) -> None:
    data = await api.ask(
        customers,
        '{ parties(search: "明", first: 1, orderBy: {field: FULL_NAME},'
        ' filter: {not: {fullName: {startsWith: "李"}}})'
        " { totalCount nodes { fullName } pageInfo { hasNextPage } } }",
    )

    assert data["parties"] == {
        "totalCount": 2,
        "nodes": [{"fullName": "王大明"}],
        "pageInfo": {"hasNextPage": True},
    }


async def test_no_search_is_no_condition(api: Api, customers: str) -> None:
    data = await api.ask(customers, "query S($t: String) { parties(search: $t) { totalCount } }")

    assert data["parties"]["totalCount"] == len(NAMES)


async def test_a_new_name_is_found_and_the_old_one_is_not(
    api: Api, tenant: TenantHandle, customers: str
) -> None:
    (row,) = await tenant.rows(
        "SELECT id, version FROM app.party WHERE tenant_id = $1 AND full_name = '王小明'"
    )
    order = EditParty(row["id"], row["version"], full_name="王小红")

    await tenant.transactions.internally(tenant.id, "edit", partial(edit_party, order=order))

    assert await found(api, customers, "王小明") == []
    assert await found(api, customers, "小红") == ["王小红"]
    assert await found(api, customers, "王小") == ["王小红"]


@pytest.mark.parametrize(
    "text", ["13812345670", "1381234", "+86 138 1234", "(021) 5566", "１２３４５"]
)
async def test_a_telephone_number_is_never_searched(api: Api, customers: str, text: str) -> None:
    answer = await api.post(
        customers, "query S($t: String) { parties(search: $t) { totalCount } }", t=text
    )

    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "FIELD_NOT_FILTERABLE"


@pytest.mark.parametrize("text", ["", "  ", "a" * 101, "a b c d e f", "a\x00b"])
async def test_a_search_for_nothing_or_too_much_is_refused(
    api: Api, customers: str, text: str
) -> None:
    answer = await api.post(
        customers, "query S($t: String) { parties(search: $t) { totalCount } }", t=text
    )

    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "INVALID_INPUT"


async def test_a_search_finds_nothing_that_a_list_would_hide(
    api: Api, tenant: TenantHandle, customers: str, transactions: Transactions
) -> None:
    assert await found(api, customers, "王")
    rep = api.token(tenant.id, await tenant.member("An"))
    other = await a_tenant(transactions)
    stranger = api.token(other.id, await other.member("Lin", "director"))

    assert await found(api, rep, "王") == []
    assert await found(api, stranger, "王") == []


async def test_members_are_found_by_name_and_staff_code(api: Api, tenant: TenantHandle) -> None:
    await tenant.members("张三丰", "张无忌")
    await tenant.member("Wu", staff_code="S-0042")
    token = api.token(tenant.id, tenant.admin_id)

    async def by(text: str) -> list[str]:
        data = await api.ask(
            token, "query S($t: String) { members(search: $t) { nodes { name } } }", t=text
        )
        return [node["name"] for node in data["members"]["nodes"]]

    assert await by("张") == ["张三丰", "张无忌"]
    assert await by("三丰") == ["张三丰"]
    assert await by("s-0042") == ["Wu"]
    assert await by("wu 42") == ["Wu"]


async def test_a_search_reads_a_range_of_the_index_under_row_security(
    pool: "asyncpg.Pool[Any]", tenant: TenantHandle, customers: str
) -> None:
    assert customers
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT set_config('app.tenant_id', $1, true)", str(tenant.id))
        await connection.execute("SET LOCAL enable_seqscan = off")
        await connection.execute("SET LOCAL enable_bitmapscan = off")
        rows = await connection.fetch(
            f"EXPLAIN SELECT k.party_id FROM {SCHEMA}.party_name_key k WHERE k.tenant_id = $1"
            f" AND k.key >= {SCHEMA}.search_word($2::text)"
            f" AND k.key < {SCHEMA}.search_word($2::text) || chr(1114111)",
            tenant.id,
            "王",
        )
    plan = "\n".join(row[0] for row in rows)
    assert "party_name_key_key_party_id_ix" in plan
    condition = next(line for line in plan.splitlines() if "Index Cond" in line)
    assert "key >=" in condition
    assert "key <" in condition


PARTS = """
SELECT n.name, part FROM unnest($1::text[]) n (name),
    LATERAL (SELECT substr(n.name, s, l) AS part
             FROM generate_series(1, char_length(n.name)) s, generate_series(1, 5) l) p
WHERE part !~ '[[:space:]]' AND app.search_form(part) !~ '[[:space:]]'
  AND normalize(n.name, NFKC) LIKE '%' || normalize(part, NFKC) || '%'
  AND NOT EXISTS (SELECT FROM unnest(app.search_keys(n.name)) k (key)
                  WHERE k.key >= app.search_word(part)
                    AND k.key < app.search_word(part) || chr(1114111))
"""


@given(names=st.lists(NAME, min_size=20, max_size=20))
@settings(max_examples=20, deadline=None)
def test_every_part_of_every_name_begins_one_of_its_keys(
    location: Location, names: list[str]
) -> None:
    async def missed() -> list[Any]:
        async with connected(location, "postgres") as connection:
            return await connection.fetch(PARTS, names)

    assert asyncio.run(missed()) == []
