"""Bounded memory: what was used last is kept, the rest is made again, and what is alike is one."""

from collections import OrderedDict
from collections.abc import Hashable
from functools import lru_cache
from typing import Any, Generic, TypeVar, cast

_K = TypeVar("_K")
_V = TypeVar("_V")
_H = TypeVar("_H", bound=Hashable)
_MOST_ALIKE = 4_096


@lru_cache(_MOST_ALIKE)
def _one(_kind: type, value: Hashable) -> Hashable:
    return value


def shared(value: _H) -> _H:
    """Return the same value as another plan has it: of a thousand documents most are alike.

    What is within it has to be of the same types wherever it equals another, as 1 equals true.
    """
    return cast("_H", _one(type(value), value))


class Weighed(Generic[_K, _V]):
    """The values used last, at most so many and together of at most so many bytes."""

    def __init__(self, most: int, heaviest: int) -> None:
        self._most = most
        self._heaviest = heaviest
        self._values: OrderedDict[_K, list[Any]] = OrderedDict()
        self.weight = 0

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: _K) -> _V | None:
        """Return a value that is still kept."""
        known = self._values.get(key)
        if known is None:
            return None
        self._values.move_to_end(key)
        found: _V = known[0]
        return found

    def put(self, key: _K, value: _V, weight: int) -> _V:
        """Keep a value of so many bytes."""
        self._values[key] = [value, 0]
        self.grow(key, weight)
        if len(self._values) > self._most:
            self._drop()
        return value

    def grow(self, key: _K, by: int) -> None:
        """Take note that a value has become heavier; those that were used long ago make room."""
        known = self._values.get(key)
        if known is None:
            return
        self._values.move_to_end(key)
        known[1] += by
        self.weight += by
        while self.weight > self._heaviest and len(self._values) > 1:
            self._drop()

    def _drop(self) -> None:
        _, (_, weight) = self._values.popitem(last=False)
        self.weight -= weight


class Few(Generic[_K, _V]):
    """The values used last, of which there is hardly ever more than one: each plan has such."""

    __slots__ = ("_most", "_values")

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: dict[_K, _V] | None = None

    def __len__(self) -> int:
        return len(self._values or ())

    def get(self, key: _K) -> _V | None:
        """Return a value that is still kept."""
        values = self._values
        if not values or key not in values:
            return None
        if len(values) > 1:
            values[key] = values.pop(key)
        return values[key]

    def put(self, key: _K, value: _V) -> _V:
        """Keep a value, and drop the one that was not used for longest."""
        if self._values is None:
            self._values = {}
        self._values.pop(key, None)
        self._values[key] = value
        if len(self._values) > self._most:
            del self._values[next(iter(self._values))]
        return value


class Kept(Generic[_K, _V]):
    """The values used last, at most so many."""

    __slots__ = ("_most", "_values")

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[_K, _V] = OrderedDict()

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: _K) -> _V | None:
        """Return a value that is still kept."""
        known = self._values.get(key)
        if known is not None:
            self._values.move_to_end(key)
        return known

    def put(self, key: _K, value: _V) -> _V:
        """Keep a value, and drop the one that was not used for longest."""
        self._values[key] = value
        self._values.move_to_end(key)
        if len(self._values) > self._most:
            self._values.popitem(last=False)
        return value
