"""The rules. Their order is that of the page of conventions: names, types, lists, commands."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    get_nullable_type,
)

from service.schema.lengths import inputs_of_commands, says_how_long
from service.schema.linting.exceptions import (
    CLOSED_LISTS,
    IDS_OF_WHAT_IS_NOT_SEEN,
    LISTS_WITH_GAPS,
    NEVER_OUT_OF_SIGHT,
    OPAQUE_SCALARS,
    OPEN_OBJECTS,
)
from service.schema.linting.places import PlacedField, described, fields, given, types


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One place that is not as its rule says."""

    place: str
    message: str
    rule: str = ""


Rule = Callable[[GraphQLSchema], Iterator[Fault]]

_TYPE_NAME: Final = re.compile(r"(?:[A-Z][a-z0-9]+)+|JSON")
_FIELD_NAME: Final = re.compile(r"[a-z][a-z0-9]*(?:[A-Z][a-z0-9]+)*")
_VALUE_NAME: Final = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*")
_NO_NOUN: Final = re.compile(r"(?:get|list|fetch|find|load|query)[A-Z]")
_NO_COMMAND: Final = re.compile(
    r"(?:update|delete|process|handle|do)[A-Z]|.*[a-z](?:Update|Create|Delete)$"
)
_NO_PARTICIPLE: Final = re.compile(r"(?:not|no|non|is|has|un)[A-Z]")
_SPECIFIED_QUESTIONS: Final = {"hasNextPage", "hasPreviousPage", "isNull"}
_INSTANT: Final = re.compile(r"at|asOf|gte|lt|.*(?:At|Until|From)")
_DAY: Final = re.compile(r"day|week|month|date|eq|in|gte|lt|from|until|.*(?:On|Day|From|Until)")
_TIMES: Final = {"DateTime", "DateTimeFilter", "LocalTime"}
_DEPRECATION: Final = re.compile(r"Use .+\. Removed after \d{4}-\d{2}-\d{2}\.")
_PAGE: Final = {"first": "Int", "last": "Int", "after": "String", "before": "String"}
_CONNECTION: Final = {"edges", "nodes", "pageInfo", "totalCount", "totalCountExact"}


def everything_is_described(schema: GraphQLSchema) -> Iterator[Fault]:
    """Every type, field, argument, input field, enum value and code says what it is."""
    for place, words in described(schema):
        if not (words or "").strip():
            yield Fault(place, "has no description")


def names_have_their_form(schema: GraphQLSchema) -> Iterator[Fault]:
    """`PascalCase`, `camelCase`, `UPPER_SNAKE`; acronyms are words (`Url`, `siteId`)."""
    for kind in types(schema):
        if not _TYPE_NAME.fullmatch(kind.name):
            yield Fault(kind.name, "is not PascalCase with acronyms as words")
        if isinstance(kind, GraphQLEnumType):
            for value in kind.values:
                if not _VALUE_NAME.fullmatch(value):
                    yield Fault(f"{kind.name}.{value}", "is not UPPER_SNAKE")
    for place, name in [
        *((one.place, one.name) for one in fields(schema)),
        *((what.place, what.name) for what in given(schema)),
    ]:
        if not _FIELD_NAME.fullmatch(name):
            yield Fault(place, "is not camelCase with acronyms as words")


def no_name_says_its_type_again(schema: GraphQLSchema) -> Iterator[Fault]:
    """`visit.number`, not `visit.visitNumber`."""
    for one in fields(schema):
        again = one.parent.name[0].lower() + one.parent.name[1:]
        if one.name.startswith(again) and one.name[len(again) :][:1].isupper():
            yield Fault(one.place, "begins with the name of its own type")


def root_fields_are_nouns_commands_and_changes(schema: GraphQLSchema) -> Iterator[Fault]:
    """Queries are nouns, mutations the domain's command, subscriptions what has changed."""
    for name in schema.query_type.fields if schema.query_type else ():
        if _NO_NOUN.match(name):
            yield Fault(f"Query.{name}", "names what is done instead of what is read")
    for name in schema.mutation_type.fields if schema.mutation_type else ():
        if _NO_COMMAND.match(name):
            yield Fault(f"Mutation.{name}", "is not the domain's command in the imperative")
    for name in schema.subscription_type.fields if schema.subscription_type else ():
        if not re.search(r"[a-z](?:Changed|Made)$", name):
            yield Fault(f"Subscription.{name}", "does not say what has changed")


