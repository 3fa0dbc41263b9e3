"""Why a stream ends, or cannot begin."""

from dataclasses import dataclass
from typing import ClassVar

from service.errors import Refusal


@dataclass(eq=False, kw_only=True)
class ResyncRequired(Refusal):
    """What happened since the cursor cannot be told: too old, or under other rights or data."""

    code: ClassVar[str] = "RESYNC_REQUIRED"


@dataclass(eq=False, kw_only=True)
class SlowConsumer(Refusal):
    """The reader is too many events behind."""

    code: ClassVar[str] = "SLOW_CONSUMER"

    at_most: int


@dataclass(eq=False, kw_only=True)
class TooManyStreams(Refusal):
    """The member has as many streams open as one may have."""

    code: ClassVar[str] = "TOO_MANY_STREAMS"

    at_most: int
