"""What counts toward metrics, over HTTP."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from builders.api import Desk
from builders.targets import NAMES

from service.clock import ManualClock
from service.work import UnitOfWork
from service.worker.registry import EVENTS
from service.worker.restoring import restored

_ENTRIES = """metricCredits {
  id amount base kind basisPoints creditedOn source member { name } reverses { id } }"""
_DAYS = """query($metric: ID!) { metricCreditDays(first: 100, filter: {metricId: {eq: $metric}}) {
  nodes { kind creditedOn member { name } amount base entryCount } } }"""
_LEDGER = """query($metric: ID!) { metricCredits(first: 100, filter: {metricId: {eq: $metric}}) {
  nodes { id kind creditedOn member { name } amount base source } } }"""


class Ledger:
    """Records what counts as the director, and reads it back."""

    def __init__(self, desk: Desk, director: str = "Lin") -> None:
        """Begin without a metric."""
        self.desk, self.director, self.metric = desk, director, ""

    async def with_metric(self, code: str = "SALES", **more: Any) -> str:
        """Make a metric; its id is returned and used from now on."""
        wanted = {"unit": "COUNT", "countingEvent": "OTHER", **more}
        made = await self.desk.does(
            self.director, "createMetric", "metric { id }", code=code, names=NAMES, **wanted
        )
        self.metric = made["metric"]["id"]
        return self.metric

    async def tries(self, key: str, amount: int, parts: Any, by: str = "", **more: Any) -> Any:
        """Let an amount count, and return the payload.

        Args:
            key: of the source.
            amount: in whole units.
            parts: names with basis points, or with kind and basis points.
            by: who does it.
            more: of the input.
        """
        sent = {"metricId": self.metric, "creditedOn": "2026-03-02", **more}
        return await self.desk.api.tries(
            self.desk.token(by or self.director),
            "recordMetricCredit",
            _ENTRIES,
            sourceKey=key,
            amount=str(amount),
            parts=[self.part(name, share) for name, share in parts.items()],
            **sent,
        )

    def part(self, name: str, share: Any) -> dict[str, Any]:
        """Make a part of an amount."""
        kind, points = share if isinstance(share, tuple) else ("PRIMARY", share)
        member = self.desk.member(name) if name else None
        return {"memberId": member, "basisPoints": points, "kind": kind}

    async def counts(self, key: str, amount: int, parts: Any, **more: Any) -> dict[str, int]:
        """Let an amount count; returns the amounts by name."""
        made = await self.tries(key, amount, parts, **more)
        assert made["errors"] == [], made["errors"]
        return by_name(made["metricCredits"])

    async def days(self, by: str = "") -> list[tuple[str, str, str | None, int]]:
        """Return the sums by day, earliest first: kind, day, whose, amount."""
        found = await self.desk.ask(by or self.director, _DAYS, metric=self.metric)
        return sorted(
            (one["kind"], one["creditedOn"], whose(one), int(one["amount"]))
            for one in found["metricCreditDays"]["nodes"]
        )

    async def entries(self, by: str = "") -> list[dict[str, Any]]:
        """Return the entries of the ledger in somebody's sight."""
        found = await self.desk.ask(by or self.director, _LEDGER, metric=self.metric)
        entries: list[dict[str, Any]] = found["metricCredits"]["nodes"]
        return entries

    async def reverse(self, credit_id: str, **more: Any) -> Any:
        """Try to take an amount back."""
        return await self.desk.api.tries(
            self.desk.token(self.director),
            "reverseMetricCredit",
            _ENTRIES,
            creditId=credit_id,
            reason="cancelled",
            **more,
        )

    async def hear(self, *kinds: str) -> None:
        """Let the worker's reactions hear of all that has happened, so far as it is of a kind."""

        async def step(work: UnitOfWork) -> None:
            rows = await work.fetch(
                "SELECT kind, body FROM app.outbox WHERE tenant_id = $1 AND kind = ANY($2)"
                " ORDER BY position",
                work.tenant_id,
                list(kinds),
            )
            for row in rows:
                heard = EVENTS[row["kind"]]
                for reaction in heard.reactions:
                    await reaction(work, restored(heard.event, row["body"]))

        tenant = self.desk.showroom.tenant
        await tenant.transactions.internally(self.desk.showroom.tenant_id, "hear", step)


def whose(entry: dict[str, Any]) -> str | None:
    """Return whose an entry or a day is; None is the company's."""
    return entry["member"] and str(entry["member"]["name"])


def by_name(entries: list[dict[str, Any]]) -> dict[str, int]:
    """Return the amounts by whose they are; the company is the empty name."""
    return {whose(one) or "": int(one["amount"]) for one in entries}


def on_day(clock: ManualClock, text: str) -> None:
    """Set the clock to noon of a day in Shanghai."""
    clock.set(datetime.fromisoformat(f"{text}T12:00").replace(tzinfo=ZoneInfo("Asia/Shanghai")))
