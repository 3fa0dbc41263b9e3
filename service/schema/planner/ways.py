"""Rows of a list in order, at most so many: read from each way's own index, and merged.

What a caller may see is mostly an alternative: his own, or his units', or his territories'. As one
condition of OR no index has it in order: PostgreSQL then either reads the list until enough of it
is in sight, or everything in sight to sort it. Each way by itself is the head of one index, so a
page costs what it shows and not what the tenant has.
"""

from dataclasses import dataclass

from service.schema.planner.mapping import Mapping
from service.schema.planner.statements import Statement, WayIn


@dataclass(frozen=True, slots=True)
class Run:
    """An order over `t`, and how many rows of it.

    Attributes:
        key: what the rows are ordered by, before their id.
        way: ASC or DESC.
        most: SQL for the number of rows.
        within: conditions over `t` besides, each after AND.
        beyond: conditions over `{key}` and `{row}`, what the rows are ordered by, each after AND.
    """

    key: str
    way: str
    most: str
    within: str = ""
    beyond: str = ""

    @property
    def ordered(self) -> str:
        """Write the conditions, the order and the bound."""
        return self.ordered_by(self.key, "t.id")

    def ordered_by(self, key: str, row: str) -> str:
        """Write the same over other columns that have the key and the id too."""
        return (
            f"{self.within}{self.beyond.format(key=key, row=row)}"
            f" ORDER BY {key} {self.way}, {row} {self.way} LIMIT {self.most}"
        )


def page_of(statement: Statement, mapping: Mapping, run: Run, beside: str = "") -> str:
    """Write FROM to LIMIT of a page of a type's rows `t` that the caller may see.

    Args:
        statement: for whom.
        mapping: the type's.
        run: the order, and how many.
        beside: what is joined to each row besides.
    """
    ways = statement.ways_of(mapping, run.key)
    if not ways:
        return f"{statement.rows_of(mapping, beside)}{run.ordered}"
    heads = " UNION ".join(_head(statement, mapping, run, way) for way in ways)
    joins = statement.settle(mapping.joins)
    # OFFSET 0 keeps them apart: each record is found by its key. In a small tenant it would seem
    # cheaper to read all, and its pages would be planned anew each time, for longer than they take.
    return (
        f"FROM (SELECT w.id, w.key FROM ({heads}) w ORDER BY w.key {run.way}, w.id {run.way}"
        f" LIMIT {run.most}) page"
        f" CROSS JOIN LATERAL (SELECT t.* FROM {mapping.whole} t"
        f" WHERE t.tenant_id = $1 AND t.id = page.id OFFSET 0) t {joins}{beside}"
        f" ORDER BY page.key {run.way}, page.id {run.way}"
    )


def _head(statement: Statement, mapping: Mapping, run: Run, way: WayIn) -> str:
    parts = ["t.tenant_id = $1", way.condition]
    if mapping.condition:
        parts.append(f"({statement.settle(mapping.condition)})")
    source, ordered = mapping.source, run.ordered
    naming = way.naming
    if naming is not None:
        # Its lines stand in the order themselves, and each leads to one row.
        source = (
            f"{naming.whole} m JOIN {mapping.whole} t ON t.tenant_id = m.tenant_id"
            f" AND t.id = m.{naming.record} {mapping.joins}"
        )
        ordered = run.ordered_by(f"m.{naming.orders[run.key]}", f"m.{naming.record}")
    rows = (
        f"SELECT t.id, {run.key} AS key FROM {statement.settle(source)}"
        f" WHERE {' AND '.join(parts)}{ordered}"
    )
    if not way.source:
        return f"(SELECT * FROM ({rows}) head)"
    return f"(SELECT head.* FROM {way.source} ({rows}) head)"
