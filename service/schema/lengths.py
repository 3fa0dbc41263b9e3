"""How long a text may be, and how many entries a list may have: what its description says is so.

A client's form is made from the descriptions, and what is received is measured by them: there is
no second place to say it. Where an input says nothing the usual bounds hold, and are added.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from graphql import (
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    get_named_type,
)

MOST_CHARACTERS: Final = 200
MOST_ENTRIES: Final = 200
MOST_PHONES: Final = 20
_PHONE: Final = "PhoneNumber"
_CHARACTERS: Final = re.compile(
    r"([\d,]*\d)(?: (?:printable ASCII|small|capital))? (?:characters|letters)"
)
_ENTRIES: Final = re.compile(
    r"(?:\b1 to|\b[Uu]p to|\b[Aa]t most) ([\d,]*\d)\b(?!(?: \w+)? (?:characters|letters))"
)


class Bounds(NamedTuple):
    """The most of one input: characters of a text, entries of a list."""

    characters: int
    entries: int


def bounds_of(description: str | None, *, phones: bool = False) -> Bounds:
    """Return the bounds that a description states, or the usual ones."""
    characters, entries = _stated(_CHARACTERS, description), _stated(_ENTRIES, description)
    return Bounds(
        MOST_CHARACTERS if characters is None else characters,
        (MOST_PHONES if phones else MOST_ENTRIES) if entries is None else entries,
    )


def _stated(form: re.Pattern[str], description: str | None) -> int | None:
    found = form.search(description or "")
    return None if found is None else int(found[1].replace(",", ""))


def says_how_long(field: GraphQLInputField) -> bool:
    """Tell whether a text or a list states its bound; anything else has none to state."""
    if _is_list(field):
        return _stated(_ENTRIES, field.description) is not None
    return not _is_text(field) or _stated(_CHARACTERS, field.description) is not None


def state_bounds(schema: GraphQLSchema) -> None:
    """Add the usual bounds to the descriptions of the inputs of commands that say none."""
    for _, field in inputs_of_commands(schema):
        if not says_how_long(field):
            phones = get_named_type(field.type).name == _PHONE
            bounds = bounds_of(field.description, phones=phones)
            most = (
                f"{bounds.entries} entries"
                if _is_list(field)
                else f"{bounds.characters} characters"
            )
            field.description = f"{field.description} At most {most}."


def inputs_of_commands(schema: GraphQLSchema) -> Iterator[tuple[str, GraphQLInputField]]:
    """Return every field of every input that a command takes, with its place."""
    known: set[str] = set()
    waiting = [
        argument.type
        for field in (schema.mutation_type.fields.values() if schema.mutation_type else ())
        for argument in field.args.values()
    ]
    while waiting:
        kind = get_named_type(waiting.pop())
        if isinstance(kind, GraphQLInputObjectType) and kind.name not in known:
            known.add(kind.name)
            for name, field in kind.fields.items():
                waiting.append(field.type)
                yield f"{kind.name}.{name}", field


def _is_list(field: GraphQLInputField) -> bool:
    kind = field.type
    return isinstance(kind.of_type if isinstance(kind, GraphQLNonNull) else kind, GraphQLList)


def _is_text(field: GraphQLInputField) -> bool:
    return get_named_type(field.type).name == "String"
