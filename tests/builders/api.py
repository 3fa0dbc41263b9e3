"""The API over HTTP, asked by members of a tenant: a token is the member's id, and nothing else."""

import re
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import strawberry
from builders.reception import Showroom
from builders.repeated import repeated
from graphql import get_named_type
from starlette.applications import Starlette

from service.clock import new_id
from service.identity.tokens import Claims
from service.schema.definition import build_schema
from service.schema.endpoint import Authenticate, Endpoint
from service.schema.observation import Finished
from service.work import Transactions

GRAPHQL = "application/graphql-response+json"
SCHEMA = build_schema()

ARRIVE = """
mutation Arrive($input: RecordArrivalInput!) {
  recordArrival(input: $input) {
    visit { id number state mode receiver { name } owner { name } maskedPhones phones }
    decision { rule why clause { clause } receiver { name }
               consideredMembers { reason member { name } } }
    replayed
    errors { code category message field arguments { name value } clause { clause } }
  }
}
"""


def is_place(kind: str, field: list[str]) -> bool:
    """Tell whether a path of a refusal leads to something of the command's input."""
    here: Any = SCHEMA._schema.type_map[kind]
    for name in field[1:]:
        if name.isdecimal():
            continue
        fields = getattr(get_named_type(here), "fields", {})
        if name not in fields:
            return False
        here = fields[name].type
    return field[:1] in ([], ["input"])


def without_budget(body: bytes) -> bytes:
    """Return an answer without what it says of the caller's own budget."""
    return re.sub(rb',"remaining":\d+', b"", body)


def a_key() -> str:
    return f"key-{new_id()}"


@dataclass(slots=True)
class Api:
    """One endpoint, and what its last request cost."""

    transactions: Transactions
    identity_pool: "asyncpg.Pool[Any] | None" = None
    planning: bool = True
    statements: int = 0
    last: Finished | None = None
    people: dict[str, Claims] = field(default_factory=dict)
    others: Authenticate | None = None
    schema: strawberry.Schema = SCHEMA
    more: dict[str, Any] = field(default_factory=dict)
    _endpoint: Endpoint | None = None
    _client: httpx.AsyncClient | None = None

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

    @property
    def endpoint(self) -> Endpoint:
        """The endpoint, made at its first request."""
        if self._endpoint is None:

            async def authenticate(token: str) -> Claims | None:
                known = self.people.get(token)
                return known if known or not self.others else await self.others(token)

            self._endpoint = Endpoint(
                self.schema,
                self.transactions,
                authenticate,
                identity_pool=self.identity_pool,
                observer=self,
                planning=self.planning,
                **self.more,
            )
        return self._endpoint

    async def send(self, method: str, path: str = "/graphql", **request: Any) -> httpx.Response:
        """Send any request."""
        if self._client is None:
            transport = httpx.ASGITransport(app=Starlette(routes=self.endpoint.routes()))
            self._client = httpx.AsyncClient(transport=transport, base_url="https://api.test")
        return await self._client.request(method, path, **request)

    def began(self, request_id: str, traceparent: str | None) -> object:
        return request_id, traceparent

    def finished(self, begun: object, request: Finished) -> None:
        assert isinstance(begun, tuple)
        assert begun[0] == request.request_id
        self.statements = request.statements
        self.last = request

    async def post(
        self, token: str, document: str, headers: dict[str, str] | None = None, **variables: Any
    ) -> httpx.Response:
        """Send one operation; a mutation may be sent twice (`builders.repeated`)."""

        async def send() -> httpx.Response:
            return await self.send(
                "POST",
                json={"query": document, "variables": variables},
                headers={"Authorization": f"Bearer {token}", "Accept": GRAPHQL, **(headers or {})},
            )

        answer = await send()
        told = self.statements, self.last
        await repeated(send, self.transactions, document, answer)
        self.statements, self.last = told
        return answer

    async def ask(self, token: str, document: str, **variables: Any) -> Any:
        """Send one operation that has no error, and return its data."""
        answer = await self.post(token, document, **variables)
        body = answer.json()
        assert "errors" not in body, body
        return body["data"]

    async def tries(self, token: str, command: str, selection: str, **values: Any) -> Any:
        """Carry out a command under a fresh key and return its payload."""
        kind = command[0].upper() + command[1:]
        document = (
            f"mutation Do($input: {kind}Input!) {{ {command}(input: $input)"
            f" {{ {selection} replayed errors {{ code message field }} }} }}"
        )
        sent = {"idempotencyKey": a_key(), **values}
        payload = (await self.ask(token, document, input=sent))[command]
        for error in payload["errors"]:
            assert is_place(f"{kind}Input", error["field"]), (command, error)
        return payload

    async def does(self, token: str, command: str, selection: str, **values: Any) -> Any:
        """Carry out a command that has no error, and return its payload."""
        payload = await self.tries(token, command, selection, **values)
        assert payload["errors"] == [], payload
        return payload


@dataclass(slots=True)
class Desk:
    """What people of the showroom do over HTTP."""

    api: Api
    showroom: Showroom

    @property
    def site(self) -> str:
        return f"site_{self.showroom.site_id}"

    def token(self, name: str) -> str:
        return self.api.token(self.showroom.tenant_id, self.showroom.people[name])

    def member(self, name: str) -> str:
        return f"member_{self.showroom.people[name]}"

    async def ask(self, name: str, document: str, **variables: Any) -> Any:
        return await self.api.ask(self.token(name), document, **variables)

    async def does(self, name: str, command: str, selection: str, **values: Any) -> Any:
        """Carry out a command that has no error, and return its payload."""
        return await self.api.does(self.token(name), command, selection, **values)

    async def arrives(self, by: str = "Clerk", **values: Any) -> Any:
        sent = {"idempotencyKey": a_key(), "siteId": self.site, **values}
        return (await self.ask(by, ARRIVE, input=sent))["recordArrival"]
