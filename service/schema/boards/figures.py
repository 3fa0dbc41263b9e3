"""Where somebody stands against target, as one statement counts it (targets page 4.5).

Written in SQL, since a board is one statement; `tests/schema/test_boards.py` holds it against the
exact arithmetic of `service.targets.rules.pacing`.
"""

from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

import strawberry

from service.schema.boards.choosing import (
    WHOSE,
    counted_on,
    held_of,
    highest,
    of_everything,
    or_of_longer,
    set_for,
    summed_from_below,
    targets_in_sight,
)
from service.schema.boards.instants import end_of, looked_at, today, zone
from service.schema.planner.mapping import mapping_of
from service.schema.planner.statements import Statement
from service.schema.scalars import NO_ROW, BigInt, found_id
from service.schema.statistics.periods import Days, days_of
from service.schema.targets.previews import PaceColour
from service.targets import elapsed
from service.targets.figures import (
    AMBER,
    DAYS,
    EXACT,
    GREEN,
    MONTHS,
    behind,
    figure_on,
    in_force,
    pace_index,
)
from service.targets.overlapping import same_holder

ADDED_UP: Final = (
    "Plans which set `target` twice: each has a target of this very holder, metric and kind,"
    " for the same days, and they are added up. None, where nothing is."
)
LATE: Final = "app.metric_credit_late "
_SUMMED: Final = ("amount", "base", "entry_count")
SOMETHING: Final = "HAVING sum(r.entry_count) > 0"
"""After a GROUP BY over `r`, days of the ledger: not all of it came to be known later."""
# Shorter periods have few whole months.
_LONG: Final = timedelta(days=62)
_HUNDREDTHS: Final = "Rounded half up to two decimals."


@strawberry.type(description="Where somebody stands against target in a period.")
class Figures:
    target: BigInt | None = strawberry.field(
        description="What is in force on the last day looked at, in whole units; null where no"
        " published plan sets one for these days. Of several targets of a ratio their mean by days;"
        " what a longer one aims at holds for the days that have none of their own."
        " Who has a `COMMITMENT` is measured by it and not by a `STREET` target beside it."
    )
    credited: BigInt = strawberry.field(
        description="What counted so far: primary parts alone, a ratio in basis points."
    )
    credited_on_day: BigInt = strawberry.field(
        description="What counted on the last day looked at."
    )
    overlay: BigInt = strawberry.field(
        description="What stands beside the total: overlay parts, in no other figure."
    )
    attainment_basis_points: BigInt | None = strawberry.field(
        description="Credited by target, half up; of a metric where lower is better 20,000 less"
        " that. Null without a target or with one of 0."
    )
    expected: BigInt | None = strawberry.field(
        description="What should have counted by now, by the season of its plan or else by working"
        " days; of a ratio its target."
    )
    pace_basis_points: BigInt | None = strawberry.field(
        description="Credited by what is expected, half up; null where nothing is expected yet."
    )
    colour: PaceColour | None = strawberry.field(description="What the pace is shown as.")
    gap: BigInt | None = strawberry.field(
        description="What is missing, or too much where lower is better; 0 when nothing is; null"
        " without a target."
    )
    required_per_day: Decimal | None = strawberry.field(
        description=f"The gap by each working day that is left; null where none is. {_HUNDREDTHS}"
    )
    required_per_week: Decimal | None = strawberry.field(
        description="The gap by each week of the usual working days that is left; null where no"
        f" working day is. {_HUNDREDTHS}"
    )
    run_rate: Decimal | None = strawberry.field(
        description=f"Credited by each working day that is over. {_HUNDREDTHS}"
    )
    projection: Decimal | None = strawberry.field(
        description=f"What it comes to at the end if it goes on so. {_HUNDREDTHS}"
    )
    working_days: int = strawberry.field(description="Working days of the period.")
    elapsed_working_days: int = strawberry.field(description="Those that are over.")
    unassigned: BigInt = strawberry.field(
        description="What of the target nobody is assigned yet: its manager holds it. Of one that"
        " is broken down in its periods alone what these have over; of a period of one that is"
        " broken down as a whole, its part of that by the season, half up."
    )


