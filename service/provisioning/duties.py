"""The shipped duty sheets: what each duty says, permits, measures and makes somebody owe.

`policies/access/common.yaml` has the duties of every industry, `policies/access/<industry>.yaml`
those of one. Together they are a catalogue of which a template's roles name the codes.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from service.errors import Refusal
from service.policies.access import ACTIONS, EVERYONE, NO_LIMIT, PolicyRow, check_row
from service.provisioning.sheets import Sheet, Words
from service.targets.tables import CountingEvent, MetricDirection

COMMON = "common"
UNITS = ("COUNT", "MONEY", "RATIO")
OBLIGATION_KINDS = (
    "same_day_entry",
    "first_follow_up",
    "inspection",
    "recurring_report",
    "bulletin",
    "response",
)
CLOCKS = ("within_days", "within_minutes", "end_of_day", "weekday", "day_of_month")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
EVIDENCE = (
    "registration_recorded",
    "follow_up_recorded",
    "register_viewed",
    "task_completed",
)
EVENTS = ("ReceptionAssigned", "CustomerRegistered", "TaskAssigned", "DealRecorded")

_CODE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_METRIC = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Permission:
    """One row a duty gives: who holds it may (or may not) do the action within the scope."""

    object: str
    action: str
    scope: str
    limit: str | None = None
    effect: str = "allow"

    @property
    def named(self) -> str:
        """Return the action as the access vocabulary writes it: `object.action`."""
        return f"{self.object}.{self.action}"

    def row(self, duty: str | None = None) -> PolicyRow:
        """Return it as a row of the access policy, of one duty or (four eyes) of every duty."""
        holder = EVERYONE if duty is None else f"d:{duty}"
        limit = NO_LIMIT if self.limit is None else self.limit
        return PolicyRow(holder, self.object, self.action, self.scope, limit, self.effect)


@dataclass(frozen=True, slots=True)
class Clock:
    """When an obligation is due; exactly one way of counting is set.

    `within_days` and `within_minutes` count from the event `after` (TM-2, TM-4); `end_of_day` is
    24:00 of its day (TM-5); `weekday` (monday is 0) and `day_of_month` recur. With `parameter`,
    the rulebook in force sets the number and the one here is only what ships.
    """

    within_days: int | None = None
    within_minutes: int | None = None
    end_of_day: bool = False
    weekday: int | None = None
    day_of_month: int | None = None
    after: str | None = None
    parameter: str | None = None


@dataclass(frozen=True, slots=True)
class Obligation:
    """What a duty makes its holder owe, by when, and which record shows that it was done."""

    kind: str
    clock: Clock
    evidence: str


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure a duty answers for, and a target may be set on.

    Attributes:
        event: what makes an amount count.
        direction: whether more of it is better, or less.
        new_only: only a customer's first order counts.
    """

    code: str
    unit: str
    names: Words
    event: str = CountingEvent.OTHER.value
    direction: str = MetricDirection.HIGHER.value
    new_only: bool = False


@dataclass(frozen=True, slots=True)
class Duty:
    """One line of a duty sheet; `sources` are the lines of the job descriptions it covers."""

    code: str
    wording: Words
    sources: tuple[str, ...]
    permissions: tuple[Permission, ...] = ()
    metric: str | None = None
    obligation: Obligation | None = None


@dataclass(frozen=True, slots=True)
class Separation:
    """Two duties no role may hold together, and the reason shown to the admin who tries."""

    first: str
    second: str
    reason: Words


@dataclass(frozen=True, slots=True)
class DutyCatalogue:
    """The duties of one industry with its metrics, separations and four-eyes rows.

    A four-eyes row is a denial for every duty: nobody acts on what he himself requested.
    """

    duties: Mapping[str, Duty]
    metrics: Mapping[str, Metric]
    separations: tuple[Separation, ...]
    four_eyes: tuple[Permission, ...]


def load_duties(folder: Path, industry: str) -> DutyCatalogue:
    """Read the common duties and those of an industry as one catalogue.

    Raises:
        TemplateBroken: a file is missing, a key unknown, a text untranslated, an action, scope,
            metric or duty not known, or a code defined in both files.
    """
    duties: dict[str, Duty] = {}
    metrics: dict[str, Metric] = {}
    separations: list[Separation] = []
    four_eyes: list[Permission] = []
    for name in (COMMON, industry):
        sheet = Sheet.read(folder, f"{name}.yaml")
        sheet.has_keys(("duties",), ("metrics", "separations", "four_eyes"))
        if sheet.has("metrics"):
            _add_metrics(metrics, sheet)
        _add_duties(duties, metrics, sheet)
        separations += [_separation(below, duties) for below in sheet.listed("separations")]
        four_eyes += [_four_eyes(below) for below in sheet.listed("four_eyes")]
    return DutyCatalogue(duties, metrics, tuple(separations), tuple(four_eyes))


def is_code(text: str) -> bool:
    """Say whether a text is a code as roles, duties and sites carry them: lower words, hyphens."""
    return _CODE.fullmatch(text) is not None


def read_code(sheet: Sheet, taken: Collection[str]) -> str:
    """Return the code of an entry of a list; one that is already taken is refused."""
    code = sheet.text("code")
    if not is_code(code):
        raise sheet.broken("code", f"{code!r} is no code: lower words with hyphens")
    if code in taken:
        raise sheet.broken("code", f"{code!r} is written twice")
    return code


