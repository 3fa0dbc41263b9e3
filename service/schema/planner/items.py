"""The form of each kind of declaration: one field's SQL over the row `t` of its object."""

from contextlib import nullcontext
from typing import Any, Final

from graphql import GraphQLNonNull

from service.schema.planner.forms import exponent, leaf
from service.schema.planner.mapping import (
    Actions,
    Amount,
    AnyRecord,
    AnyRecords,
    Column,
    Finished,
    Here,
    Key,
    Lookup,
    Mapping,
    Masked,
    MaskedFields,
    Names,
    OfPage,
    Only,
    Part,
    Plain,
    Rows,
    ToMany,
    ToOne,
    Whole,
    mapping_of,
    mapping_of_kind,
    part_of,
)
from service.schema.planner.plan import TYPENAME, Selected
from service.schema.planner.sql import Value, Writer, WrittenShape, form
from service.schema.planner.statements import renumbered
from service.schema.planner.unplannable import Unplannable
from service.schema.planner.written import Among, Found, Written

MOST_CHILDREN: Final = 1_000


@form(Key)
def _key(_writer: Writer, _field: Selected, mapping: Mapping | None) -> str:
    if mapping is None:
        raise Unplannable("FIELD", "id")
    return f"'{mapping.kind}_' || t.{mapping.key_column}"


@form(Column)
def _column(writer: Writer, field: Selected, mapping: Mapping | None) -> str:
    item: Column = field.item
    if isinstance(field.type, GraphQLNonNull) and _may_be_null(item.sql, mapping):
        raise Unplannable("NULLABLE", field.name)
    return leaf(writer.outline.settle(item.sql), field.type)


def _may_be_null(sql: str, mapping: Mapping | None) -> bool:
    """Tell whether an expression is a column that may be NULL; what is no column is declared so."""
    if mapping is None or mapping.table is None:
        return False
    columns: Any = mapping.table.__table__.columns
    name = sql.removeprefix("t.").strip('"')
    return sql.startswith("t.") and name in columns and bool(columns[name].nullable)


@form(Masked)
def _masked(writer: Writer, field: Selected, mapping: Mapping | None) -> str:
    item: Masked = field.item
    if mapping is None or isinstance(field.type, GraphQLNonNull):
        raise Unplannable("NULLABLE", field.name)
    shown = writer.outline.masks(item.action, mapping)
    return f"CASE WHEN {shown} THEN {leaf(writer.outline.settle(item.sql), field.type)} END"


def _listed(words: list[str]) -> str:
    return f"array_remove(ARRAY[{', '.join(words)}]::text[], NULL)"


@form(MaskedFields)
def _masked_fields(writer: Writer, field: Selected, mapping: Mapping | None) -> str:
    item: MaskedFields = field.item
    if mapping is None:
        raise Unplannable("FIELD", field.name)
    return _listed(
        [
            f"CASE WHEN NOT {writer.outline.masks(action, mapping)} THEN '{word}' END"
            for word, action in item.actions.items()
        ]
    )


@form(Actions)
def _actions(writer: Writer, field: Selected, mapping: Mapping | None) -> str:
    item: Actions = field.item
    if mapping is None:
        raise Unplannable("FIELD", field.name)
    outline = writer.outline
    words = [
        f"CASE WHEN ({outline.settle(one.when)})"
        f" AND {outline.masks(one.action, mapping, one.scope)} THEN '{word}' END"
        for word, one in item.possible.items()
    ]
    return leaf(_listed(words), field.type)


def _parts(writer: Writer, field: Selected, values: dict[str, str]) -> str:
    """Write an object that is made of a few expressions, by the Python names of its fields."""
    columns = []
    for one in writer.operation.below(field):
        value = f"'{field.named.name}'::text"
        if one.name != TYPENAME:
            if one.name not in values:
                raise Unplannable("FIELD", one.name)
            value = leaf(values[one.name], one.type)
        columns.append(f'{value} AS "{one.key}"')
    return f"(SELECT row_to_json(o) FROM (SELECT {', '.join(columns)}) o)"


@form(Amount)
def _amount(writer: Writer, field: Selected, mapping: Mapping | None) -> str:
    item: Amount = field.item
    whole = isinstance(field.type, GraphQLNonNull)
    if whole and (_may_be_null(item.amount, mapping) or _may_be_null(item.currency, mapping)):
        raise Unplannable("NULLABLE", field.name)
    minor, currency = writer.outline.settle(item.amount), item.currency
    shown = _parts(
        writer,
        field,
        {"amount_minor": minor, "currency": currency, "exponent": exponent(currency)},
    )
    if whole:
        return shown
    return f"CASE WHEN {minor} IS NOT NULL AND {currency} IS NOT NULL THEN {shown} END"


