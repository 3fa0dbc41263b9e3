"""What a file's rows would add to a plan and change in it, and which of them cannot be. Pure.

A target is known by what never changes of it: its parent, metric, holder, days, kind, level and
split. So a file needs no ids, fits every plan with the same tree, and a second import of the same
file changes nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as field_of
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final
from uuid import UUID

from service.errors import InvalidInput, NotFound, Refusal
from service.exchange.errors import (
    CellFault,
    NumberTooPrecise,
    ParentsInCircle,
    SheetRowRepeated,
    TargetAmbiguous,
    TargetCurrencyOther,
    TargetSumOpen,
)
from service.exchange.rules.values import SheetRow
from service.money import BASIS_POINTS, exponent_of
from service.targets.rules.rounding import rounded

GREATEST: Final = 2**60
PLACES: Final = ("org_unit_id", "territory_id", "member_id", "channel_code", "product_code")
AXES: Final = (
    "metric_id",
    *PLACES,
    "seat",
    "first_day",
    "last_day",
    "kind",
    "level",
    "split",
    "is_unassigned",
    "is_vacancy",
)
_NAMED: Final = {
    "org_unit": "org_unit_id",
    "territory": "territory_id",
    "member": "member_id",
    "channel": "channel_code",
    "product": "product_code",
}
PERCENT_PLACES: Final = 2


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric as a file needs it; `currency` is that of a MONEY metric."""

    id: UUID
    unit: str
    currency: str | None
    retired: bool


@dataclass(frozen=True, slots=True)
class Known:
    """What the codes of a file stand for, by column; what is not here is unknown."""

    metrics: Mapping[str, Metric]
    ids: Mapping[str, Mapping[str, UUID]]


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan a file is for; `sums_hold` when every sum of it must."""

    first_day: date
    last_day: date
    sums_hold: bool


@dataclass(frozen=True, slots=True)
class Target:
    """A target of the plan as it is.

    Attributes:
        axes: what never changes of it, by name.
        visible: whether the sender sees it; only such are matched, all of them are summed.
    """

    id: UUID
    parent_id: UUID | None
    axes: Mapping[str, Any]
    amount: int
    pinned: bool
    over: int
    visible: bool


@dataclass(slots=True)
class Placed:
    """A row whose place in the plan is found.

    Attributes:
        existing: the target it is; None is a new one.
        above: the row of the parent; None where it is in no row.
    """

    row: SheetRow
    axes: dict[str, Any]
    above: "Placed | None"
    existing: Target | None
    amount: int
    pinned: bool
    over: int
    places: int
    currency: str | None

    @property
    def changes(self) -> dict[str, tuple[Any, Any]]:
        """What it changes of the target it is, before and after, by column."""
        if self.existing is None:
            return {}
        old = self.existing
        pairs = {
            "amount": (old.amount, self.amount),
            "pinned": (old.pinned, self.pinned),
            "over_assignment": (old.over, self.over),
        }
        return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a file would do: its rows in the order of the tree, and what stands against it."""

    placed: Sequence[Placed]
    faults: Sequence[CellFault]

    @property
    def added(self) -> list[Placed]:
        """The new targets, parents before their children."""
        return [one for one in self.placed if one.existing is None]

    @property
    def changed(self) -> list[Placed]:
        """The targets that would be others."""
        return [one for one in self.placed if one.changes]


def compare(
    plan: Plan,
    targets: Sequence[Target],
    known: Known,
    rows: Sequence[SheetRow],
    cell_faults: Sequence[CellFault] = (),
) -> Comparison:
    """Find each row's place in the plan, and what it would change there.

    A row with a cell at fault is placed nowhere, and neither is what hangs below it: of these
    nothing is told twice.
    """
    comparing = _Comparing(plan, known, _Index(targets))
    ordered, faults = _ordered(rows, cell_faults)
    for row in ordered:
        comparing.place(row)
    faults += comparing.faults
    if plan.sums_hold and not faults:
        ratios = {one.id for one in known.metrics.values() if one.unit == "RATIO"}
        faults += _open_sums(targets, comparing.placed, ratios)
    return Comparison(comparing.placed, sorted(faults, key=lambda one: one.row))


