"""Numbers that operators read: cheap to keep, few, and written as Prometheus reads them."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from service.telemetry import metrics
from service.telemetry.exposition import written
from service.telemetry.metrics import Counter, Gauge, Histogram, Named


@pytest.fixture(autouse=True)
def only_ours(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Metrics of this test alone."""
    found: list[object] = []
    monkeypatch.setattr(metrics, "ALL", found)
    monkeypatch.setattr("service.telemetry.exposition.ALL", found)
    return found


def read() -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Return what a Prometheus server would read, by name and labels."""
    families = text_string_to_metric_families(written().decode())
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def test_a_counter_adds_up_by_its_labels() -> None:
    counter = Counter("refusals_total", "Refused.", ("code",))
    counter.add("BUSY")
    counter.add("BUSY", amount=2)
    counter.add("FORBIDDEN")

    found = read()

    assert found["bailiwick_refusals_total", (("code", "BUSY"),)] == 3
    assert found["bailiwick_refusals_total", (("code", "FORBIDDEN"),)] == 1


def test_a_gauge_is_read_off_when_it_is_asked_for() -> None:
    waiting = [1, 2]
    gauge = Gauge("waiting", "Who waits.")
    gauge.read_by(lambda: len(waiting))
    waiting.append(3)

    assert read()["bailiwick_waiting", ()] == 3


def test_a_second_is_counted_below_each_bound_that_it_does_not_pass() -> None:
    histogram = Histogram("seconds", "How long.", ("work",), bounds=(0.1, 1.0))
    for seconds in (0.05, 0.1, 0.5, 7.0):
        histogram.observe(seconds, "timer")

    found = read()

    below = {
        bound: found["bailiwick_seconds_bucket", (("le", bound), ("work", "timer"))]
        for bound in ("0.1", "1.0", "+Inf")
    }
    assert below == {"0.1": 2, "1.0": 3, "+Inf": 4}
    assert found["bailiwick_seconds_sum", (("work", "timer"),)] == pytest.approx(7.65)
    assert found["bailiwick_seconds_count", (("work", "timer"),)] == 4


def test_names_that_clients_choose_cannot_grow_without_end() -> None:
    named = Named(most=2)

    assert [named.of(name) for name in ("Visits", "Leads", "X" * 5, "Visits", "Leads")] == [
        "Visits",
        "Leads",
        "other",
        "Visits",
        "Leads",
    ]
    assert Named(most=2).of("X" * 500) == "other"


def test_memory_of_the_process_is_told_too() -> None:
    assert read()["bailiwick_process_resident_memory_bytes", ()] > 10_000_000
