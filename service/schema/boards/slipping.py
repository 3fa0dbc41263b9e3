"""What slips, waits or is missing beside the figures of a board (targets page 4.6)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import strawberry
from strawberry.utils.str_converters import to_camel_case

from service.organisation.former_places import belonged
from service.schema.boards.figures import LATE, Board
from service.schema.boards.ledger import MetricCreditDay
from service.schema.boards.members import worked
from service.schema.boards.sight import leave_in_sight, people_in_sight
from service.schema.organisation.types import Member
from service.schema.ownership.disputes import Dispute
from service.schema.ownership.states import STATE
from service.schema.ownership.types import Claim, Registration
from service.schema.planner.mapping import mapping_of
from service.schema.reception.types import Site
from service.schema.scalars import BigInt
from service.targets.figures import DAYS

_KEPT: Final = (
    "Null of days before it was kept until when registrations protected: those of companies of an"
    " earlier release."
)
_LEDGER: Final = "oldest metric that counts all such events"
# Whose deal fell through later had signed by then.
_VALID: Final = """
t.result = 'VALID' AND t.entered_at <= {at} AND coalesce(t.voided_at > {at}, TRUE)
AND coalesce(t.released_at > {at}, TRUE) AND coalesce(t.superseded_at > {at}, TRUE)
AND coalesce(t.converted_at > {at}, TRUE)
AND NOT EXISTS (SELECT FROM app.deal d WHERE d.tenant_id = $1 AND d.party_id = t.party_id
    AND d.cancelled_at > {at} AND d.signed_at <= {at} AND d.signed_at >= t.entered_at)
"""
# What renews the protection was in time: whatever was renewed later was live until then.
_LIVE: Final = f"""
{_VALID} AND (t.protected_until > {{at}} OR EXISTS (SELECT FROM app.follow_up f
    WHERE f.tenant_id = $1 AND f.registration_id = t.id AND f.renewed AND f.at > {{at}})
    OR EXISTS (SELECT FROM app.former_protection f WHERE f.tenant_id = $1
        AND f.registration_id = t.id AND f.recorded_at > {{at}} AND f.protected_until > {{at}}))
"""
_LATE: Final = f"""
{_LIVE} AND t.first_follow_up_due_at <= {{at}} AND coalesce(t.first_followed_up_at > {{at}}, TRUE)
"""
# The contact that was planned last, where none has been made since.
_MISSED: Final = f"""
{_LIVE} AND (SELECT f.next_at FROM app.follow_up f WHERE f.tenant_id = $1
    AND f.registration_id = t.id AND f.at <= {{at}} ORDER BY f.at DESC, f.id DESC LIMIT 1) <= {{at}}
"""
# Over `t`, a registration: the territory before its first move after an instant.
_MOVED: Final = (
    "FROM app.registration_move m WHERE m.tenant_id = $1 AND m.registration_id = t.id"
    " AND m.recorded_at > {at}"
)
_STOOD: Final = (
    f"CASE WHEN EXISTS (SELECT {_MOVED}) THEN (SELECT m.former_territory_id {_MOVED}"
    " ORDER BY m.recorded_at, m.id LIMIT 1) ELSE t.territory_id END"
)
_LAPSING: Final = f"{STATE} = 'LIVE' AND t.protected_until <= {{now}} + interval '48 hours'"
# Over `t`, a registration: until when it protected before its first change after an instant.
_PROTECTED: Final = (
    "coalesce((SELECT f.protected_until FROM app.former_protection f WHERE f.tenant_id = $1"
    " AND f.registration_id = t.id AND f.recorded_at > {at} ORDER BY f.recorded_at, f.id LIMIT 1),"
    " t.protected_until)"
)
_LAPSED_SOON: Final = f"""
{_VALID} AND (SELECT u.until > {{at}} AND u.until <= {{at}} + interval '48 hours'
    FROM (SELECT {_PROTECTED}) u (until))
