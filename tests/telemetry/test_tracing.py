"""Which operations are traced, and what their spans say."""

import asyncio
from uuid import UUID

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from service.clock import new_id
from service.telemetry.spans import Spans
from service.telemetry.tracing import Trace, Tracer, step

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"


class Kept:
    """Keeps the traces it is sent."""

    def __init__(self) -> None:
        self.traces: list[tuple[str, Trace]] = []

    def send(self, name: str, trace: Trace, *_: object, **__: object) -> None:
        self.traces.append((name, trace))


def traced(tracer: Tracer, flags: str) -> bool:
    return tracer.begin(TRACE, f"00-{TRACE}-{PARENT}-{flags}") is not None


def test_whoever_traces_a_request_himself_has_it_traced_here_too() -> None:
    tracer = Tracer(Kept(), 0.0)

    assert traced(tracer, "01")
    assert not traced(tracer, "00")


@pytest.mark.parametrize("parent", [None, "", "nonsense", f"00-{TRACE.upper()}-{PARENT}-01"])
def test_without_a_well_formed_parent_chance_alone_decides(parent: str | None) -> None:
    assert Tracer(Kept(), 0.0).begin(TRACE, parent) is None
    assert Tracer(Kept(), 1.0).begin(TRACE, parent) is not None


def test_about_the_wanted_share_is_drawn() -> None:
    tracer = Tracer(Kept(), 0.25)

    drawn = sum(tracer.begin(new_id().hex) is not None for _ in range(4000))

    assert 800 < drawn < 1200


def test_a_client_that_wants_everything_traced_gets_a_bounded_number() -> None:
    tracer = Tracer(Kept(), 0.0)

    assert sum(traced(tracer, "01") for _ in range(1000)) < 200


def test_nothing_is_noted_where_nothing_is_traced() -> None:
    assert Tracer().begin(TRACE, f"00-{TRACE}-{PARENT}-01") is None
    with step("database"):
        pass
    with step("database") as one, step("plan") as other:
        assert one is other


async def test_steps_are_noted_with_their_own_operation() -> None:
    kept = Kept()
    tracer = Tracer(kept, 1.0)

    async def operation(name: str, steps: int) -> None:
        trace = tracer.begin(new_id().hex)
        assert trace is not None
        for _ in range(steps):
            with step("database"):
                await asyncio.sleep(0)
        tracer.end(trace, name, {}, failed=False)

    await asyncio.gather(operation("one", 1), operation("three", 3))

    assert {name: len(trace.steps) for name, trace in kept.traces} == {"one": 1, "three": 3}


def finished(*, failed: bool = False, parent: bool = True) -> list[ReadableSpan]:
    """Return the spans of a request with two steps."""
    exporter = InMemorySpanExporter()
    spans = Spans(exporter, "api")
    tracer = Tracer(spans, 1.0)
    trace = tracer.begin(TRACE, f"00-{TRACE}-{PARENT}-01" if parent else None)
    assert trace is not None
    with step("plan"):
        pass
    with step("database"):
        pass
    tracer.end(trace, "query", {"graphql.operation.type": "query"}, failed=failed)
    spans.close()
    return list(exporter.get_finished_spans())


def test_a_request_is_one_span_named_by_its_type_and_its_steps_are_children() -> None:
    plan, database, query = finished()

    assert (query.name, dict(query.attributes or {})) == (
        "query",
        {"graphql.operation.type": "query"},
    )
    for child, name in ((plan, "plan"), (database, "database")):
        assert child.name == name
        assert child.parent is not None
        assert child.parent.span_id == query.context.span_id
        assert query.start_time <= child.start_time <= child.end_time <= query.end_time


def test_the_span_belongs_to_the_callers_trace() -> None:
    query = finished()[-1]

    assert query.context.trace_id == UUID(TRACE).int
    assert query.parent is not None
    assert f"{query.parent.span_id:016x}" == PARENT


def test_the_first_span_of_a_trace_has_the_id_that_the_client_was_told() -> None:
    query = finished(parent=False)[-1]

    assert query.context.trace_id == UUID(TRACE).int
    assert query.parent is None


def test_a_fault_of_ours_is_an_error() -> None:
    assert not finished()[-1].status.is_ok or finished()[-1].status.status_code.name == "UNSET"
    assert finished(failed=True)[-1].status.status_code.name == "ERROR"
