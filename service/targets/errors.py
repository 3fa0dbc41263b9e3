"""What plans and the arithmetic of targets say no with, and what their constraints mean."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from service.database.constraints import answers, lost_race
from service.database.target_guards import AMOUNT_STAYS, SUMS_HOLD
from service.errors import LOCALES, AlreadyTaken, FieldPath, Refusal


@dataclass(eq=False, kw_only=True)
class LimitsNotReachable(Refusal):
    """Pins, floors and caps leave no way to reach the total; it is never cut silently (4.2)."""

    code: ClassVar[str] = "LIMITS_NOT_REACHABLE"

    total: int
    least: int
    most: int | None
    of: "Named | None" = None

    def values(self) -> dict[str, str]:
        """Return the total, from where to where the children reach, and of which target."""
        reach = {"total": str(self.total), "least": str(self.least)}
        if self.most is not None:
            reach["most"] = str(self.most)
        if self.of is not None:
            reach |= {
                "target_id": f"target_node_{self.of.node_id}",
                "target": self.of.told(LOCALES[0]),
            }
        return reach

    def worded(self, locale: str) -> dict[str, str]:
        """Return how far they reach, as people write it, and of what."""
        of = "" if self.of is None else f" ({self.of.told(locale)})"
        return {"most": "∞"} | self.values() | {"of": of}


@dataclass(frozen=True, slots=True)
class Named:
    """A target as a sentence names it.

    Attributes:
        names: whose it is, by language; under another key where it is the same in all.
        days: its first day and its last.
    """

    node_id: UUID
    names: Mapping[str, str]
    days: tuple[date, date]

    def told(self, locale: str) -> str:
        """Return whose it is, and its days."""
        name = self.names.get(locale) or next(iter(self.names.values()), "–")
        return f"{name} {self.days[0]} – {self.days[1]}"


@dataclass(eq=False, kw_only=True)
class NoPeriodsToCarry(Refusal):
    """A shortfall is carried by open periods right below the target, and there are none (Q31b)."""

    code: ClassVar[str] = "NO_PERIODS_TO_CARRY"


@dataclass(eq=False, kw_only=True)
class ShortfallNotCarried(Refusal):
    """What is missing of closed periods does not fit into the open ones (Q31b).

    Attributes:
        closed, credited: what the periods that are over had to make, less what was carried over
            before, and what was reached.
        due: what the open ones would have to make with it.
        open_periods: how many there are.
        least, most: from where to where they reach; None is unlimited.
        before: the first day of the revision.
    """

    code: ClassVar[str] = "SHORTFALL_NOT_CARRIED"

    closed: int
    credited: int
    due: int
    open_periods: int
    least: int
    most: int | None
    before: str

    def values(self) -> dict[str, str]:
        """Return all figures; what is unlimited is left out."""
        told = {
            name: str(getattr(self, name))
            for name in ("before", "closed", "credited", "due", "open_periods", "least")
        }
        return told if self.most is None else {**told, "most": str(self.most)}

    def worded(self, _locale: str) -> dict[str, str]:
        """Return how far they reach, as people write it."""
        return {"most": "∞"} | self.values()


@dataclass(eq=False, kw_only=True)
class TargetPlanNotOpen(Refusal):
    """A plan that is approved, published or closed is not set any more; it is adjusted (I3)."""

    code: ClassVar[str] = "TARGET_PLAN_NOT_OPEN"
    coded: ClassVar[Mapping[str, str]] = {"state": "TARGET_PLAN"}

    state: str


@dataclass(eq=False, kw_only=True)
class TargetNotNegotiated(Refusal):
    """Targets are proposed in feedback, and judged from their distribution to the approval."""

    code: ClassVar[str] = "TARGET_NOT_NEGOTIATED"
    coded: ClassVar[Mapping[str, str]] = {"state": "TARGET_PLAN"}

    state: str


@dataclass(eq=False, kw_only=True)
class TargetPlanNotInForce(Refusal):
    """Targets of a published plan alone are adjusted and acknowledged."""

    code: ClassVar[str] = "TARGET_PLAN_NOT_IN_FORCE"
    coded: ClassVar[Mapping[str, str]] = {"state": "TARGET_PLAN"}

    state: str


@dataclass(eq=False, kw_only=True)
class TargetPlanSuperseded(Refusal):
    """Another plan has taken the place of the one that is to be changed: nothing of it counts.

    Attributes:
        by: the other plan's code.
    """

    code: ClassVar[str] = "TARGET_PLAN_SUPERSEDED"

    by: str


@dataclass(eq=False, kw_only=True)
class TargetPlanStateWrong(Refusal):
    """No way leads from the state the plan is in to the one that is wanted."""

    code: ClassVar[str] = "TARGET_PLAN_STATE_WRONG"
    coded: ClassVar[Mapping[str, str]] = {"state": "TARGET_PLAN", "wanted": "TARGET_PLAN"}

    state: str
    wanted: str


@dataclass(frozen=True, slots=True)
class OpenSum:
    """A target whose parts are not what it has to give out.

    Attributes:
        names: whose it is, by language; under another key where it is the same in all. Empty where
            the database told of it, which knows the id.
        found, wanted: what its parts have, and what it has to give out, in whole units.
    """

    node_id: UUID
    names: Mapping[str, str]
    found: int
    wanted: int

    def told(self, locale: str) -> str:
        """Return it as a sentence names it."""
        own = f"target_node_{self.node_id}"
        name = self.names.get(locale) or next(iter(self.names.values()), own)
        return f"{name} {self.wanted} ≠ {self.found}"


@dataclass(eq=False, kw_only=True)
class SumsDoNotHold(Refusal):
    """The parts of targets are not what these have to give out (I1, I2).

    Attributes:
        nodes: how many targets it is.
        targets: the first of them, where they are known.
    """

    code: ClassVar[str] = "SUMS_DO_NOT_HOLD"

    nodes: int
    targets: Sequence[OpenSum] = ()

    def values(self) -> dict[str, str]:
        """Return how many there are, and the first of them by id and name."""
        if not self.targets:
            return {"nodes": str(self.nodes)}
        ids = ", ".join(f"target_node_{one.node_id}" for one in self.targets)
        return {**self.worded(LOCALES[0]), "target_ids": ids}

    def worded(self, locale: str) -> dict[str, str]:
        """Return the same by name, each with what its parts are to have and what they have."""
        told = [one.told(locale) for one in self.targets] or ["–"]
        cut = ["…"] if 0 < len(self.targets) < self.nodes else []
        between = ", " if locale == LOCALES[0] else "、"
        return {"nodes": str(self.nodes), "targets": between.join([*told, *cut])}


@dataclass(eq=False, kw_only=True)
class TargetPlansAddUp(Refusal):
    """A warning: boards add the targets of two plans, for the same holder and the same days.

    Attributes:
        plan, other: the plans' codes.
        metric: its code.
        nodes: how many targets of the first plan it is.
    """

    code: ClassVar[str] = "TARGET_PLANS_ADD_UP"

    plan: str
    other: str
    metric: str
    first: str
    last: str
    nodes: int


@dataclass(eq=False, kw_only=True)
class TargetPlanLeavesOut(Refusal):
    """A warning: a plan that takes the place of another has no target for some of its days.

    Attributes:
        plan, other: the plans' codes; the other is the one whose place it takes.
        metric: its code.
        first, last: the days for which the other alone has targets.
    """

    code: ClassVar[str] = "TARGET_PLAN_LEAVES_OUT"

    plan: str
    other: str
    metric: str
    first: str
    last: str


@dataclass(eq=False, kw_only=True)
class TargetsReturned(Refusal):
    """A plan is not approved while a target in it is sent back."""

    code: ClassVar[str] = "TARGETS_RETURNED"

    nodes: int


@dataclass(eq=False, kw_only=True)
class LeaveTooShort(Refusal):
    """A leave below the threshold relieves nobody (targets page 4.4)."""

    code: ClassVar[str] = "LEAVE_TOO_SHORT"

    days: int
    threshold: int


@dataclass(eq=False, kw_only=True)
class LeaveRelieved(Refusal):
    """For a day of the leave the target is relieved already: once is enough (targets page 4.4)."""

    code: ClassVar[str] = "LEAVE_RELIEVED"
    field: FieldPath = ("input", "awayFrom")

    first: str
    last: str


@dataclass(eq=False, kw_only=True)
class _Short(Refusal):
    """A target has less than would be taken off it.

    Attributes:
        of: the target, or the period of it.
        figure: what it has on the day, in whole units of the metric.
    """

    of: Named
    figure: int

    def values(self) -> dict[str, str]:
        """Return which target it is, and the figures."""
        named = {
            "target_id": f"target_node_{self.of.node_id}",
            "target": self.of.told(LOCALES[0]),
        }
        return named | {name: text for name, text in super().values().items() if name != "of"}

    def worded(self, locale: str) -> dict[str, str]:
        """Return the same in a language."""
        return self.values() | {"of": self.of.told(locale)}


@dataclass(eq=False, kw_only=True)
class TargetBelowZero(_Short):
    """More would be taken off a target than it has.

    Attributes:
        left: what would be left.
    """

    code: ClassVar[str] = "TARGET_BELOW_ZERO"

    left: int


@dataclass(eq=False, kw_only=True)
class PeerBelowZero(_Short):
    """Who is to hold a part of the difference has less than that: nothing is cut silently (4.2).

    Attributes:
        share: what it would give.
    """

    code: ClassVar[str] = "PEER_BELOW_ZERO"

    share: int


@dataclass(eq=False, kw_only=True)
class ReliefWithdrawn(Refusal):
    """The relief is withdrawn already: it is taken back once."""

    code: ClassVar[str] = "RELIEF_WITHDRAWN"


@dataclass(eq=False, kw_only=True)
class WithdrawnBeforeRelief(Refusal):
    """A relief would be taken back for days before its own first.

    Attributes:
        since: that day.
    """

    code: ClassVar[str] = "WITHDRAWN_BEFORE_RELIEF"

    since: str


@dataclass(eq=False, kw_only=True)
class RatioNotDivided(Refusal):
    """A ratio is no amount: each target has its own goal, which is set or adjusted."""

    code: ClassVar[str] = "RATIO_NOT_DIVIDED"


@dataclass(eq=False, kw_only=True)
class NothingToChange(Refusal):
    """The command would leave every target as it is."""

    code: ClassVar[str] = "NOTHING_TO_CHANGE"


@dataclass(eq=False, kw_only=True)
class TargetNodeExists(Refusal):
    """The plan has this target already: same parent, metric, holder, days, kind and level."""

    code: ClassVar[str] = "TARGET_NODE_EXISTS"


@dataclass(eq=False, kw_only=True)
class ChangeInThePast(Refusal):
    """A change begins today or later, and before the target's days are over (I5)."""

    code: ClassVar[str] = "CHANGE_IN_THE_PAST"


def _named(told: str) -> SumsDoNotHold:
    """Name the first target of those that the database found, by its id alone."""
    node_id, found, wanted = told.split()
    return SumsDoNotHold(nodes=1, targets=[OpenSum(UUID(node_id), {}, int(found), int(wanted))])


answers("metric_code_key", lambda value: AlreadyTaken(value=value, field=("input", "code")))
answers("target_plan_code_key", lambda value: AlreadyTaken(value=value, field=("input", "code")))
# Raised by the database's own look, should a command ever leave a sum open.
answers(SUMS_HOLD, _named)
answers(AMOUNT_STAYS, lambda _: TargetPlanNotOpen(state="PUBLISHED"))
# Two previews of one member at once: the loser runs again and meets the winner's rows.
lost_race("territory_move_target_once_key")
answers("target_node_axes_key", lambda _: TargetNodeExists(field=("input", "nodes")))
