"""Bounded memory: what was used last is kept, the rest is made again."""

from collections import OrderedDict
from typing import Any, Generic, TypeVar

_K = TypeVar("_K")
_V = TypeVar("_V")


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
