"""What the ledgers take down of a command: its digest, its events, its audit line."""

import dataclasses
import hashlib
from collections.abc import Callable, Iterable
from datetime import datetime
from enum import Enum
from functools import cache
from operator import attrgetter
from typing import Any, Final, Protocol, runtime_checkable
from uuid import UUID

import orjson

from service.identifiers import DriverUUID

_IDENTIFIERS: Final = frozenset({UUID, DriverUUID})
_AS_THEY_ARE: Final = frozenset({str, int, bool, float, type(None)})
# Named once: a choice of types that stands where it is asked is made anew each time.
_LISTS: Final = (list, tuple, set, frozenset)
_UNORDERED: Final = (set, frozenset)
_SCALARS: Final = (bool, int, float, str)


@runtime_checkable
class Event(Protocol):
    """Something that happened, named in the past tense: a frozen dataclass of ids and values."""

    @property
    def subject_id(self) -> UUID:
        """The record it happened to."""


def kind_of(event: Event) -> str:
    """Return the event's stable name, e.g. "VisitArrived"."""
    return type(event).__name__


def plain(value: object) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Return ids, instants, words and dataclasses of them as JSON has them."""
    kind: Any = type(value)
    # Asked some eighty times for one arrival: the type's own entry first, its ancestors last.
    if kind in _AS_THEY_ARE:
        return value
    if kind in _IDENTIFIERS:
        return str(value)
    fields = _fields_of(kind)
    if fields is not None:
        names, values = fields
        return {
            name: item if type(item) in _AS_THEY_ARE else plain(item)
            for name, item in zip(names, values(value), strict=True)
        }
    if isinstance(value, dict):
        return {
            str(key): item if type(item) in _AS_THEY_ARE else plain(item)
            for key, item in value.items()
        }
    if isinstance(value, _LISTS):
        items = sorted(value, key=str) if isinstance(value, _UNORDERED) else value
        return [plain(item) for item in items]
    return _plain_scalar(value)


@cache
def _fields_of(
    kind: type,
) -> tuple[tuple[str, ...], Callable[[Any], Iterable[object]]] | None:
    """Return the names of a dataclass's fields, and what reads them; None for another type."""
    if not dataclasses.is_dataclass(kind):
        return None
    names = tuple(item.name for item in dataclasses.fields(kind))
    # Of one name alone it would return no tuple.
    values = attrgetter(*names) if len(names) > 1 else lambda one: [getattr(one, n) for n in names]
    return names, values


def _plain_scalar(value: object) -> bool | int | float | str | None:
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    if isinstance(value, _SCALARS):
        return value
    return str(value)


def canonical(value: object) -> bytes:
    """Encode a value the one way that digests and chains are made over: sorted keys, no spaces."""
    return orjson.dumps(plain(value), option=orjson.OPT_SORT_KEYS)


def digest(name: str, order: object) -> str:
    """Return the SHA-256 of a command's name and canonical input."""
    return hashlib.sha256(name.encode() + b"\0" + canonical(order)).hexdigest()


def chained(previous: str, entry: object) -> str:
    """Return the hash that ties an entry to the one before it."""
    return hashlib.sha256(previous.encode() + canonical(entry)).hexdigest()
