"""The naive reference: strawberry as its first page shows it, one awaited query for each relation.

The same documents are answered from the same tables, under the same row security; nothing is
cached, batched, masked or judged.
"""

import os
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from uuid import UUID

import asyncpg
import strawberry
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from strawberry.asgi import GraphQL

_state: dict[str, Any] = {}
_asking: ContextVar[tuple[UUID, UUID]] = ContextVar("asking")
"""Tenant and member, from the header: `Bearer tenant/member`."""


async def fetch(sql: str, *values: object) -> list[Any]:
    """Run one statement in a transaction of its own, as the tenant."""
    if "pool" not in _state:
        _state["pool"] = await asyncpg.create_pool(
            host=os.environ["NAIVE_HOST"],
            user="bailiwick_app",
            database=os.environ["NAIVE_DATABASE"],
            min_size=8,
            max_size=8,
        )
    tenant, _ = _asking.get()
    async with _state["pool"].acquire() as connection, connection.transaction():
        await connection.execute("SELECT set_config('app.tenant_id', $1, true)", str(tenant))
        return list(await connection.fetch(sql, tenant, *values))


def _row(id: strawberry.ID) -> UUID:
    return UUID(str(id).rpartition("_")[2])


@strawberry.type
class Record:
    row: strawberry.Private[Any]
    kind: strawberry.Private[str]

    @strawberry.field
    def id(self) -> strawberry.ID:
        return strawberry.ID(f"{self.kind}_{self.row['id']}")

    @classmethod
    async def find(cls, table: str, id: UUID | None) -> Self | None:
        rows = await fetch(f"SELECT * FROM app.{table} WHERE tenant_id = $1 AND id = $2", id)
        return cls(row=rows[0], kind=table) if rows else None


@strawberry.type
class Territory(Record):
    @strawberry.field
    def code(self) -> str:
        return self.row["code"]

    @strawberry.field
    async def name(self) -> str:
        rows = await fetch(
            "SELECT names->>'en' AS name FROM app.territory WHERE tenant_id = $1 AND id = $2",
            self.row["id"],
        )
        return rows[0]["name"]

    @strawberry.field
    async def parent(self) -> "Territory | None":
        return await Territory.find("territory", self.row["parent_id"])


@strawberry.type
class Member(Record):
    @strawberry.field
    def name(self) -> str:
        return self.row["name"]


@strawberry.type
class Party(Record):
    @strawberry.field
    def full_name(self) -> str | None:
        return self.row["full_name"]

    @strawberry.field
    async def territory(self) -> Territory | None:
        return await Territory.find("territory", self.row["territory_id"])


@strawberry.type
class Visit(Record):
    @strawberry.field
    def number(self) -> int:
        return self.row["number"]

    @strawberry.field
    def arrived_at(self) -> datetime:
        return self.row["arrived_at"]

    @strawberry.field
    def mode(self) -> str:
        return self.row["mode"]


@strawberry.type
class Site(Record):
    @strawberry.field
    def code(self) -> str:
        return self.row["code"]


@strawberry.type
class FollowUp(Record):
    @strawberry.field
    def at(self) -> datetime:
        return self.row["at"]

    @strawberry.field
    def channel(self) -> str:
        return self.row["channel"]

    @strawberry.field
    def content(self) -> str:
        return self.row["content"]

    @strawberry.field
    async def member(self) -> Member | None:
        return await Member.find("member", self.row["member_id"])


@strawberry.type
class FollowUps:
    nodes: list[FollowUp]


@strawberry.type
class Registration(Record):
    @strawberry.field
    def state(self) -> str:
        late = self.row["protected_until"] is None
        return "INVALID" if late else "LIVE"

    @strawberry.field
    def entered_at(self) -> datetime:
        return self.row["entered_at"]

    @strawberry.field
    def protected_until(self) -> datetime | None:
        return self.row["protected_until"]

    @strawberry.field
    async def member(self) -> Member | None:
        return await Member.find("member", self.row["member_id"])

    @strawberry.field
    async def party(self) -> Party | None:
        return await Party.find("party", self.row["party_id"])

    @strawberry.field
    async def visit(self) -> Visit | None:
        return await Visit.find("visit", self.row["visit_id"])

    @strawberry.field
    async def site(self) -> Site | None:
        return await Site.find("site", self.row["site_id"])

    @strawberry.field
    async def follow_ups(self, first: int) -> FollowUps:
        rows = await fetch(
            "SELECT * FROM app.follow_up WHERE tenant_id = $1 AND registration_id = $2"
            " ORDER BY at DESC, id DESC LIMIT $3",
            self.row["id"],
            first,
        )
        return FollowUps(nodes=[FollowUp(row=row, kind="follow_up") for row in rows])


