"""What every table of a tenant is made of: key, types, names of constraints."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, ClassVar, Self
from uuid import UUID

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Constraint,
    ForeignKeyConstraint,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Text,
    event,
    text,
)
from sqlalchemy import Table as CoreTable
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP
from sqlalchemy.dialects.postgresql import UUID as UUID_TYPE
from sqlalchemy.schema import ColumnCollectionConstraint, SchemaItem
from sqlmodel import AutoString, Field, SQLModel
from sqlmodel._compat import SQLModelConfig
from sqlmodel.main import SQLModelMetaclass

SCHEMA = "app"

# Three decimals: the clock is cut before a decision, so nothing rounds into tomorrow.
INSTANT = TIMESTAMP(timezone=True, precision=3)
JSON = JSONB(none_as_null=True)
TEXTS = ARRAY(Text())
# Ordered by code point on every server, so that what begins with a text is one range of an index.
CODE_POINTS = Text(collation="C")
IDS = ARRAY(UUID_TYPE())


def _own_columns(constraint: Constraint, _table: object) -> str:
    columns = constraint.columns if isinstance(constraint, ColumnCollectionConstraint) else ()
    names = [column.name for column in columns]
    return "_".join(name for name in names if name != "tenant_id") or "tenant_id"


METADATA = MetaData(
    schema=SCHEMA,
    naming_convention={
        "own_columns": _own_columns,
        "pk": "%(table_name)s_pk",
        "uq": "%(table_name)s_%(own_columns)s_key",
        "ck": "%(constraint_name)s",
        "fk": "%(table_name)s_%(own_columns)s_fk",
    },
)


def table_name(class_name: str) -> str:
    """Return the table's name: the class's words in lower case, joined by underscores."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", class_name).lower()


@event.listens_for(Column, "after_parent_attach")
def _text_for_strings(column: Column[Any], table: object) -> None:
    # SQLModel says VARCHAR; a cast from it would stand in every index condition.
    if isinstance(column.type, AutoString) and getattr(table, "metadata", None) is METADATA:
        column.type = Text()


_Models: Any = type(BaseModel)
# What a class keeps in order to validate: none of our rows ever is, and its base's does as well.
_OF_VALIDATION = (
    "__annotations__",
    "__class_vars__",
    "__private_attributes__",
    "__pydantic_computed_fields__",
    "__pydantic_core_schema__",
    "__pydantic_decorators__",
    "__pydantic_generic_metadata__",
    "__pydantic_parent_namespace__",
    "__pydantic_serializer__",
    "__pydantic_setattr_handlers__",
    "__pydantic_validator__",
    "__sqlmodel_relationships__",
)
# In place of what a field was declared with, of which its column is made.
_DECLARED = FieldInfo()


class _Rows(SQLModelMetaclass):
    """Makes a declared class a table and its rows as cheap as dictionaries, without a mapper.

    Rows are values on their way to a statement and never belong to an ORM session. A session's
    bookkeeping would be kept for nobody: 0.1 ms a row, a third of an arrival, and 4 MB a process.
    """

    def __init__(cls, name: str, bases: object, namespace: object, *, table: bool = False) -> None:
        _Models.__init__(cls, name, bases, namespace)
        if not table:
            return
        fields = cls.model_fields
        # Read from the class itself: there they are still columns, in the order of the fields.
        columns = {field: cls.__dict__[field] for field in fields}
        for field, column in columns.items():
            column.name = column.key = field
        declared: tuple[Any, ...] = getattr(cls, "__table_args__", ())
        items = [item for item in declared if not isinstance(item, dict)]
        settings = {
            key: value for item in declared if isinstance(item, dict) for key, value in item.items()
        }
        cls.__table__ = CoreTable(table_name(name), METADATA, *columns.values(), *items, **settings)
        cls.__tablename__ = cls.__table__.name
        required = frozenset(field for field, item in fields.items() if item.is_required())
        cls.__init__ = _plain_init(name, fields, required)  # type: ignore[misc]  # on purpose
        # A hundred tables would be three megabytes of it.
        cls.__pydantic_fields__ = dict.fromkeys(fields, _DECLARED)
        for kept in _OF_VALIDATION:
            if kept in vars(cls):
                type.__delattr__(cls, kept)


def _plain_init(
    name: str, fields: Mapping[str, FieldInfo], required: frozenset[str]
) -> Callable[..., None]:
    known = frozenset(fields)
    fixed = {
        field_name: field.default
        for field_name, field in fields.items()
        if not field.is_required() and field.default_factory is None
    }
    made: dict[str, Callable[[], object]] = {
        field_name: field.default_factory  # type: ignore[misc]  # none of ours takes values
        for field_name, field in fields.items()
        if field.default_factory is not None
    }

    def __init__(self: Any, **values: object) -> None:  # noqa: ANN401, N807 - becomes the class's
        if not values.keys() <= known or not required <= values.keys():
            wrong = sorted(values.keys() - known) or sorted(required - values.keys())
            raise TypeError(f"{name}: {', '.join(wrong)}")
        state = fixed | {key: make() for key, make in made.items() if key not in values} | values
        object.__setattr__(self, "__dict__", state)
        object.__setattr__(self, "__pydantic_fields_set__", known)
        object.__setattr__(self, "__pydantic_extra__", None)
        object.__setattr__(self, "__pydantic_private__", None)

    return __init__