def suffixes_carry_the_kind(schema: GraphQLSchema) -> Iterator[Fault]:
    """`…At` is an instant, `…On` a day; booleans are plain participles, never negated."""
    placed = [
        *((one.place, one.name, one.field.type) for one in fields(schema)),
        *((what.place, what.name, what.given.type) for what in given(schema)),
    ]
    for place, name, kind in placed:
        scalar = get_named_type(kind).name
        if scalar == "DateTime" and not _INSTANT.fullmatch(name):
            yield Fault(place, "is an instant, but its name does not end with At")
        elif scalar == "Date" and not _DAY.fullmatch(name):
            yield Fault(place, "is a day, but its name does not end with On or Day")
        elif scalar not in _TIMES and re.search(r"[a-z]At$", name):
            yield Fault(place, "ends with At, but is neither an instant nor a time of day")
        elif (
            scalar == "Boolean" and _NO_PARTICIPLE.match(name) and name not in _SPECIFIED_QUESTIONS
        ):
            yield Fault(place, "is a question or negated; a boolean is a plain participle")


def relations_are_objects(schema: GraphQLSchema) -> Iterator[Fault]:
    """An answer has `receiver { id }`, not `receiverId`."""
    for one in fields(schema):
        if (
            one.name.endswith("Id")
            and one.answers == "ID"
            and one.name not in IDS_OF_WHAT_IS_NOT_SEEN
        ):
            yield Fault(one.place, "is an id where the record itself belongs")


def scalars_name_their_page(schema: GraphQLSchema) -> Iterator[Fault]:
    """Each scalar of ours names the page that specifies it."""
    for kind in types(schema):
        opaque = kind.name in OPAQUE_SCALARS
        if isinstance(kind, GraphQLScalarType) and not opaque and not kind.specified_by_url:
            yield Fault(kind.name, "has no @specifiedBy")


def no_floats_and_no_open_objects(schema: GraphQLSchema) -> Iterator[Fault]:
    """`Float` is used nowhere, `JSON` only in the audit of decisions."""
    placed = [
        *((one.place, one.field.type) for one in fields(schema)),
        *((what.place, what.given.type) for what in given(schema)),
    ]
    for place, kind in placed:
        scalar = get_named_type(kind).name
        if scalar == "Float" or (scalar == "JSON" and place not in OPEN_OBJECTS):
            yield Fault(place, f"is {scalar}")


def nothing_is_abstract_but_a_node(schema: GraphQLSchema) -> Iterator[Fault]:
    """There is one interface and no union: an abstract type is one more thing to plan."""
    for kind in types(schema):
        if isinstance(kind, GraphQLUnionType):
            yield Fault(kind.name, "is a union; use one object with a kind")
        if isinstance(kind, GraphQLInterfaceType) and kind.name != "Node":
            yield Fault(kind.name, "is an interface beside Node")


def what_may_be_out_of_sight_is_nullable(schema: GraphQLSchema) -> Iterator[Fault]:
    """Root look-ups and relations to one record are nullable, lists and connections are not."""
    for one in fields(schema):
        kind = one.field.type
        inner = get_nullable_type(kind)
        if isinstance(inner, GraphQLList):
            if not isinstance(kind, GraphQLNonNull) and not _may_be_withheld(one):
                yield Fault(one.place, "is a list that can be null")
            if not isinstance(inner.of_type, GraphQLNonNull) and one.place not in LISTS_WITH_GAPS:
                yield Fault(one.place, "is a list with nulls in it")
        elif one.answers.endswith("Connection"):
            if not isinstance(kind, GraphQLNonNull):
                yield Fault(one.place, "is a connection that can be null")
        elif isinstance(kind, GraphQLNonNull) and _is_record(one.field):
            edge = one.parent.name.endswith("Edge") and one.name == "node"
            # An event is told only to whoever has its record in sight.
            event = one.parent.name.endswith("Event") and "cursor" in one.parent.fields
            if not edge and not event and one.place not in NEVER_OUT_OF_SIGHT:
                yield Fault(one.place, "can be out of sight, but is never null")


def connections_have_one_shape(schema: GraphQLSchema) -> Iterator[Fault]:
    """A connection has `edges nodes pageInfo totalCount totalCountExact` and pages both ways."""
    for one in fields(schema):
        found = get_named_type(one.field.type)
        if not found.name.endswith("Connection") or not isinstance(found, GraphQLObjectType):
            continue
        if set(found.fields) != _CONNECTION:
            yield Fault(found.name, "has not the fields of a connection")
        for name, kind in _PAGE.items():
            argument = one.field.args.get(name)
            if argument is None or str(argument.type) != kind:
                yield Fault(one.place, f"does not page by {name}: {kind}")
            elif kind == "Int" and "1 to 200" not in (argument.description or ""):
                yield Fault(f"{one.place}({name}:)", "does not say how many may be asked for")


