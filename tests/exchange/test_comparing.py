"""A file against a plan: what is the same target, what would change, what cannot be. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.errors import LOCALES
from service.exchange.queries import rows_of
from service.exchange.reading import table_of
from service.exchange.rules.columns import headings
from service.exchange.rules.comparing import (
    Comparison,
    Known,
    Metric,
    Plan,
    Target,
    compare,
    places_of,
    written,
)
from service.exchange.rules.values import SheetRow
from service.exchange.sheets import Sheet, as_csv, told
from service.exchange.writing import workbook

DAYS = (date(2027, 1, 1), date(2027, 12, 31))
OPEN, BROKEN_DOWN = Plan(*DAYS, sums_hold=False), Plan(*DAYS, sums_hold=True)
CASH = Metric(UUID(int=1), "MONEY", "CNY", retired=False)
VISITS = Metric(UUID(int=2), "COUNT", None, retired=False)
OLD = Metric(UUID(int=3), "RATIO", None, retired=True)
METRICS = {"CASH": CASH, "VISITS": VISITS, "OLD": OLD}
MEMBERS = {"001": UUID(int=11), "=b": UUID(int=12)}
KNOWN = Known(METRICS, {"org_unit": {}, "territory": {"north": UUID(int=21)}, "member": MEMBERS})
BARE: dict[str, Any] = {
    "metric_id": VISITS.id,
    "org_unit_id": None,
    "territory_id": None,
    "member_id": None,
    "channel_code": None,
    "product_code": None,
    "seat": None,
    "first_day": DAYS[0],
    "last_day": DAYS[1],
    "kind": "COMMITMENT",
    "level": "TARGET",
    "split": "BREAKDOWN",
    "is_unassigned": False,
    "is_vacancy": False,
}


def target(number: int, amount: int, above: Target | None = None, **axes: Any) -> Target:
    own = {name: BARE[name] for name in ("seat", "split", "is_unassigned", "is_vacancy")}
    kept = {**(above.axes if above else BARE), **own, **axes}
    row_id = UUID(int=100 + number)
    return Target(
        row_id, above.id if above else None, kept, amount, pinned=False, over=0, visible=True
    )


ROOT = target(0, 100)
TEAM = (ROOT, target(1, 60, ROOT, seat="a"), target(2, 40, ROOT, seat="b"))


def compared(
    *rows: dict[str, Any], plan: Plan = OPEN, targets: Sequence[Target] = TEAM
) -> Comparison:
    numbered = [SheetRow(place, row) for place, row in enumerate(rows, 2)]
    return compare(plan, targets, KNOWN, numbered)


def faults(found: Comparison) -> list[tuple[int, str, str]]:
    return [(one.row, one.column, one.refusal.code) for one in found.faults]


ALL = {"key": "all", "metric": "VISITS"}


def test_a_target_is_known_by_its_place_whatever_its_key_and_order() -> None:
    found = compared(
        {"key": "x", "parent_key": "all", "seat": "b", "amount": "41"},
        {"key": "y", "parent_key": "z", "member": "001", "amount": "5"},
        {"key": "z", "parent_key": "all", "seat": "a"},
        ALL,
    )

    assert found.faults == []
    assert [(one.row.values["key"], one.changes) for one in found.changed] == [
        ("x", {"amount": (40, 41)})
    ]
    assert [(one.row.values["key"], one.amount) for one in found.added] == [("y", 5)]
    assert found.added[0].axes["member_id"] == MEMBERS["001"]


def test_unknown_codes_wrong_currencies_and_precise_amounts_are_at_fault() -> None:
    found = compared(
        ALL,
        {"key": "1", "parent_key": "all", "member": "002"},
        {"key": "2", "parent_key": "all", "territory": "south"},
        {"key": "3", "parent_key": "all", "metric": "CASH"},
        {"key": "4", "parent_key": "nobody"},
        {"key": "5", "metric": "SUM"},
        {"key": "6"},
        {"key": "7", "metric": "CASH", "amount": "1.005"},
        {"key": "8", "metric": "CASH", "currency": "EUR", "seat": "8"},
        {"key": "9", "parent_key": "all", "currency": "CNY", "seat": "9"},
        {"key": "10", "metric": "OLD"},
        {"key": "11", "parent_key": "all", "first_day": "2026-12-31"},
        {"key": "12", "parent_key": "all", "vacant": True},
        {"key": "13", "parent_key": "all", "unassigned": True, "member": "001"},
        {"key": "14", "metric": "CASH", "seat": "14", "over_assignment": "100.01"},
        {"key": "15", "metric": "CASH", "seat": "15", "amount": "9" * 30},
    )

    assert faults(found) == [
        (3, "member", "NOT_FOUND"),
        (4, "territory", "NOT_FOUND"),
        (5, "metric", "INVALID_INPUT"),
        (6, "parent_key", "NOT_FOUND"),
        (7, "metric", "NOT_FOUND"),
        (8, "metric", "INVALID_INPUT"),
        (9, "amount", "NUMBER_TOO_PRECISE"),
        (10, "currency", "TARGET_CURRENCY_OTHER"),
        (11, "currency", "TARGET_CURRENCY_OTHER"),
        (12, "metric", "NOT_FOUND"),
        (13, "first_day", "INVALID_INPUT"),
        (14, "seat", "INVALID_INPUT"),
        (15, "unassigned", "INVALID_INPUT"),
        (16, "over_assignment", "INVALID_INPUT"),
        (17, "amount", "INVALID_INPUT"),
    ]


def test_circles_repetitions_and_what_hangs_below_a_fault_are_told_once() -> None:
    found = compared(
        ALL,
        {"key": "a", "parent_key": "all", "seat": "a"},
        {"key": "b", "parent_key": "all", "seat": "a"},
        {"key": "c", "parent_key": "d", "seat": "c"},
        {"key": "d", "parent_key": "c", "seat": "d"},
        {"key": "e", "parent_key": "e"},
        {"key": "f", "parent_key": "nobody"},
        {"key": "g", "parent_key": "f"},
        {"key": "h", "parent_key": "b"},
        {"key": "i", "parent_key": "d"},
        {"key": "j", "parent_key": "i"},
    )

    assert faults(found) == [
        (4, "", "SHEET_ROW_REPEATED"),
        (5, "parent_key", "PARENTS_IN_CIRCLE"),
        (6, "parent_key", "PARENTS_IN_CIRCLE"),
        (7, "parent_key", "PARENTS_IN_CIRCLE"),
        (8, "parent_key", "NOT_FOUND"),
    ]


def test_the_bounds_of_a_number_are_told_as_the_column_writes_it() -> None:
    found = compared(
        {"key": "1", "metric": "CASH", "seat": "1", "over_assignment": "100.01"},
        {"key": "2", "metric": "CASH", "seat": "2", "amount": "9" * 30},
        {"key": "3", "metric": "VISITS", "seat": "3", "amount": "9" * 30},
    )
    bounds = [one.refusal.values() for one in found.faults]

    assert [(one["least"], one["most"]) for one in bounds] == [
        ("0", "100"),
        ("-11529215046068469", "11529215046068469"),
        ("-1152921504606846976", "1152921504606846976"),
    ]


def test_a_plan_that_is_broken_down_must_sum_afterwards_with_all_that_the_file_leaves_out() -> None:
    more = {"key": "c", "parent_key": "all", "seat": "c", "amount": "10"}
    less = {"key": "a", "parent_key": "all", "seat": "a", "amount": "50"}
    rest = {"key": "r", "parent_key": "all", "unassigned": True, "amount": "-10"}
    over = {**ALL, "over_assignment": "10"}

    assert faults(compared(ALL, more, plan=BROKEN_DOWN)) == [(2, "amount", "TARGET_SUM_OPEN")]
    assert compared(ALL, more).faults == []
    for rows in ((ALL, more, less), (ALL, more, rest), (over, more)):
        assert compared(*rows, plan=BROKEN_DOWN).faults == []


def test_who_sees_only_a_branch_sends_that_branch_and_twins_are_told_apart_or_refused() -> None:
    hidden = replace(ROOT, visible=False)
    twins = [hidden, TEAM[1], target(3, 5, TEAM[2], seat="a"), replace(TEAM[2], visible=False)]

    one = compared({**ALL, "seat": "a", "amount": "61"}, targets=(hidden, TEAM[1]))
    two = compared({**ALL, "seat": "a", "amount": "61"}, targets=twins)

    assert [change.changes for change in one.changed] == [{"amount": (60, 61)}]
    assert faults(two) == [(2, "", "TARGET_AMBIGUOUS")]


@pytest.mark.parametrize(
    ("amount", "places", "text"),
    [(0, 2, "0.00"), (-5, 2, "-0.05"), (123456, 2, "1234.56"), (-7, 0, "-7"), (1, 3, "0.001")],
)
def test_amounts_are_written_exactly(amount: int, places: int, text: str) -> None:
    assert written(amount, places) == text
    assert [places_of(*one) for one in (("MONEY", "JPY"), ("RATIO", None), ("COUNT", None))] == [
        0,
        2,
        0,
    ]


@st.composite
def trees(draw: st.DrawFn) -> list[Target]:
    """Make a plan: targets of several metrics below one another, with every kind of holder."""
    made: list[Target] = []
    seen: set[Any] = set()
    for number in range(draw(st.integers(1, 12))):
        possible = [one for one in made if not one.axes["is_unassigned"]]
        above = draw(st.sampled_from([None, *possible]))
        metric = draw(st.sampled_from([CASH, VISITS]))
        axes: dict[str, Any] = {} if above else {"metric_id": metric.id}
        kind = draw(
            st.sampled_from(["member", "product", "seat", "period", "vacant", "unassigned"])
        )
        if kind == "member":
            axes["member_id"] = draw(st.sampled_from([*MEMBERS.values()]))
        elif kind == "product":
            axes["product_code"] = draw(st.sampled_from(["=1+1", "'@x", "-a", "产品,1", 'q"', "x"]))
        elif kind == "period" and above:
            axes["split"] = "PERIOD"
            axes["last_day"] = above.axes["first_day"]
        elif kind == "unassigned" and above:
            axes |= {"is_unassigned": True, "seat": above.axes["seat"]}
        else:
            axes["seat"] = draw(st.sampled_from(["a", "b", "1.10", "00"]))
        amount = draw(st.integers(-(2**60), 2**60) | st.integers(-200, 200))
        one = target(number, amount, above, **axes)
        if kind == "vacant" and one.axes["member_id"] is None:
            one = replace(one, axes={**one.axes, "is_vacancy": True})
        if kind != "unassigned":
            one = replace(one, pinned=draw(st.booleans()), over=draw(st.integers(0, 10_000)))
        key = (one.parent_id, *one.axes.values())
        if key not in seen:
            seen.add(key)
            made.append(one)
    return made


@settings(max_examples=25)
@given(trees(), st.sampled_from(LOCALES), st.sampled_from(["csv", "xlsx"]))
def test_what_is_written_of_a_plan_is_read_again_without_a_difference(
    plan: list[Target], locale: str, kind: str
) -> None:
    codes = {row_id: (code, "Li") for code, row_id in MEMBERS.items()}
    names = {"org_unit": {}, "territory": {}, "member": codes}
    metrics = {metric.id: (code, metric) for code, metric in METRICS.items()}
    sheet = Sheet("plan", headings(locale), rows_of(plan, names, metrics, locale))
    body = as_csv(sheet) if kind == "csv" else workbook(orjson.loads(orjson.dumps(told([sheet]))))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "plan"
        path.write_bytes(body)
        read = table_of(path, kind, None)

    rows = [SheetRow(number, values) for number, values in read["rows"]]
    found = compare(OPEN, plan, KNOWN, rows)

    assert (read["faults"], found.faults) == ([], [])
    assert (found.added, found.changed) == ([], [])
    assert len(found.placed) == len(plan)
