"""Pages by keyset: orders, cursors, and what lies beyond a row; for whichever way reads them.

A cursor is base64url of a JSON list: the order's fingerprint, the key's value, the row's id. Python
and PostgreSQL write the same bytes.
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

import orjson

from service.errors import InvalidCursor
from service.schema.planner.forms import instant
from service.schema.planner.statements import Statement
from service.schema.scalars import write_instant

MOST_ROWS: Final = 200
USUAL_ROWS: Final = 25
MOST_COUNTED: Final = 10_000


@dataclass(frozen=True, slots=True)
class SortKey:
    """A column a list may be ordered by; an index begins with the tenant and this.

    Attributes:
        sql: the column, over `t`.
        type: its PostgreSQL type.
        nullable: whether rows may have none; those stand last, going up.
    """

    sql: str
    type: str
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Orders:
    """The orders of one list, by the enum's words, and the one it has unasked.

    Attributes:
        given: the input type with which a client chooses, if he may.
    """

    keys: Mapping[str, SortKey]
    usual: str
    descending: bool = True
    given: Any = None


@dataclass(frozen=True, slots=True)
class Bound:
    """A cursor, read: the order's key and the id of a row."""

    value: object
    row: object


@cache
def fingerprint(kind: str, word: str, descending: bool) -> str:
    """Return what a cursor of one order begins with."""
    return hashlib.sha256(f"{kind}:{word}:{descending}".encode()).hexdigest()[:8]


def read_cursor(cursor: str | None, key: SortKey, mark: str) -> Bound | None:
    """Read a cursor of an order.

    Raises:
        InvalidCursor: it is malformed or of another order.
    """
    if cursor is None:
        return None
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        found, value, row = orjson.loads(base64.b64decode(padded, b"-_", validate=True))
        if found != mark or (value is None and not key.nullable):
            raise InvalidCursor
        return Bound(_key_value(value, key.type), UUID(row))
    except (ValueError, TypeError, AttributeError, binascii.Error) as error:
        raise InvalidCursor from error


def _key_value(value: Any, kind: str) -> object:  # noqa: ANN401 - whatever JSON holds
    if value is None:
        return None
    match kind:
        case "timestamptz":
            moment = datetime.fromisoformat(value)
            if moment.tzinfo is None:
                raise ValueError("an instant has an offset")
            return moment
        case "date":
            return date.fromisoformat(value)
        case "text" if isinstance(value, str) and "\0" not in value:
            return value
        case "bigint" if isinstance(value, int) and abs(value) < 2**63:
            return value
    raise ValueError(f"no {kind}")


def write_cursor(mark: str, value: object, row: object) -> str:
    """Write the cursor of a row."""
    plain = value
    if isinstance(value, datetime):
        plain = write_instant(value)
    elif isinstance(value, date):
        plain = value.isoformat()
    text = orjson.dumps([mark, plain, str(row)])
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def cursor_in_sql(mark: str, key: SortKey, value: str, row: str) -> str:
    """Write the same from expressions of the key's value and the row's id."""
    plain = {
        "timestamptz": f"""'"' || {instant(value)} || '"'""",
        "date": f"""'"' || to_char({value}, 'YYYY-MM-DD') || '"'""",
        "text": f"to_json({value})::text",
        "bigint": f"{value}::text",
    }[key.type]
    if key.nullable:
        plain = f"coalesce({plain}, 'null')"
    text = f"""'["{mark}",' || {plain} || ',"' || {row} || '"]'"""
    return rf"translate(encode(convert_to({text}, 'UTF8'), 'base64'), E'+/=\n', '-_')"


def beyond(statement: Statement, key: SortKey, bound: Bound, *, upward: bool) -> str:
    """Write what lies beyond a row, over `{key}` and `{row}`.

    Nulls are greatest, as PostgreSQL's indexes have them.
    """
    sign = ">" if upward else "<"
    row = statement.place(bound.row, "uuid")
    if bound.value is None:
        rest = "" if upward else " OR {key} IS NOT NULL"
        return f"(({{key}} IS NULL AND {{row}} {sign} {row}){rest})"
    value = statement.place(bound.value, key.type)
    inside = f"({{key}}, {{row}}) {sign} ({value}, {row})"
    return f"({inside} OR {{key}} IS NULL)" if key.nullable and upward else inside


def belongs(parent: str, record: str) -> str:
    """Write the condition under which rows of a list belong to a record, given as SQL."""
    if _PARENT in parent:
        return f"({parent.replace(_PARENT, record)})"
    return f't."{parent}" = {record}'


_PARENT: Final = "{parent}"
