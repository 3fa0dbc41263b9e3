"""A field that is refused while others still read: its own error, and nobody else's connection."""

import asyncio
import gc
from typing import Any

import pytest
from builders.api import Api, Desk

BESIDE = """
{ viewer { member { name } } roles(first: 2) { nodes { code } } sites(first: 1) { nodes { name } }
  visits(first: 5) { nodes { receiver { name } party { fullName } } } platformTenants { code } }
"""
TWO_REFUSED = """
query Q($id: ID!) {
  sites(first: 1) { nodes { name } }
  explainAccess(memberId: $id, action: "visit.reassign") { allowed }
  visits(first: 5, after: "nonsense") { nodes { number party { fullName } } }
  roles(first: 2, after: "nonsense") { nodes { code } }
}
"""


async def test_one_refused_field_gives_its_own_error_and_leaves_every_connection_whole(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
    await desk.showroom.sign_in("An", "Bo")
    for phone in ("13812345678", "13812345679", "13812345670"):
        await desk.arrives(customer={"phone": phone})
    plain = Api(desk.api.transactions, people=desk.api.people, planning=False)
    broken: list[object] = []
    pool: Any = desk.api.transactions._pool
    drop = pool._drop
    monkeypatch.setattr(pool, "_drop", lambda: (broken.append(1), drop()))

    answers = [await plain.post(desk.token("Mei"), BESIDE) for _ in range(10)]

    gc.collect()
    await asyncio.sleep(0)
    assert [one.status_code for one in answers] == [403] * 10
    assert {one.json()["errors"][0]["extensions"]["code"] for one in answers} == {"FORBIDDEN"}
    assert {tuple(one.json()["errors"][0]["path"]) for one in answers} == {("platformTenants",)}
    assert broken == []
    assert told == []


async def test_of_several_refused_fields_the_same_is_told_every_time(desk: Desk) -> None:
    plain = Api(desk.api.transactions, people=desk.api.people, planning=False)

    answers = [
        await plain.post(desk.token("Mei"), TWO_REFUSED, id=desk.member("An")) for _ in range(10)
    ]

    told = [[(one["path"], one["message"]) for one in each.json()["errors"]] for each in answers]
    assert told == [told[0]] * 10
    assert told[0][0][0] == ["explainAccess"]
