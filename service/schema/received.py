"""What clients write, before it becomes an order or a filter: every text, list and number of it.

Here and nowhere else, so that no field can be forgotten: PostgreSQL keeps no U+0000, no form can
show a control character, and two spellings of one name must be one name.
"""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, Final, NamedTuple, TypeVar

import strawberry
from strawberry.types.base import StrawberryList, get_object_definition
from strawberry.types.field import StrawberryField
from strawberry.utils.str_converters import to_camel_case

from service.errors import Expected, FieldPath, InvalidInput, Refusal
from service.schema.lengths import Bounds, bounds_of
from service.schema.planner.mapping import Declared
from service.schema.scalars import PhoneNumber, split_id
from service.tenants.texts import CONTROLS, hides_something, refuse_faults

_VERSION: Final = 7
_AHEAD: Final = timedelta(days=1)
_OF_SEVERAL_LINES: Final = frozenset(
    {
        "content",
        "evidence",
        "json",
        "need",
        "purpose",
        "reason",
        "remark",
        "text",
        "unsimulatedReason",
        "yaml",
    }
)
_WITHIN: Final = {"rings": (0, 1_000), "durationSeconds": (0, 86_400)}
# Nobody was born before, and no contract ends later: a year beyond is a slip of the hand.
YEARS: Final = (1900, 2199)
# A password is what was typed; a key has its own form; an id is read by its own rule.
AS_SENT: Final = {"adminPassword", "password", "idempotencyKey"}
_LINE_END: Final = re.compile(r"\r\n?")
_REFUSED: Final = re.compile(f"[{CONTROLS}]")
_REFUSED_IN_LINES: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_UNSEEN: Final = frozenset({"Cf", "Zs", "Cc"})
_I = TypeVar("_I")


def received(sent: _I, now: datetime) -> _I:
    """Return a mutation's input with its texts trimmed, normalised and known to be storable.

    Raises:
        Refusals: every text, list and number that breaks its form, each with its path.
    """
    made = getattr(sent, "id", None)
    found = [*_id_faults(str(made), now)] if isinstance(made, str) else []
    _faults(sent, ("input",), found)
    refuse_faults(found)
    return sent


def _id_faults(text: str, now: datetime) -> Iterator[Refusal]:
    """Yield what is wrong with an id made on a device: no UUIDv7, or one of a day to come."""
    parts = split_id(text)
    # What is no id at all is answered as a missing record, like everywhere.
    if parts is not None:
        row = parts[1]
        latest = (now + _AHEAD).timestamp() * 1_000
        if row.version != _VERSION or row.int >> 80 > latest:
            yield InvalidInput(field=("input", "id"), expected="ID")


def plain_text(text: str, *, lines: bool = False) -> str | None:
    """Return a text in NFC; None when it holds a character that no text may hold.

    A text of one line is a name, or is looked for among names: what nobody sees is in none.
    """
    text, fault = _normal(text, lines=lines)
    return text if fault is None else None


def _normal(text: str, *, lines: bool) -> tuple[str, Expected | None]:
    text = unicodedata.normalize("NFC", _LINE_END.sub("\n", text) if lines else text)
    if (_REFUSED_IN_LINES if lines else _REFUSED).search(text):
        return text, "PRINTABLE"
    return text, "SEEN" if not lines and hides_something(text) else None


class _Declared(NamedTuple):
    """A field of an input type.

    Attributes:
        kind: what one value is.
        many: it is a list of them.
        nests: its one value is an input itself.
    """

    attribute: str
    name: str
    kind: object
    many: bool
    bounds: Bounds
    nests: bool


def _faults(sent: object, path: FieldPath, found: list[Refusal]) -> None:
    kind_of_input: Any = type(sent)
    # An input's own values, without its class's: no field of one is anything else.
    values = vars(sent)
    for declared in _declared_in(kind_of_input):
        value = values.get(declared.attribute)
        if value is None or value is strawberry.UNSET:
            continue
        if type(value) is bool or (declared.kind is strawberry.ID and not declared.many):
            continue
        if declared.nests:
            _faults(value, (*path, declared.name), found)
            continue
        check = _each if declared.many else _checked
        # The input was made for this one request: nobody else holds it.
        values[declared.attribute] = check(value, declared, (*path, declared.name), found)


@cache
def _declared_in(input_type: type) -> tuple[_Declared, ...]:
    found = []
    for field in get_object_definition(input_type, strict=True).fields:
        name = field.graphql_name or to_camel_case(field.python_name)
        if name not in AS_SENT:
            kind, many = _kind_of(field)
            bounds = bounds_of(field.description, phones=kind is PhoneNumber)
            nests = not many and get_object_definition(kind) is not None
            found.append(_Declared(field.python_name, name, kind, many, bounds, nests))
    return tuple(found)


def _kind_of(declared: StrawberryField) -> tuple[object, bool]:
    kind: object = declared.type
    many = False
    while hasattr(kind, "of_type"):
        many = many or isinstance(kind, StrawberryList)
        kind = kind.of_type
    return kind, many


def _each(
    values: list[Any], declared: _Declared, path: FieldPath, found: list[Refusal]
) -> list[Any]:
    most = declared.bounds.entries
    if len(values) > most:
        found.append(InvalidInput(field=path, expected="AT_MOST_ENTRIES", most=most))
        return values
    return [
        _checked(one, declared, (*path, str(number)), found) for number, one in enumerate(values)
    ]


def _checked(
    value: Declared, declared: _Declared, path: FieldPath, found: list[Refusal]
) -> Declared:
    if isinstance(value, str):
        return value if declared.kind is strawberry.ID else _text(value, declared, path, found)
    if isinstance(value, date):
        least, most = YEARS
        if not least <= value.year <= most:
            found.append(InvalidInput(field=path, expected="YEAR_FROM_TO", least=least, most=most))
    elif declared.name in _WITHIN and isinstance(value, int):
        least, most = _WITHIN[declared.name]
        if not least <= value <= most:
            found.append(InvalidInput(field=path, expected="FROM_TO", least=least, most=most))
    elif get_object_definition(value) is not None:
        _faults(value, path, found)
    return value


def _text(value: str, declared: _Declared, path: FieldPath, found: list[Refusal]) -> str:
    lines, most = declared.name in _OF_SEVERAL_LINES, declared.bounds.characters
    # Normalising a long text takes its time: the length is asked first.
    if len(value) > 2 * most:
        found.append(InvalidInput(field=path, expected="AT_MOST_CHARACTERS", most=most))
        return value
    if value.isascii() and value.isprintable():
        # Numbers, words, codes: there is nothing in them to normalise or to refuse.
        text = value
    else:
        text, fault = _normal(value, lines=lines)
        if fault != "PRINTABLE" and all(unicodedata.category(one) in _UNSEEN for one in text):
            return ""
        # Numbers are pasted with marks of direction around them; only their digits are read.
        if fault is not None and not (fault == "SEEN" and declared.kind is PhoneNumber):
            found.append(InvalidInput(field=path, expected=fault))
            return value
    text = text.strip()
    if len(text) > most:
        found.append(InvalidInput(field=path, expected="AT_MOST_CHARACTERS", most=most))
    return text