def _add_metrics(metrics: dict[str, Metric], sheet: Sheet) -> None:
    for code, below in sheet.named("metrics"):
        if not _METRIC.fullmatch(code):
            raise sheet.broken(f"metrics.{code}", "a metric is written in UPPER_WORDS")
        if code in metrics:
            raise sheet.broken(f"metrics.{code}", "is also a metric of the common duties")
        below.has_keys(("unit", "names"), ("event", "direction", "new_only"))
        metrics[code] = Metric(
            code,
            below.word("unit", UNITS),
            below.words("names"),
            _word(below, "event", CountingEvent.OTHER),
            _word(below, "direction", MetricDirection.HIGHER),
            below.flag("new_only") if below.has("new_only") else False,
        )


def _word(sheet: Sheet, name: str, usual: StrEnum) -> str:
    return sheet.word(name, tuple(type(usual))) if sheet.has(name) else usual.value


def _add_duties(duties: dict[str, Duty], metrics: Mapping[str, Metric], sheet: Sheet) -> None:
    for code, below in sheet.named("duties"):
        if not is_code(code):
            raise sheet.broken(f"duties.{code}", "a duty is written in lower words with hyphens")
        if code in duties:
            raise sheet.broken(f"duties.{code}", "is also one of the common duties")
        duties[code] = _duty(code, below, metrics)


def _duty(code: str, sheet: Sheet, metrics: Mapping[str, Metric]) -> Duty:
    sheet.has_keys(("wording", "sources"), ("permissions", "metric", "obligation"))
    permissions = tuple(_permission(below, code) for below in sheet.listed("permissions"))
    rows = [(row.named, row.effect) for row in permissions]
    for row in rows:
        # Scopes are cumulative: a second row of the same action could only confuse.
        if rows.count(row) > 1:
            raise sheet.broken("permissions", f"{row[0]} is given twice")
    metric = sheet.word("metric", metrics) if sheet.has("metric") else None
    obligation = _obligation(sheet.sheet("obligation")) if sheet.has("obligation") else None
    wording = sheet.words("wording")
    return Duty(code, wording, sheet.texts("sources"), permissions, metric, obligation)


def _permission(sheet: Sheet, duty: str) -> Permission:
    sheet.has_keys(("object", "action", "scope"), ("limit", "effect"))
    permission = Permission(
        object=sheet.text("object"),
        action=_known_action(sheet),
        scope=sheet.text("scope"),
        limit=sheet.text("limit") if sheet.has("limit") else None,
        effect=sheet.text("effect") if sheet.has("effect") else "allow",
    )
    for problem in check_row(permission.row(duty)):
        raise sheet.broken(".".join(problem.field), _said(problem))
    return permission


def _known_action(sheet: Sheet) -> str:
    named = f"{sheet.text('object')}.{sheet.text('action')}"
    if named not in ACTIONS:
        raise sheet.broken("action", f"{named} is not in the access vocabulary")
    return sheet.text("action")


def _said(problem: Refusal) -> str:
    value = getattr(problem, "value", None)
    return problem.code if value is None else f"{problem.code}: {value!r}"


def _obligation(sheet: Sheet) -> Obligation:
    sheet.has_keys(("kind", "clock", "evidence"))
    return Obligation(
        kind=sheet.word("kind", OBLIGATION_KINDS),
        clock=_clock(sheet.sheet("clock")),
        evidence=sheet.word("evidence", EVIDENCE),
    )


def _clock(sheet: Sheet) -> Clock:
    sheet.has_keys((), (*CLOCKS, "after", "parameter"))
    ways = [way for way in CLOCKS if sheet.has(way)]
    if len(ways) != 1:
        raise sheet.broken("", f"exactly one of {', '.join(CLOCKS)} is expected")
    counts_from_event = ways[0] in ("within_days", "within_minutes", "end_of_day")
    if counts_from_event != sheet.has("after"):
        raise sheet.broken("after", "belongs to a clock that starts with an event, and only there")
    return Clock(
        within_days=sheet.number("within_days", 1, 366) if ways == ["within_days"] else None,
        within_minutes=sheet.number("within_minutes", 1, 1440)
        if ways == ["within_minutes"]
        else None,
        end_of_day=sheet.flag("end_of_day"),
        weekday=WEEKDAYS.index(sheet.word("weekday", WEEKDAYS)) if ways == ["weekday"] else None,
        # Day 29 and later does not exist in every month.
        day_of_month=sheet.number("day_of_month", 1, 28) if ways == ["day_of_month"] else None,
        after=sheet.word("after", EVENTS) if sheet.has("after") else None,
        parameter=sheet.text("parameter") if sheet.has("parameter") else None,
    )


def _separation(sheet: Sheet, duties: Mapping[str, Duty]) -> Separation:
    sheet.has_keys(("duties", "reason"))
    pair = sheet.texts("duties")
    if len(pair) != 2:  # noqa: PLR2004 - a pair
        raise sheet.broken("duties", "two duties are expected")
    for code in pair:
        if code not in duties:
            raise sheet.broken("duties", f"{code!r} is no duty")
    return Separation(pair[0], pair[1], sheet.words("reason"))


def _four_eyes(sheet: Sheet) -> Permission:
    sheet.has_keys(("object", "action"))
    return Permission(sheet.text("object"), _known_action(sheet), "requested", None, "deny")
