"""What was empty in thousands of fields and columns, or needed once: kept once, or not at all."""

import gc
from typing import Final

from sqlalchemy import Table, event
from sqlalchemy.schema import SchemaItem
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver

from service.schema.one import as_small

_LISTS: Final = ("directives", "permission_classes", "extensions", "_arguments")
_READ: Final = ("signature", "strawberry_annotations", "reserved_parameters")
_SETS: Final = ("foreign_keys", "constraints")
# Each would be a set of its own, if it were made where it is given away.
_NOTHING: Final[frozenset[object]] = frozenset()
# SQLAlchemy gives every part of a table its own list of who listens, when it is put in; whoever
# asks for it later is given a new one.
_LISTENERS: Final = "dispatch"


def tables_without_empties() -> None:
    """Let every table made from now on share what is empty in its columns.

    Three thousand sets and as many lists of listeners would be kept. It is done while a table is
    made: what all of them give up later would be holes.
    """
    event.listen(Table, "after_parent_attach", _shared)


def _shared(table: Table, _metadata: object) -> None:
    for column in table.columns:
        _unheard(column)
        for name in _SETS:
            if getattr(column, name) == _NOTHING:
                setattr(column, name, _NOTHING)
        for key in column.foreign_keys:
            _unheard(key)
    for part in (*table.constraints, *table.indexes):
        _unheard(part)


def _unheard(part: SchemaItem) -> None:
    vars(part).pop(_LISTENERS, None)


def fields_lightened() -> None:
    """Let the fields of the schema share what is empty in them, ten thousand lists of nothing.

    And let their functions give up how they were read: it is found again where it is asked for.
    Before the schema is built it makes room for it, and afterwards there are more.
    """
    for made in gc.get_objects():
        if type(made) is StrawberryField:
            for name in _LISTS:
                if getattr(made, name) == []:
                    setattr(made, name, ())
            made.metadata = as_small(made.metadata)  # type: ignore[assignment]  # any mapping will do
        elif type(made) is StrawberryResolver:
            for name in _READ:
                vars(made).pop(name, None)
