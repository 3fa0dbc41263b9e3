"""What has one name and one value: thousands of fields say so little of themselves."""

from collections.abc import Iterator, Mapping
from typing import Any


class One(Mapping[str, Any]):
    """A mapping of one name, of a fifth of a dictionary's size."""

    __slots__ = ("_name", "_value")

    def __init__(self, name: str, value: Any) -> None:  # noqa: ANN401 - as a dictionary's
        self._name = name
        self._value = value

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - as a dictionary's
        if name == self._name:
            return self._value
        raise KeyError(name)

    def get(self, name: str, default: Any = None) -> Any:  # noqa: ANN401 - as a dictionary's
        """Return the value under its name, the default under any other."""
        return self._value if name == self._name else default

    def __iter__(self) -> Iterator[str]:
        yield self._name

    def __len__(self) -> int:
        return 1

    def copy(self) -> dict[str, Any]:
        """Return a dictionary of the same."""
        return dict(self)


class _Nothing(Mapping[str, Any]):
    """The one mapping of nothing."""

    __slots__ = ()

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - as a dictionary's
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def copy(self) -> dict[str, Any]:
        """Return a dictionary of nothing."""
        return {}


NOTHING: Any = _Nothing()


def as_small(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a mapping of the same, as small as it can be; nobody may change it."""
    small: Mapping[str, Any] = given
    if not given:
        small = NOTHING
    elif len(given) == 1 and not isinstance(given, One):
        ((name, value),) = given.items()
        small = One(name, value)
    return small
