"""A list's page as one sub-select: rows by keyset, cursors and counts only where asked."""

from dataclasses import dataclass
from typing import Final, NamedTuple

from service.schema.planner.mapping import Listing, Mapping, mapping_of
from service.schema.planner.paging import (
    MOST_COUNTED,
    Bound,
    SortKey,
    belongs,
    beyond,
    cursor_in_sql,
    fingerprint,
)
from service.schema.planner.plan import TYPENAME, Selected
from service.schema.planner.sql import Value, Writer, form
from service.schema.planner.statements import renumbered
from service.schema.planner.unplannable import Unplannable
from service.schema.planner.ways import Run, page_of


class PageShape(NamedTuple):
    """What the text of a page depends on.

    Attributes:
        word: the order's.
        after, before: None without a cursor; else whether its key's value is set.
        condition: the filter's text; its values follow those of the cursors.
        bound: how many values the filter has.
    """

    word: str
    descending: bool
    backward: bool
    size: int
    after: bool | None
    before: bool | None
    condition: str
    bound: int


@dataclass(slots=True)
class _Page:
    """A page in the making; `q` are its rows, `p` these numbered, `g` what they come to.

    Attributes:
        made: JSON of each row, and of each edge, in the forms selected.
        cut: whether one row more than the page is read.
        ends: whether the cursors of the page itself are asked for.
    """

    field: Selected
    shape: PageShape
    key: SortKey
    mark: str
    target: Mapping
    outside: str | None
    made: list[str]
    edges: list[str]
    sums: list[str]
    cut: bool = False
    ends: bool = False

    @property
    def numbered(self) -> bool:
        """Whether the rows' places are needed: to cut the one too many, to turn them round."""
        return self.cut or self.shape.backward

    def gathered(self, what: str) -> str:
        """Write one aggregate over the rows of the page, in their order."""
        order = " ORDER BY p.n DESC" if self.shape.backward else ""
        only = f" FILTER (WHERE p.n <= {self.shape.size})" if self.cut else ""
        self.sums.append(f"{what.format(order=order)}{only} AS a{len(self.sums)}")
        return f"g.a{len(self.sums) - 1}"


_COUNTS: Final = frozenset({"total_count", "total_count_exact"})


@form(Listing)
def written_listing(writer: Writer, field: Selected, mapping: Mapping | None) -> str:
    """Write a connection.

    Raises:
        Unplannable: something in it has no form here.
    """
    item: Listing = field.item
    if field.ask is None:
        raise Unplannable("ARGUMENT", field.name)
    shape: PageShape = writer.shapes[field.ask]
    target, key = mapping_of(item.target), item.orders.keys[shape.word]
    outside = None
    if item.parent is not None:
        if mapping is None:
            raise Unplannable("FIELD", field.name)
        outside = writer.lateral()
    page = _Page(
        field=field,
        shape=shape,
        key=key,
        mark=fingerprint(target.kind, shape.word, shape.descending),
        target=target,
        outside=outside,
        made=[],
        edges=[],
        sums=[],
    )
    _look_ahead(writer, page)
    if _tells_of_others(writer, page):
        writer.look_through(target)
    below = writer.operation.below(field)
    columns = [f'{_part(writer, page, one)} AS "{one.key}"' for one in below]
    shown = f"SELECT {', '.join(columns)}"
    sources = _sources(writer, page, item)
    if outside is None or mapping is None:
        return f"(SELECT row_to_json(o) FROM ({shown}{sources}) o)"
    return (
        f"(SELECT row_to_json(o) FROM (SELECT t.{mapping.key_column} AS k) {outside},"
        f" LATERAL ({shown}{sources}) o)"
    )


def _look_ahead(writer: Writer, page: _Page) -> None:
    """See whether the page needs to know what lies beyond it, before any aggregate is written."""
    for one in writer.operation.below(page.field):
        if one.name == "page_info":
            names = {part.name for part in writer.operation.below(one)}
            more = "has_previous_page" if page.shape.backward else "has_next_page"
            page.cut = page.cut or more in names
            page.ends = page.ends or bool(names & {"start_cursor", "end_cursor"})


def _tells_of_others(writer: Writer, page: _Page) -> bool:
    """Say whether the page tells something of records that are not all shown in it."""
    below = writer.operation.below(page.field)
    names = {one.name for one in below}
    shown = "nodes" in names or any(
        part.name == "node"
        for one in below
        if one.name == "edges"
        for part in writer.operation.below(one)
    )
    return bool(names & _COUNTS) or (bool(names - {TYPENAME}) and not shown)


def _part(writer: Writer, page: _Page, field: Selected) -> str:
    match field.name:
        case "nodes":
            with writer.at(field.key), writer.each():
                row = _row(writer, page, field)
            return f"coalesce({page.gathered(f'json_agg({row}{{order}})')}, '[]')"
        case "edges":
            return _edges(writer, page, field)
        case "page_info":
            return _page_info(writer, page, field)
        case "total_count":
            return f"least(c.n, {MOST_COUNTED})"
        case "total_count_exact":
            return f"c.n <= {MOST_COUNTED}"
    if field.name == TYPENAME:
        return f"'{page.field.named.name}'::text"
    raise Unplannable("FIELD", field.name)


