"""What is told of requests: a metric, a line of the log, and for some of them a trace.

Everything here runs in the task that answers; together it stays far below what the cheapest read
costs (`make bench` prints it). Names that clients choose are bounded, values are never written.
"""

import logging
from typing import Final
from uuid import UUID

from service.schema.observation import Finished
from service.settings import Settings
from service.telemetry import tracing
from service.telemetry.logs import RequestLog, request_log
from service.telemetry.metrics import Counter, Histogram, Named

_MOST_NAMES: Final = 200
_FAULT: Final = 500
_LONGEST_NAME: Final = 80

REQUESTS = Histogram(
    "request_seconds",
    "From a request's headers to its answer, by document or name, kind and way of answering.",
    ("operation", "type", "plan"),
)
REFUSALS = Counter(
    "refusals_total", "Requests without an answer and commands refused, by code.", ("code",)
)
STATEMENTS = Counter(
    "statements_total", "Statements sent for requests, beyond transaction control.", ("type",)
)
COST = Counter("cost_points_total", "Points that requests were charged with.", ("type",))


class Watch:
    """Hears of every request to `/graphql`."""

    def __init__(
        self,
        log: RequestLog,
        tracer: tracing.Tracer,
        *,
        slow_seconds: float = 1.0,
        documents: bool = False,
    ) -> None:
        """Take what is wanted of it.

        Args:
            log: where a line of each request goes.
            tracer: draws what is traced.
            slow_seconds: from here on a request is slow.
            documents: whether a trace carries the document's text; for development.
        """
        self._log = log
        self._quiet = not log.is_enabled_for(logging.INFO)
        self._tracer = tracer
        self._slow_seconds = slow_seconds
        self._documents = documents
        self._names = Named(_MOST_NAMES)

    def began(self, request_id: str, traceparent: str | None) -> tracing.Trace | None:
        """Begin a trace, if this request is to have one."""
        return self._tracer.begin(request_id, traceparent)

    def finished(self, begun: object, request: Finished) -> None:
        """Count it, write its line, send its trace."""
        kind = request.operation_type or "none"
        name = request.document_id or self._names.of(request.operation_name)
        REQUESTS.observe(request.seconds, name, kind, request.plan or "none")
        if request.statements:
            STATEMENTS.add(kind, amount=request.statements)
        if request.cost:
            COST.add(kind, amount=request.spent or request.cost)
        if request.code is not None:
            REFUSALS.add(request.code)
        for code in request.refusals:
            REFUSALS.add(code)
        # Most are neither slow nor a fault, and nothing is written of them where nothing is asked.
        if not self._quiet or request.seconds >= self._slow_seconds or request.status >= _FAULT:
            self._write(request, kind)
        if isinstance(begun, tracing.Trace):
            self._send(begun, request, kind)

    def _write(self, request: Finished, kind: str) -> None:
        slow = request.seconds >= self._slow_seconds
        write = self._log.info
        if request.status >= _FAULT:
            write = self._log.error
        elif slow:
            write = self._log.warning
        write(
            "request.slow" if slow else "request",
            type=kind,
            operation=request.operation_name and request.operation_name[:_LONGEST_NAME],
            document=request.document_id,
            status=request.status,
            code=request.code,
            refused=request.refusals or None,
            tenant=request.tenant_id,
            member=request.member_id,
            ms=round(request.seconds * 1000, 2),
            statements=request.statements,
            plan=request.plan,
            unplanned=request.unplanned,
            cost=request.cost,
            request=request.request_id,
        )

    def _send(self, trace: tracing.Trace, request: Finished, kind: str) -> None:
        attributes: dict[str, str | int | bool] = {
            "graphql.operation.type": kind,
            "bailiwick.cost": request.cost,
            "bailiwick.cost.actual": request.spent,
            "bailiwick.statements": request.statements,
            "bailiwick.rows": request.rows,
            "http.response.status_code": request.status,
        }
        told: dict[str, str | None] = {
            "graphql.operation.name": request.operation_name,
            "graphql.document": request.document if self._documents else None,
            "bailiwick.document_id": request.document_id,
            "bailiwick.plan": request.plan,
            "bailiwick.tenant_id": _text(request.tenant_id),
            "bailiwick.code": request.code,
        }
        attributes |= {key: value for key, value in told.items() if value is not None}
        self._tracer.end(trace, kind, attributes, failed=request.status >= _FAULT)


def watch_of(settings: Settings) -> Watch:
    """Return the watch that the operator wants."""
    return Watch(
        log_of(settings),
        tracer_of(settings, "api"),
        slow_seconds=settings.slow_seconds,
        documents=settings.trace_documents,
    )


def log_of(settings: Settings) -> RequestLog:
    """Return the log of requests; slow ones and faults are written whatever is set."""
    return request_log(settings.log_level if settings.request_log else "warning")


def tracer_of(settings: Settings, role: str) -> tracing.Tracer:
    """Return what traces this process; where no collector is named nothing is imported for it."""
    if settings.otlp_endpoint is None:
        return tracing.Tracer()
    from service.telemetry.spans import spans_to  # noqa: PLC0415 - brings an HTTP client

    return tracing.Tracer(spans_to(settings.otlp_endpoint, role), settings.trace_ratio)


def _text(id_: UUID | None) -> str | None:
    return None if id_ is None else str(id_)
