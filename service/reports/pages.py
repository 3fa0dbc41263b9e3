"""The territory report as one page: nothing is fetched, a phone shows it, a printer prints it."""

from decimal import Decimal
from functools import cache
from html import escape
from pathlib import Path
from typing import Any, Final

import yaml

from service.errors import LOCALES
from service.reports.pictures import COLOURS, attainment, bullet

_LEAST_PERCENT: Final = Decimal(120)
_MOST_PERCENT: Final = Decimal(200)
SUMMED: Final = "Σ"
"""Before a target that is the sum of those below it."""
_TILES: Final = (
    *("target", "credited", "attainment", "pace", "gap", "required", "projection", "unassigned"),
)


@cache
def _words() -> dict[str, list[str]]:
    found: dict[str, list[str]] = yaml.safe_load(
        (Path(__file__).parent / "words.yaml").read_text("utf-8")
    )
    return found


@cache
def _style() -> str:
    return (Path(__file__).parent / "report.css").read_text("utf-8")


def word(name: str, locale: str) -> str:
    """Return a word of reports in a language."""
    return _words()[name][LOCALES.index(locale)]


def number(value: str | None, locale: str, places: int = 2) -> str:
    """Write an exact number with its digits in groups; `places` for one that was rounded."""
    if value is None:
        return word("none", locale)
    whole, point, part = value.partition(".")
    sign = "\N{MINUS SIGN}" if whole.startswith("-") else ""
    return f"{sign}{int(whole.removeprefix('-')):,}{point}{part[:places]}"


def percent(value: str | None, locale: str) -> str:
    """Write basis points that are scaled to percent."""
    return word("none", locale) if value is None else f"{number(value, locale)} %"


def page(report: dict[str, Any]) -> bytes:
    """Return the report as HTML."""
    locale = report["locale"]
    title = f"{word('title', locale)}: {report['territory']}"
    sections = "".join(_section(metric, locale) for metric in report["metrics"])
    if not sections:
        sections = f"<section><p>{escape(word('nothing', locale))}</p></section>"
    names = ("site", "period", "as_of", "known_on")
    told = [(name, report[name]) for name in names if report.get(name)]
    about = "".join(
        f"<span>{escape(word(name, locale))}: <b>{escape(value)}</b></span>" for name, value in told
    )
    return (
        f'<!doctype html><html lang="{locale}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\';'
        " style-src 'unsafe-inline'\">"
        f"<title>{escape(title)}</title><style>{_style()}</style></head><body><main>"
        f'<h1>{escape(title)}</h1><p class="about">{about}</p>{sections}</main></body></html>'
    ).encode()


def _section(metric: dict[str, Any], locale: str) -> str:
    first = metric["rows"][0]
    unit = f" ({metric['counted']})" if metric["counted"] else ""
    tiles = "".join(
        f"<div><dt>{escape(word(name, locale))}</dt><dd{_tint(name, first)}>"
        f"{escape(_shown(name, first, metric, locale))}</dd></div>"
        for name in _TILES
    )
    names = ["legend_attainment", "legend_lower" if metric["is_lower"] else "legend_pace"]
    if any(row["is_summed"] for row in metric["rows"]):
        names.append("legend_summed")
    legend = escape(" ".join(word(name, locale) for name in names))
    days = word("working_days", locale).format(**first["days"])
    tables = _table("territories", metric["rows"], metric, locale)
    if metric["people"]:
        tables += _table("people", metric["people"], metric, locale)
    return (
        f"<section><h2>{escape(metric['name'] + unit)}</h2><dl>{tiles}</dl>"
        f'<p class="legend">{escape(days)}</p>{tables}'
        f'<p class="legend">{legend}</p></section>'
    )


def _tint(name: str, row: dict[str, Any]) -> str:
    return f' style="color:{COLOURS[row["colour"]]}"' if name in {"attainment", "pace"} else ""


def _shown(name: str, row: dict[str, Any], metric: dict[str, Any], locale: str) -> str:
    if name in {"attainment", "pace"}:
        return percent(row[name], locale)
    # Rates are rounded for people already; of money there are no more places than it has.
    rate = name in {"required", "projection"}
    figure = number(row[name], locale, max(metric["places"], 2) if rate else metric["places"])
    return f"{SUMMED} {figure}" if name == "target" and row["is_summed"] else figure


def _table(title: str, rows: list[dict[str, Any]], metric: dict[str, Any], locale: str) -> str:
    reached = [Decimal(row["attainment"]) for row in rows if row["attainment"] is not None]
    most = min(max([*reached, _LEAST_PERCENT]), _MOST_PERCENT)
    heads = "".join(
        f"<span class={kind}>{escape(word(name, locale)) if name else ''}</span>"
        for kind, name in (
            ("name", title),
            ("bar", "attainment"),
            ("percent", ""),
            ("bullet", "pace"),
            ("sum", "credited"),
        )
    )
    lines = "".join(_row(row, most, metric, locale) for row in rows)
    return f'<h3>{escape(word(title, locale))}</h3><div class="row head">{heads}</div>{lines}'


def _row(row: dict[str, Any], most: Decimal, metric: dict[str, Any], locale: str) -> str:
    reached, pace = percent(row["attainment"], locale), percent(row["pace"], locale)
    state = f" ({word(row['colour'], locale)})" if row["colour"] else ""
    credited = _shown("credited", row, metric, locale)
    target = _shown("target", row, metric, locale)
    figures = {
        name: None if row[name] is None else Decimal(row[name])
        for name in ("credited", "target", "expected", "projection")
    }
    done = None if row["attainment"] is None else Decimal(row["attainment"])
    first = attainment(done, most, row["colour"], f"{word('attainment', locale)} {reached}")
    told = f"{word('pace', locale)} {pace}{state}: {credited} / {target}"
    second = bullet(figures, told, is_lower=metric["is_lower"])
    branch = f'<span class="branch">{escape(row["branch"])}</span>' if row["branch"] else ""
    return (
        f'<div class="row"><span class="name">{branch}{escape(row["name"])}</span>'
        f'<span class="bar">{first}</span>'
        f'<span class="percent" style="color:{COLOURS[row["colour"]]}">{escape(reached)}</span>'
        f'<span class="bullet">{second}</span>'
        f'<span class="sum">{escape(credited)}<small>/ {escape(target)}</small></span></div>'
    )