def _row(writer: Writer, page: _Page, field: Selected) -> str:
    """Have each row made JSON in one form; returns the expression over `p`."""
    columns = writer.columns(field, page.target)
    page.made.append(f" CROSS JOIN LATERAL (SELECT {columns}) n{len(page.made)}")
    return f"p.j{len(page.made) - 1}"


def _edges(writer: Writer, page: _Page, field: Selected) -> str:
    columns = []
    with writer.at(field.key), writer.each():
        for one in writer.operation.below(field):
            if one.name == "node":
                with writer.at(one.key):
                    value = _row(writer, page, one)
            elif one.name == "cursor":
                value = cursor_in_sql(page.mark, page.key, "p.k", "p.i")
            elif one.name == TYPENAME:
                value = f"'{field.named.name}'::text"
            else:
                raise Unplannable("FIELD", one.name)
            columns.append(f'{value} AS "{one.key}"')
    name = f"e{len(page.edges)}"
    page.edges.append(f" CROSS JOIN LATERAL (SELECT {', '.join(columns)}) {name}")
    return f"coalesce({page.gathered(f'json_agg(row_to_json({name}){{order}})')}, '[]')"


def _page_info(writer: Writer, page: _Page, field: Selected) -> str:
    shape, columns = page.shape, []
    ends = finals = ("NULL", "NULL")
    if page.ends:
        keys = page.gathered("array_agg(p.k{order})")
        rows = page.gathered("array_agg(p.i{order})")
        ends = (f"{keys}[1]", f"{rows}[1]")
        last = f"cardinality({rows})"
        finals = (f"{keys}[{last}]", f"{rows}[{last}]")
    for one in writer.operation.below(field):
        match one.name:
            case "has_next_page" if shape.backward:
                value = "TRUE" if shape.before is not None else "FALSE"
            case "has_previous_page" if not shape.backward:
                value = "TRUE" if shape.after is not None else "FALSE"
            case "has_next_page" | "has_previous_page":
                value = "g.more"
            case "start_cursor":
                value = _cursor(page, *ends)
            case "end_cursor":
                value = _cursor(page, *finals)
            case _ if one.name == TYPENAME:
                value = f"'{field.named.name}'::text"
            case _:
                raise Unplannable("FIELD", one.name)
        columns.append(f'{value} AS "{one.key}"')
    return f"(SELECT row_to_json(o) FROM (SELECT {', '.join(columns)}) o)"


def _cursor(page: _Page, value: str, row: str) -> str:
    cursor = cursor_in_sql(page.mark, page.key, value, row)
    return f"CASE WHEN {row} IS NOT NULL THEN {cursor} END"


def _sources(writer: Writer, page: _Page, item: Listing) -> str:
    """Write FROM: the page's aggregates and the count, whichever are asked for."""
    sources = []
    names = {one.name for one in writer.operation.below(page.field)}
    if page.sums or page.cut:
        sums = [*page.sums, *([f"count(*) > {page.shape.size} AS more"] if page.cut else [])]
        rows = f"({_rows(writer, page, item)})"
        if page.numbered:
            rows = f"(SELECT q.*, row_number() OVER () AS n FROM {rows} q)"
        sources.append(f"(SELECT {', '.join(sums)} FROM {rows} p{''.join(page.edges)}) g")
    if names & _COUNTS:
        matching = writer.outline.rows_of(page.target) + _matching(writer, page, item)
        sources.append(
            f"(SELECT count(*) AS n FROM (SELECT {matching} LIMIT {MOST_COUNTED + 1}) r) c"
        )
    return f" FROM {' CROSS JOIN '.join(sources)}" if sources else ""


def _rows(writer: Writer, page: _Page, item: Listing) -> str:
    shape, key = page.shape, page.key
    columns = [f"row_to_json(n{number}) AS j{number}" for number in range(len(page.made))]
    if page.ends or page.edges:
        columns += [f"{key.sql} AS k", "t.id AS i"]
    within = _matching(writer, page, item)
    place, further = 0, ""
    for there, upward in ((shape.after, not shape.descending), (shape.before, shape.descending)):
        if there is not None:
            ask = page.field.ask or 0
            bound = Bound(Value(ask, place) if there else None, Value(ask, place + 1))
            further += f" AND {beyond(writer.outline, key, bound, upward=upward)}"
            place += 2
    way = "DESC" if shape.descending is not shape.backward else "ASC"
    run = Run(key.sql, way, str(shape.size + page.cut), within, further)
    beside = "".join(page.made)
    if page.outside is None:
        rows = page_of(writer.outline, page.target, run, beside)
    else:
        # What one record has is found by that record, whoever asks.
        rows = f"{writer.outline.rows_of(page.target, beside=beside)}{run.ordered}"
    return f"SELECT {', '.join(columns)} {rows}"


def _matching(writer: Writer, page: _Page, item: Listing) -> str:
    text = ""
    if page.outside is not None and item.parent is not None:
        text = writer.outline.settle(f" AND {belongs(item.parent, f'{page.outside}.k')}")
    if page.shape.condition:
        first = _CURSORS_HAVE * ((page.shape.after is not None) + (page.shape.before is not None))
        slots = [Value(page.field.ask or 0, first + n) for n in range(page.shape.bound)]
        numbers = ["$1", *(writer.outline.number(slot) for slot in slots)]
        text += f" AND {renumbered(page.shape.condition, numbers)}"
    return text


_CURSORS_HAVE: Final = 2
