"""Documents that schemathesis makes from the schema: whatever is asked, the server stays whole.

`documents.py [EXAMPLES]` sends so many documents for each root field (default 4: at least 200 in
all) as a manager, and some as nobody. `CHANCE=free` in the environment sends others each time.
Ends with 1 and tells what was sent when the server fails or tells of its insides.
"""

import json
import os
import re
import sys
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.graphql import nodes

URL = os.environ["SERVER_URL"]
GRAPHQL = f"{URL}/graphql"
MEDIA = "application/graphql-response+json"
FEWEST = 200
SERVER_FAILED = 500
# Words that only an exception, its place or a statement brings along.
INSIDES = re.compile(
    r"Traceback|File \"|\.py\b|asyncpg|psycopg|sqlalchemy|strawberry|graphql_core|postgres"
    r"|\b\w+(?:Error|Exception)\b|object has no attribute|NoneType|<class|<function|\bapp\.\w+"
    r"|SELECT |INSERT |UPDATE |syntax error at",
)


def words(pattern: str) -> st.SearchStrategy[Any]:
    """Return literals that are strings of a form."""
    return st.from_regex(pattern, fullmatch=True).map(nodes.String)


SCALARS = {
    "BigInt": words(r"-?[0-9]{1,20}"),
    "CurrencyCode": words(r"[A-Z]{3}"),
    "Date": words(r"20[0-9]{2}-[01][0-9]-[0-3][0-9]"),
    "DateTime": words(r"20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:00Z"),
    "Decimal": words(r"-?[0-9]{1,9}(\.[0-9]{1,6})?"),
    "EmailAddress": words(r"[a-z]{1,9}@example\.com"),
    "EventCursor": words(r"[A-Za-z0-9_-]{1,30}"),
    "LocalTime": words(r"[0-2][0-9]:[0-5][0-9]"),
    "LocaleTag": st.sampled_from(["en", "zh-Hant", "zh-Hans", "xx"]).map(nodes.String),
    "PhoneNumber": words(r"\+?[0-9]{3,15}"),
    "SyncCursor": words(r"[A-Za-z0-9_-]{1,30}"),
    "TimeZone": st.sampled_from(["Asia/Shanghai", "Mars/Base"]).map(nodes.String),
    "Url": words(r"https://example\.com/[a-z]{0,9}"),
}


def signed_in() -> dict[str, str]:
    """Sign the demo's manager in and return the header he sends."""
    answer = requests.post(
        f"{URL}/auth/token",
        json={
            "grant_type": "password",
            "username": "huating.manager",
            "password": os.environ["SERVER_PASSWORD"],
        },
        timeout=30,
    )
    answer.raise_for_status()
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def require_whole(answer: Any) -> None:
    """Refuse an answer that is a fault of the server's, or tells of one."""
    assert answer.status_code < SERVER_FAILED, f"{answer.status_code}: {answer.text}"
    assert answer.headers["content-type"][0].startswith(MEDIA), answer.headers
    body = json.loads(answer.text)
    assert "data" in body or body["errors"], body
    for error in body.get("errors", ()):
        found = INSIDES.search(error["message"])
        assert not found, f"{found}: {error}"
        assert re.fullmatch(r"[A-Z_]+", error["extensions"]["code"]), error
        assert error["extensions"]["code"] != "INTERNAL", error


def send_all(examples: int) -> int:
    """Send documents for every root field; returns how many were sent."""
    for name, literals in SCALARS.items():
        schemathesis.graphql.scalar(name, literals)
    token = signed_in()
    schema = schemathesis.graphql.from_url(GRAPHQL, headers=token)
    sent = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.label.startswith("Subscription"):
            continue

        @given(case=operation.as_strategy(), known=st.integers(0, 9).map(bool))
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            derandomize=os.environ.get("CHANCE") != "free",
            suppress_health_check=list(HealthCheck),
        )
        def ask(case: Any, known: bool) -> None:
            nonlocal sent
            sent += 1
            headers = {"Accept": MEDIA, **(token if known else {})}
            require_whole(case.call(headers=headers, timeout=30))

        ask()
    return sent


def main(arguments: list[str]) -> int:
    """Send them, and say how many."""
    sent = send_all(int(arguments[0]) if arguments else 4)
    print(f"{sent} documents")  # noqa: T201 - read by the test
    assert sent >= FEWEST, sent
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