"""
# An appeal opens again what had been decided.
_UNSETTLED: Final = """
t.opened_at <= {at} AND coalesce(t.settled_at > {at}, TRUE)
AND coalesce(t.appeal_decided_at > {at}, TRUE)
AND (coalesce(t.decided_at > {at}, TRUE) OR coalesce(t.appealed_at <= {at}, FALSE))
AND coalesce(t.cancelled_at > {at}, TRUE)
"""
_UNANSWERED: Final = """
t.result = 'ADMITTED' AND t.filed_at <= {at} AND (SELECT least(d.claims_close_at, d.cancelled_at)
    FROM app.deal d WHERE d.tenant_id = $1 AND d.id = t.deal_id) > {at}
"""


@strawberry.type(description="What slips, waits or is missing.")
class Slipping:
    new_customer_count: BigInt | None = strawberry.field(
        description=f"New customers in the period so far, as the {_LEDGER} has them; null where"
        " there is none."
    )
    uncollected: BigInt | None = strawberry.field(
        description="Contracted and not collected by then, in minor units of the company's"
        f" currency: what the {_LEDGER} has of contracts, less that of cash; null where either is"
        " not counted."
    )
    overdue_first_follow_up_count: int = strawberry.field(
        description="First follow-ups that were late at the end of the day, or are now."
    )
    overdue_contact_count: int = strawberry.field(
        description="Planned contacts whose instant had passed without any by then."
    )
    lapsing_registration_count: int | None = strawberry.field(
        description=f"Registrations whose protection ends within 48 hours. {_KEPT}"
    )
    open_claim_count: int = strawberry.field(
        description="Admitted claims of credit that was not final yet."
    )
    open_dispute_count: int = strawberry.field(
        description="Disputes without an outcome, or under appeal."
    )
    absent_count: int = strawberry.field(
        description="People on leave or with the day off; of a past day as recorded by its end."
    )


_OVERDUE: Final = {"overdue_first_follow_up_count": _LATE, "overdue_contact_count": _MISSED}
_LAPSES: Final = "lapsing_registration_count"
REGISTER: Final = frozenset({*_OVERDUE, _LAPSES})
"""Figures by Python name that count registrations, which is audited."""
_OF_LEDGER: Final = ("new_customer_count", "uncollected")
NAMES: Final = (
    *_OF_LEDGER,
    *_OVERDUE,
    _LAPSES,
    "open_claim_count",
    "open_dispute_count",
    "absent_count",
)


# Whole business alone: what is also counted by product is in no sum twice. The oldest, and also a
# retired one, since a metric that is made today must change no figure of yesterday.
_FIRST: Final = """
(SELECT t.id {metrics} AND t.counting_event = '{event}' AND t.unit = '{unit}'
    AND t.business = 'ALL' AND cardinality(t.product_codes) = 0 AND {more}
    AND t.created_at <= {at} ORDER BY t.created_at, t.id LIMIT 1)
