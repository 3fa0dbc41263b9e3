"""Variables and arguments for a plan: only their plain valid forms; all else is graphql-core's.

What is read here becomes plain values: words of enumerations, ids as sent, instants, dictionaries
by GraphQL name. A value in any other form, valid or not, makes the operation unplannable, and the
reference implementation coerces it or words what is wrong with it.
"""

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from functools import lru_cache, partial
from sys import intern
from typing import Any, Final, TypeAlias

from graphql import (
    BooleanValueNode,
    EnumValueNode,
    FieldNode,
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLScalarType,
    GraphQLSchema,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    StringValueNode,
    Undefined,
    ValueNode,
    VariableNode,
    is_input_type,
    type_from_ast,
)

from service.schema.planner.unplannable import Unplannable

_LARGEST: Final = 2**31
_BUILT_IN: Final[Mapping[str, type]] = {"String": str, "Boolean": bool, "ID": str}

Plain: TypeAlias = Any
"""A value as a plan takes it; a closed set of shapes, but of every type."""
Given: TypeAlias = Mapping[str, Plain]
"""Variables of one request, coerced; those left out without a default are not in it."""
Coerce = Callable[[object], Plain]
Evaluate = Callable[[Given], Plain]

# Stands for what was left out, where null is a value of its own.
ABSENT: Final = object()
_NO_DEFAULTS: Final[Mapping[str, Plain]] = {}
_MOST_TYPES: Final = 2_048


def coercer(kind: GraphQLInputType) -> Coerce:
    """Return what takes a variable's JSON value of a type in its plain form.

    Raises (when called):
        Unplannable: the value has another form, or is not valid at all.
    """
    if isinstance(kind, GraphQLNonNull):
        inner = kind.of_type
        return _required(inner) if isinstance(inner, GraphQLNamedType) else _demanded(inner)
    return _optional(kind) if isinstance(kind, GraphQLNamedType) else _allowed(kind)


def _demanded(kind: GraphQLInputType) -> Coerce:
    return partial(_not_null, coercer(kind))


def _allowed(kind: GraphQLInputType) -> Coerce:
    return partial(_nullable, _coercer(kind))


# A type is one object for all documents, a list of it is made anew by each.
_required = lru_cache(_MOST_TYPES)(_demanded)
_optional = lru_cache(_MOST_TYPES)(_allowed)


def _nullable(inner: Coerce, value: object) -> Plain:
    return None if value is None else inner(value)


def _coercer(kind: GraphQLInputType) -> Coerce:
    if isinstance(kind, GraphQLList):
        return partial(_list, coercer(kind.of_type))
    if isinstance(kind, GraphQLEnumType):
        return partial(_word, {name: _plain(value.value) for name, value in kind.values.items()})
    if isinstance(kind, GraphQLInputObjectType):
        return _Object(kind)
    if isinstance(kind, GraphQLScalarType):
        if kind.name == "Int":
            return _int
        if kind.name in _BUILT_IN:
            return partial(_built_in, _BUILT_IN[kind.name])
        return partial(_scalar, kind)
    raise Unplannable("INPUT_TYPE")


def _not_null(inner: Coerce, value: object) -> Plain:
    if value is None:
        raise Unplannable("VARIABLE")
    return inner(value)


def _list(inner: Coerce, value: object) -> Plain:
    if type(value) is not list:
        raise Unplannable("VARIABLE")
    return [inner(one) for one in value]


def _word(words: Mapping[str, Plain], value: object) -> Plain:
    if type(value) is not str or value not in words:
        raise Unplannable("VARIABLE")
    return words[value]


def _int(value: object) -> Plain:
    if type(value) is not int or not -_LARGEST <= value < _LARGEST:
        raise Unplannable("VARIABLE")
    return value


def _built_in(kind: type, value: object) -> Plain:
    if type(value) is not kind:
        raise Unplannable("VARIABLE")
    return value