@form(Names)
def _names(writer: Writer, field: Selected, _mapping: Mapping | None) -> str:
    item: Names = field.item
    tags = {"en": "en", "zh_hant": "zh-Hant", "zh_hans": "zh-Hans"}
    kept = writer.outline.settle(item.sql)
    return _parts(writer, field, {name: f"{kept}->>'{tag}'" for name, tag in tags.items()})


@form(ToOne)
def _to_one(writer: Writer, field: Selected, _mapping: Mapping | None) -> str:
    item: ToOne = field.item
    if isinstance(field.type, GraphQLNonNull):
        raise Unplannable("NULLABLE", field.name)
    return writer.one(field, mapping_of(item.target), writer.outline.settle(item.sql))


@form(ToMany)
def _to_many(writer: Writer, field: Selected, mapping: Mapping | None) -> str:
    item: ToMany = field.item
    if mapping is None:
        raise Unplannable("FIELD", field.name)
    target, outside = mapping_of(item.target), writer.lateral()
    with writer.each():
        columns = writer.columns(field, target)
    condition = writer.outline.settle(item.condition)
    return (
        f"(SELECT coalesce(json_agg(row_to_json(o)), '[]')"
        f" FROM (SELECT t.{mapping.key_column} AS k) {outside}, LATERAL"
        f" (SELECT {columns} {writer.outline.rows_of(target)}"
        f' AND t."{item.column}" = {outside}.k AND ({condition})'
        f" ORDER BY {item.order} LIMIT {MOST_CHILDREN}) o)"
    )


@form(Lookup)
def _lookup(writer: Writer, field: Selected, _mapping: Mapping | None) -> str:
    item: Lookup = field.item
    if field.ask is None:
        raise Unplannable("ARGUMENT", field.name)
    row = writer.outline.place(Value(field.ask, 0), "uuid")
    return writer.one(field, mapping_of(item.target), row)


@form(AnyRecord)
def _any_record(writer: Writer, field: Selected, _mapping: Mapping | None) -> str:
    kind = writer.shapes[field.ask or 0]
    target = None if kind is None else mapping_of_kind(kind)
    if target is None:
        return "NULL::json"
    return writer.one(field, target, writer.outline.place(Value(field.ask or 0, 0), "uuid"))


@form(AnyRecords)
def _any_records(writer: Writer, field: Selected, _mapping: Mapping | None) -> str:
    ask, whens = field.ask or 0, []
    tasks = len(writer.unfinished) + len(writer.watched)
    with writer.each():
        for kind in writer.shapes[ask]:
            target = mapping_of_kind(kind)
            if target is not None:
                whens.append(f"WHEN '{kind}' THEN {writer.one(field, target, 'u.id')}")
    if len(whens) > 1 and len(writer.unfinished) + len(writer.watched) > tasks:
        # What stands at one place would have to be finished by the type that is found there.
        raise Unplannable("ARGUMENT", field.name)
    found = f"CASE u.kind {' '.join(whens)} END" if whens else "NULL::json"
    rows, kinds = (
        writer.outline.place(Value(ask, n), k) for n, k in ((0, "uuid[]"), (1, "text[]"))
    )
    return (
        f"(SELECT coalesce(json_agg(x.j ORDER BY x.n), '[]') FROM (SELECT u.n, {found} AS j"
        f" FROM unnest({rows}, {kinds}) WITH ORDINALITY u (id, kind, n)) x)"
    )


@form(Only)
def _only(writer: Writer, field: Selected, mapping: Mapping | None) -> str:
    item: Only = field.item
    if mapping is None:
        raise Unplannable("FIELD", field.name)
    target, outside = mapping_of(item.target), writer.lateral()
    columns = writer.columns(field, target)
    return (
        f"(SELECT row_to_json(o) FROM (SELECT t.{mapping.key_column} AS k) {outside}, LATERAL"
        f" (SELECT {columns} {writer.outline.rows_of(target)}"
        f' AND t."{item.column}" = {outside}.k ORDER BY t.id LIMIT 1) o)'
    )


@form(Here)
def _here(writer: Writer, field: Selected, _mapping: Mapping | None) -> str:
    item: Here = field.item
    return writer.one(field, mapping_of(item.target), writer.outline.settle(item.sql))


