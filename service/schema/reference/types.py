"""Pages of the schema: what can be read and done, and the types behind it."""

from collections.abc import Iterator, Mapping
from typing import Final

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    Undefined,
    get_named_type,
    print_ast,
)
from graphql.utilities import ast_from_value

from service.schema.reference.markdown import page, table

ROOTS: Final = {"Query": "queries", "Mutation": "mutations", "Subscription": "subscriptions"}
_BUILT_IN: Final = {
    "Boolean": "True or false.",
    "ID": "An opaque identifier: its type's name and a UUID, like `visit_0199c2f0-…`.",
    "Int": "A 32-bit integer.",
    "String": "Text in Unicode.",
}
_LIST: Final = "Connection"


class Reference:
    """Writes the pages of one schema, with links between them."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._types = {
            name: kind
            for name, kind in sorted(schema.type_map.items())
            if not name.startswith("__")
        }
        self._commands = {
            get_named_type(kind).name
            for field in (schema.mutation_type.fields if schema.mutation_type else {}).values()
            for kind in (field.type, *(argument.type for argument in field.args.values()))
        }

    def pages(self) -> Mapping[str, str]:
        """Return the text of each page by the name of its file."""
        found = {
            "queries.md": self._root("Query", "Queries", "What can be read, from the top."),
            "mutations.md": self._mutations(),
            "objects.md": self._objects(),
            "inputs.md": self._inputs(),
            "enumerations.md": self._enumerations(),
            "scalars.md": self._scalars(),
        }
        if self._schema.subscription_type:
            found["subscriptions.md"] = self._root(
                "Subscription", "Subscriptions", "What is told as it happens."
            )
        return found

    def _root(self, name: str, title: str, about: str) -> str:
        kind = self._types[name]
        assert isinstance(kind, GraphQLObjectType)  # noqa: S101 - by the language
        sections = (
            [f"## {one}", "", *self._signature(field), *self._arguments(field.args)]
            for one, field in sorted(kind.fields.items())
        )
        return page(title, f"{about} {kind.description or ''}".strip(), sections)

    def _mutations(self) -> str:
        kind = self._schema.mutation_type
        fields = sorted(kind.fields.items()) if kind else []
        about = (
            "Each takes one `input` with an `idempotencyKey` and answers a payload whose `errors`"
            " are empty\nexactly when it worked; the codes are those of [errors](errors.md)."
        )
        return page("Mutations", about, (self._command(name, field) for name, field in fields))

    def _command(self, name: str, field: GraphQLField) -> list[str]:
        sent = get_named_type(field.args["input"].type)
        payload = get_named_type(field.type)
        lines = [f"## {name}", "", field.description or "", ""]
        if isinstance(sent, GraphQLInputObjectType):
            lines += [f"`{sent.name}`:", "", *self._given(sent.fields)]
        if isinstance(payload, GraphQLObjectType):
            own = {
                one: part
                for one, part in payload.fields.items()
                if one not in {"errors", "replayed"}
            }
            if own:
                lines += [
                    f"`{payload.name}`, beside `replayed` and `errors`:",
                    "",
                    *self._fields(own),
                ]
        return lines

    def _objects(self) -> str:
        about = (
            "What is read. A *list of* something has `edges { node cursor }`, `nodes`, `pageInfo`,"
            " `totalCount`\nand `totalCountExact`, and takes `first`, `after`, `last`, `before`."
        )
        kinds = (
            kind
            for name, kind in self._types.items()
            if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)
            and name not in ROOTS
            and name not in self._commands
            and not name.endswith(("Edge", _LIST))
        )
        return page("Objects", about, (self._object(kind) for kind in kinds))

    def _object(self, kind: GraphQLObjectType | GraphQLInterfaceType) -> list[str]:
        return [f"## {kind.name}", "", kind.description or "", "", *self._fields(kind.fields)]

    def _inputs(self) -> str:
        kinds = (
            kind
            for name, kind in self._types.items()
            if isinstance(kind, GraphQLInputObjectType) and name not in self._commands
        )
        about = "Parts of what a client sends; a mutation's own input stands beside the mutation."
        return page("Inputs", about, (self._input(kind) for kind in kinds))

    def _input(self, kind: GraphQLInputObjectType) -> list[str]:
        one_of = ["Exactly one of these.", ""] if kind.is_one_of else []
        return [
            f"## {kind.name}", "", kind.description or "", "", *one_of, *self._given(kind.fields)
        ]  # fmt: skip

    def _enumerations(self) -> str:
        sections = (
            [
                f"## {kind.name}", "", kind.description or "", "",
                *table(
                    ("value", "means"),
                    ((f"`{name}`", _with(value.description, value.deprecation_reason))
                     for name, value in kind.values.items()),
                ),
            ]
            for name, kind in self._types.items()
            if isinstance(kind, GraphQLEnumType) and name != "ErrorCode"
        )  # fmt: skip
        return page(
            "Enumerations", "Closed words. Codes of refusals: [errors](errors.md).", sections
        )

    def _scalars(self) -> str:
        sections = []
        for name, kind in self._types.items():
            if isinstance(kind, GraphQLScalarType):
                words = _BUILT_IN.get(name) or kind.description or ""
                link = [f"Specified by <{kind.specified_by_url}>.", ""]
                sections.append(
                    [f"## {name}", "", words, "", *(link if kind.specified_by_url else [])]
                )
        return page("Scalars", "How single values are written.", sections)

    def _signature(self, field: GraphQLField) -> list[str]:
        words = _with(field.description, field.deprecation_reason)
        return [words, "", f"Answers {self._linked(field.type)}.", ""]

    def _fields(self, fields: Mapping[str, GraphQLField]) -> list[str]:
        return table(("field", "type", "means"), self._field_rows(fields))

    def _field_rows(self, fields: Mapping[str, GraphQLField]) -> Iterator[tuple[str, str, str]]:
        for name, field in sorted(fields.items()):
            own = {one: given for one, given in field.args.items() if one not in _PAGING}
            words = _with(field.description, field.deprecation_reason)
            yield f"`{name}`", self._linked(field.type), words
            for one, given in sorted(own.items()):
                yield f"`{name}({one}:)`", self._linked(given.type), given.description or ""

    def _arguments(self, arguments: dict[str, GraphQLArgument]) -> list[str]:
        return table(("argument", "type", "means"), self._given_rows(arguments))

    def _given(self, fields: Mapping[str, GraphQLInputField]) -> list[str]:
        return table(("field", "type", "means"), self._given_rows(fields))

    def _given_rows(
        self, given: Mapping[str, GraphQLArgument | GraphQLInputField]
    ) -> Iterator[tuple[str, str, str]]:
        for name, one in sorted(given.items()):
            words = _with(one.description, one.deprecation_reason)
            yield f"`{name}`", self._linked(one.type), f"{words}{_default(one)}"

    def _linked(self, kind: object) -> str:
        """Write a type with a link to its place: `[Visit!]!`, or *list of* Visit."""
        named = get_named_type(kind)  # type: ignore[call-overload]  # any type of this schema
        if named.name.endswith(_LIST):
            record = named.name.removesuffix(_LIST)
            return f"*list of* [{record}](objects.md#{record.lower()})"
        before, after = str(kind).split(named.name)
        marks = f"`{before}`" if before else "", f"`{after}`" if after else ""
        return f"{marks[0]}[{named.name}]({_place_of(named)}){marks[1]}"


_PAGING: Final = {"first", "last", "after", "before"}


def _place_of(kind: GraphQLNamedType) -> str:
    anchor = f"#{kind.name.lower()}"
    if kind.name == "ErrorCode":
        return "errors.md"
    if isinstance(kind, GraphQLEnumType):
        return f"enumerations.md{anchor}"
    if isinstance(kind, GraphQLScalarType):
        return f"scalars.md{anchor}"
    if isinstance(kind, GraphQLInputObjectType):
        return f"inputs.md{anchor}"
    return f"objects.md{anchor}"


def _with(description: str | None, deprecated: str | None) -> str:
    words = description or ""
    return f"{words} **Deprecated:** {deprecated}" if deprecated else words


def _default(given: GraphQLArgument | GraphQLInputField) -> str:
    if given.default_value is Undefined:
        return ""
    written = ast_from_value(given.default_value, given.type)
    return f" Default: `{print_ast(written)}`." if written else ""