def _scalar(kind: GraphQLScalarType, value: object) -> Plain:
    try:
        return kind.parse_value(value)
    except Exception as error:
        # Whatever a scalar does to a wrong value, graphql-core tells it better.
        raise Unplannable("VARIABLE") from error


def _plain(value: object) -> Plain:
    return value.value if isinstance(value, Enum) else value


class _Object:
    """Takes an input object; its fields are looked up at the first use, since types nest."""

    def __init__(self, kind: GraphQLInputObjectType) -> None:
        self._kind = kind
        self._one_of = kind.is_one_of
        self._fields: _Fields | None = None

    def __call__(self, value: object) -> Plain:
        if type(value) is not dict:
            raise Unplannable("VARIABLE")
        fields = self._known()
        made: dict[str, Plain] = {}
        for name, given in value.items():
            known = fields.get(name)
            if known is None:
                raise Unplannable("VARIABLE")
            made[name] = known[0](given)
        if len(made) < len(fields):
            _complete(made, fields)
        return _one(made) if self._one_of else made

    def _known(self) -> "_Fields":
        if self._fields is None:
            self._fields = {
                name: (coercer(one.type), _default(one), isinstance(one.type, GraphQLNonNull))
                for name, one in self._kind.fields.items()
            }
        return self._fields


def _one(made: dict[str, Plain]) -> dict[str, Plain]:
    if len(made) != 1 or None in made.values():
        raise Unplannable("VARIABLE")
    return made


def _complete(made: dict[str, Plain], fields: "_Fields") -> None:
    for name, (_, default, required) in fields.items():
        if name not in made:
            if default is not ABSENT:
                made[name] = default
            elif required:
                raise Unplannable("VARIABLE")


_Fields: TypeAlias = Mapping[str, tuple[Coerce, Plain, bool]]


def _default(declared: GraphQLInputField | GraphQLArgument) -> Plain:
    value = declared.default_value
    if value is Undefined or value is None:
        # A default of null is not told from none by the library's own declarations: with either
        # an absent value and a null one mean the same to every field of ours.
        return ABSENT
    return _default_of(value)


def _defaults(declared: Mapping[str, GraphQLInputField | GraphQLArgument]) -> Mapping[str, Plain]:
    found = {
        name: default for name, one in declared.items() if (default := _default(one)) is not ABSENT
    }
    return found or _NO_DEFAULTS


def _default_of(value: object) -> Plain:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str | bool | int):
        return value
    if isinstance(value, list) and not value:
        return []
    raise Unplannable("DEFAULT")


class Variables:
    """The variables of one operation, made ready once."""

    def __init__(self, schema: GraphQLSchema, operation: OperationDefinitionNode) -> None:
        self._known: dict[str, tuple[Coerce, Plain]] = {}
        for definition in operation.variable_definitions or ():
            kind = type_from_ast(schema, definition.type)
            if not is_input_type(kind):
                raise Unplannable("INPUT_TYPE")
            default: Plain = ABSENT
            if definition.default_value is not None:
                default = literal(definition.default_value, kind)({})
            elif isinstance(kind, GraphQLNonNull):
                default = Unplannable
            self._known[definition.variable.name.value] = (coercer(kind), default)

    def given(self, sent: Mapping[str, object]) -> dict[str, Plain]:
        """Coerce what a request sent.

        Raises:
            Unplannable: a value is not in its plain form, or one is missing.
        """
        made: dict[str, Plain] = {}
        for name, (coerce, default) in self._known.items():
            if name in sent:
                made[name] = coerce(sent[name])
            elif default is Unplannable:
                raise Unplannable("VARIABLE")
            elif default is not ABSENT:
                made[name] = default
        return made


