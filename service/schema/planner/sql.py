"""From what is selected to the one statement that answers it.

Every object is a sub-select made a JSON value by `row_to_json`; an object behind a relation is a
lateral one whose key is worked out where the relation's own row is `t`. Values are slots: the same
text serves every caller whose conditions read alike.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final, TypeAlias

from graphql import GraphQLObjectType

from service.policies.access import Predicate, RecordColumns, Verdict, Way
from service.schema.planner.access import Access
from service.schema.planner.finishing import EACH, OWNER, Unfinished, Watched
from service.schema.planner.mapping import (
    Mapping,
    Masked,
    Plain,
)
from service.schema.planner.plan import TYPENAME, Operation, Selected
from service.schema.planner.statements import Statement, Viewpoint
from service.schema.planner.unplannable import Unplannable
from service.schema.planner.walls import Unwalled


@dataclass(frozen=True, slots=True)
class Setting:
    """A slot for what is the same all through a request: tenant, caller, instant, language.

    And, where it is written down what was read: what confirms the caller, the request, and what
    else is told of it.
    """

    name: str


@dataclass(frozen=True, slots=True)
class Granted:
    """A slot for a value of one of the caller's conditions."""

    action: str
    scope: int
    plain: bool
    place: int


@dataclass(frozen=True, slots=True)
class Value:
    """A slot for a value that a field's arguments came to."""

    ask: int
    place: int


class WrittenShape:
    """A text a function has written, and how many values it binds.

    Attributes:
        key: what stands for it where plans are looked up: it is ten kilobytes long itself.
    """

    __slots__ = ("bound", "key", "sql")

    def __init__(self, sql: str, bound: int) -> None:
        self.sql = sql
        self.bound = bound
        self.key = blake2b(sql.encode(), digest_size=16).digest(), bound


@dataclass(frozen=True, slots=True)
class Need:
    """A condition the text was written with: another caller's must read the same."""

    action: str
    scope: RecordColumns
    plain: bool
    sql: str
    ways: tuple[Way, ...]

    def met_by(self, predicate: Predicate) -> bool:
        """Tell whether a caller's condition reads the same, and is reached in the same ways."""
        return predicate.sql == self.sql and predicate.ways == self.ways


@dataclass(frozen=True, slots=True)
class Judged:
    """A slot for what lets the caller do something: his duty, or the member he stands in for."""

    action: str
    duty: bool

    def of(self, verdict: Verdict) -> object:
        """Return its value."""
        if not self.duty:
            return verdict.acts_as
        return verdict.grant.duty if verdict.grant else None


Slot: TypeAlias = Setting | Granted | Value | Judged
TENANT, MEMBER, NOW, LOCALE = map(Setting, ("tenant", "member", "now", "locale"))
CONFIRMED, REQUEST, DETAILS = map(Setting, ("confirmed", "request", "details"))


class Outline(Statement):
    """A statement whose parameters are slots: `$1` the tenant, `$2` the caller, `$3` the instant.

    Attributes:
        needs: the caller's conditions that stand in it.
        asked: the permissions they ask, in the order they were written.
        others: of each audited type that was met, whether the caller sees other people's records.
    """

    def __init__(self, sight: Viewpoint, access: Access) -> None:
        super().__init__(sight, "", access)
        self.parameters = [TENANT, MEMBER, NOW]
        self._settings = {"now": NOW, "me": MEMBER, "locale": LOCALE}
        self._numbers: dict[object, str] = {TENANT: "$1", MEMBER: "$2", NOW: "$3"}
        self.needs: dict[tuple[str, int, bool], Need] = {}
        self.asked: list[tuple[str, bool]] = []
        self.others: dict[tuple[str, int], tuple[RecordColumns, bool]] = {}

    def sees_others(self, mapping: Mapping) -> bool:
        """Tell the same, and remember it: the text serves nobody of whom it is not so."""
        found = super().sees_others(mapping)
        if mapping.audited is not None and mapping.scope.owner is not None:
            self.others[str(mapping.action), id(mapping.scope)] = mapping.scope, found
        return found

    @property
    def slots(self) -> tuple[Slot, ...]:
        """The slots of its `$n`, in order."""
        return tuple(one for one in self.parameters if isinstance(one, Slot))

    def number(self, value: object) -> str:
        """Give a slot its parameter; the same slot has one."""
        known = self._numbers.get(value)
        if known is None:
            known = self._numbers[value] = super().number(value)
        return known

    def _bound(
        self, action: str, scope: RecordColumns, predicate: Predicate, *, plain: bool
    ) -> Callable[[int], str]:
        key = (action, id(scope), plain)
        self.asked.append((action, plain))
        self.needs[key] = Need(action, scope, plain, predicate.sql, predicate.ways)
        return lambda place: self.number(Granted(*key, place))

    def rows_of(self, mapping: Mapping, beside: str = "") -> str:
        """Write FROM and WHERE, and see that the caller's condition stands in it.

        Raises:
            Unwalled: it does not.
        """
        before = len(self.asked)
        text = super().rows_of(mapping, beside)
        if mapping.action is not None and (mapping.action, False) not in self.asked[before:]:
            raise Unwalled(f"{mapping.name} is read without asking {mapping.action}")
        return text


