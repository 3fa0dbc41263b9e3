"""A plan as the rows of a file: what is exported can be imported again, and changes nothing."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from service.database.session import Row
from service.exchange import facts
from service.exchange.rules.columns import COLUMNS, headings
from service.exchange.rules.comparing import PERCENT_PLACES, Metric, Target, places_of, written
from service.exchange.sheets import TRUTH, Amount, Sheet
from service.work import Sight

_NAMED: Final = {"org_unit": "org_unit_id", "territory": "territory_id", "member": "member_id"}


async def plan_sheet(sight: Sight, plan_id: UUID, locale: str) -> tuple[Row, Sheet]:
    """Return a plan, and the sheet of its targets in sight, parents before their children.

    Amounts are those in force once every change is: a plan of next year can begin with them.

    Raises:
        NotFound: there is no such plan in sight.
    """
    plan = await facts.plan_in_sight(sight, plan_id)
    targets = [one for one in await facts.targets_of(sight, plan_id) if one.visible]
    names = {
        kind: await facts.codes_of(
            sight, kind, {one.axes[name] for one in targets} - {None}, locale
        )
        for kind, name in _NAMED.items()
    }
    metrics = {one.id: (code, one) for code, one in (await facts.metrics(sight)).items()}
    return plan, Sheet(plan["code"], headings(locale), rows_of(targets, names, metrics, locale))


def rows_of(
    targets: Sequence[Target],
    names: Mapping[str, Mapping[UUID, tuple[str, str | None]]],
    metrics: Mapping[UUID, tuple[str, Metric]],
    locale: str,
) -> list[list[Any]]:
    """Return the cells of targets, parents before their children.

    Args:
        targets: those in sight, in their order.
        names: codes and names of units, territories and members, by kind.
        metrics: by id, each with its code.
        locale: of the words.
    """
    ordered = _in_order(targets)
    keys = {one.id: f"T{place}" for place, one in enumerate(ordered, 1)}
    writing = _Writing(keys, names, metrics, locale)
    return [writing.row(one) for one in ordered]


def _in_order(targets: Sequence[Target]) -> list[Target]:
    seen = {one.id for one in targets}
    below: dict[UUID | None, list[Target]] = {}
    for one in targets:
        above = one.parent_id if one.parent_id in seen else None
        below.setdefault(above, []).append(one)
    ordered: list[Target] = []
    waiting = list(reversed(below.get(None, [])))
    while waiting:
        one = waiting.pop()
        ordered.append(one)
        waiting += reversed(below.get(one.id, []))
    return ordered


class _Writing:
    def __init__(
        self,
        keys: Mapping[UUID, str],
        names: Mapping[str, Mapping[UUID, tuple[str, str | None]]],
        metrics: Mapping[UUID, tuple[str, Metric]],
        locale: str,
    ) -> None:
        self._keys = keys
        self._names = names
        self._metrics = metrics
        self._truth = TRUTH[locale]

    def row(self, one: Target) -> list[Any]:
        """Return the cells of a target, in the order of the columns."""
        axes = one.axes
        code, metric = self._metrics.get(axes["metric_id"], (None, None))
        places = places_of(metric.unit, metric.currency) if metric else 0
        coded = {kind: self._named(kind, axes[name]) for kind, name in _NAMED.items()}
        held = [coded[kind][1] for kind in ("member", "territory", "org_unit") if coded[kind][1]]
        above = self._keys.get(one.parent_id) if one.parent_id else None
        cells = {
            "key": self._keys[one.id],
            "parent_key": above,
            "holder": held[0] if held else None,
            "metric": code,
            **{kind: coded[kind][0] for kind in _NAMED},
            "channel": axes["channel_code"],
            "product": axes["product_code"],
            "seat": axes["seat"],
            "first_day": axes["first_day"],
            "last_day": axes["last_day"],
            "kind": axes["kind"],
            "level": axes["level"],
            "split": axes["split"] if above else None,
            "amount": Amount(written(one.amount, places)),
            "currency": metric.currency if metric else None,
            "pinned": self._truth[one.pinned],
            "vacant": self._truth[axes["is_vacancy"]],
            "unassigned": self._truth[axes["is_unassigned"]],
            "over_assignment": Amount(written(one.over, PERCENT_PLACES)),
        }
        return [cells[column.code] for column in COLUMNS]

    def _named(self, kind: str, row_id: UUID | None) -> tuple[str | None, str | None]:
        found = self._names[kind].get(row_id) if row_id is not None else None
        return found or (None, None)