def literal(node: ValueNode, kind: GraphQLInputType) -> Evaluate:
    """Return what evaluates a value written in a valid document."""
    if isinstance(node, VariableNode):
        return partial(_variable, node.name.value, isinstance(kind, GraphQLNonNull))
    if isinstance(kind, GraphQLNonNull):
        kind = kind.of_type
    if isinstance(node, NullValueNode):
        return _always(None)
    if isinstance(kind, GraphQLList):
        return _list_literal(node, kind)
    if isinstance(kind, GraphQLInputObjectType) and isinstance(node, ObjectValueNode):
        return _object_literal(node, kind)
    return _always(_leaf(node, kind))


def _always(value: Plain) -> Evaluate:
    return lambda _given: value


def _variable(name: str, required: bool, given: Given) -> Plain:
    value = given.get(name, ABSENT)
    if required and (value is None or value is ABSENT):
        raise Unplannable("VARIABLE")
    return value


def _list_literal(node: ValueNode, kind: GraphQLList[Any]) -> Evaluate:
    if not isinstance(node, ListValueNode):
        # One value stands for a list of it.
        one = literal(node, kind.of_type)
        return lambda given: [_present(one(given))]
    parts = [literal(inner, kind.of_type) for inner in node.values]
    return lambda given: [_present(part(given)) for part in parts]


def _present(value: Plain) -> Plain:
    if value is ABSENT:
        raise Unplannable("VARIABLE")
    return value


def _object_literal(node: ObjectValueNode, kind: GraphQLInputObjectType) -> Evaluate:
    parts = {
        one.name.value: literal(one.value, kind.fields[one.name.value].type) for one in node.fields
    }
    defaults = _defaults(kind.fields)
    one_of = kind.is_one_of

    def evaluate(given: Given) -> Plain:
        made = dict(defaults)
        for name, part in parts.items():
            value = part(given)
            if value is not ABSENT:
                made[name] = value
        return _one(made) if one_of else made

    return evaluate


def _leaf(node: ValueNode, kind: GraphQLInputType) -> Plain:
    match kind, node:
        case GraphQLEnumType(), EnumValueNode():
            return _plain(kind.values[node.value].value)
        case GraphQLScalarType(name="Int"), IntValueNode():
            return _int(int(node.value))
        case GraphQLScalarType(name="String" | "ID"), StringValueNode():
            return node.value
        case GraphQLScalarType(name="ID"), IntValueNode():
            return node.value
        case GraphQLScalarType(name="Boolean"), BooleanValueNode():
            return node.value
        case GraphQLScalarType(), _ if kind.name not in _BUILT_IN:
            try:
                return kind.parse_literal(node)
            except Exception as error:
                raise Unplannable("LITERAL") from error
    raise Unplannable("LITERAL")


def _has_variable(node: ValueNode) -> bool:
    if isinstance(node, ListValueNode):
        return any(map(_has_variable, node.values))
    if isinstance(node, ObjectValueNode):
        return any(_has_variable(one.value) for one in node.fields)
    return isinstance(node, VariableNode)


class Arguments:
    """The arguments of one field of a document.

    Attributes:
        fixed: no variable is in them.
    """

    __slots__ = ("_defaults", "_written", "fixed")

    def __init__(self, node: FieldNode, declared: GraphQLField) -> None:
        written = {one.name.value: one.value for one in node.arguments or ()}
        self.fixed = not any(map(_has_variable, written.values()))
        self._written = {
            intern(name): literal(value, declared.args[name].type)
            for name, value in written.items()
        }
        self._defaults = _defaults(declared.args)

    def of(self, given: Given) -> dict[str, Plain]:
        """Return their values; those left out without a default are not in it."""
        made = dict(self._defaults)
        for name, evaluate in self._written.items():
            value = evaluate(given)
            if value is not ABSENT:
                made[name] = value
        return made


def booleans(names: Sequence[str], given: Given) -> tuple[bool, ...]:
    """Return the values of the variables that directives ask for.

    Raises:
        Unplannable: one is not true or false.
    """
    values = tuple(given.get(name, ABSENT) for name in names)
    if any(type(value) is not bool for value in values):
        raise Unplannable("VARIABLE")
    return values
