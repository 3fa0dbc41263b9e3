"""Alarms and the operators' page speak of metrics that exist, and of all of them."""

import re
from pathlib import Path

import pytest
import yaml

from service.app import observing, watching
from service.schema import deprecations
from service.telemetry import logs
from service.telemetry.exposition import PREFIX
from service.telemetry.metrics import ALL, Histogram
from service.web import request_ids
from service.work import retries
from service.worker import backlog, metrics

ROOT = Path(__file__).resolve().parents[2]
ALERTS = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yaml").read_text("utf-8"))
RULES = [rule for group in ALERTS["groups"] for rule in group["rules"]]
NAME = re.compile(rf"\b{PREFIX}[a-z_]+")
# Told by the library of the process itself.
OF_THE_PROCESS = {"bailiwick_process_resident_memory_bytes", "bailiwick_process_cpu_seconds_total"}
# Whoever imports these brings every metric along.
MODULES = (observing, watching, request_ids, retries, backlog, metrics, logs, deprecations)


def told() -> set[str]:
    """Return every name that /metrics can say."""
    names = set(OF_THE_PROCESS)
    for metric in ALL:
        name = PREFIX + metric.name
        parts = ("_bucket", "_count", "_sum") if isinstance(metric, Histogram) else ("",)
        names |= {name + part for part in parts}
    return names


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alarm_is_made_of_metrics_that_exist_and_the_runbook_knows_it(
    rule: dict[str, str],
) -> None:
    assert set(NAME.findall(rule["expr"])) <= told()
    assert rule["annotations"]["summary"]
    assert f"`{rule['alert']}`" in (ROOT / "deploy/runbook.md").read_text("utf-8")


def test_every_metric_is_explained_to_operators() -> None:
    page = (ROOT / "docs/operators.md").read_text("utf-8")
    named = {PREFIX + metric.name for metric in ALL if metric.name not in {"waiting", "seconds"}}

    assert {name for name in named if f"`{name}`" not in page} == set()
    assert all(metric.help_text.endswith(".") or metric.help_text[0].isdigit() for metric in ALL)


def test_every_module_that_counts_is_known_here() -> None:
    counting = re.compile(
        r"^from service\.telemetry\.metrics import .*(Counter|Gauge|Histogram)", re.MULTILINE
    )
    found = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in (ROOT / "service").rglob("*.py")
        if counting.search(path.read_text("utf-8"))
    }

    known = {module.__name__ for module in MODULES}
    assert found - {"service.telemetry.exposition"} == known
