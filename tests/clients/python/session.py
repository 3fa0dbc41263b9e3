"""Python's `gql` against the real server: reads, a command, a refusal, pages, nobody, streams.

Ends with 1 and an assertion when one of them is not as it should be.
"""

import asyncio
import os
import sys
import uuid
from typing import Any

import aiohttp
from gql import Client, gql
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.exceptions import TransportQueryError, TransportServerError
from gql.transport.websockets import WebsocketsTransport
from graphql import GraphQLError

URL = os.environ["SERVER_URL"]

SITES = gql("query Sites { sites(first: 1) { nodes { id name } } }")
ARRIVE = gql(
    """
    mutation Arrive($input: RecordArrivalInput!) {
      recordArrival(input: $input) {
        visit { id number receiver { name } }
        replayed
        errors { code field }
      }
    }
    """
)
PAGE = gql(
    """
    query Page($after: String) {
      visits(first: 2, after: $after) {
        nodes { id }
        pageInfo { hasNextPage endCursor }
        totalCount
      }
    }
    """
)


FOLLOW = """
    subscription Visits($siteId: ID!, $after: EventCursor) {
      visitChanged(siteId: $siteId, after: $after) { cursor visit { id } }
    }
"""


async def token_of(person: str) -> str:
    """Sign a person of the demo company in."""
    body = {
        "grant_type": "password",
        "username": f"huating.{person}",
        "password": os.environ["SERVER_PASSWORD"],
    }
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{URL}/auth/token", json=body) as answer,
    ):
        answer.raise_for_status()
        return (await answer.json())["access_token"]


def client(token: str) -> Client:
    """Make a client that reads the schema from the server and checks documents against it."""
    transport = AIOHTTPTransport(f"{URL}/graphql", headers={"Authorization": f"Bearer {token}"})
    return Client(transport=transport, fetch_schema_from_transport=True, parse_results=True)


async def arrives(session: Any, **said: Any) -> dict[str, Any]:
    """Record an arrival and return its payload."""
    document = ARRIVE
    document.variable_values = {"input": said}
    return (await session.execute(document))["recordArrival"]


async def desk(session: Any) -> None:
    """The desk records an arrival once, however often it is sent, and reads what was refused."""
    site = (await session.execute(SITES))["sites"]["nodes"][0]["id"]
    key = str(uuid.uuid4())
    customer = {"newCustomer": {"fullName": "高天", "phones": ["13800020001"]}}
    first = await arrives(session, idempotencyKey=key, siteId=site, customer=customer)
    again = await arrives(session, idempotencyKey=key, siteId=site, customer=customer)
    assert first["errors"] == again["errors"] == [], (first, again)
    assert (first["replayed"], again["replayed"]) == (False, True)
    assert first["visit"] == again["visit"]

    refused = await arrives(session, idempotencyKey="short", siteId=site, customer=customer)
    assert refused["visit"] is None
    assert refused["errors"] == [
        {"code": "INVALID_IDEMPOTENCY_KEY", "field": ["input", "idempotencyKey"]}
    ], refused

    mistaken = gql("{ sites(first: 1) { nodes { colour } } }")
    try:
        await session.execute(mistaken)
    except GraphQLError as error:
        assert "colour" in error.message  # noqa: PT017 - no pytest here
    else:
        raise AssertionError("a field that is not there was let pass by the schema that was read")


async def pages(session: Any) -> None:
    """All pages together are the whole list, each record once."""
    seen: list[str] = []
    after = None
    while True:
        document = PAGE
        document.variable_values = {"after": after}
        page = (await session.execute(document))["visits"]
        seen += [node["id"] for node in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert len(seen) == len(set(seen)) == page["totalCount"] > 2, seen


async def faults(session: Any) -> None:
    """What is no question is an error with a code, and nobody is told to sign in."""
    document = gql("{ visits(first: 201) { nodes { id } } }")
    try:
        await session.execute(document)
    except TransportQueryError as error:
        assert error.errors[0]["extensions"]["code"] == "INVALID_PAGE"  # noqa: PT017 - no pytest here
    else:
        raise AssertionError("more than 200 were given")
    stranger = Client(transport=AIOHTTPTransport(f"{URL}/graphql"))
    try:
        await stranger.execute_async(SITES)
    except TransportServerError as error:
        assert error.code == 401  # noqa: PT017 - no pytest here
    except TransportQueryError as error:
        assert error.errors[0]["extensions"]["code"] == "UNAUTHENTICATED"  # noqa: PT017
    else:
        raise AssertionError("nobody was answered")


async def streams(token: str, site: str) -> None:
    """What happens at the desk is told, and a second connection goes on from the cursor."""
    after, told = None, set()
    async with client(await token_of("desk")) as desk_session:
        for _ in range(2):
            transport = WebsocketsTransport(
                f"{URL.replace('http', 'ws')}/graphql",
                init_payload={"token": token},
                subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
            )
            async with Client(transport=transport) as following:
                document = gql(FOLLOW)
                document.variable_values = {"siteId": site, "after": after}
                ringing = asyncio.create_task(ring(desk_session, site))
                async for event in following.subscribe(document):
                    change = event["visitChanged"]
                    assert change["visit"]["id"] not in told, "told twice"
                    told.add(change["visit"]["id"])
                    after = change["cursor"]
                    break
                ringing.cancel()
                await asyncio.gather(ringing, return_exceptions=True)
    assert len(told) == 2


async def ring(session: Any, site: str) -> None:
    """Let one visitor after the other come: the first that is told shows that somebody listens."""
    while True:
        key, customer = str(uuid.uuid4()), {"newCustomer": {"fullName": "流八"}}
        payload = await arrives(session, idempotencyKey=key, siteId=site, customer=customer)
        assert payload["errors"] == [], payload


async def main() -> int:
    """Do all of it."""
    async with client(await token_of("desk")) as session:
        await desk(session)
        await pages(session)
        await faults(session)
        site = (await session.execute(SITES))["sites"]["nodes"][0]["id"]
    await streams(await token_of("manager"), site)
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