"""


@dataclass(frozen=True, slots=True)
class Subjects:
    """Whose a board is: territories with all below them, people, or the company.

    Attributes:
        column: how records name them, `territory_id`, `member_id` or `tenant_id`.
        among: SQL after the column, of the ids of the board.
        rolled: whether each has what those below it have, by the CTE `upward`.
        whole: whether it is the company, wherever a record is.
    """

    column: str
    among: str
    rolled: bool
    whole: bool = False


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked of a board besides its figures."""

    board: Board
    subjects: Subjects
    wanted: list[str]

    def reading(self, kind: type, name: str, condition: str, *, n: str = "1", **more: str) -> str:
        """Write the records of a type in sight that count for a figure.

        Args:
            kind: their type.
            name: the figure.
            condition: SQL over `t`.
            n: what each counts.
            more: `who` names the person, `where` the territory, `owner` whose reading of it is
                written down, `beside` what is joined to each, `rows` which are in sight.
        """
        statement = self.board.statement
        rows = more.get("rows") or statement.rows_of(mapping_of(kind), more.get("beside", ""))
        where = more.get("where", "t.territory_id")
        subject = where if self.subjects.rolled else more.get("who", "t.member_id")
        if self.subjects.whole:
            subject = "t.tenant_id"
        return (
            f"SELECT {subject}, {more.get('owner', 'NULL')}::uuid, '{name}', {n}::numeric {rows}"
            f" AND {subject} {self.subjects.among}"
            f" AND {statement.settle(condition)}"
        )

    def readings(self) -> Iterator[str]:
        """Yield the SELECT of each figure."""
        for name in self.wanted:
            if name in _OVERDUE:
                late = _OVERDUE[name].format(at=self.board.at())
                yield self.reading(
                    Registration, name, late, owner="t.member_id", where=self.stood()
                )
            elif name == _LAPSES:
                yield self.lapsing(name)
            elif name in _OF_LEDGER:
                yield from self.of_ledger(name)
            elif name == "absent_count":
                yield self.absent()
            elif name == "open_claim_count":
                at = _UNANSWERED.format(at=self.board.at())
                yield self.reading(Claim, name, at, who="t.claimant_id")
            else:
                yield self.disputes(name)

    def lapsing(self, name: str) -> str:
        """Write whose protection ends soon, as it was going to then."""
        if not self.board.dated:
            return self.reading(Registration, name, _LAPSING, owner="t.member_id")
        then = _LAPSED_SOON.format(at=self.board.at())
        return self.reading(Registration, name, then, owner="t.member_id", where=self.stood())

    def stood(self) -> str:
        """Write the territory where a registration stood, which may have moved since."""
        # What is placed in a statement must be in it: of people nobody asks where it was.
        then = self.board.past and self.subjects.rolled
        return _STOOD.format(at=self.board.at()) if then else "t.territory_id"

    def of_ledger(self, name: str) -> Iterator[str]:
        """Yield what the ledger has of the metrics that are asked for."""
        until = f"t.kind = 'PRIMARY' AND t.credited_on <= {self.board.day}"
        counted = "t.metric_id = (SELECT {} FROM counted)"
        if name == "new_customer_count":
            inside = f"t.credited_on >= {self.board.first} AND t.credited_on < {self.board.until}"
            condition = f"{counted.format('new_customers')} AND {until} AND {inside}"
            yield from self.counting(name, condition)
            return
        for which, sign in (("contracts", ""), ("cash", "-")):
            yield from self.counting(name, f"{counted.format(which)} AND {until}", sign)

    def counting(self, name: str, condition: str, sign: str = "") -> Iterator[str]:
        """Yield days of the ledger, without what came to be known after a past day."""
        yield self.reading(MetricCreditDay, name, condition, n=f"{sign}t.amount")
        if self.board.past:
            known_later = f"{condition} AND t.recorded_on > {self.board.day}"
            late = self.reading(MetricCreditDay, name, known_later, n=f"-({sign}t.amount)")
            yield late.replace(DAYS, LATE)

    def disputes(self, name: str) -> str:
        """Write the open disputes: of a place each once, of people as each of the two's."""
        at = _UNSETTLED.format(at=self.board.at())
        if self.subjects.rolled or self.subjects.whole:
            return self.reading(Dispute, name, at)
        two = " CROSS JOIN LATERAL (VALUES (t.first_member_id), (t.second_member_id)) b (side)"
        return self.reading(Dispute, name, at, who="b.side", beside=two)

    def absent(self) -> str:
        """Write who is not there, each once."""
        board, day, statement = self.board, self.board.day, self.board.statement
        away = leave_in_sight(board)
        sites = statement.rows_of(mapping_of(Site))
        known = f" AND t.created_at <= {board.at()}" if board.past else ""
        who = (
            f"t.id IN (SELECT t.member_id {away} AND {day} BETWEEN t.first_day AND t.last_day"
            f" AND t.cancelled_at IS NULL{known}"
            " UNION ALL SELECT p.member_id FROM app.presence p WHERE p.tenant_id = $1"
            f" AND p.day = {day} AND p.state = 'DAY_OFF' AND p.site_id IN (SELECT t.id {sites}))"
            f" AND {worked(day, board.known_at())}"
        )
        rolled = board.dated and self.subjects.rolled
        where = belonged("territory_id", board.at()) if rolled else "t.territory_id"
        people = people_in_sight(board)
        return self.reading(Member, "absent_count", who, who="t.id", where=where, rows=people)


