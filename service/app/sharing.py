"""Methods that dataclasses write anew for each class, where one function can do for all.

A server that loads two thousand of them would carry two thousand printers, comparisons and refusals
to change what is frozen: a twelfth of its memory for what differs in a list of names, which the
class keeps besides.

What is frozen and has slots is also filled by them: to set each field as if anybody might have had
his own idea of how that is done takes twice as long, and a command makes a hundred such objects.
"""

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import MISSING, FrozenInstanceError, fields
from functools import cache
from inspect import unwrap
from operator import attrgetter
from reprlib import recursive_repr
from types import CellType, CodeType, FunctionType, MemberDescriptorType
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
        cls.__init__ = _filling(cls, cls.__init__)
        # The class says what its fields are.
        del cls.__init__.__annotations__
    return cls


def _filling(cls: Any, made: FunctionType) -> FunctionType:  # noqa: ANN401 - any dataclass
    """Return what initialises a frozen class by its slots; what it has, where it has no slots."""
    names = made.__code__.co_varnames[1:]
    slots = [getattr(cls, name, None) for name in names]
    plain = (
        cls.__dataclass_params__.frozen
        and not hasattr(cls, "__post_init__")
        and {one.name for one in fields(cls)} == set(names)
        and all(one.default_factory is MISSING for one in fields(cls))
        and all(isinstance(slot, MemberDescriptorType) for slot in slots)
    )
    if not plain:
        return made
    own = made.__code__
    code = _filler(len(names)).replace(
        co_argcount=own.co_argcount,
        co_kwonlyargcount=own.co_kwonlyargcount,
        co_varnames=own.co_varnames,
        co_qualname=own.co_qualname,
    )
    closure = tuple([CellType(slot.__set__) for slot in slots if slot is not None])
    filling = FunctionType(code, made.__globals__, "__init__", made.__defaults__, closure)
    filling.__kwdefaults__, filling.__qualname__ = made.__kwdefaults__, made.__qualname__
    return filling


@cache
def _filler(count: int) -> CodeType:
    """Write what fills so many slots; names of variables are put in for each class."""
    fills = [f"fill{place:03}" for place in range(count)]
    given = [f"given{place:03}" for place in range(count)]
    lines = [f"  {fill}(self, {value})" for fill, value in zip(fills, given, strict=True)]
    text = "\n".join(
        [
            f"def outer({', '.join(fills)}):",
            f" def __init__(self, {', '.join(given)}):",
            *(lines or ["  pass"]),
            " return __init__",
        ]
    )
    made: dict[str, Any] = {}
    exec(text, made)  # noqa: S102 - as the dataclasses themselves are written; nothing is put in
    code: CodeType = made["outer"](*fills).__code__
    return code


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
