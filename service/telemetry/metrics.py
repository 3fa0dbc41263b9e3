"""Numbers of this process, kept as cheaply as a dictionary does; written out when asked for.

A metric of the Prometheus library costs two to four microseconds an observation and its memory from
the start; these cost a tenth, and the library is imported where metrics are served (`exposition`).
Labels must be few: whatever clients may choose freely goes through `Named`.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from typing import Final

Labels = tuple[str, ...]

# Every metric of this process, in the order in which its module was loaded.
ALL: Final[list["Counter | Gauge | Histogram"]] = []
# In seconds: a planned read is below three milliseconds, a client loses patience after a second.
SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Counter:
    """Something that only grows."""

    def __init__(self, name: str, help_text: str, labels: Labels = ()) -> None:
        self.name, self.help_text, self.labels = name, help_text, labels
        self.values: dict[Labels, float] = {}
        ALL.append(self)

    def add(self, *labels: str, amount: float = 1) -> None:
        """Count once more, or by an amount."""
        self.values[labels] = self.values.get(labels, 0) + amount


class Gauge:
    """Something that is read off when asked for, or was last set."""

    def __init__(self, name: str, help_text: str, labels: Labels = ()) -> None:
        self.name, self.help_text, self.labels = name, help_text, labels
        self._set: dict[Labels, float] = {}
        self._read: dict[Labels, Callable[[], float]] = {}
        ALL.append(self)

    @property
    def values(self) -> Mapping[Labels, float]:
        """What it stands at now."""
        return self._set | {labels: read() for labels, read in self._read.items()}

    def set(self, value: float, *labels: str) -> None:
        """Let it stand at a value."""
        self._set[labels] = value

    def add(self, *labels: str, amount: float = 1) -> None:
        """Raise it, or lower it by a negative amount."""
        self._set[labels] = self._set.get(labels, 0) + amount

    def read_by(self, read: Callable[[], float], *labels: str) -> None:
        """Read it off from something that stands beside."""
        self._read[labels] = read


class Histogram:
    """How long something took, in seconds."""

    def __init__(
        self, name: str, help_text: str, labels: Labels = (), bounds: tuple[float, ...] = SECONDS
    ) -> None:
        self.name, self.help_text, self.labels, self.bounds = name, help_text, labels, bounds
        self._kept: dict[Labels, tuple[list[int], list[float]]] = {}
        ALL.append(self)

    def observe(self, seconds: float, *labels: str) -> None:
        """Take note of one."""
        kept = self._kept.get(labels)
        if kept is None:
            kept = self._kept[labels] = ([0] * (len(self.bounds) + 1), [0.0])
        kept[0][bisect_left(self.bounds, seconds)] += 1
        kept[1][0] += seconds

    def kept(self) -> Iterator[tuple[Labels, list[tuple[str, int]], float]]:
        """Return labels, running totals up to each bound, and the sum of each series."""
        for labels, (counts, total) in self._kept.items():
            running, steps = 0, list[tuple[str, int]]()
            for bound, count in zip((*map(str, self.bounds), "+Inf"), counts, strict=True):
                running += count
                steps.append((bound, running))
            yield labels, steps, total[0]


class Named:
    """The first so many of names that clients choose; all others are one."""

    OTHER: Final = "other"

    def __init__(self, most: int) -> None:
        self._most = most
        self._names: set[str] = set()

    def of(self, name: str | None) -> str:
        """Return the name to count by."""
        if name is None:
            return ""
        if name in self._names:
            return name
        if len(self._names) >= self._most or len(name) > 80:  # noqa: PLR2004 - longer than any sensible name
            return self.OTHER
        self._names.add(name)
        return name