@form(Rows)
def _rows(writer: Writer, field: Selected, _mapping: Mapping | None) -> str:
    item: Rows = field.item
    target, outside = part_of(item.target), writer.lateral()
    if target is None:
        raise Unplannable("TYPE", item.target)
    text = writer.outline.settle(item.sql).replace("{array}", f"{outside}.a")
    array = "" if item.array is None else writer.outline.settle(item.array)
    before = f"(SELECT {array} AS a) {outside}, " if array else ""
    if not item.many:
        columns = writer.columns(field, target)
        return (
            f"(SELECT row_to_json(o) FROM {before}LATERAL ({text}) t, LATERAL (SELECT {columns}) o)"
        )
    with writer.each():
        columns = writer.columns(field, target)
    return (
        f"(SELECT coalesce(json_agg(row_to_json(o)), '[]')"
        f" FROM {before}LATERAL ({text}) t, LATERAL (SELECT {columns}) o)"
    )


@form(Whole)
def _whole(writer: Writer, field: Selected, _mapping: Mapping | None) -> str:
    item: Whole = field.item
    target = mapping_of(item.target)
    with writer.each():
        columns = writer.columns(field, target)
    return (
        f"(SELECT coalesce(json_agg(row_to_json(o)), '[]') FROM (SELECT {columns}"
        f" {writer.outline.rows_of(target)} ORDER BY {item.order} LIMIT {item.most}) o)"
    )


@form(Part)
def _part(writer: Writer, field: Selected, _mapping: Mapping | None) -> str:
    item: Part = field.item
    settle = writer.outline.settle
    return _parts(writer, field, {name: settle(sql) for name, sql in item.parts.items()})


@form(Finished)
def _finished(writer: Writer, field: Selected, _mapping: Mapping | None) -> str:
    item: Finished = field.item
    raw = item.raw
    text = writer.outline.settle(raw) if isinstance(raw, str) else raw(writer, field)
    writer.unfinish(field)
    return text


def _text(writer: Writer, field: Selected) -> str:
    """Return what a function has written, with the values of this request in their places."""
    shape: WrittenShape = writer.shapes[field.ask or 0]
    slots = [Value(field.ask or 0, place) for place in range(shape.bound)]
    return renumbered(shape.sql, ["$1", *(writer.outline.number(slot) for slot in slots)])


@form(Found)
def _found(writer: Writer, field: Selected, _mapping: Mapping | None) -> str:
    item: Found = field.item
    return writer.one(field, mapping_of(item.target), f"({_text(writer, field)})")


@form(Written)
def _written(writer: Writer, field: Selected, _mapping: Mapping | None) -> str:
    item: Written = field.item
    text = _text(writer, field)
    kind = field.named
    target = part_of(kind.name)
    if target is None:
        raise Unplannable("TYPE", kind.name)
    if not item.many:
        text = f"SELECT * FROM ({text}) t LIMIT 1"
    rows, owners = f"({text})", list[str]()
    with writer.each() if item.many else nullcontext():
        columns = writer.columns(field, target)
        if item.counts is not None and _counts(writer, field, item.counted_by):
            rows, owners = writer.counting(text, mapping_of(item.counts))
    shown = f"LATERAL (SELECT {', '.join([columns, *owners])}) o"
    if not item.many:
        return f"(SELECT row_to_json(o) FROM {rows} t, {shown})"
    return f"(SELECT coalesce(json_agg(row_to_json(o)), '[]') FROM {rows} t, {shown})"


def _counts(writer: Writer, field: Selected, counting: frozenset[str]) -> bool:
    return not counting or any(
        one.name in counting or _counts(writer, one, counting)
        for one in writer.operation.all_below(field)
    )


@form(Among)
def _among(writer: Writer, field: Selected, _mapping: Mapping | None) -> str:
    item: Among = field.item
    target, outside = mapping_of(item.target), writer.lateral()
    with writer.each():
        columns = writer.columns(field, target)
    return (
        f"(SELECT coalesce(json_agg(row_to_json(o)), '[]') FROM (SELECT {item.sql} AS a) {outside},"
        f" LATERAL (SELECT {columns} {writer.outline.rows_of(target)}"
        f" AND t.{target.key_column} = ANY({outside}.a)"
        f" ORDER BY array_position({outside}.a, t.{target.key_column})) o)"
    )


@form(Plain)
def _plain(writer: Writer, field: Selected, mapping: Mapping | None) -> str:
    item: Plain = field.item
    if mapping is None or mapping.table is not None:
        raise Unplannable("FIELD", field.name)
    inner = part_of(field.named.name)
    if inner is not None:
        return f"(SELECT row_to_json(o) FROM (SELECT {writer.columns(field, inner)}) o)"
    return leaf(f't."{item.name}"', field.type)


@form(OfPage)
def _of_page(_writer: Writer, field: Selected, _mapping: Mapping | None) -> str:
    raise Unplannable("FIELD", field.name)
