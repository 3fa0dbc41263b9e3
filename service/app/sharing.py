"""Methods that dataclasses write anew for each class, where one function can do for all.

A server that loads two thousand of them carries two thousand printers and twelve hundred refusals
to change what is frozen: a thirtieth of its memory for what differs in a list of names, which the
class keeps besides.
"""

from collections.abc import Callable, Iterator
from dataclasses import FrozenInstanceError, fields
from inspect import unwrap
from reprlib import recursive_repr
from types import FunctionType
from typing import Any


def share_methods() -> None:
    """Let the dataclasses loaded so far share what each of them had written for itself.

    They print, and refuse to be changed, as before. What a class wrote by hand is left alone.
    """
    for cls in _dataclasses():
        if _generated(cls, "__repr__"):
            cls.__repr__ = _told
        # Those that are frozen are keys: each has its own, which is quicker.
        if _generated(cls, "__eq__") and not cls.__dataclass_params__.frozen:
            cls.__eq__ = _equal
        # Another base may have its own idea of how an attribute is set.
        if _generated(cls, "__setattr__") and super(cls, cls).__setattr__ in _SETTERS:
            cls.__setattr__ = _keep
        if _generated(cls, "__delattr__") and super(cls, cls).__delattr__ in _DELETERS:
            cls.__delattr__ = _keep_all
        if _generated(cls, "__init__"):
            # The class says what its fields are.
            cls.__init__.__annotations__ = {}


@recursive_repr()
def _told(self: Any) -> str:  # noqa: ANN401 - a method of every class
    shown = (f"{one.name}={getattr(self, one.name)!r}" for one in fields(self) if one.repr)
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _equal(self: Any, other: Any) -> bool:  # noqa: ANN401 - a method of every class
    if type(other) is not type(self):
        return NotImplemented  # type: ignore[no-any-return]  # mypy knows it in `__eq__` alone
    names = [one.name for one in fields(self) if one.compare]
    return [getattr(self, name) for name in names] == [getattr(other, name) for name in names]


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


_SETTERS: tuple[Callable[..., None], ...] = (object.__setattr__, _keep)
_DELETERS: tuple[Callable[..., None], ...] = (object.__delattr__, _keep_all)


def _generated(cls: type, method: str) -> bool:
    found = vars(cls).get(method)
    return isinstance(found, FunctionType) and unwrap(found).__code__.co_filename == "<string>"


def _dataclasses() -> Iterator[Any]:
    waiting: list[type] = [object]
    seen: set[type] = set()
    while waiting:
        cls = waiting.pop()
        if cls in seen:
            continue
        seen.add(cls)
        waiting.extend(type.__subclasses__(cls))
        if "__dataclass_fields__" in vars(cls):
            yield cls