def _ordered(
    rows: Sequence[SheetRow], cell_faults: Sequence[CellFault]
) -> tuple[list[SheetRow], list[CellFault]]:
    """Return the rows with parents before children, each in the file's order."""
    below: dict[str | None, list[SheetRow]] = {}
    keys = {row.values.get("key") for row in rows}
    faults: list[CellFault] = list(cell_faults)
    unread = {fault.row for fault in cell_faults}
    for row in rows:
        if row.number in unread:
            continue
        parent = row.values.get("parent_key")
        if parent is not None and parent not in keys:
            faults.append(CellFault(row.number, "parent_key", NotFound()))
        else:
            below.setdefault(parent, []).append(row)
    ordered: list[SheetRow] = []
    waiting = list(reversed(below.pop(None, [])))
    while waiting:
        row = waiting.pop()
        ordered.append(row)
        waiting += reversed(below.pop(row.values.get("key"), []))
    # What is left hangs below a row at fault, or below itself.
    blamed = {fault.row for fault in faults}
    lost = {row.values.get("key") for row in rows if row.number in blamed}
    left = [row for group in below.values() for row in group]
    known = len(lost) - 1
    while len(lost) != known:
        known = len(lost)
        lost |= {row.values.get("key") for row in left if row.values["parent_key"] in lost}
    circling = _circling(
        {
            row.values.get("key"): row.values["parent_key"]
            for row in left
            if row.values.get("key") not in lost
        }
    )
    faults += [
        CellFault(row.number, "parent_key", ParentsInCircle())
        for row in left
        if row.values.get("key") in circling
    ]
    return ordered, faults


def _circling(parents: Mapping[str | None, str]) -> set[str | None]:
    """Return the keys that are below themselves, of what hangs below such a key none."""
    found: set[str | None] = set()
    seen: set[str | None] = set()
    for key in parents:
        path: list[str | None] = []
        here: str | None = key
        while here in parents and here not in seen:
            seen.add(here)
            path.append(here)
            here = parents[here]
        if here in path:
            found.update(path[path.index(here) :])
    return found


class _Index:
    """The targets a row may be, by what never changes of them."""

    def __init__(self, targets: Sequence[Target]) -> None:
        seen = {target.id for target in targets if target.visible}
        self._found: dict[tuple[Any, ...], list[Target]] = {}
        for target in targets:
            if target.visible:
                above = target.parent_id if target.parent_id in seen else None
                self._found.setdefault((above, *_key(target.axes)), []).append(target)

    def matching(self, above: UUID | None, axes: Mapping[str, Any]) -> list[Target]:
        """Return the targets in sight with such axes; above is None at the top of what is seen."""
        return self._found.get((above, *_key(axes)), [])


