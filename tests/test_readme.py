"""The README's tour: every query is sent, and every printed answer is what comes back.

`README=write` in the environment prints the answers anew.
"""

import json
import os
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
from builders.api import Api
from builders.rehearsals import a_demo_loan

from service.clock import ManualClock
from service.database.connections import Location, open_pool
from service.database.security import IDENTITY
from service.organisation.actors import Callers
from service.simulation.demo.companies import COMPANIES
from service.simulation.demo.loading import load_demo
from service.work import Transactions

README = Path(__file__).parent.parent / "README.md"
STEP = re.compile(
    r"```graphql\n# as (?P<login>\S+)\n(?P<query>.*?)```\n```json\n(?P<answer>.*?)```", re.DOTALL
)
ID = re.compile(r"\b([a-z_]+)_[0-9a-f]{8}-[0-9a-f-]{27}")
# A Monday, ten o'clock in Shanghai.
MONDAY = datetime(2026, 3, 9, 2, 0, tzinfo=UTC)


def shortened(answer: object) -> str:
    """Return an answer as the README prints it."""
    return ID.sub(r"\1_…", json.dumps(answer, ensure_ascii=False, indent=1)) + "\n"


async def answers(pool: "asyncpg.Pool[Any]", location: Location) -> list[str]:
    """Load a small demo and walk the tour through it."""
    clock = ManualClock(MONDAY)
    company = replace(COMPANIES[0], days=3)
    found: list[str] = []
    async with await open_pool(location, IDENTITY, 2) as identity_pool:
        await load_demo(a_demo_loan(pool, identity_pool, clock), companies=[company])
        api = Api(Transactions(pool, clock, Callers()))
        rows = await identity_pool.fetch(
            "SELECT u.name, m.tenant_id, m.member_id FROM app.platform_user u"
            " JOIN app.platform_membership m ON m.user_id = u.id WHERE u.name LIKE $1",
            f"{company.code}.%",
        )
        people = {row["name"]: api.token(row["tenant_id"], row["member_id"]) for row in rows}
        ids: dict[str, str] = {}
        for step in STEP.finditer(README.read_text("utf-8")):
            query = step["query"]
            for kind, known in ids.items():
                query = query.replace(f"{kind.upper()}_ID", known)
            answer = (await api.post(people[step["login"]], query)).json()
            for match in ID.finditer(json.dumps(answer)):
                ids[match.group(1)] = match.group(0)
            assert answer.pop("extensions")["cost"]["limit"] == 20_000
            found.append(shortened(answer))
    return found


async def test_the_tour_of_the_readme_answers_as_printed(
    pool: "asyncpg.Pool[Any]", location: Location
) -> None:
    found = await answers(pool, location)
    text = README.read_text("utf-8")
    if os.environ.get("README") == "write":
        fresh = iter(found)
        README.write_text(
            STEP.sub(
                lambda step: (
                    f"```graphql\n# as {step['login']}\n{step['query']}```\n"
                    f"```json\n{next(fresh)}```"
                ),
                text,
            ),
            "utf-8",
        )
    printed = [step["answer"] for step in STEP.finditer(README.read_text("utf-8"))]

    assert len(printed) >= 5
    assert found == printed
