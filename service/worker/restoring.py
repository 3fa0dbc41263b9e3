"""An event from the outbox as the dataclass that was emitted."""

import dataclasses
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from service.journal.entries import Event


def restored(event: type[Event], body: Mapping[str, Any]) -> Event:
    """Make the event again; a part that a newer release dropped is left out, an older one fails."""
    readers = _readers(event)
    return event(**{name: read(body[name]) for name, read in readers.items() if name in body})


@cache
def _readers(event: type[Any]) -> Mapping[str, Callable[[Any], Any]]:
    hints = get_type_hints(event)
    return {item.name: _reader(hints[item.name]) for item in dataclasses.fields(event)}


def _reader(hint: Any) -> Callable[[Any], Any]:  # noqa: ANN401 - a type hint
    if hint is UUID:
        return UUID
    if hint is datetime:
        return datetime.fromisoformat
    if hint is date:
        return date.fromisoformat
    if get_origin(hint) is tuple:
        of_items = _reader(get_args(hint)[0])
        return lambda items: tuple(of_items(item) for item in items)
    if get_origin(hint) in {Union, UnionType}:
        (of_value,) = (_reader(part) for part in get_args(hint) if part is not type(None))
        return lambda value: None if value is None else of_value(value)
    return lambda value: value