def commands_have_one_shape(schema: GraphQLSchema) -> Iterator[Fault]:
    """A mutation takes one `input` with a key and answers one payload with `errors`."""
    for name, field in (schema.mutation_type.fields if schema.mutation_type else {}).items():
        kind = name[0].upper() + name[1:]
        place = f"Mutation.{name}"
        if {one: str(given.type) for one, given in field.args.items()} != {
            "input": f"{kind}Input!"
        }:
            yield Fault(place, f"does not take `input: {kind}Input!` alone")
            continue
        if str(field.type) != f"{kind}Payload!":
            yield Fault(place, f"does not answer `{kind}Payload!`")
            continue
        sent, payload = get_named_type(field.args["input"].type), get_named_type(field.type)
        if isinstance(sent, GraphQLInputObjectType) and isinstance(payload, GraphQLObjectType):
            yield from _command(place, sent, payload)


def _command(
    place: str, sent: GraphQLInputObjectType, payload: GraphQLObjectType
) -> Iterator[Fault]:
    key = sent.fields.get("idempotencyKey")
    if key is None or str(key.type) != "String!":
        yield Fault(place, "has no `idempotencyKey: String!`")
    for name, kind in (("errors", "[CommandError!]!"), ("replayed", "Boolean!")):
        if name not in payload.fields or str(payload.fields[name].type) != kind:
            yield Fault(place, f"does not answer `{name}: {kind}`")
    for name, field in payload.fields.items():
        of_type = field.type.of_type if isinstance(field.type, GraphQLNonNull) else None
        if isinstance(of_type, GraphQLObjectType):
            yield Fault(f"{payload.name}.{name}", "is never null, but a refused command has none")


def texts_and_lists_say_how_long(schema: GraphQLSchema) -> Iterator[Fault]:
    """What a command takes says its greatest length; by that it is measured."""
    for place, field in inputs_of_commands(schema):
        if not says_how_long(field):
            yield Fault(place, "does not say how long it may be")


def subscriptions_can_be_resumed(schema: GraphQLSchema) -> Iterator[Fault]:
    """A subscription takes `after` and each event carries its `cursor`."""
    for name, field in (
        schema.subscription_type.fields if schema.subscription_type else {}
    ).items():
        event = get_named_type(field.type)
        if "after" not in field.args:
            yield Fault(f"Subscription.{name}", "cannot be resumed: it takes no `after`")
        if not isinstance(event, GraphQLObjectType) or "cursor" not in event.fields:
            yield Fault(f"Subscription.{name}", "cannot be resumed: its event has no `cursor`")


def enumerations_say_that_they_grow(schema: GraphQLSchema) -> Iterator[Fault]:
    """A client is told in words that values are added; a closed list is named as one."""
    answered = {one.answers for one in fields(schema)}
    for kind in types(schema):
        grows = isinstance(kind, GraphQLEnumType) and kind.name in answered - CLOSED_LISTS
        if grows and " are added" not in (kind.description or ""):
            yield Fault(kind.name, "does not say that values are added")


def deprecations_say_what_instead_and_until_when(schema: GraphQLSchema) -> Iterator[Fault]:
    """The reason reads `Use x. Removed after 2027-12-31.`, and nothing else."""
    reasons = [
        *((one.place, one.field.deprecation_reason) for one in fields(schema)),
        *((what.place, what.given.deprecation_reason) for what in given(schema)),
    ]
    for kind in types(schema):
        if isinstance(kind, GraphQLEnumType):
            for name, value in kind.values.items():
                reasons.append((f"{kind.name}.{name}", value.deprecation_reason))
    for place, reason in reasons:
        if reason is not None and not _DEPRECATION.fullmatch(reason):
            yield Fault(place, "is deprecated without what to use, and until when it stays")


def _may_be_withheld(one: PlacedField) -> bool:
    """Tell whether a whole list can be masked, or lack because the command was refused."""
    return one.parent.name.endswith("Payload") or "maskedFields" in one.parent.fields


def _is_record(field: GraphQLField) -> bool:
    found = get_named_type(field.type)
    return isinstance(found, GraphQLObjectType) and "id" in found.fields


RULES: Final[tuple[Rule, ...]] = (
    everything_is_described,
    names_have_their_form,
    no_name_says_its_type_again,
    root_fields_are_nouns_commands_and_changes,
    suffixes_carry_the_kind,
    relations_are_objects,
    scalars_name_their_page,
    no_floats_and_no_open_objects,
    nothing_is_abstract_but_a_node,
    what_may_be_out_of_sight_is_nullable,
    connections_have_one_shape,
    commands_have_one_shape,
    texts_and_lists_say_how_long,
    subscriptions_can_be_resumed,
    enumerations_say_that_they_grow,
    deprecations_say_what_instead_and_until_when,
)


def faults(schema: GraphQLSchema) -> list[Fault]:
    """Return everything that is not as the rules say, in the order of the places."""
    return sorted(
        {
            Fault(found.place, found.message, rule.__name__)
            for rule in RULES
            for found in rule(schema)
        }
    )