@dataclass(frozen=True, slots=True)
class Aims:
    """Which targets a board looks at.

    Attributes:
        subject: SQL over `t`, a node, of whose it is on the board.
        condition: SQL over `t` for those of the board.
        place: SQL of the territory a node, `{0}`, is of.
        part: SQL over `t` and `u`, its parent: a part of one that counts already, where that is
            not the same holder's; then the highest of each plan alone count.
        rolled: whether who has none has what those below him have (`summed_from_below`).
    """

    subject: str
    condition: str
    place: str = "{0}.territory_id"
    part: str | None = None
    rolled: bool = False


@dataclass(frozen=True, slots=True)
class Board:
    """A board being written: parameters and texts that every part of it needs.

    Attributes:
        days: the period.
        metric: SQL of the metric's id.
        first, until: parameters of the period's first day, and of the first day after it.
        day: SQL of the last day looked at.
        over: SQL of the first day that is not over.
        long: whether whole months are read where they can be.
        dated: whether the last day looked at was asked for, which is over then.
        past: whether it is as it was at the end of a past day, without what came to be known
            after it.
    """

    statement: Statement
    days: Days
    metric: str
    first: str
    until: str
    day: str
    over: str
    long: bool
    dated: bool
    past: bool

    @classmethod
    def begun(
        cls, statement: Statement, given: MappingType[str, Any], metric: str | None = None
    ) -> "Board":
        """Place what a board is asked for.

        Args:
            statement: the statement.
            given: the arguments `metric_id`, `period`, `as_of_day`, the last day looked at, which
                is over then (left out is today, which is not), and `restated`.
            metric: SQL of the metric's id, where it is not one that was sent.
        """
        day, over = looked_at(statement, given["as_of_day"])
        days = days_of(given["period"])
        sent = None if metric else found_id(str(given["metric_id"]), "metric") or NO_ROW
        return cls(
            statement,
            days,
            metric or statement.place(sent, "uuid"),
            statement.place(days.first, "date"),
            statement.place(days.until, "date"),
            day,
            over,
            days.until - days.first > _LONG,
            bool(given["as_of_day"]),
            bool(given["as_of_day"]) and not given["restated"],
        )

    def known_at(self) -> str | None:
        """Write the instant by which all must have been known; None is now."""
        return self.at() if self.past else None

    def today(self) -> str:
        """Write the company's day of the reading."""
        return today(self.statement)

    def at(self) -> str:
        """Write the last instant looked at: the end of the day, or now where it is not over."""
        return end_of(self.statement, self.day)

    def begins(self) -> str:
        """Write the first instant of the period."""
        return f"({self.first}::timestamp AT TIME ZONE {zone(self.statement)})"

    def time(self) -> str:
        """Write the CTEs `kind`, the metric, and `span`, how much of the period is over."""
        metric = self.statement.rows_of(mapping_of("Metric"))
        span = elapsed.over(
            self.metric, self.first, self.until, self.over, known_at=self.known_at()
        )
        return f"kind AS (SELECT {KIND} {metric} AND t.id = {self.metric}), {span}"

    def targets(
        self,
        of: "Aims",
        *,
        first: str | None = None,
        until: str | None = None,
        name: str = "",
    ) -> str:
        """Write the CTEs `chosen`, the targets looked at, and `aim`, their sums for each subject.

        Of targets that are parts of one another within the period the uppermost alone counts.

        Args:
            of: those of the board, and whose each is.
            first: SQL of the first day, where it is not the period's.
            until: SQL of the first day after them.
            name: what the CTEs are called besides; with one there is no `held`.
        """
        same = of.part or (
            f"{of.place.format('u')} IS NOT DISTINCT FROM {of.place.format('t')}"
            " AND u.member_id IS NOT DISTINCT FROM t.member_id"
        )
        rows = self.uppermost(of.subject, of.condition, same, first=first, until=until)
        chosen = f"chosen{name} AS ({of_everything(highest(rows) if of.part else rows)})"
        aim = self.aim(name)
        if of.rolled:
            own, every = f"own_aim{name}", f"SELECT b.subject FROM own_aim{name} b"
            if not self.statement.everywhere(mapping_of("TargetNode")):
                days, plan = (first or self.first, until or self.until), in_force("p")
                every = set_for(of.subject, of.condition, days, self.metric, plan)
            aim = f"own_{aim}, aim{name} AS ({summed_from_below(own, every)})"
        return f"{chosen}, {aim}" if name else f"{chosen}, {self.held()}, {aim}"

    def aim(self, name: str = "") -> str:
        """Write the CTE `aim`: the sum of the targets chosen for each subject.

        Ratios do not add up: of several, as of the months of a quarter that has no target itself,
        it is their mean, each by its days; of the days that have none of their own it is that of
        the shortest target around them.
        """
        mean = f"round(sum(c.figure * c.days) * {EXACT} / sum(c.days))"
        return (
            f"aim{name} AS (SELECT c.subject, CASE WHEN (SELECT k.ratio FROM kind k) THEN {mean}"
            f" ELSE sum(c.figure) END AS figure FROM chosen{name} c GROUP BY 1)"
        )

    def uppermost(
        self,
        subject: str,
        condition: str,
        same: str,
        overlay: str = "<>",
        *,
        first: str | None = None,
        until: str | None = None,
    ) -> str:
        """Write the SELECT of targets within the days: `id`, `subject`, `figure`, `days`.

        What the level above counts on is what somebody is measured by, and not what was given out
        (Q09, Q35): a street target counts where its holder has no commitment in these days.

        Args:
            subject: SQL over `t`, a node, of whose it is.
            condition: SQL over `t` for those of the board.
            same: SQL over `t` and `u`, its parent: it is a part of one that counts already.
            overlay: how a target's kind compares with OVERLAY.
            first: SQL of the first day, where it is not the period's.
            until: SQL of the first day after them.
        """
        first, until = first or self.first, until or self.until
        rows = targets_in_sight(self.statement)
        figure = figure_on("t", f"least({self.day}, t.last_day)")
        columns = f"t.id, {subject} AS subject, {figure} AS figure, t.kind, {WHOSE}"

        inside, its = (f"{one}.first_day >= {first} AND {one}.last_day < {until}" for one in "tu")
        days, further, already = inside, "", its
        if overlay != "=":
            # Once for both, since to begin each of them takes a board longer than to read it.
            days = (
                f"({inside} OR (SELECT k.ratio FROM kind k) AND t.first_day <= {first}"
                f" AND t.last_day >= {until} - 1)"
            )
            further = f", NOT ({inside}) AS longer"
            already = (
                f"CASE WHEN {inside} THEN {its}"
                " ELSE u.first_day = t.first_day AND u.last_day = t.last_day END"
            )
        found = (
            f"SELECT {columns}, t.last_day - t.first_day + 1 AS days{further} {rows}"
            f" AND t.metric_id = {self.metric} AND t.level = 'TARGET'"
            f" AND t.kind {overlay} 'OVERLAY' AND NOT t.is_unassigned AND {days}"
            f" AND {condition} AND EXISTS (SELECT FROM app.target_plan p WHERE p.tenant_id = $1"
            f" AND p.id = t.plan_id AND {in_force('p', self.known_at())})"
            " AND NOT EXISTS (SELECT FROM app.target_node u WHERE u.tenant_id = $1"
            f" AND u.id = t.parent_id AND {same} AND {already})"
        )
        return counted_on(or_of_longer(found, f"{until} - {first}") if further else found)

    def beside(self, of: "Aims") -> str:
        """Write the CTEs `chosen_beside` and `aim_beside`: of targets beside the total."""
        same = of.part or (
            f"{of.place.format('u')} IS NOT DISTINCT FROM {of.place.format('t')}"
            " AND u.member_id IS NOT DISTINCT FROM t.member_id"
        )
        rows = self.uppermost(of.subject, of.condition, f"{same} AND u.kind = 'OVERLAY'", "=")
        return f"chosen_beside AS ({rows}), {self.aim('_beside')}"

    def held(self) -> str:
        """Write the CTE `held`: what of the chosen targets nobody is assigned yet."""
        return f"held AS ({held_of('chosen', self.day)})"

    def added_up(self) -> str:
        """Write the CTE `doubled`: plans whose targets of the very same holder are added up."""
        return (
            "doubled AS (SELECT s.subject, array_agg(p.id ORDER BY p.code) AS plans FROM"
            " (SELECT DISTINCT c.subject, t.plan_id FROM chosen c"
            " JOIN app.target_node t ON t.tenant_id = $1 AND t.id = c.id"
            " JOIN chosen d ON d.subject = c.subject AND c.figure <> 0 AND d.figure <> 0"
            " JOIN app.target_node u ON u.tenant_id = $1 AND u.id = d.id"
            f" AND {same_holder('t', 'u', self.at())}) s"
            " JOIN app.target_plan p ON p.tenant_id = $1 AND p.id = s.plan_id GROUP BY 1)"
        )

    def added_up_beside(self, asked: frozenset[str] | None) -> tuple[list[str], str, str]:
        """Write the same where it is asked for: CTEs, the column over `v`, the join to `s`."""
        if asked is not None and "addedUpPlans" not in asked:
            return [], "NULL::uuid[] AS added_up_plans", ""
        column = "coalesce(v.plans, ARRAY[]::uuid[]) AS added_up_plans"
        return [self.added_up()], column, " LEFT JOIN doubled v ON v.subject = s.id"

    def last_changes(self) -> str:
        """Write the CTE `changed`: the last change of each subject's targets by the day."""
        rows = self.statement.rows_of(mapping_of("TargetChange"))
        return (
            "changed AS (SELECT DISTINCT ON (c.subject) c.subject, l.id FROM chosen c"
            " JOIN LATERAL (SELECT t.id, t.recorded_at, t.effective_on"
            f" {rows} AND t.node_id = c.id AND t.effective_on <= {self.day}"
            " ORDER BY t.effective_on DESC, t.recorded_at DESC, t.id DESC LIMIT 1) l ON TRUE"
            " ORDER BY c.subject, l.effective_on DESC, l.recorded_at DESC, l.id DESC)"
        )

    def credits(
        self, columns: str, condition: str, first: str | None = None, *, months: bool = False
    ) -> str:
        """Write a SELECT of what counted, day by day, with the columns named.

        Args:
            columns: SQL over `t`, a day of the ledger.
            condition: SQL over `t` for those of the board.
            first: SQL of the day from which on to the last looked at, whatever the period.
            months: whether a whole month before the day's own may stand as its first day.
        """
        rows = self.statement.rows_of(mapping_of("MetricCreditDay"))
        until = f"({self.day} + 1)" if first else f"least({self.until}, {self.day} + 1)"
        first = first or self.first

        def read(table: str, since: str, before: str, sign: str = "") -> str:
            figures = ", ".join(f"{sign}t.{name} AS {name}" for name in _SUMMED)
            return (
                f"SELECT {columns}, t.kind, {figures}, t.credited_on"
                f" {rows.replace(DAYS, table)} AND t.metric_id = {self.metric}"
                f" AND t.credited_on >= {since} AND t.credited_on < {before} AND {condition}"
            )

        late = [f"{read(LATE, first, until, '-')} AND t.recorded_on > {self.day}"]
        late = late if self.past else []
        if not months:
            return " UNION ALL ".join((read(DAYS, first, until), *late))
        # Who may see a day may see the month that it is a part of: both have the same places.
        since = f"date_trunc('month', {first}::timestamp + interval '1 month - 1 day')::date"
        before = f"date_trunc('month', {until}::timestamp - interval '1 day')::date"
        parts = (
            read(DAYS, first, f"least({since}, {until})"),
            read(MONTHS, since, before),
            read(DAYS, f"greatest({since}, {before})", until),
            *late,
        )
        return " UNION ALL ".join(parts)

    def sums(self) -> str:
        """Write what is summed of such days: for a GROUP BY over `r`."""
        return summed("r", self.day)


