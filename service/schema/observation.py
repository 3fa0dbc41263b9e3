"""What is told of every request that was answered: the one place where metrics and spans hang."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


# Not frozen: one is made for each request, and freezing takes four times as long.
@dataclass(slots=True)
class Finished:
    """One request, answered.

    Attributes:
        request_id: the trace's id, too.
        status: of HTTP.
        seconds: from its headers to its answer.
        code: the first error's, None where there is none.
        tenant_id, member_id: who asked, of the token; None before it was read.
        refusals: codes of the commands that were refused in their payloads.
        document_id: `sha256:…` of a trusted document; None where a text was sent.
        document: its text, for development alone.
        operation_name: as the client wrote it: any text, so nothing to count by.
        operation_type: query, mutation or subscription; None where no document was read.
        plan: how it was answered, `sql` or `fallback`; None where nothing was.
        unplanned: why it was not planned, and at which field; None where it was.
        cost: points known before it ran.
        spent: points that its answer came to.
        rows: objects in the answer, each of them a record or a part of one.
        statements: sent to the database beyond transaction control.
        answer_bytes: length of the answer before compression.
    """

    request_id: str
    status: int
    seconds: float
    code: str | None = None
    tenant_id: UUID | None = None
    member_id: UUID | None = None
    refusals: tuple[str, ...] = ()
    document_id: str | None = None
    document: str | None = None
    operation_name: str | None = None
    operation_type: str | None = None
    plan: str | None = None
    unplanned: str | None = None
    cost: int = 0
    spent: int = 0
    rows: int = 0
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