class Table(SQLModel, metaclass=_Rows):
    """Base of every table: named after its class, kept in the schema `app`.

    Attributes:
        append_only: rows are never changed or deleted; a trigger and the grants say so too.
        deletable: rows may be deleted by the application.
        made_by_database: columns the database fills; an insert leaves them out.
        fixed: columns that stay as they were written; a trigger says so.
        set_together: a statement may set very many rows of it: its trigger comes afterwards.
        ending: columns that are written together, once; the first says whether they are.
    """

    __table__: ClassVar[CoreTable]

    # Rows are filled without validation (`_Rows`): what would validate them is never built.
    model_config = SQLModelConfig(defer_build=True)

    metadata: ClassVar[MetaData] = METADATA
    append_only: ClassVar[bool] = False
    # Rows that are links, not records: they may be deleted; everything else is retired or ended.
    deletable: ClassVar[bool] = False
    made_by_database: ClassVar[frozenset[str]] = frozenset()
    fixed: ClassVar[tuple[str, ...]] = ()
    set_together: ClassVar[bool] = False
    ending: ClassVar[tuple[str, ...]] = ()

    def __new__(cls, **_values: object) -> Self:
        """Make an empty row; `__init__` fills all of it."""
        return object.__new__(cls)

    def __setattr__(self, name: str, value: object) -> None:
        """Set a column's value; there is no session to tell."""
        if name not in type(self).model_fields:
            raise AttributeError(f"{type(self).__name__} has no column {name}")
        self.__dict__[name] = value


class TenantTable(Table):
    """A table of a tenant's records; its key is (`tenant_id`, `id`).

    The migration adds the row security and grants; the wall test fails if one is missing.
    """

    tenant_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True, sa_column_kwargs={"server_default": text("uuidv7()")})


class MonthlyLedger(TenantTable):
    """Lines that are only added, kept in a part for each month (UTC) of `at` (database page 2.9).

    No foreign key leads to one: the key is (`tenant_id`, `at`, `id`). A query says a range of `at`
    where it knows one, and then touches the parts of those months alone.
    """

    append_only: ClassVar[bool] = True

    at: datetime = Field(sa_type=INSTANT, primary_key=True)


def by_month(*parts: SchemaItem) -> tuple[SchemaItem | dict[str, str], ...]:
    """Return the table arguments of a monthly ledger: its key, its parts, its partitioning."""
    key = PrimaryKeyConstraint("tenant_id", "at", "id")
    return (key, *parts, {"postgresql_partition_by": "RANGE (at)"})


class Recorded(TenantTable):
    """A record that people edit: who made it, when, and how often it has changed."""

    created_at: datetime = Field(sa_type=INSTANT)
    created_by: UUID | None = None
    version: int = Field(
        default=1, sa_type=BigInteger, sa_column_kwargs={"server_default": text("1")}
    )


def to(table: str, *columns: str, cascade: bool = False) -> ForeignKeyConstraint:
    """Make the composite foreign key `(tenant_id, x_id) -> table (tenant_id, id)`.

    Composite, because a foreign key's check ignores row security: a single-column key would tell
    whether another tenant's id exists.
    """
    own = ["tenant_id", *(columns or (f"{table}_id",))]
    target = [f"{SCHEMA}.{table}.tenant_id", f"{SCHEMA}.{table}.id"]
    return ForeignKeyConstraint(own, target, ondelete="CASCADE" if cascade else None)


def of_tenant() -> ForeignKeyConstraint:
    """Tie a table that nothing else ties to its tenant."""
    return ForeignKeyConstraint(["tenant_id"], [f"{SCHEMA}.tenant.tenant_id"])


def one_of(table: str, column: str, states: type[StrEnum]) -> CheckConstraint:
    """Allow only the words of an enumeration in a text column.

    Text with a CHECK, not an enum: enum equality is not leakproof, so under row security it is a
    filter and never an index condition (database page 2.1).
    """
    words = ", ".join(f"'{state.value}'" for state in states)
    return CheckConstraint(f"{column} IN ({words})", name=f"{table}_{column}_check")


def short(table: str, column: str, at_most: int = 200) -> CheckConstraint:
    """Bound the length of a text column in characters."""
    return CheckConstraint(
        f"char_length({column}) BETWEEN 1 AND {at_most}", name=f"{table}_{column}_length_check"
    )


def index(
    table: str,
    *columns: str,
    where: str | None = None,
    unique: bool = False,
    nulls_equal: bool = False,
) -> Index:
    """Make an index that begins with `tenant_id`; a unique one ends in `_key`.

    Args:
        table: the table's name.
        columns: columns after `tenant_id`, with a direction where it is not ascending.
        where: predicate of a partial index.
        unique: refuse a second row with the same values.
        nulls_equal: let two nulls count as the same value.
    """
    plain = [re.split(r"[ (]", column)[0] for column in columns]
    name = f"{table}_{'_'.join(plain)}_{'key' if unique else 'ix'}"
    expressions = [text(column) if " " in column else column for column in columns]
    return Index(
        name,
        "tenant_id",
        *expressions,
        unique=unique,
        postgresql_nulls_not_distinct=nulls_equal or None,
        postgresql_where=text(where) if where else None,
    )


def tenant_tables() -> Iterable[Any]:
    """Return every mapped tenant table, parents before children."""
    ordered = {table: position for position, table in enumerate(METADATA.sorted_tables)}
    classes = [cls for cls in _subclasses(TenantTable) if hasattr(cls, "__table__")]
    return sorted(classes, key=lambda cls: ordered[cls.__table__])


def _subclasses(cls: type[Any]) -> Iterable[Any]:
    for child in cls.__subclasses__():
        yield child
        yield from _subclasses(child)


@cache
def insertable(table: type[Table]) -> tuple[str, ...]:
    """Return the names of the columns an insert gives, in table order."""
    columns: Iterable[Column[Any]] = table.__table__.columns
    return tuple(c.name for c in columns if c.name not in table.made_by_database)
