"""The territory report: every name escaped, nothing fetched, bars as long as they say."""

import re
from decimal import Decimal
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import LOCALES
from service.reports.books import book
from service.reports.pages import _words, page, percent
from service.reports.pictures import attainment, bullet
from service.schema.reporting import _branches

WICKED = "<script>alert('&')</script>\"="


def row(name: str, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "depth": 0,
        "branch": "",
        "target": "1000.00",
        "credited": "950.50",
        "attainment": "95.05",
        "expected": "1000.00",
        "pace": "95.05",
        "gap": "49.50",
        "required": "4.95",
        "projection": "1901.00",
        "unassigned": "0.00",
        "colour": "AMBER",
        "is_summed": False,
        "days": {"whole": 20, "elapsed": 10},
        **more,
    }


NOTHING = dict.fromkeys(("target", "attainment", "expected", "pace", "gap", "required", "colour"))


def report(locale: str = "en") -> dict[str, Any]:
    rows = [row(WICKED), row("=1+1", depth=1, branch="└ ", **NOTHING)]
    long = row("long", credited="12345678901234567.89")
    metrics = [
        {
            "code": code,
            "name": WICKED,
            "counted": "CNY",
            "places": 2,
            "is_lower": False,
            "rows": rows,
            "people": [long],
        }
        for code in ("CASH:1", "CASH/1")
    ]
    return {
        "locale": locale,
        "territory": WICKED,
        "site": WICKED,
        "period": "2027-Q1",
        "as_of": "2027-02-26",
        "metrics": metrics,
    }


@pytest.mark.parametrize("locale", LOCALES)
def test_a_page_fetches_nothing_runs_nothing_and_says_it_in_each_language(locale: str) -> None:
    text = page(report(locale)).decode()

    assert "<script" not in text
    assert not re.search(r"https?:|url\(|@import|src=|href=", text)
    assert f'<html lang="{locale}">' in text
    assert "viewport" in text
    assert _words()["projection"][LOCALES.index(locale)] in text
    assert "12,345,678,901,234,567.89" in text
    assert percent(None, locale) in text


def test_a_report_of_nothing_says_so() -> None:
    text = page({**report(), "metrics": []}).decode()

    assert "No target and no result" in text
    assert openpyxl.load_workbook(BytesIO(book({**report(), "metrics": []}))).active["A1"].value


def test_a_workbook_has_numbers_an_outline_charts_and_no_formula() -> None:
    made = openpyxl.load_workbook(BytesIO(book(report())))

    assert made.sheetnames == ["CASH 1", "CASH 1_"]
    for sheet in made:
        cells = [cell for line in sheet.iter_rows() for cell in line if cell.value is not None]
        assert {cell.data_type for cell in cells} == {"s", "n"}
        assert (sheet["B5"].value, sheet["C5"].value, sheet["D5"].value) == (1000, 950.5, 95.05)
        assert sheet["A6"].value == "'=1+1"
        assert (sheet["A7"].value, sheet["A8"].value) == ("People", "long")
        assert sheet["C8"].value == "12345678901234567.89"
        # Who stands below the territories is no sum of them.
        assert (sheet["A5"].font.b, sheet["A8"].font.b) == (True, False)
        assert sheet.row_dimensions[6].outlineLevel == 1
        assert len(sheet._charts) == 2


def test_what_is_credited_is_drawn_in_the_line_of_its_own_target() -> None:
    with ZipFile(BytesIO(book(report()))) as made:
        charts = [made.read(name).decode() for name in made.namelist() if "/charts/chart" in name]

    for chart in charts:
        axes = re.findall(r"<c:catAx>.*?</c:catAx>", chart)
        # From the top down, also on the second axis, which nobody sees.
        assert [re.findall('orientation val="(.*?)"', axis) for axis in axes] == (
            [["maxMin"]] * len(axes)
        )
    assert sum(chart.count("<c:catAx>") for chart in charts) == 6


def test_a_bar_of_a_workbook_begins_at_nothing() -> None:
    below = {**report()["metrics"][0], "rows": [row("a"), row("b", attainment="-12.50")]}
    for metric, least in ((report()["metrics"][0], 0), (below, -12.5)):
        with ZipFile(BytesIO(book({**report(), "metrics": [metric]}))) as made:
            chart = made.read("xl/charts/chart1.xml").decode()
        assert [float(one) for one in re.findall(r'<c:min val="(.*?)"', chart)] == [least]


def widths(svg: str) -> list[tuple[int, int]]:
    return [
        (int(left), int(width))
        for left, width in re.findall(r'<rect x="(-?\d+)" y="\d+" width="(\d+)"', svg)
    ]


figures = st.decimals(0, 10**9, places=2)


@given(figures, st.decimals("0.01", 10**9, places=2), figures, figures)
def test_a_bullet_keeps_its_proportions_and_stays_inside(
    credited: Decimal, target: Decimal, expected: Decimal, projection: Decimal
) -> None:
    shown = {
        "credited": credited,
        "target": target,
        "expected": expected,
        "projection": projection,
    }

    drawn = widths(bullet(shown, "told"))

    assert all(left + 3 >= 0 and left + width <= 1003 for left, width in drawn)
    (_, done), (mark, _) = drawn[-2:]
    assert abs(Decimal(done) * target - Decimal(mark + 3) * credited) <= max(target, credited) * 2


def test_where_the_less_is_the_better_what_is_expected_is_the_end_of_the_good_band() -> None:
    shown = {name: Decimal(100) for name in ("target", "expected")}
    shown |= {"credited": Decimal(75), "projection": None}

    def bands(*, is_lower: bool) -> list[str]:
        drawn = bullet(shown, "told", is_lower=is_lower)
        found = re.findall(r'x="(\d+)" y="3" width="(\d+)" height="18" fill="(.*?)"', drawn)[1:]
        done = re.findall(r'y="9" width="(\d+)"', drawn)[0]
        return [colour for left, width, colour in found if int(left) + int(width) > int(done)]

    red, amber, green = "#f6d5d2", "#fbe8c3", "#d5ecdf"
    assert bands(is_lower=False) == [red, amber, green]
    assert bands(is_lower=True)[0] == green
    metric = {**report()["metrics"][0], "is_lower": True}
    assert "the less of it the better" in page({**report(), "metrics": [metric]}).decode()


@pytest.mark.parametrize(
    ("reached", "width"), [("0", 0), ("60", 500), ("120", 1000), ("150", 1000)]
)
def test_an_attainment_is_as_long_as_it_is(reached: str, width: int) -> None:
    drawn = widths(attainment(Decimal(reached), Decimal(120), "GREEN", 'said "so"'))

    assert drawn[2] == (0, width)
    assert "said &quot;so&quot;" in attainment(None, Decimal(120), None, 'said "so"')


def test_lines_join_each_node_with_the_one_above_it() -> None:
    assert _branches([0, 1, 2, 2, 1, 2]) == ["", "├ ", "│ ├ ", "│ └ ", "└ ", "  └ "]
