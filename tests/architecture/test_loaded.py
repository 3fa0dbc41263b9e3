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
from service.start import load_server
load_server()
from service.app.serving import load_beforehand
load_beforehand()
# What is only named so far is loaded once it is asked for.
print(*(name for name, one in sys.modules.items() if type(one).__name__ != "_LazyModule"))
from service.work import Caller
import service.work
print(Caller.__eq__.__module__, load_beforehand.__doc__, Caller.__doc__, service.work.__doc__)
from service.customers.tables import Party
from service.schema.definition import Query
field = Query.__strawberry_definition__.fields[0]
print(field.directives, "signature" in vars(field.base_resolver), len(sys.path_importer_cache) < 10)
parts = list(Party.__table__.columns)
print(len({id(one.constraints) for one in parts}), any("dispatch" in vars(one) for one in parts))
"""

# By what it is for; a name stands for all below it.
_SELDOM = {
    "pages that help to find faults": ["html"],
    "answers of servers we do not ask": ["http.client", "email.parser"],
    "files we have not": ["csv", "getpass"],
    "other ways to log": ["logging.config", "logging.handlers", "socketserver"],
    "other ways to reach a database": [
        "sqlalchemy.dialects.postgresql.pg8000",
        "sqlalchemy.dialects.postgresql.psycopg2",
        "sqlalchemy.dialects.postgresql.psycopg2cffi",
    ],
    "words that are alike": ["difflib"],
    "medians": ["statistics"],
    "the command line": ["configparser", "typer", "rich", "pygments", "click", "service.cli"],
    "migrations": ["alembic", "greenlet", "sqlalchemy.ext.asyncio"],
    "other ways to write an instant": ["dateutil.parser"],
    "new tenants": ["service.provisioning.copying", "service.provisioning.templates"],
    "tenants of an earlier release": ["service.provisioning.upgrading"],
    "a company that shut itself out": ["service.provisioning.restoring"],
    "rows with a mapper": ["sqlalchemy.orm"],
    "the worker": ["service.worker.loop", "service.worker.registry", "service.app.working"],
    "metrics": ["prometheus_client", "service.web.metrics"],
    "tests": ["hypothesis", "pytest"],
    "data frames and charts": ["polars", "matplotlib", "numpy"],
    "spreadsheets": [
        "xlsxwriter",
        "openpyxl",
        "python_calamine",
        "service.exchange.asking",
        "service.exchange.commands",
        "service.exchange.reading",
        "service.exchange.writing",
    ],
    "working days": ["chinese_calendar", "holidays"],
    "simulations": [
        "service.replay",
        "service.simulation.periods.captions",
        "service.simulation.periods.showing",
        "service.app.simulating",
        "service.app.simulations",
    ],
    "passwords": ["argon2"],
    "the reference": ["service.schema.reference", "service.schema.printed"],
    "the demo": ["service.simulation.demo", "service.simulation.showroom"],
}


@cache
def _told() -> tuple[frozenset[str], str, str, str]:
    """Return the modules of such a process, and how a class, a field, a table of it were made."""
    told = subprocess.run(
        [sys.executable, "-c", _LOADED], capture_output=True, text=True, check=True
    )
    modules, made, field, columns = told.stdout.splitlines()
    return frozenset(modules.split()), made, field, columns


def test_the_api_is_what_was_loaded() -> None:
    expected = {"strawberry", "structlog", "uvicorn.server", "service.schema.definition"}

    assert expected <= _told()[0]


def test_its_dataclasses_share_their_methods_and_nothing_has_docstrings() -> None:
    assert _told()[1] == "service.app.sharing None Caller None"


def test_its_columns_share_what_is_empty_in_them_and_nobody_listens_to_one() -> None:
    assert _told()[3] == "1 False"


def test_its_fields_keep_no_empty_lists_and_not_how_they_were_read() -> None:
    assert _told()[2] == "() False True"


@pytest.mark.parametrize("purpose", _SELDOM)
def test_the_api_does_not_load(purpose: str) -> None:
    names = _SELDOM[purpose]

    found = [one for one in _told()[0] if any(f"{one}.".startswith(f"{name}.") for name in names)]

    assert not found, f"what is for {purpose} is loaded: {sorted(found)}"
