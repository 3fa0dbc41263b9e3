"""Answers made small for thin lines: gzip, for clients that take it, at its cheapest level."""

from functools import lru_cache
from typing import Final

from isal import isal_zlib

_LEVEL: Final = 1
# A window of 32 kB, and gzip's own head and tail around it.
_GZIP: Final = 31
_LONGEST_KEPT: Final = 200


def compressed(body: bytes) -> bytes:
    """Return a body in gzip's format."""
    making = isal_zlib.compressobj(_LEVEL, isal_zlib.DEFLATED, _GZIP)
    return bytes(making.compress(body) + making.flush())


def takes_gzip(encodings: bytes) -> bool:
    """Tell whether `Accept-Encoding` takes gzip (RFC 9110 12.5.3)."""
    if not encodings or len(encodings) > _LONGEST_KEPT:
        return False
    return _takes_gzip(encodings)


@lru_cache(64)
def _takes_gzip(encodings: bytes) -> bool:
    weights: dict[str, float] = {}
    for part in encodings.decode("latin-1").lower().split(","):
        name, _, parameters = part.partition(";")
        weight = parameters.strip().removeprefix("q=")
        try:
            weights[name.strip()] = float(weight) if weight else 1.0
        except ValueError:
            weights[name.strip()] = 0.0
    return weights.get("gzip", weights.get("*", 0.0)) > 0
