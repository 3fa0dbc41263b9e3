"""Methods that dataclasses write anew for each class, where one function can do for all.

A server that loads two thousand of them would carry two thousand printers, comparisons and refusals
to change what is frozen: a twelfth of its memory for what differs in a list of names, which the
class keeps besides.
"""

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import FrozenInstanceError, fields
from functools import cache
from inspect import unwrap
from operator import attrgetter
from reprlib import recursive_repr
from types import FunctionType
from typing import Any


@contextmanager
def methods_shared() -> Iterator[None]:
    """Let every dataclass made meanwhile share what each would have written for itself.

    They print, compare and refuse to be changed as before. What a class wrote by hand is left
    alone. It is done while a class is made: what thousands of them give up later would be holes.
    """
    made: Callable[..., Any] = dataclasses.dataclass

    def dataclass(cls: Any = None, /, **how: bool) -> Any:  # noqa: ANN401 - as the original's
        if cls is None:
            return lambda given: _shared(made(_worded(given), **how))
        return _shared(made(_worded(cls), **how))

    vars(dataclasses)["dataclass"] = dataclass
    try:
        yield
    finally:
        vars(dataclasses)["dataclass"] = made


def _worded(cls: Any) -> Any:  # noqa: ANN401 - any class
    if not cls.__doc__:
        # One that says nothing of itself would be given all its fields for words.
        cls.__doc__ = cls.__name__
    return cls


def _shared(cls: Any) -> Any:  # noqa: ANN401 - any dataclass
    for name, ours in _METHODS.items():
        if _generated(cls, name):
            setattr(cls, name, ours)
    # Another base may have its own idea of how an attribute is set.
    for name, ours in _CHANGES.items():
        inherited = getattr(super(cls, cls), name)
        if _generated(cls, name) and inherited in (getattr(object, name), ours):
            setattr(cls, name, ours)
    if _generated(cls, "__init__"):
        # The class says what its fields are.
        del cls.__init__.__annotations__
    return cls


def _generated(cls: type, method: str) -> bool:
    found = vars(cls).get(method)
    return isinstance(found, FunctionType) and unwrap(found).__code__.co_filename == "<string>"


@recursive_repr()
def _told(self: Any) -> str:  # noqa: ANN401 - a method of every class
    shown = (f"{one.name}={getattr(self, one.name)!r}" for one in fields(self) if one.repr)
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _equal(self: Any, other: Any) -> bool:  # noqa: ANN401 - a method of every class
    if other.__class__ is not self.__class__:
        return NotImplemented  # type: ignore[no-any-return]  # mypy knows it in `__eq__` alone
    compared = _compared(self.__class__)
    return bool(compared(self) == compared(other))


def _hashed(self: Any) -> int:  # noqa: ANN401 - a method of every class
    return hash(_hashable(self.__class__)(self))


@cache
def _compared(cls: Any) -> Callable[[object], object]:  # noqa: ANN401 - any dataclass
    return _reading([one.name for one in fields(cls) if one.compare])


@cache
def _hashable(cls: Any) -> Callable[[object], object]:  # noqa: ANN401 - any dataclass
    return _reading(
        [one.name for one in fields(cls) if (one.compare if one.hash is None else one.hash)]
    )


def _reading(names: list[str]) -> Callable[[object], object]:
    return attrgetter(*names) if names else lambda _one: ()


def _keep(self: object, name: str, value: object) -> None:
    if _is_fixed(self, name):
        raise FrozenInstanceError(f"cannot assign to field {name!r}")
    object.__setattr__(self, name, value)


def _keep_all(self: object, name: str) -> None:
    if _is_fixed(self, name):
        raise FrozenInstanceError(f"cannot delete field {name!r}")
    object.__delattr__(self, name)


def _is_fixed(one: Any, name: str) -> bool:  # noqa: ANN401 - of every class
    """Tell whether a name may not change: any of a dataclass, and the fields in a class below."""
    cls = type(one)
    return "__dataclass_fields__" in vars(cls) or name in cls.__dataclass_fields__


_METHODS = {"__repr__": _told, "__eq__": _equal, "__hash__": _hashed}
_CHANGES = {"__setattr__": _keep, "__delattr__": _keep_all}
