"""What the endpoint refuses before a command or a read begins."""

from dataclasses import dataclass
from typing import ClassVar

from service.errors import Refusal


@dataclass(eq=False, kw_only=True)
class BadRequest(Refusal):
    """Malformed JSON, or JSON that is no GraphQL request."""

    code: ClassVar[str] = "BAD_REQUEST"

    reason: str


@dataclass(eq=False, kw_only=True)
class BatchingOff(Refusal):
    """A list of operations: cost, limits and plans are per operation."""

    code: ClassVar[str] = "BATCHING_OFF"


@dataclass(eq=False, kw_only=True)
class DocumentInvalid(Refusal):
    """A syntax or validation fault, in the reference implementation's words."""

    code: ClassVar[str] = "DOCUMENT_INVALID"

    reason: str


@dataclass(eq=False, kw_only=True)
class VariablesInvalid(Refusal):
    """A variable that does not fit its declared type."""

    code: ClassVar[str] = "VARIABLES_INVALID"

    reason: str


@dataclass(eq=False, kw_only=True)
class MethodNotAllowed(Refusal):
    """A method the endpoint does not take, or a mutation by GET."""

    code: ClassVar[str] = "METHOD_NOT_ALLOWED"


@dataclass(eq=False, kw_only=True)
class NotAcceptable(Refusal):
    """No media type of `Accept` can be answered."""

    code: ClassVar[str] = "NOT_ACCEPTABLE"


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
class DocumentLimit(Refusal):
    """A document with more of something than is allowed, counted after fragment expansion."""

    code: ClassVar[str] = "DOCUMENT_LIMIT"

    what: str
    found: int
    at_most: int


@dataclass(eq=False, kw_only=True)
class InvalidIdempotencyKey(Refusal):
    """A key of the wrong length or with characters that are not printable ASCII."""

    code: ClassVar[str] = "INVALID_IDEMPOTENCY_KEY"


@dataclass(eq=False, kw_only=True)
class Internal(Refusal):
    """A fault of ours, masked."""

    code: ClassVar[str] = "INTERNAL"
