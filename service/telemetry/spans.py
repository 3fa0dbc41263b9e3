"""Traces as OpenTelemetry's spans, sent to a collector. Imported only where one is named.

Spans are made when the operation has ended, from what was noted on the way: whether it is traced at
all was decided before, so that the other nineteen of twenty cost nothing.
"""

import atexit

from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.id_generator import IdGenerator, RandomIdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    set_span_in_context,
)

from service.telemetry.tracing import Trace

_FLUSH_MILLISECONDS = 2000


class _GivenIds(IdGenerator):
    """Gives the next root span the trace id that was already told to the client."""

    def __init__(self) -> None:
        self.trace_id = 0
        self._random = RandomIdGenerator()

    def generate_span_id(self) -> int:
        """Return any."""
        return self._random.generate_span_id()

    def generate_trace_id(self) -> int:
        """Return the one that was set."""
        return self.trace_id


class Spans:
    """Makes spans of finished traces and hands them to an exporter's thread."""

    def __init__(self, exporter: SpanExporter, role: str) -> None:
        """Take where they go.

        Args:
            exporter: sends them.
            role: what this process is, `api` or `worker`.
        """
        resource = Resource.create({"service.name": "bailiwick", "bailiwick.process": role})
        self._ids = _GivenIds()
        self._provider = TracerProvider(
            ALWAYS_ON, resource, id_generator=self._ids, shutdown_on_exit=False
        )
        self._kind = SpanKind.CONSUMER if role == "worker" else SpanKind.SERVER
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("service")

    def send(
        self, name: str, trace: Trace, attributes: dict[str, str | int | bool], *, failed: bool
    ) -> None:
        """Make the spans of one operation; the exporter's thread does the rest."""
        self._ids.trace_id = int(trace.trace_id, 16)
        parent = _remote(trace)
        span = self._tracer.start_span(
            name,
            context=parent,
            kind=self._kind,
            attributes=attributes,
            start_time=trace.began,
        )
        beneath = set_span_in_context(span, Context())
        for step, began, ended in trace.steps:
            child = self._tracer.start_span(step, context=beneath, start_time=began)
            child.end(ended)
        if failed:
            span.set_status(Status(StatusCode.ERROR))
        span.end()

    def close(self) -> None:
        """Send what is left, as far as the collector takes it at once."""
        self._provider.force_flush(_FLUSH_MILLISECONDS)
        self._provider.shutdown()


def _remote(trace: Trace) -> Context:
    if trace.parent is None:
        return Context()
    there = SpanContext(
        int(trace.trace_id, 16), int(trace.parent, 16), is_remote=True, trace_flags=TraceFlags(1)
    )
    return set_span_in_context(NonRecordingSpan(there), Context())


def spans_to(endpoint: str, role: str) -> Spans:
    """Return spans that go to a collector by OTLP over HTTP, below `/v1/traces`."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415 - tests send nowhere
        OTLPSpanExporter,
    )

    spans = Spans(OTLPSpanExporter(endpoint=endpoint.rstrip("/") + "/v1/traces"), role)
    # What ended within the last seconds is still to be sent when the process ends.
    atexit.register(spans.close)
    return spans