def _key(axes: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(axes[name] for name in AXES)


@dataclass(slots=True)
class _Comparing:
    plan: Plan
    known: Known
    index: _Index
    placed: list[Placed] = field_of(default_factory=list)
    faults: list[CellFault] = field_of(default_factory=list)
    _by_key: dict[str, Placed] = field_of(default_factory=dict)
    _rows: dict[tuple[Any, ...], int] = field_of(default_factory=dict)
    _at_fault: set[str | None] = field_of(default_factory=set)

    def place(self, row: SheetRow) -> None:
        """Place one row; its parent was placed before it, or is at fault and so is told already."""
        key, parent = row.values.get("key"), row.values.get("parent_key")
        if parent is not None and parent in self._at_fault:
            self._at_fault.add(key)
            return
        above = self._by_key.get(parent) if parent is not None else None
        try:
            axes, metric = self._axes(row, above)
            existing = self._existing(row, above, axes)
            self.placed.append(self._made(row, above, axes, existing, metric))
        except _At as at:
            self.faults.append(CellFault(row.number, at.column, at.refusal))
            self._at_fault.add(key)
        except Refusal as refusal:
            self.faults.append(CellFault(row.number, "", refusal))
            self._at_fault.add(key)
        else:
            if key is not None:
                self._by_key.setdefault(key, self.placed[-1])

    def _axes(self, row: SheetRow, above: Placed | None) -> tuple[dict[str, Any], Metric]:
        values = row.values
        metric = self._metric(row, above)
        axes: dict[str, Any] = dict.fromkeys(PLACES) if above is None else dict(above.axes)
        for column, name in _NAMED.items():
            text = values.get(column)
            if text is not None:
                axes[name] = self._id(column, text)
        unassigned = values.get("unassigned", False)
        kept_seat = above.axes["seat"] if above is not None and unassigned else None
        first, last = self._days(values, above)
        axes |= {
            "metric_id": metric.id,
            "seat": values.get("seat", kept_seat),
            "first_day": first,
            "last_day": last,
            "kind": values.get("kind", above.axes["kind"] if above else "COMMITMENT"),
            "level": values.get("level", above.axes["level"] if above else "TARGET"),
            "split": values.get("split", "BREAKDOWN"),
            "is_unassigned": unassigned,
            "is_vacancy": values.get("vacant", False),
        }
        self._refuse_odd(axes, values, above)
        return axes, metric

    def _refuse_odd(
        self, axes: Mapping[str, Any], values: Mapping[str, Any], above: Placed | None
    ) -> None:
        if axes["is_vacancy"] and (axes["seat"] is None or axes["member_id"] is not None):
            raise _At("seat", InvalidInput(expected="GIVEN"))
        if not axes["is_unassigned"]:
            return
        same = (*PLACES, "seat", "first_day", "last_day", "kind", "level")
        if above is None or any(axes[name] != above.axes[name] for name in same):
            raise _At("unassigned", InvalidInput(expected="ASSIGNED_TARGET"))
        if axes["is_vacancy"] or values.get("pinned"):
            raise _At("unassigned", InvalidInput(expected="ASSIGNED_TARGET"))

    def _metric(self, row: SheetRow, above: Placed | None) -> Metric:
        code = row.values.get("metric")
        if above is not None:
            of_parent = next(
                one for one in self.known.metrics.values() if one.id == above.axes["metric_id"]
            )
            if code is None or self.known.metrics.get(code) == of_parent:
                return of_parent
            known = code in self.known.metrics
            raise _At("metric", InvalidInput(expected="METRIC_OF_PARENT") if known else NotFound())
        if code is None:
            raise _At("metric", InvalidInput(expected="GIVEN"))
        metric = self.known.metrics.get(code)
        if metric is None:
            raise _At("metric", NotFound())
        return metric

    def _id(self, column: str, text: str) -> Any:  # noqa: ANN401 - an id or a code
        if column in {"channel", "product"}:
            return text
        found = self.known.ids[column].get(text)
        if found is None:
            raise _At(column, NotFound())
        return found

    def _days(self, values: Mapping[str, Any], above: Placed | None) -> tuple[date, date]:
        outer = (
            (self.plan.first_day, self.plan.last_day)
            if above is None
            else (above.axes["first_day"], above.axes["last_day"])
        )
        first = _day(values.get("first_day"), outer[0])
        last = _day(values.get("last_day"), outer[1])
        if not outer[0] <= first <= last <= outer[1]:
            column = "first_day" if first < outer[0] else "last_day"
            raise _At(column, InvalidInput(expected="DAYS_OF_PARENT"))
        return first, last

    def _existing(
        self, row: SheetRow, above: Placed | None, axes: Mapping[str, Any]
    ) -> Target | None:
        here = (id(above) if above else None, *_key(axes))
        if here in self._rows:
            raise SheetRowRepeated(row=self._rows[here])
        self._rows[here] = row.number
        if above is not None and above.existing is None:
            return None
        above_id = above.existing.id if above is not None and above.existing else None
        found = self.index.matching(above_id, axes)
        if len(found) > 1:
            raise TargetAmbiguous
        return found[0] if found else None

    def _made(
        self,
        row: SheetRow,
        above: Placed | None,
        axes: dict[str, Any],
        existing: Target | None,
        metric: Metric,
    ) -> Placed:
        values = row.values
        if existing is None and metric.retired:
            raise _At("metric", NotFound())
        currency = values.get("currency")
        if currency is not None and currency.upper() != metric.currency:
            raise _At("currency", TargetCurrencyOther(currency=metric.currency or "—"))
        places = places_of(metric.unit, metric.currency)
        amount = existing.amount if existing else 0
        if "amount" in values:
            amount = _whole("amount", values["amount"], places, GREATEST, -GREATEST)
        over = existing.over if existing else 0
        if "over_assignment" in values:
            over = _whole(
                "over_assignment", values["over_assignment"], PERCENT_PLACES, BASIS_POINTS
            )
        pinned = values.get("pinned", existing.pinned if existing else False)
        return Placed(row, axes, above, existing, amount, pinned, over, places, metric.currency)


def places_of(unit: str, currency: str | None) -> int:
    """Return the decimal places in which a metric's amounts are written: ratios are percent."""
    if unit == "MONEY" and currency is not None:
        return exponent_of(currency)
    return PERCENT_PLACES if unit == "RATIO" else 0


def written(amount: int, places: int) -> str:
    """Return an amount of whole units with its decimal places, exactly."""
    digits = f"{abs(amount):0{places + 1}d}"
    text = f"{digits[:-places]}.{digits[-places:]}" if places else digits
    return f"-{text}" if amount < 0 else text


class _At(Exception):
    """A refusal of one cell."""

    def __init__(self, column: str, refusal: Refusal) -> None:
        super().__init__(column)
        self.column = column
        self.refusal = refusal


def _day(text: str | None, otherwise: date) -> date:
    return otherwise if text is None else date.fromisoformat(text)


def _whole(column: str, text: str, places: int, most: int, least: int = 0) -> int:
    units = Decimal(text).scaleb(places)
    if units != units.to_integral_value():
        raise _At(column, NumberTooPrecise(places=places))
    if not least <= units <= most:
        # As the column writes it: of whole units nobody knows who fills in percent or yuan.
        low, high = -(-least // 10**places), most // 10**places
        raise _At(column, InvalidInput(expected="FROM_TO", least=low, most=high))
    return int(units)


def _open_sums(
    targets: Sequence[Target], placed: Sequence[Placed], ratios: Collection[UUID]
) -> list[CellFault]:
    """Return a fault for each target whose parts would not sum to it (I1, I2); ratios have none."""
    after = {one.existing.id: one for one in placed if one.existing is not None}
    parts: dict[tuple[Any, str], int] = {}
    for target in targets:
        if target.parent_id is not None and target.axes["kind"] != "OVERLAY":
            here = after.get(target.id)
            amount = here.amount if here else target.amount
            where = (target.parent_id, target.axes["split"])
            parts[where] = parts.get(where, 0) + amount
    for one in placed:
        if one.existing is None and one.above is not None and one.axes["kind"] != "OVERLAY":
            parent: Any = one.above.existing.id if one.above.existing else id(one.above)
            where = (parent, one.axes["split"])
            parts[where] = parts.get(where, 0) + one.amount
    faults: list[CellFault] = []
    for one in placed:
        if one.axes["metric_id"] in ratios:
            continue
        key: Any = one.existing.id if one.existing else id(one)
        given_out = rounded(Fraction(one.amount * (BASIS_POINTS + one.over), BASIS_POINTS))
        for split, wanted in (("BREAKDOWN", given_out), ("PERIOD", one.amount)):
            found = parts.get((key, split))
            if found is not None and found != wanted:
                told = TargetSumOpen(wanted=wanted, found=found)
                faults.append(CellFault(one.row.number, "amount", told))
    return faults
