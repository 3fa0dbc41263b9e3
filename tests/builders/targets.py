"""A plan over HTTP: a metric, targets below one another, divided, published, changed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from builders.api import Desk

NAMES = {"en": "Plan", "zhHant": "計劃", "zhHans": "计划"}
NODES = """query($plan: ID!) {
  targetNodes(first: 200, filter: {planId: {eq: $plan}}) {
    nodes { id version figure setFigure unassigned vacant member { name } firstDay lastDay
            parent { id } split productCode seat } } }"""


@dataclass(slots=True)
class Planner:
    """Makes plans as the director, and reads them back."""

    desk: Desk
    director: str = "Lin"
    metric: str = ""
    plan: str = ""
    ids: dict[str, str] = field(default_factory=dict)

    async def with_metric(self, code: str = "SIGNED", unit: str = "COUNT", **more: Any) -> str:
        """Make a metric."""
        made = await self.desk.does(
            self.director,
            "createMetric",
            "metric { id }",
            code=code,
            names=NAMES,
            unit=unit,
            countingEvent="CONTRACT",
            **more,
        )
        self.metric = made["metric"]["id"]
        return self.metric

    async def with_plan(
        self,
        code: str = "2026",
        first: str = "2026-01-01",
        last: str = "2026-12-31",
        **further: str,
    ) -> str:
        """Make a plan."""
        made = await self.desk.does(
            self.director,
            "createTargetPlan",
            "targetPlan { id version state }",
            code=code,
            names=NAMES,
            firstDay=first,
            lastDay=last,
            **further,
        )
        self.plan = made["targetPlan"]["id"]
        return self.plan

    async def add(self, *nodes: dict[str, Any], by: str | None = None) -> dict[str, str]:
        """Add targets; those without a parent get the metric."""
        sent = [
            node
            if node.get("parentKey") or node.get("parentId")
            else {"metricId": self.metric, **node}
            for node in nodes
        ]
        made = await self.desk.does(
            by or self.director, "addTargetNodes", "nodeIds", planId=self.plan, nodes=sent
        )
        named = dict(zip((node["key"] for node in nodes), made["nodeIds"], strict=True))
        self.ids |= named
        return named

    async def root_with(
        self, total: int, children: Sequence[str], root: str = "root", **more: Any
    ) -> None:
        """Add a target with children that have nothing yet."""
        await self.add(
            {"key": root, "amount": str(total), "seat": root, **more},
            *({"key": child, "parentKey": root, "seat": child} for child in children),
        )

    async def divide(
        self, node: str, method: str = "EVEN", children: Sequence[dict[str, Any]] = (), **more: Any
    ) -> dict[str, int]:
        """Divide a target and return the figures below it by seat, with what is unassigned."""
        sent = [{**child, "nodeId": self.ids[child["nodeId"]]} for child in children]
        await self.desk.does(
            self.director,
            "allocateTarget",
            "targetNode { id }",
            nodeId=self.ids[node],
            method=method,
            children=sent,
            **more,
        )
        return await self.below(node)

    async def weighed(self, node: str, weights: dict[str, str], **more: Any) -> dict[str, int]:
        """Divide a target by weights."""
        children = [{"nodeId": name, "weight": weight} for name, weight in weights.items()]
        return await self.divide(node, "WEIGHTS", children, **more)

    async def nodes(self, by: str | None = None) -> list[dict[str, Any]]:
        """Return the plan's targets in somebody's sight."""
        data = await self.desk.ask(by or self.director, NODES, plan=self.plan)
        nodes: list[dict[str, Any]] = data["targetNodes"]["nodes"]
        return nodes

    async def below(self, node: str) -> dict[str, int]:
        """Return the figures right below a target, by the name they were made with."""
        names = {made: name for name, made in self.ids.items()}
        return {
            names.get(one["id"], "unassigned"): int(one["figure"])
            for one in await self.nodes()
            if one["parent"] and one["parent"]["id"] == self.ids[node]
        }

    async def figures(self) -> dict[str, int]:
        """Return every figure of the plan by the name its target was made with."""
        names = {made: name for name, made in self.ids.items()}
        return {
            names.get(
                one["id"], f"unassigned {one['parent'] and names.get(one['parent']['id'])}"
            ): int(one["figure"])
            for one in await self.nodes()
        }

    async def publish(self) -> None:
        """Say that the plan is broken down, and put it into force."""
        for command in ("distributeTargetPlan", "publishTargetPlan"):
            await self.desk.does(self.director, command, "targetPlan { state }", planId=self.plan)

    async def adjust(
        self, node: str, delta: int, on: str, by: str | None = None, **more: Any
    ) -> Any:
        """Try to change a published target."""
        return await self.desk.api.tries(
            self.desk.token(by or self.director),
            "adjustTarget",
            "targetNode { figure }",
            nodeId=self.ids[node],
            delta=str(delta),
            effectiveOn=on,
            reason="as decided",
            **more,
        )