def summed(row: str, day: str) -> str:
    """Write what is summed of days of the ledger: `amount`, `base`, `on_day` and `beside`.

    Args:
        row: the alias of a day of the ledger.
        day: SQL of the last day looked at.
    """
    primary = f"FILTER (WHERE {row}.kind = 'PRIMARY'"
    return (
        f"coalesce(sum({row}.amount) {primary}), 0) AS amount,"
        f" coalesce(sum({row}.base) {primary}), 0) AS base,"
        f" coalesce(sum({row}.amount) {primary} AND {row}.credited_on = {day}), 0) AS on_day,"
        f" coalesce(sum({row}.amount) FILTER (WHERE {row}.kind = 'OVERLAY'), 0) AS beside"
    )


KIND: Final = "t.unit = 'RATIO' AS ratio, t.direction = 'LOWER' AS lower"
"""The columns of `kind`, over `t`, a metric."""
_CREDITED: Final = (
    f"CASE WHEN kind.ratio THEN coalesce(round(c.amount * 10000 * {EXACT} / nullif(c.base, 0)), 0)"
    " ELSE coalesce(c.amount, 0) END"
)
# Where lower is better, missing is what is too much; where nothing is asked, nothing is missing.
_GAP: Final = (
    "CASE WHEN f.target IS NOT NULL THEN"
    " greatest(CASE WHEN kind.lower THEN f.credited - f.target ELSE f.target - f.credited END, 0)"
    " END"
)
# Over `f`, the sums of one, `kind` and `span`. What is credited is `number` by `per`, so that what
# a ratio is divided by is never a quotient that was rounded for display.
_PACE: Final = ("f.number", "f.per", "f.due", "span.share_whole")
FIGURES: Final = f"""
f.target::bigint AS target, f.credited::bigint AS credited,
f.on_day::bigint AS credited_on_day, f.beside::bigint AS overlay,
CASE WHEN kind.lower
    THEN round(20000 - f.number * 10000 * {EXACT} / nullif(f.per * f.target, 0))
    ELSE round(f.number * 10000 * {EXACT} / nullif(f.per * f.target, 0)) END::bigint
    AS attainment_basis_points,
round(f.due * {EXACT} / nullif(span.share_whole, 0))::bigint AS expected,
{pace_index(*_PACE)} AS pace_basis_points,
CASE WHEN kind.lower OR f.per = 0 OR coalesce(f.due, 0) <= 0 THEN NULL
    WHEN NOT {behind(*_PACE, below=GREEN)} THEN 'GREEN'
    WHEN NOT {behind(*_PACE, below=AMBER)} THEN 'AMBER' ELSE 'RED' END
    AS colour,
{_GAP}::bigint AS gap,
CASE WHEN NOT kind.ratio AND NOT kind.lower
    THEN round({_GAP} * {EXACT} / nullif(span.whole - span.elapsed, 0), 2) END
    AS required_per_day,
CASE WHEN NOT kind.ratio AND NOT kind.lower
    THEN round({_GAP} * span.week * {EXACT} / nullif(span.whole - span.elapsed, 0), 2) END
    AS required_per_week,
CASE WHEN NOT kind.ratio THEN round(f.credited * {EXACT} / nullif(span.elapsed, 0), 2) END
    AS run_rate,
CASE WHEN NOT kind.ratio
    THEN round(f.credited * {EXACT} * span.share_whole / nullif(span.share_done, 0), 2) END
    AS projection,
span.whole::integer AS working_days, span.elapsed::integer AS elapsed_working_days,
f.held::bigint AS unassigned
"""


