"""What the endpoint refuses before a command or a read begins."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from service.errors import InvalidInput, Refusal, phrase

RequestFault = Literal[
    "BODY_DEEP",
    "BODY_NOT_JSON",
    "DOCUMENT_ID_MISSING",
    "DOCUMENT_ID_NOT_TEXT",
    "EXTENSIONS_NOT_OBJECT",
    "OPERATION_NAME_NOT_TEXT",
    "QUERY_BY_GET",
    "QUERY_MISSING",
    "VARIABLES_NOT_OBJECT",
]
DocumentFault = Literal[
    "ARGUMENT_MISSING",
    "ARGUMENT_UNKNOWN",
    "DIRECTIVE_MISPLACED",
    "DIRECTIVE_UNKNOWN",
    "FIELDS_CONFLICT",
    "FIELD_UNKNOWN",
    "FRAGMENT_IN_ITSELF",
    "FRAGMENT_MISPLACED",
    "FRAGMENT_UNKNOWN",
    "FRAGMENT_UNUSED",
    "INTROSPECTION_DEEP",
    "NAMED_TWICE",
    "OPERATION_NOT_CHOSEN",
    "OPERATION_UNNAMED",
    "OUT_OF_SCHEMA",
    "SELECTION_MISSING",
    "SELECTION_UNWANTED",
    "SYNTAX",
    "TYPE_UNKNOWN",
    "VALUE",
    "VARIABLE_MISPLACED",
    "VARIABLE_UNDECLARED",
    "VARIABLE_UNUSED",
]
Counted = Literal[
    "ALIASES", "DIRECTIVES", "FIELDS", "LETTERS", "LEVELS", "REPEATS", "ROOT_FIELDS", "TOKENS"
]


@dataclass(eq=False, kw_only=True)
class BadRequest(Refusal):
    """Malformed JSON, or JSON that is no GraphQL request."""

    code: ClassVar[str] = "BAD_REQUEST"

    fault: RequestFault

    def worded(self, locale: str) -> dict[str, str]:
        """Return what is wrong in a person's words."""
        return {"fault": phrase(self.fault, locale, {})}


@dataclass(eq=False, kw_only=True)
class BatchingOff(Refusal):
    """A list of operations: cost, limits and plans are per operation."""

    code: ClassVar[str] = "BATCHING_OFF"


@dataclass(eq=False, kw_only=True)
class DocumentInvalid(Refusal):
    """A syntax or validation fault: where it stands, and the name that the client wrote there."""

    code: ClassVar[str] = "DOCUMENT_INVALID"

    fault: DocumentFault
    name: str = ""
    value: InvalidInput | None = None
    line: int = 0
    column: int = 0

    def worded(self, locale: str) -> dict[str, str]:
        """Return what is wrong in a person's words, and where."""
        expected = self.value.worded(locale) if self.value else {}
        told = phrase(self.fault, locale, {"name": self.name, **expected})
        if self.line == 0:
            return {"fault": told}
        place = {"line": str(self.line), "column": str(self.column), "fault": told}
        return {"fault": phrase("AT_PLACE", locale, place)}


@dataclass(eq=False, kw_only=True)
class VariablesInvalid(Refusal):
    """A variable that does not fit its declared type."""

    code: ClassVar[str] = "VARIABLES_INVALID"

    name: str
    value: InvalidInput

    def worded(self, locale: str) -> dict[str, str]:
        """Return the variable's path and what was expected there."""
        return {"name": self.name, "value": self.value.worded(locale)["expected"]}

    @property
    def expected(self) -> str:
        """The code of what was expected."""
        return self.value.expected


@dataclass(eq=False, kw_only=True)
class MethodNotAllowed(Refusal):
    """A method the endpoint does not take, or a mutation by GET."""

    code: ClassVar[str] = "METHOD_NOT_ALLOWED"

    allowed: str


@dataclass(eq=False, kw_only=True)
class NotAcceptable(Refusal):
    """No media type of `Accept` can be answered; for a subscription only a stream can."""

    code: ClassVar[str] = "NOT_ACCEPTABLE"

    types: str = "application/graphql-response+json, application/json"


@dataclass(eq=False, kw_only=True)
class UnsupportedMediaType(Refusal):
    """A body that a foreign page could send, or that is simply not JSON."""

    code: ClassVar[str] = "UNSUPPORTED_MEDIA_TYPE"


@dataclass(eq=False, kw_only=True)
class BodyTooLarge(Refusal):
    """A body over the limit; it is not read to its end."""

    code: ClassVar[str] = "BODY_TOO_LARGE"

    at_most: int


@dataclass(eq=False, kw_only=True)
class BodySlow(Refusal):
    """A body that did not arrive in time."""

    code: ClassVar[str] = "BODY_SLOW"

    seconds: int


@dataclass(eq=False, kw_only=True)
class AddressTooLong(Refusal):
    """An address over the limit."""

    code: ClassVar[str] = "ADDRESS_TOO_LONG"

    at_most: int


@dataclass(eq=False, kw_only=True)
class DocumentLimit(Refusal):
    """A document with more of something than is allowed, counted after fragment expansion."""

    code: ClassVar[str] = "DOCUMENT_LIMIT"

    what: Counted
    found: int
    at_most: int

    def worded(self, locale: str) -> dict[str, str]:
        """Return what there is too much of in a person's words."""
        return {**self.values(), "what": phrase(self.what, locale, {})}


@dataclass(eq=False, kw_only=True)
class CostLimit(Refusal):
    """An operation that costs more than one request may; names the field that weighs most."""

    code: ClassVar[str] = "COST_LIMIT"

    found: int
    at_most: int
    heaviest: str
    weight: int


@dataclass(eq=False, kw_only=True)
class FieldNotFilterable(Refusal):
    """A field that may be masked is asked for by a filter or a search: guesses would unmask it."""

    code: ClassVar[str] = "FIELD_NOT_FILTERABLE"

    name: str


@dataclass(eq=False, kw_only=True)
class DocumentUnknown(Refusal):
    """No client's manifest has a document of this hash; the name is Apollo's."""

    code: ClassVar[str] = "PERSISTED_QUERY_NOT_FOUND"


@dataclass(eq=False, kw_only=True)
class TrustedDocumentsOnly(Refusal):
    """The tenant is set to answer documents of known clients only."""

    code: ClassVar[str] = "TRUSTED_DOCUMENTS_ONLY"


@dataclass(eq=False, kw_only=True)
class RateLimited(Refusal):
    """The caller, or all of his tenant, has spent his points; they come back steadily."""

    code: ClassVar[str] = "RATE_LIMITED"

    seconds: int


@dataclass(eq=False, kw_only=True)
class Overloaded(Refusal):
    """More requests of one tenant at the same time than are carried out and waited with."""

    code: ClassVar[str] = "OVERLOADED"


@dataclass(eq=False, kw_only=True)
class TimedOut(Refusal):
    """A statement took longer than one may; the database has ended it."""

    code: ClassVar[str] = "TIMED_OUT"


@dataclass(eq=False, kw_only=True)
class InvalidIdempotencyKey(Refusal):
    """A key of the wrong length or with characters that are not printable ASCII."""

    code: ClassVar[str] = "INVALID_IDEMPOTENCY_KEY"


@dataclass(eq=False, kw_only=True)
class Internal(Refusal):
    """A fault of ours, masked."""

    code: ClassVar[str] = "INTERNAL"
