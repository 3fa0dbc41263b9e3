"""When models of the territories are in force: one at a time, none in the past. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Span:
    """When an activation holds: half-open; `ends` is None while nothing follows."""

    activation_id: UUID
    model_id: UUID
    begins: datetime
    ends: datetime | None = None

    @property
    def is_empty(self) -> bool:
        """Whether it was taken back before it began."""
        return self.ends is not None and self.ends <= self.begins

    def holds_at(self, instant: datetime) -> bool:
        """Tell whether it is the one in force at an instant."""
        return self.begins <= instant and (self.ends is None or instant < self.ends)


@dataclass(frozen=True, slots=True)
class Splice:
    """What taking a place among the others comes to.

    Attributes:
        before: what holds until then, and is cut short.
        ends: when the next one takes over; None while nothing follows.
        taken: another begins at that very instant.
    """

    before: Span | None
    ends: datetime | None
    taken: bool


def spliced(others: Iterable[Span], begins: datetime) -> Splice:
    """Make room for an activation: what holds then is cut, what begins later stays."""
    live = [one for one in others if not one.is_empty]
    return Splice(
        before=next((one for one in live if one.holds_at(begins)), None),
        ends=min((one.begins for one in live if one.begins > begins), default=None),
        taken=any(one.begins == begins for one in live),
    )


def restored(others: Iterable[Span], removed: Span) -> Mapping[UUID, datetime | None]:
    """Return how the one before goes on when another is taken back before it begins."""
    return {
        one.activation_id: removed.ends
        for one in others
        if not one.is_empty and one.ends == removed.begins
    }


def gone_back_from(others: Iterable[Span], model_id: UUID, begins: datetime) -> UUID | None:
    """Return the model that one which was in force before takes over from; None for a new one."""
    earlier = [one for one in others if not one.is_empty and one.begins < begins]
    if all(one.model_id != model_id for one in earlier):
        return None
    return max(earlier, key=lambda one: one.begins).model_id


def in_force(spans: Iterable[Span], instant: datetime) -> Span | None:
    """Return the activation in force at an instant; None before the first."""
    return next((one for one in spans if not one.is_empty and one.holds_at(instant)), None)
