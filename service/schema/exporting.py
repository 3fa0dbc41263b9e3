"""Boards as tables: every root field that lists rows is one, with all the columns it declares.

A board is asked like any operation of its caller: the same budget, sight, masks and statement. What
is composed here is only the document; a board that is declared tomorrow is a table tomorrow.
"""

import asyncio
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

import orjson
import yaml
from graphql import (
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    is_leaf_type,
    is_required_argument,
)

from service.errors import LOCALES, InvalidInput, NotFound, Refusal
from service.exchange.sheets import TRUTH, Amount, Sheet
from service.identity.tokens import Claims
from service.money import exponent_of
from service.schema.admission import Admission
from service.schema.bodies import Asked
from service.schema.context import RequestContext
from service.schema.execution import Execution, VariablesRefused
from service.schema.refusals import Internal
from service.work import Transactions

# Beside a metric a large or a fractional number is an amount in its whole units, and is written in
# the metric's own unit; these are none, and neither is what is named a count.
_NO_AMOUNTS: Final = frozenset({"coverage"})
_OF_A_RECORD: Final = ("code", "staffCode", "name")
_OF_A_METRIC: Final = ("code", "unit", "currency")
_NUMBERS: Final = frozenset({"Int", "BigInt", "Decimal"})
_PERCENT_PLACES: Final = 2
_WORDS: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_DEEPEST: Final = 2
_AFTER: Final = "afterId"
# Whose a row of figures is.
_WHOSE: Final = frozenset(
    {"territory", "parent", "depth", "memberName", "member", "dealer", "total", "channelCode"}
    | {"productCode", "node"}
)
_PLACES: Final = ("cursor", "member", "campaign", "target")
_PERIOD: Final = re.compile(r"(\d{4})(?:-(?:Q([1-4])|(\d\d)(?:-(\d\d))?))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Field:
    """A column: where its value stands in a row, and its type's name."""

    path: tuple[str, ...]
    kind: str


@dataclass(frozen=True, slots=True)
class Board:
    """A root field as a table.

    Attributes:
        document: asks for all its columns.
        arguments: their types by name.
        place: of one that comes in pieces, the field that tells a row's place.
    """

    name: str
    document: str
    arguments: Mapping[str, Any]
    fields: tuple[Field, ...]
    place: str = ""

    @property
    def cut(self) -> bool:
        """Whether a long one comes in pieces; each goes on after the last row of the former."""
        return _AFTER in self.arguments


class Boards:
    """Reads boards as tables for who may see them."""

    def __init__(
        self,
        schema: GraphQLSchema,
        admission: Admission,
        execution: Execution,
        transactions: Transactions,
    ) -> None:
        self._schema = schema
        self.admission = admission
        self._execution = execution
        self._transactions = transactions

    def board(self, name: str, given: Collection[str] = ()) -> Board:
        """Return a board by its field's name, to be asked with the arguments named.

        Raises:
            NotFound: no root field of that name lists rows.
            InvalidInput: it has no such argument.
        """
        query = self._schema.query_type
        field = query.fields.get(name) if query is not None else None
        row = _row_of(field) if field is not None else None
        if field is None or row is None:
            raise NotFound
        for unknown in sorted(set(given) - field.args.keys()):
            raise InvalidInput(field=(unknown,), expected="KNOWN_FIELD")
        return _composed(name, field, row, given)

    async def rows(
        self, claims: Claims, name: str, given: Mapping[str, str], told: tuple[str, str | None]
    ) -> tuple[Board, dict[str, Any], str]:
        """Return a board, what was answered, and the language of the answer.

        Args:
            claims: who asks.
            name: of the board.
            given: its arguments as an address has them.
            told: the request's id, and the language that was asked for.

        Raises:
            Refusal: of the arguments, the budget, the caller, or the board's own.
        """
        board = self.board(name, given.keys())
        variables = {one: _argument(board, one, text) for one, text in given.items()}
        data, locale = await self.ask(claims, board.document, variables, told)
        while board.cut and data["rows"] and data["rows"][-1]["cut"]:
            last = data["rows"][-1][board.place]
            after = {_AFTER: last["id"] if isinstance(last, dict) else last}
            more, _ = await self.ask(claims, board.document, variables | after, told)
            data["rows"] += more["rows"]
        return board, data, locale

    async def ask(
        self,
        claims: Claims,
        text: str,
        variables: dict[str, Any],
        told: tuple[str, str | None],
    ) -> tuple[dict[str, Any], str]:
        """Return what a document of ours is answered in a caller's name, and in which language.

        Raises:
            Refusal: as `rows`.
        """
        document = self.admission.documents.read(text)
        asked = Asked(text, None, variables)
        operation = document.asked(None)
        budget = self.admission.budget(claims)
        self.admission.charge(operation, asked, operation.price.of(variables), budget)
        context = RequestContext(
            self._transactions, claims, told[0], wanted_locale=told[1], asked=document.names
        )
        try:
            async with budget.turn(), context:
                done = await self._execution.answer(document, asked, context)
        except VariablesRefused as refused:
            raise refused.found[0][0] from refused
        if done.errors or done.data is None:
            original = done.errors[0].original_error if done.errors else None
            raise original if isinstance(original, Refusal) else Internal()
        return orjson.loads(done.data), context.locale

    async def sheet(
        self, claims: Claims, name: str, given: Mapping[str, str], told: tuple[str, str | None]
    ) -> Sheet:
        """Return a board as a table; see `rows`."""
        board, data, locale = await self.rows(claims, name, given, told)
        # Of thousands of rows it takes seconds, in which others are served.
        return await asyncio.to_thread(_sheet, board, data, locale)


def _sheet(board: Board, data: Mapping[str, Any], locale: str) -> Sheet:
    rows = [
        [_cell(row, field, data.get("countedIn"), locale) for field in board.fields]
        for row in data["rows"]
    ]
    return Sheet(board.name, headings(board.fields, locale), rows)


def _row_of(field: GraphQLField) -> GraphQLObjectType | None:
    inner = field.type.of_type if isinstance(field.type, GraphQLNonNull) else field.type
    if not isinstance(inner, GraphQLList):
        return None
    row = _named(inner)
    return row if isinstance(row, GraphQLObjectType) else None


def _named(kind: Any) -> Any:  # noqa: ANN401 - graphql-core's types
    while isinstance(kind, GraphQLNonNull | GraphQLList):
        kind = kind.of_type
    return kind


def _composed(
    name: str, field: GraphQLField, row: GraphQLObjectType, given: Collection[str]
) -> Board:
    selection, fields = _selected(row, (), frozenset())
    # What has a default and is not given is left to it.
    arguments = {
        argument: one.type
        for argument, one in field.args.items()
        if argument in given or argument == _AFTER or is_required_argument(one)
    }
    place = ""
    if _AFTER in arguments:
        place = next(one for one in _PLACES if one in row.fields)
        selection += (
            f" {place}" if is_leaf_type(_named(row.fields[place].type)) else f" {place} {{ id }}"
        )
        # How the answer was cut is no matter of the whole. A row's own name stands for a record
        # that may be out of sight by now.
        besides: set[tuple[str, ...]] = {("cut",), ("cursor",)}
        if "memberName" in row.fields:
            besides.add(("member", "name"))
        fields = [one for one in fields if one.path not in besides]
    if "credited" in row.fields:
        # Of fifty columns it was the last, where nobody looks.
        fields = sorted(fields, key=lambda one: one.path[0] not in _WHOSE)
    declared = ", ".join(f"${argument}: {kind}" for argument, kind in arguments.items())
    passed = ", ".join(f"{argument}: ${argument}" for argument in arguments)
    head, call = (f"({declared})", f"({passed})") if arguments else ("", "")
    counted = " countedIn: metric(id: $metricId) { unit currency }"
    metric = counted if "metricId" in arguments else ""
    document = f"query{head} {{ rows: {name}{call} {{ {selection} }}{metric} }}"
    return Board(name, document, arguments, tuple(fields), place)


def _selected(
    kind: GraphQLObjectType, path: tuple[str, ...], seen: frozenset[str]
) -> tuple[str, list[Field]]:
    """Return the selection of a type and the columns it brings."""
    parts: list[str] = []
    fields: list[Field] = []
    for name, field in kind.fields.items():
        inner = field.type.of_type if isinstance(field.type, GraphQLNonNull) else field.type
        if isinstance(inner, GraphQLList) or any(
            isinstance(one.type, GraphQLNonNull) for one in field.args.values()
        ):
            continue
        if is_leaf_type(inner):
            if name != "id" or not path:
                parts.append(name)
                fields.append(Field((*path, name), inner.name))
        elif isinstance(inner, GraphQLObjectType):
            below, more = _below(inner, (*path, name), seen)
            seen |= {inner.name}
            if below:
                parts.append(f"{name} {{ {below} }}")
                fields += more
    return " ".join(parts), fields


def _below(
    kind: GraphQLObjectType, path: tuple[str, ...], seen: frozenset[str]
) -> tuple[str, list[Field]]:
    if kind.name == "Money":
        return "amountMinor currency", [Field(path, "Money")]
    if kind.name == "Metric":
        return " ".join(_OF_A_METRIC), [Field((*path, "code"), "String")]
    known = [name for name in _OF_A_RECORD if name in kind.fields]
    if "name" in known:
        return " ".join(known), [Field((*path, name), "String") for name in known]
    if kind.name in seen and "id" in kind.fields:
        return "id", [Field((*path, "id"), "ID")]
    return _selected(kind, path, seen | {kind.name}) if len(path) < _DEEPEST else ("", [])


def _argument(board: Board, name: str, text: str) -> object:
    """Return an argument of an address: text as it is, and JSON where the type is no text."""
    kind = board.arguments[name]
    inner = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
    if isinstance(inner, GraphQLInputObjectType) and inner.name == "PeriodInput":
        period = period_of(text)
        if period is not None:
            return period
    composed = isinstance(inner, GraphQLList | GraphQLInputObjectType)
    if not composed and inner.name not in {"Int", "Boolean"}:
        return text
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise InvalidInput(field=(name,), expected="OBJECT" if composed else "NUMBER") from error


def period_of(text: str) -> dict[str, Any] | None:
    """Return a period written as 2027, 2027-Q1, 2027-03 or 2027-03-15."""
    found = _PERIOD.fullmatch(text)
    if found is None:
        return None
    year, quarter, month, day = found.groups()
    if day:
        return {"day": text}
    if month:
        return {"month": {"year": int(year), "month": int(month)}}
    if quarter:
        return {"quarter": {"year": int(year), "quarter": int(quarter)}}
    return {"year": int(year)}


@cache
def _headings() -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = yaml.safe_load(
        (Path(__file__).parent / "headings.yaml").read_text("utf-8")
    )
    return found


def headings(fields: Sequence[Field], locale: str) -> list[str]:
    """Return what stands over columns, in a language.

    A row that is about one target is that target: its columns are named without it.
    """
    own = [field.path[1:] if field.path[0] == "target" else field.path for field in fields]
    paths = [path or field.path for path, field in zip(own, fields, strict=True)]
    twice = {path for path in paths if paths.count(path) > 1}
    return [
        _heading(field.path if path in twice else path, locale)
        for path, field in zip(paths, fields, strict=True)
    ]


def _heading(path: tuple[str, ...], locale: str) -> str:
    named = path[:-1] if len(path) > 1 and path[-1] == "name" else path
    place = LOCALES.index(locale)
    words = [
        _headings()[one][place]
        if one in _headings()
        else _WORDS.sub(" ", one).lower()
        if position
        else _WORDS.sub(" ", one).capitalize()
        for position, one in enumerate(named)
    ]
    return ": ".join([" ".join(words[:2]), *words[2:]]) if locale == LOCALES[0] else "".join(words)


def _cell(row: Mapping[str, Any], field: Field, metric: Any, locale: str) -> Any:  # noqa: ANN401 - JSON
    value: Any = row
    nearest = metric or _metric_in(row)
    for name in field.path:
        if not isinstance(value, dict):
            return None
        nearest = value.get("metric") or nearest
        value = value[name]
    if value is None:
        return None
    if field.kind == "Money":
        return Amount(scaled(value["amountMinor"], exponent_of(value["currency"])))
    if field.kind in _NUMBERS:
        counted = nearest if field.kind != "Int" else None
        return Amount(scaled(str(value), places(field.path[-1], counted)))
    if field.kind == "Boolean":
        return TRUTH[locale][value]
    return date.fromisoformat(value) if field.kind == "Date" else str(value)


def _metric_in(row: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
    """Return the metric of the record a row is about."""
    held = (one.get("metric") for one in row.values() if isinstance(one, dict))
    return next((one for one in held if one), None)


def places(name: str, metric: Any) -> int:  # noqa: ANN401 - JSON
    """Return by how many places a figure's point is moved for its metric, as the API has it."""
    if name.endswith("BasisPoints"):
        return _PERCENT_PLACES
    if name in _NO_AMOUNTS or name.endswith("Count") or not isinstance(metric, dict):
        return 0
    if metric["unit"] == "MONEY":
        return exponent_of(metric["currency"])
    return _PERCENT_PLACES if metric["unit"] == "RATIO" else 0


def scaled(text: str, places: int) -> str:
    """Move the point of a number by so many places to the left, exactly."""
    if not places:
        return text
    sign = "-" if text.startswith("-") else ""
    whole, _, part = text.removeprefix("-").partition(".")
    digits = whole.rjust(places + 1, "0")
    return f"{sign}{digits[:-places]}.{digits[-places:]}{part}"


def boards_of(schema: GraphQLSchema) -> Iterator[str]:
    """Return the names of all boards."""
    if schema.query_type is not None:
        yield from (name for name, field in schema.query_type.fields.items() if _row_of(field))
