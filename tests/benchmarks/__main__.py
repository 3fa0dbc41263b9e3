"""`make bench`: every benchmark in one run; prints the table and leaves build/bench.json.

Each figure is `{"name", "value", "unit", "reference", "goal", "ok"}`. Nothing here fails a build:
a shared machine is no stopwatch, so the goals are read by people.
"""

import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

MODULES = (
    *("access", "rulebooks", "stateless", "replays", "arrival", "telemetry", "api", "streams"),
    *("targets", "boards", "lists"),
)
RESULT = Path("build") / "bench.json"


def _broken(name: str, error: Exception) -> dict[str, Any]:
    return {
        "name": name,
        "value": "not measured",
        "unit": "",
        "reference": f"{type(error).__name__}: {error}"[:200],
        "goal": "a figure",
        "ok": False,
    }


def main(names: list[str]) -> None:
    """Run the named benchmarks, or all."""
    console = Console()
    figures: list[dict[str, Any]] = []
    for name in names or MODULES:
        with console.status(f"{name} …"):
            try:
                figures += import_module(f"tests.benchmarks.{name}").measure()
            except Exception as error:  # noqa: BLE001 - what the others measured took minutes
                console.print_exception()
                figures.append(_broken(name, error))
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", "utf-8")
    table = Table("benchmark", "value", "unit", "reference", "goal", "")
    for figure in figures:
        value = figure["value"]
        shown = f"{value:,.3g}" if isinstance(value, float) else str(value)
        mark = "ok" if figure["ok"] else "[red]missed"
        table.add_row(
            figure["name"],
            shown,
            figure["unit"],
            str(figure["reference"]),
            str(figure["goal"]),
            mark,
        )
    console.print(table)


main(sys.argv[1:])
