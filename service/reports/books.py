"""The territory report as a workbook: numbers, the tree as an outline, two charts."""

import re
from decimal import Decimal
from io import BytesIO
from typing import Any, Final

from service.formulas import guarded
from service.reports.pages import SUMMED, word
from service.reports.pictures import COLOURS

_COLUMNS: Final = (
    *("target", "credited", "attainment", "expected", "pace", "gap", "required", "projection"),
    "unassigned",
)
_NOT_IN_TITLES: Final = re.compile(r"[\[\]:*?/\\']")
_LONGEST_TITLE: Final = 31
_DIGITS: Final = 15
_DEEPEST_OUTLINE: Final = 7
_FIRST: Final = 4


def book(report: dict[str, Any]) -> bytes:
    """Return the report as XLSX."""
    import xlsxwriter  # noqa: PLC0415 - a page is drawn without it

    target = BytesIO()
    made = xlsxwriter.Workbook(
        target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    with made:
        titles: set[str] = set()
        for metric in report["metrics"]:
            _sheet(made, report, metric, _title(metric["code"], titles))
        if not report["metrics"]:
            made.add_worksheet().write_string(0, 0, word("nothing", report["locale"]))
    return target.getvalue()


def _title(code: str, taken: set[str]) -> str:
    title = _NOT_IN_TITLES.sub(" ", code)[:_LONGEST_TITLE].strip() or "Sheet"
    while title.casefold() in taken:
        title = f"{title[: _LONGEST_TITLE - 1]}_"
    taken.add(title.casefold())
    return title


def _sheet(made: Any, report: dict[str, Any], metric: dict[str, Any], title: str) -> None:  # noqa: ANN401 - xlsxwriter is untyped
    locale = report["locale"]
    page = made.add_worksheet(title)
    bold, head = made.add_format({"bold": True}), made.add_format({"bold": True, "bottom": 1})
    counted = f" ({metric['counted']})" if metric["counted"] else ""
    named = f"{metric['name']}{counted}: {report['territory']}"
    page.write_string(0, 0, guarded(named), made.add_format({"bold": True, "font_size": 14}))
    about = f"{report['period']} · {word('as_of', locale)} {report['as_of']}"
    if report.get("known_on"):
        about += f" · {word('known_on', locale)} {report['known_on']}"
    page.write_string(1, 0, guarded(about), bold)
    if any(row["is_summed"] for row in metric["rows"]):
        page.write_string(2, 0, word("legend_summed", locale))
    heads = [word("territory", locale), *(_headed(name, locale) for name in _COLUMNS)]
    right = made.add_format({"bold": True, "bottom": 1, "align": "right"})
    for column, text in enumerate(heads):
        page.write_string(_FIRST - 1, column, text, right if column else head)
    for place, row in enumerate(metric["rows"], _FIRST):
        _line(made, page, place, row, metric)
    below = _FIRST + len(metric["rows"])
    if metric["people"]:
        page.write_string(below, 0, word("people", locale), head)
        for place, row in enumerate(metric["people"], below + 1):
            _line(made, page, place, row, metric, is_total=False)
        below += 1 + len(metric["people"])
    page.freeze_panes(_FIRST, 1)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    page.set_column(0, 0, 32)
    page.set_column(1, len(_COLUMNS), 15)
    last = _FIRST + len(metric["rows"]) - 1
    page.insert_chart(below + 1, 0, _attained(made, title, metric, last, locale))
    page.insert_chart(below + 1, 5, _bullets(made, title, metric, last, locale))


def _headed(name: str, locale: str) -> str:
    return f"{word(name, locale)} %" if name in {"attainment", "pace"} else word(name, locale)


def _line(
    made: Any,  # noqa: ANN401 - xlsxwriter is untyped
    page: Any,  # noqa: ANN401 - xlsxwriter is untyped
    place: int,
    row: dict[str, Any],
    metric: dict[str, Any],
    *,
    is_total: bool = True,
) -> None:
    depth = min(row["depth"], _DEEPEST_OUTLINE)
    indented = made.add_format({"indent": row["depth"], "bold": is_total and not row["depth"]})
    page.write_string(place, 0, guarded(row["name"]), indented)
    for column, name in enumerate(_COLUMNS, 1):
        value = row[name]
        if value is None:
            continue
        places = 2 if name in {"attainment", "pace", "required", "projection"} else metric["places"]
        colour = COLOURS[row["colour"]] if name in {"attainment", "pace"} else "#000000"
        shown = "#,##0" + ("." + "0" * places if places else "")
        if name == "target" and row["is_summed"]:
            # It stays a number.
            shown = f'"{SUMMED} "{shown}'
        form = made.add_format({"num_format": shown, "font_color": colour})
        if len(re.sub(r"\D", "", value).lstrip("0")) > _DIGITS:
            page.write_string(place, column, value, form)
        else:
            page.write_number(place, column, float(value), form)
    page.set_row(place, None, None, {"level": depth})


def _attained(made: Any, title: str, metric: dict[str, Any], last: int, locale: str) -> Any:  # noqa: ANN401 - xlsxwriter is untyped
    chart = made.add_chart({"type": "bar"})
    chart.add_series(
        {
            "name": _headed("attainment", locale),
            "categories": [title, _FIRST, 0, last, 0],
            "values": [title, _FIRST, 3, last, 3],
            "points": [{"fill": {"color": COLOURS[row["colour"]]}} for row in metric["rows"]],
            "gap": 40,
        }
    )
    reached = [Decimal(row["attainment"]) for row in metric["rows"] if row["attainment"]]
    # Left to the spreadsheet the axis begins at the least of them, which then has no bar at all.
    chart.set_x_axis({"min": float(min([*reached, Decimal(0)]))})
    return _framed(chart, _headed("attainment", locale), len(metric["rows"]))


def _bullets(made: Any, title: str, metric: dict[str, Any], last: int, locale: str) -> Any:  # noqa: ANN401 - xlsxwriter is untyped
    """Draw the target as a broad light bar, what is expected in it, and what is credited before."""
    chart = made.add_chart({"type": "bar"})
    for column, colour, name in ((1, "#DFE4EA", "target"), (4, "#FBE8C3", "expected")):
        chart.add_series(
            {
                "name": word(name, locale),
                "categories": [title, _FIRST, 0, last, 0],
                "values": [title, _FIRST, column, last, column],
                "fill": {"color": colour},
                "gap": 30,
                "overlap": 100,
            }
        )
    before = made.add_chart({"type": "bar"})
    before.add_series(
        {
            "name": word("credited", locale),
            "categories": [title, _FIRST, 0, last, 0],
            "values": [title, _FIRST, 2, last, 2],
            "fill": {"color": "#22384F"},
            "gap": 220,
            "y2_axis": True,
        }
    )
    chart.combine(before)
    figures = [
        Decimal(row[name])
        for row in metric["rows"]
        for name in ("target", "credited", "expected")
        if row[name] is not None
    ]
    most = float(max([*figures, Decimal(1)]) * Decimal("1.05"))
    chart.set_x_axis({"min": 0, "max": most, "num_format": "#,##0"})
    before.set_y2_axis({"min": 0, "max": most, "visible": False})
    # Its own order, which is not the first axis's: what is credited would stand beside other names.
    before.set_x2_axis({"reverse": True, "visible": False})
    return _framed(chart, word("pace", locale), len(metric["rows"]))


def _framed(chart: Any, title: str, rows: int) -> Any:  # noqa: ANN401 - xlsxwriter is untyped
    chart.set_title({"name": title, "name_font": {"size": 12}})
    chart.set_y_axis({"reverse": True})
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": 620, "height": 140 + 26 * rows})
    return chart
