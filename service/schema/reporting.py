"""What the territory report shows: its boards, metric by metric, in a caller's sight."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from service.errors import NotFound
from service.identity.tokens import Claims
from service.schema.exporting import Boards, places, scaled

MOST_METRICS: Final = 20
_FIGURES: Final = """target credited attainmentBasisPoints expected paceBasisPoints colour gap
  requiredPerDay projection unassigned workingDays elapsedWorkingDays"""
_PERSON: Final = f"memberName cursor cut {_FIGURES}"
_ABOUT: Final = """query About($site: ID!, $territory: ID!) {
  site(id: $site) { name territory { id name } }
  territoryTree(rootId: $territory, depth: 0) { territory { id name } }
  metrics(first: 200) { nodes { id code name unit currency direction retiredAt } } }"""
_BOARDS: Final = f"""query Boards($metric: ID!, $territory: ID!, $period: PeriodInput!,
                                  $depth: Int!, $day: Date, $restated: Boolean!) {{
  territoryBoard(territoryId: $territory, metricId: $metric, period: $period, depth: $depth,
                 asOfDay: $day, restated: $restated) {{
    depth territory {{ name }} targetSummed {_FIGURES} }}
  memberBoard(territoryId: $territory, metricId: $metric, period: $period, asOfDay: $day,
              restated: $restated) {{
    {_PERSON} }} }}"""
_FURTHER: Final = f"""query Further($metric: ID!, $territory: ID!, $period: PeriodInput!,
                                    $day: Date, $restated: Boolean!, $after: ID!) {{
  memberBoard(territoryId: $territory, metricId: $metric, period: $period, asOfDay: $day,
              restated: $restated, afterId: $after) {{ {_PERSON} }} }}"""
_NAMES: Final = {
    "target": "target",
    "credited": "credited",
    "attainment": "attainmentBasisPoints",
    "expected": "expected",
    "pace": "paceBasisPoints",
    "gap": "gap",
    "required": "requiredPerDay",
    "projection": "projection",
    "unassigned": "unassigned",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A report as it is asked for.

    Attributes:
        site_id, territory_id: of the API; the territory, or else that of the site.
        period: of the API, and the same in words.
        day: the last day looked at; None is today.
        restated: whether it is as the day is known now, instead of as it was known then.
        metrics: ids or codes; none are all that have a target or a result.
        depth: how many levels below the territory.
    """

    period: Mapping[str, Any]
    period_in_words: str
    site_id: str | None = None
    territory_id: str | None = None
    day: str | None = None
    restated: bool = False
    today: str = ""
    metrics: Sequence[str] = ()
    depth: int = 3


async def report(
    boards: Boards, claims: Claims, wanted: Wanted, told: tuple[str, str | None]
) -> dict[str, Any]:
    """Return what a report shows, as the process that draws it takes it.

    Raises:
        NotFound: site or territory are out of sight, or the site is in none.
        Refusal: as the boards.
    """
    asked: dict[str, Any] = {"site": wanted.site_id or "x", "territory": wanted.territory_id or "x"}
    about, locale = await boards.ask(claims, _ABOUT, asked, told)
    site = about["site"]
    named = [row["territory"] for row in about["territoryTree"]]
    territory = named[0] if named else site and site["territory"]
    if territory is None:
        raise NotFound
    chosen = [
        one
        for one in about["metrics"]["nodes"]
        if (one["id"] in wanted.metrics or one["code"] in wanted.metrics)
        or (not wanted.metrics and one["retiredAt"] is None)
    ]
    found: list[dict[str, Any]] = []
    for metric in chosen[:MOST_METRICS]:
        variables = {
            "metric": metric["id"],
            "territory": territory["id"],
            "period": dict(wanted.period),
            "depth": wanted.depth,
            "day": wanted.day,
            "restated": wanted.restated,
        }
        data, _ = await boards.ask(claims, _BOARDS, variables, told)
        await _rest(boards, claims, variables, told, data["memberBoard"])
        shown = _shown(metric, data)
        if shown["rows"] and (wanted.metrics or _speaks(shown["rows"][0])):
            found.append(shown)
    return {
        "locale": locale,
        "territory_id": territory["id"],
        "territory": territory["name"],
        "site": site["name"] if site else None,
        "period": wanted.period_in_words,
        "as_of": wanted.day or wanted.today,
        "known_on": wanted.today if wanted.restated else None,
        "metrics": found,
    }


async def _rest(
    boards: Boards,
    claims: Claims,
    asked: Mapping[str, Any],
    told: tuple[str, str | None],
    people: list[dict[str, Any]],
) -> None:
    """Add the people who are beyond the first piece of a board."""
    variables = {name: asked[name] for name in ("metric", "territory", "period", "day", "restated")}
    while people and people[-1]["cut"]:
        after = {"after": people[-1]["cursor"]}
        data, _ = await boards.ask(claims, _FURTHER, variables | after, told)
        people += data["memberBoard"]


def _speaks(row: Mapping[str, Any]) -> bool:
    return row["target"] is not None or row["credited"].strip("0.-") != ""


def _shown(metric: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    rows = data["territoryBoard"]
    branches = _branches([row["depth"] for row in rows])
    return {
        "code": metric["code"],
        "name": metric["name"],
        "counted": metric["currency"] or ("%" if metric["unit"] == "RATIO" else ""),
        "places": places("target", metric),
        "is_lower": metric["direction"] == "LOWER",
        "rows": [
            _row(row, row["territory"], row["depth"], branch, metric)
            for row, branch in zip(rows, branches, strict=True)
        ],
        "people": [
            _row(row, {"name": row["memberName"]}, 0, "", metric) for row in data["memberBoard"]
        ],
    }


def _row(
    row: Mapping[str, Any],
    holder: Mapping[str, Any] | None,
    depth: int,
    branch: str,
    metric: Mapping[str, Any],
) -> dict[str, Any]:
    figures = {
        name: None if row[field] is None else scaled(str(row[field]), places(field, metric))
        for name, field in _NAMES.items()
    }
    if figures["target"] is None:
        # Of nothing that is aimed at nothing is missing, and nothing is required.
        figures |= {"gap": None, "required": None}
    days = {"whole": row["workingDays"], "elapsed": row["elapsedWorkingDays"]}
    told = {"name": holder["name"] if holder else "—", "depth": depth, "branch": branch}
    told["is_summed"] = row.get("targetSummed", False)
    return {**figures, **told, "colour": row["colour"], "days": days}


def _branches(depths: Sequence[int]) -> list[str]:
    """Draw the lines of a tree before each node of a depth-first list."""
    drawn: list[str] = []
    for place, depth in enumerate(depths):
        # A line goes on where another node of that depth comes before one that is higher up.
        on = [_goes_on(depths[place + 1 :], level) for level in range(1, depth + 1)]
        lines = "".join("│ " if goes else "  " for goes in on[:-1])
        drawn.append(lines + ("├ " if on[-1] else "└ ") if depth else "")
    return drawn


def _goes_on(later: Sequence[int], level: int) -> bool:
    for depth in later:
        if depth <= level:
            return depth == level
    return False
