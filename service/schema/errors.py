"""Refusals as the API shows them: one shape for every mutation, codes from the one catalogue."""

from collections.abc import Iterable
from enum import Enum
from typing import TYPE_CHECKING, Any

import strawberry

from service.errors import Category, Refusal, catalogue, sentence
from service.errors import VersionConflict as StaleVersion

if TYPE_CHECKING:

    class ErrorCode(Enum):
        """Every code of the catalogue; made below from the file, which mypy cannot read."""
else:
    ErrorCode = strawberry.enum(
        Enum(
            "ErrorCode",
            {
                code: strawberry.enum_value(code, description=entry.means)
                for code, entry in sorted(catalogue().items())
            },
        ),
        description="Why something was refused. Codes are added, never renamed or reused.",
    )


@strawberry.enum(description="What a client does about a refusal whose code it does not know.")
class ErrorCategory(Enum):
    INVALID = strawberry.enum_value("INVALID", description="The input is not as stated.")
    NOT_FOUND = strawberry.enum_value("NOT_FOUND", description="No such record in sight.")
    FORBIDDEN = strawberry.enum_value("FORBIDDEN", description="No duty allows it.")
    CONFLICT = strawberry.enum_value("CONFLICT", description="Somebody was faster; read again.")
    REFUSED_BY_RULE = strawberry.enum_value(
        "REFUSED_BY_RULE", description="The tenant's rulebook says no."
    )
    LIMIT = strawberry.enum_value("LIMIT", description="Too much or too often.")
    UNAVAILABLE = strawberry.enum_value(
        "UNAVAILABLE", description="Not now; repeat with the same idempotency key."
    )


@strawberry.type(description="One value behind a refusal's message.")
class ErrorArgument:
    name: str = strawberry.field(description="The value's name in the catalogue.")
    value: str = strawberry.field(description="The value as text.")


@strawberry.type(description="A clause of the tenant's rulebook.")
class ClauseReference:
    clause: str = strawberry.field(description="The clause as the rulebook counts it, 五(五)4.")


@strawberry.type(description="How a record differs from the one the caller had read.")
class VersionConflict:
    current_version: int = strawberry.field(description="The record's version now.")


@strawberry.type(description="One reason why a command was refused and nothing was written.")
class CommandError:
    code: ErrorCode = strawberry.field(description="Stable; never parse `message` instead.")
    category: ErrorCategory = strawberry.field(description="For codes a client does not know.")
    message: str = strawberry.field(description="For people, in the request's language.")
    field: list[str] = strawberry.field(
        description='Path into the input, like ["input","siteId"]; empty when no field is to blame.'
    )
    arguments: list[ErrorArgument] = strawberry.field(
        description="Values behind the message, for a client that words its own."
    )
    conflict: VersionConflict | None = strawberry.field(
        description="Set when the code is VERSION_CONFLICT."
    )
    clause: ClauseReference | None = strawberry.field(
        description="The clause that decided, if one did."
    )


@strawberry.type(description="What a command was carried out in spite of: somebody should know.")
class CommandWarning:
    code: ErrorCode = strawberry.field(description="Stable; never parse `message` instead.")
    message: str = strawberry.field(description="For people, in the request's language.")
    arguments: list[ErrorArgument] = strawberry.field(
        description="Values behind the message, for a client that words its own."
    )


def category_of(refusal: Refusal) -> Category:
    """Return the catalogue's category of a refusal."""
    return catalogue()[refusal.code].category


def command_error(refusal: Refusal, locale: str) -> CommandError:
    """Show a refusal in the caller's language."""
    codes: Any = ErrorCode
    stale = refusal.current_version if isinstance(refusal, StaleVersion) else None
    return CommandError(
        code=codes[refusal.code],
        category=ErrorCategory[category_of(refusal).value],
        message=sentence(refusal, locale),
        field=list(refusal.field),
        arguments=_arguments(refusal),
        conflict=None if stale is None else VersionConflict(current_version=stale),
        clause=ClauseReference(clause=refusal.clause) if refusal.clause else None,
    )


def command_errors(refusals: Iterable[Refusal], locale: str) -> list[CommandError]:
    """Show several refusals, in their order."""
    return [command_error(refusal, locale) for refusal in refusals]


def command_warning(refusal: Refusal, locale: str) -> CommandWarning:
    """Show in the caller's language what is no reason to refuse."""
    codes: Any = ErrorCode
    return CommandWarning(
        code=codes[refusal.code], message=sentence(refusal, locale), arguments=_arguments(refusal)
    )


def _arguments(refusal: Refusal) -> list[ErrorArgument]:
    return [
        ErrorArgument(name=_camel(name), value=value) for name, value in refusal.values().items()
    ]


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
