"""Logs: one JSON object a line on standard error, for us and for the libraries alike."""

import logging
import os
import select
import sys
from collections.abc import MutableMapping
from typing import Any, BinaryIO, Final, Protocol, TypeAlias

import orjson
import structlog

from service.clock import SystemClock
from service.telemetry.metrics import Counter

DROPPED = Counter(
    "log_lines_dropped_total",
    "Lines of requests that nobody read in time: the log's pipe was full.",
)
_LONGEST_LINE: Final = 4096
_AS_WRITTEN: Final = orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z
# asyncpg adds to a message what PostgreSQL says of the row: its values are a person's.
_OF_THE_ROW: Final = ("DETAIL:", "HINT:", "CONTEXT:")
_Fields: TypeAlias = MutableMapping[str, Any]


class RequestLog(Protocol):
    """Writes a line of fields at a level."""

    def is_enabled_for(self, level: int) -> bool:
        """Tell whether a line of a level would be written."""

    def info(self, event: str, **fields: object) -> object:
        """Write what is as it should be."""

    def warning(self, event: str, **fields: object) -> object:
        """Write what somebody should look at."""

    def error(self, event: str, **fields: object) -> object:
        """Write what is a fault of ours."""


def configure_logging(level: str) -> None:
    """Send every log line, ours and the libraries', through one formatter.

    Args:
        level: debug, info, warning or error.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        without_row_values,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())


class _Unstoppable:
    """Writes lines to a file or pipe; where nobody reads the pipe they are dropped and counted.

    A service must not stand still because its log's reader does: a full pipe would block it.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._descriptor = stream.fileno()
        self._writable = select.poll()
        self._writable.register(self._descriptor, select.POLLOUT)

    def write(self, line: bytes) -> int:
        """Write a line, which is shorter than the page that a writable pipe has room for."""
        if not self._writable.poll(0):
            DROPPED.add()
            return 0
        if len(line) > _LONGEST_LINE:
            line = line[: _LONGEST_LINE - 1] + b"\n"
        return os.write(self._descriptor, line)

    def flush(self) -> None:
        """Nothing is kept back."""


class _Lines:
    """Writes each line at once: what a general logger does besides costs as much again."""

    def __init__(self, level: int, stream: Any) -> None:  # noqa: ANN401 - whatever has write and flush
        self._level = level
        self._write = stream.write
        self._flush = stream.flush
        self._clock = SystemClock()

    def is_enabled_for(self, level: int) -> bool:
        """Tell whether a line of a level would be written."""
        return level >= self._level

    def info(self, event: str, **fields: object) -> None:
        """Write what is as it should be."""
        self._line(logging.INFO, "info", event, fields)

    def warning(self, event: str, **fields: object) -> None:
        """Write what somebody should look at."""
        self._line(logging.WARNING, "warning", event, fields)

    def error(self, event: str, **fields: object) -> None:
        """Write what is a fault of ours."""
        self._line(logging.ERROR, "error", event, fields)

    def _line(self, level: int, word: str, event: str, fields: dict[str, object]) -> None:
        if level < self._level:
            return
        line = {
            "logger": "request",
            **fields,
            "event": event,
            "level": word,
            "timestamp": self._clock.now(),
        }
        self._write(orjson.dumps(line, default=str, option=_AS_WRITTEN))
        self._flush()


def request_log(level: str, stream: BinaryIO | None = None) -> RequestLog:
    """Return the log of requests, which writes its bytes by itself.

    A line through the standard library costs a tenth of a planned read, this one an eighth of that.

    Args:
        level: debug, info, warning or error.
        stream: where lines go; standard error when left out.
    """
    least = logging.getLevelNamesMapping()[level.upper()]
    return _Lines(least, _unstoppable(stream or sys.stderr.buffer))


def _unstoppable(stream: BinaryIO) -> Any:  # noqa: ANN401 - whatever has write and flush
    try:
        return _Unstoppable(stream)
    except (OSError, AttributeError):
        # Memory, in tests.
        return stream


def without_row_values(_logger: object, _name: str, fields: _Fields) -> _Fields:
    """Leave out of a traceback what PostgreSQL says of a row: its values are a person's."""
    told = fields.get("exception")
    if isinstance(told, str):
        lines = told.splitlines()
        fields["exception"] = "\n".join(
            line for line in lines if not line.lstrip(" |+").startswith(_OF_THE_ROW)
        )
    return fields
