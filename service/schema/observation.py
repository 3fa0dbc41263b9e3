"""What is told of every request that was answered: the one place where metrics and spans hang."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Finished:
    """One request, answered.

    Attributes:
        request_id: the trace's id, too.
        status: of HTTP.
        seconds: from its headers to its answer.
        code: the first error's, None where there is none.
        document_id: `sha256:…` of a trusted document; None where a text was sent.
        operation_name: as the client wrote it: any text, so nothing to count by.
        operation_type: query, mutation or subscription; None where no document was read.
        plan: how it was answered, `sql` or `fallback`; None where nothing was.
        cost: points it was charged with.
        statements: sent to the database beyond transaction control.
        answer_bytes: length of the answer before compression.
    """

    request_id: str
    status: int
    seconds: float
    code: str | None = None
    document_id: str | None = None
    operation_name: str | None = None
    operation_type: str | None = None
    plan: str | None = None
    cost: int = 0
    statements: int = 0
    answer_bytes: int = 0


class Observer(Protocol):
    """Is told of each request, in the task that answers it."""

    def began(self, request_id: str, traceparent: str | None) -> object:
        """Take note that a request begins; what is returned comes back with its end.

        Args:
            request_id: the trace's id, too: of `traceparent` where that is well formed.
            traceparent: as sent (W3C Trace Context), None where there is none.
        """

    def finished(self, begun: object, request: Finished) -> None:
        """Take note of its end; never called without its beginning."""
