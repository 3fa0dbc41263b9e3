"""Declarations of mutations: the command, and the records its payload shows."""

from collections.abc import Awaitable, Callable
from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, eq=False)
class Shows:
    """One record that a command's payload shows, or several.

    Attributes:
        row: its id, or that of the record that leads to it, from the command's result; the ids of
            several.
        actions: besides who may see it, it is shown to who may do one of these to it.
        through: type and column of a record in sight that leads to it.
        order: in which order of `t` several are shown, those in sight; None shows one.
    """

    target: str
    row: Callable[[Any], Any]
    actions: tuple[str, ...] = ()
    through: tuple[str, str] | None = None
    order: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Command:
    """A mutation of one command.

    Attributes:
        carry_out: from the request's info and the input, the payload.
        results: what the payload shows, by Python name.
    """

    carry_out: Callable[[Any, Any], Awaitable[Any]]
    results: MappingType[str, Shows]
