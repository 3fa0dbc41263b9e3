"""What a process that only answers requests loads, and what it must do without to stay small.

Whoever meets a red test here imports, at the top of a module, what seldom anybody asks for: see
"What the API loads" in CONTRIBUTING.md.
"""

import subprocess
import sys
from functools import cache

import pytest

_LOADED = """
import sys
from service.app.sharing import methods_shared
from service.app.sparing import load_sparingly
from service.app.wordless import functions_without_words
with functions_without_words(), methods_shared():
    load_sparingly()
    import service.app.starting
    from service.app.serving import load_beforehand
load_beforehand()
print(*sys.modules)
"""

# By what it is for; a name stands for all below it.
_SELDOM = {
    "the command line": ["typer", "rich", "pygments", "click", "service.cli"],
    "migrations": ["alembic", "greenlet", "sqlalchemy.ext.asyncio"],
    "other ways to write an instant": ["dateutil.parser"],
    "new tenants": ["service.provisioning.copying", "service.provisioning.templates"],
    "rows with a mapper": ["sqlalchemy.orm"],
    "the worker": ["service.worker.loop", "service.worker.registry", "service.app.working"],
    "metrics": ["prometheus_client", "service.web.metrics"],
    "tests": ["hypothesis", "pytest"],
    "data frames and charts": ["polars", "matplotlib", "numpy"],
    "spreadsheets": ["xlsxwriter", "openpyxl", "python_calamine"],
    "working days": ["chinese_calendar", "holidays"],
    "simulations": [
        "service.replay",
        "service.simulation.periods.showing",
        "service.app.simulating",
        "service.app.simulations",
    ],
    "the demo": ["service.simulation.demo", "service.simulation.showroom"],
}


@cache
def _loaded() -> frozenset[str]:
    told = subprocess.run(
        [sys.executable, "-c", _LOADED], capture_output=True, text=True, check=True
    )
    return frozenset(told.stdout.split())


def test_the_api_is_what_was_loaded() -> None:
    assert {"strawberry", "structlog", "uvicorn.server", "service.schema.definition"} <= _loaded()


@pytest.mark.parametrize("purpose", _SELDOM)
def test_the_api_does_not_load(purpose: str) -> None:
    names = _SELDOM[purpose]

    found = [one for one in _loaded() if any(f"{one}.".startswith(f"{name}.") for name in names)]

    assert not found, f"what is for {purpose} is loaded: {sorted(found)}"
