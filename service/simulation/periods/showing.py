"""What a simulation showed, for a file: a spreadsheet, a plot."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple
from uuid import UUID

from service.database.session import Row, Session
from service.formulas import guarded
from service.simulation.periods.captions import caption
from service.simulation.periods.charting import Bar, Captions, chart

_WHOLE: Final = 10_000

CAPTIONS: Final = {
    "en": Captions(
        "Turns and credit of each rep",
        "Turns",
        "Credited deals",
        "as it was",
        "under the text",
    ),
    "zh-Hant": Captions("各代表輪次與業績", "輪次", "計入成交", "原規則", "新規則"),
    "zh-Hans": Captions("各代表轮次与业绩", "轮次", "计入成交", "原规则", "新规则"),
}
_TALLIES: Final = """
SELECT t.*, m.name AS member,
    coalesce(s.names ->> $3, s.code) AS site FROM app.simulation_tally t
LEFT JOIN app.member m ON m.tenant_id = $1 AND m.id = t.member_id
LEFT JOIN app.site s ON s.tenant_id = $1 AND s.id = t.site_id
WHERE t.tenant_id = $1 AND t.rulebook_simulation_id = $2 ORDER BY t.position
"""


def _shares(column: str) -> str:
    return (
        "(SELECT coalesce(jsonb_agg(jsonb_build_object('holder', x.s ->> 'holder', 'name', m.name,"
        " 'basis_points', (x.s ->> 'basis_points')::int) ORDER BY x.place), '[]')"
        f" FROM jsonb_array_elements(c.{column}) WITH ORDINALITY AS x(s, place)"
        " LEFT JOIN app.member m ON m.tenant_id = $1 AND m.id = (x.s ->> 'member_id')::uuid)"
        f" AS {column}"
    )


# Days and hours are those on the wall of the site.
_CASES: Final = f"""
SELECT c.position, to_char(c.happened_at AT TIME ZONE s.time_zone, 'YYYY-MM-DD HH24:MI')
        AS happened_at, coalesce(s.names ->> $3, s.code) AS site, c.subject,
    v.number AS visit, c.rule_before, c.rule_after, rb.name AS receiver_before,
    ra.name AS receiver_after, ob.name AS owner_before, oa.name AS owner_after,
    {_shares("credit_before")}, {_shares("credit_after")}
FROM app.simulation_case c
JOIN app.site s ON s.tenant_id = $1 AND s.id = c.site_id
LEFT JOIN app.visit v ON v.tenant_id = $1 AND v.id = c.visit_id
LEFT JOIN app.member rb ON rb.tenant_id = $1 AND rb.id = c.receiver_before_id
LEFT JOIN app.member ra ON ra.tenant_id = $1 AND ra.id = c.receiver_after_id
LEFT JOIN app.member ob ON ob.tenant_id = $1 AND ob.id = c.owner_before_id
LEFT JOIN app.member oa ON oa.tenant_id = $1 AND oa.id = c.owner_after_id
WHERE c.tenant_id = $1 AND c.rulebook_simulation_id = $2 ORDER BY c.position
"""
# Where a word of the program stands, and not what somebody is called.
_WORDED: Final = ("kind", "tally_of", "subject")
_SUMS: Final = (
    "tally_of",
    "member",
    "site",
    "rule",
    "visits_before",
    "visits_after",
    "turns_before",
    "turns_after",
    "credit_before",
    "credit_after",
    "receiver_changed",
    "owner_changed",
    "credit_changed",
)


async def tallies(session: Session, simulation_id: UUID, locale: str) -> Sequence[Row]:
    """Return the sums of a simulation with the names of people and sites."""
    return await session.fetch(_TALLIES, session.tenant_id, simulation_id, locale)


async def plot(session: Session, simulation_id: UUID, locale: str) -> str:
    """Return the plot of turns and credit of each rep as SVG."""
    bars = [
        Bar(
            row["member"],
            (row["turns_before"], row["turns_after"]),
            (row["credit_before"] / _WHOLE, row["credit_after"] / _WHOLE),
        )
        for row in await tallies(session, simulation_id, locale)
        if row["tally_of"] == "MEMBER"
    ]
    return chart(bars, CAPTIONS[locale])


class Findings(NamedTuple):
    """What a workbook is made of: the totals, the sums, the cases; and whose language it speaks."""

    summary: Mapping[str, Any]
    sums: Sequence[Row]
    cases: Sequence[Row]
    locale: str = "en"


async def findings(session: Session, simulation_id: UUID, locale: str) -> Findings:
    """Read what a simulation showed; sites have the names they have in a language."""
    summary = await session.fetch_value(
        "SELECT jsonb_build_object('kind', kind, 'first day', first_day, 'last day', last_day)"
        " || coalesce(summary, '{}') FROM app.rulebook_simulation"
        " WHERE tenant_id = $1 AND id = $2",
        session.tenant_id,
        simulation_id,
    )
    sums = await tallies(session, simulation_id, locale)
    cases = await session.fetch(_CASES, session.tenant_id, simulation_id, locale)
    return Findings(summary or {}, sums, cases, locale)


async def spreadsheet(session: Session, simulation_id: UUID, path: Path, locale: str) -> None:
    """Write the totals, the sums and the cases as a workbook; no cell is ever a formula."""
    write(path, await findings(session, simulation_id, locale))


def write(target: Path | BinaryIO, found: Findings) -> None:
    """Write a workbook to a path or into an open file; no cell is ever a formula."""
    import xlsxwriter  # noqa: PLC0415 - only where a file is asked for

    book = xlsxwriter.Workbook(
        str(target) if isinstance(target, Path) else target,
        {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    cases = found.cases
    heads = tuple(cases[0].keys()) if cases else ("position",)
    with book:
        _sheet(book, found.locale, "totals", ("figure", "value"), _totals(found))
        for name, columns, rows in (("sums", _SUMS, found.sums), ("cases", heads, cases)):
            lines = (_line(row, columns, found.locale) for row in rows)
            _sheet(book, found.locale, name, columns, lines)


def _line(row: Row, columns: Sequence[str], locale: str) -> list[object]:
    return [caption(row[one], locale) if one in _WORDED else row[one] for one in columns]


def _totals(found: Findings) -> Iterable[list[object]]:
    for name, value in found.summary.items():
        said = caption(name, found.locale)
        if isinstance(value, dict):
            for part, one in value.items():
                yield [f"{caption(part, found.locale)} ({said})", one]
        else:
            yield [said, caption(value, found.locale) if name in _WORDED else value]


def _sheet(
    book: Any,  # noqa: ANN401 - xlsxwriter is untyped
    locale: str,
    name: str,
    heads: Sequence[str],
    rows: Iterable[Sequence[object]],
) -> None:
    sheet = book.add_worksheet(caption(name, locale))
    bold = book.add_format({"bold": True})
    sheet.freeze_panes(1, 0)
    for column, head in enumerate(heads):
        sheet.write_string(0, column, caption(head, locale), bold)
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            if isinstance(value, int | float) and not isinstance(value, bool):
                sheet.write_number(number, column, value)
            elif value is not None:
                sheet.write_string(number, column, guarded(_said(value, locale)))


def _said(value: object, locale: str) -> str:
    if isinstance(value, list):
        return ", ".join(
            f"{one['name'] or caption(one['holder'], locale)} {one['basis_points'] / 100:g} %"
            for one in value
        )
    return str(value)