def standing(subjects: str) -> str:
    """Write the lateral `f` over a table of subjects, joined to `aim`, `summed` and `held`.

    Args:
        subjects: FROM item `s` with the column `id`.
    """
    return (
        f"FROM kind CROSS JOIN span CROSS JOIN {subjects}"
        " LEFT JOIN aim a ON a.subject = s.id LEFT JOIN summed c ON c.subject = s.id"
        " LEFT JOIN held h ON h.subject = s.id"
        f" {compared('a.figure', 'coalesce(h.held, 0)')}"
    )


def compared(target: str, held: str) -> str:
    """Write the join of the lateral `f` over `kind`, `span` and `c`, what is `summed`.

    Args:
        target: SQL of the target, null where there is none.
        held: SQL of what of it nobody is assigned yet.
    """
    due = f"{target} * CASE WHEN kind.ratio THEN span.share_whole ELSE span.share_done END"
    return (
        f"CROSS JOIN LATERAL (SELECT {target} AS target, {_CREDITED} AS credited,"
        " coalesce(c.amount, 0) * CASE WHEN kind.ratio THEN 10000 ELSE 1 END AS number,"
        " CASE WHEN kind.ratio THEN coalesce(c.base, 0) ELSE 1 END AS per,"
        " coalesce(c.on_day, 0) AS on_day, coalesce(c.beside, 0) AS beside,"
        f" {held} AS held, {due} AS due) f"
    )