@strawberry.type
class PageInfo:
    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class Registrations:
    nodes: list[Registration]
    page_info: PageInfo


_BELOW = """
WITH RECURSIVE below AS (
    SELECT id, 0 AS depth FROM app.territory WHERE tenant_id = $1 AND id = $2
    UNION ALL
    SELECT t.id, below.depth + 1 FROM app.territory t JOIN below ON t.parent_id = below.id
    WHERE t.tenant_id = $1)
"""


@strawberry.input
class MonthInput:
    year: int
    month: int


@strawberry.input
class PeriodInput:
    month: MonthInput


@strawberry.type
class TerritoryActivity:
    row: strawberry.Private[UUID]
    began: strawberry.Private[datetime]
    ended: strawberry.Private[datetime]
    depth: int

    async def _counted(self, table: str, instant: str) -> int:
        rows = await fetch(
            f"{_BELOW} SELECT count(*) AS n FROM app.{table} WHERE tenant_id = $1"
            f" AND territory_id IN (SELECT id FROM below) AND {instant} >= $3 AND {instant} < $4",
            self.row,
            self.began,
            self.ended,
        )
        return rows[0]["n"]

    @strawberry.field
    async def territory(self) -> Territory | None:
        return await Territory.find("territory", self.row)

    @strawberry.field
    async def new_customer_count(self) -> int:
        return await self._counted("party", "created_at")

    @strawberry.field
    async def registration_count(self) -> int:
        return await self._counted("registration", "entered_at")

    @strawberry.field
    async def visit_count(self) -> int:
        return await self._counted("visit", "arrived_at")

    @strawberry.field
    async def follow_up_count(self) -> int:
        return await self._counted("follow_up", "at")

    @strawberry.field
    async def deal_count(self) -> int:
        return await self._counted("deal", "signed_at")


@strawberry.type
class Query:
    @strawberry.field
    async def registration(self, id: strawberry.ID) -> Registration | None:
        return await Registration.find("registration", _row(id))

    @strawberry.field
    async def registrations(self, first: int) -> Registrations:
        rows = await fetch(
            "SELECT * FROM app.registration WHERE tenant_id = $1 AND member_id = $2"
            " ORDER BY entered_at DESC, id DESC LIMIT $3",
            _asking.get()[1],
            first + 1,
        )
        return Registrations(
            nodes=[Registration(row=row, kind="registration") for row in rows[:first]],
            page_info=PageInfo(
                has_next_page=len(rows) > first,
                end_cursor=str(rows[-1]["id"]) if rows else None,
            ),
        )

    @strawberry.field
    async def territory_activity(
        self, territory_id: strawberry.ID, depth: int, period: PeriodInput
    ) -> list[TerritoryActivity]:
        began = datetime(period.month.year, period.month.month, 1, tzinfo=UTC)
        ended = (began + timedelta(days=31)).replace(day=1)
        rows = await fetch(
            f"{_BELOW} SELECT id, depth FROM below WHERE depth <= $3", _row(territory_id), depth
        )
        return [
            TerritoryActivity(row=row["id"], began=began, ended=ended, depth=row["depth"])
            for row in rows
        ]


async def ready(_request: Request) -> Response:
    return Response(b"{}")


def told_who(app: Any) -> Any:
    """Let every resolver know who asks."""

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        who = dict(scope["headers"]).get(b"authorization", b"").decode().removeprefix("Bearer ")
        if "/" in who:
            tenant, member = (UUID(part) for part in who.split("/"))
            _asking.set((tenant, member))
        await app(scope, receive, send)

    return answer


if __name__ == "__main__":
    app = Starlette(routes=[Route("/readyz", ready)])
    app.add_route("/graphql", GraphQL[None, None](strawberry.Schema(Query)))  # type: ignore[arg-type]
    uvicorn.run(
        told_who(app),
        host="127.0.0.1",
        port=int(os.environ["NAIVE_PORT"]),
        access_log=False,
        log_level="warning",
        lifespan="off",
    )
