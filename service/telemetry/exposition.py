"""The metrics of this process as Prometheus reads them. Imported only where they are served."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from service.telemetry.metrics import ALL, Counter, Gauge

PREFIX = "bailiwick_"
CONTENT_TYPE: str = CONTENT_TYPE_PLAIN_0_0_4


class _Ours(Collector):
    """Reads the numbers off at the moment of asking."""

    def collect(self) -> Iterator[Metric]:
        """Yield every metric."""
        for metric in ALL:
            name = PREFIX + metric.name
            family: CounterMetricFamily | GaugeMetricFamily | HistogramMetricFamily
            if isinstance(metric, Counter):
                family = CounterMetricFamily(name, metric.help_text, labels=metric.labels)
                for labels, value in metric.values.items():
                    family.add_metric(labels, value)
            elif isinstance(metric, Gauge):
                family = GaugeMetricFamily(name, metric.help_text, labels=metric.labels)
                for labels, value in metric.values.items():
                    family.add_metric(labels, value)
            else:
                family = HistogramMetricFamily(name, metric.help_text, labels=metric.labels)
                for labels, steps, total in metric.kept():
                    family.add_metric(
                        labels, [(bound, float(count)) for bound, count in steps], total
                    )
            yield family


def written() -> bytes:
    """Write them all, and memory, processor time and open files of the process."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Ours())
    ProcessCollector(namespace="bailiwick", registry=registry)
    return generate_latest(registry)
