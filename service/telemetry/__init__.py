"""What the product tells its operators: logs, metrics, traces. Never a person's values, no token.

`logs` writes lines of JSON, `metrics` keeps numbers as cheaply as a dictionary does, `exposition`
writes them as Prometheus reads them, `tracing` notes what one operation spent its time on and
`spans` sends that as OpenTelemetry's spans. The last two are imported only where they are wanted.
"""

from service.telemetry.logs import configure_logging

__all__ = ["configure_logging"]