def wanted(asked: frozenset[str] | None) -> list[str]:
    """Return the figures asked for, by Python name; None asks for all."""
    return [name for name in NAMES if asked is None or to_camel_case(name) in asked]


def slipping(board: Board, subjects: Subjects, asked: frozenset[str] | None) -> list[str]:
    """Write the CTEs: `slipping`, what each record counts, and `slipped`, the sums of subjects."""
    names = wanted(asked)
    if not names:
        return []
    rows = "slipping r"
    if subjects.rolled:
        rows = (
            "(SELECT u.above AS subject, s.owner, s.what, s.n FROM slipping s"
            " JOIN upward u ON u.id = s.subject) r"
        )
    sums = ", ".join(f"sum(r.n) FILTER (WHERE r.what = '{name}') AS {name}" for name in names)
    readings = " UNION ALL ".join(_Asked(board, subjects, names).readings())
    return [
        _counted(board),
        f"slipping (subject, owner, what, n) AS ({readings})",
        f"slipped AS (SELECT r.subject, {sums}, array_agg(DISTINCT r.owner)"
        f" FILTER (WHERE r.owner IS NOT NULL) AS owners FROM {rows} GROUP BY 1)",
    ]


def _counted(board: Board) -> str:
    statement = board.statement
    metrics = statement.rows_of(mapping_of("Metric"))
    currency = statement.place(statement.sight.tenant.currency, "text")
    money = f"t.currency = {currency} AND NOT t.new_only"

    def first(event: str, unit: str, more: str) -> str:
        return _FIRST.format(metrics=metrics, event=event, unit=unit, more=more, at=board.at())

    return (
        f"counted AS (SELECT {first('NEW_CUSTOMER', 'COUNT', 'TRUE')} AS new_customers,"
        f" {first('CONTRACT', 'MONEY', money)} AS contracts,"
        f" {first('CASH', 'MONEY', money)} AS cash)"
    )


def columns(board: Board, asked: frozenset[str] | None) -> list[str]:
    """Write the columns over the rows of `slipped`, joined as `x`."""
    names = wanted(asked)
    owners = "x.owners" if names else "NULL::uuid[]"
    return [*(_column(board, name, asked=name in names) for name in NAMES), f"{owners} AS owners"]


def _column(board: Board, name: str, *, asked: bool) -> str:
    kind = "bigint" if name in _OF_LEDGER else "integer"
    if not asked:
        return f"0::{kind} AS {name}"
    figure = f"coalesce(x.{name}, 0)::{kind}"
    if name == _LAPSES and board.dated:
        since = "(SELECT c.histories_since FROM app.tenant c WHERE c.tenant_id = $1)"
        figure = f"CASE WHEN coalesce({since} <= {board.at()}, TRUE) THEN {figure} END"
    if name == "new_customer_count":
        figure = f"CASE WHEN (SELECT new_customers FROM counted) IS NOT NULL THEN {figure} END"
    if name == "uncollected":
        both = "(SELECT num_nonnulls(contracts, cash) FROM counted) = 2"
        figure = f"CASE WHEN {both} THEN {figure} END"
    return f"{figure} AS {name}"


def joins(asked: frozenset[str] | None) -> str:
    """Write the join of the sums to the subjects `s`."""
    return " LEFT JOIN slipped x ON x.subject = s.id" if wanted(asked) else ""
