"""The API over HTTP, asked by members of a tenant: a token is the member's id, and nothing else."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
from starlette.applications import Starlette

from service.identity.tokens import Claims
from service.schema.context import RequestContext
from service.schema.definition import build_schema
from service.schema.endpoint import Endpoint
from service.work import Transactions

GRAPHQL = "application/graphql-response+json"
SCHEMA = build_schema()


@dataclass(slots=True)
class Api:
    """One endpoint, and what its last request cost."""

    transactions: Transactions
    statements: int = 0
    people: dict[str, Claims] = field(default_factory=dict)

    def token(self, tenant_id: UUID, member_id: UUID) -> str:
        """Make a token for a member."""
        return self.admit(Claims(member_id, tenant_id, member_id, operator=False, session_id=None))

    def operators_token(self, user_id: UUID) -> str:
        """Make a token for a platform operator, who is in no tenant."""
        return self.admit(Claims(user_id, None, None, operator=True, session_id=None))

    def admit(self, claims: Claims) -> str:
        """Make a token for claims."""
        token = f"token-{claims.user_id}-{claims.tenant_id}"
        self.people[token] = claims
        return token

    async def send(self, method: str, path: str = "/graphql", **request: Any) -> httpx.Response:
        """Send any request."""

        async def authenticate(token: str) -> Claims | None:
            return self.people.get(token)

        endpoint = Endpoint(SCHEMA, self.transactions, authenticate, observe=self._observe)
        app = Starlette(routes=endpoint.routes())
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="https://api.test") as client:
            return await client.request(method, path, **request)

    def _observe(self, context: RequestContext) -> None:
        self.statements = context.statement_count

    async def post(
        self, token: str, document: str, headers: dict[str, str] | None = None, **variables: Any
    ) -> httpx.Response:
        """Send one operation."""
        return await self.send(
            "POST",
            json={"query": document, "variables": variables},
            headers={"Authorization": f"Bearer {token}", "Accept": GRAPHQL, **(headers or {})},
        )

    async def ask(self, token: str, document: str, **variables: Any) -> Any:
        """Send one operation that has no error, and return its data."""
        answer = await self.post(token, document, **variables)
        body = answer.json()
        assert "errors" not in body, body
        return body["data"]