class Writer:
    """Writes one operation for one caller's conditions and one form of its arguments.

    Attributes:
        watched: where in the answer the owners of audited records stand.
        apart: rows that stand beside the answer, by name, for more than it is made of them.
        counted: which of them count audited records, with a column `owners`.
        through: types of audited records that are counted or told of without being shown.
    """

    def __init__(self, operation: Operation, outline: Outline, shapes: Sequence[Any]) -> None:
        self.operation = operation
        self.outline = outline
        self.shapes = shapes
        self.unfinished: list[Unfinished] = []
        self.watched: list[Watched] = []
        self.apart: dict[str, str] = {}
        self.counted: list[tuple[str, Mapping]] = []
        self.through: list[Mapping] = []
        self._laterals = 0
        self._path: list[str] = []

    def roots(self, fields: Iterable[Selected]) -> str:
        """Write the JSON of all root fields."""
        columns = ", ".join(self._named(field, None) for field in fields)
        return f"SELECT row_to_json(o) FROM (SELECT {columns}) o"

    def _named(self, field: Selected, mapping: Mapping | None) -> str:
        self._path.append(field.key)
        try:
            return f'{self.expression(field, mapping)} AS "{field.key}"'
        finally:
            self._path.pop()

    @contextmanager
    def at(self, key: str) -> Iterator[None]:
        """Stand at a name of the answer."""
        self._path.append(key)
        try:
            yield
        finally:
            self._path.pop()

    @contextmanager
    def each(self) -> Iterator[None]:
        """Stand in a list: what is finished below is finished in each entry."""
        self._path.append(EACH)
        try:
            yield
        finally:
            self._path.pop()

    def lateral(self) -> str:
        """Return a name no other lateral sub-select of the statement has."""
        self._laterals += 1
        return f"f{self._laterals}"

    def columns(self, field: Selected, mapping: Mapping) -> str:
        """Write what is selected of a field's object, whose row is `t`."""
        kind = self.operation.schema.type_map.get(mapping.name)
        of = kind if isinstance(kind, GraphQLObjectType) and kind is not field.named else None
        columns = [self._named(one, mapping) for one in self.operation.below(field, of)]
        return ", ".join([*columns, *self.watching(mapping, mapping.scope.owner)])

    def watching(self, mapping: Mapping, owner: str | None) -> list[str]:
        """Return the column by which it is seen whose rows of a type are read, if that is due."""
        if not self.outline.sees_others(mapping):
            return []
        watched = Watched(tuple(self._path), mapping)
        if watched not in self.watched:
            self.watched.append(watched)
        return [f'{owner} AS "{OWNER}{self.watched.index(watched)}"']

    def counting(self, text: str, mapping: Mapping) -> tuple[str, list[str]]:
        """Return where rows that count audited records come from, and the column of the owners.

        A root field's stand beside the answer: it is seen there whose they are, and need not be
        looked for in the answer. Further below it is not sure that they are read at all.
        """
        if len([one for one in self._path if one != EACH]) > 1 or not self.outline.sees_others(
            mapping
        ):
            return f"({text})", self.watching(mapping, "t.owners")
        name = f"r{len(self.apart)}"
        self.apart[name] = text
        self.counted.append((name, mapping))
        return name, []

    def look_through(self, mapping: Mapping) -> None:
        """Say that something is told of records of a type of which none may be shown."""
        if self.outline.sees_others(mapping):
            self.through.append(mapping)

    def unfinish(self, field: Selected) -> None:
        """Have the value that is being written made by Python in the end."""
        one = Unfinished(tuple(self._path), field)
        if one not in self.unfinished:
            self.unfinished.append(one)

    def expression(self, field: Selected, mapping: Mapping | None) -> str:
        """Write one field's value over the row `t` of its object."""
        if field.name == TYPENAME:
            return f"'{self.typename(mapping)}'::text"
        write = FORMS.get(type(field.item))
        if write is None:
            raise Unplannable("FIELD", field.name)
        before = len(self.outline.asked)
        text = write(self, field, mapping)
        if isinstance(field.item, Masked):
            self._refuse_unmasked(field.item, before)
        return text

    def _refuse_unmasked(self, item: Masked, before: int) -> None:
        if (item.action, True) not in self.outline.asked[before:]:
            raise Unwalled(f"a masked field is read without asking {item.action}")

    def typename(self, mapping: Mapping | None) -> str:
        """Return the name of the type whose fields are written."""
        return self.operation.root.name if mapping is None else mapping.name

    def one(self, field: Selected, target: Mapping, key: str) -> str:
        """Write the record of a type whose key is an expression over the row outside."""
        outside = self.lateral()
        columns = self.columns(field, target)
        return (
            f"(SELECT row_to_json(o) FROM (SELECT {key} AS k) {outside}, LATERAL"
            f" (SELECT {columns} {self.outline.rows_of(target)}"
            f" AND t.{target.key_column} = {outside}.k) o)"
        )


Form = Callable[[Writer, Selected, Mapping | None], str]
FORMS: Final[dict[type, Form]] = {}
"""How a field of each kind of declaration is written; filled by the modules that write them."""


def form(kind: type) -> Callable[[Form], Form]:
    """Make a function the form of one kind of declaration."""

    def declare(write: Form) -> Form:
        FORMS[kind] = write
        return write

    return declare


def refuse_unwritten(field: Selected, finished: Selected | None) -> None:
    """Refuse a field that has no form here, whoever asks for it.

    Args:
        field: the field.
        finished: the one above it that Python makes whole, if there is one.

    Raises:
        Unplannable: it has none.
    """
    known = field.name == TYPENAME or type(field.item) in FORMS
    if finished is not None:
        known = (
            getattr(finished.item, "deep", False)
            or field.name == TYPENAME
            or isinstance(field.item, Plain)
        )
    if not known:
        raise Unplannable("FIELD", field.name)
