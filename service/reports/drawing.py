"""Draws a report in its own process: `python -m service.reports.drawing KIND`, JSON to bytes."""

import sys

import orjson

from service.exchange.limits import confine
from service.reports.books import book
from service.reports.pages import page

_MEMORY = 1024 * 1024 * 1024
_SECONDS = 30

if __name__ == "__main__":
    confine(_MEMORY, _SECONDS)
    drawn = {"html": page, "xlsx": book}[sys.argv[1]]
    sys.stdout.buffer.write(drawn(orjson.loads(sys.stdin.buffer.read())))
