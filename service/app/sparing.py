"""Libraries without what they bring along for others: a twelfth of what a server would weigh.

A process that only answers requests paints no traceback, has no command line and no greenlets; the
command line and migrations bring those. And its rows have no mapper (`service.database.tables`),
while SQLModel loads the whole object-relational half of SQLAlchemy in order to name five things of
it. What is left out here can still be imported later by whoever needs it; what a library no longer
finds at its next release stops the start, and `tests/architecture/test_loaded.py` before it.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.util import LazyLoader
from types import GenericAlias, ModuleType
from typing import Any, ClassVar, Final

# Named by libraries for pages that help to find faults, files we have not, answers of servers we do
# not ask, ways to log and to reach a database that are not ours.
_PUT_OFF: Final = frozenset(
    {
        "configparser",
        "csv",
        "getpass",
        "html",
        "http.client",
        "logging.config",
        "sqlalchemy.dialects.postgresql.pg8000",
        "sqlalchemy.dialects.postgresql.psycopg2",
        "sqlalchemy.dialects.postgresql.psycopg2cffi",
    }
)
# Structlog does without them where they are not installed.
_ABSENT: Final = ("rich", "greenlet")


class _Unmapped:
    """Stands for what only classes with a mapper have: nothing is ever one."""

    metadata: ClassVar[Any] = None
    __class_getitem__: ClassVar[Any] = classmethod(GenericAlias)


def _undecorated(function: object) -> object:
    return function


# What is named of a module while another is loaded.
_COMMAND_LINE: Final[Mapping[str, Mapping[str, object]]] = {
    "uvicorn.main": {"Server": None, "main": None, "run": None},
    "configparser": {"RawConfigParser": None},
}
# The scalar for which Strawberry loads it is ours (`service.schema.scalars`).
_INSTANTS: Final[Mapping[str, Mapping[str, object]]] = {"dateutil.parser": {"isoparse": None}}
_MAPPING: Final[Mapping[str, Mapping[str, object]]] = {
    "sqlalchemy.orm": {
        "InstrumentedAttribute": _Unmapped,
        "Mapped": _Unmapped,
        "RelationshipProperty": _Unmapped,
        "declared_attr": _undecorated,
        "registry": _Unmapped,
        "relationship": None,
    },
    "sqlalchemy.orm.attributes": {"set_attribute": None},
    "sqlalchemy.orm.decl_api": {"DeclarativeMeta": type},
    "sqlalchemy.orm.instrumentation": {"is_instrumented": None},
    "sqlmodel.orm.session": {"Session": None},
}


def load_sparingly() -> None:
    """Load four libraries without them; to be called before anything else is loaded."""
    with _standing_in(dict.fromkeys(_ABSENT)):
        import_module("structlog")
    with _standing_in(_COMMAND_LINE):
        import_module("uvicorn")
    with _standing_in(_MAPPING):
        import_module("sqlmodel")
    with _standing_in(_INSTANTS):
        import_module("strawberry")


@contextmanager
def seldom_put_off() -> Iterator[None]:
    """Let what seldom anybody needs, and is named meanwhile, be loaded once it is asked for."""
    sys.meta_path.insert(0, _PuttingOff)
    try:
        yield
    finally:
        sys.meta_path.remove(_PuttingOff)


class _PuttingOff:
    @classmethod
    def find_spec(
        cls, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return what another would find, and load it later."""
        if fullname not in _PUT_OFF:
            return None
        for finder in sys.meta_path:
            found = None if finder is cls else finder.find_spec(fullname, path, target)
            if found is not None and found.loader is not None:
                found.loader = LazyLoader(found.loader)
                return found
        return None


@contextmanager
def _standing_in(modules: Mapping[str, Mapping[str, object] | None]) -> Iterator[None]:
    """Let modules be absent (None), or hold no more than what is given, until the end."""
    loaded: dict[str, Any] = sys.modules
    for name, holds in modules.items():
        loaded[name] = None if holds is None else _module(name, holds)
    try:
        yield
    finally:
        for name in modules:
            del loaded[name]


def _module(name: str, holds: Mapping[str, object]) -> ModuleType:
    made = ModuleType(name)
    vars(made).update(holds)
    return made
