"""What one operation spent its time on, noted only where the operation is traced.

`step` costs a look at a context variable where nothing is traced, which is nearly always: most
operations are drawn out of the sample before anything of theirs is noted.
"""

import re
import time
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol

_TRACEPARENT: Final = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
_SAMPLED: Final = 1
_CHANCE_BEGINS: Final = 18
_WHOLE: Final = 1 << 56
_NANOSECONDS: Final = 1_000_000_000
# Whoever asks for a trace of everything he sends gets so many of them in a second, and no more.
_MOST_WANTED_A_SECOND: Final = 50
StepName = Literal["plan", "database", "policy"]


@dataclass(slots=True)
class Trace:
    """One operation that is traced.

    Attributes:
        trace_id: 32 hexadecimal digits; the request's id, too.
        parent: the caller's span, 16 hexadecimal digits; None where this is the first.
        began: nanoseconds since 1970.
        steps: name, beginning and end of what was done within.
    """

    trace_id: str
    parent: str | None
    began: int
    steps: list[tuple[str, int, int]] = field(default_factory=list)


class Sink(Protocol):
    """Takes finished traces."""

    def send(
        self, name: str, trace: Trace, attributes: dict[str, str | int | bool], *, failed: bool
    ) -> None:
        """Send one on its way; must not block."""


_current: ContextVar[Trace | None] = ContextVar("trace", default=None)


class Tracer:
    """Draws which operations are traced, and sends their traces on."""

    def __init__(self, sink: Sink | None = None, ratio: float = 0.0) -> None:
        """Take where traces go.

        Args:
            sink: None traces nothing.
            ratio: the share that is traced, besides those whose caller traces them.
        """
        self._sink = sink
        self._below = int(ratio * _WHOLE)
        self._second = 0
        self._left = 0

    def begin(self, trace_id: str, traceparent: str | None = None) -> Trace | None:
        """Begin the trace of what this task does, if it is to have one.

        Args:
            trace_id: 32 hexadecimal digits.
            traceparent: as the caller sent it (W3C Trace Context).
        """
        if self._sink is None:
            return None
        parent = _TRACEPARENT.fullmatch(traceparent) if traceparent else None
        wanted = parent is not None and bool(int(parent[3], 16) & _SAMPLED)
        began = time.time_ns()
        # The last 56 bits are chance in every kind of id, and the same for whoever else draws.
        drawn = int(trace_id[_CHANCE_BEGINS:], 16) < self._below
        if not drawn and not (wanted and self._has_one_left(began)):
            return None
        trace = Trace(trace_id, parent[2] if parent else None, began)
        _current.set(trace)
        return trace

    def end(
        self, trace: Trace, name: str, attributes: dict[str, str | int | bool], *, failed: bool
    ) -> None:
        """Send a trace on its way."""
        _current.set(None)
        if self._sink is not None:
            self._sink.send(name, trace, attributes, failed=failed)

    def _has_one_left(self, began: int) -> bool:
        second = began // _NANOSECONDS
        if second != self._second:
            self._second, self._left = second, _MOST_WANTED_A_SECOND
        self._left -= 1
        return self._left >= 0


class _Untraced:
    """A step of an operation that is not traced."""

    __slots__ = ()

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        return None


class _Step:
    """A step that is noted when it ends."""

    __slots__ = ("_began", "_name", "_trace")

    def __init__(self, trace: Trace, name: StepName) -> None:
        self._trace, self._name, self._began = trace, name, 0

    def __enter__(self) -> None:
        self._began = time.time_ns()

    def __exit__(self, *_: object) -> None:
        self._trace.steps.append((self._name, self._began, time.time_ns()))


_UNTRACED: Final = _Untraced()


def step(name: StepName) -> _Step | _Untraced:
    """Note what is done inside the block, where the operation is traced."""
    trace = _current.get()
    return _UNTRACED if trace is None else _Step(trace, name)
