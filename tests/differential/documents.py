"""Documents over the whole schema: aliases, fragments, directives, variables, cursors, filters."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from builders.api import SCHEMA
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    Undefined,
    get_named_type,
    is_leaf_type,
)

GRAPHQL = SCHEMA._schema
_DEPTH: Final = 5
_FIELDS: Final = 6
_WRONG: Final = 0.04
_WORDS: Final = ("An", "Bo", "王", "安娜", "x", "", "13812345678", "2026", "visit.take", "role")


@dataclass(slots=True)
class Written:
    """A document, and the variables sent with it."""

    text: str
    variables: dict[str, Any]


@dataclass(slots=True)
class Material:
    """What documents ask about.

    Attributes:
        ids: API ids of records there are.
        cursors: cursors that were answered, of whatever list.
    """

    ids: Sequence[str]
    cursors: list[str] = field(default_factory=list)


class Author:
    """Writes one document; everything it does comes from its chance.

    Args:
        chance: decides.
        material: what is asked about.
        left_out: root fields not to ask for.
    """

    def __init__(self, chance: Random, material: Material, left_out: frozenset[str]) -> None:
        self.chance = chance
        self.material = material
        self.left_out = left_out
        self.definitions: list[str] = []
        self.fragments: list[str] = []
        self.variables: dict[str, Any] = {}
        self.names = 0

    def document(self) -> Written:
        """Write a query."""
        root = GRAPHQL.query_type
        assert root is not None
        names = [name for name in root.fields if name not in self.left_out]
        chosen = self.chance.sample(names, self.chance.choice((1, 1, 1, 2, 3)))
        body = " ".join(self._field(root, name, 0) for name in chosen)
        if self.chance.random() < 0.1:
            body += " __typename"
        head = f"({', '.join(self.definitions)})" if self.definitions else ""
        text = f"query Q{head} {{ {body} }} {' '.join(self.fragments)}"
        return Written(text, self.variables)

    def _name(self, what: str) -> str:
        self.names += 1
        return f"{what}{self.names}"

    def _selection(self, kind: Any, depth: int) -> str:
        fields = [name for name, one in kind.fields.items() if self._fits(one, depth)]
        count = min(len(fields), self.chance.randint(1, _FIELDS))
        chosen = self.chance.sample(fields, count) if fields else []
        if isinstance(kind, GraphQLInterfaceType):
            parts = [self._field(kind, name, depth) for name in chosen]
            possible = sorted(GRAPHQL.get_possible_types(kind), key=lambda one: one.name)
            parts += [
                f"... on {one.name} {{ {self._selection(one, depth + 1)} }}"
                for one in self.chance.sample(possible, 3)
            ]
            return " ".join(parts)
        parts = [self._placed(kind, self._field(kind, name, depth)) for name in chosen]
        if not parts or self.chance.random() < 0.15:
            parts.append("__typename")
        return " ".join(parts)

    def _placed(self, kind: GraphQLObjectType, text: str) -> str:
        """Let a field stand as it is, in a fragment, or under a condition."""
        dice = self.chance.random()
        if dice < 0.06:
            name = self._name("f")
            self.fragments.append(f"fragment {name} on {kind.name} {{ {text} }}")
            return f"...{name}{self._directive()}"
        if dice < 0.12:
            on = f" on {kind.name}" if self.chance.random() < 0.5 else ""
            return f"...{on}{self._directive()} {{ {text} }}"
        return text

    def _directive(self) -> str:
        if self.chance.random() < 0.5:
            return ""
        word = self.chance.choice(("skip", "include"))
        if self.chance.random() < 0.5:
            return f" @{word}(if: {self.chance.choice(('true', 'false'))})"
        name = self._name("b")
        self.definitions.append(f"${name}: Boolean!")
        self.variables[name] = self.chance.random() < 0.5
        return f" @{word}(if: ${name})"

    @staticmethod
    def _fits(one: Any, depth: int) -> bool:
        return is_leaf_type(get_named_type(one.type)) or depth < _DEPTH

    def _field(self, kind: Any, name: str, depth: int) -> str:
        declared = kind.fields[name]
        alias = f"{self._name('a')}: " if self.chance.random() < 0.2 or declared.args else ""
        arguments = self._arguments(declared.args, name)
        condition = self._directive() if self.chance.random() < 0.06 else ""
        named = get_named_type(declared.type)
        inner = "" if is_leaf_type(named) else f" {{ {self._selection(named, depth + 1)} }}"
        return f"{alias}{name}{arguments}{condition}{inner}"

    def _arguments(self, declared: Mapping[str, GraphQLArgument], name: str) -> str:
        parts = []
        for word, one in declared.items():
            needed = isinstance(one.type, GraphQLNonNull) and one.default_value is Undefined
            wanted = _SELDOM.get(word, 0.35)
            if needed or self.chance.random() < wanted:
                parts.append(f"{word}: {self._value(one.type, word, f'{name}.{word}')}")
        return f"({', '.join(parts)})" if parts else ""

    def _value(self, kind: GraphQLInputType, word: str, path: str) -> str:
        plain = self._plain(kind, word, 0)
        if self.chance.random() < 0.5:
            return _literal(plain, kind)
        name = self._name("v")
        default = ""
        if not isinstance(kind, GraphQLNonNull) and self.chance.random() < 0.2:
            default = f" = {_literal(plain, kind)}"
        self.definitions.append(f"${name}: {kind}{default}")
        if not default or self.chance.random() < 0.5:
            wrong = self.chance.random() < _WRONG
            self.variables[name] = self.chance.choice(_NONSENSE) if wrong else plain
        elif path and self.chance.random() < 0.1:
            self.variables[name] = None
        return f"${name}"

    def _plain(self, kind: GraphQLInputType, word: str, depth: int) -> Any:
        if isinstance(kind, GraphQLNonNull):
            return self._plain(kind.of_type, word, depth)
        if isinstance(kind, GraphQLList):
            count = self.chance.choice((0, 1, 1, 2, 3))
            return [self._plain(kind.of_type, word, depth) for _ in range(count)]
        if isinstance(kind, GraphQLEnumType):
            return _Word(self.chance.choice(list(kind.values)))
        if isinstance(kind, GraphQLInputObjectType):
            return self._object(kind, depth)
        return self._leaf(getattr(kind, "name", ""), word)

    def _object(self, kind: GraphQLInputObjectType, depth: int) -> dict[str, Any]:
        names = list(kind.fields)
        if depth >= 2:
            names = [n for n in names if not _nests(kind.fields[n].type)] or names[:1]
        needed = [
            name
            for name, one in kind.fields.items()
            if isinstance(one.type, GraphQLNonNull) and one.default_value is Undefined
        ]
        count = 1 if kind.is_one_of else self.chance.choice((0, 1, 1, 2))
        chosen = self.chance.sample(names, min(count, len(names)))
        return {
            name: self._plain(kind.fields[name].type, name, depth + 1)
            for name in dict.fromkeys([*needed, *chosen] if not kind.is_one_of else chosen)
        }

    def _leaf(self, kind: str, word: str) -> Any:
        make = _LEAVES.get(kind)
        if word in {"after", "before"} and self.material.cursors and self.chance.random() < 0.9:
            return self.chance.choice(self.material.cursors)
        if kind == "ID" and self.chance.random() < 0.9:
            return self.chance.choice(self.material.ids)
        if kind == "Int":
            rare = (0, 201, -1)
            return self.chance.choice(rare if self.chance.random() < 0.06 else (1, 2, 3, 25, 200))
        return make(self.chance) if make is not None else self.chance.choice(_WORDS)


_SELDOM: Final = {"last": 0.12, "before": 0.08, "after": 0.12, "search": 0.15}


class _Word(str):
    """A word of an enumeration: bare in a document, text in a variable."""

    __slots__ = ()


_NONSENSE: Final[tuple[Any, ...]] = (
    None,
    "nonsense",
    3,
    3.5,
    True,
    [],
    {},
    ["x"],
    {"eq": 1},
    -(2**40),
)
_LEAVES: Final[Mapping[str, Callable[[Random], Any]]] = {
    "Boolean": lambda chance: chance.random() < 0.5,
    "DateTime": lambda chance: chance.choice(
        ("2026-03-02T02:00:00Z", "2026-03-02T10:00:00.250+08:00", "2020-01-01T00:00:00.000Z")
    ),
    "Date": lambda chance: chance.choice(("2026-03-02", "2026-02-28", "2030-12-31")),
    "ID": lambda chance: chance.choice(("nonsense", "visit_", "member_x", "visit_0", "")),
    "BigInt": lambda chance: str(chance.randint(-5, 10**12)),
}


def _nests(kind: GraphQLInputType) -> bool:
    named = get_named_type(kind)
    return isinstance(named, GraphQLInputObjectType) and not named.name.endswith(
        ("IdFilter", "TextFilter", "DateTimeFilter", "DateFilter", "StateFilter")
    )


def _literal(value: Any, kind: GraphQLInputType) -> str:
    match value:
        case _Word():
            return str(value)
        case None | bool():
            return {None: "null", True: "true", False: "false"}[value]
        case str():
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        case list():
            return "[" + ", ".join(_literal(one, kind) for one in value) + "]"
        case dict():
            inside = ", ".join(f"{name}: {_literal(one, kind)}" for name, one in value.items())
            return "{" + inside + "}"
    return str(value)
